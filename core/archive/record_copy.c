/* Records taken from a source to a sink without loss. */
#include "core/archive/record_copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record_facts.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

struct record_copier {
	struct source *source;
	struct input *in;
	struct sink *sink;
	struct record_copy_options options;
	struct buf block;          /* of the current record, when it is held */
	struct digester *digester; /* for digests to be added; made when used */
	int is_digesting;
};

struct record_copier *
record_copier_new(struct source *s, struct input *in, struct sink *out,
    const struct record_copy_options *o)
{
	struct record_copier *c = mem_zero(1, sizeof(*c));

	c->source = s;
	c->in = in;
	c->sink = out;
	c->options = *o;
	return c;
}

void
record_copier_free(struct record_copier *c)
{
	if (c == NULL)
		return;
	digester_free(c->digester);
	buf_clear(&c->block);
	free(c);
}

/* A block whose bytes are shown to the caller as they pass. */
struct shown_stream {
	struct stream stream;
	struct stream *inner;
	const struct record_copy_options *options;
	int failed;
};

static int
shown_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct shown_stream *x = (struct shown_stream *)s;
	int more = stream_next(x->inner, data, len, e);

	if (more > 0 && x->options->each != NULL)
		x->options->each(x->options->context, *data, *len);
	x->failed |= more < 0;
	return more;
}

/* The value of Content-Encoding in an HTTP head, in A; NULL. */
static const char *
coding_of(struct arena *a, const uint8_t *p, size_t len)
{
	static const char name[] = "content-encoding:";
	const uint8_t *end = p + len;
	const uint8_t *lf;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			return NULL;
		if ((size_t)(lf - p) < sizeof(name) ||
		    strncasecmp((const char *)p, name, sizeof(name) - 1) != 0)
			continue;
		p += sizeof(name) - 1;
		while (p < lf && (*p == ' ' || *p == '\t'))
			p++;
		return arena_text_n(a, (const char *)p,
		    (size_t)(lf - p) - (lf > p && lf[-1] == '\r'));
	}
	return NULL;
}

/* Is deflating R worth it? R->block gives the whole block afterwards. */
static enum gzip_way
way_for(struct arena *a, struct record *r)
{
	struct record_facts f;

	if (record_facts_read(a, r, &f, NULL) != 0)
		return GZIP_DEFLATE; /* whoever reads on meets it again */
	if (f.http_head_len == 0)
		return gzip_way_for(f.content_type, NULL, NULL, 0);
	return gzip_way_for(
	    f.mime, coding_of(a, f.http_head, f.http_head_len), NULL, 0);
}

/* The same when the block is held. */
static enum gzip_way
way_for_held(struct record_copier *c, struct arena *a, const struct record *r)
{
	/* Reading the facts puts another stream around it. */
	struct stream *block = stream_of_bytes(c->block.data, c->block.len);
	struct record held = *r;
	struct record_facts f;
	enum gzip_way way;
	size_t skip;

	held.block = block;
	if (record_facts_read(a, &held, &f, NULL) != 0)
		f.http_head_len = 0;
	skip = f.http_head_len;
	way = gzip_way_for(skip > 0 ? f.mime : f.content_type,
	    skip > 0 ? coding_of(a, f.http_head, skip) : NULL,
	    c->block.data + skip, c->block.len - skip);
	stream_free(block);
	return way;
}

/* Does a member of LENGTH bytes hold CONTENT bytes as deflate should? */
static int
is_well_deflated(struct record_copier *c, struct arena *a,
    const struct record *r, uint64_t length, uint64_t content)
{
	enum gzip_way way;

	if (!c->options.recompress || content < 256 ||
	    c->source->kind != SOURCE_GZIP)
		return 1;
	/* At least a twentieth is saved. */
	if (length <= content - content / 20)
		return 1;
	if (r->block_len != c->block.len)
		return 1; /* too long to look at twice */
	way = way_for_held(c, a, r);
	/* Longer than its content: it lies in stored blocks already. */
	return length > content ? way == GZIP_STORED : way == GZIP_DEFLATE;
}

static void
note(struct record_copied *out, const struct error *e)
{
	char place[ERROR_TEXT_MAX];
	const char *text = e->text;
	size_t len;

	/* Without the place, which the caller has. */
	(void)snprintf(place, sizeof(place), "%s at %" PRIu64 ": ",
	    out->from.file, out->from.offset);
	len = strlen(place);
	while (strncmp(text, place, len) == 0)
		text += len;
	(void)snprintf(out->text, sizeof(out->text), "%s", text);
}

/* Finish the record: 0, it is whole; 1, it is broken and OUT says so; -1. */
static int
finish(struct record_copier *c, struct record_copied *out, struct error *e)
{
	struct error why = { 0 };

	if (source_finish(c->source, &out->from, &why) == 0)
		return 0;
	if (why.kind == ERROR_SYSTEM) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	note(out, &why);
	if (!out->from.damaged)
		return 0;
	out->how = RECORD_BROKEN;
	out->to = (struct place){ 0 };
	return 1;
}

/* Write R as it comes, and take it back when it turns out broken. */
static int
write_through(struct record_copier *c, struct arena *a, struct record *r,
    struct record_copied *out, struct error *e)
{
	enum gzip_way way = way_for(a, r);
	struct shown_stream shown = { .stream.next = shown_next,
		.inner = r->block,
		.options = &c->options };
	struct error why = { 0 };
	int put;
	int rc;

	r->block = &shown.stream;
	out->how = RECORD_WRITTEN;
	put = sink_put(c->sink, r, way, &out->to, &why);
	r->block = shown.inner;
	if (put != 0 && !(shown.failed && why.kind == ERROR_INPUT)) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	if ((rc = finish(c, out, e)) < 0)
		return -1;
	if (put != 0 && rc == 0) {
		/* Cannot be: what does not read is not finished. */
		out->how = RECORD_BROKEN;
		note(out, &why);
		return 0;
	}
	return put == 0 && rc == 1 ? sink_undo(c->sink, e) : 0;
}

/* Read the block, into memory when HOLD. It breaks again in finish. */
static void
read_block(struct record_copier *c, struct record *r, int hold)
{
	const uint8_t *p;
	size_t len;

	buf_reset(&c->block);
	while (stream_next(r->block, &p, &len, NULL) > 0) {
		if (c->options.each != NULL)
			c->options.each(c->options.context, p, len);
		if (c->is_digesting)
			digester_add(c->digester, p, len);
		if (hold)
			buf_add(&c->block, p, len);
	}
}

static int
put_held(struct record_copier *c, struct arena *a, struct record *r,
    struct record_copied *out, struct error *e)
{
	enum gzip_way way = way_for_held(c, a, r);
	int rc;

	r->block = stream_of_bytes(c->block.data, c->block.len);
	rc = sink_put(c->sink, r, way, &out->to, e);
	stream_free(r->block);
	r->block = NULL;
	return rc;
}

/* The record at WHERE once more, for one that was too long to hold and cannot
 * stay as it is. */
static int
read_again(struct record_copier *c, struct arena *a, struct record *r,
    const struct place *where, struct record_copied *out, struct error *e)
{
	const struct record_copy_options shown_once = c->options;
	struct record again;
	struct place at;
	int rc;

	if (source_seek(c->source, where->offset, e) != 0)
		return -1;
	rc = source_next(c->source, a, &again, &at, e);
	if (rc <= 0)
		return rc < 0 ? -1
			      : error_set(e, ERROR_INPUT,
				    "%s: became shorter while it was read",
				    where->file);
	again.head = r->head;
	again.head_len = r->head_len;
	again.version = r->version;
	again.fields = r->fields;
	again.field_count = r->field_count;
	c->options.each = NULL;
	rc = write_through(c, a, &again, out, e);
	c->options = shown_once;
	return rc;
}

/* Are records packed in the output as they are in the input? Zstd frames may
 * want a dictionary. */
static int
is_same_coding(const struct record_copier *c)
{
	if (c->sink == NULL)
		return 0;
	return (c->source->kind == SOURCE_GZIP &&
		   sink_is(c->sink, SINK_GZIP)) ||
	       (c->source->kind == SOURCE_PLAIN &&
		   sink_is(c->sink, SINK_PLAIN));
}

/* Only a head that is made of fields gets another one. */
static void
start_digest(struct record_copier *c, const struct record *r)
{
	c->is_digesting = c->options.add_digest && r->head_len == 0 &&
			  record_field(r, "WARC-Block-Digest") == NULL;
	if (!c->is_digesting)
		return;
	if (c->digester == NULL)
		c->digester = digester_new(DIGEST_SHA256);
	digester_reset(c->digester);
}

static void
end_digest(struct record_copier *c, struct arena *a, struct record *r)
{
	char text[DIGEST_TEXT_MAX];

	if (!c->is_digesting)
		return;
	digester_text(c->digester, text);
	record_add(a, r, "WARC-Block-Digest", text);
}

int
record_copy(struct record_copier *c, struct arena *a, struct record *r,
    const struct place *where, int changed, struct record_copied *out,
    struct error *e)
{
	int shared = c->source->shared;
	int hold = r->block_len <= LIMIT_WHOLE_MEMBER;
	uint64_t content = r->head_len + r->block_len + 4;
	int same = !shared && !changed && is_same_coding(c);
	int rc;

	*out = (struct record_copied){ .from = *where };
	start_digest(c, r);
	/* What is too long to hold is read to its end first only when that may
	 * be all, or is needed, and it can be found again. */
	if (c->sink != NULL && !hold &&
	    !((same || c->is_digesting) && !shared && input_is_random(c->in)))
		return write_through(c, a, r, out, e);
	read_block(c, r, hold);
	if ((rc = finish(c, out, e)) != 0)
		return rc < 0 ? -1 : 0;
	end_digest(c, a, r);
	same = same && out->text[0] == '\0' && out->from.length > 0 &&
	       input_floor(c->in) <= where->offset &&
	       is_well_deflated(c, a, r, out->from.length, content);
	out->how = same ? RECORD_COPIED : RECORD_WRITTEN;
	if (c->sink == NULL)
		return 0;
	if (same)
		return sink_copy(c->sink, c->in, where->offset,
		    out->from.length, &out->to, e);
	return hold ? put_held(c, a, r, out, e)
		    : read_again(c, a, r, where, out, e);
}
