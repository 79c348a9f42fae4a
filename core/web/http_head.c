/* The head of an HTTP message: start line, fields, and what they say of the
 * body's end. */
#include "core/web/http_head.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct span {
	const uint8_t *p;
	size_t len;
};

/* Lines of one head, in order. */
struct lines {
	const uint8_t *p;
	size_t len;
	unsigned notes;
};

static int
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static int
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static struct span
trimmed(struct span s)
{
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The next line without its end. 1; 0 when there is none. */
static int
lines_next(struct lines *l, struct span *line)
{
	const uint8_t *lf;
	size_t n;

	if (l->len == 0)
		return 0;
	lf = memchr(l->p, '\n', l->len);
	n = lf == NULL ? l->len : (size_t)(lf - l->p) + 1;
	line->p = l->p;
	line->len = lf == NULL ? n : n - 1;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	else if (lf != NULL)
		l->notes |= HTTP_NOTE_BARE_LF;
	l->p += n;
	l->len -= n;
	for (size_t i = 0; i < line->len; i++)
		if ((line->p[i] < ' ' && line->p[i] != '\t') ||
		    line->p[i] == 0x7f) {
			l->notes |= HTTP_NOTE_CONTROL_BYTE;
			break;
		}
	return 1;
}

static int
starts_nocase(struct span s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && text_equal_nocase((const char *)s.p, n, word);
}

/* "1.1" of "HTTP/1.1"; *AT moves behind it. 1 when it is spelled right. */
static int
version_read(struct http_head *h, struct span line, size_t *at)
{
	size_t start = *at;
	size_t end = start;

	while (end < line.len && (is_digit(line.p[end]) || line.p[end] == '.'))
		end++;
	*at = end;
	if (end == start || end - start > 7)
		return 0;
	h->version = arena_text_n(
	    h->arena, (const char *)line.p + start, end - start);
	return is_digit(line.p[start]) && is_digit(line.p[end - 1]) &&
	       (end - start == 1 || end - start == 3);
}

/*
 * RFC 9112, 4. A missing blank behind the code is too common to be noted.
 * 1 when the line is as it should be.
 */
static int
status_line_read(struct http_head *h, struct span line)
{
	size_t at = 4;
	size_t blanks = 0;
	size_t digits = 0;
	int right = line.len > 5 && memcmp(line.p, "HTTP/", 5) == 0;

	if (line.len > 4 && line.p[4] == '/') {
		at = 5;
		right = version_read(h, line, &at) && right;
	} else if (starts_nocase(line, "ICY"))
		at = 3;
	for (; at < line.len && is_blank(line.p[at]); at++)
		blanks++;
	while (at + digits < line.len && is_digit(line.p[at + digits]))
		digits++;
	if (blanks == 0 || digits != 3)
		return 0;
	h->status = (unsigned)(line.p[at] - '0') * 100 +
		    (unsigned)(line.p[at + 1] - '0') * 10 +
		    (unsigned)(line.p[at + 2] - '0');
	at += 3;
	if (h->status < 100)
		h->status = 0;
	return right && blanks == 1 && h->status != 0 &&
	       (at == line.len || line.p[at] == ' ');
}

/* RFC 9112, 3. 1 when the line is as it should be. */
static int
request_line_read(struct http_head *h, struct span line)
{
	const char *p = (const char *)line.p;
	const uint8_t *blank = memchr(line.p, ' ', line.len);
	size_t method = blank == NULL ? line.len : (size_t)(blank - line.p);
	size_t start = blank == NULL ? line.len : method + 1;
	size_t end = line.len;
	size_t at;
	int right = 0;

	while (end > start && line.p[end - 1] != ' ')
		end--;
	if (end > start &&
	    starts_nocase(
		(struct span){ line.p + end, line.len - end }, "HTTP/")) {
		at = end + 5;
		right = version_read(h, line, &at) && at == line.len &&
			memcmp(p + end, "HTTP/", 5) == 0;
		end--; /* the blank before the version */
	} else
		end = line.len;
	h->method = arena_text_n(h->arena, p, method);
	h->target = arena_text_n(h->arena, p + start, end - start);
	return right && method > 0 && end > start &&
	       memchr(line.p + start, ' ', end - start) == NULL;
}

static struct http_field *
field_new(struct http_head *h)
{
	if (h->count == h->cap) {
		h->cap = h->cap == 0 ? 32 : h->cap * 2;
		h->fields = mem_grow(h->fields, h->cap, sizeof(*h->fields));
	}
	return &h->fields[h->count++];
}

/* Where the lines that continue a field end (obs-fold: RFC 9112, 5.2). */
static size_t
folds_len(const struct lines *l)
{
	size_t at = 0;

	while (at < l->len && is_blank(l->p[at])) {
		const uint8_t *lf = memchr(l->p + at, '\n', l->len - at);

		at = lf == NULL ? l->len : (size_t)(lf - l->p) + 1;
	}
	return at;
}

/* The value of a field: REST of its first line and lines that continue it. */
static void
value_read(struct http_head *h, struct http_field *f, struct span rest,
    struct lines *l)
{
	struct lines folds = { l->p, folds_len(l), 0 };
	struct span part = trimmed(rest);
	char *value = arena_alloc(h->arena, rest.len + folds.len + 1);
	size_t len = part.len;

	if (len > 0)
		memcpy(value, part.p, len);
	if (folds.len > 0)
		h->notes |= HTTP_NOTE_OBS_FOLD;
	l->p += folds.len;
	l->len -= folds.len;
	while (lines_next(&folds, &part)) {
		part = trimmed(part);
		if (part.len == 0)
			continue;
		if (len > 0)
			value[len++] = ' ';
		memcpy(value + len, part.p, part.len);
		len += part.len;
	}
	l->notes |= folds.notes;
	f->value = value;
	f->value_len = len;
}

static void
field_read(struct http_head *h, struct span line, struct lines *l)
{
	const uint8_t *colon = memchr(line.p, ':', line.len);
	struct http_field *f;
	struct span name;

	if (is_blank(line.p[0])) { /* continues nothing */
		h->notes |= HTTP_NOTE_OBS_FOLD;
		return;
	}
	if (colon == NULL || colon == line.p) {
		size_t skip = folds_len(l);

		h->notes |= HTTP_NOTE_NO_COLON;
		l->p += skip;
		l->len -= skip;
		return;
	}
	name = (struct span){ line.p, (size_t)(colon - line.p) };
	if (is_blank(name.p[name.len - 1]))
		h->notes |= HTTP_NOTE_SPACE_BEFORE_COLON;
	name = trimmed(name);
	f = field_new(h);
	f->name = arena_text_n(h->arena, (const char *)name.p, name.len);
	f->name_len = name.len;
	line.len -= (size_t)(colon + 1 - line.p);
	line.p = colon + 1;
	value_read(h, f, line, l);
}

/* The next element of the comma-separated list in V from *AT on. 1 / 0. */
static int
list_next(const struct http_field *f, size_t *at, struct span *element)
{
	const uint8_t *p = (const uint8_t *)f->value;
	const uint8_t *comma;

	if (*at > f->value_len)
		return 0;
	comma = memchr(p + *at, ',', f->value_len - *at);
	element->p = p + *at;
	element->len = comma == NULL ? f->value_len - *at
				     : (size_t)(comma - element->p);
	*at += element->len + 1;
	*element = trimmed(*element);
	return 1;
}

static int
field_is(const struct http_field *f, const char *name)
{
	return text_equal_nocase(f->name, f->name_len, name);
}

/* RFC 9112, 6.3: equal lengths are one; others make it worthless. */
static void
lengths_read(struct http_head *h)
{
	unsigned bad = 0;
	size_t seen = 0;

	for (size_t i = 0; i < h->count; i++) {
		size_t at = 0;
		struct span s;

		if (!field_is(&h->fields[i], "content-length"))
			continue;
		while (list_next(&h->fields[i], &at, &s)) {
			uint64_t v;

			if (!text_uint((const char *)s.p, s.len, INT64_MAX, &v))
				bad |= HTTP_NOTE_BAD_LENGTH;
			else if (seen++ == 0)
				h->length = v;
			else if (v != h->length)
				bad |= HTTP_NOTE_LENGTHS_DIFFER;
		}
	}
	h->notes |= bad;
	h->has_length = seen > 0 && bad == 0;
	if (!h->has_length)
		h->length = 0;
}

struct codings {
	size_t count;   /* "identity" is none */
	size_t chunked; /* how often */
	int is_last;    /* the last one is chunked */
};

/* RFC 9112, 6.1 and 7. */
static void
codings_read(const struct http_head *h, struct codings *c)
{
	*c = (struct codings){ 0 };
	for (size_t i = 0; i < h->count; i++) {
		size_t at = 0;
		struct span s;

		if (!field_is(&h->fields[i], "transfer-encoding"))
			continue;
		while (list_next(&h->fields[i], &at, &s)) {
			const uint8_t *end = memchr(s.p, ';', s.len);
			const char *p = (const char *)s.p;

			if (end != NULL)
				s.len = (size_t)(end - s.p);
			s = trimmed(s);
			if (s.len == 0 ||
			    text_equal_nocase(p, s.len, "identity"))
				continue;
			c->count++;
			c->is_last = text_equal_nocase(p, s.len, "chunked");
			c->chunked += (size_t)c->is_last;
		}
	}
}

void
http_head_init(struct http_head *h)
{
	*h = (struct http_head){ .arena = arena_new(),
		.start_line = "",
		.version = "",
		.method = "",
		.target = "" };
}

void
http_head_clear(struct http_head *h)
{
	arena_free(h->arena);
	free(h->fields);
	*h = (struct http_head){ 0 };
}

static void
head_reset(struct http_head *h)
{
	struct http_field *fields = h->fields;
	struct arena *arena = h->arena;
	size_t cap = h->cap;

	arena_reset(arena);
	*h = (struct http_head){ .arena = arena,
		.start_line = "",
		.version = "",
		.method = "",
		.target = "",
		.fields = fields,
		.cap = cap };
}

void
http_head_read(
    struct http_head *h, enum http_side side, const uint8_t *p, size_t len)
{
	struct lines l = { p, len, 0 };
	struct span line;
	int right;

	head_reset(h);
	if (lines_next(&l, &line)) {
		h->start_line = arena_text_n(
		    h->arena, (const char *)line.p, line.len);
		right = side == HTTP_RESPONSE ? status_line_read(h, line)
					      : request_line_read(h, line);
		if (!right)
			h->notes |= HTTP_NOTE_BAD_STATUS_LINE;
	}
	while (lines_next(&l, &line) && line.len > 0)
		field_read(h, line, &l);
	h->notes |= l.notes;
}

enum http_framing
http_head_framing(struct http_head *h, enum http_side side, const char *method)
{
	struct codings c;
	int last;

	lengths_read(h);
	codings_read(h, &c);
	last = c.chunked > 0 && c.is_last;
	if (c.chunked > 0 &&
	    (h->has_length ||
		h->notes & (HTTP_NOTE_BAD_LENGTH | HTTP_NOTE_LENGTHS_DIFFER)))
		h->notes |= HTTP_NOTE_LENGTH_AND_CHUNKED;
	if (c.chunked > 1 || (c.chunked > 0 && !last))
		h->notes |= HTTP_NOTE_BAD_CODING_ORDER;
	if (side == HTTP_RESPONSE &&
	    ((h->status >= 100 && h->status < 200) || h->status == 204 ||
		h->status == 304 || strcmp(method, "HEAD") == 0 ||
		(strcmp(method, "CONNECT") == 0 && h->status / 100 == 2)))
		return HTTP_FRAMING_NONE;
	if (last)
		return HTTP_FRAMING_CHUNKED;
	if (c.count > 0 ||
	    h->notes & (HTTP_NOTE_BAD_LENGTH | HTTP_NOTE_LENGTHS_DIFFER))
		return HTTP_FRAMING_CLOSE;
	if (h->has_length)
		return HTTP_FRAMING_LENGTH;
	return side == HTTP_RESPONSE ? HTTP_FRAMING_CLOSE : HTTP_FRAMING_NONE;
}

int
http_head_lists(const struct http_head *h, const char *name, const char *word)
{
	for (size_t i = 0; i < h->count; i++) {
		size_t at = 0;
		struct span s;

		if (!field_is(&h->fields[i], name))
			continue;
		while (list_next(&h->fields[i], &at, &s))
			if (text_equal_nocase((const char *)s.p, s.len, word))
				return 1;
	}
	return 0;
}
