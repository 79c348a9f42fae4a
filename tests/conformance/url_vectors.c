/* The URL parser against the vectors of the Web Platform Tests. */
#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/web/url.h"
#include "core/web/url_host.h"

#define WPT "/ada-url__ada/tests/wpt/"

#define SYMBOL "a symbol: not in IDNA 2008, so libidn2 refuses it"
#define YOUNG  "mapped since Unicode 16; libidn2 refuses it"

/* One vector that we answer otherwise, and why. */
struct exception {
	const char *input;
	const char *reason;
};

static const struct exception url_exceptions[] = {
	{ "ftp://%e2%98%83", SYMBOL },
	{ "https://%e2%98%83", SYMBOL },
	{ NULL, NULL },
};

static const struct exception domain_exceptions[] = {
	{ "a\xE2\x80\xA0--", SYMBOL },
	{ "-\xE2\x80\xA0", SYMBOL },
	{ "x01234567890123456789012345678901234567890123456789012345678901"
	  "\xE2\x80\xA0",
	    SYMBOL },
	{ "www.lookout\xE2\x80\xA7net", SYMBOL },
	{ "\xE2\x99\xA5.net", SYMBOL },
	{ "look\xE1\xA0\x8Eout.net", YOUNG },
	{ "look\xE2\x81\xABout.net", YOUNG },
	{ "\xD3\x80.com", YOUNG },
	{ "\xF0\xAF\xA1\xA8.com", YOUNG },
	{ "\xE2\x86\x83.com", YOUNG },
	{ NULL, NULL },
};

/* The vectors of one file; NULL: CORPORA is not set, or the test failed. */
static struct json *
load(struct arena *a, const char *name)
{
	const char *corpora = getenv("CORPORA");
	struct error e = { 0 };
	struct buf b = { 0 };
	struct json *v = NULL;
	char path[1024];

	if (corpora == NULL || corpora[0] == '\0')
		return NULL;
	(void)snprintf(path, sizeof(path), "%s" WPT "%s", corpora, name);
	if (file_get(path, &b, 16 << 20, &e) == 0)
		v = json_parse(a, buf_text(&b), b.len, &e);
	if (v == NULL)
		printf("# %s: %s\n", path, e.text);
	CHECK(v != NULL);
	buf_clear(&b);
	return v;
}

/* INPUT was answered wrongly: is that documented? */
static void
judge(const struct exception *list, const char *input, const char *got,
    const char *want)
{
	for (; list->input != NULL; list++)
		if (strcmp(list->input, input) == 0) {
			printf("# exception '%s': %s\n", input, list->reason);
			return;
		}
	printf("# '%s': got '%s', expected '%s'\n", input, got, want);
	test_failed = 1;
}

static int
parse(struct url *url, const struct json *input, const struct url *base)
{
	return url_parse(
	    url, json_text(input, ""), json_string_len(input), base, NULL);
}

static void
check_part(const struct json *v, const char *name, const char *got, size_t len)
{
	const char *want = json_text(json_get(v, name), NULL);

	if (want == NULL || (strlen(want) == len && !memcmp(want, got, len)))
		return;
	printf("# %s of '%s': got '%.*s', expected '%s'\n", name,
	    json_text(json_get(v, "input"), ""), (int)len, got, want);
	test_failed = 1;
}

/* A part of URL with the mark before it, "" where the part is empty. */
static void
check_marked(const struct json *v, const char *name, const struct url *url,
    uint32_t start, uint32_t len)
{
	uint32_t mark = len > 0 ? 1 : 0;

	check_part(v, name, url->text + start - mark, len + mark);
}

static void
check_parts(const struct json *v, const struct url *url)
{
	const char *user = url->text + url->user_start;
	const char *colon = memchr(user, ':', url->user_len);
	uint32_t name_len = colon == NULL ? url->user_len
					  : (uint32_t)(colon - user);
	struct buf host = { 0 };

	check_part(v, "protocol", url->text, (size_t)url->scheme_len + 1);
	check_part(v, "username", user, name_len);
	check_part(v, "password", colon == NULL ? "" : colon + 1,
	    colon == NULL ? 0 : url->user_len - name_len - 1);
	check_part(v, "hostname", url->text + url->host_start, url->host_len);
	buf_add(&host, url->text + url->host_start, url->host_len);
	if (url->port != URL_NO_PORT)
		buf_format(&host, ":%d", url->port);
	check_part(v, "host", buf_text(&host), host.len);
	check_part(v, "pathname", url->text + url->path_start, url->path_len);
	check_marked(v, "search", url, url->query_start, url->query_len);
	check_marked(v, "hash", url, url->fragment_start, url->fragment_len);
	buf_clear(&host);
}

static void
run_url_vector(const struct json *v)
{
	const struct json *input = json_get(v, "input");
	const struct json *base_text = json_get(v, "base");
	const char *href = json_text(json_get(v, "href"), "failure");
	struct url base = { 0 };
	struct url url = { 0 };
	int has_base = json_is(base_text, JSON_KIND_STRING);
	int ok = 1;

	if (has_base)
		ok = parse(&base, base_text, NULL) == 0;
	if (ok)
		ok = parse(&url, input, has_base ? &base : NULL) == 0;
	if (strcmp(ok ? url.text : "failure", href) != 0)
		judge(url_exceptions, json_text(input, ""),
		    ok ? url.text : "failure", href);
	else if (ok)
		check_parts(v, &url);
	url_clear(&base);
	url_clear(&url);
}

CASE(every_url_vector_parses_as_expected)
{
	struct arena *a = arena_new();
	struct json *vectors = load(a, "urltestdata.json");
	size_t count = 0;

	if (vectors == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(vectors); i++) {
		struct json *v = json_at(vectors, i);

		if (!json_is(v, JSON_KIND_OBJECT))
			continue;
		run_url_vector(v);
		count++;
	}
	printf("# %zu vectors\n", count);
	CHECK_INT(count, 891);
	arena_free(a);
}

/* Parsing a serialization gives the same serialization. */
CASE(every_url_vector_is_a_fixed_point)
{
	struct arena *a = arena_new();
	struct json *vectors = load(a, "urltestdata.json");

	if (vectors == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(vectors); i++) {
		const struct json *href = json_get(json_at(vectors, i), "href");
		struct url url = { 0 };

		if (href == NULL)
			continue;
		if (parse(&url, href, NULL) != 0 ||
		    strcmp(url.text, json_text(href, "")) != 0)
			judge(url_exceptions, json_text(href, ""),
			    url.text == NULL ? "failure" : url.text, "itself");
		url_clear(&url);
	}
	arena_free(a);
}

static void
run_domain_vector(const struct json *v)
{
	const struct json *input = json_get(v, "input");
	const char *want = json_text(json_get(v, "output"), "failure");
	struct buf got = { 0 };

	if (url_host_add(&got, json_text(input, ""), json_string_len(input), 1,
		NULL) != 0)
		buf_add_text(&got, "failure");
	if (strcmp(buf_text(&got), want) != 0)
		judge(domain_exceptions, json_text(input, ""), buf_text(&got),
		    want);
	buf_clear(&got);
}

CASE(every_domain_vector_converts_to_ascii)
{
	struct arena *a = arena_new();
	struct json *vectors = load(a, "toascii.json");
	size_t count = 0;

	if (vectors == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(vectors); i++) {
		struct json *v = json_at(vectors, i);

		if (!json_is(v, JSON_KIND_OBJECT))
			continue;
		run_domain_vector(v);
		count++;
	}
	printf("# %zu vectors\n", count);
	CHECK_INT(count, 87);
	arena_free(a);
}

/* Only the column for UTF-8: documents are UTF-8 when URLs are parsed. */
CASE(every_percent_encoding_vector_is_kept)
{
	struct arena *a = arena_new();
	struct json *vectors = load(a, "percent-encoding.json");
	size_t count = 0;

	if (vectors == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(vectors); i++) {
		struct json *v = json_at(vectors, i);
		struct json *input = json_get(v, "input");
		struct buf text = { 0 };
		struct url url = { 0 };

		if (input == NULL)
			continue;
		buf_add_text(&text, "https://example.com/?");
		buf_add(&text, json_text(input, ""), json_string_len(input));
		CHECK_INT(
		    url_parse(&url, buf_text(&text), text.len, NULL, NULL), 0);
		CHECK_TEXT(url.text + url.query_start,
		    json_text(json_get(json_get(v, "output"), "utf-8"), ""));
		url_clear(&url);
		buf_clear(&text);
		count++;
	}
	printf("# %zu vectors\n", count);
	CHECK_INT(count, 7);
	arena_free(a);
}

TESTS(T(every_url_vector_parses_as_expected),
    T(every_url_vector_is_a_fixed_point),
    T(every_domain_vector_converts_to_ascii),
    T(every_percent_encoding_vector_is_kept))
