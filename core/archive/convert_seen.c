/* What became of records, in bounded memory. */
#include "core/archive/convert_seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { SEEN_SLOTS_MAX = 1 << 20, SEEN_PROBES = 64 };

struct convert_seen {
	uint64_t *slots; /* hash, its lowest bit: it went over; 0 empty */
	size_t cap, count;
};

struct convert_seen *
convert_seen_new(void)
{
	struct convert_seen *s = mem_zero(1, sizeof(*s));

	s->cap = 1024;
	s->slots = mem_zero(s->cap, sizeof(*s->slots));
	return s;
}

void
convert_seen_free(struct convert_seen *s)
{
	if (s == NULL)
		return;
	free(s->slots);
	free(s);
}

/* FNV-1a, finished so that all bits count. Only counts and the company of
 * requests depend on it. */
static uint64_t
hash_of(const char *name, const char *more)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (const char *p = name; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	h = (h ^ 0xff) * UINT64_C(0x100000001b3);
	for (const char *p = more; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 29;
	return h < 2 ? 2 : h; /* 0 is an empty slot */
}

static void
put(struct convert_seen *s, uint64_t h)
{
	size_t at = (size_t)(h >> 1) & (s->cap - 1);

	for (size_t i = 0; i < SEEN_PROBES; i++) {
		uint64_t *slot = &s->slots[(at + i) & (s->cap - 1)];

		if (*slot == 0 || (*slot | 1) == (h | 1)) {
			s->count += *slot == 0;
			*slot = h;
			return;
		}
	}
	s->slots[at] = h; /* an old one is forgotten */
}

static void
grow(struct convert_seen *s)
{
	uint64_t *old = s->slots;
	size_t cap = s->cap;

	s->cap *= 2;
	s->count = 0;
	s->slots = mem_zero(s->cap, sizeof(*s->slots));
	for (size_t i = 0; i < cap; i++)
		if (old[i] != 0)
			put(s, old[i]);
	free(old);
}

void
convert_seen_add(
    struct convert_seen *s, const char *name, const char *more, int went)
{
	if (s->count * 2 > s->cap && s->cap < SEEN_SLOTS_MAX)
		grow(s);
	put(s, (hash_of(name, more) & ~UINT64_C(1)) | (went != 0));
}

int
convert_seen_find(
    const struct convert_seen *s, const char *name, const char *more)
{
	uint64_t h = hash_of(name, more) | 1;
	size_t at = (size_t)(h >> 1) & (s->cap - 1);

	for (size_t i = 0; i < SEEN_PROBES; i++) {
		uint64_t slot = s->slots[(at + i) & (s->cap - 1)];

		if ((slot | 1) == h)
			return (int)(slot & 1);
		if (slot == 0)
			return -1;
	}
	return -1;
}
