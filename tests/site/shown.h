#ifndef TESTS_SITE_SHOWN_H
#define TESTS_SITE_SHOWN_H

#include <stddef.h>
#include <stdint.h>

#include "tests/site/scenario.h"

struct arena;

/* An article as the site shows it at one moment, by its scenario alone. */

enum { SHOWN_BLOCKS_MAX = 64, SHOWN_PICTURES_MAX = 32, SHOWN_TAGS_MAX = 8 };

struct shown_block {
	char kind; /* 'p', '3' heading */
	const char *text;
};

struct shown_picture {
	const char *path; /* "/archive/image/Y/M/D/UUID.jpg" */
	const char *alt, *caption;
	unsigned revision; /* v= */
	unsigned salt;     /* the same address, other bytes */
};

struct shown {
	const struct life *life;
	const struct happening *published_by;
	const char *edition;               /* "en" "ar" "es" */
	const char *section, *slug, *path; /* PATH as an IRI: "/section/slug" */
	const char *first_path;
	const char *headline, *json_title, *dek, *author, *source, *post;
	const char *kind; /* "article", "tweet", ... */
	struct shown_block blocks[SHOWN_BLOCKS_MAX];
	size_t block_count;
	struct shown_picture pictures[SHOWN_PICTURES_MAX];
	size_t picture_count;
	const char *tags[SHOWN_TAGS_MAX];
	size_t tag_count;
	int64_t published, modified, changed; /* CHANGED: its bytes, silently or
	    not */
	unsigned version;                     /* of its bytes, from 1 */
	const char *gone;                     /* how; NULL: it is there */
};

/* The article of L at NOW. 0: not published yet. */
int
shown_at(struct shown *out, struct arena *a, const struct life *l, int64_t now);

/* english.almayadeen.net and so on. */
const char *edition_host(const char *edition);
const char *edition_media(const char *edition);
const char *edition_of_host(const char *host); /* NULL: none's */

/* The core hash by NT1 (hex), from headline, dek and blocks. Lives in A. */
const char *shown_core(struct arena *a, const struct shown *s);

/* Minutes east of UTC that the site prints at NOW. */
int site_offset_minutes(int64_t now);

#endif
