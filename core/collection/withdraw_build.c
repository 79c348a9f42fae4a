/* The next generation of a snapshot, made beside it. */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>

#include "core/archive/manifest.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/seal.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_collection.h"
#include "core/collection/withdraw_part.h"

#define MANIFEST "manifest-sha256.txt"

enum { MANIFEST_MAX = 256 * 1024 * 1024 };

struct building {
	const struct collection *collection;
	const struct withdraw_plan *plan;
	char *from, *to;     /* folders */
	struct buf old_text; /* the manifest of the generation before */
	struct manifest old, now;
	struct arena *arena;
	struct json *erased; /* ids */
	struct withdraw_segments anew;
};

/* Made anew from the records. */
static int
is_listing(const char *name)
{
	static const char *const names[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl", "report.json", GENERATION_FILE };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

static int
make_folder_of(const struct building *b, const char *name, struct error *e)
{
	const char *slash = strrchr(name, '/');
	char *folder;
	int rc;

	if (slash == NULL)
		return 0;
	folder = mem_format("%s/%.*s", b->to, (int)(slash - name), name);
	rc = file_make_dirs(folder, e);
	free(folder);
	return rc;
}

static int
copy_stream(const char *from, struct output *out, char hex[DIGEST_TEXT_MAX],
    struct error *e)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct stream *s = NULL;
	const uint8_t *p;
	uint64_t size;
	size_t len;
	int fd = file_open_read(from, e);
	int more = fd < 0 || file_size(from, &size, e) != 0 ? -1 : 1;

	if (more == 1)
		s = stream_of_file(fd, 0, size);
	while (more == 1 && (more = stream_next(s, &p, &len, e)) == 1) {
		digester_add(d, p, len);
		if (out != NULL && output_add(out, p, len, e) != 0)
			more = -1;
	}
	digester_hex(d, hex);
	stream_free(s);
	if (fd >= 0)
		(void)close(fd); /* only read */
	digester_free(d);
	return more;
}

/* The file as it was sealed, copied; COPY 0: only looked at. */
static int
take_file(const struct building *b, const struct manifest_entry *f, int copy,
    struct error *e)
{
	char *from = mem_format("%s/%s", b->from, f->name);
	char *to = mem_format("%s/%s", b->to, f->name);
	struct output out = { .fd = -1 };
	char hex[DIGEST_TEXT_MAX];
	int rc = copy ? output_open(&out, to, e) : 0;

	if (rc == 0)
		rc = copy_stream(from, copy ? &out : NULL, hex, e);
	if (rc == 0 && strcmp(hex, f->hex) != 0)
		rc = error_set(e, ERROR_INTEGRITY,
		    "%s: is not as it was sealed; nothing was erased", from);
	if (rc == 0 && copy)
		rc = output_finish(&out, e);
	output_clear(&out);
	free(from);
	free(to);
	return rc;
}

static int
take_segment(
    struct building *b, const struct manifest_entry *f, struct error *e)
{
	const struct withdraw_segment s = {
		.from = b->from,
		.to = b->to,
		.file = f->name,
		.collection_id = b->collection->id,
		.erased = b->erased,
		.arena = b->arena,
	};
	char *path = mem_format("%s/%s", b->from, f->name);
	int concerns = withdraw_concerns(b->plan, path, e);
	int rc = concerns < 0 ? -1 : take_file(b, f, !concerns, e);

	if (rc == 0 && concerns) {
		struct withdraw_segments *w = &b->anew;

		rc = withdraw_segment(b->plan, &s, e);
		w->names = mem_grow(w->names, w->count + 1, sizeof(*w->names));
		w->names[w->count++] = mem_text(f->name);
	}
	free(path);
	return rc;
}

/* What an import kept: listings of others tell of it, too. They come behind
 * all record files. */
static int
take_source(
    const struct building *b, const struct manifest_entry *f, struct error *e)
{
	char *from = mem_format("%s/%s", b->from, f->name);
	char *to = mem_format("%s/%s", b->to, f->name);
	char hex[65];
	int rc = withdraw_source(b->plan, &b->anew, from, to, hex, e);

	if (rc == 0 && strcmp(hex, f->hex) != 0)
		rc = error_set(e, ERROR_INTEGRITY,
		    "%s: is not as it was sealed; nothing was erased", from);
	free(from);
	free(to);
	return rc;
}

static int
take_all(struct building *b, struct error *e)
{
	for (size_t i = 0; i < b->old.count; i++) {
		const struct manifest_entry *f = &b->old.entries[i];
		int is_records = text_starts(f->name, "records/") ||
				 text_starts(f->name, "derived/");

		if (make_folder_of(b, f->name, e) != 0)
			return -1;
		if (is_records ? take_segment(b, f, e) != 0
		    : text_starts(f->name, "sources/")
			? take_source(b, f, e) != 0
			: take_file(b, f, !is_listing(f->name), e) != 0)
			return -1;
	}
	return 0;
}

/* withdrawn.json, and the manifest of the generation before. */
static int
write_generation(struct building *b, struct error *e)
{
	int is_there;
	const struct json *before = generation_history(
	    b->arena, b->from, &is_there);
	size_t number = json_count(before) + 1;
	struct json *o = json_new_object(b->arena);
	struct json *history = json_new_array(b->arena);
	struct json *step = json_new_object(b->arena);
	char name[64];
	char *path;
	char digest[DIGEST_TEXT_MAX];
	struct buf text = { 0 };
	int rc;

	(void)snprintf(name, sizeof(name), GENERATION_MANIFEST, number);
	digest_text(DIGEST_SHA256, b->old_text.data, b->old_text.len, digest);
	for (size_t i = 0; i < json_count(before); i++)
		json_append(b->arena, history, json_at(before, i));
	json_set_string(b->arena, step, "at", b->plan->at);
	json_set_string(b->arena, step, "by", b->plan->by);
	json_set_string(b->arena, step, "reason", b->plan->reason);
	json_set_string(b->arena, step, "manifest", name);
	json_set_string(
	    b->arena, step, "manifest_sha256", digest + strlen("sha256:"));
	json_set(b->arena, step, "erased", b->erased);
	json_append(b->arena, history, step);
	json_set_string(b->arena, o, "schema", GENERATION_SCHEMA);
	json_set_integer(b->arena, o, "generation", (int64_t)number + 1);
	json_set(b->arena, o, "history", history);
	json_write_canonical(&text, o);
	buf_add_byte(&text, '\n');
	path = mem_format("%s/%s", b->to, GENERATION_FILE);
	rc = file_put(path, text.data, text.len, e);
	free(path);
	path = mem_format("%s/%s", b->to, name);
	if (rc == 0)
		rc = file_put(path, b->old_text.data, b->old_text.len, e);
	free(path);
	buf_clear(&text);
	return rc;
}

static int
each_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct building *b = context;
	char *path = mem_format("%s/%s", b->to, name);
	char hex[65];
	int rc = manifest_digest_file(path, hex, e);

	(void)is_regular;
	if (rc == 0) {
		manifest_add(&b->now, name, hex);
		rc = file_chmod(path, 0440, e);
	}
	free(path);
	return rc;
}

static int
write_manifest(struct building *b, struct error *e)
{
	char *path = mem_format("%s/" MANIFEST, b->to);
	int rc = file_walk(b->to, each_file, b, e);

	if (rc == 0)
		rc = manifest_put(path, &b->now, e);
	free(path);
	return rc;
}

static void
keep_finding(void *context, const struct finding *f)
{
	struct error *why = context;

	if (why->kind == ERROR_NONE &&
	    (f->severity == SEVERITY_CHANGED || f->severity == SEVERITY_DAMAGE))
		(void)error_set(why, ERROR_INTEGRITY, "%s: %s: %s", f->code,
		    f->file, f->text);
}

static int
verify_new(const struct building *b, struct error *e)
{
	struct verify_collection_totals totals = { 0 };
	struct error why = { 0 };
	const struct verify_collection_options o = {
		.each_finding = keep_finding,
		.context = &why,
		.level = VERIFY_FULL,
	};

	if (verify_snapshot(NULL, NULL, b->to, &o, &totals, e) != 0)
		return -1;
	if (why.kind != ERROR_NONE)
		return error_set(e, why.kind,
		    "%s: would not be sound without it, and stays: %s", b->from,
		    why.text);
	return 0;
}

static int
build(struct building *b, struct error *e)
{
	char *path = mem_format("%s/" MANIFEST, b->from);
	int rc = file_get(path, &b->old_text, MANIFEST_MAX, e);

	if (rc == 0)
		rc = manifest_read(
		    &b->old, buf_text(&b->old_text), b->old_text.len, e);
	if (rc != 0)
		(void)error_within(e, "%s", path);
	free(path);
	if (rc != 0 || (file_is_dir(b->to) && seal_remove_dir(b->to, e) != 0) ||
	    file_make_dir(b->to, e) != 0 || take_all(b, e) != 0 ||
	    withdraw_listings(b->plan, b->from, b->to, e) != 0 ||
	    write_generation(b, e) != 0 || write_manifest(b, e) != 0 ||
	    verify_new(b, e) != 0)
		return -1;
	return seal_folders(b->to, e);
}

int
withdraw_build(const struct collection *c, const struct withdraw_plan *p,
    const char *snapshot, struct error *e)
{
	struct building b = { .collection = c, .plan = p };
	int rc;

	b.from = collection_path(c, snapshot);
	b.to = withdraw_stage(c, snapshot);
	b.arena = arena_new();
	b.erased = json_new_array(b.arena);
	rc = build(&b, e);
	for (size_t i = 0; i < b.anew.count; i++)
		free(b.anew.names[i]);
	free(b.anew.names);
	manifest_clear(&b.old);
	manifest_clear(&b.now);
	buf_clear(&b.old_text);
	arena_free(b.arena);
	free(b.from);
	free(b.to);
	return rc;
}
