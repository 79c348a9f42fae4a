/* One thread's reading of records: never stopping at a finding. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/archive/parallel.h"
#include "core/archive/verify_references.h"
#include "core/archive/verify_state.h"
#include "core/archive/verify_tell.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define PROGRESS_BYTES ((uint64_t)1024 * 1024)

int
verify_send(struct verifier *v)
{
	if (v->stopped == 0)
		v->stopped = outlet_put(
		    v->out, v->message.data, v->message.len, v->error);
	return v->stopped;
}

static void
message_start(struct verifier *v, enum verify_message kind)
{
	buf_reset(&v->message);
	buf_add_byte(&v->message, (uint8_t)kind);
}

void
verify_say_if(struct verifier *v, enum verify_condition condition,
    const char *id, enum severity severity, const char *code, const char *text)
{
	const char *record = v->now.id == NULL ? "" : v->now.id;
	const struct message_finding m = { (int)condition, severity, code,
		v->now.offset };
	enum verify_check check = verify_check_of(code);

	if (check != CHECK_COUNT && !verify_wants(v, check))
		return;
	/* Of where it stands, not of what it is, the verdict says nothing. */
	if (condition == IF_ALWAYS)
		v->severities |= 1u << severity;
	message_start(v, MESSAGE_FINDING);
	buf_add(&v->message, &m, sizeof(m));
	buf_add(&v->message, id, strlen(id) + 1);
	buf_add(&v->message, record, strlen(record) + 1);
	buf_add(&v->message, text, strlen(text) + 1);
	(void)verify_send(v); /* who reads on asks V->stopped */
}

void
verify_say(struct verifier *v, enum severity severity, const char *code,
    const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	verify_say_if(v, IF_ALWAYS, "", severity, code, text);
}

/* Do the bytes at WHERE reach to the end of the file without looking like a
 * record at all? */
static int
is_trailing(const struct verifier *v, const struct place *where)
{
	uint8_t first[5];
	size_t n;

	if (!where->damaged || where->offset == 0 ||
	    where->offset + where->length != input_size(v->in))
		return 0;
	if (strcmp(where->code, "gzip-header") == 0 ||
	    strcmp(where->code, "zstd-header") == 0)
		return 1;
	return strcmp(where->code, "head") == 0 &&
	       v->source->kind == SOURCE_PLAIN &&
	       input_read(
		   v->in, where->offset, first, sizeof(first), &n, NULL) == 0 &&
	       memcmp(first, "WARC/", n) != 0;
}

/* Without the place, which the finding has itself. */
void
verify_say_place(
    struct verifier *v, const struct place *where, const struct error *e)
{
	char place[ERROR_TEXT_MAX];
	const char *text = e->text;
	size_t len;

	(void)snprintf(place, sizeof(place), "%s at %" PRIu64 ": ",
	    input_name(v->in), where->offset);
	len = strlen(place);
	while (strncmp(text, place, len) == 0)
		text += len;
	v->now.offset = where->offset;
	if (is_trailing(v, where))
		verify_say(v, SEVERITY_DAMAGE, "trailing",
		    "%" PRIu64 " bytes behind the last record are none: %s",
		    where->length, text);
	else if (where->damaged && where->length > 0)
		verify_say(v, SEVERITY_DAMAGE, where->code,
		    "%s (%" PRIu64 " bytes are passed over)", text,
		    where->length);
	else
		verify_say(v,
		    where->damaged ? SEVERITY_DAMAGE : SEVERITY_WARNING,
		    where->code, "%s", text);
}

static const char *
value_of(const struct verifier *v, enum verify_field field)
{
	return v->fields[field] == NULL ? "" : v->fields[field];
}

static const char *
uri_of(struct verifier *v, enum verify_field field)
{
	const char *value = v->fields[field];

	if (value == NULL)
		return "";
	return value[0] == '<' ? record_bare_uri(v->arena, value) : value;
}

/* Records of one capture have one date: it is often that of the last. */
static void
read_date(struct verifier *v)
{
	const char *date = v->now.date;

	if (strcmp(date, v->date) != 0) {
		v->date[0] = '\n'; /* stands in none */
		v->date_offset = 0;
		v->date_us = 0;
		v->date_reads = date_parse(date, &v->date_us, &v->date_offset);
		if (strlen(date) < sizeof(v->date))
			memcpy(v->date, date, strlen(date) + 1);
	}
	v->now.date_us = v->date_us;
}

/* What the head says of the record. */
static void
start_record(struct verifier *v, const struct place *where)
{
	struct verified_record *now = &v->now;

	verify_fields_find(v);
	*now = (struct verified_record){ .file = v->file,
		.offset = where->offset,
		.type = value_of(v, FIELD_TYPE),
		.id = uri_of(v, FIELD_RECORD_ID),
		.uri = uri_of(v, FIELD_TARGET_URI),
		.date = value_of(v, FIELD_DATE),
		.refers_to = uri_of(v, FIELD_REFERS_TO),
		.concurrent_to = uri_of(v, FIELD_CONCURRENT_TO),
		.content_type = value_of(v, FIELD_CONTENT_TYPE),
		.warcinfo_id = uri_of(v, FIELD_WARCINFO_ID),
		.truncated = value_of(v, FIELD_TRUNCATED),
		.refers_to_uri = uri_of(v, FIELD_REFERS_TO_TARGET_URI),
		.mime = "",
		.block_digest = value_of(v, FIELD_BLOCK_DIGEST),
		.payload_digest = value_of(v, FIELD_PAYLOAD_DIGEST),
		.block_len = v->record->block_len };
	v->is_uuid = reference_uuid(now->id, v->uuid);
	read_date(v);
	if (v->number > 0 && v->member == where->offset)
		v->member_index++;
	else
		v->member_index = 0;
	v->member = where->offset;
	v->number++;
	v->counts.records++;
}

/* The record's message of that kind. */
static void
send_record(struct verifier *v, enum verify_message kind)
{
	const struct message_record m = { v->now, v->member_index };

	message_start(v, kind);
	buf_add(&v->message, &m, sizeof(m));
	message_record_texts(&v->message, &v->now);
	(void)verify_send(v); /* who reads on asks V->stopped */
}

static void
send_counts(struct verifier *v)
{
	message_start(v, MESSAGE_COUNTS);
	buf_add(&v->message, &v->counts, sizeof(v->counts));
	(void)verify_send(v); /* as above */
	v->counts = (struct verify_counts){ 0 };
}

/* A record of this offset is over. */
static void
tell_progress(struct verifier *v, uint64_t offset)
{
	if (v->options->progress == NULL || offset < v->told + PROGRESS_BYTES)
		return;
	v->told = v->counts.offset = offset;
	send_counts(v);
}

/* Is the block to be kept by this thread? */
static int
wants_block(struct verifier *v)
{
	if (v->options->keep_block == NULL)
		return 0;
	send_record(v, MESSAGE_START);
	return outlet_is_direct(v->out) && v->teller->keep;
}

/* Read the block: 1 whole; 0 not (source_finish knows why); -1. */
static int
read_block(struct verifier *v, struct error *e)
{
	const uint8_t *data;
	size_t len;
	int keep = wants_block(v);
	int more;

	buf_reset(&v->kept);
	verify_block_start(v);
	while ((more = stream_next(v->record->block, &data, &len, NULL)) > 0) {
		if (verify_block_add(v, data, len, e) != 0)
			return -1;
		v->counts.block_bytes += len;
		if (keep)
			buf_add(&v->kept, data, len);
		if (outlet_is_closed(v->out)) {
			v->stopped = 1;
			return 0;
		}
	}
	if (more < 0)
		return 0;
	verify_block_end(v);
	if (verify_wants(v, CHECK_DIGESTS) && verify_payload_rule(v, e) != 0)
		return -1;
	if (keep) {
		v->now.block = (const uint8_t *)buf_text(&v->kept);
		v->now.block_kept = v->kept.len;
	}
	return 1;
}

/* Our own files: each request stands behind what it asked for. */
static void
check_order(struct verifier *v)
{
	const char *text = "request does not follow the record it belongs to";
	unsigned severities = v->severities;

	if (v->type == RECORD_REQUEST) {
		if (v->previous_id.len == 0)
			verify_say_if(v, IF_NOT_AFTER, v->now.concurrent_to,
			    SEVERITY_WARNING, "order", text);
		else if (strcmp(v->now.concurrent_to,
			     buf_text(&v->previous_id)) != 0)
			verify_say(v, SEVERITY_WARNING, "order", "%s", text);
	}
	if (v->type == RECORD_WARCINFO && !v->options->joined)
		verify_say_if(v, v->number > 1 ? IF_ALWAYS : IF_NOT_FIRST, "",
		    SEVERITY_WARNING, "warcinfo", "a second warcinfo record");
	v->severities = severities;
	if (v->now.block_digest[0] == '\0')
		verify_say(v, SEVERITY_WARNING, "field-missing",
		    "WARC-Block-Digest is missing");
	buf_reset(&v->previous_id);
	buf_add_text(&v->previous_id, v->now.id);
}

static enum verdict
verdict_of(const struct verifier *v)
{
	if (v->severities & 1u << SEVERITY_CHANGED)
		return VERDICT_CHANGED;
	if (v->severities & 1u << SEVERITY_DAMAGE)
		return VERDICT_DAMAGED;
	if (v->severities & 1u << SEVERITY_WARNING)
		return VERDICT_WARNED;
	if (v->rule != PAYLOAD_STANDARD)
		return v->rule == PAYLOAD_FRAMED ? VERDICT_FRAMED
						 : VERDICT_DECODED;
	if ((v->now.block_digest[0] != '\0' && !v->block_digest.reads) ||
	    (v->now.payload_digest[0] != '\0' && !v->payload_digest.reads) ||
	    (v->block_digest.digester == NULL &&
		v->payload_digest.digester == NULL))
		return VERDICT_UNPROVED;
	return VERDICT_SOUND;
}

/* All that can be said of a record that was read whole. */
static void
judge(struct verifier *v)
{
	verify_fields(v);
	if (v->options->ours)
		check_order(v);
	verify_digests(v);
	v->now.verdict = verdict_of(v);
	v->counts.verdicts[v->now.verdict]++;
	if (v->options->each_record == NULL)
		return;
	send_counts(v);
	send_record(v, MESSAGE_RECORD);
}

/* A record is there. 0, or -1. */
static int
verify_record(struct verifier *v, struct place *where, struct error *e)
{
	int whole;

	start_record(v, where);
	whole = read_block(v, e);
	if (whole < 0 || v->stopped != 0)
		return whole < 0 ? -1 : 0;
	if (source_finish(v->source, where, e) != 0) {
		if (e->kind == ERROR_SYSTEM)
			return -1;
		verify_say_place(v, where, e);
		error_clear(e);
	}
	/* Nothing more is said of what does not read; but others name it. */
	whole = whole && !where->damaged;
	v->now.length = whole ? where->length : 0;
	verify_references_of(v, whole);
	if (whole)
		judge(v);
	else {
		v->counts.verdicts[VERDICT_DAMAGED]++;
		if (v->options->each_record != NULL)
			send_counts(v);
	}
	tell_progress(v, v->now.offset);
	return 0;
}

/* Forget the stretch before. */
static int
start_stretch(struct verifier *v, const struct stretch *s, struct error *e)
{
	/* A new source stands at 0. */
	if ((v->used || s->start != 0) &&
	    source_seek(v->source, s->start, e) != 0)
		return -1;
	v->used = 1;
	v->source->rewinds = s->rewinds;
	v->record = &v->current;
	v->number = 0;
	v->stopped = 0;
	v->error = e;
	v->counts = (struct verify_counts){ 0 };
	v->told = s->start;
	memset(v->recent, 0, sizeof(v->recent));
	buf_reset(&v->previous_id);
	buf_reset(&v->warcinfo);
	v->warcinfo_is_uuid = 0;
	return 0;
}

/* The next record or damage: 1; 0, the stretch ends here; -1. */
static int
verify_next(struct verifier *v, struct stretch *s, struct error *e)
{
	struct place where;
	unsigned before = v->source->rewinds;
	int more;

	arena_reset(v->arena);
	v->now = (struct verified_record){ .id = "" };
	v->severities = 0;
	more = source_next(v->source, v->arena, v->record, &where, e);
	if (more < 0 && e->kind == ERROR_SYSTEM)
		return -1;
	if (more == 0 || where.offset >= s->limit ||
	    (s->is_guess && before >= PARALLEL_REWINDS)) {
		s->end = more == 0 ? PARALLEL_END : where.offset;
		s->rewinds = before;
		error_clear(e);
		return 0;
	}
	if (more > 0)
		return verify_record(v, &where, e) != 0 ? -1 : 1;
	verify_fields_find(v);
	v->now.id = uri_of(v, FIELD_RECORD_ID);
	verify_say_place(v, &where, e);
	error_clear(e);
	return 1;
}

int
verifier_walk(struct verifier *v, struct stretch *s, struct error *e)
{
	struct error mine = { 0 };
	int more;

	if (e == NULL)
		e = &mine;
	if (start_stretch(v, s, e) != 0)
		return -1;
	do
		more = verify_next(v, s, e);
	while (more > 0 && v->stopped == 0);
	if (more < 0)
		return -1;
	if (v->stopped == 0)
		send_counts(v);
	if (v->stopped == 0 && v->options->ours && v->previous_id.len > 0) {
		message_start(v, MESSAGE_LAST);
		buf_add(&v->message, buf_text(&v->previous_id),
		    v->previous_id.len + 1);
		(void)verify_send(v); /* asked in the next line */
	}
	v->error = NULL;
	return v->stopped;
}

int
verifier_open(struct verifier **out, struct teller *t, struct outlet *outlet,
    struct error *e)
{
	struct verifier *v = mem_zero(1, sizeof(*v));

	v->options = t->options;
	v->file = t->file;
	v->file_number = t->file_number;
	v->out = outlet;
	v->teller = t;
	v->in = t->in;
	v->arena = arena_new();
	if (source_open_input(&v->source, v->in, e) != 0) {
		verifier_free(v);
		return -1;
	}
	*out = v;
	return 0;
}

void
verifier_free(struct verifier *v)
{
	verify_digests_clear(v);
	source_free(v->source);
	arena_free(v->arena);
	buf_clear(&v->kept);
	buf_clear(&v->mime);
	buf_clear(&v->message);
	buf_clear(&v->previous_id);
	buf_clear(&v->warcinfo);
	free(v);
}
