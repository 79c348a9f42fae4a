/* outcomes.jsonl against the records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/collection/line_reader.h"
#include "core/collection/lines.h"
#include "core/collection/verify_part.h"
#include "core/web/exchange.h"
#include "core/web/http_message.h"

static const char outcomes_name[] = "outcomes.jsonl";

/* Facts that a metadata record and an outcome line tell both, by the names
 * of the first and the second. */
static const char *const facts[][2] = {
	{ "outcome", "outcome" },
	{ "reason", "reason" },
	{ "via", "via" },
	{ "hopsFromSeed", "hops" },
	{ "need", "need" },
	{ "where", "where" },
	{ "robots", "robots" },
};

enum { FACT_COUNT = sizeof(facts) / sizeof(facts[0]) };

/* A value as it stands in application/warc-fields. */
static void
add_clean(struct buf *out, const char *value, size_t len)
{
	size_t start = out->len;

	(void)text_add_clean(out, value, len);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] < 0x20 || out->data[i] == 0x7f)
			out->data[i] = ' ';
	buf_add_byte(out, '\n');
}

/* The value of the line "NAME: " in BLOCK; "" when there is none. */
static const char *
field_of(const char *block, const char *name, size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *at = block; *at != '\0';) {
		size_t line = strcspn(at, "\r\n");

		if (strncmp(at, name, name_len) == 0 &&
		    strncmp(at + name_len, ": ", 2) == 0) {
			*len = line - name_len - 2;
			return at + name_len + 2;
		}
		at += line;
		at += strspn(at, "\r\n");
	}
	*len = 0;
	return "";
}

void
check_facts_of_block(struct buf *out, const char *block, size_t len)
{
	size_t value_len;
	const char *value;

	(void)len; /* it ends in NUL, and holds no other unless changed */
	for (size_t i = 0; i < FACT_COUNT; i++) {
		value = field_of(block, facts[i][0], &value_len);
		add_clean(out, value, value_len);
	}
	value = field_of(block, "fetchTimeMs", &value_len);
	if (*value == '-')
		buf_add_text(out, "0");
	else
		buf_add(out, value, value_len);
}

void
check_facts_of_outcome(struct buf *out, const struct json *line)
{
	for (size_t i = 0; i < FACT_COUNT; i++) {
		const char *value = json_text(json_get(line, facts[i][1]), "");

		add_clean(out, value, strlen(value));
	}
	buf_format(
	    out, "%jd", (intmax_t)json_int(json_get(line, "fetch_ms"), -1));
}

/* A line of outcomes.jsonl under way. */
struct outcome_check {
	struct snapshot_check *check;
	const struct line_reader *lines;
	const struct json *line;
	const char *record;
};

static void
say(const struct outcome_check *o, const char *code, const char *text,
    const char *what)
{
	if (check_may_say(o->check, outcomes_name))
		check_say(o->check, SEVERITY_CHANGED, code, outcomes_name,
		    o->lines->start, o->record, "%s%s", text, what);
}

static const char *
text_of(const struct outcome_check *o, const char *name)
{
	return json_text(json_get(o->line, name), "");
}

/* What it tells of its record is compared when all is known
 * (check_facts). */
static void
add_fact(const struct outcome_check *o)
{
	struct snapshot_check *s = o->check;
	struct outcome_fact fact;
	uint8_t facts_hash[VERIFY_SHORT];
	struct buf b = { 0 };
	char numbers[3][32];
	const char *values[OUTCOME_FIELDS];

	for (size_t i = 0; i < OUTCOME_FIELDS; i++)
		values[i] = text_of(o, outcome_fields[i]);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(numbers[i], sizeof(numbers[i]), "%jd",
		    (intmax_t)json_int(
			json_get(o->line, outcome_fields[4 + i]), 0));
		values[4 + i] = numbers[i];
	}
	http_content_type(text_of(o, "content_type"), &b, NULL);
	fact_outcome(s, &fact, values, buf_text(&b));
	buf_reset(&b);
	check_facts_of_outcome(&b, o->line);
	check_hash(s, facts_hash, buf_text(&b), b.len);
	fact_outcome_line(s, o->record, o->lines->start, &fact, facts_hash);
	buf_clear(&b);
}

/* What the line adds to the sums of report.json. */
static void
add_sums(const struct outcome_check *o, enum outcome outcome)
{
	struct snapshot_check *s = o->check;
	int64_t bytes = json_int(json_get(o->line, "bytes"), 0);

	s->targets++;
	s->by_outcome[outcome]++;
	if (outcome_is_good(outcome))
		s->good++;
	else if (outcome_is_left_out(outcome))
		s->left_out++;
	else
		s->failed++;
	if (o->record[0] != '\0' && bytes > 0)
		s->payload_bytes += (uint64_t)bytes;
}

/* Which run of the snapshot: none of those that report.json tells of is 0. */
static void
check_run_known(const struct outcome_check *o)
{
	if (check_run(o->check, o->line) == 0)
		say(o, "line", "is of a run that report.json does not tell of",
		    "");
}

static void
check_line(const struct outcome_check *o)
{
	struct snapshot_check *s = o->check;
	const char *name = text_of(o, "outcome");
	enum outcome outcome;

	if (!outcome_find(name, &outcome)) {
		say(o, "line", "no outcome: ", name);
		return;
	}
	fact_url(s, text_of(o, "url"), o->lines->start, check_run(s, o->line),
	    outcome);
	add_sums(o, outcome);
	check_run_known(o);
	if (o->record[0] != '\0')
		add_fact(o);
}

/* The line as it was written, from what it says. */
static void
write_again(const struct outcome_check *o, struct buf *out)
{
	struct outcome_line l;

	if (!outcome_line_read(&l, o->line))
		return; /* told */
	l.run = check_run(o->check, o->line);
	outcome_line_write(out, &l);
}

static void
check_bytes(
    struct outcome_check *o, struct arena *a, const char *line, size_t len)
{
	struct buf again = { 0 };

	o->record = "";
	o->line = json_parse(a, line, len, NULL);
	if (!json_is(o->line, JSON_KIND_OBJECT)) {
		say(o, "line", "no JSON object", "");
		return;
	}
	o->record = text_of(o, "record");
	write_again(o, &again);
	if (again.len > 0 &&
	    (again.len != len || memcmp(again.data, line, len) != 0))
		say(o, "line", "is not spelled as it was written", "");
	check_line(o);
	buf_clear(&again);
}

int
check_outcomes(struct snapshot_check *s, struct error *e)
{
	struct line_reader lines;
	struct outcome_check o = { .check = s, .lines = &lines };
	struct error why = { 0 };
	struct arena *a;
	char *line;
	size_t len = 0;
	int more;

	if (verify_place_lines(&s->place, outcomes_name, &lines, NULL) != 0)
		return 0; /* told with the manifest */
	a = arena_new();
	while ((more = line_reader_next(&lines, &line, &len, &why)) == 1) {
		arena_reset(a);
		check_bytes(&o, a, line, len);
	}
	if (lines.size > 0 && lines.next == lines.start + len)
		say(&o, "line", "has no line end", "");
	s->outcomes_are_read = more == 0;
	arena_free(a);
	line_reader_close(&lines);
	return more < 0 ? check_unread(s, outcomes_name, &why, e) : 0;
}
