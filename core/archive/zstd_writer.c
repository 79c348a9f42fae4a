/* Zstandard frames written, one per record. */
#include "core/archive/zstd_writer.h"

#include <stdlib.h>
#include <zstd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define ZSTD_WRITER_LEVEL 6
#define ZSTD_WRITER_OUT   ((size_t)128 * 1024)

struct zstd_writer {
	ZSTD_CCtx *z;
	uint8_t out[ZSTD_WRITER_OUT];
	/* of the frame being written */
	int (*each)(
	    void *context, const uint8_t *p, size_t len, struct error *e);
	void *context;
};

struct zstd_writer *
zstd_writer_new(void)
{
	struct zstd_writer *w = mem_zero(1, sizeof(*w));

	w->z = ZSTD_createCCtx();
	if (w->z == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(
		w->z, ZSTD_c_compressionLevel, ZSTD_WRITER_LEVEL)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(w->z, ZSTD_c_checksumFlag, 1)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(w->z, ZSTD_c_contentSizeFlag, 1)))
		abort(); /* as mem_*: no memory, no program */
	return w;
}

void
zstd_writer_free(struct zstd_writer *w)
{
	if (w == NULL)
		return;
	(void)ZSTD_freeCCtx(w->z); /* the state goes away */
	free(w);
}

static int
compress(struct zstd_writer *w, const uint8_t *p, size_t len,
    ZSTD_EndDirective how, struct error *e)
{
	ZSTD_inBuffer in = { .src = p, .size = len };
	size_t left;

	do {
		ZSTD_outBuffer out = { .dst = w->out, .size = ZSTD_WRITER_OUT };

		left = ZSTD_compressStream2(w->z, &out, &in, how);
		if (ZSTD_isError(left))
			return error_set(e, ERROR_INPUT, "zstd: %s",
			    ZSTD_getErrorName(left));
		if (out.pos > 0 && w->each(w->context, w->out, out.pos, e) != 0)
			return -1;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

int
zstd_frame_write(struct zstd_writer *w, uint64_t size,
    const struct zstd_parts *parts,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	w->each = each;
	w->context = context;
	(void)ZSTD_CCtx_reset(w->z, ZSTD_reset_session_only); /* cannot fail */
	if (ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(w->z, size)))
		return error_set(e, ERROR_INPUT, "zstd: size is refused");
	if (compress(w, parts->head->data, parts->head->len, ZSTD_e_continue,
		e) != 0)
		return -1;
	while ((more = stream_next(parts->body, &p, &len, e)) > 0)
		if (compress(w, p, len, ZSTD_e_continue, e) != 0)
			return -1;
	if (more < 0)
		return -1;
	return compress(w, parts->tail->data, parts->tail->len, ZSTD_e_end, e);
}

int
zstd_frame_begin(struct zstd_writer *w,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, struct error *e)
{
	w->each = each;
	w->context = context;
	/* Reset this way it forgets the size that was announced, too. */
	if (ZSTD_isError(ZSTD_CCtx_reset(w->z, ZSTD_reset_session_only)))
		return error_set(e, ERROR_INPUT, "zstd: no new frame");
	return 0;
}

int
zstd_frame_add(
    struct zstd_writer *w, const void *p, size_t len, struct error *e)
{
	return compress(w, p, len, ZSTD_e_continue, e);
}

int
zstd_frame_end(struct zstd_writer *w, struct error *e)
{
	return compress(w, NULL, 0, ZSTD_e_end, e);
}
