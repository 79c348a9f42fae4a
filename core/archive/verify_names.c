/* What the current record is called and what it names, for the references. */
#include <string.h>
#include <strings.h>

#include "core/archive/verify_references.h"
#include "core/archive/verify_state.h"
#include "core/archive/verify_tell.h"
#include "core/base/date.h"
#include "core/base/text.h"

#define RECENT (sizeof(((struct verifier *)0)->recent) / 16)

/* About ID, or UUID where that is known. */
static void
pack_start(struct verifier *v, const char *id, const uint8_t *uuid,
    enum reference_kind kind)
{
	const struct reference_place here = { v->file_number, v->now.offset,
		(uint32_t)v->member_index };

	buf_reset(&v->message);
	buf_add_byte(&v->message, MESSAGE_ID);
	if (uuid != NULL)
		reference_pack_uuid(&v->message, uuid);
	else
		reference_pack_id(&v->message, id);
	buf_add_byte(&v->message, (uint8_t)kind);
	reference_pack_place(&v->message, &here);
}

static void
define(struct verifier *v, int flags)
{
	uint8_t *next = v->recent[v->recent_next++ % RECENT];

	pack_start(
	    v, v->now.id, v->is_uuid ? v->uuid : NULL, REFERENCE_DEFINED);
	buf_add_byte(&v->message, (uint8_t)flags);
	(void)verify_send(v); /* who reads on asks V->stopped */
	if (v->is_uuid)
		memcpy(next, v->uuid, sizeof(v->uuid));
	else
		memset(next, 0, sizeof(v->uuid));
}

/* Was it one of the last records? Then it need not be looked up. */
static int
is_recent(const struct verifier *v, const uint8_t uuid[16])
{
	for (size_t i = 0; i < RECENT; i++)
		if (memcmp(v->recent[i], uuid, 16) == 0)
			return 1;
	return 0;
}

static void
expect(struct verifier *v, const char *target, enum reference_kind kind)
{
	uint8_t uuid[16];
	int is_uuid;

	if (target[0] == '\0')
		return;
	is_uuid = reference_uuid(target, uuid);
	if (is_uuid && is_recent(v, uuid))
		return;
	pack_start(v, target, is_uuid ? uuid : NULL, kind);
	buf_add(&v->message, v->now.id, strlen(v->now.id) + 1);
	(void)verify_send(v); /* who reads on asks V->stopped */
}

static void
expect_concurrent(struct verifier *v)
{
	if ((v->repeated & 1u << FIELD_CONCURRENT_TO) == 0) {
		expect(v, v->now.concurrent_to, REFERENCE_CONCURRENT);
		return;
	}
	for (size_t i = 0; i < v->record->field_count; i++) {
		const struct record_field *f = &v->record->fields[i];

		if (strcasecmp(f->name, "WARC-Concurrent-To") == 0)
			expect(v, record_bare_uri(v->arena, f->value),
			    REFERENCE_CONCURRENT);
	}
}

/* One of the file's records tells what is wrong with its warcinfo. */
static void
expect_warcinfo(struct verifier *v)
{
	const char *id = v->now.warcinfo_id;
	uint8_t uuid[16];

	if (id[0] == '\0' || strcmp(id, buf_text(&v->warcinfo)) == 0)
		return;
	buf_reset(&v->warcinfo);
	buf_add_text(&v->warcinfo, id);
	v->warcinfo_is_uuid = reference_uuid(id, uuid);
	expect(v, id, REFERENCE_WARCINFO);
}

/* All of the value, or, of a long one, its halves joined. */
static void
facts_digest(const struct verifier *v, struct reference_facts *f)
{
	const struct digest_value *d = &v->payload_digest.recorded;

	if (!v->payload_digest.reads)
		return;
	f->digest[0] = (uint8_t)(d->kind + 1);
	for (size_t i = 0; i < d->len; i++)
		f->digest[1 + i % (REFERENCE_DIGEST_BYTES - 1)] ^= d->raw[i];
}

static void
name_original(struct verifier *v)
{
	const char *uri = v->fields[FIELD_REFERS_TO_TARGET_URI];
	const char *date = v->fields[FIELD_REFERS_TO_DATE];
	struct reference_facts f = { .uri = reference_hash(v->now.uri) };

	facts_digest(v, &f);
	if (uri != NULL && date != NULL && date_parse(date, &f.date, NULL))
		f.target = reference_hash(record_bare_uri(v->arena, uri));
	pack_start(v, v->now.refers_to, NULL, REFERENCE_REVISIT);
	reference_pack_facts(&v->message, &f);
	buf_add(&v->message, v->now.id, strlen(v->now.id) + 1);
	(void)verify_send(v); /* who reads on asks V->stopped */
}

/* It may be the original of a revisit. */
static void
offer(struct verifier *v)
{
	const struct reference_place here = { v->file_number, v->now.offset,
		(uint32_t)v->member_index };
	struct reference_facts f = { .uri = reference_hash(v->now.uri) };

	if (!v->date_reads)
		return;
	f.target = f.uri;
	f.date = v->now.date_us;
	facts_digest(v, &f);
	buf_reset(&v->message);
	buf_add_byte(&v->message, MESSAGE_ORIGINAL);
	reference_pack_place(&v->message, &here);
	reference_pack_facts(&v->message, &f);
	(void)verify_send(v); /* who reads on asks V->stopped */
}

/* Begins the target of a record that stands for one that was erased. */
static const char erased[] = "urn:holdfast:withdrawn:";

void
verify_references_of(struct verifier *v, int is_whole)
{
	int references = verify_wants(v, CHECK_REFERENCES);
	int revisits = verify_wants(v, CHECK_REVISITS);
	int is_revisit = v->type == RECORD_REVISIT;

	if (v->now.id[0] != '\0' &&
	    (references || revisits ||
		(!v->options->own_ids && verify_wants(v, CHECK_IDS))))
		define(v, (is_whole ? 0 : REFERENCE_QUIET) |
			      (is_revisit ? REFERENCE_IS_REVISIT : 0));
	if (!is_whole)
		return;
	if (references) {
		expect_concurrent(v);
		expect_warcinfo(v);
		if (!is_revisit && !text_starts(v->now.uri, erased))
			expect(v, v->now.refers_to, REFERENCE_REFERS);
	}
	if (revisits && is_revisit)
		name_original(v);
	else if (revisits &&
		 (v->type == RECORD_RESPONSE || v->type == RECORD_RESOURCE))
		offer(v);
}
