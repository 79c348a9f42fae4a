/*
 * Every line of the bundled profiles earns its place: without it some fixture
 * is read differently, or the profile no longer loads. Fixtures are the story
 * with the changes of variants.json, and one per entry of each map. That the
 * number of a rule changes, or the fingerprint of the page, does not count.
 */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/news/profile.h"
#include "core/web/url.h"
#include "tests/site/story.h"
#include "tests/test.h"

enum { VARIANTS_MAX = 256, FILES_MAX = 8 };

struct variant {
	const char *name;
	const char *url;
	struct json *story;
	const struct json *replace;
	char digest[DIGEST_TEXT_MAX]; /* of what is read with all rules */
};

struct site_source {
	const char *name; /* in the directory of profiles */
	const char *text;
	size_t len;
	const struct conf *conf;
};

/* How an edition shows what a map is about, and which files it is to try. */
static const struct edition {
	const char *name;
	const char *host, *news, *articles;
	const char *caption; /* before the credit */
	const char *files[4];
} editions[] = {
	{ "en", "https://english.almayadeen.net", "news", "articles", "A pier",
	    { "agencies.map", "almayadeen-common.site",
		"almayadeen-en.site" } },
	{ "ar", "https://www.almayadeen.net", "news", "articles", "رصيف",
	    { "almayadeen-ar.site" } },
	{ "es", "https://espanol.almayadeen.net", "noticias", "articulos",
	    "Un muelle", { "almayadeen-es.site" } },
};

struct trial {
	struct arena *arena;
	struct error error;
	const struct edition *edition;
	const char *key; /* of the profile */
	struct buf template;
	struct variant variants[VARIANTS_MAX];
	size_t variant_count;
	struct site_source files[FILES_MAX];
	size_t file_count;
	char facts[DIGEST_TEXT_MAX];
};

/* A copy of the story with some members replaced. */
static struct json *
changed_story(struct trial *t, const struct json *set)
{
	struct json *story = story_load_of(
	    t->arena, t->edition->name, &t->error);

	for (size_t i = 0; story != NULL && i < json_count(set); i++)
		json_set(t->arena, story, json_key(set, i), json_at(set, i));
	return story;
}

static struct variant *
add_variant(
    struct trial *t, const char *name, const struct json *set, const char *url)
{
	struct variant *v = &t->variants[t->variant_count];

	CHECK(t->variant_count < VARIANTS_MAX - 1);
	if (t->variant_count < VARIANTS_MAX - 1)
		t->variant_count++;
	memset(v, 0, sizeof(*v));
	v->name = arena_text(t->arena, name);
	v->story = changed_story(t, set);
	if (url != NULL)
		json_set_string(t->arena, v->story, "url", url);
	v->url = json_text(json_get(v->story, "url"), "");
	return v;
}

static void
add_listed_variants(struct trial *t)
{
	struct buf text = { 0 };
	struct json *list = NULL;

	CHECK_OK(story_file(t->arena, t->edition->name, "variants.json", &text,
		     &t->error),
	    &t->error);
	list = json_parse(t->arena, buf_text(&text), text.len, &t->error);
	CHECK(list != NULL);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *o = json_at(list, i);
		struct variant *v = add_variant(t,
		    json_text(json_get(o, "name"), ""), json_get(o, "set"),
		    json_text(json_get(o, "url"), NULL));

		v->replace = json_get(o, "replace");
	}
	buf_clear(&text);
}

/* A story in which the map entry KEY of MAP is needed. */
static size_t
add_map_variant(struct trial *t, const char *map, const char *key)
{
	const struct edition *ed = t->edition;
	struct json *set = json_new_object(t->arena);
	const char *url = NULL;

	if (strcmp(map, "urltype") == 0 || strcmp(key, ed->news) == 0) {
		url = arena_format(t->arena, "%s/%s/politics/x", ed->host, key);
	} else if (strcmp(map, "sections") == 0) {
		url = arena_format(
		    t->arena, "%s/%s/%s/x", ed->host, ed->news, key);
	} else if (strcmp(map, "articletype") == 0) {
		url = arena_format(
		    t->arena, "%s/%s/%s/x", ed->host, ed->articles, key);
	} else if (strcmp(map, "orgs") == 0) {
		json_set_string(t->arena, set, "author", key);
		json_set_string(t->arena, set, "byline",
		    strcmp(ed->name, "ar") == 0
			? ""
			: arena_format(t->arena, "%s %s",
			      strcmp(ed->name, "en") == 0 ? "By" : "Por", key));
	} else if (strcmp(map, "posttype") == 0) {
		struct json *class = json_new_object(t->arena);
		struct json *classes = json_new_array(t->arena);

		json_set_string(t->arena, class, "mapping", "posttype");
		json_set_string(t->arena, class, "value", key);
		json_append(t->arena, classes, class);
		json_set(t->arena, set, "classes", classes);
		json_set_bool(t->arena, set, "with_json", 1);
	} else {
		struct json *lead = json_get(
		    story_load_of(t->arena, ed->name, &t->error), "lead");

		json_set_string(t->arena, lead, "caption",
		    arena_format(t->arena, "%s (%s)", ed->caption, key));
		json_set(t->arena, set, "lead", lead);
	}
	(void)add_variant(
	    t, arena_format(t->arena, "%s: %s", map, key), set, url);
	return t->variant_count - 1;
}

static void
add_replaced(struct buf *out, const struct buf *in, const struct json *pairs)
{
	struct buf text = { 0 };

	buf_add(&text, in->data, in->len);
	for (size_t i = 0; i < json_count(pairs); i++) {
		const char *from = json_text(json_at(json_at(pairs, i), 0), "");
		const char *to = json_text(json_at(json_at(pairs, i), 1), "");
		struct buf next = { 0 };
		const char *s = buf_text(&text);
		const char *found;

		CHECK(strstr(s, from) != NULL);
		while ((found = strstr(s, from)) != NULL) {
			buf_add(&next, s, (size_t)(found - s));
			buf_add_text(&next, to);
			s = found + strlen(from);
		}
		buf_add_text(&next, s);
		buf_clear(&text);
		text = next;
	}
	buf_add(out, text.data, text.len);
	buf_clear(&text);
}

/* The digest of what P reads out of V. */
static void
read_variant(struct trial *t, const struct variant *v, const struct profile *p,
    char digest[DIGEST_TEXT_MAX])
{
	static const char *const drop[] = { "chain", "fallbacks", "rule",
		"shell", NULL };
	struct arena *a = arena_new();
	struct buf plain = { 0 };
	struct buf page = { 0 };
	struct buf text = { 0 };
	struct json *result;

	CHECK_OK(story_page(a, v->story, &t->template, &plain, &t->error),
	    &t->error);
	add_replaced(&page, &plain, v->replace);
	result = story_read(a, p, v->url, &page, NULL, &t->error);
	CHECK(result != NULL);
	json_write_canonical(&text, story_without(a, result, drop));
	digest_text(DIGEST_SHA256, text.data, text.len, digest);
	buf_clear(&plain);
	buf_clear(&page);
	buf_clear(&text);
	arena_free(a);
}

/* Where a profile looks for pages, and which ones it takes for articles. */
static void
add_discovery(struct buf *text, const struct profile *p, const char *host)
{
	static const char *const paths[] = { "/news/politics/a-b",
		"/articles/a-b", "/authors/a-b", "/news/politics",
		"/noticias/politica/7/a-b", "/noticias/politica" };
	const struct profile_source *sources;
	size_t n = profile_sources(p, &sources);
	int64_t time_us;
	unsigned count;

	for (size_t i = 0; i < n; i++)
		buf_format(text, "%d %s %s %u %u\n", (int)sources[i].kind,
		    sources[i].url, sources[i].links, sources[i].first_page,
		    sources[i].last_page);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct buf full = { 0 };
		struct url url;

		buf_format(&full, "%s%s", host, paths[i]);
		CHECK_INT(
		    url_parse(&url, buf_text(&full), full.len, NULL, NULL), 0);
		buf_format(text, "%d", profile_is_article_url(p, &url));
		url_clear(&url);
		buf_clear(&full);
	}
	(void)profile_min_new(p, &count, &time_us);
	buf_format(text, " %u %jd %jd\n", count, (intmax_t)time_us,
	    (intmax_t)profile_challenge_pause_ms(p));
}

/* What a profile says without reading a page. */
static void
read_facts(const struct trial *t, const struct profile_set *set,
    const struct profile *p, char digest[DIGEST_TEXT_MAX])
{
	static const char *const urls[] = {
		"https://tracking-api.almayadeen.net/api/collect",
		"https://track.almayadeen.net/x",
		"https://piwik.almayadeen.net/x",
		"https://media.almayadeen.net/x",
		"https://almayadeen.net/x",
	};
	static const char *const heads[] = {
		"HTTP/1.1 403 Forbidden\r\nServer: cloudflare\r\n\r\n",
		"HTTP/1.1 403 Forbidden\r\ncf-mitigated: challenge\r\n\r\n",
		"HTTP/1.1 403 Forbidden\r\nServer: other\r\n\r\n"
	};
	struct buf text = { 0 };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct url url;

		CHECK_INT(
		    url_parse(&url, urls[i], strlen(urls[i]), NULL, NULL), 0);
		buf_format(&text, "%d%d", profile_blocks(p, &url),
		    profile_for(set, &url) == p);
		url_clear(&url);
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		buf_format(&text, "%d",
		    profile_is_challenge(
			p, 403, (const uint8_t *)heads[i], strlen(heads[i])));
	buf_format(&text, "%s\n", profile_version(p));
	add_discovery(&text, p, t->edition->host);
	digest_text(DIGEST_SHA256, text.data, text.len, digest);
	buf_clear(&text);
}

static void
load_sources(struct trial *t)
{
	const struct embedded_file *x;

	for (x = embedded_files; x->name != NULL; x++) {
		struct site_source *f = &t->files[t->file_count];

		if (!text_starts(x->name, "plugins/almayadeen/") ||
		    t->file_count == FILES_MAX)
			continue;
		f->name = strrchr(x->name, '/') + 1;
		f->text = (const char *)x->data;
		f->len = x->len;
		f->conf = conf_parse(
		    t->arena, x->name, f->text, f->len, &t->error);
		CHECK(f->conf != NULL);
		if (f->conf != NULL)
			t->file_count++;
	}
}

static void
put(struct trial *t, const struct site_source *f, const void *p, size_t len)
{
	CHECK_OK(file_put(arena_format(t->arena, "sites/%s", f->name), p, len,
		     &t->error),
	    &t->error);
}

/* F without the entry that begins in line LINE and what continues it. */
static void
put_without(struct trial *t, const struct site_source *f, unsigned line)
{
	struct buf out = { 0 };
	unsigned n = 1;
	int dropping = 0;

	for (size_t i = 0; i < f->len; n++) {
		const char *s = f->text + i;
		const char *end = memchr(s, '\n', f->len - i);
		size_t len = end == NULL ? f->len - i : (size_t)(end - s) + 1;

		dropping = n == line ||
			   (dropping && (s[0] == ' ' || s[0] == '\t'));
		if (!dropping)
			buf_add(&out, s, len);
		i += len;
	}
	put(t, f, out.data, out.len);
	buf_clear(&out);
}

/* Something is different now: 1. HINT is the likeliest variant to show it. */
static int
is_noticed(struct trial *t, size_t hint)
{
	struct profile_set *set = NULL;
	const struct profile *p;
	char digest[DIGEST_TEXT_MAX];
	int noticed = 0;

	if (profile_set_load(&set, "sites", &t->error) != 0)
		return 1;
	p = profile_set_find(set, t->key);
	if (p == NULL) {
		profile_set_free(set);
		return 1;
	}
	read_facts(t, set, p, digest);
	noticed = strcmp(digest, t->facts) != 0;
	for (size_t i = 0; !noticed && i < t->variant_count; i++) {
		const struct variant
		    *v = &t->variants[(hint + i) % t->variant_count];

		read_variant(t, v, p, digest);
		noticed = strcmp(digest, v->digest) != 0;
	}
	profile_set_free(set);
	return noticed;
}

static void
check_file(struct trial *t, const struct site_source *f, size_t *hint)
{
	for (size_t i = 0; i < f->conf->count; i++) {
		const struct conf_entry *x = &f->conf->entries[i];
		int is_map = strcmp(x->section, "map") == 0;

		put_without(t, f, x->line);
		if (!is_noticed(t, is_map ? *hint : 0)) {
			printf("# %s:%u: nothing changes without "
			       "\"%s = %s\"\n",
			    f->name, x->line, x->key, x->value);
			test_failed = 1;
		}
		*hint += (size_t)is_map;
	}
	put(t, f, f->text, f->len);
}

static int
is_tried(const struct trial *t, const struct site_source *f)
{
	for (size_t i = 0; t->edition->files[i] != NULL; i++)
		if (strcmp(t->edition->files[i], f->name) == 0)
			return 1;
	return 0;
}

static void
add_map_variants(struct trial *t)
{
	for (size_t i = 0; i < t->file_count; i++) {
		const struct conf *c = t->files[i].conf;

		if (!is_tried(t, &t->files[i]))
			continue;
		for (size_t k = 0; k < c->count; k++)
			if (strcmp(c->entries[k].section, "map") == 0)
				(void)add_map_variant(
				    t, c->entries[k].name, c->entries[k].key);
	}
}

static void
prepare(struct trial *t)
{
	struct profile_set *set = NULL;
	const struct profile *p;

	CHECK_OK(file_make_dir("sites", &t->error), &t->error);
	CHECK_OK(
	    story_template(t->arena, t->edition->name, &t->template, &t->error),
	    &t->error);
	for (size_t i = 0; i < t->file_count; i++)
		put(t, &t->files[i], t->files[i].text, t->files[i].len);
	CHECK_OK(profile_set_load(&set, "sites", &t->error), &t->error);
	if (set == NULL)
		return;
	p = profile_set_find(set, t->key);
	read_facts(t, set, p, t->facts);
	for (size_t i = 0; i < t->variant_count; i++)
		read_variant(t, &t->variants[i], p, t->variants[i].digest);
	profile_set_free(set);
}

/* The test would see a line that nothing needs. */
static void
check_control(struct trial *t)
{
	static const char useless[] = "\n[fields]\n"
				      "dek = css(p.nothing) | ws\n";

	for (size_t i = 0; i < t->file_count; i++) {
		const struct site_source *f = &t->files[i];
		struct buf out = { 0 };

		if (strcmp(f->name,
			arena_format(t->arena, "%s.site", t->key)) != 0)
			continue;
		buf_add(&out, f->text, f->len);
		buf_add_text(&out, useless);
		put(t, f, out.data, out.len);
		CHECK_INT(is_noticed(t, 0), 0);
		buf_clear(&out);
	}
}

static void
try_edition(const struct edition *edition)
{
	struct trial *t = calloc(1, sizeof(*t));
	size_t hint;

	if (t == NULL)
		return;
	t->arena = arena_new();
	t->edition = edition;
	t->key = arena_format(t->arena, "almayadeen-%s", edition->name);
	load_sources(t);
	add_listed_variants(t);
	hint = t->variant_count;
	add_map_variants(t);
	prepare(t);
	for (size_t i = 0; i < t->file_count; i++)
		if (is_tried(t, &t->files[i]))
			check_file(t, &t->files[i], &hint);
	check_control(t);
	buf_clear(&t->template);
	arena_free(t->arena);
	free(t);
}

CASE(without_any_one_rule_some_fixture_is_read_differently)
{
	for (size_t i = 0; i < sizeof(editions) / sizeof(editions[0]); i++)
		try_edition(&editions[i]);
}

TESTS(T(without_any_one_rule_some_fixture_is_read_differently))
