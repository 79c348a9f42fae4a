/* Index lines: SURT key, 14-digit time, JSON. */
#include "core/archive/cdxj.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"

#define CDXJ_TIME_MIN 14
#define CDXJ_TIME_MAX 17 /* milliseconds, as some tools write them */

static void
add_member(struct buf *out, const char *name, const char *value)
{
	buf_add_text(out, out->data[out->len - 1] == '{' ? "\"" : ", \"");
	buf_add_text(out, name);
	buf_add_text(out, "\": ");
	json_add_string(out, value, strlen(value));
}

/* Numbers are strings too, which every reader accepts (CDXJ in the wild). */
static void
add_number(struct buf *out, const char *name, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	add_member(out, name, text);
}

static void
add_optional(struct buf *out, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		add_member(out, name, value);
}

void
cdxj_add_line(struct buf *out, const struct cdxj_facts *f)
{
	char time[DATE_TEXT_MAX];

	date_digits(f->date_us, time);
	cdxj_add_key(out, f->url);
	buf_add_byte(out, ' ');
	buf_add_text(out, time);
	buf_add_text(out, " {");
	add_member(out, "url", f->url);
	add_optional(out, "mime", f->mime);
	if (f->status != 0)
		add_number(out, "status", f->status);
	add_optional(out, "digest", f->digest);
	add_number(out, "length", f->length);
	add_number(out, "offset", f->offset);
	add_optional(out, "filename", f->file);
	add_optional(out, "id", f->id);
	buf_add_text(out, "}\n");
}

int
cdxj_split(char *line, struct cdxj_line *out, struct error *e)
{
	size_t len = strlen(line);
	char *time;
	char *json;
	size_t digits;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		line[--len] = '\0';
	time = strchr(line, ' ');
	json = time == NULL ? NULL : strchr(time + 1, ' ');
	if (json == NULL || time == line)
		return error_set(
		    e, ERROR_INPUT, "index line has no three parts");
	*time++ = '\0';
	*json++ = '\0';
	digits = strspn(time, "0123456789");
	if (time[digits] != '\0' || digits < CDXJ_TIME_MIN ||
	    digits > CDXJ_TIME_MAX)
		return error_set(e, ERROR_INPUT,
		    "index line has no time of 14 digits: %.40s", time);
	if (json[0] != '{')
		return error_set(
		    e, ERROR_INPUT, "index line ends without an object");
	out->key = line;
	out->time = time;
	out->json = json;
	return 0;
}
