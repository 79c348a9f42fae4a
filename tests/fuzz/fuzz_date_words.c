/* A format, LF, and a printed date: what fits is a date that reads as ISO
 * too, unless it stays raw. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/news/date_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const struct date_period periods[] = {
	{ 120, INT64_MIN, INT64_MAX },
	{ 180, 19477, 19658 },
};

static void
check(struct arena *a, const struct json *date, const struct date_rules *rules)
{
	const char *iso = json_text(json_get(date, "iso"), "");
	struct json *again = NULL;

	if (*iso == '\0') {
		assert(strcmp(json_text(json_get(date, "calendar"), ""),
			   "hijri") == 0);
		return;
	}
	if (!date_words_iso(a, iso, rules, &again) ||
	    strcmp(json_text(json_get(again, "iso"), ""), iso) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct date_rules rules = { "Asia/Beirut", periods, 2,
		1756123200000000 };
	const uint8_t *line = memchr(p, '\n', len);
	size_t format_len = line == NULL ? 0 : (size_t)(line - p);
	char *format = mem_text_n((const char *)p, format_len);
	char *raw = line == NULL ? mem_text_n((const char *)p, len)
				 : mem_text_n((const char *)line + 1,
				       len - format_len - 1);
	struct arena *a = arena_new();
	struct json *date = NULL;

	if (date_words_read(a, raw, format, &rules, &date))
		check(a, date, &rules);
	if (date_words_iso(a, raw, &rules, &date))
		check(a, date, &rules);
	arena_free(a);
	free(raw);
	free(format);
	return 0;
}
