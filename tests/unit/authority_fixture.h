#ifndef TESTS_AUTHORITY_FIXTURE_H
#define TESTS_AUTHORITY_FIXTURE_H

/* A test authority for certificates and time stamps, in memory. */
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/file.h"
#include "core/collection/proof_part.h"
#include "tests/test.h"

enum { AUTHORITY_DAY = 24 * 3600 };

/* A certificate with its key; whose its issuer is stays the caller's. */
struct holder {
	EVP_PKEY *key;
	X509 *cert;
};

static inline void
holder_clear(struct holder *h)
{
	EVP_PKEY_free(h->key);
	X509_free(h->cert);
}

static inline void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX c;
	X509_EXTENSION *x;

	X509V3_set_ctx(&c, issuer, cert, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &c, nid, value);
	CHECK(x != NULL);
	CHECK(X509_add_ext(cert, x, -1) == 1);
	X509_EXTENSION_free(x);
}

/* What a certificate is to be. */
struct wish {
	const char *name, *curve, *alt; /* ALT: subjectAltName or NULL */
	const char *usage;              /* extendedKeyUsage or NULL */
	const char *key_usage;          /* or NULL */
	const char *constraints;        /* of names, or NULL */
	const EVP_MD *md;               /* signed over; NULL: SHA-256 */
	int is_ca;
	int64_t from, to;            /* seconds */
	const struct holder *issuer; /* NULL: itself */
	EVP_PKEY *key;               /* NULL: a new one */
};

static inline struct holder
certify(const struct wish *w)
{
	static long serial = 1;
	struct holder h = { 0 };
	X509_NAME *name;
	X509 *issuer;

	h.key = w->key != NULL ? w->key : EVP_EC_gen(w->curve);
	if (w->key != NULL)
		(void)EVP_PKEY_up_ref(w->key);
	h.cert = X509_new();
	issuer = w->issuer == NULL ? h.cert : w->issuer->cert;
	CHECK(h.key != NULL && h.cert != NULL);
	(void)X509_set_version(h.cert, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(h.cert), serial++);
	(void)ASN1_TIME_set(X509_getm_notBefore(h.cert), (time_t)w->from);
	(void)ASN1_TIME_set(X509_getm_notAfter(h.cert), (time_t)w->to);
	(void)X509_set_pubkey(h.cert, h.key);
	name = X509_get_subject_name(h.cert);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)w->name, -1, -1, 0);
	(void)X509_set_issuer_name(h.cert, X509_get_subject_name(issuer));
	add_extension(h.cert, issuer, NID_basic_constraints,
	    w->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (w->is_ca)
		add_extension(h.cert, issuer, NID_key_usage,
		    "critical,keyCertSign,cRLSign");
	if (w->key_usage != NULL)
		add_extension(h.cert, issuer, NID_key_usage, w->key_usage);
	if (w->constraints != NULL)
		add_extension(
		    h.cert, issuer, NID_name_constraints, w->constraints);
	if (w->alt != NULL)
		add_extension(h.cert, issuer, NID_subject_alt_name, w->alt);
	if (w->usage != NULL)
		add_extension(h.cert, issuer, NID_ext_key_usage, w->usage);
	CHECK(X509_sign(h.cert, w->issuer == NULL ? h.key : w->issuer->key,
		  w->md == NULL ? EVP_sha256() : w->md) > 0);
	return h;
}

static inline void
add_pem(struct buf *out, X509 *cert)
{
	BIO *text = BIO_new(BIO_s_mem());
	char *p = NULL;
	long len;

	CHECK(PEM_write_bio_X509(text, cert) == 1);
	len = BIO_get_mem_data(text, &p);
	buf_add(out, p, (size_t)len);
	BIO_free(text);
}

/* ECDSA over SHA-256, in DER. */
static inline void
sign_der(EVP_PKEY *key, const char *text, struct buf *out)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t len = 256;

	CHECK(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1);
	CHECK(EVP_DigestSign(c, buf_room(out, len), &len,
		  (const unsigned char *)text, strlen(text)) == 1);
	out->len += len;
	EVP_MD_CTX_free(c);
}

/* ---- time stamps ---- */

static inline ASN1_INTEGER *
stamp_serial(TS_RESP_CTX *c, void *context)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();

	(void)c;
	(void)context;
	(void)ASN1_INTEGER_set(n, 7);
	return n;
}

static inline int
stamp_time(TS_RESP_CTX *c, void *context, long *sec, long *usec)
{
	(void)c;
	*sec = (long)*(int64_t *)context;
	*usec = 0;
	return 1;
}

/* A response over TEXT at SECONDS, by a clock that is right to ACCURACY
 * seconds (0: nothing is said), signed over MD; NONCE 0: none. */
static inline void
stamp_by(const struct holder *tsa, X509 *root, const char *text,
    int64_t seconds, long nonce, int accuracy, const EVP_MD *md,
    struct buf *out)
{
	uint8_t digest[32];
	TS_REQ *q = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algo = X509_ALGOR_new();
	TS_RESP_CTX *c = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *in = BIO_new(BIO_s_mem());
	uint8_t *der = NULL;
	TS_RESP *r;
	int len;

	(void)EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	(void)X509_ALGOR_set0(algo, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL);
	(void)TS_MSG_IMPRINT_set_algo(imprint, algo);
	(void)TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest));
	(void)TS_REQ_set_version(q, 1);
	(void)TS_REQ_set_msg_imprint(q, imprint);
	(void)TS_REQ_set_cert_req(q, 1);
	if (nonce != 0) {
		ASN1_INTEGER *n = ASN1_INTEGER_new();

		(void)ASN1_INTEGER_set(n, nonce);
		(void)TS_REQ_set_nonce(q, n);
		ASN1_INTEGER_free(n);
	}
	len = i2d_TS_REQ(q, &der);
	(void)BIO_write(in, der, len);
	OPENSSL_free(der);
	(void)TS_RESP_CTX_set_signer_cert(c, tsa->cert);
	(void)TS_RESP_CTX_set_signer_key(c, tsa->key);
	(void)TS_RESP_CTX_set_signer_digest(c, md);
	if (accuracy > 0)
		(void)TS_RESP_CTX_set_accuracy(c, accuracy, 0, 0);
	(void)TS_RESP_CTX_set_def_policy(c, policy);
	(void)TS_RESP_CTX_add_md(c, EVP_sha256());
	(void)sk_X509_push(certs, root);
	(void)TS_RESP_CTX_set_certs(c, certs);
	TS_RESP_CTX_set_serial_cb(c, stamp_serial, NULL);
	TS_RESP_CTX_set_time_cb(c, stamp_time, &seconds);
	r = TS_RESP_create_response(c, in);
	CHECK(r != NULL);
	der = NULL;
	len = i2d_TS_RESP(r, &der);
	CHECK(len > 0);
	buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	TS_RESP_free(r);
	TS_RESP_CTX_free(c);
	sk_X509_free(certs);
	ASN1_OBJECT_free(policy);
	X509_ALGOR_free(algo);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(q);
	BIO_free(in);
}

static inline void
stamp(const struct holder *tsa, X509 *root, const char *text, int64_t seconds,
    long nonce, struct buf *out)
{
	stamp_by(tsa, root, text, seconds, nonce, 0, EVP_sha256(), out);
}

#endif
