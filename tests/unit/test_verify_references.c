/* What the records of several files are called and name; rules of digests
 * where bytes come only once; checks left out; verdicts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define UUID(n) "urn:uuid:00000000-0000-8000-8000-00000000000" n

static void
add(struct buf *out, const char *type, const char *id, const char *fields,
    const char *block, size_t len)
{
	buf_format(out,
	    "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <%s>\r\n"
	    "WARC-Date: 2026-11-22T08:00:00Z\r\n"
	    "WARC-Target-URI: http://a.example/%s\r\n"
	    "Content-Type: application/http\r\n%sContent-Length: %zu\r\n\r\n",
	    type, id, fields[0] == 'X' ? "x" : "", fields, len);
	buf_add(out, block, len);
	buf_add_text(out, "\r\n\r\n");
}

static void
hear(void *context, const struct finding *f)
{
	static const char *const marks[] = { "~", "", "!", "*" };

	if (strcmp(f->code, "warcinfo") != 0 && strcmp(f->code, "http") != 0)
		buf_format(context, "%s%s:%s@%ju ", marks[f->severity], f->code,
		    f->file, (uintmax_t)f->offset);
}

static int
hear_verdict(void *context, const struct verified_record *r)
{
	buf_format(context, "%s ", verdict_name(r->verdict));
	return 0;
}

#define HTTP  "HTTP/1.1 200 OK\r\n\r\nhello"
#define HELLO "WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"
#define OTHER "WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
#define PROFILE                                                  \
	"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/" \
	"identical-payload-digest\r\n"
#define BY_DATE                                            \
	"WARC-Refers-To-Target-URI: http://a.example/\r\n" \
	"WARC-Refers-To-Date: 2026-11-22T08:00:00Z\r\n"
#define HEAD_ONLY "HTTP/1.1 200 OK\r\n\r\n"

/* What is said of files with these records, one after the other. */
static void
check_files(const struct buf *files, size_t count, const char *expected)
{
	struct buf told = { 0 };
	struct verify_references *r = verify_references_new();
	const struct verify_options o = {
		.each_finding = hear, .context = &told, .references = r
	};
	struct verify_totals t = { 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < count; i++) {
		char name[2] = { (char)('a' + (int)i), '\0' };
		struct input *in = input_of_bytes(
		    files[i].data, files[i].len, name);

		CHECK_OK(verify_input(in, name, &o, &t, &e), &e);
		input_free(in);
	}
	CHECK_OK(verify_references_end(r, &o, &t, &e), &e);
	CHECK_TEXT(buf_text(&told), expected);
	verify_references_free(r);
	buf_clear(&told);
}

/* A revisit in one file, its original in the other. */
static void
check_revisit(const char *original, const char *revisit, const char *expected)
{
	struct buf files[2] = { { 0 }, { 0 } };

	add(&files[0], "revisit", UUID("2"), revisit, HEAD_ONLY,
	    strlen(HEAD_ONLY));
	add(&files[1], "response", UUID("1"), original, HTTP, strlen(HTTP));
	check_files(files, 2, expected);
	buf_clear(&files[0]);
	buf_clear(&files[1]);
}

CASE(revisits_are_compared_with_their_originals_in_other_files)
{
	check_revisit(
	    HELLO, PROFILE HELLO "WARC-Refers-To: <" UUID("1") ">\r\n", "");
	check_revisit(HELLO,
	    PROFILE OTHER "WARC-Refers-To: <" UUID("1") ">\r\n",
	    "*revisit:a@0 ");
	check_revisit(HELLO, PROFILE HELLO BY_DATE, "");
	check_revisit(HELLO, PROFILE OTHER BY_DATE, "*revisit:a@0 ");
	check_revisit(HELLO, PROFILE HELLO, "");
	check_revisit(HELLO, PROFILE OTHER, "~revisit:a@0 ");
	check_revisit(
	    HELLO, PROFILE HELLO "WARC-Refers-To: <" UUID("9") ">\r\n", "");
	check_revisit(HELLO, PROFILE BY_DATE, "");
	check_revisit(
	    "", PROFILE HELLO "WARC-Refers-To: <" UUID("1") ">\r\n", "");
	check_revisit(HELLO, PROFILE "WARC-Refers-To: <" UUID("8") ">\r\n",
	    "~revisit:a@0 ");
	/* Of itself. */
	check_revisit(HELLO,
	    PROFILE HELLO "WARC-Refers-To: <" UUID("2") ">\r\n",
	    "revisit:a@0 ");
}

CASE(ids_and_names_are_looked_up_across_files)
{
	struct buf files[3] = { { 0 }, { 0 }, { 0 } };
	size_t second;
	size_t last;
	char *want;

	add(&files[0], "response", UUID("1"),
	    "WARC-Concurrent-To: <" UUID("3") ">\r\n"
					      "WARC-Concurrent-To: <" UUID(
						  "7") ">\r\n",
	    HTTP, strlen(HTTP));
	second = files[0].len;
	add(&files[0], "response", "urn:x:1",
	    "WARC-Warcinfo-ID: <" UUID("6") ">\r\n", HTTP, strlen(HTTP));
	add(&files[0], "response", "urn:x:2",
	    "WARC-Warcinfo-ID: <" UUID("6") ">\r\n", HTTP, strlen(HTTP));
	add(&files[1], "response", UUID("3"), "", HTTP, strlen(HTTP));
	add(&files[2], "response", "urn:x:1", "", HTTP, strlen(HTTP));
	add(&files[2], "metadata", "urn:x:3", "WARC-Refers-To: <urn:x:2>\r\n",
	    HTTP, strlen(HTTP));
	last = files[2].len;
	add(&files[2], "metadata", "urn:x:4", "WARC-Refers-To: <urn:x:5>\r\n",
	    HTTP, strlen(HTTP));
	want = mem_format("~concurrent-to:a@0 ~warcinfo-id:a@%zu "
			  "id:c@0 ~refers-to:c@%zu ",
	    second, last);
	check_files(files, 3, want);
	free(want);
	for (int i = 0; i < 3; i++)
		buf_clear(&files[i]);
}

/* Bytes that come once, in small spans. */
struct drip {
	struct stream stream;
	const struct buf *b;
	size_t at;
};

static int
drip_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct drip *d = (struct drip *)s;
	size_t left = d->b->len - d->at;

	(void)e;
	*data = d->b->data + d->at;
	*len = left < 5000 ? left : 5000;
	d->at += *len;
	return *len > 0;
}

static void
drip_free(struct stream *s)
{
	free(s);
}

static char *
tell_verdicts(const struct buf *f, int once, uint32_t skip)
{
	struct buf told = { 0 };
	const struct verify_options o = { .each_finding = hear,
		.each_record = hear_verdict,
		.context = &told,
		.skip = skip };
	struct verify_totals t = { 0 };
	struct drip *d = mem_zero(1, sizeof(*d));
	struct input *in;
	struct error e = { 0 };
	char *text;

	d->stream = (struct stream){ .next = drip_next, .free = drip_free };
	d->b = f;
	if (once)
		in = input_of_stream(&d->stream, "f");
	else {
		in = input_of_bytes(f->data, f->len, "f");
		free(d);
	}
	CHECK_OK(verify_input(in, "f", &o, &t, &e), &e);
	input_free(in);
	text = mem_text(buf_text(&told));
	buf_clear(&told);
	return text;
}

static void
add_with_digest(struct buf *out, const char *id, const struct buf *block,
    const void *payload, size_t len)
{
	char digest[DIGEST_TEXT_MAX];
	char fields[256];

	digest_text(DIGEST_SHA256, payload, len, digest);
	(void)snprintf(
	    fields, sizeof(fields), "WARC-Payload-Digest: %s\r\n", digest);
	add(out, "response", id, fields, (const char *)block->data, block->len);
}

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/* Far more than a span, so that nothing is left of it at the end. */
CASE(rules_are_told_of_what_comes_once_as_of_a_file)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf body = { 0 };
	struct buf packed = { 0 };
	struct buf none = { 0 };
	struct buf block = { 0 };
	struct buf f = { 0 };
	size_t head;
	uint64_t length;
	uint32_t x = 1;

	while (body.len < 300000) {
		x = x * 1664525 + 1013904223;
		buf_add_byte(&body, (uint8_t)(x >> 24));
	}
	CHECK_INT(gzip_member_write(w, GZIP_STORED, &body, NULL, &none, collect,
		      &packed, &length, NULL),
	    0);
	buf_add_text(
	    &block, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	head = block.len;
	buf_format(&block, "%zx\r\n", body.len);
	buf_add(&block, body.data, body.len);
	buf_add_text(&block, "\r\n0\r\n\r\n");
	add_with_digest(&f, "urn:x:1", &block, body.data, body.len);
	add_with_digest(
	    &f, "urn:x:2", &block, block.data + head, block.len - head);
	add_with_digest(&f, "urn:x:3", &block, "no", 2);
	buf_reset(&block);
	buf_add_text(
	    &block, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
	buf_add(&block, packed.data, packed.len);
	add_with_digest(&f, "urn:x:4", &block, body.data, body.len);
	add_with_digest(&f, "urn:x:5", &block, packed.data, packed.len);
	add(&f, "response", "urn:x:6", "WARC-Block-Digest: crc7:00\r\n", HTTP,
	    strlen(HTTP));
	for (int once = 0; once < 2; once++) {
		char *told = tell_verdicts(&f, once, 1u << CHECK_HTTP);
		char *bare = mem_zero(1, strlen(told) + 1);
		char *word = told;

		for (; *word != '\0';
		     word += strcspn(word, " "), word += *word == ' ')
			if (memchr(word, ':', strcspn(word, " ")) == NULL)
				(void)memcpy(bare + strlen(bare), word,
				    strcspn(word, " ") + 1);
		CHECK_TEXT(
		    bare, "sound framed changed decoded sound unproved ");
		free(bare);
		free(told);
	}
	buf_clear(&body);
	buf_clear(&packed);
	buf_clear(&block);
	buf_clear(&f);
	gzip_writer_free(w);
}

CASE(a_check_left_out_says_nothing)
{
	static const char *const names[] = { "digests", "ids", "dates",
		"fields", "truncation", "references", "revisits", "chunks",
		"http", "members", "framing", "trailing" };
	struct buf f = { 0 };
	uint32_t all = 0;
	char *told;

	add(&f, "response", "urn x",
	    OTHER "WARC-Date: now\r\nWARC-Truncated: bored\r\n"
		  "WARC-Concurrent-To: <urn:x:9>\r\n",
	    HTTP, strlen(HTTP));
	add(&f, "revisit", "urn:x:2", "", HEAD_ONLY, strlen(HEAD_ONLY));
	buf_add_text(&f, "junk");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t mask;
		char *with = tell_verdicts(&f, 0, 0);
		char *without;

		CHECK_INT(verify_checks_parse(names[i], &mask, NULL), 0);
		all |= mask;
		without = tell_verdicts(&f, 0, mask);
		/* No finding of the check is left, and none is new. */
		CHECK(strlen(without) <= strlen(with) ||
		      strcmp(names[i], "digests") == 0);
		for (char *p = strtok_r(without, " ", &told); p != NULL;
		     p = strtok_r(NULL, " ", &told)) {
			char *end = strchr(p, ':');
			char *code = p + strspn(p, "~!*");

			if (end == NULL)
				continue;
			*end = '\0';
			CHECK((1u << verify_check_of(code) & mask) == 0);
		}
		free(with);
		free(without);
	}
	told = tell_verdicts(&f, 0, all);
	CHECK_TEXT(told, "unproved unproved ");
	free(told);
	buf_clear(&f);
}

CASE(checks_have_names_and_codes_have_checks)
{
	struct error e = { 0 };
	uint32_t mask = 0;

	CHECK_INT(verify_checks_parse("digests,http", &mask, &e), 0);
	CHECK_INT(mask, 1u << CHECK_DIGESTS | 1u << CHECK_HTTP);
	CHECK_INT(verify_checks_parse("digets", &mask, &e), -1);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(strstr(e.text, "digests") != NULL);
	CHECK_INT(verify_checks_parse("", &mask, &e), -1);
	CHECK_INT(verify_checks_parse("http,", &mask, &e), -1);
	CHECK_INT(verify_check_of("digest-block"), CHECK_DIGESTS);
	CHECK_INT(verify_check_of("gzip-crc"), CHECK_FRAMING);
	CHECK_INT(verify_check_of("digest"), CHECK_COUNT);
	for (int c = 0; c < CHECK_COUNT; c++) {
		CHECK(verify_checks[c].name != NULL);
		CHECK(verify_checks[c].codes[0] != '\0');
	}
}

TESTS(T(revisits_are_compared_with_their_originals_in_other_files),
    T(ids_and_names_are_looked_up_across_files),
    T(rules_are_told_of_what_comes_once_as_of_a_file),
    T(a_check_left_out_says_nothing),
    T(checks_have_names_and_codes_have_checks))
