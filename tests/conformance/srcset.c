/* srcset candidates against the vectors of web-platform-tests. */
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/web/links.h"
#include "tests/test.h"

#define FILE_NAME                                                   \
	"/web-platform-tests__wpt/html/semantics/embedded-content/" \
	"the-img-element/srcset/srcset_vectors.json"

/* Where the vectors do not agree with themselves. */
static const struct {
	const char *srcset;
	const char *why;
} exceptions[] = {
	{ "data:,a 1\001w",
	    "ruled out, although 1.0w, 1e0w and 1www are ignored" },
};

struct choice {
	const char *expected;
	int is_there; /* among the candidates */
	size_t chosen_len;
	const char *chosen; /* the first that is valid */
};

static void
look(void *context, const char *url, size_t url_len, const char *descriptor,
    size_t descriptor_len)
{
	struct choice *c = context;

	if (strlen(c->expected) == url_len &&
	    memcmp(c->expected, url, url_len) == 0)
		c->is_there = 1;
	if (c->chosen == NULL &&
	    links_srcset_is_valid(descriptor, descriptor_len)) {
		c->chosen = url;
		c->chosen_len = url_len;
	}
}

static int
is_exception(const char *srcset)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(srcset, exceptions[i].srcset) == 0) {
			printf("# exception: %s\n", exceptions[i].why);
			return 1;
		}
	return 0;
}

CASE(the_candidate_that_browsers_choose_is_found_and_valid)
{
	const char *corpora = getenv("CORPORA");
	struct arena *a;
	struct buf b = { 0 };
	struct error e = { 0 };
	const struct json *v;
	char *path;

	if (corpora == NULL || corpora[0] == '\0')
		SKIP("CORPORA is not set");
	a = arena_new();
	path = mem_format("%s" FILE_NAME, corpora);
	CHECK_OK(file_get(path, &b, 1 << 20, &e), &e);
	v = json_get(json_parse(a, buf_text(&b), b.len, &e), "vectors");
	CHECK_INT(json_count(v), 105);
	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *set = json_get(json_at(v, i), "srcset");
		struct choice c = { 0 };

		c.expected = json_text(json_get(json_at(v, i), "expect"), "");
		links_of_srcset(
		    json_text(set, ""), json_string_len(set), look, &c);
		CHECK(c.is_there == (c.expected[0] != '\0'));
		if (c.chosen_len == strlen(c.expected) &&
		    memcmp(c.expected, c.chosen_len == 0 ? "" : c.chosen,
			c.chosen_len) == 0)
			continue;
		if (is_exception(json_text(set, "")))
			continue;
		printf("# '%s': chosen '%.*s', expected '%s'\n",
		    json_text(set, ""), (int)c.chosen_len,
		    c.chosen_len == 0 ? "" : c.chosen, c.expected);
		test_failed = 1;
	}
	arena_free(a);
	buf_clear(&b);
	free(path);
}

TESTS(T(the_candidate_that_browsers_choose_is_found_and_valid))
