/* Record files into record files. */
#include "core/archive/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/convert_head.h"
#include "core/archive/convert_seen.h"
#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/archive/record_copy.h"
#include "core/archive/record_facts.h"
#include "core/archive/record_filter.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { EVENT_IDS = 16 };

/* Records that belong together: a response, its request, metadata on it. */
struct event {
	char *ids[EVENT_IDS];
	char *uri;
	size_t count;
	char *awaits; /* the id its last request says it is concurrent to */
	int waiting;  /* it is one request so far, whose response may come */
	int verdict;  /* 1 wanted, 0 not; while WAITING: what the request is
		       * worth alone */
	int copied;   /* ... byte for byte */
	int written;  /* while WAITING: it is in the sink, to be undone */
};

struct converter {
	struct sink *sink;
	struct convert_options options;
	struct convert_totals totals;
	struct convert_seen *seen;
	struct arena *arena;
	struct event event;
	/* of the current input */
	struct source *source;
	struct record_copier *copier;
	const char *name;
	int is_arc;
};

struct converter *
converter_new(struct sink *sink, const struct convert_options *o)
{
	struct converter *c = mem_zero(1, sizeof(*c));

	c->sink = sink;
	c->options = *o;
	c->seen = convert_seen_new();
	c->arena = arena_new();
	return c;
}

static void
event_clear(struct event *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->ids[i]);
	free(v->uri);
	free(v->awaits);
	*v = (struct event){ 0 };
}

void
converter_free(struct converter *c)
{
	if (c == NULL)
		return;
	event_clear(&c->event);
	convert_seen_free(c->seen);
	arena_free(c->arena);
	free(c);
}

const struct convert_totals *
converter_totals(const struct converter *c)
{
	return &c->totals;
}

static int
in_event(const struct event *v, const char *id)
{
	for (size_t i = 0; id != NULL && i < v->count; i++)
		if (strcmp(v->ids[i], id) == 0)
			return 1;
	return 0;
}

/* Does a record belong to the event that is being read? */
static int
is_of_event(
    struct converter *c, const struct record *r, const struct record_facts *f)
{
	const struct event *v = &c->event;
	const char *with = record_uri_field(c->arena, r, "WARC-Concurrent-To");

	if (v->count == 0 || f->type == RECORD_WARCINFO)
		return 0;
	/* Only the last record can be taken back. */
	if (v->waiting && f->type == RECORD_REQUEST)
		return 0;
	if (in_event(v, with) ||
	    (v->awaits != NULL && strcmp(v->awaits, f->id) == 0))
		return 1;
	if (f->type == RECORD_METADATA &&
	    in_event(v, record_uri_field(c->arena, r, "WARC-Refers-To")))
		return 1;
	/* A request without a word of its response, or the other way. */
	return with == NULL && v->awaits == NULL && f->uri[0] != '\0' &&
	       v->uri != NULL && strcmp(v->uri, f->uri) == 0 &&
	       (f->type == RECORD_REQUEST
		       ? v->count == 1 && !v->waiting
		       : v->waiting && f->type != RECORD_METADATA);
}

static void
join_event(
    struct converter *c, const struct record *r, const struct record_facts *f)
{
	struct event *v = &c->event;
	const char *with = record_uri_field(c->arena, r, "WARC-Concurrent-To");

	if (v->count < EVENT_IDS)
		v->ids[v->count++] = mem_text(f->id);
	if (v->uri == NULL)
		v->uri = mem_text(f->uri);
	if (f->type == RECORD_REQUEST && with != NULL && v->awaits == NULL)
		v->awaits = mem_text(with);
}

static int
takes_type(const struct converter *c, const struct record_facts *f)
{
	return c->options.filter == NULL ||
	       record_filter_type(c->options.filter, f);
}

/* Remember what became of a record, for requests and revisits to come. */
static void
remember(struct converter *c, const struct record_facts *f, int went)
{
	if (f->id[0] != '\0')
		convert_seen_add(c->seen, f->id, "", went);
	if ((f->type == RECORD_RESPONSE || f->type == RECORD_RESOURCE) &&
	    f->uri[0] != '\0')
		convert_seen_add(c->seen, f->uri, f->timestamp, went);
}

/* A revisit that goes over: is its original known not to have gone? */
static int
is_orphan(struct converter *c, const struct record *r)
{
	const char *id = record_uri_field(c->arena, r, "WARC-Refers-To");
	const char *uri = record_uri_field(
	    c->arena, r, "WARC-Refers-To-Target-URI");
	const char *date = record_field(r, "WARC-Refers-To-Date");
	char digits[15];
	size_t n = 0;

	if (id != NULL && convert_seen_find(c->seen, id, "") == 0)
		return 1;
	if (uri == NULL || date == NULL)
		return 0;
	for (; *date != '\0' && *date != '.' && n < 14; date++)
		if (*date >= '0' && *date <= '9')
			digits[n++] = *date;
	digits[n] = '\0';
	return convert_seen_find(c->seen, uri, digits) == 0;
}

static void
say_damage(struct converter *c, const struct place *where, const char *text)
{
	c->totals.damaged++;
	c->totals.damaged_bytes += where->length;
	if (c->options.damage != NULL)
		c->options.damage(c->options.context, where, text);
}

/* Change R's head as asked: 1 changed, 0 not. */
static int
change_head(struct converter *c, struct record *r, const struct place *where)
{
	const char *version = c->options.version;

	if (c->is_arc) {
		if (!convert_arc_head(c->arena, r,
			version == NULL ? "WARC/1.1" : version, where->file,
			where->offset))
			c->totals.undated++;
		return 1;
	}
	return version != NULL && convert_head(c->arena, r, version);
}

/* Write the record: 1 it went over, 0 it is broken, -1. */
static int
write_record(struct converter *c, struct record *r, const struct place *where,
    struct error *e)
{
	struct record_copied copied;
	int changed = change_head(c, r, where);

	if (record_copy(c->copier, c->arena, r, where, changed, &copied, e) !=
	    0)
		return -1;
	if (copied.how == RECORD_BROKEN) {
		say_damage(c, &copied.from, copied.text);
		return 0;
	}
	c->totals.read++;
	c->totals.records++;
	c->totals.copied += copied.how == RECORD_COPIED;
	c->event.copied = copied.how == RECORD_COPIED;
	return 1;
}

/* Read past the record. */
static int
pass_record(struct converter *c, struct error *e)
{
	struct error why = { 0 };
	struct place where;

	if (source_finish(c->source, &where, &why) != 0 &&
	    why.kind == ERROR_SYSTEM) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (where.damaged) {
		say_damage(c, &where, why.text);
		return 0;
	}
	c->totals.read++;
	c->totals.filtered++;
	return 0;
}

/* The request that waited turns out to be unwanted. */
static int
drop_waiting(struct converter *c, struct error *e)
{
	struct event *v = &c->event;

	v->waiting = 0;
	if (!v->written)
		return 0;
	v->written = 0;
	c->totals.records--;
	c->totals.copied -= (uint64_t)v->copied;
	c->totals.filtered++;
	if (v->count > 0)
		convert_seen_add(c->seen, v->ids[0], "", 0);
	return c->sink == NULL ? 0 : sink_undo(c->sink, e);
}

/* No response came: the request is judged alone. */
static int
end_event(struct converter *c, struct error *e)
{
	struct event *v = &c->event;
	int rc = 0;

	if (v->waiting && !v->verdict)
		rc = drop_waiting(c, e);
	event_clear(v);
	return rc;
}

/* With a filter on more than types: is the record wanted? 1 / 0 / -1. */
static int
judge(struct converter *c, const struct record *r, const struct record_facts *f,
    int joins, struct error *e)
{
	struct event *v = &c->event;
	const char *with = record_uri_field(c->arena, r, "WARC-Concurrent-To");
	int fits = record_filter_fits(c->options.filter, f);
	int known;

	if (f->type == RECORD_WARCINFO)
		return 1;
	/* The response that a request waited for; or metadata on the request,
	 * and then none is known of. */
	if (joins && v->waiting && f->type != RECORD_REQUEST) {
		if (f->type != RECORD_METADATA)
			v->verdict = fits;
		if (!v->verdict && drop_waiting(c, e) != 0)
			return -1;
		v->waiting = 0;
		v->written = 0;
		return v->verdict;
	}
	if (joins)
		return v->verdict;
	known = with == NULL ? -1 : convert_seen_find(c->seen, with, "");
	if ((f->type == RECORD_REQUEST || f->type == RECORD_METADATA) &&
	    known >= 0)
		return v->verdict = known;
	v->verdict = fits;
	v->waiting = f->type == RECORD_REQUEST;
	return v->waiting ? 1 : fits;
}

/* A record of which something is asked. */
static int
take_asked(struct converter *c, struct record *r, const struct place *where,
    struct error *e)
{
	int asks = c->options.filter != NULL &&
		   record_filter_asks(c->options.filter);
	struct record_facts f;
	int wanted = 1;
	int orphan;
	int joins;

	(void)record_facts_read(c->arena, r, &f, NULL); /* copying finds out */
	joins = is_of_event(c, r, &f);
	if (!joins) {
		if (end_event(c, e) != 0 ||
		    (c->sink != NULL && sink_event(c->sink, e) != 0))
			return -1;
	}
	if (asks && (wanted = judge(c, r, &f, joins, e)) < 0)
		return -1;
	join_event(c, r, &f);
	wanted = wanted && takes_type(c, &f);
	orphan = wanted && f.type == RECORD_REVISIT && is_orphan(c, r);
	if (!wanted) {
		remember(c, &f, 0);
		return pass_record(c, e);
	}
	if ((wanted = write_record(c, r, where, e)) < 0)
		return -1;
	remember(c, &f, wanted);
	c->totals.orphans += wanted && orphan;
	c->event.written = wanted && c->event.waiting;
	return 0;
}

static int
take_all(struct converter *c, int is_asked, struct error *e)
{
	struct error why = { 0 };
	struct place where;
	struct record r;
	int more;

	for (;;) {
		if (c->options.stop != NULL && *c->options.stop)
			return error_set(e, ERROR_LIMIT, "stopped");
		arena_reset(c->arena);
		error_clear(&why);
		more = source_next(c->source, c->arena, &r, &where, &why);
		if (more == 0)
			return 0;
		if (more < 0 && why.kind == ERROR_SYSTEM) {
			if (e != NULL)
				*e = why;
			return -1;
		}
		if (more < 0) {
			if (where.damaged)
				say_damage(c, &where, why.text);
			continue;
		}
		c->is_arc = text_starts(r.version, "ARC/");
		if (is_asked ? take_asked(c, &r, &where, e) != 0
			     : write_record(c, &r, &where, e) < 0)
			return -1;
	}
}

int
converter_add(struct converter *c, struct input *in, struct error *e)
{
	const struct record_copy_options copy = { .recompress = 1,
		.add_digest = 1 };
	int is_asked = c->options.filter != NULL ||
		       (c->sink != NULL && sink_splits(c->sink));
	int rc;

	if (source_open_input(&c->source, in, e) != 0)
		return -1;
	c->name = input_name(in);
	c->totals.files++;
	c->copier = record_copier_new(c->source, in, c->sink, &copy);
	rc = take_all(c, is_asked, e);
	if (rc == 0)
		rc = end_event(c, e);
	record_copier_free(c->copier);
	source_free(c->source);
	c->copier = NULL;
	c->source = NULL;
	return rc;
}
