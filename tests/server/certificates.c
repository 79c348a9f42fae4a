/* Certificates for the raw server. */
#include "tests/server/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { DAY = 24 * 60 * 60 };

enum leaf {
	LEAF_GOOD,
	LEAF_EXPIRED,
	LEAF_EARLY,
	LEAF_SELF,
	LEAF_ORPHAN,
	LEAVES
};

struct certificates {
	EVP_PKEY *key; /* one for all */
	X509 *root, *middle;
	SSL_CTX *leaf[LEAVES];
};

struct wanted {
	const char *name;
	const char *names; /* subjectAltName; NULL: an authority */
	long from_s, to_s; /* from now */
	X509 *issuer;      /* NULL: itself */
};

static void
extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	(void)X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
}

static X509 *
make(EVP_PKEY *key, const struct wanted *w, long serial)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	(void)X509_set_version(x, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), w->from_s);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), w->to_s);
	(void)X509_set_pubkey(x, key);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)w->name, -1, -1, 0);
	(void)X509_set_issuer_name(
	    x, X509_get_subject_name(w->issuer != NULL ? w->issuer : x));
	if (w->names == NULL) {
		extend(x, NID_basic_constraints, "critical,CA:TRUE");
		extend(x, NID_key_usage, "critical,keyCertSign,cRLSign");
	} else {
		extend(x, NID_basic_constraints, "critical,CA:FALSE");
		extend(x, NID_subject_alt_name, w->names);
	}
	(void)X509_sign(x, key, EVP_sha256());
	return x;
}

static int
staple(SSL *ssl, void *unused)
{
	static const char text[] = CERTIFICATES_OCSP;
	unsigned char *copy = OPENSSL_memdup(text, sizeof(text) - 1);

	(void)unused;
	(void)SSL_set_tlsext_status_ocsp_resp(ssl, copy, sizeof(text) - 1);
	return SSL_TLSEXT_ERR_OK;
}

static int
add_sct(SSL *ssl, unsigned type, unsigned where, const unsigned char **out,
    size_t *len, X509 *x, size_t place, int *alert, void *unused)
{
	(void)ssl;
	(void)type;
	(void)where;
	(void)x;
	(void)alert;
	(void)unused;
	*out = (const unsigned char *)CERTIFICATES_SCT;
	*len = sizeof(CERTIFICATES_SCT) - 1;
	return place == 0;
}

static SSL_CTX *
context(const struct certificates *c, X509 *leaf, int with_chain)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	(void)SSL_CTX_use_certificate(ctx, leaf);
	(void)SSL_CTX_use_PrivateKey(ctx, c->key);
	if (with_chain)
		(void)SSL_CTX_add1_chain_cert(ctx, c->middle);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_AUTO_RETRY);
	return ctx;
}

/* TLS, the context of the name that was asked for. */
static int
choose(SSL *ssl, int *alert, void *context)
{
	static const struct {
		const char *name;
		enum leaf leaf;
	} names[] = {
		{ "expired.site.test", LEAF_EXPIRED },
		{ "early.site.test", LEAF_EARLY },
		{ "self.site.test", LEAF_SELF },
		{ "orphan.site.test", LEAF_ORPHAN },
	};
	const struct certificates *c = context;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (name != NULL && strcmp(name, names[i].name) == 0)
			(void)SSL_set_SSL_CTX(ssl, c->leaf[names[i].leaf]);
	}
	return SSL_TLSEXT_ERR_OK;
}

static int
write_root(const struct certificates *c, const char *path)
{
	FILE *file = fopen(path, "w");
	int is_written;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	is_written = PEM_write_X509(file, c->root) == 1;
	return fclose(file) == 0 && is_written ? 0 : -1;
}

struct certificates *
certificates_new(const char *path)
{
	static const char good[] = "DNS:localhost,DNS:site.test,"
				   "DNS:*.site.test,DNS:*.almayadeen.net,"
				   "IP:127.0.0.1,IP:::1";
	struct certificates *c = mem_zero(1, sizeof(*c));
	const struct wanted root = { "Raw test root", NULL, -DAY, 9 * DAY,
		NULL };
	struct wanted middle = { "Raw test middle", NULL, -DAY, 9 * DAY, NULL };
	struct wanted leaf[LEAVES] = {
		[LEAF_GOOD] = { "site.test", good, -DAY, DAY, NULL },
		[LEAF_EXPIRED] = { "site.test", good, -3 * DAY, -DAY, NULL },
		[LEAF_EARLY] = { "site.test", good, DAY, 3 * DAY, NULL },
		[LEAF_SELF] = { "site.test", good, -DAY, DAY, NULL },
		[LEAF_ORPHAN] = { "site.test", good, -DAY, DAY, NULL },
	};

	c->key = EVP_EC_gen("P-256");
	c->root = make(c->key, &root, 1);
	middle.issuer = c->root;
	c->middle = make(c->key, &middle, 2);
	for (int i = 0; i < LEAVES; i++) {
		X509 *x;

		leaf[i].issuer = i == LEAF_SELF ? NULL : c->middle;
		x = make(c->key, &leaf[i], 3 + i);
		c->leaf[i] = context(c, x, i != LEAF_SELF && i != LEAF_ORPHAN);
		X509_free(x);
	}
	(void)SSL_CTX_set_tlsext_servername_callback(
	    c->leaf[LEAF_GOOD], choose);
	(void)SSL_CTX_set_tlsext_servername_arg(c->leaf[LEAF_GOOD], c);
	(void)SSL_CTX_set_tlsext_status_cb(c->leaf[LEAF_GOOD], staple);
	(void)SSL_CTX_add_custom_ext(c->leaf[LEAF_GOOD],
	    TLSEXT_TYPE_signed_certificate_timestamp,
	    SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO |
		SSL_EXT_TLS1_3_CERTIFICATE,
	    add_sct, NULL, NULL, NULL, NULL);
	return write_root(c, path) == 0 ? c : NULL;
}

SSL_CTX *
certificates_context(const struct certificates *c)
{
	return c->leaf[LEAF_GOOD];
}
