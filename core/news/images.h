#ifndef NEWS_IMAGES_H
#define NEWS_IMAGES_H

#include <stddef.h>

struct json;
struct node;
struct reading;
struct rule;

/* The pictures of an article: every address offered for each, the one chosen,
 * the original behind it, caption and credit. */

struct image {
	const struct node *node; /* NULL: only named in metadata */
	const char *role;
	const struct rule *rule; /* that found it; NULL as above */
	const char *asset_key;   /* "" none */
	struct json *json;       /* as in article/1 */
};

struct images {
	struct image *items;
	size_t count;
};

enum { IMAGES_MAX = 300, IMAGE_CANDIDATES_MAX = 64, IMAGES_WANTED_MAX = 3000 };

/* The fields (published) are filled before. */
void images_read(struct reading *r, struct images *out);

/* [{url, role, required}]: all addresses and originals, each once. */
struct json *images_wanted(struct reading *r, const struct images *images);

#endif
