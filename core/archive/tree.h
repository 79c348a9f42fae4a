#ifndef ARCHIVE_TREE_H
#define ARCHIVE_TREE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * A folder, or a container as if it were one: named files, without unpacking
 * anything. What can be read at any offset (a folder, a zip's stored files, a
 * plain tar) is; of a container that comes once (tar.gz, a pipe) small files
 * are kept in one unnamed file when it is opened, and large ones come again by
 * tree_visit, which reads the container once more. Memory does not grow with
 * the bytes. Names are relative, plain (package_name_is_plain), "/" between
 * parts; symbolic links, devices and names that are not plain are told to
 * UNREAD and are no files of the tree.
 */

struct tree;

struct tree_file {
	const char *name;
	uint64_t size;
	uint64_t at;             /* where the tree has it */
	unsigned comes_once : 1; /* by tree_visit alone */
	unsigned packed : 1;     /* its container has it compressed */
	/* Of a file stored in a zip: the CRC-32 (deflate_crc32) that it says.
	 * Whoever reads all the bytes compares it; nobody else does. */
	unsigned has_crc : 1;
	uint32_t crc;
};

struct tree_options {
	/* Files up to so many bytes of what comes once are kept; 0: 64 MiB. */
	uint64_t kept_most;
	/* 1: this file is kept, however large; NULL: none. */
	int (*keep)(void *context, const char *name);
	void (*unread)(
	    void *context, const char *name, const struct error *why);
	/* The container is broken: the tree is what was read before that.
	 * NULL: tree_open fails then. */
	void (*broken)(void *context, const struct error *why);
	void *context;
};

/*
 * PATH is a folder or a container (package_of), "-" standard input; a pipe is
 * copied to an unnamed file. ERROR_USAGE: neither. In a container two files of
 * one name, or of names that differ in case alone, or of which one is a folder
 * of the other, are ERROR_INPUT, and so is a container that is broken
 * anywhere. (A folder may hold names that differ in case: its file system can
 * tell them apart.)
 */
int tree_open(struct tree **out, const char *path, const struct tree_options *o,
    struct error *e);
/* The same of a container that is open already (kept). */
int tree_open_input(struct tree **out, struct input *in,
    const struct tree_options *o, struct error *e);
void tree_free(struct tree *t); /* NULL is fine */

/* All of ONCE in an unnamed file, to be read at any offset, by its name. */
int tree_spool(struct input *once, struct input **out, struct error *e);

int tree_is_folder(const struct tree *t); /* 1 / 0 */
const char *tree_name(const struct tree *t);

/* In bytewise order of their names. */
const struct tree_file *tree_files(const struct tree *t, size_t *count);
const struct tree_file *tree_find(const struct tree *t, const char *name);

/* The bytes of F at any offset. ERROR_LIMIT: they come by tree_visit alone. */
int tree_file_open(struct tree *t, const struct tree_file *f,
    struct input **out, struct error *e);

/* Every file that WANT (NULL: all; asked once for each, in order) says 1 of,
 * to EACH: in order of names, or when one of them is not kept as they come. IN
 * is valid for the call. EACH: 0 to go on. 0; 1, EACH stopped; -1. */
struct tree_visit {
	int (*want)(void *context, const struct tree_file *f);
	int (*each)(void *context, const struct tree_file *f, struct input *in,
	    struct error *e);
	void *context;
};
int tree_visit(struct tree *t, const struct tree_visit *v, struct error *e);

#endif
