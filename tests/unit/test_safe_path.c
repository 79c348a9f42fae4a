/* Relative paths for what URLs gave: safe whatever the URL is. */
#include "core/collection/safe_path.h"

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/test.h"

static char *
path_of(const char *url, const char *type)
{
	struct buf out = { 0 };

	safe_path(&out, url, type);
	return buf_take(&out);
}

/* No part is empty, hidden or long; only harmless bytes; not too deep. */
static int
is_harmless(const char *path)
{
	size_t parts = 1;
	size_t part = 0;

	if (strlen(path) > SAFE_PATH_MAX || path[0] == '/')
		return 0;
	for (const char *s = path; *s != '\0'; s++) {
		if (*s == '/') {
			if (part == 0)
				return 0;
			part = 0;
			parts++;
			continue;
		}
		if (part == 0 && *s == '.')
			return 0;
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			   "xyz0123456789-_.~%+,=@",
			*s) == NULL)
			return 0;
		if (++part > SAFE_NAME_MAX)
			return 0;
	}
	return part > 0 && parts <= SAFE_DEPTH_MAX;
}

CASE(a_path_looks_like_its_url)
{
	static const struct {
		const char *url, *type, *path;
	} cases[] = {
		{ "https://a.example/", "text/html", "a.example/index.html" },
		{ "https://a.example", "text/html", "a.example/index.html" },
		{ "https://a.example/", "text/plain", "a.example/index" },
		{ "https://a.example/x/y.png", "image/png",
		    "a.example/x/y.png" },
		{ "https://a.example/x/", "text/html",
		    "a.example/x/index.html" },
		{ "https://a.example/news/story-7", "text/html",
		    "a.example/news/story-7.html" },
		{ "https://a.example/news/story-7", "application/json",
		    "a.example/news/story-7" },
		{ "https://a.example/a.html", "text/html", "a.example/a.html" },
		{ "https://a.example/a.htm", "text/html", "a.example/a.htm" },
		{ "https://a.example:8443/i.jpg?w=4&h=3", "image/jpeg",
		    "a.example+8443/i.jpg@w=4_h=3" },
		{ "http://A.Example:80/x#frag", "image/png", "a.example/x" },
		{ "http://[2001:db8::1]/x", "image/png", "2001_db8__1/x" },
		{ "https://a.example//x", "image/png", "a.example/_/x" },
		{ "https://a.example/.hidden/.x", "image/png",
		    "a.example/_.hidden/_.x" },
		{ "https://a.example/a:b|c*d", "image/png",
		    "a.example/a_b_c_d" },
		{ "https://a.example/%D8%BA%2f..%00", "image/png",
		    "a.example/%D8%BA%2f..%00" },
		{ "https://a.example/x/../../../etc/passwd", "text/plain",
		    "a.example/etc/passwd" },
		{ "https://a.example/%2e%2e/%2E%2e/x", "text/plain",
		    "a.example/x" },
		{ "https://a.example/...", "text/plain", "a.example/_..." },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path = path_of(cases[i].url, cases[i].type);

		CHECK_TEXT(path, cases[i].path);
		CHECK(is_harmless(path));
		free(path);
	}
}

CASE(no_url_leads_out_of_the_folder)
{
	static const char *const urls[] = { "", "/", "../x", "C:\\x",
		"file:///etc/passwd", "https://../x", "urn:holdfast:article:..",
		"javascript:alert(1)", "https://a.example/\n\r\t\x1b[0m",
		"https://a.example/?../../x", "https://a.example/?a/../b",
		"https://a.example/\\..\\..\\x", "https://a.example/-rf",
		"https://a.example/x?\xd8\xba", "https://\xd8\xba.example/",
		"data:text/html,../../x", "https://./.",
		"https://a.example/con/nul" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		char *path = path_of(urls[i], "text/html");

		if (!is_harmless(path))
			printf("# %zu: %s\n", i, path);
		CHECK(is_harmless(path));
		free(path);
	}
}

CASE(long_urls_are_cut_and_stay_different)
{
	for (size_t len = 150; len < 9000; len = len * 3 / 2) {
		char *name = mem_zero(len + 1, 1);
		char *one;
		char *two;
		char *url;

		memset(name, 'n', len);
		url = mem_format("https://a.example/%s1.jpeg", name);
		one = path_of(url, "image/jpeg");
		free(url);
		url = mem_format("https://a.example/%s2.jpeg", name);
		two = path_of(url, "image/jpeg");
		CHECK(is_harmless(one) && is_harmless(two));
		CHECK(strcmp(one, two) != 0);
		CHECK(text_ends(one, ".jpeg"));
		free(url);
		free(one);
		free(two);
		free(name);
	}
}

CASE(deep_urls_are_folded)
{
	for (int depth = 1; depth < 400; depth += 7) {
		struct buf url = { 0 };
		char *one;
		char *two;

		buf_add_text(&url, "https://a.example");
		for (int i = 0; i < depth; i++)
			buf_add_text(&url, "/d");
		buf_add_text(&url, "/x");
		one = path_of(buf_text(&url), "image/png");
		buf_add_byte(&url, 'y');
		two = path_of(buf_text(&url), "image/png");
		CHECK(is_harmless(one) && is_harmless(two));
		CHECK(strcmp(one, two) != 0);
		free(one);
		free(two);
		buf_clear(&url);
	}
}

CASE(numbers_stand_before_the_suffix)
{
	static const struct {
		const char *path, *numbered;
	} cases[] = {
		{ "a.example/x.png", "a.example/x~2.png" },
		{ "a.example/x", "a.example/x~2" },
		{ "a.example/.x", "a.example/.x~2" },
		{ "a.b/c.d/x", "a.b/c.d/x~2" },
		{ "x.verylongsuffix", "x.verylongsuffix~2" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		safe_path_numbered(&out, cases[i].path, 2);
		CHECK_TEXT(buf_text(&out), cases[i].numbered);
		buf_clear(&out);
	}
}

TESTS(T(a_path_looks_like_its_url), T(no_url_leads_out_of_the_folder),
    T(long_urls_are_cut_and_stay_different), T(deep_urls_are_folded),
    T(numbers_stand_before_the_suffix))
