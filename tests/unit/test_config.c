/* Settings: command line, sections, head and table; what a file may not say. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "tests/test.h"

static void
write_file(const char *text)
{
	struct error e = { 0 };

	CHECK_INT(file_put("t.conf", text, strlen(text), &e), 0);
}

static struct config *
load(const char *text)
{
	struct config *c = config_new();
	struct error e = { 0 };

	write_file(text);
	if (config_load(c, "t.conf", &e) != 0)
		printf("# %s\n", e.text);
	CHECK_TEXT(e.text, "");
	return c;
}

/* The first fault of a file is WANT. */
static void
refused(const char *text, const char *want)
{
	struct config *c = config_new();
	struct error e = { 0 };

	write_file(text);
	CHECK_INT(config_load(c, "t.conf", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_TEXT(e.text, want);
	config_free(c);
}

CASE(durations_are_seconds_or_say_their_unit)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "0", 0 }, { "90", 90000 }, { "90s", 90000 },
		{ "15m", 900000 }, { "2h", 7200000 }, { "3d", 259200000 },
		{ "0.5s", 500 }, { "0.001", 1 }, { "1.25m", 75000 },
		{ "36525d", 36525LL * 86400000 } };
	static const char *const bad[] = { "", "s", "-1", "+1", "1 s", "1w",
		"1ms", "1.s", ".5s", "1.0001s", "1e3", "36526d",
		"99999999999999999999", "1h30m", "0x10", "1S", NULL };
	int64_t ms;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(config_parse_duration(good[i].text, &ms));
		CHECK_INT(ms, good[i].ms);
	}
	for (size_t i = 0; bad[i] != NULL; i++)
		CHECK(!config_parse_duration(bad[i], &ms));
}

CASE(every_default_of_the_table_is_a_value_of_its_type)
{
	for (const struct setting *s = setting_table; s->name != NULL; s++) {
		struct config *c = config_new();
		struct error e = { 0 };

		if (s->fallback[0] != '\0' && s->type != SETTING_LIST)
			CHECK_OK(
			    config_set(c, s->name, s->fallback, "test", &e),
			    &e);
		config_free(c);
	}
}

/* Of one verb two rows of one name would be one too many; and so in a file. */
CASE(no_two_settings_of_one_name_are_meant_by_one_place)
{
	for (const struct setting *a = setting_table; a->name != NULL; a++)
		for (const struct setting *b = a + 1; b->name != NULL; b++) {
			size_t len = strcspn(a->name, ":");

			if (strcspn(b->name, ":") != len ||
			    memcmp(a->name, b->name, len) != 0)
				continue;
			CHECK_INT(
			    a->use & b->use & ~(unsigned)USE_COLLECTION, 0);
		}
}

CASE(command_line_before_section_before_head_before_table)
{
	struct config *c = load("wait = 2s\nlimit = 5\n[site one]\nwait = 3s\n"
				"[site two]\n");
	const struct config *one = config_site(c, "one");
	const struct config *two = config_site(c, "two");
	struct error e = { 0 };

	CHECK(one != NULL && two != NULL);
	CHECK(config_site(c, "three") == NULL);
	CHECK_TEXT(config_sites(c)[0], "one");
	CHECK_TEXT(config_sites(c)[1], "two");
	CHECK(config_sites(c)[2] == NULL);
	CHECK_INT(config_duration_ms(c, "wait"), 2000);
	CHECK_INT(config_duration_ms(one, "wait"), 3000);
	CHECK_INT(config_duration_ms(two, "wait"), 2000);
	CHECK_TEXT(config_origin(one, "wait"), "t.conf:4");
	CHECK_TEXT(config_origin(two, "wait"), "t.conf:1");
	CHECK_TEXT(config_origin(two, "depth"), "default");
	CHECK_INT(config_size(one, "limit"), 5);
	CHECK_INT(config_set(c, "wait", "4", "command line", &e), 0);
	CHECK_INT(config_duration_ms(one, "wait"), 4000);
	CHECK_TEXT(config_origin(one, "wait"), "command line");
	config_free(c);
}

CASE(a_list_comes_whole_from_the_first_that_has_it)
{
	struct config *c = load("exclude = a\nexclude = b\n[site one]\n"
				"exclude = c\nfront = http://a.example/\n"
				"front = http://b.example/\n[site two]\n");
	const struct config *one = config_site(c, "one");
	const struct config *two = config_site(c, "two");

	CHECK_TEXT(config_list(one, "exclude")[0], "c");
	CHECK(config_list(one, "exclude")[1] == NULL);
	CHECK_TEXT(config_list(two, "exclude")[1], "b");
	CHECK_TEXT(config_list_origin(two, "exclude", 1), "t.conf:2");
	CHECK_TEXT(config_list(one, "front")[1], "http://b.example/");
	CHECK(config_list(two, "front")[0] == NULL);
	config_free(c);
}

CASE(names_of_files_are_those_beside_the_file)
{
	static const char text[] = "load-cookies = a.txt\n"
				   "ca-file = /etc/ca.pem\n";
	struct config *c = config_new();
	struct error e = { 0 };

	CHECK_INT(file_make_dir("sub", &e), 0);
	CHECK_INT(file_put("sub/t.conf", text, strlen(text), &e), 0);
	CHECK_INT(config_load(c, "sub/t.conf", &e), 0);
	CHECK_TEXT(config_text(c, "load-cookies"), "sub/a.txt");
	CHECK_TEXT(config_text(c, "ca-file"), "/etc/ca.pem");
	config_free(c);
}

CASE(a_fault_names_line_and_nearest_name)
{
	refused("operater = x\n",
	    "t.conf:1: operater: unknown key; did you mean \"operator\"?");
	refused("\n\nzzzzzz = x\n", "t.conf:3: zzzzzz: unknown key");
	refused("json = yes\n", "t.conf:1: json: unknown key");
	refused("wait = 1\nwait = 2\n",
	    "t.conf:2: wait: given twice; the first is t.conf:1");
	refused("wait = soon\n",
	    "t.conf:1: wait: soon is not a time of at most 100 years (as 90, "
	    "0.5s, 15m, 2h or 3d)");
	refused("min-free = 1Q\n",
	    "t.conf:1: min-free: 1Q is not a size (as 4096, 64M or 1G)");
	refused("depth = deep\n",
	    "t.conf:1: depth: deep is not a whole number up to 1000000000");
	refused("media = true\n", "t.conf:1: media: true is not yes or no");
	refused("robots = none\n",
	    "t.conf:1: robots: none is not one of: obey warn ignore");
	refused(
	    "[site a]\nalso = zip\n", "t.conf:2: also: zip is not one of: tar");
	refused("header =\n", "t.conf:1: header: the value is missing");
	refused("header += A: b\n", "t.conf:1: only = is known here");
	refused("max-time:run = 1m\n", "t.conf:1: max-time:run: unknown key");
}

CASE(a_fault_in_sections_says_where_a_key_belongs)
{
	refused("front = http://a.example/\n",
	    "t.conf:1: front: is said of a site; put it below a [site NAME]");
	refused("[site a]\noperator = x\n",
	    "t.conf:2: operator: holds for all sites; put it above the first "
	    "section");
	refused("[sites a]\n",
	    "t.conf:1: [sites]: unknown section; it is [site NAME]");
	refused("[site]\n", "t.conf:1: [site]: which one? It is [site NAME]");
	refused("[site A]\n",
	    "t.conf:1: [site A]: a name is at most 40 lower-case letters, "
	    "digits and \"-\"");
	refused("[site ../a]\n",
	    "t.conf:1: [site ../a]: a name is at most 40 lower-case letters, "
	    "digits and \"-\"");
	refused("[site a]\n[site a]\n",
	    "t.conf:2: [site a]: there are two of this name");
	refused("[site a\n", "t.conf:1: section head has no closing bracket");
	refused("[site a b]\n", "t.conf:1: section head has more than two "
				"words");
}

static void
collect(void *context, const struct error *e)
{
	buf_add_text(context, e->text);
	buf_add_text(context, "\n");
}

CASE(all_faults_of_a_file_are_told_once_each)
{
	struct config *c = config_new();
	struct buf all = { 0 };

	write_file("nonsense\n  its continuation\n"
		   "wait = soon\nlimit = 3\n"
		   "[site a\nfront = x\nbogus = y\n"
		   "[nosuch a]\nfront = x\n"
		   "[site b]\nfrond = x\nwait = 1\n\r\n");
	CHECK_INT(config_load_all(c, "t.conf", collect, &all), -1);
	CHECK_TEXT(buf_text(&all),
	    "t.conf:1: neither a section head nor \"key = value\"\n"
	    "t.conf:5: section head has no closing bracket\n"
	    "t.conf:13: line ends in CR LF; save the file with LF\n"
	    "t.conf:8: [nosuch]: unknown section; it is [site NAME]\n"
	    "t.conf:3: wait: soon is not a time of at most 100 years (as 90, "
	    "0.5s, 15m, 2h or 3d)\n"
	    "t.conf:11: frond: unknown key; did you mean \"front\"?\n");
	CHECK_INT(config_size(c, "limit"), 3);
	buf_clear(&all);
	config_free(c);
}

CASE(secrets_are_their_owners_alone)
{
	struct error e = { 0 };

	CHECK_INT(file_put("cookies.txt", "x", 1, &e), 0);
	CHECK_INT(chmod("cookies.txt", 0644), 0);
	CHECK_INT(config_check_secret("cookies.txt", &e), -1);
	CHECK_TEXT(e.text,
	    "cookies.txt: others may read or write it (mode 0644); say: chmod "
	    "600 cookies.txt");
	CHECK_INT(chmod("cookies.txt", 0620), 0);
	CHECK_INT(config_check_secret("cookies.txt", &e), -1);
	CHECK_INT(chmod("cookies.txt", 0600), 0);
	CHECK_INT(config_check_secret("cookies.txt", &e), 0);
	CHECK_INT(config_check_secret(".", &e), -1);
	CHECK_INT(config_check_secret("nosuch", &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
}

TESTS(T(durations_are_seconds_or_say_their_unit),
    T(every_default_of_the_table_is_a_value_of_its_type),
    T(no_two_settings_of_one_name_are_meant_by_one_place),
    T(command_line_before_section_before_head_before_table),
    T(a_list_comes_whole_from_the_first_that_has_it),
    T(names_of_files_are_those_beside_the_file),
    T(a_fault_names_line_and_nearest_name),
    T(a_fault_in_sections_says_where_a_key_belongs),
    T(all_faults_of_a_file_are_told_once_each),
    T(secrets_are_their_owners_alone))
