/* Outcomes that were looked for lately. */
#include "core/collection/recent.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"

enum {
	RECENT_BITS = 12,
	RECENT_PLACES = 1 << RECENT_BITS,
	RECENT_TEXT_MAX = 2048, /* bytes of one; longer ones are not kept */
	RECENT_TEXTS = 8
};

struct recent_place {
	uint64_t at;
	struct captured facts; /* its texts lie in TEXT */
	char *text;            /* NULL: free */
	size_t len;
};

/* Every text of C. */
static void
texts_of(struct captured *c, const char **texts[RECENT_TEXTS])
{
	texts[0] = &c->reason;
	texts[1] = &c->record_id;
	texts[2] = &c->date;
	texts[3] = &c->payload_digest;
	texts[4] = &c->block_digest;
	texts[5] = &c->media_type;
	texts[6] = &c->content_type;
	texts[7] = &c->location;
}

/* Fibonacci hashing: lines stand at about equal distances. */
static struct recent_place *
place_of(const struct recent *r, uint64_t at)
{
	return &r->places[(at * UINT64_C(0x9e3779b97f4a7c15)) >>
			  (64 - RECENT_BITS)];
}

void
recent_clear(struct recent *r)
{
	if (r->places != NULL)
		for (size_t i = 0; i < RECENT_PLACES; i++)
			free(r->places[i].text);
	free(r->places);
	*r = (struct recent){ 0 };
}

int
recent_find(
    const struct recent *r, uint64_t at, struct arena *a, struct captured *out)
{
	const struct recent_place *p;
	const char **texts[RECENT_TEXTS];
	const char *copy;

	if (r->places == NULL)
		return 0;
	p = place_of(r, at);
	if (p->text == NULL || p->at != at)
		return 0;
	copy = arena_dup(a, p->text, p->len);
	*out = p->facts;
	texts_of(out, texts);
	for (size_t i = 0; i < RECENT_TEXTS; i++)
		*texts[i] = copy + (*texts[i] - p->text);
	return 1;
}

void
recent_keep(struct recent *r, uint64_t at, const struct captured *f)
{
	struct recent_place *p;
	struct captured facts = *f;
	const char **texts[RECENT_TEXTS];
	size_t sizes[RECENT_TEXTS];
	size_t len = 0;

	texts_of(&facts, texts);
	for (size_t i = 0; i < RECENT_TEXTS; i++) {
		sizes[i] = strlen(*texts[i]) + 1;
		len += sizes[i];
	}
	if (len > RECENT_TEXT_MAX)
		return;
	if (r->places == NULL)
		r->places = mem_zero(RECENT_PLACES, sizeof(*r->places));
	p = place_of(r, at);
	free(p->text);
	p->text = mem_alloc(len);
	p->len = 0;
	for (size_t i = 0; i < RECENT_TEXTS; i++) {
		memcpy(p->text + p->len, *texts[i], sizes[i]);
		*texts[i] = p->text + p->len;
		p->len += sizes[i];
	}
	p->at = at;
	p->facts = facts;
}
