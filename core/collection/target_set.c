/* A set of texts by their hashes: open addressing, linear probing. */
#include "core/collection/target_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/mem.h"

void
target_set_clear(struct target_set *t)
{
	free(t->slots);
	*t = (struct target_set){ 0 };
}

void
target_hash(uint64_t hash[2], const char *text)
{
	uint8_t raw[DIGEST_SHA256_RAW];

	digest_sha256(text, strlen(text), raw);
	memcpy(hash, raw, 2 * sizeof(hash[0]));
	if (hash[0] == 0)
		hash[0] = 1; /* never the mark of a free slot */
}

/* The slot of HASH, or the free one where it belongs. */
static struct target *
slot_of(const struct target_set *t, const uint64_t hash[2])
{
	size_t i = (size_t)hash[0] & (t->cap - 1);

	while (t->slots[i].hash[0] != 0 && (t->slots[i].hash[0] != hash[0] ||
					       t->slots[i].hash[1] != hash[1]))
		i = (i + 1) & (t->cap - 1);
	return &t->slots[i];
}

static void
grow(struct target_set *t)
{
	struct target_set old = *t;

	t->cap = old.cap == 0 ? 64 : 2 * old.cap;
	t->slots = mem_zero(t->cap, sizeof(*t->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].hash[0] != 0)
			*slot_of(t, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

int
target_set_add(struct target_set *t, const char *text, uint64_t value)
{
	uint64_t hash[2];
	struct target *slot;

	/* At most seven eighths full. */
	if (t->count >= t->cap - t->cap / 8)
		grow(t);
	target_hash(hash, text);
	slot = slot_of(t, hash);
	if (slot->hash[0] != 0)
		return 0;
	*slot = (struct target){ { hash[0], hash[1] }, value };
	t->count++;
	return 1;
}

uint64_t *
target_set_find(const struct target_set *t, const char *text)
{
	uint64_t hash[2];
	struct target *slot;

	if (t->cap == 0)
		return NULL;
	target_hash(hash, text);
	slot = slot_of(t, hash);
	return slot->hash[0] == 0 ? NULL : &slot->value;
}
