#ifndef CLI_LOOK_FILES_H
#define CLI_LOOK_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"
#include "core/archive/record_facts.h"

struct arena;
struct cli;
struct collection;
struct error;
struct input;
struct open_record;

/* Record files of anybody, named on the command line: files, "-", folders,
 * containers, files in containers (record_files.h). */

/* Does OBJECT name record files (record_files_are), and not a snapshot of the
 * collection? 1 / 0. */
int look_is_file(struct cli *c, const char *object);

/* Does the command ask for a record of a file: with --offset, with a second
 * object, or with one that is a file? 1 / 0. */
int look_of_file(struct cli *c);

/* Of two exit codes the one that counts (DESIGN, 9). */
int look_code(int a, int b);

struct look_files {
	struct cli *cli;
	/* One file: 0; 1 ends the walk; -1, the same, and E is said. */
	int (*each)(void *context, struct input *in, struct error *e);
	void *context;
	int code; /* exit code so far: start with EXIT_DONE */
};

/* Every record file of the objects. What does not read is said and counts in
 * CODE, the rest is still visited. */
void look_files(struct look_files *f, char *const *objects, size_t count);

/* E said; its exit code counts. */
void look_files_fail(struct look_files *f, const struct error *e);

/* A record on the way through a file, read to its end. */
struct looked {
	const char *file;
	const struct record *record;
	struct place place; /* DAMAGED: its bytes do not read to their end */
	struct record_facts facts;
	const char *mime; /* of the HTTP message, else of the record, lower
			   * case without parameters; "" */
};

/*
 * The records of IN in turn. Damage is said with file, offset and length of
 * the gap, counts in F->code and ends nothing; a record whose head reads comes
 * all the same. As look_files.each.
 */
int look_records(struct look_files *f, struct input *in,
    int (*each)(void *context, struct arena *a, const struct looked *r),
    void *context, struct error *e);

/* Which record of a file. */
struct look_wanted {
	const char *id;  /* record id or 8 or more of its first hex digits,
			  * or a target URI as it stands; NULL: by offset */
	const char *uri; /* with ID NULL: a capture of this URI at DATE */
	const char *date;
	uint64_t offset;
};

/* The record of --offset or of the second object. ERROR_USAGE when there is
 * neither, or both. */
int look_wanted(const struct cli *c, struct look_wanted *w, struct error *e);

/* Find it in the files of OBJECT and hand it, open and unread, to USE. -1:
 * ERROR_NOTFOUND, ERROR_USAGE (an offset in several files), ERROR_INPUT, or
 * USE's. */
int look_file_record(const char *object, const struct look_wanted *w,
    int (*use)(void *context, struct open_record *r, struct error *e),
    void *context, struct error *e);

/* ls of record files: an exit code. */
int ls_files(struct cli *c);

/* The captures of URL (normalized) in COLLECTION. The exit code. */
int ls_url(struct cli *c, const struct collection *collection, const char *url);

#endif
