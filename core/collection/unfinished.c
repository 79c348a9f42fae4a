/* Pages that are not in the archive as they should be. */
#include "core/collection/unfinished.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/catalog.h"
#include "core/collection/layout.h"
#include "core/web/exchange.h"

struct listing {
	struct arena *arena;
	const char **urls;
	size_t count, cap;
};

static int
may_pass(enum outcome o)
{
	switch (o) {
	case OUTCOME_TIMEOUT:
	case OUTCOME_CONNECT:
	case OUTCOME_DNS:
	case OUTCOME_SERVER_ERROR:
	case OUTCOME_TRUNCATED_LENGTH:
	case OUTCOME_TRUNCATED_TIME:
	case OUTCOME_TRUNCATED_DISCONNECT:
	case OUTCOME_NOT_TRIED:
		return 1;
	default:
		return 0;
	}
}

static int
each_page(void *context, const struct catalog_page *p, struct error *e)
{
	struct listing *l = context;
	enum outcome outcome;

	(void)e;
	if (p->requested[0] == '\0' || !outcome_find(p->outcome, &outcome) ||
	    (p->is_complete && !may_pass(outcome)))
		return 0;
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		const char **more = arena_alloc(l->arena, cap * sizeof(*more));

		if (l->count > 0)
			memcpy(more, l->urls, l->count * sizeof(*more));
		l->urls = more;
		l->cap = cap;
	}
	l->urls[l->count++] = arena_text(l->arena, p->requested);
	return 0;
}

/* Does the catalog hold every sealed snapshot? 1 / 0 / -1. */
static int
is_whole(const struct collection *c, struct error *e)
{
	struct catalog *k = NULL;
	struct file_names sealed;
	int whole;

	if (collection_snapshots(c, &sealed, NULL, e) != 0)
		return -1;
	whole = sealed.count == 0 || catalog_open(&k, c);
	for (size_t i = 0; i < sealed.count && whole; i++)
		whole = catalog_has(k, sealed.names[i]);
	catalog_close(k);
	file_names_clear(&sealed);
	return whole;
}

int
unfinished_pages(struct collection *c, struct arena *a, const char ***urls,
    size_t *count, struct error *e)
{
	struct listing l = { .arena = a };
	struct catalog *k = NULL;
	int rc = is_whole(c, e);

	if (rc == 0 && catalog_rebuild(c, e) != 0)
		rc = -1;
	if (rc >= 0 && catalog_open(&k, c))
		rc = catalog_each_page(k, each_page, &l, e);
	catalog_close(k);
	*urls = l.urls;
	*count = l.count;
	return rc < 0 ? -1 : 0;
}
