/* A selection's own files: listings, report, manifest; all into the plan. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/version.h"
#include "core/collection/export_selection.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/report.h"

#define MANIFEST "manifest-sha256.txt"

struct made {
	struct export_file file;
	struct export_source source;
};

struct making {
	struct selection *selection;
	const struct export_choice *choice;
	const char *name; /* of the selection */
	struct made *files;
	size_t count;
};

static struct made *
add(struct making *m, const char *name, enum export_role role, const char *hex)
{
	struct made *x;

	m->files = mem_grow(m->files, m->count + 1, sizeof(*m->files));
	x = &m->files[m->count++];
	*x = (struct made){
		.file = { .snapshot = m->name, .name = name, .role = role }
	};
	memcpy(x->file.hex, hex, strlen(hex) + 1);
	return x;
}

/* A listing that is complete: its size and digest are known now. */
static int
add_text(struct making *m, const char *name, enum export_role role,
    struct spool *text, struct error *e)
{
	struct stream *bytes = spool_stream(text, 0, spool_len(text));
	char hex[DIGEST_SHA256_HEX + 1];
	struct made *x;
	int rc = stream_sha256(bytes, hex, e);

	x = add(m, name, role, hex);
	x->file.size = spool_len(text);
	x->source.text = text;
	stream_free(bytes);
	return rc;
}

/* A file that lies in one of the snapshots. */
static int
add_kept(struct making *m, const char *name, const char *path, const char *hex,
    struct error *e)
{
	struct arena *a = m->selection->plan->arena;
	struct made *x = add(m, arena_text(a, name), EXPORT_OTHER, hex);
	char *full = collection_path(m->selection->plan->collection, path);
	int rc = file_size(full, &x->file.size, e);

	x->source.path = arena_text(a, path);
	free(full);
	return rc;
}

static void
add_records(struct making *m)
{
	struct selection *s = m->selection;

	for (size_t i = 0; i < s->file_count; i++) {
		const struct selection_file *f = &s->files[i];
		struct made *x = add(m, f->name,
		    f->folder == SELECTION_RECORDS ? EXPORT_RECORDS
						   : EXPORT_DERIVED,
		    f->hex);

		x->file.size = f->size;
		x->source = (struct export_source){
			.pieces = &s->pieces[f->folder],
			.first = f->first,
			.count = f->count,
		};
	}
}

static int
write_index(struct selection *s, struct spool *out, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more = sorter_begin(s->index, e);

	while (more >= 0 && (more = sorter_next(s->index, &p, &len, e)) > 0)
		if (spool_add(out, p, len, e) != 0 ||
		    spool_add(out, "\n", 1, e) != 0)
			return -1;
	return more;
}

/* ---- report.json ---- */

static void
add_member(struct buf *b, const char *name, const char *value)
{
	buf_add_text(b, ",\n\"");
	buf_add_text(b, name);
	buf_add_text(b, "\":");
	json_add_string(b, value, strlen(value));
}

static void
add_time(struct buf *b, const char *name, int64_t us)
{
	char text[DATE_TEXT_MAX] = "";

	if (us != INT64_MIN && us != INT64_MAX)
		date_rfc3339_us(us, text);
	line_text(b, name, text);
}

static void
add_flag(struct buf *b, const char *name, int yes)
{
	buf_format(b, ",\"%s\":%s", name, yes ? "true" : "false");
}

/* What was asked for. */
static void
add_asked(struct buf *b, const struct export_request *r)
{
	buf_add_text(b, "{\"asked\":{\"objects\":[");
	for (size_t i = 0; i < r->object_count; i++) {
		if (i > 0)
			buf_add_byte(b, ',');
		json_add_string(b, r->objects[i], strlen(r->objects[i]));
	}
	buf_add_byte(b, ']');
	line_text(b, "site", r->site);
	line_text(b, "url", r->url);
	add_time(b, "since", r->since_us);
	add_time(b, "until", r->until_us);
	add_flag(b, "self_contained", r->self_contained);
	add_flag(b, "without_withdrawn", r->without_withdrawn);
	buf_add_text(b, "},\"from\":[");
}

static void
add_head(struct buf *b, const struct making *m)
{
	const struct selection *s = m->selection;
	char time[DATE_TEXT_MAX];

	buf_format(b, "{\n\"layout\":%d", COLLECTION_LAYOUT);
	add_member(b, "kind", "selection");
	add_member(b, "status", "complete");
	add_member(b, "snapshot", m->name);
	add_member(b, "collection", s->plan->collection->id);
	date_rfc3339_us(s->oldest_us, time);
	add_member(b, "started", time);
	date_rfc3339_us(s->newest_us, time);
	add_member(b, "ended", time);
	add_member(b, "software", "holdfast");
	add_member(b, "version", version_text());
	add_member(b, "revision", version_revision());
	buf_add_text(b, ",\n\"previous\":null,\n\"run\":");
	add_asked(b, m->choice->request);
	buf_add(b, s->from.data, s->from.len);
	buf_add_byte(b, ']');
	add_flag(b, "imported", s->is_import);
	if (s->marked.len > 0) {
		buf_add_text(b, ",\"files\":[{\"marked\":[");
		buf_add(b, s->marked.data, s->marked.len);
		buf_add_text(b, "]}]");
	}
	buf_add_text(b, "},\n\"runs\":[");
	buf_add(b, s->runs.data, s->runs.len);
	buf_add_byte(b, ']');
	report_add_totals(b, &s->totals);
	buf_add_text(b, ",\n\"pages\":[");
}

static int
write_report(struct making *m, struct spool *out, struct error *e)
{
	struct selection *s = m->selection;
	struct stream *pages = spool_stream(s->pages, 0, spool_len(s->pages));
	struct buf head = { 0 };
	const uint8_t *p;
	size_t len;
	int more = 0;
	int rc;

	add_head(&head, m);
	rc = spool_add(out, head.data, head.len, e);
	while (rc == 0 && (more = stream_next(pages, &p, &len, e)) > 0)
		rc = spool_add(out, p, len, e);
	if (rc == 0)
		rc = more < 0 ? -1 : spool_add(out, "]\n}\n", 4, e);
	stream_free(pages);
	buf_clear(&head);
	return rc;
}

/* ---- all of it ---- */

static int
write_manifest(struct making *m, struct spool *out, struct error *e)
{
	struct manifest manifest = { 0 };
	struct buf text = { 0 };
	int rc;

	for (size_t i = 0; i < m->count; i++)
		manifest_add(
		    &manifest, m->files[i].file.name, m->files[i].file.hex);
	manifest_write(&text, &manifest);
	rc = spool_add(out, text.data, text.len, e);
	buf_clear(&text);
	manifest_clear(&manifest);
	return rc;
}

static int
make_files(struct making *m, struct error *e)
{
	struct selection *s = m->selection;

	add_records(m);
	for (size_t i = 0; i < s->kept.count; i++)
		if (add_kept(m, s->kept.entries[i].name, s->kept_paths.names[i],
			s->kept.entries[i].hex, e) != 0)
			return -1;
	if (s->about != NULL &&
	    add_kept(m, "about/ARCHIVING.md", s->about, s->about_hex, e) != 0)
		return -1;
	if (write_index(s, s->texts[SELECTION_INDEX], e) != 0 ||
	    write_report(m, s->texts[SELECTION_REPORT], e) != 0 ||
	    add_text(m, "index.cdxj", EXPORT_INDEX, s->texts[SELECTION_INDEX],
		e) != 0 ||
	    add_text(m, "report.json", EXPORT_REPORT,
		s->texts[SELECTION_REPORT], e) != 0 ||
	    add_text(m, "outcomes.jsonl", EXPORT_OUTCOMES, s->outcomes, e) !=
		0 ||
	    add_text(m, "articles.jsonl", EXPORT_ARTICLES, s->articles, e) !=
		0 ||
	    write_manifest(m, s->texts[SELECTION_MANIFEST], e) != 0)
		return -1;
	return add_text(
	    m, MANIFEST, EXPORT_MANIFEST, s->texts[SELECTION_MANIFEST], e);
}

static int
by_name(const void *a, const void *b)
{
	const struct made *x = a;
	const struct made *y = b;

	return strcmp(x->file.name, y->file.name);
}

int
selection_finish(
    struct selection *s, const struct export_choice *choice, struct error *e)
{
	struct export_plan *p = s->plan;
	struct making m = { .selection = s, .choice = choice };
	char time[DATE_TEXT_MAX];
	int rc;

	selection_end_files(s);
	if (s->newest_us == INT64_MIN)
		s->newest_us = s->oldest_us = 0;
	date_compact(s->newest_us, time);
	m.name = arena_format(p->arena, "%s-%s", time, choice->suffix);
	rc = make_files(&m, e);
	if (rc == 0) {
		qsort(m.files, m.count, sizeof(*m.files), by_name);
		for (size_t i = 0; i < m.count; i++) {
			m.files[i].file.number = p->snapshots.count;
			export_plan_add(
			    p, &m.files[i].file, &m.files[i].source);
		}
		export_add_path(&p->snapshots, m.name);
		if (s->newest_us > p->newest_us)
			p->newest_us = s->newest_us;
		if (s->oldest_us < p->oldest_us)
			p->oldest_us = s->oldest_us;
	}
	free(m.files);
	return rc;
}
