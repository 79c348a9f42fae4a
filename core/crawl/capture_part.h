#ifndef CRAWL_CAPTURE_PART_H
#define CRAWL_CAPTURE_PART_H

#include <stddef.h>
#include <stdint.h>

#include "core/crawl/capture.h"
#include "core/crawl/frontier.h"
#include "core/crawl/job.h"
#include "core/crawl/politeness.h"
#include "core/news/service.h"

struct buf;
struct error;
struct exchange;
struct fetch_request;
struct json;
struct url;
struct worker;

/* The insides of a capture, shared by capture.c and the files it is split
 * into. Nothing outside core/crawl includes this. */

enum { SHEETS_KEPT = 64 }; /* stylesheets whose links are remembered */

/* A stylesheet under harvest, and later what it needs, so that a page that
 * uses it again knows without asking. */
struct sheet {
	struct sheet *next;
	char *url;
	char *hops;            /* as first found: how deep */
	struct target *target; /* NULL once harvested */
	struct worker *worker;
	struct arena *arena;
	struct candidate *links;
	size_t link_count;
};

/* A capture under way. */
struct capture {
	const struct capture_options *o;
	struct capture_result *result;
	struct snapshot *snapshot;
	struct fetcher *fetcher;
	struct frontier *frontier;
	struct left_out *left_out;
	struct politeness *politeness;
	struct hosts *hosts;
	struct hosts *own_hosts; /* NULL: the caller's are used */
	struct job *jobs;        /* open ones, newest first */
	size_t job_count;
	struct recalled *recalled;
	struct sheet *sheets;
	size_t sheet_count;
	int seeds_ended;   /* none is wanted any more */
	int is_idle;       /* none was wanted when last asked */
	int64_t ask_at_ms; /* when to ask again at the latest */
	int64_t end_at_ms; /* with max_time_ms */
	uint64_t durable;  /* up to this ticket */
	uint64_t last_ticket;
	uint64_t flushed;     /* last_ticket when a flush was asked for */
	uint64_t since_check; /* targets since the free space was looked at */
	struct capture_progress progress;
	struct arena *facts;
	const char **profiles_kept; /* keys whose files are in the snapshot */
	size_t profile_count;
};

/* targets.c */
void capture_warn(struct capture *c, const char *object, const char *text);
void capture_advance(struct job *j);
struct capture_facts capture_facts_of(const struct target *t);
void capture_target_ended(struct capture *c, struct target *t, uint64_t ticket);
void capture_refuse(struct capture *c, struct target *t, enum outcome outcome,
    const char *reason, const char *robots);
int capture_start(struct capture *c, struct target *t, struct error *e);
int capture_page_gate(struct capture *c, struct target *t, struct error *e);
void capture_lean(const struct capture *c, struct job *j);
int capture_want(struct capture *c, struct job *j, const struct target *parent,
    const char *url, enum need need, const char *where, struct error *e);

/* again.c: is the answer to T in the snapshot, from a run that was cut off? 1,
 * it will be handed out by capture_recalled; 0, it must be fetched; -1. */
int capture_recall(struct capture *c, struct target *t, struct error *e);
int capture_recalled(
    struct capture *c, struct target **t, struct exchange **x); /* 1 / 0 */

/* polite.c: what hosts ask of us. */
int capture_polite_begin(struct capture *c, struct error *e);
void capture_polite_end(struct capture *c);

/* The host of T is to be left alone: 1, T has ended; 0; -1. */
int capture_put_off(struct capture *c, struct target *t, struct error *e);

/* A page of URL's host is wanted; is T of such a host (of its origin, or by
 * https instead of http)? Others are not told who the owner is. */
void capture_make_home(struct capture *c, const struct url *url);
int capture_is_home(struct capture *c, const struct target *t);

/* A page of this run that is wanted once more ended with OUTCOME: when it may
 * be asked for, if nothing was asked; 0. */
int64_t
capture_again_us(struct capture *c, const char *url, enum outcome outcome);

/* X came of T: its outcome is completed, its host learnt of. */
int capture_learn(struct capture *c, const struct target *t, struct exchange *x,
    struct error *e);

/* From now on the host of URL is asked as often as it bears. */
void capture_set_pace(struct capture *c, const char *url);

/* Rules of an earlier run, if they are still good: 1; 0; -1. */
int capture_kept_robots(struct capture *c, struct host *h, struct error *e);

/* What came of asking for H's robots.txt; the pages that waited may go. */
int capture_robots_ended(struct capture *c, struct host *h,
    const struct exchange *x, struct error *e);
int capture_release_pages(struct capture *c, struct host *h, struct error *e);

/* T, a page, may not be fetched because of H. */
void capture_refuse_page(struct capture *c, struct target *t,
    const struct host *h, const char *decision);

/* arrivals.c: what kind of failure a wanted page met. */
void capture_count_failure(struct capture *c, enum outcome outcome);

/* revisits.c: ask only for what changed since an earlier capture of T. */
int capture_ask_changed(struct capture *c, struct target *t,
    struct fetch_request *r, struct error *e);

/* X came of T: does it repeat an earlier capture? F and the outcome of X say
 * so then. */
int capture_compare(struct capture *c, struct target *t, struct exchange *x,
    struct capture_facts *f, struct error *e);

/* What is looked into instead of X: of what was not modified the original,
 * read back. To be freed. */
int capture_seen(struct capture *c, struct target *t, struct exchange *x,
    struct exchange **out, struct error *e);

/* Note in J what T's payload, X, is for its page. */
void capture_note_same(struct capture *c, struct job *j, const struct target *t,
    const struct exchange *x);

/* requisites.c: J needs L, found on its page (PARENT NULL) or in PARENT. */
int capture_need(struct capture *c, struct job *j, const struct candidate *l,
    const struct target *parent, struct error *e);

/* J needs what its page's worker found; the URLs are added to URLS. 0; 1: no
 * answer of ours (WHY); -1. */
int capture_need_links(struct capture *c, struct job *j, struct buf *result,
    struct json *urls, struct error *why, struct error *e);

/* J needs what the stylesheet at URL names, if that is known. */
int capture_need_sheet(
    struct capture *c, struct job *j, const char *url, struct error *e);

/* A stylesheet's bytes are here. 0: a worker was asked; 1: nothing to look
 * at; -1. */
int capture_sheet_start(
    struct capture *c, struct target *t, struct exchange *x, struct error *e);
int capture_sheet_take(struct capture *c, struct sheet *s, struct error *e);
void capture_sheet_free(struct sheet *s);

/* pages.c */
int capture_page_arrived(struct capture *c, struct job *j, struct exchange *x,
    const char *media_type, struct error *e);
int capture_harvested(struct capture *c, struct job *j, struct error *e);
int capture_read(struct capture *c, struct job *j, struct error *e);
int capture_read_start(struct capture *c, struct job *j, struct error *e);
int capture_ask(
    struct capture *c, struct job *j, enum service_task task, struct error *e);

/* lists.c: a list has arrived; a worker has read it; a front's links are
 * picked by its selector, then it is read like any page. */
int capture_list_arrived(
    struct capture *c, struct job *j, struct exchange *x, struct error *e);
int capture_list_taken(struct capture *c, struct job *j, struct error *e);
int capture_pick(struct capture *c, struct job *j, struct error *e);
int capture_picked(struct capture *c, struct job *j, struct error *e);

/* arrivals.c */
int capture_exchange_ended(
    struct capture *c, struct target *t, struct exchange *x, struct error *e);

#endif
