/* Payloads that an open snapshot holds. */
#include "core/collection/repeats.h"

#include <string.h>

#include "core/archive/revisit.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/collection/journal.h"
#include "core/collection/originals.h"

void
repeats_clear(struct repeats *r)
{
	target_set_clear(&r->payloads);
}

int
repeats_may(enum outcome outcome, unsigned status, uint64_t payload_len)
{
	return outcome == OUTCOME_CAPTURED && status == 200 &&
	       payload_len >= ORIGINAL_LEAST_BYTES;
}

void
repeats_add(struct repeats *r, const char *digest, uint64_t at)
{
	(void)target_set_add(&r->payloads, digest, r->base + at);
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

void
repeats_know(struct repeats *r, const struct json *line, uint64_t at)
{
	int64_t bytes = json_int(json_get(line, "bytes"), -1);
	enum outcome outcome;

	if (bytes >= 0 && text_of(line, "digest")[0] != '\0' &&
	    text_of(line, "record")[0] != '\0' &&
	    outcome_find(text_of(line, "outcome"), &outcome) &&
	    repeats_may(outcome,
		(unsigned)json_int(json_get(line, "status"), 0),
		(uint64_t)bytes))
		(void)target_set_add(&r->payloads, text_of(line, "digest"), at);
}

/* The outcome line at AT: of this group, or in the journal. */
static const struct json *
line_at(const struct repeats *r, struct arena *a, const struct buf *lines,
    uint64_t at, struct error *e)
{
	static const char before[] = "00000000 o ";
	struct buf line = { 0 };
	const struct json *o = NULL;

	if (at >= r->base) {
		const char *json = (const char *)lines->data + (at - r->base) +
				   sizeof(before) - 1;

		return json_parse(a, json, strcspn(json, "\n"), e);
	}
	if (journal_line_at(r->journal, at, &line, e) == 0)
		o = json_parse(a, buf_text(&line), line.len, e);
	buf_clear(&line);
	return o;
}

int
repeats_find(const struct repeats *r, struct arena *a, const struct buf *lines,
    const char *digest, struct revisit_original *out, struct error *e)
{
	const uint64_t *at = target_set_find(&r->payloads, digest);
	const struct json *o;

	if (at == NULL)
		return 0;
	o = line_at(r, a, lines, *at, e);
	if (o == NULL)
		return -1;
	*out = (struct revisit_original){
		.id = text_of(o, "record"),
		.uri = text_of(o, "url"),
		.date = text_of(o, "time"),
		.payload_digest = arena_text(a, digest),
	};
	return 1;
}
