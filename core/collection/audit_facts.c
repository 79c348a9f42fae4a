/* What audit knows in sum: remembered, so that asking is fast. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/audit.h"
#include "core/collection/catalog.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"

#define FACTS_FILE "state/audit.json"

enum { FACTS_MAX = 65536 };

static uint64_t
history_size(const struct collection *c)
{
	char *path = collection_path(c, AUDIT_HISTORY);
	uint64_t size;

	if (file_size(path, &size, NULL) != 0)
		size = 0;
	free(path);
	return size;
}

/* Files of all sealed snapshots; 0: the catalog does not know. */
static uint64_t
sealed_files(const struct collection *c)
{
	struct catalog *k = NULL;
	uint64_t files = 0;

	if (catalog_open(&k, c) && catalog_is_whole(k, c))
		files = catalog_files(k);
	catalog_close(k);
	return files;
}

void
audit_facts_keep(const struct collection *c)
{
	struct audit_facts f;
	struct buf b = { 0 };
	char *path;

	if (audit_facts_count(c, &f, NULL) != 0)
		return;
	path = collection_path(c, FACTS_FILE);
	line_begin(&b);
	line_number(&b, "history", (int64_t)history_size(c));
	line_number(&b, "files", (int64_t)f.files);
	line_number(&b, "never", (int64_t)f.never);
	line_number(&b, "bad", (int64_t)f.bad);
	line_number(&b, "oldest", f.oldest_us);
	line_number(&b, "last", f.last_us);
	line_end(&b);
	(void)file_put(path, b.data, b.len, NULL);
	buf_clear(&b);
	free(path);
}

/* What was remembered, if it is of this history. 1 / 0. */
static int
recall(const struct collection *c, uint64_t history, struct audit_facts *f)
{
	char *path = collection_path(c, FACTS_FILE);
	struct arena *a = arena_new();
	struct buf b = { 0 };
	const struct json *o = NULL;
	int yes;

	if (file_get(path, &b, FACTS_MAX, NULL) == 0)
		o = json_parse(a, buf_text(&b), b.len, NULL);
	yes = json_int(json_get(o, "history"), -1) == (int64_t)history;
	f->files = (uint64_t)json_int(json_get(o, "files"), 0);
	f->never = (uint64_t)json_int(json_get(o, "never"), 0);
	f->bad = (uint64_t)json_int(json_get(o, "bad"), 0);
	f->oldest_us = json_int(json_get(o, "oldest"), 0);
	f->last_us = json_int(json_get(o, "last"), 0);
	buf_clear(&b);
	arena_free(a);
	free(path);
	return yes;
}

int
audit_facts_read(
    const struct collection *c, struct audit_facts *f, struct error *e)
{
	uint64_t history = history_size(c);
	uint64_t files = sealed_files(c);

	*f = (struct audit_facts){ 0 };
	if (files > 0 && history == 0) {
		f->files = f->never = files;
		return 0;
	}
	/* What was sealed since was never looked at. */
	if (files > 0 && recall(c, history, f) && files >= f->files) {
		f->never += files - f->files;
		f->files = files;
		return 0;
	}
	return audit_facts_count(c, f, e);
}
