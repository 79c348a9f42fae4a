#ifndef COLLECTION_EXPORT_H
#define COLLECTION_EXPORT_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/file.h"

struct buf;
struct collection;
struct contents;
struct error;
struct export_plan;
struct proof_key;

/*
 * A plan (export_plan.h) put into a package that others accept. All are
 * deterministic: equal collections, options and times give equal bytes on any
 * machine, for any user. A target that is there is ERROR_USAGE; what is not
 * finished has ".tmp" in its name and is removed on failure.
 */

struct export_options {
	const char *path;     /* of what is made */
	int64_t time_us;      /* that everything is dated by; INT64_MIN: by the
	    newest capture */
	const char *operator; /* "" not set; the same */
	const char *contact;
	uint64_t split; /* begin another file behind so many bytes; 0 never */
	int dry; /* write nothing: the result is what would be in it, of WARC
	    files about; what cannot be made is said as else */
	int packed_index;            /* WACZ: index.cdx.gz and index.idx */
	const struct proof_key *key; /* WACZ: sign with it; NULL */
	int64_t now_us;              /* articles: for embargoes */
	/* Articles: a page without its content coding, appended, as a worker
	 * has it: 0; 1, it stays coded; -1. NULL: all stay coded. */
	int (*decode)(void *context, struct contents *c, struct buf *out,
	    struct error *e);
	void *decode_context;
	volatile sig_atomic_t *stop; /* NULL none: ERROR_STOPPED */
	/* Bytes read of all that there are; NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t all);
	void *context;
};

struct export_result {
	struct file_names made; /* paths */
	uint64_t files, bytes;  /* in them, unpacked */
	uint64_t written;       /* sum of the sizes of what was made */
};
void export_result_clear(struct export_result *r);

/* A snapshot's or several snapshots' folders in a tar, by the name's end:
 * .tar, .tar.gz, .tar.zst. */
int export_tar(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e);

/* All records in WARC files; PATH ends in .warc, .warc.gz or .warc.zst. */
int export_warc(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e);

/* WACZ 1.1.1; with SPLIT several, and a multi-WACZ file at PATH.json. */
int export_wacz(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e);

/* BagIt 1.0: a folder, or one in a tar by the name's end. */
int export_bag(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e);

/* Articles to be looked at without any program but a browser: a folder, or
 * one in a tar. */
int export_articles(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e);

/* One sealed snapshot (a path below the collection) in a tar at PATH, the very
 * bytes that export_tar gives for it. */
int export_snapshot(const struct collection *c, const char *snapshot,
    const char *path, int64_t now_us, struct error *e);

#endif
