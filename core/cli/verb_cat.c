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

/* CODING is filled when the coding could not be removed. */
static int
put_contents(struct zygote *z, struct open_record *o, struct error *coding,
    struct error *e)
{
	struct contents *c;
	struct buf out = { 0 };
	int rc = contents_open(&c, &o->record, e);

	if (rc != 0)
		return -1;
	if (z == NULL || !look_is_coded(c)) {
		rc = put_stream(contents_stream(c), e);
	} else {
		rc = look_decode(z, c, &out, coding);
		if (rc < 0)
			*e = *coding;
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
	const char *id = record_uri_field(a, &o->record, "WARC-Refers-To");
	struct found found;

	if (record_type(&o->record) != RECORD_REVISIT)
		return 0;
	if (id == NULL)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: a revisit that names no original", o->file);
	if (lookup_record(collection, a, id, &found, e) != 0)
		return error_within(e, "the original of a revisit");
	open_record_close(o);
	return open_record_at(o, collection, found.file, found.offset, e);
}

static int
cat(const struct collection *collection, struct zygote *z, const char *text,
    enum way way, struct error *coding, struct error *e)
{
	struct arena *a = arena_new();
	struct open_record o = { 0 };
	struct found found;
	int rc = look_record(collection, a, text, &found, e);

	if (rc == 0)
		rc = open_record_at(
		    &o, collection, found.file, found.offset, e);
	if (rc == 0 && (way == WAY_DECODED || way == WAY_PAYLOAD))
		rc = follow(collection, a, &o, e);
	if (rc != 0)
		goto done;
	/* A request is shown as it was sent. */
	if (way != WAY_HEADERS && record_type(&o.record) == RECORD_REQUEST)
		way = WAY_RAW;
	if (way == WAY_HEADERS)
		rc = put_headers(&o.record, e);
	else if (way == WAY_RAW)
		rc = put_stream(o.record.block, e);
	else
		rc = put_contents(z, &o, coding, e);
	if (rc == 0 && !ferror(stdout))
		rc = open_record_check(&o, e);
done:
	open_record_close(&o);
	arena_free(a);
	return rc;
}

int
verb_cat(struct cli *c)
{
	struct collection *collection = NULL;
	struct zygote *z = NULL;
	struct error coding = { 0 };
	struct error e = { 0 };
	enum way way;
	int code = EXIT_DONE;

	if (way_of(c, &way, &e) != 0)
		return cli_fail(&e);
	if (way == WAY_DECODED && (z = look_decoder()) == NULL)
		return EXIT_UNSPECIFIED;
	collection = cli_open(c, &code);
	if (collection != NULL &&
	    cat(collection, z, c->objects[0], way, &coding, &e) != 0)
		code = cli_fail(&e);
	else if (coding.kind != ERROR_NONE) {
		cli_say("%s: printed as sent, still coded: %s", c->objects[0],
		    coding.text);
		code = EXIT_INCOMPLETE;
	}
	collection_free(collection);
	zygote_stop(z);
	return code;
}
