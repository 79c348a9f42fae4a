/* Certificates: chains of them, and who is believed in. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"

enum {
	US = 1000000,
	TRUST_MAX = 4 * 1024 * 1024,
	STRENGTH = 2 /* OpenSSL's: no SHA-1, at least 112 bits */
};

/* ---- reading ---- */

/* 1 one more, 0 the end, -1 it does not read. */
static int
next_cert(BIO *text, X509 **out)
{
	unsigned long why;

	*out = PEM_read_bio_X509(text, NULL, NULL, NULL);
	if (*out != NULL)
		return 1;
	why = ERR_peek_last_error();
	ERR_clear_error();
	return ERR_GET_LIB(why) == ERR_LIB_PEM &&
		       ERR_GET_REASON(why) == PEM_R_NO_START_LINE
		   ? 0
		   : -1;
}

/* At most MOST of them. */
static STACK_OF(X509) * read_certs(const char *pem, size_t len, int most)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *text = BIO_new_mem_buf(pem, (int)len);
	X509 *one = NULL;
	int got = -1;

	while (certs != NULL && text != NULL &&
	       (got = next_cert(text, &one)) == 1) {
		if (sk_X509_num(certs) >= most ||
		    sk_X509_push(certs, one) <= 0) {
			X509_free(one);
			got = -1;
			break;
		}
	}
	BIO_free(text);
	if (got == 0 && sk_X509_num(certs) > 0)
		return certs;
	proof_certs_free(certs);
	return NULL;
}

STACK_OF(X509) * proof_certs_read(const char *pem, size_t len)
{
	if (len == 0 || len > PROOF_PEM_MAX || strlen(pem) != len)
		return NULL;
	return read_certs(pem, len, LIMIT_CERTIFICATES);
}

void
proof_certs_free(STACK_OF(X509) * certs)
{
	sk_X509_pop_free(certs, X509_free);
}

/* ---- a chain in itself ---- */

static int
is_valid_at(const X509 *c, int64_t us)
{
	time_t when = (time_t)(us / US);

	/* 0 is an error; equal counts as before. */
	return X509_cmp_time(X509_get0_notBefore(c), &when) == -1 &&
	       X509_cmp_time(X509_get0_notAfter(c), &when) == 1;
}

static const char *
name_of(struct arena *a, const X509 *c)
{
	char name[256] = "";

	(void)X509_NAME_oneline(X509_get_subject_name(c), name, sizeof(name));
	return arena_text(a, name);
}

const char *
proof_chain_fault(struct arena *a, STACK_OF(X509) * certs, int64_t us)
{
	int count = sk_X509_num(certs);

	for (int i = 0; i < count; i++) {
		X509 *one = sk_X509_value(certs, i);
		X509 *next = i + 1 < count ? sk_X509_value(certs, i + 1) : NULL;
		int linked;

		if (!is_valid_at(one, us))
			return arena_format(a,
			    "certificate of %s was not valid at that time",
			    name_of(a, one));
		if (next == NULL)
			break;
		linked = X509_check_issued(next, one) == X509_V_OK &&
			 X509_check_ca(next) > 0 &&
			 X509_verify(one, X509_get0_pubkey(next)) == 1;
		ERR_clear_error();
		if (!linked)
			return arena_format(a,
			    "certificate of %s is not issued by the next one",
			    name_of(a, one));
	}
	return NULL;
}

/* ---- who is believed in ---- */

const char *
proof_trust_fault(struct arena *a, const struct proof_trust *t, X509 *leaf,
    STACK_OF(X509) * others, int64_t us, int purpose)
{
	X509_STORE_CTX *c = NULL;
	X509_VERIFY_PARAM *how;
	const char *fault = "certificates could not be looked at";

	if (t == NULL)
		return "no roots are believed in";
	c = X509_STORE_CTX_new();
	if (c == NULL || X509_STORE_CTX_init(c, t->store, leaf, others) != 1)
		goto done;
	how = X509_STORE_CTX_get0_param(c);
	X509_VERIFY_PARAM_set_time(how, (time_t)(us / US));
	X509_VERIFY_PARAM_set_auth_level(how, STRENGTH);
	/* Whoever is named in the file is believed in, root or not. */
	(void)X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
	(void)X509_VERIFY_PARAM_set_purpose(how, purpose);
	fault = NULL;
	if (X509_verify_cert(c) != 1)
		fault = arena_format(a, "%s: %s", name_of(a, leaf),
		    X509_verify_cert_error_string(X509_STORE_CTX_get_error(c)));
done:
	X509_STORE_CTX_free(c);
	ERR_clear_error();
	return fault;
}

static int
read_roots(struct proof_trust *t, const char *path, struct error *e)
{
	struct buf text = { 0 };
	STACK_OF(X509) *certs = NULL;
	struct error why = { 0 };
	int rc = -1;

	if (file_get(path, &text, TRUST_MAX, &why) != 0) {
		(void)error_set(e, ERROR_KEY, "%s", why.text);
		goto done;
	}
	certs = read_certs(buf_text(&text), text.len, LIMIT_PAGE_LINKS);
	if (certs == NULL) {
		(void)error_set(e, ERROR_KEY,
		    "%s: holds no certificates in PEM, or one that does not "
		    "read",
		    path);
		goto done;
	}
	rc = 0;
	for (int i = 0; rc == 0 && i < sk_X509_num(certs); i++)
		if (X509_STORE_add_cert(t->store, sk_X509_value(certs, i)) != 1)
			rc = error_set(e, ERROR_KEY,
			    "%s: a certificate cannot be used", path);
done:
	ERR_clear_error();
	proof_certs_free(certs);
	buf_clear(&text);
	return rc;
}

int
proof_trust_open(struct proof_trust **out, const char *path, struct error *e)
{
	struct proof_trust *t = mem_zero(1, sizeof(*t));
	int rc = 0;

	*out = NULL;
	t->store = X509_STORE_new();
	if (t->store == NULL)
		rc = error_set(e, ERROR_SYSTEM, "roots: no memory");
	else if (path[0] != '\0')
		rc = read_roots(t, path, e);
	else
		(void)X509_STORE_set_default_paths(t->store);
	ERR_clear_error();
	if (rc == 0)
		*out = t;
	else
		proof_trust_free(t);
	return rc;
}

void
proof_trust_free(struct proof_trust *t)
{
	if (t == NULL)
		return;
	X509_STORE_free(t->store);
	free(t);
}
