#ifndef COLLECTION_AUDIT_H
#define COLLECTION_AUDIT_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct clock;
struct collection;
struct error;

/*
 * Rolling fixity: the files of all sealed snapshots compared with what they
 * were, the longest unchecked first. log/audit.jsonl is the history: one
 * line a look, only ever added to. It stands in log/ because nothing can make
 * it anew: state/ and index/ may be lost. Neither order nor memory depends on
 * how many files there are: both are sorted on disk.
 */

#define AUDIT_HISTORY "log/audit.jsonl"

enum audit_result {
	AUDIT_OK,
	AUDIT_CHANGED,
	AUDIT_MISSING,
	AUDIT_UNREADABLE /* cannot be opened or read: nobody knows */
};

const char *audit_result_name(enum audit_result r);

/* A line of the history. */
struct audit_line {
	const char *file; /* below snapshots/, without ".." */
	const char *sha256;
	int64_t time_us;
	enum audit_result result;
};

/* 1, *OUT is in A; 0, it is none: torn, or nothing audit writes. */
int audit_line_read(
    struct arena *a, const char *line, size_t len, struct audit_line *out);

/* One look. */
struct audit_look {
	int64_t time_us;
	const char *file; /* below the collection */
	uint64_t size;
	const char *sha256; /* hex; "" it was not read */
	enum audit_result result;
	const char *expected; /* hex */
	int64_t ok_us;        /* when it was well last; 0: never looked at */
	int is_known;         /* that it is not well was found before */
	const char *why;      /* of AUDIT_UNREADABLE; else "" */
};

struct audit_options {
	struct clock *clock;
	int64_t max_ms;     /* -1: no limit */
	uint64_t max_bytes; /* 0: no limit */
	/* 0 to go on; anything else to look no further. */
	int (*each)(void *context, const struct audit_look *l);
	void (*progress)(void *context, const char *file);
	void *context;
};

struct audit_totals {
	uint64_t files, bytes; /* looked at */
	uint64_t left;         /* files not come to */
	uint64_t bad, unreadable;
	int64_t oldest_us; /* of all last looks; 0: some file had none */
};

/*
 * Looks until a limit is reached or something new is found that is not well;
 * at one file at least. What was found so before is looked at first. -1:
 * ERROR_SYSTEM: the history cannot be written, or nothing can be read.
 */
int audit_run(const struct collection *c, const struct audit_options *o,
    struct audit_totals *totals, struct error *e);

struct audit_facts {
	uint64_t files, never; /* sealed; never looked at */
	uint64_t bad;          /* not well at the last look */
	int64_t oldest_us;     /* of the last looks; 0 none */
	int64_t last_us;       /* of any; 0: there was no audit */
};

/* As remembered by the last audit and the catalog; else counted. */
int audit_facts_read(
    const struct collection *c, struct audit_facts *f, struct error *e);

/* Counted from history and manifests; remembered, if that can be written. */
int audit_facts_count(
    const struct collection *c, struct audit_facts *f, struct error *e);
void audit_facts_keep(const struct collection *c);

#endif
