/* What a host asks of us. */
#include "core/crawl/politeness.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/crawl/hosts.h"
#include "core/web/decode.h"
#include "core/web/http_message.h"
#include "core/web/robots.h"
#include "core/web/url.h"

/* Asked for less often than that, whatever it says. */
enum { ROBOTS_AGE_LEAST_S = 300 };

struct politeness {
	enum robots_policy policy;
	char *product;
	struct host *hosts;
};

static const char *const policy_names[] = { "obey", "warn", "ignore" };

const char *
robots_policy_name(enum robots_policy p)
{
	return policy_names[p];
}

int
robots_policy_find(const char *name, enum robots_policy *p)
{
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(name, policy_names[i]) == 0) {
			*p = (enum robots_policy)i;
			return 1;
		}
	}
	return 0;
}

struct politeness *
politeness_new(enum robots_policy policy, const char *product)
{
	struct politeness *p = mem_zero(1, sizeof(*p));

	p->policy = policy;
	p->product = mem_text(product);
	return p;
}

void
politeness_free(struct politeness *p)
{
	struct host *next;

	if (p == NULL)
		return;
	for (struct host *h = p->hosts; h != NULL; h = next) {
		next = h->next;
		robots_free(h->robots);
		free(h->origin);
		free(h->reason);
		free(h->source);
		free(h->text);
		free(h->waiting);
		free(h);
	}
	free(p->product);
	free(p);
}

enum robots_policy
politeness_policy(const struct politeness *p)
{
	return p->policy;
}

struct host *
politeness_host(struct politeness *p, const struct url *url)
{
	struct buf origin = { 0 };
	struct host *h;

	url_add_origin(&origin, url);
	for (h = p->hosts; h != NULL; h = h->next) {
		if (strcmp(h->origin, buf_text(&origin)) == 0) {
			buf_clear(&origin);
			return h;
		}
	}
	h = mem_zero(1, sizeof(*h));
	h->origin = buf_take(&origin);
	h->reason = mem_text("");
	h->source = mem_text("");
	h->max_age_s = -1;
	h->next = p->hosts;
	p->hosts = h;
	return h;
}

char *
host_robots_url(const struct host *h)
{
	return mem_format("%s/robots.txt", h->origin);
}

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	struct buf *out = context;

	if (out->len < LIMIT_ROBOTS_BYTES)
		buf_add(out, p,
		    len < LIMIT_ROBOTS_BYTES - out->len
			? len
			: LIMIT_ROBOTS_BYTES - out->len);
}

/* RFC 9111, 5.2.2: how long it may be used, in seconds; -1: not said. */
static int64_t
max_age_s(const char *cache_control)
{
	static const char *const never[] = { "no-store", "no-cache" };
	const char *p;
	uint64_t seconds;

	if (cache_control == NULL)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (strcasestr(cache_control, never[i]) != NULL)
			return 0;
	p = strcasestr(cache_control, "max-age=");
	if (p == NULL || (p > cache_control && p[-1] == '-'))
		return -1; /* s-maxage is for shared caches */
	p += strlen("max-age=");
	return text_uint(
		   p, strspn(p, "0123456789"), LIMIT_ROBOTS_AGE_S, &seconds)
		   ? (int64_t)seconds
		   : -1;
}

/* The rules are small, bounded and read by our own linear code, so they are
 * parsed here and not in a worker. */
static void
read_rules(struct host *h, const struct exchange *x)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	struct stream *s = spool_stream(x->response, 0, spool_len(x->response));
	struct buf payload = { 0 };
	struct buf text = { 0 };
	const uint8_t *p;
	size_t len;
	size_t used;

	http_reader_reset(r, "GET");
	http_reader_on_payload(r, add_payload, &payload);
	while (stream_next(s, &p, &len, NULL) > 0 &&
	       payload.len < LIMIT_ROBOTS_BYTES)
		if (http_reader_feed(r, p, len, &used, NULL) != 0)
			break;
	h->max_age_s = max_age_s(http_reader_field(r, "cache-control"));
	(void)decode_content(x->content_encoding, payload.data, payload.len,
	    LIMIT_ROBOTS_BYTES, &text, NULL);
	h->robots = robots_parse(text.data, text.len);
	h->text_len = text.len;
	h->text = (uint8_t *)buf_take(&text);
	buf_clear(&payload);
	stream_free(s);
	http_reader_free(r);
}

static void
refuse_all(struct host *h, const struct exchange *x)
{
	h->state = HOST_ROBOTS_REFUSED;
	h->wall = OUTCOME_BLOCKED_ROBOTS;
	if (x->outcome == OUTCOME_DNS || x->outcome == OUTCOME_CONNECT ||
	    x->outcome == OUTCOME_TLS_INVALID || x->outcome == OUTCOME_TIMEOUT)
		h->wall = x->outcome;
	free(h->reason);
	h->reason = mem_format("robots.txt: %s",
	    x->reason[0] != '\0' ? x->reason : outcome_name(x->outcome));
}

/* We did not ask, or were told to ask elsewhere by too many. */
static int
says_nothing(const struct exchange *x)
{
	return x->outcome == OUTCOME_BLOCKED_ADDRESS ||
	       x->outcome == OUTCOME_BLOCKED_SCHEME ||
	       x->outcome == OUTCOME_NOT_TRIED;
}

/* Rules that came whole, or as far as any are read. */
static int
has_rules(const struct exchange *x)
{
	return x->status >= 200 && x->status <= 299 && x->response != NULL &&
	       (x->outcome == OUTCOME_CAPTURED ||
		   x->outcome == OUTCOME_REVISIT ||
		   x->outcome == OUTCOME_TRUNCATED_LENGTH);
}

/* No answer, or none of the site's: half a file may lack the half that says
 * no, and a challenge says nothing of a file. */
static int
is_unreachable(const struct exchange *x)
{
	return x->status >= 500 || x->status < 300 || x->status == 304 ||
	       x->status == 429 || x->outcome == OUTCOME_CHALLENGE;
}

void
host_robots_answer(struct host *h, const struct exchange *x)
{
	h->state = HOST_ROBOTS_KNOWN;
	if (says_nothing(x))
		return;
	if (has_rules(x))
		read_rules(h, x);
	else if (is_unreachable(x))
		refuse_all(h, x);
}

int
host_robots_kept(
    const struct host *h, const struct exchange *x, struct robots_kept *out)
{
	int64_t age_s = LIMIT_ROBOTS_AGE_S;

	if (says_nothing(x) || h->state != HOST_ROBOTS_KNOWN)
		return 0;
	if (h->max_age_s >= 0 && h->max_age_s < age_s)
		age_s = h->max_age_s < ROBOTS_AGE_LEAST_S ? ROBOTS_AGE_LEAST_S
							  : h->max_age_s;
	*out = (struct robots_kept){
		.status = x->status,
		.fetched_us = x->started_us,
		.until_us = x->started_us + age_s * 1000000,
		.text = h->text,
		.len = h->text_len,
		.digest = x->payload_digest,
	};
	return 1;
}

void
host_robots_use(struct host *h, const struct robots_kept *kept)
{
	char fetched[DATE_TEXT_MAX];

	h->state = HOST_ROBOTS_KNOWN;
	date_rfc3339_s(kept->fetched_us, fetched);
	free(h->source);
	h->source = mem_format("fetched %s%s%s", fetched,
	    kept->digest[0] == '\0' ? "" : ", ", kept->digest);
	if (kept->status >= 200 && kept->status <= 299)
		h->robots = robots_parse(kept->text, kept->len);
}

int
politeness_allows(const struct politeness *p, const struct host *h,
    const struct url *url, struct buf *decision)
{
	struct buf target = { 0 };
	unsigned line = 0;
	int allowed = 1;

	if (h->state == HOST_ROBOTS_REFUSED) {
		allowed = 0;
		buf_add_text(decision, h->reason);
	} else if (h->robots != NULL) {
		url_add_request_target(&target, url);
		allowed = robots_allowed(
		    h->robots, p->product, buf_text(&target), &line);
		if (line > 0)
			buf_format(decision, "robots.txt line %u", line);
		buf_clear(&target);
	}
	/* Which record it was read from, when that is not in this snapshot. */
	if (h->source[0] != '\0')
		buf_format(decision, "%s%s",
		    decision->len > 0 ? " " : "robots.txt ", h->source);
	if (allowed || p->policy == ROBOTS_OBEY)
		return allowed;
	buf_format(decision, " (%s)",
	    p->policy == ROBOTS_WARN ? "fetched with a warning" : "ignored");
	return 1;
}
