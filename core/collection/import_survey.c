/* The first reading of an import: what each file is and holds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/convert_head.h"
#include "core/archive/format.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/import_part.h"
#include "core/collection/seen_set.h"
#include "core/collection/withdrawn.h"

/* One file being verified. */
struct surveying {
	struct import *import;
	struct import_file *file;
	struct import_survey *survey;
	struct arena *arena;
	struct input *in;
	uint64_t others;    /* records that are not derived */
	int is_misframed;   /* the record under way */
	struct error error; /* where none can be returned */
};

void
import_survey_clear(struct import_survey *s)
{
	free(s->exceptions);
	*s = (struct import_survey){ 0 };
}

/* "WARC/1.0, gzip" by the first record. */
static const char *
format_of(struct arena *a, struct input *in, int *is_arc)
{
	struct arena *mine = arena_new();
	struct source *s = NULL;
	struct record r = { 0 };
	struct place where;
	const char *text = "";

	if (source_open_input(&s, in, NULL) == 0) {
		const char *way = s->kind == SOURCE_GZIP    ? "gzip"
				  : s->kind == SOURCE_PLAIN ? "plain"
							    : "zstd";

		*is_arc = strcmp(s->format->name, "arc") == 0;
		text = source_next(s, mine, &r, &where, NULL) == 1 &&
			       r.version != NULL
			   ? arena_format(a, "%.40s, %s", r.version, way)
			   : arena_format(a, "%s, %s", s->format->name, way);
	}
	source_free(s);
	arena_free(mine);
	return text;
}

static void
add_exception(struct import_survey *s, uint64_t number, enum import_way way)
{
	size_t n = s->exception_count;

	if (n > 0 && s->exceptions[n - 1].end == number &&
	    s->exceptions[n - 1].way == way) {
		s->exceptions[n - 1].end++;
		return;
	}
	if ((n & (n - 1)) == 0)
		s->exceptions = mem_grow(
		    s->exceptions, n == 0 ? 1 : 2 * n, sizeof(*s->exceptions));
	s->exceptions[n] = (struct import_exception){ number, number + 1, way };
	s->exception_count++;
}

/* Something that is not imported, for the report. */
static void
tell_left(struct surveying *y, uint64_t offset, const char *id,
    const char *code, const char *why)
{
	struct json *o;

	if (json_count(y->survey->left) >= IMPORT_LISTED)
		return;
	o = json_new_object(y->arena);
	json_set_integer(y->arena, o, "offset", (int64_t)offset);
	json_set_string(y->arena, o, "record", id);
	json_set_string(y->arena, o, "code", code);
	json_set_string(y->arena, o, "text", why);
	json_append(y->arena, y->survey->left, o);
}

static int
has_check(const char *code, enum verify_check check)
{
	return verify_check_of(code) == check;
}

static void
each_finding(void *context, const struct finding *f)
{
	struct surveying *y = context;

	if (f->severity == SEVERITY_DAMAGE) {
		y->file->damaged++;
		tell_left(y, f->offset, f->record, f->code, f->text);
		import_say(y->import, f);
	} else if (f->severity == SEVERITY_CHANGED) {
		/* EACH_RECORD counts the record. */
		import_say(y->import, f);
	} else if (f->severity == SEVERITY_WARNING &&
		   (has_check(f->code, CHECK_FRAMING) ||
		       has_check(f->code, CHECK_MEMBERS))) {
		y->is_misframed = 1;
	}
}

/* A record that no listing of ours could name. */
static void
leave_unfit(
    struct surveying *y, const struct verified_record *r, const char *why)
{
	const struct finding f = { SEVERITY_WARNING, "unfit", y->file->name,
		r->offset, r->id, why };

	y->file->unfit++;
	add_exception(y->survey, r->number, IMPORT_LEAVE);
	tell_left(y, r->offset, r->id, "unfit", why);
	import_say(y->import, &f);
}

static const char *
why_unfit(const struct verified_record *r)
{
	int64_t us;

	if (r->id[0] == '\0')
		return "has no record id";
	if (r->type[0] == '\0')
		return "has no type";
	if (!date_parse(r->date, &us, NULL))
		return "has no date that reads";
	return NULL;
}

/* What two copies of a record have in common, as a number. */
static uint64_t
likeness(const struct verified_record *r)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	struct buf b = { 0 };
	uint64_t value;

	buf_format(&b, "%s\n%s\n%s\n%s\n%" PRIu64, r->type, r->date, r->uri,
	    r->block_digest, r->block_len);
	digest_sha256(b.data, b.len, raw);
	memcpy(&value, raw, sizeof(value));
	buf_clear(&b);
	return value;
}

/* The id that an ARC record gets, in A. */
static const char *
arc_id(struct arena *a, const struct import_file *f,
    const struct verified_record *r)
{
	struct record converted = { 0 };

	record_add(a, &converted, "WARC-Target-URI", r->uri);
	record_add(a, &converted, "WARC-Date", r->date);
	(void)convert_arc_head(a, &converted, "WARC/1.1", f->name, r->offset);
	return record_uri_field(a, &converted, "WARC-Record-ID");
}

enum before { BEFORE_NOT, BEFORE_SAME, BEFORE_OTHER };

/* Did the record come before, or another one with its id? */
static enum before
came_before(struct surveying *y, const struct verified_record *r)
{
	uint64_t value = likeness(r);
	uint64_t was = value;

	/* A failure ends the survey. */
	if (seen_set_add(y->import->ids, r->id, value, &was, &y->error) != 0 &&
	    y->error.kind == ERROR_NONE)
		return BEFORE_NOT;
	return was == value ? BEFORE_SAME : BEFORE_OTHER;
}

static void
take_warcinfo(struct surveying *y, const struct verified_record *r)
{
	struct buf text = { 0 };
	size_t len = r->block_kept < IMPORT_WARCINFO ? r->block_kept
						     : IMPORT_WARCINFO;

	(void)text_add_clean(&text, r->block, len);
	y->file->warcinfo = arena_text(y->arena, buf_text(&text));
	buf_clear(&text);
}

static int
keep_block(void *context, const struct verified_record *r)
{
	const struct surveying *y = context;

	return import_is_article(r->content_type) ||
	       (strcmp(r->type, "warcinfo") == 0 &&
		   y->file->warcinfo[0] == '\0');
}

/* For the report, unless that has become too long to be written anyway. */
static void
mark(struct surveying *y, const char *id)
{
	struct import *m = y->import;

	if (m->marked_bytes > IMPORT_REPORT_MAX)
		return;
	m->marked_bytes += strlen(id) + strlen("\"\",");
	json_append(y->arena, y->survey->marked, json_new_string(y->arena, id));
}

/* Is it one that was left out before, or is to be left out now? */
static int
is_left(struct surveying *y, const struct verified_record *r)
{
	int mismatched = r->verdict == VERDICT_CHANGED;

	y->file->mismatched += (uint64_t)mismatched;
	if (!mismatched)
		return y->survey->only_mismatched;
	if (y->import->options->keep_mismatch) {
		mark(y, r->id);
		return 0;
	}
	tell_left(y, r->offset, r->id, "digest",
	    "is not what its digests say; --keep-mismatch takes it, marked");
	return 1;
}

/* Why R cannot be taken; NULL it can. BEFORE tells whether it came before. */
static const char *
why_left(struct surveying *y, const struct verified_record *r,
    enum before *before, enum import_has *has)
{
	const char *why = why_unfit(r);

	*before = BEFORE_NOT;
	*has = IMPORT_HAS_NOT;
	if (why == NULL)
		why = import_derived_unfit(r);
	if (why != NULL)
		return why;
	*before = came_before(y, r);
	if (*before == BEFORE_OTHER)
		return "another record of this import has its id";
	if (*before == BEFORE_NOT && y->error.kind == ERROR_NONE)
		(void)import_has(y->import, y->in, r, has, &y->error);
	return *has == IMPORT_HAS_OTHER
		   ? "another record of the collection has its id"
		   : NULL;
}

static void
take_record(struct surveying *y, const struct verified_record *r)
{
	y->file->copied++;
	if (r->length == 0)
		y->survey->anew = 1; /* it shares a member */
	if (import_is_article(r->content_type) && y->error.kind == ERROR_NONE)
		(void)import_article_from(y->import, r->refers_to, &y->error);
}

/* What was taken out for good does not come back by another door. */
static void
refuse_erased(struct surveying *y, const struct verified_record *r)
{
	const struct withdrawal *x = withdrawn_record(
	    y->import->withdrawn, r->id);
	char *what;

	if (x == NULL || !x->is_erased || y->error.kind != ERROR_NONE)
		return;
	what = mem_format("%s: %s", y->file->name, r->id);
	(void)withdrawn_refuse(x, what, &y->error);
	free(what);
}

static int
survey_record(struct surveying *y, const struct verified_record *r)
{
	int misframed = y->is_misframed;
	enum before before;
	enum import_has has;
	const char *why = why_left(y, r, &before, &has);

	refuse_erased(y, r);
	y->is_misframed = 0;
	y->file->records++;
	if (import_is_derived(r->type, r->content_type))
		y->survey->is_derived = 1;
	else
		y->others += strcmp(r->type, "warcinfo") != 0;
	if (r->block != NULL && strcmp(r->type, "warcinfo") == 0)
		take_warcinfo(y, r);
	if (why != NULL) {
		leave_unfit(y, r, why);
	} else if (before == BEFORE_SAME) {
		y->file->repeated++;
		add_exception(y->survey, r->number, IMPORT_LEAVE);
	} else if (has == IMPORT_HAS) {
		y->file->known++;
		add_exception(y->survey, r->number, IMPORT_LEAVE);
	} else if (is_left(y, r)) {
		add_exception(y->survey, r->number, IMPORT_LEAVE);
	} else {
		take_record(y, r);
		if (misframed)
			add_exception(y->survey, r->number, IMPORT_ANEW);
	}
	return y->error.kind != ERROR_NONE || import_is_stopped(y->import);
}

static int
each_record(void *context, const struct verified_record *r)
{
	struct surveying *y = context;
	struct verified_record named = *r;
	struct arena *a;
	int rc;

	if (!y->survey->is_arc)
		return survey_record(y, r);
	a = arena_new();
	named.id = arc_id(a, y->file, r);
	rc = survey_record(y, &named);
	arena_free(a);
	return rc;
}

/* Was a file of these bytes imported already? Then nothing of it is wanted,
 * unless it is what was left out then. */
static int
is_known(struct import *m, struct import_file *f, struct import_survey *s)
{
	const uint64_t *value = target_set_find(&m->before, f->sha256);

	if (value == NULL)
		return 0;
	if ((*value & 1) != 0 && m->options->keep_mismatch) {
		s->only_mismatched = 1;
		return 0;
	}
	f->already = m->snapshots[*value >> 1];
	return 1;
}

static int
verify(struct import *m, struct input *in, struct import_file *f,
    struct import_survey *s, struct error *e)
{
	struct surveying y = { .import = m,
		.file = f,
		.survey = s,
		.arena = m->result->arena,
		.in = in };
	const struct verify_options o = { .keep_block = keep_block,
		.each_record = each_record,
		.each_finding = each_finding,
		.context = &y };
	struct verify_totals totals = { 0 };

	f->format = format_of(y.arena, in, &s->is_arc);
	s->anew = s->is_arc || strstr(f->format, "gzip") == NULL;
	s->left = json_new_array(y.arena);
	s->marked = json_new_array(y.arena);
	if (verify_input(in, f->name, &o, &totals, e) != 0)
		return -1;
	s->is_derived &= y.others == 0;
	return y.error.kind == ERROR_NONE
		   ? 0
		   : error_set(e, y.error.kind, "%s", y.error.text);
}

struct import_file *
import_add_file(struct import *m, const char *name)
{
	struct import_result *r = m->result;
	size_t n = r->file_count;

	if ((n & (n - 1)) == 0) {
		size_t cap = n == 0 ? 1 : 2 * n;

		r->files = mem_grow(r->files, cap, sizeof(*r->files));
		m->surveys = mem_grow(m->surveys, cap, sizeof(*m->surveys));
	}
	m->surveys[n] = (struct import_survey){ 0 };
	r->files[n] = (struct import_file){
		.name = arena_text(r->arena, name),
		.format = "",
		.warcinfo = "",
		.already = "",
	};
	r->file_count++;
	return &r->files[n];
}

int
import_survey_file(struct import *m, struct input *in, struct error *e)
{
	struct import_result *r = m->result;
	struct import_file *f = import_add_file(m, input_name(in));
	struct import_survey *s = &m->surveys[r->file_count - 1];
	struct input *random;
	int rc;

	if (m->options->progress != NULL)
		m->options->progress(m->options->context, f->name, 0);
	if (import_make_random(m, in, &random, e) != 0)
		return -1;
	f->size = input_size(random);
	rc = input_sha256(random, f->sha256, e);
	if (rc == 0 && is_known(m, f, s)) {
		r->already++;
	} else if (rc == 0) {
		for (size_t i = 0; i + 1 < r->file_count; i++)
			if (strcmp(r->files[i].sha256, f->sha256) == 0)
				f->already = "given twice";
		if (f->already[0] != '\0')
			r->already++;
		else
			rc = verify(m, random, f, s, e);
	}
	input_free(random);
	r->copied += f->copied;
	r->damaged += f->damaged;
	r->mismatched += f->mismatched;
	r->unfit += f->unfit;
	r->known += f->known;
	return rc;
}
