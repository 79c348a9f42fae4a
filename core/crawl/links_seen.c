/* Links met lately. */
#include "core/crawl/links_seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { SEEN_PLACES = 4096 /* a power of two */, SEEN_URL_MAX = 512 };

struct seen_link {
	const struct site *site;
	char *url; /* NULL: free */
};

/* FNV-1a; whoever makes two URLs meet makes us look the second one up. */
static struct seen_link *
place_of(const struct links_seen *s, const char *url)
{
	uint32_t h = 2166136261u;

	for (; *url != '\0'; url++)
		h = (h ^ (uint8_t)*url) * 16777619u;
	return &s->places[(h ^ h >> 16) & (SEEN_PLACES - 1)];
}

void
links_seen_clear(struct links_seen *s)
{
	if (s->places != NULL)
		for (size_t i = 0; i < SEEN_PLACES; i++)
			free(s->places[i].url);
	free(s->places);
	*s = (struct links_seen){ 0 };
}

int
links_seen_has(
    const struct links_seen *s, const struct site *site, const char *url)
{
	const struct seen_link *p;

	if (s->places == NULL)
		return 0;
	p = place_of(s, url);
	return p->url != NULL && p->site == site && strcmp(p->url, url) == 0;
}

void
links_seen_add(struct links_seen *s, const struct site *site, const char *url)
{
	struct seen_link *p;

	if (strlen(url) > SEEN_URL_MAX)
		return;
	if (s->places == NULL)
		s->places = mem_zero(SEEN_PLACES, sizeof(*s->places));
	p = place_of(s, url);
	free(p->url);
	*p = (struct seen_link){ site, mem_text(url) };
}
