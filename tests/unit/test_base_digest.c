/* Digests, and how archives spell them. */
#include "core/base/digest.h"

#include "core/base/text.h"
#include "tests/test.h"

/* Of "abc": FIPS 180-4 and RFC 1321. */
static const char abc_sha256[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char abc_sha1[] = "a9993e364706816aba3e25717850c26c9cd0d89d";
static const char abc_md5[] = "900150983cd24fb0d6963f7d28e17f72";

CASE(known_digests_come_out)
{
	static const struct {
		enum digest_kind kind;
		const char *label, *hex;
	} cases[] = {
		{ DIGEST_SHA256, "sha256:", abc_sha256 },
		{ DIGEST_SHA1, "sha1:", abc_sha1 },
		{ DIGEST_MD5, "md5:", abc_md5 },
		{ DIGEST_SHA512, "sha512:",
		    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee6"
		    "4b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
		    "2a9ac94fa54ca49f" },
	};

	for (size_t i = 0; i < 4; i++) {
		struct digester *d = digester_new(cases[i].kind);
		char text[DIGEST_TEXT_MAX];
		char hex[DIGEST_TEXT_MAX];
		char want[DIGEST_TEXT_MAX];
		uint8_t raw[DIGEST_RAW_MAX];

		digester_add(d, "a", 1);
		digester_add(d, "", 0);
		digester_add(d, "bc", 2);
		digester_hex(d, hex);
		CHECK_TEXT(hex, cases[i].hex);
		(void)snprintf(
		    want, sizeof(want), "%s%s", cases[i].label, cases[i].hex);
		digester_text(d, text);
		CHECK_TEXT(text, want);
		CHECK_INT(digester_raw(d, raw), strlen(cases[i].hex) / 2);
		digest_text(cases[i].kind, "abc", 3, text);
		CHECK_TEXT(text, want);
		digester_free(d);
	}
	digester_free(NULL);
}

CASE(asking_does_not_end_a_digest_and_a_copy_goes_its_own_way)
{
	struct digester *a = digester_new(DIGEST_SHA256);
	struct digester *b = digester_new(DIGEST_SHA256);
	char hex[DIGEST_TEXT_MAX];
	char other[DIGEST_TEXT_MAX];

	digester_add(a, "ab", 2);
	digester_hex(a, hex);
	digester_copy(b, a);
	digester_add(b, "x", 1);
	digester_add(a, "c", 1);
	digester_hex(a, hex);
	CHECK_TEXT(hex, abc_sha256);
	digester_hex(b, other);
	CHECK(strcmp(hex, other) != 0);
	digester_reset(b);
	digester_add(b, "abc", 3);
	digester_hex(b, other);
	CHECK_TEXT(other, abc_sha256);
	digester_free(a);
	digester_free(b);
}

CASE(every_spelling_of_a_digest_is_the_same_digest)
{
	static const char *const same[] = {
		"sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
		"SHA-1:A9993E364706816ABA3E25717850C26C9CD0D89D",
		"sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
		"Sha1:vgmt4nsha2awvor6evyxqugcnsonbwe5",
		"sha1:qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
	};
	struct digest_value first;
	struct digest_value v;

	CHECK_INT(digest_parse(&first, same[0]), 1);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		CHECK_INT(digest_parse(&v, same[i]), 1);
		CHECK(digest_equal(&first, &v));
	}
	CHECK_INT(digest_parse(&v,
		      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
		      "b410ff61f20015ae"),
	    1);
	CHECK(!digest_equal(&first, &v));
	CHECK_INT(digest_parse(&v, "md5:900150983cd24fb0d6963f7d28e17f72"), 1);
	CHECK_INT(v.spelling, DIGEST_HEX);
	CHECK_INT(digest_parse(&v, "md5:kAFQmDzST7DWlj99KOF/cg=="), 1);
	CHECK_INT(v.spelling, DIGEST_BASE64);
}

CASE(what_is_no_digest_is_refused)
{
	static const char *const bad[] = { "", "sha256", "sha256:", "sha1:00",
		"crc32:12345678", ":a9993e364706816aba3e25717850c26c9cd0d89d",
		"sha1:a9993e364706816aba3e25717850c26c9cd0d89g",
		"sha1:a9993e364706816aba3e25717850c26c9cd0d89d0",
		"sha1: a9993e364706816aba3e25717850c26c9cd0d89",
		"sha1:0GMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
		"a-label-that-is-much-longer-than-any:00" };
	struct digest_value v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(digest_parse(&v, bad[i]), 0);
}

TESTS(T(known_digests_come_out),
    T(asking_does_not_end_a_digest_and_a_copy_goes_its_own_way),
    T(every_spelling_of_a_digest_is_the_same_digest),
    T(what_is_no_digest_is_refused))
