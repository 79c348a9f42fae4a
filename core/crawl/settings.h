#ifndef CRAWL_SETTINGS_H
#define CRAWL_SETTINGS_H

#include <stdint.h>

#include "core/crawl/capture.h"

struct arena;
struct collection;
struct config;
struct fetch_options;
struct originals;

/* What the configuration says about fetching and keeping, for the engine;
 * O->fetch becomes F. Texts live in A or are C's. */
void capture_settings(struct capture_options *o, struct fetch_options *f,
    struct arena *a, const struct config *c);

/* The earlier captures of COLLECTION that may be leaned on; NULL: the
 * configuration says none. To be freed by originals_free. */
struct originals *originals_settings(const struct config *c,
    const struct collection *collection, int64_t now_us);

/* The setting "images". */
enum images_policy settings_images(const struct config *c);

#endif
