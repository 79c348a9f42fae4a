/*
 * A hundred visits to one article while everything around it changes: the
 * article keeps its hash, each page state differs in just the zones that
 * changed. One changed word in a paragraph is seen.
 */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/news/profile.h"
#include "tests/site/story.h"
#include "tests/test.h"

enum { VISITS = 100 };

/* Zones, the part of the story they show, and what to change there. */
static const struct {
	const char *zone;
	const char *part;
	const char *text;
} zones[] = {
	{ "ticker", "ticker", "text" },
	{ "most_read", "most_read", "title" },
	{ "read_next", "read_next", "caption" },
	{ "related_in_body", "related", "title" },
	{ "coverage_box", "coverage_box", "name" },
};

enum { ZONES = sizeof(zones) / sizeof(zones[0]) };

struct churn {
	struct arena *arena;
	struct error error;
	struct profile_set *set;
	struct buf template;
	const char *edition;
	const struct profile *profile;
	unsigned random;
};

static unsigned
draw(struct churn *c, unsigned below)
{
	c->random = c->random * 1103515245u + 12345u;
	return (c->random >> 16) % below;
}

static struct json *
visit(struct churn *c, const struct json *story)
{
	struct buf page = { 0 };
	struct json *result = NULL;

	CHECK_OK(story_page(c->arena, story, &c->template, &page, &c->error),
	    &c->error);
	result = story_read(c->arena, c->profile,
	    json_text(json_get(story, "url"), ""), &page, NULL, &c->error);
	/* The Spanish profile is a draft. */
	CHECK_TEXT(json_text(json_get(result, "status"), ""),
	    strcmp(c->edition, "es") == 0 ? "degraded" : "ok");
	buf_clear(&page);
	return result;
}

static const char *
article_hash(const struct json *result, const char *name)
{
	return json_text(
	    json_get(json_get(json_get(result, "article"), "hashes"), name),
	    "");
}

static const char *
zone_hash(const struct json *result, const char *name)
{
	return json_text(
	    json_get(json_get(json_get(result, "pagestate"), "hashes"), name),
	    "");
}

/* One element gets another text; sometimes the list another length too. */
static void
change_zone(struct churn *c, struct json *story, size_t zone, unsigned number)
{
	struct json *list = json_get(story, zones[zone].part);
	struct json *copy = json_new_array(c->arena);
	size_t count = json_count(list);
	size_t chosen = draw(c, (unsigned)count);

	if (count > 2)
		count -= draw(c, 2);
	if (chosen >= count)
		chosen = count - 1;
	for (size_t i = 0; i < count; i++) {
		struct json *o = json_at(list, i);

		if (i == chosen)
			json_set_string(c->arena, o, zones[zone].text,
			    arena_format(
				c->arena, "Visit %u brings news", number));
		json_append(c->arena, copy, o);
	}
	json_set(c->arena, story, zones[zone].part, copy);
}

static void
check_visit(struct churn *c, const struct json *first, unsigned number)
{
	struct json *story = story_load_of(c->arena, c->edition, &c->error);
	int changed[ZONES] = { 0 };
	struct json *result;

	for (size_t i = 0; i < ZONES; i++) {
		changed[i] = draw(c, 2) == 0;
		if (changed[i])
			change_zone(c, story, i, number);
	}
	result = visit(c, story);
	CHECK_TEXT(article_hash(result, "core"), article_hash(first, "core"));
	CHECK_TEXT(article_hash(result, "meta"), article_hash(first, "meta"));
	CHECK_TEXT(article_hash(result, "shell"), article_hash(first, "shell"));
	for (size_t i = 0; i < ZONES; i++)
		CHECK_INT(strcmp(zone_hash(result, zones[i].zone),
			      zone_hash(first, zones[i].zone)) != 0,
		    changed[i]);
}

static void
open_churn(struct churn *c, const char *edition)
{
	memset(c, 0, sizeof(*c));
	c->arena = arena_new();
	c->edition = edition;
	c->random = 1;
	CHECK_OK(profile_set_load(&c->set, NULL, &c->error), &c->error);
	c->profile = profile_set_find(
	    c->set, arena_format(c->arena, "almayadeen-%s", edition));
	CHECK_OK(story_template(c->arena, edition, &c->template, &c->error),
	    &c->error);
}

static void
close_churn(struct churn *c)
{
	buf_clear(&c->template);
	profile_set_free(c->set);
	arena_free(c->arena);
}

static void
many_visits(const char *edition)
{
	struct churn c;
	struct json *first;

	open_churn(&c, edition);
	first = visit(&c, story_load_of(c.arena, c.edition, &c.error));
	for (unsigned i = 0; i < VISITS && !test_failed; i++)
		check_visit(&c, first, i);
	close_churn(&c);
}

static void
one_word(const char *edition)
{
	static const char *const same[] = { "headline", "dek", "xref", "meta",
		"media", "shell" };
	struct churn c;
	struct json *story;
	struct json *first;
	struct json *second;
	struct json *paragraphs;

	open_churn(&c, edition);
	story = story_load_of(c.arena, c.edition, &c.error);
	paragraphs = json_new_array(c.arena);
	json_append(c.arena, paragraphs,
	    json_new_string(c.arena, "Only one word differs."));
	json_set(c.arena, story, "paragraphs_after", paragraphs);
	first = visit(&c, story);
	paragraphs = json_new_array(c.arena);
	json_append(c.arena, paragraphs,
	    json_new_string(c.arena, "Only one word differed."));
	json_set(c.arena, story, "paragraphs_after", paragraphs);
	second = visit(&c, story);
	CHECK(strcmp(article_hash(first, "core"),
		  article_hash(second, "core")) != 0);
	CHECK(strcmp(article_hash(first, "body"),
		  article_hash(second, "body")) != 0);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CHECK_TEXT(article_hash(second, same[i]),
		    article_hash(first, same[i]));
	close_churn(&c);
}

static void
invisible_marks(const char *edition)
{
	struct churn c;
	struct json *story;
	struct json *first;
	struct json *second;
	const char *title;

	open_churn(&c, edition);
	story = story_load_of(c.arena, c.edition, &c.error);
	first = visit(&c, story);
	title = json_text(json_get(story, "title"), "");
	json_set_string(c.arena, story, "title",
	    arena_format(c.arena, "\xe2\x80\x8f%s\xc2\xa0\xe2\x80\x8b", title));
	second = visit(&c, story);
	CHECK_TEXT(article_hash(second, "core"), article_hash(first, "core"));
	CHECK(strcmp(json_text(
			 json_get(json_get(second, "article"), "headline"), ""),
		  title) != 0);
	close_churn(&c);
}

static void
in_every_edition(void (*test)(const char *edition))
{
	for (size_t i = 0; story_editions[i] != NULL; i++) {
		test(story_editions[i]);
		if (test_failed) {
			printf("# edition %s\n", story_editions[i]);
			return;
		}
	}
}

CASE(a_hundred_visits_show_one_article_and_only_the_zones_that_changed)
{
	in_every_edition(many_visits);
}

CASE(a_changed_word_in_a_paragraph_changes_core_and_body_alone)
{
	in_every_edition(one_word);
}

CASE(invisible_marks_change_no_hash_of_the_text)
{
	in_every_edition(invisible_marks);
}

TESTS(T(a_hundred_visits_show_one_article_and_only_the_zones_that_changed),
    T(a_changed_word_in_a_paragraph_changes_core_and_body_alone),
    T(invisible_marks_change_no_hash_of_the_text))
