/* Records in WARC files for anybody, one or several. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/convert.h"
#include "core/archive/record.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/fields.h"
#include "core/collection/layout.h"

struct warc {
	struct export_run run;
	struct sink *sink;
	struct converter *converter;
	uint64_t files;     /* begun */
	struct error error; /* of the bytes that came; or they do not read */
};

/* ---- the record in front ---- */

static void
add_block(const struct warc *x, struct buf *out)
{
	const struct export_plan *p = x->run.plan;
	const struct export_options *o = x->run.options;
	struct arena *a = arena_new();
	struct json *fields = json_new_object(a);
	size_t count = export_plan_snapshots(p);

	json_set_string(a, fields, "isPartOf",
	    count == 1 ? export_plan_snapshot(p, 0)
		       : export_plan_collection(p)->id);
	if (o->operator[0] != '\0')
		json_set_string(a, fields, "operator", o->operator);
	if (o->contact[0] != '\0')
		json_set_string(a, fields, "contact", o->contact);
	json_set_string(a, fields, "description",
	    arena_format(a,
		"records of %zu snapshot(s) of the collection %s, each behind "
		"the warcinfo record that it has there",
		count, export_plan_collection(p)->id));
	warcinfo_write(out, "", fields);
	arena_free(a);
}

static int
put_warcinfo(
    void *context, struct sink *sink, const char *path, struct error *e)
{
	struct warc *x = context;
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct buf block = { 0 };
	char digest[DIGEST_TEXT_MAX];
	char date[DATE_TEXT_MAX];
	char id[RECORD_ID_MAX];
	int rc;

	add_block(x, &block);
	digest_text(DIGEST_SHA256, block.data, block.len, digest);
	date_rfc3339_s(x->run.time_us, date);
	record_make_id(id, export_plan_collection(x->run.plan)->id, name,
	    x->files++, "warcinfo", date, digest);
	record_add(a, &r, "WARC-Type", "warcinfo");
	record_add(a, &r, "WARC-Record-ID", arena_format(a, "<%s>", id));
	record_add(a, &r, "WARC-Date", date);
	record_add(a, &r, "WARC-Filename", name);
	record_add(a, &r, "Content-Type", "application/warc-fields");
	record_add(a, &r, "WARC-Block-Digest", digest);
	record_add(a, &r, "Content-Length", arena_format(a, "%zu", block.len));
	r.block = stream_of_bytes(block.data, block.len);
	r.block_len = block.len;
	rc = sink_put(sink, &r, GZIP_DEFLATE, NULL, e);
	stream_free(r.block);
	buf_clear(&block);
	arena_free(a);
	return rc;
}

/* ---- all others ---- */

/* Bytes that keep why they ended: a reader of record files would take it for
 * damage, and go on. */
struct kept_stream {
	struct stream stream;
	struct stream *inner;
	struct warc *warc;
};

static int
kept_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct kept_stream *s = (struct kept_stream *)stream;
	struct error *why = &s->warc->error;

	if (why->kind == ERROR_NONE) {
		int more = stream_next(s->inner, data, len, why);

		if (more >= 0)
			return more;
	}
	return error_set(e, ERROR_SYSTEM, "%s", why->text);
}

static void
kept_free(struct stream *stream)
{
	free(stream);
}

static void
damage(void *context, const struct place *where, const char *text)
{
	struct warc *x = context;

	if (x->error.kind == ERROR_NONE)
		(void)error_set(&x->error, ERROR_INTEGRITY, "%s at %ju: %s",
		    where->file, (uintmax_t)where->offset, text);
}

static int
add_file(struct warc *x, const struct export_file *f, struct error *e)
{
	struct kept_stream *kept = mem_zero(1, sizeof(*kept));
	char *name = mem_format("%s/%s", f->snapshot, f->name);
	struct stream *bytes = NULL;
	struct input *in;
	int rc = export_file_open(x->run.plan, f, &bytes, e);

	if (rc != 0) {
		free(kept);
		free(name);
		return -1;
	}
	kept->stream.next = kept_next;
	kept->stream.free = kept_free;
	kept->inner = export_run_stream(&x->run, bytes);
	kept->warc = x;
	in = input_of_stream(&kept->stream, name); /* KEPT is its own now */
	rc = converter_add(x->converter, in, e);
	/* What was not read is as it was sealed, too. */
	if (rc == 0)
		rc = stream_skip(kept->inner, NULL, e);
	if (x->error.kind != ERROR_NONE) {
		*e = x->error;
		rc = -1;
	}
	kept->inner->free(kept->inner);
	input_free(in);
	stream_free(bytes);
	free(name);
	return rc;
}

/* Of each snapshot what was captured, then what was read from it. */
static int
add_files(struct warc *x, struct error *e)
{
	static const enum export_role roles[] = { EXPORT_RECORDS,
		EXPORT_DERIVED };
	size_t count;
	const struct export_file *files = export_plan_files(
	    x->run.plan, &count);
	size_t end;

	for (size_t i = 0; i < count; i = end) {
		end = i + 1;
		while (end < count && files[end].number == files[i].number)
			end++;
		for (size_t k = 0; k < 2; k++)
			for (size_t n = i; n < end; n++)
				if (files[n].role == roles[k] &&
				    add_file(x, &files[n], e) != 0)
					return -1;
	}
	return 0;
}

/* Only record files are read. */
static uint64_t
bytes_of(const struct export_plan *p)
{
	size_t count;
	const struct export_file *files = export_plan_files(p, &count);
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		if (files[i].role == EXPORT_RECORDS ||
		    files[i].role == EXPORT_DERIVED)
			bytes += files[i].size;
	return bytes;
}

/* Those before the last are finished; an attempt that failed leaves none. */
static void
remove_finished(const struct sink *s)
{
	size_t count;
	const struct sink_file *files = sink_files(s, &count);

	for (size_t i = 0; i + 1 < count; i++)
		(void)file_remove(files[i].path, NULL);
}

static int
tell_files(struct warc *x, struct error *e)
{
	size_t count;
	const struct sink_file *files = sink_files(x->sink, &count);

	for (size_t i = 0; i < count; i++) {
		x->run.result->files++;
		x->run.result->bytes += files[i].bytes;
		if (export_run_made(&x->run, files[i].path, e) != 0)
			return -1;
	}
	return 0;
}

static int
check_name(const struct warc *x, struct error *e)
{
	const char *path = x->run.options->path;

	return text_ends(path, ".warc") || text_ends(path, ".warc.gz") ||
		       text_ends(path, ".warc.zst")
		   ? 0
		   : error_set(e, ERROR_USAGE,
			 "%s: must end in .warc, .warc.gz or .warc.zst", path);
}

/* As it is when members go over as they lie. */
static int
dry_run(struct warc *x, struct error *e)
{
	const struct export_options *o = x->run.options;
	struct export_result *r = x->run.result;

	r->bytes = x->run.all;
	r->files = o->split == 0 || r->bytes == 0
		       ? 1
		       : 1 + (r->bytes - 1) / o->split;
	if (check_name(x, e) != 0)
		return -1;
	return o->split == 0 && file_exists(o->path)
		   ? error_set(e, ERROR_USAGE, "%s: is there already", o->path)
		   : 0;
}

static int
open_sink(struct warc *x, struct error *e)
{
	const struct export_options *o = x->run.options;
	const struct sink_options options = {
		.coding = sink_coding_of(o->path),
		.split = o->split,
		.begin = put_warcinfo,
		.context = x,
	};

	if (check_name(x, e) != 0)
		return -1;
	return sink_open(&x->sink, o->path, &options, e);
}

int
export_warc(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	struct warc x = { .files = 0 };
	const struct convert_options convert = { .damage = damage,
		.context = &x };
	int rc;

	export_run_begin(&x.run, p, o, r);
	x.run.all = bytes_of(p);
	if (o->dry)
		return dry_run(&x, e);
	if (open_sink(&x, e) != 0)
		return -1;
	x.converter = converter_new(x.sink, &convert);
	rc = add_files(&x, e);
	if (rc == 0)
		rc = sink_finish(x.sink, e);
	if (rc == 0)
		rc = tell_files(&x, e);
	else
		remove_finished(x.sink);
	converter_free(x.converter);
	sink_free(x.sink);
	return rc;
}
