/* What a journal amounts to: index, outcomes and sums. */
#include "core/collection/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/journal.h"
#include "core/collection/lines.h"
#include "core/collection/report.h"
#include "core/collection/seen_set.h"

/* Of index lines, until they go to a temporary file. */
#define TALLY_SORT_MEMORY ((size_t)2 * 1024 * 1024)

void
tally_init(struct tally *t, int fd)
{
	*t = (struct tally){ .fd = fd, .outcomes.fd = -1 };
	t->arena = arena_new();
	t->scratch = arena_new();
	t->targets = seen_set_new(NULL);
}

void
tally_clear(struct tally *t)
{
	arena_free(t->arena);
	arena_free(t->scratch);
	seen_set_free(t->targets);
	output_clear(&t->outcomes);
	free(t->files);
	free(t->runs);
	free(t->discovered);
	sorter_free(t->index);
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* An index line for records that others may ask for: responses, revisits,
 * resources (our certificates among them). */
static int
add_index(struct tally *t, const struct json *o, struct error *e)
{
	const char *type = text_of(o, "type");
	int is_revisit = strcmp(type, "revisit") == 0;
	struct cdxj_facts f = {
		.url = text_of(o, "uri"),
		.mime = is_revisit ? "warc/revisit" : text_of(o, "mime"),
		.status = (unsigned)json_int(json_get(o, "status"), 0),
		.digest = text_of(o, "digest"),
		.length = (uint64_t)json_int(json_get(o, "length"), 0),
		.offset = (uint64_t)json_int(json_get(o, "offset"), 0),
		.file = text_of(o, "file"),
		.id = text_of(o, "id"),
	};
	struct buf line = { 0 };
	int rc;

	if (!is_revisit && strcmp(type, "response") != 0 &&
	    strcmp(type, "resource") != 0)
		return 0;
	if (!date_parse(text_of(o, "date"), &f.date_us, NULL))
		return error_set(
		    e, ERROR_INTEGRITY, "journal: record without a date");
	if (t->index == NULL)
		t->index = sorter_new(TALLY_SORT_MEMORY, NULL);
	cdxj_add_line(&line, &f);
	rc = sorter_add(t->index, line.data, line.len, e);
	buf_clear(&line);
	return rc;
}

static int
add_record(struct tally *t, const struct json *o, struct error *e)
{
	t->totals.records++;
	/* Of an import every record counts: nothing was fetched. */
	t->exchanges += (uint64_t)t->is_import;
	return add_index(t, o, e);
}

static int
add_derived(struct tally *t, const struct json *o)
{
	t->totals.records++;
	t->exchanges++;
	t->totals.articles += (uint64_t)text_starts(
	    text_of(o, "uri"), "urn:holdfast:article:");
	return 0;
}

/* An outcome in the run being read; later ones than the first have their
 * own keys, that no URL begins like. 1, 0: it has one; -1. */
static int
add_target_of_run(struct tally *t, const char *url, struct error *e)
{
	char *key;
	int is_new;

	if (t->run == 0)
		return 1;
	key = mem_format("%zu %s", t->run, url);
	is_new = seen_set_add(t->targets, key, 0, NULL, e);
	free(key);
	return is_new;
}

static int
add_target(struct tally *t, const char *url, struct error *e)
{
	int is_new = seen_set_add(t->targets, url, 0, NULL, e);

	return is_new < 0 || t->run == 0 ? is_new
					 : add_target_of_run(t, url, e);
}

/* One line of outcomes.jsonl; the second of a target in a run is left out. */
static int
add_outcome(struct tally *t, const struct json *o, const char *line, size_t len,
    struct error *e)
{
	enum outcome outcome;
	int is_new;

	if (!outcome_find(text_of(o, "outcome"), &outcome))
		return error_set(e, ERROR_INTEGRITY,
		    "journal: unknown outcome '%s'", text_of(o, "outcome"));
	is_new = add_target(t, text_of(o, "url"), e);
	if (is_new != 1)
		return is_new;
	report_count(&t->totals, outcome, text_of(o, "record"),
	    json_int(json_get(o, "bytes"), 0));
	if (json_int(json_get(o, "fetch_ms"), -1) >= 0)
		t->exchanges++;
	if (output_add(&t->outcomes, line, len, e) != 0)
		return -1;
	return output_add(&t->outcomes, "\n", 1, e);
}

static void
add_discovered(struct tally *t, uint64_t offset)
{
	size_t n = t->discovered_count;

	if ((n & (n - 1)) == 0)
		t->discovered = mem_grow(
		    t->discovered, n == 0 ? 1 : 2 * n, sizeof(*t->discovered));
	t->discovered[n] = offset;
	t->discovered_count++;
}

static void
add_page(struct tally *t, const struct json *o)
{
	t->totals.pages++;
	if (!json_bool(json_get(o, "complete"), 1))
		t->totals.pages_incomplete++;
}

/* The state of one file after a group. */
static void
set_file(struct tally *t, const struct json *o)
{
	const char *file = text_of(o, "file");
	struct tally_file *f = NULL;

	for (size_t i = 0; i < t->file_count; i++)
		if (strcmp(t->files[i].file, file) == 0)
			f = &t->files[i];
	if (f == NULL) {
		t->files = mem_grow(
		    t->files, t->file_count + 1, sizeof(*t->files));
		f = &t->files[t->file_count++];
		f->file = arena_text(t->arena, file);
	}
	f->end = (uint64_t)json_int(json_get(o, "end"), 0);
	(void)snprintf(
	    f->sha256, sizeof(f->sha256), "%s", text_of(o, "sha256"));
}

/* Each target of the "d" line at OFFSET that has no outcome. */
static int
add_missing(struct tally *t, uint64_t offset, const char *reason,
    const char *time, struct error *e)
{
	struct buf text = { 0 };
	struct outcome_line o;
	const struct json *d;
	const struct json *urls;
	int rc = -1;

	outcome_line_init(&o);
	o.reason = reason;
	o.time = time;
	o.run = (unsigned)t->run + 1;
	if (journal_line_at(t->fd, offset, &text, e) != 0)
		goto done;
	arena_reset(t->scratch);
	d = json_parse(t->scratch, buf_text(&text), text.len, e);
	if (d == NULL)
		goto done;
	urls = json_get(d, "urls");
	o.via = text_of(d, "page");
	for (size_t i = 0; i < json_count(urls); i++) {
		int is_new;

		o.url = json_text(json_at(urls, i), "");
		is_new = seen_set_add(t->targets, o.url, 0, NULL, e);
		if (is_new < 0)
			goto done;
		if (is_new == 0)
			continue;
		t->added++;
		report_count(&t->totals, o.outcome, "", 0);
		buf_reset(&text);
		outcome_line_write(&text, &o);
		buf_add_byte(&text, '\n');
		if (output_add(&t->outcomes, text.data, text.len, e) != 0)
			goto done;
	}
	rc = 0;
done:
	buf_clear(&text);
	return rc;
}

/* The run being read is over: what it found and did not try. */
static int
end_run(struct tally *t, struct error *e)
{
	const struct tally_run *run = &t->runs[t->run];
	char time[DATE_TEXT_MAX];
	char *reason = strcmp(run->status, "interrupted") == 0
			   ? mem_text("interrupted")
			   : mem_format(
				 "the run ended before (%s)", run->status);
	int rc = 0;

	date_rfc3339_us(run->ended_us, time);
	for (size_t i = 0; rc == 0 && i < t->discovered_count; i++)
		rc = add_missing(t, t->discovered[i], reason, time, e);
	t->discovered_count = 0;
	free(reason);
	return rc;
}

static int
each_line(void *context, char kind, char *line, size_t len, uint64_t offset,
    struct error *e)
{
	struct tally *t = context;
	const struct json *o;

	/* Read by end_run; they are the long ones. */
	if (kind == 'd') {
		add_discovered(t, offset);
		return 0;
	}
	arena_reset(t->scratch);
	o = json_parse(t->scratch, line, len, e);
	if (o == NULL)
		return error_within(e, "journal");
	switch (kind) {
	case 'r':
		return add_record(t, o, e);
	case 'a':
		return add_derived(t, o);
	case 'o':
		return add_outcome(t, o, line, len, e);
	case 'p':
		add_page(t, o);
		return 0;
	case 'g':
		o = json_get(o, "files");
		for (size_t i = 0; i < json_count(o); i++)
			set_file(t, json_at(o, i));
		return 0;
	case 'k':
		return end_run(t, e);
	case 'n':
		t->run++;
		return 0;
	default:
		return 0;
	}
}

/* A run begins. */
static void
add_run(struct tally *t, const struct json *begin)
{
	t->runs = mem_grow(t->runs, t->run_count + 1, sizeof(*t->runs));
	t->runs[t->run_count++] = (struct tally_run){ .begin = begin };
}

static int
each_end(void *context, char kind, char *line, size_t len, uint64_t offset,
    struct error *e)
{
	struct tally *t = context;
	struct tally_run *run;
	const struct json *o;
	int64_t ended_us;

	(void)offset;
	if (kind != 'b' && kind != 'n' && kind != 'k' && kind != 'e')
		return 0;
	o = json_parse(t->arena, line, len, e);
	if (o == NULL)
		return error_within(e, "journal");
	if (kind == 'b' || kind == 'n')
		add_run(t, o);
	if (kind == 'b') {
		t->begin = o;
		t->is_import = strcmp(text_of(o, "kind"), "import") == 0;
	}
	if (t->run_count == 0 || (kind != 'k' && kind != 'e') ||
	    !date_parse(text_of(o, "ended"), &ended_us, NULL))
		return 0;
	run = &t->runs[t->run_count - 1];
	run->status = text_of(o, "status");
	run->ended_us = ended_us;
	if (kind == 'e') {
		t->status = run->status;
		t->ended_us = ended_us;
	}
	return 0;
}

/* A run that another follows has an end, in a journal of ours; whatever else
 * comes must not be believed to have one. */
static void
end_all(struct tally *t)
{
	for (size_t i = 0; i < t->run_count; i++) {
		struct tally_run *run = &t->runs[i];
		int is_last = i + 1 == t->run_count;

		if (run->status != NULL || (is_last && t->status == NULL))
			continue;
		run->status = "interrupted";
		if (!date_parse(
			text_of(run->begin, "started"), &run->ended_us, NULL))
			run->ended_us = 0;
	}
}

int
tally_ends(struct tally *t, struct error *e)
{
	uint64_t end;

	t->run_count = 0;
	if (journal_read(t->fd, each_end, t, &end, e) != 0)
		return -1;
	if (t->begin == NULL)
		return error_set(e, ERROR_INTEGRITY, "journal: no begin");
	end_all(t);
	return 0;
}

static int
write_outcomes(struct tally *t, const char *dir, struct error *e)
{
	char *path = mem_format("%s/outcomes.jsonl", dir);
	uint64_t end;
	int rc = listing_open(&t->outcomes, path, e);

	free(path);
	if (rc == 0)
		rc = journal_read(t->fd, each_line, t, &end, e);
	if (rc == 0)
		rc = end_run(t, e);
	return rc == 0 ? output_finish(&t->outcomes, e) : -1;
}

static int
write_index(struct tally *t, const char *dir, struct error *e)
{
	struct output out;
	char *path = mem_format("%s/index.cdxj", dir);
	int rc = listing_open(&out, path, e);
	const uint8_t *line;
	size_t len;
	int more = t->index != NULL;

	free(path);
	if (rc == 0 && more)
		rc = sorter_begin(t->index, e);
	while (rc == 0 && more &&
	       (more = sorter_next(t->index, &line, &len, e)) == 1)
		rc = output_add(&out, line, len, e);
	if (rc == 0 && more == 0)
		rc = output_finish(&out, e);
	else
		rc = -1;
	output_clear(&out);
	return rc;
}

int
tally_write(struct tally *t, const char *dir, struct error *e)
{
	if (write_outcomes(t, dir, e) != 0 || write_index(t, dir, e) != 0)
		return -1;
	for (size_t i = 0; i < t->file_count; i++)
		t->totals.archive_bytes += t->files[i].end;
	return 0;
}

const struct tally_file *
tally_find(const struct tally *t, const char *file)
{
	for (size_t i = 0; i < t->file_count; i++)
		if (strcmp(t->files[i].file, file) == 0)
			return &t->files[i];
	return NULL;
}
