#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdint.h>

struct buf;
struct error;
struct fetch_options;
struct url;

/*
 * The requests we send, byte for byte (RFC 9112, 3): GET with our own few
 * fields, then the owner's.
 */
struct request_maker;

/* -1 as NULL: ERROR_USAGE (a field that cannot be sent), or as
 * cookies_open. */
struct request_maker *
request_maker_new(const struct fetch_options *o, struct error *e);
void request_maker_free(struct request_maker *m);

struct request_for {
	const struct url *url;
	const char *referer;           /* "" none */
	const char *accept;            /* "" anything */
	const char *if_none_match;     /* "" none */
	const char *if_modified_since; /* "" none */
	int is_foreign;                /* secrets of the owner are not for it */
	int64_t now_s;                 /* wall, for cookies that expire */
};

/* VALUE can be sent as the value of a field: no byte in it could end a line,
 * and it is not longer than LIMIT_FIELD_SENT. */
int request_can_send(const char *value);

/* Is ETAG one entity tag, as received (RFC 9110, 8.8.3)? A list or "*" in
 * If-None-Match would ask about other versions than ours. */
int request_is_one_tag(const char *etag);

/*
 * WIRE is what is sent. STORED is what is kept: the same, but the values of
 * Cookie, Authorization, Proxy-Authorization and of the fields to be masked
 * are replaced by "<redacted>"; MASKED names those, blank separated. All
 * three are appended to.
 */
void request_make(const struct request_maker *m, const struct request_for *r,
    struct buf *wire, struct buf *stored, struct buf *masked);

#endif
