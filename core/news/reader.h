#ifndef NEWS_READER_H
#define NEWS_READER_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct json;
struct profile;
struct profile_set;

/*
 * Reading a page: a pure function of response head and payload, target URI,
 * capture time and profile. Runs inside an extract worker; tests and profile
 * tools may call it directly.
 */

struct reading_input {
	const char *url;              /* final */
	const char *requested;        /* seed URL; "" same */
	const char *const *redirects; /* hops before URL; NULL-terminated */
	int64_t captured_us;          /* WARC-Date */
	unsigned status;
	const uint8_t *response; /* head and body as on the wire */
	size_t response_len;
};

/* Part of every article; it changes with what is read out of equal pages. */
#define READER_VERSION "2"

/*
 * The result, canonical JSON, appended to OUT:
 * {"status":"ok|degraded|failed|not-article","reason":"...",
 *  "article":{...article/1...}|null, "pagestate":{...pagestate/1...}|null,
 *  "images":[{"url":..,"role":..,"required":bool}...]  (originals included)
 * }
 * 0 always, unless the profile itself is broken (-1, ERROR_USAGE).
 */
int reader_read(const struct profile *profile,
    const struct reading_input *input, struct buf *out, struct error *e);

#endif
