/* Sealed snapshots that go whole: their manifest and what it lists. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"

#define MANIFEST "manifest-sha256.txt"

enum { MANIFEST_MAX = 256 * 1024 * 1024 };

static enum export_role
role_of(const char *name)
{
	static const struct {
		const char *name;
		enum export_role role;
	} files[] = {
		{ "index.cdxj", EXPORT_INDEX },
		{ "articles.jsonl", EXPORT_ARTICLES },
		{ "outcomes.jsonl", EXPORT_OUTCOMES },
		{ "report.json", EXPORT_REPORT },
		{ MANIFEST, EXPORT_MANIFEST },
	};

	if (text_starts(name, "records/"))
		return EXPORT_RECORDS;
	if (text_starts(name, "derived/"))
		return EXPORT_DERIVED;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(name, files[i].name) == 0)
			return files[i].role;
	return EXPORT_OTHER;
}

struct whole {
	struct export_plan *plan;
	const char *path; /* of the snapshot, below the collection */
	const char *name;
	size_t number;
};

static int
add_file(
    const struct whole *w, const char *name, const char *hex, struct error *e)
{
	struct export_plan *p = w->plan;
	struct export_file f = { .snapshot = w->name,
		.name = arena_text(p->arena, name),
		.role = role_of(name),
		.number = w->number };
	struct export_source source = { .path = arena_format(
					    p->arena, "%s/%s", w->path, name) };
	char *path = collection_path(p->collection, source.path);
	struct error why = { 0 };
	int rc = file_size(path, &f.size, &why);

	memcpy(f.hex, hex, DIGEST_SHA256_HEX);
	if (rc == 0)
		export_plan_add(p, &f, &source);
	else if (why.kind == ERROR_NOTFOUND || !file_exists(path))
		rc = error_set(e, ERROR_INTEGRITY,
		    "%s: is missing; see: holdfast verify", source.path);
	else
		rc = error_set(e, why.kind, "%s", why.text);
	free(path);
	return rc;
}

/* In bytewise order, the manifest in its place. */
static int
add_files(const struct whole *w, const struct manifest *m, const char *hex,
    struct error *e)
{
	int is_put = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!is_put && strcmp(MANIFEST, m->entries[i].name) < 0) {
			if (add_file(w, MANIFEST, hex, e) != 0)
				return -1;
			is_put = 1;
		}
		if (add_file(w, m->entries[i].name, m->entries[i].hex, e) != 0)
			return -1;
	}
	return is_put ? 0 : add_file(w, MANIFEST, hex, e);
}

int
export_manifest(const struct export_plan *p, const char *snapshot,
    struct manifest *m, char hex[65], struct error *e)
{
	char *path = mem_format(
	    "%s/%s/" MANIFEST, p->collection->dir, snapshot);
	char text[DIGEST_TEXT_MAX];
	struct buf bytes = { 0 };
	int rc = file_get(path, &bytes, MANIFEST_MAX, e);

	if (rc == 0)
		rc = manifest_read(m, buf_text(&bytes), bytes.len, e);
	if (rc != 0 && e->kind != ERROR_SYSTEM)
		rc = error_set(e, ERROR_INTEGRITY, "%s: %s", path, e->text);
	if (rc == 0) {
		digest_text(DIGEST_SHA256, bytes.data, bytes.len, text);
		memcpy(hex, strchr(text, ':') + 1, DIGEST_SHA256_HEX + 1);
	}
	buf_clear(&bytes);
	free(path);
	return rc;
}

static int
add_listed(const struct whole *w, struct error *e)
{
	struct manifest m = { 0 };
	char hex[65];
	int rc = export_manifest(w->plan, w->path, &m, hex, e);

	if (rc == 0)
		rc = add_files(w, &m, hex, e);
	manifest_clear(&m);
	return rc;
}

static void
widen(struct export_plan *p, int64_t us)
{
	if (us > p->newest_us)
		p->newest_us = us;
	if (us < p->oldest_us)
		p->oldest_us = us;
}

/* The times of its captures: of the index, which has each. */
static int
add_times(const struct whole *w, struct error *e)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", w->plan->collection->dir, w->path);
	struct line_reader lines = { .fd = -1 };
	struct cdxj_line cut;
	struct error why = { 0 };
	char *line;
	size_t len;
	size_t count = 0;
	int64_t us;
	int more = line_reader_open(&lines, path, &why);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, &why)) > 0) {
		if (cdxj_split(line, &cut, &why) != 0) {
			more = -1;
		} else if (date_parse_digits(cut.time, &us)) {
			widen(w->plan, us);
			count++;
		}
	}
	line_reader_close(&lines);
	free(path);
	if (more == 0)
		return count > 0;
	return error_set(e,
	    why.kind == ERROR_SYSTEM ? ERROR_SYSTEM : ERROR_INTEGRITY,
	    "%s/index.cdxj: %s", w->path, why.text);
}

/* Without captures it is dated by the end of its run. */
static int
add_snapshot(const struct whole *w, struct error *e)
{
	struct export_plan *p = w->plan;
	struct snapshot_facts facts;
	struct arena *a;
	int rc = export_plan_goes_on(p, e);

	if (rc == 0)
		rc = add_listed(w, e);
	if (rc == 0)
		rc = add_times(w, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	a = arena_new();
	rc = snapshot_facts_read(p->collection, a, w->path, &facts, e);
	if (rc == 0)
		widen(p, facts.ended_us / 1000000 * 1000000);
	arena_free(a);
	return rc;
}

int
export_whole(
    struct export_plan *p, const struct file_names *paths, struct error *e)
{
	struct file_names *names = &p->snapshots;

	names->names = mem_zero(paths->count, sizeof(*names->names));
	for (size_t i = 0; i < paths->count; i++) {
		const char *slash = strrchr(paths->names[i], '/');
		struct whole w = {
			.plan = p, .path = paths->names[i], .number = i
		};

		names->names[i] = mem_text(
		    slash == NULL ? paths->names[i] : slash + 1);
		names->count = i + 1;
		w.name = names->names[i];
		if (add_snapshot(&w, e) != 0)
			return -1;
	}
	return 0;
}
