#ifndef NEWS_ARTICLE_H
#define NEWS_ARTICLE_H

struct body;
struct images;
struct json;
struct reading;

/* article/1 put together from what was read (docs/article-1.schema.json). */

/* "ok", "degraded" or "failed" is in quality.status of the result. */
struct json *
article_make(struct reading *r, struct body *body, const struct images *images);

#endif
