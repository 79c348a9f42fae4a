#ifndef COLLECTION_PROOF_H
#define COLLECTION_PROOF_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct json;

/*
 * Signatures over packages, as wacz-auth 0.1.0 has them (standards.md 4.4):
 * ours with a key of the collection, and anybody's checked. The one place that
 * knows keys and certificates. Keys stand in no log, report or core dump.
 */

/* keys/ of a collection (0700), and the key for packages in it (0600). */
#define PROOF_KEYS     "keys"
#define PROOF_KEY_FILE "keys/package.pem"

struct proof_key;

/* A new P-384 key in a new file of mode 0600 (its folder of 0700 is made). */
int proof_key_make(const char *path, struct error *e);

/* ERROR_KEY: there is none, it does not read, is of another kind, or others
 * than its owner may read it: says what to do. */
int proof_key_open(struct proof_key **out, const char *path, struct error *e);
void proof_key_free(struct proof_key *k); /* wiped; NULL is fine */

/* SubjectPublicKeyInfo in base64, appended. */
void proof_key_public(const struct proof_key *k, struct buf *out);

/* ECDSA with SHA-256 over LEN bytes, r and s as 96 bytes, in base64, appended.
 * The nonce is that of RFC 6979: equal input, equal signature. */
int proof_sign(const struct proof_key *k, const void *p, size_t len,
    struct buf *out, struct error *e);

/* Who is believed in: certificates of roots (domain, time stamps). */
struct proof_trust;
/* PEM file of roots; "" the system's. */
int
proof_trust_open(struct proof_trust **out, const char *path, struct error *e);
void proof_trust_free(struct proof_trust *t); /* NULL is fine */

enum proof_verdict {
	PROOF_NONE,      /* no signature */
	PROOF_ANONYMOUS, /* good, by a key nobody vouches for */
	PROOF_DOMAIN,    /* good, by a domain, with a time stamp */
	PROOF_UNTRUSTED, /* good in itself; who signed cannot be proved */
	PROOF_BAD        /* contradicts the bytes, or is malformed */
};

struct proof_result {
	enum proof_verdict verdict;
	const char *signer;  /* domain, or SHA-256 of the public key */
	const char *created; /* as signed */
	const char *stamped; /* time of the time stamp, RFC 3339; "" */
	const char *why;     /* what is wrong, or not provable; "" */
};

/*
 * SIGNED is the object "signedData" of datapackage-digest.json (NULL: none),
 * HASH ("sha256:...") that of datapackage.json, computed, and CREATED what it
 * says. Texts of OUT live in A. Never fails: what does not read is PROOF_BAD.
 */
void
proof_check(struct arena *a, const struct json *signed_data, const char *hash,
    const char *created, const struct proof_trust *t, struct proof_result *out);

#endif
