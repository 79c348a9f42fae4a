/* quarantine/: what is taken out of a snapshot is kept there. */
#include "core/collection/quarantine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/manifest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/stream.h"
#include "core/collection/layout.h"
#include "core/collection/listing.h"

/* Give the new file TEMPORARY a name in quarantine that no other bytes have;
 * the same bytes may be there from a recovery that was cut off. */
static int
name_quarantined(const char *temporary, const char *stem, const char *suffix,
    struct error *e)
{
	char mine[65];
	char theirs[65];
	char *path = mem_format("%s%s", stem, suffix);
	int rc = manifest_digest_file(temporary, mine, e);

	for (unsigned n = 2; rc == 0; n++) {
		if (!file_exists(path)) {
			rc = file_rename(temporary, path, e);
			break;
		}
		if (manifest_digest_file(path, theirs, NULL) == 0 &&
		    strcmp(mine, theirs) == 0) {
			rc = file_remove(temporary, e);
			break;
		}
		free(path);
		path = mem_format("%s-%u%s", stem, n, suffix);
	}
	free(path);
	return rc;
}

/* Copy what PATH holds from OFFSET on to quarantine/NAME.OFFSET SUFFIX. */
static int
copy_tail(const struct collection *c, const char *path, uint64_t offset,
    const char *suffix, uint64_t *moved, struct error *e)
{
	const char *base = strrchr(path, '/') + 1;
	char *folder = collection_path(c, "quarantine");
	char *stem = mem_format("%s/%.*s.%" PRIu64, folder,
	    (int)(strlen(base) - strlen(suffix)), base, offset);
	char *temporary = mem_format("%s.tmp", stem);
	struct output out = { .fd = -1 };
	struct stream *s = NULL;
	const uint8_t *p;
	uint64_t size;
	size_t len;
	int more;
	int fd = file_open_read(path, e);
	int rc = -1;

	if (fd < 0 || file_size(path, &size, e) != 0 ||
	    file_make_dir(folder, e) != 0 ||
	    listing_open(&out, temporary, e) != 0)
		goto done;
	s = stream_of_file(fd, offset, size - offset);
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		if (output_add(&out, p, len, e) != 0)
			goto done;
		*moved += len;
	}
	if (more != 0 || output_finish(&out, e) != 0)
		goto done;
	rc = name_quarantined(temporary, stem, suffix, e);
done:
	stream_free(s);
	output_clear(&out);
	if (fd >= 0)
		(void)close(fd);
	free(temporary);
	free(stem);
	free(folder);
	return rc;
}

static int
cut(const char *path, uint64_t end, struct error *e)
{
	int fd = file_open_write(path, e);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_truncate(fd, end, e);
	if (rc == 0)
		rc = file_sync(fd, e);
	(void)close(fd);
	return rc == 0 ? 0 : error_within(e, "%s", path);
}

int
quarantine_tail(const struct collection *c, const char *path, uint64_t end,
    const char *suffix, uint64_t *moved, struct error *e)
{
	uint64_t size;

	if (file_size(path, &size, e) != 0)
		return -1;
	if (size > end && copy_tail(c, path, end, suffix, moved, e) != 0)
		return -1;
	if (end == 0)
		return file_remove(path, e);
	return size > end ? cut(path, end, e) : 0;
}

int
quarantine_folder(const struct collection *c, const char *dir, struct error *e)
{
	const char *base = strrchr(dir, '/') + 1;
	char *folder = collection_path(c, "quarantine");
	char *path = mem_format("%s/%s", folder, base);
	int rc = file_make_dir(folder, e);

	for (unsigned n = 2; rc == 0 && file_is_dir(path); n++) {
		free(path);
		path = mem_format("%s/%s-%u", folder, base, n);
	}
	/* Its entry ".." changes: it must not be read-only. */
	if (rc == 0)
		rc = file_chmod(dir, 0755, e);
	if (rc == 0)
		rc = file_rename(dir, path, e);
	free(path);
	free(folder);
	return rc;
}
