#ifndef COLLECTION_EXPORT_WALK_H
#define COLLECTION_EXPORT_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/file.h"
#include "core/collection/target_set.h"

struct error;
struct export_pick;

/*
 * All records of a snapshot in their order, and which of them come along with
 * the captures picked: their requests and metadata, the connections that
 * these name, the certificates of those, what was derived from them. Part of
 * export_plan.h.
 */

enum export_entry_kind {
	ENTRY_INFO,    /* warcinfo */
	ENTRY_CAPTURE, /* has a line in the index */
	ENTRY_ARTICLE, /* has a line in articles.jsonl */
	ENTRY_CONNECTION,
	ENTRY_OTHER
};

struct export_entry {
	uint64_t offset, length;
	uint64_t to; /* where it is in the selection */
	uint32_t file, to_file;
	uint8_t kind;
	uint8_t chosen;
	uint8_t marked; /* was imported with wrong digests */
};

struct export_walk {
	struct export_pick *pick;
	struct file_names files;      /* below the snapshot: records, derived */
	struct export_entry *entries; /* by file and offset */
	size_t count, cap;
	struct export_entry *lines; /* of the index, the same order */
	size_t line_count, line_cap, line_next;
	struct target_set connections, certificates; /* by URI */
	struct target_set others;                    /* of an import, by id */
	struct file_names along; /* ids that captures of an import name */
};

int export_walk_make(
    struct export_walk *w, struct export_pick *pick, struct error *e);
void export_walk_clear(struct export_walk *w);

/* The record at OFFSET of FILE (below the snapshot); NULL. */
struct export_entry *export_walk_find(
    const struct export_walk *w, const char *file, uint64_t offset);

#endif
