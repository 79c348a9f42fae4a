#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * Why something failed. Callers branch on the kind, people read the text.
 * Every function takes the error as its last parameter and accepts NULL when
 * the caller does not care. Messages name the object first, are lower case
 * and have no full stop.
 */

enum error_kind {
	ERROR_NONE,
	ERROR_INPUT,     /* foreign bytes that do not read */
	ERROR_INTEGRITY, /* bytes that read well but are not those recorded */
	ERROR_LIMIT,     /* a named limit was reached */
	ERROR_NOTFOUND,
	ERROR_USAGE,     /* arguments, configuration, newer layout */
	ERROR_LOCKED,    /* another run holds the lock */
	ERROR_KEY,       /* a key or root of trust is missing, or not private */
	ERROR_WITHDRAWN, /* is kept, or was, and must not be shown */
	ERROR_STOPPED,   /* asked to stop; nothing is left half done */
	ERROR_SYSTEM,    /* our disk, memory, kernel: ends a run */
};

#define ERROR_TEXT_MAX 1024

struct error {
	enum error_kind kind;
	char text[ERROR_TEXT_MAX];
};

/* Fill E; always returns -1, so that "return error_set(...)" reads well. */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set with ERROR_SYSTEM, followed by ": " and strerror(errno). */
int error_system(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "context: " in front of the text already there; returns -1. */
int error_within(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Back to "no error". */
void error_clear(struct error *e);

#endif
