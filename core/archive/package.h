#ifndef ARCHIVE_PACKAGE_H
#define ARCHIVE_PACKAGE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;
struct stream;

/*
 * Containers of named files, byte for byte, written and read. The kinds are one const struct
 * each, defined in formats/ and listed in package_table (formats/table.c),
 * which core declares only. Equal calls give equal bytes.
 */

struct package;

struct package_options {
	int64_t time_us; /* of every file and folder in it, in whole seconds */
	const struct package *kind; /* NULL: by the name's end */
	/* Names come in the caller's order, each once, and no folders are made
	 * for them; else they must come in bytewise order. */
	int given_order;
};

/* Where a container's bytes go. */
struct package_bytes {
	/* In order. */
	int (*each)(
	    void *context, const uint8_t *p, size_t len, struct error *e);
	/* LEN of those that went there already, from OFFSET on, anew. */
	int (*patch)(void *context, uint64_t offset, const uint8_t *p,
	    size_t len, struct error *e);
	void *context;
};

/*
 * Who looks into a container. EACH gets a regular file of it under the name
 * it has there (plain: package_name_is_plain); IN is called "CONTAINER/NAME"
 * and valid for the call. One that is random (input_is_random) may be kept,
 * others are read within the call or not at all. 0 to go on, 1 to stop, -1.
 * UNREAD hears of what is no such file, does not read, or bears no plain
 * name; the others still come.
 */
struct package_visit {
	int (*each)(
	    void *context, const char *name, struct input *in, struct error *e);
	void (*unread)(
	    void *context, const char *name, const struct error *why);
	void *context;
	/* Before EACH: the CRC-32 that the container says of its bytes, when
	 * reading them does not check it. NULL is fine. */
	void (*crc)(void *context, uint32_t crc);
};

struct package {
	const char *name;    /* "tar" */
	const char *suffix;  /* ".tar" */
	const char *aliases; /* other suffixes, blank separated */
	const char *summary;
	/* Is it one, by its first bytes? 0..100 */
	int (*recognise)(const uint8_t *head, size_t len);
	/* Every file of IN to V: in bytewise order of their names when IN is
	 * random and the kind is read by offset, else as they come. 0; 1, EACH
	 * stopped; -1, EACH failed or ERROR_INPUT: the container is broken
	 * (from there on). */
	int (*read)(
	    struct input *in, const struct package_visit *v, struct error *e);
	/* Writing; BEGIN is NULL for kinds that are only read. */
	int (*begin)(void **state, const struct package_options *o,
	    const struct package_bytes *to, struct error *e);
	/* In its place, of a kind that is a folder: everything goes below DIR,
	 * which is there, and is synced by END. */
	int (*begin_folder)(void **state, const char *dir,
	    const struct package_options *o, struct error *e);
	/* BYTES gives SIZE bytes; NULL for a folder. */
	int (*entry)(void *state, const char *name, uint64_t size,
	    struct stream *bytes, struct error *e);
	int (*end)(void *state, struct error *e);
	void (*free)(void *state);
};

extern const struct package *const package_table[]; /* ends with NULL */

/* A folder called PATH, not in the table: it is asked for by OPTIONS.KIND. Its
 * files are synced, mode 0644. A folder PATH.tmp that is there was left by an
 * interrupted attempt and is removed with all that is in it. */
extern const struct package package_folder;

/* The kind that is surest of HEAD; NULL. */
const struct package *package_of(const uint8_t *head, size_t len);

/* The kind whose files are called so; NULL. */
const struct package *package_named(const char *name);

/* Is NAME relative, without empty, "." and ".." parts, backslashes and control
 * characters, and at most LIMIT_PACKAGE_NAME bytes? 1 / 0. */
int package_name_is_plain(const char *name, size_t len);

/* How many folders a plain name names. */
size_t package_name_depth(const char *name);

struct package_writer;

/* The kind by OPTIONS or the name's end; ERROR_USAGE names those there are, or
 * says that PATH is there already. It is PATH.tmp until it is finished. */
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
