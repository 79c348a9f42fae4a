/* Index lines: SURT key, 14-digit time, JSON. */
#include "core/archive/cdxj.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#define CDXJ_TIME_MIN 14
#define CDXJ_TIME_MAX 17 /* milliseconds, as some tools write them */

/* One code point or surrogate of UTF-16. */
static void
add_unit(struct buf *out, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t text[6] = { '\\', 'u', (uint8_t)digits[unit >> 12 & 15],
		(uint8_t)digits[unit >> 8 & 15],
		(uint8_t)digits[unit >> 4 & 15], (uint8_t)digits[unit & 15] };

	buf_add(out, text, sizeof(text));
}

static void
add_escape(struct buf *out, uint32_t cp)
{
	static const char named[] = "\"\\\b\f\n\r\t";
	const char *at = cp == 0 || cp > 0x7f ? NULL : strchr(named, (int)cp);

	if (at != NULL) {
		buf_add_byte(out, '\\');
		buf_add_byte(out, (uint8_t) "\"\\bfnrt"[at - named]);
	} else if (cp > 0xffff) {
		add_unit(out, 0xd800 + ((cp - 0x10000) >> 10));
		add_unit(out, 0xdc00 + ((cp - 0x10000) & 0x3ff));
	} else {
		add_unit(out, cp);
	}
}

/* Is one of eight bytes at S none that stands for itself? A high bit set shows
 * a byte beyond ASCII, below the blank, or equal to one of the two (which may
 * be seen too early, but never too late). */
static inline int
is_special(const uint8_t *s)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t word;
	uint64_t quote;
	uint64_t back;

	memcpy(&word, s, 8);
	quote = word ^ ones * '"';
	back = word ^ ones * '\\';
	return ((word | (word - ones * 0x20) | (quote - ones) | (back - ones)) &
		   ones * 0x80) != 0;
}

/* How many bytes from the front on stand for themselves in JSON. */
static size_t
plain_length(const uint8_t *s, size_t len)
{
	size_t i = 0;

	while (i + 8 <= len && !is_special(s + i))
		i += 8;
	/* The last eight, some of them once more. */
	if (i + 8 > len && len >= 8 && !is_special(s + len - 8))
		return len;
	while (i < len && s[i] >= 0x20 && s[i] < 0x80 && s[i] != '"' &&
	       s[i] != '\\')
		i++;
	return i;
}

void
cdxj_add_ascii(struct buf *out, const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text;
	int is_utf8 = -1;

	buf_add_byte(out, '"');
	for (;;) {
		size_t n = plain_length(s, len);
		uint32_t cp;

		buf_add(out, s, n);
		s += n;
		len -= n;
		if (len == 0)
			break;
		if (is_utf8 < 0)
			is_utf8 = text_is_utf8(s, len);
		cp = *s;
		n = is_utf8 ? text_utf8_next(s, len, &cp, NULL) : 1;
		add_escape(out, cp);
		s += n;
		len -= n;
	}
	buf_add_byte(out, '"');
}

static void
add_string(struct buf *out, const struct cdxj_facts *f, const char *value)
{
	size_t len = strlen(value);

	if (plain_length((const uint8_t *)value, len) == len) {
		uint8_t *to = buf_room(out, len + 2);

		to[0] = '"';
		memcpy(to + 1, value, len);
		to[len + 1] = '"';
		to[len + 2] = '\0';
		out->len += len + 2;
	} else if (f->ascii)
		cdxj_add_ascii(out, value, len);
	else
		json_add_string(out, value, len);
}

/* NAME with its punctuation: ", \"mime\": ". */
#define ADD(out, name) buf_add(out, name, sizeof(name) - 1)

#define ADD_MEMBER(out, f, name, value)                   \
	do {                                              \
		if ((value) != NULL && (value)[0] != 0) { \
			ADD(out, ", \"" name "\": ");     \
			add_string(out, f, value);        \
		}                                         \
	} while (0)

/* Numbers are strings too, which every reader accepts (CDXJ in the wild). */
static void
add_number(struct buf *out, uint64_t value)
{
	char text[24];
	size_t at = sizeof(text);

	text[--at] = '"';
	do
		text[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	text[--at] = '"';
	buf_add(out, text + at, sizeof(text) - at);
}

static void
add_object(struct buf *out, const struct cdxj_facts *f)
{
	size_t start = out->len;

	ADD_MEMBER(out, f, "url", f->url);
	ADD_MEMBER(out, f, "mime", f->mime);
	if (f->status != 0) {
		ADD(out, ", \"status\": ");
		add_number(out, f->status);
	}
	ADD_MEMBER(out, f, "digest", f->digest);
	ADD(out, ", \"length\": ");
	add_number(out, f->length);
	ADD(out, ", \"offset\": ");
	add_number(out, f->offset);
	ADD_MEMBER(out, f, "filename", f->file);
	ADD_MEMBER(out, f, "id", f->id);
	ADD_MEMBER(out, f, "recordDigest", f->record_digest);
	if (f->method != NULL) {
		ADD(out, ", \"requestBody\": ");
		if (f->body == NULL)
			ADD(out, "null");
		else
			cdxj_add_ascii(out, f->body, f->body_len);
		ADD_MEMBER(out, f, "method", f->method);
	}
	/* The first has no comma: ", " becomes " {". */
	out->data[start] = ' ';
	out->data[start + 1] = '{';
	ADD(out, "}\n");
}

void
cdxj_add_line(struct buf *out, const struct cdxj_facts *f)
{
	char time[DATE_TEXT_MAX];

	if (f->key != NULL)
		buf_add_text(out, f->key);
	else
		cdxj_add_key(out, f->url);
	buf_add_byte(out, ' ');
	if (f->time == NULL)
		date_digits(f->date_us, time);
	buf_add_text(out, f->time == NULL ? time : f->time);
	add_object(out, f);
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
