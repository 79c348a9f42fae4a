/* A set of texts by their hashes, in a file when there are many. */
#include "core/collection/seen_set.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/target_set.h"

enum {
	SLOTS_PROBED = 8,       /* read at once */
	SLOTS_MOVED = 2 * 1024, /* read at once when the table grows */
	CAP_FIRST = 128 * 1024, /* slots of the first table */
	CAP_GROWTH = 4
};

/* Slots as in a target_set: open addressing, linear probing. */
struct table {
	int fd;
	uint64_t cap; /* a power of two */
};

struct seen_set {
	char *dir;
	struct target_set memory; /* until there is a table */
	struct table table;       /* fd -1: none */
	uint64_t count;
};

struct seen_set *
seen_set_new(const char *dir)
{
	struct seen_set *s = mem_zero(1, sizeof(*s));

	s->dir = mem_text(dir == NULL ? file_temporary_dir() : dir);
	s->table.fd = -1;
	return s;
}

void
seen_set_free(struct seen_set *s)
{
	if (s == NULL)
		return;
	target_set_clear(&s->memory);
	if (s->table.fd >= 0)
		(void)close(s->table.fd); /* nobody wants what is in it */
	free(s->dir);
	free(s);
}

static int
read_slots(const struct table *t, struct target *to, uint64_t at, size_t count,
    struct error *e)
{
	size_t want = count * sizeof(*to);
	size_t got = 0;

	while (got < want) {
		ssize_t n = pread(t->fd, (uint8_t *)to + got, want - got,
		    (off_t)(at * sizeof(*to) + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_system(e, "temporary file");
		if (n == 0)
			return error_set(
			    e, ERROR_SYSTEM, "temporary file: it is short");
		got += (size_t)n;
	}
	return 0;
}

/* The slot of HASH, or the free one where it belongs: *AT, as *FOUND. */
static int
probe(const struct table *t, const uint64_t hash[2], struct target *found,
    uint64_t *at, struct error *e)
{
	struct target slots[SLOTS_PROBED] = { { .hash = { 0 } } };
	uint64_t i = hash[0] & (t->cap - 1);

	for (;;) {
		uint64_t left = t->cap - i;
		size_t n = left < SLOTS_PROBED ? (size_t)left : SLOTS_PROBED;

		if (read_slots(t, slots, i, n, e) != 0)
			return -1;
		for (size_t k = 0; k < n; k++) {
			if (slots[k].hash[0] != 0 &&
			    (slots[k].hash[0] != hash[0] ||
				slots[k].hash[1] != hash[1]))
				continue;
			*found = slots[k];
			*at = i + k;
			return 0;
		}
		i = (i + n) & (t->cap - 1);
	}
}

/* 1, it is new; 0, it was there; -1. */
static int
table_add(
    struct table *t, const struct target *entry, uint64_t *was, struct error *e)
{
	struct target found;
	uint64_t at;

	if (probe(t, entry->hash, &found, &at, e) != 0)
		return -1;
	if (found.hash[0] != 0) {
		if (was != NULL)
			*was = found.value;
		return 0;
	}
	return file_write_at(
		   t->fd, entry, sizeof(*entry), at * sizeof(*entry), e) == 0
		   ? 1
		   : -1;
}

static int
move_slots(
    struct table *to, const struct target *slots, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (slots[i].hash[0] != 0 &&
		    table_add(to, &slots[i], NULL, e) < 0)
			return -1;
	return 0;
}

static int
move_table(struct table *to, const struct table *from, struct error *e)
{
	struct target *slots = mem_zero(SLOTS_MOVED, sizeof(*slots));
	int rc = 0;

	for (uint64_t at = 0; rc == 0 && at < from->cap; at += SLOTS_MOVED) {
		rc = read_slots(from, slots, at, SLOTS_MOVED, e);
		if (rc == 0)
			rc = move_slots(to, slots, SLOTS_MOVED, e);
	}
	free(slots);
	return rc;
}

/* Everything into a table with more room. */
static int
grow(struct seen_set *s, struct error *e)
{
	struct table next = { .fd = file_unnamed(s->dir, e),
		.cap = s->table.fd < 0 ? CAP_FIRST
				       : s->table.cap * CAP_GROWTH };
	int rc;

	if (next.fd < 0)
		return -1;
	/* What was never written reads as free slots. */
	rc = file_truncate(next.fd, next.cap * sizeof(struct target), e);
	if (rc == 0 && s->table.fd < 0)
		rc = move_slots(&next, s->memory.slots, s->memory.cap, e);
	else if (rc == 0)
		rc = move_table(&next, &s->table, e);
	if (rc != 0) {
		(void)close(next.fd);
		return -1;
	}
	target_set_clear(&s->memory);
	if (s->table.fd >= 0)
		(void)close(s->table.fd);
	s->table = next;
	return 0;
}

static int
add_in_memory(
    struct seen_set *s, const char *text, uint64_t value, uint64_t *was)
{
	if (target_set_add(&s->memory, text, value)) {
		s->count++;
		return 1;
	}
	if (was != NULL)
		*was = *target_set_find(&s->memory, text);
	return 0;
}

int
seen_set_add(struct seen_set *s, const char *text, uint64_t value,
    uint64_t *was, struct error *e)
{
	struct target entry = { .value = value };
	int is_new;

	if (s->table.fd < 0 && s->count < SEEN_SET_MEMORY)
		return add_in_memory(s, text, value, was);
	/* At most three quarters full. */
	if ((s->table.fd < 0 || s->count >= s->table.cap / 4 * 3) &&
	    grow(s, e) != 0)
		return -1;
	target_hash(entry.hash, text);
	is_new = table_add(&s->table, &entry, was, e);
	s->count += is_new == 1;
	return is_new;
}
