/* Links that were found and are not followed. */
#include "core/crawl/left_out.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/collection/snapshot.h"
#include "core/crawl/frontier.h"

struct link_left {
	struct link_left *next;
	const char *url, *via, *why;
	enum outcome outcome;
};

struct left_out {
	struct arena *arena;
	struct frontier *met; /* whatever was added */
	struct link_left *first;
	struct link_left **end;
	uint64_t count, more;
};

struct left_out *
left_out_new(void)
{
	struct left_out *l = mem_zero(1, sizeof(*l));

	l->arena = arena_new();
	l->met = frontier_new();
	l->end = &l->first;
	return l;
}

void
left_out_free(struct left_out *l)
{
	if (l == NULL)
		return;
	frontier_free(l->met);
	arena_free(l->arena);
	free(l);
}

void
left_out_add(struct left_out *l, const char *url, const char *via,
    enum outcome outcome, const char *why)
{
	struct target *none;
	struct link_left *x;

	if (frontier_find(l->met, url, &none) != FRONTIER_NEW)
		return;
	frontier_pass(l->met, url);
	if (l->count == LEFT_OUT_MAX) {
		l->more++;
		return;
	}
	x = arena_alloc(l->arena, sizeof(*x));
	*x = (struct link_left){
		.url = arena_text(l->arena, url),
		.via = arena_text(l->arena, via),
		.why = arena_text(l->arena, why),
		.outcome = outcome,
	};
	*l->end = x;
	l->end = &x->next;
	l->count++;
}

uint64_t
left_out_put(const struct left_out *l, const struct frontier *f,
    struct snapshot *s, uint64_t *more)
{
	uint64_t ticket = 0;

	for (const struct link_left *x = l->first; x != NULL; x = x->next) {
		const struct capture_facts facts = {
			.via = x->via,
			.hops = "L",
			.need = "page",
			.where = "a@href",
			.media_type = "",
			.robots = "",
		};
		struct target *none;

		if (frontier_find(f, x->url, &none) == FRONTIER_NEW)
			ticket = snapshot_outcome(
			    s, x->url, x->outcome, x->why, -1, &facts);
	}
	*more = l->more;
	return ticket;
}
