/* Under which spelling URLs were met first. */
#include "core/crawl/spelling.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/mem.h"
#include "core/web/url_identity.h"

enum { KEY_LEN = 15, CAP_FIRST = 64 };

struct spelling {
	uint8_t key[KEY_LEN]; /* of the identity */
	uint8_t is_used;
	char *text; /* NULL: the identity with escapes in lower case */
};

static void
key_of(uint8_t key[KEY_LEN], const char *identity, size_t len)
{
	uint8_t raw[DIGEST_SHA256_RAW];

	digest_sha256(identity, len, raw);
	memcpy(key, raw, KEY_LEN);
}

/* Where KEY is, or the free place where it would go. */
static struct spelling *
place_of(struct spelling *places, size_t cap, const uint8_t key[KEY_LEN])
{
	size_t i;

	memcpy(&i, key, sizeof(i));
	for (i &= cap - 1; places[i].is_used; i = (i + 1) & (cap - 1))
		if (memcmp(places[i].key, key, KEY_LEN) == 0)
			break;
	return &places[i];
}

static void
make_room(struct spellings *s)
{
	size_t cap = s->cap == 0 ? CAP_FIRST : 2 * s->cap;
	struct spelling *places;

	if (4 * (s->count + 1) <= 3 * s->cap)
		return;
	places = mem_zero(cap, sizeof(*places));
	for (size_t i = 0; i < s->cap; i++)
		if (s->places[i].is_used)
			*place_of(places, cap, s->places[i].key) = s->places[i];
	free(s->places);
	s->places = places;
	s->cap = cap;
}

void
spellings_clear(struct spellings *s)
{
	for (size_t i = 0; i < s->cap; i++)
		free(s->places[i].text);
	free(s->places);
	*s = (struct spellings){ .places = NULL };
}

void
spellings_add(struct spellings *s, const char *url)
{
	struct buf identity = { 0 };
	struct buf lower = { 0 };
	struct spelling new = { .is_used = 1 };
	struct spelling *place;

	url_add_identity(&identity, url);
	if (strcmp(buf_text(&identity), url) == 0)
		goto done;
	key_of(new.key, buf_text(&identity), identity.len);
	make_room(s);
	place = place_of(s->places, s->cap, new.key);
	if (place->is_used)
		goto done;
	url_add_identity_lower(&lower, url);
	if (strcmp(buf_text(&lower), url) != 0)
		new.text = mem_text(url);
	*place = new;
	s->count++;
done:
	buf_clear(&identity);
	buf_clear(&lower);
}

int
spellings_find(const struct spellings *s, const char *url, struct buf *out)
{
	const struct spelling *place;
	size_t before = out->len;
	uint8_t key[KEY_LEN];

	if (s->count == 0)
		return 0;
	url_add_identity(out, url);
	key_of(key, buf_text(out) + before, out->len - before);
	buf_cut(out, before);
	place = place_of(s->places, s->cap, key);
	if (!place->is_used)
		return 0;
	if (place->text != NULL)
		buf_add_text(out, place->text);
	else
		url_add_identity_lower(out, url);
	return 1;
}
