/*
 * Multikey quicksort with eight bytes of every string at hand: index lines
 * begin alike, and a comparison that starts over at the first byte would read
 * the same beginnings again and again.
 */
#include "core/base/sort_memory.h"

#include <string.h>

enum {
	WORD = 8,
	FEW = 12,    /* sorted by insertion */
	STACK = 128, /* two parts a level, each at most half of the last */
	SAMPLES = 9
};

/* Entries that agree in their first DEPTH bytes. */
struct part {
	struct sort_entry *entries;
	size_t count;
	uint32_t depth;
};

/* The bytes from DEPTH on, the first in the highest place. */
static uint64_t
word_at(const uint8_t *block, const struct sort_entry *x, uint32_t depth)
{
	uint64_t word = 0;
	uint32_t n = x->len - depth;

	if (n >= WORD) {
		memcpy(&word, block + x->offset + depth, WORD);
		return __builtin_bswap64(word);
	}
	for (uint32_t i = 0; i < n; i++)
		word |= (uint64_t)block[x->offset + depth + i] << (56 - 8 * i);
	return word;
}

/* How many bytes of the word are of the string: "a" is before "a\0". */
static uint32_t
bytes_in(const struct sort_entry *x, uint32_t depth)
{
	return x->len - depth < WORD ? x->len - depth : WORD;
}

static int
compare_words(
    const struct sort_entry *a, const struct sort_entry *b, uint32_t depth)
{
	uint32_t m;
	uint32_t n;

	if (a->word != b->word)
		return a->word < b->word ? -1 : 1;
	m = bytes_in(a, depth);
	n = bytes_in(b, depth);
	return m == n ? 0 : m < n ? -1 : 1;
}

/* Whole strings, from DEPTH on; never 0 for two different entries. */
static int
compare_all(const uint8_t *block, const struct sort_entry *a,
    const struct sort_entry *b, uint32_t depth)
{
	int c = compare_words(a, b, depth);
	uint32_t shorter = a->len < b->len ? a->len : b->len;

	if (c == 0 && shorter > depth + WORD)
		c = memcmp(block + a->offset + depth + WORD,
		    block + b->offset + depth + WORD, shorter - depth - WORD);
	if (c == 0 && a->len != b->len)
		c = a->len < b->len ? -1 : 1;
	if (c == 0)
		c = a->offset < b->offset ? -1 : 1;
	return c;
}

static void
sort_few(const uint8_t *block, const struct part *p)
{
	for (size_t i = 1; i < p->count; i++) {
		struct sort_entry moving = p->entries[i];
		size_t k = i;

		for (; k > 0 && compare_all(block, &p->entries[k - 1], &moving,
				    p->depth) > 0;
		     k--)
			p->entries[k] = p->entries[k - 1];
		p->entries[k] = moving;
	}
}

/* Equal strings: what is left is the order of adding, by a heap. An empty
 * string has the offset of the next one, which is no matter. */
static void
sift_offset(struct sort_entry *x, size_t at, size_t count)
{
	struct sort_entry moving = x[at];

	for (size_t below; (below = 2 * at + 1) < count; at = below) {
		if (below + 1 < count && x[below + 1].offset > x[below].offset)
			below++;
		if (x[below].offset <= moving.offset)
			break;
		x[at] = x[below];
	}
	x[at] = moving;
}

static void
sort_equal(const struct part *p)
{
	struct sort_entry *x = p->entries;

	for (size_t i = p->count / 2; i-- > 0;)
		sift_offset(x, i, p->count);
	for (size_t i = p->count; i-- > 1;) {
		struct sort_entry last = x[i];

		x[i] = x[0];
		x[0] = last;
		sift_offset(x, 0, i);
	}
}

/* The middle of a few from all over. */
static struct sort_entry
choose(const struct part *p)
{
	struct sort_entry sample[SAMPLES];

	for (size_t i = 0; i < SAMPLES; i++) {
		size_t k = i;
		struct sort_entry x =
		    p->entries[(p->count - 1) / (SAMPLES - 1) * i];

		for (; k > 0 && compare_words(&sample[k - 1], &x, p->depth) > 0;
		     k--)
			sample[k] = sample[k - 1];
		sample[k] = x;
	}
	return sample[SAMPLES / 2];
}

/* Three parts: words less than, equal to and greater than one of them. */
static void
split(const struct part *p, struct part out[3])
{
	struct sort_entry pivot = choose(p);
	struct sort_entry *x = p->entries;
	size_t low = 0;
	size_t high = p->count;

	for (size_t i = 0; i < high;) {
		int c = compare_words(&x[i], &pivot, p->depth);
		struct sort_entry swap = x[i];

		if (c < 0) {
			x[i++] = x[low];
			x[low++] = swap;
		} else if (c > 0) {
			x[i] = x[--high];
			x[high] = swap;
		} else {
			i++;
		}
	}
	out[0] = (struct part){ x, low, p->depth };
	out[1] = (struct part){ x + low, high - low, p->depth };
	out[2] = (struct part){ x + high, p->count - high, p->depth };
}

/* The words of P at a new depth. */
static void
load(const uint8_t *block, const struct part *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->entries[i].word = word_at(block, &p->entries[i], p->depth);
}

/* Those that agree in a whole word go on behind it. */
static void
deepen(const uint8_t *block, struct part *p)
{
	if (p->count < 2)
		return;
	if (bytes_in(&p->entries[0], p->depth) < WORD) {
		sort_equal(p);
		p->count = 0;
		return;
	}
	p->depth += WORD;
	load(block, p);
}

void
sort_memory(const uint8_t *block, struct sort_entry *entries, size_t count)
{
	struct part stack[STACK];
	size_t height = 1;

	stack[0] = (struct part){ entries, count, 0 };
	load(block, &stack[0]);
	while (height > 0) {
		struct part p = stack[--height];
		struct part out[3];
		size_t most = 0;

		if (p.count <= FEW) {
			sort_few(block, &p);
			continue;
		}
		split(&p, out);
		deepen(block, &out[1]);
		/* The largest lies deepest, so that at most two parts wait for
		 * each halving. */
		for (size_t i = 1; i < 3; i++)
			if (out[i].count > out[most].count)
				most = i;
		stack[height++] = out[most];
		for (size_t i = 0; i < 3; i++)
			if (i != most && out[i].count > 1)
				stack[height++] = out[i];
	}
}
