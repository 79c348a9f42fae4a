#ifndef COLLECTION_IMPORT_PART_H
#define COLLECTION_IMPORT_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/output.h"
#include "core/collection/import.h"
#include "core/collection/place.h"
#include "core/collection/segment.h"
#include "core/collection/target_set.h"

/* An import under way. Part of import.h; nothing else includes this. */

struct catalog;
struct input;
struct json;
struct record;
struct seen_set;
struct spool;
struct withdrawn;
struct verified_record;

enum {
	IMPORT_LISTED = 1000,   /* things left out that are told, a file */
	IMPORT_WARCINFO = 4096, /* bytes of a warcinfo block that are told */
	IMPORT_REPORT_MAX = 8 * 1024 * 1024
};

/* What to do with a record; IMPORT_COPY unless it is listed. */
enum import_way { IMPORT_COPY, IMPORT_ANEW, IMPORT_LEAVE };

struct import_exception {
	uint64_t first, end; /* numbers of records in their file */
	enum import_way way;
};

/* A file as the survey found it. */
struct import_survey {
	struct import_exception *exceptions; /* by number */
	size_t exception_count;
	int is_arc;          /* its records get WARC heads */
	int anew;            /* no member of it can be kept as it is */
	int only_mismatched; /* all the rest was imported before */
	int is_derived;      /* all of it goes to derived/ */
	struct json *left;   /* what is left out and why, for the report */
	struct json *marked; /* ids of records kept in spite of a mismatch */
	struct json *how;    /* a folder became records; NULL */
};

/* What was named to be imported. */
struct import_folder;
struct import_package;
struct import_object {
	const char *path;
	struct import_package *package; /* it was verified as a whole; NULL */
	struct import_folder *folder;   /* it becomes records; NULL */
	int is_unread;                  /* it cannot be imported: told */
};

struct import {
	struct collection *collection;
	const struct import_options *options;
	struct import_result *result;
	struct import_survey *surveys; /* beside result->files */
	struct import_object *objects; /* as many as were named */
	struct target_set before; /* SHA-256s imported before; value: place in
	    SNAPSHOTS, and whether mismatched records were left out */
	const char **snapshots;
	size_t snapshot_count;
	struct catalog *catalog; /* of what the collection has; NULL none */
	struct withdrawn *withdrawn;
	struct seen_set *ids; /* of records to be imported */
	struct spool *pages;  /* ids that articles refer to, with NULs */
	uint64_t page_count;
	struct json *orphans; /* those of them that are nowhere */
	size_t marked_bytes;  /* of all lists of marked records */
};

int import_is_stopped(const struct import *m);

/* Something that people hear of, as a finding. */
void import_say(const struct import *m, const struct finding *f);

/* What the import snapshots of the collection hold, and its catalog. */
int import_know(struct import *m, struct error *e);

/* Has the collection R, a record of IN? */
enum import_has { IMPORT_HAS_NOT, IMPORT_HAS, IMPORT_HAS_OTHER };
int import_has(const struct import *m, struct input *in,
    const struct verified_record *r, enum import_has *has, struct error *e);

/* ---- derived records (import_derived.c) ---- */

/* By type and content: a metadata record of ours that tells of a page. */
int import_is_derived(const char *type, const char *content_type);
int import_is_article(const char *content_type); /* 1 / 0 */

/* Why the derived record R cannot be listed; NULL it can. Its block is kept
 * when it is an article. */
const char *import_derived_unfit(const struct verified_record *r);

/* An article is to be imported that was read from record ID. */
int import_article_from(struct import *m, const char *id, struct error *e);

/* All is surveyed: whose pages are not there is told. */
int import_orphans(struct import *m, struct error *e);

/* ---- the first reading ---- */

/* Read and verify one file: RESULT->files and SURVEYS grow by one. */
int import_survey_file(struct import *m, struct input *in, struct error *e);
void import_survey_clear(struct import_survey *s);
struct import_file *import_add_file(struct import *m, const char *name);

/* Provenance: what goes into report.json and the metadata record. */
struct json *import_facts(const struct import *m, struct arena *a);

/* Bytes of IN that can be read at any offset: IN itself, kept, or a copy in an
 * unnamed file. */
int import_make_random(
    struct import *m, struct input *in, struct input **out, struct error *e);

/* ---- the snapshot being written (import_write.c) ---- */

enum import_part { IMPORT_RECORDS, IMPORT_DERIVED, IMPORT_FOLDERS };

struct import_writer {
	struct import *import;
	struct snapshot_place place;
	char time[DATE_TEXT_MAX];
	char started[DATE_TEXT_MAX];
	struct buf warcinfo;
	struct segment segments[IMPORT_FOLDERS];
	struct gzip_writer *gzip;
	struct arena *arena;  /* of one record */
	struct buf lines;     /* of the group, for the journal */
	struct output places; /* sources/files.jsonl */
	int fd;               /* journal */
	uint64_t journal_end;
};

struct import_writer *import_write_begin(struct import *m,
    const struct json *facts, struct clock *clock, struct error *e);

/* The segment where the next record of FOLDER goes: a new file when there is
 * none or it is full. NULL. */
struct segment *import_write_to(
    struct import_writer *w, enum import_part part, struct error *e);

/* A record was put: a group ends when it is large. */
int import_write_done(struct import_writer *w, struct error *e);

/* A file below sources/, to be filled and finished by the caller. */
int import_write_source(struct import_writer *w, const char *name,
    struct output *out, struct error *e);

/* All of IN into such a file; HEX (NULL: any) is the SHA-256 that it must
 * have: ERROR_INPUT else. */
int import_write_kept(struct import_writer *w, const char *name,
    struct input *in, const char *hex, struct error *e);

/* The same into profiles/NAME, unless there is one: then it is the same. */
int import_write_profile(struct import_writer *w, const char *name,
    struct input *in, const char *hex, struct error *e);

/* A line of sources/files.jsonl, with its LF. */
int import_write_place(
    struct import_writer *w, const struct buf *line, struct error *e);

/* Seal it. Frees W whatever happens. */
int
import_write_end(struct import_writer *w, struct clock *clock, struct error *e);

/* Leave nothing. NULL is fine. */
void import_write_undo(struct import_writer *w);

/* ---- the second reading ---- */

int import_copy_file(
    struct import_writer *w, struct input *in, size_t number, struct error *e);

#endif
