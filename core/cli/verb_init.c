/* init: make a collection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/proof.h"
#include "core/news/profile.h"

enum { ASK_TIMES = 3 };

/* Who captures: given, or typed. */
struct person {
	char *operator, * contact;
};

/* ---- what is asked ---- */

/* Somebody can be reached there. */
static int
is_contact(const char *text)
{
	const char *at = strchr(text, '@');

	if (strpbrk(text, " \t<>\"") != NULL)
		return 0;
	if (text_starts(text, "https://") || text_starts(text, "http://"))
		return strlen(text) > strlen("https://");
	return at != NULL && at > text && at[1] != '\0' &&
	       !text_ends(text, ":");
}

static int
is_operator(const char *text)
{
	return text[0] != '\0';
}

/* A line of standard input without the blanks around it; NULL at its end. */
static char *
read_answer(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len = getline(&line, &cap, stdin);
	char *start = line;
	char *answer;

	if (len < 0) {
		free(line);
		return NULL;
	}
	while (len > 0 && text_is_space((unsigned char)line[len - 1]))
		line[--len] = '\0';
	while (text_is_space((unsigned char)*start))
		start++;
	answer = mem_text(start);
	free(line);
	return answer;
}

/* What is typed, at the third time of asking at the latest; NULL. */
static char *
ask(const char *question, const char *again, int (*is_good)(const char *text))
{
	for (int i = 0; i < ASK_TIMES; i++) {
		char *answer;

		(void)fprintf(stderr, "%s ", i == 0 ? question : again);
		(void)fflush(stderr);
		answer = read_answer();
		if (answer == NULL)
			break;
		if (is_good(answer))
			return answer;
		free(answer);
	}
	return NULL;
}

static int
ask_person(struct person *p, struct error *e)
{
	if (p->operator[0] == '\0') {
		free(p->operator);
		p->operator= ask("Who captures? This goes into every "
				 "archive file:",
		    "A name is needed, of a person or an institution:",
		    is_operator);
	}
	if (p->operator!= NULL && p->contact[0] == '\0') {
		free(p->contact);
		p->contact = ask("Mail or web address where a site can reach "
				 "you:",
		    "As mailto:you@example.org or https://example.org/:",
		    is_contact);
	}
	if (p->operator!= NULL && p->contact != NULL)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "init: no operator or contact was given; say: holdfast init "
	    "--operator NAME --contact mailto:you@example.org");
}

static int
find_person(struct cli *c, struct person *p, struct error *e)
{
	if (p->contact[0] != '\0' && !is_contact(p->contact))
		return error_set(e, ERROR_USAGE,
		    "--contact: %s is no address; give mailto:you@example.org "
		    "or https://example.org/",
		    p->contact);
	if (c->terminal && isatty(STDIN_FILENO))
		return ask_person(p, e);
	return 0;
}

/* ---- what is made ---- */

static int
check_sites(struct cli *c, struct error *e)
{
	const char *const *keys = config_list(c->config, "site:init");
	struct profile_set *set = NULL;
	char *dir = cli_collection_dir(c);
	char *sites = mem_format("%s/sites", dir);
	int rc = 0;

	if (keys[0] != NULL)
		rc = profile_set_load(
		    &set, file_is_dir(sites) ? sites : NULL, e);
	for (size_t i = 0; rc == 0 && keys[i] != NULL; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcmp(keys[i], keys[j]) == 0)
				rc = error_set(e, ERROR_USAGE,
				    "--site: %s is given twice", keys[i]);
		if (rc == 0 && profile_set_find(set, keys[i]) == NULL)
			rc = error_set(e, ERROR_USAGE,
			    "--site: %s: there is no profile of this key; see: "
			    "holdfast profile list",
			    keys[i]);
	}
	profile_set_free(set);
	free(sites);
	free(dir);
	return rc;
}

/* What was given cannot go into a file that somebody may have changed. */
static int
refuse_change(struct cli *c, const char *path, struct error *e)
{
	static const char *const names[] = { "operator", "contact", "site:init",
		NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(config_origin(c->config, names[i]),
			"command line") == 0)
			return error_set(e, ERROR_USAGE,
			    "%s: is there already; change --%.*s in it", path,
			    (int)strcspn(names[i], ":"), names[i]);
	return 0;
}

static void
say_missing(const struct person *p, const char *path)
{
	int operator= p->operator[0] == '\0';
	int contact = p->contact[0] == '\0';

	if (operator|| contact)
		cli_say("%s: %s%s%s not set; run refuses without. Set %s "
			"there, or say: holdfast init --operator NAME "
			"--contact mailto:you@example.org",
		    path, operator? "operator" : "",
			  operator&& contact ? " and " : "",
		    contact ? (operator? "contact are" : "contact is") : " is",
		    operator&& contact ? "them" : "it");
}

/* The key that packages are signed with: a collection that has none yet gets
 * one. */
static int
make_key(const struct collection *collection, struct error *e)
{
	char *path = mem_format("%s/%s", collection->dir, PROOF_KEY_FILE);
	int rc = file_exists(path) ? 0 : proof_key_make(path, e);

	free(path);
	return rc;
}

static int
make(struct cli *c, const char *path, const struct person *p, int *code)
{
	struct config_start start = { .operator= p->operator,
		.contact = p->contact,
		.sites = config_list(c->config, "site:init") };
	struct collection *collection = cli_open_to_write(c, 1, code);
	struct buf text = { 0 };
	struct error e = { 0 };
	int rc = 0;

	if (collection == NULL)
		return -1;
	if (!file_exists(path)) {
		config_write_file(&text, &start);
		rc = file_put(path, text.data, text.len, &e);
	}
	if (rc == 0)
		rc = make_key(collection, &e);
	if (rc != 0)
		*code = cli_fail(&e);
	else {
		cli_put(stdout, collection->dir);
		(void)fputc('\n', stdout);
	}
	buf_clear(&text);
	collection_free(collection);
	return rc;
}

/* What is to stand in the file, or why nothing is made. */
static int
prepare(struct cli *c, const char *path, struct person *p, struct error *e)
{
	p->operator= mem_text(config_text(c->config, "operator"));
	p->contact = mem_text(config_text(c->config, "contact"));
	if (file_exists(path))
		return refuse_change(c, path, e);
	return check_sites(c, e) != 0 ? -1 : find_person(c, p, e);
}

int
verb_init(struct cli *c)
{
	char *dir = cli_collection_dir(c);
	char *path = mem_format("%s/holdfast.conf", dir);
	struct person p = { 0 };
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (prepare(c, path, &p, &e) != 0)
		code = cli_fail(&e);
	else if (make(c, path, &p, &code) == 0)
		say_missing(&p, path);
	free(p.operator);
	free(p.contact);
	free(path);
	free(dir);
	return code;
}
