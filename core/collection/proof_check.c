/* Signatures of packages checked: wacz-auth 0.1.0. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"

#define DAY_US    ((int64_t)24 * 3600 * 1000 * 1000)
#define SECOND_US ((int64_t)1000 * 1000)
#define MINUTE_US ((int64_t)60 * 1000 * 1000)

enum {
	CERT_DAYS = 7, /* between certificate and signature, at most */
	STAMP_MINUTES = 10,
	SIGNATURE_MAX = 2048,
	UNCOMPRESSED = 4 /* how points begin; the one spelling of a key */
};

static const char form_version[] = "0.1.0";

/* What is looked at, and with what. */
struct check {
	struct arena *a;
	const struct json *data;
	const char *hash, *created;
	const struct proof_trust *trust;
	struct proof_result *out;
	struct buf signature; /* raw bytes */
	int64_t created_us;
};

static const char *
text_of(const struct check *c, const char *name)
{
	return json_text(json_get(c->data, name), "");
}

/* ---- form ---- */

enum { HAS_KEY = 1, HAS_DOMAIN = 2, MAY_LACK = 4 };

static const struct member {
	const char *name;
	int forms;
} members[] = {
	{ "hash", HAS_KEY | HAS_DOMAIN },
	{ "created", HAS_KEY | HAS_DOMAIN },
	{ "software", HAS_KEY | HAS_DOMAIN },
	/* Writers of anonymous signatures leave it out. */
	{ "version", HAS_KEY | HAS_DOMAIN | MAY_LACK },
	{ "signature", HAS_KEY | HAS_DOMAIN },
	{ "publicKey", HAS_KEY },
	{ "domain", HAS_DOMAIN },
	{ "domainCert", HAS_DOMAIN },
	{ "timeSignature", HAS_DOMAIN },
	{ "timestampCert", HAS_DOMAIN },
	{ "crossSignedCert", HAS_DOMAIN | MAY_LACK },
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* A text of ASCII that is not empty. */
static int
is_plain_text(const struct json *v)
{
	const char *s = json_text(v, "");
	size_t len = json_string_len(v);

	if (!json_is(v, JSON_KIND_STRING) || len == 0 || strlen(s) != len)
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x7f)
			return 0;
	return 1;
}

static const char *
member_fault(const struct check *c, size_t i, int form)
{
	const char *name = json_key(c->data, i);

	for (size_t j = 0; j < MEMBERS; j++) {
		if (strcmp(name, members[j].name) != 0)
			continue;
		if (!(members[j].forms & form))
			break;
		return is_plain_text(json_at(c->data, i))
			   ? NULL
			   : arena_format(c->a, "%s is no text of ASCII", name);
	}
	return arena_format(c->a, "%s does not belong there", name);
}

/* Exactly the members of FORM, each a text. */
static const char *
form_fault(const struct check *c, int form)
{
	const char *fault = NULL;

	if (!json_is(c->data, JSON_KIND_OBJECT))
		return "signedData is no object";
	for (size_t i = 0; fault == NULL && i < json_count(c->data); i++)
		fault = member_fault(c, i, form);
	for (size_t j = 0; fault == NULL && j < MEMBERS; j++)
		if ((members[j].forms & (form | MAY_LACK)) == form &&
		    json_get(c->data, members[j].name) == NULL)
			fault = arena_format(
			    c->a, "%s is missing", members[j].name);
	if (fault == NULL &&
	    strcmp(json_text(json_get(c->data, "version"), form_version),
		form_version) != 0)
		fault = arena_format(c->a, "version %s is not known, only %s",
		    text_of(c, "version"), form_version);
	return fault;
}

/* What both forms say. */
static const char *
common_fault(struct check *c)
{
	const char *b64 = text_of(c, "signature");
	int offset = 0;

	if (strcmp(text_of(c, "hash"), c->hash) != 0)
		return "hash is not that of datapackage.json";
	if (!date_parse(text_of(c, "created"), &c->created_us, &offset))
		return "created is no time";
	if (c->created == NULL ||
	    strcmp(text_of(c, "created"), c->created) != 0)
		return "created is not that of datapackage.json";
	if (strlen(b64) > SIGNATURE_MAX ||
	    !proof_read_base64(&c->signature, b64, strlen(b64)))
		return "signature is no base64";
	return NULL;
}

/* ---- anonymous ---- */

/* SubjectPublicKeyInfo of P-384, up to the point's bytes. */
static const uint8_t spki_front[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a,
	0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
	0x22, 0x03, 0x62, 0x00 };

static const char *
other_key(const struct check *c, const struct buf *spki)
{
	const uint8_t *p = spki->data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki->len);
	char group[64] = "";
	const char *fault = "publicKey does not read";

	if (key != NULL &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
		fault = arena_format(
		    c->a, "publicKey is of the curve %s, not P-384", group);
	else if (key != NULL)
		fault = "publicKey is no key of the curve P-384";
	EVP_PKEY_free(key);
	ERR_clear_error();
	return fault;
}

static const char *
raw_fault(const struct check *c, EVP_PKEY *key)
{
	const struct buf *s = &c->signature;
	size_t len = strlen(c->hash);

	if (s->len != (size_t)2 * PROOF_P384)
		return proof_der_verifies(key, s->data, s->len, c->hash, len)
			   ? "signature is in DER, not r and s alone"
			   : "signature has not the length of r and s";
	return proof_raw_verifies(key, s->data, c->hash, len)
		   ? NULL
		   : "signature is not of this hash by this key";
}

static const char *
check_anonymous(struct check *c)
{
	const char *b64 = text_of(c, "publicKey");
	char digest[DIGEST_TEXT_MAX];
	struct buf spki = { 0 };
	EVP_PKEY *key = NULL;
	const char *fault = NULL;

	if (strlen(b64) > SIGNATURE_MAX ||
	    !proof_read_base64(&spki, b64, strlen(b64)))
		fault = "publicKey is no base64";
	else if (spki.len != sizeof(spki_front) + 1 + (size_t)2 * PROOF_P384 ||
		 memcmp(spki.data, spki_front, sizeof(spki_front)) != 0)
		fault = other_key(c, &spki);
	else if (spki.data[sizeof(spki_front)] != UNCOMPRESSED)
		fault = "publicKey is no uncompressed point";
	if (fault == NULL) {
		digest_text(DIGEST_SHA256, spki.data, spki.len, digest);
		c->out->signer = arena_text(c->a, digest);
		key = proof_public_of_point(spki.data + sizeof(spki_front),
		    spki.len - sizeof(spki_front));
		fault = key == NULL ? "publicKey is no point of the curve"
				    : raw_fault(c, key);
	}
	c->out->verdict = PROOF_ANONYMOUS;
	EVP_PKEY_free(key);
	buf_clear(&spki);
	return fault;
}

/* ---- domain ---- */

/* A whole name: OpenSSL takes one with a leading dot for all below it. */
static int
is_host(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";
	int labels = 0;

	for (;; name++, labels++) {
		size_t len = strspn(name, letters);

		if (len == 0 || name[0] == '-' || name[len - 1] == '-')
			return 0;
		name += len;
		if (*name == '\0')
			return labels > 0;
		if (*name != '.')
			return 0;
	}
}

/* By its alternative names; by its subject where it has none of hosts, as
 * those who limit what an issuer may name look at it. */
static int
is_of_host(X509 *cert, const char *domain)
{
	return X509_check_host(cert, domain, strlen(domain),
		   X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

static const char *
leaf_fault(const struct check *c, X509 *leaf)
{
	const char *domain = text_of(c, "domain");
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	const struct buf *s = &c->signature;

	if (!is_host(domain))
		return "domain is no name of a host";
	if (key == NULL || !EVP_PKEY_is_a(key, "EC"))
		return "key of domainCert is not of an elliptic curve";
	if (!proof_der_verifies(key, s->data, s->len, c->hash, strlen(c->hash)))
		return "signature is not of this hash by the key of "
		       "domainCert";
	/* All bits are set where nothing is said. */
	if (!(X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE))
		return "key of domainCert is not for signatures";
	if (!is_of_host(leaf, domain))
		return arena_format(
		    c->a, "domainCert is not of the domain %s", domain);
	return NULL;
}

static int64_t
us_of(const ASN1_TIME *t)
{
	struct tm tm = { 0 };
	struct date_fields f = { 0 };

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return INT64_MIN;
	f.year = tm.tm_year + 1900;
	f.month = tm.tm_mon + 1;
	f.day = tm.tm_mday;
	f.hour = tm.tm_hour;
	f.minute = tm.tm_min;
	f.second = tm.tm_sec;
	return date_us(&f);
}

static const char *
window_fault(const struct check *c, X509 *leaf)
{
	int64_t from = us_of(X509_get0_notBefore(leaf));

	if (from == INT64_MIN || c->created_us < from ||
	    c->created_us - from > CERT_DAYS * DAY_US)
		return arena_format(c->a,
		    "created is not within %d days of domainCert", CERT_DAYS);
	return NULL;
}

/* Another chain for the same key: NULL, or what is wrong. TRUSTED: somebody
 * believed in vouches for it. */
static const char *
cross_fault(const struct check *c, X509 *leaf, int *trusted)
{
	const char *pem = text_of(c, "crossSignedCert");
	STACK_OF(X509) * certs;
	const char *fault = NULL;
	X509 *other;

	*trusted = 0;
	if (pem[0] == '\0')
		return NULL;
	certs = proof_certs_read(pem, strlen(pem));
	if (certs == NULL)
		return "crossSignedCert does not read";
	other = sk_X509_value(certs, 0);
	if (X509_get0_pubkey(other) == NULL ||
	    EVP_PKEY_eq(X509_get0_pubkey(other), X509_get0_pubkey(leaf)) != 1)
		fault = "crossSignedCert is of another key than domainCert";
	/* Else anybody's own certificate would vouch for any domain. */
	if (fault == NULL && !is_of_host(other, text_of(c, "domain")))
		fault = arena_format(c->a,
		    "crossSignedCert is not of the domain %s",
		    text_of(c, "domain"));
	if (fault == NULL)
		fault = proof_chain_fault(c->a, certs, c->created_us);
	if (fault == NULL)
		*trusted = proof_trust_fault(c->a, c->trust, other, certs,
			       c->created_us, X509_PURPOSE_SSL_SERVER) == NULL;
	proof_certs_free(certs);
	ERR_clear_error();
	return fault;
}

/* UNTRUSTED: NULL, or why nobody believed in vouches for the authority. */
static const char *
stamp_fault(const struct check *c, const char **untrusted)
{
	const char *pem = text_of(c, "timestampCert");
	const char *b64 = text_of(c, "timeSignature");
	struct proof_stamp s = { .data = text_of(c, "signature"),
		.len = strlen(text_of(c, "signature")),
		.trust = c->trust };
	struct buf der = { 0 };
	const char *fault = NULL;
	char text[DATE_TEXT_MAX];
	int64_t us = 0;

	if (!proof_read_base64(&der, b64, strlen(b64)))
		fault = "timeSignature is no base64";
	s.der = der.data;
	s.der_len = der.len;
	if (fault == NULL) {
		s.certs = proof_certs_read(pem, strlen(pem));
		if (s.certs == NULL)
			fault = "timestampCert does not read";
	}
	if (fault == NULL)
		fault = proof_stamp_fault(c->a, &s, &us, untrusted);
	if (fault == NULL) {
		date_rfc3339_s(us, text);
		c->out->stamped = arena_text(c->a, text);
		/* The stamp's time is in whole seconds. */
		if (us < c->created_us - c->created_us % SECOND_US ||
		    us - c->created_us > STAMP_MINUTES * MINUTE_US)
			fault = arena_format(c->a,
			    "time stamp is not within %d minutes of created",
			    STAMP_MINUTES);
	}
	proof_certs_free(s.certs);
	buf_clear(&der);
	return fault;
}

static const char *
check_chain(struct check *c, STACK_OF(X509) * certs)
{
	X509 *leaf = sk_X509_value(certs, 0);
	const char *whose = NULL;
	const char *when = NULL;
	int crossed = 0;
	const char *fault = leaf_fault(c, leaf);

	if (fault == NULL)
		fault = window_fault(c, leaf);
	if (fault == NULL)
		fault = proof_chain_fault(c->a, certs, c->created_us);
	if (fault == NULL)
		fault = cross_fault(c, leaf, &crossed);
	if (fault == NULL)
		fault = stamp_fault(c, &when);
	if (fault != NULL)
		return fault;
	if (!crossed)
		whose = proof_trust_fault(c->a, c->trust, leaf, certs,
		    c->created_us, X509_PURPOSE_SSL_SERVER);
	c->out->verdict = PROOF_DOMAIN;
	if (whose != NULL || when != NULL) {
		c->out->verdict = PROOF_UNTRUSTED;
		c->out->why = arena_format(c->a, "%s cannot be proved: %s",
		    whose != NULL ? "the domain" : "the time",
		    whose != NULL ? whose : when);
	}
	return NULL;
}

static const char *
check_domain(struct check *c)
{
	const char *pem = text_of(c, "domainCert");
	STACK_OF(X509) *certs = proof_certs_read(pem, strlen(pem));
	const char *fault;

	c->out->signer = arena_text(c->a, text_of(c, "domain"));
	if (certs == NULL)
		return "domainCert does not read";
	fault = check_chain(c, certs);
	proof_certs_free(certs);
	return fault;
}

void
proof_check(struct arena *a, const struct json *signed_data, const char *hash,
    const char *created, const struct proof_trust *t, struct proof_result *out)
{
	struct check c = { .a = a,
		.data = signed_data,
		.hash = hash,
		.created = created,
		.trust = t,
		.out = out };
	int form = json_get(signed_data, "domain") == NULL &&
			   json_get(signed_data, "domainCert") == NULL
		       ? HAS_KEY
		       : HAS_DOMAIN;
	const char *fault;

	*out = (struct proof_result){ PROOF_NONE, "", "", "", "" };
	if (signed_data == NULL)
		return;
	fault = form_fault(&c, form);
	out->created = arena_text(a, text_of(&c, "created"));
	if (fault == NULL)
		fault = common_fault(&c);
	if (fault == NULL)
		fault = form == HAS_KEY ? check_anonymous(&c)
					: check_domain(&c);
	if (fault != NULL) {
		out->verdict = PROOF_BAD;
		out->why = fault;
	}
	buf_clear(&c.signature);
}
