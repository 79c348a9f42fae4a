/* Ids that stand twice, records named that are not there, revisits against
 * their originals: all by sorting. */
#include "core/archive/verify_references.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/verify_tell.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"

#define SORT_BYTES     ((size_t)4 * 1024 * 1024)
#define SORT_LATER     ((size_t)2 * 1024 * 1024)
#define ORIGINAL_BYTES (REFERENCE_PLACE_BYTES + REFERENCE_FACTS_BYTES)
#define PENDING_BYTES  ((size_t)64 * 1024)

struct verify_references {
	char **files;
	size_t file_count, file_cap;
	struct sorter *ids;
	struct spool *originals;
	struct buf pending; /* of those */
};

/* What is said of a revisit's original: the first that is not NONE counts. */
enum found { FOUND_EQUAL, FOUND_DIFFERENT, FOUND_NONE };

/* Strings of the last sorting: place, then this. */
enum late_kind {
	LATE_FINDING, /* severity, code, NUL, record, NUL, text, NUL */
	LATE_BY_DATE, /* enum found, record, NUL */
	LATE_BY_DIGEST
};

/* Strings of looking up originals: 'T' (by URI and date) or 'D' (by URI and
 * digest), the key, then 0: original, facts; or 1: revisit, facts, place, its
 * id. */
enum { SIDE_ORIGINAL, SIDE_REVISIT };

/* The end of it all. */
struct resolving {
	struct verify_references *r;
	struct sorter *known; /* revisits whose original is: by its place */
	struct sorter *lookup;
	struct sorter *late;
	int looks; /* some revisit is in LOOKUP */
	struct buf b;
	struct buf text;
	/* of the id at hand */
	struct buf id;
	uint64_t defined;
	struct reference_place first; /* defined at */
	int first_flags;
	uint32_t warcinfo_file; /* told of already, + 1 */
};

struct verify_references *
verify_references_new(void)
{
	struct verify_references *r = mem_zero(1, sizeof(*r));

	r->ids = sorter_new(SORT_BYTES, NULL);
	r->originals = spool_new(NULL, 1024 * 1024);
	return r;
}

void
verify_references_free(struct verify_references *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->file_count; i++)
		free(r->files[i]);
	free(r->files);
	sorter_free(r->ids);
	spool_free(r->originals);
	buf_clear(&r->pending);
	free(r);
}

uint32_t
references_file(struct verify_references *r, const char *name)
{
	if (r->file_count == r->file_cap) {
		r->file_cap = r->file_cap == 0 ? 16 : r->file_cap * 2;
		r->files = mem_grow(r->files, r->file_cap, sizeof(char *));
	}
	r->files[r->file_count] = mem_text(name);
	return (uint32_t)r->file_count++;
}

int
references_add(
    struct verify_references *r, const uint8_t *p, size_t len, struct error *e)
{
	return sorter_add(r->ids, p, len, e);
}

static int
flush_originals(struct verify_references *r, struct error *e)
{
	int rc = r->pending.len == 0 ? 0
				     : spool_add(r->originals, r->pending.data,
					   r->pending.len, e);

	buf_reset(&r->pending);
	return rc;
}

int
references_add_original(
    struct verify_references *r, const uint8_t *p, size_t len, struct error *e)
{
	buf_add(&r->pending, p, len);
	return r->pending.len < PENDING_BYTES ? 0 : flush_originals(r, e);
}

/* A finding for later. */
static int
late_finding(struct resolving *s, const struct reference_place *at,
    enum severity severity, const char *code, const char *record,
    struct error *e)
{
	buf_reset(&s->b);
	reference_pack_place(&s->b, at);
	buf_add_byte(&s->b, LATE_FINDING);
	buf_add_byte(&s->b, (uint8_t)severity);
	buf_add(&s->b, code, strlen(code) + 1);
	buf_add(&s->b, record, strlen(record) + 1);
	buf_add(&s->b, buf_text(&s->text), s->text.len + 1);
	return sorter_add(s->late, s->b.data, s->b.len, e);
}

static int
late_result(struct resolving *s, const struct reference_place *at,
    enum late_kind kind, enum found found, const char *record, struct error *e)
{
	buf_reset(&s->b);
	reference_pack_place(&s->b, at);
	buf_add_byte(&s->b, (uint8_t)kind);
	buf_add_byte(&s->b, (uint8_t)found);
	buf_add(&s->b, record, strlen(record) + 1);
	return sorter_add(s->late, s->b.data, s->b.len, e);
}

/* "NAME at OFFSET" */
static void
add_place(struct resolving *s, const struct reference_place *here,
    const struct reference_place *there)
{
	if (here->file == there->file)
		buf_format(&s->text, "at %" PRIu64, there->offset);
	else
		buf_format(&s->text, "%.300s at %" PRIu64,
		    s->r->files[there->file], there->offset);
}

/* The id at hand is that of another record. */
static int
define(struct resolving *s, const struct reference_place *at, int flags,
    struct error *e)
{
	struct buf id = { 0 };
	int rc = 0;

	if (s->defined++ == 0) {
		s->first = *at;
		s->first_flags = flags;
		return 0;
	}
	if (flags & REFERENCE_QUIET)
		return 0;
	reference_id_text(&id, s->id.data);
	buf_reset(&s->text);
	buf_add_text(&s->text, "another record has the same id: ");
	add_place(s, at, &s->first);
	rc = late_finding(s, at, SEVERITY_WARNING, "id", buf_text(&id), e);
	buf_clear(&id);
	return rc;
}

/* The id at hand is named by RECORD, which is fine if it was defined. */
static int
expect(struct resolving *s, enum reference_kind kind,
    const struct reference_place *at, const char *record, struct error *e)
{
	const char *code = kind == REFERENCE_CONCURRENT ? "concurrent-to"
			   : kind == REFERENCE_WARCINFO ? "warcinfo-id"
							: "refers-to";

	if (s->defined > 0)
		return 0;
	/* All records of a file name the same: once is enough. */
	if (kind == REFERENCE_WARCINFO && s->warcinfo_file == at->file + 1)
		return 0;
	if (kind == REFERENCE_WARCINFO)
		s->warcinfo_file = at->file + 1;
	buf_reset(&s->text);
	buf_add_text(&s->text, "names a record that is not there: ");
	reference_id_text(&s->text, s->id.data);
	return late_finding(s, at, SEVERITY_NOTE, code, record, e);
}

static void
pack_number(struct buf *b, uint64_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_add_byte(b, (uint8_t)(n >> shift));
}

/* Front of a lookup string. */
static void
pack_key(struct buf *b, char by, const struct reference_facts *f)
{
	buf_reset(b);
	buf_add_byte(b, (uint8_t)by);
	if (by == 'T') {
		pack_number(b, f->target);
		pack_number(b, (uint64_t)f->date);
	} else {
		pack_number(b, f->uri);
		buf_add(b, f->digest, REFERENCE_DIGEST_BYTES);
	}
}

static size_t
key_len(uint8_t by)
{
	return by == 'T' ? 17 : 1 + 8 + REFERENCE_DIGEST_BYTES;
}

static int
lookup_revisit(struct resolving *s, char by, const struct reference_facts *f,
    const struct reference_place *at, const char *record, struct error *e)
{
	pack_key(&s->b, by, f);
	buf_add_byte(&s->b, SIDE_REVISIT);
	reference_pack_facts(&s->b, f);
	reference_pack_place(&s->b, at);
	buf_add(&s->b, record, strlen(record) + 1);
	s->looks = 1;
	return sorter_add(s->lookup, s->b.data, s->b.len, e);
}

/* The id at hand is that of a revisit's original, or empty. */
static int
revisit(struct resolving *s, const struct reference_place *at,
    const uint8_t *more, struct error *e)
{
	struct reference_facts f;
	const char *record = (const char *)reference_read_facts(more, &f);
	int by_date = f.target != 0;
	int by_digest = f.digest[0] != 0;

	if (s->defined > 0 && s->first_flags & REFERENCE_IS_REVISIT) {
		buf_reset(&s->text);
		buf_add_text(&s->text, "its original is a revisit, ");
		add_place(s, at, &s->first);
		return late_finding(
		    s, at, SEVERITY_WARNING, "revisit", record, e);
	}
	if (s->defined > 0) {
		buf_reset(&s->b);
		reference_pack_place(&s->b, &s->first);
		reference_pack_place(&s->b, at);
		reference_pack_facts(&s->b, &f);
		buf_add(&s->b, record, strlen(record) + 1);
		return sorter_add(s->known, s->b.data, s->b.len, e);
	}
	if (!by_date && !by_digest)
		return late_result(s, at, LATE_BY_DATE, FOUND_NONE, record, e);
	if (by_date && lookup_revisit(s, 'T', &f, at, record, e) != 0)
		return -1;
	return by_digest ? lookup_revisit(s, 'D', &f, at, record, e) : 0;
}

/* Everything that was said of ids, id by id. */
static int
resolve_ids(struct resolving *s, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	if (sorter_begin(s->r->ids, e) != 0)
		return -1;
	while ((more = sorter_next(s->r->ids, &p, &len, e)) > 0) {
		size_t n = reference_id_len(p);
		struct reference_place at;
		enum reference_kind kind = (enum reference_kind)p[n];
		const uint8_t *rest = reference_read_place(p + n + 1, &at);
		int rc;

		if (s->id.len != n || memcmp(buf_text(&s->id), p, n) != 0) {
			buf_reset(&s->id);
			buf_add(&s->id, p, n);
			s->defined = 0;
			s->warcinfo_file = 0;
		}
		if (kind == REFERENCE_DEFINED)
			rc = define(s, &at, rest[0], e);
		else if (kind == REFERENCE_REVISIT)
			rc = revisit(s, &at, rest, e);
		else
			rc = expect(s, kind, &at, (const char *)rest, e);
		if (rc != 0)
			return -1;
	}
	return more;
}

/* Does the payload of a revisit agree with that of its original? */
static enum found
compare(const struct reference_facts *a, const struct reference_facts *b)
{
	if (a->digest[0] == 0 || a->digest[0] != b->digest[0])
		return FOUND_EQUAL; /* nothing to compare */
	return memcmp(a->digest, b->digest, REFERENCE_DIGEST_BYTES) == 0
		   ? FOUND_EQUAL
		   : FOUND_DIFFERENT;
}

/* All originals in the order of their files. */
struct originals {
	struct stream *stream;
	const uint8_t *p;
	size_t left;
	uint8_t one[ORIGINAL_BYTES];
};

static void
originals_begin(struct resolving *s, struct originals *o)
{
	*o = (struct originals){ .stream = spool_stream(s->r->originals, 0,
				     spool_len(s->r->originals)) };
}

/* 1; 0, the end; -1 */
static int
originals_next(struct originals *o, struct reference_place *at,
    struct reference_facts *f, struct error *e)
{
	size_t have = 0;

	while (have < ORIGINAL_BYTES) {
		size_t n;
		int more;

		if (o->left == 0 &&
		    (more = stream_next(o->stream, &o->p, &o->left, e)) <= 0)
			return more;
		n = o->left < ORIGINAL_BYTES - have ? o->left
						    : ORIGINAL_BYTES - have;
		memcpy(o->one + have, o->p, n);
		have += n;
		o->p += n;
		o->left -= n;
	}
	reference_read_facts(reference_read_place(o->one, at), f);
	return 1;
}

/* Revisits whose original is known by its id: both are in the order of the
 * originals' places. */
static int
resolve_known(struct resolving *s, struct error *e)
{
	struct originals o;
	struct reference_facts original;
	struct reference_place place;
	const uint8_t *p;
	size_t len;
	int have;
	int more = 0;

	if (sorter_begin(s->known, e) != 0)
		return -1;
	originals_begin(s, &o);
	have = originals_next(&o, &place, &original, e);
	while (have >= 0 && (more = sorter_next(s->known, &p, &len, e)) > 0) {
		struct reference_facts f;
		struct reference_place at;
		const char *record;

		while (have > 0 && memcmp(o.one, p, REFERENCE_PLACE_BYTES) < 0)
			have = originals_next(&o, &place, &original, e);
		if (have <= 0 || memcmp(o.one, p, REFERENCE_PLACE_BYTES) != 0)
			continue;
		record = (const char *)reference_read_facts(
		    reference_read_place(p + REFERENCE_PLACE_BYTES, &at), &f);
		if (compare(&f, &original) == FOUND_DIFFERENT &&
		    late_result(
			s, &at, LATE_BY_DATE, FOUND_DIFFERENT, record, e) != 0)
			have = -1;
	}
	stream_free(o.stream);
	return have < 0 || more < 0 ? -1 : 0;
}

/* Beside the revisits that must be looked up: all originals, both ways. */
static int
lookup_originals(struct resolving *s, struct error *e)
{
	struct originals o;
	struct reference_facts f;
	struct reference_place place;
	int more;

	originals_begin(s, &o);
	while ((more = originals_next(&o, &place, &f, e)) > 0) {
		for (int i = 0; more > 0 && i < 2; i++) {
			if (i == 1 && f.digest[0] == 0)
				continue;
			pack_key(&s->b, i == 0 ? 'T' : 'D', &f);
			buf_add_byte(&s->b, SIDE_ORIGINAL);
			reference_pack_facts(&s->b, &f);
			if (sorter_add(s->lookup, s->b.data, s->b.len, e) != 0)
				more = -1;
		}
		if (more < 0)
			break;
	}
	stream_free(o.stream);
	return more;
}

static int
resolve_lookup(struct resolving *s, struct error *e)
{
	struct buf key = { 0 };
	struct reference_facts original;
	int originals = 0;
	const uint8_t *p;
	size_t len;
	int more = -1;

	if (lookup_originals(s, e) != 0 || sorter_begin(s->lookup, e) != 0)
		goto done;
	while ((more = sorter_next(s->lookup, &p, &len, e)) > 0) {
		size_t n = key_len(p[0]);
		struct reference_facts f;
		struct reference_place at;
		const uint8_t *rest = reference_read_facts(p + n + 1, &f);
		enum found found = FOUND_NONE;

		if (key.len != n || memcmp(key.data, p, n) != 0) {
			buf_reset(&key);
			buf_add(&key, p, n);
			originals = 0;
		}
		if (p[n] == SIDE_ORIGINAL) {
			originals = 1;
			original = f; /* of several the last */
			continue;
		}
		rest = reference_read_place(rest, &at);
		if (originals)
			found = p[0] == 'T' ? compare(&f, &original)
					    : FOUND_EQUAL;
		more = late_result(s, &at,
		    p[0] == 'T' ? LATE_BY_DATE : LATE_BY_DIGEST, found,
		    (const char *)rest, e);
		if (more != 0)
			break;
	}
done:
	buf_clear(&key);
	return more;
}

/* What is known of one revisit, while its strings come. */
struct outcome {
	struct reference_place at;
	int there;
	enum found found;
	struct buf record;
};

static void
say_outcome(struct teller *t, const struct resolving *s, struct outcome *o)
{
	if (!o->there || o->found == FOUND_EQUAL) {
		o->there = 0;
		return;
	}
	o->there = 0;
	tell(t, s->r->files[o->at.file],
	    &(const struct finding){ .severity = o->found == FOUND_DIFFERENT
						     ? SEVERITY_CHANGED
						     : SEVERITY_NOTE,
		.code = "revisit",
		.offset = o->at.offset,
		.record = buf_text(&o->record),
		.text = o->found == FOUND_DIFFERENT
			    ? "payload digest differs from that of its original"
			    : "its original is not there" });
}

static void
late_string(struct teller *t, const struct resolving *s, struct outcome *o,
    const uint8_t *p)
{
	struct reference_place at;
	const uint8_t *rest = reference_read_place(p, &at);
	const char *code = (const char *)rest + 2;

	if (o->there && (at.file != o->at.file || at.offset != o->at.offset ||
			    at.index != o->at.index))
		say_outcome(t, s, o);
	if (rest[0] == LATE_FINDING) {
		const char *record = code + strlen(code) + 1;

		tell(t, s->r->files[at.file],
		    &(const struct finding){ .severity = (enum severity)rest[1],
			.code = code,
			.offset = at.offset,
			.record = record,
			.text = record + strlen(record) + 1 });
		return;
	}
	/* By URI and date comes first; the other only if that found none. */
	if (!o->there || o->found == FOUND_NONE)
		o->found = (enum found)rest[1];
	if (!o->there) {
		buf_reset(&o->record);
		buf_add_text(&o->record, (const char *)rest + 2);
	}
	o->there = 1;
	o->at = at;
}

static int
say_late(struct resolving *s, struct teller *t, struct error *e)
{
	struct outcome o = { 0 };
	const uint8_t *p;
	size_t len;
	int more;

	if (sorter_begin(s->late, e) != 0)
		return -1;
	while ((more = sorter_next(s->late, &p, &len, e)) > 0)
		late_string(t, s, &o, p);
	say_outcome(t, s, &o);
	buf_clear(&o.record);
	return more;
}

int
verify_references_end(struct verify_references *r,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e)
{
	struct resolving s = { .r = r };
	struct teller t = { .options = o, .totals = totals };
	int rc = -1;

	s.late = sorter_new(SORT_LATER, NULL);
	s.known = sorter_new(SORT_LATER, NULL);
	s.lookup = sorter_new(SORT_BYTES, NULL);
	if (flush_originals(r, e) == 0 && resolve_ids(&s, e) == 0) {
		sorter_free(r->ids); /* its memory is wanted */
		r->ids = NULL;
		rc = resolve_known(&s, e);
		if (rc == 0 && s.looks)
			rc = resolve_lookup(&s, e);
		if (rc == 0)
			rc = say_late(&s, &t, e);
	}
	sorter_free(s.late);
	sorter_free(s.known);
	sorter_free(s.lookup);
	buf_clear(&s.b);
	buf_clear(&s.text);
	buf_clear(&s.id);
	return rc;
}
