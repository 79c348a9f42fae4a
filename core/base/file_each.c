/* What a directory holds, without asking about each entry. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/file.h"

/* Not every file system says what an entry is. */
static int
entry_is_dir(DIR *handle, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	return fstatat(dirfd(handle), d->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
		   0 &&
	       S_ISDIR(st.st_mode);
}

int
file_each(const char *dir,
    int (*each)(void *context, const char *name, int is_dir, struct error *e),
    void *context, struct error *e)
{
	struct dirent *d;
	DIR *handle = opendir(dir);
	int rc = 0;

	if (handle == NULL)
		return errno == ENOENT ? error_set(e, ERROR_NOTFOUND,
					     "%s: no such directory", dir)
				       : error_system(e, "%s", dir);
	while (rc == 0 && (d = readdir(handle)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			rc = each(
			    context, d->d_name, entry_is_dir(handle, d), e);
	(void)closedir(handle);
	return rc;
}

int64_t
file_changed_ns(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) != 0)
		return INT64_MIN;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

void
file_begin_sync(int fd, uint64_t offset, uint64_t len)
{
	(void)sync_file_range(
	    fd, (off_t)offset, (off_t)len, SYNC_FILE_RANGE_WRITE);
}
