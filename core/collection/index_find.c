/* The collection-wide index searched. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/index_current.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"

/* One search under way. */
struct search {
	const struct collection *collection;
	struct arena *arena;
	struct buf key; /* with the blank behind it */
	struct file_names sealed;
	struct index_hit *hits;
	size_t count, cap;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_sealed(const struct search *s, const char *snapshot)
{
	return s->sealed.count > 0 &&
	       bsearch(&snapshot, s->sealed.names, s->sealed.count,
		   sizeof(*s->sealed.names), by_text) != NULL;
}

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
static void
add_hit(struct search *s, const struct buf *text)
{
	char *copy = arena_text(s->arena, buf_text(text));
	struct index_hit *h = new_hit(s);
	struct cdxj_line line;
	const struct json *o;

	if (cdxj_split(copy, &line, NULL) != 0)
		return;
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
	if (is_sealed(s, h->snapshot))
		s->count++;
}

static int
read_hits(struct search *s, struct index_source *source, struct error *e)
{
	const char *key = buf_text(&s->key);

	while (source->more == 1) {
		if (!text_starts(buf_text(&source->line), key))
			return 0;
		add_hit(s, &source->line);
		if (index_source_next(source, e) < 0)
			return -1;
	}
	return 0;
}

/* Search one sorted file: a run, or with PREFIX a snapshot's own index.
 * 1 done, 0 it is not to be had, -1 (ERROR_SYSTEM). */
static int
search_file(
    struct search *s, const char *path, const char *prefix, struct error *e)
{
	struct index_source source;
	struct error why = { 0 };
	size_t before = s->count;
	int rc;

	if (index_source_open(&source, path, prefix, NULL) != 0)
		return 0;
	rc = prefix == NULL
		 ? index_run_find(&source, buf_text(&s->key), &why)
		 : index_source_find(&source, buf_text(&s->key), &why);
	if (rc == 0)
		rc = read_hits(s, &source, &why);
	index_source_close(&source);
	if (rc == 0)
		return 1;
	s->count = before;
	if (why.kind != ERROR_SYSTEM)
		return 0;
	return error_set(e, why.kind, "%s", why.text);
}

static int
search_run(struct search *s, const struct index_run *run, struct error *e)
{
	char *path = mem_format("%s/index/%s", s->collection->dir, run->name);
	uint64_t size;
	int rc = 0;

	if (file_size(path, &size, NULL) == 0 && size == run->bytes)
		rc = search_file(s, path, NULL, e);
	free(path);
	return rc;
}

static int
search_snapshot(struct search *s, const char *snapshot, struct error *e)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", s->collection->dir, snapshot);
	char *prefix = mem_format("%s/", snapshot);
	int rc = search_file(s, path, prefix, e);

	free(path);
	free(prefix);
	return rc < 0 ? -1 : 0;
}

/* All runs; a run that is not as CURRENT says is renamed "-", so that its
 * snapshots are searched instead. */
static int
search_runs(struct search *s, struct index_current *n, struct error *e)
{
	for (size_t i = 0; i < n->run_count; i++) {
		int rc = search_run(s, &n->runs[i], e);

		if (rc < 0)
			return -1;
		for (size_t k = 0; rc == 0 && k < n->count; k++)
			if (strcmp(n->snapshots[k].run, n->runs[i].name) == 0)
				n->snapshots[k].run[0] = '-';
	}
	return 0;
}

static int
search_all(struct search *s, struct error *e)
{
	struct index_current n;
	struct error why = { 0 };
	int rc = 0;

	if (index_current_read(s->collection, &n, &why) != 0)
		n = (struct index_current){ 0 };
	rc = search_runs(s, &n, e);
	for (size_t i = 0; rc == 0 && i < s->sealed.count; i++) {
		const struct index_snapshot *known = index_current_find(
		    &n, s->sealed.names[i]);

		if (known == NULL || known->run[0] == '-')
			rc = search_snapshot(s, s->sealed.names[i], e);
	}
	index_current_clear(&n);
	return rc;
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
index_find(const struct collection *c, struct arena *a, const char *url,
    struct index_hit **hits, size_t *count, struct error *e)
{
	struct search s = { .collection = c, .arena = a };
	int rc;

	if (collection_snapshots(c, &s.sealed, NULL, e) != 0)
		return -1;
	if (s.sealed.count > 1)
		qsort(s.sealed.names, s.sealed.count, sizeof(*s.sealed.names),
		    by_text);
	cdxj_add_key(&s.key, url);
	buf_add_byte(&s.key, ' ');
	rc = search_all(&s, e);
	if (rc == 0 && s.count > 1)
		qsort(s.hits, s.count, sizeof(*s.hits), by_time);
	*hits = s.hits;
	*count = s.count;
	file_names_clear(&s.sealed);
	buf_clear(&s.key);
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
