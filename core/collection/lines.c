/* JSON objects of one line. */
#include "core/collection/lines.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/json.h"

void
line_begin(struct buf *b)
{
	buf_add_byte(b, '{');
}

static void
line_name(struct buf *b, const char *name)
{
	if (b->data[b->len - 1] != '{')
		buf_add_byte(b, ',');
	json_add_string(b, name, strlen(name));
	buf_add_byte(b, ':');
}

void
line_text(struct buf *b, const char *name, const char *value)
{
	line_name(b, name);
	json_add_string(b, value, strlen(value));
}

void
line_number(struct buf *b, const char *name, int64_t n)
{
	line_name(b, name);
	buf_format(b, "%" PRId64, n);
}

void
line_null(struct buf *b, const char *name)
{
	line_name(b, name);
	buf_add_text(b, "null");
}

void
line_json(struct buf *b, const char *name, const struct json *v)
{
	line_name(b, name);
	if (v == NULL)
		buf_add_text(b, "null");
	else
		json_write(b, v);
}

void
line_end(struct buf *b)
{
	buf_add_byte(b, '}');
}

void
outcome_line_init(struct outcome_line *o)
{
	*o = (struct outcome_line){
		.url = "",
		.outcome = OUTCOME_NOT_TRIED,
		.reason = "",
		.time = "",
		.via = "",
		.hops = "",
		.need = "",
		.where = "",
		.robots = "",
		.record = "",
		.file = "",
		.offset = -1,
		.length = -1,
		.payload_offset = -1,
		.bytes = -1,
		.digest = "",
		.block_digest = "",
		.media_type = "",
		.content_type = "",
		.location = "",
		.fetch_ms = -1,
	};
}

static int64_t
number_of(const struct json *line, const char *name)
{
	return json_int(json_get(line, name), -1);
}

int
outcome_line_read(struct outcome_line *o, const struct json *line)
{
	struct {
		const char *name;
		const char **text;
	} texts[] = { { "url", &o->url }, { "reason", &o->reason },
		{ "time", &o->time }, { "via", &o->via }, { "hops", &o->hops },
		{ "need", &o->need }, { "where", &o->where },
		{ "robots", &o->robots }, { "record", &o->record },
		{ "file", &o->file }, { "digest", &o->digest },
		{ "block_digest", &o->block_digest },
		{ "media_type", &o->media_type },
		{ "content_type", &o->content_type },
		{ "location", &o->location } };
	int64_t status = number_of(line, "status");
	int64_t run = json_int(json_get(line, "run"), 1);

	outcome_line_init(o);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i].text = json_text(json_get(line, texts[i].name), "");
	o->status = status < 0 || status > 999 ? 0 : (unsigned)status;
	o->offset = number_of(line, "offset");
	o->length = number_of(line, "length");
	o->payload_offset = number_of(line, "payload_offset");
	o->bytes = number_of(line, "bytes");
	o->fetch_ms = number_of(line, "fetch_ms");
	o->run = run < 1 || run > UINT32_MAX ? 0 : (unsigned)run;
	return outcome_find(
	    json_text(json_get(line, "outcome"), ""), &o->outcome);
}

static void
line_known(struct buf *b, const char *name, int64_t n)
{
	if (n < 0)
		line_null(b, name);
	else
		line_number(b, name, n);
}

void
outcome_line_write(struct buf *out, const struct outcome_line *o)
{
	line_begin(out);
	line_text(out, "url", o->url);
	line_text(out, "outcome", outcome_name(o->outcome));
	line_known(out, "status", o->status == 0 ? -1 : (int64_t)o->status);
	line_text(out, "reason", o->reason);
	line_text(out, "time", o->time);
	line_text(out, "via", o->via);
	line_text(out, "hops", o->hops);
	line_text(out, "need", o->need);
	line_text(out, "where", o->where);
	line_text(out, "robots", o->robots);
	line_text(out, "record", o->record);
	line_text(out, "file", o->file);
	line_known(out, "offset", o->offset);
	line_known(out, "length", o->length);
	line_known(out, "payload_offset", o->payload_offset);
	line_known(out, "bytes", o->bytes);
	line_text(out, "digest", o->digest);
	line_text(out, "block_digest", o->block_digest);
	line_text(out, "media_type", o->media_type);
	line_text(out, "content_type", o->content_type);
	line_text(out, "location", o->location);
	line_known(out, "fetch_ms", o->fetch_ms);
	if (o->run > 1)
		line_number(out, "run", o->run);
	line_end(out);
}
