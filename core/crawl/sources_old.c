/* Entries of lists that say they are old: believed the first time. */
#include <stdlib.h>
#include <string.h>

#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/sources_part.h"

/* FNV-1a: which addresses, not which bytes; a collision leaves one out. */
static uint64_t
hash_text(const char *s)
{
	uint64_t h = 0xCBF29CE484222325u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001B3u;
	return h;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
finding_old_begin(struct finding *f)
{
	struct db_query *q = f->s->q[OLD_FIND];
	const void *p;
	size_t len;
	int more;

	f->month_us = source_month_of(buf_text(&f->row.url));
	db_bind_text(q, 1, f->p->site->name);
	db_bind_text(q, 2, buf_text(&f->row.url));
	more = db_next(q, f->e);
	if (more == 1) {
		p = db_bytes(q, 0, &len);
		f->old_before_count = len / sizeof(*f->old_before);
		if (f->old_before_count > 0)
			f->old_before = mem_dup(
			    p, f->old_before_count * sizeof(*f->old_before));
		db_reset(q);
	}
	return more < 0 ? -1 : 0;
}

int
finding_was_old(struct finding *f, const char *url)
{
	uint64_t h = hash_text(url);
	int was = f->is_first_look ||
		  (f->old_before_count > 0 &&
		      bsearch(&h, f->old_before, f->old_before_count, sizeof(h),
			  compare) != NULL);

	if (!was)
		return 0;
	if (f->old_now_count == f->old_now_cap) {
		f->old_now_cap = f->old_now_cap == 0 ? 64 : 2 * f->old_now_cap;
		f->old_now = mem_grow(
		    f->old_now, f->old_now_cap, sizeof(*f->old_now));
	}
	f->old_now[f->old_now_count++] = h;
	return 1;
}

int
finding_old_end(struct finding *f)
{
	struct db_query *q = f->s->q[OLD_PUT];
	size_t len = f->old_now_count * sizeof(*f->old_now);
	int rc = 0;

	if (f->old_now_count > 0)
		qsort(
		    f->old_now, f->old_now_count, sizeof(*f->old_now), compare);
	if (f->old_now_count != f->old_before_count ||
	    (len > 0 && memcmp(f->old_now, f->old_before, len) != 0)) {
		db_bind_text(q, 1, f->p->site->name);
		db_bind_text(q, 2, buf_text(&f->row.url));
		db_bind_bytes(q, 3, len > 0 ? (void *)f->old_now : "", len);
		rc = db_next(q, f->e) < 0 ? -1 : 0;
	}
	free(f->old_now);
	free(f->old_before);
	f->old_now = f->old_before = NULL;
	return rc;
}
