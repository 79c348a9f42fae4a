/* Fixture articles. */

#include "tests/site/story.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/news/reader.h"
#include "tests/site/template.h"

const char *const story_editions[] = { "en", "ar", "es", NULL };

const int64_t story_captured_us = INT64_C(1756123200) * 1000000;

const char *
story_root(struct arena *a)
{
	const char *named = getenv("HOLDFAST_SOURCE");
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *build;

	if (named != NULL)
		return named;
	if (len < 0)
		return ".";
	path[len] = '\0';
	/* .../build/MODE/tests/unit/test_x */
	build = strstr(path, "/build/");
	if (build == NULL)
		return ".";
	*build = '\0';
	return arena_text(a, path);
}

int
story_file(struct arena *a, const char *edition, const char *name,
    struct buf *out, struct error *e)
{
	const char *path = arena_format(a,
	    "%s/plugins/almayadeen/fixtures/%s/%s", story_root(a), edition,
	    name);

	return file_get(path, out, LIMIT_MIB, e);
}

struct json *
story_load_of(struct arena *a, const char *edition, struct error *e)
{
	struct buf text = { 0 };
	struct json *v = NULL;

	if (story_file(a, edition, "story.json", &text, e) == 0)
		v = json_parse(a, buf_text(&text), text.len, e);
	buf_clear(&text);
	return v;
}

struct json *
story_load(struct arena *a, struct error *e)
{
	return story_load_of(a, "en", e);
}

int
story_template(
    struct arena *a, const char *edition, struct buf *out, struct error *e)
{
	return story_file(a, edition, "article.html.in", out, e);
}

int
story_page(struct arena *a, const struct json *story,
    const struct buf *template, struct buf *out, struct error *e)
{
	struct buf usual = { 0 };
	int rc = -1;

	if (template == NULL) {
		if (story_template(a, json_text(json_get(story, "lang"), "en"),
			&usual, e) != 0)
			goto done;
		template = &usual;
	}
	rc = template_expand(out, buf_text(template), template->len, story, e);
done:
	buf_clear(&usual);
	return rc;
}

void
story_response(const struct buf *page, struct buf *out)
{
	buf_format(out,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    page->len);
	buf_add(out, page->data, page->len);
}

struct json *
story_read(struct arena *a, const struct profile *profile, const char *url,
    const struct buf *page, struct buf *raw, struct error *e)
{
	struct buf response = { 0 };
	struct buf result = { 0 };
	struct reading_input in = { .url = url,
		.requested = "",
		.captured_us = story_captured_us,
		.status = 200 };
	struct json *v = NULL;

	story_response(page, &response);
	in.response = response.data;
	in.response_len = response.len;
	if (reader_read(profile, &in, &result, e) == 0)
		v = json_parse(a, buf_text(&result), result.len, e);
	if (raw != NULL)
		buf_add(raw, result.data, result.len);
	buf_clear(&response);
	buf_clear(&result);
	return v;
}

static int
is_listed(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return 1;
	return 0;
}

struct json *
story_without(struct arena *a, const struct json *v, const char *const *drop)
{
	struct json *copy;

	if (v != NULL && json_is(v, JSON_KIND_ARRAY)) {
		copy = json_new_array(a);
		for (size_t i = 0; i < json_count(v); i++)
			json_append(
			    a, copy, story_without(a, json_at(v, i), drop));
		return copy;
	}
	if (v == NULL || !json_is(v, JSON_KIND_OBJECT))
		return (struct json *)(uintptr_t)v;
	copy = json_new_object(a);
	for (size_t i = 0; i < json_count(v); i++)
		if (!is_listed(json_key(v, i), drop))
			json_set(a, copy, json_key(v, i),
			    story_without(a, json_at(v, i), drop));
	return copy;
}
