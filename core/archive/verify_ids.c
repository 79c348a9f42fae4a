/* Record ids within one file: each once, and each that is named is there. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/mem.h"

#define VERIFY_PENDING_MAX 10000

static void
hash_id(const char *id, uint8_t out[VERIFY_ID_BYTES])
{
	uint8_t raw[DIGEST_SHA256_RAW];

	digest_sha256(id, strlen(id), raw);
	memcpy(out, raw, VERIFY_ID_BYTES);
	out[0] |= 1; /* all zeros mean an empty slot */
}

/* The slot of that id, or the empty one where it belongs. */
static uint8_t *
find_slot(const struct verify_ids *ids, const uint8_t id[VERIFY_ID_BYTES])
{
	uint64_t at;

	memcpy(&at, id + 8, sizeof(at));
	for (;; at++) {
		uint8_t *slot = ids->slots[at & (ids->cap - 1)];

		if (slot[0] == 0 || memcmp(slot, id, VERIFY_ID_BYTES) == 0)
			return slot;
	}
}

static void
grow(struct verify_ids *ids)
{
	struct verify_ids old = *ids;

	ids->cap = old.cap == 0 ? 1024 : old.cap * 2;
	ids->slots = mem_zero(ids->cap, sizeof(*ids->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i][0] != 0)
			memcpy(find_slot(ids, old.slots[i]), old.slots[i],
			    VERIFY_ID_BYTES);
	free(old.slots);
}

static int
is_known(const struct verify_ids *ids, const uint8_t id[VERIFY_ID_BYTES])
{
	return ids->cap > 0 && find_slot(ids, id)[0] != 0;
}

/* The record names TARGET, which should be in the file too. */
static void
expect(struct verifier *v, const char *target, const char *code)
{
	struct verify_pending *p;
	uint8_t id[VERIFY_ID_BYTES];

	if (target[0] == '\0' || v->pending_count == VERIFY_PENDING_MAX)
		return;
	hash_id(target, id);
	if (is_known(&v->ids, id))
		return;
	if (v->pending_count == v->pending_cap) {
		v->pending_cap = v->pending_cap == 0 ? 64 : v->pending_cap * 2;
		v->pending = mem_grow(v->pending, v->pending_cap, sizeof(*p));
	}
	p = &v->pending[v->pending_count++];
	memcpy(p->id, id, sizeof(id));
	p->offset = v->now.offset;
	p->code = code;
	p->record = arena_text(v->file_arena, v->now.id);
	p->target = arena_text(v->file_arena, target);
}

static void
expect_all(struct verifier *v)
{
	for (size_t i = 0; i < v->record->field_count; i++) {
		const struct record_field *f = &v->record->fields[i];

		if (strcasecmp(f->name, "WARC-Concurrent-To") == 0)
			expect(v, record_bare_uri(v->arena, f->value),
			    "concurrent-to");
	}
	expect(v, v->now.warcinfo_id, "warcinfo");
}

void
verify_ids_of(struct verifier *v, int quietly)
{
	uint8_t id[VERIFY_ID_BYTES];
	uint8_t *slot;

	if (!quietly)
		expect_all(v);
	if (v->now.id[0] == '\0')
		return;
	if (v->ids.count * 2 >= v->ids.cap)
		grow(&v->ids);
	hash_id(v->now.id, id);
	slot = find_slot(&v->ids, id);
	if (slot[0] == 0) {
		memcpy(slot, id, VERIFY_ID_BYTES);
		v->ids.count++;
	} else if (!quietly)
		verify_say(v, SEVERITY_WARNING, "id",
		    "another record of this file has the same id");
}

void
verify_ids_end(struct verifier *v)
{
	for (size_t i = 0; i < v->pending_count; i++) {
		struct verify_pending *p = &v->pending[i];

		if (is_known(&v->ids, p->id))
			continue;
		v->now = (struct verified_record){ .id = p->record,
			.offset = p->offset };
		verify_say(v, SEVERITY_NOTE, p->code,
		    "names a record that is not in this file: %s", p->target);
	}
}

void
verify_ids_clear(struct verifier *v)
{
	free(v->ids.slots);
	free(v->pending);
}
