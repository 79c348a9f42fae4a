/* The line grammar of configuration and profiles. */

#include "core/base/arena.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "tests/test.h"

static struct arena *arena;

static struct conf *
parse(const char *text, struct error *e)
{
	if (arena == NULL)
		arena = arena_new();
	error_clear(e);
	return conf_parse(arena, "a.conf", text, strlen(text), e);
}

CASE(sections_keys_and_operators_are_kept_in_order)
{
	struct error e;
	struct conf *c = parse("top = 1\n"
			       "# comment\n"
			       "[one]\n"
			       "a = css(#id) # not a comment\n"
			       "a += b\n"
			       "a ! =\n"
			       "[map orgs]\n"
			       "Al Mayadeen Net   = organization\n",
	    &e);

	CHECK(c != NULL);
	if (c == NULL)
		return;
	CHECK_INT(c->count, 5);
	CHECK_TEXT(c->entries[0].section, "");
	CHECK_TEXT(c->entries[1].value, "css(#id) # not a comment");
	CHECK_INT(c->entries[2].operator, CONF_ADD);
	CHECK_TEXT(c->entries[2].key, "a");
	CHECK_INT(c->entries[3].operator, CONF_CLEAR);
	CHECK_TEXT(c->entries[4].section, "map");
	CHECK_TEXT(c->entries[4].name, "orgs");
	CHECK_TEXT(c->entries[4].key, "Al Mayadeen Net");
	CHECK_INT(c->entries[4].line, 8);
}

CASE(an_indented_line_continues_the_value_by_one_space)
{
	struct error e;
	struct conf *c = parse("[a]\nk = one\n\t  two  \n# between\n three\n"
			       "empty =\n",
	    &e);

	CHECK(c != NULL);
	if (c == NULL)
		return;
	CHECK_TEXT(c->entries[0].value, "one two three");
	CHECK_TEXT(c->entries[1].value, "");
}

CASE(whatever_else_is_an_error_with_file_and_line)
{
	static const struct {
		const char *text;
		const char *error;
	} bad[] = {
		{ "a = 1\nnonsense\n",
		    "a.conf:2: neither a section head nor \"key = value\"" },
		{ "[a\n", "a.conf:1: section head has no closing bracket" },
		{ "[]\n", "a.conf:1: section has no name" },
		{ "[a b c]\n",
		    "a.conf:1: section head has more than two words" },
		{ "= 1\n", "a.conf:1: there is no key in front of \"=\"" },
		{ "\n x\n",
		    "a.conf:2: indented line with nothing to continue" },
		{ "a = 1\n\n x\n",
		    "a.conf:3: indented line with nothing to continue" },
		{ "a ! = 1\n", "a.conf:1: \"! =\" takes no value" },
		{ "a = 1\r\n",
		    "a.conf:1: line ends in CR LF; save the file with LF" },
		{ "a = \x01\n", "a.conf:1: control character" },
		{ "a = \xff\n", "a.conf:1: not UTF-8" },
		{ "\xef\xbb\xbf"
		  "a = 1\n",
		    "a.conf:1: file begins with a byte order mark" },
	};
	struct error e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(parse(bad[i].text, &e) == NULL);
		CHECK_INT(e.kind, ERROR_USAGE);
		CHECK_TEXT(e.text, bad[i].error);
	}
}

CASE(the_limits_hold_on_both_sides)
{
	struct error e;
	char *text = malloc(CONF_FILE_MAX + 2);

	memset(text, '#', CONF_FILE_MAX + 1);
	for (size_t i = 99; i < CONF_FILE_MAX + 1; i += 100)
		text[i] = '\n';
	if (arena == NULL)
		arena = arena_new();
	CHECK(conf_parse(arena, "f", text, CONF_FILE_MAX, &e) != NULL);
	CHECK(conf_parse(arena, "f", text, CONF_FILE_MAX + 1, &e) == NULL);
	memset(text, 'v', CONF_LINE_MAX + 1);
	text[1] = '=';
	CHECK(conf_parse(arena, "f", text, CONF_LINE_MAX, &e) != NULL);
	CHECK(conf_parse(arena, "f", text, CONF_LINE_MAX + 1, &e) == NULL);
	free(text);
}

CASE(an_error_names_the_nearest_word)
{
	struct error e;
	struct conf *c = parse("[a]\nhedline = x\n", &e);

	CHECK(c != NULL);
	if (c == NULL)
		return;
	CHECK_INT(conf_error(c, &c->entries[0], "unknown key \"hedline\"",
		      "headline", &e),
	    -1);
	CHECK_TEXT(e.text, "a.conf:2: unknown key \"hedline\"; did you mean "
			   "\"headline\"?");
	arena_free(arena);
	arena = NULL;
}

TESTS(T(sections_keys_and_operators_are_kept_in_order),
    T(an_indented_line_continues_the_value_by_one_space),
    T(whatever_else_is_an_error_with_file_and_line),
    T(the_limits_hold_on_both_sides), T(an_error_names_the_nearest_word))
