/*
 * A bundled story, which has the structure of a real article page but text
 * of our own, must be read as the committed file says, byte for byte. When it
 * is not, what was read is left in story.actual.EDITION.json.
 */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/news/profile.h"
#include "tests/site/story.h"
#include "tests/test.h"

struct twin {
	struct arena *arena;
	struct error error;
	struct profile_set *set;
	const char *edition;
	struct json *story;
	struct buf page;
};

static void
open_twin(struct twin *t, const char *edition)
{
	memset(t, 0, sizeof(*t));
	t->edition = edition;
	t->arena = arena_new();
	CHECK_OK(profile_set_load(&t->set, NULL, &t->error), &t->error);
	t->story = story_load_of(t->arena, edition, &t->error);
	CHECK(t->story != NULL);
	CHECK_OK(story_page(t->arena, t->story, NULL, &t->page, &t->error),
	    &t->error);
}

static void
close_twin(struct twin *t)
{
	buf_clear(&t->page);
	profile_set_free(t->set);
	arena_free(t->arena);
}

static struct json *
read_twin(struct twin *t, struct buf *raw)
{
	const char *key = arena_format(t->arena, "almayadeen-%s", t->edition);

	return story_read(t->arena, profile_set_find(t->set, key),
	    json_text(json_get(t->story, "url"), ""), &t->page, raw, &t->error);
}

static void
as_committed(const char *edition)
{
	/* Digests of profile files change with every comment in them. */
	static const char *const drop[] = { "chain", NULL };
	struct twin t;
	struct buf got = { 0 };
	struct buf want = { 0 };

	open_twin(&t, edition);
	json_write_pretty(
	    &got, story_without(t.arena, read_twin(&t, NULL), drop));
	buf_add_byte(&got, '\n');
	CHECK_OK(story_file(
		     t.arena, edition, "story.expected.json", &want, &t.error),
	    &t.error);
	if (got.len != want.len || memcmp(got.data, want.data, got.len) != 0) {
		CHECK(!"the article is not the expected one");
		CHECK_OK(file_put(arena_format(
				      t.arena, "story.actual.%s.json", edition),
			     got.data, got.len, &t.error),
		    &t.error);
	}
	buf_clear(&got);
	buf_clear(&want);
	close_twin(&t);
}

static void
twice_equal(const char *edition)
{
	struct twin t;
	struct buf one = { 0 };
	struct buf two = { 0 };

	open_twin(&t, edition);
	CHECK(read_twin(&t, &one) != NULL);
	CHECK(read_twin(&t, &two) != NULL);
	CHECK(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	buf_clear(&one);
	buf_clear(&two);
	close_twin(&t);
}

static void
canonical(const char *edition)
{
	struct twin t;
	struct buf raw = { 0 };
	struct buf again = { 0 };

	open_twin(&t, edition);
	json_write_canonical(&again, read_twin(&t, &raw));
	CHECK(
	    raw.len == again.len && memcmp(raw.data, again.data, raw.len) == 0);
	buf_clear(&raw);
	buf_clear(&again);
	close_twin(&t);
}

static void
in_every_edition(void (*test)(const char *edition))
{
	for (size_t i = 0; story_editions[i] != NULL; i++)
		test(story_editions[i]);
}

CASE(the_bundled_story_is_read_as_the_committed_file_says)
{
	in_every_edition(as_committed);
}

CASE(two_readings_give_equal_bytes)
{
	in_every_edition(twice_equal);
}

CASE(the_result_is_canonical_json)
{
	in_every_edition(canonical);
}

TESTS(T(the_bundled_story_is_read_as_the_committed_file_says),
    T(two_readings_give_equal_bytes), T(the_result_is_canonical_json))
