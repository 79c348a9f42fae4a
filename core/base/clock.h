#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * The only source of time, passed to whoever stamps or waits. The program
 * calls clock_system once, in main; tests link a clock_system of their own or
 * pass a struct clock they made.
 */
struct clock {
	int64_t (*wall_us)(struct clock *); /* since 1970-01-01T00:00:00Z */
	int64_t (*mono_ms)(struct clock *); /* only differences mean anything */
};

struct clock *clock_system(void);

/* What the kernel knows of its own clock, for warcinfo (adjtimex). */
struct clock_state {
	int synchronized;         /* 1 yes, 0 no, -1 not known */
	int64_t error_us;         /* estimated error; -1 not known */
	int64_t maximum_error_us; /* -1 not known */
};

void clock_state(struct clock_state *state);

#endif
