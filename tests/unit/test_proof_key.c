/* Keys and signatures of packages. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"
#include "tests/test.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* RFC 6979, A.2.6: the key of P-384, as a file. */
static const char vector_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "ME4CAQAwEAYHKoZIzj0CAQYFK4EEACIENzA1AgEBBDBrnT2tLhuMHAWxmHW2ZZ9N\n"
    "4jw7Znvyl7qapHdAeHE32JbVck5McKgl+HLJ6mDS7fU=\n"
    "-----END PRIVATE KEY-----\n";

/* Its secret, every byte turned: the search must not find this. */
enum { TURN = 0x5a };
static const char vector_secret[] =
    "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
    "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";

static void
put_key(const char *path, const char *text)
{
	CHECK_INT(file_put(path, text, strlen(text), NULL), 0);
	CHECK_INT(chmod(path, 0600), 0);
	CHECK_INT(chmod(".", 0700), 0);
}

static void
sign_hex(const struct proof_key *k, const char *text, char hex[193])
{
	struct buf b64 = { 0 };
	struct buf raw = { 0 };
	struct error e = { 0 };

	hex[0] = '\0';
	CHECK_OK(proof_sign(k, text, strlen(text), &b64, &e), &e);
	CHECK_INT(b64.len, 128);
	CHECK(proof_read_base64(&raw, buf_text(&b64), b64.len));
	CHECK_INT(raw.len, 96);
	if (raw.len == 96)
		text_hex(hex, raw.data, 96);
	buf_clear(&b64);
	buf_clear(&raw);
}

CASE(signatures_are_those_of_rfc_6979)
{
	struct proof_key *k = NULL;
	struct error e = { 0 };
	char hex[193];

	put_key("vector.pem", vector_key);
	CHECK_OK(proof_key_open(&k, "vector.pem", &e), &e);
	if (k == NULL)
		return;
	sign_hex(k, "sample", hex);
	CHECK_TEXT(hex, "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e"
			"354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"
			"f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d4"
			"5db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0");
	sign_hex(k, "test", hex);
	CHECK_TEXT(hex, "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5"
			"b16d9bb51d451559f918eedaf2293be5b475cc8f0188636b"
			"2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c"
			"8ba6baeb4b53b47d51ab373f9845c0514eefb14024787265");
	proof_key_free(k);
}

CASE(a_new_key_is_private_and_signs_the_same_twice)
{
	struct proof_key *k = NULL;
	struct error e = { 0 };
	struct stat st = { 0 };
	struct buf public = { 0 };
	char a[193];
	char b[193];
	mode_t mask = umask(0);

	CHECK_OK(proof_key_make("keys/package.pem", &e), &e);
	CHECK_INT(stat("keys", &st), 0);
	CHECK_INT(st.st_mode & 0777, 0700);
	CHECK_INT(stat("keys/package.pem", &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK(!file_exists("keys/package.pem.tmp"));
	CHECK_INT(proof_key_make("keys/package.pem", &e), -1);
	CHECK_OK(proof_key_open(&k, "keys/package.pem", &e), &e);
	if (k != NULL) {
		sign_hex(k, "one", a);
		sign_hex(k, "one", b);
		CHECK_TEXT(a, b);
		sign_hex(k, "two", b);
		CHECK(strcmp(a, b) != 0);
		proof_key_public(k, &public);
		/* SubjectPublicKeyInfo of P-384 */
		CHECK_INT(public.len, 160);
		CHECK(text_starts(
		    buf_text(&public), "MHYwEAYHKoZIzj0CAQYFK4EEACID"));
	}
	buf_clear(&public);
	proof_key_free(k);
	(void)umask(mask);
}

static void
check_refused(const char *path, const char *why)
{
	struct proof_key *k = NULL;
	struct error e = { 0 };

	CHECK_INT(proof_key_open(&k, path, &e), -1);
	CHECK_INT(e.kind, ERROR_KEY);
	CHECK(k == NULL);
	if (strstr(e.text, why) == NULL)
		CHECK_TEXT(e.text, why);
}

CASE(a_key_that_others_may_read_is_refused_with_the_command_that_mends_it)
{
	static const mode_t modes[] = { 0604, 0640, 0660, 0610, 0777 };
	struct proof_key *k = NULL;
	struct error e = { 0 };

	put_key("open.pem", vector_key);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		CHECK_INT(chmod("open.pem", modes[i]), 0);
		check_refused("open.pem", "chmod 600 open.pem");
	}
	CHECK_INT(chmod("open.pem", 0600), 0);
	CHECK_INT(mkdir("loose", 0755), 0);
	CHECK_INT(chmod("loose", 0755), 0);
	CHECK_INT(rename("open.pem", "loose/open.pem"), 0);
	check_refused("loose/open.pem", "chmod 700 loose");
	/* Nor is one made there. */
	CHECK_INT(proof_key_make("loose/new.pem", &e), -1);
	CHECK_INT(e.kind, ERROR_KEY);
	CHECK(!file_exists("loose/new.pem"));
	error_clear(&e);
	CHECK_INT(chmod("loose", 0700), 0);
	CHECK_OK(proof_key_open(&k, "loose/open.pem", &e), &e);
	proof_key_free(k);
}

CASE(what_is_no_such_key_is_refused)
{
	/* P-256, made for this */
	static const char other[] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCABAQEBAQEBAQEBAQEB\n"
	    "AQEBAQEBAQEBAQEBAQEBAQEBAQ==\n"
	    "-----END PRIVATE KEY-----\n";

	check_refused("absent.pem", "holdfast init");
	put_key("other.pem", other);
	check_refused("other.pem", "P-384");
	put_key("empty.pem", "");
	check_refused("empty.pem", "no private key");
	put_key("cut.pem", "-----BEGIN PRIVATE KEY-----\nME4CAQAw\n");
	check_refused("cut.pem", "no private key");
	put_key("target.pem", vector_key);
	CHECK_INT(symlink("target.pem", "link.pem"), 0);
	check_refused("link.pem", "link.pem");
	CHECK_INT(mkfifo("pipe.pem", 0600), 0);
	check_refused("pipe.pem", "no file");
}

/* ---- nothing of it stays ---- */

/* Where LEN bytes at P stand in [FROM, TO) of this process. */
static int
stands_in(
    int mem, unsigned long from, unsigned long to, const uint8_t *p, size_t len)
{
	size_t size = to - from;
	uint8_t *copy = malloc(size);
	ssize_t got;
	int there = 0;

	got = pread(mem, copy, size, (off_t)from);
	if (got > 0 && (size_t)got >= len) {
		/* A byte of P is turned at a time: it stands nowhere whole. */
		for (size_t i = 0; !there && i <= (size_t)got - len; i++) {
			size_t j = 0;

			while (j < len && copy[i + j] == (uint8_t)(p[j] ^ TURN))
				j++;
			there = j == len;
		}
		explicit_bzero(copy, size);
	}
	free(copy);
	return there;
}

/* How many mappings hold the secret; LOOSE: of those that a core dump has. */
static int
count_secret(int *loose)
{
	uint8_t big[48];
	uint8_t little[48];
	char line[512];
	FILE *maps = fopen("/proc/self/smaps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	int found = 0;
	int here = 0;

	CHECK(text_unhex(big, vector_secret, 48));
	for (size_t i = 0; i < 48; i++) {
		big[i] ^= TURN;
		little[47 - i] = big[i];
	}
	*loose = 0;
	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from;
		unsigned long to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3) {
			here = 0;
			/* What is freed loses its first bytes: any third. */
			for (size_t i = 0; !here && mode[1] == 'w' && i < 48;
			     i += 16)
				here = stands_in(mem, from, to, big + i, 16) ||
				       stands_in(mem, from, to, little + i, 16);
			found += here;
		} else if (here && text_starts(line, "VmFlags:")) {
			*loose += strstr(line, " dd") == NULL;
			here = 0;
		}
	}
	if (maps != NULL)
		(void)fclose(maps);
	(void)close(mem);
	return found;
}

CASE(a_key_stands_only_in_memory_that_no_dump_has_and_is_wiped)
{
	struct proof_key *k = NULL;
	struct error e = { 0 };
	char hex[193];
	int loose = 0;

	if (SANITIZED)
		SKIP("a sanitizer keeps what is freed");
	put_key("vector.pem", vector_key);
	CHECK_OK(proof_key_open(&k, "vector.pem", &e), &e);
	CHECK_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	sign_hex(k, "sample", hex);
	CHECK(count_secret(&loose) > 0);
	CHECK_INT(loose, 0);
	proof_key_free(k);
	CHECK_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	CHECK_INT(count_secret(&loose), 0);
}

/* What the child leaves when it falls with a key open. */
static void
fall(int with_key)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct proof_key *k = NULL;

	(void)setrlimit(RLIMIT_CORE, &all);
	if (with_key && proof_key_open(&k, "vector.pem", NULL) != 0)
		_exit(1);
	(void)signal(SIGABRT, SIG_DFL);
	(void)raise(SIGABRT);
	_exit(1);
}

static int
dumps_core(int with_key)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		fall(with_key);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	return WCOREDUMP(status);
}

CASE(a_process_with_a_key_leaves_no_core_dump)
{
	put_key("vector.pem", vector_key);
	CHECK_INT(dumps_core(1), 0);
	if (SANITIZED || !dumps_core(0))
		SKIP("no process leaves a core dump here");
}

CASE(base64_has_one_spelling)
{
	static const char *const bad[] = { "", "QQ",
		"QQ=", "QR==", "QUJ=", "QQ==\n", "Q Q==", "QQ=Q",
		"====", "Q===", "QUI-", "QUIC=QUI" };
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!proof_read_base64(&out, bad[i], strlen(bad[i])));
	buf_reset(&out);
	CHECK(proof_read_base64(&out, "QQ==", 4));
	CHECK(proof_read_base64(&out, "QkI=", 4));
	CHECK(proof_read_base64(&out, "Q0ND", 4));
	CHECK_TEXT(buf_text(&out), "ABBCCC");
	buf_reset(&out);
	proof_add_base64(&out, "ABBCC", 5);
	CHECK_TEXT(buf_text(&out), "QUJCQ0M=");
	buf_clear(&out);
}

TESTS(T(signatures_are_those_of_rfc_6979),
    T(a_new_key_is_private_and_signs_the_same_twice),
    T(a_key_that_others_may_read_is_refused_with_the_command_that_mends_it),
    T(what_is_no_such_key_is_refused),
    T(a_key_stands_only_in_memory_that_no_dump_has_and_is_wiped),
    T(a_process_with_a_key_leaves_no_core_dump), T(base64_has_one_spelling))
