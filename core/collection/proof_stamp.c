/* Time stamps of RFC 3161. */
#include <inttypes.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/collection/proof_part.h"

enum {
	US = 1000000,
	DIGITS = 14,
	ACCURACY_MAX = 60 /* seconds: what a clock may be wrong by */
};

/* A response taken apart; all borrowed from RESP. */
struct stamp {
	TS_RESP *resp;
	PKCS7 *token;
	TS_TST_INFO *info;
	X509 *signer;
	STACK_OF(X509) * others; /* embedded and given; borrowed ones */
	int64_t us;
};

/* "20220118190012.5Z": whole seconds of it. 1 / 0. */
static int
read_time(const ASN1_GENERALIZEDTIME *t, int64_t *us)
{
	const char *s = (const char *)ASN1_STRING_get0_data(t);
	size_t len = (size_t)ASN1_STRING_length(t);
	char digits[DIGITS + 1];

	if (len <= DIGITS || len > 32 || s[len - 1] != 'Z' ||
	    (len > DIGITS + 1 && s[DIGITS] != '.'))
		return 0;
	memcpy(digits, s, DIGITS);
	digits[DIGITS] = '\0';
	return strspn(digits, "0123456789") == DIGITS &&
	       date_parse_digits(digits, us);
}

/* One that holds; NULL. */
static const EVP_MD *
digest_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *kind = NULL;

	X509_ALGOR_get0(&kind, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(kind)) {
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/* Is it the digest of what was stamped? */
static const char *
imprint_fault(const struct proof_stamp *s, TS_TST_INFO *info)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	ASN1_OCTET_STRING *want = TS_MSG_IMPRINT_get_msg(imprint);
	const EVP_MD *md = digest_of(TS_MSG_IMPRINT_get_algo(imprint));
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (md == NULL)
		return "time stamp is over a digest of another kind";
	if (EVP_Digest(s->data, s->len, digest, &len, md, NULL) != 1 ||
	    ASN1_STRING_length(want) != (int)len ||
	    memcmp(ASN1_STRING_get0_data(want), digest, len) != 0)
		return "time stamp is of other bytes";
	return NULL;
}

static const char *
nonce_fault(const struct proof_stamp *s, const TS_TST_INFO *info)
{
	const ASN1_INTEGER *nonce = TS_TST_INFO_get_nonce(info);

	if (s->nonce == NULL)
		return NULL;
	if (nonce == NULL || ASN1_STRING_length(nonce) != (int)s->nonce_len ||
	    memcmp(ASN1_STRING_get0_data(nonce), s->nonce, s->nonce_len) != 0)
		return "time stamp answers another request";
	return NULL;
}

/* Status, token, time: NULL, or what is wrong. */
static const char *
take_apart(const struct proof_stamp *s, struct stamp *st)
{
	const uint8_t *p = s->der;
	const ASN1_INTEGER *status;
	int64_t code = -1;

	if (s->der_len == 0 || s->der_len > PROOF_STAMP_MAX)
		return "time stamp is empty or too long";
	st->resp = d2i_TS_RESP(NULL, &p, (long)s->der_len);
	if (st->resp == NULL || p != s->der + s->der_len)
		return "time stamp does not read";
	status = TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(st->resp));
	if (ASN1_INTEGER_get_int64(&code, status) != 1 ||
	    (code != TS_STATUS_GRANTED && code != TS_STATUS_GRANTED_WITH_MODS))
		return "time stamp was not granted";
	st->token = TS_RESP_get_token(st->resp);
	st->info = TS_RESP_get_tst_info(st->resp);
	if (st->token == NULL || st->info == NULL ||
	    !PKCS7_type_is_signed(st->token))
		return "time stamp holds no token";
	if (!read_time(TS_TST_INFO_get_time(st->info), &st->us))
		return "time of the time stamp does not read";
	return NULL;
}

static int
push_all(STACK_OF(X509) * to, STACK_OF(X509) * from)
{
	for (int i = 0; i < sk_X509_num(from); i++)
		if (sk_X509_push(to, sk_X509_value(from, i)) <= 0)
			return -1;
	return 0;
}

static const char *
find_signer(const struct proof_stamp *s, struct stamp *st)
{
	STACK_OF(X509) * signers;

	st->others = sk_X509_new_null();
	if (st->others == NULL || push_all(st->others, s->certs) != 0 ||
	    push_all(st->others, st->token->d.sign->cert) != 0)
		return "time stamp could not be looked at";
	signers = PKCS7_get0_signers(st->token, s->certs, 0);
	if (sk_X509_num(signers) == 1)
		st->signer = sk_X509_value(signers, 0);
	sk_X509_free(signers);
	return st->signer == NULL
		   ? "certificate of the time stamp's signer is not there"
		   : NULL;
}

/* Anchors of the chain itself: the roots in what was given, or its last. */
static X509_STORE *
own_store(STACK_OF(X509) * certs, int64_t us)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *how;
	int roots = 0;

	if (store == NULL)
		return NULL;
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *one = sk_X509_value(certs, i);

		if (X509_self_signed(one, 0) == 1)
			roots += X509_STORE_add_cert(store, one);
	}
	if (roots == 0 && sk_X509_num(certs) > 0)
		(void)X509_STORE_add_cert(
		    store, sk_X509_value(certs, sk_X509_num(certs) - 1));
	how = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(how, (time_t)(us / US));
	(void)X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
	return store;
}

/* Signature, the certificate's purpose and its chain at the time stamped. */
static const char *
signature_fault(struct arena *a, const struct proof_stamp *s, struct stamp *st)
{
	TS_VERIFY_CTX *c = TS_VERIFY_CTX_new();
	const char *fault = NULL;
	unsigned long why;

	if (c == NULL)
		return "time stamp could not be looked at";
	(void)TS_VERIFY_CTX_set_flags(c, TS_VFY_VERSION | TS_VFY_SIGNATURE);
	/* The context owns them. */
	(void)TS_VERIFY_CTX_set_store(c, own_store(s->certs, st->us));
	(void)TS_VERIFY_CTX_set_certs(c, X509_chain_up_ref(s->certs));
	ERR_clear_error();
	if (TS_RESP_verify_response(c, st->resp) != 1) {
		const char *data = NULL;
		int flags = 0;

		why = ERR_peek_last_error_data(&data, &flags);
		fault = arena_format(a, "time stamp: %s%s%s",
		    ERR_reason_error_string(why) == NULL
			? "does not verify"
			: ERR_reason_error_string(why),
		    data != NULL && (flags & ERR_TXT_STRING) ? ", " : "",
		    data != NULL && (flags & ERR_TXT_STRING) ? data : "");
	}
	TS_VERIFY_CTX_free(c);
	return fault;
}

/* RFC 3161, 2.4.2: the time is right to so many seconds, rounded up; without
 * it, whoever made it says so in its policy. */
static int64_t
accuracy_of(const TS_TST_INFO *info)
{
	TS_ACCURACY *x = TS_TST_INFO_get_accuracy((TS_TST_INFO *)info);
	int64_t seconds = 0;
	int is_more;

	if (x == NULL)
		return 0;
	is_more = TS_ACCURACY_get_millis(x) != NULL ||
		  TS_ACCURACY_get_micros(x) != NULL;
	if (TS_ACCURACY_get_seconds(x) != NULL &&
	    ASN1_INTEGER_get_int64(&seconds, TS_ACCURACY_get_seconds(x)) != 1)
		return INT32_MAX;
	return seconds < 0 || seconds > INT32_MAX ? INT32_MAX
						  : seconds + is_more;
}

/* What makes it no proof, though nothing contradicts it. */
static const char *
weakness(struct arena *a, const struct stamp *st)
{
	const PKCS7_SIGNER_INFO *by = sk_PKCS7_SIGNER_INFO_value(
	    PKCS7_get_signer_info(st->token), 0);
	int64_t accuracy = accuracy_of(st->info);

	if (by == NULL || digest_of(by->digest_alg) == NULL)
		return "the time stamp is signed over a weak digest";
	return accuracy <= ACCURACY_MAX
		   ? NULL
		   : arena_format(a,
			 "the time stamp is right to %" PRId64 " seconds only",
			 accuracy);
}

const char *
proof_stamp_fault(struct arena *a, const struct proof_stamp *s, int64_t *us,
    const char **untrusted)
{
	struct stamp st = { 0 };
	const char *fault = take_apart(s, &st);

	*us = st.us;
	*untrusted = NULL;
	if (fault == NULL)
		fault = imprint_fault(s, st.info);
	if (fault == NULL)
		fault = nonce_fault(s, st.info);
	if (fault == NULL)
		fault = find_signer(s, &st);
	if (fault == NULL)
		fault = signature_fault(a, s, &st);
	if (fault == NULL)
		*untrusted = weakness(a, &st);
	if (fault == NULL && *untrusted == NULL)
		*untrusted = proof_trust_fault(a, s->trust, st.signer,
		    st.others, st.us, X509_PURPOSE_TIMESTAMP_SIGN);
	sk_X509_free(st.others);
	TS_RESP_free(st.resp);
	ERR_clear_error();
	return fault;
}
