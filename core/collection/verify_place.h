#ifndef COLLECTION_VERIFY_PLACE_H
#define COLLECTION_VERIFY_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct file_names;
struct input;
struct line_reader;
struct tree;

/*
 * Where the files of a snapshot lie: in a folder (DIR), or in a tree under
 * names that begin with BELOW ("" or "NAME/"). Names of files are those they
 * have in the snapshot. Borrows what it names. Part of verify_part.h; nothing
 * else includes this.
 */
struct verify_place {
	const char *dir; /* NULL: in TREE */
	struct tree *tree;
	const char *below;
	/* Of a tree: names that are there and no regular files, as in it. */
	const struct file_names *odd;
};

/* The last part of its name; "" when it has none. */
const char *verify_place_name(const struct verify_place *p);

/* As file_walk: in bytewise order, what is no regular file as well. */
int verify_place_walk(const struct verify_place *p,
    int (*each)(
	void *context, const char *name, int is_regular, struct error *e),
    void *context, struct error *e);

/* What is right in FOLDER, sorted: none when there is no such. */
void verify_place_list(
    const struct verify_place *p, const char *folder, struct file_names *out);

/* Does FILE come by tree_visit alone? 1 / 0. */
int verify_place_comes_once(const struct verify_place *p, const char *file);

int
verify_place_exists(const struct verify_place *p, const char *file); /* 1 / 0 */
int verify_place_size(const struct verify_place *p, const char *file,
    uint64_t *size, struct error *e);

/* Bytes at any offset, called NAME in what is said of them. ERROR_NOTFOUND,
 * ERROR_LIMIT (it comes once), ERROR_SYSTEM. */
int verify_place_open(const struct verify_place *p, const char *file,
    const char *name, struct input **out, struct error *e);
int verify_place_get(const struct verify_place *p, const char *file,
    struct buf *out, size_t limit, struct error *e);
/* SHA-256 as bare hex. */
int verify_place_digest(const struct verify_place *p, const char *file,
    char hex[65], struct error *e);
int verify_place_lines(const struct verify_place *p, const char *file,
    struct line_reader *lines, struct error *e);

#endif
