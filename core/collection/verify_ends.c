/* A snapshot looked at without reading all of it: sizes, and the ends of its
 * record files, by what index and report say. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/line_reader.h"
#include "core/collection/verify_part.h"

static const char index_name[] = "index.cdxj";

/* The last record of each file that the index knows of. */
struct ends {
	struct snapshot_check *check;
	uint64_t *last; /* offsets */
	uint8_t *is_there;
};

static uint64_t
number_of(const struct json *o, const char *name)
{
	const char *text = json_text(json_get(o, name), "");
	uint64_t n = 0;

	(void)text_uint(text, strlen(text), UINT64_MAX, &n);
	return n;
}

static void
take_line(struct ends *ends, const struct json *o, uint64_t at)
{
	struct snapshot_check *s = ends->check;
	const char *file = json_text(json_get(o, "filename"), "");
	uint64_t offset = number_of(o, "offset");
	uint32_t i = 0;
	uint64_t size = 0;
	while (i < s->file_count && strcmp(s->files[i], file) != 0)
		i++;
	if (i == s->file_count) {
		if (check_may_say(s, index_name))
			check_say(s, SEVERITY_CHANGED, "line", index_name, at,
			    "", "names a file that is not there: %s", file);
		return;
	}
	if (verify_place_size(&s->place, file, &size, NULL) == 0 &&
	    offset + number_of(o, "length") > size && check_may_say(s, file))
		check_say(s, SEVERITY_CHANGED, "length", file, offset,
		    json_text(json_get(o, "id"), ""),
		    "the record ends behind the end of the file, at %ju",
		    (uintmax_t)size);
	if (!ends->is_there[i] || ends->last[i] < offset)
		ends->last[i] = offset;
	ends->is_there[i] = 1;
}

static int
read_index(struct ends *ends, struct error *e)
{
	struct snapshot_check *s = ends->check;
	struct line_reader lines;
	struct arena *a = arena_new();
	struct buf last = { 0 };
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = 0;

	if (verify_place_lines(&s->place, index_name, &lines, NULL) != 0)
		goto done; /* told with the manifest */
	while ((more = line_reader_next(&lines, &line, &len, &why)) == 1) {
		struct cdxj_line l;

		if (strcmp(buf_text(&last), line) >= 0 &&
		    check_may_say(s, index_name))
			check_say(s, SEVERITY_CHANGED, "line", index_name,
			    lines.start, "",
			    "not behind the line before by its bytes");
		buf_reset(&last);
		buf_add(&last, line, len);
		arena_reset(a);
		if (cdxj_split(line, &l, NULL) == 0)
			take_line(ends,
			    json_parse(a, l.json, strlen(l.json), NULL),
			    lines.start);
		else if (check_may_say(s, index_name))
			check_say(s, SEVERITY_CHANGED, "line", index_name,
			    lines.start, "", "no index line");
	}
	line_reader_close(&lines);
done:
	buf_clear(&last);
	arena_free(a);
	return more < 0 ? check_unread(s, index_name, &why, e) : 0;
}

/* A file from some record on. */
struct tail {
	struct snapshot_check *check;
	const char *file;
	uint64_t base;
};

static void
tail_finding(void *context, const struct finding *f)
{
	struct tail *t = context;

	if (f->severity < SEVERITY_WARNING)
		return;
	/* What does not read in a sealed file is a change. */
	check_say(t->check,
	    f->severity == SEVERITY_DAMAGE ? SEVERITY_CHANGED : f->severity,
	    f->code, t->file, t->base + f->offset, f->record, "%s", f->text);
}

static void
check_tail(struct snapshot_check *s, const char *file, uint64_t base)
{
	struct tail t = { .check = s, .file = file, .base = base };
	const struct verify_options o = { .each_finding = tail_finding,
		.context = &t,
		.skip = s->options->skip | (uint32_t)1 << CHECK_REFERENCES |
			(uint32_t)1 << CHECK_REVISITS,
		.threads = 1 };
	struct verify_totals totals = { 0 };
	struct error why = { 0 };
	struct input *in = NULL;
	struct input *part;

	if (verify_place_open(&s->place, file, file, &in, &why) != 0 ||
	    !input_is_random(in)) {
		check_say(s, SEVERITY_DAMAGE, "unreadable", file, 0, "", "%s",
		    why.text);
		goto done;
	}
	s->totals->files.files++;
	if (input_size(in) < base)
		goto done; /* told with its line */
	part = input_part(in, file, base, input_size(in) - base);
	(void)verify_input(part, file, &o, &totals, NULL);
	s->totals->files.records += totals.records;
	s->totals->files.bytes += input_size(part);
	for (int i = 0; i < VERDICT_COUNT; i++)
		s->totals->files.verdicts[i] += totals.verdicts[i];
	input_free(part);
done:
	input_free(in);
}

/* report.json knows how large all of them are together. */
static void
check_sizes(struct snapshot_check *s)
{
	const struct json *told = json_get(
	    json_get(s->report, "totals"), "archive_bytes");
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < s->file_count; i++) {
		uint64_t size;

		if (verify_place_size(&s->place, s->files[i], &size, NULL) == 0)
			bytes += size;
	}
	if (told != NULL && json_int(told, -1) != (int64_t)bytes &&
	    !check_is_skipped(s, CHECK_OUTCOMES))
		check_say(s, SEVERITY_CHANGED, "report-total", "report.json", 0,
		    "", "archive_bytes is %jd, there are %ju",
		    (intmax_t)json_int(told, -1), (uintmax_t)bytes);
}

int
check_ends(struct snapshot_check *s, struct error *e)
{
	struct ends ends = { .check = s };
	int rc = 0;

	check_sizes(s);
	ends.last = mem_zero(s->file_count + 1u, sizeof(*ends.last));
	ends.is_there = mem_zero(s->file_count + 1u, 1);
	if (!check_is_skipped(s, CHECK_INDEX))
		rc = read_index(&ends, e);
	for (uint32_t i = 0; rc == 0 && i < s->file_count; i++)
		if (ends.is_there[i] &&
		    !verify_place_comes_once(&s->place, s->files[i]))
			check_tail(s, s->files[i], ends.last[i]);
	free(ends.last);
	free(ends.is_there);
	return rc;
}
