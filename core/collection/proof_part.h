#ifndef COLLECTION_PROOF_PART_H
#define COLLECTION_PROOF_PART_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ec.h>

struct buf;

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

#endif
