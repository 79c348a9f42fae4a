/* A record of the collection opened at its place. */
#include "core/collection/open_record.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/archive/format.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/collection/layout.h"

/* A block on its way past a digester; the inner stream is the source's. */
struct block_stream {
	struct stream stream;
	struct stream *inner;
	struct digester *digester; /* NULL: no digest that we know */
	struct digest_value expected;
};

static int
block_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct block_stream *b = (struct block_stream *)s;
	int more = stream_next(b->inner, data, len, e);

	if (more > 0 && b->digester != NULL)
		digester_add(b->digester, *data, *len);
	return more;
}

static void
block_free(struct stream *s)
{
	struct block_stream *b = (struct block_stream *)s;

	digester_free(b->digester);
	free(b);
}

static struct stream *
block_new(const struct record *r)
{
	const char *digest = record_field(r, "WARC-Block-Digest");
	struct block_stream *b = mem_zero(1, sizeof(*b));

	b->stream.next = block_next;
	b->stream.free = block_free;
	b->inner = r->block;
	if (digest != NULL && digest_parse(&b->expected, digest))
		b->digester = digester_new(b->expected.kind);
	return &b->stream;
}

/* Everything in a sealed snapshot is vouched for by its manifest: what does
 * not read there is not what was recorded. */
static int
broken(const struct open_record *o, struct error *why, struct error *e)
{
	/* A source names its file and the place itself. */
	if (why->kind == ERROR_SYSTEM || o->loose)
		return error_set(e, why->kind, "%s", why->text);
	return error_set(e, ERROR_INTEGRITY, "%s at %" PRIu64 ": %s", o->file,
	    o->place.offset, why->text);
}

int
open_record_file(struct open_record *o, const struct collection *c,
    const char *file, struct error *e)
{
	struct error why = { 0 };
	char *path = collection_path(c, file);
	int rc;

	*o = (struct open_record){ .file = mem_text(file) };
	o->arena = arena_new();
	rc = source_open(&o->source, path, &why);
	free(path);
	if (rc == 0)
		return 0;
	(void)error_set(e, why.kind == ERROR_INPUT ? ERROR_INTEGRITY : why.kind,
	    "%s", why.text);
	open_record_close(o);
	return -1;
}

int
open_record_input(struct open_record *o, struct input *in, struct error *e)
{
	*o = (struct open_record){ .file = mem_text(input_name(in)),
		.loose = 1,
		.once = !input_is_random(in) };
	o->arena = arena_new();
	if (source_open_input(&o->source, in, e) == 0)
		return 0;
	open_record_close(o);
	return -1;
}

int
open_record_next(struct open_record *o, struct error *e)
{
	struct error why = { 0 };
	int more;

	stream_free(o->block);
	o->block = NULL;
	arena_reset(o->arena);
	o->record = (struct record){ 0 };
	more = source_next(o->source, o->arena, &o->record, &o->place, &why);
	if (more < 0)
		return broken(o, &why, e);
	if (more == 0)
		return 0;
	o->block = block_new(&o->record);
	o->record.block = o->block;
	return 1;
}

int
open_record_seek(struct open_record *o, uint64_t offset, struct error *e)
{
	int more = o->once ? 0 : source_seek(o->source, offset, e);

	if (more == 0)
		more = open_record_next(o, e);
	while (o->once && more != 0 && o->place.offset < offset)
		more = open_record_next(o, e);
	if (more == 1 && o->place.offset == offset)
		return 0;
	if (more < 0)
		return -1;
	return error_set(e, o->loose ? ERROR_NOTFOUND : ERROR_INTEGRITY,
	    "%s at %" PRIu64 ": no record starts here", o->file, offset);
}

int
open_record_at(struct open_record *o, const struct collection *c,
    const char *file, uint64_t offset, struct error *e)
{
	if (open_record_file(o, c, file, e) != 0)
		return -1;
	if (open_record_seek(o, offset, e) == 0)
		return 0;
	open_record_close(o);
	return -1;
}

int
open_record_check(struct open_record *o, struct error *e)
{
	struct block_stream *b = (struct block_stream *)o->block;
	struct digest_value got;
	struct error why = { 0 };

	if (stream_skip(o->block, NULL, &why) < 0)
		return broken(o, &why, e);
	/* What was read whole and only breaks a rule may do so in files of
	 * others. */
	if (source_finish(o->source, &o->place, &why) != 0 &&
	    (!o->loose || o->place.damaged || why.kind == ERROR_SYSTEM))
		return broken(o, &why, e);
	if (b->digester == NULL)
		return 0;
	got = b->expected;
	got.len = digester_raw(b->digester, got.raw);
	if (digest_equal(&got, &b->expected))
		return 0;
	return error_set(e, ERROR_INTEGRITY,
	    "%s at %" PRIu64 ": block digest differs", o->file,
	    o->place.offset);
}

void
open_record_close(struct open_record *o)
{
	stream_free(o->block);
	source_free(o->source);
	arena_free(o->arena);
	free(o->file);
	*o = (struct open_record){ 0 };
}
