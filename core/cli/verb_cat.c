/* cat: the bytes of a record on standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"
#include "core/collection/contents.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"

enum way {
	WAY_DECODED, /* transfer and content coding removed */
	WAY_PAYLOAD, /* transfer coding removed */
	WAY_RAW,     /* the block */
	WAY_HEADERS  /* the record's own fields */
};

/* Bytes a person asked to see; more than these are for a file. */
enum { TERMINAL_BYTES = 4 * 1024 * 1024 };

struct catting {
	const struct collection *collection; /* NULL: a record of any file */
	const char *object;
	struct zygote *zygote;
	enum way way;
	int followed;        /* a revisit to its original */
	struct error coding; /* the coding could not be removed */
};

static int
way_of(const struct cli *c, enum way *way, struct error *e)
{
	static const char *const names[] = { "payload", "raw", "headers" };
	int given = 0;

	*way = WAY_DECODED;
	for (int i = 0; i < 3; i++) {
		if (!config_flag(c->config, names[i]))
			continue;
		*way = (enum way)(WAY_PAYLOAD + i);
		given++;
	}
	if (given > 1)
		return error_set(e, ERROR_USAGE,
		    "cat: one of --raw, --headers and --payload, not several");
	return 0;
}

/* A terminal gets text, escaped; never bytes that it would obey. */
static int
put_on_terminal(const void *p, size_t len, struct error *e)
{
	if (memchr(p, '\0', len) != NULL || !text_is_utf8(p, len))
		return error_set(e, ERROR_USAGE,
		    "not text, and standard output is a terminal: send it to "
		    "a file, as in: holdfast cat ... >FILE");
	cli_put_lines(stdout, "", p, len);
	return 0;
}

static int
put_stream(struct stream *s, struct error *e)
{
	struct buf all = { 0 };
	const uint8_t *p;
	size_t len;
	int more = 0;

	look_only_prints();
	if (isatty(STDOUT_FILENO)) {
		more = stream_read(s, &all, TERMINAL_BYTES, e);
		if (more == 0)
			more = put_on_terminal(buf_text(&all), all.len, e);
		buf_clear(&all);
		return more;
	}
	while (!ferror(stdout) && (more = stream_next(s, &p, &len, e)) > 0)
		(void)fwrite(p, 1, len, stdout); /* finish() looks */
	return more < 0 ? -1 : 0;
}

static int
put_bytes(const struct buf *b, struct error *e)
{
	struct stream *s = stream_of_bytes(buf_text(b), b->len);
	int rc = put_stream(s, e);

	stream_free(s);
	return rc;
}

static int
put_headers(const struct record *r, struct error *e)
{
	struct buf head = { 0 };
	int rc;

	record_write_head(&head, r);
	rc = put_bytes(&head, e);
	buf_clear(&head);
	return rc;
}

static int
put_contents(struct catting *k, struct open_record *o, struct error *e)
{
	struct contents *c;
	struct buf out = { 0 };
	int rc = contents_open(&c, &o->record, e);

	if (rc != 0)
		return -1;
	if (k->zygote == NULL || !look_is_coded(c)) {
		rc = put_stream(contents_stream(c), e);
	} else {
		rc = look_decode(k->zygote, c, &out, &k->coding);
		if (rc < 0)
			*e = k->coding;
		else
			rc = put_bytes(&out, e);
	}
	buf_clear(&out);
	contents_free(c);
	return rc;
}

/* A revisit's payload lies in the record it names (WARC 1.1, 6.7). */
static int
follow(const struct collection *collection, struct arena *a,
    struct open_record *o, struct error *e)
{
	struct open_record original = { 0 };
	int rc = look_original(collection, a, o, &original, e);

	if (rc == 1) {
		open_record_close(o);
		*o = original;
	}
	return rc < 0 ? -1 : 0;
}

static int
put_record(struct catting *k, struct open_record *o, struct error *e)
{
	int rc;

	if (k->way == WAY_HEADERS)
		rc = put_headers(&o->record, e);
	/* A request is shown as it was sent. */
	else if (k->way == WAY_RAW || record_type(&o->record) == RECORD_REQUEST)
		rc = put_stream(o->record.block, e);
	else
		rc = put_contents(k, o, e);
	if (rc == 0 && !ferror(stdout))
		rc = open_record_check(o, e);
	return rc;
}

static int
wants_payload(const struct catting *k)
{
	return k->way == WAY_DECODED || k->way == WAY_PAYLOAD;
}

static int
cat_of_collection(struct catting *k, struct error *e)
{
	struct arena *a = arena_new();
	struct open_record o = { 0 };
	struct found found;
	int rc = look_record(k->collection, a, k->object, &found, e);

	if (rc == 0)
		rc = open_record_at(
		    &o, k->collection, found.file, found.offset, e);
	if (rc == 0)
		rc = look_refuse(k->collection, &o, k->object, e);
	if (rc == 0 && wants_payload(k))
		rc = follow(k->collection, a, &o, e);
	if (rc == 0)
		rc = put_record(k, &o, e);
	open_record_close(&o);
	arena_free(a);
	return rc;
}

/* A record of a file; the original of a revisit is looked for in the same
 * files, by its id or else by what it is a capture of. */
static int
cat_open_record(void *context, struct open_record *o, struct error *e)
{
	struct catting *k = context;
	const struct record *r = &o->record;
	struct look_wanted original = {
		.id = record_uri_field(o->arena, r, "WARC-Refers-To"),
	};

	if (record_type(r) != RECORD_REVISIT || !wants_payload(k))
		return put_record(k, o, e);
	if (original.id == NULL) {
		original.uri = record_uri_field(
		    o->arena, r, "WARC-Refers-To-Target-URI");
		original.date = record_field(r, "WARC-Refers-To-Date");
	}
	if (k->followed || (original.id == NULL &&
			       (original.uri == NULL || original.date == NULL)))
		return error_set(e, ERROR_NOTFOUND,
		    "%s at %ju: a revisit that names no original", o->file,
		    (uintmax_t)o->place.offset);
	k->followed = 1;
	if (look_file_record(k->object, &original, cat_open_record, k, e) == 0)
		return 0;
	return error_within(e, "the original of a revisit");
}

static int
cat_of_file(struct cli *c, struct catting *k, struct error *e)
{
	struct look_wanted wanted;

	if (look_wanted(c, &wanted, e) != 0)
		return -1;
	return look_file_record(k->object, &wanted, cat_open_record, k, e);
}

int
verb_cat(struct cli *c)
{
	struct catting k = { .object = c->objects[0] };
	struct collection *collection = NULL;
	struct error e = { 0 };
	int is_file = look_of_file(c);
	int code = EXIT_DONE;
	int rc = 0;

	if (way_of(c, &k.way, &e) != 0)
		return cli_fail(&e);
	if (k.way == WAY_DECODED && (k.zygote = look_decoder()) == NULL)
		return EXIT_UNSPECIFIED;
	if (is_file)
		rc = cat_of_file(c, &k, &e);
	else if ((collection = cli_open(c, &code)) != NULL) {
		k.collection = collection;
		rc = cat_of_collection(&k, &e);
	}
	if (rc != 0)
		code = cli_fail(&e);
	else if (k.coding.kind != ERROR_NONE) {
		cli_say("%s: printed as sent, still coded: %s", c->objects[0],
		    k.coding.text);
		code = EXIT_INCOMPLETE;
	}
	collection_free(collection);
	zygote_stop(k.zygote);
	return code;
}
