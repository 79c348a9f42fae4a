/* The url tokens and url() functions of the CSS parsing vectors. */
#include "core/web/css_urls.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/test.h"

static const char *const files[] = { "component_value_list",
	"one_component_value", "declaration_list", "one_declaration",
	"rule_list", "one_rule", "stylesheet" };

static void
add(void *context, const struct css_url *url)
{
	buf_add(context, url->text, url->len);
	buf_add_text(context, "|");
}

/* The first ["string", x] of the members from FROM on. 1 / 0. */
static int
add_string(struct buf *out, const struct json *v, size_t from)
{
	for (size_t i = from; i < json_count(v); i++) {
		const struct json *s = json_at(v, i);

		if (strcmp(json_text(json_at(s, 0), ""), "string") != 0)
			continue;
		buf_add(out, json_text(json_at(s, 1), ""),
		    json_string_len(json_at(s, 1)));
		buf_add_text(out, "|");
		return 1;
	}
	return 0;
}

/* ["at-rule", "import", [["string", x] ...] ...], ["url", x] and ["function", "url", ... ["string", x] ...], any depth. */
static void
add_expected(struct buf *out, const struct json *v)
{
	const char *kind = json_text(json_at(v, 0), "");

	if (strcmp(kind, "url") == 0) {
		const struct json *text = json_at(v, 1);

		buf_add(out, json_text(text, ""), json_string_len(text));
		buf_add_text(out, "|");
		return;
	}
	if (strcmp(kind, "at-rule") == 0 &&
	    strcmp(json_text(json_at(v, 1), ""), "import") == 0 &&
	    add_string(out, json_at(v, 2), 0))
		return;
	if (strcmp(kind, "function") == 0 &&
	    text_equal_nocase(json_text(json_at(v, 1), ""),
		json_string_len(json_at(v, 1)), "url") &&
	    add_string(out, v, 2))
		return;
	for (size_t i = 0; i < json_count(v); i++)
		if (json_is(json_at(v, i), JSON_KIND_ARRAY))
			add_expected(out, json_at(v, i));
}

static void
run_file(
    const char *corpora, const char *name, unsigned *cases, unsigned *with_urls)
{
	char *path = mem_format(
	    "%s/SimonSapin__css-parsing-tests/%s.json", corpora, name);
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct buf b = { 0 };
	const struct json *v;

	CHECK_OK(file_get(path, &b, 16 << 20, &e), &e);
	v = json_parse(a, buf_text(&b), b.len, &e);
	CHECK(json_count(v) > 0);
	for (size_t i = 0; i + 1 < json_count(v); i += 2) {
		const struct json *input = json_at(v, i);
		struct buf expected = { 0 };
		struct buf got = { 0 };

		add_expected(&expected, json_at(v, i + 1));
		css_urls((const uint8_t *)json_text(input, ""),
		    json_string_len(input), add, &got);
		CHECK_TEXT(buf_text(&got), buf_text(&expected));
		*cases += 1;
		*with_urls += expected.len > 0;
		buf_clear(&expected);
		buf_clear(&got);
	}
	buf_clear(&b);
	arena_free(a);
	free(path);
}

CASE(urls_of_the_css_parsing_vectors_are_as_listed)
{
	const char *corpora = getenv("CORPORA");
	unsigned with_urls = 0;
	unsigned cases = 0;

	if (corpora == NULL)
		SKIP("CORPORA is not set");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		run_file(corpora, files[i], &cases, &with_urls);
	printf("# %u cases, %u of them with urls\n", cases, with_urls);
	CHECK(with_urls >= 9);
}

TESTS(T(urls_of_the_css_parsing_vectors_are_as_listed))
