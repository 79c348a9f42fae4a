#ifndef NEWS_SERVICE_H
#define NEWS_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/worker.h"
#include "core/web/feed.h"
#include "core/web/links.h"

struct arena;
struct buf;
struct error;
struct exchange;
struct json;
struct spool;

/*
 * What workers do for us: harvest links of a page or stylesheet, read an
 * article by its profile, remove a content coding. The payload is the response
 * block as recorded, for SERVICE_DECODE the coded bytes alone; the request is
 * one JSON object.
 */

enum service_task {
	SERVICE_LINKS_HTML,
	SERVICE_LINKS_CSS,
	SERVICE_ARTICLE,
	SERVICE_DECODE, /* result: the bytes, at most LIMIT_RESULT_BYTES */
	SERVICE_FEED,   /* what a feed, a sitemap, a list names */
	SERVICE_FRONT   /* the links that a selector picks */
};

/* The service to hand to zygote_start; PROFILES_DIR (NULL none) is where
 * local profiles lie and must outlive the zygote. */
struct worker_service service_new(const char *profiles_dir);

/* How much a worker may use; none of it in sanitizer builds. */
void service_limits(struct worker_limits *limits);

struct service_request {
	enum service_task task;
	const char *url;              /* of the response */
	const char *requested;        /* seed URL; "" same */
	const char *const *redirects; /* NULL-terminated; NULL none */
	int64_t captured_us;
	unsigned status;
	const char *profile;  /* key; SERVICE_ARTICLE only */
	const char *encoding; /* Content-Encoding; SERVICE_DECODE only */
	const char *selector; /* SERVICE_FRONT only */
};

/* A payload descriptor holding the response block; -1: ERROR_LIMIT when it is
 * larger than a worker may decode, ERROR_SYSTEM. */
int service_payload(const struct spool *response, struct error *e);

int service_begin(struct zygote *z, const struct service_request *r,
    int payload_fd, struct worker **out, struct error *e);

/* Wait for a job's end, for callers that have nothing else to do. 0 / -1. */
int service_wait(struct worker *w, struct buf *result, struct error *e);

/* The result of a links or front task: EACH for every link, valid for the call. *MORE
 * counts those over the limit. -1: not a result of ours (ERROR_INPUT). */
int service_links(struct buf *result,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more, struct error *e);

/* The result of a feed task; entries that do not fit in it are counted in
 * FACTS->more. -1: not a result of ours (ERROR_INPUT). */
int service_feed(struct buf *result,
    void (*each)(void *context, const struct feed_entry *f), void *context,
    struct feed_facts *facts, struct error *e);

#endif
