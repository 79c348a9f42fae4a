/* WACZ files of others: what their names say, and why. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive/tree.h"
#include "core/archive/wacz_read.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "core/collection/verify_package.h"
#include "tests/test.h"

#define FIXTURES "webrecorder__py-wacz/tests/fixtures"

static const struct sample {
	const char *name;
	int with_trust; /* in the roots that one of them names */
	unsigned changed, damaged, warnings, records;
	int code;            /* that the program ends with */
	const char *said[5]; /* parts of lines */
	const char *signature;
} samples[] = {
	{ "valid_example_1.wacz", 0, 0, 0, 0, 4, 0,
	    { "note package", "is of the older version 1.0.0" }, "" },
	{ "valid_example_2.wacz", 0, 0, 0, 0, 4, 0,
	    { "note signature", "is not signed" }, "" },
	{ "valid_signed_example_1.wacz", 1, 0, 0, 0, 4, 0, { NULL },
	    "domain btrix-sign-test.webrecorder.net, 2022-01-18T19:00:12Z, "
	    "time stamp 2022-01-18T19:00:12Z" },
	{ "valid_signed_example_1.wacz", 0, 0, 0, 1, 4, 0,
	    { "warning signature", "the domain cannot be proved" },
	    "domain btrix-sign-test.webrecorder.net, 2022-01-18T19:00:12Z, "
	    "not proved" },
	/* Whole, and its signature and time stamp are good; but the certificate
	 * is one of Let's Encrypt's authority for trials, which signs for
	 * anybody. Nobody asked that it be another's: */
	{ "invalid_signed_example_1.wacz", 0, 0, 0, 1, 4, 0,
	    { "warning signature", "the domain cannot be proved" },
	    "domain btrix-sign-test.webrecorder.net, 2022-01-18T04:54:34Z, "
	    "not proved" },
	{ "invalid_signed_example_1.wacz", 1, 1, 0, 0, 4, 10,
	    { "changed signature", "the domain cannot be proved",
		"unable to get local issuer certificate" },
	    "domain btrix-sign-test.webrecorder.net, 2022-01-18T04:54:34Z, "
	    "not proved" },
	{ "invalid_example_1.wacz", 0, 1, 3, 2, 0, 10,
	    { "changed resource-missing", "data/indexes/index.cdx.gz",
		"holds no WARC file in archive/", "holds no index in",
		"holds no pages/pages.jsonl" },
	    "" },
};

static char *
path_of(const char *name)
{
	return mem_format("%s/%s/%s", getenv("CORPORA"), FIXTURES, name);
}

/* The last certificate of a chain. */
static void
add_root(struct buf *out, const char *chain)
{
	const char *last = chain;
	const char *next;

	while ((next = strstr(last + 1, "-----BEGIN")) != NULL)
		last = next;
	buf_add_text(out, last);
	buf_add_text(out, "\n");
}

/* Roots that the good one of the signed names. */
static struct proof_trust *
get_trust(void)
{
	char *path = path_of("valid_signed_example_1.wacz");
	const struct tree_options t = { .kept_most = 0 };
	struct arena *a = arena_new();
	struct tree *tree = NULL;
	struct input *in = NULL;
	struct stream *s;
	struct buf text = { 0 };
	struct buf pem = { 0 };
	struct wacz_digest d = { 0 };
	struct proof_trust *trust = NULL;
	struct error e = { 0 };

	CHECK_OK(tree_open(&tree, path, &t, &e), &e);
	CHECK_OK(
	    tree_file_open(tree, tree_find(tree, WACZ_DIGEST), &in, &e), &e);
	s = input_stream(in, 0, INPUT_NO_END);
	CHECK_OK(stream_read(s, &text, WACZ_DIGEST_MAX, &e), &e);
	CHECK_OK(wacz_read_digest(a, text.data, text.len, &d, &e), &e);
	add_root(&pem, json_text(json_get(d.signed_data, "domainCert"), ""));
	add_root(&pem, json_text(json_get(d.signed_data, "timestampCert"), ""));
	CHECK_OK(file_put("roots.pem", pem.data, pem.len, &e), &e);
	CHECK_OK(proof_trust_open(&trust, "roots.pem", &e), &e);
	stream_free(s);
	input_free(in);
	tree_free(tree);
	buf_clear(&pem);
	buf_clear(&text);
	arena_free(a);
	free(path);
	return trust;
}

static void
hear(void *context, const struct finding *f)
{
	buf_format(context, "%s %s %s: %s\n", severity_name(f->severity),
	    f->code, f->file, f->text);
}

/* What the program says to the same, in its exit code. */
static int
run_verify(const char *path, int with_trust)
{
	const char *build = getenv("BUILD");
	char *program = mem_format("%s/holdfast", build == NULL ? "" : build);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		const char *const args[] = { "holdfast", "verify", path,
			with_trust ? "--trust" : NULL, "roots.pem", NULL };

		(void)setenv("SSL_CERT_FILE", "/dev/null", 1);
		(void)setenv("SSL_CERT_DIR", "/dev/null", 1);
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		(void)execv(program, (char *const *)(uintptr_t)args);
		_exit(127);
	}
	free(program);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		   ? WEXITSTATUS(status)
		   : -1;
}

static void
judge(const struct sample *x, const struct proof_trust *trust)
{
	struct buf said = { 0 };
	const struct verify_collection_options base = {
		.each_finding = hear, .context = &said, .threads = 1
	};
	const struct verify_package_options o = { .base = &base,
		.trust = x->with_trust ? trust : NULL,
		.must_trust = x->with_trust };
	struct verify_collection_totals totals = { 0 };
	struct verify_package_facts facts = { .form = FORM_NONE };
	struct error e = { 0 };
	char *path = path_of(x->name);
	int before = test_failed;

	test_failed = 0;
	CHECK_OK(verify_package(path, &o, &totals, &facts, &e), &e);
	CHECK_INT(facts.form, FORM_WACZ);
	CHECK_INT(totals.files.changed, x->changed);
	CHECK_INT(totals.files.damaged, x->damaged);
	CHECK_INT(totals.files.warnings, x->warnings);
	CHECK_INT(totals.files.records, x->records);
	CHECK_TEXT(facts.signature, x->signature);
	if (getenv("BUILD") != NULL)
		CHECK_INT(run_verify(path, x->with_trust), x->code);
	for (size_t i = 0; i < 5 && x->said[i] != NULL; i++)
		if (strstr(buf_text(&said), x->said[i]) == NULL)
			CHECK_TEXT("not said", x->said[i]);
	if (test_failed)
		printf("# %s:\n", x->name);
	test_failed |= before;
	free(facts.signature);
	free(path);
	buf_clear(&said);
}

CASE(packages_of_others_are_judged_as_they_are_named)
{
	struct proof_trust *trust;

	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	trust = get_trust();
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		judge(&samples[i], trust);
	proof_trust_free(trust);
}

TESTS(T(packages_of_others_are_judged_as_they_are_named))
