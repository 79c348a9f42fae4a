/* Articles to be looked at in a browser alone. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/index.h"
#include "core/collection/withdrawn.h"

enum { SORT_BYTES = 4 * 1024 * 1024 };

/* ---- the package ---- */

struct digested {
	struct stream stream;
	struct stream *inner; /* borrowed */
	struct digester *digester;
};

static int
digested_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct digested *s = (struct digested *)stream;
	int more = stream_next(s->inner, data, len, e);

	if (more == 1)
		digester_add(s->digester, *data, *len);
	return more;
}

static void
digested_free(struct stream *stream)
{
	(void)stream; /* stands in the frame of its maker */
}

int
articles_put(struct articles *x, const char *name, struct stream *bytes,
    uint64_t size, char hex[DIGEST_SHA256_HEX + 1], struct error *e)
{
	struct digested s = { { digested_next, digested_free }, bytes,
		x->digester };
	char text[DIGEST_TEXT_MAX];
	struct buf line = { 0 };
	char *path = mem_format("%s%s", x->folder, name);
	int rc;

	digester_reset(x->digester);
	rc = x->to == NULL ? stream_skip(&s.stream, NULL, e)
			   : package_put(x->to, path, size, &s.stream, e);
	free(path);
	if (rc != 0)
		return -1;
	digester_hex(x->digester, text);
	memcpy(hex, text, DIGEST_SHA256_HEX + 1);
	buf_format(&line, "%s  %s\n", hex, name);
	rc = spool_add(x->manifest, line.data, line.len, e);
	buf_clear(&line);
	x->run.result->files++;
	x->run.result->bytes += size;
	return rc;
}

int
articles_put_text(struct articles *x, const char *name, const struct buf *text,
    struct error *e)
{
	struct stream *s = stream_of_bytes(buf_text(text), text->len);
	char hex[DIGEST_SHA256_HEX + 1];
	int rc = articles_put(x, name, s, text->len, hex, e);

	stream_free(s);
	return rc;
}

static int
put_spool(struct articles *x, const char *name, const struct spool *spool,
    struct error *e)
{
	struct stream *s = spool_stream(spool, 0, spool_len(spool));
	char hex[DIGEST_SHA256_HEX + 1];
	int rc = articles_put(x, name, s, spool_len(spool), hex, e);

	stream_free(s);
	return rc;
}

static int
put_articles(struct articles *x, struct error *e)
{
	const struct export_options *o = x->run.options;
	const uint8_t *p;
	size_t len;
	uint64_t done = 0;
	int more = sorter_begin(x->ordered, e);

	while (
	    more == 0 && (more = sorter_next(x->ordered, &p, &len, e)) == 1) {
		if (o->stop != NULL && *o->stop)
			return error_set(
			    e, ERROR_STOPPED, "stopped by a signal");
		more = articles_put_one(x, p, len, e);
		if (o->progress != NULL)
			o->progress(o->context, ++done * x->run.all / x->count,
			    x->run.all);
	}
	return more;
}

/* ---- the list, the manifest ---- */

static int
put_index(struct articles *x, struct error *e)
{
	struct spool *html = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	struct buf part = { 0 };
	const uint8_t *p;
	size_t len;
	int more = 0;
	int rc = sorter_begin(x->listed, e);

	articles_index_head(&part, x);
	if (rc == 0)
		rc = spool_add(html, part.data, part.len, e);
	while (rc == 0 && (more = sorter_next(x->listed, &p, &len, e)) == 1)
		rc = spool_add(html, p + 8, len - 8, e);
	buf_reset(&part);
	articles_index_end(&part);
	if (rc == 0 && more == 0)
		rc = spool_add(html, part.data, part.len, e);
	if (rc == 0 && more == 0)
		rc = put_spool(x, "index.html", html, e);
	buf_clear(&part);
	spool_free(html);
	return more < 0 ? -1 : rc;
}

static int
put_all(struct articles *x, struct error *e)
{
	int rc = put_articles(x, e);

	if (rc == 0)
		rc = put_index(x, e);
	/* The spool grows by the manifest's own line when it is out. */
	if (rc == 0)
		rc = put_spool(x, "manifest-sha256.txt", x->manifest, e);
	return rc;
}

static void
articles_clear(struct articles *x)
{
	sorter_free(x->found);
	sorter_free(x->ordered);
	sorter_free(x->listed);
	spool_free(x->lines);
	spool_free(x->places);
	spool_free(x->manifest);
	digester_free(x->digester);
	withdrawn_free(x->withdrawn);
	index_view_free(x->index);
	free(x->manifest_of);
	free(x->folder);
}

static int
make(struct articles *x, const struct package_options *options, struct error *e)
{
	const char *path = x->run.options->path;

	if (articles_find(x, e) != 0 || articles_order(x, e) != 0 ||
	    articles_places(x, e) != 0)
		return -1;
	if (x->count == 0)
		return error_set(e, ERROR_NOTFOUND,
		    "there is no article in what was chosen");
	if (file_exists(path))
		return error_set(e, ERROR_USAGE, "%s: is there already", path);
	if (x->run.options->dry)
		return put_all(x, e);
	if (package_create(&x->to, path, options, e) != 0)
		return -1;
	if (put_all(x, e) != 0) {
		package_abandon(x->to);
		return -1;
	}
	return package_finish(x->to, e) == 0 ? export_run_made(&x->run, path, e)
					     : -1;
}

int
export_articles(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	struct articles x = { 0 };
	struct package_options options = { 0 };
	int rc;

	export_run_begin(&x.run, p, o, r);
	options.time_us = x.run.time_us;
	x.digester = digester_new(DIGEST_SHA256);
	x.manifest = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	x.lines = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	x.found = sorter_new(SORT_BYTES, NULL);
	x.ordered = sorter_new(SORT_BYTES, NULL);
	x.listed = sorter_new(SORT_BYTES, NULL);
	rc = export_folder_kind(o->path, &options.kind, &x.folder, e);
	if (rc == 0 && x.folder[0] != '\0') {
		char *folder = mem_format("%s/", x.folder);

		free(x.folder);
		x.folder = folder;
	}
	if (rc == 0)
		rc = withdrawn_open(
		    &x.withdrawn, export_plan_collection(p), o->now_us, e);
	if (rc == 0)
		rc = make(&x, &options, e);
	articles_clear(&x);
	return rc;
}
