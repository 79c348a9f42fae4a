#ifndef COLLECTION_PROOF_PART_H
#define COLLECTION_PROOF_PART_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

struct arena;
struct buf;
struct proof_trust;

/* The inside of proof*.c. */

enum {
	PROOF_P384 = 48 /* bytes of a number of the curve */
};

/* Base64 with its padding, appended. */
void proof_add_base64(struct buf *out, const void *p, size_t len);

/* The other way, strictly: one line, padded, no bits left over. 1 / 0. */
int proof_read_base64(struct buf *out, const char *s, size_t len);

/* A key of P-384 by its uncompressed point, or NULL. */
EVP_PKEY *proof_public_of_point(const uint8_t *raw, size_t len);

/*
 * ECDSA over SHA-256 of P with the nonce of RFC 6979, 3.2: r and s, each of
 * PROOF_P384 bytes. GROUP is P-384. 0 / -1.
 */
int proof_ecdsa(const EC_GROUP *group, const BIGNUM *secret, const void *p,
    size_t len, uint8_t out[2 * PROOF_P384]);

/* Does it verify with a key of P-384? 1 / 0. */
int proof_raw_verifies(EVP_PKEY *key, const uint8_t raw[2 * PROOF_P384],
    const void *p, size_t len);

/* The same of a signature in DER, by any key. */
int proof_der_verifies(EVP_PKEY *key, const uint8_t *der, size_t der_len,
    const void *p, size_t len);

/* ---- certificates ---- */

enum { PROOF_PEM_MAX = 256 * 1024, PROOF_STAMP_MAX = 64 * 1024 };

struct proof_trust {
	X509_STORE *store;
};

/* A chain in PEM: 1 to LIMIT_CERTIFICATES of them. NULL: it does not read. */
STACK_OF(X509) * proof_certs_read(const char *pem, size_t len);
void proof_certs_free(STACK_OF(X509) * certs);

/* Is each vouched for by the next, and valid at US? NULL, or why not, in A. */
const char *
proof_chain_fault(struct arena *a, STACK_OF(X509) * certs, int64_t us);

/* Does LEAF lead to somebody in T at US, over OTHERS? PURPOSE is an
 * X509_PURPOSE; weak digests and keys prove nothing. NULL, or why not, in A. */
const char *proof_trust_fault(struct arena *a, const struct proof_trust *t,
    X509 *leaf, STACK_OF(X509) * others, int64_t us, int purpose);

/* ---- time stamps (RFC 3161) ---- */

struct proof_stamp {
	const uint8_t *der; /* TimeStampResp */
	size_t der_len;
	const void *data; /* what was stamped */
	size_t len;
	STACK_OF(X509) * certs; /* of the authority, with its root */
	const uint8_t *nonce;   /* that was asked for; NULL: none */
	size_t nonce_len;
	const struct proof_trust *trust; /* NULL: none */
};

/* US gets the time stamped, UNTRUSTED NULL or why nobody believed in vouches
 * for it to the minute. NULL, or what is wrong, in A. */
const char *proof_stamp_fault(struct arena *a, const struct proof_stamp *s,
    int64_t *us, const char **untrusted);

#endif
