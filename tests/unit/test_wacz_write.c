/* WACZ files: every file listed with its hash, all or nothing. */
#include "core/archive/wacz_write.h"

#include <unistd.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/stream.h"
#include "tests/test.h"

static const struct wacz_facts facts = {
	.time_us = 1795336067999999, /* 2026-11-22T08:27:47.999999Z */
	.title = "A \"title\"",
	.description = "",
	.software = "holdfast 0",
	.main_url = "https://example.org/a?b=\"c\"",
	.main_us = 1795336000000000,
	.requires = "",
};

static int
put(struct wacz_writer *w, const char *path, const char *origin,
    const char *text, struct error *e)
{
	struct wacz_file f = {
		.path = path, .origin = origin, .size = strlen(text)
	};
	struct stream *s = stream_of_bytes(text, strlen(text));
	int rc = wacz_put(w, &f, s, e);

	stream_free(s);
	return rc;
}

/* A file of the WACZ as text, appended. */
static void
get(struct tree *t, const char *name, struct buf *out)
{
	const struct tree_file *f = tree_find(t, name);
	struct error e = { 0 };
	struct input *in = NULL;
	struct stream *s;

	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK_OK(tree_file_open(t, f, &in, &e), &e);
	s = input_stream(in, 0, f->size);
	CHECK_OK(stream_read(s, out, 1 << 20, &e), &e);
	stream_free(s);
	input_free(in);
}

static struct json *
get_json(struct tree *t, const char *name, struct arena *a, struct buf *text)
{
	struct error e = { 0 };
	struct json *v;

	buf_reset(text);
	get(t, name, text);
	v = json_parse(a, buf_text(text), text->len, &e);
	CHECK(v != NULL);
	return v;
}

static void
write_small(const char *path, const struct wacz_signer *signer)
{
	struct error e = { 0 };
	struct wacz_writer *w = NULL;

	CHECK_OK(wacz_create(&w, path, &facts, signer, &e), &e);
	CHECK_OK(
	    put(w, "archive/A.warc.gz", "S/records/A.warc.gz", "abc", &e), &e);
	CHECK_OK(put(w, "pages/pages.jsonl", "", "{}\n", &e), &e);
	CHECK_OK(put(w, "S/it is.txt", "S/it/is.txt", "", &e), &e);
	CHECK_OK(wacz_finish(w, &e), &e);
}

CASE(every_file_is_listed_with_name_hash_and_size)
{
	static const char *const expected[][4] = {
		{ "a.warc.gz", "archive/A.warc.gz",
		    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb4"
		    "10ff61f20015ad",
		    "S/records/A.warc.gz" },
		{ "pages.jsonl", "pages/pages.jsonl",
		    "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878"
		    "e0b63e9e442356",
		    "" },
		{ "s/it-is.txt", "S/it is.txt",
		    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4"
		    "95991b7852b855",
		    "S/it/is.txt" },
	};
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct error e = { 0 };
	struct tree_options o = { 0 };
	struct tree *t = NULL;
	const struct json *v, *list;

	write_small("a.wacz", NULL);
	CHECK_OK(tree_open(&t, "a.wacz", &o, &e), &e);
	v = get_json(t, "datapackage.json", a, &text);
	CHECK_TEXT(json_text(json_get(v, "profile"), ""), "data-package");
	CHECK_TEXT(json_text(json_get(v, "wacz_version"), ""), "1.1.1");
	CHECK_TEXT(json_text(json_get(v, "title"), ""), facts.title);
	CHECK(json_get(v, "description") == NULL);
	CHECK_TEXT(
	    json_text(json_get(v, "created"), ""), "2026-11-22T08:27:47Z");
	CHECK_TEXT(json_text(json_get(v, "mainPageUrl"), ""), facts.main_url);
	CHECK_TEXT(
	    json_text(json_get(v, "mainPageDate"), ""), "2026-11-22T08:26:40Z");
	CHECK(json_get(v, "part") == NULL && json_get(v, "relation") == NULL);
	list = json_get(v, "resources");
	CHECK_INT(json_count(list), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct json *r = json_at(list, i);

		CHECK_TEXT(json_text(json_get(r, "name"), ""), expected[i][0]);
		CHECK_TEXT(json_text(json_get(r, "path"), ""), expected[i][1]);
		CHECK_TEXT(json_text(json_get(r, "hash"), ""), expected[i][2]);
		CHECK_TEXT(
		    json_text(json_get(r, "origin"), ""), expected[i][3]);
	}
	CHECK_INT(json_int(json_get(json_at(list, 0), "bytes"), -1), 3);
	tree_free(t);
	buf_clear(&text);
	arena_free(a);
}

/* "SIGNED(what)" and "KEY". */
static int
sign(void *context, const void *p, size_t len, struct buf *out, struct error *e)
{
	if (context != NULL)
		return error_set(e, ERROR_KEY, "no key");
	buf_add_text(out, "SIGNED(");
	buf_add(out, p, len);
	buf_add_text(out, ")");
	return 0;
}

static void
public_key(void *context, struct buf *out)
{
	(void)context;
	buf_add_text(out, "KEY");
}

CASE(the_text_of_the_hash_is_signed_with_its_label)
{
	const struct wacz_signer signer = { public_key, sign, NULL };
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct buf expected = { 0 };
	struct error e = { 0 };
	struct tree_options o = { 0 };
	struct tree *t = NULL;
	const struct json *v, *s;
	char hash[DIGEST_TEXT_MAX];

	write_small("signed.wacz", &signer);
	CHECK_OK(tree_open(&t, "signed.wacz", &o, &e), &e);
	get(t, "datapackage.json", &text);
	digest_text(DIGEST_SHA256, text.data, text.len, hash);
	v = get_json(t, "datapackage-digest.json", a, &text);
	s = json_get(v, "signedData");
	CHECK_TEXT(json_text(json_get(v, "path"), ""), "datapackage.json");
	CHECK_TEXT(json_text(json_get(v, "hash"), ""), hash);
	CHECK_TEXT(json_text(json_get(s, "hash"), ""), hash);
	buf_format(&expected, "SIGNED(%s)", hash);
	CHECK_TEXT(
	    json_text(json_get(s, "signature"), ""), buf_text(&expected));
	CHECK_TEXT(json_text(json_get(s, "publicKey"), ""), "KEY");
	CHECK_TEXT(
	    json_text(json_get(s, "created"), ""), "2026-11-22T08:27:47Z");
	CHECK_TEXT(json_text(json_get(s, "version"), ""), "0.1.0");
	CHECK_INT(json_count(s), 6);
	tree_free(t);
	buf_clear(&expected);
	buf_clear(&text);
	arena_free(a);
}

CASE(a_key_that_fails_leaves_nothing)
{
	int broken = 1;
	const struct wacz_signer signer = { public_key, sign, &broken };
	struct error e = { 0 };
	struct wacz_writer *w = NULL;

	CHECK_OK(wacz_create(&w, "k.wacz", &facts, &signer, &e), &e);
	CHECK_OK(put(w, "archive/a", "", "abc", &e), &e);
	CHECK(wacz_finish(w, &e) != 0 && e.kind == ERROR_KEY);
	CHECK(!file_exists("k.wacz") && !file_exists("k.wacz.tmp"));
}

CASE(bytes_that_are_too_few_leave_nothing)
{
	struct wacz_file f = { .path = "archive/a", .origin = "", .size = 4 };
	struct error e = { 0 };
	struct wacz_writer *w = NULL;
	struct stream *s = stream_of_bytes("abc", 3);

	CHECK_OK(wacz_create(&w, "few.wacz", &facts, NULL, &e), &e);
	CHECK(wacz_put(w, &f, s, &e) != 0 && e.kind == ERROR_INPUT);
	stream_free(s);
	wacz_abandon(w);
	CHECK(!file_exists("few.wacz") && !file_exists("few.wacz.tmp"));
}

static void
known_hex(void *context, char hex[65])
{
	memset(hex, *(const char *)context, 64);
	hex[64] = '\0';
}

CASE(a_digest_that_is_known_is_taken)
{
	char digit = '7';
	struct wacz_file f = { .path = "archive/a",
		.origin = "",
		.size = 3,
		.hex = known_hex,
		.context = &digit };
	struct wacz_facts of_two = facts;
	struct error e = { 0 };
	struct wacz_writer *w = NULL;
	struct stream *s = stream_of_bytes("abc", 3);
	struct tree_options o = { 0 };
	struct tree *t = NULL;
	struct buf text = { 0 };

	of_two.part = 2;
	of_two.parts = 3;
	of_two.requires = "{\"filename\": \"a-00001.wacz\"}";
	CHECK_OK(wacz_create(&w, "known.wacz", &of_two, NULL, &e), &e);
	CHECK_OK(wacz_put(w, &f, s, &e), &e);
	stream_free(s);
	CHECK_OK(wacz_finish(w, &e), &e);
	CHECK_OK(tree_open(&t, "known.wacz", &o, &e), &e);
	get(t, "datapackage.json", &text);
	CHECK(strstr(buf_text(&text), "\"sha256:7777777777777777") != NULL);
	CHECK(strstr(buf_text(&text),
		  "\"part\": {\"number\": 2, \"count\": 3}") != NULL);
	CHECK(strstr(buf_text(&text), "\"requires\": [\n    {\"filename\"") !=
	      NULL);
	tree_free(t);
	buf_clear(&text);
}

CASE(equal_calls_give_equal_bytes)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };

	write_small("one.wacz", NULL);
	write_small("two.wacz", NULL);
	CHECK_OK(file_get("one.wacz", &a, 1 << 20, &e), &e);
	CHECK_OK(file_get("two.wacz", &b, 1 << 20, &e), &e);
	CHECK(
	    a.len > 0 && a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	buf_clear(&b);
	buf_clear(&a);
}

CASE(names_are_of_the_characters_a_data_package_may_have)
{
	static const char *const names[][2] = {
		{ "A-b_c.9/X", "a-b_c.9/x" },
		{ "caf\xc3\xa9 (1)", "caf----1-" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf b = { 0 };

		wacz_add_name(&b, names[i][0]);
		CHECK_TEXT(buf_text(&b), names[i][1]);
		buf_clear(&b);
	}
}

TESTS(T(every_file_is_listed_with_name_hash_and_size),
    T(the_text_of_the_hash_is_signed_with_its_label),
    T(a_key_that_fails_leaves_nothing), T(bytes_that_are_too_few_leave_nothing),
    T(a_digest_that_is_known_is_taken), T(equal_calls_give_equal_bytes),
    T(names_are_of_the_characters_a_data_package_may_have))
