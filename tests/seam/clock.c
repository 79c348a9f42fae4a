/* The clock of holdfast-test: takes the place of core/base/clock.c at link
 * time. HOLDFAST_TEST_CLOCK is its wall time in seconds since 1970; every
 * look at it moves on by a millisecond. */
#include "core/base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t looks;

static int64_t
test_wall_us(struct clock *c)
{
	const char *base = getenv("HOLDFAST_TEST_CLOCK");
	int64_t s = base == NULL ? 1763800067 : strtoll(base, NULL, 10);

	(void)c;
	return s * 1000000 +
	       __atomic_add_fetch(&looks, 1, __ATOMIC_SEQ_CST) * 1000;
}

static int64_t
test_mono_ms(struct clock *c)
{
	struct timespec t;

	(void)c;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct clock *
clock_system(void)
{
	static struct clock clock = { test_wall_us, test_mono_ms };

	return &clock;
}

void
clock_state(struct clock_state *state)
{
	*state = (struct clock_state){ 1, 0, 0 };
}
