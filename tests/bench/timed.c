/*
 * Run a command and say what it took.
 *
 *	timed RESULTS COMMAND [ARGUMENT ...]
 *
 * Appends "WALL CPU PEAK" to RESULTS: seconds, user + system seconds, KiB
 * resident at most. Ends as the command does. Milliseconds, which time(1)
 * rounds away.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage u;
	int status = 0;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return 125;
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid)
		return 125;
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	f = fopen(argv[1], "ae");
	if (f == NULL)
		return 125;
	(void)fprintf(f, "%.4f %.4f %ld\n",
	    (double)(to.tv_sec - from.tv_sec) +
		(double)(to.tv_nsec - from.tv_nsec) / 1e9,
	    seconds(&u.ru_utime) + seconds(&u.ru_stime), u.ru_maxrss);
	if (fclose(f) != 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
