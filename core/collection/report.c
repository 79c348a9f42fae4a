/* report.json: what a run was, what it amounts to, what came before it. */
#include "core/collection/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/chain_head.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/listing.h"
#include "core/collection/tally.h"

/* The snapshot before this one, as an object or null. */
static int
add_previous(struct buf *b, const struct collection *c, struct error *e)
{
	char hex[65] = "";
	char *last;
	char *path;

	if (chain_head(c, &last, e) != 0)
		return -1;
	if (last == NULL) {
		buf_add_text(b, ",\n\"previous\":null");
		return 0;
	}
	path = mem_format("%s/%s/manifest-sha256.txt", c->dir, last);
	/* A missing one is for verify to tell. */
	if (manifest_digest_file(path, hex, NULL) != 0)
		hex[0] = '\0';
	free(path);
	buf_add_text(b, ",\n\"previous\":{");
	line_text(b, "snapshot", strrchr(last, '/') + 1);
	line_text(b, "manifest_sha256", hex);
	line_end(b);
	free(last);
	return 0;
}

void
report_count(struct snapshot_totals *t, enum outcome outcome,
    const char *record, int64_t bytes)
{
	t->targets++;
	t->by_outcome[outcome]++;
	if (outcome_is_good(outcome))
		t->good++;
	else if (outcome_is_left_out(outcome))
		t->left_out++;
	else
		t->failed++;
	if (record[0] != '\0' && bytes > 0)
		t->payload_bytes += (uint64_t)bytes;
}

void
report_add_totals(struct buf *b, const struct snapshot_totals *t)
{
	buf_add_text(b, ",\n\"totals\":{");
	line_number(b, "targets", (int64_t)t->targets);
	line_number(b, "good", (int64_t)t->good);
	line_number(b, "failed", (int64_t)t->failed);
	line_number(b, "left_out", (int64_t)t->left_out);
	buf_add_text(b, ",\"by_outcome\":{");
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (t->by_outcome[i] > 0)
			line_number(b, outcome_name((enum outcome)i),
			    (int64_t)t->by_outcome[i]);
	line_end(b);
	line_number(b, "records", (int64_t)t->records);
	line_number(b, "archive_bytes", (int64_t)t->archive_bytes);
	line_number(b, "payload_bytes", (int64_t)t->payload_bytes);
	line_number(b, "articles", (int64_t)t->articles);
	line_number(b, "pages", (int64_t)t->pages);
	line_number(b, "pages_incomplete", (int64_t)t->pages_incomplete);
	line_end(b);
}

/* A member on a line of its own. */
static void
add_text(struct buf *b, const char *name, const char *value)
{
	buf_add_text(b, ",\n\"");
	buf_add_text(b, name);
	buf_add_text(b, "\":");
	json_add_string(b, value, strlen(value));
}

static void
copy_text(struct buf *b, const struct tally *t, const char *name)
{
	add_text(b, name, json_text(json_get(t->begin, name), ""));
}

/* Each run, where several made the snapshot. */
static void
add_runs(struct buf *b, const struct tally *t)
{
	char ended[DATE_TEXT_MAX];

	buf_add_text(b, ",\n\"runs\":[");
	for (size_t i = 0; i < t->run_count; i++) {
		const struct tally_run *run = &t->runs[i];
		const struct json *begin = run->begin;

		date_rfc3339_us(run->ended_us, ended);
		buf_add_text(b, i == 0 ? "{" : ",{");
		line_text(
		    b, "started", json_text(json_get(begin, "started"), ""));
		line_text(b, "ended", ended);
		line_text(b, "status", run->status);
		line_text(
		    b, "version", json_text(json_get(begin, "version"), ""));
		line_text(
		    b, "revision", json_text(json_get(begin, "revision"), ""));
		if (i > 0)
			line_json(b, "run", json_get(begin, "run"));
		line_end(b);
	}
	buf_add_byte(b, ']');
}

/* All but the pages. */
static int
add_head(struct buf *b, const struct collection *c, const struct tally *t,
    struct error *e)
{
	char ended[DATE_TEXT_MAX];

	date_rfc3339_us(t->ended_us, ended);
	buf_format(b, "{\n\"layout\":%d", COLLECTION_LAYOUT);
	copy_text(b, t, "kind");
	add_text(b, "status", t->status);
	copy_text(b, t, "snapshot");
	copy_text(b, t, "collection");
	copy_text(b, t, "started");
	add_text(b, "ended", ended);
	copy_text(b, t, "software");
	copy_text(b, t, "version");
	copy_text(b, t, "revision");
	if (add_previous(b, c, e) != 0)
		return -1;
	buf_add_text(b, ",\n\"run\":");
	if (json_get(t->begin, "run") == NULL)
		buf_add_text(b, "null");
	else
		json_write(b, json_get(t->begin, "run"));
	if (t->run_count > 1)
		add_runs(b, t);
	report_add_totals(b, &t->totals);
	buf_add_text(b, ",\n\"pages\":[");
	return 0;
}

struct pages {
	struct output *out;
	size_t count;
};

static int
each_page(void *context, char kind, char *line, size_t len, uint64_t offset,
    struct error *e)
{
	struct pages *p = context;

	(void)offset;
	if (kind != 'p')
		return 0;
	if (p->count++ > 0 && output_add(p->out, ",", 1, e) != 0)
		return -1;
	if (output_add(p->out, "\n", 1, e) != 0)
		return -1;
	return output_add(p->out, line, len, e);
}

int
report_write(const struct collection *c, struct tally *t, const char *dir,
    struct error *e)
{
	struct output out = { .fd = -1 };
	struct pages pages = { .out = &out };
	struct buf b = { 0 };
	char *path = mem_format("%s/report.json", dir);
	uint64_t end;
	int rc = -1;

	if (add_head(&b, c, t, e) != 0 || listing_open(&out, path, e) != 0 ||
	    output_add(&out, b.data, b.len, e) != 0 ||
	    journal_read(t->fd, each_page, &pages, &end, e) != 0 ||
	    output_add(&out, "]\n}\n", 4, e) != 0)
		goto done;
	rc = output_finish(&out, e);
done:
	output_clear(&out);
	buf_clear(&b);
	free(path);
	return rc;
}
