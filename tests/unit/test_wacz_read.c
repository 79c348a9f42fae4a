/* What a WACZ says of itself: read strictly, in bounded memory. */
#include <sys/resource.h>

#include "core/archive/wacz_read.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "tests/test.h"

#define HEAD "{\"profile\": \"data-package\", \"wacz_version\": \"1.1.1\", "

CASE(resources_are_read_wherever_the_list_stands)
{
	static const char *const texts[] = {
		HEAD "\"resources\": [{\"path\": \"b\", \"bytes\": 2, "
		     "\"hash\": \"sha256:00\"}, {\"path\": \"a\"}]}",
		"{\"resources\":[{\"path\":\"b\",\"bytes\":2,\"hash\":"
		"\"sha256:00\"},{\"path\":\"a\"}],\"profile\":"
		"\"data-package\"}\n",
		"{\"title\": \"\\\"resources\\\": []\", \"x\": {\"resources\":"
		" [1, \"]\", {}]}, \"resources\" : [ {\"path\": \"a\"} , "
		"{\"bytes\": 2, \"path\": \"b\", \"hash\": \"sha256:00\", "
		"\"more\": [[\"}\"], {}]} ] , \"profile\": \"data-package\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *a = arena_new();
		struct wacz_package p;
		struct error e = { 0 };

		CHECK_OK(
		    wacz_read_package(a, texts[i], strlen(texts[i]), &p, &e),
		    &e);
		CHECK_INT(p.count, 2);
		if (p.count == 2) {
			CHECK_TEXT(p.resources[0].path, "a");
			CHECK_TEXT(p.resources[1].hash, "sha256:00");
			CHECK_INT(p.resources[1].bytes, 2);
			CHECK(wacz_find(&p, "b") == &p.resources[1]);
			CHECK(wacz_find(&p, "c") == NULL);
		}
		CHECK_TEXT(p.profile, "data-package");
		arena_free(a);
	}
}

CASE(what_is_no_datapackage_is_refused_with_its_reason)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "datapackage.json" },
		{ "[]", "is no JSON object" },
		{ "{}", "has no list of resources" },
		{ HEAD "\"resources\": {}}", "has no list of resources" },
		{ HEAD "\"resources\": [}", "resource 1" },
		{ HEAD "\"resources\": [", "resource 1" },
		{ HEAD "\"resources\": []", "datapackage.json" },
		{ HEAD "\"resources\": [{\"path\": \"a\"}", "is cut" },
		{ HEAD "\"resources\": [{\"path\": \"a\"}}", "does not end" },
		{ HEAD "\"resources\": [{\"path\": \"a\"} {\"path\": \"b\"}]}",
		    "resource 1" },
		{ HEAD "\"resources\": [{\"path\": \"a\"},]}", "resource 2" },
		{ HEAD "\"resources\": [1]}", "resource 1: is no object" },
		{ HEAD "\"resources\": [{}]}", "has no plain path" },
		{ HEAD "\"resources\": [{\"path\": \"../a\"}]}",
		    "has no plain path" },
		{ HEAD "\"resources\": [{\"path\": \"/a\"}]}",
		    "has no plain path" },
		{ HEAD "\"resources\": [{\"path\": \"a\\u0000b\"}]}",
		    "resource 1" },
		{ HEAD "\"resources\": [{\"path\": \"a\", \"path\": \"b\"}]}",
		    "resource 1" },
		{ HEAD "\"resources\": [{\"path\": \"a\", \"hash\": 1}]}",
		    "hash is no text" },
		{ HEAD "\"resources\": [{\"path\": \"a\"}, {\"path\": "
		       "\"a\"}]}",
		    "lists a twice" },
		{ HEAD "\"resources\": [], \"resources\": []}", "duplicate" },
		{ HEAD "\"res\\u006furces\": [{\"path\": \"a\"}]}",
		    "has no list of resources" },
		{ "{\"profile\": 1, \"resources\": []}", "is no text" },
		{ HEAD "\"resources\": []} x", "datapackage.json" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *a = arena_new();
		struct wacz_package p;
		struct error e = { 0 };

		CHECK_INT(wacz_read_package(
			      a, bad[i].text, strlen(bad[i].text), &p, &e),
		    -1);
		if (strstr(e.text, bad[i].why) == NULL) {
			printf("# %s:\n", bad[i].text);
			CHECK_TEXT(e.text, bad[i].why);
		}
		arena_free(a);
	}
}

CASE(a_long_list_needs_little_more_than_its_text)
{
	enum { MANY = 200000 };
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct wacz_package p;
	struct error e = { 0 };
	struct rusage before;
	struct rusage after;

	buf_add_text(&text, HEAD "\"resources\": [");
	for (int i = 0; i < MANY; i++)
		buf_format(&text,
		    "%s{\"name\": \"a%06d\", \"path\": \"s/a%06d\", \"hash\": "
		    "\"sha256:%064d\", \"bytes\": %d}",
		    i == 0 ? "" : ", ", i, i, i, i);
	buf_add_text(&text, "]}");
	(void)getrusage(RUSAGE_SELF, &before);
	CHECK_OK(wacz_read_package(a, text.data, text.len, &p, &e), &e);
	(void)getrusage(RUSAGE_SELF, &after);
	CHECK_INT(p.count, MANY);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	CHECK((after.ru_maxrss - before.ru_maxrss) * 1024 < (long)text.len * 3);
#endif
	buf_reset(&text);
	buf_add_text(&text, HEAD "\"resources\": [], \"x\": \"");
	for (int i = 0; i < WACZ_DIGEST_MAX; i++)
		buf_add_byte(&text, 'x');
	buf_add_text(&text, "\"}");
	CHECK_INT(wacz_read_package(a, text.data, text.len, &p, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	buf_clear(&text);
	arena_free(a);
}

CASE(lines_have_a_bound_and_a_number)
{
	static const char text[] = "one\n\nthree";
	struct input *in = input_of_bytes(text, strlen(text), "x");
	struct wacz_lines l;
	struct error e = { 0 };
	char *line;
	size_t len;

	wacz_lines_begin(&l, in, 0, 5);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 1);
	CHECK_TEXT(line, "one");
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 1);
	CHECK_INT(len, 0);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 1);
	CHECK_TEXT(line, "three");
	CHECK_INT(l.number, 3);
	CHECK(l.is_torn);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 0);
	wacz_lines_end(&l);
	wacz_lines_begin(&l, in, 0, 4);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 1);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), 1);
	CHECK_INT(wacz_lines_next(&l, &line, &len, &e), -1);
	CHECK(strstr(e.text, "line 3: longer than 4 bytes") != NULL);
	wacz_lines_end(&l);
	input_free(in);
}

TESTS(T(resources_are_read_wherever_the_list_stands),
    T(what_is_no_datapackage_is_refused_with_its_reason),
    T(a_long_list_needs_little_more_than_its_text),
    T(lines_have_a_bound_and_a_number))
