/* ECDSA with the nonce of RFC 6979, and the two spellings of signatures. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "core/base/buf.h"
#include "core/collection/proof_part.h"

enum {
	HASH = SHA256_DIGEST_LENGTH,
	NONCE_TRIES = 100 /* the first but never fails */
};

/* ---- base64 ---- */

void
proof_add_base64(struct buf *out, const void *p, size_t len)
{
	size_t room = (len + 2) / 3 * 4;
	uint8_t *to = buf_room(out, room + 1);

	out->len += (size_t)EVP_EncodeBlock(to, p, (int)len);
}

static int
sextet(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int
proof_read_base64(struct buf *out, const char *s, size_t len)
{
	uint32_t bits = 0;
	size_t pad = 0;

	if (len == 0 || len % 4 != 0)
		return 0;
	while (pad < 2 && s[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len - pad; i++) {
		int v = sextet((unsigned char)s[i]);

		if (v < 0)
			return 0;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 == 1)
			buf_add_byte(out, (uint8_t)(bits >> 4));
		else if (i % 4 == 2)
			buf_add_byte(out, (uint8_t)(bits >> 2));
		else if (i % 4 == 3)
			buf_add_byte(out, (uint8_t)bits);
	}
	/* One spelling each: nothing stands in what is cut off. */
	return pad == 0 || (bits & (pad == 2 ? 0xf : 0x3)) == 0;
}

/* ---- keys and spellings ---- */

EVP_PKEY *
proof_public_of_point(const uint8_t *raw, size_t len)
{
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (parts != NULL && c != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		parts, OSSL_PKEY_PARAM_GROUP_NAME, "P-384", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		parts, OSSL_PKEY_PARAM_PUB_KEY, raw, len) == 1)
		params = OSSL_PARAM_BLD_to_param(parts);
	if (params == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(parts);
	EVP_PKEY_CTX_free(c);
	return key;
}

int
proof_der_verifies(EVP_PKEY *key, const uint8_t *der, size_t der_len,
    const void *p, size_t len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int good = c != NULL &&
		   EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) ==
		       1 &&
		   EVP_DigestVerify(c, der, der_len, p, len) == 1;

	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return good;
}

int
proof_raw_verifies(
    EVP_PKEY *key, const uint8_t raw[2 * PROOF_P384], const void *p, size_t len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, PROOF_P384, NULL);
	BIGNUM *s = BN_bin2bn(raw + PROOF_P384, PROOF_P384, NULL);
	uint8_t *der = NULL;
	int der_len;
	int good;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
		return 0;
	}
	der_len = i2d_ECDSA_SIG(sig, &der);
	good = der_len > 0 &&
	       proof_der_verifies(key, der, (size_t)der_len, p, len);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return good;
}

/* ---- RFC 6979, 3.2 ---- */

struct nonce {
	uint8_t k[HASH], v[HASH];
	uint8_t seed[2 * PROOF_P384]; /* secret and hash, as octets */
};

static int
mac(const struct nonce *n, const void *p, size_t len, uint8_t out[HASH])
{
	unsigned int got = 0;

	return HMAC(EVP_sha256(), n->k, HASH, p, len, out, &got) == NULL ? -1
									 : 0;
}

/* K from V, MARK and the seed (LEN of it), then V from K. */
static int
stir(struct nonce *n, uint8_t mark, size_t len)
{
	uint8_t in[HASH + 1 + sizeof(n->seed)];
	uint8_t out[HASH];
	int rc;

	memcpy(in, n->v, HASH);
	in[HASH] = mark;
	memcpy(in + HASH + 1, n->seed, len);
	rc = mac(n, in, HASH + 1 + len, out);
	if (rc == 0) {
		memcpy(n->k, out, HASH);
		rc = mac(n, n->v, HASH, out);
	}
	if (rc == 0)
		memcpy(n->v, out, HASH);
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(out, sizeof(out));
	return rc;
}

static int
nonce_begin(struct nonce *n, const BIGNUM *secret, const BIGNUM *hash)
{
	memset(n->k, 0, HASH);
	memset(n->v, 1, HASH);
	if (BN_bn2binpad(secret, n->seed, PROOF_P384) < 0 ||
	    BN_bn2binpad(hash, n->seed + PROOF_P384, PROOF_P384) < 0)
		return -1;
	return stir(n, 0, sizeof(n->seed)) == 0 ? stir(n, 1, sizeof(n->seed))
						: -1;
}

/* The next candidate; qlen is 384 bits, so that nothing is shifted off. */
static int
nonce_next(struct nonce *n, BIGNUM *k)
{
	uint8_t raw[2 * HASH];
	uint8_t out[HASH];
	int rc = 0;

	for (size_t have = 0; rc == 0 && have < PROOF_P384; have += HASH) {
		rc = mac(n, n->v, HASH, out);
		memcpy(n->v, out, HASH);
		memcpy(raw + have, out, HASH);
	}
	if (rc == 0 && BN_bin2bn(raw, PROOF_P384, k) == NULL)
		rc = -1;
	OPENSSL_cleanse(raw, sizeof(raw));
	OPENSSL_cleanse(out, sizeof(out));
	return rc;
}

/* ---- signing ---- */

struct signing {
	const EC_GROUP *group;
	const BIGNUM *order, *secret;
	BIGNUM *hash, *k, *inverse, *r, *s, *x;
	BN_CTX *c;
};

/* X of K times the base point, modulo the order. */
static int
take_r(struct signing *g)
{
	EC_POINT *point = EC_POINT_new(g->group);
	int ok = point != NULL &&
		 EC_POINT_mul(g->group, point, g->k, NULL, NULL, g->c) == 1 &&
		 EC_POINT_get_affine_coordinates(
		     g->group, point, g->x, NULL, g->c) == 1 &&
		 BN_nnmod(g->r, g->x, g->order, g->c) == 1;

	EC_POINT_clear_free(point);
	return ok ? 0 : -1;
}

/* (hash + r secret) / k, by Fermat: the order is a prime. */
static int
take_s(struct signing *g)
{
	if (BN_copy(g->x, g->order) == NULL || BN_sub_word(g->x, 2) != 1 ||
	    BN_mod_exp_mont_consttime(
		g->inverse, g->k, g->x, g->order, g->c, NULL) != 1 ||
	    BN_mod_mul(g->s, g->r, g->secret, g->order, g->c) != 1 ||
	    BN_mod_add(g->s, g->s, g->hash, g->order, g->c) != 1 ||
	    BN_mod_mul(g->s, g->s, g->inverse, g->order, g->c) != 1)
		return -1;
	return 0;
}

/* 1 signed, 0 this nonce is not to be used, -1. */
static int
try_nonce(struct signing *g)
{
	if (BN_is_zero(g->k) || BN_cmp(g->k, g->order) >= 0)
		return 0;
	BN_set_flags(g->k, BN_FLG_CONSTTIME);
	if (take_r(g) != 0 || take_s(g) != 0)
		return -1;
	return !BN_is_zero(g->r) && !BN_is_zero(g->s);
}

static int
sign(struct signing *g, uint8_t out[2 * PROOF_P384])
{
	struct nonce n;
	int got = nonce_begin(&n, g->secret, g->hash) == 0 ? 0 : -1;

	for (int i = 0; got == 0 && i < NONCE_TRIES; i++) {
		if (i > 0 && stir(&n, 0, 0) != 0)
			got = -1;
		else if (nonce_next(&n, g->k) != 0)
			got = -1;
		else
			got = try_nonce(g);
	}
	OPENSSL_cleanse(&n, sizeof(n));
	if (got != 1 || BN_bn2binpad(g->r, out, PROOF_P384) < 0 ||
	    BN_bn2binpad(g->s, out + PROOF_P384, PROOF_P384) < 0)
		return -1;
	return 0;
}

int
proof_ecdsa(const EC_GROUP *group, const BIGNUM *secret, const void *p,
    size_t len, uint8_t out[2 * PROOF_P384])
{
	struct signing g = { .group = group,
		.order = EC_GROUP_get0_order(group),
		.secret = secret,
		.hash = BN_new(),
		.k = BN_secure_new(),
		.inverse = BN_secure_new(),
		.r = BN_new(),
		.s = BN_secure_new(),
		.x = BN_new(),
		.c = BN_CTX_secure_new() };
	uint8_t hash[HASH];
	int rc = -1;

	if (g.hash != NULL && g.k != NULL && g.inverse != NULL && g.r != NULL &&
	    g.s != NULL && g.x != NULL && g.c != NULL &&
	    EVP_Digest(p, len, hash, NULL, EVP_sha256(), NULL) == 1 &&
	    BN_bin2bn(hash, HASH, g.hash) != NULL)
		rc = sign(&g, out);
	BN_free(g.hash);
	BN_clear_free(g.k);
	BN_clear_free(g.inverse);
	BN_free(g.r);
	BN_clear_free(g.s);
	BN_free(g.x);
	BN_CTX_free(g.c);
	return rc;
}
