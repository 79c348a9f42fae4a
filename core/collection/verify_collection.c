/* A collection verified: every snapshot, and the chain they form. */
#include "core/collection/verify_collection.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/report.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_chain.h"
#include "core/collection/verify_part.h"

#define MANIFEST "manifest-sha256.txt"

/* How many names on the follower of a snapshot is looked for. */
enum { FOLLOWER_FAR = 1000 };

/* What ties a snapshot to the one before it. */
struct link {
	struct arena *arena;
	int is_read;          /* its report reads */
	const char *previous; /* name; NULL none */
	const char *manifest; /* digest of that one's manifest; "" */
};

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void
link_read(struct link *l, const struct collection *c, const char *snapshot)
{
	char *path = mem_format("%s/%s/report.json", c->dir, snapshot);
	const struct json *report;
	const struct json *previous;

	*l = (struct link){ .arena = arena_new() };
	report = report_read(l->arena, path, NULL, NULL, NULL);
	previous = json_get(report, "previous");
	l->is_read = report != NULL && previous != NULL;
	if (json_is(previous, JSON_KIND_OBJECT)) {
		l->previous = json_text(json_get(previous, "snapshot"), "");
		l->manifest = json_text(
		    json_get(previous, "manifest_sha256"), "");
	}
	free(path);
}

/* Where a snapshot of that name lies or would lie; to be freed. */
static char *
path_of_name(const char *name)
{
	if (strlen(name) < 6 || strchr(name, '/') != NULL)
		return mem_text(name);
	return mem_format("snapshots/%.4s/%.2s/%s", name, name + 4, name);
}

static int
by_name(const void *name, const void *path)
{
	return strcmp(name, name_of(*(char *const *)path));
}

static size_t
find_name(const struct file_names *sealed, const char *name)
{
	char **at = sealed->count == 0
			? NULL
			: bsearch(name, sealed->names, sealed->count,
			      sizeof(*sealed->names), by_name);

	return at == NULL ? sealed->count : (size_t)(at - sealed->names);
}

/* The one that NUMBER follows; CHAIN_NONE when there is none. */
static size_t
previous_of(struct chain *ch, size_t number)
{
	size_t *previous = &ch->previous[number];
	struct link l;
	size_t at = ch->sealed.count;

	if (*previous == 0) {
		link_read(&l, ch->collection, ch->sealed.names[number]);
		if (l.previous != NULL)
			at = find_name(&ch->sealed, l.previous);
		arena_free(l.arena);
		*previous = at == ch->sealed.count ? CHAIN_NONE : at + 1;
	}
	return *previous == CHAIN_NONE ? CHAIN_NONE : *previous - 1;
}

/*
 * Was FROM sealed after NUMBER, by what the reports say? Names tell when a
 * snapshot was begun: one that was left open for other runs is sealed behind
 * others with later names. Nothing before LEAST is looked at. 1 / 0.
 */
static int
is_after(struct chain *ch, size_t from, size_t number, size_t least)
{
	size_t at = previous_of(ch, from);

	for (size_t i = 0; i < ch->sealed.count; i++) {
		if (at == number)
			return 1;
		if (at == CHAIN_NONE || at < least)
			return 0;
		at = previous_of(ch, at);
	}
	return 0;
}

/* The snapshots from FIRST up to NUMBER are none that this one follows: they
 * were sealed behind it or before the one it follows, or put there. */
static void
say_inserted(struct chain *ch, size_t first, size_t number)
{
	for (size_t i = first; i < number; i++)
		if (!is_after(ch, i, number, 0) && !is_after(ch, number, i, 0))
			chain_say(ch, "chain-inserted", ch->sealed.names[i],
			    "%s follows an earlier one: this one was not there "
			    "when that was sealed",
			    ch->sealed.names[number]);
}

/* PREVIOUS is not there. */
static void
say_gone(struct chain *ch, size_t number, const char *previous)
{
	const char *next = ch->sealed.names[number];
	char *path = path_of_name(previous);

	chain_say(ch, "chain-missing", path, "is gone: %s was sealed behind it",
	    next);
	target_set_add(&ch->gone, path, 0);
	if (number > 0 &&
	    strcmp(name_of(ch->sealed.names[number - 1]), previous) > 0)
		say_inserted(ch, number - 1, number);
	free(path);
}

/* Records of it were erased since, and it kept the manifest it had. */
static int
is_earlier(const struct chain *ch, const char *snapshot, const char *hex)
{
	char *dir = collection_path(ch->collection, snapshot);
	int yes = generation_has(dir, hex);

	free(dir);
	return yes;
}

static void
check_manifest_of(struct chain *ch, size_t number, const char *expected)
{
	const char *snapshot = ch->sealed.names[number];
	char *file = mem_format("%s/" MANIFEST, snapshot);
	char *path = collection_path(ch->collection, file);
	char hex[65];

	/* One that is missing was told with its snapshot. */
	if (expected[0] != '\0' && manifest_digest_file(path, hex, NULL) == 0 &&
	    strcmp(hex, expected) != 0 && !is_earlier(ch, snapshot, expected))
		chain_say(ch, "chain-manifest", file,
		    "SHA-256 is %s, the snapshot sealed behind it says %s", hex,
		    expected);
	free(path);
	free(file);
}

void
chain_check_link(struct chain *ch, size_t number)
{
	const char *snapshot = ch->sealed.names[number];
	struct link l;
	size_t at;

	link_read(&l, ch->collection, snapshot);
	if (!l.is_read)
		goto done; /* told with the snapshot */
	if (l.previous == NULL) {
		for (size_t i = 0; i < number; i++)
			if (!is_after(ch, i, number, 0))
				chain_say(ch, "chain-inserted",
				    ch->sealed.names[i],
				    "%s says that none was sealed before it",
				    snapshot);
		goto done;
	}
	at = find_name(&ch->sealed, l.previous);
	if (at == ch->sealed.count) {
		say_gone(ch, number, l.previous);
	} else if (at == number ||
		   (at > number && is_after(ch, at, number, number))) {
		chain_say(ch, "chain-order", snapshot,
		    "names a later one as the one before it: %s", l.previous);
	} else {
		say_inserted(ch, at + 1, number);
		check_manifest_of(ch, at, l.manifest);
		chain_check_copies(ch, at, number);
	}
done:
	arena_free(l.arena);
}

static int
is_chain_wanted(const struct verify_collection_options *o)
{
	return !(o->skip >> CHECK_CHAIN & 1);
}

/* The one that follows NUMBER knows its manifest: mostly the next by name. */
static void
check_follower(struct chain *ch, size_t number)
{
	for (size_t i = number + 1;
	     i < ch->sealed.count && i <= number + FOLLOWER_FAR; i++) {
		if (i > number + 1 && previous_of(ch, i) != number)
			continue;
		chain_check_link(ch, i);
		if (previous_of(ch, i) == number)
			break;
	}
}

int
verify_snapshot(const struct collection *c, const char *snapshot,
    const char *dir, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	struct chain ch;
	int rc;

	if (!file_is_dir(dir) || !verify_is_snapshot(dir))
		return error_set(e, ERROR_NOTFOUND, "%s: no snapshot", dir);
	rc = verify_one(c, snapshot, &(const struct verify_place){ .dir = dir },
	    o, totals, e);
	if (rc != 0 || c == NULL || snapshot == NULL || !is_chain_wanted(o))
		return rc;
	if (chain_open(&ch, c, o, totals, e) != 0)
		return -1;
	for (size_t i = 0; i < ch.sealed.count; i++) {
		if (strcmp(ch.sealed.names[i], snapshot) != 0)
			continue;
		chain_check_link(&ch, i);
		check_follower(&ch, i);
	}
	rc = chain_check_withdrawals(&ch, e);
	if (rc == 0)
		rc = chain_check_witness(&ch, snapshot, e);
	chain_close(&ch);
	return rc;
}

/* 0; 1, no more is wanted; -1. */
static int
verify_each(struct chain *ch, struct error *e)
{
	const struct verify_collection_options *o = ch->options;

	for (size_t i = 0; i < ch->sealed.count; i++) {
		const char *name = ch->sealed.names[i];
		int want = o->want == NULL ? 1 : o->want(o->context, name);
		char *dir;
		int rc;

		if (want < 0)
			return 1;
		if (want == 0)
			continue;
		dir = collection_path(ch->collection, name);
		rc = verify_one(ch->collection, name,
		    &(const struct verify_place){ .dir = dir }, o, ch->totals,
		    e);
		free(dir);
		if (rc != 0)
			return rc;
		if (o->done != NULL)
			o->done(o->context, name);
	}
	return 0;
}

static int
check_chain(struct chain *ch, struct error *e)
{
	for (size_t i = 0; i < ch->sealed.count; i++)
		chain_check_link(ch, i);
	for (size_t i = 0; i < ch->open.count; i++)
		chain_note(ch, "open", ch->open.names[i],
		    "was not sealed: holdfast recover, or the next run, does");
	if (chain_check_withdrawals(ch, e) != 0)
		return -1;
	return chain_check_witness(ch, NULL, e);
}

int
verify_collection(const struct collection *c,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	struct chain ch;
	int rc;

	if (chain_open(&ch, c, o, totals, e) != 0)
		return -1;
	rc = verify_each(&ch, e);
	if (rc == 0 && is_chain_wanted(o))
		rc = check_chain(&ch, e);
	if (rc == 0 && !(o->skip >> CHECK_INDEX & 1))
		rc = chain_check_index(&ch, e);
	chain_close(&ch);
	return rc < 0 ? -1 : 0;
}
