/* Time stamps of others: what their names say. */
#include <stdlib.h>

#include <openssl/ts.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"
#include "tests/test.h"

#define FIXTURES "trailofbits__rfc3161-client/test/fixtures"

struct sample {
	const char *folder, *file;
	const char *request; /* its nonce is asked for; NULL: none */
	const char *data;    /* NULL: the payload beside it */
	const char *fault;   /* part of what is wrong; NULL: good */
};

static const struct sample samples[] = {
	{ "sigstage", "response-sha256.tsr", NULL, "hello", NULL },
	{ "sigstage", "response-sha384.tsr", NULL, "hello", NULL },
	{ "sigstage", "response-sha512.tsr", NULL, "hello", NULL },
	{ "sigstage", "response-sha256.tsr", NULL, "hullo", "other bytes" },
	{ "sigstage", "response-sha512.tsr", "request.der", "hello",
	    "another request" },
	{ "sigstage", "response-invalid-signature.tsr", NULL, "hello",
	    "signature failure" },
	{ "test_tsa", "response.tsr", "request.der", "hello", NULL },
	{ "test_tsa", "response.tsr", "other_request.der", "hello",
	    "another request" },
	{ "test_tsa", "other_response.tsr", "request.der", "hello",
	    "another request" },
	{ "test_tsa", "response-injected-certs.tsr", "request.der", "hello",
	    NULL },
	{ "sigstage", "response-no-embedded-cert.tsr", NULL, "hello", NULL },
	{ "identrust", "issue-104.tsr", NULL, "hello", NULL },
	/* Its certificate has expired by now; when it was used, it had not. */
	{ "sigstore.mock", "response-expired.tsr", NULL, NULL, NULL },
};

static void
get_file(struct buf *out, const char *folder, const char *name)
{
	char *path = mem_format(
	    "%s/%s/%s/%s", getenv("CORPORA"), FIXTURES, folder, name);
	struct error e = { 0 };

	CHECK_OK(file_get(path, out, 1 << 20, &e), &e);
	free(path);
}

static void
get_nonce(struct buf *out, const char *folder, const char *name)
{
	struct buf der = { 0 };
	const uint8_t *p;
	TS_REQ *q;

	get_file(&der, folder, name);
	p = der.data;
	q = d2i_TS_REQ(NULL, &p, (long)der.len);
	CHECK(q != NULL && TS_REQ_get_nonce(q) != NULL);
	if (q != NULL)
		buf_add(out, ASN1_STRING_get0_data(TS_REQ_get_nonce(q)),
		    (size_t)ASN1_STRING_length(TS_REQ_get_nonce(q)));
	TS_REQ_free(q);
	buf_clear(&der);
}

/* A chain in PEM, or one certificate in DER. */
static STACK_OF(X509) * read_chain(const struct buf *b)
{
	STACK_OF(X509) *certs = proof_certs_read(buf_text(b), b->len);
	const uint8_t *p = b->data;
	X509 *one;

	if (certs != NULL)
		return certs;
	one = d2i_X509(NULL, &p, (long)b->len);
	CHECK(one != NULL);
	certs = sk_X509_new_null();
	(void)sk_X509_push(certs, one);
	return certs;
}

static void
judge(const struct sample *c)
{
	struct arena *a = arena_new();
	struct buf der = { 0 };
	struct buf pem = { 0 };
	struct buf data = { 0 };
	struct buf nonce = { 0 };
	struct proof_stamp s = { 0 };
	const char *untrusted = NULL;
	const char *fault;
	int64_t us = 0;

	get_file(&der, c->folder, c->file);
	get_file(&pem, c->folder, "ts_chain.pem");
	if (c->data != NULL)
		buf_add_text(&data, c->data);
	else
		get_file(&data, c->folder, "payload");
	if (c->request != NULL) {
		get_nonce(&nonce, c->folder, c->request);
		s.nonce = nonce.data;
		s.nonce_len = nonce.len;
	}
	s.der = der.data;
	s.der_len = der.len;
	s.data = data.data;
	s.len = data.len;
	s.certs = read_chain(&pem);
	CHECK(s.certs != NULL);
	fault = s.certs == NULL ? "chain"
				: proof_stamp_fault(a, &s, &us, &untrusted);
	if ((fault == NULL) != (c->fault == NULL) ||
	    (fault != NULL && strstr(fault, c->fault) == NULL)) {
		printf("# %s/%s: '%s', expected '%s'\n", c->folder, c->file,
		    fault == NULL ? "good" : fault,
		    c->fault == NULL ? "good" : c->fault);
		test_failed = 1;
	}
	CHECK(fault != NULL || us > 0);
	proof_certs_free(s.certs);
	buf_clear(&der);
	buf_clear(&pem);
	buf_clear(&data);
	buf_clear(&nonce);
	arena_free(a);
}

CASE(time_stamps_of_others_are_judged_as_they_are_named)
{
	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		judge(&samples[i]);
}

TESTS(T(time_stamps_of_others_are_judged_as_they_are_named))
