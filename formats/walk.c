/* Record files read: members, heads, blocks, and what is left after damage. */
#include "formats/walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "formats/walk_state.h"

enum { HEAD_PULLS = 64 }; /* spans of a head that are looked at one by one */

static struct walker *
walker_of(struct source *s)
{
	return (struct walker *)s;
}

/* Only a rule is broken; reading goes on. */
static int
irregular(
    struct place *where, struct error *e, const char *code, const char *text)
{
	where->code = code;
	where->damaged = 0;
	return error_set(e, ERROR_INPUT, "%s at %" PRIu64 ": %s", where->file,
	    where->offset, text);
}

static int
broken_head(struct walker *s, struct place *where, const struct record *r,
    struct error *e)
{
	const char *code = "head";

	if (r->field_count > 0)
		code = record_field(r, "Content-Length") == NULL
			   ? "field-missing"
			   : "length";
	(void)error_within(e, "%s at %" PRIu64, s->name, s->start);
	return walk_damaged(s, where, code, s->start, e);
}

static int
block_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	const size_t at = offsetof(struct walker, block);
	struct walker *s = (void *)((char *)stream - at);

	if (s->block_left == 0)
		return 0;
	if (s->left == 0 && walk_pull_record(s, e) < 0)
		return -1;
	if (s->left == 0)
		return error_set(e, ERROR_INPUT,
		    "%s at %" PRIu64 ": block ends %" PRIu64
		    " bytes before Content-Length",
		    s->name, s->start, s->block_left);
	*data = s->p;
	*len = s->left < s->block_left ? s->left : (size_t)s->block_left;
	s->p += *len;
	s->left -= *len;
	s->block_left -= *len;
	return 1;
}

/* The block is a part of the source. */
static void
block_free(struct stream *stream)
{
	(void)stream;
}

/* Line ends between records: how many bytes, how many of them stand as they
 * should. */
struct blank {
	uint64_t count;
	uint64_t proper;
};

/* Pass over line ends: 1, a byte stands there; 0, the member or file ends. */
static int
pass_blank(struct walker *s, struct blank *b, struct error *e)
{
	const char *want = s->dialect->end;
	int more;

	*b = (struct blank){ 0 };
	for (;;) {
		if (s->left == 0 && (more = walk_pull(s, e)) <= 0)
			break;
		if (*s->p != '\r' && *s->p != '\n') {
			more = 1;
			break;
		}
		if (b->proper == b->count && *s->p == (uint8_t)*want) {
			b->proper++;
			want++;
		}
		b->count++;
		s->p++;
		s->left--;
	}
	return more;
}

/* Does a record begin at the next byte? */
static int
at_record(struct walker *s, struct error *e)
{
	int begins;

	while ((begins = s->dialect->begins(s->p, s->left)) < 0) {
		int more = walk_extend(s, walk_pull, e);

		if (more <= 0)
			return more;
	}
	return begins;
}

/*
 * What should be line ends is something else: is it all there but for one
 * byte, and does a record begin behind it? Then this byte is wrong, and not
 * the length; the record stands there.
 */
static int
is_record_behind(struct walker *s, const struct blank *blank)
{
	const struct dialect *d = s->dialect;
	size_t behind = strlen(d->end) - (size_t)blank->count;
	size_t wrong = (size_t)(blank->count - blank->proper);
	int begins = -1;

	for (;;) {
		if (s->left > behind)
			begins = d->begins(s->p + behind, s->left - behind);
		if (begins >= 0 || walk_extend(s, walk_pull, NULL) <= 0)
			break;
	}
	for (size_t i = 0; begins > 0 && i < behind; i++)
		wrong += s->p[i] != (uint8_t)d->end[blank->count + i];
	if (begins <= 0 || wrong > 1)
		return 0;
	s->p += behind;
	s->left -= behind;
	return 1;
}

/* The record's place in a file of members, once it is read: MORE stands in the
 * member behind it. */
static void
place_in_members(struct walker *s, struct place *where, int more)
{
	const struct members *m = s->members;

	if (more) {
		s->shared = 1;
		s->source.whole_file = 1;
	} else {
		where->length = s->shared ? 0 : m->start + m->length - s->start;
		walk_leave_member(s);
	}
}

/* The first rule that this record's framing breaks; NULL. SHARED: one before
 * it stood in the same member. */
static const char *
broken_rule(const struct walker *s, const struct blank *blank, int mended,
    int shared, const char **code)
{
	const struct dialect *d = s->dialect;
	size_t proper = strlen(d->end);
	int more = s->left > 0;

	*code = "members";
	if (!s->members->flat && more && !shared)
		return "more than one record in a member";
	if (s->joined && s->source.kind == SOURCE_GZIP)
		return "the record lies in more than one gzip member";
	*code = "framing";
	if (blank->count == 0 && !mended)
		return d->lacks_end;
	if (mended || (d->end_max == proper && blank->proper != proper) ||
	    blank->count > d->end_max)
		return d->other_end;
	*code = "members";
	return s->members->flat || more ? NULL : s->members->odd;
}

/* What stands behind a block, up to the next record or the end. */
static int
finish_trailer(struct walker *s, struct place *where, struct error *e)
{
	size_t proper = strlen(s->dialect->end);
	struct blank blank;
	int more = pass_blank(s, &blank, e);
	int shared = s->shared;
	int mended = 0;
	const char *code;
	const char *rule;

	s->whole = more < 0 && blank.proper == proper && blank.count == proper;
	if (more < 0)
		return walk_damaged(s, where, "framing", s->head_end, e);
	if (more && blank.count < proper && at_record(s, NULL) != 1)
		mended = is_record_behind(s, &blank);
	if (more && blank.count == 0 && !mended && at_record(s, NULL) != 1) {
		(void)error_set(e, ERROR_INPUT,
		    "%s at %" PRIu64 ": no record starts where "
		    "Content-Length says that this one ends",
		    s->name, s->start);
		return walk_damaged(s, where, "framing", s->head_end, e);
	}
	if (s->members->flat) {
		/* More line ends than these are no part of the record. */
		where->length = walk_position(s) - s->start;
		if (blank.proper == proper && blank.count > s->dialect->end_max)
			where->length -= blank.count - proper;
	} else
		place_in_members(s, where, more);
	s->open = 0;
	rule = broken_rule(s, &blank, mended, shared, &code);
	return rule == NULL ? 0 : irregular(where, e, code, rule);
}

static int
walk_finish(struct source *source, struct place *where, struct error *e)
{
	struct walker *s = walker_of(source);
	const uint8_t *data;
	size_t len;
	int more;

	*where = (struct place){ .file = s->name, .offset = s->start };
	if (!s->open)
		return 0;
	while ((more = block_next(&s->block, &data, &len, e)) > 0)
		continue;
	if (more < 0)
		return walk_damaged(s, where, "length", s->head_end, e);
	return finish_trailer(s, where, e);
}

/* Make sure that a member is open: 1; 0, the file ends; -1. */
static int
open_member(struct walker *s, struct place *where, struct error *e)
{
	int more;

	if (s->bytes != NULL)
		return 1;
	s->joined = 0;
	more = s->members->next(s->members, &s->bytes, e);
	s->start = s->members->start;
	s->taken = s->start;
	where->offset = s->start;
	if (more <= 0)
		s->bytes = NULL;
	if (more < 0)
		return walk_damaged(s, where, "head", s->start, e);
	return more;
}

/* A byte order mark stands before a first record: 1 / 0; -1. */
static int
pass_mark(struct walker *s, struct error *e)
{
	int more = 1;

	s->started = 1;
	while (s->left < 3 && more > 0)
		if ((more = walk_extend(s, walk_pull, e)) < 0)
			return -1;
	if (s->left < 3 || memcmp(s->p, "\xef\xbb\xbf", 3) != 0)
		return 0;
	s->p += 3;
	s->left -= 3;
	return 1;
}

/* Go to the next byte that is no line end, opening members as needed. */
static int
find_start(struct walker *s, struct place *where, struct error *e)
{
	const struct members *m = s->members;
	struct blank blank;
	int more;

	for (;;) {
		if ((more = open_member(s, where, e)) <= 0)
			return more;
		if (!s->started && (more = pass_mark(s, e)) > 0) {
			where->length = m->flat ? 3 : 0;
			return irregular(where, e, "framing",
			    "a byte order mark stands before the first record");
		}
		if (more >= 0)
			more = pass_blank(s, &blank, e);
		if (m->flat)
			s->start = walk_position(s);
		where->offset = s->start;
		if (more < 0)
			return walk_damaged(s, where, "head", s->start, e);
		if (more > 0 || m->flat)
			return more;
		/* Behind a last record is only the end of its member. */
		if (!s->shared) {
			walk_leave_member(s);
			where->length = m->length;
			return irregular(
			    where, e, "members", "a member is empty");
		}
		walk_leave_member(s);
	}
}

/*
 * More of a head: 1; 0, there is none; -1. Whoever reads it begins anew each
 * time: what comes in crumbs (members of a byte each) is given only when there
 * is twice as much.
 */
static int
more_of_head(struct walker *s, unsigned *pulls, struct error *e)
{
	size_t had = s->left;
	size_t wanted = *pulls > HEAD_PULLS ? 2 * had : had + 1;
	int more = 1;

	while (more > 0 && s->left < wanted) {
		more = walk_extend(s, walk_pull_record, e);
		++*pulls;
	}
	return more < 0 ? -1 : s->left > had;
}

/* The head at P: as read_head of the dialect, of all that comes. */
static int
read_head(struct walker *s, struct arena *a, struct record *r, struct error *e)
{
	const struct dialect *d = s->dialect;
	size_t used = 0;
	unsigned pulls = 0;
	int got;

	while ((got = d->read_head(a, r, s->p, s->left, &used, e)) == 0) {
		int more = more_of_head(s, &pulls, e);

		if (more == 0)
			(void)error_set(e, ERROR_INPUT, "record head is cut");
		if (more <= 0)
			return -1;
	}
	if (got < 0)
		return -1;
	s->p += used;
	s->left -= used;
	if (d->settle == NULL)
		return 0;
	while (s->left < d->look && s->left < r->block_len &&
	       walk_extend(s, walk_pull, NULL) > 0)
		continue;
	d->settle(a, r, s->p,
	    s->left < r->block_len ? s->left : (size_t)r->block_len,
	    s->version);
	return 0;
}

static int
walk_next(struct source *source, struct arena *a, struct record *r,
    struct place *where, struct error *e)
{
	struct walker *s = walker_of(source);
	int more;

	*r = (struct record){ .version = "" };
	if (s->open && walk_finish(source, where, e) != 0) {
		if (where->damaged || e->kind == ERROR_SYSTEM)
			return -1;
		error_clear(e);
	}
	*where = (struct place){ .file = s->name, .offset = s->start };
	if (s->ended)
		return 0;
	if ((more = find_start(s, where, e)) <= 0)
		return more;
	if (read_head(s, a, r, e) != 0)
		return broken_head(s, where, r, e);
	s->head_end = walk_position(s);
	s->block_left = r->block_len;
	s->source.shared = s->shared;
	s->open = 1;
	r->block = &s->block;
	return 1;
}

static int
walk_seek(struct source *source, uint64_t offset, struct error *e)
{
	struct walker *s = walker_of(source);

	s->open = 0;
	if (offset < input_floor(s->in))
		return error_set(e, ERROR_LIMIT,
		    "%s at %" PRIu64 ": has passed, and cannot be read again",
		    s->name, offset);
	s->start = offset;
	s->ended = 0;
	s->started |= offset > 0;
	walk_go_to(s, offset);
	return 0;
}

/* Behind P a record line, or a member whose content begins with one. */
static size_t
walk_find(const struct source *source, const uint8_t *p, size_t len)
{
	const struct dialect *d = ((const struct walker *)source)->dialect;
	int is_gzip = source->kind == SOURCE_GZIP;
	const char *magic = is_gzip ? "\x1f\x8b\x08" : "\x28\xb5\x2f\xfd";
	const uint8_t *end = p + len;
	const uint8_t *at = p + (len > 0);
	uint8_t first[WALK_PEEK];
	size_t hit;

	if (source->kind == SOURCE_PLAIN) {
		size_t keep;

		return d->find(p, len, &hit, &keep) ? hit : len;
	}
	/* Frames that need a dictionary show nothing: they are not found. */
	for (; (at = memmem(at, (size_t)(end - at), magic, is_gzip ? 3 : 4)) !=
	       NULL;
	     at++) {
		size_t left = (size_t)(end - at);
		size_t n = is_gzip ? gzip_peek(at, left, first, sizeof(first))
				   : zstd_peek(at, left, first, sizeof(first));

		if (n > 0 && members_begin(first, n, d->begins) > 0)
			return (size_t)(at - p);
	}
	return len;
}

static uint64_t
walk_used_to(const struct source *source)
{
	const struct walker *s = (const struct walker *)source;
	const struct members *m = s->members;

	return m->flat ? walk_position(s) : m->offset(m);
}

static void
walk_free(struct source *source)
{
	struct walker *s = walker_of(source);

	members_free(s->members);
	buf_clear(&s->carry);
	input_free(s->in);
	free(s);
}

/* The file itself is the way to find out; a name decides only where its first
 * bytes are broken. */
static enum source_kind
packing_of(struct input *in)
{
	const char *name = input_name(in);
	uint8_t head[4];
	size_t n;

	/* Who reads on will meet an error again. */
	if (input_read(in, 0, head, sizeof(head), &n, NULL) != 0)
		n = 0;
	if (n >= 2 && head[0] == 0x1f && head[1] == 0x8b)
		return SOURCE_GZIP;
	if (zstd_is(head, n))
		return SOURCE_ZSTD;
	if (n == 4 &&
	    (memcmp(head, "WARC", 4) == 0 || memcmp(head, "file", 4) == 0))
		return SOURCE_PLAIN;
	if (text_ends(name, ".gz") || text_ends(name, ".gz.open"))
		return SOURCE_GZIP;
	return text_ends(name, ".zst") ? SOURCE_ZSTD : SOURCE_PLAIN;
}

struct source *
walk_open(const struct dialect *d, struct input *in)
{
	struct walker *s = mem_zero(1, sizeof(*s));

	s->source = (struct source){ .format = d->format,
		.kind = packing_of(in),
		.next = walk_next,
		.finish = walk_finish,
		.seek = walk_seek,
		.free = walk_free,
		.used_to = walk_used_to,
		.find = walk_find };
	s->block = (struct stream){ .next = block_next, .free = block_free };
	s->dialect = d;
	s->in = input_keep(in);
	s->name = input_name(in);
	s->p = (const uint8_t *)"";
	switch (s->source.kind) {
	case SOURCE_GZIP:
		s->members = gzip_members_new(in);
		break;
	case SOURCE_ZSTD:
		s->members = zstd_members_new(in);
		break;
	case SOURCE_PLAIN:
		s->members = plain_members_new(in);
		break;
	}
	return &s->source;
}

int
walk_recognise(const struct dialect *d, const uint8_t *p, size_t len)
{
	uint8_t first[WALK_PEEK];
	int begins;

	if (zstd_is(p, len)) {
		size_t n = zstd_peek(p, len, first, sizeof(first));

		/* It starts with a dictionary, or a block too long for LEN. */
		if (n == 0)
			return 10;
		p = first;
		len = n;
	} else if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b) {
		len = gzip_peek(p, len, first, sizeof(first));
		p = first;
	}
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		len -= 3;
	}
	while (len > 0 && (*p == '\r' || *p == '\n')) {
		p++;
		len--;
	}
	begins = len == 0 ? 0 : d->begins(p, len);
	return begins > 0 ? 100 : begins < 0 && len > 4 ? 10 : 0;
}
