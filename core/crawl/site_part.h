#ifndef CRAWL_SITE_PART_H
#define CRAWL_SITE_PART_H

#include "core/crawl/site.h"

/* What site.c and site_source.c share. */

/* One source as written behind "front =", "feed =", "sitemap =": URL, then
 * "every TIME", "pages A..B", "links SELECTOR" as its kind allows. EVERY_MS is
 * the usual time. "auto" stays as it is. ERROR_USAGE without a place. */
int site_source_parse(struct source *out, struct arena *a,
    enum source_kind kind, const char *text, int64_t every_ms, struct error *e);

#endif
