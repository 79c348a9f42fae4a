/* extract: payloads as files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"
#include "core/collection/contents.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/collection/safe_path.h"
#include "core/collection/target_set.h"
#include "core/collection/withdrawn.h"
#include "core/web/http_message.h"

enum { NUMBER_MAX = 1000000 };

struct extraction {
	struct cli *cli;
	const struct collection *collection; /* NULL: of record files */
	struct withdrawn *withdrawn;         /* of a collection */
	struct zygote *decoder;
	const char *dir;
	int index_fd;
	uint64_t index_len;
	struct target_set taken; /* paths, with the number last given */
	uint64_t files, bytes;
	struct error last; /* said */
	int code;
};

/* One file being written. */
struct extract_file {
	char *name; /* below DIR */
	int fd;
	uint64_t len;
	struct digester *digester;
};

/* A directory of this NAME below DIR, or of the next number when something
 * else is called so. NAME is replaced. */
static int
make_dir(struct extraction *x, struct buf *name, struct error *e)
{
	struct buf other = { 0 };
	unsigned n = 1;
	char *path = mem_format("%s/%s", x->dir, buf_text(name));
	int rc;

	while (file_exists(path) && !file_is_dir(path) && n < NUMBER_MAX) {
		buf_reset(&other);
		buf_format(&other, "%s~%u", buf_text(name), ++n);
		free(path);
		path = mem_format("%s/%s", x->dir, buf_text(&other));
	}
	rc = file_make_dir(path, e);
	if (n > 1) {
		buf_reset(name);
		buf_add(name, other.data, other.len);
	}
	free(path);
	buf_clear(&other);
	return rc;
}

/* All directories of PATH; OUT is where its file will lie. */
static int
make_dirs(
    struct extraction *x, const char *path, struct buf *out, struct error *e)
{
	const char *slash;

	while ((slash = strchr(path, '/')) != NULL) {
		buf_add(out, path, (size_t)(slash - path));
		if (make_dir(x, out, e) != 0)
			return -1;
		buf_add_byte(out, '/');
		path = slash + 1;
	}
	buf_add_text(out, path);
	return 0;
}

/* A name that is free: PATH, or PATH with a number. */
static char *
free_name(struct extraction *x, const char *path)
{
	struct buf name = { 0 };
	uint64_t *last;
	unsigned n;

	(void)target_set_add(&x->taken, path, 0);
	last = target_set_find(&x->taken, path);
	n = (unsigned)*last + 1;
	for (; n < NUMBER_MAX; n++) {
		char *full;
		int exists;

		buf_reset(&name);
		if (n == 1)
			buf_add_text(&name, path);
		else
			safe_path_numbered(&name, path, n);
		full = mem_format("%s/%s", x->dir, buf_text(&name));
		exists = file_exists(full);
		free(full);
		if (!exists)
			break;
	}
	*last = n;
	return buf_take(&name);
}

static int
file_begin(struct extraction *x, struct extract_file *f, const char *path,
    struct error *e)
{
	struct buf name = { 0 };
	char *full;

	*f = (struct extract_file){ .fd = -1 };
	if (make_dirs(x, path, &name, e) != 0) {
		buf_clear(&name);
		return -1;
	}
	f->name = free_name(x, buf_text(&name));
	buf_clear(&name);
	full = mem_format("%s/%s", x->dir, f->name);
	f->fd = file_create(full, e);
	free(full);
	f->digester = digester_new(DIGEST_SHA256);
	return f->fd < 0 ? -1 : 0;
}

static int
file_add(struct extract_file *f, const void *p, size_t len, struct error *e)
{
	if (file_write_at(f->fd, p, len, f->len, e) != 0)
		return error_within(e, "%s", f->name);
	digester_add(f->digester, p, len);
	f->len += len;
	return 0;
}

static void
file_end(struct extract_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	digester_free(f->digester);
	free(f->name);
}

/* What was written of a record that does not read is not what it held. */
static void
drop_file(struct extraction *x, const struct extract_file *f)
{
	char *path;

	if (f->fd < 0)
		return;
	path = mem_format("%s/%s", x->dir, f->name);
	(void)file_remove(path, NULL);
	free(path);
}

static void
set_text(struct arena *a, struct json *o, const char *name, const char *value)
{
	json_set_string(a, o, name, value == NULL ? "" : value);
}

/* A line of DIR/index.jsonl. */
static int
note(struct extraction *x, const struct open_record *r,
    const struct contents *c, const struct extract_file *f, int decoded,
    struct error *e)
{
	struct arena *a = r->arena;
	const struct record *record = &r->record;
	const struct http_reader *h = contents_http(c);
	struct json *o = json_new_object(a);
	struct buf line = { 0 };
	char sha256[DIGEST_TEXT_MAX];
	int rc;

	digester_text(f->digester, sha256);
	json_set_string(a, o, "file", f->name);
	set_text(a, o, "url", record_uri_field(a, record, "WARC-Target-URI"));
	set_text(a, o, "time", record_field(record, "WARC-Date"));
	json_set_integer(a, o, "status", h == NULL ? 0 : http_reader_status(h));
	json_set_string(a, o, "mime", contents_type(c));
	json_set_integer(a, o, "bytes", (int64_t)f->len);
	set_text(a, o, "record", record_uri_field(a, record, "WARC-Record-ID"));
	set_text(a, o, "digest", record_field(record, "WARC-Payload-Digest"));
	json_set_string(a, o, "sha256", sha256);
	json_set_bool(a, o, "decoded", decoded);
	json_set_string(a, o, "from", r->file);
	json_set_integer(a, o, "offset", (int64_t)r->place.offset);
	json_write(&line, o);
	buf_add_byte(&line, '\n');
	rc = file_write_at(x->index_fd, line.data, line.len, x->index_len, e);
	x->index_len += line.len;
	buf_clear(&line);
	return rc == 0 ? 0 : error_within(e, "%s/index.jsonl", x->dir);
}

/* The first bytes of the contents, or all of them decoded. *MORE: the rest is
 * still in the stream. 1; 0 there are none; -1. */
static int
first_bytes(struct extraction *x, uint64_t block_len, struct contents *c,
    struct buf *out, int *decoded, int *more, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int rc;

	*decoded = !look_is_coded(c);
	*more = 1;
	if (!*decoded && block_len <= LIMIT_BODY_PAGE) {
		rc = look_decode(x->decoder, c, out, e);
		*decoded = rc == 0;
		*more = 0;
		return rc < 0 ? -1 : out->len > 0;
	}
	rc = stream_next(contents_stream(c), &p, &len, e);
	if (rc > 0)
		buf_add(out, p, len);
	return rc;
}

static int
write_rest(struct extract_file *f, struct stream *s, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) > 0)
		if (file_add(f, p, len, e) != 0)
			return -1;
	return more;
}

static int
write_contents(struct extraction *x, struct open_record *r, uint64_t block_len,
    struct contents *c, struct error *e)
{
	const char *url = record_uri_field(
	    r->arena, &r->record, "WARC-Target-URI");
	struct extract_file f = { .fd = -1 };
	struct buf first = { 0 };
	struct buf path = { 0 };
	int decoded;
	int more;
	int rc = first_bytes(x, block_len, c, &first, &decoded, &more, e);

	if (rc <= 0)
		goto done;
	safe_path(&path, url == NULL ? "" : url, contents_type(c));
	rc = file_begin(x, &f, buf_text(&path), e);
	if (rc == 0)
		rc = file_add(&f, first.data, first.len, e);
	if (rc == 0 && more)
		rc = write_rest(&f, contents_stream(c), e);
	if (rc == 0)
		rc = note(x, r, c, &f, decoded, e);
	if (rc == 0) {
		x->files++;
		x->bytes += f.len;
	} else {
		drop_file(x, &f);
	}
done:
	file_end(&f);
	buf_clear(&first);
	buf_clear(&path);
	return rc;
}

/* Captures only: responses, and resources of others with a web address;
 * revisits where their originals can be found. */
static int
is_wanted(const struct extraction *x, const struct open_record *r)
{
	const char *url = record_uri_field(
	    r->arena, &r->record, "WARC-Target-URI");
	enum record_type type = record_type(&r->record);

	if (url == NULL)
		return 0;
	return type == RECORD_RESPONSE ||
	       (type == RECORD_REVISIT && x->collection != NULL) ||
	       (type == RECORD_RESOURCE && text_starts(url, "http"));
}

/* It is left out, and said. */
static int
is_withdrawn(struct extraction *x, const struct open_record *r)
{
	struct error e = { 0 };
	const char *url = record_uri_field(
	    r->arena, &r->record, "WARC-Target-URI");

	if (x->withdrawn == NULL ||
	    look_refuse_in(x->withdrawn, r, url, &e) == 0)
		return 0;
	cli_say("%s", e.text);
	x->code = look_code(x->code, EXIT_INCOMPLETE);
	return 1;
}

/* Say it and go on: one record that does not read loses no other. */
static void
report(struct extraction *x, const struct error *e)
{
	/* A block that does not read is met again on the way to the next. */
	if (x->last.kind == e->kind && strcmp(x->last.text, e->text) == 0)
		return;
	x->last = *e;
	x->code = look_code(x->code, cli_fail(e));
}

/* -1 only for what ends the whole extraction. */
static int
extract_record(struct extraction *x, struct open_record *r, struct error *e)
{
	struct open_record original = { 0 };
	struct open_record *body = r;
	struct contents *c = NULL;
	int rc;

	if (!is_wanted(x, r) || is_withdrawn(x, r))
		return 0;
	rc = x->collection == NULL
		 ? 0
		 : look_original(x->collection, r->arena, r, &original, e);
	if (rc == 1)
		body = &original;
	if (rc >= 0)
		rc = contents_open(&c, &body->record, e);
	if (rc == 0)
		rc = write_contents(x, r, body->record.block_len, c, e);
	if (rc == 0)
		rc = open_record_check(body, e);
	contents_free(c);
	open_record_close(&original);
	if (rc == 0 || e->kind == ERROR_SYSTEM)
		return rc;
	report(x, e);
	return 0;
}

/* All records of R, which is closed then. */
static int
extract_records(struct extraction *x, struct open_record *r, struct error *e)
{
	int more;
	int rc = 0;

	while (
	    rc == 0 && !*x->cli->stop && (more = open_record_next(r, e)) != 0) {
		if (more > 0)
			rc = extract_record(x, r, e);
		else if (e->kind == ERROR_SYSTEM)
			rc = -1;
		else
			report(x, e);
	}
	open_record_close(r);
	return rc;
}

static int
extract_segment(struct extraction *x, const char *file, struct error *e)
{
	struct open_record r;

	if (open_record_file(&r, x->collection, file, e) == 0)
		return extract_records(x, &r, e);
	if (e->kind == ERROR_SYSTEM)
		return -1;
	report(x, e);
	return 0;
}

static int
extract_input(void *context, struct input *in, struct error *e)
{
	struct extraction *x = context;
	struct open_record r;

	cli_status(x->cli, input_name(in));
	if (open_record_input(&r, in, e) == 0)
		return extract_records(x, &r, e);
	report(x, e);
	return 0;
}

/* A disk that cannot be written ends it, a file that does not read does not. */
static void
extract_files(struct extraction *x)
{
	struct look_files f = {
		.cli = x->cli, .each = extract_input, .context = x
	};

	look_files(&f, x->cli->objects + 1, x->cli->object_count - 1);
	x->code = look_code(x->code, f.code);
}

static int
extract_snapshot(struct extraction *x, const char *snapshot, struct error *e)
{
	char *below = mem_format("%s/records", snapshot);
	char *path = collection_path(x->collection, below);
	struct file_names files = { 0 };
	int rc = file_list(path, &files, e);

	for (size_t i = 0; rc == 0 && !*x->cli->stop && i < files.count; i++) {
		char *file = mem_format("%s/%s", below, files.names[i]);

		cli_status(x->cli, file);
		rc = extract_segment(x, file, e);
		free(file);
	}
	file_names_clear(&files);
	free(path);
	free(below);
	return rc;
}

static int
extract_all(struct extraction *x, struct error *e)
{
	struct file_names sealed;
	struct arena *a = arena_new();
	const char *one;
	int rc = 0;

	if (x->cli->object_count > 1) {
		rc = lookup_snapshot(
		    x->collection, a, x->cli->objects[1], &one, e);
		if (rc == 0)
			rc = extract_snapshot(x, one, e);
		arena_free(a);
		return rc;
	}
	arena_free(a);
	if (collection_snapshots(x->collection, &sealed, NULL, e) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && !*x->cli->stop && i < sealed.count; i++)
		rc = extract_snapshot(x, sealed.names[i], e);
	file_names_clear(&sealed);
	return rc;
}

/* DIR with a new index.jsonl: one that is there belongs to other files. */
static int
open_index(struct extraction *x, struct error *e)
{
	char *path = mem_format("%s/index.jsonl", x->dir);

	if (file_exists(path))
		(void)error_set(e, ERROR_USAGE,
		    "%s: is there already; name another directory", path);
	else if (file_make_dirs(x->dir, e) == 0)
		x->index_fd = file_create(path, e);
	free(path);
	return x->index_fd < 0 ? -1 : 0;
}

static void
summarize(const struct extraction *x)
{
	char size[LOOK_SIZE_MAX];

	cli_status(x->cli, "");
	printf(
	    "%" PRIu64 " files, %s, in ", x->files, look_size(x->bytes, size));
	cli_put(stdout, x->dir);
	puts("; index.jsonl names where each came from");
}

/* "extract DIR FILE..." */
static int
is_of_files(struct cli *c)
{
	return c->object_count > 2 ||
	       (c->object_count == 2 && look_is_file(c, c->objects[1]));
}

static void
extract_of_collection(struct extraction *x)
{
	struct collection *collection = cli_open(x->cli, &x->code);
	struct clock *clock = clock_system();
	struct error e = { 0 };

	if (collection == NULL)
		return;
	x->collection = collection;
	if (withdrawn_open(
		&x->withdrawn, collection, clock->wall_us(clock), &e) != 0 ||
	    open_index(x, &e) != 0 || extract_all(x, &e) != 0)
		x->code = cli_fail(&e);
	else if (*x->cli->stop)
		x->code = EXIT_SIGNAL;
	collection_free(collection);
}

/* Plausible mistakes. 0; -1, told in E. */
static int
check_usage(struct cli *c, struct error *e)
{
	char *dir = cli_collection_dir(c);
	int rc = 0;

	if (file_exists(c->objects[0]) && !file_is_dir(c->objects[0]))
		rc = error_set(e, ERROR_USAGE,
		    "%s: is a file; the directory to write into comes first: "
		    "holdfast extract DIR %s",
		    c->objects[0], c->objects[0]);
	else if (!is_of_files(c) && c->object_count == 2 && !file_is_dir(dir))
		rc = error_set(e, ERROR_NOTFOUND,
		    "%s: no such file, and no collection at %s to look in",
		    c->objects[1], dir);
	free(dir);
	return rc;
}

int
verb_extract(struct cli *c)
{
	struct extraction x = {
		.cli = c, .dir = c->objects[0], .index_fd = -1
	};
	struct error e = { 0 };

	if (check_usage(c, &e) != 0)
		return cli_fail(&e);
	x.decoder = look_decoder();
	if (x.decoder == NULL)
		return EXIT_UNSPECIFIED;
	if (!is_of_files(c))
		extract_of_collection(&x);
	else if (open_index(&x, &e) != 0)
		x.code = cli_fail(&e);
	else
		extract_files(&x);
	if (x.index_fd >= 0) {
		summarize(&x);
		(void)close(x.index_fd);
	}
	target_set_clear(&x.taken);
	withdrawn_free(x.withdrawn);
	zygote_stop(x.decoder);
	return x.code;
}
