/* Where the originals of revisits lie that a selection takes. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/export_part.h"
#include "core/collection/export_pick.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/open_record.h"

struct original_walk {
	struct export_pick *pick;
	struct index_view *index;
	struct arena *arena;
	int (*each)(void *context, const char *snapshot, const char *id,
	    struct error *e);
	void *context;
};

int
export_find_original(struct index_view *index, struct arena *a,
    const struct record *revisit, const char *url, const struct index_hit **hit,
    struct error *e)
{
	const char *id = record_uri_field(a, revisit, "WARC-Refers-To");
	const char *uri = record_uri_field(
	    a, revisit, "WARC-Refers-To-Target-URI");
	const char *date = record_field(revisit, "WARC-Refers-To-Date");
	struct index_hit *hits;
	size_t count;
	char time[DATE_TEXT_MAX] = "";
	int64_t us;

	if (date != NULL && date_parse(date, &us, NULL))
		date_digits(us, time);
	if (index_view_find(
		index, a, uri == NULL ? url : uri, &hits, &count, e) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		*hit = &hits[i];
		if (id != NULL ? strcmp(hits[i].id, id) == 0
			       : strcmp(hits[i].time, time) == 0 &&
				     strcmp(hits[i].mime, "warc/revisit") != 0)
			return 1;
	}
	return 0;
}

static int
each_revisit(void *context, const struct export_line *l, struct error *e)
{
	struct original_walk *w = context;
	struct export_pick *k = w->pick;
	const struct index_hit *hit;
	struct open_record o;
	char *file;
	int rc;

	if (strcmp(l->mime, "warc/revisit") != 0 || !export_takes_id(k, l->id))
		return 0;
	file = mem_format("%s/%s", k->path, l->file);
	rc = open_record_at(&o, k->plan->collection, file, l->offset, e);
	free(file);
	if (rc != 0)
		return -1;
	arena_reset(w->arena);
	rc = export_find_original(
	    w->index, w->arena, &o.record, l->url, &hit, e);
	open_record_close(&o);
	return rc > 0 ? w->each(w->context, hit->snapshot, hit->id, e) : rc;
}

int
export_pick_originals(struct export_pick *k,
    int (*each)(
	void *context, const char *snapshot, const char *id, struct error *e),
    void *context, struct error *e)
{
	struct original_walk w = {
		.pick = k, .each = each, .context = context
	};
	int rc = index_view_open(&w.index, k->plan->collection, e);

	w.arena = arena_new();
	if (rc == 0)
		rc = export_each_line(k, each_revisit, &w, e);
	arena_free(w.arena);
	index_view_free(w.index);
	return rc;
}
