/* A site that run looks after: a section of holdfast.conf, understood. */
#include "core/crawl/site.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "core/crawl/settings.h"
#include "core/crawl/site_part.h"
#include "core/news/profile.h"
#include "core/web/address.h"
#include "core/web/cookies.h"
#include "core/web/url.h"

struct reading {
	struct site *site;
	struct arena *arena;
	const struct config *config;
	const struct profile_set *profiles;
	void (*fault)(void *context, const struct error *e);
	void *context;
	size_t faults;
	size_t cap; /* of sources */
};

/* "holdfast.conf:12: wait: TEXT". */
static void __attribute__((format(printf, 4, 5))) fault(struct reading *r,
    const char *origin, const char *key, const char *fmt, ...)
{
	struct error e = { 0 };
	char text[ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)error_set(&e, ERROR_USAGE, "%s: %s: %s", origin, key, text);
	r->faults++;
	r->fault(r->context, &e);
}

/* ---- sources ---- */

static void
add_source(struct reading *r, const struct source *from)
{
	struct site *s = r->site;

	for (size_t i = 0; i < s->source_count; i++)
		if (s->sources[i].kind == from->kind &&
		    strcmp(s->sources[i].url, from->url) == 0) {
			fault(r, from->origin, source_kind_name(from->kind),
			    "%s: there already, by %s", from->url,
			    s->sources[i].origin);
			return;
		}
	if (s->source_count == r->cap) {
		size_t cap = r->cap == 0 ? 16 : r->cap * 2;
		struct source *more = arena_alloc(
		    r->arena, cap * sizeof(*more));

		if (s->source_count > 0)
			memcpy(
			    more, s->sources, s->source_count * sizeof(*more));
		s->sources = more;
		r->cap = cap;
	}
	s->sources[s->source_count++] = *from;
}

static const char *
every_key(enum source_kind kind)
{
	return kind == SOURCE_SITEMAP ? "sitemap-every" : "every";
}

/* The sources of one kind that the section names. */
static void
read_sources(struct reading *r, enum source_kind kind)
{
	const char *key = source_kind_name(kind);
	const char *const *list = config_list(r->config, key);
	int64_t every = config_duration_ms(r->config, every_key(kind));

	if (list[0] != NULL && strcmp(list[0], "none") == 0 && list[1] == NULL)
		return;
	for (size_t i = 0; list[i] != NULL; i++) {
		const char *origin = config_list_origin(r->config, key, i);
		struct error why = { 0 };
		struct source s;

		if (site_source_parse(
			&s, r->arena, kind, list[i], every, &why) != 0) {
			fault(r, origin, key, "%s", why.text);
			continue;
		}
		s.origin = origin;
		add_source(r, &s);
	}
}

/* Where the section is silent about a kind, the profile says. */
static void
read_profile_sources(struct reading *r)
{
	static const enum source_kind kinds[] = {
		[PROFILE_FRONT] = SOURCE_FRONT,
		[PROFILE_FEED] = SOURCE_FEED,
		[PROFILE_SITEMAP] = SOURCE_SITEMAP,
	};
	const struct profile_source *list;
	size_t count;

	if (r->site->profile == NULL)
		return;
	count = profile_sources(r->site->profile, &list);
	for (size_t i = 0; i < count; i++) {
		enum source_kind kind = kinds[list[i].kind];
		struct source s = { .kind = kind,
			.url = list[i].url,
			.first_page = list[i].first_page,
			.last_page = list[i].last_page,
			.links = list[i].links,
			.every_us = config_duration_ms(
					r->config, every_key(kind)) *
				    1000,
			.origin = arena_format(r->arena, "profile %s",
			    profile_key(r->site->profile)) };

		if (config_list(r->config, source_kind_name(kind))[0] == NULL)
			add_source(r, &s);
	}
}

/* "auto": the robots.txt of every origin that another source has. */
static void
resolve_auto(struct reading *r)
{
	struct site *s = r->site;
	size_t count = s->source_count;
	struct source *from = s->sources;
	struct source wanted = { .url = NULL };
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(from[i].url, "auto") == 0)
			wanted = from[i];
		else
			from[kept++] = from[i];
	}
	s->source_count = kept;
	if (wanted.url == NULL)
		return;
	for (size_t i = 0; i < kept; i++) {
		struct buf text = { 0 };
		struct url url;
		int known = 0;

		if (url_parse(&url, s->sources[i].url,
			strlen(s->sources[i].url), NULL, NULL) != 0)
			continue;
		url_add_origin(&text, &url);
		buf_add_text(&text, "/robots.txt");
		url_clear(&url);
		for (size_t j = kept; j < s->source_count; j++)
			known |= strcmp(s->sources[j].url, buf_text(&text)) ==
				 0;
		wanted.url = arena_text(r->arena, buf_text(&text));
		buf_clear(&text);
		if (!known)
			add_source(r, &wanted);
	}
	if (kept == 0)
		fault(r, wanted.origin, "sitemap",
		    "auto: of which host? Add a front, a feed or the sitemap's "
		    "URL");
}

/* ---- profile and scope ---- */

static void
unknown_profile(struct reading *r, const char *key)
{
	size_t count = profile_set_count(r->profiles);
	const char **keys = arena_alloc(r->arena, (count + 1) * sizeof(*keys));
	const char *near;

	for (size_t i = 0; i < count; i++)
		keys[i] = profile_key(profile_set_at(r->profiles, i));
	near = text_nearest(key, keys);
	fault(r, config_origin(r->config, "profile"), "profile",
	    "%s: there is none of this key%s%s%s; see: holdfast profile list",
	    key, near == NULL ? "" : "; did you mean \"",
	    near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

/* The one that is named; that of the section's name. */
static void
read_profile(struct reading *r)
{
	const char *key = config_text(r->config, "profile");
	struct site *s = r->site;

	if (strcmp(key, "none") == 0)
		return;
	s->profile = profile_set_find(
	    r->profiles, key[0] == '\0' ? s->name : key);
	if (key[0] != '\0' && s->profile == NULL)
		unknown_profile(r, key);
}

/* Else the one that knows the host of a source. */
static void
guess_profile(struct reading *r)
{
	struct site *s = r->site;

	if (s->profile != NULL || config_text(r->config, "profile")[0] != '\0')
		return;
	for (size_t i = 0; i < s->source_count && s->profile == NULL; i++) {
		struct url url;

		if (url_parse(&url, s->sources[i].url,
			strlen(s->sources[i].url), NULL, NULL) == 0) {
			s->profile = profile_for(r->profiles, &url);
			url_clear(&url);
		}
	}
}

static void
check_expressions(struct reading *r, const char *key)
{
	const char *const *list = config_list(r->config, key);

	for (size_t i = 0; list[i] != NULL; i++) {
		regex_t compiled;
		char why[256];
		int rc = regcomp(&compiled, list[i], REG_EXTENDED | REG_NOSUB);

		if (rc == 0) {
			regfree(&compiled);
			continue;
		}
		(void)regerror(rc, &compiled, why, sizeof(why));
		fault(r, config_list_origin(r->config, key, i), key, "%s: %s",
		    list[i], why);
	}
}

static void
read_scope(struct reading *r)
{
	static const struct {
		const char *name;
		enum scope_kind kind;
	} kinds[] = { { "page", SCOPE_PAGE }, { "news", SCOPE_NEWS },
		{ "prefix", SCOPE_PREFIX }, { "host", SCOPE_HOST },
		{ "domain", SCOPE_DOMAIN }, { "any", SCOPE_ANY } };
	const char *name = config_text(r->config, "scope");
	const char *origin = config_origin(r->config, "scope");
	struct site *s = r->site;
	const char **origins = arena_alloc(
	    r->arena, (s->source_count + 1) * sizeof(*origins));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			s->scope.kind = kinds[i].kind;
	for (size_t i = 0; i < s->source_count; i++)
		origins[i] = s->sources[i].url;
	s->scope.origins = origins;
	s->scope.include = config_list(r->config, "include");
	s->scope.exclude = config_list(r->config, "exclude");
	check_expressions(r, "include");
	check_expressions(r, "exclude");
	s->scope.profile = s->profile;
	s->scope.depth = (unsigned)config_size(r->config, "depth");
	s->scope.pattern_budget = (unsigned)config_size(
	    r->config, "pattern-budget");
	if (s->profile != NULL || s->scope.kind != SCOPE_NEWS)
		return;
	if (strcmp(origin, "default") != 0) {
		fault(r, origin, "scope",
		    "news: no profile says what is news on this site; set "
		    "profile, or another scope (as host)");
		return;
	}
	s->scope.kind = SCOPE_HOST;
	if (strcmp(config_origin(r->config, "depth"), "default") == 0)
		s->scope.depth = 1;
}

/* ---- how it is asked ---- */

static void
check_cookies(struct reading *r)
{
	const char *path = config_text(r->config, "load-cookies");
	const char *origin = config_origin(r->config, "load-cookies");
	struct cookies *cookies = NULL;
	struct error why = { 0 };

	if (path[0] == '\0')
		return;
	if (config_check_secret(path, &why) != 0 ||
	    cookies_open(&cookies, path, &why) != 0)
		fault(r, origin, "load-cookies", "%s", why.text);
	cookies_free(cookies);
}

/* "name=value; domain". */
static void
check_cookie(struct reading *r, size_t i, const char *text)
{
	const char *origin = config_list_origin(r->config, "cookie", i);
	struct cookies *cookies = NULL;
	struct error why = { 0 };

	if (cookies_give(&cookies, text, &why) != 0)
		fault(r, origin, "cookie", "%s", why.text);
	cookies_free(cookies);
}

/* "Name: value". */
static int
is_field(const char *text)
{
	size_t len = strcspn(text, ":");

	if (len == 0 || text[len] != ':')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' ||
		    strchr("()<>@,;\\\"/[]?={}", text[i]) != NULL)
			return 0;
	return 1;
}

static void
check_lists(struct reading *r)
{
	const char *const *fields = config_list(r->config, "header");
	const char *const *ranges = config_list(r->config, "allow-address");
	const char *const *cookies = config_list(r->config, "cookie");

	for (size_t i = 0; fields[i] != NULL; i++)
		if (!is_field(fields[i]))
			fault(r, config_list_origin(r->config, "header", i),
			    "header", "%s: not \"Name: value\"", fields[i]);
	for (size_t i = 0; ranges[i] != NULL; i++) {
		const char *const one[] = { ranges[i], NULL };
		struct error why = { 0 };
		struct address_filter *f = address_filter_new(one, &why);

		if (f == NULL)
			fault(r,
			    config_list_origin(r->config, "allow-address", i),
			    "allow-address", "%s", why.text);
		address_filter_free(f);
	}
	for (size_t i = 0; cookies[i] != NULL; i++)
		check_cookie(r, i, cookies[i]);
}

static void
read_rest(struct reading *r)
{
	const struct config *c = r->config;
	struct site *s = r->site;
	struct error why = { 0 };

	if (ladder_parse(&s->ladder, config_text(c, "recapture"), &why) != 0)
		fault(r, config_origin(c, "recapture"), "recapture", "%s",
		    why.text);
	s->wait_ms = config_duration_ms(c, "wait");
	s->images = settings_images(c);
	s->sitemap_since_us = config_duration_ms(c, "sitemap-since") * 1000;
	s->limit = config_size(c, "limit");
	s->seal_daily = strcmp(config_text(c, "seal"), "day") == 0;
	if (config_size(c, "connections") < 1)
		fault(r, config_origin(c, "connections"), "connections",
		    "0: there is at least one");
	check_cookies(r);
	check_lists(r);
}

int
site_read_all(struct site *out, struct arena *a, const struct config *c,
    const struct profile_set *profiles, const char *name,
    void (*on_fault)(void *context, const struct error *e), void *context)
{
	struct reading r = { .site = out,
		.arena = a,
		.config = config_site(c, name),
		.profiles = profiles,
		.fault = on_fault,
		.context = context };

	*out = (struct site){ .name = arena_text(a, name), .config = r.config };
	if (r.config == NULL) {
		struct error e = { 0 };
		const char *near = text_nearest(name, config_sites(c));

		(void)error_set(&e, ERROR_USAGE,
		    "%s: holdfast.conf has no [site %s]%s%s%s", name, name,
		    near == NULL ? "" : "; did you mean \"",
		    near == NULL ? "" : near, near == NULL ? "" : "\"?");
		on_fault(context, &e);
		return -1;
	}
	read_profile(&r);
	read_sources(&r, SOURCE_FRONT);
	read_sources(&r, SOURCE_FEED);
	read_sources(&r, SOURCE_SITEMAP);
	guess_profile(&r);
	read_profile_sources(&r);
	resolve_auto(&r);
	read_scope(&r);
	read_rest(&r);
	return r.faults == 0 ? 0 : -1;
}

static void
keep_first(void *context, const struct error *fault)
{
	struct error *first = context;

	if (first->kind == ERROR_NONE)
		*first = *fault;
}

int
site_read(struct site *out, struct arena *a, const struct config *c,
    const struct profile_set *profiles, const char *name, struct error *e)
{
	struct error first = { 0 };
	int rc = site_read_all(out, a, c, profiles, name, keep_first, &first);

	if (rc != 0 && e != NULL)
		*e = first;
	return rc;
}

char *
site_of_snapshot(const struct config *c, const char *snapshot)
{
	const char *name = strrchr(snapshot, '/');
	char *site;
	char *dash;

	name = name == NULL ? snapshot : name + 1;
	name = strchr(name, '-');
	site = mem_text(name == NULL ? "" : name + 1);
	dash = strrchr(site, '-');
	if (config_site(c, site) == NULL && dash != NULL &&
	    dash[1 + strspn(dash + 1, "0123456789")] == '\0')
		*dash = '\0';
	return site;
}
