#ifndef TESTS_RECORDS_H
#define TESTS_RECORDS_H

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

/* Records as bytes, SHA-256 over head and over block, for tests that copy
 * records. */

struct known {
	char head[DIGEST_TEXT_MAX], block[DIGEST_TEXT_MAX];
	char *type;
};

struct known_list {
	struct known *all;
	size_t count;
	int damaged; /* places that do not read */
};

static inline void
known_clear(struct known_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->all[i].type);
	free(l->all);
	*l = (struct known_list){ 0 };
}

static inline void
known_add(
    struct known_list *l, const struct record *r, const struct digester *block)
{
	const char *type;
	struct known *k;

	l->all = mem_grow(l->all, l->count + 1, sizeof(*l->all));
	k = &l->all[l->count++];
	*k = (struct known){ 0 };
	digester_text(block, k->block);
	digest_text(DIGEST_SHA256, r->head_len > 0 ? r->head : NULL,
	    r->head_len, k->head);
	type = record_field(r, "WARC-Type");
	k->type = mem_text(type == NULL ? "" : type);
}

/* All sound records of S. */
static inline void
known_read(struct known_list *l, struct source *s)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct arena *a = arena_new();
	struct place where;
	struct record r;
	int more;

	while ((more = source_next(s, a, &r, &where, NULL)) != 0) {
		const uint8_t *p;
		size_t len;

		if (more < 0) {
			l->damaged += where.damaged;
			if (where.code == NULL)
				break; /* no damage: the disk */
			arena_reset(a);
			continue;
		}
		digester_reset(d);
		while (stream_next(r.block, &p, &len, NULL) > 0)
			digester_add(d, p, len);
		if (source_finish(s, &where, NULL) != 0 && where.damaged)
			l->damaged++;
		else
			known_add(l, &r, d);
		arena_reset(a);
	}
	arena_free(a);
	digester_free(d);
}

static inline int
known_open(struct known_list *l, const char *path)
{
	struct source *s = NULL;
	struct error e = { 0 };

	if (source_open(&s, path, &e) != 0) {
		printf("# %s\n", e.text);
		return -1;
	}
	known_read(l, s);
	source_free(s);
	return 0;
}

#endif
