#ifndef WEB_HTML_REFERENCE_H
#define WEB_HTML_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* Character references (HTML standard, 13.2.5.72 to 13.2.5.80). */

enum {
	HTML_REFERENCE_BYTES = 8,   /* room for the longest decoded one */
	HTML_REFERENCE_RUN_MAX = 32 /* letters and digits that decide */
};

/*
 * A named reference at P, behind "&". Returns the bytes it takes (with ";"),
 * 0 when there is none; OUT gets its UTF-8.
 */
size_t html_reference_named(const uint8_t *p, size_t len, int in_attribute,
    char out[HTML_REFERENCE_BYTES], size_t *out_len);

/* The number of a numeric reference grows by one digit; it cannot wrap. */
uint32_t html_reference_digit(uint32_t number, uint8_t digit, int is_hex);
int html_reference_is_digit(uint8_t c, int is_hex);

/* UTF-8 of what a numeric reference stands for (13.2.5.80). */
size_t html_reference_number(uint32_t number, char out[HTML_REFERENCE_BYTES]);

/*
 * References, CR and NUL of an attribute value (or of text, when not
 * IN_ATTRIBUTE) resolved. TO holds 3 * LEN bytes. Returns the bytes written.
 */
size_t
html_reference_decode(char *to, const uint8_t *p, size_t len, int in_attribute);

#endif
