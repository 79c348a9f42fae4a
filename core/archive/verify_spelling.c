/* Members compressed again, to find a change that inflating does not show. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/format.h"
#include "core/archive/verify_tell.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define SPELLING_MAX 1000 /* places worth a finding */

/* A file against what comes out of the writer. */
struct comparison {
	struct input *in;
	uint64_t at;
	int differs;
	uint8_t bytes[65536];
};

static int
compare(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct comparison *c = context;

	while (len > 0 && !c->differs) {
		size_t want = len < sizeof(c->bytes) ? len : sizeof(c->bytes);
		size_t n;

		if (input_read(c->in, c->at, c->bytes, want, &n, e) != 0)
			return -1;
		c->differs = n == 0 || memcmp(c->bytes, p, n) != 0;
		c->at += n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Members of one way of writing. */
struct tally {
	uint64_t members;
	uint64_t *offsets; /* of those that differ */
	size_t count;
};

static void
tally_add(struct tally *t, uint64_t offset)
{
	if (t->count < SPELLING_MAX) {
		t->offsets = mem_grow(
		    t->offsets, SPELLING_MAX, sizeof(*t->offsets));
		t->offsets[t->count] = offset;
	}
	t->count++;
}

/* Stored blocks have 00 in the second and third bit (RFC 1951, 3.2.3). */
static int
read_way(struct input *in, uint64_t start, enum gzip_way *way, struct error *e)
{
	uint8_t first;
	size_t n;

	if (input_read(in, start + GZIP_HEADER_BYTES, &first, 1, &n, e) != 0 ||
	    n != 1)
		return error_system(e, "read at %" PRIu64, start);
	*way = (first & 6) == 0 ? GZIP_STORED : GZIP_DEFLATE;
	return 0;
}

/* One member, read as BYTES, written again in one WAY. */
static int
compare_member(struct comparison *c, struct gzip_writer *w, enum gzip_way way,
    struct gzip_reader *r, struct stream *bytes, struct error *e)
{
	static const struct buf nothing;
	uint64_t start = gzip_reader_start(r);
	uint64_t length;

	c->at = start;
	c->differs = 0;
	if (gzip_member_write(
		w, way, &nothing, bytes, &nothing, compare, c, &length, e) != 0)
		return -1;
	c->differs |= length != gzip_reader_member_len(r);
	return 0;
}

/* The next member, in the way it looks to be written. 1; 0 the end; -1. */
static int
compare_next(struct comparison *c, struct gzip_writer *w, struct gzip_reader *r,
    enum gzip_way *way, struct error *e)
{
	struct stream *bytes;
	uint64_t start;
	int more = gzip_reader_next(r, &bytes, e);

	if (more <= 0)
		return more;
	start = gzip_reader_start(r);
	if (read_way(c->in, start, way, e) != 0 ||
	    compare_member(c, w, *way, r, bytes, e) != 0)
		return -1;
	if (*way == GZIP_DEFLATE || !c->differs)
		return 1;
	/* The deflater, too, stores what it cannot make smaller. */
	*way = GZIP_DEFLATE;
	gzip_reader_seek(r, start);
	more = gzip_reader_next(r, &bytes, e);
	if (more == 1 && compare_member(c, w, *way, r, bytes, e) != 0)
		return -1;
	return more;
}

static int
compare_members(struct input *in, struct gzip_reader *r,
    struct tally tallies[2], struct error *e)
{
	struct gzip_writer *w = gzip_writer_new();
	struct comparison *c = mem_alloc(sizeof(*c));
	enum gzip_way way = GZIP_DEFLATE;
	int more;

	c->in = in;
	while ((more = compare_next(c, w, r, &way, e)) > 0) {
		tallies[way].members++;
		if (c->differs)
			tally_add(&tallies[way], gzip_reader_start(r));
	}
	free(c);
	gzip_writer_free(w);
	return more < 0 && e->kind == ERROR_SYSTEM ? -1 : 0;
}

/* A member's record, whose bytes are not those that were written. */
struct speller {
	struct teller teller;
	struct source *source;
	struct arena *arena;
};

/* Name the record that starts at OFFSET. */
static void
say_member(struct speller *s, uint64_t offset)
{
	struct record r;
	struct place where;
	const char *id = NULL;

	arena_reset(s->arena);
	if (source_seek(s->source, offset, NULL) == 0 &&
	    source_next(s->source, s->arena, &r, &where, NULL) > 0)
		id = record_uri_field(s->arena, &r, "WARC-Record-ID");
	tell(&s->teller, s->teller.file,
	    &(const struct finding){ .severity = SEVERITY_CHANGED,
		.code = "gzip-spelling",
		.offset = offset,
		.record = id == NULL ? "" : id,
		.text = "compressed bytes are not those that were written, "
			"though their content is" });
}

static void
say_tally(struct speller *s, const struct tally *t)
{
	if (t->count > 1 && t->count == t->members) {
		tell(&s->teller, s->teller.file,
		    &(const struct finding){ .severity = SEVERITY_NOTE,
			.code = "gzip-spelling",
			.record = "",
			.text = "written by another version of the compressor: "
				"a change cannot be told from that" });
		return;
	}
	for (size_t i = 0; i < t->count && i < SPELLING_MAX; i++)
		say_member(s, t->offsets[i]);
}

int
verify_spelling_input(struct input *in, const char *name,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e)
{
	struct speller s = {
		.teller = { .options = o, .totals = totals, .file = name }
	};
	struct tally tallies[2] = { { 0 } };
	struct gzip_reader *r = NULL;
	struct error mine = { 0 };
	int rc = -1;

	if (e == NULL)
		e = &mine;
	s.arena = arena_new();
	if (source_open_input(&s.source, in, e) != 0) {
		rc = e->kind == ERROR_SYSTEM ? -1 : 0;
		goto done;
	}
	r = gzip_reader_new(in);
	if (s.source->kind == SOURCE_GZIP &&
	    compare_members(in, r, tallies, e) != 0)
		goto done;
	say_tally(&s, &tallies[GZIP_STORED]);
	say_tally(&s, &tallies[GZIP_DEFLATE]);
	rc = 0;
done:
	free(tallies[GZIP_STORED].offsets);
	free(tallies[GZIP_DEFLATE].offsets);
	gzip_reader_free(r);
	source_free(s.source);
	arena_free(s.arena);
	return rc;
}

int
verify_spelling(const char *path, const char *name,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e)
{
	struct input *in = NULL;
	int rc = input_open(&in, path, name, e);

	if (rc == 0)
		rc = verify_spelling_input(in, name, o, totals, e);
	input_free(in);
	return rc;
}
