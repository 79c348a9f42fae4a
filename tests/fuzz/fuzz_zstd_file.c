/*
 * zstd files with a dictionary frame: 'F', the file as it is; else the rest is
 * one, told apart by the first byte: 'D' a dictionary as it is, 'C' one in a
 * frame, each before frames that were made with it, and some bytes changed.
 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/archive/members.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int
any(const uint8_t *p, size_t len)
{
	(void)p;
	return len > 0;
}

static void
read_all(struct input *in)
{
	struct members *m = zstd_members_new(in);
	struct stream *bytes;
	uint8_t first[64];
	int more = 1;

	for (int i = 0; i < 200 && more != 0; i++) {
		uint64_t before = m->offset(m);

		if (i % 3 == 0)
			(void)m->peek(m, first, sizeof(first));
		more = m->next(m, &bytes, NULL);
		if (more > 0 && i % 2 == 0)
			more = stream_skip(bytes, NULL, NULL) == 0 ? 1 : -1;
		if (more < 0) {
			uint64_t from = m->start + 1;
			uint64_t end;

			if (m->expected_end(m, m->start, &end) &&
			    end <= m->start)
				abort();
			if (!m->resync(m, from, any))
				break;
			if (m->offset(m) < from)
				abort();
		} else if (m->start < before)
			abort();
	}
	members_free(m);
}

static void
add_skippable(struct buf *out, const void *p, size_t len)
{
	const uint8_t head[8] = { 0x5d, 0x2a, 0x4d, 0x18, (uint8_t)len,
		(uint8_t)(len >> 8), 0, 0 };

	buf_add(out, head, sizeof(head));
	buf_add(out, p, len);
}

/* P..LEN: two bytes of place, one of change, then a dictionary's bytes. */
static void
make_file(struct buf *out, const uint8_t *p, size_t len, int is_packed)
{
	uint8_t packed[4096];
	size_t bound = 4096;
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t at = p[0] * 256u + p[1];
	uint8_t change = p[2];
	size_t n;

	p += 3;
	len = len - 3 > 2000 ? 2000 : len - 3;
	n = ZSTD_compress(packed, sizeof(packed), p, len, 1);
	add_skippable(out, is_packed ? packed : p,
	    is_packed && !ZSTD_isError(n) ? n : len);
	(void)ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_loadDictionary(c, p, len); /* or it is none */
	for (int i = 0; i < 3; i++) {
		n = ZSTD_compress2(c, buf_room(out, bound), bound,
		    p + len / 4 * (size_t)i, len / 4);
		if (!ZSTD_isError(n))
			out->len += n;
	}
	(void)ZSTD_freeCCtx(c);
	out->data[at % out->len] ^= change;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct buf file = { 0 };
	struct input *in;
	uint8_t first[100];

	if (len < 5)
		return 0;
	if (p[0] == 'F')
		buf_add(&file, p + 1, len - 1);
	else
		make_file(&file, p + 1, len - 1, p[0] == 'C');
	(void)zstd_peek(file.data, file.len, first, sizeof(first));
	in = input_of_bytes(file.data, file.len, "fuzz");
	read_all(in);
	input_free(in);
	buf_clear(&file);
	return 0;
}
