/*
 * Record files of every kind, walked. The first byte says how the rest is
 * packed before it is read: 'P' plainly, 'G' deflated, 'S' stored, 'Z' zstd, as
 * members of records that end at "\xff"; then up to four bits flip. 'R' reads
 * the bytes as they are. What is read once must be what is read at random.
 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static void
add_member(struct buf *out, const uint8_t *p, size_t len, uint8_t how)
{
	struct gzip_writer *w;
	struct buf content = { 0 };
	struct buf none = { 0 };
	uint64_t length;

	if (how == 'Z') {
		size_t bound = ZSTD_compressBound(len);

		out->len += ZSTD_compress(
		    buf_room(out, bound), bound, p, len, 1);
		return;
	}
	w = gzip_writer_new();
	buf_add(&content, p, len);
	if (gzip_member_write(w, how == 'S' ? GZIP_STORED : GZIP_DEFLATE,
		&content, NULL, &none, collect, out, &length, NULL) != 0)
		abort();
	gzip_writer_free(w);
	buf_clear(&content);
}

/* The file that an input stands for. */
static void
make_file(struct buf *out, const uint8_t *p, size_t len)
{
	uint8_t how = p[0];
	uint8_t flips[8] = { 0 };
	const uint8_t *end;

	p++;
	len--;
	if (len >= 8 && (how == 'G' || how == 'S' || how == 'Z')) {
		memcpy(flips, p, 8);
		p += 8;
		len -= 8;
	}
	if (how != 'G' && how != 'S' && how != 'Z') {
		buf_add(out, p, len);
		return;
	}
	for (; len > 0; len -= (size_t)(end - p), p = end) {
		size_t n;

		end = memchr(p, 0xff, len);
		n = end == NULL ? len : (size_t)(end - p);
		end = end == NULL ? p + len : end + 1;
		add_member(out, p, n, how);
	}
	for (int i = 0; i < 8 && out->len > 0; i += 2)
		if (flips[i] != 0)
			out->data[(flips[i] * 256u + flips[i + 1]) %
				  out->len] ^= (uint8_t)(1u << flips[i] % 8);
}

/* All there is, as numbers that two readings can be compared by. */
static uint64_t
walk(struct input *in, int skips)
{
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct record r;
	struct place where;
	uint64_t sum = 0;
	uint64_t last = 0;
	int calls = 0;
	int more = source_open_input(&s, in, NULL) == 0;

	while (more != 0) {
		if (++calls > 100000)
			abort(); /* it does not come forward */
		more = source_next(s, a, &r, &where, NULL);
		if (more == 0)
			break;
		if (where.offset < last)
			abort();
		last = where.offset;
		if (more > 0 && !(skips && calls % 2))
			(void)stream_skip(r.block, NULL, NULL); /* or broken */
		if (more > 0 && source_finish(s, &where, NULL) != 0 &&
		    where.code == NULL)
			abort();
		sum = sum * 31 + where.offset * 7 + where.length +
		      (uint64_t)(where.damaged + more + 2);
		arena_reset(a);
	}
	source_free(s);
	arena_free(a);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct buf file = { 0 };
	struct input *in;
	uint64_t sums[2];

	if (len == 0)
		return 0;
	make_file(&file, p, len);
	in = input_of_bytes(buf_text(&file), file.len, "x.warc");
	sums[0] = walk(in, 0);
	if (walk(in, 1) != sums[0])
		abort();
	input_free(in);
	in = input_of_stream(
	    stream_of_bytes(buf_text(&file), file.len), "x.warc");
	sums[1] = walk(in, 0);
	input_free(in);
	/* Only what is random is looked into ahead after damage in a member. */
	if (p[0] == 'P' && sums[0] != sums[1])
		abort();
	buf_clear(&file);
	return 0;
}
