#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct error;

/*
 * Every byte that reaches an archive goes through here. Failures are
 * ERROR_SYSTEM unless stated and name the file. Tests make the n-th call that
 * changes anything fail with file_fail_at.
 */

/* New file of mode 0644, opened to read and write; one that exists is an
 * error. */
int file_create(const char *path, struct error *e);

/* An existing file. -1: ERROR_NOTFOUND when there is none. */
int file_open_read(const char *path, struct error *e);
int file_open_write(const char *path, struct error *e); /* read and write */

/* A file that is only added to, made when there is none; a last line without
 * its line feed, torn when it was written, gets one. */
int file_open_append(const char *path, struct error *e);

/* All LEN bytes at the end, in one call to the system: behind whatever others
 * added meanwhile. */
int file_append(int fd, const void *p, size_t len, struct error *e);

/* An unnamed file in DIR, gone when closed. */
int file_unnamed(const char *dir, struct error *e);

/* All LEN bytes at OFFSET, or an error. */
int file_write_at(
    int fd, const void *p, size_t len, uint64_t offset, struct error *e);

/* All LEN bytes where FD stands: a pipe, standard output. */
int file_write(int fd, const void *p, size_t len, struct error *e);
int file_truncate(int fd, uint64_t len, struct error *e);

/* fdatasync. A failure is final and is never retried. */
int file_sync(int fd, struct error *e);
int file_sync_dir(const char *dir, struct error *e);

/* These bytes may go to the disk now, so that file_sync has less to wait for.
 * Nothing is promised. */
void file_begin_sync(int fd, uint64_t offset, uint64_t len);
int file_close(int fd, struct error *e);

/* Rename inside one file system; an existing TO is an error; both directories
 * are synced. */
int file_rename(const char *from, const char *to, struct error *e);

/* As file_rename but TO may exist (CURRENT of the index, state). */
int file_replace(const char *from, const char *to, struct error *e);

/* A and B, both there, change names in one step; the same. */
int file_exchange(const char *a, const char *b, struct error *e);

/* A whole small file: written under PATH.tmp, synced, renamed over PATH. */
int file_put(const char *path, const void *p, size_t len, struct error *e);

/* A file of LEN bytes whose room on the disk is its own; what they are does
 * not matter. One that is there grows. */
int file_reserve(const char *path, uint64_t len, struct error *e);

/* A whole file of at most LIMIT bytes appended to OUT. */
int file_get(const char *path, struct buf *out, size_t limit, struct error *e);

/* -1: no such thing or error; else its size. */
int file_size(const char *path, uint64_t *size, struct error *e);
int file_exists(const char *path); /* 1 / 0 */
int file_is_dir(const char *path); /* 1 / 0; a symbolic link is not followed */

/* One directory (0755); an existing one is fine. */
int file_make_dir(const char *path, struct error *e);
int file_make_dirs(const char *path, struct error *e); /* with its parents */
int file_chmod(const char *path, mode_t mode, struct error *e);
int file_remove(const char *path, struct error *e);
int file_remove_dir(const char *path, struct error *e); /* an empty one */

/* A folder with all that is in it; links are removed, not followed. */
int file_remove_tree(const char *dir, struct error *e);

/* DIR and every folder in it (file_sync_dir); their files are not. */
int file_sync_tree(const char *dir, struct error *e);

/* Free bytes of the file system that holds DIR. */
int file_free_bytes(const char *dir, uint64_t *bytes, struct error *e);

/*
 * Walk the tree below DIR: EACH gets every regular file's path relative to
 * DIR, in bytewise order of those paths. Symbolic links and special files are
 * handed over too, with IS_REGULAR 0. EACH returns 0 to go on, -1 to stop.
 */
int file_walk(const char *dir,
    int (*each)(
	void *context, const char *name, int is_regular, struct error *e),
    void *context, struct error *e);

/* The names in one directory, sorted bytewise, without "." and "..". */
struct file_names {
	char **names;
	size_t count;
};
int file_list(const char *dir, struct file_names *out, struct error *e);
void file_names_clear(struct file_names *n);

/* Each of them, in no order, and whether it is a directory (no symbolic link).
 * EACH returns 0 to go on, -1 to stop. */
int file_each(const char *dir,
    int (*each)(void *context, const char *name, int is_dir, struct error *e),
    void *context, struct error *e);

/* When the content of a directory changed last, in nanoseconds; INT64_MIN: it
 * is not to be had. */
int64_t file_changed_ns(const char *dir);

/* A lock on a whole file (open file description lock). 1 got it, 0 another
 * process holds it. */
int file_lock(int fd, struct error *e);

/* The N-th call from now (1 = next) of a function that changes something
 * fails with ENOSPC, and so do all later ones; 0 switches off. For tests. */
void file_fail_at(long n);

/* Where files go that nobody is to see. */
const char *file_temporary_dir(void);

#endif
