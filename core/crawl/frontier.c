/* What is to be fetched, and what was. */
#include "core/crawl/frontier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/mem.h"
#include "core/crawl/spelling.h"
#include "core/web/url_identity.h"
#include "core/crawl/earlier.h"

enum { KEY_LEN = 16, BUCKETS = 1024 };

struct key {
	uint8_t bytes[KEY_LEN]; /* all zero: an empty place */
};

struct frontier {
	struct target *buckets[BUCKETS]; /* pending, by key */
	size_t pending;
	struct key *done; /* open addressing; a power of two */
	size_t done_cap;
	size_t done_count;
	struct spellings spellings;
	struct buf scratch;
};

static struct key
key_of(const char *url)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	struct key k;

	digest_sha256(url, strlen(url), raw);
	memcpy(k.bytes, raw, KEY_LEN);
	return k;
}

static size_t
key_number(const struct key *k)
{
	size_t n;

	memcpy(&n, k->bytes, sizeof(n));
	return n;
}

static int
key_empty(const struct key *k)
{
	static const struct key none;

	return memcmp(k, &none, sizeof(none)) == 0;
}

/* Where K is, or the empty place where it would go. */
static struct key *
done_place(struct key *table, size_t cap, const struct key *k)
{
	size_t i = key_number(k) & (cap - 1);

	while (!key_empty(&table[i]) && memcmp(&table[i], k, sizeof(*k)) != 0)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static void
done_add(struct frontier *f, const struct key *k)
{
	struct key *place;

	if (4 * (f->done_count + 1) > 3 * f->done_cap) {
		size_t cap = f->done_cap * 2;
		struct key *table = mem_zero(cap, sizeof(*table));

		for (size_t i = 0; i < f->done_cap; i++)
			if (!key_empty(&f->done[i]))
				*done_place(
				    table, cap, &f->done[i]) = f->done[i];
		free(f->done);
		f->done = table;
		f->done_cap = cap;
	}
	place = done_place(f->done, f->done_cap, k);
	if (key_empty(place)) {
		*place = *k;
		f->done_count++;
	}
}

struct frontier *
frontier_new(void)
{
	struct frontier *f = mem_zero(1, sizeof(*f));

	f->done_cap = 1024;
	f->done = mem_zero(f->done_cap, sizeof(*f->done));
	return f;
}

static void
target_free(struct target *t)
{
	free(t->url);
	free(t->via);
	free(t->hops);
	free(t->where);
	free(t->robots);
	earlier_free(t->earlier);
	free(t->waiting);
	free(t);
}

void
frontier_free(struct frontier *f)
{
	struct target *t;

	if (f == NULL)
		return;
	while ((t = frontier_any(f)) != NULL)
		frontier_done(f, t);
	spellings_clear(&f->spellings);
	buf_clear(&f->scratch);
	free(f->done);
	free(f);
}

static size_t
bucket_of(const struct key *k)
{
	return key_number(k) % BUCKETS;
}

/* URL is in use from now on, under this spelling if it is the first. */
static void
note_spelling(struct frontier *f, const char *url)
{
	if (strchr(url, '%') != NULL)
		spellings_add(&f->spellings, url);
}

enum frontier_state
frontier_find(const struct frontier *f, const char *url, struct target **out)
{
	struct key k = key_of(url);

	for (struct target *t = f->buckets[bucket_of(&k)]; t != NULL;
	     t = t->next) {
		if (strcmp(t->url, url) == 0) {
			*out = t;
			return FRONTIER_PENDING;
		}
	}
	*out = NULL;
	return key_empty(done_place(f->done, f->done_cap, &k)) ? FRONTIER_NEW
							       : FRONTIER_DONE;
}

const char *
frontier_spelling(struct frontier *f, const char *url)
{
	int has_escape = strchr(url, '%') != NULL;
	struct target *t;

	if (!has_escape && f->spellings.count == 0)
		return url;
	buf_reset(&f->scratch);
	if (spellings_find(&f->spellings, url, &f->scratch))
		return buf_text(&f->scratch);
	if (!has_escape)
		return url;
	/* The usual spelling is not among the unusual ones. */
	buf_reset(&f->scratch);
	url_add_identity(&f->scratch, url);
	return frontier_find(f, buf_text(&f->scratch), &t) == FRONTIER_NEW
		   ? url
		   : buf_text(&f->scratch);
}

struct target *
frontier_add(struct frontier *f, const char *url, enum need need,
    const struct target *parent, const char *hop, const char *where)
{
	struct key k = key_of(url);
	struct target **bucket = &f->buckets[bucket_of(&k)];
	struct target *t = mem_zero(1, sizeof(*t));

	t->url = mem_text(url);
	t->via = mem_text(parent == NULL ? "" : parent->url);
	t->hops = mem_format("%s%s", parent == NULL ? "" : parent->hops, hop);
	t->where = mem_text(where);
	t->robots = mem_text("");
	t->need = need;
	note_spelling(f, url);
	t->next = *bucket;
	*bucket = t;
	f->pending++;
	return t;
}

void
frontier_pass(struct frontier *f, const char *url)
{
	struct key k = key_of(url);

	note_spelling(f, url);
	done_add(f, &k);
}

int
target_wait(struct target *t, struct job *j)
{
	for (size_t i = 0; i < t->waiting_count; i++)
		if (t->waiting[i] == j)
			return 0;
	t->waiting = mem_grow(
	    t->waiting, t->waiting_count + 1, sizeof(*t->waiting));
	t->waiting[t->waiting_count++] = j;
	return 1;
}

void
frontier_done(struct frontier *f, struct target *t)
{
	struct key k = key_of(t->url);
	struct target **at = &f->buckets[bucket_of(&k)];

	while (*at != t) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = t->next;
	f->pending--;
	done_add(f, &k);
	target_free(t);
}

size_t
frontier_pending(const struct frontier *f)
{
	return f->pending;
}

struct target *
frontier_any(const struct frontier *f)
{
	for (size_t i = 0; i < BUCKETS; i++)
		if (f->buckets[i] != NULL)
			return f->buckets[i];
	return NULL;
}

const char *
need_name(enum need n)
{
	switch (n) {
	case NEED_PAGE:
		return "page";
	case NEED_ROBOTS:
		return "robots";
	case NEED_STYLESHEET:
		return "stylesheet";
	case NEED_IMAGE:
		return "image";
	case NEED_OTHER:
		return "requisite";
	}
	return "";
}
