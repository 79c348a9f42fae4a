/* Embargoes: what is refused for a while, and shown again. */
#include "core/collection/withdraw.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/withdraw_part.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static const char *
hash_of(struct arena *a, const char *uri)
{
	char hash[DIGEST_TEXT_MAX];

	withdrawn_hash(uri, hash);
	return arena_text(a, hash);
}

static struct withdrawn_line
line_of(const struct withdraw_set *s, const struct withdraw_record *r,
    const struct withdraw_order *o, enum withdrawn_kind kind)
{
	return (struct withdrawn_line){
		.kind = kind,
		.what = {
		    .record = r->id,
		    .type = r->type,
		    .uri_hash = hash_of(s->arena, r->uri),
		    .date = r->date,
		    .snapshot = base_name(r->snapshot),
		    .reason = o->reason,
		    .by = o->by,
		    .made_us = o->now_us,
		    .until_us = o->until_us,
		},
	};
}

int
withdraw_add(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, enum withdrawn_kind kind, struct error *e)
{
	struct withdrawn_line *lines = mem_zero(s->count + 1, sizeof(*lines));
	int rc;

	for (size_t i = 0; i < s->count; i++)
		lines[i] = line_of(s, &s->records[i], o, kind);
	rc = withdrawn_file_add(c, lines, s->count, e);
	free(lines);
	return rc;
}

int
withdraw_embargo(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e)
{
	return withdraw_add(c, s, o, WITHDRAWN_EMBARGO, e);
}

long
withdraw_lift(struct collection *c, const struct withdraw_set *s,
    const struct withdraw_order *o, struct error *e)
{
	struct withdrawn_line *lines = mem_zero(s->count + 1, sizeof(*lines));
	struct withdrawn *now = NULL;
	size_t count = 0;
	int rc = withdrawn_open(&now, c, o->now_us, e);

	for (size_t i = 0; rc == 0 && i < s->count; i++) {
		const struct withdrawal *w = withdrawn_record(
		    now, s->records[i].id);

		if (w != NULL && !w->is_erased)
			lines[count++] = line_of(
			    s, &s->records[i], o, WITHDRAWN_LIFT);
	}
	if (rc == 0)
		rc = withdrawn_file_add(c, lines, count, e);
	withdrawn_free(now);
	free(lines);
	return rc == 0 ? (long)count : -1;
}
