#ifndef TESTS_DAMAGE_FIXTURE_H
#define TESTS_DAMAGE_FIXTURE_H

/* A small record file to be damaged, and what the verifier says of it. */

#include <zlib.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "tests/test.h"

enum { RECORDS = 60, CONTENT_MAX = 256 * 1024 };

/* ---- the file ---- */

struct sample {
	struct buf bytes;
	size_t starts[RECORDS + 1]; /* of the members, and the end */
	struct buf content;         /* of all members, inflated */
};

static inline int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static inline uint64_t
next_random(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* The block of record NUMBER, and where its payload begins; 0: none. */
static inline size_t
make_block(struct buf *b, unsigned number)
{
	uint64_t x = number;
	size_t head = 0;

	if (number == 0) {
		buf_add_text(b, "software: test\r\n"
				"format: WARC File Format 1.1\r\n");
	} else if (number % 3 == 2) {
		buf_format(b,
		    "GET /%u HTTP/1.1\r\nHost: example.org\r\n"
		    "User-Agent: x\r\n\r\n",
		    number - 1);
	} else {
		int is_text = number % 2;

		buf_format(b,
		    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
		    "Content-Length: %u\r\n\r\n",
		    is_text ? "text/html" : "image/png", 120 + number);
		head = b->len;
		while (b->len < head + 120 + number)
			buf_add_byte(b,
			    is_text ? (uint8_t) "abcdefg <"[next_random(&x) % 9]
				    : (uint8_t)next_random(&x));
	}
	return head;
}

/* A record that was written with other digests than its own; NULL: own. */
struct lie {
	unsigned number;
	const char *block_digest, *payload_digest;
};

/* Record NUMBER behind the others: a warcinfo, then responses, requests and,
 * in stored blocks, pictures. */
static inline void
add_record(struct sample *s, struct gzip_writer *w, unsigned number,
    const struct lie *lie)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct buf block = { 0 };
	size_t head = make_block(&block, number);
	char text[DIGEST_TEXT_MAX];
	struct error e = { 0 };
	uint64_t length;
	int lies = lie != NULL && lie->number == number;

	record_add(a, &r, "WARC-Type",
	    number == 0       ? "warcinfo"
	    : number % 3 == 2 ? "request"
			      : "response");
	record_add(a, &r, "WARC-Record-ID",
	    arena_format(
		a, "<urn:uuid:00000000-0000-8000-8000-%012x>", number));
	record_add(a, &r, "WARC-Date", "2026-11-22T08:00:00Z");
	if (number > 0)
		record_add(a, &r, "WARC-Target-URI",
		    arena_format(a, "http://example.org/%u",
			number % 3 == 2 ? number - 1 : number));
	record_add(a, &r, "Content-Type",
	    number == 0       ? "application/warc-fields"
	    : number % 3 == 2 ? "application/http;msgtype=request"
			      : "application/http;msgtype=response");
	digest_text(DIGEST_SHA256, block.data, block.len, text);
	record_add(a, &r, "WARC-Block-Digest",
	    lies && lie->block_digest != NULL ? lie->block_digest : text);
	digest_text(DIGEST_SHA256, block.data + head, block.len - head, text);
	if (head > 0)
		record_add(a, &r, "WARC-Payload-Digest",
		    lies && lie->payload_digest != NULL ? lie->payload_digest
							: text);
	record_add(a, &r, "Content-Length", arena_format(a, "%zu", block.len));
	r.block_len = block.len;
	r.block = stream_of_bytes(block.data, block.len);
	s->starts[number] = s->bytes.len;
	CHECK_OK(warc_write(w, &r, head > 0 && number % 2 == 0, collect,
		     &s->bytes, &length, &e),
	    &e);
	stream_free(r.block);
	buf_clear(&block);
	arena_free(a);
}

/* The members of P..LEN inflated by zlib behind each other. 1; 0, it objects
 * to something. */
static inline int
inflate_all(const struct buf *bytes, struct buf *out)
{
	z_stream z = { 0 };
	int ok = 1;
	int rc;

	buf_reset(out);
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	z.next_in = bytes->data;
	z.avail_in = (uInt)bytes->len;
	while (ok && z.avail_in > 0) {
		uint8_t *room = buf_room(out, CONTENT_MAX);

		z.next_out = room;
		z.avail_out = CONTENT_MAX;
		rc = inflate(&z, Z_FINISH);
		out->len += CONTENT_MAX - z.avail_out;
		ok = rc == Z_STREAM_END && out->len < CONTENT_MAX &&
		     inflateReset(&z) == Z_OK;
	}
	(void)inflateEnd(&z);
	return ok;
}

static inline void
sample_make(struct sample *s, const struct lie *lie)
{
	struct gzip_writer *w = gzip_writer_new();

	*s = (struct sample){ .bytes = { 0 } };
	for (unsigned i = 0; i < RECORDS; i++)
		add_record(s, w, i, lie);
	s->starts[RECORDS] = s->bytes.len;
	CHECK(inflate_all(&s->bytes, &s->content));
	gzip_writer_free(w);
}

static inline void
sample_clear(struct sample *s)
{
	buf_clear(&s->bytes);
	buf_clear(&s->content);
}

/* ---- what the verifier says ---- */

struct seen {
	uint64_t findings, wrong_name;
	char code[32]; /* of the first */
	char record[80];
	uint64_t offset;
	enum severity severity;
};

static inline void
see(void *context, const struct finding *f)
{
	struct seen *s = context;

	if (f->severity < SEVERITY_WARNING)
		return;
	s->wrong_name += strcmp(f->file, "the-file.warc.gz") != 0;
	if (f->severity < SEVERITY_DAMAGE || s->findings++ > 0)
		return;
	(void)snprintf(s->code, sizeof(s->code), "%s", f->code);
	(void)snprintf(s->record, sizeof(s->record), "%s", f->record);
	s->offset = f->offset;
	s->severity = f->severity;
}

/* Is there something wrong with P..LEN? */
static inline struct seen
look(const uint8_t *p, size_t len, struct verify_totals *totals)
{
	struct input *in = input_of_bytes(p, len, "the-file.warc.gz");
	struct seen s = { .code = "" };
	const struct verify_options o = {
		.each_finding = see, .context = &s, .threads = 1
	};
	struct error e = { 0 };

	*totals = (struct verify_totals){ 0 };
	CHECK_OK(verify_input(in, "the-file.warc.gz", &o, totals, &e), &e);
	CHECK_INT(s.wrong_name, 0);
	CHECK_INT(s.findings, totals->damaged + totals->changed);
	input_free(in);
	return s;
}

static inline size_t
member_at(const struct sample *s, size_t at)
{
	size_t i = 0;

	while (s->starts[i + 1] <= at)
		i++;
	return i;
}

#endif
