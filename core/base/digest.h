#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/*
 * Digests over bytes, on OpenSSL. A digester is made once per thread and
 * reset. Digests travel as labelled text: "sha256:9f86..." in lower-case hex.
 */

enum digest_kind {
	DIGEST_SHA256,
	DIGEST_SHA512,
	DIGEST_SHA1,
	DIGEST_SHA384,
	DIGEST_SHA224,
	DIGEST_MD5 /* the last */
};

#define DIGEST_RAW_MAX    64
#define DIGEST_TEXT_MAX   144 /* label, colon, 128 hex digits, NUL */
#define DIGEST_SHA256_RAW 32
#define DIGEST_SHA256_HEX 64

struct digester;

struct digester *digester_new(enum digest_kind kind);
void digester_free(struct digester *d);
void digester_reset(struct digester *d);
void digester_add(struct digester *d, const void *p, size_t len);

/* Make TO continue from where FROM stands (same kind). */
void digester_copy(struct digester *to, const struct digester *from);

/* The digest so far; more may be added after. Returns the raw length. */
size_t digester_raw(const struct digester *d, uint8_t out[DIGEST_RAW_MAX]);

/* The same, and the end of it: nothing but digester_reset may follow. */
size_t digester_final(struct digester *d, uint8_t out[DIGEST_RAW_MAX]);

/* digester_raw as labelled text. */
void digester_text(const struct digester *d, char out[DIGEST_TEXT_MAX]);

/* The same as bare lower-case hex, as manifests spell it. */
void digester_hex(const struct digester *d, char out[DIGEST_TEXT_MAX]);

/* One call for bytes in memory. */
void digest_sha256(const void *p, size_t len, uint8_t out[DIGEST_SHA256_RAW]);
void digest_text(enum digest_kind kind, const void *p, size_t len,
    char out[DIGEST_TEXT_MAX]);

/* A digest as any archive spells it, read back to raw bytes. */
struct digest_value {
	enum digest_kind kind;
	uint8_t raw[DIGEST_RAW_MAX];
	size_t len;
	enum digest_spelling {
		DIGEST_HEX,
		DIGEST_BASE32,
		DIGEST_BASE64
	} spelling;
};

/*
 * Read "label:value": label in any case, with or without "-"; hex, base32
 * (padded or not) or base64, told apart by length; md5 of 32 characters is
 * hex unless it ends in "=". 1 read, 0 a label that is not known or a value
 * that does not fit it.
 */
int digest_parse(struct digest_value *v, const char *text);
int digest_equal(const struct digest_value *a, const struct digest_value *b);

/* The kind of LEN bytes of a label ("sha256", "SHA-256"). 1 / 0. */
int digest_kind_named(const char *label, size_t len, enum digest_kind *kind);
size_t digest_length(enum digest_kind kind);     /* raw bytes */
const char *digest_label(enum digest_kind kind); /* "sha256" */

#endif
