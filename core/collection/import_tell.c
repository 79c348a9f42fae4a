/* Journal lines of imported records. */
#include "core/collection/import_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/journal.h"
#include "core/collection/lines.h"
#include "core/collection/segment.h"
#include "core/web/http_message.h"
#include "core/web/outcome.h"
#include "core/web/url.h"

struct import_teller {
	struct http_reader *reader;
	int is_http;
	int ended;
	uint64_t extra; /* bytes behind the message */
	uint64_t len;   /* of the block */
};

struct import_teller *
import_teller_new(void)
{
	struct import_teller *t = mem_zero(1, sizeof(*t));

	t->reader = http_reader_new(HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS);
	return t;
}

void
import_teller_free(struct import_teller *t)
{
	if (t == NULL)
		return;
	http_reader_free(t->reader);
	free(t);
}

void
import_tell_record(struct buf *lines, const struct import_line *l)
{
	struct buf json = { 0 };

	line_begin(&json);
	line_text(&json, "file", l->file);
	line_number(&json, "offset", (int64_t)l->offset);
	line_number(&json, "length", (int64_t)l->length);
	line_number(&json, "number", (int64_t)l->number);
	line_text(&json, "id", l->id);
	line_text(&json, "type", l->type);
	line_text(&json, "uri", l->uri);
	line_text(&json, "date", l->date);
	if (l->has_status)
		line_number(&json, "status", l->status);
	line_text(&json, "mime", l->mime);
	line_text(&json, "digest", l->digest);
	line_end(&json);
	journal_add(lines, l->kind, buf_text(&json), json.len);
	buf_clear(&json);
}

static const char *
field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

static const char *
uri_field(struct arena *a, const struct record *r, const char *name)
{
	const char *value = record_uri_field(a, r, name);

	return value == NULL ? "" : value;
}

/* As the verifier sees it: its index line must be the same. */
static int
is_http(const struct record *r)
{
	enum record_type type = record_type(r);
	const char *content = field(r, "Content-Type");
	const char *uri = field(r, "WARC-Target-URI");

	if (type != RECORD_RESPONSE && type != RECORD_REVISIT)
		return 0;
	if (*content == '\0')
		return strncasecmp(uri + (*uri == '<'), "http", 4) == 0;
	return strncasecmp(content, "application/http", 16) == 0;
}

void
import_tell_begin(struct import_teller *t, const struct record *r)
{
	t->is_http = is_http(r);
	t->ended = 0;
	t->extra = t->len = 0;
	if (t->is_http)
		http_reader_reset(t->reader, "");
}

void
import_tell_block(struct import_teller *t, const uint8_t *p, size_t len)
{
	size_t used = 0;

	t->len += len;
	if (!t->is_http)
		return;
	if (!t->ended)
		t->ended = http_reader_feed(t->reader, p, len, &used, NULL) !=
			   0;
	if (http_reader_framing(t->reader) != HTTP_FRAMING_CHUNKED)
		t->extra += len - used;
}

void
import_tell_end(struct import_teller *t)
{
	if (t->is_http)
		(void)http_reader_end(t->reader);
}

static const char *
http_field(const struct import_teller *t, const char *name)
{
	const char *value = t->is_http ? http_reader_field(t->reader, name)
				       : NULL;

	return value == NULL ? "" : value;
}

enum gzip_way
import_tell_way(const struct import_teller *t, const struct record *r)
{
	if (t->is_http)
		return gzip_way_for(http_field(t, "Content-Type"),
		    http_field(t, "Content-Encoding"), NULL, 0);
	return record_type(r) == RECORD_RESOURCE
		   ? gzip_way_for(field(r, "Content-Type"), "", NULL, 0)
		   : GZIP_DEFLATE;
}

static enum outcome
outcome_of_truncated(const char *truncated)
{
	if (strcasecmp(truncated, "length") == 0)
		return OUTCOME_TRUNCATED_LENGTH;
	if (strcasecmp(truncated, "time") == 0)
		return OUTCOME_TRUNCATED_TIME;
	return *truncated == '\0' ? OUTCOME_CAPTURED
				  : OUTCOME_TRUNCATED_DISCONNECT;
}

/* How the target ended, as far as the record tells. */
static enum outcome
outcome_of(const struct import_teller *t, const struct record *r)
{
	enum outcome o = OUTCOME_CAPTURED;

	if (record_type(r) == RECORD_REVISIT)
		return strstr(field(r, "WARC-Profile"), "not-modified") != NULL
			   ? OUTCOME_NOT_MODIFIED
			   : OUTCOME_REVISIT;
	/* Browsers do ask for parts. */
	if (t->is_http && http_reader_status(t->reader) != 206)
		o = outcome_of_status(t->reader);
	if (o == OUTCOME_CAPTURED)
		o = outcome_of_truncated(field(r, "WARC-Truncated"));
	return o;
}

static const char *
reason_of(struct arena *a, const struct import_teller *t, enum outcome o,
    const struct record *r)
{
	const char *truncated = field(r, "WARC-Truncated");

	if (o == OUTCOME_CAPTURED || record_type(r) == RECORD_REVISIT)
		return "";
	if (*truncated != '\0' && outcome_of_truncated(truncated) == o)
		return arena_format(a, "WARC-Truncated: %.80s", truncated);
	return arena_format(
	    a, "the server answered %u", http_reader_status(t->reader));
}

/* The target of a redirect, absolute; "" none. */
static const char *
redirect_of(struct arena *a, const struct import_teller *t, const char *from)
{
	struct url base = { 0 };
	struct url to = { 0 };
	const char *location = http_field(t, "Location");
	const char *text = "";

	if (*location == '\0' ||
	    url_parse(&base, from, strlen(from), NULL, NULL) != 0)
		return "";
	if (url_parse(&to, location, strlen(location), &base, NULL) == 0) {
		text = arena_text(a, to.text);
		url_clear(&to);
	}
	url_clear(&base);
	return text;
}

/* Does the record say how a wanted URL ended? */
static int
is_capture(const struct record *r, const char *uri)
{
	enum record_type type = record_type(r);

	/* Other spellings of the type are in no index either. */
	if (*uri == '\0' ||
	    strcmp(field(r, "WARC-Type"), record_type_name(type)) != 0)
		return 0;
	return type == RECORD_RESPONSE || type == RECORD_REVISIT ||
	       (type == RECORD_RESOURCE && strncasecmp(uri, "http", 4) == 0);
}

static void
tell_outcome(struct import_teller *t, struct arena *a, const struct record *r,
    const struct import_line *l, struct buf *lines)
{
	struct outcome_line o;
	struct buf json = { 0 };

	outcome_line_init(&o);
	o.url = l->uri;
	o.outcome = outcome_of(t, r);
	o.status = l->status;
	o.reason = reason_of(a, t, o.outcome, r);
	o.time = l->date;
	o.record = l->id;
	o.file = l->file;
	o.offset = (int64_t)l->offset;
	o.length = (int64_t)l->length;
	o.bytes = (int64_t)(t->is_http
				? http_reader_payload_len(t->reader) + t->extra
				: t->len);
	o.digest = l->digest;
	o.block_digest = field(r, "WARC-Block-Digest");
	o.media_type = field(r, "WARC-Identified-Payload-Type");
	/* As the server said; of what is no HTTP nobody said anything. */
	o.content_type = http_field(t, "Content-Type");
	if (record_type(r) == RECORD_RESOURCE)
		o.content_type = field(r, "Content-Type");
	if (o.outcome == OUTCOME_REDIRECT)
		o.location = redirect_of(a, t, l->uri);
	outcome_line_write(&json, &o);
	journal_add(lines, 'o', buf_text(&json), json.len);
	buf_clear(&json);
}

void
import_tell(struct import_teller *t, struct arena *a, const struct record *r,
    struct import_line *l, struct buf *lines)
{
	enum record_type type = record_type(r);
	struct buf mime = { 0 };

	l->id = uri_field(a, r, "WARC-Record-ID");
	l->uri = uri_field(a, r, "WARC-Target-URI");
	l->type = field(r, "WARC-Type");
	l->date = field(r, "WARC-Date");
	l->digest = field(r, "WARC-Payload-Digest");
	l->mime = field(r, "Content-Type");
	if (type == RECORD_RESPONSE || type == RECORD_REVISIT) {
		http_content_type(http_field(t, "Content-Type"), &mime, NULL);
		l->mime = arena_text(a, buf_text(&mime));
	}
	if (t->is_http) {
		l->status = http_reader_status(t->reader);
		l->has_status = 1;
	}
	import_tell_record(lines, l);
	if (is_capture(r, l->uri))
		tell_outcome(t, a, r, l, lines);
	buf_clear(&mime);
}

void
import_tell_draft(struct buf *lines, const char *file, const struct draft *d)
{
	const struct import_line l = {
		.kind = 'r',
		.file = file,
		.offset = d->offset,
		.length = d->length,
		.number = d->number,
		.id = d->id,
		.type = d->type,
		.uri = d->uri,
		.date = d->date,
		.mime = d->content_type,
		.digest = d->payload_digest,
	};

	import_tell_record(lines, &l);
}

void
import_tell_resource(struct buf *lines, const char *file, const struct draft *d)
{
	struct outcome_line o;
	struct buf json = { 0 };

	import_tell_draft(lines, file, d);
	outcome_line_init(&o);
	o.url = d->uri;
	o.outcome = OUTCOME_CAPTURED;
	o.time = d->date;
	o.record = d->id;
	o.file = file;
	o.offset = (int64_t)d->offset;
	o.length = (int64_t)d->length;
	o.bytes = (int64_t)d->len;
	o.digest = d->payload_digest;
	o.block_digest = d->block_digest;
	o.media_type = d->media_type;
	o.content_type = d->content_type;
	outcome_line_write(&json, &o);
	journal_add(lines, 'o', buf_text(&json), json.len);
	buf_clear(&json);
}
