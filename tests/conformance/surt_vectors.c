/* SURT keys against the vectors of urlcanon and the indexes of pywb. */
#include "tests/test.h"

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/web/url.h"

#define VECTORS "iipc__urlcanon/testdata/surt.json"
#define INDEXES "webrecorder__pywb/sample_archive/cdxj/"

static const char empty_member[] = "\"\": \"\",";

/* Bytes above ASCII that the vectors hold as characters of Latin-1. */
static const char *const broken[] = { "\xC3\xA2\xC2\x98\xC2\x83.com",
	"http://\x01\xC2\x80.com/", NULL };

/* 1 loaded, 0 CORPORA is not set, -1 the test failed. */
static int
load(struct buf *out, const char *name)
{
	const char *corpora = getenv("CORPORA");
	struct error e = { 0 };
	char path[1024];
	int rc;

	if (corpora == NULL || corpora[0] == '\0')
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s", corpora, name);
	rc = file_get(path, out, 16 << 20, &e);
	CHECK_OK(rc, &e);
	return rc == 0 ? 1 : -1;
}

static struct json *
load_set(struct arena *a, const char *name)
{
	struct buf b = { 0 };
	struct error e = { 0 };
	struct json *v = NULL;

	if (load(&b, VECTORS) == 1) {
		/* One empty name is there twice, which our reader refuses. */
		char *twice = strstr((char *)b.data, empty_member);

		if (twice != NULL)
			memset(twice, ' ', strlen(empty_member));
		v = json_get(json_parse(a, buf_text(&b), b.len, &e), name);
		if (v == NULL)
			printf("# %s\n", e.text);
		CHECK(v != NULL);
		printf("# %s: %zu vectors\n", name, json_count(v));
	}
	buf_clear(&b);
	return v;
}

/* The key of PREFIX and S and SUFFIX. */
static struct buf
key_of(const char *prefix, const char *s, const char *suffix)
{
	char *url = mem_format("%s%s%s", prefix, s, suffix);
	struct buf key = { 0 };

	cdxj_add_key(&key, url);
	free(url);
	return key;
}

static int
is_broken(const char *url)
{
	for (size_t i = 0; broken[i] != NULL; i++)
		if (strcmp(url, broken[i]) == 0)
			return 1;
	return 0;
}

/* Both sides of every vector of set NAME, wrapped, must have one key. */
static void
check_equivalence(const char *name, const char *prefix, const char *suffix)
{
	struct arena *a = arena_new();
	struct json *set = load_set(a, name);

	if (set == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(set); i++) {
		struct buf in = key_of(prefix, json_key(set, i), suffix);
		struct buf out = key_of(
		    prefix, json_text(json_at(set, i), ""), suffix);

		if (is_broken(json_key(set, i)))
			printf("# exception: vector with broken encoding\n");
		else
			CHECK_TEXT(buf_text(&in), buf_text(&out));
		buf_clear(&in);
		buf_clear(&out);
	}
	arena_free(a);
}

CASE(default_keys_are_as_listed)
{
	struct arena *a = arena_new();
	struct json *set = load_set(a, "defaultIASurt");

	if (set == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(set); i++) {
		struct buf key = key_of("", json_key(set, i), "");

		CHECK_TEXT(buf_text(&key), json_text(json_at(set, i), ""));
		buf_clear(&key);
	}
	arena_free(a);
}

CASE(urls_and_their_default_form_share_a_key)
{
	check_equivalence("Canonicalizer.DefaultIA", "", "");
}

CASE(urls_and_their_archive_form_share_a_key)
{
	check_equivalence("Canonicalizer.IA", "", "");
}

CASE(urls_and_their_google_form_share_a_key)
{
	check_equivalence("google", "", "");
}

CASE(odd_urls_and_their_google_form_share_a_key)
{
	check_equivalence("googleSupplementalFromSurt", "", "");
}

CASE(hosts_and_their_form_without_www_share_a_key)
{
	check_equivalence("massageHost", "http://", "/x");
}

CASE(paths_with_and_without_session_share_a_key)
{
	check_equivalence("stripPathSessionId", "http://a.example", "");
}

CASE(parameters_come_in_the_listed_order)
{
	struct arena *a = arena_new();
	struct json *set = load_set(a, "alphaRorderQuery");

	if (set == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(set); i++) {
		struct buf key = key_of(
		    "http://a.example/x?", json_key(set, i), "");
		const char *query = json_text(json_at(set, i), "");
		char *want = mem_format(
		    "example,a)/x%s%s", query[0] == '\0' ? "" : "?", query);

		CHECK_TEXT(buf_text(&key), want);
		free(want);
		buf_clear(&key);
	}
	arena_free(a);
}

CASE(escapes_are_undone_to_the_end)
{
	struct arena *a = arena_new();
	struct json *set = load_set(a, "unescapeRepeatedly");

	if (set == NULL) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	for (size_t i = 0; i < json_count(set); i++) {
		const char *plain = json_text(json_at(set, i), "");
		struct buf escaped = { 0 };
		struct buf in;
		struct buf out;

		url_add_percent_encoded(&escaped, plain, strlen(plain));
		in = key_of("http://a.example/", json_key(set, i), "");
		out = key_of("http://a.example/", buf_text(&escaped), "");
		CHECK_TEXT(buf_text(&in), buf_text(&out));
		buf_clear(&in);
		buf_clear(&out);
		buf_clear(&escaped);
	}
	arena_free(a);
}

/* Lines are "key time {json}". */
static size_t
check_index(const char *text)
{
	struct arena *a = arena_new();
	size_t count = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		size_t key_len = strcspn(text, " ");
		const char *json = memchr(text, '{', len);

		if (json != NULL) {
			struct json *v = json_parse(
			    a, json, len - (size_t)(json - text), NULL);
			char *want = mem_text_n(text, key_len);
			struct buf key = key_of(
			    "", json_text(json_get(v, "url"), ""), "");

			CHECK_TEXT(buf_text(&key), want);
			free(want);
			buf_clear(&key);
			count++;
		}
		text += len + (text[len] == '\n');
	}
	arena_free(a);
	return count;
}

CASE(keys_equal_those_in_indexes_of_pywb)
{
	static const char *const files[] = { "iana.cdxj", "dupes.cdxj",
		"example.cdxj", "example-no-digest.cdxj", "example2.cdxj",
		"url-agnost-example.cdxj" };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *name = mem_format(INDEXES "%s", files[i]);
		struct buf text = { 0 };
		int rc = load(&text, name);

		free(name);
		if (rc == 0)
			SKIP("CORPORA is not set");
		count += check_index(buf_text(&text));
		buf_clear(&text);
	}
	printf("# %zu lines\n", count);
	CHECK_INT(count, 192);
}

TESTS(T(default_keys_are_as_listed), T(urls_and_their_default_form_share_a_key),
    T(urls_and_their_archive_form_share_a_key),
    T(urls_and_their_google_form_share_a_key),
    T(odd_urls_and_their_google_form_share_a_key),
    T(hosts_and_their_form_without_www_share_a_key),
    T(paths_with_and_without_session_share_a_key),
    T(parameters_come_in_the_listed_order), T(escapes_are_undone_to_the_end),
    T(keys_equal_those_in_indexes_of_pywb))
