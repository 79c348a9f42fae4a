/* What was withdrawn: tombstones, generations, and the list of all. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_chain.h"
#include "core/collection/verify_part.h"
#include "core/collection/withdrawn.h"
#include "core/collection/withdrawn_file.h"

enum { LISTED_MAX = 256 * 1024 * 1024 };

/* ---- tombstones ---- */

int
check_is_tombstone(const struct verified_record *r)
{
	return strcmp(r->type, record_type_name(RECORD_CONVERSION)) == 0 &&
	       strcmp(r->content_type, TOMBSTONE_TYPE) == 0;
}

static int
is_digest(const char *text)
{
	struct digest_value v;

	return digest_parse(&v, text);
}

/* NULL: it is one. */
static const char *
fault_of(const struct tombstone *t, const struct verified_record *r)
{
	if (strcmp(t->record, r->refers_to) != 0)
		return "is of another record than the one it refers to";
	if (!text_starts(r->uri, TOMBSTONE_URI) ||
	    strcmp(r->uri + strlen(TOMBSTONE_URI), t->uri_hash) != 0 ||
	    !is_digest(t->uri_hash))
		return "its target is not the digest of an address";
	if (strcmp(t->at, r->date) != 0)
		return "its date is not that of the withdrawal";
	if ((t->block_digest[0] != '\0' && !is_digest(t->block_digest)) ||
	    (t->payload_digest[0] != '\0' && !is_digest(t->payload_digest)))
		return "a digest in it is none";
	return NULL;
}

const char *
check_tombstone_fault(
    struct arena *a, const struct verified_record *r, struct tombstone *t)
{
	if (r->block == NULL ||
	    !tombstone_read(a, (const char *)r->block, r->block_kept, t))
		return "its block is none of a tombstone";
	return fault_of(t, r);
}

void
check_tombstone(struct snapshot_check *s, const struct verified_record *r)
{
	struct arena *a = arena_new_small();
	struct tombstone t;
	const char *fault = check_tombstone_fault(a, r, &t);

	if (fault != NULL) {
		check_say(s, SEVERITY_CHANGED, "tombstone", s->file, r->offset,
		    r->id, "%s", fault);
	} else {
		s->totals->withdrawn += (uint64_t)tombstone_is_capture(&t);
		(void)target_set_add(&s->tombstones, t.record, 0);
		(void)target_set_add(&s->tombstone_files, s->file, 0);
	}
	arena_free(a);
}

/* ---- generations ---- */

static void
say(struct snapshot_check *s, const char *fmt, const char *what)
{
	char text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s%s", fmt, what);
	check_say(s, SEVERITY_CHANGED, "generation", GENERATION_FILE, 0, "",
	    "%s", text);
}

static int
may_differ(const struct snapshot_check *s, const char *name, int is_last)
{
	static const char *const names[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl", "report.json", GENERATION_FILE };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	/* Lines of others' listings go, too. */
	if (text_starts(name, "sources/"))
		return 1;
	if (!text_starts(name, "records/") && !text_starts(name, "derived/"))
		return 0;
	/* What was looked into holds a tombstone, or must be as it was. */
	return !is_last || s->options->level == VERIFY_QUICK ||
	       target_set_find(&s->tombstone_files, name) != NULL;
}

static int
is_kept_manifest(const char *name, size_t number)
{
	char own[64];

	(void)snprintf(own, sizeof(own), GENERATION_MANIFEST, number);
	return strcmp(own, name) == 0 || strcmp(name, GENERATION_FILE) == 0;
}

/* From generation NUMBER to the one behind it nothing else changed. */
static void
compare(struct snapshot_check *s, const struct manifest *was,
    const struct manifest *is, size_t number, int is_last)
{
	for (size_t i = 0; i < was->count; i++) {
		const struct manifest_entry *then = &was->entries[i];
		const struct manifest_entry *now = manifest_find(
		    is, then->name);

		if (now == NULL)
			say(s, "a file of the generation before is gone: ",
			    then->name);
		else if (strcmp(now->hex, then->hex) != 0 &&
			 !may_differ(s, then->name, is_last))
			say(s,
			    "a file differs from the generation before, and "
			    "holds no tombstone: ",
			    then->name);
	}
	for (size_t i = 0; i < is->count; i++)
		if (manifest_find(was, is->entries[i].name) == NULL &&
		    !is_kept_manifest(is->entries[i].name, number))
			say(s, "a file was not in the generation before: ",
			    is->entries[i].name);
}

/* The manifest that a step of the history names. 1 / 0. */
static int
load(struct snapshot_check *s, const struct json *step, size_t number,
    struct manifest *m)
{
	const char *hex = json_text(json_get(step, "manifest_sha256"), "");
	const char *told = json_text(json_get(step, "manifest"), "");
	struct buf text = { 0 };
	char name[64];
	char digest[65] = "";
	int sound;

	(void)snprintf(name, sizeof(name), GENERATION_MANIFEST, number);
	sound = strcmp(told, name) == 0 &&
		verify_place_digest(&s->place, name, digest, NULL) == 0 &&
		strcmp(digest, hex) == 0 &&
		verify_place_get(&s->place, name, &text, LISTED_MAX, NULL) ==
		    0 &&
		manifest_read(m, buf_text(&text), text.len, NULL) == 0;
	if (!sound)
		say(s,
		    "the manifest of an earlier generation is not the one "
		    "whose SHA-256 it tells: ",
		    name);
	buf_clear(&text);
	return sound;
}

/* Every record that a step says was erased has a tombstone. */
static size_t
check_erased(struct snapshot_check *s, const struct json *step)
{
	const struct json *ids = json_get(step, "erased");

	for (size_t i = 0; i < json_count(ids); i++) {
		const char *id = json_text(json_at(ids, i), "");

		if (s->options->level != VERIFY_QUICK &&
		    !s->records_are_changed &&
		    target_set_find(&s->tombstones, id) == NULL)
			say(s, "no tombstone stands for ", id);
	}
	return json_count(ids);
}

static void
check_history(struct snapshot_check *s, const struct json *history)
{
	struct manifest was = { 0 };
	struct manifest is = { 0 };
	size_t count = json_count(history);
	size_t erased = 0;

	for (size_t i = 0; i < count; i++) {
		int is_last = i + 1 == count;
		int sound = load(s, json_at(history, i), i + 1, &was);

		if (sound && is_last)
			compare(s, &was, &s->manifest, i + 1, 1);
		else if (sound && load(s, json_at(history, i + 1), i + 2, &is))
			compare(s, &was, &is, i + 1, 0);
		erased += check_erased(s, json_at(history, i));
	}
	if (s->options->level != VERIFY_QUICK && erased < s->tombstones.count)
		say(s, "there are tombstones that it does not tell of", "");
	manifest_clear(&was);
	manifest_clear(&is);
}

void
check_generation(struct snapshot_check *s)
{
	struct arena *a = arena_new();
	int is_there = verify_place_exists(&s->place, GENERATION_FILE);
	const struct json *history = NULL;
	struct buf text = { 0 };

	if (is_there && verify_place_get(&s->place, GENERATION_FILE, &text,
			    GENERATION_MAX, NULL) == 0)
		history = generation_read(a, buf_text(&text), text.len);
	if (check_is_skipped(s, CHECK_CHAIN) || !s->manifest_is_read)
		;
	else if (is_there && history == NULL)
		say(s, "does not tell of generations as it should", "");
	else if (is_there)
		check_history(s, history);
	else if (s->tombstones.count > 0 && !s->is_import)
		say(s, "there are tombstones, and it is not there", "");
	buf_clear(&text);
	arena_free(a);
}

/* ---- the list of all ---- */

/* Is the snapshot's copy the front of the collection's list? */
static void
check_copy(struct chain *ch, const char *snapshot, const struct buf *all)
{
	char *file = mem_format("%s/%s", snapshot, WITHDRAWN_COPY);
	char *path = collection_path(ch->collection, file);
	struct buf copy = { 0 };

	if (file_exists(path) && file_get(path, &copy, LISTED_MAX, NULL) == 0 &&
	    (copy.len > all->len ||
		memcmp(buf_text(&copy), buf_text(all), copy.len) != 0))
		chain_say(ch, "withdrawals", WITHDRAWN_FILE,
		    "lacks lines that %s knows, or has others in their place",
		    file);
	buf_clear(&copy);
	free(path);
	free(file);
}

/* What a snapshot says was erased stands in the list. */
static void
check_listed(struct chain *ch, const char *snapshot, const struct withdrawn *w)
{
	char *dir = collection_path(ch->collection, snapshot);
	struct arena *a = arena_new();
	int is_there;
	const struct json *history = generation_history(a, dir, &is_there);

	for (size_t i = 0; i < json_count(history); i++) {
		const struct json *ids = json_get(
		    json_at(history, i), "erased");

		for (size_t k = 0; k < json_count(ids); k++) {
			const char *id = json_text(json_at(ids, k), "");
			const struct withdrawal *x = withdrawn_record(w, id);

			if (x == NULL || !x->is_erased)
				chain_say(ch, "withdrawals", snapshot,
				    "%s was erased, and " WITHDRAWN_FILE
				    " does not tell of it",
				    id);
		}
	}
	arena_free(a);
	free(dir);
}

/* The manifests of the generations that the list tells of, by the names of
 * their snapshots: the last one of each holds. */
struct told {
	struct arena *arena;
	struct target_set snapshots; /* places in MANIFESTS */
	const char **manifests;
	size_t count;
};

static int
take_generation(
    void *context, const struct withdrawn_line *line, struct error *e)
{
	struct told *t = context;
	const uint64_t *at;

	(void)e;
	if (line->kind != WITHDRAWN_GENERATION)
		return 0;
	at = target_set_find(&t->snapshots, line->what.snapshot);
	if (at != NULL) {
		t->manifests[*at] = line->manifest;
		return 0;
	}
	t->manifests = mem_grow(
	    t->manifests, t->count + 1, sizeof(*t->manifests));
	t->manifests[t->count] = line->manifest;
	(void)target_set_add(&t->snapshots, line->what.snapshot, t->count++);
	return 0;
}

/* A snapshot that was written anew is what the erasure left of it: no later
 * one names its manifest, but the list does. */
static void
check_left(struct chain *ch, const char *snapshot, const struct told *t)
{
	const char *slash = strrchr(snapshot, '/');
	const uint64_t *at = target_set_find(
	    &t->snapshots, slash == NULL ? snapshot : slash + 1);
	char *dir = collection_path(ch->collection, snapshot);
	char *path = mem_format("%s/manifest-sha256.txt", dir);
	char *made_anew = mem_format("%s/" GENERATION_FILE, dir);
	char hex[65];

	if (at == NULL && file_exists(made_anew))
		chain_say(ch, "withdrawals", snapshot,
		    "was written anew, and " WITHDRAWN_FILE
		    " does not tell of it");
	else if (at != NULL && manifest_digest_file(path, hex, NULL) == 0 &&
		 strcmp(hex, t->manifests[*at]) != 0)
		chain_say(ch, "withdrawals", snapshot,
		    "is not what an erasure left of it: SHA-256 of its "
		    "manifest is %s, " WITHDRAWN_FILE " says %s",
		    hex, t->manifests[*at]);
	free(made_anew);
	free(path);
	free(dir);
}

static void
check_manifests(struct chain *ch, const char *path)
{
	struct told t = { .arena = arena_new() };
	struct withdrawn_end end;

	if (withdrawn_file_read(
		t.arena, path, take_generation, &t, &end, NULL) == 0)
		for (size_t i = 0; i < ch->sealed.count; i++)
			check_left(ch, ch->sealed.names[i], &t);
	target_set_clear(&t.snapshots);
	free(t.manifests);
	arena_free(t.arena);
}

int
chain_check_withdrawals(struct chain *ch, struct error *e)
{
	char *path = collection_path(ch->collection, WITHDRAWN_FILE);
	struct withdrawn *w = NULL;
	struct buf all = { 0 };
	struct error why = { 0 };

	if (withdrawn_open(&w, ch->collection, 0, &why) != 0) {
		if (why.kind != ERROR_SYSTEM)
			chain_say(
			    ch, "withdrawals", WITHDRAWN_FILE, "%s", why.text);
	} else if (file_exists(path)) {
		(void)file_get(path, &all, LISTED_MAX, &why);
	}
	for (size_t i = 0; w != NULL && i < ch->sealed.count; i++) {
		check_copy(ch, ch->sealed.names[i], &all);
		check_listed(ch, ch->sealed.names[i], w);
	}
	check_manifests(ch, path);
	withdrawn_free(w);
	buf_clear(&all);
	free(path);
	return why.kind == ERROR_SYSTEM ? error_set(e, why.kind, "%s", why.text)
					: 0;
}

void
chain_check_copies(struct chain *ch, size_t before, size_t behind)
{
	uint64_t sizes[2] = { 0, 0 };
	const size_t at[2] = { before, behind };
	char *file;

	for (size_t i = 0; i < 2; i++) {
		char *path = mem_format("%s/%s/%s", ch->collection->dir,
		    ch->sealed.names[at[i]], WITHDRAWN_COPY);

		if (file_exists(path))
			(void)file_size(path, &sizes[i], NULL);
		free(path);
	}
	if (sizes[0] <= sizes[1])
		return;
	file = mem_format("%s/%s", ch->sealed.names[behind], WITHDRAWN_COPY);
	chain_say(ch, "withdrawals", file,
	    "lacks lines that the snapshot sealed before it has: %s",
	    ch->sealed.names[before]);
	free(file);
}
