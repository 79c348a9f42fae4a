/* WARC records: fields in order, heads read and written. */
#include "core/archive/record.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"

/* Content-Length beyond this is nonsense; sums with offsets cannot wrap. */
#define RECORD_BLOCK_MAX (UINT64_C(1) << 62)

static const char *const record_type_names[] = {
	[RECORD_WARCINFO] = "warcinfo",
	[RECORD_RESPONSE] = "response",
	[RECORD_RESOURCE] = "resource",
	[RECORD_REQUEST] = "request",
	[RECORD_METADATA] = "metadata",
	[RECORD_REVISIT] = "revisit",
	[RECORD_CONVERSION] = "conversion",
	[RECORD_CONTINUATION] = "continuation",
	[RECORD_OTHER] = "other",
};

/* Append a field whose strings are in A already. */
static void
add_field(
    struct arena *a, struct record *r, const char *name, const char *value)
{
	if (r->field_count == r->field_cap) {
		size_t cap = r->field_cap == 0 ? 16 : r->field_cap * 2;
		struct record_field *fields = arena_alloc(
		    a, cap * sizeof(*fields));

		if (r->field_count > 0)
			memcpy(fields, r->fields,
			    r->field_count * sizeof(*fields));
		r->fields = fields;
		r->field_cap = cap;
	}
	r->fields[r->field_count].name = name;
	r->fields[r->field_count].value = value;
	r->field_count++;
}

void
record_add(
    struct arena *a, struct record *r, const char *name, const char *value)
{
	r->head_len = 0;
	add_field(a, r, arena_text(a, name), arena_text(a, value));
}

const char *
record_field(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if ((r->fields[i].name[0] | 0x20) == (name[0] | 0x20) &&
		    strcasecmp(r->fields[i].name, name) == 0)
			return r->fields[i].value;
	return NULL;
}

const char *
record_bare_uri(struct arena *a, const char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '<' && value[len - 1] == '>')
		return arena_text_n(a, value + 1, len - 2);
	return value;
}

const char *
record_uri_field(struct arena *a, const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? NULL : record_bare_uri(a, value);
}

enum record_type
record_type(const struct record *r)
{
	const char *name = record_field(r, "WARC-Type");

	for (int t = 0; name != NULL && t < RECORD_OTHER; t++)
		if (strcasecmp(name, record_type_names[t]) == 0)
			return (enum record_type)t;
	return RECORD_OTHER;
}

const char *
record_type_name(enum record_type t)
{
	return record_type_names[t];
}

int
record_date_us(const struct record *r, int64_t *us)
{
	const char *date = record_field(r, "WARC-Date");

	return date != NULL && date_parse(date, us, NULL);
}

void
record_write_head(struct buf *out, const struct record *r)
{
	buf_add_text(out, r->version);
	buf_add_text(out, "\r\n");
	for (size_t i = 0; i < r->field_count; i++) {
		buf_add_text(out, r->fields[i].name);
		buf_add_text(out, ": ");
		buf_add_text(out, r->fields[i].value);
		buf_add_text(out, "\r\n");
	}
	buf_add_text(out, "\r\n");
}

/* Some writers end lines with CR CR LF. */
static int
is_empty(const uint8_t *line, size_t len)
{
	while (len > 0 && line[len - 1] == '\r')
		len--;
	return len == 0;
}

/*
 * How long is the head at P? 1, *USED with its empty line, *LINES of them; 0,
 * it goes on behind LEN; -1, it breaks a limit or holds a NUL.
 */
static int
measure_head(
    const uint8_t *p, size_t len, size_t *used, size_t *lines, struct error *e)
{
	size_t at = 0;

	for (*lines = 0; at < len; ++*lines) {
		const uint8_t *lf = memchr(p + at, '\n', len - at);
		size_t line = lf == NULL ? len - at : (size_t)(lf - p) - at;

		if (line > LIMIT_RECORD_LINE_BYTES)
			return error_set(e, ERROR_INPUT,
			    "record head has a line of more than %d bytes",
			    LIMIT_RECORD_LINE_BYTES);
		if (at + line > LIMIT_RECORD_HEAD_BYTES)
			return error_set(e, ERROR_INPUT,
			    "record head is longer than %d bytes",
			    LIMIT_RECORD_HEAD_BYTES);
		if (lf == NULL)
			break;
		at += line + 1;
		if (is_empty(lf - line, line)) {
			*used = at;
			break;
		}
	}
	if (memchr(p, '\0', at) != NULL)
		return error_set(
		    e, ERROR_INPUT, "record head holds a NUL byte");
	return *used > 0;
}

/* Each line end in P..END and the blanks around it become one space (WARC
 * 1.1, 4: as in RFC 2616, 2.2), in place. The new end is returned. */
static char *
unfold(char *p, char *end)
{
	char *out = p;
	char *start = p;

	while (p < end) {
		if (*p != '\n') {
			*out++ = *p++;
			continue;
		}
		while (out > start && text_is_space((uint8_t)out[-1]))
			out--;
		while (p < end && text_is_space((uint8_t)*p))
			p++;
		*out++ = ' ';
	}
	return out;
}

/* P..END as a text of its own, without blanks and line ends on both sides.
 * *END, which nobody needs any more, may become its NUL. */
static inline char *
part_text(char *p, char *end, int is_folded)
{
	while (p < end && text_is_space((uint8_t)*p))
		p++;
	while (end > p && text_is_space((uint8_t)end[-1]))
		end--;
	if (is_folded)
		end = unfold(p, end);
	*end = '\0';
	return p;
}

/*
 * One field at P: its line and all continuation lines. A line without a colon
 * is kept as a name without a value; verify says so. A name is unfolded too:
 * its colon may stand in a later line.
 */
static char *
read_field(struct record_field *f, char *p, char *end)
{
	char *lf = memchr(p, '\n', (size_t)(end - p));
	char *next = lf == NULL ? end : lf + 1;
	int is_folded = 0;
	char *colon;

	while (next < end && (*next == ' ' || *next == '\t')) {
		is_folded = 1;
		lf = memchr(next, '\n', (size_t)(end - next));
		next = lf == NULL ? end : lf + 1;
	}
	colon = memchr(p, ':', (size_t)(next - p));
	f->value = colon == NULL
		       ? ""
		       : part_text(colon + 1, next - (lf != NULL), is_folded);
	f->name = part_text(
	    p, colon != NULL ? colon : next - (lf != NULL), is_folded);
	return next;
}

/* The version line: 1; 0 when P..LEN may still become one; -1. */
static int
check_version(const uint8_t *p, size_t len, struct error *e)
{
	size_t n = len < 5 ? len : 5;

	if (memcmp(p, "WARC/", n) != 0 ||
	    (len > 5 && (p[5] < '0' || p[5] > '9')))
		return error_set(
		    e, ERROR_INPUT, "no record starts here (no WARC/)");
	return len > 5;
}

static int
read_block_len(struct record *r, const char *value, struct error *e)
{
	if (value == NULL)
		return error_set(e, ERROR_INPUT, "Content-Length is missing");
	if (!text_uint(value, strlen(value), RECORD_BLOCK_MAX, &r->block_len))
		return error_set(e, ERROR_INPUT,
		    "Content-Length is no number: %.40s", value);
	return 1;
}

static int
is_content_length(const char *name)
{
	static const char want[] = "content-length";
	size_t i = 0;

	/* Of nearly all names a few bytes are enough. */
	while (i < sizeof(want) - 1 && (name[i] | 0x20) == want[i])
		i++;
	return i == sizeof(want) - 1 &&
	       (memcmp(name, "Content-Length", sizeof(want)) == 0 ||
		   strcasecmp(name, want) == 0);
}

/* Names and values are cut out of a copy of the head. */
int
record_read_head(struct arena *a, struct record *r, const uint8_t *p,
    size_t len, size_t *used, struct error *e)
{
	const char *block_len = NULL;
	size_t lines;
	char *at;
	char *end;
	int got;

	*r = (struct record){ .version = "" };
	*used = 0;
	if ((got = check_version(p, len, e)) <= 0 ||
	    (got = measure_head(p, len, used, &lines, e)) <= 0)
		return got;
	r->head = arena_dup(a, p, *used);
	r->head_len = *used;
	at = arena_text_n(a, (const char *)p, *used);
	/* Without the empty line, which would look like a field. */
	end = at + *used - 1;
	while (end > at && end[-1] == '\r')
		end--;
	*end = '\0';
	r->version = at;
	r->field_cap = lines + 2;
	r->fields = arena_alloc(a, r->field_cap * sizeof(*r->fields));
	at = memchr(at, '\n', (size_t)(end - at));
	if (at == NULL)
		return read_block_len(r, NULL, e);
	at[at[-1] == '\r' ? -1 : 0] = '\0';
	for (at++; at < end;) {
		struct record_field *f = &r->fields[r->field_count++];

		at = read_field(f, at, end);
		if (block_len == NULL && is_content_length(f->name))
			block_len = f->value;
	}
	return read_block_len(r, block_len, e);
}

void
record_make_id(char out[RECORD_ID_MAX], const char *collection_id,
    const char *segment, uint64_t number, const char *type, const char *date,
    const char *block_digest)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[DIGEST_SHA256_HEX + 1];
	struct buf b = { 0 };

	buf_format(&b, "%s\n%s\n%ju\n%s\n%s\n%s\n", collection_id, segment,
	    (uintmax_t)number, type, date, block_digest);
	digest_sha256(b.data, b.len, raw);
	buf_clear(&b);
	raw[6] = (uint8_t)(0x80 | (raw[6] & 0x0f)); /* version 8, RFC 9562 */
	raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3f)); /* variant 10 */
	text_hex(hex, raw, 16);
	(void)snprintf(out, RECORD_ID_MAX, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s",
	    hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
