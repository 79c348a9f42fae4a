/* Record heads for another version of the format. */
#include "core/archive/convert_head.h"

#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/text.h"

struct line {
	const char *p, *end; /* without its line end */
	const char *value, *value_end;
};

static int
is_named(const struct line *l, const char *name)
{
	size_t len = strlen(name);
	const char *colon = memchr(l->p, ':', (size_t)(l->end - l->p));
	const char *end = colon;

	if (colon == NULL)
		return 0;
	while (end > l->p && text_is_space((uint8_t)end[-1]))
		end--;
	return (size_t)(end - l->p) == len && strncasecmp(l->p, name, len) == 0;
}

static void
find_value(struct line *l)
{
	const char *colon = memchr(l->p, ':', (size_t)(l->end - l->p));

	l->value = colon == NULL ? l->end : colon + 1;
	l->value_end = l->end;
	while (l->value < l->value_end && text_is_space((uint8_t)*l->value))
		l->value++;
	while (
	    l->value_end > l->value && text_is_space((uint8_t)l->value_end[-1]))
		l->value_end--;
}

/* The profile's URI with the version in it that VERSION has. */
static void
add_profile(struct buf *out, const char *uri, const char *version)
{
	static const char *const bases[] = { "http://netpreserve.org/warc/1.0/",
		"http://netpreserve.org/warc/1.1/" };
	int to = strcmp(version, "WARC/1.1") == 0;

	if (text_starts(uri, bases[!to])) {
		buf_add_text(out, bases[to]);
		uri += strlen(bases[!to]);
	}
	buf_add_text(out, uri);
}

/* What the value of L is in VERSION; NULL: the same. */
static const char *
value_for(struct arena *a, struct line *l, const char *version)
{
	int to_11 = strcmp(version, "WARC/1.1") == 0;
	int is_profile = is_named(l, "WARC-Profile");
	struct buf b = { 0 };
	const char *value;
	const char *result = NULL;

	if (!is_profile && !is_named(l, "WARC-Target-URI") &&
	    !is_named(l, "WARC-Refers-To-Target-URI") &&
	    !is_named(l, "WARC-Date") && !is_named(l, "WARC-Refers-To-Date"))
		return NULL;
	find_value(l);
	value = arena_text_n(a, l->value, (size_t)(l->value_end - l->value));
	if (is_named(l, "WARC-Date") || is_named(l, "WARC-Refers-To-Date")) {
		char text[DATE_TEXT_MAX];
		int64_t us;

		if (to_11 || strlen(value) == 20 ||
		    !date_parse(value, &us, NULL))
			return NULL;
		date_rfc3339_s(us, text);
		return arena_text(a, text);
	}
	result = to_11 ? record_bare_uri(a, value) : value;
	if (is_profile) {
		add_profile(&b, result, version);
		result = arena_text(a, buf_text(&b));
		buf_clear(&b);
	}
	return strcmp(result, value) == 0 ? NULL : result;
}

int
convert_head(struct arena *a, struct record *r, const char *version)
{
	const char *p = (const char *)r->head;
	const char *end = p + r->head_len;
	struct buf out = { 0 };
	int first = 1;

	if (strcmp(r->version, version) == 0)
		return 0;
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *next = lf == NULL ? end : lf + 1;
		struct line l = { .p = p, .end = lf == NULL ? end : lf };
		const char *value = NULL;

		if (l.end > l.p && l.end[-1] == '\r')
			l.end--;
		if (first) {
			buf_add_text(&out, version);
		} else if ((next >= end || (*next != ' ' && *next != '\t')) &&
			   (value = value_for(a, &l, version)) != NULL) {
			buf_add(&out, l.p, (size_t)(l.value - l.p));
			buf_add_text(&out, value);
		} else {
			buf_add(&out, l.p, (size_t)(l.end - l.p));
		}
		buf_add(&out, l.end, (size_t)(next - l.end));
		first = 0;
		p = next;
	}
	r->head = arena_dup(a, out.data, out.len);
	r->head_len = out.len;
	r->version = arena_text(a, version);
	buf_clear(&out);
	return 1;
}

/* What warcinfo must not have: it is about no target and no host. The name of
 * a version block is told otherwise. */
static int
is_of_target(const char *name)
{
	return strcmp(name, "WARC-Target-URI") == 0 ||
	       strcmp(name, "WARC-IP-Address") == 0;
}

int
convert_arc_head(struct arena *a, struct record *r, const char *version,
    const char *file, uint64_t offset)
{
	const char *slash = strrchr(file, '/');
	const char *date = record_field(r, "WARC-Date");
	const char *uri = record_field(r, "WARC-Target-URI");
	const char *type = record_field(r, "WARC-Type");
	struct record old = *r;
	char id[RECORD_ID_MAX];

	record_make_id(id, slash == NULL ? file : slash + 1,
	    uri == NULL ? "" : uri, offset, type == NULL ? "" : type,
	    date == NULL ? "" : date, "");
	*r = (struct record){ .version = version,
		.block_len = old.block_len,
		.block = old.block };
	record_add(a, r, "WARC-Type", type == NULL ? "resource" : type);
	record_add(a, r, "WARC-Record-ID", arena_format(a, "<%s>", id));
	for (size_t i = 0; i < old.field_count; i++) {
		const char *name = old.fields[i].name;

		if (strcmp(name, "WARC-Type") == 0 ||
		    (record_type(&old) == RECORD_WARCINFO &&
			is_of_target(name)))
			continue;
		record_add(a, r, name, old.fields[i].value);
	}
	return date != NULL;
}
