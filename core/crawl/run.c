/* One pass over the sites that a collection watches. */
#include "core/crawl/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/crawl/ballast.h"
#include "core/crawl/run_part.h"
#include "core/crawl/tallies.h"

enum {
	CODE_USAGE = 2,
	CODE_FILE = 3,
	CODE_CHANGED = 10,
	CODE_SIGNAL = 11,
	CODE_TIME = 15,
	CODE_DISK = 16,
	CODE_LOCKED = 19,
	CODE_DAMAGED = 23
};

#define FULL_BYTES UINT64_C(1048576) /* less than this is none */

int
run_worse_code(int a, int b)
{
	/* The first that applies (DESIGN, 9). */
	static const int order[] = { 2, 13, 19, 10, 23, 3, 16, 11, 14, 15, 5,
		18, 20, 6, 7, 4, 8, 22, 24, 1 };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return 0;
}

char *
run_progress_text(const struct run_progress *p)
{
	double seconds = (double)(p->elapsed_ms > 0 ? p->elapsed_ms : 1) / 1e3;
	char *left = p->left_ms < 0 ? mem_text("")
				    : mem_format(", %" PRId64 " s left",
					  p->left_ms / 1000);
	char *text = mem_format("%s: %" PRIu64 " done, %" PRIu64
				" queued, %" PRIu64 " failed, %" PRIu64
				" files, %.1f MB, %.2f MB/s%s  %s",
	    p->site, p->done, p->queued, p->failed, p->files,
	    (double)p->bytes / 1e6, (double)p->bytes / 1e6 / seconds, left,
	    p->url);

	free(left);
	return text;
}

static int
is_no_space(const struct error *e)
{
	return strstr(e->text, strerror(ENOSPC)) != NULL ||
	       strstr(e->text, "disk is full") != NULL; /* SQLite's words */
}

static int
code_of(const struct error *e)
{
	if (is_no_space(e))
		return CODE_DISK;
	switch (e->kind) {
	case ERROR_USAGE:
	case ERROR_NOTFOUND:
		return CODE_USAGE;
	case ERROR_LOCKED:
		return CODE_LOCKED;
	case ERROR_INTEGRITY:
		return CODE_CHANGED;
	case ERROR_INPUT:
		return CODE_DAMAGED;
	case ERROR_SYSTEM:
		return CODE_FILE;
	case ERROR_LIMIT:
	case ERROR_KEY:
	case ERROR_WITHDRAWN:
	case ERROR_STOPPED:
	case ERROR_NONE:
		break;
	}
	return 1;
}

/* Every section must read before anything begins. */
static int
read_sites(struct run *r, struct error *e)
{
	const char *const *all = config_sites(r->o->config);
	size_t n = 0;

	while (all[n] != NULL)
		n++;
	r->all = arena_alloc(r->arena, (n + 1) * sizeof(*r->all));
	for (; r->all_count < n; r->all_count++)
		if (site_read(&r->all[r->all_count], r->arena, r->o->config,
			r->o->profiles, all[r->all_count], e) != 0)
			return -1;
	r->names = r->o->sites == NULL ? all : r->o->sites;
	while (r->names[r->name_count] != NULL)
		r->name_count++;
	return 0;
}

/* 1: there is room; 0: less than --min-free. */
static int
has_room(const struct run *r)
{
	uint64_t bytes;

	return file_free_bytes(r->o->collection->dir, &bytes, NULL) != 0 ||
	       bytes >= config_size(r->o->config, "min-free");
}

static int
must_end(struct run *r)
{
	if (r->o->stop != NULL && *r->o->stop) {
		r->code = run_worse_code(r->code, CODE_SIGNAL);
		return 1;
	}
	if (r->end_at_ms > 0 && run_now_ms(r) >= r->end_at_ms) {
		r->code = run_worse_code(r->code, CODE_TIME);
		return 1;
	}
	return r->is_full;
}

/* A full disk: let go of the ballast, seal what there is, and end. */
static int
after_full(struct run *r, struct error *e)
{
	uint64_t bytes = UINT64_MAX;

	(void)file_free_bytes(r->o->collection->dir, &bytes, NULL);
	if (bytes >= FULL_BYTES && !is_no_space(e))
		return -1;
	r->is_full = 1;
	run_close(r);
	(void)ballast_release(r->o->collection);
	run_warn(r, r->o->collection->dir, e->text);
	error_clear(e);
	r->name_count = 0; /* nothing goes on: recovery seals all */
	return run_open(r, e);
}

/* The sites in the order of their turns: who had none for the longest time is
 * the first, so that a run that ends early does not always end before the same
 * ones. */
static const char **
order_turns(const struct run *r)
{
	size_t n = r->name_count;
	const char **names = arena_alloc(r->arena, (n + 1) * sizeof(*names));
	int64_t *last = arena_alloc(r->arena, (n + 1) * sizeof(*last));

	for (size_t i = 0; i < n; i++) {
		int64_t at = tallies_last_turn(r->state, r->names[i]);
		size_t k = i;

		for (; k > 0 && last[k - 1] > at; k--) {
			last[k] = last[k - 1];
			names[k] = names[k - 1];
		}
		last[k] = at;
		names[k] = r->names[i];
	}
	return names;
}

static int
take_turns(struct run *r, struct error *e)
{
	const char **names = order_turns(r);

	if (!has_room(r))
		r->is_full = 1;
	for (size_t i = 0; i < r->name_count && !must_end(r); i++)
		if (tallies_turn(r->state, names[i], run_now_us(r), e) != 0 ||
		    run_pass(r, names[i], e) != 0)
			return -1;
	return 0;
}

static void
log_end(const struct run *r)
{
	char *text = mem_format("exit %d", r->code);

	log_event(run_now_us(r), "run-end", "", text);
	free(text);
}

int
run_sites(const struct run_options *o, int *code, struct error *e)
{
	struct run r = { .o = o, .arena = arena_new() };
	int64_t now = o->clock->wall_us(o->clock);
	int rc = read_sites(&r, e);

	if (o->max_time_ms > 0)
		r.end_at_ms = run_now_ms(&r) + o->max_time_ms;
	if (rc == 0) {
		log_event(now, "run-begin", "", "");
		rc = run_begin(&r, e);
	}
	if (rc == 0) {
		rc = take_turns(&r, e);
		if (rc != 0)
			rc = after_full(&r, e);
		if (rc == 0)
			rc = run_judge(&r, e);
	}
	if (rc != 0)
		r.code = run_worse_code(r.code, code_of(e));
	log_end(&r);
	*code = r.code;
	run_close(&r);
	arena_free(r.arena);
	return rc;
}
