/*
 * The bundled story, which has the structure of a real article page but text
 * of our own, must be read as the committed file says, byte for byte. When it
 * is not, what was read is left in story.actual.json.
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
	struct json *story;
	struct buf page;
};

static void
open_twin(struct twin *t)
{
	memset(t, 0, sizeof(*t));
	t->arena = arena_new();
	CHECK_OK(profile_set_load(&t->set, NULL, &t->error), &t->error);
	t->story = story_load(t->arena, &t->error);
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
	return story_read(t->arena, profile_set_find(t->set, "almayadeen-en"),
	    json_text(json_get(t->story, "url"), ""), &t->page, raw, &t->error);
}

CASE(the_bundled_story_is_read_as_the_committed_file_says)
{
	/* Digests of profile files change with every comment in them. */
	static const char *const drop[] = { "chain", NULL };
	struct twin t;
	struct buf got = { 0 };
	struct buf want = { 0 };

	open_twin(&t);
	json_write_pretty(
	    &got, story_without(t.arena, read_twin(&t, NULL), drop));
	buf_add_byte(&got, '\n');
	CHECK_OK(file_get(arena_format(t.arena,
			      "%s/plugins/almayadeen/fixtures/en/"
			      "story.expected.json",
			      story_root(t.arena)),
		     &want, LIMIT_MIB, &t.error),
	    &t.error);
	if (got.len != want.len || memcmp(got.data, want.data, got.len) != 0) {
		CHECK(!"the article is not the expected one");
		CHECK_OK(
		    file_put("story.actual.json", got.data, got.len, &t.error),
		    &t.error);
	}
	buf_clear(&got);
	buf_clear(&want);
	close_twin(&t);
}

CASE(two_readings_give_equal_bytes)
{
	struct twin t;
	struct buf one = { 0 };
	struct buf two = { 0 };

	open_twin(&t);
	CHECK(read_twin(&t, &one) != NULL);
	CHECK(read_twin(&t, &two) != NULL);
	CHECK(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	buf_clear(&one);
	buf_clear(&two);
	close_twin(&t);
}

CASE(the_result_is_canonical_json)
{
	struct twin t;
	struct buf raw = { 0 };
	struct buf again = { 0 };

	open_twin(&t);
	json_write_canonical(&again, read_twin(&t, &raw));
	CHECK(
	    raw.len == again.len && memcmp(raw.data, again.data, raw.len) == 0);
	buf_clear(&raw);
	buf_clear(&again);
	close_twin(&t);
}

TESTS(T(the_bundled_story_is_read_as_the_committed_file_says),
    T(two_readings_give_equal_bytes), T(the_result_is_canonical_json))
