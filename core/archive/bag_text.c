/* The texts in a bag. */
#include "core/archive/bag_text.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/web/charset.h"

static const unsigned versions[] = { 93, 94, 95, 96, 97, 100 };

/* The value of LABEL in a line "LABEL: VALUE"; NULL: it is no such line. */
static const char *
declared(const char *line, size_t len, const char *label, size_t *value_len,
    unsigned *loose)
{
	size_t n = strlen(label);

	if (len < n || memcmp(line, label, n) != 0)
		return NULL;
	if (n < len && bag_is_blank(line[n]))
		*loose |= BAG_LOOSE_BLANK;
	while (n < len && bag_is_blank(line[n]))
		n++;
	if (n == len || line[n] != ':')
		return NULL;
	n++;
	if (n == len || line[n] != ' ' ||
	    (n + 1 < len && bag_is_blank(line[n + 1])))
		*loose |= BAG_LOOSE_BLANK;
	while (n < len && bag_is_blank(line[n]))
		n++;
	if (len > n && bag_is_blank(line[len - 1]))
		*loose |= BAG_LOOSE_BLANK;
	while (len > n && bag_is_blank(line[len - 1]))
		len--;
	*value_len = len - n;
	return line + n;
}

/* "1.0" as 100, "0.97" as 97; 0: it is not known. */
static unsigned
version_of(const char *p, size_t len)
{
	char text[8];

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (versions[i] == 100)
			(void)snprintf(text, sizeof(text), "1.0");
		else
			(void)snprintf(text, sizeof(text), "0.%u", versions[i]);
		if (len == strlen(text) && memcmp(p, text, len) == 0)
			return versions[i];
	}
	return 0;
}

static int
declaration_line(struct bag_declaration *d, const char *line, size_t len,
    unsigned number, struct error *e)
{
	size_t value_len;
	const char *value = declared(
	    line, len, "BagIt-Version", &value_len, &d->loose);

	if (value != NULL && d->version == 0) {
		if (number != 1)
			d->loose |= BAG_LOOSE_LINES;
		d->version = version_of(value, value_len);
		return d->version != 0
			   ? 0
			   : error_set(e, ERROR_INPUT,
				 "version \"%.*s\" is not known",
				 (int)(value_len < 40 ? value_len : 40), value);
	}
	value = declared(
	    line, len, "Tag-File-Character-Encoding", &value_len, &d->loose);
	if (value == NULL || d->encoding[0] != '\0' || value_len == 0) {
		d->loose |= len == 0 ? 0 : BAG_LOOSE_LINES;
		return 0;
	}
	if (value_len >= sizeof(d->encoding) ||
	    memchr(value, '\0', value_len) != NULL)
		return error_set(e, ERROR_INPUT, "encoding is not known");
	memcpy(d->encoding, value, value_len);
	d->encoding[value_len] = '\0';
	return 0;
}

int
bag_declaration_read(
    struct bag_declaration *d, const uint8_t *p, size_t len, struct error *e)
{
	struct stream *s = stream_of_bytes(p, len);
	struct bag_lines lines = { 0 };
	unsigned count = 0;
	int rc;
	int got;

	*d = (struct bag_declaration){ 0 };
	rc = bag_lines_open(&lines, s, "UTF-8", e);
	if (rc == 0 && len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		rc = error_set(e, ERROR_INPUT, "begins with a byte order mark");
	while (rc == 0 && (got = bag_lines_next(&lines, e)) != 0) {
		if (got < 0)
			rc = -1;
		else
			rc = declaration_line(d, buf_text(&lines.line),
			    lines.line.len, ++count, e);
	}
	if (rc == 0 && d->version == 0)
		rc = error_set(e, ERROR_INPUT, "no BagIt-Version");
	if (rc == 0 && d->encoding[0] == '\0')
		rc = error_set(
		    e, ERROR_INPUT, "no Tag-File-Character-Encoding");
	if (rc == 0 && charset_name(d->encoding, strlen(d->encoding)) == NULL)
		rc = error_set(e, ERROR_INPUT, "encoding \"%s\" is not known",
		    d->encoding);
	/* RFC 8493, 2.1.1: the label, one colon, one space, the value. */
	if (rc == 0 && d->version == 100 && (d->loose & BAG_LOOSE_BLANK) != 0)
		rc = error_set(e, ERROR_INPUT, "blanks where none may be");
	if (d->version == 0)
		d->version = 100;
	if (rc != 0 || d->encoding[0] == '\0')
		(void)snprintf(d->encoding, sizeof(d->encoding), "UTF-8");
	bag_lines_clear(&lines);
	stream_free(s);
	return rc;
}

/* RFC 2781, 4.3: UTF-16 without a mark is big-endian; web pages differ. */
static const char *
utf16_name(const char *encoding, const struct buf *b)
{
	size_t len = strlen(encoding);

	if (!text_equal_nocase(encoding, len, "utf-16") &&
	    !text_equal_nocase(encoding, len, "utf16"))
		return encoding;
	if (b->len >= 2 && b->data[0] == 0xff && b->data[1] == 0xfe)
		return "utf-16le";
	return "utf-16be";
}

int
bag_lines_open(struct bag_lines *l, struct stream *s, const char *encoding,
    struct error *e)
{
	const char *name = charset_name(encoding, strlen(encoding));
	struct buf raw = { 0 };
	int rc = 0;

	*l = (struct bag_lines){ .in = s };
	if (name == NULL || text_equal_nocase(name, strlen(name), "utf-8"))
		return 0;
	rc = stream_read(s, &raw, LIMIT_BAG_CODED_BYTES, e);
	if (rc == 0) {
		(void)charset_decode(utf16_name(encoding, &raw), raw.data,
		    raw.len, &l->whole); /* bad bytes show as bad lines */
		l->in = NULL;
		l->data = l->whole.data;
		l->len = l->whole.len;
	}
	buf_clear(&raw);
	return rc;
}

void
bag_lines_clear(struct bag_lines *l)
{
	buf_clear(&l->whole);
	buf_clear(&l->line);
}

static size_t
line_end(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] != '\n' && p[n] != '\r')
		n++;
	return n;
}

/* Up to the end of the line or of the span. 1: the line has ended. */
static int
take_span(struct bag_lines *l)
{
	if (l->was_cr && l->data[0] == '\n') {
		l->data++;
		l->len--;
	}
	l->was_cr = 0;
	size_t n = line_end(l->data, l->len);

	buf_add(&l->line, l->data, n);
	if (n == l->len) {
		l->len = 0;
		return 0;
	}
	l->was_cr = l->data[n] == '\r';
	l->data += n + 1;
	l->len -= n + 1;
	return 1;
}

int
bag_lines_next(struct bag_lines *l, struct error *e)
{
	int got = 0;

	buf_reset(&l->line);
	while (!l->ended) {
		if (l->len == 0) {
			got = l->in == NULL
				  ? 0
				  : stream_next(l->in, &l->data, &l->len, e);
			l->ended = got <=
				   0; /* what failed is not asked again */
			if (got < 0)
				return -1;
			continue;
		}
		int ended = take_span(l);

		if (l->line.len > LIMIT_BAG_LINE_BYTES)
			return error_set(e, ERROR_LIMIT,
			    "line %llu is longer than %d bytes",
			    (unsigned long long)l->number + 1,
			    (int)LIMIT_BAG_LINE_BYTES);
		l->number += (uint64_t)ended;
		if (ended)
			return 1;
	}
	if (l->line.len == 0)
		return 0;
	l->number++;
	return 1;
}

void
bag_info_clear(struct bag_info *i)
{
	buf_clear(&i->label);
	buf_clear(&i->value);
	buf_clear(&i->next);
}

static void
trim_end(struct buf *b)
{
	while (b->len > 0 && bag_is_blank((char)b->data[b->len - 1]))
		buf_cut(b, b->len - 1);
}

/* The next line that is not empty, into NEXT. 1 / 0 / -1. */
static int
read_ahead(struct bag_info *i, struct error *e)
{
	int got;

	while ((got = bag_lines_next(i->lines, e)) > 0)
		if (i->lines->line.len > 0)
			break;
	i->has_next = got > 0;
	if (got > 0) {
		buf_reset(&i->next);
		buf_add(&i->next, i->lines->line.data, i->lines->line.len);
	}
	return got;
}

/* Lines that begin with a blank belong to the element before. */
static int
unfold(struct bag_info *i, struct error *e)
{
	for (;;) {
		int got = read_ahead(i, e);
		size_t blanks;

		if (got <= 0 || !bag_is_blank((char)i->next.data[0]))
			return got < 0 ? -1 : 0;
		blanks = bag_blank_end(buf_text(&i->next), i->next.len);
		if (i->value.len + i->next.len > LIMIT_BAG_LINE_BYTES)
			return error_set(e, ERROR_LIMIT,
			    "element before line %llu is longer than %d bytes",
			    (unsigned long long)i->lines->number,
			    (int)LIMIT_BAG_LINE_BYTES);
		buf_add_byte(&i->value, ' ');
		buf_add(&i->value, i->next.data + blanks, i->next.len - blanks);
		trim_end(&i->value);
	}
}

int
bag_info_next(struct bag_info *i, struct error *e)
{
	const char *line;
	const char *colon;
	size_t blanks;
	int got;

	if (!i->has_next && (got = read_ahead(i, e)) <= 0)
		return got;
	i->has_next = 0;
	line = buf_text(&i->next);
	colon = memchr(line, ':', i->next.len);
	if (bag_is_blank(line[0]) || colon == NULL || colon == line)
		return error_set(e, ERROR_INPUT, "line %llu is no element",
		    (unsigned long long)i->lines->number);
	buf_reset(&i->label);
	buf_reset(&i->value);
	buf_add(&i->label, line, (size_t)(colon - line));
	i->loose = bag_is_blank(colon[-1]) || !bag_is_blank(colon[1])
		       ? BAG_LOOSE_BLANK
		       : 0;
	trim_end(&i->label);
	colon++;
	blanks = bag_blank_end(colon, i->next.len - (size_t)(colon - line));
	buf_add_text(&i->value, "");
	buf_add(&i->value, colon + blanks,
	    i->next.len - (size_t)(colon - line) - blanks);
	trim_end(&i->value);
	return unfold(i, e) != 0 ? -1 : 1;
}

int
bag_oxum_read(const char *value, uint64_t *octets, uint64_t *files)
{
	const char *dot = strchr(value, '.');

	return dot != NULL &&
	       text_uint(value, (size_t)(dot - value), UINT64_MAX, octets) &&
	       text_uint(dot + 1, strlen(dot + 1), UINT64_MAX, files);
}
