/* Articles that are looked at again: had again from the collection. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/article_store.h"
#include "core/collection/catalog.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/crawl/state.h"
#include "core/crawl/watch_part.h"
#include "core/web/url.h"

struct refill {
	struct watch *w;
	const struct ladder *ladder;
	const char *(*site_of)(void *context, const char *url);
	void *context;
};

/* One capture of an article. */
struct capture {
	const char *url, *article_id, *core, *modified;
	int64_t at_us;
};

/* An older or newer capture of A. */
static void
add_capture(struct watched *a, const struct ladder *l, const struct capture *c)
{
	int is_newer = c->at_us >= a->look_us;
	int64_t first = c->at_us < a->first_us ? c->at_us : a->first_us;
	int64_t last = is_newer ? c->at_us : a->look_us;

	if (is_newer) {
		a->core = c->core;
		a->modified = c->modified;
	}
	watch_judge_past(a, l, first, last);
}

static int
refill(struct refill *r, const struct capture *c, struct error *e)
{
	struct watched a = { .url = c->url,
		.article_id = c->article_id,
		.post_id = "",
		.core = c->core,
		.modified = c->modified,
		.doubt = "",
		.first_us = c->at_us,
		.look_us = c->at_us };
	const char *site = r->site_of(r->context, c->url);
	char host[256] = "";
	struct url url = { 0 };
	int found;

	if (site == NULL || c->at_us == 0 ||
	    url_parse(&url, c->url, strlen(c->url), NULL, NULL) != 0)
		return 0;
	if (!url_host(&url, host, sizeof(host)))
		host[0] = '\0';
	url_clear(&url);
	arena_reset(r->w->arena);
	a.site = site;
	a.host = host;
	found = watch_find(r->w, c->url, &a, e);
	if (found == 0)
		found = watch_find_article(r->w, c->article_id, site, &a, e);
	if (found < 0)
		return -1;
	add_capture(&a, r->ladder, c);
	return watch_put(r->w, &a, e);
}

static int
from_catalog(void *context, const struct catalog_article *k, struct error *e)
{
	struct capture c = { .url = k->url,
		.article_id = k->article_id,
		.core = k->core,
		.modified = "" };

	if (!date_parse(k->captured, &c.at_us, NULL))
		c.at_us = 0;
	return refill(context, &c, e);
}

static int
from_line(struct refill *r, struct arena *a, const char *line, size_t len,
    struct error *e)
{
	struct stored_article s;
	struct capture c;

	if (!article_read(a, line, len, &s))
		return 0;
	c = (struct capture){
		.url = s.url,
		.article_id = s.id,
		.core = json_text(
		    json_get(json_get(s.article, "hashes"), "core"), ""),
		.modified = json_text(
		    json_get(json_get(s.article, "modified"), "raw"), ""),
		.at_us = s.captured_us,
	};
	return refill(r, &c, e);
}

/* Of one snapshot. What does not read there is not watched: verify tells. */
static int
from_snapshot(struct refill *r, const char *dir, struct error *e)
{
	char *path = mem_format("%s/articles.jsonl", dir);
	struct line_reader lines = { .fd = -1 };
	struct arena *a = arena_new();
	struct error why = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &why);
	int rc = 0;

	while (more >= 0 && rc == 0 &&
	       (more = line_reader_next(&lines, &line, &len, &why)) == 1) {
		arena_reset(a);
		rc = from_line(r, a, line, len, e);
	}
	if (more < 0 && why.kind == ERROR_SYSTEM)
		rc = error_set(e, why.kind, "%s", why.text);
	line_reader_close(&lines);
	arena_free(a);
	free(path);
	return rc;
}

static int
from_snapshots(struct refill *r, const struct collection *c,
    const struct file_names *sealed, struct error *e)
{
	int rc = 0;

	for (size_t i = 0; i < sealed->count && rc == 0; i++) {
		char *dir = collection_path(c, sealed->names[i]);

		rc = from_snapshot(r, dir, e);
		free(dir);
	}
	return rc;
}

static int
has_all(struct catalog *k, const struct file_names *sealed)
{
	for (size_t i = 0; i < sealed->count; i++)
		if (!catalog_has(k, sealed->names[i]))
			return 0;
	return 1;
}

int
watch_rebuild(struct watch *w, const struct collection *c,
    const char *(*site_of)(void *context, const char *url), void *context,
    const struct ladder *l, struct error *e)
{
	struct refill r = { w, l, site_of, context };
	struct file_names sealed = { 0 };
	struct catalog *k = NULL;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	if (rc != 0)
		return -1;
	rc = state_begin(w->state, e);
	if (rc != 0)
		goto done;
	if (catalog_open(&k, c) && has_all(k, &sealed))
		rc = catalog_each_article(k, from_catalog, &r, e);
	else
		rc = from_snapshots(&r, c, &sealed, e);
	rc = state_end(w->state, rc, e);
done:
	catalog_close(k);
	file_names_clear(&sealed);
	return rc;
}
