/* Signed data as it comes: a verdict, whatever it is, and a signature that
 * was not made here is never a good one of the domain. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The parts behind the gates of form, each alone. */
static void
try_parts(struct arena *a, const uint8_t *p, size_t len)
{
	struct proof_stamp s = {
		.der = p, .der_len = len, .data = "x", .len = 1
	};
	const char *untrusted;
	int64_t us;
	char *text = arena_text_n(a, (const char *)p, len);

	s.certs = proof_certs_read(text, len);
	if (s.certs != NULL)
		(void)proof_chain_fault(a, s.certs, 0);
	proof_certs_free(s.certs);
	s.certs = sk_X509_new_null();
	if (proof_stamp_fault(a, &s, &us, &untrusted) == NULL)
		abort();
	proof_certs_free(s.certs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct json *data = json_parse(a, (const char *)p, len, NULL);
	struct proof_result r;

	proof_check(a, data, json_text(json_get(data, "hash"), "sha256:00"),
	    json_text(json_get(data, "created"), ""), NULL, &r);
	if (r.verdict == PROOF_DOMAIN ||
	    (r.why[0] == '\0') !=
		(r.verdict == PROOF_NONE || r.verdict == PROOF_ANONYMOUS))
		abort();
	try_parts(a, p, len);
	arena_free(a);
	return 0;
}
