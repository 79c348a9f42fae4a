#ifndef CRAWL_RUN_PART_H
#define CRAWL_RUN_PART_H

/* What the files of run share. */

#include "core/crawl/run.h"
#include "core/crawl/site.h"
#include "core/crawl/steps.h"
#include "core/web/fetch.h"

struct arena;
struct hosts;
struct queue;
struct scope;
struct sources;
struct state;
struct watch;

/* A snapshot that recovery left open. */
struct kept {
	struct kept *next;
	const char *name, *site;
	int is_parked; /* by a run that ended well; else it was cut off */
};

struct run {
	const struct run_options *o;
	struct arena *arena; /* as long as the run */
	const char *const *names;
	size_t name_count;
	struct state *state;
	struct queue *queue;
	struct hosts *hosts;
	struct watch *watch;
	struct sources *sources;
	struct alarms *alarms;
	struct steps_options steps;
	struct site *all; /* every section of the file */
	size_t all_count;
	struct kept *kept;        /* open snapshots to go on with */
	int64_t end_at_ms;        /* monotonic; 0 never */
	uint64_t bytes;           /* kept so far */
	int64_t wall_us, mono_ms; /* looked at last, for jumps */
	int is_full;              /* the disk */
	int code;
};

/* How a host behaved in this run. */
struct host_tally {
	struct host_tally *next;
	const char *host;
	uint64_t answered;
	uint64_t silent; /* in a row, without an answer */
	uint64_t challenged;
};

enum {
	PASS_OPEN = 256,
	PASS_SILENT = 3 /* failures of a host in a row: not in this run */
};

/* One site's turn. */
struct pass {
	struct run *run;
	struct arena *arena; /* as long as the turn */
	struct arena *taken; /* texts of the page handed out last */
	struct arena *shunned;
	struct site site;
	struct scope *scope;
	struct fetch_options fetch;
	struct capture_options capture;
	struct run_site *result;
	const char **shun; /* hosts to be left alone; NULL-terminated */
	int shun_is_old;
	struct host_tally *hosts;
	/* Pages handed out that have not ended. */
	int64_t numbers[PASS_OPEN];
	unsigned tries[PASS_OPEN];
	struct left_out *left_out; /* the engine's, while a page ends */
	uint64_t gone; /* watched articles that were seen to be gone */
	size_t open;
	int64_t begin_ms, topped_ms, shown_ms, told_ms;
	int64_t
	    slice_end_ms; /* links and archives wait from then on; 0 never */
	uint64_t handed;
	struct capture_progress progress;
};

/* run_pass.c: a site's turn. */
int run_pass(struct run *r, const char *name, struct error *e);

/* What is due goes into the queue. */
int pass_top_up(struct pass *p, struct error *e);

/* Where NUMBER is among the open ones; it is open no more. */
size_t pass_slot(const struct pass *p, int64_t number);
void pass_forget(struct pass *p, int64_t number);

/* run_observe.c: a page has ended. */
int pass_ended(void *context, const struct page_end *end, struct error *e);
struct host_tally *pass_host(struct pass *p, const char *url);

/* run_judge.c: the alarms of a turn and of the run. */
int pass_judge(struct pass *p, struct error *e);
int run_judge(struct run *r, struct error *e);

/* SNAPSHOT (a path below the collection) was sealed: counted, and its hooks
 * and packages are planned. */
int run_sealed(struct run *r, const char *snapshot, struct error *e);

/* run_clock.c: a clock that jumped. */
int run_clock_begin(struct run *r, struct error *e);
void run_clock_look(struct run *r);
int run_clock_end(struct run *r, struct error *e);

/* run_begin.c: recovery, ballast, state (run_open), and what was given. */
int run_open(struct run *r, struct error *e);
int run_begin(struct run *r, struct error *e);
void run_close(struct run *r);
/* The open snapshot of SITE to go on with; NULL none. */
const struct kept *run_kept(const struct run *r, const char *site);

void run_warn(const struct run *r, const char *object, const char *text);
int64_t run_now_us(const struct run *r);
int64_t run_now_ms(const struct run *r);

#endif
