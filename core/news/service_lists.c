/* Lists and fronts: read in a worker, handed on in lines. */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/news/service.h"
#include "core/news/service_part.h"
#include "core/web/charset.h"
#include "core/web/page.h"
#include "core/web/select.h"
#include "core/web/url.h"

enum { FACTS_BYTES = 128 };

static int
parse_url(const struct json *request, struct url *url, struct error *e)
{
	const char *text = json_text(json_get(request, "url"), "");

	return url_parse(url, text, strlen(text), NULL, e);
}

/* ---- lists ---- */

struct feed_out {
	struct buf *result;
	uint64_t left_out;
};

/* One line an entry: flags TAB time TAB url TAB title LF. A URL and a tidied
 * title hold neither tab nor line feed. */
static void
add_entry(void *context, const struct feed_entry *f)
{
	struct feed_out *o = context;
	size_t need = strlen(f->url) + strlen(f->title) + 32;

	if (o->result->len + need > LIMIT_RESULT_BYTES - FACTS_BYTES) {
		o->left_out++;
		return;
	}
	buf_add_byte(o->result, 'e');
	if (f->is_list)
		buf_add_byte(o->result, 'l');
	if (f->is_news)
		buf_add_byte(o->result, 'n');
	if (f->is_alternate)
		buf_add_byte(o->result, 'a');
	if (f->changed_us == INT64_MIN)
		buf_add_text(o->result, "\t-\t");
	else
		buf_format(o->result, "\t%jd\t", (intmax_t)f->changed_us);
	buf_add_text(o->result, f->url);
	buf_add_byte(o->result, '\t');
	buf_add_text(o->result, f->title);
	buf_add_byte(o->result, '\n');
}

/* What HTTP says of the charset counts for what is not UTF-8 by itself and
 * not packed once more. */
static void
apply_charset(struct buf *body, const struct buf *charset)
{
	const char *name = charset_name(buf_text(charset), charset->len);
	struct buf text = { 0 };

	if (name == NULL || body->len < 2 || body->data[0] == 0x1F ||
	    memchr(body->data, '\0', body->len < 4 ? body->len : 4) != NULL ||
	    text_is_utf8(body->data, body->len))
		return;
	(void)charset_decode(name, body->data, body->len, &text);
	buf_clear(body);
	*body = text;
}

int
service_serve_feed(const struct json *request, const uint8_t *payload,
    size_t len, struct buf *result, struct error *e)
{
	struct feed_out o = { .result = result };
	struct feed_facts facts;
	struct buf charset = { 0 };
	struct buf body = { 0 };
	struct url url;

	if (parse_url(request, &url, e) != 0)
		return -1;
	service_body(payload, len, LIMIT_FEED_BYTES, &body, &charset);
	apply_charset(&body, &charset);
	feed_read(body.data, body.len, &url, add_entry, &o, &facts);
	buf_format(result, "f\t%d\t%ju\t%ju\t%d\n", (int)facts.kind,
	    (uintmax_t)facts.rejected, (uintmax_t)(facts.more + o.left_out),
	    facts.is_cut);
	buf_clear(&charset);
	buf_clear(&body);
	url_clear(&url);
	return 0;
}

/* Cuts a line into COUNT fields at tabs. The next line; NULL: not one. */
static char *
split(char *line, char **fields, size_t count)
{
	char *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	for (size_t i = 0; i < count; i++) {
		char *tab = i + 1 < count ? strchr(line, '\t') : NULL;

		fields[i] = line;
		if (tab == NULL && i + 1 < count)
			return NULL;
		if (tab != NULL) {
			*tab = '\0';
			line = tab + 1;
		}
	}
	return end + 1;
}

static int
read_time(const char *s, int64_t *us)
{
	int negative = s[0] == '-';
	uint64_t n;

	*us = INT64_MIN;
	if (strcmp(s, "-") == 0)
		return 1;
	s += negative;
	if (!text_uint(s, strlen(s), INT64_MAX, &n))
		return 0;
	*us = negative ? -(int64_t)n : (int64_t)n;
	return 1;
}

static int
read_facts(char *fields[5], struct feed_facts *facts)
{
	uint64_t kind;
	uint64_t cut;

	if (!text_uint(fields[1], strlen(fields[1]), FEED_TEXT, &kind) ||
	    !text_uint(
		fields[2], strlen(fields[2]), UINT64_MAX, &facts->rejected) ||
	    !text_uint(
		fields[3], strlen(fields[3]), UINT64_MAX, &facts->more) ||
	    !text_uint(fields[4], strlen(fields[4]), 1, &cut))
		return 0;
	facts->kind = (enum feed_kind)kind;
	facts->is_cut = (int)cut;
	return 1;
}

int
service_feed(struct buf *result,
    void (*each)(void *context, const struct feed_entry *f), void *context,
    struct feed_facts *facts, struct error *e)
{
	char *line = result->len == 0 ? NULL : (char *)result->data;
	char *fields[5];

	*facts = (struct feed_facts){ .kind = FEED_NONE };
	while (line != NULL && line[0] == 'e') {
		struct feed_entry f = { 0 };

		line = split(line, fields, 4);
		if (line == NULL || !read_time(fields[1], &f.changed_us))
			return error_set(e, ERROR_INPUT, "feed: bad line");
		f.is_list = strchr(fields[0], 'l') != NULL;
		f.is_news = strchr(fields[0], 'n') != NULL;
		f.is_alternate = strchr(fields[0], 'a') != NULL;
		f.url = fields[2];
		f.title = fields[3];
		facts->entries++;
		each(context, &f);
	}
	if (line == NULL || line[0] != 'f' || split(line, fields, 5) == NULL ||
	    !read_facts(fields, facts))
		return error_set(e, ERROR_INPUT, "feed: no facts");
	return 0;
}

/* ---- fronts ---- */

struct front_out {
	const struct page *page;
	struct buf *result;
	uint64_t count, more;
};

static void
add_href(struct front_out *o, const struct node *n)
{
	const char *href = node_attribute(n, "href");
	struct link l = { .kind = LINK_PAGE, .where = "selected" };
	struct url url;

	if (href == NULL || href[0] == '#' ||
	    url_parse(&url, href, strlen(href), page_base(o->page), NULL) != 0)
		return;
	url_drop_fragment(&url);
	l.url = url.text;
	if (!url_is_http(&url))
		;
	else if (o->count >= LIMIT_PAGE_LINKS)
		o->more++;
	else {
		o->count++;
		service_add_link(o->result, &l);
	}
	url_clear(&url);
}

static int
is_link(const struct node *n)
{
	const char *name = node_name(n);

	return strcmp(name, "a") == 0 || strcmp(name, "area") == 0;
}

/* The links at N and in it. */
static void
add_links(struct front_out *o, const struct node *top)
{
	const struct node *n = top;

	while (n != NULL) {
		const struct node *next = node_first_child(n);

		if (is_link(n))
			add_href(o, n);
		while (next == NULL && n != top) {
			next = node_next(n);
			n = node_parent(n);
		}
		n = next;
	}
}

static int
pick(struct front_out *o, const char *css, struct error *e)
{
	struct selector *s = NULL;
	struct node_list found = { 0 };
	struct node *last = NULL;
	struct arena *a;
	int rc;

	if (selector_compile(&s, css, e) != 0)
		return -1;
	a = arena_new();
	rc = page_select(o->page, s, NULL, a, &found, e);
	for (size_t i = 0; rc == 0 && i < found.count; i++) {
		/* In one that was looked through already. */
		if (last != NULL && node_contains(last, found.nodes[i]))
			continue;
		last = found.nodes[i];
		add_links(o, last);
	}
	arena_free(a);
	selector_free(s);
	return rc;
}

int
service_serve_front(const struct json *request, const uint8_t *payload,
    size_t len, struct buf *result, struct error *e)
{
	const char *css = json_text(json_get(request, "selector"), "");
	struct front_out o = { .result = result };
	struct page *page = NULL;
	struct buf charset = { 0 };
	struct buf body = { 0 };
	struct url url;
	int rc;

	if (parse_url(request, &url, e) != 0)
		return -1;
	service_body(payload, len, LIMIT_DECODED_BYTES, &body, &charset);
	rc = page_parse(
	    &page, body.data, body.len, buf_text(&charset), &url, e);
	if (rc == 0) {
		o.page = page;
		rc = pick(&o, css, e);
		page_free(page);
	}
	buf_format(result, "more\t\t%ju\n", (uintmax_t)o.more);
	buf_clear(&charset);
	buf_clear(&body);
	url_clear(&url);
	return rc;
}
