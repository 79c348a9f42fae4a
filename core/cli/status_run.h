#ifndef CLI_STATUS_RUN_H
#define CLI_STATUS_RUN_H

#include <stdint.h>

struct arena;
struct cli;
struct collection;
struct json;

/* What status says of the crawler: read from state/run.sqlite, without a lock
 * and beside a run; without a state there is little to say. */
struct run_status {
	int has_state;       /* there is one that reads */
	int state_is_broken; /* there is one that does not */
	uint64_t waiting, due, watch_due, incomplete, disappeared, suspected;
	uint64_t orphans, backoff, pending, alarms;
	uint64_t free_bytes, min_free;
	uint64_t bytes_per_day;
	int64_t days_left; /* until min-free; -1 not known */
	int64_t ended_us, good_us;
	int code;                              /* of the last run */
	struct json *sites, *hosts, *standing; /* arrays */
};

void run_status_read(struct run_status *s, struct arena *a,
    const struct cli *cli, const struct collection *c, int64_t now_us);

void
run_status_json(const struct run_status *s, struct arena *a, struct json *o);
void run_status_text(const struct run_status *s, int64_t now_us);

#endif
