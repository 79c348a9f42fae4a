/* Articles as plain text. */
#include "core/collection/article_text.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/json.h"

const char *
article_member(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* A paragraph behind an empty line; nothing when it is empty. */
static void
add_paragraph(struct buf *out, const char *before, const char *text)
{
	if (text[0] != '\0')
		buf_format(out, "\n%s%s\n", before, text);
}

void
article_date(struct buf *out, const struct json *date)
{
	const char *iso = article_member(date, "iso");
	const char *raw = article_member(date, "raw");

	buf_add_text(out, iso[0] != '\0' ? iso : raw);
	if (iso[0] != '\0' && raw[0] != '\0' && strcmp(iso, raw) != 0)
		buf_format(out, " (%s)", raw);
}

void
article_names(struct buf *out, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *v = json_at(list, i);

		buf_format(out, "%s%s", i == 0 ? "" : ", ",
		    json_is(v, JSON_KIND_STRING) ? json_text(v, "")
						 : article_member(v, "name"));
	}
}

/* A line of it; none when it says nothing. */
static void
end_line(struct buf *out, size_t start, size_t label)
{
	if (out->len == start + label)
		buf_cut(out, start);
	else
		buf_add_byte(out, '\n');
}

static void
add_date(struct buf *out, const char *label, const struct json *date)
{
	size_t start = out->len;

	buf_add_text(out, label);
	article_date(out, date);
	end_line(out, start, strlen(label));
}

static void
add_names(struct buf *out, const char *label, const struct json *list)
{
	size_t start = out->len;

	buf_add_text(out, label);
	article_names(out, list);
	end_line(out, start, strlen(label));
}

static void
add_block(struct buf *out, const struct json *block)
{
	const char *kind = article_member(block, "kind");
	const char *before = "";

	if (kind[0] == 'h' && kind[1] != '\0')
		before = "## ";
	else if (strcmp(kind, "li") == 0)
		before = "- ";
	else if (strcmp(kind, "quote") == 0)
		before = "> ";
	else if (strcmp(kind, "xref") == 0)
		before = "-> ";
	add_paragraph(out, before, article_member(block, "text"));
}

void
article_text(struct buf *out, const struct json *article)
{
	const struct json *body = json_get(article, "body");
	const char *byline = article_member(article, "byline_raw");

	buf_format(out, "%s\n", article_member(article, "headline"));
	add_paragraph(out, "", article_member(article, "dek"));
	buf_add_byte(out, '\n');
	if (byline[0] != '\0')
		buf_format(out, "%s\n", byline);
	else
		add_names(out, "By ", json_get(article, "authors"));
	add_names(out, "Source: ", json_get(article, "sources"));
	add_date(out, "Published ", json_get(article, "published"));
	add_date(out, "Modified ", json_get(article, "modified"));
	for (size_t i = 0; i < json_count(body); i++)
		add_block(out, json_at(body, i));
}

void
article_text_images(struct buf *out, const struct json *article)
{
	const struct json *images = json_get(article, "images");
	int begun = 0;

	for (size_t i = 0; i < json_count(images); i++) {
		const struct json *image = json_at(images, i);
		const char *caption = article_member(image, "caption");
		const char *credit = article_member(image, "credit");

		if (caption[0] == '\0')
			caption = article_member(image, "alt");
		if (caption[0] == '\0' && credit[0] == '\0')
			continue;
		buf_format(out, "%s\n%02zu: %s%s%s%s\n",
		    begun ? "" : "\nPictures\n", i + 1, caption,
		    credit[0] == '\0' ? "" : " (", credit,
		    credit[0] == '\0' ? "" : ")");
		begun = 1;
	}
}
