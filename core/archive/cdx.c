/* Legacy index lines, and any index line read. */
#include "core/archive/cdx.h"

#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

enum { FIELDS_MAX = 15 };

const char *
cdx_header(unsigned fields)
{
	return fields == 9 ? " CDX N b a m s k r V g\n"
			   : " CDX N b a m s k r M S V g\n";
}

/* What stands between blanks has none. */
static void
add_field(struct buf *out, const char *text)
{
	buf_add_byte(out, ' ');
	if (text == NULL || text[0] == '\0')
		text = "-";
	for (; *text != '\0'; text++)
		if (*text == ' ')
			buf_add_text(out, "%20");
		else if (*text == '\n')
			buf_add_text(out, "%0A");
		else
			buf_add_byte(out, (uint8_t)*text);
}

void
cdx_add_line(struct buf *out, const struct cdxj_facts *f, unsigned fields)
{
	const char *label = f->digest == NULL ? NULL : strrchr(f->digest, ':');
	char time[DATE_TEXT_MAX];

	if (f->key != NULL)
		buf_add_text(out, f->key);
	else
		cdxj_add_key(out, f->url);
	if (f->time == NULL)
		date_digits(f->date_us, time);
	add_field(out, f->time == NULL ? time : f->time);
	add_field(out, f->url);
	add_field(out, f->mime);
	if (f->status == 0)
		add_field(out, "");
	else
		buf_format(out, " %u", f->status);
	add_field(out, label == NULL ? f->digest : label + 1);
	add_field(out, ""); /* redirect */
	if (fields != 9)
		buf_format(out, " - %ju", (uintmax_t)f->length);
	buf_format(out, " %ju", (uintmax_t)f->offset);
	add_field(out, f->file);
	buf_add_byte(out, '\n');
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* Numbers are written as numbers or as texts. */
static uint64_t
number_of(const struct json *o, const char *name)
{
	const struct json *v = json_get(o, name);
	const char *text = json_text(v, "");
	uint64_t n = 0;

	if (json_is(v, JSON_KIND_INTEGER) && json_int(v, 0) > 0)
		return (uint64_t)json_int(v, 0);
	(void)text_uint(text, strlen(text), UINT64_MAX, &n);
	return n;
}

static int
read_cdxj(struct index_line *out, struct arena *a, char *line, struct error *e)
{
	struct cdxj_line parts;

	if (cdxj_split(line, &parts, e) != 0)
		return -1;
	out->json = json_parse(a, parts.json, strlen(parts.json), e);
	if (out->json == NULL)
		return -1;
	out->key = parts.key;
	out->time = parts.time;
	out->url = text_of(out->json, "url");
	out->mime = text_of(out->json, "mime");
	out->digest = text_of(out->json, "digest");
	out->file = text_of(out->json, "filename");
	out->status = (unsigned)number_of(out->json, "status");
	out->length = number_of(out->json, "length");
	out->offset = number_of(out->json, "offset");
	return 0;
}

static const char *
value(const char *field)
{
	return strcmp(field, "-") == 0 ? "" : field;
}

static uint64_t
number(const char *field)
{
	uint64_t n = 0;

	(void)text_uint(field, strlen(field), UINT64_MAX, &n);
	return n;
}

int
index_line_read(
    struct index_line *out, struct arena *a, char *line, struct error *e)
{
	char *field[FIELDS_MAX];
	size_t count = 0;
	char *second = strchr(line, ' ');
	char *third = second == NULL ? NULL : strchr(second + 1, ' ');

	*out = (struct index_line){ .key = "",
		.time = "",
		.url = "",
		.mime = "",
		.digest = "",
		.file = "" };
	if (third != NULL && third[1] == '{')
		return read_cdxj(out, a, line, e);
	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && count < FIELDS_MAX;) {
		field[count++] = at;
		at = strchr(at, ' ');
		if (at != NULL)
			*at++ = '\0';
	}
	if (count != 7 && count != 9 && count != 10 && count != 11 &&
	    count != 14)
		return error_set(e, ERROR_INPUT,
		    "index line of %zu fields: of no known kind", count);
	out->key = field[0];
	out->time = field[1];
	out->url = field[2];
	out->mime = value(field[3]);
	out->status = (unsigned)number(field[4]);
	out->digest = value(field[5]);
	if (count == 7) {
		out->length = number(field[6]);
		return 0;
	}
	/* 9: redirect offset file; 10: redirect meta offset file; 11: redirect
	 * meta length offset file; 14: the same and where the original is. */
	count = count == 14 ? 11 : count;
	if (count == 11)
		out->length = number(field[8]);
	out->offset = number(field[count - 2]);
	out->file = value(field[count - 1]);
	return 0;
}
