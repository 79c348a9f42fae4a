/* The end of the chain of sealed snapshots. */
#include "core/collection/chain_head.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/catalog.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"
#include "core/collection/target_set.h"

size_t
chain_head_read(const struct collection *c, const struct file_names *sealed)
{
	int64_t *ended = mem_zero(sealed->count + 1, sizeof(*ended));
	struct target_set followed = { 0 };
	struct arena *a = arena_new();
	size_t best = sealed->count;

	for (size_t i = 0; i < sealed->count; i++) {
		struct snapshot_facts f;

		arena_reset(a);
		(void)snapshot_facts_read(c, a, sealed->names[i], &f, NULL);
		ended[i] = f.ended_us;
		if (*f.previous != '\0')
			(void)target_set_add(&followed, f.previous, 0);
	}
	for (size_t i = 0; i < sealed->count; i++) {
		const char *name = strrchr(sealed->names[i], '/') + 1;

		if (target_set_find(&followed, name) == NULL &&
		    (best == sealed->count || ended[i] >= ended[best]))
			best = i;
	}
	/* A ring, then: the last by name. */
	if (best == sealed->count && best > 0)
		best--;
	target_set_clear(&followed);
	arena_free(a);
	free(ended);
	return best;
}

static int
is_there(const struct collection *c, const char *snapshot)
{
	char *path = collection_path(c, snapshot);
	int yes = file_is_dir(path);

	free(path);
	return yes;
}

int
chain_head(const struct collection *c, char **out, struct error *e)
{
	struct file_names sealed;
	struct months m;
	struct catalog *k = NULL;

	*out = NULL;
	if (months_read(&m, c, e) != 0)
		return -1;
	if (catalog_open(&k, c) && catalog_count(k) == m.sealed)
		*out = catalog_last(k);
	catalog_close(k);
	if (*out != NULL && !is_there(c, *out)) {
		free(*out);
		*out = NULL;
	}
	if (*out == NULL && m.sealed > 0) {
		if (collection_snapshots(c, &sealed, NULL, e) != 0) {
			months_clear(&m);
			return -1;
		}
		if (sealed.count > 0)
			*out = mem_text(
			    sealed.names[chain_head_read(c, &sealed)]);
		file_names_clear(&sealed);
	}
	months_clear(&m);
	return 0;
}
