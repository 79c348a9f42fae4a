/* Whatever a list says: what is handed out can be fetched, is counted, and is
 * within the limits; the kind is known when something was. */
#include <stdlib.h>
#include <string.h>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/web/feed.h"
#include "core/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct seen {
	uint64_t count;
};

static void
must(int condition)
{
	if (!condition)
		abort();
}

static void
note(void *context, const struct feed_entry *f)
{
	struct seen *s = context;
	size_t title_len = strlen(f->title);

	s->count++;
	must(strlen(f->url) <= LIMIT_URL_BYTES);
	must(text_starts(f->url, "http://") || text_starts(f->url, "https://"));
	must(strpbrk(f->url, "\t\n #") == NULL);
	must(strpbrk(f->title, "\t\n") == NULL);
	must(title_len <= LIMIT_FEED_TITLE_BYTES);
	must(text_is_utf8(f->title, title_len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char base[] = "https://n.example/feeds/all.xml";
	struct seen s = { 0 };
	struct feed_facts facts;
	struct url url;

	must(url_parse(&url, base, strlen(base), NULL, NULL) == 0);
	feed_read(p, len, &url, note, &s, &facts);
	url_clear(&url);
	must(facts.entries == s.count);
	must(facts.kind != FEED_NONE || s.count == 0);
	return 0;
}
