#ifndef NEWS_ARTICLE_PARTS_H
#define NEWS_ARTICLE_PARTS_H

struct body;
struct images;
struct json;
struct reading;

/* Parts of article/1; each returns a new value in the reading's arena. */

struct json *article_url(struct reading *r);
struct json *article_edition(struct reading *r);
struct json *article_alternates(struct reading *r);
struct json *article_publisher(struct reading *r);
struct json *article_authors(struct reading *r);
struct json *article_sources(struct reading *r);
struct json *article_section(struct reading *r);
struct json *article_tags(struct reading *r);
struct json *article_coverage(struct reading *r);
struct json *article_body(
    struct reading *r, const struct body *body, const struct images *images);
struct json *article_links(struct reading *r, const struct body *body);
struct json *article_media(struct reading *r, const struct body *body);

#endif
