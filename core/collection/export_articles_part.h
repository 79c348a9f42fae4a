#ifndef COLLECTION_EXPORT_ARTICLES_PART_H
#define COLLECTION_EXPORT_ARTICLES_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/digest.h"
#include "core/collection/article_store.h"
#include "core/collection/export_part.h"

struct arena;
struct buf;
struct found;
struct index_view;
struct json;
struct sorter;
struct spool;
struct withdrawn;

/* Shared by the files export_articles*.c. */

struct articles {
	struct export_run run;
	struct package_writer *to; /* NULL: nothing is written */
	char *folder;              /* "" or "name/" */
	struct digester *digester;
	struct spool *manifest; /* lines of manifest-sha256.txt */
	struct spool *lines;    /* articles.jsonl of all snapshots, joined */
	struct sorter *found;   /* by article and time: places in LINES */
	struct sorter *ordered; /* by folder: the same */
	struct sorter *listed;  /* the latest first: items of index.html */
	struct spool *places;   /* by record id, where it lies */
	struct withdrawn *withdrawn;
	struct index_view *index; /* NULL: nobody asked yet */
	uint64_t count;           /* of articles */
	char *manifest_of; /* the snapshot whose manifest was digested last */
	char manifest_hex[DIGEST_SHA256_HEX + 1];
};

/* A picture as it lies in the folder. */
struct shown_image {
	const struct json *image; /* of the article */
	const char *file;         /* "images/01-x.jpg"; "" it is not there */
};

/* One article on its way out; texts live in ARENA. */
struct shown {
	struct arena *arena;
	struct stored_article stored;
	const char *line; /* the derived block */
	size_t line_len;
	const char *folder; /* its name, below articles/ */
	struct shown_image *images;
	size_t image_count;
	struct json *provenance;
};

/* One derived block: where it stands in LINES, and in which file of the
 * plan. */
struct capture {
	uint64_t offset;
	uint32_t len, file;
};
enum { CAPTURE_BYTES = 16 };
struct capture articles_capture(const uint8_t *p);
void articles_add_be(struct buf *out, uint64_t value, unsigned bytes);

/* Each line of a listing of the plan, NUL-terminated, to be changed at will. */
struct articles_reading {
	struct articles *articles;
	int (*each)(const struct articles_reading *r, struct arena *a,
	    char *line, size_t len, struct error *e);
	const char *name; /* of the listing */
	size_t line_most;
	size_t file;           /* its number in the plan */
	struct sorter *sorter; /* of EACH */
};
int articles_read(const struct articles_reading *r, const struct export_file *f,
    struct error *e);

/* All that the plan has into FOUND, then into ORDERED: the folder's name and
 * "/", NUL, the captures of one article, the latest first. */
int articles_find(struct articles *x, struct error *e);
int articles_order(struct articles *x, struct error *e);

/* The derived block of C, into S. */
int articles_load(struct articles *x, const struct capture *c, struct shown *s,
    struct error *e);

/* An entry of ORDERED: its folder, and its item into LISTED. */
int articles_put_one(
    struct articles *x, const uint8_t *entry, size_t len, struct error *e);

/* Where records of the plan's snapshots lie, once for all of them; then of one
 * of them, 1 / 0 it is none of theirs / -1. Texts live in A. */
int articles_places(struct articles *x, struct error *e);
int articles_place(struct articles *x, struct arena *a, const char *id,
    struct found *out, struct error *e);

/* NAME below the package's folder; HEX gets its SHA-256. */
int articles_put(struct articles *x, const char *name, struct stream *bytes,
    uint64_t size, char hex[DIGEST_SHA256_HEX + 1], struct error *e);
int articles_put_text(struct articles *x, const char *name,
    const struct buf *text, struct error *e);

/* The folder's name: date, words of the headline, article id; NUL-terminated
 * in A. */
const char *articles_folder(struct arena *a, const struct stored_article *s);

/* Words of TEXT for a file name, at most LIMIT bytes of UTF-8, appended. */
void articles_slug(struct buf *out, const char *text, size_t limit);

/* Pictures into images/, the captured page as page.html; what they are goes
 * into S->IMAGES and S->PROVENANCE. One that cannot be had is said there. */
int articles_put_images(struct articles *x, struct shown *s, struct error *e);
int articles_put_page(struct articles *x, struct shown *s, struct error *e);

/* SHA-256 of the manifest of a snapshot (a path below the collection). */
const char *
articles_manifest(struct articles *x, const char *snapshot, struct error *e);

/* Pages, appended: foreign text escaped, nothing of it is markup. */
void articles_page(struct buf *out, const struct shown *s);
void articles_item(struct buf *out, const struct shown *s);
void articles_index_head(struct buf *out, const struct articles *x);
void articles_index_end(struct buf *out);

#endif
