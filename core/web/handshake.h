#ifndef WEB_HANDSHAKE_H
#define WEB_HANDSHAKE_H

struct buf;
struct connection;

/* What a TLS handshake shows, read from OpenSSL's own objects (which travel
 * here as void, since no header of ours names a library's types). */

/* Before: let SSL_CTX ask the server for an OCSP staple and for signed
 * certificate timestamps, which land in SCT (to outlive the context). */
void handshake_ask(void *ssl_ctx, struct buf *sct);

/* After: version, cipher, ALPN, chain, staple, SCT, verdict of SSL. */
void handshake_note(struct connection *n, void *ssl, const struct buf *sct);

/* The peer said goodbye (close_notify): what it sent is whole. 1 / 0. */
int handshake_ended(const void *ssl);

#endif
