/* Any response bytes through the reader: a result that is JSON comes out,
 * twice the same. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/news/profile.h"
#include "core/news/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
read_one(const struct profile *profile, const uint8_t *p, size_t len,
    struct buf *out)
{
	struct reading_input in = {
		.url = "https://english.almayadeen.net/news/politics/a",
		.requested = "",
		.captured_us = INT64_C(1756123200000000),
		.response = p,
		.response_len = len
	};
	struct error e = { 0 };

	if (reader_read(profile, &in, out, &e) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
	static struct profile_set *set;
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct buf response = { 0 };
	struct buf one = { 0 };
	struct buf two = { 0 };
	const struct profile *profile;

	if (set == NULL && profile_set_load(&set, NULL, &e) != 0)
		abort();
	profile = profile_set_find(set, "almayadeen-en");
	/* A whole response, or else the page of one. */
	if (len < 5 || memcmp(p, "HTTP/", 5) != 0)
		buf_add_text(&response, head);
	buf_add(&response, p, len);
	read_one(profile, response.data, response.len, &one);
	read_one(profile, response.data, response.len, &two);
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0 ||
	    json_parse(a, buf_text(&one), one.len, &e) == NULL)
		abort();
	buf_clear(&response);
	buf_clear(&one);
	buf_clear(&two);
	arena_free(a);
	return 0;
}
