#ifndef WEB_URL_HOST_H
#define WEB_URL_HOST_H

#include <stddef.h>

struct buf;
struct error;

/* The host part of a URL (WHATWG URL, 3.5); used by url.c and SURT keys. */

/* S, as it stands in a URL, parsed and appended serialized: a lower-case
 * ASCII domain, dotted IPv4, "[...]" or, where the scheme is not special, an
 * opaque host. Nothing is appended on failure. */
int url_host_add(struct buf *out, const char *s, size_t len, int is_special,
    struct error *e);

/* A domain without escapes as lower-case ASCII (UTS 46, non-transitional),
 * appended. 1 / 0 when it is not a domain; nothing is appended then. */
int url_host_add_ascii(struct buf *out, const char *s, size_t len);

/* The number of 1 to 4 parts that S is: 192.168.1.1, 0xC0.168.257, 3232235777.
 * 1 / 0 when it is not an IPv4 address in any of these forms. */
int url_host_ipv4(const char *s, size_t len, unsigned *address);

#endif
