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
	char *prefix;    /* of a snapshot's own index; NULL a run */
	struct buf line; /* the current one, whole */
};

struct search {
	const struct collection *collection;
	const char *start, *end;
	int (*each)(
	    void *context, const char *line, size_t len, struct error *e);
	void *context;
	struct file_names sealed;
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

	if (file == NULL || s->sealed.count == 0)
		return 0;
	file += sizeof(name) - 1;
	end = strstr(file, "/records/");
	snapshot = mem_text_n(file, end == NULL ? 0 : (size_t)(end - file));
	found = bsearch(&snapshot, s->sealed.names, s->sealed.count,
		    sizeof(*s->sealed.names), by_text) != NULL;
	free(snapshot);
	return found;
}

static void
part_clear(struct part *p)
{
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

/* One more file: a run, or with PREFIX a snapshot's own index. 1 done, 0 it is
 * not to be had, -1 (ERROR_SYSTEM). */
static int
add_part(
    struct search *s, const char *path, const char *prefix, struct error *e)
{
	struct part *p = &s->parts[s->count];
	char *top = prefix == NULL ? index_top_path(path) : NULL;
	struct error why = { 0 };
	int more;

	*p = (struct part){ 0 };
	more = top != NULL ? index_file_open_with_top(&p->file, path, top, &why)
			   : index_file_open(&p->file, path, &why);
	free(top);
	if (more == 0) {
		p->prefix = prefix == NULL ? NULL : mem_text(prefix);
		more = index_file_find(p->file, s->start, s->end, &why);
	}
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
add_run(struct search *s, const struct index_run *run, struct error *e)
{
	char *path = mem_format("%s/index/%s", s->collection->dir, run->name);
	uint64_t size;
	int rc = 0;

	if (file_size(path, &size, NULL) == 0 && size == run->bytes)
		rc = add_part(s, path, NULL, e);
	free(path);
	return rc;
}

static int
add_snapshot(struct search *s, const char *snapshot, struct error *e)
{
	char *path = mem_format(
	    "%s/%s/index.cdxj", s->collection->dir, snapshot);
	char *prefix = mem_format("%s/", snapshot);
	int rc = add_part(s, path, prefix, e);

	free(path);
	free(prefix);
	return rc < 0 ? -1 : 0;
}

/* All runs; a run that is not as CURRENT says is renamed "-", so that its
 * snapshots are searched instead. */
static int
add_runs(struct search *s, struct index_current *n, struct error *e)
{
	for (size_t i = 0; i < n->run_count; i++) {
		int rc = add_run(s, &n->runs[i], e);

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
	int rc;

	if (index_current_read(s->collection, &n, NULL) != 0)
		n = (struct index_current){ 0 };
	rc = add_runs(s, &n, e);
	for (size_t i = 0; rc == 0 && i < s->sealed.count; i++) {
		const struct index_snapshot *known = index_current_find(
		    &n, s->sealed.names[i]);

		if (known == NULL || known->run[0] == '-')
			rc = add_snapshot(s, s->sealed.names[i], e);
	}
	index_current_clear(&n);
	if (rc == 0)
		return merge(s, e);
	while (s->count > 0)
		part_clear(&s->parts[--s->count]);
	return -1;
}

int
index_each(const struct collection *c, const char *start, const char *end,
    int (*each)(void *context, const char *line, size_t len, struct error *e),
    void *context, struct error *e)
{
	struct search s = { .collection = c,
		.start = start,
		.end = end,
		.each = each,
		.context = context };
	int rc;

	if (collection_snapshots(c, &s.sealed, NULL, e) != 0)
		return -1;
	if (s.sealed.count > 1)
		qsort(s.sealed.names, s.sealed.count, sizeof(*s.sealed.names),
		    by_text);
	rc = search_all(&s, e);
	file_names_clear(&s.sealed);
	return rc;
}
