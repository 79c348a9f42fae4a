/* What a TLS handshake shows. */
#include "core/web/handshake.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/exchange.h"

enum { READ_AHEAD_BYTES = 64 * 1024 };

/* RFC 6962, 3.3.1: the list as the server sent it, with the leaf's entry. */
static int
on_sct(SSL *ssl, unsigned type, unsigned where, const unsigned char *p,
    size_t len, X509 *certificate, size_t place, int *alert, void *context)
{
	struct buf *sct = context;

	(void)ssl;
	(void)type;
	(void)where;
	(void)certificate;
	(void)alert;
	if (place == 0) {
		buf_reset(sct);
		buf_add(sct, p, len);
	}
	return 1;
}

void
handshake_ask(void *ssl_ctx, struct buf *sct)
{
	SSL_CTX *ctx = ssl_ctx;

	(void)SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp);
	(void)SSL_CTX_add_custom_ext(ctx,
	    TLSEXT_TYPE_signed_certificate_timestamp,
	    SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO |
		SSL_EXT_TLS1_3_CERTIFICATE,
	    NULL, NULL, NULL, on_sct, sct); /* absent facts are fine */
	/* The end of the connection is no goodbye (handshake_ended). */
	SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* One read of the socket instead of two for each TLS record. */
	SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD_BYTES);
	SSL_CTX_set_read_ahead(ctx, 1);
}

static void
note_chain(struct connection *n, SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	int count = chain == NULL ? 0 : sk_X509_num(chain);

	if (count > LIMIT_CERTIFICATES)
		count = LIMIT_CERTIFICATES;
	n->chain = mem_zero((size_t)count + 1, sizeof(*n->chain));
	for (int i = 0; i < count; i++) {
		struct certificate *to = &n->chain[n->chain_count];
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, i), &der);

		if (len <= 0)
			continue;
		to->der = mem_dup(der, (size_t)len);
		to->len = (size_t)len;
		digest_text(DIGEST_SHA256, to->der, to->len, to->digest);
		n->chain_count++;
		OPENSSL_free(der);
	}
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = mem_text(text);
}

void
handshake_note(struct connection *n, void *ssl_object, const struct buf *sct)
{
	SSL *ssl = ssl_object;
	const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
	const unsigned char *p = NULL;
	unsigned alpn_len = 0;
	long result = SSL_get_verify_result(ssl);
	long len;

	set_text(&n->tls_version,
	    SSL_version(ssl) == TLS1_3_VERSION ? "tls/1.3" : "tls/1.2");
	if (cipher != NULL)
		set_text(&n->cipher, SSL_CIPHER_standard_name(cipher));
	SSL_get0_alpn_selected(ssl, &p, &alpn_len);
	if (alpn_len > 0) {
		free(n->alpn);
		n->alpn = mem_text_n((const char *)p, alpn_len);
	}
	note_chain(n, ssl);
	len = SSL_get_tlsext_status_ocsp_resp(ssl, &p);
	if (len > 0) {
		n->ocsp = mem_dup(p, (size_t)len);
		n->ocsp_len = (size_t)len;
	}
	if (sct->len > 0) {
		n->sct = mem_dup(sct->data, sct->len);
		n->sct_len = sct->len;
	}
	set_text(&n->verify,
	    result == X509_V_OK ? "ok" : X509_verify_cert_error_string(result));
}

int
handshake_ended(const void *ssl)
{
	return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}
