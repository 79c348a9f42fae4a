/* The only source of time. */
#include "core/base/clock.h"

#include <sys/timex.h>
#include <time.h>

static int64_t
system_wall_us(struct clock *c)
{
	struct timespec t;

	(void)c;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t
system_mono_ms(struct clock *c)
{
	struct timespec t;

	(void)c;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct clock *
clock_system(void)
{
	/* Never written after start, so it is no mutable state. */
	static struct clock clock = {
		.wall_us = system_wall_us,
		.mono_ms = system_mono_ms,
	};

	return &clock;
}

void
clock_state(struct clock_state *state)
{
	struct timex t = { 0 };
	int r = adjtimex(&t);

	if (r == -1) {
		*state = (struct clock_state){ -1, -1, -1 };
		return;
	}
	state->synchronized = r != TIME_ERROR && !(t.status & STA_UNSYNC);
	state->error_us = t.esterror;
	state->maximum_error_us = t.maxerror;
}
