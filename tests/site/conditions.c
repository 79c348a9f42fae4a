/* What keeps a whole site, or a part of it, from answering as it should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "tests/site/news.h"

void
small_page(struct answer *out, unsigned status, const char *text)
{
	out->status = status;
	out->type = "text/html; charset=utf-8";
	buf_format(out->body,
	    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>%s</title></head><body><header><nav><a href=\"/\">Home"
	    "</a></nav></header><main><h2>%s</h2></main></body></html>\n",
	    text, text);
}

void
http_date(int64_t s, char *out, size_t cap)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct date_fields f;

	date_split(s * 1000000, &f);
	(void)snprintf(out, cap, "%s, %02d %s %d %02d:%02d:%02d GMT",
	    days[date_weekday(date_days(f.year, f.month, f.day))], f.day,
	    months[f.month - 1], f.year, f.hour, f.minute, f.second);
}

static void
add_retry_after(
    const struct request *q, const struct condition *c, struct answer *out)
{
	const char *after = condition_get(c, "after", NULL);

	if (after == NULL || out->head == NULL)
		return;
	if (strcmp(after, "date") == 0) {
		char text[64];

		http_date(c->until, text, sizeof(text));
		buf_format(out->head, "Retry-After: %s\r\n", text);
	} else {
		buf_format(out->head, "Retry-After: %s\r\n", after);
	}
	(void)q;
}

static int
answer_status(const struct request *q, struct answer *out)
{
	const struct condition *c = request_condition(q, "status");

	if (c != NULL) {
		small_page(out,
		    (unsigned)strtoul(condition_get(c, "n", "503"), NULL, 10),
		    "Something is wrong here");
		add_retry_after(q, c, out);
		return 1;
	}
	c = request_condition(q, "ratelimit");
	if (c == NULL)
		return 0;
	small_page(out, 429, "Too many requests");
	add_retry_after(q, c, out);
	return 1;
}

static int
answer_challenge(const struct request *q, struct answer *out)
{
	const struct condition *c = request_condition(q, "challenge");

	if (c == NULL)
		return 0;
	small_page(out, 403, "Just a moment...");
	out->server = "cloudflare";
	if (strcmp(condition_get(c, "mitigated", "yes"), "yes") == 0 &&
	    out->head != NULL)
		buf_add_text(out->head, "cf-mitigated: challenge\r\n");
	return 1;
}

int
conditions_answer(const struct request *q, struct answer *out)
{
	const struct condition *c = request_condition(q, "slow");

	if (c != NULL)
		out->wait_ms = (unsigned)strtoul(
		    condition_get(c, "ms", "100"), NULL, 10);
	if (request_condition(q, "truncate") != NULL)
		out->end = END_HALFWAY;
	c = request_condition(q, "outage");
	if (c != NULL) {
		out->end = strcmp(condition_get(c, "how", "reset"), "silent") ==
				   0
			       ? END_SILENT
			       : END_BY_RESET;
		out->status = 0;
		return 1;
	}
	return answer_status(q, out) || answer_challenge(q, out);
}
