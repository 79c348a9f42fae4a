#ifndef WEB_URL_H
#define WEB_URL_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Absolute URLs by the rules of the WHATWG URL standard. What we keep is the
 * serialization: pure ASCII, NUL-terminated. Components are offsets into it.
 */

enum { URL_NO_PORT = -1 };

struct url {
	char *text; /* serialization including "#fragment" if there was one */
	uint32_t len;
	uint32_t scheme_len;           /* without ":" */
	uint32_t user_start, user_len; /* userinfo without "@"; 0 none */
	uint32_t host_start, host_len; /* "[...]" for IPv6 */
	int port; /* as printed; URL_NO_PORT for the default */
	uint32_t path_start, path_len;
	uint32_t query_start, query_len;       /* after "?"; start 0: none */
	uint32_t fragment_start, fragment_len; /* after "#"; start 0: none */
	int is_special; /* http, https, ws, wss, ftp, file */
};

/* S resolved against BASE (NULL: must be absolute). *URL is set on success
 * and must be cleared; untouched on failure (ERROR_INPUT with the reason). */
int url_parse(struct url *url, const char *s, size_t len,
    const struct url *base, struct error *e);
int url_copy(struct url *to, const struct url *from);
void url_clear(struct url *url);

/* A scheme in any case, without ":": 1 and its usual port (URL_NO_PORT for
 * "file") when the standard calls it special; 0 and *PORT left as it is when
 * not. PORT may be NULL. */
int url_scheme_is_special(const char *s, size_t len, int *port);

/* Cut "#fragment" off. */
void url_drop_fragment(struct url *url);

/* http or https with a host. */
int url_is_http(const struct url *url);
int url_is_https(const struct url *url);

/* The port to connect to: the printed one or the scheme's. */
int url_port(const struct url *url);

/* Host without "[" "]"; copied into OUT. 1 / 0 when it does not fit. */
int url_host(const struct url *url, char *out, size_t cap);

/* "scheme://host[:port]", appended. */
void url_add_origin(struct buf *out, const struct url *url);

/* Path and query as they go into the request line, appended. */
void url_add_request_target(struct buf *out, const struct url *url);

/* Bytes that are not unreserved become %XX (for urn:holdfast:article:...). */
void url_add_percent_encoded(struct buf *out, const char *s, size_t len);

/* Controls, everything from DEL on and the ASCII bytes in SET become %XX;
 * the rest is appended as it is ("%" only when SET has it). */
void
url_add_escaped(struct buf *out, const char *s, size_t len, const char *set);

/* Without the controls and spaces at both ends, and without any TAB, LF and CR
 * (WHATWG URL, "basic URL parser"). */
void url_add_stripped(struct buf *out, const char *s, size_t len);

/* %XX become bytes, once; "%" before anything else stays. */
void url_add_percent_decoded(struct buf *out, const char *s, size_t len);

/* RFC 3986, 2.3: letters, digits, "-", ".", "_" and "~". */
int url_is_unreserved(int c);

#endif
