/* ARC record lines. */
#include "core/archive/arc_head.h"

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#define ARC_BLOCK_MAX (UINT64_C(1) << 62)
#define ARC_WORDS     10 /* of a line of version 2 */
#define ARC_RESPONSE  "application/http; msgtype=response"

static const char filedesc[] = "filedesc://";

struct word {
	const char *p;
	size_t len;
};

/* The words of a line by their meaning; those that are not there are empty. */
struct arc_line {
	struct word url, ip, date, type, code, checksum, location, offset,
	    filename, length;
};

/* Words from the right: the URL may hold blanks. How many, at most
 * ARC_WORDS; the last takes all that is left. */
static size_t
split(const char *p, size_t len, struct word words[ARC_WORDS])
{
	size_t n = 0;

	while (n < ARC_WORDS) {
		const char *blank = memrchr(p, ' ', len);
		size_t from = blank == NULL ? 0 : (size_t)(blank - p) + 1;

		words[n++] = (struct word){ p + from, len - from };
		if (blank == NULL)
			break;
		len = from - 1;
	}
	return n;
}

static int
is_number(struct word w)
{
	for (size_t i = 0; i < w.len; i++)
		if (w.p[i] < '0' || w.p[i] > '9')
			return 0;
	return w.len > 0;
}

static int
is_dash(struct word w)
{
	return w.len == 1 && w.p[0] == '-';
}

static int
is_date(struct word w)
{
	return is_number(w) && w.len >= 8 && w.len <= 20;
}

/* Hexadecimal digits with dots or colons. */
static int
is_ip(struct word w)
{
	int marks = 0;

	for (size_t i = 0; i < w.len; i++) {
		if (w.p[i] == '.' || w.p[i] == ':')
			marks++;
		else if (memchr("0123456789abcdefABCDEF", w.p[i], 22) == NULL)
			return 0;
	}
	return marks > 0;
}

static int
has_scheme(const char *p, size_t len)
{
	size_t i = 0;

	if (len == 0 || text_lower((uint8_t)p[0]) < 'a' ||
	    text_lower((uint8_t)p[0]) > 'z')
		return 0;
	while (i < len && i < 32 && p[i] != ':' && p[i] != ' ')
		i++;
	return i < len && p[i] == ':';
}

static struct word
from_to(struct word first, struct word last)
{
	return (struct word){ first.p, (size_t)(last.p + last.len - first.p) };
}

/*
 * What the words of P..LEN are. The date and the address before it tell the
 * versions apart, and how many words the type has. 1, for certain; 0, by their
 * number only; -1, it is no ARC line.
 */
static int
parse(const char *p, size_t len, struct arc_line *line)
{
	struct word w[ARC_WORDS];
	size_t n = split(p, len, w);
	size_t date = 0;

	*line = (struct arc_line){ 0 };
	if (!has_scheme(p, len) || n < 5)
		return -1;
	for (size_t i = 2; i + 2 < n && i <= 4 && date == 0; i++)
		if (is_date(w[i]) && is_ip(w[i + 1]))
			date = i;
	if (date == 0 && n == ARC_WORDS && is_date(w[7]) && is_ip(w[8]))
		date = 7;
	line->length = w[0];
	if (date == 7) {
		line->filename = w[1];
		line->offset = w[2];
		line->location = w[3];
		line->checksum = w[4];
		line->code = w[5];
		line->type = w[6];
	} else {
		size_t at = date == 0 ? 2 : date;

		line->type = from_to(w[at - 1], w[1]);
	}
	line->date = w[date == 0 ? 2 : date];
	line->ip = w[date == 0 ? 3 : date + 1];
	line->url = (struct word){ p, (size_t)(line->ip.p - p) - 1 };
	if (date != 0)
		return 1;
	return (len > 11 && memcmp(p, filedesc, 11) == 0) ||
		       is_dash(line->date) || is_number(line->date)
		   ? 0
		   : -1;
}

/* The line at P: its length without the line end, 1; 0 it is not whole; -1 it
 * is too long. */
static int
measure(const uint8_t *p, size_t len, size_t *line, size_t *used)
{
	size_t most = len < LIMIT_ARC_LINE_BYTES ? len : LIMIT_ARC_LINE_BYTES;
	const uint8_t *lf = memchr(p, '\n', most);

	if (lf == NULL)
		return len < LIMIT_ARC_LINE_BYTES ? 0 : -1;
	*line = (size_t)(lf - p);
	*used = *line + 1;
	if (*line > 0 && lf[-1] == '\r')
		--*line;
	return 1;
}

int
arc_begins(const uint8_t *p, size_t len)
{
	const char *text = (const char *)p;
	struct arc_line line;
	size_t n;
	size_t used;
	int got;

	if (memcmp(p, filedesc, len < 11 ? len : 11) == 0)
		return len < 11 ? -1 : 1;
	if (!has_scheme(text, len))
		return len < 32 && memchr(p, '\n', len) == NULL &&
			       memchr(p, ' ', len) == NULL &&
			       text_lower(p[0]) >= 'a' &&
			       text_lower(p[0]) <= 'z'
			   ? -1
			   : 0;
	if ((got = measure(p, len, &n, &used)) <= 0)
		return got < 0 ? 0 : -1;
	return memchr(p, '\0', n) == NULL && parse(text, n, &line) == 1 &&
	       is_number(line.length);
}

static void
add_word(struct arena *a, struct record *r, const char *name, struct word w)
{
	if (w.len > 0 && !is_dash(w))
		record_add(a, r, name, arena_text_n(a, w.p, w.len));
}

/* Fourteen digits, or up to seventeen, as WARC 1.1 writes dates. */
static void
add_date(struct arena *a, struct record *r, struct word w)
{
	char text[40];
	const char *d = w.p;

	if (!is_date(w) || w.len < 14 || w.len > 17)
		return;
	(void)snprintf(text, sizeof(text),
	    "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%.*sZ", d, d + 4, d + 6, d + 8,
	    d + 10, d + 12, w.len > 14 ? "." : "", (int)w.len - 14, d + 14);
	record_add(a, r, "WARC-Date", text);
}

static void
add_fields(struct arena *a, struct record *r, const struct arc_line *line)
{
	static const char type[] = "resource";

	record_add(a, r, "WARC-Type", type);
	add_word(a, r, "WARC-Target-URI", line->url);
	add_date(a, r, line->date);
	add_word(a, r, "WARC-IP-Address", line->ip);
	add_word(a, r, "Content-Type", line->type);
	add_word(a, r, "Content-Length", line->length);
	add_word(a, r, "ARC-Date", line->date);
	add_word(a, r, "ARC-Content-Type", line->type);
	add_word(a, r, "ARC-Result-Code", line->code);
	add_word(a, r, "ARC-Checksum", line->checksum);
	add_word(a, r, "ARC-Location", line->location);
	add_word(a, r, "ARC-Offset", line->offset);
	add_word(a, r, "ARC-Filename", line->filename);
}

int
arc_read_head(struct arena *a, struct record *r, const uint8_t *p, size_t len,
    size_t *used, struct error *e)
{
	const char *text = (const char *)p;
	struct arc_line line;
	size_t n;
	int got;

	*r = (struct record){ .version = "" };
	*used = 0;
	if ((got = measure(p, len, &n, used)) == 0)
		return 0;
	if (got < 0)
		return error_set(e, ERROR_INPUT,
		    "record head has a line of more than %d bytes",
		    LIMIT_ARC_LINE_BYTES);
	if (memchr(p, '\0', n) != NULL)
		return error_set(
		    e, ERROR_INPUT, "record head holds a NUL byte");
	if (parse(text, n, &line) < 0)
		return error_set(e, ERROR_INPUT,
		    "no record starts here (no ARC record line)");
	r->version = line.code.len > 0 ? "ARC/2.0" : "ARC/1.0";
	add_fields(a, r, &line);
	r->head = arena_dup(a, p, *used);
	r->head_len = *used;
	if (!text_uint(
		line.length.p, line.length.len, ARC_BLOCK_MAX, &r->block_len))
		return error_set(e, ERROR_INPUT,
		    "Archive-length is no number: %.*s",
		    line.length.len > 40 ? 40 : (int)line.length.len,
		    line.length.p);
	return 1;
}

static void
set_field(struct record *r, const char *name, const char *value)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (strcmp(r->fields[i].name, name) == 0) {
			r->fields[i].value = value;
			return;
		}
}

/* The first line of a version block: "1 1 Name". */
static void
read_version(const uint8_t *p, size_t len, char version[ARC_VERSION_MAX])
{
	if (len >= 3 && p[0] >= '1' && p[0] <= '9' && p[1] == ' ' &&
	    p[2] >= '0' && p[2] <= '9')
		(void)snprintf(
		    version, ARC_VERSION_MAX, "ARC/%c.%c", p[0], p[2]);
}

void
arc_settle(struct arena *a, struct record *r, const uint8_t *p, size_t len,
    char version[ARC_VERSION_MAX])
{
	const char *uri = record_field(r, "WARC-Target-URI");
	size_t head_len = r->head_len;

	if (uri == NULL)
		uri = "";
	if (strncmp(uri, filedesc, sizeof(filedesc) - 1) == 0) {
		set_field(r, "WARC-Type", "warcinfo");
		if (uri[sizeof(filedesc) - 1] != '\0')
			record_add(
			    a, r, "WARC-Filename", uri + sizeof(filedesc) - 1);
		read_version(p, len, version);
	} else if (len >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		set_field(r, "WARC-Type", "response");
		if (record_field(r, "Content-Type") != NULL)
			set_field(r, "Content-Type", ARC_RESPONSE);
		else
			record_add(a, r, "Content-Type", ARC_RESPONSE);
	} else if (strncmp(uri, "dns:", 4) == 0) {
		set_field(r, "WARC-Type", "response");
	}
	if (version[0] != '\0')
		r->version = arena_text(a, version);
	r->head_len = head_len; /* the line is still that of the file */
}
