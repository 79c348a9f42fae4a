#ifndef ARCHIVE_RECORD_FILES_H
#define ARCHIVE_RECORD_FILES_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * What people name when they mean record files: a WARC or ARC file, "-", a
 * container (WACZ, zip, tar, tar.gz, tar.zst) or one file in it
 * ("a.wacz/archive/data.warc.gz"), a folder with any of these below it.
 */

struct record_files {
	/* One record file; IN is valid for the call (input_keep it else); its
	 * name is the object's path, with the path inside a container behind a
	 * "/". Members of a container that are stored plainly are random
	 * inputs, others come once. 0 to go on, 1 to stop, -1. */
	int (*each)(void *context, struct input *in, struct error *e);
	/* Something named or found that cannot be read (permission, broken
	 * container, not a record file and named itself): the rest is still
	 * visited. */
	void (*unread)(
	    void *context, const char *name, const struct error *why);
	void *context;
};

/*
 * Visit the record files of OBJECT in bytewise order of their names. In a
 * folder or container only files named as record files are, or that begin as
 * such; symbolic links below a folder are not followed. 0; 1, EACH stopped;
 * -1, EACH failed.
 */
int record_files_each(
    const char *object, const struct record_files *f, struct error *e);
/* The same of what is open already: a record file or a container. */
int record_files_each_input(
    struct input *in, const struct record_files *f, struct error *e);

/* Does OBJECT name record files: "-", a path that is there or leads through a
 * regular file (into a container), or a name that only such files have and no
 * URL? 1 / 0. */
int record_files_are(const char *object);

#endif
