/* Every byte that reaches an archive goes through here. */
#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"

/* The one seam of this file: tests count down to a failing call. */
static long fail_countdown;

void
file_fail_at(long n)
{
	__atomic_store_n(&fail_countdown, n, __ATOMIC_SEQ_CST);
}

/* 1 when the call that asks must fail; it and all later ones then do. */
static int
must_fail(void)
{
	long left = __atomic_load_n(&fail_countdown, __ATOMIC_SEQ_CST);

	if (left == 0)
		return 0;
	if (left > 1) {
		(void)__atomic_sub_fetch(&fail_countdown, 1, __ATOMIC_SEQ_CST);
		return 0;
	}
	errno = ENOSPC;
	return 1;
}

static int
open_failed(const char *path, struct error *e)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return error_set(e, ERROR_NOTFOUND, "%s: no such file", path);
	return error_system(e, "%s", path);
}

int
file_create(const char *path, struct error *e)
{
	int fd = must_fail()
		     ? -1
		     : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	return fd < 0 ? error_system(e, "%s", path) : fd;
}

int
file_open_read(const char *path, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? open_failed(path, e) : fd;
}

int
file_open_write(const char *path, struct error *e)
{
	int fd = must_fail() ? -1 : open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? open_failed(path, e) : fd;
}

/* O_TMPFILE where the file system has it; elsewhere a name that is removed at
 * once. */
int
file_append(int fd, const void *p, size_t len, struct error *e)
{
	ssize_t n;

	if (must_fail())
		return error_system(e, "write");
	do {
		n = write(fd, p, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(e, "write");
	if ((size_t)n == len)
		return 0;
	errno = ENOSPC;
	return error_system(e, "write");
}

int
file_open_append(const char *path, struct error *e)
{
	struct stat st;
	char last;
	int fd = -1;

	if (!must_fail())
		fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_system(e, "%s", path);
	if (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n' &&
	    file_append(fd, "\n", 1, e) != 0) {
		(void)close(fd);
		return error_within(e, "%s", path);
	}
	return fd;
}

int
file_unnamed(const char *dir, struct error *e)
{
	char *path;
	int fd;

	if (must_fail())
		return error_system(e, "%s: unnamed file", dir);
	fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? error_system(e, "%s: unnamed file", dir) : fd;
	path = mem_format("%s/.spool-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		(void)error_system(e, "%s", path);
	else
		(void)unlink(path);
	free(path);
	return fd;
}

int
file_write_at(
    int fd, const void *p, size_t len, uint64_t offset, struct error *e)
{
	const uint8_t *s = p;

	while (len > 0) {
		ssize_t n = must_fail() ? -1
					: pwrite(fd, s, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(
			    e, "write at %ju", (uintmax_t)offset);
		s += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int
file_write(int fd, const void *p, size_t len, struct error *e)
{
	const uint8_t *s = p;

	while (len > 0) {
		ssize_t n = must_fail() ? -1 : write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(e, "write");
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_truncate(int fd, uint64_t len, struct error *e)
{
	if (must_fail() || ftruncate(fd, (off_t)len) != 0)
		return error_system(e, "truncate to %ju", (uintmax_t)len);
	return 0;
}

int
file_sync(int fd, struct error *e)
{
	if (must_fail() || fdatasync(fd) != 0)
		return error_system(e, "sync");
	return 0;
}

int
file_sync_dir(const char *dir, struct error *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return error_system(e, "%s", dir);
	if (must_fail() || fsync(fd) != 0)
		rc = error_system(e, "%s: sync", dir);
	(void)close(fd);
	return rc;
}

int
file_close(int fd, struct error *e)
{
	if (close(fd) != 0 && errno != EINTR)
		return error_system(e, "close");
	return 0;
}

/* The directory that holds PATH; the caller's. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_text(".");
	return mem_text_n(path, slash == path ? 1 : (size_t)(slash - path));
}

static int
sync_parents(const char *from, const char *to, struct error *e)
{
	char *a = parent_of(from);
	char *b = parent_of(to);
	int rc = file_sync_dir(b, e);

	if (rc == 0 && strcmp(a, b) != 0)
		rc = file_sync_dir(a, e);
	free(a);
	free(b);
	return rc;
}

static int
rename_with(const char *from, const char *to, unsigned flags, struct error *e)
{
	if (must_fail() || renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) != 0)
		return error_system(e, "%s: rename to %s", from, to);
	return sync_parents(from, to, e);
}

int
file_rename(const char *from, const char *to, struct error *e)
{
	return rename_with(from, to, RENAME_NOREPLACE, e);
}

int
file_replace(const char *from, const char *to, struct error *e)
{
	return rename_with(from, to, 0, e);
}

int
file_exchange(const char *a, const char *b, struct error *e)
{
	return rename_with(a, b, RENAME_EXCHANGE, e);
}

int
file_put(const char *path, const void *p, size_t len, struct error *e)
{
	char *temporary = mem_format("%s.tmp", path);
	int fd;
	int rc = -1;

	(void)unlink(temporary);
	fd = file_create(temporary, e);
	if (fd < 0)
		goto done;
	if (file_write_at(fd, p, len, 0, e) != 0 || file_sync(fd, e) != 0) {
		(void)error_within(e, "%s", path);
		(void)close(fd);
		goto done;
	}
	if (file_close(fd, e) != 0)
		goto done;
	rc = file_replace(temporary, path, e);
done:
	if (rc != 0)
		(void)unlink(temporary);
	free(temporary);
	return rc;
}

int
file_reserve(const char *path, uint64_t len, struct error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int rc;

	if (fd < 0)
		return error_system(e, "%s", path);
	rc = posix_fallocate(fd, 0, (off_t)len);
	if (rc != 0) {
		errno = rc;
		(void)error_system(e, "%s", path);
		(void)unlink(path);
		rc = -1;
	}
	(void)close(fd);
	return rc;
}

int
file_get(const char *path, struct buf *out, size_t limit, struct error *e)
{
	int fd = file_open_read(path, e);
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	for (;;) {
		uint8_t *to = buf_room(out, 65536);

		n = read(fd, to, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		total += (size_t)n;
		if (total > limit)
			break;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
	if (n < 0)
		(void)error_system(e, "%s", path);
	else if (n > 0)
		n = error_set(
		    e, ERROR_LIMIT, "%s: larger than %zu bytes", path, limit);
	(void)close(fd);
	return n < 0 ? -1 : 0;
}

int
file_size(const char *path, uint64_t *size, struct error *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return open_failed(path, e);
	*size = (uint64_t)st.st_size;
	return 0;
}

int
file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int
file_is_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
file_make_dir(const char *path, struct error *e)
{
	char *parent;
	int rc;

	if (!must_fail() && mkdir(path, 0755) == 0) {
		parent = parent_of(path);
		rc = file_sync_dir(parent, e);
		free(parent);
		return rc;
	}
	if (errno == EEXIST && file_is_dir(path))
		return 0;
	return error_system(e, "%s", path);
}

int
file_make_dirs(const char *path, struct error *e)
{
	char *copy = mem_text(path);
	int rc = 0;

	for (char *s = copy + 1; rc == 0 && *copy != '\0' && *s != '\0'; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		/* A link to a directory is fine on the way. */
		if (access(copy, F_OK) != 0)
			rc = file_make_dir(copy, e);
		*s = '/';
	}
	if (rc == 0)
		rc = file_make_dir(copy, e);
	free(copy);
	return rc;
}

int
file_chmod(const char *path, mode_t mode, struct error *e)
{
	if (must_fail() || chmod(path, mode) != 0)
		return error_system(e, "%s: mode", path);
	return 0;
}

int
file_remove(const char *path, struct error *e)
{
	if (must_fail() || (unlink(path) != 0 && errno != ENOENT))
		return error_system(e, "%s: remove", path);
	return 0;
}

int
file_remove_dir(const char *path, struct error *e)
{
	if (must_fail() || (rmdir(path) != 0 && errno != ENOENT))
		return error_system(e, "%s: remove", path);
	return 0;
}

int
file_free_bytes(const char *dir, uint64_t *bytes, struct error *e)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) != 0)
		return error_system(e, "%s: free space", dir);
	*bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_add(struct file_names *n, char *name)
{
	/* Powers of two: grow when the count reaches one. */
	if ((n->count & (n->count - 1)) == 0)
		n->names = mem_grow(n->names, n->count == 0 ? 1 : 2 * n->count,
		    sizeof(*n->names));
	n->names[n->count++] = name;
}

static void
names_sort(struct file_names *n)
{
	if (n->count > 1)
		qsort(n->names, n->count, sizeof(*n->names), compare_texts);
}

void
file_names_clear(struct file_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->names[i]);
	free(n->names);
	*n = (struct file_names){ 0 };
}

int
file_list(const char *dir, struct file_names *out, struct error *e)
{
	struct dirent *d;
	DIR *handle = opendir(dir);

	*out = (struct file_names){ 0 };
	if (handle == NULL)
		return open_failed(dir, e);
	while ((d = readdir(handle)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			names_add(out, mem_text(d->d_name));
	(void)closedir(handle);
	names_sort(out);
	return 0;
}

enum { WALK_DEPTH = 32 };

/* Collect the paths below DIR/PREFIX; recursion is bounded by WALK_DEPTH. */
static int
collect(const char *dir, const char *prefix, struct file_names *out, int depth,
    struct error *e)
{
	struct file_names here;
	char *path = mem_format("%s/%s", dir, prefix);
	int rc = depth > WALK_DEPTH
		     ? error_set(e, ERROR_LIMIT, "%s: too deep", path)
		     : file_list(path, &here, e);

	free(path);
	if (rc != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < here.count; i++) {
		char *name = mem_format("%s%s", prefix, here.names[i]);

		path = mem_format("%s/%s", dir, name);
		if (file_is_dir(path)) {
			char *below = mem_format("%s/", name);

			rc = collect(dir, below, out, depth + 1, e);
			free(below);
			free(name);
		} else {
			names_add(out, name);
		}
		free(path);
	}
	file_names_clear(&here);
	return rc;
}

int
file_walk(const char *dir,
    int (*each)(
	void *context, const char *name, int is_regular, struct error *e),
    void *context, struct error *e)
{
	struct file_names all = { 0 };
	struct stat st;
	int rc = collect(dir, "", &all, 0, e);

	names_sort(&all);
	for (size_t i = 0; rc == 0 && i < all.count; i++) {
		char *path = mem_format("%s/%s", dir, all.names[i]);
		int regular = lstat(path, &st) == 0 && S_ISREG(st.st_mode);

		free(path);
		rc = each(context, all.names[i], regular, e);
	}
	file_names_clear(&all);
	return rc;
}

int
file_lock(int fd, struct error *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 1;
	if (errno == EAGAIN || errno == EACCES)
		return 0;
	return error_system(e, "lock");
}

const char *
file_temporary_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir == NULL || dir[0] == '\0' ? "/tmp" : dir;
}
