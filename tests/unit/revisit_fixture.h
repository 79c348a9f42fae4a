#ifndef TESTS_REVISIT_FIXTURE_H
#define TESTS_REVISIT_FIXTURE_H

/* Snapshots of pictures that come again. */

#include "core/collection/originals.h"

/* Here the index is the real one. */
#define index_add fixture_index_add
#include "tests/unit/snapshot_fixture.h"
#undef index_add

#define HEAD_200                                                         \
	"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nETag: \"e1\"\r\n" \
	"\r\n"
#define HEAD_304 "HTTP/1.1 304 Not Modified\r\nETag: \"e1\"\r\n\r\n"

enum { BODY = 4000 };

static inline void
fill(char body[BODY + 1], int seed)
{
	for (int i = 0; i < BODY; i++)
		body[i] = (char)('a' + (i * 7 + seed) % 26);
	body[BODY] = '\0';
}

static inline struct exchange *
picture(const char *url, const char *body, size_t len)
{
	struct exchange *x = fixture_exchange(
	    &(struct fixture_response){
		.url = url,
		.status = 200,
		.head = HEAD_200,
		.body = body,
		.len = len,
		.content_type = "image/png",
	    },
	    NULL);

	fixture_text(&x->etag, "\"e1\"");
	return x;
}

static inline struct exchange *
unchanged(const char *url)
{
	struct exchange *x = fixture_exchange(
	    &(struct fixture_response){
		.url = url,
		.status = 304,
		.head = HEAD_304,
		.body = "",
		.content_type = "",
	    },
	    NULL);

	x->outcome = OUTCOME_NOT_MODIFIED;
	return x;
}

static inline uint64_t
put(struct snapshot *s, struct exchange *x, const char *need,
    const struct original *original)
{
	struct capture_facts f = fixture_facts(need);
	uint64_t ticket;

	f.media_type = "image/png";
	f.original = original;
	ticket = snapshot_put(s, x, &f);
	exchange_free(x);
	return ticket;
}

static inline struct snapshot *
begin(struct collection *c, struct fixture_clock *clock, int revisits)
{
	const struct snapshot_options o = {
		.site = "web", .kind = "capture", .revisits = revisits
	};
	struct error e = { 0 };
	struct snapshot *s = snapshot_begin(c, &o, &clock->clock, &e);

	CHECK_OK(s == NULL ? -1 : 0, &e);
	return s;
}

static inline char *
seal(struct snapshot *s, struct snapshot_totals *t)
{
	struct error e = { 0 };
	char *dir = NULL;

	CHECK_OK(snapshot_seal(s, "complete", t, &dir, &e), &e);
	return dir;
}

/* What outcomes.jsonl says of the target on line N. */
static inline const struct json *
line_of(struct arena *a, const char *dir, unsigned n)
{
	struct buf text = { 0 };
	const struct json *o;

	fixture_read(dir, "outcomes.jsonl", &text);
	o = fixture_line(a, &text, n);
	buf_clear(&text);
	return o;
}

static inline const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "?");
}

#endif
