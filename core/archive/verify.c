/* The verifier: one file, record by record, never stopping at a finding. */
#include "core/archive/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/http_message.h"

#define VERIFY_KEEP_MAX (16 * 1024 * 1024)

static const char *const severity_names[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_DAMAGE] = "damage",
	[SEVERITY_CHANGED] = "changed",
};

const char *
severity_name(enum severity s)
{
	return severity_names[s];
}

static void
count(struct verify_totals *t, enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOTE:
		t->notes++;
		break;
	case SEVERITY_WARNING:
		t->warnings++;
		break;
	case SEVERITY_DAMAGE:
		t->damaged++;
		break;
	case SEVERITY_CHANGED:
		t->changed++;
		break;
	}
}

void
verify_say(struct verifier *v, enum severity severity, const char *code,
    const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	struct finding f;
	enum verify_check check = verify_check_of(code);
	va_list ap;

	if (check != CHECK_COUNT && !verify_wants(v, check))
		return;
	v->severities |= 1u << severity;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f = (struct finding){ .severity = severity,
		.code = code,
		.file = v->file,
		.offset = v->now.offset,
		.record = v->now.id == NULL ? "" : v->now.id,
		.text = text };
	count(v->totals, severity);
	if (v->options->each_finding != NULL)
		v->options->each_finding(v->options->context, &f);
}

/* What the reader said, without the place, which the finding has itself. */
static void
say_reader(struct verifier *v, const struct place *where, const struct error *e)
{
	char place[ERROR_TEXT_MAX];
	const char *text = e->text;
	size_t len;

	(void)snprintf(place, sizeof(place), "%s at %" PRIu64 ": ", v->file,
	    where->offset);
	len = strlen(place);
	while (strncmp(text, place, len) == 0)
		text += len;
	v->now.offset = where->offset;
	if (where->damaged && where->length > 0)
		verify_say(v, SEVERITY_DAMAGE, where->code,
		    "%s (%" PRIu64 " bytes are passed over)", text,
		    where->length);
	else
		verify_say(v,
		    where->damaged ? SEVERITY_DAMAGE : SEVERITY_WARNING,
		    where->code, "%s", text);
}

static const char *
field(struct verifier *v, const char *name)
{
	const char *value = record_field(v->record, name);

	return value == NULL ? "" : value;
}

static const char *
uri_field(struct verifier *v, const char *name)
{
	return record_bare_uri(v->arena, field(v, name));
}

/* What the head says of the record. */
static void
start_record(struct verifier *v, const struct place *where)
{
	struct verified_record *now = &v->now;

	*now = (struct verified_record){ .file = v->file,
		.offset = where->offset,
		.number = v->number,
		.type = field(v, "WARC-Type"),
		.id = uri_field(v, "WARC-Record-ID"),
		.uri = uri_field(v, "WARC-Target-URI"),
		.date = field(v, "WARC-Date"),
		.refers_to = uri_field(v, "WARC-Refers-To"),
		.concurrent_to = uri_field(v, "WARC-Concurrent-To"),
		.content_type = field(v, "Content-Type"),
		.warcinfo_id = uri_field(v, "WARC-Warcinfo-ID"),
		.truncated = field(v, "WARC-Truncated"),
		.mime = "",
		.block_digest = field(v, "WARC-Block-Digest"),
		.payload_digest = field(v, "WARC-Payload-Digest"),
		.block_len = v->record->block_len };
	(void)record_date_us(v->record, &now->date_us); /* verify_fields says */
	if (v->number > 0 && v->member == where->offset)
		v->member_index++;
	else
		v->member_index = 0;
	v->member = where->offset;
}

/* Read the block: 1 whole, 0 not (source_finish knows why). */
static int
read_block(struct verifier *v)
{
	const uint8_t *data;
	size_t len;
	int more;
	int keep = v->options->keep_block != NULL &&
		   v->now.block_len <= VERIFY_KEEP_MAX &&
		   v->options->keep_block(v->options->context, &v->now);

	buf_reset(&v->kept);
	verify_block_start(v);
	while ((more = stream_next(v->record->block, &data, &len, NULL)) > 0) {
		verify_block_add(v, data, len);
		v->totals->block_bytes += len;
		if (keep)
			buf_add(&v->kept, data, len);
	}
	if (more == 0)
		verify_block_end(v);
	if (keep && more == 0) {
		v->now.block = (const uint8_t *)buf_text(&v->kept);
		v->now.block_kept = v->kept.len;
	}
	return more == 0;
}

/* Our own files: each request stands behind what it asked for. */
static void
check_order(struct verifier *v)
{
	const char *id = v->now.id;

	if (record_type(v->record) == RECORD_REQUEST &&
	    (v->previous_id == NULL ||
		strcmp(v->now.concurrent_to, v->previous_id) != 0))
		verify_say(v, SEVERITY_WARNING, "order",
		    "request does not follow the record it belongs to");
	if (record_type(v->record) == RECORD_WARCINFO && v->now.number > 0)
		verify_say(v, SEVERITY_WARNING, "warcinfo",
		    "a second warcinfo record");
	if (v->now.block_digest[0] == '\0')
		verify_say(v, SEVERITY_WARNING, "field-missing",
		    "WARC-Block-Digest is missing");
	v->previous_id = arena_text(v->file_arena, id);
}

static enum verdict
verdict(const struct verifier *v)
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
	return v->block_digest == NULL && v->payload.digest == NULL
		   ? VERDICT_UNPROVED
		   : VERDICT_SOUND;
}

/* A record is there: all that can be said of it. 0; 1, the caller has seen
 * enough; -1. */
static int
verify_record(struct verifier *v, struct place *where, struct error *e)
{
	int whole;

	start_record(v, where);
	v->totals->records++;
	v->number++;
	whole = read_block(v);
	if (source_finish(v->source, where, e) != 0) {
		if (e->kind == ERROR_SYSTEM)
			return -1;
		say_reader(v, where, e);
		error_clear(e);
	}
	/* Nothing more is said of what does not read; but others name it. */
	verify_ids_of(v, where->damaged || !whole);
	if (where->damaged || !whole) {
		v->totals->verdicts[VERDICT_DAMAGED]++;
		return 0;
	}
	verify_fields(v);
	if (v->options->ours)
		check_order(v);
	v->now.length = where->length;
	if (verify_digests(v, e) != 0)
		return -1;
	v->now.verdict = verdict(v);
	v->totals->verdicts[v->now.verdict]++;
	return v->options->each_record != NULL &&
	       v->options->each_record(v->options->context, &v->now) != 0;
}

/* 0, to the end; 1, the caller has seen enough; -1. */
static int
verify_records(struct verifier *v, struct error *e)
{
	struct place where;
	int more;

	v->record = &v->current;
	for (;;) {
		arena_reset(v->arena);
		v->now = (struct verified_record){ .id = "" };
		v->severities = 0;
		more = source_next(v->source, v->arena, v->record, &where, e);
		if (more == 0)
			return 0;
		if (more < 0 && e->kind == ERROR_SYSTEM)
			return -1;
		if (more < 0) {
			v->now.id = uri_field(v, "WARC-Record-ID");
			say_reader(v, &where, e);
			error_clear(e);
			continue;
		}
		more = verify_record(v, &where, e);
		if (more != 0)
			return more;
	}
}

static void
verifier_clear(struct verifier *v)
{
	for (size_t i = 0; i < VERIFY_DIGESTS; i++) {
		digester_free(v->block_digests[i]);
		digester_free(v->payload_digests[i]);
	}
	http_reader_free(v->http[HTTP_RESPONSE]);
	http_reader_free(v->http[HTTP_REQUEST]);
	buf_clear(&v->kept);
	buf_clear(&v->mime);
	verify_ids_clear(v);
	source_free(v->source);
	arena_free(v->arena);
	arena_free(v->file_arena);
	input_free(v->in);
}

int
verify_input(struct input *in, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e)
{
	struct verifier v = { .options = o, .totals = totals, .file = name };
	struct error mine = { 0 };
	int rc;

	if (e == NULL)
		e = &mine;
	v.in = input_keep(in);
	v.arena = arena_new();
	v.file_arena = arena_new();
	totals->files++;
	rc = source_open_input(&v.source, v.in, e);
	if (rc != 0 && e->kind == ERROR_INPUT) {
		verify_say(&v, SEVERITY_DAMAGE, "format",
		    "no record file of a known kind");
		error_clear(e);
		rc = 0;
	} else if (rc == 0) {
		rc = verify_records(&v, e);
		if (rc == 0)
			verify_ids_end(&v);
	}
	if (rc == 0 && v.source != NULL && v.number == 0)
		verify_say(&v, SEVERITY_WARNING, "warcinfo", "holds no record");
	if (input_size(v.in) != INPUT_NO_END)
		totals->bytes += input_size(v.in);
	verifier_clear(&v);
	return rc < 0 ? -1 : 0;
}

int
verify_file(const char *path, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e)
{
	struct input *in = NULL;
	int rc = input_open(&in, path, name, e);

	if (rc == 0)
		rc = verify_input(in, name, o, totals, e);
	input_free(in);
	return rc;
}
