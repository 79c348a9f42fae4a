#ifndef COLLECTION_IMPORT_PART_H
#define COLLECTION_IMPORT_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/collection/import.h"
#include "core/collection/target_set.h"

/* An import under way. Part of import.h; nothing else includes this. */

struct input;
struct json;
struct seen_set;

enum {
	IMPORT_LISTED = 1000,   /* records left out that are told, a file */
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
	struct json *left;   /* what is left out and why, for the report */
	struct json *marked; /* ids of records kept in spite of a mismatch */
};

struct import {
	struct collection *collection;
	const struct import_options *options;
	struct import_result *result;
	struct import_survey *surveys; /* beside result->files */
	struct target_set before; /* SHA-256s imported before; value: place in
	    SNAPSHOTS, and whether mismatched records were left out */
	const char **snapshots;
	size_t snapshot_count;
	struct seen_set *ids; /* of records to be imported */
	size_t marked_bytes;  /* of all lists of marked records */
};

int import_is_stopped(const struct import *m);

/* What the import snapshots of the collection hold. */
int import_know(struct import *m, struct error *e);

/* Read and verify one file: RESULT->files and SURVEYS grow by one. */
int import_survey_file(struct import *m, struct input *in, struct error *e);
void import_survey_clear(struct import_survey *s);

/* Provenance: what goes into report.json and the metadata record. */
struct json *import_facts(const struct import *m, struct arena *a);

/* The digest of a whole input that is random. */
int import_digest(struct input *in, char hex[65], struct error *e);

/* Bytes of IN that can be read at any offset: IN itself, kept, or a copy in an
 * unnamed file. */
int import_make_random(
    struct import *m, struct input *in, struct input **out, struct error *e);

/* The second reading. */
struct import_copy;
struct import_copy *import_copy_begin(struct import *m,
    const struct json *facts, struct clock *clock, struct error *e);
int import_copy_file(
    struct import_copy *y, struct input *in, size_t number, struct error *e);

/* Seal it. Frees Y whatever happens. */
int
import_copy_end(struct import_copy *y, struct clock *clock, struct error *e);

/* Leave nothing. NULL is fine. */
void import_copy_undo(struct import_copy *y);

#endif
