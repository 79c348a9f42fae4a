#ifndef CRAWL_RUN_FACTS_H
#define CRAWL_RUN_FACTS_H

struct arena;
struct capture_options;
struct json;
struct zygote;

/*
 * Facts about a run that cannot be had later: version, source revision,
 * digest of the running binary, libraries, clock state, boot id, settings.
 */

/* Strings only, in the order of the warcinfo block. */
struct json *run_facts(struct arena *a, const struct capture_options *o);

#endif
