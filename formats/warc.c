/* WARC files as the walker reads them. */
#include <string.h>

#include "core/archive/record.h"
#include "formats/table.h"
#include "formats/walk.h"

/* "\nWARC/1.1": what a record's first line is known by. */
#define WARC_LINE_BYTES  9
#define WARC_START_BYTES 16

static int
warc_begins(const uint8_t *p, size_t len)
{
	if (memcmp(p, "WARC/", len < 5 ? len : 5) != 0)
		return 0;
	return len < 5 ? -1 : 1;
}

/* After damage nobody trusts "WARC/" alone. */
static int
is_record_line(const uint8_t *p)
{
	return memcmp(p, "\nWARC/", 6) == 0 && p[6] >= '0' && p[6] <= '9' &&
	       p[7] == '.' && p[8] >= '0' && p[8] <= '9';
}

/* "?WARC/1.1\r\nWARC-": where the line feed before it was lost with what is
 * damaged, a first field tells. */
static int
is_record_start(const uint8_t *p)
{
	const uint8_t *next = p + WARC_LINE_BYTES;

	if (p[6] < '0' || p[6] > '9' || p[7] != '.' || p[8] < '0' || p[8] > '9')
		return 0;
	return memcmp(next + (*next == '\r'), "\nWARC-", 6) == 0;
}

static int
warc_find(const uint8_t *p, size_t len, size_t *at, size_t *keep)
{
	const uint8_t *end = p + len;

	while (end - p >= WARC_LINE_BYTES) {
		size_t rest = (size_t)(end - p) - 1;
		const uint8_t *hit = memmem(p + 1, rest, "WARC/", 5);
		size_t known = hit == NULL ? 0 : (size_t)(end - hit) + 1;

		if (hit == NULL) {
			p = end - 5;
			break;
		}
		p = hit - 1;
		if (known < WARC_LINE_BYTES)
			break;
		if (is_record_line(p) ||
		    (known >= WARC_START_BYTES && is_record_start(p))) {
			*at = len - known + 1;
			return 1;
		}
		if (known < WARC_START_BYTES)
			break;
		p = hit;
	}
	*keep = (size_t)(end - p);
	return 0;
}

static const struct dialect warc_dialect = {
	.format = &format_warc,
	.read_head = record_read_head,
	.begins = warc_begins,
	.find = warc_find,
	.end = "\r\n\r\n",
	.end_max = 4,
	.lacks_end = "no CRLF CRLF after the block",
	.other_end = "other line ends than CRLF CRLF after the block",
};

static int
warc_open(struct source **out, struct input *in, struct error *e)
{
	(void)e;
	*out = walk_open(&warc_dialect, in);
	return 0;
}

static int
warc_recognise(const uint8_t *head, size_t len)
{
	return walk_recognise(&warc_dialect, head, len);
}

const struct format format_warc = {
	.name = "warc",
	.suffix = ".warc.gz",
	.summary = "WARC 0.17 to 1.1, one gzip member per record",
	.recognise = warc_recognise,
	.open = warc_open,
};
