/* Which links are followed. */
#include "core/crawl/scope.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/trap.h"
#include "core/news/profile.h"
#include "core/web/url.h"
#include "core/web/url_identity.h"

/* An expression and its text, for the reason. */
struct rule {
	char *text;
	regex_t compiled;
};

struct rules {
	struct rule *items;
	size_t count;
};

/* A source or seed. */
struct origin {
	struct url url;
	char *folder; /* identity of the path up to its last "/" */
};

struct scope {
	enum scope_kind kind;
	struct origin *origins;
	size_t origin_count;
	struct rules include, exclude;
	const struct profile *profile;
	unsigned depth;
	struct traps *traps;
	struct buf scratch;
};

static int
rules_compile(struct rules *r, const char *const *texts, const char *name,
    struct error *e)
{
	for (; texts != NULL && *texts != NULL; texts++) {
		char why[200];
		regex_t compiled;
		int code = regcomp(&compiled, *texts, REG_EXTENDED | REG_NOSUB);

		if (code != 0) {
			(void)regerror(code, &compiled, why, sizeof(why));
			return error_set(e, ERROR_USAGE, "%s: \"%s\": %s", name,
			    *texts, why);
		}
		r->items = mem_grow(r->items, r->count + 1, sizeof(*r->items));
		r->items[r->count].text = mem_text(*texts);
		r->items[r->count++].compiled = compiled;
	}
	return 0;
}

static void
rules_clear(struct rules *r)
{
	for (size_t i = 0; i < r->count; i++) {
		regfree(&r->items[i].compiled);
		free(r->items[i].text);
	}
	free(r->items);
}

/* The first that matches; NULL none. */
static const struct rule *
rules_match(const struct rules *r, const char *text)
{
	for (size_t i = 0; i < r->count; i++)
		if (regexec(&r->items[i].compiled, text, 0, NULL, 0) == 0)
			return &r->items[i];
	return NULL;
}

/* The identity of URL's path, appended. */
static void
add_path(struct buf *out, const struct url *url)
{
	char *path = mem_text_n(url->text + url->path_start, url->path_len);

	url_add_identity(out, path);
	free(path);
}

static int
origin_add(struct scope *s, const char *text, struct error *e)
{
	struct buf path = { 0 };
	struct origin o = { .folder = NULL };
	const char *slash;

	if (url_parse(&o.url, text, strlen(text), NULL, e) != 0)
		return error_within(e, "%s", text);
	add_path(&path, &o.url);
	slash = strrchr(buf_text(&path), '/');
	buf_cut(
	    &path, slash == NULL ? 0 : (size_t)(slash + 1 - buf_text(&path)));
	o.folder = buf_take(&path);
	s->origins = mem_grow(
	    s->origins, s->origin_count + 1, sizeof(*s->origins));
	s->origins[s->origin_count++] = o;
	return 0;
}

int
scope_new(struct scope **out, const struct scope_options *o, struct error *e)
{
	struct scope *s = mem_zero(1, sizeof(*s));
	int rc = 0;

	s->kind = o->kind;
	s->profile = o->profile;
	s->depth = o->depth;
	s->traps = traps_new(o->pattern_budget, o->now_us);
	for (size_t i = 0;
	     o->origins != NULL && o->origins[i] != NULL && rc == 0; i++)
		rc = origin_add(s, o->origins[i], e);
	if (rc == 0)
		rc = rules_compile(&s->include, o->include, "include", e);
	if (rc == 0)
		rc = rules_compile(&s->exclude, o->exclude, "exclude", e);
	if (rc != 0) {
		if (e != NULL)
			e->kind = ERROR_USAGE;
		scope_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
scope_free(struct scope *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->origin_count; i++) {
		url_clear(&s->origins[i].url);
		free(s->origins[i].folder);
	}
	free(s->origins);
	rules_clear(&s->include);
	rules_clear(&s->exclude);
	traps_free(s->traps);
	buf_clear(&s->scratch);
	free(s);
}

void
scope_reset(struct scope *s, int64_t now_us)
{
	traps_reset(s->traps, now_us);
}

struct host_name {
	const char *s;
	size_t len;
};

/* Without "www.", which is another name of the same site. */
static struct host_name
host_of(const struct url *url)
{
	struct host_name h = { url->text + url->host_start, url->host_len };

	if (h.len > 4 && memcmp(h.s, "www.", 4) == 0) {
		h.s += 4;
		h.len -= 4;
	}
	return h;
}

static int
is_same_host(const struct url *a, const struct url *b)
{
	struct host_name x = host_of(a);
	struct host_name y = host_of(b);

	return x.len == y.len && memcmp(x.s, y.s, x.len) == 0 &&
	       a->port == b->port;
}

static int
is_below_domain(const struct url *url, const struct url *origin)
{
	struct host_name x = host_of(url);
	struct host_name y = host_of(origin);

	return is_same_host(url, origin) ||
	       (x.len > y.len && x.s[x.len - y.len - 1] == '.' &&
		   memcmp(x.s + x.len - y.len, y.s, y.len) == 0);
}

static int
is_below_folder(struct scope *s, const struct url *url, const struct origin *o)
{
	buf_reset(&s->scratch);
	add_path(&s->scratch, url);
	return is_same_host(url, &o->url) &&
	       text_starts(buf_text(&s->scratch), o->folder);
}

static int
is_near(struct scope *s, const struct url *url)
{
	for (size_t i = 0; i < s->origin_count; i++) {
		const struct origin *o = &s->origins[i];

		if ((s->kind == SCOPE_PREFIX && is_below_folder(s, url, o)) ||
		    (s->kind == SCOPE_DOMAIN &&
			is_below_domain(url, &o->url)) ||
		    ((s->kind == SCOPE_HOST || s->kind == SCOPE_NEWS) &&
			is_same_host(url, &o->url)))
			return 1;
	}
	return 0;
}

/* Does the kind of scope take URL? */
static int
kind_takes(struct scope *s, const struct url *url)
{
	switch (s->kind) {
	case SCOPE_PAGE:
		return 0;
	case SCOPE_NEWS:
		return s->profile != NULL
			   ? profile_is_article_url(s->profile, url)
			   : is_near(s, url);
	case SCOPE_PREFIX:
	case SCOPE_HOST:
	case SCOPE_DOMAIN:
		return is_near(s, url);
	case SCOPE_ANY:
		return 1;
	}
	return 0;
}

static const char *
kind_name(enum scope_kind k)
{
	switch (k) {
	case SCOPE_PAGE:
		return "page";
	case SCOPE_NEWS:
		return "news";
	case SCOPE_PREFIX:
		return "prefix";
	case SCOPE_HOST:
		return "host";
	case SCOPE_DOMAIN:
		return "domain";
	case SCOPE_ANY:
		return "any";
	}
	return "";
}

int
scope_allows(struct scope *s, const struct url *url, unsigned depth,
    enum outcome *outcome, struct buf *why)
{
	const struct rule *rule;

	if (!url_is_http(url)) {
		*outcome = OUTCOME_BLOCKED_SCHEME;
		buf_format(why, "scheme %.*s", (int)url->scheme_len, url->text);
		return 0;
	}
	if (url->len > LIMIT_URL_BYTES) {
		*outcome = OUTCOME_URL_TOO_LONG;
		buf_format(why, "url-bytes %u > %d", url->len, LIMIT_URL_BYTES);
		return 0;
	}
	*outcome = OUTCOME_OUT_OF_SCOPE;
	if (s->depth > 0 && depth > s->depth) {
		buf_format(why, "depth %u > %u", depth, s->depth);
		return 0;
	}
	rule = rules_match(&s->exclude, url->text);
	if (rule != NULL) {
		buf_format(why, "exclude %s", rule->text);
		return 0;
	}
	if (!kind_takes(s, url) &&
	    rules_match(&s->include, url->text) == NULL) {
		buf_format(why, "scope %s", kind_name(s->kind));
		return 0;
	}
	return traps_allow(s->traps, url, outcome, why);
}
