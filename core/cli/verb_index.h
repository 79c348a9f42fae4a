#ifndef CLI_VERB_INDEX_H
#define CLI_VERB_INDEX_H

#include <stddef.h>

struct cli;
struct error;

/* "index find URL [TIME]": an exit code. */
int verb_index_find(struct cli *c);

/* A line of any index as a JSON object; LEN without its LF. */
void index_print_json(const char *line, size_t len);

/* NAMES are of settings that mean nothing here. -1: one was given. */
int index_no_options(const struct cli *c, const char *const *names,
    const char *where, struct error *e);

#endif
