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

/* A sorted file with lines in the range. */
struct part {
	struct index_file *file;
	char *prefix; /* of a snapshot's own index; NULL a run, which is kept */
	struct buf line; /* the current one, whole */
};

struct index_view {
	const struct collection *collection;
	struct file_names sealed;     /* in order */
	struct index_current current; /* a run that does not read is "-" */
	struct index_file **runs;     /* of CURRENT; NULL: does not read */
	const char **others; /* snapshots that no run holds; borrowed */
	size_t other_count;
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

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
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

	if (file == NULL || s->view->sealed.count == 0)
		return 0;
	file += sizeof(name) - 1;
	end = strstr(file, "/records/");
	snapshot = mem_text_n(file, end == NULL ? 0 : (size_t)(end - file));
	found = bsearch(&snapshot, s->view->sealed.names, s->view->sealed.count,
		    sizeof(*s->view->sealed.names), by_text) != NULL;
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

/* A run that is not as CURRENT says: its snapshots are searched instead. */
static void
drop_run(struct index_view *v, size_t i)
{
	struct index_current *n = &v->current;

	index_file_free(v->runs[i]);
	v->runs[i] = NULL;
	for (size_t k = 0; k < n->count; k++)
		if (strcmp(n->snapshots[k].run, n->runs[i].name) == 0)
			n->snapshots[k].run[0] = '-';
}

static void
list_others(struct index_view *v)
{
	v->other_count = 0;
	for (size_t i = 0; i < v->sealed.count; i++) {
		const struct index_snapshot *known = index_current_find(
		    &v->current, v->sealed.names[i]);

		if (known == NULL || known->run[0] == '-')
			v->others[v->other_count++] = v->sealed.names[i];
	}
}

static void
open_run(struct index_view *v, size_t i)
{
	const struct index_run *run = &v->current.runs[i];
	char *path = mem_format("%s/index/%s", v->collection->dir, run->name);
	char *top = index_top_path(path);
	uint64_t size;

	if (file_size(path, &size, NULL) != 0 || size != run->bytes ||
	    index_file_open_with_top(&v->runs[i], path, top, NULL) != 0)
		drop_run(v, i);
	free(top);
	free(path);
}

int
index_view_open(
    struct index_view **out, const struct collection *c, struct error *e)
{
	struct index_view *v = mem_zero(1, sizeof(*v));

	v->collection = c;
	if (collection_snapshots(c, &v->sealed, NULL, e) != 0) {
		free(v);
		return -1;
	}
	if (v->sealed.count > 1)
		qsort(v->sealed.names, v->sealed.count,
		    sizeof(*v->sealed.names), by_text);
	if (index_current_read(c, &v->current, NULL) != 0)
		v->current = (struct index_current){ 0 };
	v->runs = mem_zero(v->current.run_count + 1, sizeof(*v->runs));
	for (size_t i = 0; i < v->current.run_count; i++)
		open_run(v, i);
	v->others = mem_zero(v->sealed.count + 1, sizeof(*v->others));
	list_others(v);
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
	free(v->others);
	index_current_clear(&v->current);
	file_names_clear(&v->sealed);
	free(v);
}

static int
search_all(struct search *s, struct error *e)
{
	struct index_view *v = s->view;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < v->current.run_count; i++) {
		if (v->runs[i] == NULL)
			continue;
		rc = add_part(s, v->runs[i], NULL, e);
		if (rc == 0) {
			drop_run(v, i);
			list_others(v);
		}
	}
	for (size_t i = 0; rc >= 0 && i < v->other_count; i++)
		rc = add_snapshot(s, v->others[i], e);
	if (rc >= 0)
		return merge(s, e);
	while (s->count > 0)
		part_clear(&s->parts[--s->count]);
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
