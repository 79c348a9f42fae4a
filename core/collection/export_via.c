/*
 * What pages of an import need: its report lists none, but the metadata
 * records of captures say by which page they were asked for ("via", WARC 1.1,
 * 6.5), and of what kind the way was ("hopsFromSeed").
 */
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"
#include "core/collection/export_pick.h"
#include "core/collection/open_record.h"

enum {
	ROUNDS_MAX = 4, /* records mostly stand behind those that led there */
	BLOCK_MAX = 1024 * 1024
};

struct via {
	struct export_pick *pick;
	struct target_set from; /* addresses of what comes along */
	struct buf block;
	size_t pages; /* lines of what may be HTML */
	size_t grown;
};

/* The value of "NAME: " in a block; "" when there is none. In A. */
static const char *
field_of(struct arena *a, const struct buf *block, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = buf_text(block); *at != '\0';) {
		size_t line = strcspn(at, "\r\n");

		if (strncmp(at, name, len) == 0 &&
		    strncmp(at + len, ": ", 2) == 0)
			return arena_text_n(a, at + len + 2, line - len - 2);
		at += line;
		at += strspn(at, "\r\n");
	}
	return "";
}

/* Embedded, or where something embedded led to: not a link. */
static int
is_part(const char *hops)
{
	size_t len = strlen(hops);

	return len > 0 && strchr("EIRX", hops[len - 1]) != NULL &&
	       strpbrk(hops + strcspn(hops, "EIX"), "EIX") != NULL;
}

static int
each_record(struct via *x, struct open_record *o, struct error *e)
{
	const struct record *r = &o->record;
	const char *type = record_field(r, "Content-Type");
	const char *with = record_uri_field(o->arena, r, "WARC-Concurrent-To");
	const char *uri = record_uri_field(o->arena, r, "WARC-Target-URI");

	if (with == NULL)
		with = record_uri_field(o->arena, r, "WARC-Refers-To");
	if (record_type(r) != RECORD_METADATA || with == NULL || uri == NULL ||
	    type == NULL || strcmp(type, "application/warc-fields") != 0 ||
	    r->block_len > BLOCK_MAX)
		return 0;
	buf_reset(&x->block);
	if (stream_read(o->block, &x->block, BLOCK_MAX, e) != 0)
		return -1;
	if (!is_part(field_of(o->arena, &x->block, "hopsFromSeed")) ||
	    target_set_find(&x->from, field_of(o->arena, &x->block, "via")) ==
		NULL)
		return 0;
	x->grown += (size_t)target_set_add(&x->from, uri, 0);
	x->grown += (size_t)target_set_add(&x->pick->ids, with, 0);
	return 0;
}

static int
each_file(struct via *x, const char *name, struct error *e)
{
	const struct export_pick *k = x->pick;
	char *file = mem_format("%s/%s", k->path, name);
	struct open_record o;
	int rc = open_record_file(&o, k->plan->collection, file, e);
	int more = 0;

	free(file);
	if (rc != 0)
		return -1;
	while (rc == 0 && (more = open_record_next(&o, e)) > 0) {
		rc = export_plan_goes_on(k->plan, e);
		if (rc == 0)
			rc = each_record(x, &o, e);
	}
	open_record_close(&o);
	return more < 0 ? -1 : rc;
}

static int
each_line(void *context, const struct export_line *l, struct error *e)
{
	struct via *x = context;

	(void)e;
	/* A page may be there as a revisit. */
	if ((text_starts(l->mime, "text/html") ||
		strcmp(l->mime, "warc/revisit") == 0) &&
	    export_takes_id(x->pick, l->id)) {
		(void)target_set_add(&x->from, l->url, 0);
		x->pages++;
	}
	return 0;
}

int
export_pick_via(struct export_pick *k, struct error *e)
{
	struct via x = { .pick = k };
	const struct manifest *m = &k->manifest;
	int rc = export_each_line(k, each_line, &x, e);

	for (int n = 0; rc == 0 && x.pages > k->via_pages && n < ROUNDS_MAX;
	     n++) {
		size_t before = x.grown;

		for (size_t i = 0; rc == 0 && i < m->count; i++)
			if (text_starts(m->entries[i].name, "records/"))
				rc = each_file(&x, m->entries[i].name, e);
		if (x.grown == before)
			break;
	}
	k->via_pages = x.pages;
	k->grown += x.grown;
	target_set_clear(&x.from);
	buf_clear(&x.block);
	return rc;
}
