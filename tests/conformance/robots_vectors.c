/* robots.txt against Google's test vectors and its matcher's word on the
 * files of real sites. */
#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/web/robots.h"
#include "core/web/url.h"

#define SPELLING "RFC 9309, 2.2.2 compares after undoing needless escapes"

/* A vector that we answer otherwise, and why. */
struct exception {
	const char *rule;
	const char *url;
	const char *reason;
};

static const struct exception exceptions[] = {
	{ "Allow: /foo/bar/\xE3\x83\x84", "http://foo.bar/foo/bar/\xE3\x83\x84",
	    SPELLING },
	{ "Allow: /foo/bar/%E3%83%84", "http://foo.bar/foo/bar/\xE3\x83\x84",
	    SPELLING },
	{ "Allow: /foo/bar/%62%61%7A", "http://foo.bar/foo/bar/baz", SPELLING },
	{ "Allow: /allowed-slash/index.html", "http://foo.com/allowed-slash/",
	    "a rule for index.html says nothing about its directory" },
};

enum { EXCEPTIONS_MAX = 20 };

/* 1 loaded, 0 CORPORA is not set, -1 the test failed. */
static int
load(struct buf *out, const char *name)
{
	const char *corpora = getenv("CORPORA");
	struct error e = { 0 };
	char *path;
	int rc;

	if (corpora == NULL || corpora[0] == '\0')
		return 0;
	path = mem_format("%s/%s", corpora, name);
	rc = file_get(path, out, 64 << 20, &e);
	CHECK_OK(rc, &e);
	free(path);
	return rc == 0 ? 1 : -1;
}

/* As a crawl asks: by path and query of the parsed URL. */
static int
is_allowed(const struct robots *r, const char *agent, const char *text)
{
	struct buf target = { 0 };
	struct url url;
	int allowed;

	if (url_parse(&url, text, strlen(text), NULL, NULL) == 0) {
		url_add_request_target(&target, &url);
		url_clear(&url);
	}
	allowed = robots_allowed(r, agent, buf_text(&target), NULL);
	buf_clear(&target);
	return allowed;
}

static const struct exception *
exception_for(const char *robots, const char *url)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++)
		if (strcmp(exceptions[i].url, url) == 0 &&
		    strstr(robots, exceptions[i].rule) != NULL)
			return &exceptions[i];
	return NULL;
}

/* 1 when V is answered as Google does or a listed exception. */
static int
run_vector(const struct json *v, size_t *exception_count)
{
	const char *text = json_text(json_get(v, "robots"), "");
	const char *url = json_text(json_get(v, "url"), "");
	const char *agent = json_text(json_get(v, "agent"), "");
	struct robots *r = robots_parse(
	    (const uint8_t *)text, json_string_len(json_get(v, "robots")));
	int allowed = is_allowed(r, agent, url);
	const struct exception *exception;

	robots_free(r);
	if (allowed == json_bool(json_get(v, "allowed"), -1))
		return 1;
	exception = exception_for(text, url);
	if (exception != NULL) {
		printf("# exception %s: %s\n", url, exception->reason);
		(*exception_count)++;
		return 1;
	}
	printf("# %s for %s: we say %d; rules were\n# %s\n", url, agent,
	    allowed, text);
	return 0;
}

CASE(every_vector_of_google_is_answered_or_listed)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct error e = { 0 };
	struct json *vectors;
	size_t exception_count = 0;
	int rc = load(&text, "google__robotstxt/robots_vectors.json");

	if (rc == 0) {
		arena_free(a);
		SKIP("CORPORA is not set");
	}
	vectors = json_parse(a, buf_text(&text), text.len, &e);
	for (size_t i = 0; i < json_count(vectors); i++)
		CHECK(run_vector(json_at(vectors, i), &exception_count));
	printf("# %zu vectors, %zu exceptions\n", json_count(vectors),
	    exception_count);
	CHECK_INT(json_count(vectors), 142);
	CHECK(exception_count <= EXCEPTIONS_MAX);
	arena_free(a);
	buf_clear(&text);
}

/* The parsed file of the probe before this one. */
struct current {
	char *name;
	struct robots *r;
};

static void
switch_to(struct current *c, const char *name)
{
	char *path = mem_format("scrapy__protego/tests/test_data/%s", name);
	struct buf text = { 0 };

	if (c->name == NULL || strcmp(c->name, name) != 0) {
		(void)load(&text, path);
		free(c->name);
		robots_free(c->r);
		c->name = mem_text(name);
		c->r = robots_parse(text.data, text.len);
	}
	buf_clear(&text);
	free(path);
}

/* LINE is "file agent url google protego" and is cut up. 1 when we agree. */
static int
run_probe(struct current *c, char *line)
{
	char *field[5] = { line };

	for (size_t i = 1; i < 5; i++) {
		char *tab = strchr(field[i - 1], '\t');

		if (tab == NULL)
			return 0;
		*tab = '\0';
		field[i] = tab + 1;
	}
	switch_to(c, field[0]);
	if (is_allowed(c->r, field[1], field[2]) == (*field[3] == '1'))
		return 1;
	printf("# %s %s %s: google %s, protego %s\n", field[0], field[1],
	    field[2], field[3], field[4]);
	return 0;
}

CASE(real_files_are_read_as_google_reads_them)
{
	struct current current = { 0 };
	struct buf text = { 0 };
	size_t count = 0;
	size_t agreed = 0;
	int rc = load(&text, "truth/robots_real.tsv");
	char *line;

	if (rc == 0)
		SKIP("CORPORA is not set");
	line = strchr((char *)text.data, '\n');
	while (line != NULL && line[1] != '\0') {
		char *start = line + 1;

		line = strchr(start, '\n');
		if (line != NULL)
			*line = '\0';
		agreed += (size_t)run_probe(&current, start);
		count++;
	}
	printf("# %zu of %zu probes agree\n", agreed, count);
	CHECK_INT(count, 32764);
	CHECK(1000 * agreed >= 995 * count);
	free(current.name);
	robots_free(current.r);
	buf_clear(&text);
}

TESTS(T(every_vector_of_google_is_answered_or_listed),
    T(real_files_are_read_as_google_reads_them))
