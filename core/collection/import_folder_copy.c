/* Folders imported as resource records: the second reading. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/import_folder.h"
#include "core/collection/import_tell.h"
#include "core/web/url.h"

/* Bytes on their way past a digester. */
struct digesting {
	struct stream stream;
	struct stream *inner;
	struct digester *digester;
};

static int
digesting_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct digesting *d = (struct digesting *)s;
	int more = stream_next(d->inner, data, len, e);

	if (more > 0)
		digester_add(d->digester, *data, *len);
	return more;
}

struct folder_copy {
	struct import_folder *folder;
	struct import_writer *writer;
	struct output listing; /* sources/N/files.jsonl */
	struct digester *digester;
	struct arena *arena; /* of one file */
};

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static int
changed(const struct folder_copy *c, const char *path, struct error *e)
{
	return error_set(e, ERROR_INPUT, "%s/%s: changed while it was imported",
	    c->folder->path, path);
}

/* Where the bytes came from, as a file URL without the operator's folders. */
static const char *
source_uri(struct arena *a, const char *folder, const char *path)
{
	struct buf uri = { 0 };
	size_t len = strlen(folder);
	const char *base;
	const char *text;

	while (len > 0 && folder[len - 1] == '/')
		len--;
	base = memrchr(folder, '/', len);
	base = base == NULL ? folder : base + 1;
	buf_add_text(&uri, "file:///");
	url_add_escaped(
	    &uri, base, (size_t)(folder + len - base), " \"#<>\\^`{|}%?");
	buf_add_byte(&uri, '/');
	url_add_escaped(&uri, path, strlen(path), " \"#<>\\^`{|}%?");
	text = arena_text(a, buf_text(&uri));
	buf_clear(&uri);
	return text;
}

static void
fill_draft(struct folder_copy *c, const struct json *o, struct draft *d)
{
	struct arena *a = c->arena;

	draft_init(d, "resource", text_of(o, "date"));
	d->uri = text_of(o, "url");
	d->content_type = text_of(o, "type");
	d->media_type = text_of(o, "sniffed");
	d->len = (uint64_t)json_int(json_get(o, "size"), 0);
	d->block_digest = arena_format(a, "sha256:%s", text_of(o, "sha256"));
	d->payload_digest = d->block_digest;
	d->stored = gzip_way_for(d->content_type, "", NULL, 0) == GZIP_STORED;
	record_add(a, &d->more, "WARC-Source-URI",
	    source_uri(a, c->folder->path, text_of(o, "path")));
}

static int
put_draft(struct folder_copy *c, struct draft *d, struct input *in,
    const char *path, struct error *e)
{
	struct segment *s = import_write_to(c->writer, IMPORT_RECORDS, e);
	struct digesting block = { .stream = { .next = digesting_next } };
	char text[DIGEST_TEXT_MAX];
	int rc;

	if (s == NULL)
		return -1;
	digester_reset(c->digester);
	block.digester = c->digester;
	block.inner = input_stream(in, 0, input_size(in));
	d->block = &block.stream;
	rc = input_size(in) != d->len
		 ? changed(c, path, e)
		 : segment_put(s, c->writer->gzip, c->arena, d, e);
	stream_free(block.inner);
	d->block = NULL;
	digester_text(c->digester, text);
	if (rc == 0 && strcmp(text, d->block_digest) != 0)
		rc = changed(c, path, e);
	if (rc == 0)
		import_tell_resource(&c->writer->lines, s->file, d);
	return rc;
}

/* The line of the listing, with the record's id. */
static int
list(struct folder_copy *c, struct json *o, const char *id, struct error *e)
{
	struct buf line = { 0 };
	int rc;

	json_set_string(c->arena, o, "record", id);
	json_write(&line, o);
	buf_add_byte(&line, '\n');
	rc = output_add(&c->listing, line.data, line.len, e);
	buf_clear(&line);
	return rc;
}

static int
copy_line(struct folder_copy *c, const char *line, size_t len, struct error *e)
{
	struct json *o;
	const struct tree_file *t;
	struct input *in = NULL;
	struct draft d;
	int rc;

	arena_reset(c->arena);
	o = json_parse(c->arena, line, len, e);
	if (o == NULL)
		return -1;
	t = tree_find(c->folder->tree, text_of(o, "path"));
	if (tree_file_open(c->folder->tree, t, &in, e) != 0)
		return -1;
	fill_draft(c, o, &d);
	rc = put_draft(c, &d, in, t->name, e);
	input_free(in);
	if (rc == 0)
		rc = list(c, o, d.id, e);
	return rc == 0 ? import_write_done(c->writer, e) : -1;
}

/* Every line of the survey. */
static int
copy_lines(struct folder_copy *c, struct error *e)
{
	struct spool *entries = c->folder->entries;
	struct stream *s = spool_stream(entries, 0, spool_len(entries));
	struct buf line = { 0 };
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1)
		for (const uint8_t *end = p + len; more == 1 && p < end;) {
			const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));
			size_t n = (size_t)((lf == NULL ? end : lf) - p);

			buf_add(&line, p, n);
			p += n + (lf != NULL);
			if (lf == NULL)
				break;
			if (import_is_stopped(c->folder->import))
				goto done;
			if (copy_line(c, buf_text(&line), line.len, e) != 0)
				goto failed;
			buf_reset(&line);
		}
done:
	buf_clear(&line);
	stream_free(s);
	return more < 0 ? -1 : 0;
failed:
	buf_clear(&line);
	stream_free(s);
	return -1;
}

/* What a mirror's program said itself. */
static int
keep_logs(struct folder_copy *c, struct error *e)
{
	static const char *const logs[] = { "hts-cache/new.txt",
		"hts-log.txt" };
	int rc = 0;

	for (size_t i = 0; rc == 0 && c->folder->layout == LAYOUT_HTTRACK &&
			   i < sizeof(logs) / sizeof(logs[0]);
	     i++) {
		const struct tree_file *t = tree_find(c->folder->tree, logs[i]);
		struct input *in = NULL;
		char *name;

		if (t == NULL)
			continue;
		name = mem_format("%zu/%s", c->folder->place, logs[i]);
		rc = tree_file_open(c->folder->tree, t, &in, e);
		if (rc == 0)
			rc = import_write_kept(c->writer, name, in, NULL, e);
		input_free(in);
		free(name);
	}
	return rc;
}

int
import_folder_copy(
    struct import_folder *f, struct import_writer *w, struct error *e)
{
	struct folder_copy c = {
		.folder = f, .writer = w, .listing = { .fd = -1 }
	};
	const struct import_options *o = f->import->options;
	char *name;
	int rc;

	if (f->import->result->files[f->number].copied == 0)
		return 0;
	if (o->progress != NULL)
		o->progress(o->context, f->path, 1);
	name = mem_format("%zu/files.jsonl", f->place);
	c.arena = arena_new();
	c.digester = digester_new(DIGEST_SHA256);
	rc = import_write_source(w, name, &c.listing, e);
	if (rc == 0)
		rc = copy_lines(&c, e);
	if (rc == 0)
		rc = output_finish(&c.listing, e);
	if (rc == 0)
		rc = keep_logs(&c, e);
	output_clear(&c.listing);
	digester_free(c.digester);
	arena_free(c.arena);
	free(name);
	return rc;
}
