/* What index/ remembers of the snapshots, and whether it is sound itself. */
#include "core/collection/verify_chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/index_current.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_collection.h"

#define MANIFEST     "manifest-sha256.txt"
#define REBUILD_HINT "; holdfast rebuild index makes it anew"

enum { MANIFEST_MAX = 256 * 1024 * 1024 };

int
chain_open(struct chain *ch, const struct collection *c,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	*ch = (struct chain){ .collection = c, .options = o, .totals = totals };
	if (collection_snapshots(c, &ch->sealed, &ch->open, e) != 0)
		return -1;
	ch->previous = mem_zero(ch->sealed.count + 1, sizeof(*ch->previous));
	return 0;
}

void
chain_close(struct chain *ch)
{
	file_names_clear(&ch->sealed);
	file_names_clear(&ch->open);
	target_set_clear(&ch->gone);
	free(ch->previous);
}

static void
say(struct chain *ch, enum severity severity, const char *code,
    const char *file, const char *text)
{
	const struct finding f = { severity, code, file, 0, "", text };

	if (ch->options->each_finding != NULL)
		ch->options->each_finding(ch->options->context, &f);
}

void
chain_say(
    struct chain *ch, const char *code, const char *file, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ch->totals->files.changed++;
	say(ch, SEVERITY_CHANGED, code, file, text);
}

void
chain_note(
    struct chain *ch, const char *code, const char *file, const char *text)
{
	ch->totals->files.notes++;
	say(ch, SEVERITY_NOTE, code, file, text);
}

void
chain_warn(
    struct chain *ch, const char *code, const char *file, const char *text)
{
	ch->totals->files.warnings++;
	say(ch, SEVERITY_WARNING, code, file, text);
}

static int
manifest_load(struct manifest *m, const char *path)
{
	struct buf b = { 0 };
	int rc = file_get(path, &b, MANIFEST_MAX, NULL);

	if (rc == 0)
		rc = manifest_read(m, buf_text(&b), b.len, NULL);
	buf_clear(&b);
	return rc;
}

/* The files in which two manifests differ. */
static void
say_differences(struct chain *ch, const char *snapshot,
    const struct manifest *now, const struct manifest *then)
{
	for (size_t i = 0; i < then->count; i++) {
		const struct manifest_entry *was = &then->entries[i];
		const struct manifest_entry *is = manifest_find(now, was->name);
		char *file = mem_format("%s/%s", snapshot, was->name);

		if (is == NULL)
			chain_say(ch, "witness", file,
			    "was there when the snapshot was sealed");
		else if (strcmp(is->hex, was->hex) != 0)
			chain_say(ch, "witness", file,
			    "was changed together with its line in " MANIFEST);
		free(file);
	}
	for (size_t i = 0; i < now->count; i++) {
		const struct manifest_entry *is = &now->entries[i];
		char *file = mem_format("%s/%s", snapshot, is->name);

		if (manifest_find(then, is->name) == NULL)
			chain_say(ch, "witness", file,
			    "was not there when the snapshot was sealed");
		free(file);
	}
}

/* The manifest is another than the index remembers. */
static void
say_manifest(struct chain *ch, const struct index_snapshot *s, const char *path,
    const char *hex)
{
	char *file = mem_format("%s/" MANIFEST, s->path);
	char *copy = index_manifest_path(ch->collection, s->path);
	struct manifest now = { 0 };
	struct manifest then = { 0 };
	char was[65];

	chain_say(ch, "witness-manifest", file,
	    "SHA-256 is %s, index/CURRENT says %s", hex, s->manifest);
	if (manifest_digest_file(copy, was, NULL) == 0 &&
	    strcmp(was, s->manifest) == 0 && manifest_load(&then, copy) == 0 &&
	    manifest_load(&now, path) == 0)
		say_differences(ch, s->path, &now, &then);
	manifest_clear(&now);
	manifest_clear(&then);
	free(copy);
	free(file);
}

static int
is_zeros(const char *hex)
{
	return strspn(hex, "0") == 64;
}

static void
check_remembered(struct chain *ch, const struct index_snapshot *s)
{
	char *dir = collection_path(ch->collection, s->path);
	char *path = mem_format("%s/" MANIFEST, dir);
	char hex[65];

	if (!file_is_dir(dir)) {
		if (target_set_find(&ch->gone, s->path) == NULL)
			chain_say(ch, "chain-missing", s->path,
			    "is gone: index/CURRENT remembers it");
	} else if (!is_zeros(s->manifest) &&
		   manifest_digest_file(path, hex, NULL) == 0 &&
		   strcmp(hex, s->manifest) != 0 &&
		   !generation_has(dir, s->manifest)) {
		say_manifest(ch, s, path, hex);
	}
	free(path);
	free(dir);
}

int
chain_check_witness(struct chain *ch, const char *only, struct error *e)
{
	struct index_current n;
	struct error why = { 0 };

	if (index_current_read(ch->collection, &n, &why) != 0)
		return why.kind == ERROR_SYSTEM
			   ? error_set(e, why.kind, "%s", why.text)
			   : 0;
	for (size_t i = 0; i < n.count; i++)
		if (only == NULL || strcmp(n.snapshots[i].path, only) == 0)
			check_remembered(ch, &n.snapshots[i]);
	index_current_clear(&n);
	return 0;
}

/* All lines of many files, in whatever order: how many, and the sum of their
 * digests. */
struct lines_sum {
	uint64_t count;
	uint64_t sum[2];
};

static void
add_line(struct lines_sum *sum, const struct buf *line)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	uint64_t part[2];

	digest_sha256(line->data, line->len, raw);
	memcpy(part, raw, sizeof(part));
	sum->count++;
	sum->sum[0] += part[0];
	sum->sum[1] += part[1];
}

/* 1, summed; 0, it is not to be had. */
static int
sum_snapshot(struct chain *ch, const char *snapshot, struct lines_sum *sum)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", ch->collection->dir, snapshot);
	char *prefix = mem_format("%s/", snapshot);
	struct buf last = { 0 };
	struct index_source s;
	int more = -1;

	if (index_source_open(&s, path, prefix, NULL) == 0) {
		while ((more = index_source_next(&s, NULL)) == 1) {
			if (strcmp(buf_text(&last), buf_text(&s.line)) != 0)
				add_line(sum, &s.line);
			buf_reset(&last);
			buf_add(&last, s.line.data, s.line.len);
		}
		index_source_close(&s);
	}
	buf_clear(&last);
	free(prefix);
	free(path);
	return more == 0;
}

/* Is the line of a snapshot that is still there? */
static int
is_of_sealed(struct target_set *sealed, const char *line)
{
	static const char name[] = "\"filename\": \"";
	const char *at = strstr(line, name);
	const char *end;
	char *snapshot;
	int yes;

	if (at == NULL)
		return 1;
	at += sizeof(name) - 1;
	end = strstr(at, "/records/");
	if (end == NULL)
		return 1;
	snapshot = mem_text_n(at, (size_t)(end - at));
	yes = target_set_find(sealed, snapshot) != NULL;
	free(snapshot);
	return yes;
}

/* The line that .top must have where a block of lines begins. */
static int
top_agrees(struct line_reader *top, const struct index_source *s)
{
	size_t len = strcspn(buf_text(&s->line), " ");
	char *expected;
	char *line;
	size_t line_len;
	int equal;

	len += 1 + strcspn(buf_text(&s->line) + len + 1, " ");
	expected = mem_format("%.*s %ju", (int)len, buf_text(&s->line),
	    (uintmax_t)s->lines.start);
	equal = line_reader_next(top, &line, &line_len, NULL) == 1 &&
		strcmp(line, expected) == 0;
	free(expected);
	return equal;
}

/* A run: as long as CURRENT says, sorted, its .top right. 1 / 0. */
static int
sum_run(struct chain *ch, const struct index_run *run,
    struct target_set *sealed, struct lines_sum *sum)
{
	char *path = mem_format("%s/index/%s", ch->collection->dir, run->name);
	char *top_path = index_top_path(path);
	struct buf last = { 0 };
	struct line_reader top = { .fd = -1 };
	struct index_source s;
	uint64_t number = 0;
	int sound = 0;

	if (index_source_open(&s, path, NULL, NULL) != 0)
		goto done;
	sound = s.lines.size == run->bytes &&
		line_reader_open(&top, top_path, NULL) == 0;
	while (sound && index_source_next(&s, NULL) == 1) {
		sound = strcmp(buf_text(&last), buf_text(&s.line)) < 0 &&
			(number++ % INDEX_TOP_LINES != 0 ||
			    top_agrees(&top, &s));
		if (is_of_sealed(sealed, buf_text(&s.line)))
			add_line(sum, &s.line);
		buf_reset(&last);
		buf_add(&last, s.line.data, s.line.len);
	}
	sound = sound && s.more == 0 && top.next == top.size;
	line_reader_close(&top);
	index_source_close(&s);
done:
	buf_clear(&last);
	free(top_path);
	free(path);
	return sound;
}

static int
runs_are_sound(struct chain *ch, const struct index_current *n)
{
	struct target_set sealed = { 0 };
	struct lines_sum own = { 0 };
	struct lines_sum runs = { 0 };
	int sound = 1;

	for (size_t i = 0; i < ch->sealed.count; i++) {
		(void)target_set_add(&sealed, ch->sealed.names[i], 0);
		sound &= sum_snapshot(ch, ch->sealed.names[i], &own);
	}
	for (size_t i = 0; sound && i < n->run_count; i++)
		sound = sum_run(ch, &n->runs[i], &sealed, &runs);
	target_set_clear(&sealed);
	return sound && own.count == runs.count && own.sum[0] == runs.sum[0] &&
	       own.sum[1] == runs.sum[1];
}

/* A changed index harms only those who search: a warning. */
int
chain_check_index(struct chain *ch, struct error *e)
{
	struct index_current n;
	struct error why = { 0 };
	int missing = 0;

	if (ch->sealed.count == 0)
		return 0;
	if (index_current_read(ch->collection, &n, &why) != 0) {
		if (why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		chain_warn(ch, "index", "index/CURRENT",
		    "is not there or does not read" REBUILD_HINT);
		return 0;
	}
	for (size_t i = 0; i < ch->sealed.count; i++)
		missing |= index_current_find(&n, ch->sealed.names[i]) == NULL;
	if (missing)
		chain_warn(ch, "index", "index/CURRENT",
		    "does not know every snapshot" REBUILD_HINT);
	else if (!runs_are_sound(ch, &n))
		chain_warn(ch, "index", "index",
		    "does not hold what the snapshots give" REBUILD_HINT);
	index_current_clear(&n);
	return 0;
}
