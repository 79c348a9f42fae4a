/* Runs of the collection's index: merged, written, searched. */
#include "core/collection/index_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/text.h"

#define RUN_SUFFIX ".cdxj"

int
index_source_open(struct index_source *s, const char *path, const char *prefix,
    struct error *e)
{
	*s = (struct index_source){ .lines = { .fd = -1 } };
	if (line_reader_open(&s->lines, path, e) != 0)
		return -1;
	s->prefix = prefix == NULL ? NULL : mem_text(prefix);
	return 0;
}

void
index_source_close(struct index_source *s)
{
	line_reader_close(&s->lines);
	buf_clear(&s->line);
	free(s->prefix);
	s->prefix = NULL;
}

void
index_add_prefixed(struct buf *out, const char *line, const char *prefix)
{
	static const char name[] = "\"filename\": \"";
	const char *at = strstr(line, name);

	if (at == NULL) {
		buf_add_text(out, line);
		return;
	}
	at += sizeof(name) - 1;
	buf_add(out, line, (size_t)(at - line));
	buf_add_text(out, prefix);
	buf_add_text(out, at);
}

int
index_source_next(struct index_source *s, struct error *e)
{
	char *line;
	size_t len;

	s->more = line_reader_next(&s->lines, &line, &len, e);
	if (s->more != 1)
		return s->more;
	buf_reset(&s->line);
	if (s->prefix == NULL)
		buf_add(&s->line, line, strlen(line));
	else
		index_add_prefixed(&s->line, line, s->prefix);
	buf_add_byte(&s->line, '\n');
	return 1;
}

static const char *
current(const struct index_source *s)
{
	return buf_text(&s->line);
}

char *
index_top_path(const char *run_path)
{
	size_t len = strlen(run_path);

	if (text_ends(run_path, RUN_SUFFIX))
		len -= sizeof(RUN_SUFFIX) - 1;
	return mem_format("%.*s.top", (int)len, run_path);
}

static int
open_anew(struct output *o, const char *path, struct error *e)
{
	/* What an interrupted attempt left is in no CURRENT. */
	if (file_exists(path) && file_remove(path, e) != 0)
		return -1;
	return output_open(o, path, e);
}

/* Key and time of LINE, which begins at OFFSET. */
static void
add_top(struct buf *top, const char *line, uint64_t offset)
{
	size_t len = strcspn(line, " \n");

	if (line[len] == ' ')
		len += 1 + strcspn(line + len + 1, " \n");
	buf_add(top, line, len);
	buf_format(top, " %" PRIu64 "\n", offset);
}

/* The source with the least line; NULL when all are at their ends. */
static struct index_source *
least(struct index_source *sources, size_t count)
{
	struct index_source *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (sources[i].more == 1 &&
		    (best == NULL ||
			strcmp(current(&sources[i]), current(best)) < 0))
			best = &sources[i];
	return best;
}

static int
merge(struct output *run, struct output *top, struct index_source *sources,
    size_t count, struct error *e)
{
	struct buf last = { 0 };
	struct index_source *s;
	uint64_t lines = 0;
	int rc = 0;

	while (rc == 0 && (s = least(sources, count)) != NULL) {
		if (strcmp(buf_text(&last), current(s)) != 0) {
			if (lines++ % INDEX_TOP_LINES == 0)
				add_top(&top->pending, current(s),
				    run->offset + run->pending.len);
			buf_add(&run->pending, s->line.data, s->line.len);
			buf_reset(&last);
			buf_add(&last, s->line.data, s->line.len);
		}
		if (output_may_flush(run, e) != 0 ||
		    output_may_flush(top, e) != 0)
			rc = -1;
		else if (index_source_next(s, e) < 0)
			rc = -1;
	}
	buf_clear(&last);
	return rc;
}

int
index_run_write(const char *path, struct index_source *sources, size_t count,
    uint64_t *bytes, struct error *e)
{
	struct output run = { .fd = -1 };
	struct output top = { .fd = -1 };
	char *top_path = index_top_path(path);
	int rc = -1;

	for (size_t i = 0; i < count; i++)
		if (index_source_next(&sources[i], e) < 0)
			goto done;
	if (open_anew(&run, path, e) != 0 ||
	    open_anew(&top, top_path, e) != 0 ||
	    merge(&run, &top, sources, count, e) != 0 ||
	    output_finish(&run, e) != 0 || output_finish(&top, e) != 0)
		goto done;
	*bytes = run.offset;
	rc = 0;
done:
	output_clear(&run);
	output_clear(&top);
	free(top_path);
	return rc;
}
