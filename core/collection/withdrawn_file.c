/* The lines of withdrawals.jsonl. */
#include "core/collection/withdrawn_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"

/* About 600 bytes a line: a quarter of a million of them. */
enum { FILE_MAX = 256 * 1024 * 1024 };

static const char *const kinds[] = { "embargo", "lift", "erase", "generation" };

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

void
withdrawn_hash(const char *uri, char out[DIGEST_TEXT_MAX])
{
	digest_text(DIGEST_SHA256, uri, strlen(uri), out);
}

/* A member that must be a text; NULL: it is none. */
static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), NULL);
}

static int
parse_times(const struct json *o, struct withdrawal *w)
{
	const struct json *until = json_get(o, "until");
	const char *at = text_of(o, "at");

	if (at == NULL || !date_parse(at, &w->made_us, NULL))
		return -1;
	w->until_us = INT64_MAX;
	if (until == NULL || json_is(until, JSON_KIND_NULL))
		return 0;
	return json_text(until, NULL) != NULL &&
		       date_parse(json_text(until, ""), &w->until_us, NULL)
		   ? 0
		   : -1;
}

/* 0; -1: it is no such line. *PREVIOUS is what it says of the one before. */
static int
parse(struct arena *a, const char *text, size_t len,
    struct withdrawn_line *line, const char **previous)
{
	const struct json *o = json_parse(a, text, len, NULL);
	struct withdrawal *w = &line->what;
	const char *kind = text_of(o, "kind");
	int k = 0;

	*line = (struct withdrawn_line){ 0 };
	while (kind != NULL && k < KIND_COUNT && strcmp(kinds[k], kind) != 0)
		k++;
	if (kind == NULL || k == KIND_COUNT || parse_times(o, w) != 0)
		return -1;
	line->kind = (enum withdrawn_kind)k;
	line->manifest = "";
	w->record = w->uri_hash = w->date = w->type = "";
	if (line->kind == WITHDRAWN_GENERATION) {
		line->manifest = text_of(o, "manifest");
	} else {
		w->record = text_of(o, "record");
		w->uri_hash = text_of(o, "uri");
		w->date = text_of(o, "date");
		w->type = text_of(o, "type");
	}
	w->snapshot = text_of(o, "snapshot");
	w->reason = text_of(o, "reason");
	w->by = text_of(o, "by");
	w->is_erased = line->kind == WITHDRAWN_ERASE;
	*previous = text_of(o, "previous");
	return w->record == NULL || w->uri_hash == NULL || w->date == NULL ||
		       w->snapshot == NULL || w->reason == NULL ||
		       w->by == NULL || w->type == NULL ||
		       line->manifest == NULL || *previous == NULL
		   ? -1
		   : 0;
}

int
withdrawn_lines_read(struct arena *a, const char *name, const char *text,
    size_t size,
    int (*each)(
	void *context, const struct withdrawn_line *line, struct error *e),
    void *context, struct withdrawn_end *end, struct error *e)
{
	const char *lf;
	int rc = 0;

	*end = (struct withdrawn_end){ 0 };
	while (rc == 0 &&
	       (lf = memchr(text + end->at, '\n', size - end->at)) != NULL) {
		const char *start = text + end->at;
		size_t len = (size_t)(lf - start);
		struct withdrawn_line line;
		const char *previous;

		if (parse(a, start, len, &line, &previous) != 0)
			rc = error_set(e, ERROR_INTEGRITY,
			    "%s: line %zu is no withdrawal", name,
			    end->count + 1);
		else if (strcmp(previous, end->last) != 0)
			rc = error_set(e, ERROR_INTEGRITY,
			    "%s: line %zu does not follow the one before it: "
			    "one was changed, added or taken away",
			    name, end->count + 1);
		else if (each != NULL)
			rc = each(context, &line, e);
		digest_text(DIGEST_SHA256, start, len + 1, end->last);
		end->at += len + 1;
		end->count++;
	}
	return rc;
}

int
withdrawn_file_read(struct arena *a, const char *path,
    int (*each)(
	void *context, const struct withdrawn_line *line, struct error *e),
    void *context, struct withdrawn_end *end, struct error *e)
{
	struct error why = { 0 };
	struct buf all = { 0 };
	int rc = file_get(path, &all, FILE_MAX, &why);

	*end = (struct withdrawn_end){ 0 };
	if (rc == 0)
		rc = withdrawn_lines_read(
		    a, path, buf_text(&all), all.len, each, context, end, e);
	else if (why.kind == ERROR_NOTFOUND)
		rc = 0;
	else
		(void)error_set(e, why.kind, "%s", why.text);
	buf_clear(&all);
	return rc;
}

static void
add_record(struct arena *a, struct json *o, const struct withdrawn_line *line)
{
	const struct withdrawal *w = &line->what;
	char time[DATE_TEXT_MAX];

	json_set_string(a, o, "record", w->record);
	json_set_string(a, o, "type", w->type);
	json_set_string(a, o, "uri", w->uri_hash);
	json_set_string(a, o, "date", w->date);
	if (line->kind == WITHDRAWN_EMBARGO && w->until_us != INT64_MAX) {
		date_rfc3339_us(w->until_us, time);
		json_set_string(a, o, "until", time);
	} else {
		json_set(a, o, "until", json_new_null(a));
	}
}

static void
write_line(struct buf *out, const struct withdrawn_line *line,
    struct withdrawn_end *end)
{
	const struct withdrawal *w = &line->what;
	struct arena *a = arena_new_small();
	struct json *o = json_new_object(a);
	size_t start = out->len;
	char time[DATE_TEXT_MAX];

	json_set_string(a, o, "kind", kinds[line->kind]);
	if (line->kind == WITHDRAWN_GENERATION)
		json_set_string(a, o, "manifest", line->manifest);
	else
		add_record(a, o, line);
	json_set_string(a, o, "snapshot", w->snapshot);
	json_set_string(a, o, "reason", w->reason);
	json_set_string(a, o, "by", w->by);
	json_set_string(a, o, "previous", end->last);
	date_rfc3339_us(w->made_us, time);
	json_set_string(a, o, "at", time);
	json_write_canonical(out, o);
	buf_add_byte(out, '\n');
	digest_text(
	    DIGEST_SHA256, out->data + start, out->len - start, end->last);
	end->count++;
	arena_free(a);
}

int
withdrawn_file_add(const struct collection *c,
    const struct withdrawn_line *lines, size_t count, struct error *e)
{
	char *path = collection_path(c, WITHDRAWN_FILE);
	struct arena *a = arena_new();
	struct withdrawn_end end;
	struct buf out = { 0 };
	uint64_t size = 0;
	int is_new = !file_exists(path);
	int fd = -1;
	int rc = withdrawn_file_read(a, path, NULL, NULL, &end, e);

	for (size_t i = 0; rc == 0 && i < count; i++)
		write_line(&out, &lines[i], &end);
	if (rc != 0 || count == 0)
		goto done;
	rc = -1;
	fd = is_new ? file_create(path, e) : file_open_write(path, e);
	if (fd < 0 || file_size(path, &size, e) != 0 ||
	    (size > end.at && file_truncate(fd, end.at, e) != 0) ||
	    file_write_at(fd, out.data, out.len, end.at, e) != 0 ||
	    file_sync(fd, e) != 0)
		goto done;
	rc = is_new ? file_sync_dir(c->dir, e) : 0;
done:
	if (fd >= 0 && file_close(fd, rc == 0 ? e : NULL) != 0)
		rc = -1;
	buf_clear(&out);
	arena_free(a);
	free(path);
	return rc;
}

int
withdrawn_copy(const struct collection *c, const char *dir, struct error *e)
{
	char *from = collection_path(c, WITHDRAWN_FILE);
	char *to = mem_format("%s/%s", dir, WITHDRAWN_COPY);
	struct arena *a = arena_new();
	struct withdrawn_end end;
	struct buf all = { 0 };
	int rc = withdrawn_file_read(a, from, NULL, NULL, &end, e);

	if (rc == 0 && end.count > 0) {
		rc = file_get(from, &all, FILE_MAX, e);
		if (rc == 0)
			rc = file_put(to, all.data, (size_t)end.at, e);
	}
	buf_clear(&all);
	arena_free(a);
	free(from);
	free(to);
	return rc;
}
