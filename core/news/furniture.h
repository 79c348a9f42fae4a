#ifndef NEWS_FURNITURE_H
#define NEWS_FURNITURE_H

struct json;
struct reading;

/*
 * Zones around and inside the article that show something else: ticker, most
 * read, related. They are found first, kept as dated evidence (pagestate/1)
 * and never seen by the rules of the article.
 */

/* Find the zones and dropped parts; from then on they are furniture. */
void furniture_find(struct reading *r);

/* pagestate/1: every zone found with its items and their hash. */
struct json *furniture_state(struct reading *r);

#endif
