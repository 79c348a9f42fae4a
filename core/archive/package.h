#ifndef ARCHIVE_PACKAGE_H
#define ARCHIVE_PACKAGE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct stream;

/*
 * Containers of named files, byte for byte. The kinds are one const struct
 * each, defined in formats/ and listed in package_table (formats/table.c),
 * which core declares only. Equal calls give equal bytes.
 */

struct package_options {
	int64_t time_us; /* of every file and folder in it, in whole seconds */
};

struct package {
	const char *name;   /* "tar" */
	const char *suffix; /* ".tar" */
	const char *summary;
	/* Bytes of the container go to EACH, in order; CONTEXT is its. */
	int (*begin)(void **state, const struct package_options *o,
	    int (*each)(
		void *context, const uint8_t *p, size_t len, struct error *e),
	    void *context, struct error *e);
	/* BYTES gives SIZE bytes; NULL for a folder. */
	int (*entry)(void *state, const char *name, uint64_t size,
	    struct stream *bytes, struct error *e);
	int (*end)(void *state, struct error *e);
	void (*free)(void *state);
};

extern const struct package *const package_table[]; /* ends with NULL */

struct package_writer;

/* The kind by the name's end; ERROR_USAGE names those there are, or says that
 * PATH is there already. The file is PATH.tmp until it is finished. */
int package_create(struct package_writer **out, const char *path,
    const struct package_options *o, struct error *e);

/*
 * SIZE bytes from BYTES under NAME ("a/b/c", no "..", not absolute), in
 * bytewise order of names; folders are made before what they hold.
 * ERROR_INPUT when BYTES gives another number, ERROR_SYSTEM: only
 * package_abandon is left then.
 */
int package_put(struct package_writer *w, const char *name, uint64_t size,
    struct stream *bytes, struct error *e);

/* Complete, synced, in its place. Frees W whatever happens. */
int package_finish(struct package_writer *w, struct error *e);
void package_abandon(struct package_writer *w); /* NULL is fine */

#endif
