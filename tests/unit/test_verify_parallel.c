/* Whatever the threads and the file, what verify tells is the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define RECORDS 40

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* One record of N, as a member (WAY) or plain (WAY < 0). */
static void
add_record(struct buf *out, struct gzip_writer *w, int way, size_t n,
    const char *type, const void *block, size_t len)
{
	struct buf head = { 0 };
	struct arena *a = arena_new();
	struct record r;
	struct error e = { 0 };
	char digest[DIGEST_TEXT_MAX];
	uint64_t length;
	size_t used;

	digest_text(DIGEST_SHA256, block, len, digest);
	buf_format(&head,
	    "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: "
	    "<urn:uuid:00000000-0000-8000-8000-%012zx>\r\n"
	    "WARC-Date: 2026-11-22T08:00:%02zuZ\r\n"
	    "WARC-Target-URI: http://a.example/%zu\r\n"
	    "Content-Type: %s\r\nWARC-Block-Digest: %s\r\n",
	    type, n, n % 60, n,
	    strcmp(type, "response") == 0 ? "application/http" : "text/plain",
	    digest);
	if (n % 7 == 3) /* some names of what is there, or not */
		buf_format(&head,
		    "WARC-Concurrent-To: "
		    "<urn:uuid:00000000-0000-8000-8000-%012zx>\r\n",
		    n * 2);
	buf_format(&head, "Content-Length: %zu\r\n\r\n", len);
	CHECK_INT(record_read_head(a, &r, head.data, head.len, &used, &e), 1);
	r.block = stream_of_bytes(block, len);
	if (way < 0) {
		buf_add(out, head.data, head.len);
		buf_add(out, block, len);
		buf_add_text(out, "\r\n\r\n");
	} else
		CHECK_OK(warc_write(w, &r, way == GZIP_STORED, collect, out,
			     &length, &e),
		    &e);
	stream_free(r.block);
	buf_clear(&head);
	arena_free(a);
}

/*
 * Records that make cutting hard: stored ones that hold whole archives (each
 * of their members looks like one of the file's), the magic of gzip, lines
 * that begin records, and plain ones.
 */
static void
make_file(struct buf *out, int plain, uint32_t seed)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf block = { 0 };
	struct buf inner = { 0 };
	uint32_t x = seed;

	for (size_t i = 0; i < 6; i++)
		add_record(&inner, w, plain ? -1 : GZIP_DEFLATE, 1000 + i,
		    "resource", "an archived record", 18);
	for (size_t n = 0; n < RECORDS; n++) {
		uint32_t kind = next_random(&x) % 5;
		size_t len = next_random(&x) % 900;

		buf_reset(&block);
		if (kind == 0)
			buf_add_text(&block,
			    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			    "\r\n5\r\nhello\r\n0\r\n\r\n");
		else if (kind == 1)
			buf_add(&block, inner.data, inner.len);
		for (size_t i = 0; kind != 0 && i < len; i++)
			buf_add_byte(&block, (uint8_t)next_random(&x));
		if (kind == 2)
			buf_add(&block, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
		if (kind == 3)
			buf_add_text(&block, "\nWARC/1.1\r\nWARC-Type: x\r\n");
		add_record(out, w,
		    plain ? -1 : (kind == 0 ? GZIP_DEFLATE : GZIP_STORED),
		    n % 19 == 11 ? n - 3 : n,
		    kind == 0 ? "response" : "resource", block.data, block.len);
	}
	buf_clear(&block);
	buf_clear(&inner);
	gzip_writer_free(w);
}

/* All that is told, in order. */
static void
hear(void *context, const struct finding *f)
{
	buf_format(context, "%s %s %ju %s %s\n", severity_name(f->severity),
	    f->code, (uintmax_t)f->offset, f->record, f->text);
}

static int
keep(void *context, const struct verified_record *r)
{
	buf_format(context, "? %ju\n", (uintmax_t)r->number);
	return r->number % 3 == 0;
}

static int
hear_record(void *context, const struct verified_record *r)
{
	char digest[DIGEST_TEXT_MAX] = "";

	if (r->block != NULL)
		digest_text(DIGEST_MD5, r->block, r->block_kept, digest);
	buf_format(context, "= %ju %ju+%ju %s %s %u %s %s\n",
	    (uintmax_t)r->number, (uintmax_t)r->offset, (uintmax_t)r->length,
	    r->id, verdict_name(r->verdict), r->status, r->type, digest);
	return 0;
}

enum { EVERYTHING, ONLY_FINDINGS };

static char *
tell(const struct buf *f, unsigned threads, uint64_t piece, int how)
{
	struct buf told = { 0 };
	const struct verify_options o = {
		.keep_block = how == EVERYTHING ? keep : NULL,
		.each_record = how == EVERYTHING ? hear_record : NULL,
		.each_finding = hear,
		.context = &told,
		.threads = threads,
		.piece = piece,
		.ours = how == EVERYTHING,
	};
	struct verify_totals t = { 0 };
	struct input *in = input_of_bytes(f->data, f->len, "x.warc.gz");
	struct error e = { 0 };
	char *text;

	CHECK_OK(verify_input(in, "x.warc.gz", &o, &t, &e), &e);
	buf_format(&told, "# %ju %ju %ju: %ju %ju %ju %ju;", (uintmax_t)t.files,
	    (uintmax_t)t.records, (uintmax_t)t.block_bytes, (uintmax_t)t.notes,
	    (uintmax_t)t.warnings, (uintmax_t)t.damaged, (uintmax_t)t.changed);
	for (int i = 0; i < VERDICT_COUNT; i++)
		buf_format(&told, " %ju", (uintmax_t)t.verdicts[i]);
	input_free(in);
	text = mem_text(buf_text(&told));
	buf_clear(&told);
	return text;
}

/* Is it the same with more threads, in small pieces? */
static int
same_for_all(const struct buf *f, int how)
{
	char *one = tell(f, 1, 0, how);
	int same = 1;
	size_t at = 0;

	for (unsigned threads = 2; same && threads <= 3; threads++) {
		char *more = tell(f, threads, 700 * threads, how);

		same = strcmp(one, more) == 0;
		while (!same && one[at] == more[at])
			at++;
		if (!same)
			printf("# one thread: ...%.200s\n# %u: ...%.200s\n",
			    one + at, threads, more + at);
		free(more);
	}
	free(one);
	return same;
}

CASE(threads_tell_the_same_of_sound_files)
{
	for (int plain = 0; plain < 2; plain++)
		for (uint32_t seed = 1; seed <= 10; seed++) {
			struct buf f = { 0 };

			make_file(&f, plain, seed);
			CHECK(same_for_all(&f, EVERYTHING));
			CHECK(same_for_all(&f, ONLY_FINDINGS));
			buf_clear(&f);
		}
}

CASE(threads_tell_the_same_of_files_cut_anywhere)
{
	for (int plain = 0; plain < 2; plain++) {
		struct buf f = { 0 };
		struct buf cut = { 0 };
		int same = 1;

		make_file(&f, plain, 99);
		cut.data = f.data;
		for (size_t len = 0; same && len < f.len; len += 37) {
			cut.len = len;
			same = same_for_all(&cut, (int)(len & 1));
		}
		CHECK(same);
		buf_clear(&f);
	}
}

CASE(threads_tell_the_same_of_flipped_files)
{
	uint32_t x = 7;

	for (int plain = 0; plain < 2; plain++) {
		struct buf f = { 0 };
		int same = 1;

		make_file(&f, plain, 5);
		for (int i = 0; same && i < 250; i++) {
			size_t at[20];
			int n = i % 10 == 9 ? 20 : 1;

			for (int j = 0; j < n; j++) {
				at[j] = next_random(&x) % f.len;
				f.data[at[j]] ^= (uint8_t)(1 << (i & 7));
			}
			same = same_for_all(&f, i & 1);
			for (int j = 0; j < n; j++)
				f.data[at[j]] ^= (uint8_t)(1 << (i & 7));
		}
		CHECK(same);
		buf_clear(&f);
	}
}

/* Beyond SOURCE_REWINDS damaged places the search changes. */
CASE(threads_tell_the_same_of_files_full_of_holes)
{
	struct buf f = { 0 };

	for (int plain = 0; plain < 2; plain++) {
		buf_reset(&f);
		for (uint32_t seed = 1; seed <= 20; seed++)
			make_file(&f, plain, seed);
		for (size_t at = 50; at + 400 < f.len; at += 900)
			f.data[at] ^= 0x55;
		CHECK(same_for_all(&f, EVERYTHING));
	}
	buf_clear(&f);
}

/* One member for all, and bytes that are no record file. */
CASE(threads_tell_the_same_of_what_cannot_be_cut)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf plain = { 0 };
	struct buf nothing = { 0 };
	struct buf f = { 0 };
	uint64_t length;

	make_file(&plain, 1, 3);
	CHECK_INT(gzip_member_write(w, GZIP_DEFLATE, &plain, NULL, &nothing,
		      collect, &f, &length, NULL),
	    0);
	CHECK(same_for_all(&f, EVERYTHING));
	buf_reset(&f);
	for (int i = 0; i < 20000; i++)
		buf_add_text(&f, "junk ");
	CHECK(same_for_all(&f, EVERYTHING));
	buf_clear(&f);
	CHECK(same_for_all(&f, EVERYTHING));
	buf_clear(&plain);
	gzip_writer_free(w);
}

static int
stop_at_five(void *context, const struct verified_record *r)
{
	*(uint64_t *)context = r->number;
	return r->number == 5;
}

CASE(whoever_has_enough_is_told_no_more)
{
	struct buf f = { 0 };

	make_file(&f, 0, 4);
	for (unsigned threads = 1; threads <= 3; threads++) {
		uint64_t last = 0;
		const struct verify_options o = { .each_record = stop_at_five,
			.context = &last,
			.threads = threads,
			.piece = 500 };
		struct verify_totals t = { 0 };
		struct input *in = input_of_bytes(f.data, f.len, "x.warc.gz");

		CHECK_INT(verify_input(in, "x.warc.gz", &o, &t, NULL), 0);
		CHECK_INT(last, 5);
		CHECK_INT(t.records, 6);
		input_free(in);
	}
	buf_clear(&f);
}

TESTS(T(threads_tell_the_same_of_sound_files),
    T(threads_tell_the_same_of_files_cut_anywhere),
    T(threads_tell_the_same_of_flipped_files),
    T(threads_tell_the_same_of_files_full_of_holes),
    T(threads_tell_the_same_of_what_cannot_be_cut),
    T(whoever_has_enough_is_told_no_more))
