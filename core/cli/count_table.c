/* Sums by a text. */
#include "core/cli/count_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

void
count_table_clear(struct count_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->slots[i].key);
	free(t->slots);
	free(t->places);
	*t = (struct count_table){ 0 };
}

/* Where KEY is or would be. */
static uint32_t *
find_place(const struct count_table *t, const char *key)
{
	size_t i = text_crc32c(key, strlen(key)) & (t->places_cap - 1);

	while (t->places[i] != 0 &&
	       strcmp(t->slots[t->places[i] - 1].key, key) != 0)
		i = (i + 1) & (t->places_cap - 1);
	return &t->places[i];
}

static void
grow(struct count_table *t)
{
	size_t cap = t->cap == 0 ? 32 : t->cap * 2;

	t->slots = mem_grow(t->slots, cap, sizeof(*t->slots));
	t->cap = cap;
	free(t->places);
	t->places_cap = cap * 4;
	t->places = mem_zero(t->places_cap, sizeof(*t->places));
	for (size_t i = 0; i < t->count; i++)
		*find_place(t, t->slots[i].key) = (uint32_t)i + 1;
}

void
count_table_add(
    struct count_table *t, const char *key, uint64_t bytes, uint64_t stored)
{
	uint32_t *place;
	struct count *c;

	if (t->count == t->cap)
		grow(t);
	place = find_place(t, key);
	if (*place == 0 && t->count >= COUNT_KEYS) {
		key = COUNT_OTHERS;
		place = find_place(t, key);
	}
	if (*place == 0) {
		t->slots[t->count] = (struct count){ .key = mem_text(key) };
		*place = (uint32_t)++t->count;
	}
	c = &t->slots[*place - 1];
	c->records++;
	c->bytes += bytes;
	c->stored += stored;
}

static int
by_records(const void *a, const void *b)
{
	const struct count *x = a;
	const struct count *y = b;

	if (x->records != y->records)
		return x->records > y->records ? -1 : 1;
	return strcmp(x->key, y->key);
}

void
count_table_sort(struct count_table *t)
{
	if (t->count > 0)
		qsort(t->slots, t->count, sizeof(*t->slots), by_records);
}
