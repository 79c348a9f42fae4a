/* What the collection has already of what is imported. */
#include <string.h>

#include "core/archive/format.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/facts.h"
#include "core/collection/import_part.h"
#include "core/collection/layout.h"
#include "core/collection/open_record.h"

/* The files that one import snapshot tells of. */
static void
know_files(struct import *m, const struct json *files)
{
	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *f = json_at(files, i);
		const char *sha256 = json_text(json_get(f, "sha256"), "");
		uint64_t mismatched = json_int(json_get(f, "mismatched"), 0) >
				      (int64_t)json_count(
					  json_get(f, "marked"));
		uint64_t value = (m->snapshot_count - 1) << 1;
		uint64_t *known;

		if (json_get(f, "already") != NULL)
			continue;
		if (target_set_add(&m->before, sha256, value | mismatched))
			continue;
		/* The rest was imported later. */
		known = target_set_find(&m->before, sha256);
		if (!mismatched)
			*known &= ~(uint64_t)1;
	}
}

/* The catalog: made anew when it does not know all. Without it nothing is
 * taken for known. */
static void
know_records(struct import *m)
{
	struct collection *c = m->collection;

	if (catalog_open(&m->catalog, c) && catalog_is_whole(m->catalog, c))
		return;
	catalog_close(m->catalog);
	m->catalog = NULL;
	if (m->options->dry_run || catalog_rebuild(c, NULL) != 0 ||
	    !catalog_open(&m->catalog, c))
		m->catalog = NULL;
}

int
import_know(struct import *m, struct error *e)
{
	struct file_names sealed;
	struct arena *scratch;

	if (collection_snapshots(m->collection, &sealed, NULL, e) != 0)
		return -1;
	scratch = arena_new();
	m->snapshots = arena_alloc(
	    m->result->arena, (sealed.count + 1) * sizeof(*m->snapshots));
	for (size_t i = 0; i < sealed.count; i++) {
		const struct json *report;

		arena_reset(scratch);
		/* One that does not read is for verify to tell. */
		report = snapshot_report(
		    m->collection, scratch, sealed.names[i], NULL);
		if (strcmp(json_text(json_get(report, "kind"), ""), "import") !=
		    0)
			continue;
		m->snapshots[m->snapshot_count++] = arena_text(
		    m->result->arena, strrchr(sealed.names[i], '/') + 1);
		know_files(m, json_get(json_get(report, "run"), "files"));
	}
	arena_free(scratch);
	if (sealed.count > 0)
		know_records(m);
	file_names_clear(&sealed);
	return 0;
}

/* SHA-256 of the block of a record that is open. */
static int
digest_block(struct stream *block, char out[DIGEST_TEXT_MAX])
{
	struct digester *d = digester_new(DIGEST_SHA256);
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(block, &p, &len, NULL)) == 1)
		digester_add(d, p, len);
	digester_text(d, out);
	digester_free(d);
	return more == 0;
}

/* The same of the record of IN at OFFSET. 1 / 0. */
static int
digest_at(struct input *in, uint64_t offset, char out[DIGEST_TEXT_MAX])
{
	struct source *s = NULL;
	struct arena *a = arena_new();
	struct record r;
	struct place where;
	int ok = source_open_input(&s, in, NULL) == 0 &&
		 source_seek(s, offset, NULL) == 0 &&
		 source_next(s, a, &r, &where, NULL) == 1 &&
		 digest_block(r.block, out);

	source_free(s);
	arena_free(a);
	return ok;
}

/* What both say of their blocks, when they say it in the same way: 1 equal, 0
 * not; -1 it does not tell. */
static int
compare_digests(const char *ours, const char *theirs)
{
	struct digest_value a;
	struct digest_value b;

	if (ours == NULL || !digest_parse(&a, ours) ||
	    !digest_parse(&b, theirs) || a.kind != b.kind)
		return -1;
	return digest_equal(&a, &b);
}

static enum import_has
compare(const struct import *m, const struct catalog_record *known,
    struct input *in, const struct verified_record *r)
{
	char ours[DIGEST_TEXT_MAX];
	char theirs[DIGEST_TEXT_MAX];
	struct open_record o = { 0 };
	int same = 0;

	/* One that does not read is not had. */
	if (open_record_at(
		&o, m->collection, known->file, known->offset, NULL) != 0)
		return IMPORT_HAS_NOT;
	if (strcmp(known->type, r->type) == 0 &&
	    o.record.block_len == r->block_len) {
		same = compare_digests(
		    record_field(&o.record, "WARC-Block-Digest"),
		    r->block_digest);
		if (same < 0 && r->length == 0)
			same = strcmp(known->date, r->date) == 0 &&
			       strcmp(known->uri, r->uri) == 0;
		else if (same < 0)
			same = digest_block(o.block, ours) &&
			       digest_at(in, r->offset, theirs) &&
			       strcmp(ours, theirs) == 0;
	}
	open_record_close(&o);
	return same ? IMPORT_HAS : IMPORT_HAS_OTHER;
}

int
import_has(const struct import *m, struct input *in,
    const struct verified_record *r, enum import_has *has, struct error *e)
{
	struct catalog_record *found = NULL;
	struct buf digits = { 0 };
	struct arena *a;
	size_t count = 0;
	int rc = 0;

	*has = IMPORT_HAS_NOT;
	if (m->catalog == NULL || !text_starts(r->id, "urn:uuid:"))
		return 0;
	for (const char *at = r->id + strlen("urn:uuid:"); *at != '\0'; at++)
		if (*at != '-')
			buf_add_byte(&digits, (uint8_t)text_lower(*at));
	a = arena_new();
	rc = catalog_find_record(
	    m->catalog, a, buf_text(&digits), 1, &found, &count, e);
	if (rc == 0 && count > 0)
		*has = compare(m, &found[0], in, r);
	arena_free(a);
	buf_clear(&digits);
	return rc;
}
