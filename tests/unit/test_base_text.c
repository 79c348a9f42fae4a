/* Small things about text. */
#include "core/base/text.h"

#include "core/base/buf.h"
#include "tests/test.h"

CASE(hex_goes_both_ways_and_refuses_other_digits)
{
	const uint8_t raw[] = { 0x00, 0x7f, 0xab, 0xff };
	uint8_t back[4];
	char text[9];

	text_hex(text, raw, sizeof(raw));
	CHECK_TEXT(text, "007fabff");
	CHECK_INT(text_unhex(back, "007FAbff", 4), 1);
	CHECK(memcmp(back, raw, 4) == 0);
	CHECK_INT(text_unhex(back, "007fabfg", 4), 0);
	CHECK_INT(text_unhex(back, "0x7fabff", 4), 0);
	CHECK_INT(text_unhex(back, "", 0), 1);
}

/* RFC 4648, 10. */
CASE(base32_and_base64_read_the_vectors_of_the_standard)
{
	static const struct {
		const char *plain, *b32, *b64;
	} cases[] = {
		{ "", "", "" },
		{ "f", "MY======", "Zg==" },
		{ "fo", "MZXQ====", "Zm8=" },
		{ "foo", "MZXW6===", "Zm9v" },
		{ "foob", "MZXW6YQ=", "Zm9vYg==" },
		{ "fooba", "MZXW6YTB", "Zm9vYmE=" },
		{ "foobar", "MZXW6YTBOI======", "Zm9vYmFy" },
	};
	uint8_t raw[8];
	char text[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].plain);
		size_t bare = strcspn(cases[i].b32, "=");

		CHECK_INT(
		    text_unbase32(raw, len, cases[i].b32, strlen(cases[i].b32)),
		    1);
		CHECK(memcmp(raw, cases[i].plain, len) == 0);
		CHECK_INT(text_unbase32(raw, len, cases[i].b32, bare), 1);
		CHECK_INT(
		    text_unbase64(raw, len, cases[i].b64, strlen(cases[i].b64)),
		    1);
		CHECK(memcmp(raw, cases[i].plain, len) == 0);
		CHECK_INT(text_unbase32(raw, len + 1, cases[i].b32, bare), 0);
		if (len > 0)
			CHECK_INT(
			    text_unbase32(raw, len - 1, cases[i].b32, bare), 0);
		text_base32(text, (const uint8_t *)cases[i].plain, len);
		CHECK_INT(strncmp(text, cases[i].b32, bare), 0);
		CHECK_INT(strlen(text), bare);
	}
	CHECK_INT(text_unbase32(raw, 1, "M1", 2), 0);
	CHECK_INT(text_unbase64(raw, 3, "Zm9\n", 4), 0);
	CHECK_INT(text_unbase32(raw, 3, "mzxw6", 5), 1);
}

CASE(numbers_stop_at_their_bound)
{
	static const struct {
		const char *text;
		uint64_t max;
		int read;
		uint64_t value;
	} cases[] = {
		{ "0", UINT64_MAX, 1, 0 },
		{ "007", 9, 1, 7 },
		{ "18446744073709551615", UINT64_MAX, 1, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, 0, 0 },
		{ "99999999999999999999", UINT64_MAX, 0, 0 },
		{ "5", 5, 1, 5 },
		{ "6", 5, 0, 0 },
		{ "0", 0, 1, 0 },
		{ "1", 0, 0, 0 },
		{ "10", 9, 0, 0 },
		{ "", 9, 0, 0 },
		{ "-1", 9, 0, 0 },
		{ "+1", 9, 0, 0 },
		{ " 1", 9, 0, 0 },
		{ "1 ", 9, 0, 0 },
		{ "0x1", 9, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 0;

		CHECK_INT(text_uint(cases[i].text, strlen(cases[i].text),
			      cases[i].max, &v),
		    cases[i].read);
		CHECK(v == cases[i].value);
	}
}

CASE(every_code_point_comes_back_from_utf8)
{
	int wrong = 0;

	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		struct buf b = { 0 };
		uint32_t back;
		int valid;
		size_t n;

		text_utf8_add(&b, cp);
		n = text_utf8_next(b.data, b.len, &back, &valid);
		if (cp >= 0xd800 && cp <= 0xdfff)
			wrong += back != 0xfffd || !valid;
		else
			wrong += n != b.len || back != cp || !valid;
		buf_clear(&b);
	}
	CHECK_INT(wrong, 0);
}

CASE(an_invalid_byte_is_used_up_alone)
{
	static const struct {
		const char *bytes;
		size_t bad; /* how many U+FFFD come of it */
	} cases[] = {
		{ "\x80", 1 },
		{ "\xff", 1 },
		{ "\xc0\x80", 2 }, /* overlong */
		{ "\xc1\xbf", 2 },
		{ "\xe0\x80\x80", 3 },
		{ "\xf0\x80\x80\x80", 4 },
		{ "\xed\xa0\x80", 3 }, /* surrogate */
		{ "\xed\xbf\xbf", 3 },
		{ "\xf4\x90\x80\x80", 4 }, /* beyond U+10FFFF */
		{ "\xf5\x80\x80\x80", 4 },
		{ "\xe2\x82", 2 }, /* cut */
		{ "\xf0\x9f\x98", 3 },
		{ "a\xe2\x82z", 2 },
		{ "\xc3\xa4\xc3", 1 },
	};
	uint32_t cp;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };
		const char *s = cases[i].bytes;

		CHECK_INT(text_add_clean(&b, s, strlen(s)), cases[i].bad);
		CHECK(text_is_utf8(b.data, b.len));
		CHECK_INT(text_is_utf8(s, strlen(s)), 0);
		buf_clear(&b);
	}
	CHECK_INT(text_utf8_next((const uint8_t *)"\xe2\x82", 2, &cp, NULL), 1);
	CHECK_INT(cp, 0xfffd);
	CHECK(text_is_utf8("", 0));
}

CASE(a_terminal_obeys_nothing_that_was_escaped)
{
	static const struct {
		const char *foreign, *shown;
	} cases[] = {
		{ "plain \xc3\xa4 \xd8\xba", "plain \xc3\xa4 \xd8\xba" },
		{ "\x1b[31mred", "\\x1b[31mred" },
		{ "a\nb\tc\rd", "a\\nb\\tc\\x0dd" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		    "\\u{9b}31m" }, /* CSI */
		{ "\xe2\x80\xae"
		  "exe",
		    "\\u{202e}exe" }, /* override */
		{ "\xe2\x81\xa6", "\\u{2066}" },
		{ "\xe2\x80\x8b", "\\u{200b}" },
		{ "\xef\xbb\xbf", "\\u{feff}" },
		{ "\xd8\x9c", "\\u{61c}" },
		{ "\xf3\xa0\x80\xa0", "\\u{e0020}" },
		{ "\xe2\x80\xa8", "\\u{2028}" },
		{ "\x9b"
		  "31m",
		    "\\x9b31m" }, /* a byte that is no UTF-8 */
		{ "back\\slash", "back\\\\slash" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };

		text_add_escaped(
		    &b, cases[i].foreign, strlen(cases[i].foreign));
		CHECK_TEXT(buf_text(&b), cases[i].shown);
		buf_clear(&b);
	}
}

/* Whatever comes, no control byte and no invalid UTF-8 is left. */
CASE(escaped_text_holds_no_control_for_any_two_bytes)
{
	int wrong = 0;

	for (unsigned i = 0; i < 65536; i++) {
		const uint8_t pair[] = { (uint8_t)(i >> 8), (uint8_t)i };
		struct buf b = { 0 };

		text_add_escaped(&b, pair, sizeof(pair));
		wrong += !text_is_utf8(b.data, b.len);
		for (size_t k = 0; k < b.len; k++)
			wrong += b.data[k] < 0x20 || b.data[k] == 0x7f ||
				 (b.data[k] == 0xc2 && b.data[k + 1] < 0xa0);
		buf_clear(&b);
	}
	CHECK_INT(wrong, 0);
}

CASE(the_nearest_word_is_near)
{
	static const char *const words[] = { "capture", "config", "cat",
		"verify", NULL };
	static const char *const none[] = { NULL };
	char longest[200];

	CHECK_TEXT(text_nearest("captrue", words), "capture");
	CHECK_TEXT(text_nearest("ct", words), "cat");
	CHECK_TEXT(text_nearest("verfy", words), "verify");
	CHECK(text_nearest("xyzzy", words) == NULL);
	CHECK(text_nearest("", words) == NULL);
	CHECK(text_nearest("capture", none) == NULL);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CHECK(text_nearest(longest, words) == NULL);
}

CASE(ascii_is_compared_whatever_the_locale)
{
	CHECK(text_equal_nocase("CONTENT-type", 12, "Content-Type"));
	CHECK(!text_equal_nocase("Content-Typ", 11, "Content-Type"));
	CHECK(!text_equal_nocase("\xc4", 1, "\xe4"));
	CHECK(text_equal_nocase("", 0, ""));
	CHECK(text_starts("abc", "ab") && text_starts("abc", ""));
	CHECK(!text_starts("a", "ab"));
	CHECK(text_ends("a.site", ".site") && !text_ends("e", ".site"));
	CHECK(text_is_space('\v') && !text_is_space('\0') &&
	      !text_is_space(0xa0));
}

TESTS(T(hex_goes_both_ways_and_refuses_other_digits),
    T(base32_and_base64_read_the_vectors_of_the_standard),
    T(numbers_stop_at_their_bound), T(every_code_point_comes_back_from_utf8),
    T(an_invalid_byte_is_used_up_alone),
    T(a_terminal_obeys_nothing_that_was_escaped),
    T(escaped_text_holds_no_control_for_any_two_bytes),
    T(the_nearest_word_is_near), T(ascii_is_compared_whatever_the_locale))
