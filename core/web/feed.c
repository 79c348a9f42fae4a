/* Lists of pages: which kind, and the ones that are no XML. */
#include "core/web/feed.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/charset.h"
#include "core/web/decode.h"
#include "core/web/feed_part.h"
#include "core/web/url.h"

enum {
	GZIP_TIMES = 2,
	PROLOGUE_BYTES = 4096 /* searched for a list behind other text */
};

const char *
feed_kind_name(enum feed_kind k)
{
	static const char *const names[] = { "none", "rss", "atom", "json",
		"sitemap", "sitemap-index", "text" };

	return (size_t)k < sizeof(names) / sizeof(names[0]) ? names[k] : "none";
}

/* ---- entries ---- */

/* FNV-1a: which alternates were handed out; a collision loses one. */
static uint64_t
hash_text(const char *s)
{
	uint64_t h = 0xCBF29CE484222325u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001B3u;
	return h == 0 ? 1 : h;
}

/* Alternates are named by every language's entry. 1: for the first time. */
static int
is_new_alternate(struct feed_sink *s, const char *url)
{
	uint64_t h = hash_text(url);
	size_t i = h % FEED_SEEN_SLOTS;

	if (s->seen == NULL)
		s->seen = mem_zero(FEED_SEEN_SLOTS, sizeof(*s->seen));
	for (; s->seen[i] != 0; i = (i + 1) % FEED_SEEN_SLOTS)
		if (s->seen[i] == h)
			return 0;
	if (s->alternates < LIMIT_FEED_ALTERNATES)
		s->seen[i] = h;
	return 1;
}

/* White space collapsed, controls dropped, at most the limit. */
static void
tidy_title(struct buf *out, const struct buf *in)
{
	size_t i = 0;

	buf_reset(out);
	while (i < in->len) {
		uint32_t cp;
		size_t n = text_utf8_next(in->data + i, in->len - i, &cp, NULL);

		i += n;
		if (cp <= ' ' || cp == 0x7F || cp == 0xA0) {
			if (out->len > 0 && out->data[out->len - 1] != ' ')
				buf_add_byte(out, ' ');
			continue;
		}
		if (out->len + 4 > LIMIT_FEED_TITLE_BYTES)
			break;
		text_utf8_add(out, cp);
	}
	if (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

static int
is_blank(const struct buf *b)
{
	size_t i = 0;

	while (i < b->len && text_is_space(b->data[i]))
		i++;
	return i == b->len;
}

static int
is_over(const struct feed_sink *s, const struct feed_entry *f)
{
	return f->is_alternate
		   ? s->alternates >= LIMIT_FEED_ALTERNATES
		   : s->facts->entries - s->alternates >= FEED_ENTRIES;
}

void
feed_add(struct feed_sink *s, const struct url *base, const struct buf *text,
    const struct buf *title, struct feed_entry f)
{
	struct url url;

	if (is_over(s, &f)) {
		s->facts->more++;
		return;
	}
	if (is_blank(text) || text->len > LIMIT_URL_BYTES ||
	    url_parse(&url, buf_text(text), text->len, base, NULL) != 0) {
		s->facts->rejected++;
		return;
	}
	url_drop_fragment(&url);
	if (!url_is_http(&url) || url.len > LIMIT_URL_BYTES ||
	    strcmp(url.text, s->url->text) == 0) {
		s->facts->rejected++;
	} else if (!f.is_alternate || is_new_alternate(s, url.text)) {
		tidy_title(&s->title, title);
		f.url = url.text;
		f.title = buf_text(&s->title);
		s->facts->entries++;
		s->alternates += (uint64_t)f.is_alternate;
		s->each(s->context, &f);
	}
	url_clear(&url);
}

/* ---- JSON Feed 1.0 and 1.1 ---- */

static int64_t
json_date(const struct json *item)
{
	static const char *const names[] = { "date_modified",
		"date_published" };
	int64_t last = INT64_MIN;
	int64_t us;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *s = json_text(json_get(item, names[i]), "");

		if (feed_date(s, strlen(s), &us) && us > last)
			last = us;
	}
	return last;
}

static const char *
json_address(const struct json *item)
{
	static const char *const names[] = { "url", "external_url", "id" };
	const char *s = "";

	for (size_t i = 0; s[0] == '\0' && i < 3; i++)
		s = json_text(json_get(item, names[i]), "");
	return s;
}

static void
add_json(struct feed_sink *s, const char *url, const char *title,
    struct feed_entry f)
{
	struct buf text = { 0 };
	struct buf words = { 0 };

	buf_add_text(&text, url);
	buf_add_text(&words, title);
	feed_add(s, s->url, &text, &words, f);
	buf_clear(&text);
	buf_clear(&words);
}

int
feed_read_json(struct feed_sink *s, const struct buf *p)
{
	struct arena *a;
	const struct json *o;
	const struct json *items;
	const char *next;

	if (p->len > LIMIT_FEED_JSON_BYTES) {
		s->facts->kind = FEED_JSON;
		s->facts->is_cut = 1;
		return 1;
	}
	a = arena_new();
	o = json_parse(a, buf_text(p), p->len, NULL);
	items = json_get(o, "items");
	if (json_is(items, JSON_KIND_ARRAY)) {
		s->facts->kind = FEED_JSON;
		for (size_t i = 0; i < json_count(items); i++) {
			const struct json *item = json_at(items, i);

			add_json(s, json_address(item),
			    json_text(json_get(item, "title"), ""),
			    (struct feed_entry){
				.changed_us = json_date(item) });
		}
		next = json_text(json_get(o, "next_url"), "");
		if (next[0] != '\0')
			add_json(s, next, "",
			    (struct feed_entry){
				.changed_us = INT64_MIN, .is_list = 1 });
	}
	arena_free(a);
	return s->facts->kind == FEED_JSON;
}

/* ---- one URL a line; robots.txt ---- */

static int
is_address(const char *p, size_t len)
{
	return (len > 7 && text_equal_nocase(p, 7, "http://")) ||
	       (len > 8 && text_equal_nocase(p, 8, "https://"));
}

/* "Sitemap: URL" of a robots.txt (RFC 9309, 2.2.4), as it is met. Bytes in
 * front of the URL; 0: it is none. */
static size_t
sitemap_field(const char *p, size_t len)
{
	static const char *const names[] = { "sitemap", "site-map" };
	size_t i;

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		i = strlen(names[n]);
		if (len <= i || !text_equal_nocase(p, i, names[n]))
			continue;
		while (i < len && (p[i] == ' ' || p[i] == '\t'))
			i++;
		if (i == len || p[i] != ':')
			continue;
		for (i++; i < len && (p[i] == ' ' || p[i] == '\t');)
			i++;
		return i;
	}
	return 0;
}

int
feed_read_text(struct feed_sink *s, const struct buf *p)
{
	const char *at = buf_text(p);
	const char *end = at + p->len;
	const struct buf none = { 0 };
	struct buf line = { 0 };
	int lists = 0;

	while (at < end) {
		size_t len;
		size_t skip;

		while (at < end && text_is_space((uint8_t)*at))
			at++;
		for (len = 0; at + len < end; len++)
			if (at[len] == '\n' || at[len] == '\r')
				break;
		skip = sitemap_field(at, len);
		if (skip > 0 || is_address(at, len)) {
			size_t n = skip > 0 ? strcspn(at + skip, " \t\r\n#")
					    : len;

			buf_reset(&line);
			buf_add(&line, at + skip,
			    n > LIMIT_URL_BYTES ? LIMIT_URL_BYTES + 1 : n);
			feed_add(s, s->url, &line, &none,
			    (struct feed_entry){
				.changed_us = INT64_MIN, .is_list = skip > 0 });
			lists += skip > 0;
		} else if (len > 0) {
			s->facts->rejected++;
		}
		at += len;
	}
	buf_clear(&line);
	if (s->facts->entries > 0)
		s->facts->kind = lists > 0 ? FEED_SITEMAP_INDEX : FEED_TEXT;
	return s->facts->entries > 0;
}

/* ---- which one ---- */

/* gzip undone, at most twice: sitemap.xml.gz sent with a coding, too. */
static void
unpack(const uint8_t *p, size_t len, struct buf *out, struct feed_facts *facts)
{
	struct buf in = { 0 };
	struct error e = { 0 };

	if (len > LIMIT_FEED_BYTES)
		facts->is_cut = 1;
	buf_add(out, p, len > LIMIT_FEED_BYTES ? LIMIT_FEED_BYTES : len);
	for (int i = 0; i < GZIP_TIMES; i++) {
		struct buf swap = *out;

		if (out->len < 3 || out->data[0] != 0x1F ||
		    out->data[1] != 0x8B)
			break;
		*out = in;
		in = swap;
		buf_reset(out);
		if (decode_content("gzip", in.data, in.len, LIMIT_FEED_BYTES,
			out, &e) != 0)
			facts->is_cut = 1;
	}
	buf_clear(&in);
}

/* The value of encoding="..." of an XML declaration; "" none. */
static void
declared_charset(const struct buf *b, char *out, size_t cap)
{
	size_t len = b->len < 256 ? b->len : 256;
	const char *p = memmem(buf_text(b), len, "encoding", 8);
	const char *end = buf_text(b) + len;
	size_t n = 0;

	out[0] = '\0';
	if (p == NULL)
		return;
	for (p += 8; p < end && (text_is_space((uint8_t)*p) || *p == '='); p++)
		;
	if (p >= end || (*p != '"' && *p != '\''))
		return;
	for (p++; p < end && *p != '"' && *p != '\'' && n + 1 < cap; p++)
		out[n++] = *p;
	out[n] = '\0';
}

/* To UTF-8: by BOM, by the look of "<" in UTF-16; what is UTF-8 stays it
 * whatever it says; by the declaration. */
static void
to_utf8(struct buf *b)
{
	const uint8_t *p = b->data;
	char label[64] = "";
	const char *name = NULL;
	struct buf out = { 0 };

	if (b->len >= 2 &&
	    ((p[0] == 0xFE && p[1] == 0xFF) || (p[0] == 0 && p[1] == '<')))
		name = "UTF-16BE";
	else if (b->len >= 2 &&
		 ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == '<' && p[1] == 0)))
		name = "UTF-16LE";
	else if (!text_is_utf8(p, b->len)) {
		declared_charset(b, label, sizeof(label));
		name = charset_name(label, strlen(label));
		name = name == NULL || strcmp(name, "UTF-8") == 0
			   ? "windows-1252"
			   : name;
	}
	if (name != NULL) {
		(void)charset_decode(name, b->data, b->len, &out);
		buf_clear(b);
		*b = out;
	}
}

/* Past BOM, blanks, and what a broken program printed before the list. */
static size_t
prologue(const struct buf *b)
{
	static const char *const starts[] = { "<?xml", "<rss", "<feed",
		"<urlset", "<sitemapindex", "<rdf:RDF" };
	size_t len = b->len < PROLOGUE_BYTES ? b->len : PROLOGUE_BYTES;
	const char *p = buf_text(b);
	const char *first = NULL;
	size_t i = b->len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	while (i < b->len && text_is_space((uint8_t)p[i]))
		i++;
	if (i == b->len || p[i] == '<' || p[i] == '{')
		return i;
	for (size_t n = 0; n < sizeof(starts) / sizeof(starts[0]); n++) {
		const char *at = memmem(p, len, starts[n], strlen(starts[n]));

		if (at != NULL && (first == NULL || at < first))
			first = at;
	}
	return first == NULL ? i : (size_t)(first - p);
}

void
feed_read(const uint8_t *p, size_t len, const struct url *url,
    void (*each)(void *context, const struct feed_entry *f), void *context,
    struct feed_facts *facts)
{
	struct feed_sink s = {
		.url = url,
		.each = each,
		.context = context,
		.facts = facts,
	};
	struct buf all = { 0 };
	struct buf b;
	size_t skip;

	*facts = (struct feed_facts){ .kind = FEED_NONE };
	unpack(p, len, &all, facts);
	to_utf8(&all);
	skip = prologue(&all);
	b = (struct buf){ .data = all.data + skip, .len = all.len - skip };
	if (b.len > 0 && b.data[0] == '<')
		(void)feed_read_xml(&s, &b);
	else if (b.len > 0 && b.data[0] == '{')
		(void)feed_read_json(&s, &b);
	else if (b.len > 0)
		(void)feed_read_text(&s, &b);
	buf_clear(&all);
	buf_clear(&s.title);
	free(s.seen);
}
