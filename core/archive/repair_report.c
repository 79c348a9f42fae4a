/* What a repair found, as a file beside its output. */
#include "core/archive/repair_report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/repair.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"

struct repair_report {
	char *path, *open_path;
	int fd;
	int written; /* a file of that name was made here */
	uint64_t size;
	uint64_t findings;
};

struct json *
repair_finding_json(struct arena *a, const struct repair_finding *f)
{
	struct json *o = json_new_object(a);

	json_set_string(a, o, "kind", repair_kind_name(f->kind));
	json_set_string(a, o, "code", f->code);
	json_set_integer(a, o, "from", (int64_t)f->from);
	json_set_integer(a, o, "to", (int64_t)f->to);
	json_set_string(a, o, "record", f->record);
	json_set_string(a, o, "uri", f->uri);
	json_set_string(a, o, "text", f->text);
	return o;
}

void
repair_totals_json(
    struct arena *a, struct json *o, const struct repair_totals *t)
{
	json_set_integer(a, o, "records", (int64_t)t->records);
	json_set_integer(a, o, "copied", (int64_t)t->copied);
	json_set_integer(a, o, "lost", (int64_t)t->lost);
	json_set_integer(a, o, "lost_bytes", (int64_t)t->lost_bytes);
	json_set_integer(a, o, "changed", (int64_t)t->changed);
	json_set_integer(a, o, "reframed", (int64_t)t->reframed);
}

static int
add(struct repair_report *r, const struct buf *b, struct error *e)
{
	if (file_write_at(r->fd, b->data, b->len, r->size, e) != 0)
		return error_within(e, "%s", r->open_path);
	r->size += b->len;
	return 0;
}

int
repair_report_open(struct repair_report **out, const char *path,
    const char *input, struct error *e)
{
	struct repair_report *r = mem_zero(1, sizeof(*r));
	struct buf b = { 0 };
	int rc = -1;

	r->path = mem_text(path);
	r->open_path = mem_format("%s.open", path);
	r->fd = -1;
	if (file_exists(path)) {
		(void)error_set(e, ERROR_USAGE, "%s: is there already", path);
		goto done;
	}
	if ((r->fd = file_create(r->open_path, e)) < 0)
		goto done;
	r->written = 1;
	buf_add_text(&b, "{\"schema\":\"damage/1\",\"input\":");
	json_add_string(&b, input, strlen(input));
	buf_add_text(&b, ",\"findings\":[");
	rc = add(r, &b, e);
done:
	buf_clear(&b);
	if (rc != 0)
		repair_report_free(r);
	else
		*out = r;
	return rc;
}

int
repair_report_add(
    struct repair_report *r, const struct repair_finding *f, struct error *e)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	int rc;

	buf_add_text(&b, r->findings++ == 0 ? "\n" : ",\n");
	json_write(&b, repair_finding_json(a, f));
	rc = add(r, &b, e);
	buf_clear(&b);
	arena_free(a);
	return rc;
}

int
repair_report_finish(struct repair_report *r, const char *output,
    const struct repair_totals *t, struct error *e)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct buf members = { 0 };
	struct buf b = { 0 };
	int rc;

	json_set_string(a, o, "output", output);
	repair_totals_json(a, o, t);
	json_write(&members, o);
	members.data[0] = ','; /* the object goes on with these */
	buf_format(&b, "]%s\n", buf_text(&members));
	buf_clear(&members);
	rc = add(r, &b, e);
	if (rc == 0)
		rc = file_sync(r->fd, e);
	if (rc == 0)
		rc = file_rename(r->open_path, r->path, e);
	if (rc == 0)
		r->written = 0;
	buf_clear(&b);
	arena_free(a);
	return rc;
}

void
repair_report_free(struct repair_report *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		(void)close(r->fd); /* synced, or it goes away */
	if (r->written)
		(void)file_remove(r->open_path, NULL);
	free(r->path);
	free(r->open_path);
	free(r);
}
