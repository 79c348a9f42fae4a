/*
 * What the reader writes fits the published schemas: every fixture, every
 * member. A validator for the few words of JSON Schema that they use.
 */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/news/profile.h"
#include "tests/site/story.h"
#include "tests/test.h"

static struct arena *arena;

static int
has_type(const struct json *v, const char *type)
{
	switch (json_kind(v)) {
	case JSON_KIND_NULL:
		return strcmp(type, "null") == 0;
	case JSON_KIND_FALSE:
	case JSON_KIND_TRUE:
		return strcmp(type, "boolean") == 0;
	case JSON_KIND_INTEGER:
		return strcmp(type, "integer") == 0;
	case JSON_KIND_REAL:
		return strcmp(type, "number") == 0;
	case JSON_KIND_STRING:
		return strcmp(type, "string") == 0;
	case JSON_KIND_ARRAY:
		return strcmp(type, "array") == 0;
	case JSON_KIND_OBJECT:
		return strcmp(type, "object") == 0;
	}
	return 0;
}

static void
complain(const char *path, const char *what, const char *name)
{
	printf("# %s: %s %s\n", path, what, name);
	test_failed = 1;
}

static const struct json *
resolve(const struct json *root, const struct json *schema)
{
	static const char prefix[] = "#/$defs/";
	const char *ref = json_text(json_get(schema, "$ref"), NULL);

	if (ref == NULL)
		return schema;
	return json_get(json_get(root, "$defs"), ref + strlen(prefix));
}

static void
check_words(const struct json *schema, const struct json *v, const char *path)
{
	const struct json *words = json_get(schema, "enum");
	const char *only = json_text(json_get(schema, "const"), NULL);
	const char *text = json_text(v, "");
	size_t i = 0;

	if (only != NULL && strcmp(only, text) != 0)
		complain(path, "is not", only);
	if (words == NULL)
		return;
	while (i < json_count(words) &&
	       strcmp(json_text(json_at(words, i), ""), text) != 0)
		i++;
	if (i == json_count(words))
		complain(path, "is no known word:", text);
}

static void check(const struct json *root, const struct json *schema,
    const struct json *v, const char *path);

static void
check_object(const struct json *root, const struct json *schema,
    const struct json *v, const char *path)
{
	const struct json *required = json_get(schema, "required");
	const struct json *other = json_get(schema, "additionalProperties");

	for (size_t i = 0; i < json_count(required); i++) {
		const char *name = json_text(json_at(required, i), "");

		if (json_get(v, name) == NULL)
			complain(path, "has no", name);
	}
	for (size_t i = 0; i < json_count(v); i++) {
		const char *name = json_key(v, i);
		const struct json *inner = json_get(
		    json_get(schema, "properties"), name);

		if (inner == NULL && json_is(other, JSON_KIND_OBJECT))
			inner = other;
		if (inner == NULL)
			complain(path, "has an unknown", name);
		else
			check(root, inner, json_at(v, i),
			    arena_format(arena, "%s.%s", path, name));
	}
}

static void
check(const struct json *root, const struct json *schema, const struct json *v,
    const char *path)
{
	const char *type;

	schema = resolve(root, schema);
	type = json_text(json_get(schema, "type"), NULL);
	if (type != NULL && !has_type(v, type))
		complain(path, "is not of type", type);
	check_words(schema, v, path);
	if (json_is(v, JSON_KIND_OBJECT) && type != NULL)
		check_object(root, schema, v, path);
	if (json_is(v, JSON_KIND_ARRAY) && json_get(schema, "items") != NULL)
		for (size_t i = 0; i < json_count(v); i++)
			check(root, json_get(schema, "items"), json_at(v, i),
			    arena_format(arena, "%s[%zu]", path, i));
}

static struct json *
load(const char *name)
{
	struct buf text = { 0 };
	struct error e = { 0 };
	struct json *v = NULL;

	CHECK_OK(file_get(arena_format(arena, "%s/%s", story_root(arena), name),
		     &text, LIMIT_MIB, &e),
	    &e);
	v = json_parse(arena, buf_text(&text), text.len, &e);
	CHECK_TEXT(e.text, "");
	buf_clear(&text);
	return v;
}

/* The story with the changes of one variant, through the reader. */
static struct json *
read_variant(
    const struct profile *p, const char *edition, const struct json *variant)
{
	struct json *story = story_load_of(arena, edition, NULL);
	const struct json *set = json_get(variant, "set");
	struct buf page = { 0 };
	struct error e = { 0 };
	struct json *result;

	for (size_t i = 0; i < json_count(set); i++)
		json_set(arena, story, json_key(set, i), json_at(set, i));
	CHECK_OK(story_page(arena, story, NULL, &page, &e), &e);
	result = story_read(arena, p,
	    json_text(json_get(variant, "url"),
		json_text(json_get(story, "url"), "")),
	    &page, NULL, &e);
	buf_clear(&page);
	return result;
}

static void
check_edition(const struct profile_set *set, const char *edition,
    const struct json *article, const struct json *state)
{
	const struct profile *p = profile_set_find(
	    set, arena_format(arena, "almayadeen-%s", edition));
	const struct json *variants = load(arena_format(
	    arena, "plugins/almayadeen/fixtures/%s/variants.json", edition));
	size_t articles = 0;

	for (size_t i = 0; i < json_count(variants); i++) {
		const struct json *result = read_variant(
		    p, edition, json_at(variants, i));

		if (!json_is(json_get(result, "article"), JSON_KIND_OBJECT))
			continue;
		articles++;
		check(article, article, json_get(result, "article"), "article");
		check(state, state, json_get(result, "pagestate"), "pagestate");
	}
	CHECK(articles > 5);
}

CASE(every_fixture_is_read_into_what_the_schemas_describe)
{
	struct profile_set *set = NULL;
	struct error e = { 0 };
	const struct json *article;
	const struct json *state;

	arena = arena_new();
	article = load("docs/article-1.schema.json");
	state = load("docs/pagestate-1.schema.json");
	CHECK_OK(profile_set_load(&set, NULL, &e), &e);
	for (size_t i = 0; set != NULL && story_editions[i] != NULL; i++)
		check_edition(set, story_editions[i], article, state);
	profile_set_free(set);
	arena_free(arena);
}

TESTS(T(every_fixture_is_read_into_what_the_schemas_describe))
