#ifndef TESTS_SITE_TRUTH_H
#define TESTS_SITE_TRUTH_H

struct buf;
struct news;

/*
 * What the site shows, and when, from the scenario alone: JSON lines.
 *
 *	{"truth":"version","id":,"edition":,"url":,"post":,"n":,"from":,"to":,
 *	 "core":,"headline":,"dek":,"blocks":[["p","text"]...],"modified":,
 *	 "pictures":[url...]}
 *	{"truth":"gone","id":,"how":,"from":,"to":}
 *	{"truth":"condition","what":,"from":,"to":,"host":,"path":}
 *
 * A version is a run of time in which a change of the article left its core
 * hash as it was or the article stayed untouched; "to" is null at the end.
 */
void truth_write(const struct news *n, struct buf *out);

#endif
