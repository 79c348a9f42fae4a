/* Record files of any kind: which format reads one, and its door. */
#include "core/archive/format.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/text.h"

#define FORMAT_HEAD_BYTES 4096

/* The format surest of HEAD; failing that, the one whose suffix NAME bears,
 * so that a file broken at its very start is still read by its kind. */
static const struct format *
format_for(const uint8_t *head, size_t len, const char *name)
{
	const struct format *best = NULL;
	int best_score = 0;

	for (size_t i = 0; format_table[i] != NULL; i++) {
		int score = format_table[i]->recognise(head, len);

		if (score == 0 && format_named(format_table[i], name))
			score = 1;
		if (score > best_score) {
			best = format_table[i];
			best_score = score;
		}
	}
	return best;
}

int
format_named(const struct format *f, const char *name)
{
	static const char *const packings[] = { "", ".gz", ".zst", ".open",
		".gz.open", ".zst.open" };
	char suffix[64];
	size_t plain = 0;

	/* ".warc.gz" also means ".warc" and ".warc.zst", and those of files
	 * that are being written. */
	while (plain < sizeof(suffix) - 16 && f->suffix[plain] != '\0' &&
	       !(plain > 0 && f->suffix[plain] == '.')) {
		suffix[plain] = f->suffix[plain];
		plain++;
	}
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		memcpy(suffix + plain, packings[i], strlen(packings[i]) + 1);
		if (text_ends(name, suffix))
			return 1;
	}
	return 0;
}

int
source_open_input(struct source **out, struct input *in, struct error *e)
{
	uint8_t head[FORMAT_HEAD_BYTES];
	const struct format *f;
	size_t n;

	if (input_read(in, 0, head, sizeof(head), &n, e) != 0)
		return -1;
	f = format_for(head, n, input_name(in));
	if (f == NULL)
		return error_set(e, ERROR_INPUT,
		    "%s: is no record file of a known kind", input_name(in));
	return f->open(out, in, e);
}

int
source_open(struct source **out, const char *path, struct error *e)
{
	struct input *in = NULL;
	int rc = input_open(&in, path, path, e);

	if (rc == 0)
		rc = source_open_input(out, in, e);
	input_free(in);
	return rc;
}

void
source_free(struct source *s)
{
	if (s != NULL)
		s->free(s);
}

int
source_next(struct source *s, struct arena *a, struct record *r,
    struct place *where, struct error *e)
{
	struct error mine;

	mine.kind = ERROR_NONE;
	mine.text[0] = '\0';
	/* Formats tell damage from a failing disk by the error. */
	return s->next(s, a, r, where, e != NULL ? e : &mine);
}

int
source_finish(struct source *s, struct place *where, struct error *e)
{
	struct error mine;

	mine.kind = ERROR_NONE;
	mine.text[0] = '\0';
	return s->finish(s, where, e != NULL ? e : &mine);
}

int
source_seek(struct source *s, uint64_t offset, struct error *e)
{
	return s->seek(s, offset, e);
}
