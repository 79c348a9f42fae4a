/* What verifiers send, counted and told in the order of the file. */
#include "core/archive/verify_tell.h"

#include <string.h>

#include "core/archive/verify_references.h"
#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/stream.h"

void
verify_count(struct verify_totals *t, enum severity severity)
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
tell(struct teller *t, const char *file, const struct finding *f)
{
	enum verify_check check = verify_check_of(f->code);
	struct finding mine = *f;

	if (check != CHECK_COUNT && t->options->skip & (uint32_t)1 << check)
		return;
	mine.file = file;
	verify_count(t->totals, f->severity);
	if (t->options->each_finding != NULL)
		t->options->each_finding(t->options->context, &mine);
}

static const char *
next_text(const char **p)
{
	const char *text = *p;

	*p += strlen(text) + 1;
	return text;
}

static int
holds(const struct teller *t, int condition, const char *id)
{
	switch ((enum verify_condition)condition) {
	case IF_ALWAYS:
		return 1;
	case IF_FIRST:
		return t->records == 0;
	case IF_NOT_FIRST:
		return t->records > 0;
	case IF_NOT_AFTER:
		return strcmp(buf_text(&t->previous_id), id) != 0;
	}
	return 1;
}

static void
take_finding(struct teller *t, const uint8_t *p)
{
	struct message_finding m;
	const char *texts = (const char *)p + sizeof(m);
	const char *id = next_text(&texts);
	struct finding f = { .record = next_text(&texts),
		.text = next_text(&texts) };

	memcpy(&m, p, sizeof(m));
	f.severity = m.severity;
	f.code = m.code;
	f.offset = m.offset;
	if (holds(t, m.condition, id))
		tell(t, t->file, &f);
}

void
message_record_texts(struct buf *out, const struct verified_record *r)
{
	const char *const texts[] = { r->type, r->id, r->uri, r->date,
		r->refers_to, r->concurrent_to, r->content_type, r->warcinfo_id,
		r->truncated, r->refers_to_uri, r->mime, r->block_digest,
		r->payload_digest };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_add(out, texts[i], strlen(texts[i]) + 1);
}

static void
read_record(const struct teller *t, struct message_record *m, const uint8_t *p)
{
	const char *texts = (const char *)p + sizeof(*m);
	struct verified_record *r = &m->record;

	memcpy(m, p, sizeof(*m));
	r->file = t->file;
	r->type = next_text(&texts);
	r->id = next_text(&texts);
	r->uri = next_text(&texts);
	r->date = next_text(&texts);
	r->refers_to = next_text(&texts);
	r->concurrent_to = next_text(&texts);
	r->content_type = next_text(&texts);
	r->warcinfo_id = next_text(&texts);
	r->truncated = next_text(&texts);
	r->refers_to_uri = next_text(&texts);
	r->mime = next_text(&texts);
	r->block_digest = next_text(&texts);
	r->payload_digest = next_text(&texts);
}

/* The block of R, which another thread has read, once more. */
static int
read_again(struct teller *t, struct message_record *m, struct error *e)
{
	struct record r;
	int more;

	if (t->source == NULL) {
		t->arena = arena_new();
		if (source_open_input(&t->source, t->in, e) != 0)
			return -1;
	}
	arena_reset(t->arena);
	more = verify_reopen(
	    t->source, t->arena, m->record.offset, m->index, &r, e);
	if (more <= 0)
		return more;
	buf_reset(&t->kept);
	if (stream_read(r.block, &t->kept, VERIFY_KEEP_MAX, e) != 0)
		return e->kind == ERROR_SYSTEM ? -1 : 0;
	m->record.block = (const uint8_t *)buf_text(&t->kept);
	m->record.block_kept = t->kept.len;
	return 0;
}

static int
take_record(struct teller *t, const uint8_t *p, struct error *e)
{
	const struct verify_options *o = t->options;
	struct message_record m;

	read_record(t, &m, p);
	m.record.number = t->records - 1; /* it is counted already */
	if (t->keep && m.record.block == NULL && read_again(t, &m, e) != 0)
		return -1;
	t->keep = 0;
	return o->each_record != NULL &&
	       o->each_record(o->context, &m.record) != 0;
}

static void
take_start(struct teller *t, const uint8_t *p)
{
	const struct verify_options *o = t->options;
	struct message_record m;

	read_record(t, &m, p);
	m.record.number = t->records;
	t->keep = m.record.block_len <= VERIFY_KEEP_MAX &&
		  o->keep_block(o->context, &m.record) != 0;
}

static void
take_counts(struct teller *t, const uint8_t *p)
{
	struct verify_counts c;

	memcpy(&c, p, sizeof(c));
	t->records += c.records;
	t->totals->records += c.records;
	t->totals->block_bytes += c.block_bytes;
	for (int i = 0; i < VERDICT_COUNT; i++)
		t->totals->verdicts[i] += c.verdicts[i];
	if (t->options->progress != NULL && c.offset > 0)
		t->options->progress(t->options->context, c.offset);
}

int
teller_take(void *teller, const uint8_t *p, size_t len, struct error *e)
{
	struct teller *t = teller;

	switch ((enum verify_message)p[0]) {
	case MESSAGE_FINDING:
		take_finding(t, p + 1);
		return 0;
	case MESSAGE_START:
		take_start(t, p + 1);
		return 0;
	case MESSAGE_RECORD:
		return take_record(t, p + 1, e);
	case MESSAGE_COUNTS:
		take_counts(t, p + 1);
		return 0;
	case MESSAGE_LAST:
		buf_reset(&t->previous_id);
		buf_add_text(&t->previous_id, (const char *)p + 1);
		return 0;
	case MESSAGE_ID:
		return references_add(t->references, p + 1, len - 1, e);
	case MESSAGE_ORIGINAL:
		return references_add_original(
		    t->references, p + 1, len - 1, e);
	}
	return 0;
}

void
teller_clear(struct teller *t)
{
	source_free(t->source);
	arena_free(t->arena);
	buf_clear(&t->kept);
	buf_clear(&t->previous_id);
}
