/* Tar archives (POSIX.1-2001 pax, restricted), plain, in gzip or zstd. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

#include "core/archive/package.h"
#include "core/archive/zstd_writer.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "formats/table.h"
#include "formats/tar.h"

enum {
	TAR_RECORD = 20 * 512, /* the file's length is a multiple of it */
	TAR_FILE_MODE = 0644,
	TAR_FOLDER_MODE = 0755
};

/* The tar, and around it gzip as a container of raw bytes (NULL: none), so
 * that what gzip holds is the very tar that would be written plain. */
struct tar {
	struct archive *tar;
	struct archive *gzip;
	struct zstd_writer *zstd; /* one frame around the tar; NULL: none */
	locale_t utf8; /* the library reads names by the thread's locale */
	int64_t time_s;
	struct package_bytes to;
	struct error error; /* of TO */
};

static la_ssize_t
write_out(struct archive *a, void *context, const void *p, size_t len)
{
	struct tar *t = context;

	if (t->to.each(t->to.context, p, len, &t->error) == 0)
		return (la_ssize_t)len;
	archive_set_error(a, 5, "%s", t->error.text);
	return -1;
}

static la_ssize_t
write_gzip(struct archive *a, void *context, const void *p, size_t len)
{
	struct tar *t = context;

	if (archive_write_data(t->gzip, p, len) == (la_ssize_t)len)
		return (la_ssize_t)len;
	archive_set_error(a, 5, "%s", archive_error_string(t->gzip));
	return -1;
}

static la_ssize_t
write_zstd(struct archive *a, void *context, const void *p, size_t len)
{
	struct tar *t = context;

	if (zstd_frame_add(t->zstd, p, len, &t->error) == 0)
		return (la_ssize_t)len;
	archive_set_error(a, 5, "%s", t->error.text);
	return -1;
}

static int
failed(const struct tar *t, struct archive *a, struct error *e)
{
	const char *text = archive_error_string(a);

	if (t->error.kind != ERROR_NONE)
		return error_set(e, t->error.kind, "%s", t->error.text);
	return error_set(
	    e, ERROR_SYSTEM, "tar: %s", text == NULL ? "failed" : text);
}

/* No time, no name in the head; one level, whatever the library prefers. */
static int
begin_gzip(struct tar *t)
{
	struct archive_entry *entry;
	int rc;

	t->gzip = archive_write_new();
	if (archive_write_set_format_raw(t->gzip) != ARCHIVE_OK ||
	    archive_write_add_filter_gzip(t->gzip) != ARCHIVE_OK ||
	    archive_write_set_filter_option(
		t->gzip, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
	    archive_write_set_filter_option(
		t->gzip, "gzip", "compression-level", "6") != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->gzip, 1) != ARCHIVE_OK ||
	    archive_write_open(t->gzip, t, NULL, write_out, NULL) != ARCHIVE_OK)
		return -1;
	entry = archive_entry_new();
	archive_entry_set_pathname(entry, "tar");
	archive_entry_set_filetype(entry, AE_IFREG);
	rc = archive_write_header(t->gzip, entry);
	archive_entry_free(entry);
	return rc == ARCHIVE_OK ? 0 : -1;
}

static int
begin_tar(struct tar *t)
{
	archive_write_callback *to = t->zstd != NULL   ? write_zstd
				     : t->gzip != NULL ? write_gzip
						       : write_out;
	locale_t before = uselocale(t->utf8);
	int rc;

	t->tar = archive_write_new();
	rc = archive_write_set_format_pax_restricted(t->tar) == ARCHIVE_OK &&
		     archive_write_set_options(t->tar, "hdrcharset=UTF-8") ==
			 ARCHIVE_OK
		 ? 0
		 : -1;
	(void)uselocale(before);
	if (rc != 0 ||
	    archive_write_set_bytes_per_block(t->tar, TAR_RECORD) !=
		ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->tar, TAR_RECORD) !=
		ARCHIVE_OK)
		return -1;
	return archive_write_open(t->tar, t, NULL, to, NULL) == ARCHIVE_OK ? 0
									   : -1;
}

static int
begin(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e)
{
	struct tar *t = mem_zero(1, sizeof(*t));

	*state = t;
	t->time_s = o->time_us / 1000000;
	t->to = *to;
	t->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (t->utf8 == (locale_t)0)
		return error_system(e, "tar: locale C.UTF-8");
	return 0;
}

static int
begin_plain(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e)
{
	struct tar *t;

	if (begin(state, o, to, e) != 0)
		return -1;
	t = *state;
	return begin_tar(t) == 0 ? 0 : failed(t, t->tar, e);
}

static int
begin_gz(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e)
{
	struct tar *t;

	if (begin(state, o, to, e) != 0)
		return -1;
	t = *state;
	if (begin_gzip(t) != 0)
		return failed(t, t->gzip, e);
	return begin_tar(t) == 0 ? 0 : failed(t, t->tar, e);
}

static int
begin_zst(void **state, const struct package_options *o,
    const struct package_bytes *to, struct error *e)
{
	struct tar *t;

	if (begin(state, o, to, e) != 0)
		return -1;
	t = *state;
	t->zstd = zstd_writer_new();
	if (zstd_frame_begin(t->zstd, to->each, to->context, e) != 0)
		return -1;
	return begin_tar(t) == 0 ? 0 : failed(t, t->tar, e);
}

static int
put_head(struct tar *t, const char *name, uint64_t size, int is_folder)
{
	struct archive_entry *entry = archive_entry_new();
	locale_t before = uselocale(t->utf8);
	int rc;

	archive_entry_set_pathname_utf8(entry, name);
	archive_entry_set_filetype(entry, is_folder ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(
	    entry, is_folder ? TAR_FOLDER_MODE : TAR_FILE_MODE);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, t->time_s, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_uname(entry, "");
	archive_entry_set_gname(entry, "");
	rc = archive_write_header(t->tar, entry);
	archive_entry_free(entry);
	(void)uselocale(before);
	return rc == ARCHIVE_OK ? 0 : -1;
}

static int
tar_entry(void *state, const char *name, uint64_t size, struct stream *bytes,
    struct error *e)
{
	struct tar *t = state;
	uint64_t left = size;
	const uint8_t *p;
	size_t len;
	int more = 0;

	if (put_head(t, name, size, bytes == NULL) != 0)
		return failed(t, t->tar, e);
	while (bytes != NULL && (more = stream_next(bytes, &p, &len, e)) == 1) {
		if (len > left)
			break;
		left -= len;
		if (archive_write_data(t->tar, p, len) != (la_ssize_t)len)
			return failed(t, t->tar, e);
	}
	if (more < 0)
		return -1;
	if (more == 1 || left > 0)
		return error_set(
		    e, ERROR_INPUT, "%s: not as long as announced", name);
	return archive_write_finish_entry(t->tar) == ARCHIVE_OK
		   ? 0
		   : failed(t, t->tar, e);
}

static int
tar_end(void *state, struct error *e)
{
	struct tar *t = state;

	if (archive_write_close(t->tar) != ARCHIVE_OK)
		return failed(t, t->tar, e);
	if (t->gzip != NULL && archive_write_close(t->gzip) != ARCHIVE_OK)
		return failed(t, t->gzip, e);
	return t->zstd == NULL ? 0 : zstd_frame_end(t->zstd, e);
}

static int
drop(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)context;
	(void)p;
	(void)len;
	(void)e;
	return 0;
}

static void
tar_free(void *state)
{
	struct tar *t = state;

	/* An archive given up writes its end when freed. */
	t->to.each = drop;
	if (t->zstd != NULL)
		(void)zstd_frame_begin(t->zstd, drop, NULL, NULL);
	(void)archive_write_free(t->tar);
	(void)archive_write_free(t->gzip);
	zstd_writer_free(t->zstd);
	if (t->utf8 != (locale_t)0)
		freelocale(t->utf8);
	free(t);
}

const struct package package_tar = {
	.name = "tar",
	.suffix = ".tar",
	.aliases = "",
	.summary = "tar, pax restricted, reproducible",
	.recognise = tar_recognise,
	.read = tar_read,
	.begin = begin_plain,
	.entry = tar_entry,
	.end = tar_end,
	.free = tar_free,
};

const struct package package_tar_gz = {
	.name = "tar.gz",
	.suffix = ".tar.gz",
	.aliases = ".tgz",
	.summary = "the same tar in gzip, without a time",
	.recognise = tar_gz_recognise,
	.read = tar_read,
	.begin = begin_gz,
	.entry = tar_entry,
	.end = tar_end,
	.free = tar_free,
};

const struct package package_tar_zst = {
	.name = "tar.zst",
	.suffix = ".tar.zst",
	.aliases = ".tzst",
	.summary = "the same tar in one frame of zstd",
	.recognise = tar_zst_recognise,
	.read = tar_read,
	.begin = begin_zst,
	.entry = tar_entry,
	.end = tar_end,
	.free = tar_free,
};
