/* Manifests: canonical out, strict in. */
#include "core/archive/manifest.h"

#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/test.h"

#define H "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

CASE(lines_are_sorted_and_escaped_as_coreutils_does)
{
	struct manifest m = { 0 };
	struct manifest back = { 0 };
	struct buf out = { 0 };
	struct error e = { 0 };

	manifest_add(&m, "b", H);
	manifest_add(&m, "a\nb\\c\r", H);
	manifest_add(&m, "a b*", H);
	manifest_add(&m, "records/\xd9\x85.warc.gz", H);
	manifest_write(&out, &m);
	CHECK_TEXT(buf_text(&out), "\\" H "  a\\nb\\\\c\\r\n" H "  a b*\n" H
				   "  b\n" H "  records/\xd9\x85.warc.gz\n");
	CHECK_OK(manifest_read(&back, buf_text(&out), out.len, &e), &e);
	CHECK_INT(back.count, 4);
	CHECK_TEXT(back.entries[0].name, "a\nb\\c\r");
	CHECK(manifest_find(&back, "b") == &back.entries[2]);
	CHECK(manifest_find(&back, "c") == NULL);
	manifest_clear(&m);
	manifest_clear(&back);
	buf_clear(&out);
}

CASE(anything_but_the_canonical_spelling_is_refused)
{
	static const char *const bad[] = { "", H "  a", H " a\n", H " *a\n",
		H "  \n", "# comment\n" H "  a\n", H "  b\n" H "  a\n",
		H "  a\n" H "  a\n", H "  /a\n", H "  ../a\n", H "  a/../b\n",
		H "  a/..\n", H "  ./a\n", H "  a//b\n", H "  a/\n",
		H "  a\r\n", H "  a\\b\n", "\\" H "  a\n", "\\" H "  a\\x\n",
		"\\" H "  a\\\n", "\n" H "  a\n", H "  a\n\n",
		"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852"
		"B855  a\n",
		"SHA256 (a) = " H "\n" };
	struct manifest m = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = { 0 };
		int rc = manifest_read(&m, bad[i], strlen(bad[i]), &e);

		if (rc != -1)
			printf("# accepted: %s\n", bad[i]);
		CHECK_INT(rc, -1);
		CHECK_INT(e.kind, ERROR_INTEGRITY);
		CHECK_INT(m.count, 0);
	}
	CHECK_INT(manifest_read(&m, H "  a\0b\n", 70, NULL), -1);
}

CASE(sha256sum_agrees)
{
	struct manifest m = { 0 };
	struct buf out = { 0 };
	struct error e = { 0 };
	char hex[65];
	int status = 0;
	pid_t pid;

	CHECK_OK(file_put("a b", "hello\n", 6, &e), &e);
	CHECK_OK(file_put("back\\slash", "", 0, &e), &e);
	CHECK_OK(manifest_digest_file("a b", hex, &e), &e);
	CHECK_TEXT(hex,
	    "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be0"
	    "3");
	manifest_add(&m, "a b", hex);
	CHECK_OK(manifest_digest_file("back\\slash", hex, &e), &e);
	CHECK_TEXT(hex, H);
	manifest_add(&m, "back\\slash", hex);
	manifest_write(&out, &m);
	CHECK_OK(file_put("manifest", out.data, out.len, &e), &e);
	pid = fork();
	if (pid == 0) {
		execlp("sha256sum", "sha256sum", "--strict", "--quiet", "-c",
		    "manifest", (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_INT(manifest_digest_file("absent", hex, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	manifest_clear(&m);
	buf_clear(&out);
}

TESTS(T(lines_are_sorted_and_escaped_as_coreutils_does),
    T(anything_but_the_canonical_spelling_is_refused), T(sha256sum_agrees))
