/* ls: the snapshots of a collection, the captures of one, or the records of
 * any files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lookup.h"
#include "core/web/http_message.h"

static void
facts_text(const struct snapshot_facts *f)
{
	char size[LOOK_SIZE_MAX];

	cli_put(stdout, f->name);
	(void)fputs("  ", stdout);
	cli_put(stdout, f->kind);
	(void)fputs("  ", stdout);
	cli_put(stdout, f->status);
	printf("  %" PRIu64 " targets: %" PRIu64 " good, %" PRIu64
	       " failed  %" PRIu64 " records  %" PRIu64 " articles  %s\n",
	    f->targets, f->good, f->failed, f->records, f->articles,
	    look_size(f->archive_bytes, size));
}

/* A snapshot whose report does not read is still named. */
static int
list_snapshot(
    struct cli *c, const struct collection *collection, const char *snapshot)
{
	struct arena *a = arena_new();
	struct snapshot_facts f;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (snapshot_facts_read(collection, a, snapshot, &f, &e) != 0) {
		code = cli_fail(&e);
		f.kind = f.status = "unreadable";
	}
	if (config_flag(c->config, "json"))
		cli_print_json(look_facts(a, &f));
	else
		facts_text(&f);
	arena_free(a);
	return code;
}

static int
list_snapshots(struct cli *c, const struct collection *collection)
{
	struct file_names sealed;
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (collection_snapshots(collection, &sealed, NULL, &e) != 0)
		return cli_fail(&e);
	for (size_t i = 0; i < sealed.count; i++) {
		int one = list_snapshot(c, collection, sealed.names[i]);

		if (one != EXIT_DONE && code == EXIT_DONE)
			code = one;
	}
	if (sealed.count == 0 && c->terminal)
		cli_say("%s: no snapshots yet", collection->dir);
	file_names_clear(&sealed);
	return code;
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* What the server said, else what the bytes look like. */
static void
add_mime(struct buf *out, const struct json *o)
{
	http_content_type(text_of(o, "content_type"), out, NULL);
	if (out->len == 0)
		buf_add_text(out, text_of(o, "media_type"));
	if (out->len == 0)
		buf_add_text(out, "-");
}

static void
capture_json(struct arena *a, const struct json *o, const char *mime)
{
	static const char *const copied[] = { "url", "time", "outcome",
		"status" };
	static const char *const more[] = { "bytes", "digest", "file", "offset",
		"length" };
	struct json *line = json_new_object(a);

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		json_set(a, line, copied[i], json_get(o, copied[i]));
	json_set_string(a, line, "mime", mime);
	json_set_string(a, line, "record", text_of(o, "record"));
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		json_set(a, line, more[i], json_get(o, more[i]));
	cli_print_json(line);
}

static void
capture_text(struct arena *a, const struct json *o, const char *mime)
{
	cli_put(stdout, look_time(a, text_of(o, "time")));
	printf(" %3" PRId64 " ", json_int(json_get(o, "status"), 0));
	cli_put(stdout, mime);
	printf(" %" PRId64 " ", json_int(json_get(o, "bytes"), 0));
	cli_put(stdout, text_of(o, "url"));
	(void)fputc('\n', stdout);
}

/* A line of outcomes.jsonl: shown when it led to a record. */
static int
list_outcome(struct cli *c, struct arena *a, const char *line, size_t len,
    struct error *e)
{
	const struct json *o = json_parse(a, line, len, e);
	struct buf mime = { 0 };

	if (o == NULL)
		return -1;
	if (text_of(o, "record")[0] == '\0')
		return 0;
	add_mime(&mime, o);
	if (config_flag(c->config, "json"))
		capture_json(a, o, buf_text(&mime));
	else
		capture_text(a, o, buf_text(&mime));
	buf_clear(&mime);
	return 0;
}

static int
list_captures(
    struct cli *c, const struct collection *collection, const char *snapshot)
{
	char *path = mem_format(
	    "%s/%s/outcomes.jsonl", collection->dir, snapshot);
	struct line_reader lines = { .fd = -1 };
	struct arena *a = arena_new();
	struct error e = { 0 };
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, &e);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, &e)) > 0) {
		arena_reset(a);
		more = list_outcome(c, a, line, len, &e);
	}
	line_reader_close(&lines);
	arena_free(a);
	free(path);
	if (more == 0)
		return EXIT_DONE;
	(void)error_within(&e, "%s/outcomes.jsonl", look_name(snapshot));
	if (e.kind != ERROR_SYSTEM)
		e.kind = ERROR_INTEGRITY;
	return cli_fail(&e);
}

int
verb_ls(struct cli *c)
{
	int code = EXIT_DONE;
	struct collection *collection;
	struct arena *a;
	const char *snapshot;
	const char *url;
	int64_t us;
	struct error e = { 0 };

	if (c->object_count > 1 ||
	    (c->object_count == 1 && look_is_file(c, c->objects[0])))
		return ls_files(c);
	a = arena_new();
	collection = cli_open(c, &code);
	if (collection == NULL)
		goto done;
	look_only_prints();
	if (c->object_count == 0)
		code = list_snapshots(c, collection);
	else if (strstr(c->objects[0], "://") != NULL &&
		 lookup_url(a, c->objects[0], &url, &us))
		code = ls_url(c, collection, url);
	else if (lookup_snapshot(collection, a, c->objects[0], &snapshot, &e) !=
		 0)
		code = cli_fail(&e);
	else
		code = list_captures(c, collection, snapshot);
done:
	arena_free(a);
	collection_free(collection);
	return code;
}
