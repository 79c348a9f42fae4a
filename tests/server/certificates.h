#ifndef SERVER_CERTIFICATES_H
#define SERVER_CERTIFICATES_H

#include <openssl/ssl.h>

/*
 * A little public key infrastructure made anew at each start: a root, an
 * intermediate, and leaves that are good or bad in one way each.
 *
 *	localhost, site.test, *.site.test, 127.0.0.1, ::1   good
 *	*.almayadeen.net                  good, for the fixture news site
 *	expired.site.test                                   over
 *	early.site.test                                     not yet valid
 *	self.site.test                                      signed by itself
 *	orphan.site.test                  good, intermediate not sent
 */
struct certificates;

/* Writes the root as PEM to PATH. NULL: said on stderr. */
struct certificates *certificates_new(const char *path);

/* A server's context that chooses by the name asked for. */
SSL_CTX *certificates_context(const struct certificates *c);

/* What the good leaf staples: bytes of no meaning, to be found again. The
 * list has the lengths that RFC 6962, 3.3 wants: browsers look at them. */
#define CERTIFICATES_OCSP "not really an OCSP response"
#define CERTIFICATES_SCT  "\0\x21\0\x1fnot really a list of timestamps"

#endif
