/* Members of a changed file whose records read without a fault: which are
 * not framed as we frame them? */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/verify_part.h"

enum { FRAMING_SAID_MAX = 16 };

struct framing {
	struct snapshot_check *check;
	const char *file;
	int fd;
	struct source *source;
	struct gzip_writer *gzip;
	struct arena *arena; /* of one record */
	uint64_t offset;     /* of the next byte to compare */
	int differs;
	uint64_t deflated, deflated_differ;
	/* those that differ */
	uint64_t said_offset[FRAMING_SAID_MAX];
	const char *said_id[FRAMING_SAID_MAX];
	size_t said;
};

static int
each_piece(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct framing *f = context;
	uint8_t there[4096];

	(void)e;
	while (len > 0 && !f->differs) {
		size_t n = len < sizeof(there) ? len : sizeof(there);
		ssize_t got = pread(f->fd, there, n, (off_t)f->offset);

		f->differs = got != (ssize_t)n || memcmp(there, p, n) != 0;
		f->offset += n;
		p += n;
		len -= n;
	}
	return 0;
}

/* Are its deflate blocks stored ones? By the type of the first. */
static int
is_stored(int fd, uint64_t offset)
{
	uint8_t byte = 0;

	return pread(fd, &byte, 1, (off_t)(offset + GZIP_HEADER_BYTES)) == 1 &&
	       (byte & 6) == 0;
}

static void
note(struct framing *f, const struct record *r, uint64_t offset, int stored)
{
	const char *id = record_uri_field(f->check->arena, r, "WARC-Record-ID");

	f->deflated_differ += !stored;
	if (f->said == FRAMING_SAID_MAX)
		return;
	f->said_offset[f->said] = offset;
	f->said_id[f->said++] = id == NULL ? "" : id;
}

/* Frame the record at OFFSET anew and compare. 1; 0, the file ends here; -1:
 * it does not read. */
static int
compare(struct framing *f, uint64_t offset, int stored, struct record *r,
    struct error *e)
{
	struct place where;
	uint64_t length;
	int more;

	arena_reset(f->arena);
	if (source_seek(f->source, offset, e) != 0)
		return -1;
	more = source_next(f->source, f->arena, r, &where, e);
	if (more != 1)
		return more;
	f->offset = where.offset;
	f->differs = 0;
	if (warc_write(f->gzip, r, stored, each_piece, f, &length, e) != 0)
		return -1;
	return 1;
}

static int
compare_next(struct framing *f, uint64_t *offset, struct error *e)
{
	struct record r;
	struct place where = { 0 };
	int stored = is_stored(f->fd, *offset);
	int more = compare(f, *offset, stored, &r, e);

	/* The deflater stores what it cannot make smaller. */
	if (more == 1 && stored && f->differs) {
		stored = 0;
		more = compare(f, *offset, 0, &r, e);
	}
	if (more != 1)
		return more;
	f->deflated += !stored;
	if (f->differs)
		note(f, &r, *offset, stored);
	if (source_finish(f->source, &where, e) != 0)
		return -1;
	*offset += where.length;
	return where.length > 0;
}

/* When no deflated member is as we would write it, another version of the
 * deflater wrote them, and comparing tells nothing. */
static void
say(struct framing *f)
{
	if (f->deflated_differ > 2 && f->deflated_differ == f->deflated) {
		check_say(f->check, SEVERITY_CHANGED, "gzip-bits", f->file, 0,
		    "",
		    "each record reads as recorded; which member was changed "
		    "cannot be told");
		return;
	}
	for (size_t i = 0; i < f->said; i++)
		check_say(f->check, SEVERITY_CHANGED, "gzip-bits", f->file,
		    f->said_offset[i], f->said_id[i],
		    "the record reads as recorded, but bits of its gzip "
		    "member that carry nothing were changed");
}

void
check_framing(struct snapshot_check *s, const char *file)
{
	struct framing f = { .check = s, .file = file };
	char *path = check_path(s, file);
	uint64_t offset = 0;

	f.gzip = gzip_writer_new();
	f.arena = arena_new();
	f.fd = file_open_read(path, NULL);
	if (f.fd >= 0 && source_open_fd(&f.source, f.fd, file, NULL) == 0) {
		while (compare_next(&f, &offset, NULL) == 1)
			;
		say(&f);
	}
	source_free(f.source);
	if (f.fd >= 0)
		(void)close(f.fd); /* only read */
	gzip_writer_free(f.gzip);
	arena_free(f.arena);
	free(path);
}
