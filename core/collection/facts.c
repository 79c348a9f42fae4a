/* What report.json says of a sealed snapshot. */
#include "core/collection/facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"

/* A report has one member a line, and its pages, which may be many, come
 * last: reading ends there. */
static int
read_head(const char *path, struct buf *out, struct error *e)
{
	struct line_reader lines = { .fd = -1 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, e)) > 0) {
		if (text_starts(line, "\"pages\":[")) {
			buf_add_text(out, "\"pages\":[]}");
			break;
		}
		buf_add(out, line, len);
		buf_add_byte(out, '\n');
	}
	line_reader_close(&lines);
	return more < 0 ? -1 : 0;
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static uint64_t
number_of(const struct json *o, const char *name)
{
	int64_t n = json_int(json_get(o, name), 0);

	return n < 0 ? 0 : (uint64_t)n;
}

static void
take(struct snapshot_facts *f, const struct json *o)
{
	const struct json *totals = json_get(o, "totals");

	f->kind = text_of(o, "kind");
	f->status = text_of(o, "status");
	f->started = text_of(o, "started");
	f->ended = text_of(o, "ended");
	(void)date_parse(f->ended, &f->ended_us, NULL);
	f->targets = number_of(totals, "targets");
	f->good = number_of(totals, "good");
	f->failed = number_of(totals, "failed");
	f->records = number_of(totals, "records");
	f->articles = number_of(totals, "articles");
	f->archive_bytes = number_of(totals, "archive_bytes");
	f->payload_bytes = number_of(totals, "payload_bytes");
	f->pages = number_of(totals, "pages");
	f->pages_incomplete = number_of(totals, "pages_incomplete");
	f->previous = text_of(json_get(o, "previous"), "snapshot");
	f->version = text_of(o, "version");
}

struct json *
snapshot_report(const struct collection *c, struct arena *a,
    const char *snapshot, struct error *e)
{
	char *path = mem_format("%s/%s/report.json", c->dir, snapshot);
	struct error why = { 0 };
	struct buf text = { 0 };
	struct json *o = NULL;

	if (read_head(path, &text, &why) == 0)
		o = json_parse(a, buf_text(&text), text.len, &why);
	if (o == NULL)
		(void)error_set(e,
		    why.kind == ERROR_SYSTEM ? ERROR_SYSTEM : ERROR_INTEGRITY,
		    "%s/report.json: %s", snapshot, why.text);
	buf_clear(&text);
	free(path);
	return o;
}

int
snapshot_facts_read(const struct collection *c, struct arena *a,
    const char *snapshot, struct snapshot_facts *out, struct error *e)
{
	const char *slash = strrchr(snapshot, '/');
	const struct json *o;

	*out = (struct snapshot_facts){
		.snapshot = arena_text(a, snapshot),
		.name = arena_text(a, slash == NULL ? snapshot : slash + 1),
	};
	o = snapshot_report(c, a, snapshot, e);
	take(out, o);
	return o == NULL ? -1 : 0;
}
