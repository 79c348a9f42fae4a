/* The lines of the collection-wide index in a range. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/index_file.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/index_current.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"
#include "core/collection/target_set.h"

/* A sorted file with lines in the range. */
struct part {
	struct index_file *file;
	char *prefix; /* of a snapshot's own index; NULL a run, which is kept */
	struct buf line; /* the current one, whole */
};

struct index_view {
	const struct collection *collection;
	struct index_current current;
	struct index_file **runs; /* of CURRENT; NULL: does not read */
	struct target_set sealed; /* paths that were asked for: there (1) */
	struct file_names others; /* snapshots that no run holds */
};

struct search {
	struct index_view *view;
	const char *start, *end;
	int (*each)(
	    void *context, const char *line, size_t len, struct error *e);
	void *context;
	struct part parts[INDEX_MERGE_MAX];
	size_t count;
};

/* Is there such a snapshot? Asked of each once. */
static int
is_there(struct index_view *v, const char *snapshot)
{
	uint64_t *known = target_set_find(&v->sealed, snapshot);
	char *path;
	int yes;

	if (known != NULL)
		return *known == 1;
	path = collection_path(v->collection, snapshot);
	yes = file_is_dir(path);
	free(path);
	(void)target_set_add(&v->sealed, snapshot, (uint64_t)yes);
	return yes;
}

/* Is the snapshot in whose records the line points sealed? 1 / 0. */
static int
is_sealed(const struct search *s, const char *line)
{
	static const char name[] = "\"filename\": \"";
	const char *file = strstr(line, name);
	const char *end;
	char *snapshot;
	int found;

	if (file == NULL)
		return 0;
	file += sizeof(name) - 1;
	end = strstr(file, "/records/");
	if (end == NULL || !text_starts(file, "snapshots/"))
		return 0;
	snapshot = mem_text_n(file, (size_t)(end - file));
	found = !text_ends(snapshot, ".open") && is_there(s->view, snapshot);
	free(snapshot);
	return found;
}

static void
part_clear(struct part *p)
{
	if (p->prefix != NULL)
		index_file_free(p->file);
	free(p->prefix);
	buf_clear(&p->line);
	*p = (struct part){ 0 };
}

/* The next line of P: 1; 0, no more; -1. */
static int
part_next(struct part *p, struct error *e)
{
	char *line;
	size_t len;
	int more = index_file_next(p->file, &line, &len, e);

	if (more != 1)
		return more;
	buf_reset(&p->line);
	if (p->prefix == NULL)
		buf_add(&p->line, line, len);
	else
		index_add_prefixed(&p->line, line, p->prefix);
	return 1;
}

/* All parts' lines in order; what is open is closed. What breaks in the middle
 * is for verify to tell. */
static int
merge(struct search *s, struct error *e)
{
	struct error why = { 0 };
	int rc = 0;

	while (rc == 0 && s->count > 0) {
		size_t least = 0;
		struct part *p;

		for (size_t i = 1; i < s->count; i++)
			if (strcmp(buf_text(&s->parts[i].line),
				buf_text(&s->parts[least].line)) < 0)
				least = i;
		p = &s->parts[least];
		if (is_sealed(s, buf_text(&p->line)))
			rc = s->each(
			    s->context, buf_text(&p->line), p->line.len, e);
		if (rc == 0 && part_next(p, &why) != 1) {
			part_clear(p);
			*p = s->parts[--s->count];
			s->parts[s->count] = (struct part){ 0 };
		}
		if (rc == 0 && why.kind == ERROR_SYSTEM)
			rc = error_set(e, why.kind, "%s", why.text);
	}
	while (s->count > 0)
		part_clear(&s->parts[--s->count]);
	return rc;
}

/* One more file: FILE of a run, or with PREFIX that of a snapshot's own index,
 * which is taken. 1 done, 0 it is not to be had, -1 (ERROR_SYSTEM). */
static int
add_part(struct search *s, struct index_file *file, const char *prefix,
    struct error *e)
{
	struct part *p = &s->parts[s->count];
	struct error why = { 0 };
	int more = index_file_find(file, s->start, s->end, &why);

	*p = (struct part){ .file = file,
		.prefix = prefix == NULL ? NULL : mem_text(prefix) };
	if (more == 0)
		more = part_next(p, &why);
	if (more == 1) {
		s->count++;
		return s->count < INDEX_MERGE_MAX || merge(s, e) == 0 ? 1 : -1;
	}
	part_clear(p);
	if (more == 0)
		return 1;
	return why.kind == ERROR_SYSTEM ? error_set(e, why.kind, "%s", why.text)
					: 0;
}

static int
add_snapshot(struct search *s, const char *snapshot, struct error *e)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", s->view->collection->dir, snapshot);
	char *prefix = mem_format("%s/", snapshot);
	struct index_file *file = NULL;
	struct error why = { 0 };
	int rc = 0;

	if (index_file_open(&file, path, &why) == 0)
		rc = add_part(s, file, prefix, e);
	else if (why.kind == ERROR_SYSTEM)
		rc = error_set(e, why.kind, "%s", why.text);
	free(path);
	free(prefix);
	return rc < 0 ? -1 : 0;
}

/* A run that is not as CURRENT says: all snapshots are searched instead. */
static int
drop_runs(struct index_view *v, struct error *e)
{
	for (size_t i = 0; i < v->current.run_count; i++) {
		index_file_free(v->runs[i]);
		v->runs[i] = NULL;
	}
	file_names_clear(&v->others);
	return collection_snapshots(v->collection, &v->others, NULL, e);
}

/* Keep of OTHERS those that the witness does not know. */
static void
drop_known(struct file_names *others, const struct index_current *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < others->count; i++)
		if (index_current_find(n, others->names[i]) == NULL)
			others->names[kept++] = others->names[i];
		else
			free(others->names[i]);
	others->count = kept;
}

/* Which snapshots do the runs not hold? None, mostly, and that is known from
 * the sums. */
static int
list_others(struct index_view *v, struct error *e)
{
	struct index_current full;
	struct months m;
	uint64_t held;

	if (months_read(&m, v->collection, e) != 0)
		return -1;
	held = v->current.holds == m.sealed && v->current.sum == m.sum;
	months_clear(&m);
	if (held)
		return 0;
	if (collection_snapshots(v->collection, &v->others, NULL, e) != 0)
		return -1;
	if (index_current_read(v->collection, &full, NULL) != 0)
		return drop_runs(v, e);
	held = v->others.count;
	drop_known(&v->others, &full);
	index_current_clear(&full);
	/* Something that the witness knows is not in the runs. */
	return v->current.holds + v->others.count < held ? drop_runs(v, e) : 0;
}

/* 1; 0, it is not as CURRENT says. */
static int
open_run(struct index_view *v, size_t i)
{
	const struct index_run *run = &v->current.runs[i];
	char *path = mem_format("%s/index/%s", v->collection->dir, run->name);
	char *top = index_top_path(path);
	uint64_t size;
	int sound = file_size(path, &size, NULL) == 0 && size == run->bytes &&
		    index_file_open_with_top(&v->runs[i], path, top, NULL) == 0;

	free(top);
	free(path);
	return sound;
}

int
index_view_open(
    struct index_view **out, const struct collection *c, struct error *e)
{
	struct index_view *v = mem_zero(1, sizeof(*v));
	int sound = 1;

	v->collection = c;
	if (index_current_read_head(c, &v->current, NULL) != 0)
		v->current = (struct index_current){ 0 };
	v->runs = mem_zero(v->current.run_count + 1, sizeof(*v->runs));
	for (size_t i = 0; i < v->current.run_count; i++)
		sound &= open_run(v, i);
	if ((sound ? list_others(v, e) : drop_runs(v, e)) != 0) {
		index_view_free(v);
		return -1;
	}
	*out = v;
	return 0;
}

void
index_view_free(struct index_view *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->current.run_count; i++)
		index_file_free(v->runs[i]);
	free(v->runs);
	index_current_clear(&v->current);
	target_set_clear(&v->sealed);
	file_names_clear(&v->others);
	free(v);
}

static void
close_parts(struct search *s)
{
	while (s->count > 0)
		part_clear(&s->parts[--s->count]);
}

/* 1; 0, a run does not read; -1. */
static int
add_runs(struct search *s, struct error *e)
{
	int rc = 1;

	for (size_t i = 0; rc == 1 && i < s->view->current.run_count; i++)
		if (s->view->runs[i] != NULL)
			rc = add_part(s, s->view->runs[i], NULL, e);
	return rc;
}

static int
search_all(struct search *s, struct error *e)
{
	struct index_view *v = s->view;
	int rc = add_runs(s, e);

	if (rc == 0) {
		close_parts(s);
		rc = drop_runs(v, e);
	}
	for (size_t i = 0; rc >= 0 && i < v->others.count; i++)
		rc = add_snapshot(s, v->others.names[i], e);
	if (rc >= 0)
		return merge(s, e);
	close_parts(s);
	return -1;
}

int
index_view_each(struct index_view *v, const char *start, const char *end,
    int (*each)(void *context, const char *line, size_t len, struct error *e),
    void *context, struct error *e)
{
	struct search s = { .view = v,
		.start = start,
		.end = end,
		.each = each,
		.context = context };

	return search_all(&s, e);
}

int
index_each(const struct collection *c, const char *start, const char *end,
    int (*each)(void *context, const char *line, size_t len, struct error *e),
    void *context, struct error *e)
{
	struct index_view *v;
	int rc;

	if (index_view_open(&v, c, e) != 0)
		return -1;
	rc = index_view_each(v, start, end, each, context, e);
	index_view_free(v);
	return rc;
}
