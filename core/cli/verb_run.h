#ifndef CLI_VERB_RUN_H
#define CLI_VERB_RUN_H

#include "core/crawl/alarms.h"
#include "core/crawl/run.h"

struct arena;
struct cli;
struct collection;
struct json;

/* What a run tells people and programs. */
struct run_output {
	struct cli *cli;
	struct arena *arena;
	struct run_alarm *alarms; /* told at the end, in one paragraph */
	struct run_alarm **alarms_end;
	uint64_t sites, pages, first_seen, changed;
};

void run_output_warn(void *context, const char *object, const char *text);
void run_output_progress(void *context, const struct run_progress *p);
void run_output_alarm(
    void *context, enum alarm_when when, const char *key, const char *text);
void run_output_site(void *context, const struct run_site *s);

/* The paragraph, and the last line. */
void run_output_end(struct run_output *o, int code);

/* run --dry-run: what is due, without a lock. An exit code. */
int run_dry(struct cli *c, const struct collection *collection,
    const char *const *names);

#endif
