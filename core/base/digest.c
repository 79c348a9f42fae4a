/* Digests over bytes, on OpenSSL. */
/* SHA256_Init and its like: see digest_sha256. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/base/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/text.h"

struct digester {
	enum digest_kind kind;
	EVP_MD *md; /* fetched: so that starting again looks nothing up */
	EVP_MD_CTX *context;
	EVP_MD_CTX *scratch; /* so that reading a digest does not end it */
};

static const struct digest_fact {
	const char *label;
	size_t len;
} digest_facts[] = {
	[DIGEST_SHA256] = { "sha256", 32 },
	[DIGEST_SHA512] = { "sha512", 64 },
	[DIGEST_SHA1] = { "sha1", 20 },
	[DIGEST_SHA384] = { "sha384", 48 },
	[DIGEST_SHA224] = { "sha224", 28 },
	[DIGEST_MD5] = { "md5", 16 },
};

#define DIGEST_KINDS (sizeof(digest_facts) / sizeof(digest_facts[0]))

static const EVP_MD *
digest_md(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA512:
		return EVP_sha512();
	case DIGEST_SHA1:
		return EVP_sha1();
	case DIGEST_SHA384:
		return EVP_sha384();
	case DIGEST_SHA224:
		return EVP_sha224();
	case DIGEST_MD5:
		return EVP_md5();
	}
	return NULL;
}

/* OpenSSL's digests cannot fail on valid contexts; if one does, memory or the
 * library is broken and no digest may be claimed. */
static void
must(int ok)
{
	if (ok != 1)
		abort();
}

struct digester *
digester_new(enum digest_kind kind)
{
	struct digester *d = mem_zero(1, sizeof(*d));

	d->kind = kind;
	d->md = EVP_MD_fetch(NULL, EVP_MD_get0_name(digest_md(kind)), NULL);
	d->context = EVP_MD_CTX_new();
	d->scratch = EVP_MD_CTX_new();
	assert(d->md != NULL && d->context != NULL && d->scratch != NULL);
	must(EVP_DigestInit_ex(d->context, d->md, NULL));
	return d;
}

void
digester_free(struct digester *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->context);
	EVP_MD_CTX_free(d->scratch);
	EVP_MD_free(d->md);
	free(d);
}

void
digester_reset(struct digester *d)
{
	/* As it was set up, without looking at what it is again. */
	must(EVP_DigestInit_ex(d->context, NULL, NULL));
}

void
digester_add(struct digester *d, const void *p, size_t len)
{
	must(EVP_DigestUpdate(d->context, p, len));
}

void
digester_copy(struct digester *to, const struct digester *from)
{
	assert(to->kind == from->kind);
	must(EVP_MD_CTX_copy_ex(to->context, from->context));
}

size_t
digester_raw(const struct digester *d, uint8_t out[DIGEST_RAW_MAX])
{
	unsigned len = 0;

	must(EVP_MD_CTX_copy_ex(d->scratch, d->context));
	must(EVP_DigestFinal_ex(d->scratch, out, &len));
	return len;
}

size_t
digester_final(struct digester *d, uint8_t out[DIGEST_RAW_MAX])
{
	unsigned len = 0;

	must(EVP_DigestFinal_ex(d->context, out, &len));
	return len;
}

void
digester_hex(const struct digester *d, char out[DIGEST_TEXT_MAX])
{
	uint8_t raw[DIGEST_RAW_MAX];
	size_t len = digester_raw(d, raw);

	text_hex(out, raw, len);
}

static void
labelled(enum digest_kind kind, const uint8_t *raw, size_t len,
    char out[DIGEST_TEXT_MAX])
{
	size_t label = strlen(digest_facts[kind].label);

	memcpy(out, digest_facts[kind].label, label);
	out[label] = ':';
	text_hex(out + label + 1, raw, len);
}

void
digester_text(const struct digester *d, char out[DIGEST_TEXT_MAX])
{
	uint8_t raw[DIGEST_RAW_MAX];
	size_t len = digester_raw(d, raw);

	labelled(d->kind, raw, len, out);
}

void
digest_sha256(const void *p, size_t len, uint8_t out[DIGEST_SHA256_RAW])
{
	SHA256_CTX c;

	/* A URL is hashed wherever it is looked for: looking the algorithm up
	 * each time, as EVP_Digest does, takes far longer than hashing. */
	must(SHA256_Init(&c) == 1 && SHA256_Update(&c, p, len) == 1 &&
	     SHA256_Final(out, &c) == 1);
}

void
digest_text(
    enum digest_kind kind, const void *p, size_t len, char out[DIGEST_TEXT_MAX])
{
	uint8_t raw[DIGEST_RAW_MAX];
	unsigned raw_len = DIGEST_SHA256_RAW;

	if (kind == DIGEST_SHA256)
		digest_sha256(p, len, raw);
	else
		must(EVP_Digest(p, len, raw, &raw_len, digest_md(kind), NULL));
	labelled(kind, raw, raw_len, out);
}

int
digest_kind_named(const char *label, size_t len, enum digest_kind *kind)
{
	char plain[16];
	size_t n = 0;

	/* What nearly all archives write. */
	if (len == 6 && memcmp(label, "sha256", 6) == 0) {
		*kind = DIGEST_SHA256;
		return 1;
	}
	if (len == 4 && memcmp(label, "sha1", 4) == 0) {
		*kind = DIGEST_SHA1;
		return 1;
	}
	for (size_t i = 0; i < len; i++) {
		if (label[i] == '-')
			continue;
		if (n == sizeof(plain) - 1)
			return 0;
		plain[n++] = label[i];
	}
	plain[n] = '\0';
	for (size_t i = 0; i < DIGEST_KINDS; i++) {
		if (strcasecmp(plain, digest_facts[i].label) == 0) {
			*kind = (enum digest_kind)i;
			return 1;
		}
	}
	return 0;
}

int
digest_parse(struct digest_value *v, const char *text)
{
	const char *colon = strchr(text, ':');
	const char *s;
	size_t len;
	size_t want;

	if (colon == NULL ||
	    !digest_kind_named(text, (size_t)(colon - text), &v->kind))
		return 0;
	s = colon + 1;
	len = strlen(s);
	want = digest_facts[v->kind].len;
	v->len = want;
	if (len == 2 * want && !(v->kind == DIGEST_MD5 && s[len - 1] == '=')) {
		v->spelling = DIGEST_HEX;
		return text_unhex(v->raw, s, want);
	}
	if (len == (8 * want + 4) / 5 || len == (want + 4) / 5 * 8) {
		v->spelling = DIGEST_BASE32;
		return text_unbase32(v->raw, want, s, len);
	}
	if (len == 4 * ((want + 2) / 3)) {
		v->spelling = DIGEST_BASE64;
		return text_unbase64(v->raw, want, s, len);
	}
	return 0;
}

int
digest_equal(const struct digest_value *a, const struct digest_value *b)
{
	return a->kind == b->kind && a->len == b->len &&
	       memcmp(a->raw, b->raw, a->len) == 0;
}

size_t
digest_length(enum digest_kind kind)
{
	return digest_facts[kind].len;
}

const char *
digest_label(enum digest_kind kind)
{
	return digest_facts[kind].label;
}
