/* What was withdrawn from a collection, as it stands at a time. */
#include "core/collection/withdrawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/withdrawn_file.h"

struct entry {
	struct withdrawal what;
	enum withdrawn_kind kind;
	size_t number; /* of its line */
};

struct withdrawn {
	struct arena *arena;
	struct entry *entries; /* by id: one each once it is open */
	size_t count, cap;
};

static int
take(void *context, const struct withdrawn_line *line, struct error *e)
{
	struct withdrawn *w = context;

	(void)e;
	if (line->kind == WITHDRAWN_GENERATION)
		return 0;
	if (w->count == w->cap) {
		w->cap = w->cap == 0 ? 64 : w->cap * 2;
		w->entries = mem_grow(w->entries, w->cap, sizeof(*w->entries));
	}
	w->entries[w->count] = (struct entry){
		.what = line->what, .kind = line->kind, .number = w->count
	};
	w->count++;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = strcmp(x->what.record, y->what.record);

	if (order != 0)
		return order;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* What is erased stays so, whatever is said of it later. */
static int
counts(const struct entry *x, int64_t now_us)
{
	return x->kind == WITHDRAWN_ERASE ||
	       (x->kind == WITHDRAWN_EMBARGO && now_us < x->what.until_us);
}

/* Of the lines of one record the last one holds, or that of its erasure. */
static void
keep_last(struct withdrawn *w, int64_t now_us)
{
	size_t kept = 0;

	for (size_t i = 0, next; i < w->count; i = next) {
		size_t best = i;

		for (next = i + 1;
		     next < w->count && strcmp(w->entries[next].what.record,
					    w->entries[i].what.record) == 0;
		     next++)
			if (w->entries[best].kind != WITHDRAWN_ERASE)
				best = next;
		if (counts(&w->entries[best], now_us))
			w->entries[kept++] = w->entries[best];
	}
	w->count = kept;
}

int
withdrawn_open(struct withdrawn **out, const struct collection *c,
    int64_t now_us, struct error *e)
{
	struct withdrawn *w = mem_zero(1, sizeof(*w));
	char *path = collection_path(c, WITHDRAWN_FILE);
	struct withdrawn_end end;
	int rc;

	w->arena = arena_new();
	rc = withdrawn_file_read(w->arena, path, take, w, &end, e);
	free(path);
	if (rc != 0) {
		withdrawn_free(w);
		w = NULL;
	} else if (w->count > 0) {
		qsort(w->entries, w->count, sizeof(*w->entries), by_id);
		keep_last(w, now_us);
	}
	*out = w;
	return rc;
}

void
withdrawn_free(struct withdrawn *w)
{
	if (w == NULL)
		return;
	arena_free(w->arena);
	free(w->entries);
	free(w);
}

size_t
withdrawn_count(const struct withdrawn *w)
{
	return w->count;
}

const struct withdrawal *
withdrawn_at(const struct withdrawn *w, size_t i)
{
	return &w->entries[i].what;
}

const struct withdrawal *
withdrawn_record(const struct withdrawn *w, const char *id)
{
	size_t low = 0;
	size_t high = w->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(w->entries[middle].what.record, id);

		if (order == 0)
			return &w->entries[middle].what;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What belongs to one has the address of something else now and then. */
static int
is_capture(const struct withdrawal *x)
{
	return strcmp(x->type, "response") == 0 ||
	       strcmp(x->type, "revisit") == 0 ||
	       strcmp(x->type, "resource") == 0;
}

const struct withdrawal *
withdrawn_uri(const struct withdrawn *w, const char *uri)
{
	const struct entry *best = NULL;
	char hash[DIGEST_TEXT_MAX];

	if (w->count == 0)
		return NULL;
	withdrawn_hash(uri, hash);
	for (size_t i = 0; i < w->count; i++)
		if (is_capture(&w->entries[i].what) &&
		    strcmp(w->entries[i].what.uri_hash, hash) == 0 &&
		    (best == NULL || w->entries[i].number > best->number))
			best = &w->entries[i];
	return best == NULL ? NULL : &best->what;
}

const struct withdrawal *
withdrawn_in(const struct withdrawn *w, const char *snapshot)
{
	for (size_t i = 0; i < w->count; i++)
		if (!w->entries[i].what.is_erased &&
		    strcmp(w->entries[i].what.snapshot, snapshot) == 0)
			return &w->entries[i].what;
	return NULL;
}

/* A day when it is one, else the second. */
static void
tell_time(int64_t us, char out[DATE_TEXT_MAX])
{
	struct date_fields f;

	date_rfc3339_s(us, out);
	date_split(us, &f);
	if (f.hour == 0 && f.minute == 0 && f.second == 0)
		out[strcspn(out, "T")] = '\0';
}

void
withdrawn_tell(const struct withdrawal *x, char *out, size_t size)
{
	char time[DATE_TEXT_MAX];

	if (x->is_erased) {
		tell_time(x->made_us, time);
		(void)snprintf(out, size, "and erased on %s", time);
	} else if (x->until_us == INT64_MAX) {
		(void)snprintf(out, size, "for good");
	} else {
		tell_time(x->until_us, time);
		(void)snprintf(out, size, "until %s", time);
	}
}

int
withdrawn_refuse(const struct withdrawal *x, const char *what, struct error *e)
{
	char how[2 * DATE_TEXT_MAX];

	withdrawn_tell(x, how, sizeof(how));
	return error_set(e, ERROR_WITHDRAWN, "%s: withdrawn %s by %s: %s", what,
	    how, x->by, x->reason);
}
