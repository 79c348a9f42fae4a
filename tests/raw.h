#ifndef TESTS_RAW_H
#define TESTS_RAW_H

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The raw-byte server (tests/server) as a child of a test, in the directory
 * the test runs in; it is in build/MODE, as the test is. */
struct raw {
	pid_t pid;
	FILE *out;
	char program[PATH_MAX];
	int plain_port, tls_port;
	char ca[256];
};

static void
raw_find(struct raw *r)
{
	ssize_t n = readlink(
	    "/proc/self/exe", r->program, sizeof(r->program) - 8);

	r->program[n < 0 ? 0 : n] = '\0';
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(r->program, '/');

		if (slash != NULL)
			*slash = '\0';
	}
	(void)strcat(r->program, "/raw");
}

/* Start it with ARGUMENT; its stdout is r->out. 0 / -1. */
static int
raw_run(struct raw *r, const char *argument)
{
	int ends[2];

	raw_find(r);
	if (pipe(ends) != 0)
		return -1;
	r->pid = fork();
	if (r->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)execl(r->program, "raw", argument, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	r->out = fdopen(ends[0], "r");
	return r->pid > 0 && r->out != NULL ? 0 : -1;
}

static void
raw_stop(struct raw *r)
{
	if (r->out != NULL)
		(void)fclose(r->out);
	if (r->pid > 0) {
		(void)kill(r->pid, SIGTERM);
		(void)waitpid(r->pid, NULL, 0);
	}
	*r = (struct raw){ 0 };
}

/* 0 when it serves. */
static int
raw_start(struct raw *r)
{
	*r = (struct raw){ 0 };
	if (raw_run(r, "--record") == 0 &&
	    fscanf(r->out, "plain %d tls %d ca %255s", &r->plain_port,
		&r->tls_port, r->ca) == 3)
		return 0;
	printf("# %s does not start\n", r->program);
	raw_stop(r);
	return -1;
}

#endif
