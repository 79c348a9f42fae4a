/* The collection-wide index searched. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/index_range.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/collection/index.h"

/* One search under way. */
struct search {
	struct arena *arena;
	struct index_hit *hits;
	size_t count, cap;
};

/* The snapshot a file belongs to; "" when it belongs to none. */
static const char *
snapshot_of(struct arena *a, const char *file)
{
	const char *at = strstr(file, "/records/");

	return at == NULL ? "" : arena_text_n(a, file, (size_t)(at - file));
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static uint64_t
number_of(const struct json *o, const char *name)
{
	const char *text = text_of(o, name);
	uint64_t n = 0;

	(void)text_uint(text, strlen(text), UINT64_MAX, &n);
	return n;
}

static struct index_hit *
new_hit(struct search *s)
{
	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
		struct index_hit *more = arena_alloc(
		    s->arena, cap * sizeof(*more));

		if (s->count > 0)
			memcpy(more, s->hits, s->count * sizeof(*more));
		s->hits = more;
		s->cap = cap;
	}
	return &s->hits[s->count];
}

/* A line that does not read is for verify to tell. */
static int
add_hit(void *context, const char *text, size_t len, struct error *e)
{
	struct search *s = context;
	char *copy = arena_text_n(s->arena, text, len);
	struct index_hit *h = new_hit(s);
	struct cdxj_line line;
	const struct json *o;

	(void)e;
	if (cdxj_split(copy, &line, NULL) != 0)
		return 0;
	o = json_parse(s->arena, line.json, strlen(line.json), NULL);
	*h = (struct index_hit){
		.url = text_of(o, "url"),
		.time = line.time,
		.mime = text_of(o, "mime"),
		.digest = text_of(o, "digest"),
		.id = text_of(o, "id"),
		.file = text_of(o, "filename"),
		.offset = number_of(o, "offset"),
		.length = number_of(o, "length"),
		.status = (unsigned)number_of(o, "status"),
	};
	h->snapshot = snapshot_of(s->arena, h->file);
	s->count++;
	return 0;
}

static int
by_time(const void *a, const void *b)
{
	const struct index_hit *x = a;
	const struct index_hit *y = b;
	int order = strcmp(x->time, y->time);

	if (order == 0)
		order = strcmp(x->file, y->file);
	if (order != 0)
		return order;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

int
index_view_find(struct index_view *v, struct arena *a, const char *url,
    struct index_hit **hits, size_t *count, struct error *e)
{
	struct search s = { .arena = a };
	struct buf start = { 0 };
	struct buf end = { 0 };
	int rc;

	index_range(url, INDEX_EXACT, &start, &end);
	rc = index_view_each(
	    v, buf_text(&start), buf_text(&end), add_hit, &s, e);
	if (rc == 0 && s.count > 1)
		qsort(s.hits, s.count, sizeof(*s.hits), by_time);
	*hits = s.hits;
	*count = s.count;
	buf_clear(&start);
	buf_clear(&end);
	return rc;
}

int
index_find(const struct collection *c, struct arena *a, const char *url,
    struct index_hit **hits, size_t *count, struct error *e)
{
	struct index_view *v;
	int rc;

	*hits = NULL;
	*count = 0;
	if (index_view_open(&v, c, e) != 0)
		return -1;
	rc = index_view_find(v, a, url, hits, count, e);
	index_view_free(v);
	return rc;
}

static uint64_t
distance(const struct index_hit *h, int64_t us)
{
	int64_t time = 0;

	(void)date_parse_digits(h->time, &time);
	return time > us ? (uint64_t)time - (uint64_t)us
			 : (uint64_t)us - (uint64_t)time;
}

const struct index_hit *
index_nearest(const struct index_hit *hits, size_t count, int64_t us)
{
	const struct index_hit *best = NULL;

	for (size_t i = 0; i < count; i++) {
		uint64_t d = distance(&hits[i], us);

		if (best == NULL || d < distance(best, us) ||
		    (d == distance(best, us) &&
			(hits[i].status == 200 || best->status != 200)))
			best = &hits[i];
	}
	return best;
}
