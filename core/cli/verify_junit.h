#ifndef CLI_VERIFY_JUNIT_H
#define CLI_VERIFY_JUNIT_H

#include "core/archive/verify.h"

struct error;

/*
 * JUnit XML: a testsuite for each file, in bytewise order of the names; in it
 * a testcase for each finding, or one when there is none. Findings of one
 * file may come at any time: they are sorted on disk, so that memory stays
 * the same however many there are.
 */
struct junit;

/* PATH is made now and written by junit_end. */
int junit_new(struct junit **out, const char *path, struct error *e);
void junit_free(struct junit *j); /* NULL is fine */

int junit_file(struct junit *j, const char *file, struct error *e);
int junit_finding(struct junit *j, const struct finding *f, struct error *e);
int junit_unread(
    struct junit *j, const char *file, const char *why, struct error *e);

int junit_end(struct junit *j, struct error *e);

#endif
