#ifndef COLLECTION_WITHDRAW_PART_H
#define COLLECTION_WITHDRAW_PART_H

#include "core/base/file.h"
#include "core/collection/withdraw.h"
#include "core/collection/withdrawn_file.h"

struct buf;
struct json;

/* What the files of withdraw share. Nothing else includes this. */

/* A line of KIND for every record of the set. */
int withdraw_add(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, enum withdrawn_kind kind, struct error *e);

void
withdraw_add_revisit(struct withdraw_set *s, const struct withdraw_record *r);

/* TEXT into a list of the set: 1; 0, it is there, or empty. */
int withdraw_note(struct withdraw_set *s, const char ***list, size_t *count,
    const char *text);

/* Does a derived block have one of its terms or words? 1 / 0. */
int withdraw_quotes(const struct withdraw_set *s, const char *text, size_t len);

/* Is TERM the whole value of a line "NAME: VALUE" of a block of facts? */
int withdraw_has_line(const char *block, size_t len, const char *term);

/*
 * An erasure as it is written down before anything changes (withdrawing.json
 * at the collection's root): all that is needed to finish it. Removed at its
 * end, for it names what is erased.
 */
#define WITHDRAW_PLAN "withdrawing.json"

struct withdraw_plan {
	struct arena *arena;
	int is_ready; /* every new generation lies there, verified */
	const char *reason, *by, *at;
	int64_t at_us;
	int64_t now_us;               /* it goes on now; not written down */
	struct file_names snapshots;  /* concerned: paths, owned */
	struct target_set ids;        /* of all records to be erased */
	struct withdrawn_line *lines; /* one for each of them */
	size_t line_count;
	const char **terms, **words; /* as in struct withdraw_set */
	size_t term_count, word_count;
};

int withdraw_plan_write(
    const struct collection *c, const struct withdraw_plan *p, struct error *e);

/* 1; 0, there is none; -1. */
int withdraw_plan_read(
    const struct collection *c, struct withdraw_plan *p, struct error *e);
void withdraw_plan_clear(struct withdraw_plan *p);

/* Where the next generation of SNAPSHOT is made, and the last one waits for
 * its end; to be freed. */
char *withdraw_stage(const struct collection *c, const char *snapshot);

/* The next generation of SNAPSHOT there, verified. */
int withdraw_build(const struct collection *c, const struct withdraw_plan *p,
    const char *snapshot, struct error *e);

/* One record file with tombstones: FILE below the snapshot. */
struct withdraw_segment {
	const char *from, *to; /* folders of the snapshot */
	const char *file;
	const char *collection_id;
	struct json *erased; /* gets the ids */
	struct arena *arena; /* of it */
};
int withdraw_segment(const struct withdraw_plan *p,
    const struct withdraw_segment *s, struct error *e);

/* Does the file hold a record to be erased? 1 / 0 / -1. */
int withdraw_concerns(
    const struct withdraw_plan *p, const char *path, struct error *e);

/* Record files of a generation that were written anew: below the snapshot,
 * owned. */
struct withdraw_segments {
	char **names;
	size_t count;
};

/*
 * A file below sources/, what an import kept of a package, without the lines
 * that tell of what is erased, or where bytes lie in a file of S. HEX: SHA-256
 * of all that was at FROM.
 */
int withdraw_source(const struct withdraw_plan *p,
    const struct withdraw_segments *s, const char *from, const char *to,
    char hex[65], struct error *e);

/* Does SNAPSHOT keep such lines? Then it is concerned: 1, newly; 0; -1. */
int withdraw_scan_sources(struct withdraw_set *s, const struct collection *c,
    const char *snapshot, struct error *e);

/* Is one of the record ids IDS in the text? 1 / 0. */
int withdraw_names(const struct target_set *ids, const char *line, size_t len);

/* index.cdxj, articles.jsonl, outcomes.jsonl and report.json of the generation
 * at TO from that at FROM. */
int withdraw_listings(const struct withdraw_plan *p, const char *from,
    const char *to, struct error *e);

/* All else in the collection that tells of what was erased. */
int withdraw_traces(
    struct collection *c, const struct withdraw_plan *p, struct error *e);

/*
 * Is the address TERM told in the text? Not where it is but the beginning of
 * another one: behind it stands nothing that would go on with it, or a
 * fragment. 1 / 0.
 */
int withdraw_has_address(const char *text, size_t len, const char *term);

/* A term or word as it stands in JSON, without quotes; to be freed. */
char *withdraw_quoted(const char *text);

/* Does the text hold one of the terms, or words when asked, as JSON has them?
 * 1 / 0. */
int withdraw_tells(
    const struct withdraw_plan *p, int words, const char *text, size_t len);

#endif
