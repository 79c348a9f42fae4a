/* Byte strings in order, in bounded memory. */
#include "core/base/sort.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/sort_memory.h"

#define SORT_MEMORY_MIN ((size_t)1024 * 1024)
#define SORT_MEMORY_MAX ((size_t)1024 * 1024 * 1024)
#define SORT_STRING_MAX ((size_t)1024 * 1024)
#define SORT_READ       ((size_t)64 * 1024) /* of a run, at least */
#define SORT_PENDING    ((size_t)256 * 1024)
#define SORT_LENGTH     sizeof(uint32_t) /* in front of a string in a run */

/* Where a run lies in the file. */
struct span {
	uint64_t at, end;
};

/* A run while it is read: bytes FROM..TO of DATA are not used up. */
struct head {
	struct span left; /* not read yet */
	uint8_t *data;
	size_t from, to;
	const uint8_t *p; /* the current string */
	uint32_t len;
};

/* A file of runs that is being written. */
struct runs {
	int fd;
	uint64_t end;
	uint8_t *pending;
	size_t pending_len;
	struct span *spans;
	size_t count;
};

struct sorter {
	char *dir;
	uint8_t *block; /* strings from the front, entries from the back */
	size_t size;
	size_t used;    /* bytes of strings */
	size_t entries; /* how many */
	size_t longest;
	struct runs runs;
	/* reading */
	size_t next;    /* of the entries, when there are no runs */
	size_t pending; /* the head given last is to be moved on */
	struct head *heads;
	size_t *heap; /* indexes of heads, the least first */
	size_t heap_len;
};

struct sorter *
sorter_new(size_t memory, const char *dir)
{
	struct sorter *s = mem_zero(1, sizeof(*s));

	s->dir = mem_text(dir == NULL ? file_temporary_dir() : dir);
	if (memory < SORT_MEMORY_MIN)
		memory = SORT_MEMORY_MIN;
	if (memory > SORT_MEMORY_MAX)
		memory = SORT_MEMORY_MAX;
	s->size = memory & ~(sizeof(struct sort_entry) - 1);
	s->runs.fd = -1;
	return s;
}

static void
runs_clear(struct runs *r)
{
	if (r->fd >= 0)
		(void)close(r->fd); /* nobody wants what is in it */
	free(r->pending);
	free(r->spans);
	*r = (struct runs){ .fd = -1 };
}

static void
stop_reading(struct sorter *s)
{
	free(s->heads);
	free(s->heap);
	s->heads = NULL;
	s->heap = NULL;
	s->heap_len = s->pending = s->next = 0;
}

void
sorter_free(struct sorter *s)
{
	if (s == NULL)
		return;
	stop_reading(s);
	runs_clear(&s->runs);
	free(s->block);
	free(s->dir);
	free(s);
}

/* One string of any length fits beside its entry, and so do the buffers of two
 * runs with the longest. */
static size_t
block_size(const struct sorter *s)
{
	return s->size + SORT_STRING_MAX + 64;
}

static struct sort_entry *
entries_of(struct sorter *s)
{
	return (struct sort_entry *)(void *)(s->block + block_size(s)) -
	       s->entries;
}

static int
runs_flush(struct runs *r, struct error *e)
{
	if (file_write_at(r->fd, r->pending, r->pending_len, r->end, e) != 0)
		return error_within(e, "sorting");
	r->end += r->pending_len;
	r->pending_len = 0;
	return 0;
}

static int
runs_put(struct runs *r, const void *p, size_t len, struct error *e)
{
	const uint8_t *from = p;

	while (len > 0) {
		size_t room = SORT_PENDING - r->pending_len;
		size_t n = len < room ? len : room;

		memcpy(r->pending + r->pending_len, from, n);
		r->pending_len += n;
		from += n;
		len -= n;
		if (r->pending_len == SORT_PENDING && runs_flush(r, e) != 0)
			return -1;
	}
	return 0;
}

static int
runs_add(struct runs *r, const uint8_t *p, uint32_t len, struct error *e)
{
	if (runs_put(r, &len, SORT_LENGTH, e) != 0)
		return -1;
	return runs_put(r, p, len, e);
}

static int
runs_begin(struct runs *r, const char *dir, struct error *e)
{
	if (r->fd < 0)
		r->fd = file_unnamed(dir, e);
	if (r->fd < 0)
		return -1;
	if (r->pending == NULL)
		r->pending = mem_alloc(SORT_PENDING);
	if ((r->count & (r->count - 1)) == 0)
		r->spans = mem_grow(r->spans, r->count == 0 ? 1 : 2 * r->count,
		    sizeof(*r->spans));
	r->spans[r->count++].at = r->end;
	return 0;
}

static int
runs_finish(struct runs *r, struct error *e)
{
	if (runs_flush(r, e) != 0)
		return -1;
	r->spans[r->count - 1].end = r->end;
	return 0;
}

/* What is in memory becomes a run. */
static int
spill(struct sorter *s, struct error *e)
{
	struct sort_entry *entry = entries_of(s);

	sort_memory(s->block, entry, s->entries);
	if (runs_begin(&s->runs, s->dir, e) != 0)
		return -1;
	for (size_t i = 0; i < s->entries; i++)
		if (runs_add(&s->runs, s->block + entry[i].offset, entry[i].len,
			e) != 0)
			return -1;
	s->used = s->entries = 0;
	return runs_finish(&s->runs, e);
}

int
sorter_add(struct sorter *s, const void *p, size_t len, struct error *e)
{
	struct sort_entry *entry;

	if (len > SORT_STRING_MAX)
		return error_set(e, ERROR_LIMIT,
		    "a line of %zu bytes is too long to sort", len);
	if (s->block == NULL)
		s->block = mem_alloc(block_size(s));
	if (s->entries > 0 &&
	    s->used + len + (s->entries + 1) * sizeof(*entry) > s->size &&
	    spill(s, e) != 0)
		return -1;
	if (len > s->longest)
		s->longest = len;
	s->entries++;
	entry = entries_of(s);
	*entry = (struct sort_entry){ .offset = (uint32_t)s->used,
		.len = (uint32_t)len };
	if (len > 0)
		memcpy(s->block + s->used, p, len);
	s->used += len;
	return 0;
}

/* Bytes of a run's buffer: a string of any length fits. */
static size_t
buffer_size(const struct sorter *s)
{
	size_t need = s->longest + SORT_LENGTH;

	return need < SORT_READ ? SORT_READ : need;
}

/* At least WANT bytes in the buffer of H: 1; 0, the run is at its end. */
static int
head_fill(const struct sorter *s, struct head *h, size_t want, struct error *e)
{
	size_t size = buffer_size(s);

	if (h->to - h->from >= want)
		return 1;
	memmove(h->data, h->data + h->from, h->to - h->from);
	h->to -= h->from;
	h->from = 0;
	while (h->to < want && h->left.at < h->left.end) {
		size_t room = size - h->to;
		uint64_t left = h->left.end - h->left.at;
		ssize_t n = pread(s->runs.fd, h->data + h->to,
		    left < room ? (size_t)left : room, (off_t)h->left.at);

		if (n <= 0)
			return error_system(e, "sorting: read");
		h->to += (size_t)n;
		h->left.at += (uint64_t)n;
	}
	return h->to >= want;
}

/* The next string of H: 1; 0, its end; -1. */
static int
head_next(const struct sorter *s, struct head *h, struct error *e)
{
	int more = head_fill(s, h, SORT_LENGTH, e);

	if (more != 1)
		return more;
	memcpy(&h->len, h->data + h->from, SORT_LENGTH);
	more = head_fill(s, h, SORT_LENGTH + h->len, e);
	if (more != 1)
		return more < 0 ? -1
				: error_set(e, ERROR_SYSTEM,
				      "sorting: the temporary file is short");
	h->p = h->data + h->from + SORT_LENGTH;
	h->from += SORT_LENGTH + h->len;
	return 1;
}

/* Equal strings come from the older run first. */
static int
head_less(const struct sorter *s, size_t a, size_t b)
{
	const struct head *x = &s->heads[a];
	const struct head *y = &s->heads[b];
	int c = memcmp(x->p, y->p, x->len < y->len ? x->len : y->len);

	if (c == 0 && x->len != y->len)
		c = x->len < y->len ? -1 : 1;
	return c < 0 || (c == 0 && a < b);
}

static void
sift_down(struct sorter *s, size_t at)
{
	size_t moving = s->heap[at];

	for (;;) {
		size_t below = 2 * at + 1;

		if (below >= s->heap_len)
			break;
		if (below + 1 < s->heap_len &&
		    head_less(s, s->heap[below + 1], s->heap[below]))
			below++;
		if (!head_less(s, s->heap[below], moving))
			break;
		s->heap[at] = s->heap[below];
		at = below;
	}
	s->heap[at] = moving;
}

/* Read COUNT runs from the one at FIRST on; their buffers are the block. */
static int
start_merge(struct sorter *s, size_t first, size_t count, struct error *e)
{
	stop_reading(s);
	s->heads = mem_zero(count, sizeof(*s->heads));
	s->heap = mem_zero(count, sizeof(*s->heap));
	for (size_t i = 0; i < count; i++) {
		struct head *h = &s->heads[i];
		int more;

		h->left = s->runs.spans[first + i];
		h->data = s->block + i * buffer_size(s);
		more = head_next(s, h, e);
		if (more < 0)
			return -1;
		if (more == 1)
			s->heap[s->heap_len++] = i;
	}
	for (size_t i = s->heap_len / 2; i-- > 0;)
		sift_down(s, i);
	return 0;
}

static int
merge_next(struct sorter *s, const uint8_t **p, size_t *len, struct error *e)
{
	const struct head *h;

	if (s->pending) {
		int more = head_next(s, &s->heads[s->heap[0]], e);

		if (more < 0)
			return -1;
		if (more == 0)
			s->heap[0] = s->heap[--s->heap_len];
		s->pending = 0;
		if (s->heap_len > 0)
			sift_down(s, 0);
	}
	if (s->heap_len == 0)
		return 0;
	h = &s->heads[s->heap[0]];
	*p = h->p;
	*len = h->len;
	s->pending = 1;
	return 1;
}

/* How many runs are merged at once. */
static size_t
merge_width(const struct sorter *s)
{
	size_t width = s->size / buffer_size(s);

	return width < 2 ? 2 : width;
}

/* Neighbouring runs merged, WIDTH into one, to a new file. */
static int
merge_pass(struct sorter *s, size_t width, struct error *e)
{
	struct runs to = { .fd = -1 };
	const uint8_t *p;
	size_t len;
	int more;

	for (size_t i = 0; i < s->runs.count; i += width) {
		size_t left = s->runs.count - i;

		if (start_merge(s, i, left < width ? left : width, e) != 0 ||
		    runs_begin(&to, s->dir, e) != 0)
			goto failed;
		while ((more = merge_next(s, &p, &len, e)) == 1)
			if (runs_add(&to, p, (uint32_t)len, e) != 0)
				goto failed;
		if (more < 0 || runs_finish(&to, e) != 0)
			goto failed;
	}
	runs_clear(&s->runs);
	s->runs = to;
	return 0;
failed:
	runs_clear(&to);
	return -1;
}

int
sorter_begin(struct sorter *s, struct error *e)
{
	size_t width = merge_width(s);

	stop_reading(s);
	if (s->runs.count == 0) {
		if (s->entries > 0)
			sort_memory(s->block, entries_of(s), s->entries);
		return 0;
	}
	if (s->entries > 0 && spill(s, e) != 0)
		return -1;
	while (s->runs.count > width)
		if (merge_pass(s, width, e) != 0)
			return -1;
	return start_merge(s, 0, s->runs.count, e);
}

int
sorter_next(struct sorter *s, const uint8_t **p, size_t *len, struct error *e)
{
	const struct sort_entry *entry;

	if (s->heads != NULL)
		return merge_next(s, p, len, e);
	if (s->next == s->entries)
		return 0;
	entry = &entries_of(s)[s->next++];
	*p = s->block + entry->offset;
	*len = entry->len;
	return 1;
}
