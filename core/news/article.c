/* article/1 put together. */

#include "core/news/article.h"

#include <stdint.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/article_parts.h"
#include "core/news/body.h"
#include "core/news/hashes.h"
#include "core/news/images.h"
#include "core/news/normalize.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"
#include "core/web/url_identity.h"

/* Fields, the body and the pictures that an article is expected to have. */
enum { EXPECTED_PARTS = 14 };

static const char *
first(const struct reading *r, enum field f)
{
	const struct values *v = &r->fields[f];

	if (v->count == 0)
		return NULL;
	return v->items[0].mapped != NULL ? v->items[0].mapped
					  : v->items[0].text;
}

static void
set_text(
    const struct reading *r, struct json *o, const char *name, enum field f)
{
	const char *s = first(r, f);

	if (s != NULL)
		json_set_string(r->arena, o, name, s);
}

static int64_t
first_number(const struct reading *r, enum field f)
{
	const char *s = first(r, f);
	uint64_t n;

	if (s == NULL || !text_uint(s, strlen(s), INT32_MAX, &n))
		return -1;
	return (int64_t)n;
}

/* "KEY:POSTID", else "KEY:url-" and 16 hex digits, the same for all spellings
 * of the canonical URL. */
static const char *
article_id(const struct reading *r, const struct json *url)
{
	const char *post_id = first(r, FIELD_POST_ID);
	const char *canonical = json_text(json_get(url, "canonical"), "");
	struct buf identity = { 0 };
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[2 * 8 + 1];

	if (post_id != NULL)
		return arena_format(
		    r->arena, "%s:%s", r->profile->key, post_id);
	url_add_identity(&identity, canonical);
	digest_sha256(buf_text(&identity), identity.len, raw);
	buf_clear(&identity);
	text_hex(hex, raw, 8);
	return arena_format(r->arena, "%s:url-%s", r->profile->key, hex);
}

static const char *
content_type(struct reading *r)
{
	static const char *const known[] = { "news", "opinion", "analysis",
		"feature", "blog", "video", "bulletin", "podcast", "gallery",
		"infographic", "liveblog", "press_review", "author_page" };
	const char *s = first(r, FIELD_CONTENT_TYPE);

	for (size_t i = 0; s != NULL && i < sizeof(known) / sizeof(known[0]);
	     i++)
		if (strcmp(known[i], s) == 0)
			return known[i];
	if (s != NULL)
		reading_warn(r, "content_type.unknown");
	return "other";
}

static void
set_dates(struct reading *r, struct json *o)
{
	static const enum field fields[] = { FIELD_PUBLISHED, FIELD_MODIFIED };

	for (size_t i = 0; i < 2; i++) {
		const struct values *v = &r->fields[fields[i]];
		struct json *date;

		if (v->count == 0 || v->items[0].date == NULL)
			continue;
		date = v->items[0].date;
		json_set(r->arena, o, field_names[fields[i]], date);
		if (strcmp(json_text(json_get(date, "tz_source"), ""),
			"assumed") == 0)
			reading_warn(r, "tz.assumed");
	}
	json_set(r->arena, o, "captured",
	    date_words_instant(r->arena, r->input->captured_us));
}

/* Each once by NT1; how many there were is kept beside. */
static void
set_keywords(const struct reading *r, struct json *o)
{
	const struct filter uniq = { .kind = FILTER_UNIQ };
	const struct values *v = &r->fields[FIELD_KEYWORDS_META];
	struct json *list = json_new_array(r->arena);
	struct values once = { 0 };

	filter_apply(&uniq, r, v, &once);
	for (size_t i = 0; i < once.count; i++)
		json_append(r->arena, list,
		    json_new_string(r->arena, once.items[i].text));
	if (v->count == 0)
		return;
	json_set(r->arena, o, "keywords_meta", list);
	json_set_integer(
	    r->arena, o, "keywords_meta_raw_count", (int64_t)v->count);
}

static void
set_counts(struct reading *r, struct json *o, const char *body_text)
{
	const struct values *time = &r->fields[FIELD_READ_TIME];
	struct json *words = json_new_object(r->arena);
	struct json *read = json_new_object(r->arena);

	json_set_integer(r->arena, words, "computed",
	    (int64_t)nt1_words(body_text, strlen(body_text)));
	if (first_number(r, FIELD_WORD_COUNT) >= 0)
		json_set_integer(r->arena, words, "declared",
		    first_number(r, FIELD_WORD_COUNT));
	json_set(r->arena, o, "word_count", words);
	if (first_number(r, FIELD_READ_TIME) < 0)
		return;
	json_set_string(r->arena, read, "raw",
	    time->items[0].raw != NULL ? time->items[0].raw
				       : time->items[0].text);
	json_set_integer(
	    r->arena, read, "minutes", first_number(r, FIELD_READ_TIME));
	json_set(r->arena, o, "read_time", read);
}

static void
set_corrections(
    const struct reading *r, struct json *o, const struct body *body)
{
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < body->count; i++) {
		struct json *c;

		if (strcmp(body->blocks[i].kind, "correction") != 0)
			continue;
		c = json_new_object(r->arena);
		json_set_string(r->arena, c, "text", body->blocks[i].text);
		json_set_integer(r->arena, c, "block", (int64_t)i);
		json_append(r->arena, list, c);
	}
	if (json_count(list) > 0)
		json_set(r->arena, o, "corrections", list);
}

static void
set_images(struct reading *r, struct json *o, const struct images *images,
    const struct body *body)
{
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < images->count; i++) {
		const struct image *image = &images->items[i];
		const struct value v = { .node = image->node };

		if (image->rule != NULL)
			json_set(r->arena, r->provenance,
			    arena_format(r->arena, "images[%zu]", i),
			    reading_provenance(r, image->rule, &v));
		for (size_t k = 0; image->node != NULL && k < body->count; k++)
			if (body->blocks[k].node == image->node)
				json_set_integer(
				    r->arena, image->json, "block", (int64_t)k);
		json_append(r->arena, list, image->json);
	}
	json_set(r->arena, o, "images", list);
	if (json_count(list) == 0)
		fields_add_missing(r, "images", "not_on_page");
}

static void
set_places(const struct reading *r, struct json *o)
{
	const struct values *v = &r->fields[FIELD_PLACES];
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < v->count; i++)
		json_append(r->arena, list,
		    json_new_string(r->arena, v->items[i].text));
	if (v->count > 0)
		json_set(r->arena, o, "places", list);
}

static void
set_alt_ids(const struct reading *r, struct json *o)
{
	const char *post_id = first(r, FIELD_POST_ID);
	struct json *list = json_new_array(r->arena);
	struct json *id = json_new_object(r->arena);

	if (post_id == NULL)
		return;
	json_set_string(r->arena, id, "kind", "post_id");
	json_set_string(r->arena, id, "value", post_id);
	json_append(r->arena, list, id);
	json_set(r->arena, o, "alt_ids", list);
}

static struct json *
extractor(const struct reading *r)
{
	const struct profile *p = r->profile;
	struct json *o = json_new_object(r->arena);
	struct json *profile = json_new_object(r->arena);
	struct json *chain = json_new_array(r->arena);

	for (size_t i = 0; i < p->chain_count; i++) {
		struct json *file = json_new_object(r->arena);

		json_set_string(r->arena, file, "key", p->chain[i].key);
		json_set_string(r->arena, file, "sha256", p->chain[i].sha256);
		json_append(r->arena, chain, file);
	}
	json_set_string(r->arena, profile, "key", p->key);
	json_set_string(r->arena, profile, "version", p->version);
	json_set_string(r->arena, profile, "status", p->status);
	json_set(r->arena, profile, "chain", chain);
	json_set_string(r->arena, o, "version", READER_VERSION);
	json_set(r->arena, o, "profile", profile);
	json_set_string(r->arena, o, "layout", r->layout);
	json_set_integer(r->arena, o, "layout_score", (int64_t)r->layout_score);
	return o;
}

/* Whoever looks for what is missing looks here. */
static void
check_body(struct reading *r, const struct body *body, const char *text)
{
	const char *type = content_type(r);
	size_t minlen = r->profile->body.minlen;

	if (text[0] == '\0')
		fields_add_missing(r, "body",
		    strcmp(type, "video") == 0 ||
			    strcmp(type, "podcast") == 0 ||
			    strcmp(type, "gallery") == 0 ||
			    strcmp(type, "infographic") == 0
			? "not_applicable"
			: "rule_failed");
	else if (strlen(text) < minlen)
		reading_warn(r, "body.short");
	if (body->root != NULL)
		json_set(
		    r->arena, r->provenance, "body", body->root_provenance);
}

static int
is_missing(const struct reading *r, const char *field)
{
	for (size_t i = 0; i < json_count(r->missing); i++)
		if (strcmp(json_text(
			       json_get(json_at(r->missing, i), "field"), ""),
			field) == 0)
			return 1;
	return 0;
}

static int
is_warned(const struct reading *r, const char *warning)
{
	for (size_t i = 0; i < json_count(r->warnings); i++)
		if (strcmp(json_text(json_at(r->warnings, i), ""), warning) ==
		    0)
			return 1;
	return 0;
}

static struct json *
quality(struct reading *r)
{
	struct json *o = json_new_object(r->arena);
	const char *status = "ok";
	int64_t failed = 0;

	for (size_t i = 0; i < json_count(r->missing); i++)
		failed += strcmp(json_text(
				     json_get(json_at(r->missing, i), "reason"),
				     ""),
			      "rule_failed") == 0;
	if (failed > 0 || r->layout_score == 0 || is_warned(r, "body.short") ||
	    strcmp(r->profile->status, "draft") == 0)
		status = "degraded";
	if (is_missing(r, "headline") && is_missing(r, "body"))
		status = "failed";
	json_set_string(r->arena, o, "status", status);
	json_set_integer(r->arena, o, "score",
	    (EXPECTED_PARTS - failed) * 100 / EXPECTED_PARTS);
	json_set(r->arena, o, "missing", r->missing);
	json_set(r->arena, o, "warnings", r->warnings);
	json_set(r->arena, o, "fallbacks", r->fallbacks);
	return o;
}

static void
set_names(struct reading *r, struct json *o)
{
	struct json *rights = json_new_object(r->arena);

	set_text(r, o, "headline", FIELD_HEADLINE);
	set_text(r, o, "dek", FIELD_DEK);
	set_text(r, o, "byline_raw", FIELD_BYLINE_RAW);
	set_text(r, o, "dateline", FIELD_DATELINE);
	set_text(r, o, "access", FIELD_ACCESS);
	json_set(r->arena, o, "headlines_other", r->headlines_other);
	json_set(r->arena, o, "authors", article_authors(r));
	json_set(r->arena, o, "sources", article_sources(r));
	json_set(r->arena, o, "section", article_section(r));
	json_set(r->arena, o, "tags", article_tags(r));
	json_set(r->arena, o, "coverage", article_coverage(r));
	set_places(r, o);
	set_keywords(r, o);
	if (first(r, FIELD_RIGHTS) != NULL) {
		json_set_string(
		    r->arena, rights, "notice_raw", first(r, FIELD_RIGHTS));
		json_set(r->arena, o, "rights", rights);
	}
}

static void
set_body(struct reading *r, struct json *o, const struct body *body,
    const struct images *images)
{
	struct buf text = { 0 };

	body_add_text(&text, body);
	check_body(r, body, buf_text(&text));
	json_set(r->arena, o, "body", article_body(r, body, images));
	json_set_string(r->arena, o, "body_text", buf_text(&text));
	set_counts(r, o, buf_text(&text));
	set_corrections(r, o, body);
	buf_clear(&text);
}

struct json *
article_make(struct reading *r, struct body *body, const struct images *images)
{
	struct json *o = json_new_object(r->arena);
	struct json *url = article_url(r);

	json_set_string(r->arena, o, "schema", "article/1");
	json_set_string(r->arena, o, "article_id", article_id(r, url));
	set_alt_ids(r, o);
	json_set_string(r->arena, o, "content_type", content_type(r));
	json_set_bool(r->arena, o, "is_article", 1);
	json_set(r->arena, o, "url", url);
	json_set(r->arena, o, "edition", article_edition(r));
	json_set(r->arena, o, "alternates", article_alternates(r));
	json_set(r->arena, o, "publisher", article_publisher(r));
	set_names(r, o);
	set_dates(r, o);
	set_body(r, o, body, images);
	set_images(r, o, images, body);
	json_set(r->arena, o, "media", article_media(r, body));
	json_set(r->arena, o, "links", article_links(r, body));
	json_set(r->arena, o, "hashes", hashes_make(r, body, images));
	json_set(r->arena, o, "extractor", extractor(r));
	json_set(r->arena, o, "provenance", r->provenance);
	json_set(r->arena, o, "quality", quality(r));
	return o;
}
