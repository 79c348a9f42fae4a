#ifndef COLLECTION_VERIFY_PART_H
#define COLLECTION_VERIFY_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/manifest.h"
#include "core/archive/verify.h"
#include "core/collection/target_set.h"
#include "core/collection/verify_collection.h"

struct arena;
struct buf;
struct collection;
struct error;
struct json;

/* A snapshot being verified. Part of verify_collection.h; nothing else
 * includes this. */

enum {
	VERIFY_SHORT = 16,       /* bytes kept of a SHA-256 */
	VERIFY_LISTING_MAX = 100 /* findings told of one listing */
};

/* A record that an index line or an outcome may name. */
struct known_record {
	const char *id;
	uint64_t offset, length;
	uint32_t file; /* number in FILES */
	uint16_t status;
	uint8_t type; /* enum record_type */
	uint8_t has_outcome, has_line, has_facts;
	/* first bytes of SHA-256s */
	uint8_t uri[VERIFY_SHORT];
	uint8_t date[VERIFY_SHORT];
	uint8_t mime[VERIFY_SHORT];
	uint8_t line[VERIFY_SHORT];   /* of its index line */
	uint8_t digest[VERIFY_SHORT]; /* of its payload digest */
	uint8_t block[VERIFY_SHORT];  /* of its block digest */
	uint8_t facts[VERIFY_SHORT];  /* of its metadata record's facts */
};

/* A derived record: a line of articles.jsonl. */
struct known_article {
	const char *id;
	const char *digest; /* labelled, of its block */
	const char *refers_to;
};

struct snapshot_check {
	const struct verify_collection_options *options;
	struct verify_collection_totals *totals;
	const struct collection *collection; /* NULL: alone */
	const char *snapshot;                /* path below it, or "" */
	const char *dir;
	const char *prefix; /* of files in findings: "" or SNAPSHOT "/" */
	struct arena *arena;

	struct manifest manifest;
	int manifest_is_read;
	const char **changed; /* files that are not as the manifest says */
	size_t changed_count;
	int records_are_changed; /* a record file is among them, or gone */

	const struct json *report; /* without its pages; NULL: does not read */
	const char *collection_id; /* as it says; "" */
	const char *kind;
	int is_import;            /* records of others */
	struct target_set marked; /* ids imported with wrong digests */

	const char **files; /* record files, below DIR */
	uint32_t file_count;
	struct target_set ids; /* of records; value: place in KNOWN + 1, or 0 */
	struct known_record *known;
	size_t known_count;
	struct known_article *articles;
	size_t article_count;
	uint64_t records, archive_bytes;

	struct target_set urls;       /* of outcomes; value: enum outcome */
	struct target_set url_hashes; /* of an import: the same in hex */
	uint64_t targets, good, left_out, failed, payload_bytes;
	uint64_t *by_outcome; /* OUTCOME_COUNT of them */
	uint64_t pages, pages_incomplete;

	/* the record file under way */
	const char *file;     /* below DIR */
	int file_is_changed;  /* as the manifest says */
	int file_is_damaged;  /* something of it does not read */
	uint64_t file_said;   /* findings of it */
	const char *warcinfo; /* id of its first record */
	const char *last_id;  /* of the last sound record; "" */

	const char *listing; /* whose findings are counted */
	unsigned listing_said;
};

/* A snapshot by itself, without its place in the chain. */
int verify_one(const struct collection *c, const char *snapshot,
    const char *dir, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);

/* FILE is below the snapshot's directory. */
void check_say(struct snapshot_check *s, enum severity severity,
    const char *code, const char *file, uint64_t offset, const char *record,
    const char *fmt, ...) __attribute__((format(printf, 7, 8)));

/* One more finding of this listing (the same pointer each time)? 1; 0, there
 * were VERIFY_LISTING_MAX. */
int check_may_say(struct snapshot_check *s, const char *file);

/* A listing could not be read to its end: said, or -1 with ERROR_SYSTEM. */
int check_unread(struct snapshot_check *s, const char *file,
    const struct error *why, struct error *e);

/* "DIR/FILE"; to be freed. */
char *check_path(const struct snapshot_check *s, const char *file);

/* First bytes of the SHA-256 of TEXT. */
void check_hash(uint8_t out[VERIFY_SHORT], const char *text, size_t len);

/* The parts, in their order. 0, or -1 with ERROR_SYSTEM. */
int check_manifest(struct snapshot_check *s, struct error *e);
int check_report(struct snapshot_check *s, struct error *e);
int check_records(struct snapshot_check *s, struct error *e);
int check_index(struct snapshot_check *s, struct error *e);
int check_outcomes(struct snapshot_check *s, struct error *e);
int check_articles(struct snapshot_check *s, struct error *e);
int check_profiles(struct snapshot_check *s, struct error *e);
int check_totals(struct snapshot_check *s, struct error *e);
int check_rederive(struct snapshot_check *s, struct error *e);

/* 1 / 0. */
int check_is_changed(const struct snapshot_check *s, const char *file);

/* The known record of that id; NULL. *THERE: some record has it. */
struct known_record *
check_find(const struct snapshot_check *s, const char *id, int *there);

/* The id of the record that index.cdxj has at FILE and OFFSET; NULL. */
const char *
check_id_at(struct snapshot_check *s, const char *file, uint64_t offset);

/* What the metadata record of a capture tells of its outcome, as a text to
 * be hashed: from its block, and from the line of outcomes.jsonl. */
void check_facts_of_block(struct buf *out, const char *block, size_t len);
void check_facts_of_outcome(struct buf *out, const struct json *line);

/* report.json without its pages, in A; EACH_PAGE (NULL none) gets those. */
struct json *report_read(struct arena *a, const char *path,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e);

#endif
