/* What a capture came to: words and exit codes. */
#include <stdlib.h>

#include "core/crawl/capture.h"

const char *
capture_status(const struct capture_result *r)
{
	if (r->stopped)
		return "signal";
	if (r->disk_full)
		return "disk";
	if (r->time_up)
		return "time";
	return r->size_up ? "size" : "complete";
}

void
capture_result_clear(struct capture_result *r)
{
	free(r->snapshot);
	*r = (struct capture_result){ 0 };
}

int
capture_exit_code(const struct capture_result *r)
{
	uint64_t bad = r->seeds - r->seeds_good;

	if (r->disk_full)
		return 16;
	if (r->stopped)
		return 11;
	if (r->size_up)
		return 14;
	if (r->time_up)
		return 15;
	if (r->seeds_tls > 0)
		return 5;
	if (r->rate_limited)
		return 18;
	if (r->seeds_auth > 0)
		return 6;
	if (r->seeds_protocol > 0)
		return 7;
	if (r->seeds > 0 && r->seeds_network == r->seeds)
		return 4;
	if (bad > 0 || r->incomplete > 0 || r->truncated > 0 ||
	    r->not_tried > 0)
		return 8;
	return r->seeds == 0 && r->seeds_bad_url > 0 ? 2 : 0;
}
