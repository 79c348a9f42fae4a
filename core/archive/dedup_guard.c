/* No revisit without its original: that is read again before one is written. */
#include <string.h>

#include "core/archive/dedup_part.h"
#include "core/archive/format.h"
#include "core/archive/record_files.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"

void
dedup_guard_init(struct dedup_guard *g)
{
	*g = (struct dedup_guard){ .arena = arena_new() };
	payload_reader_init(&g->payload);
}

void
dedup_guard_clear(struct dedup_guard *g)
{
	payload_reader_clear(&g->payload);
	input_free(g->held);
	arena_free(g->arena);
}

static int
hold(void *context, struct input *in, struct error *e)
{
	struct dedup_guard *g = context;

	(void)e;
	g->held = input_keep(in);
	return 1;
}

static void
unheld(void *context, const char *name, const struct error *why)
{
	(void)context;
	(void)name;
	(void)why; /* without the original the record stays */
}

static int
hold_file(struct dedup_guard *g, const char *file, struct error *e)
{
	const struct record_files f = { hold, unheld, g };

	if (g->held != NULL && strcmp(g->held_name, file) == 0)
		return 0;
	input_free(g->held);
	g->held = NULL;
	g->held_name = file;
	return record_files_each(file, &f, e) < 0 ? -1 : 0;
}

static void
take(struct dedup_guard *g, const struct record *r)
{
	char digest[DIGEST_TEXT_MAX];
	int standard;

	(void)digester_raw(g->payload.sha256, g->sha256);
	g->is_sound = payload_is_true(&g->payload, &standard);
	digester_text(g->payload.sha256, digest);
	g->facts = (struct revisit_original){
		.id = record_uri_field(g->arena, r, "WARC-Record-ID"),
		.uri = record_uri_field(g->arena, r, "WARC-Target-URI"),
		.date = record_field(r, "WARC-Date"),
		/* One by another rule says nothing that others can use. */
		.payload_digest = standard
				      ? record_field(r, "WARC-Payload-Digest")
				      : arena_text(g->arena, digest),
	};
}

int
dedup_guard_read(
    struct dedup_guard *g, const char *file, uint64_t offset, struct error *e)
{
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error why = { 0 };
	int rc = hold_file(g, file, e);

	g->is_sound = 0;
	arena_reset(g->arena);
	if (rc != 0 || g->held == NULL)
		return rc;
	if (source_open_input(&s, g->held, &why) == 0 &&
	    source_seek(s, offset, &why) == 0 &&
	    source_next(s, g->arena, &r, &where, &why) == 1 &&
	    where.offset == offset && payload_is_wanted(&r) &&
	    payload_read(&g->payload, &r, PAYLOAD_ALL, &why) == 0)
		take(g, &r);
	source_free(s);
	if (why.kind == ERROR_SYSTEM)
		return error_set(e, why.kind, "%s", why.text);
	return 0;
}
