#ifndef WEB_COOKIES_H
#define WEB_COOKIES_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Cookies that the owner of a subscription exported from a browser: the
 * Netscape file (seven fields separated by tabs, "#HttpOnly_" in front of a
 * domain is fine). They are sent as RFC 6265, 5.4 says; what servers set is
 * archived and never sent back.
 */
struct cookies;

/* -1: ERROR_INPUT with the number of the line that is none, ERROR_LIMIT,
 * or as file_get. */
int cookies_open(struct cookies **out, const char *path, struct error *e);
int cookies_parse(
    struct cookies **out, const char *text, size_t len, struct error *e);

/* One more as a person writes it, "name=value; domain" (and hosts below it,
 * any path, until changed); *C NULL is made. ERROR_USAGE, *C as it was. */
int cookies_give(struct cookies **c, const char *text, struct error *e);
void cookies_free(struct cookies *c);
size_t cookies_count(const struct cookies *c);

/* Where a request goes. */
struct cookies_for {
	const char *host; /* lower case, no brackets */
	const char *path; /* begins with "/" */
	int is_https;
	int64_t now_s; /* wall, since 1970 */
};

/* "name=value; name=value" of those that belong there, appended; nothing
 * when none does. Returns how many. */
size_t cookies_add(
    const struct cookies *c, const struct cookies_for *to, struct buf *out);

#endif
