#ifndef CRAWL_EARLIER_H
#define CRAWL_EARLIER_H

/* What is known of a target's earlier captures: of revisits.c. */
struct earlier;

void earlier_free(struct earlier *x); /* NULL is fine */

#endif
