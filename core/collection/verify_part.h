#ifndef COLLECTION_VERIFY_PART_H
#define COLLECTION_VERIFY_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/manifest.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/collection/target_set.h"
#include "core/collection/verify_collection.h"
#include "core/collection/verify_place.h"
#include "core/web/exchange.h"

struct arena;
struct collection;
struct digester;
struct input;
struct index_view;
struct json;
struct revisited;
struct sorter;
struct spool;
struct stream;

/* A snapshot being verified. Part of verify_collection.h; nothing else
 * includes this. */

enum {
	VERIFY_SHORT = 16,        /* bytes kept of a SHA-256 */
	VERIFY_LISTING_MAX = 100, /* findings told of one listing */
	VERIFY_LISTINGS = 8,
	VERIFY_SORT_MEMORY = 2 * 1024 * 1024
};

/* What a record and the line of its outcome tell both. */
enum { OUTCOME_FIELDS = 8, OUTCOME_DIGEST = 2 };
struct outcome_fact {
	uint8_t hash[VERIFY_SHORT];      /* of all of them */
	uint32_t fields[OUTCOME_FIELDS]; /* CRCs, to name what differs */
	uint64_t mime;                   /* a hash of it */
};
extern const char *const outcome_fields[OUTCOME_FIELDS];

/* A record that may be named by an index line, an outcome, another record. */
struct record_fact {
	uint64_t length;
	uint16_t status;
	uint8_t type;               /* enum record_type; RECORD_OTHER: the */
	uint8_t line[VERIFY_SHORT]; /* rest is not there */
	struct outcome_fact outcome;
};

/* Who names a record. */
enum reference { REFER_CONCURRENT, REFER_REFERS, REFER_ORIGINAL, REFER_PAGE };

struct verify_hashes;

/* A derived record: a line of articles.jsonl. */
struct known_article {
	const char *id;
	const char *digest; /* labelled, of its block */
	const char *refers_to;
};

/* The articles that were met, in their order, read back. */
struct article_list {
	struct stream *stream;
	struct buf data;
	size_t used;
	uint64_t left;
};

struct snapshot_check {
	const struct verify_collection_options *options;
	struct verify_collection_totals *totals;
	const struct collection *collection; /* NULL: alone */
	struct index_view *index;            /* of it; NULL until asked */
	struct revisited *originals; /* of the package around it; NULL */
	const char *snapshot;        /* path below it, or "" */
	struct verify_place place;
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
	int is_selection;         /* of several files in one */
	struct target_set marked; /* ids imported with wrong digests */

	struct verify_hashes *hashes; /* of files against the manifest */
	const char **hash_names;      /* in their order */
	size_t hash_count, hash_next; /* the next to be asked for */
	size_t other_hashes;          /* not of record files: the first ones */

	const char **files; /* record files */
	uint32_t file_count;
	uint32_t next_file;   /* those before it were looked at, or come once */
	uint8_t *is_taken;    /* of each that comes once: it came */
	uint32_t once_count;  /* how many come once, and have not */
	int articles_are_odd; /* derived ones came in another order */
	/* What is told of records, by their ids, and of URLs (verify_facts.c, verify_join.c):
	 * sorted outside of memory, for there may be any number. */
	struct sorter *by_id, *by_url;
	struct digester *sha;
	struct buf entry;
	struct buf line;
	struct spool *articles;   /* id, digest, refers-to of each, with NULs */
	struct sorter *responses; /* of articles to be read again; NULL */
	uint64_t article_count;
	struct target_set tombstones;      /* ids of what was erased */
	struct target_set tombstone_files; /* that hold some */
	int index_is_read, outcomes_are_read;
	uint64_t records, archive_bytes;

	uint64_t targets, good, left_out, failed, payload_bytes;
	uint64_t *by_outcome; /* OUTCOME_COUNT of them */
	uint64_t pages, pages_incomplete;

	/* the record file under way */
	const char *file;     /* below DIR */
	int file_is_changed;  /* as the manifest says */
	int file_is_damaged;  /* something of it does not read */
	uint64_t file_said;   /* findings of it */
	const char *warcinfo; /* id of its first record */
	struct buf last_id;   /* of the last sound record; "" */

	struct {
		const char *file;
		unsigned said;
	} told[VERIFY_LISTINGS]; /* findings of each listing */
	struct error error;      /* ERROR_SYSTEM, where none can be returned */
};

/* A snapshot by itself, without its place in the chain. */
int verify_one(const struct collection *c, const char *snapshot,
    const struct verify_place *p, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);

/*
 * The same in parts, for record files that come once: what is said of files
 * is put behind PREFIX (copied, as is P), ORIGINALS (NULL: none) are those of
 * the package around it. Files may be taken in any order; in that
 * of their names all can be compared. CHECK_BEGIN gives NULL with
 * ERROR_SYSTEM.
 */
struct snapshot_check *
check_begin(const struct verify_place *p, const char *prefix,
    struct revisited *originals, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e);
int check_take(struct snapshot_check *s, const char *file, struct input *in,
    struct error *e);
/* What is left; frees S. */
int check_end(struct snapshot_check *s, struct error *e);
void check_abandon(struct snapshot_check *s); /* NULL is fine */

/* FILE is below the snapshot's directory. */
void check_say(struct snapshot_check *s, enum severity severity,
    const char *code, const char *file, uint64_t offset, const char *record,
    const char *fmt, ...) __attribute__((format(printf, 7, 8)));

/* One more finding of this listing? 1; 0, there were VERIFY_LISTING_MAX. */
int check_may_say(struct snapshot_check *s, const char *file);

/* Is a check left out? 1 / 0. */
int check_is_skipped(const struct snapshot_check *s, enum verify_check check);

/* A listing could not be read to its end: said, or -1 with ERROR_SYSTEM. */
int check_unread(struct snapshot_check *s, const char *file,
    const struct error *why, struct error *e);

/* First bytes of the SHA-256 of TEXT. */
void check_hash(const struct snapshot_check *s, uint8_t out[VERIFY_SHORT],
    const char *text, size_t len);

/* The parts, in their order. 0, or -1 with ERROR_SYSTEM. */
int check_manifest(struct snapshot_check *s, struct error *e);
int check_report(struct snapshot_check *s, struct error *e);
/* The record files up to number END, but those that come once. */
int check_records(struct snapshot_check *s, uint32_t end, struct error *e);
/* Number I, which comes once. */
int check_records_once(
    struct snapshot_check *s, uint32_t i, struct input *in, struct error *e);
int check_index(struct snapshot_check *s, struct error *e);
int check_outcomes(struct snapshot_check *s, struct error *e);
int check_articles(struct snapshot_check *s, struct error *e);
int check_facts(struct snapshot_check *s, struct error *e);
int check_ends(struct snapshot_check *s, struct error *e);
int check_profiles(struct snapshot_check *s, struct error *e);
int check_totals(struct snapshot_check *s, struct error *e);
int check_rederive(struct snapshot_check *s, struct error *e);

/* A record that stands for one that was erased (tombstone.h), and withdrawn.json
 * when all of them are known. */
int check_is_tombstone(const struct verified_record *r);
/* Its block read into T, in A: NULL, or what is wrong with it. */
struct tombstone;
const char *check_tombstone_fault(
    struct arena *a, const struct verified_record *r, struct tombstone *t);
void check_tombstone(struct snapshot_check *s, const struct verified_record *r);
void check_generation(struct snapshot_check *s);

void articles_open(struct article_list *l, const struct snapshot_check *s);
void articles_close(struct article_list *l);
/* 1, valid until the next call; 0; -1 ERROR_SYSTEM. */
int
articles_next(struct article_list *l, struct known_article *k, struct error *e);

/* 1 / 0. */
int check_is_changed(const struct snapshot_check *s, const char *file);

/* The file is compared with its line of the manifest: 1, it is as it was;
 * 0, not (said). */
int check_digest(struct snapshot_check *s, const char *file);

/* The same of one whose digest is known by now. */
int check_known_digest(
    struct snapshot_check *s, const char *file, const char *hex, uint64_t size);
/* Its bytes do not read. */
void check_lost(struct snapshot_check *s, const char *file);

/* Do the record files have to be read by their records? 1 / 0. */
int check_wants_records(const struct snapshot_check *s);

/* Every record file that is to be read, in their order, in FILES. */
void check_list_files(struct snapshot_check *s);

/*
 * What is told of records and URLs, to be compared in check_facts. A failure
 * is kept in S->error.
 */
void fact_outcome(const struct snapshot_check *s, struct outcome_fact *f,
    const char *const values[OUTCOME_FIELDS], const char *mime);
void fact_record(struct snapshot_check *s, const char *id, uint64_t offset,
    const struct record_fact *f);
void fact_metadata(struct snapshot_check *s, const char *id,
    const uint8_t facts[VERIFY_SHORT]);
void fact_index_line(struct snapshot_check *s, const char *id, uint64_t offset,
    const uint8_t line[VERIFY_SHORT]);
void
fact_outcome_line(struct snapshot_check *s, const char *id, uint64_t offset,
    const struct outcome_fact *f, const uint8_t facts[VERIFY_SHORT]);
void
fact_article(struct snapshot_check *s, const char *refers_to, uint64_t number);
/* RECORD at OFFSET (of the file under way, or the report) names ID. Of a
 * revisit: URI and payload digest of its original, as it says. */
void
fact_reference(struct snapshot_check *s, enum reference kind, const char *id,
    uint64_t offset, const char *record, const char *uri, const char *digest);
/* Which of the runs that made the snapshot a line O is of: from 1; 0, of one
 * that report.json does not tell of. */
uint32_t check_run(const struct snapshot_check *s, const struct json *o);

void fact_url(struct snapshot_check *s, const char *url, uint64_t offset,
    uint32_t run, enum outcome outcome);
/* A record of an import has URL, of which some line must tell. */
void fact_capture(struct snapshot_check *s, const char *url, uint64_t offset,
    const char *record);
/* A page needs URL; OUTCOME as it says, OUTCOME_COUNT it does not. */
/* A page of report.json: where, of which run, its own record. */
struct page_place {
	uint64_t offset;
	uint32_t run;
	const char *record;
};
void fact_need(struct snapshot_check *s, const char *url,
    const struct page_place *p, int outcome);

/* What check_facts found for an article to be read again. */
struct response_fact {
	uint64_t number; /* of the article */
	uint64_t offset;
	uint32_t file;
	unsigned status;
};
struct response_fact fact_response(const uint8_t *p); /* an entry of S */

/* The id of the record that index.cdxj has at FILE and OFFSET; NULL. */
const char *
check_id_at(struct snapshot_check *s, const char *file, uint64_t offset);

/* What the metadata record of a capture tells of its outcome, as a text to
 * be hashed: from its block, and from the line of outcomes.jsonl. */
void check_facts_of_block(struct buf *out, const char *block, size_t len);
void check_facts_of_outcome(struct buf *out, const struct json *line);

#endif
