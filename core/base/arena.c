/* Memory that lives and dies together. */
#include "core/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define ARENA_BLOCK 16384
#define ARENA_SMALL 1024
#define ARENA_ALIGN 16

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t cap;
	_Alignas(ARENA_ALIGN) uint8_t data[];
};

struct arena {
	struct arena_block *head;
	size_t total;
};

static struct arena_block *
block_new(size_t cap, struct arena_block *next)
{
	struct arena_block *b = mem_alloc(sizeof(*b) + cap);

	b->next = next;
	b->used = 0;
	b->cap = cap;
	return b;
}

static struct arena *
arena_of(size_t cap)
{
	struct arena *a = mem_zero(1, sizeof(*a));

	a->head = block_new(cap, NULL);
	return a;
}

struct arena *
arena_new(void)
{
	return arena_of(ARENA_BLOCK);
}

struct arena *
arena_new_small(void)
{
	return arena_of(ARENA_SMALL);
}

void
arena_free(struct arena *a)
{
	struct arena_block *next;

	if (a == NULL)
		return;
	for (struct arena_block *b = a->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->head->next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->head->next = NULL;
	a->head->used = 0;
	a->total = 0;
}

/* Small ones double. */
static size_t
next_cap(const struct arena_block *b, size_t need)
{
	size_t cap = 2 * b->cap;

	return cap < need || cap > ARENA_BLOCK ? ARENA_BLOCK : cap;
}

/* Not cleared. */
static void *
room(struct arena *a, size_t size)
{
	size_t need = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	struct arena_block *b = a->head;
	void *p;

	if (b->cap - b->used < need) {
		if (need > ARENA_BLOCK / 4) {
			/* A large piece gets a block of its own, behind the
			 * current one, whose rest stays in use. */
			b->next = block_new(need, b->next);
			b = b->next;
		} else {
			b = a->head = block_new(next_cap(b, need), b);
		}
	}
	p = b->data + b->used;
	b->used += need;
	a->total += need;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *p = room(a, size);

	memset(p, 0, size);
	return p;
}

void *
arena_dup(struct arena *a, const void *p, size_t len)
{
	void *copy = room(a, len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_text(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s) + 1);
}

char *
arena_text_n(struct arena *a, const char *s, size_t len)
{
	char *copy = room(a, len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_format(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_list again;
	char *text;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = arena_alloc(a, (size_t)(len < 0 ? 0 : len) + 1);
	(void)vsnprintf(text, (size_t)(len < 0 ? 0 : len) + 1, fmt, again);
	va_end(again);
	return text;
}

size_t
arena_size(const struct arena *a)
{
	return a->total;
}
