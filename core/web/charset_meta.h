#ifndef WEB_CHARSET_META_H
#define WEB_CHARSET_META_H

#include <stddef.h>
#include <stdint.h>

/*
 * The charset that a page declares of itself: HTML standard, 13.2.3.2,
 * "prescan a byte stream to determine its encoding", over the first
 * CHARSET_META_BYTES; then what a tree builder would meet later and change
 * the encoding for (13.2.3.5), within CHARSET_LATE_BYTES. The canonical name,
 * or NULL.
 */
enum { CHARSET_META_BYTES = 1024, CHARSET_LATE_BYTES = 256 * 1024 };

const char *charset_meta(const uint8_t *p, size_t len);

#endif
