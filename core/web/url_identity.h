#ifndef WEB_URL_IDENTITY_H
#define WEB_URL_IDENTITY_H

struct buf;

/*
 * Which spellings of a URL are one target. What is fetched and recorded stays
 * as it was found; whoever asks "was it seen before" (the queue, the frontier
 * of a run, the watch over articles) compares this form, and nothing else
 * decides it.
 *
 * TEXT is a URL as url_parse serializes it: scheme and host in lower case,
 * bytes above ASCII escaped, dot segments gone. On top of that escapes are in
 * upper case, those of unreserved characters undone (RFC 3986, 6.2.2.1 and
 * 6.2.2.2), and there is no fragment. Nothing is decoded further: texts that
 * are equal only to Unicode (NFC and NFD) stay two. Appended to OUT.
 */
void url_add_identity(struct buf *out, const char *text);

/* The same with escapes in lower case, as many pages print them. */
void url_add_identity_lower(struct buf *out, const char *text);

/* Are two serialized URLs one target? 1 / 0. */
int url_is_same(const char *a, const char *b);

#endif
