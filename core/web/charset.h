#ifndef WEB_CHARSET_H
#define WEB_CHARSET_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Character sets by the WHATWG Encoding standard: labels, BOM, meta prescan
 * (first 1,024 bytes, then later meta elements), guess by uchardet. Single-byte sets by tables of our
 * own or iconv; the multi-byte ones by iconv.
 */

/* The canonical name ("windows-1252") of a label; NULL when unknown. */
const char *charset_name(const char *label, size_t len);

/* Which charset P is in; *SOURCE is "bom" "header" "meta" "guess" or
 * "default". */
const char *charset_find(
    const uint8_t *p, size_t len, const char *header, const char **source);

/* P in charset NAME to UTF-8, appended; what cannot be read is U+FFFD, whose
 * number is returned. A BOM is dropped. */
size_t
charset_decode(const char *name, const uint8_t *p, size_t len, struct buf *out);

/* Open every descriptor that decoding may need: glibc cannot open one under
 * the sandbox. Called once by the zygote. */
void charset_prepare(void);

#endif
