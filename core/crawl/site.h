#ifndef CRAWL_SITE_H
#define CRAWL_SITE_H

#include <stddef.h>
#include <stdint.h>

#include "core/crawl/capture.h"
#include "core/crawl/scope.h"
#include "core/crawl/watch.h"

struct arena;
struct config;
struct error;
struct profile;
struct profile_set;

/*
 * One site that run looks after: a section of holdfast.conf, with what its
 * profile says where the section is silent.
 */

enum source_kind {
	SOURCE_FRONT,  /* a page of links, with further pages */
	SOURCE_FEED,   /* RSS, Atom, JSON Feed */
	SOURCE_SITEMAP /* of pages or of sitemaps; "auto" is the address of
	    an origin's robots.txt: those it names, else the usual places */
};

const char *source_kind_name(enum source_kind k);

struct source {
	enum source_kind kind;
	/* Normalized, without fragment; those of profiles may have "{Y}",
	 * "{M}", "{MM}" and "{N}" (profile.h). */
	const char *url;
	int64_t every_us;               /* how often it is looked at */
	unsigned first_page, last_page; /* fronts: "1..3"; 1 and 1 alone */
	const char *links;              /* fronts: selector; "" every link */
	const char *origin; /* "news/holdfast.conf:12", "profile KEY" */
};

struct site {
	const char *name;              /* of the section */
	const struct config *config;   /* the section's view, for the rest */
	const struct profile *profile; /* NULL none */
	struct source *sources;
	size_t source_count;
	struct ladder ladder;
	struct scope_options scope; /* origins are its sources' */
	int64_t wait_ms;
	enum images_policy images;
	int64_t sitemap_since_us; /* older entries of sitemaps wait last (rank
	    of archives) or, with sitemap-archive = no, are out of scope */
	uint64_t limit;           /* pages a run; 0: any number */
	int seal_daily;           /* seal = day */
};

/* The site of section NAME; texts live in A. ERROR_USAGE names the place of
 * the first fault. A site without a source is one that only watches what was
 * given by hand. Without a profile the usual scope is host, one link deep. */
int site_read(struct site *out, struct arena *a, const struct config *c,
    const struct profile_set *profiles, const char *name, struct error *e);

/* The same for those who want all faults: FAULT is told of each. */
int site_read_all(struct site *out, struct arena *a, const struct config *c,
    const struct profile_set *profiles, const char *name,
    void (*fault)(void *context, const struct error *e), void *context);

/* The site that SNAPSHOT (a name, or a path) is named after: TIME-SITE, of
 * several at one time TIME-SITE-N. To be freed. */
char *site_of_snapshot(const struct config *c, const char *snapshot);

#endif
