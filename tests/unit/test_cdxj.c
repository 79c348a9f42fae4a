/* Index lines, written and split. The key has tests of its own. */
#include "core/archive/cdxj.h"

#include "core/base/buf.h"
#include "core/base/error.h"
#include "tests/test.h"

CASE(a_line_has_its_members_in_order)
{
	struct buf out = { 0 };
	const struct cdxj_facts f = { .url = "https://example.org/a",
		.date_us = INT64_C(1795334400123456),
		.mime = "text/html",
		.status = 200,
		.digest = "sha256:00",
		.length = 449,
		.offset = 370,
		.file = "t.warc.gz",
		.id = "urn:uuid:x" };
	const struct cdxj_facts bare = { .url = "https://example.org/a\"",
		.mime = "",
		.digest = "",
		.file = "t.warc.gz",
		.id = "" };

	cdxj_add_line(&out, &f);
	CHECK_TEXT(buf_text(&out),
	    "org,example)/a 20261122080000 {\"url\": \"https://example.org/a\""
	    ", \"mime\": \"text/html\", \"status\": \"200\", \"digest\": "
	    "\"sha256:00\", \"length\": \"449\", \"offset\": \"370\", "
	    "\"filename\": \"t.warc.gz\", \"id\": \"urn:uuid:x\"}\n");
	buf_reset(&out);
	cdxj_add_line(&out, &bare);
	CHECK(strstr(buf_text(&out),
		  " 19700101000000 {\"url\": \"https://example.org/a\\\"\", "
		  "\"length\": \"0\", \"offset\": \"0\", \"filename\": "
		  "\"t.warc.gz\"}\n") != NULL);
	buf_clear(&out);
}

CASE(a_line_splits_into_three_parts_or_is_refused)
{
	static const char *const bad[] = { "", "a", "a 20261122080000",
		" 20261122080000 {}", "a 2026112208000 {}",
		"a 202611220800001234 {}", "a 2026112208000x {}",
		"a 20261122080000 []", "a 20261122080000 " };
	char good[] = "org,a)/ 20261122080000 {\"url\": \"x y\"}\r\n";
	char text[64];
	struct cdxj_line line;
	struct error e = { 0 };

	CHECK_OK(cdxj_split(good, &line, &e), &e);
	CHECK_TEXT(line.key, "org,a)/");
	CHECK_TEXT(line.time, "20261122080000");
	CHECK_TEXT(line.json, "{\"url\": \"x y\"}");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", bad[i]);
		CHECK_INT(cdxj_split(text, &line, &e), -1);
	}
}

TESTS(T(a_line_has_its_members_in_order),
    T(a_line_splits_into_three_parts_or_is_refused))
