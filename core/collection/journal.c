/* The journal of an open snapshot: lines that check themselves. */
#include "core/collection/journal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/collection/lines.h"

enum {
	JOURNAL_CRC = 8,  /* hex digits */
	JOURNAL_HEAD = 11 /* them, a blank, the kind, a blank */
};

void
journal_add(struct buf *out, char kind, const char *json, size_t len)
{
	size_t start = out->len;
	char crc[JOURNAL_CRC + 1];

	assert(len <= JOURNAL_LINE_MAX - JOURNAL_HEAD - 1);
	buf_add_text(out, "00000000 ");
	buf_add_byte(out, (uint8_t)kind);
	buf_add_byte(out, ' ');
	buf_add(out, json, len);
	(void)snprintf(crc, sizeof(crc), "%08x",
	    (unsigned)text_crc32c(
		out->data + start + JOURNAL_CRC + 1, len + 2));
	memcpy(out->data + start, crc, JOURNAL_CRC);
	buf_add_byte(out, '\n');
}

int
journal_append(int fd, uint64_t end, char kind, const char *json, size_t len,
    struct error *e)
{
	struct buf line = { 0 };
	int rc;

	journal_add(&line, kind, json, len);
	rc = file_write_at(fd, line.data, line.len, end, e);
	if (rc == 0)
		rc = file_sync(fd, e);
	buf_clear(&line);
	return rc == 0 ? 0 : error_within(e, "journal");
}

void
journal_end_json(struct buf *json, const char *status, int64_t ended_us)
{
	char ended[DATE_TEXT_MAX];

	date_rfc3339_us(ended_us, ended);
	line_begin(json);
	line_text(json, "status", status);
	line_text(json, "ended", ended);
	line_end(json);
}

int
journal_is_end(char kind)
{
	return kind == 'g' || kind == 'k' || kind == 'e';
}

/* Is this line, LEN bytes without its LF, what journal_add made? 1 / 0. */
static int
is_sound(const uint8_t *line, size_t len)
{
	char crc[JOURNAL_CRC + 1];

	if (len < JOURNAL_HEAD || line[JOURNAL_CRC] != ' ' ||
	    line[JOURNAL_HEAD - 1] != ' ' || memchr(line, '\0', len) != NULL)
		return 0;
	(void)snprintf(crc, sizeof(crc), "%08x",
	    (unsigned)text_crc32c(
		line + JOURNAL_CRC + 1, len - JOURNAL_CRC - 1));
	return memcmp(crc, line, JOURNAL_CRC) == 0;
}

/* Lines pulled out of a file; those before USED are done with. */
struct line_reader {
	int fd;
	size_t chunk; /* bytes asked for at least */
	struct buf bytes;
	size_t used;
	uint64_t offset; /* in the file, of the byte at USED */
};

/* More bytes behind those at hand: how many, 0 at the end, or -1. */
static ssize_t
read_more(struct line_reader *r, struct error *e)
{
	size_t left = r->bytes.len - r->used;
	size_t want = left < r->chunk ? r->chunk : left;
	uint64_t at = r->offset + left;
	uint8_t *to;
	ssize_t n;

	if (r->used > 0 && r->bytes.data != NULL) {
		memmove(r->bytes.data, r->bytes.data + r->used, left);
		buf_cut(&r->bytes, left);
		r->used = 0;
	}
	to = buf_room(&r->bytes, want);
	do
		n = pread(r->fd, to, want, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(e, "journal at %ju", (uintmax_t)at);
	to[n] = '\0';
	r->bytes.len += (size_t)n;
	return n;
}

/*
 * The next line, its LF replaced by NUL: 1, *LINE is valid until the next
 * call; 0, no sound line starts here; -1.
 */
static int
next_line(struct line_reader *r, char **line, size_t *len, struct error *e)
{
	size_t seen = 0; /* bytes known to hold no LF */

	for (;;) {
		size_t left = r->bytes.len - r->used;
		uint8_t *start = left == 0 ? NULL : r->bytes.data + r->used;
		uint8_t *lf = start != NULL && left > seen
				  ? memchr(start + seen, '\n', left - seen)
				  : NULL;
		ssize_t n;

		if (lf != NULL) {
			*line = (char *)start;
			*len = (size_t)(lf - start);
			if (!is_sound(start, *len))
				return 0;
			*lf = '\0';
			r->used += *len + 1;
			r->offset += *len + 1;
			return 1;
		}
		if (left > JOURNAL_LINE_MAX)
			return 0;
		seen = left;
		n = read_more(r, e);
		if (n <= 0)
			return (int)n;
	}
}

int
journal_read(int fd,
    int (*each)(void *context, char kind, char *json, size_t len,
	uint64_t offset, struct error *e),
    void *context, uint64_t *end, struct error *e)
{
	struct line_reader r = { .fd = fd, .chunk = 65536 };
	char *line;
	size_t len;
	int rc;

	*end = 0;
	while ((rc = next_line(&r, &line, &len, e)) == 1) {
		rc = each(context, line[JOURNAL_CRC + 1], line + JOURNAL_HEAD,
		    len - JOURNAL_HEAD, *end, e);
		if (rc != 0) {
			rc = -1;
			break;
		}
		*end = r.offset;
	}
	buf_clear(&r.bytes);
	return rc;
}

int
journal_line_at(int fd, uint64_t offset, struct buf *json, struct error *e)
{
	struct line_reader r = { .fd = fd, .chunk = 4096, .offset = offset };
	char *line;
	size_t len;
	int rc = next_line(&r, &line, &len, e);

	if (rc == 1)
		buf_add(json, line + JOURNAL_HEAD, len - JOURNAL_HEAD);
	else if (rc == 0)
		(void)error_set(e, ERROR_INTEGRITY,
		    "journal at %ju: no sound line", (uintmax_t)offset);
	buf_clear(&r.bytes);
	return rc == 1 ? 0 : -1;
}
