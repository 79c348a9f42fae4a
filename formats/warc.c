/* WARC files as the walker reads them. */
#include <string.h>

#include "core/archive/record.h"
#include "formats/table.h"
#include "formats/walk.h"

/* "\nWARC/1.1": what a record's first line is known by. */
#define WARC_LINE_BYTES 9

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

static int
warc_find(const uint8_t *p, size_t len, size_t *at, size_t *keep)
{
	const uint8_t *end = p + len;

	while (end - p >= WARC_LINE_BYTES) {
		const uint8_t *hit = memmem(p, (size_t)(end - p), "\nWARC/", 6);

		if (hit == NULL) {
			p = end - WARC_LINE_BYTES + 1;
		} else if (end - hit < WARC_LINE_BYTES) {
			p = hit;
			break;
		} else if (is_record_line(hit)) {
			*at = len - (size_t)(end - hit) + 1;
			return 1;
		} else
			p = hit + 1;
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
