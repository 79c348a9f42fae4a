/* Record files of anybody, for the verbs that look. */
#include "core/cli/look_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/format.h"
#include "core/archive/record_files.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/collection/open_record.h"
#include "core/web/http_message.h"

/* Is the folder PATH a sealed snapshot of the collection? */
static int
is_snapshot(struct cli *c, const char *path)
{
	char *dir = cli_collection_dir(c);
	char *snapshots = mem_format("%s/snapshots", dir);
	char *manifest = mem_format("%s/manifest-sha256.txt", path);
	char *above = realpath(snapshots, NULL);
	char *real = realpath(path, NULL);
	size_t len = above == NULL ? 0 : strlen(above);
	int yes = len > 0 && real != NULL && strncmp(real, above, len) == 0 &&
		  real[len] == '/' && file_exists(manifest);

	free(real);
	free(above);
	free(manifest);
	free(snapshots);
	free(dir);
	return yes;
}

int
look_is_file(struct cli *c, const char *object)
{
	if (!record_files_are(object))
		return 0;
	return !is_snapshot(c, object);
}

int
look_of_file(struct cli *c)
{
	return c->object_count > 1 ||
	       config_text(c->config, "offset")[0] != '\0' ||
	       look_is_file(c, c->objects[0]);
}

int
look_code(int a, int b)
{
	static const int order[] = { EXIT_CHANGED, EXIT_DAMAGED, EXIT_FILE,
		EXIT_DISK, EXIT_SIGNAL, EXIT_INCOMPLETE, EXIT_USAGE,
		EXIT_UNSPECIFIED };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a != EXIT_DONE ? a : b;
}

void
look_files_fail(struct look_files *f, const struct error *e)
{
	cli_status(f->cli, "");
	f->code = look_code(f->code, cli_fail(e));
}

static int
each_input(void *context, struct input *in, struct error *e)
{
	struct look_files *f = context;

	if (*f->cli->stop)
		return 1;
	return f->each(f->context, in, e);
}

static void
each_unread(void *context, const char *name, const struct error *why)
{
	(void)name; /* it is in the text */
	look_files_fail(context, why);
}

void
look_files(struct look_files *f, char *const *objects, size_t count)
{
	const struct record_files files = { each_input, each_unread, f };

	for (size_t i = 0; i < count; i++) {
		struct error e = { 0 };
		int rc = record_files_each(objects[i], &files, &e);

		if (rc < 0)
			look_files_fail(f, &e);
		if (rc != 0)
			break;
	}
	if (*f->cli->stop)
		f->code = look_code(f->code, EXIT_SIGNAL);
}

/* ---- all records of a file ---- */

/* A place that does not read: said. -1 when it is our disk, which ends the
 * file. */
static int
say_damage(struct look_files *f, const char *file, const struct place *where,
    const struct error *e)
{
	if (e->kind == ERROR_SYSTEM) {
		look_files_fail(f, e);
		return -1;
	}
	cli_status(f->cli, "");
	/* The text of a source names file and offset itself. */
	if (text_starts(e->text, file))
		cli_say("%s; %" PRIu64 " bytes are passed over", e->text,
		    where->length);
	else
		cli_say("%s at %" PRIu64 ": %s; %" PRIu64
			" bytes are passed over",
		    file, where->offset, e->text, where->length);
	f->code = look_code(f->code, EXIT_DAMAGED);
	return 0;
}

static const char *
mime_of(struct arena *a, const struct record_facts *facts)
{
	const char *type = facts->http_head_len > 0 ? facts->mime
						    : facts->content_type;
	struct buf plain = { 0 };
	const char *mime;

	http_content_type(type, &plain, NULL);
	/* A revisit without a head: no message, no media type. */
	if (facts->http_head_len == 0 &&
	    strcmp(buf_text(&plain), "application/http") == 0)
		buf_reset(&plain);
	mime = arena_text(a, buf_text(&plain));
	buf_clear(&plain);
	return mime;
}

/* Read one record to its end. -1: our disk. */
static int
look_at(struct look_files *f, struct source *s, struct arena *a,
    struct record *r, struct looked *l)
{
	struct error e = { 0 };

	(void)record_facts_read(a, r, &l->facts, NULL);
	l->record = r;
	l->mime = mime_of(a, &l->facts);
	if (source_finish(s, &l->place, &e) == 0)
		return 0;
	if (e.kind != ERROR_SYSTEM && !l->place.damaged)
		return 0; /* it was read whole; rules are for verify */
	return say_damage(f, l->file, &l->place, &e);
}

int
look_records(struct look_files *f, struct input *in,
    int (*each)(void *context, struct arena *a, const struct looked *r),
    void *context, struct error *e)
{
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct record r;
	uint64_t places = 0; /* records and gaps */
	int more;
	int rc = 0;

	(void)e;
	for (;; places++) {
		struct looked l = { .file = input_name(in) };
		struct error why = { 0 };

		if (s == NULL && source_open_input(&s, in, &why) != 0) {
			look_files_fail(f, &why);
			break;
		}
		arena_reset(a);
		r = (struct record){ 0 };
		more = source_next(s, a, &r, &l.place, &why);
		if (more == 0 && places == 0)
			cli_say("%s: holds no records", l.file);
		if (more == 0 || *f->cli->stop)
			break;
		if (more < 0) {
			if (say_damage(f, l.file, &l.place, &why) != 0)
				break;
			continue;
		}
		if (look_at(f, s, a, &r, &l) != 0)
			break;
		if ((rc = each(context, a, &l)) != 0)
			break;
	}
	source_free(s);
	arena_free(a);
	return rc;
}

/* ---- one record ---- */

int
look_wanted(const struct cli *c, struct look_wanted *w, struct error *e)
{
	const char *offset = config_text(c->config, "offset");

	*w = (struct look_wanted){ 0 };
	if (c->object_count == 2 && !record_files_are(c->objects[0]) &&
	    record_files_are(c->objects[1]))
		return error_set(e, ERROR_USAGE,
		    "%s: no such file; the file comes first: holdfast %s %s %s",
		    c->objects[0], c->verb->name, c->objects[1], c->objects[0]);
	if ((offset[0] != '\0') == (c->object_count == 2))
		return error_set(e, ERROR_USAGE,
		    "%s: %s is a file: which record? give an id, a URL or "
		    "--offset N",
		    c->verb->name, c->objects[0]);
	if (c->object_count == 2)
		w->id = c->objects[1];
	else
		w->offset = config_size(c->config, "offset");
	return 0;
}

/* Hex digits of an id, lower case, without "urn:uuid:" and dashes. */
static size_t
id_digits(const char *id, char *out, size_t cap)
{
	size_t n = 0;

	if (text_starts(id, "<"))
		id++;
	if (text_starts(id, "urn:uuid:"))
		id += 9;
	for (; *id != '\0' && *id != '>' && n + 1 < cap; id++) {
		int ch = text_lower(*id);

		if (ch == '-')
			continue;
		if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f')))
			return 0;
		out[n++] = (char)ch;
	}
	out[n] = '\0';
	return n;
}

static int
is_id(const char *wanted, const char *id)
{
	char a[64];
	char b[64];
	size_t n = id_digits(wanted, a, sizeof(a));

	if (strcmp(wanted, id) == 0)
		return 1;
	return n >= 8 && id_digits(id, b, sizeof(b)) >= n &&
	       strncmp(a, b, n) == 0;
}

static int
is_wanted(const struct look_wanted *w, const struct open_record *o)
{
	const struct record *r = &o->record;
	const char *id = record_uri_field(o->arena, r, "WARC-Record-ID");
	const char *uri = record_uri_field(o->arena, r, "WARC-Target-URI");
	const char *date = record_field(r, "WARC-Date");
	enum record_type type = record_type(r);
	int is_capture = type == RECORD_RESPONSE || type == RECORD_RESOURCE ||
			 type == RECORD_REVISIT || type == RECORD_CONVERSION;

	if (w->uri != NULL)
		return is_capture && type != RECORD_REVISIT && uri != NULL &&
		       strcmp(uri, w->uri) == 0 && date != NULL &&
		       strcmp(date, w->date) == 0;
	if (id != NULL && is_id(w->id, id))
		return 1;
	return is_capture && uri != NULL && strcmp(uri, w->id) == 0;
}

struct finding_record {
	const struct look_wanted *wanted;
	int (*use)(void *context, struct open_record *r, struct error *e);
	void *context;
	int found;
	size_t files;
	struct error damage; /* the first thing that did not read */
};

static void
note_damage(struct finding_record *f, const struct error *e)
{
	if (f->damage.kind == ERROR_NONE)
		f->damage = *e;
}

static int
is_by_offset(const struct look_wanted *w)
{
	return w->id == NULL && w->uri == NULL;
}

/* Leave R at the record: 1; 0, it is not here. */
static int
find_in_file(struct finding_record *f, struct open_record *r)
{
	struct error e = { 0 };
	int more;

	if (is_by_offset(f->wanted)) {
		if (open_record_seek(r, f->wanted->offset, &e) == 0)
			return 1;
		note_damage(f, &e);
		return 0;
	}
	while ((more = open_record_next(r, &e)) != 0) {
		if (more > 0 && is_wanted(f->wanted, r))
			return 1;
		if (more < 0)
			note_damage(f, &e);
		if (more < 0 && e.kind == ERROR_SYSTEM)
			return 0;
	}
	return 0;
}

static int
search_file(void *context, struct input *in, struct error *e)
{
	struct finding_record *f = context;
	struct open_record r = { 0 };
	struct error why = { 0 };
	int rc = 0;

	if (open_record_input(&r, in, &why) != 0) {
		note_damage(f, &why);
		return 0;
	}
	if (find_in_file(f, &r)) {
		f->found = 1;
		rc = f->use(f->context, &r, e) == 0 ? 1 : -1;
	}
	open_record_close(&r);
	return rc;
}

static void
search_unread(void *context, const char *name, const struct error *why)
{
	(void)name;
	note_damage(context, why);
}

static int
count_file(void *context, struct input *in, struct error *e)
{
	size_t *files = context;

	(void)in;
	(void)e;
	return ++*files > 1;
}

static void
count_nothing(void *context, const char *name, const struct error *why)
{
	(void)context;
	(void)name;
	(void)why;
}

int
look_file_record(const char *object, const struct look_wanted *w,
    int (*use)(void *context, struct open_record *r, struct error *e),
    void *context, struct error *e)
{
	struct finding_record f = {
		.wanted = w, .use = use, .context = context
	};
	const struct record_files search = { search_file, search_unread, &f };
	const struct record_files count = { count_file, count_nothing,
		&f.files };
	int rc;

	if (is_by_offset(w) && strcmp(object, "-") != 0 &&
	    record_files_each(object, &count, NULL) > 0)
		return error_set(e, ERROR_USAGE,
		    "%s: holds several record files; name one, as in "
		    "%s/archive/data.warc.gz",
		    object, object);
	rc = record_files_each(object, &search, e);
	if (rc < 0 || f.found)
		return rc < 0 ? -1 : 0;
	if (f.damage.kind != ERROR_NONE)
		return error_set(e, f.damage.kind, "%s", f.damage.text);
	if (w->uri != NULL)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: holds no capture of %s at %s", object, w->uri,
		    w->date);
	return error_set(
	    e, ERROR_NOTFOUND, "%s: holds no record %s", object, w->id);
}
