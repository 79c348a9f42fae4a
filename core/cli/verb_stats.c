/* stats: what record files hold, by type, status, media type, host, year. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/count_table.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/web/url.h"

/* Every record counts by type; captures (responses, resources, revisits,
 * conversions) by the rest too. */
enum by { BY_TYPE, BY_STATUS, BY_MIME, BY_HOST, BY_YEAR, BY_COUNT };

static const char *const by_names[BY_COUNT] = { "type", "status", "mime",
	"host", "year" };

enum { HOST_MAX = 256, TEXT_LINES = 20 };

struct stats {
	struct look_files files;
	struct count_table tables[BY_COUNT];
	uint64_t file_count, records, bytes, stored, damaged;
};

static int
is_capture(enum record_type type)
{
	return type == RECORD_RESPONSE || type == RECORD_RESOURCE ||
	       type == RECORD_REVISIT || type == RECORD_CONVERSION;
}

static const char *
or_none(const char *text)
{
	return text[0] == '\0' ? "(none)" : text;
}

static void
add(struct stats *s, enum by by, const char *key, const struct looked *r)
{
	count_table_add(
	    &s->tables[by], or_none(key), r->facts.block_len, r->place.length);
}

static void
add_host(struct stats *s, const struct looked *r)
{
	const char *uri = r->facts.uri;
	char host[HOST_MAX] = "";
	struct url url;

	if (url_parse(&url, uri, strlen(uri), NULL, NULL) == 0) {
		if (!url_host(&url, host, sizeof(host)))
			host[0] = '\0';
		url_clear(&url);
	}
	add(s, BY_HOST, host, r);
}

static void
add_capture(struct stats *s, const struct looked *r)
{
	char text[16] = "";

	if (r->facts.status != 0)
		(void)snprintf(text, sizeof(text), "%u", r->facts.status);
	add(s, BY_STATUS, text, r);
	add(s, BY_MIME, r->mime, r);
	add_host(s, r);
	(void)snprintf(text, sizeof(text), "%.4s", r->facts.timestamp);
	add(s, BY_YEAR, text, r);
}

static int
count_record(void *context, struct arena *a, const struct looked *r)
{
	struct stats *s = context;

	(void)a;
	s->records++;
	s->damaged += r->place.damaged != 0;
	s->bytes += r->facts.block_len;
	s->stored += r->place.length;
	add(s, BY_TYPE, r->facts.type_name, r);
	if (is_capture(r->facts.type))
		add_capture(s, r);
	return 0;
}

static int
count_file(void *context, struct input *in, struct error *e)
{
	struct stats *s = context;

	s->file_count++;
	cli_status(s->files.cli, input_name(in));
	return look_records(&s->files, in, count_record, s, e);
}

/* ---- printing ---- */

static void
put_table(const struct count_table *t, const char *name)
{
	char bytes[LOOK_SIZE_MAX];
	char stored[LOOK_SIZE_MAX];
	struct count rest = { 0 };

	printf("\n%-10s %12s %12s\n", "records", "bytes", "stored");
	for (size_t i = 0; i < t->count; i++) {
		const struct count *c = &t->slots[i];

		if (i >= TEXT_LINES && t->count > TEXT_LINES + 1) {
			rest.records += c->records;
			rest.bytes += c->bytes;
			rest.stored += c->stored;
			continue;
		}
		printf("%-10" PRIu64 " %12s %12s  %s ", c->records,
		    look_size(c->bytes, bytes), look_size(c->stored, stored),
		    name);
		cli_put(stdout, c->key);
		(void)fputc('\n', stdout);
	}
	if (rest.records > 0)
		printf("%-10" PRIu64 " %12s %12s  %zu more\n", rest.records,
		    look_size(rest.bytes, bytes),
		    look_size(rest.stored, stored), t->count - TEXT_LINES);
}

static void
put_text(const struct stats *s)
{
	char bytes[LOOK_SIZE_MAX];
	char stored[LOOK_SIZE_MAX];

	printf("%" PRIu64 " files, %" PRIu64 " records, %s in blocks, %s "
	       "stored",
	    s->file_count, s->records, look_size(s->bytes, bytes),
	    look_size(s->stored, stored));
	if (s->damaged > 0)
		printf(", %" PRIu64 " damaged", s->damaged);
	(void)fputc('\n', stdout);
	for (int i = 0; i < BY_COUNT; i++)
		if (s->tables[i].count > 0)
			put_table(&s->tables[i], by_names[i]);
}

static void
put_json(const struct stats *s)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_integer(a, o, "files", (int64_t)s->file_count);
	json_set_integer(a, o, "records", (int64_t)s->records);
	json_set_integer(a, o, "bytes", (int64_t)s->bytes);
	json_set_integer(a, o, "stored", (int64_t)s->stored);
	json_set_integer(a, o, "damaged", (int64_t)s->damaged);
	for (int i = 0; i < BY_COUNT; i++) {
		struct json *list = json_new_array(a);

		for (size_t j = 0; j < s->tables[i].count; j++) {
			const struct count *c = &s->tables[i].slots[j];
			struct json *one = json_new_object(a);

			json_set_string(a, one, by_names[i], c->key);
			json_set_integer(
			    a, one, "records", (int64_t)c->records);
			json_set_integer(a, one, "bytes", (int64_t)c->bytes);
			json_set_integer(a, one, "stored", (int64_t)c->stored);
			json_append(a, list, one);
		}
		json_set(a, o, by_names[i], list);
	}
	cli_print_json(o);
	arena_free(a);
}

/* ---- the verb ---- */

static void
count_snapshot(
    struct stats *s, const struct collection *collection, const char *name)
{
	char *path = collection_path(collection, name);
	char *const objects[] = { path };

	look_files(&s->files, objects, 1);
	free(path);
}

static int
count_collection(struct cli *c, struct stats *s,
    const struct collection *collection, struct error *e)
{
	struct arena *a = arena_new();
	struct file_names sealed = { 0 };
	const char *one;
	int rc;

	if (c->object_count > 0) {
		rc = lookup_snapshot(collection, a, c->objects[0], &one, e);
		if (rc == 0)
			count_snapshot(s, collection, one);
		arena_free(a);
		return rc;
	}
	rc = collection_snapshots(collection, &sealed, NULL, e);
	for (size_t i = 0; rc == 0 && i < sealed.count && !*c->stop; i++)
		count_snapshot(s, collection, sealed.names[i]);
	file_names_clear(&sealed);
	arena_free(a);
	return rc;
}

/* -1: nothing was begun, CODE says why. */
static int
count_all(struct cli *c, struct stats *s)
{
	struct collection *collection;
	struct error e = { 0 };
	int rc;

	if (c->object_count > 1 ||
	    (c->object_count == 1 && look_is_file(c, c->objects[0]))) {
		look_files(&s->files, c->objects, c->object_count);
		return 0;
	}
	collection = cli_open(c, &s->files.code);
	if (collection == NULL)
		return -1;
	rc = count_collection(c, s, collection, &e);
	if (rc != 0)
		look_files_fail(&s->files, &e);
	collection_free(collection);
	return rc;
}

int
verb_stats(struct cli *c)
{
	struct stats s = { .files = { .cli = c, .each = count_file } };

	s.files.context = &s;
	if (count_all(c, &s) == 0) {
		cli_status(c, "");
		look_only_prints();
		for (int i = 0; i < BY_COUNT; i++)
			count_table_sort(&s.tables[i]);
		if (config_flag(c->config, "json"))
			put_json(&s);
		else
			put_text(&s);
	}
	for (int i = 0; i < BY_COUNT; i++)
		count_table_clear(&s.tables[i]);
	return s.files.code;
}
