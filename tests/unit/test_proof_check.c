/* Signatures of packages: what is good, and every way in which it is not. */
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "tests/unit/authority_fixture.h"

#define HASH                                                                  \
	"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0" \
	"0a08"
#define CREATED "2026-11-22T08:00:00Z"
enum { NOW = 1795334400 }; /* the same */

/* All that signs, and the signed data. */
struct world {
	struct arena *a;
	struct holder root, middle, leaf, tsa_root, tsa;
	struct json *data;
	struct proof_trust *trust;
	struct proof_result result;
};

static struct wish
leaf_wish(const struct world *w)
{
	return (struct wish){ .name = "archive.example",
		.curve = "P-256",
		.alt = "DNS:archive.example",
		.usage = "serverAuth",
		.from = NOW - AUTHORITY_DAY,
		.to = NOW + 80 * AUTHORITY_DAY,
		.issuer = &w->middle };
}

static struct wish
tsa_wish(const struct world *w)
{
	return (struct wish){ .name = "time",
		.curve = "P-256",
		.usage = "critical,timeStamping",
		.from = NOW - AUTHORITY_DAY,
		.to = NOW + AUTHORITY_DAY,
		.issuer = &w->tsa_root };
}

static void
set_pem(struct world *w, const char *name, X509 *a, X509 *b, X509 *c)
{
	struct buf pem = { 0 };

	add_pem(&pem, a);
	if (b != NULL)
		add_pem(&pem, b);
	if (c != NULL)
		add_pem(&pem, c);
	json_set_string(w->a, w->data, name, buf_text(&pem));
	buf_clear(&pem);
}

static void
set_base64(struct world *w, const char *name, const struct buf *raw)
{
	struct buf b64 = { 0 };

	proof_add_base64(&b64, raw->data, raw->len);
	json_set_string(w->a, w->data, name, buf_text(&b64));
	buf_clear(&b64);
}

static const char *
get(const struct world *w, const char *name)
{
	return json_text(json_get(w->data, name), "");
}

static void
set_stamp(struct world *w, int64_t at)
{
	struct buf der = { 0 };

	stamp(&w->tsa, w->tsa_root.cert, get(w, "signature"), at, 0, &der);
	set_base64(w, "timeSignature", &der);
	buf_clear(&der);
}

static void
set_signature(struct world *w, EVP_PKEY *key, const char *hash)
{
	struct buf der = { 0 };

	sign_der(key, hash, &der);
	set_base64(w, "signature", &der);
	buf_clear(&der);
}

/* Everything anew from what is there. */
static void
set_domain(struct world *w)
{
	w->data = json_new_object(w->a);
	json_set_string(w->a, w->data, "hash", HASH);
	json_set_string(w->a, w->data, "created", CREATED);
	json_set_string(w->a, w->data, "software", "test");
	json_set_string(w->a, w->data, "version", "0.1.0");
	json_set_string(w->a, w->data, "domain", "archive.example");
	set_signature(w, w->leaf.key, HASH);
	set_pem(w, "domainCert", w->leaf.cert, w->middle.cert, w->root.cert);
	set_pem(w, "timestampCert", w->tsa.cert, w->tsa_root.cert, NULL);
	set_stamp(w, NOW + 60);
}

static void
trust(struct world *w, X509 *a, X509 *b)
{
	struct buf pem = { 0 };
	struct error e = { 0 };

	add_pem(&pem, a);
	if (b != NULL)
		add_pem(&pem, b);
	proof_trust_free(w->trust);
	CHECK_OK(file_put("roots.pem", pem.data, pem.len, &e), &e);
	CHECK_OK(proof_trust_open(&w->trust, "roots.pem", &e), &e);
	buf_clear(&pem);
}

static void
begin(struct world *w)
{
	struct wish root = { .name = "Test Root",
		.curve = "P-384",
		.is_ca = 1,
		.from = NOW - 1000 * AUTHORITY_DAY,
		.to = NOW + 1000 * AUTHORITY_DAY };
	struct wish other;

	memset(w, 0, sizeof(*w));
	w->a = arena_new();
	w->root = certify(&root);
	root.name = "Time Root";
	w->tsa_root = certify(&root);
	root.name = "Test Middle";
	root.issuer = &w->root;
	w->middle = certify(&root);
	other = leaf_wish(w);
	w->leaf = certify(&other);
	other = tsa_wish(w);
	w->tsa = certify(&other);
	trust(w, w->root.cert, w->tsa_root.cert);
	set_domain(w);
}

static void
end(struct world *w)
{
	proof_trust_free(w->trust);
	holder_clear(&w->root);
	holder_clear(&w->middle);
	holder_clear(&w->leaf);
	holder_clear(&w->tsa_root);
	holder_clear(&w->tsa);
	arena_free(w->a);
}

static void
expect_at(
    struct world *w, enum proof_verdict verdict, const char *why, int line)
{
	proof_check(w->a, w->data, HASH, CREATED, w->trust, &w->result);
	if (w->result.verdict != verdict ||
	    strstr(w->result.why, why) == NULL ||
	    (why[0] == '\0' && w->result.why[0] != '\0')) {
		printf("# line %d: verdict %d '%s', expected %d '%s'\n", line,
		    (int)w->result.verdict, w->result.why, (int)verdict, why);
		test_failed = 1;
	}
}
#define EXPECT(verdict, why) expect_at(&w, verdict, why, __LINE__)

static void
replace(struct holder *h, struct wish wish)
{
	holder_clear(h);
	*h = certify(&wish);
}

CASE(a_domain_with_a_time_stamp_is_believed)
{
	struct world w;

	begin(&w);
	EXPECT(PROOF_DOMAIN, "");
	CHECK_TEXT(w.result.signer, "archive.example");
	CHECK_TEXT(w.result.created, CREATED);
	CHECK_TEXT(w.result.stamped, "2026-11-22T08:01:00Z");
	set_stamp(&w, NOW);
	EXPECT(PROOF_DOMAIN, "");
	set_stamp(&w, NOW + 600);
	EXPECT(PROOF_DOMAIN, "");
	end(&w);
}

CASE(who_is_not_believed_in_proves_nothing)
{
	struct world w;

	begin(&w);
	trust(&w, w.root.cert, NULL);
	EXPECT(PROOF_UNTRUSTED, "the time cannot be proved");
	trust(&w, w.tsa_root.cert, NULL);
	EXPECT(PROOF_UNTRUSTED, "the domain cannot be proved");
	/* Whoever is in the file is believed in, root or not. */
	trust(&w, w.middle.cert, w.tsa_root.cert);
	EXPECT(PROOF_DOMAIN, "");
	proof_trust_free(w.trust);
	w.trust = NULL;
	EXPECT(PROOF_UNTRUSTED, "no roots are believed in");
	end(&w);
}

CASE(a_wrong_hash_signature_or_creation_is_bad)
{
	struct world w;

	begin(&w);
	set_signature(&w, w.leaf.key, "sha256:00");
	set_stamp(&w, NOW);
	EXPECT(PROOF_BAD, "signature is not of this hash");
	set_signature(&w, w.tsa.key, HASH);
	set_stamp(&w, NOW);
	EXPECT(PROOF_BAD, "signature is not of this hash");
	set_domain(&w);
	json_set_string(w.a, w.data, "hash", "sha256:00");
	EXPECT(PROOF_BAD, "hash is not that of datapackage.json");
	set_domain(&w);
	json_set_string(w.a, w.data, "created", "2026-11-22T08:00:01Z");
	EXPECT(PROOF_BAD, "created is not that of datapackage.json");
	json_set_string(w.a, w.data, "created", "yesterday");
	EXPECT(PROOF_BAD, "created is no time");
	/* A signature that is good but for its spelling. */
	set_domain(&w);
	json_set_string(w.a, w.data, "signature",
	    arena_format(w.a, "%s\n", get(&w, "signature")));
	EXPECT(PROOF_BAD, "signature is no base64");
	end(&w);
}

CASE(members_are_those_of_the_form_and_texts)
{
	static const char *const needed[] = { "hash", "created", "software",
		"signature", "domain", "domainCert", "timeSignature",
		"timestampCert" };
	struct world w;

	begin(&w);
	json_set_string(w.a, w.data, "note", "x");
	EXPECT(PROOF_BAD, "note does not belong there");
	set_domain(&w);
	json_set_string(w.a, w.data, "publicKey", "x");
	EXPECT(PROOF_BAD, "publicKey does not belong there");
	set_domain(&w);
	json_set_string(w.a, w.data, "version", "0.2.0");
	EXPECT(PROOF_BAD, "version 0.2.0 is not known");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		struct json *all;

		set_domain(&w);
		all = w.data;
		w.data = json_new_object(w.a);
		for (size_t j = 0; j < json_count(all); j++)
			if (strcmp(json_key(all, j), needed[i]) != 0)
				json_set(w.a, w.data, json_key(all, j),
				    json_at(all, j));
		EXPECT(
		    PROOF_BAD, arena_format(w.a, "%s is missing", needed[i]));
		set_domain(&w);
		json_set_integer(w.a, w.data, needed[i], 1);
		EXPECT(
		    PROOF_BAD, arena_format(w.a, "%s is no text", needed[i]));
		json_set_string(w.a, w.data, needed[i], "");
		EXPECT(
		    PROOF_BAD, arena_format(w.a, "%s is no text", needed[i]));
	}
	w.data = json_new_array(w.a);
	EXPECT(PROOF_BAD, "no object");
	w.data = NULL;
	EXPECT(PROOF_NONE, "");
	end(&w);
}

CASE(the_domain_is_that_of_the_certificate)
{
	struct world w;
	struct wish wish;

	begin(&w);
	json_set_string(w.a, w.data, "domain", "other.example");
	EXPECT(PROOF_BAD, "domainCert is not of the domain other.example");
	wish = leaf_wish(&w);
	wish.alt = "DNS:*.example";
	wish.name = "x";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "domainCert is not of the domain");
	wish.alt = NULL;
	wish.name = "archive.example";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_DOMAIN, "");
	end(&w);
}

CASE(certificates_hang_together_and_were_valid)
{
	struct world w;
	struct wish wish;

	begin(&w);
	set_pem(&w, "domainCert", w.leaf.cert, w.root.cert, NULL);
	EXPECT(PROOF_BAD, "is not issued by the next one");
	set_pem(&w, "domainCert", w.middle.cert, w.leaf.cert, NULL);
	EXPECT(PROOF_BAD, "signature is not of this hash");
	/* Without its root it leads to one that is believed in. */
	set_pem(&w, "domainCert", w.leaf.cert, w.middle.cert, NULL);
	EXPECT(PROOF_DOMAIN, "");
	json_set_string(w.a, w.data, "domainCert", "-----BEGIN");
	EXPECT(PROOF_BAD, "domainCert does not read");

	wish = leaf_wish(&w);
	wish.from = NOW - 8 * AUTHORITY_DAY;
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "created is not within 7 days of domainCert");
	wish.from = NOW + 1;
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "created is not within 7 days of domainCert");
	wish.from = NOW - 2;
	wish.to = NOW - 1;
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "was not valid at that time");
	wish = leaf_wish(&w);
	wish.issuer = &w.tsa_root;
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "is not issued by the next one");
	/* One that may not issue does not. */
	wish = leaf_wish(&w);
	replace(&w.leaf, wish);
	wish.issuer = &w.leaf;
	{
		struct holder below = certify(&wish);

		set_domain(&w);
		set_signature(&w, below.key, HASH);
		set_stamp(&w, NOW);
		set_pem(
		    &w, "domainCert", below.cert, w.leaf.cert, w.middle.cert);
		EXPECT(PROOF_BAD, "is not issued by the next one");
		holder_clear(&below);
	}
	end(&w);
}

CASE(a_cross_signed_certificate_is_of_the_same_key)
{
	struct world w;
	struct wish wish;
	struct holder other = { 0 };

	begin(&w);
	wish = leaf_wish(&w);
	wish.issuer = &w.tsa_root;
	wish.key = w.leaf.key;
	other = certify(&wish);
	trust(&w, w.tsa_root.cert, NULL);
	EXPECT(PROOF_UNTRUSTED, "the domain");
	set_pem(&w, "crossSignedCert", other.cert, w.tsa_root.cert, NULL);
	EXPECT(PROOF_DOMAIN, "");
	set_pem(&w, "crossSignedCert", w.tsa.cert, w.tsa_root.cert, NULL);
	EXPECT(PROOF_BAD, "crossSignedCert is of another key");
	set_pem(&w, "crossSignedCert", other.cert, w.root.cert, NULL);
	EXPECT(PROOF_BAD, "is not issued by the next one");
	holder_clear(&other);
	end(&w);
}

/* Of somebody's own domain and key, for a chain that he made up himself. */
CASE(a_cross_signed_certificate_is_of_the_same_domain)
{
	struct world w;
	struct wish wish;
	struct holder other;

	begin(&w);
	wish = leaf_wish(&w);
	wish.issuer = &w.tsa_root;
	wish.key = w.leaf.key;
	wish.name = "other.example";
	wish.alt = "DNS:other.example";
	other = certify(&wish);
	trust(&w, w.tsa_root.cert, NULL);
	set_pem(&w, "crossSignedCert", other.cert, w.tsa_root.cert, NULL);
	EXPECT(
	    PROOF_BAD, "crossSignedCert is not of the domain archive.example");
	holder_clear(&other);
	end(&w);
}

/* RFC 6125, 6.4.4: the subject counts where nothing else names one. */
CASE(a_subject_does_not_get_round_the_names_of_a_certificate)
{
	struct world w;
	struct wish wish;

	begin(&w);
	wish = leaf_wish(&w);
	wish.alt = "DNS:other.example";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "domainCert is not of the domain archive.example");
	/* Nor round what its issuer may name. */
	wish = (struct wish){ .name = "Test Middle",
		.curve = "P-384",
		.is_ca = 1,
		.constraints = "critical,permitted;DNS:other.example",
		.from = NOW - 1000 * AUTHORITY_DAY,
		.to = NOW + 1000 * AUTHORITY_DAY,
		.issuer = &w.root };
	replace(&w.middle, wish);
	replace(&w.leaf, leaf_wish(&w));
	set_domain(&w);
	EXPECT(PROOF_UNTRUSTED, "permitted subtree violation");
	wish = leaf_wish(&w);
	wish.alt = NULL;
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_UNTRUSTED, "permitted subtree violation");
	end(&w);
}

CASE(a_domain_is_a_whole_name)
{
	static const char *const bad[] = { ".example", "archive.example.",
		"archive", "archive..example", "*.example", "archive.example ",
		"archive.example\n", "-a.example" };
	struct world w;

	begin(&w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_set_string(w.a, w.data, "domain", bad[i]);
		EXPECT(PROOF_BAD, "domain is no name of a host");
	}
	json_set_string(w.a, w.data, "domain", "ARCHIVE.example");
	EXPECT(PROOF_DOMAIN, "");
	end(&w);
}

CASE(a_certificate_is_used_for_what_it_may_be_used)
{
	struct world w;
	struct wish wish;

	begin(&w);
	wish = leaf_wish(&w);
	wish.usage = "codeSigning";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_UNTRUSTED, "the domain cannot be proved");
	wish = leaf_wish(&w);
	wish.key_usage = "critical,keyAgreement";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "key of domainCert is not for signatures");
	wish.key_usage = "critical,digitalSignature";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_DOMAIN, "");
	end(&w);
}

CASE(weak_digests_and_curves_prove_nothing)
{
	struct world w;
	struct wish wish;
	struct buf der = { 0 };

	begin(&w);
	wish = leaf_wish(&w);
	wish.md = EVP_sha1();
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_UNTRUSTED, "the domain cannot be proved");
	wish = leaf_wish(&w);
	wish.curve = "P-192";
	replace(&w.leaf, wish);
	set_domain(&w);
	EXPECT(PROOF_UNTRUSTED, "the domain cannot be proved");
	replace(&w.leaf, leaf_wish(&w));
	set_domain(&w);
	stamp_by(&w.tsa, w.tsa_root.cert, get(&w, "signature"), NOW, 0, 0,
	    EVP_sha1(), &der);
	set_base64(&w, "timeSignature", &der);
	EXPECT(PROOF_UNTRUSTED, "the time cannot be proved");
	buf_clear(&der);
	end(&w);
}

/* A clock of whole seconds, and what is made between two of them. */
CASE(a_time_stamp_is_as_exact_as_it_says)
{
	struct world w;
	struct buf der = { 0 };

	begin(&w);
	json_set_string(w.a, w.data, "created", "2026-11-22T08:00:00.750Z");
	set_stamp(&w, NOW);
	proof_check(
	    w.a, w.data, HASH, "2026-11-22T08:00:00.750Z", w.trust, &w.result);
	CHECK_INT(w.result.verdict, PROOF_DOMAIN);
	set_domain(&w);
	for (int accuracy = 60; accuracy <= 61; accuracy++) {
		buf_reset(&der);
		stamp_by(&w.tsa, w.tsa_root.cert, get(&w, "signature"), NOW, 0,
		    accuracy, EVP_sha256(), &der);
		set_base64(&w, "timeSignature", &der);
		if (accuracy == 60)
			EXPECT(PROOF_DOMAIN, "");
		else
			EXPECT(PROOF_UNTRUSTED, "right to 61 seconds only");
	}
	buf_clear(&der);
	end(&w);
}

CASE(time_stamps_are_of_this_signature_and_soon)
{
	struct world w;
	struct buf der = { 0 };

	begin(&w);
	set_stamp(&w, NOW - 1);
	EXPECT(PROOF_BAD, "time stamp is not within 10 minutes");
	set_stamp(&w, NOW + 601);
	EXPECT(PROOF_BAD, "time stamp is not within 10 minutes");
	stamp(&w.tsa, w.tsa_root.cert, "another", NOW, 0, &der);
	set_base64(&w, "timeSignature", &der);
	EXPECT(PROOF_BAD, "time stamp is of other bytes");
	buf_reset(&der);
	/* Over the bytes of the signature, not its text. */
	CHECK(proof_read_base64(
	    &der, get(&w, "signature"), strlen(get(&w, "signature"))));
	{
		struct buf token = { 0 };

		stamp(&w.tsa, w.tsa_root.cert, buf_text(&der), NOW, 0, &token);
		set_base64(&w, "timeSignature", &token);
		EXPECT(PROOF_BAD, "time stamp is of other bytes");
		buf_clear(&token);
	}
	buf_clear(&der);
	end(&w);
}

CASE(a_token_cut_or_turned_anywhere_is_never_good)
{
	struct world w;
	struct buf der = { 0 };
	struct buf bad = { 0 };
	size_t good = 0;

	begin(&w);
	stamp(&w.tsa, w.tsa_root.cert, get(&w, "signature"), NOW, 0, &der);
	for (size_t len = 1; len < der.len; len += 7) {
		bad.len = 0;
		buf_add(&bad, der.data, len);
		set_base64(&w, "timeSignature", &bad);
		EXPECT(PROOF_BAD, "time stamp");
	}
	for (size_t i = 0; i < der.len; i += 3) {
		bad.len = 0;
		buf_add(&bad, der.data, der.len);
		bad.data[i] ^= 1u << i % 8;
		set_base64(&w, "timeSignature", &bad);
		proof_check(w.a, w.data, HASH, CREATED, w.trust, &w.result);
		/* The status and embedded certificates are not signed; they
		 * prove nothing either. */
		good += w.result.verdict != PROOF_BAD;
		CHECK(w.result.verdict == PROOF_BAD ||
		      strcmp(w.result.stamped, "2026-11-22T08:00:00Z") == 0);
	}
	CHECK(good < der.len / 3 * 3 / 4);
	buf_add(&der, "x", 1);
	set_base64(&w, "timeSignature", &der);
	EXPECT(PROOF_BAD, "time stamp does not read");
	buf_clear(&der);
	buf_clear(&bad);
	end(&w);
}

CASE(an_authority_for_time_has_that_purpose_and_is_valid_then)
{
	struct world w;
	struct wish wish;

	begin(&w);
	wish = tsa_wish(&w);
	wish.to = NOW + 30;
	replace(&w.tsa, wish);
	set_domain(&w);
	EXPECT(PROOF_BAD, "time stamp: ");
	set_stamp(&w, NOW + 10);
	EXPECT(PROOF_DOMAIN, "");
	/* Somebody else's certificates. */
	set_pem(&w, "timestampCert", w.leaf.cert, w.middle.cert, NULL);
	EXPECT(PROOF_BAD, "time stamp: ");
	json_set_string(w.a, w.data, "timestampCert", "none");
	EXPECT(PROOF_BAD, "timestampCert does not read");
	end(&w);
}

CASE(a_nonce_that_was_asked_for_is_in_the_answer)
{
	struct world w;
	struct proof_stamp s = { .data = "text", .len = 4 };
	struct buf der = { 0 };
	struct buf pem = { 0 };
	const char *untrusted;
	const char *fault;
	int64_t us;

	begin(&w);
	add_pem(&pem, w.tsa.cert);
	add_pem(&pem, w.tsa_root.cert);
	s.certs = proof_certs_read(buf_text(&pem), pem.len);
	stamp(&w.tsa, w.tsa_root.cert, "text", NOW, 0x7a7b, &der);
	s.der = der.data;
	s.der_len = der.len;
	s.trust = w.trust;
	CHECK(proof_stamp_fault(w.a, &s, &us, &untrusted) == NULL);
	CHECK(untrusted == NULL);
	s.nonce = (const uint8_t *)"\x7a\x7b";
	s.nonce_len = 2;
	CHECK(proof_stamp_fault(w.a, &s, &us, &untrusted) == NULL);
	s.nonce = (const uint8_t *)"\x7a\x7c";
	fault = proof_stamp_fault(w.a, &s, &us, &untrusted);
	CHECK_TEXT(fault, "time stamp answers another request");
	proof_certs_free(s.certs);
	buf_clear(&der);
	buf_clear(&pem);
	end(&w);
}

/* ---- anonymous ---- */

static void
set_anonymous(struct world *w, EVP_PKEY *key, const struct buf *signature)
{
	uint8_t *spki = NULL;
	int len = i2d_PUBKEY(key, &spki);
	struct buf b = { 0 };

	w->data = json_new_object(w->a);
	json_set_string(w->a, w->data, "hash", HASH);
	json_set_string(w->a, w->data, "created", CREATED);
	json_set_string(w->a, w->data, "software", "test");
	json_set_string(w->a, w->data, "version", "0.1.0");
	set_base64(w, "signature", signature);
	buf_add(&b, spki, (size_t)len);
	set_base64(w, "publicKey", &b);
	buf_clear(&b);
	OPENSSL_free(spki);
}

CASE(an_anonymous_signature_is_good_and_says_by_which_key)
{
	struct world w;
	struct proof_key *k = NULL;
	struct error e = { 0 };
	struct buf b = { 0 };

	begin(&w);
	CHECK_OK(proof_key_make("keys/package.pem", &e), &e);
	CHECK_OK(proof_key_open(&k, "keys/package.pem", &e), &e);
	w.data = json_new_object(w.a);
	json_set_string(w.a, w.data, "hash", HASH);
	json_set_string(w.a, w.data, "created", CREATED);
	json_set_string(w.a, w.data, "software", "test");
	json_set_string(w.a, w.data, "version", "0.1.0");
	CHECK_OK(proof_sign(k, HASH, strlen(HASH), &b, &e), &e);
	json_set_string(w.a, w.data, "signature", buf_text(&b));
	buf_reset(&b);
	proof_key_public(k, &b);
	json_set_string(w.a, w.data, "publicKey", buf_text(&b));
	EXPECT(PROOF_ANONYMOUS, "");
	CHECK(text_starts(w.result.signer, "sha256:"));
	CHECK_INT(strlen(w.result.signer), 71);
	json_set_string(w.a, w.data, "domain", "archive.example");
	EXPECT(PROOF_BAD, "publicKey does not belong there");
	proof_key_free(k);
	buf_clear(&b);
	end(&w);
}

CASE(a_public_key_has_one_spelling)
{
	struct world w;
	struct buf sig = { 0 };
	struct buf spki = { 0 };

	begin(&w);
	sign_der(w.root.key, HASH, &sig);
	set_anonymous(&w, w.root.key, &sig);
	CHECK(proof_read_base64(
	    &spki, get(&w, "publicKey"), strlen(get(&w, "publicKey"))));
	/* The point in the hybrid form, which OpenSSL reads. */
	spki.data[23] = 6 | (spki.data[spki.len - 1] & 1);
	set_base64(&w, "publicKey", &spki);
	EXPECT(PROOF_BAD, "publicKey is no uncompressed point");
	buf_clear(&sig);
	buf_clear(&spki);
	end(&w);
}

CASE(anonymous_signatures_of_another_shape_are_bad)
{
	struct world w;
	struct buf sig = { 0 };
	char *text;

	begin(&w);
	sign_der(w.root.key, HASH, &sig);
	set_anonymous(&w, w.root.key, &sig);
	EXPECT(PROOF_BAD, "signature is in DER");
	sig.len--;
	set_anonymous(&w, w.root.key, &sig);
	EXPECT(PROOF_BAD, "has not the length");
	buf_reset(&sig);
	for (int i = 0; i < 96; i++)
		buf_add_byte(&sig, 0);
	set_anonymous(&w, w.root.key, &sig);
	EXPECT(PROOF_BAD, "signature is not of this hash");
	memset(sig.data, 0xff, 96);
	set_anonymous(&w, w.root.key, &sig);
	EXPECT(PROOF_BAD, "signature is not of this hash");
	set_anonymous(&w, w.leaf.key, &sig);
	EXPECT(PROOF_BAD, "publicKey is of the curve prime256v1, not P-384");
	set_anonymous(&w, w.root.key, &sig);
	text = arena_text(w.a, get(&w, "publicKey"));
	text[100] = text[100] == 'A' ? 'B' : 'A';
	json_set_string(w.a, w.data, "publicKey", text);
	EXPECT(PROOF_BAD, "publicKey is no point of the curve");
	json_set_string(w.a, w.data, "publicKey", "QUJD");
	EXPECT(PROOF_BAD, "publicKey does not read");
	json_set_string(w.a, w.data, "publicKey", "?");
	EXPECT(PROOF_BAD, "publicKey is no base64");
	buf_clear(&sig);
	end(&w);
}

CASE(roots_that_do_not_read_are_told)
{
	struct proof_trust *t = NULL;
	struct error e = { 0 };

	CHECK_INT(proof_trust_open(&t, "absent.pem", &e), -1);
	CHECK_INT(e.kind, ERROR_KEY);
	CHECK_INT(file_put("bad.pem", "text", 4, NULL), 0);
	CHECK_INT(proof_trust_open(&t, "bad.pem", &e), -1);
	CHECK_INT(e.kind, ERROR_KEY);
	CHECK(strstr(e.text, "bad.pem: holds no certificates") != NULL);
	CHECK_OK(proof_trust_open(&t, "", &e), &e);
	proof_trust_free(t);
}

TESTS(T(a_domain_with_a_time_stamp_is_believed),
    T(who_is_not_believed_in_proves_nothing),
    T(a_wrong_hash_signature_or_creation_is_bad),
    T(members_are_those_of_the_form_and_texts),
    T(the_domain_is_that_of_the_certificate),
    T(certificates_hang_together_and_were_valid),
    T(a_cross_signed_certificate_is_of_the_same_key),
    T(a_cross_signed_certificate_is_of_the_same_domain),
    T(a_subject_does_not_get_round_the_names_of_a_certificate),
    T(a_domain_is_a_whole_name),
    T(a_certificate_is_used_for_what_it_may_be_used),
    T(weak_digests_and_curves_prove_nothing),
    T(a_time_stamp_is_as_exact_as_it_says),
    T(time_stamps_are_of_this_signature_and_soon),
    T(a_token_cut_or_turned_anywhere_is_never_good),
    T(an_authority_for_time_has_that_purpose_and_is_valid_then),
    T(a_nonce_that_was_asked_for_is_in_the_answer),
    T(an_anonymous_signature_is_good_and_says_by_which_key),
    T(a_public_key_has_one_spelling),
    T(anonymous_signatures_of_another_shape_are_bad),
    T(roots_that_do_not_read_are_told))
