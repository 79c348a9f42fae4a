#ifndef COLLECTION_IMPORT_LAYOUT_H
#define COLLECTION_IMPORT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Which URLs the files of a folder are, by the ways in which programs lay out
 * what they fetched. Names and logs are foreign text: what is no URL in the
 * end is refused.
 */

enum import_layout {
	LAYOUT_NONE,
	LAYOUT_FILES,  /* below a URL that is given */
	LAYOUT_WGET,   /* HOST[:PORT]/PATH?QUERY, index.html for a folder */
	LAYOUT_HTTRACK /* hts-cache/new.txt tells */
};

const char *import_layout_name(enum import_layout l);

/* Where the URLs begin. */
struct import_base {
	const char *url;    /* of the folder itself, with "/" at the end, or of
			     * files of LAYOUT_FILES; "" none */
	const char *scheme; /* "http" or "https"; "" by the host: https, but
			     * http for other ports, addresses and localhost */
};

/*
 * The URL of the file at PATH, relative and plain, appended. What a path
 * cannot tell is as the program usually wrote it: index.html stands for its
 * folder in LAYOUT_WGET alone. ERROR_INPUT: no URL.
 */
int import_layout_url(enum import_layout l, const struct import_base *base,
    const char *path, struct buf *url, struct error *e);

/* URL as the URL standard spells it, in its place. ERROR_INPUT: none of http or
 * https. */
int import_layout_normalize(struct buf *url, struct error *e);

/* Is NAME what a mirror's folder of a host is called ("example.org",
 * "example.org:8080", "localhost")? 1 / 0. */
int import_is_host(const char *name, size_t len);

/* A line of hts-cache/new.txt. Texts lie in LINE, which is cut up. */
struct httrack_line {
	const char *time; /* "20:40:29", of an unknown zone */
	const char *flags, *status, *message, *type;
	const char *validator; /* "etag:..." or "date:..." */
	const char *url;       /* with scheme */
	const char *file;      /* as the program opened it */
	const char *from;
	int seconds; /* of the day */
};

/* 1; 0: another kind of line. */
int httrack_line_read(char *line, struct httrack_line *out);

/* The time at which hts-log.txt says that the mirror began, taken for UTC.
 * 1 / 0. */
int httrack_began(const char *log, int64_t *us);

/* "image/png" for "a/b.png"; NULL: nothing known. */
const char *import_type_of_name(const char *name);

#endif
