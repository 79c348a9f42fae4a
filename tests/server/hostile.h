#ifndef SERVER_HOSTILE_H
#define SERVER_HOSTILE_H

struct peer;

/*
 * What a server can do to a visitor, below /hostile/ (hostile.c lists it), and
 * the honest pages beside it, /real/N: a page with three pictures and a
 * stylesheet.
 */

/* 0: answered, the connection goes on; -1: it ends; 1: no such path. */
int hostile_answer(struct peer *peer, const char *target);

#endif
