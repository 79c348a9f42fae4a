#ifndef CRAWL_HOOK_H
#define CRAWL_HOOK_H

#include <stddef.h>
#include <signal.h>
#include <stdint.h>

struct arena;
struct clock;
struct error;

/*
 * A command of the operator's, run when something happened. No shell: words
 * are apart by blanks, '...' and "..." keep blanks, and nothing else means
 * anything. It gets the environment and FACTS, standard input is empty, what
 * it prints goes line by line to PUT.
 */

/* The words of COMMAND, NULL-terminated, in A. -1: ERROR_USAGE. */
int
hook_words(char ***out, struct arena *a, const char *command, struct error *e);

struct hook_call {
	const char *command;
	const char *const *facts; /* "HOLDFAST_SITE=...", NULL-terminated */
	struct clock *clock;
	int64_t limit_ms; /* 0: none; then it is killed */
	/* Not 0: it is asked to end, and killed 2 s later. NULL: never. */
	const volatile sig_atomic_t *stop;
	void (*put)(void *context, const char *line);
	void *context;
};

/* 0: it ended with 0; -1: it did not, or could not be started; E says why. */
int hook_call(const struct hook_call *h, struct error *e);

#endif
