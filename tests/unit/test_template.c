/* Fixture pages: places are filled, sections repeat, values are escaped. */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/site/template.h"
#include "tests/test.h"

static char *
expand(const char *text, const char *data, struct error *e)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	struct json *v;

	error_clear(e);
	v = json_parse(a, data, strlen(data), e);
	if (v == NULL || template_expand(&out, text, strlen(text), v, e) != 0)
		buf_reset(&out);
	buf_add_text(&out, "");
	arena_free(a);
	return buf_take(&out);
}

static void
check(const char *text, const char *data, const char *expected)
{
	struct error e;
	char *got = expand(text, data, &e);

	CHECK_TEXT(e.text, "");
	CHECK_TEXT(got, expected);
	free(got);
}

CASE(values_are_escaped_unless_asked_otherwise)
{
	check("{{a}} {{{a}}} {{n}} {{o.b}}",
	    "{\"a\":\"<\\\"&>\",\"n\":7,\"o\":{\"b\":\"x\"}}",
	    "&lt;&quot;&amp;&gt; <\"&> 7 x");
	check("<script>{{json a}}</script>", "{\"a\":\"</script>\\\"\"}",
	    "<script>\"\\u003c/script>\\\"\"</script>");
}

CASE(sections_repeat_for_lists_and_vanish_for_nothing)
{
	check("{{#l}}<{{.}}>{{/l}}{{^l}}none{{/l}}", "{\"l\":[\"a\",\"b\"]}",
	    "<a><b>");
	check("{{#l}}<{{.}}>{{/l}}{{^l}}none{{/l}}", "{\"l\":[]}", "none");
	check("{{#o}}{{x}}{{y}}{{/o}}", "{\"o\":{\"x\":1},\"y\":2}", "12");
	check("{{#f}}no{{/f}}{{#absent}}no{{/absent}}{{#t}}yes{{/t}}",
	    "{\"f\":false,\"t\":true}", "yes");
	check(
	    "{{#a}}{{#a}}{{b}}{{/a}}{{/a}}", "{\"a\":{\"a\":{\"b\":1}}}", "1");
}

CASE(a_line_with_only_a_section_tag_vanishes)
{
	check("a\n{{#l}}\n<{{.}}>\n{{/l}}\n{{! remark }}\nb\n", "{\"l\":[1,2]}",
	    "a\n<1>\n<2>\nb\n");
}

CASE(what_does_not_fit_is_an_error_with_its_line)
{
	static const struct {
		const char *text;
		const char *error;
	} bad[] = {
		{ "a\n{{nothing}}", "template line 2: no value named nothing" },
		{ "{{a", "template line 1: tag does not close" },
		{ "{{}}", "template line 1: tag without a name" },
		{ "\n\n{{#a}}x", "template line 3: section does not end: a" },
		{ "{{/a}}", "template line 1: section was not begun: a" },
	};
	struct error e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		free(expand(bad[i].text, "{\"a\":1}", &e));
		CHECK_TEXT(e.text, bad[i].error);
	}
}

TESTS(T(values_are_escaped_unless_asked_otherwise),
    T(sections_repeat_for_lists_and_vanish_for_nothing),
    T(a_line_with_only_a_section_tag_vanishes),
    T(what_does_not_fit_is_an_error_with_its_line))
