/* RSS, Atom and sitemaps: entries from tags. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/web/feed_part.h"
#include "core/web/feed_xml.h"
#include "core/web/url.h"

enum {
	DEPTH_MAX = 64,     /* deeper elements are counted only */
	ROOT_TAGS_MAX = 16, /* before the root, of a broken program */
	TEXT_MAX = LIMIT_URL_BYTES + 2,
	ALTERNATES_MAX = 200 /* of one entry */
};

enum tag {
	TAG_OTHER,
	TAG_ROOT,
	TAG_CHANNEL, /* and feed */
	TAG_ENTRY,   /* url, item, entry */
	TAG_SITEMAP,
	TAG_LOC,
	TAG_LINK,
	TAG_GUID,
	TAG_ORIGINAL,
	TAG_TITLE,
	TAG_DATE,
	TAG_NEWS
};

struct tree {
	struct feed_sink *sink;
	enum feed_kind kind;
	enum tag stack[DEPTH_MAX];
	struct {
		const char *name;
		size_t len;
	} names[DEPTH_MAX];
	unsigned depth;
	unsigned deeper;
	/* the entry that is open; 0 none */
	unsigned entry_depth;
	enum tag entry_tag;
	struct url base, entry_base; /* xml:base; text NULL: none */
	struct buf link, original, guid, self, title;
	struct buf alternates; /* each ends in NUL */
	unsigned alternate_count;
	int link_rank; /* how good LINK is; 0 none */
	int guid_is_link;
	int is_news;
	int64_t changed_us;
	/* the text being gathered */
	struct buf *text;
	struct buf date;
	unsigned text_depth;
	struct buf scratch;
	int root_ended;
};

static int
is_called(const struct feed_token *t, const char *name)
{
	return text_equal_nocase(t->name, t->name_len, name);
}

static int
has_prefix(const struct feed_token *t, const char *prefix)
{
	return text_equal_nocase(t->prefix, t->prefix_len, prefix);
}

static int
is_any(const struct feed_token *t, const char *const *names)
{
	for (; *names != NULL; names++)
		if (is_called(t, *names))
			return 1;
	return 0;
}

static enum feed_kind
root_kind(const struct feed_token *t)
{
	static const struct {
		const char *name;
		enum feed_kind kind;
	} roots[] = { { "urlset", FEED_SITEMAP },
		{ "sitemapindex", FEED_SITEMAP_INDEX }, { "rss", FEED_RSS },
		{ "rdf", FEED_RSS }, { "channel", FEED_RSS },
		{ "feed", FEED_ATOM } };

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (is_called(t, roots[i].name))
			return roots[i].kind;
	return FEED_NONE;
}

static int
is_sitemap(const struct tree *r)
{
	return r->kind == FEED_SITEMAP || r->kind == FEED_SITEMAP_INDEX;
}

static enum tag
tag_of_container(const struct tree *r, const struct feed_token *t)
{
	if (is_sitemap(r))
		return is_called(t, "url")       ? TAG_ENTRY
		       : is_called(t, "sitemap") ? TAG_SITEMAP
						 : TAG_OTHER;
	if (is_called(t, "channel") || is_called(t, "feed"))
		return TAG_CHANNEL;
	return is_called(t, r->kind == FEED_ATOM ? "entry" : "item")
		   ? TAG_ENTRY
		   : TAG_OTHER;
}

/* A child of an entry. */
static enum tag
tag_of_child(const struct tree *r, const struct feed_token *t)
{
	static const char *const dates[] = { "lastmod", "pubdate", "date",
		"published", "updated", "modified", "issued", NULL };

	if (has_prefix(t, "image") || has_prefix(t, "video") ||
	    has_prefix(t, "media") || has_prefix(t, "itunes"))
		return TAG_OTHER;
	if (is_sitemap(r) && is_called(t, "loc"))
		return TAG_LOC;
	if (is_called(t, "link"))
		return TAG_LINK;
	if (!is_sitemap(r) && is_called(t, "title"))
		return TAG_TITLE;
	if (!is_sitemap(r) && (is_called(t, "guid") || is_called(t, "id")))
		return TAG_GUID;
	if (has_prefix(t, "feedburner") && is_called(t, "origlink"))
		return TAG_ORIGINAL;
	if (is_sitemap(r) && is_called(t, "news"))
		return TAG_NEWS;
	return is_any(t, dates) ? TAG_DATE : TAG_OTHER;
}

/* What T is, by where it stands. */
static enum tag
tag_of(const struct tree *r, const struct feed_token *t)
{
	enum tag parent = r->depth == 0 ? TAG_OTHER : r->stack[r->depth - 1];

	if (r->entry_depth == 0)
		return tag_of_container(r, t);
	if (r->depth == r->entry_depth)
		return tag_of_child(r, t);
	if (parent == TAG_NEWS && is_called(t, "title"))
		return TAG_TITLE;
	if (parent == TAG_NEWS && is_called(t, "publication_date"))
		return TAG_DATE;
	return TAG_OTHER;
}

/* ---- entries ---- */

static void
begin_entry(struct tree *r, enum tag tag)
{
	r->entry_depth = r->depth;
	r->entry_tag = tag;
	buf_reset(&r->link);
	buf_reset(&r->original);
	buf_reset(&r->guid);
	buf_reset(&r->self);
	buf_reset(&r->title);
	buf_reset(&r->alternates);
	r->alternate_count = 0;
	r->link_rank = 0;
	r->guid_is_link = 1;
	r->is_news = 0;
	r->changed_us = INT64_MIN;
}

static int
looks_like_address(const struct buf *b)
{
	const char *s = buf_text(b);

	return text_equal_nocase(s, b->len < 4 ? b->len : 4, "http") &&
	       strstr(s, "://") != NULL;
}

/* The address of the open entry. A guid that says it is no link is one when
 * there is no other and it looks like it. */
static const struct buf *
entry_address(const struct tree *r)
{
	if (r->original.len > 0)
		return &r->original;
	if (r->link.len > 0)
		return &r->link;
	if (looks_like_address(&r->guid))
		return &r->guid;
	return r->kind == FEED_RSS && r->guid_is_link && r->guid.len > 0
		   ? &r->guid
		   : &r->self;
}

static void
end_entry(struct tree *r)
{
	const struct url *base = r->entry_base.text != NULL ? &r->entry_base
				 : r->base.text != NULL     ? &r->base
							    : r->sink->url;
	const struct buf *address = entry_address(r);
	struct feed_entry f = {
		.changed_us = r->changed_us,
		.is_list = r->entry_tag == TAG_SITEMAP,
		.is_news = r->is_news,
	};

	feed_add(r->sink, base, address, &r->title, f);
	f.is_alternate = 1;
	buf_reset(&r->title);
	for (size_t i = 0; i < r->alternates.len;) {
		const char *s = (const char *)r->alternates.data + i;
		size_t n = strlen(s);
		struct buf text = { .data = (uint8_t *)r->alternates.data + i,
			.len = n };

		if (address->len != n || memcmp(address->data, s, n) != 0)
			feed_add(r->sink, base, &text, &r->title, f);
		i += n + 1;
	}
	if (r->entry_base.text != NULL)
		url_clear(&r->entry_base);
	r->entry_base.text = NULL;
	r->entry_depth = 0;
	r->text = NULL;
}

/* ---- tags ---- */

static void
take_base(struct tree *r, const struct feed_token *t, struct url *base)
{
	const struct url *outer = r->base.text != NULL ? &r->base
						       : r->sink->url;
	struct url url;

	if (base->text != NULL ||
	    !feed_xml_attribute(t, "xml:base", &r->scratch, TEXT_MAX) ||
	    url_parse(
		&url, buf_text(&r->scratch), r->scratch.len, outer, NULL) != 0)
		return;
	*base = url;
}

/* rel=alternate of a sitemap: the same page in other languages. */
static void
take_alternate(struct tree *r, const struct feed_token *t)
{
	if (!feed_xml_attribute(t, "hreflang", &r->scratch, TEXT_MAX) ||
	    !feed_xml_attribute(t, "href", &r->scratch, TEXT_MAX) ||
	    r->scratch.len == 0 || r->alternate_count >= ALTERNATES_MAX ||
	    memchr(r->scratch.data, '\0', r->scratch.len) != NULL)
		return;
	buf_add(&r->alternates, r->scratch.data, r->scratch.len);
	buf_add_byte(&r->alternates, '\0');
	r->alternate_count++;
}

/* A link with attributes: how good it is as the entry's address. */
static int
rank_link(struct tree *r, const struct feed_token *t)
{
	int is_page;

	if (feed_xml_attribute(t, "rel", &r->scratch, 64) &&
	    r->scratch.len > 0 &&
	    !text_equal_nocase(
		buf_text(&r->scratch), r->scratch.len, "alternate"))
		return 0;
	is_page = !feed_xml_attribute(t, "type", &r->scratch, 64) ||
		  r->scratch.len == 0 ||
		  strstr(buf_text(&r->scratch), "html") != NULL;
	return is_page ? 2 : 1;
}

static void
take_entry_link(struct tree *r, const struct feed_token *t)
{
	int rank;

	if (is_sitemap(r)) {
		take_alternate(r, t);
		return;
	}
	rank = rank_link(r, t);
	if (rank > r->link_rank &&
	    feed_xml_attribute(t, "href", &r->scratch, TEXT_MAX) &&
	    r->scratch.len > 0) {
		buf_reset(&r->link);
		buf_add(&r->link, r->scratch.data, r->scratch.len);
		r->link_rank = rank;
	}
}

/* RFC 5005: a feed's next page, and its archive. */
static void
take_feed_link(struct tree *r, const struct feed_token *t)
{
	const struct buf none = { 0 };
	const struct url *base = r->base.text != NULL ? &r->base : r->sink->url;
	const char *rel;

	if (!feed_xml_attribute(t, "rel", &r->scratch, 64))
		return;
	rel = buf_text(&r->scratch);
	if (strcmp(rel, "next") != 0 && strcmp(rel, "prev-archive") != 0)
		return;
	if (feed_xml_attribute(t, "href", &r->scratch, TEXT_MAX))
		feed_add(r->sink, base, &r->scratch, &none,
		    (struct feed_entry){
			.changed_us = INT64_MIN, .is_list = 1 });
}

static void
gather(struct tree *r, struct buf *to)
{
	buf_reset(to);
	r->text = to;
	r->text_depth = r->depth;
}

static void
begin_child(struct tree *r, enum tag tag, const struct feed_token *t)
{
	switch (tag) {
	case TAG_LOC:
		gather(r, &r->link);
		break;
	case TAG_LINK:
		take_entry_link(r, t);
		if (!is_sitemap(r) && r->link_rank == 0 && !t->is_empty &&
		    !feed_xml_attribute(t, "href", &r->scratch, 8))
			gather(r, &r->link);
		break;
	case TAG_GUID:
		r->guid_is_link = !feed_xml_attribute(
				      t, "ispermalink", &r->scratch, 8) ||
				  strcmp(buf_text(&r->scratch), "false") != 0;
		gather(r, &r->guid);
		break;
	case TAG_ORIGINAL:
		gather(r, &r->original);
		break;
	case TAG_TITLE:
		if (r->title.len == 0)
			gather(r, &r->title);
		break;
	case TAG_DATE:
		gather(r, &r->date);
		break;
	case TAG_NEWS:
		r->is_news = 1;
		break;
	default:
		break;
	}
}

static void
end_text(struct tree *r)
{
	int64_t us;

	if (r->text == &r->date &&
	    feed_date(buf_text(&r->date), r->date.len, &us) &&
	    us > r->changed_us)
		r->changed_us = us;
	r->text = NULL;
}

static void
pop(struct tree *r)
{
	if (r->text != NULL && r->depth == r->text_depth)
		end_text(r);
	if (r->entry_depth != 0 && r->depth == r->entry_depth)
		end_entry(r);
	r->depth--;
	if (r->depth == 0)
		r->root_ended = 1;
}

static void
push(struct tree *r, enum tag tag, const struct feed_token *t)
{
	if (r->depth == DEPTH_MAX) {
		r->deeper++;
		return;
	}
	r->names[r->depth].name = t->name;
	r->names[r->depth].len = t->name_len;
	r->stack[r->depth++] = tag;
}

static void
on_start(struct tree *r, const struct feed_token *t)
{
	enum tag tag;

	/* An entry in an entry: the first was never ended. */
	if (r->entry_depth != 0) {
		tag = tag_of_container(r, t);
		if ((tag == TAG_ENTRY || tag == TAG_SITEMAP) &&
		    t->prefix_len == 0) {
			r->deeper = 0;
			while (r->entry_depth != 0)
				pop(r);
		}
	}
	tag = r->deeper > 0 ? TAG_OTHER : tag_of(r, t);
	push(r, tag, t);
	if (r->deeper > 0) {
		r->deeper -= (unsigned)t->is_empty;
		return;
	}
	if (tag == TAG_CHANNEL)
		take_base(r, t, &r->base);
	if (tag == TAG_ENTRY || tag == TAG_SITEMAP) {
		begin_entry(r, tag);
		take_base(r, t, &r->entry_base);
		if (feed_xml_attribute(t, "rdf:about", &r->scratch, TEXT_MAX))
			buf_add(&r->self, r->scratch.data, r->scratch.len);
		if (tag == TAG_SITEMAP)
			gather(r, &r->self);
	} else if (r->entry_depth != 0) {
		begin_child(r, tag, t);
	} else if (!is_sitemap(r) && is_called(t, "link")) {
		take_feed_link(r, t);
	}
	if (t->is_empty)
		pop(r);
}

/* T is called like the open element at DEPTH. */
static int
is_name_of(const struct tree *r, unsigned depth, const struct feed_token *t)
{
	const char *name = r->names[depth - 1].name;

	if (r->names[depth - 1].len != t->name_len)
		return 0;
	for (size_t i = 0; i < t->name_len; i++)
		if (text_lower((uint8_t)name[i]) !=
		    text_lower((uint8_t)t->name[i]))
			return 0;
	return 1;
}

static void
on_stop(struct tree *r, const struct feed_token *t)
{
	unsigned i = r->depth;

	/* Of the many that were never ended, the entry's end ends all. */
	if (r->entry_depth != 0 && is_name_of(r, r->entry_depth, t))
		r->deeper = 0;
	if (r->deeper > 0) {
		r->deeper--;
		return;
	}
	while (i > 0 && !is_name_of(r, i, t))
		i--;
	/* An end that nothing began is nothing. */
	while (i > 0 && r->depth >= i)
		pop(r);
}

/* ---- the whole ---- */

static int
find_root(struct tree *r, struct feed_xml *x)
{
	struct feed_token t;
	int tags = 0;

	while (tags < ROOT_TAGS_MAX && feed_xml_next(x, &t)) {
		if (t.kind != FEED_XML_START)
			continue;
		r->kind = root_kind(&t);
		if (r->kind != FEED_NONE) {
			take_base(r, &t, &r->base);
			push(r, TAG_ROOT, &t);
			return 1;
		}
		if (is_called(&t, "html") || is_called(&t, "body"))
			return 0;
		tags++;
	}
	return 0;
}

static void
clear(struct tree *r)
{
	if (r->base.text != NULL)
		url_clear(&r->base);
	if (r->entry_base.text != NULL)
		url_clear(&r->entry_base);
	buf_clear(&r->link);
	buf_clear(&r->original);
	buf_clear(&r->guid);
	buf_clear(&r->self);
	buf_clear(&r->title);
	buf_clear(&r->alternates);
	buf_clear(&r->date);
	buf_clear(&r->scratch);
}

int
feed_read_xml(struct feed_sink *s, const struct buf *p)
{
	struct tree r = { .sink = s };
	struct feed_xml x = { .p = buf_text(p) };
	struct feed_token t;
	int found;

	x.end = x.p + p->len;
	found = find_root(&r, &x);
	if (found)
		s->facts->kind = r.kind;
	while (found && !r.root_ended && feed_xml_next(&x, &t)) {
		if (t.kind == FEED_XML_START)
			on_start(&r, &t);
		else if (t.kind == FEED_XML_STOP)
			on_stop(&r, &t);
		else if (r.text != NULL)
			(void)feed_xml_add_text(r.text, &t, TEXT_MAX);
	}
	if (found && !r.root_ended) {
		s->facts->is_cut = 1;
		/* What was being gathered is not whole. */
		if (r.text != NULL)
			buf_reset(r.text);
		r.text = NULL;
		if (r.entry_depth != 0 && entry_address(&r)->len > 0)
			end_entry(&r);
	}
	clear(&r);
	return found;
}
