#ifndef ARCHIVE_RECORD_FILTER_H
#define ARCHIVE_RECORD_FILTER_H

#include <stdint.h>

struct error;
struct record_facts;

/* Which records somebody wants, by what is known of them. */

struct record_filter_options {
	/* Lists end with NULL; NULL or empty: everything. A record is wanted
	 * when each list has something that fits it. */
	const char *const *types;    /* "response", "revisit,resource" */
	const char *const *statuses; /* "200", "3xx", "200-299", commas */
	/* "image/png", "image/" followed by an asterisk, commas; in any case.
	 * Of the HTTP message, of other records their Content-Type. */
	const char *const *mimes;
	/* With an asterisk a pattern for the whole URI, each standing for any
	 * run of characters; without one the URI's beginning. */
	const char *const *urls;
	/* 4 to 14 digits or RFC 3339, shortened at will: 2026, 2026-11. TO
	 * takes in all of the year, month, day ... it names. "" or NULL. */
	const char *from, *to;
};

struct record_filter;

/* The lists are borrowed. ERROR_USAGE names what does not read. */
int record_filter_new(struct record_filter **out,
    const struct record_filter_options *o, struct error *e);
void record_filter_free(struct record_filter *f); /* NULL is fine */

/* Are there any conditions but on the type? 1 / 0. */
int record_filter_asks(const struct record_filter *f);

/* Is the type wanted? 1 / 0. */
int
record_filter_type(const struct record_filter *f, const struct record_facts *r);

/* All but the type. 1 / 0. Records that describe a file (warcinfo) fit. */
int
record_filter_fits(const struct record_filter *f, const struct record_facts *r);

/* Does one pattern of URLS fit? 1 / 0. */
int record_filter_url(const char *pattern, const char *uri);

/* A time as FROM and TO have it: its first microsecond, and its last. 1 / 0. */
int record_filter_time(const char *text, int64_t *first, int64_t *last);

#endif
