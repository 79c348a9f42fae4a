#ifndef CLI_VERB_INDEX_H
#define CLI_VERB_INDEX_H

struct cli;

/* "index find URL [TIME]": an exit code. */
int verb_index_find(struct cli *c);

#endif
