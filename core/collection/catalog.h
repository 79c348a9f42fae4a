#ifndef COLLECTION_CATALOG_H
#define COLLECTION_CATALOG_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct collection;
struct error;
struct file_names;

/*
 * state/catalog.sqlite: where every record lies by its id, and those of
 * responses by the SHA-256 of their payloads; which articles there are; how
 * every page that was wanted ended. Written when a snapshot is sealed, from the journal, or rebuilt
 * from the snapshots' files to equal content. Nothing depends on it: without
 * it, or for snapshots it does not hold, files are searched.
 */

/* Add a snapshot just sealed (path below the collection), in one transaction;
 * once. One of an older version is made anew of all snapshots; one of a newer
 * version, or one that does not read, is begun anew. */
int catalog_add(struct collection *c, const char *snapshot, struct error *e);

/* Make it anew. */
int catalog_rebuild(struct collection *c, struct error *e);

struct catalog;

/* To read. 1; 0, there is none that can be used. */
int catalog_open(struct catalog **out, const struct collection *c);
void catalog_close(struct catalog *k); /* NULL is fine */

/* How many snapshots it holds, and the one sealed last of them (path below the
 * collection, to be freed; NULL there is none). */
uint64_t catalog_count(struct catalog *k);
char *catalog_last(struct catalog *k);

/* Does it hold as many as are sealed? 1 / 0. */
int catalog_is_whole(struct catalog *k, const struct collection *c);

/* Files in all of them, by their manifests, those counted in. */
uint64_t catalog_files(struct catalog *k);

/* The snapshots that hold an article known by KEY: an address of it, its id,
 * the id of its page's record. In order of paths. */
int catalog_known(struct catalog *k, const char *key, struct file_names *out,
    struct error *e);

/* Does it hold all of SNAPSHOT? 1 / 0. */
int catalog_has(struct catalog *k, const char *snapshot);

struct catalog_record {
	const char *id;       /* "urn:uuid:..." */
	const char *snapshot; /* path below the collection */
	const char *file;     /* below the collection */
	const char *type, *uri, *date;
	uint64_t offset, length;
};

/* The records whose ids begin with these hex digits (lower case, without
 * dashes), at most LIMIT. Texts live in A. -1: it does not read. */
int catalog_find_record(struct catalog *k, struct arena *a, const char *digits,
    size_t limit, struct catalog_record **out, size_t *count, struct error *e);

/* The responses whose payload has that digest ("sha256:..."), newest first;
 * the same. The front of the digest decides: look at the record. */
int catalog_find_payload(struct catalog *k, struct arena *a, const char *digest,
    size_t limit, struct catalog_record **out, size_t *count, struct error *e);

/* How the page at URL (after redirects) ended when it was wanted last: 1, it
 * is complete; 0, it is not, or failed; -1, nobody knows. */
int catalog_page_state(struct catalog *k, const char *url);

/* Every wanted page by the URL that was asked for, as it ended last; texts
 * are valid for the call. EACH: 0 to go on. */
struct catalog_page {
	const char *requested, *outcome;
	int is_complete;
};
int catalog_each_page(struct catalog *k,
    int (*each)(void *context, const struct catalog_page *p, struct error *e),
    void *context, struct error *e);

struct catalog_article {
	const char *article_id, *url, *captured, *headline;
	const char *core;     /* hash over headline, dek and body */
	const char *record;   /* of the response it was read from */
	const char *snapshot; /* path below the collection */
};

/* All articles of that id ("" any), by time of capture. As above. */
int catalog_find_article(struct catalog *k, struct arena *a, const char *id,
    size_t limit, struct catalog_article **out, size_t *count, struct error *e);

/* Every article, in no order. EACH returns 0 to go on; its texts are valid
 * for the call. */
int catalog_each_article(struct catalog *k,
    int (*each)(
	void *context, const struct catalog_article *x, struct error *e),
    void *context, struct error *e);

#endif
