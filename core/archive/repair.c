/* Salvage: every sound record of a damaged file, and nothing else. */
#include "core/archive/repair.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/record_copy.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"

struct repair {
	struct source *source;
	struct sink *sink;
	struct record_copier *copier;
	const struct repair_options *options;
	struct repair_totals *totals;
	struct arena *arena;
	struct digester *digesters[DIGEST_MD5 + 1]; /* made at first use */
	/* of the current record */
	struct digester *digest; /* NULL: none that can be computed */
	struct digest_value recorded;
};

const char *
repair_kind_name(enum repair_kind k)
{
	static const char *const names[] = { "lost", "changed", "reframed" };

	return names[k];
}

static int
begins_warc(const uint8_t *p, size_t len)
{
	if (len < 5)
		return -1;
	return memcmp(p, "WARC/", 5) == 0;
}

/* The first member that holds a record, behind bytes that are none of ours:
 * the file is read as gzip from there on, under a name that says so. */
static int
gzip_source(struct source **out, struct input *in, struct error *e)
{
	struct gzip_reader *reader;
	struct input *part;
	char *name;
	int found;
	int rc;

	if (!input_is_random(in))
		return -1;
	reader = gzip_reader_new(in);
	found = gzip_reader_resync(reader, 0, begins_warc);
	gzip_reader_free(reader);
	if (!found)
		return -1;
	name = mem_format("%s.warc.gz", input_name(in));
	part = input_part(in, name, 0, input_size(in));
	rc = source_open_input(out, part, e);
	input_free(part);
	free(name);
	return rc;
}

int
repair_source(struct source **out, struct input *in, struct error *e)
{
	struct error why = { 0 };

	if (source_open_input(out, in, &why) == 0)
		return 0;
	if (why.kind == ERROR_INPUT && gzip_source(out, in, &why) == 0)
		return 0;
	if (e != NULL)
		*e = why;
	return -1;
}

static const char *
uri_of(struct repair *x, const struct record *r, const char *name)
{
	const char *value = record_uri_field(x->arena, r, name);

	return value == NULL ? "" : value;
}

/* What happened at WHERE to the record R. */
static int
say(struct repair *x, enum repair_kind kind, const struct place *where,
    const char *code, const struct record *r, const char *text, struct error *e)
{
	const struct repair_finding f = { .kind = kind,
		.from = where->offset,
		.to = where->offset + where->length,
		.code = code,
		.text = text,
		.record = uri_of(x, r, "WARC-Record-ID"),
		.uri = uri_of(x, r, "WARC-Target-URI") };

	switch (kind) {
	case REPAIR_LOST:
		x->totals->lost++;
		x->totals->lost_bytes += where->length;
		break;
	case REPAIR_CHANGED:
		x->totals->changed++;
		break;
	case REPAIR_REFRAMED:
		x->totals->reframed++;
		break;
	}
	if (x->options->each == NULL)
		return 0;
	return x->options->each(x->options->context, &f, e);
}

static void
add_block(void *context, const uint8_t *p, size_t len)
{
	struct repair *x = context;

	if (x->digest != NULL)
		digester_add(x->digest, p, len);
}

static void
start_digest(struct repair *x, const struct record *r)
{
	const char *recorded = record_field(r, "WARC-Block-Digest");
	enum digest_kind kind;

	x->digest = NULL;
	if (recorded == NULL || !digest_parse(&x->recorded, recorded))
		return;
	kind = x->recorded.kind;
	if (x->digesters[kind] == NULL)
		x->digesters[kind] = digester_new(kind);
	x->digest = x->digesters[kind];
	digester_reset(x->digest);
}

/* 1: the block is not what its digest says. */
static int
digest_differs(const struct repair *x)
{
	uint8_t raw[DIGEST_RAW_MAX];

	return x->digest != NULL &&
	       (digester_raw(x->digest, raw) != x->recorded.len ||
		   memcmp(raw, x->recorded.raw, x->recorded.len) != 0);
}

/* A record that source_next gave: 0, -1. */
static int
take_record(struct repair *x, struct record *r, const struct place *where,
    struct error *e)
{
	struct record_copied copied;
	int rc = 0;

	start_digest(x, r);
	if (x->sink != NULL && sink_event(x->sink, e) != 0)
		return -1;
	if (record_copy(x->copier, x->arena, r, where, 0, &copied, e) != 0)
		return -1;
	if (copied.how == RECORD_BROKEN)
		return say(x, REPAIR_LOST, &copied.from, copied.from.code, r,
		    copied.text, e);
	x->totals->records++;
	x->totals->copied += copied.how == RECORD_COPIED;
	if (copied.text[0] != '\0')
		rc = say(x, REPAIR_REFRAMED, &copied.from, copied.from.code, r,
		    copied.text, e);
	if (rc == 0 && digest_differs(x))
		rc = say(x, REPAIR_CHANGED, &copied.from, "digest-block", r,
		    "the block is not that of WARC-Block-Digest", e);
	return rc;
}

/* The place stands in front of what the reader says. */
static const char *
bare_text(const struct place *where, const char *text)
{
	char *place = mem_format(
	    "%s at %" PRIu64 ": ", where->file, where->offset);
	size_t len = strlen(place);

	while (strncmp(text, place, len) == 0)
		text += len;
	free(place);
	return text;
}

static int
take_all(struct repair *x, struct error *e)
{
	struct error why = { 0 };
	struct place where;
	struct record r;
	int more;

	for (;;) {
		if (x->options->stop != NULL && *x->options->stop)
			return error_set(e, ERROR_LIMIT, "stopped");
		arena_reset(x->arena);
		error_clear(&why);
		more = source_next(x->source, x->arena, &r, &where, &why);
		if (more == 0)
			return 0;
		if (more < 0 && why.kind == ERROR_SYSTEM) {
			if (e != NULL)
				*e = why;
			return -1;
		}
		if (more < 0)
			more = say(x,
			    where.damaged ? REPAIR_LOST : REPAIR_REFRAMED,
			    &where, where.code, &r, bare_text(&where, why.text),
			    e);
		else
			more = take_record(x, &r, &where, e);
		if (more != 0)
			return -1;
	}
}

int
repair_records(struct source *s, struct input *in, struct sink *sink,
    const struct repair_options *o, struct repair_totals *totals,
    struct error *e)
{
	struct repair x = {
		.source = s, .sink = sink, .options = o, .totals = totals
	};
	const struct record_copy_options copy = { .each = add_block,
		.context = &x };
	int rc;

	x.arena = arena_new();
	x.copier = record_copier_new(s, in, sink, &copy);
	rc = take_all(&x, e);
	record_copier_free(x.copier);
	arena_free(x.arena);
	for (size_t i = 0; i <= DIGEST_MD5; i++)
		digester_free(x.digesters[i]);
	return rc;
}
