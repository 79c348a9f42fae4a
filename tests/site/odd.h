#ifndef TESTS_SITE_ODD_H
#define TESTS_SITE_ODD_H

struct answer;

/*
 * Pages that test limits and manners, all below /odd/:
 *	nested?n=N    N nested div elements around a picture
 *	images?n=N    N pictures that exist
 *	missing       an article whose body image is not there
 *	windows-1256  Arabic text in that charset, said in the header
 *	latin1        header says utf-8, bytes are windows-1252
 *	empty         200 without a byte
 *	pdf, picture  something else than a page
 *	plain         text/plain
 *	broken        tags that never close, attributes without quotes
 *	to-article    301 to an article
 *	hop?n=N       302 to hop?n=N+1, without end; robots.txt of the host
 *	              hops.* leads here
 *	uses-article  a page that takes to-article for a picture
 */
void odd_answer(const char *target, struct answer *out);

#endif
