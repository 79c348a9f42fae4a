/* What hosts asked of us, from run to run: their robots.txt. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/crawl/hosts.h"
#include "core/crawl/hosts_part.h"
#include "core/crawl/politeness.h"
#include "core/web/robots.h"
#include "core/web/url.h"

enum { HOST_TEXT_MAX = 1024 };

/* A host may have several origins; the most patient is right for all. */
static int
note_delay(struct hosts *h, const char *origin, const struct robots_kept *r,
    struct error *e)
{
	char name[HOST_TEXT_MAX];
	struct known *k = NULL;
	struct robots *rules;
	struct url url;
	int64_t delay;

	if (r->status / 100 != 2 || r->len == 0)
		return 0;
	if (url_parse(&url, origin, strlen(origin), NULL, e) != 0)
		return -1;
	if (url_host(&url, name, sizeof(name)))
		k = hosts_known(h, name, e);
	url_clear(&url);
	if (k == NULL)
		return -1;
	rules = robots_parse(r->text, r->len);
	delay = robots_delay_ms(rules, ROBOTS_PRODUCT);
	robots_free(rules);
	if (delay > LIMIT_CRAWL_DELAY_S * 1000ll)
		delay = LIMIT_CRAWL_DELAY_S * 1000ll;
	if (delay > k->crawl_delay_ms)
		k->crawl_delay_ms = delay;
	return 0;
}

static void
read_row(struct hosts *h, struct arena *a, struct robots_kept *out)
{
	size_t len = 0;
	const void *text = db_bytes(h->find_robots, 4, &len);

	*out = (struct robots_kept){
		.status = (unsigned)db_int(h->find_robots, 0),
		.fetched_us = db_int(h->find_robots, 1),
		.until_us = db_int(h->find_robots, 2),
		.digest = arena_text(a, db_text(h->find_robots, 3)),
		.len = len,
	};
	out->text = arena_dup(a, len == 0 ? "" : text, len);
}

int
hosts_robots(struct hosts *h, struct arena *a, const char *origin,
    struct robots_kept *out, struct error *e)
{
	int64_t now = h->clock->wall_us(h->clock);
	int64_t age;
	int rc;

	db_bind_text(h->find_robots, 1, origin);
	rc = db_next(h->find_robots, e);
	if (rc <= 0)
		return rc;
	read_row(h, a, out);
	db_reset(h->find_robots);
	/* Fetched tomorrow, or good for longer than any is: the clock was set.
	 * Then its age is not known, and it is to be fetched. */
	age = now - out->fetched_us;
	if (age < 0 || out->until_us > now + LIMIT_ROBOTS_AGE_S * 1000000ll)
		out->until_us = 0;
	if (age / 1000000 > LIMIT_ROBOTS_UNREACHABLE_S)
		return 0;
	return note_delay(h, origin, out, e) != 0 ? -1 : 1;
}

int
hosts_keep_robots(struct hosts *h, const char *origin,
    const struct robots_kept *r, struct error *e)
{
	db_bind_text(h->put_robots, 1, origin);
	db_bind_int(h->put_robots, 2, r->status);
	db_bind_int(h->put_robots, 3, r->fetched_us);
	db_bind_int(h->put_robots, 4, r->until_us);
	db_bind_text(h->put_robots, 5, r->digest);
	db_bind_bytes(
	    h->put_robots, 6, r->len == 0 ? (const void *)"" : r->text, r->len);
	/* Pictures come from many hosts over the years: those of no use go. */
	db_bind_int(h->drop_robots, 1,
	    h->clock->wall_us(h->clock) -
		LIMIT_ROBOTS_UNREACHABLE_S * 1000000ll);
	if (db_next(h->put_robots, e) < 0 || db_next(h->drop_robots, e) < 0)
		return -1;
	return note_delay(h, origin, r, e);
}
