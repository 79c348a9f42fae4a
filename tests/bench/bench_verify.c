/*
 * What verifying FILEs takes, by so many threads.
 *
 *	bench_verify THREADS ROUNDS FILE...
 *
 * Prints a line a round: seconds on the clock, of all threads, records,
 * megabytes of blocks, findings that are more than notes, KiB resident at
 * most so far. Beside it stand bound (the least it could take) and timed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "core/archive/verify.h"
#include "core/base/error.h"

static double
cpu_seconds(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u); /* cannot fail for this */
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double
clock_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
verify(const struct verify_options *o, const char *file, struct error *e)
{
	struct verify_totals t = { 0 };
	double wall = clock_seconds();
	double cpu = cpu_seconds();
	struct rusage u;

	if (verify_file(file, file, o, &t, e) != 0)
		return -1;
	wall = clock_seconds() - wall;
	cpu = cpu_seconds() - cpu;
	(void)getrusage(RUSAGE_SELF, &u); /* cannot fail for this */
	printf("%s %.3f %.3f %" PRIu64 " %.1f %" PRIu64 " %ld\n", file, wall,
	    cpu, t.records, (double)t.block_bytes / 1e6,
	    t.warnings + t.damaged + t.changed, u.ru_maxrss);
	return 0;
}

int
main(int argc, char **argv)
{
	struct verify_options o = { 0 };
	struct error e = { 0 };
	int rounds;

	if (argc < 4)
		return 2;
	o.threads = (unsigned)strtoul(argv[1], NULL, 10);
	rounds = (int)strtol(argv[2], NULL, 10);
	for (int i = 0; i < rounds; i++)
		for (int f = 3; f < argc; f++)
			if (verify(&o, argv[f], &e) != 0) {
				fprintf(stderr, "bench_verify: %s\n", e.text);
				return 1;
			}
	return 0;
}
