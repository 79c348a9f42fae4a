#ifndef CRAWL_SETTINGS_H
#define CRAWL_SETTINGS_H

struct arena;
struct capture_options;
struct config;
struct fetch_options;

/* What the configuration says about fetching and keeping, for the engine;
 * O->fetch becomes F. Texts live in A or are C's. */
void capture_settings(struct capture_options *o, struct fetch_options *f,
    struct arena *a, const struct config *c);

#endif
