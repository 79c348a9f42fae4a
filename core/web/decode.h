#ifndef WEB_DECODE_H
#define WEB_DECODE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Content codings removed: gzip, x-gzip, deflate (zlib or raw), br, zstd,
 * identity, at most LIMIT_CODINGS of them. Pages are decoded in a worker only;
 * the verifier, which has no network and writes nothing, asks here whether a
 * digest that fails otherwise is that of the decoded content. ENCODING is the
 * field's value ("" none). Output at most LIMIT bytes and LIMIT_DECODED_RATIO
 * times the input once LIMIT_DECODED_FREE is passed.
 * 0: OUT holds it all. -1: ERROR_INPUT (broken; OUT holds what could be
 * decoded before), ERROR_LIMIT (OUT holds that much).
 */
int decode_content(const char *encoding, const uint8_t *p, size_t len,
    size_t limit, struct buf *out, struct error *e);

/* Media type by the first bytes (standards.md 12.5): "image/jpeg" ...;
 * "application/octet-stream" when nothing matched. P is decoded content. */
const char *decode_sniff(const uint8_t *p, size_t len);

/* Width and height of PNG, JPEG, GIF, WebP. 1 / 0. */
int decode_image_size(
    const uint8_t *p, size_t len, unsigned *width, unsigned *height);

#endif
