/* ARC files (1.0, 1.1, 2.0) as the walker reads them. */
#include <string.h>

#include "core/archive/arc_head.h"
#include "core/base/limits.h"
#include "formats/table.h"
#include "formats/walk.h"

/* The first line behind a line end that is certainly one of a record. */
static int
arc_find(const uint8_t *p, size_t len, size_t *at, size_t *keep)
{
	const uint8_t *end = p + len;
	const uint8_t *lf = p;

	while ((lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL) {
		int begins = arc_begins(lf + 1, (size_t)(end - lf) - 1);

		if (begins > 0) {
			*at = len - (size_t)(end - lf) + 1;
			return 1;
		}
		if (begins < 0)
			break;
		lf++;
	}
	*keep = lf == NULL ? 0 : (size_t)(end - lf);
	return 0;
}

/* A block is followed by one line end; many files have more, because their
 * version block says less than its length. */
static const struct dialect arc_dialect = {
	.format = &format_arc,
	.read_head = arc_read_head,
	.begins = arc_begins,
	.find = arc_find,
	.settle = arc_settle,
	.look = ARC_LOOK_BYTES,
	.end = "\n",
	.end_max = 4,
	.lacks_end = "no line end after the block",
	.other_end = "more line ends than one after the block",
};

static int
arc_open(struct source **out, struct input *in, struct error *e)
{
	(void)e;
	*out = walk_open(&arc_dialect, in);
	return 0;
}

/* A dictionary or a long first frame may hide either kind: WARC it is, most
 * likely. */
static int
arc_recognise(const uint8_t *head, size_t len)
{
	int score = walk_recognise(&arc_dialect, head, len);

	return score == 10 ? 5 : score;
}

const struct format format_arc = {
	.name = "arc",
	.suffix = ".arc.gz",
	.summary = "ARC 1.0 to 2.0, read only",
	.recognise = arc_recognise,
	.open = arc_open,
};
