/* Labels, detection in the standard's order, and decoding to UTF-8. */

#include "tests/test.h"

#include <sys/resource.h>

#include "core/base/buf.h"
#include "core/web/charset.h"
#include "core/web/charset_meta.h"

static void
check_decode(const char *name, const char *p, size_t len, const char *expected,
    size_t bad)
{
	struct buf out = { 0 };

	CHECK_INT(charset_decode(name, (const uint8_t *)p, len, &out), bad);
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
}

#define DECODE(name, bytes, expected, bad) \
	check_decode((name), (bytes), sizeof(bytes) - 1, (expected), (bad))

static void
check_find(
    const char *p, const char *header, const char *name, const char *source)
{
	const char *found = "";

	CHECK_TEXT(
	    charset_find((const uint8_t *)p, strlen(p), header, &found), name);
	CHECK_TEXT(found, source);
}

CASE(labels_have_one_canonical_name)
{
	CHECK_TEXT(charset_name("UTF8", 4), "utf-8");
	CHECK_TEXT(charset_name(" \tLatin1\n", 9), "windows-1252");
	CHECK_TEXT(charset_name("iso-8859-9", 10), "windows-1254");
	CHECK_TEXT(charset_name("ISO_8859-8-I", 0) == NULL ? "" : "x", "");
	CHECK_TEXT(charset_name("iso-8859-8-i", 12), "iso-8859-8-i");
	CHECK_TEXT(charset_name("x-sjis", 6), "shift_jis");
	CHECK_TEXT(charset_name("gb2312", 6), "gbk");
	CHECK_TEXT(charset_name("utf-16", 6), "utf-16le");
	CHECK_TEXT(charset_name("iso-8859-16", 11), "iso-8859-16");
	CHECK(charset_name("iso8859-16", 10) == NULL);
	CHECK(charset_name("utf", 3) == NULL);
	CHECK(charset_name("utf-8 utf8", 10) == NULL);
	CHECK(charset_name("", 0) == NULL);
}

CASE(the_byte_order_mark_wins)
{
	check_find("\xef\xbb\xbf<meta charset=koi8-r>", "gbk", "utf-8", "bom");
	check_find("\xff\xfe<", "utf-8", "utf-16le", "bom");
	check_find("\xfe\xff", "", "utf-16be", "bom");
}

CASE(the_header_wins_over_meta_unless_unknown)
{
	check_find(
	    "<meta charset=koi8-r>", "Windows-1256", "windows-1256", "header");
	check_find("<meta charset=koi8-r>", "nonsense", "koi8-r", "meta");
}

CASE(meta_is_read_as_the_standard_prescans)
{
	check_find(
	    "<META CharSet = 'windows-1256' >", "", "windows-1256", "meta");
	check_find("<meta http-equiv=content-type "
		   "content='text/html; charset=euc-kr'>",
	    "", "euc-kr", "meta");
	check_find("<!-- <meta charset=gbk> --><meta charset=big5>", "", "big5",
	    "meta");
	check_find("<a title='<meta charset=gbk>'><meta charset=big5>", "",
	    "big5", "meta");
	check_find("<meta charset=utf-16be>", "", "utf-8", "meta");
	check_find("<meta charset=x-user-defined>", "", "windows-1252", "meta");
	check_find(
	    "<meta content='charset=gbk'>", "", "windows-1252", "default");
	check_find("<meta charset=gbk", "", "windows-1252", "default");
}

/* The charset of META, starting at byte AT of a page of blanks. */
static const char *
meta_at(size_t at, const char *meta)
{
	static char page[CHARSET_LATE_BYTES + 64];

	memset(page, ' ', sizeof(page));
	memcpy(page + at, meta, strlen(meta));
	return charset_meta((const uint8_t *)page, sizeof(page));
}

CASE(a_late_meta_counts_where_a_tree_builder_meets_it)
{
	static const char meta[] = "<meta charset=gbk>";
	static const char hidden[] = "<script>'<meta charset=gbk>'</script>";
	size_t len = sizeof(meta) - 1;

	CHECK_TEXT(meta_at(CHARSET_META_BYTES - len, meta), "gbk");
	CHECK_TEXT(meta_at(CHARSET_META_BYTES - 1, meta), "gbk");
	CHECK_TEXT(meta_at(CHARSET_LATE_BYTES - len, meta), "gbk");
	CHECK(meta_at(CHARSET_LATE_BYTES - len + 1, meta) == NULL);
	/* The prescan knows no scripts, a tree builder does. */
	CHECK_TEXT(meta_at(0, hidden), "gbk");
	CHECK(meta_at(CHARSET_META_BYTES, hidden) == NULL);
	CHECK_TEXT(
	    meta_at(CHARSET_META_BYTES, "<script>x</script><style></style>"
					"<meta charset=gbk>"),
	    "gbk");
}

CASE(undeclared_text_is_guessed)
{
	check_find("plain", "", "windows-1252", "default");
	check_find("caf\xc3\xa9", "", "utf-8", "guess");
	/* Arabic in windows-1256, several words of it. */
	check_find("\xc7\xe1\xd3\xe1\xc7\xe3 \xda\xe1\xed\xdf\xe3 \xe6\xd1"
		   "\xcd\xe3\xc9 \xc7\xe1\xe1\xe5 \xe6\xc8\xd1\xdf\xc7\xca"
		   "\xe5 \xdd\xed \xe5\xd0\xc7 \xc7\xe1\xed\xe6\xe3",
	    "", "windows-1256", "guess");
}

CASE(single_byte_sets_follow_the_standards_tables)
{
	DECODE("windows-1256", "\xc7\xe1 x\x80\xff",
	    "\xd8\xa7\xd9\x84 x\xe2\x82\xac\xdb\x92", 0);
	DECODE("windows-1252", "\x80\x81\x8d\xe9",
	    "\xe2\x82\xac\xc2\x81\xc2\x8d\xc3\xa9", 0);
	DECODE("iso-8859-6", "\xc7\x85\xa1", "\xd8\xa7\xc2\x85\xef\xbf\xbd", 1);
	DECODE("koi8-u", "\xae\xc1", "\xd1\x9e\xd0\xb0", 0);
	DECODE("iso-8859-8-i", "\xe0", "\xd7\x90", 0);
	DECODE("x-user-defined", "a\x80", "a\xef\x9e\x80", 0);
}

CASE(multi_byte_sets_are_read)
{
	DECODE("gbk", "\xd6\xd0\x80!", "\xe4\xb8\xad\xe2\x82\xac!", 0);
	DECODE("gb18030", "\x81\x30\x81\x30", "\xc2\x80", 0);
	DECODE("big5",
	    "\xa4\xa4\xa1\x45"
	    "a\x88\x62",
	    "\xe4\xb8\xad\xe2\x80\xa7"
	    "a\xc3\x8a\xcc\x84",
	    0);
	DECODE("euc-jp", "\xc6\xfc", "\xe6\x97\xa5", 0);
	DECODE("shift_jis", "\x93\xfa\xb1\x81\x60",
	    "\xe6\x97\xa5\xef\xbd\xb1\xef\xbd\x9e", 0);
	DECODE("iso-2022-jp", "\x1b$BF|\x1b(B.", "\xe6\x97\xa5.", 0);
	DECODE("euc-kr", "\xb0\xa1\x81\x41", "\xea\xb0\x80\xea\xb0\x82", 0);
}

CASE(what_cannot_be_read_is_replaced_and_counted)
{
	DECODE("shift_jis",
	    "a\x81"
	    "<b",
	    "a\xef\xbf\xbd<b", 1);
	DECODE("gbk",
	    "a\xff"
	    "b\xd6",
	    "a\xef\xbf\xbd"
	    "b\xef\xbf\xbd",
	    2);
	DECODE("big5", "\xa4", "\xef\xbf\xbd", 1);
	DECODE("utf-8", "\xc3(", "\xef\xbf\xbd(", 1);
	DECODE("replacement", "abc", "\xef\xbf\xbd", 1);
	DECODE("replacement", "", "", 0);
}

CASE(utf16_is_read_with_its_surrogates)
{
	DECODE("utf-16le",
	    "\xff\xfe"
	    "a\0\x3d\xd8\x00\xde",
	    "a\xf0\x9f\x98\x80", 0);
	DECODE("utf-16be", "\xfe\xff\0a\xd8\x3d\0b",
	    "a\xef\xbf\xbd"
	    "b",
	    1);
	DECODE("utf-16le",
	    "\x00\xdc"
	    "a",
	    "\xef\xbf\xbd\xef\xbf\xbd", 2);
}

CASE(a_byte_order_mark_is_dropped_once)
{
	DECODE("utf-8",
	    "\xef\xbb\xbf"
	    "a",
	    "a", 0);
	DECODE("utf-8", "\xef\xbb\xbf\xef\xbb\xbf", "\xef\xbb\xbf", 0);
	DECODE("utf-16le", "\xfe\xff", "\xef\xbf\xbe", 0);
}

CASE(long_text_is_decoded_whole)
{
	struct buf in = { 0 };
	struct buf out = { 0 };

	for (int i = 0; i < 20000; i++)
		buf_add(&in, i % 2 ? "\x93\xfa" : "ab", 2);
	CHECK_INT(charset_decode("shift_jis", in.data, in.len, &out), 0);
	CHECK_INT(out.len, 10000 * 3 + 10000 * 2);
	buf_clear(&out);
	buf_clear(&in);
}

CASE(a_prepared_process_decodes_without_opening_files)
{
	struct rlimit before;
	struct rlimit none;

	charset_prepare();
	charset_prepare();
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = before;
	none.rlim_cur = 0;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	for (int i = 0; i < 3; i++) {
		DECODE("gb18030", "\xd6\xd0", "\xe4\xb8\xad", 0);
		DECODE(
		    "big5", "\xa4\xa4\xa1\x45", "\xe4\xb8\xad\xe2\x80\xa7", 0);
		DECODE("euc-jp", "\xc6\xfc", "\xe6\x97\xa5", 0);
		DECODE("shift_jis", "\x93\xfa", "\xe6\x97\xa5", 0);
		DECODE("iso-2022-jp", "\x1b$BF|\x1b(B.", "\xe6\x97\xa5.", 0);
		DECODE("euc-kr", "\xb0\xa1", "\xea\xb0\x80", 0);
	}
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TESTS(T(labels_have_one_canonical_name), T(the_byte_order_mark_wins),
    T(the_header_wins_over_meta_unless_unknown),
    T(meta_is_read_as_the_standard_prescans),
    T(a_late_meta_counts_where_a_tree_builder_meets_it),
    T(undeclared_text_is_guessed),
    T(single_byte_sets_follow_the_standards_tables),
    T(multi_byte_sets_are_read), T(what_cannot_be_read_is_replaced_and_counted),
    T(utf16_is_read_with_its_surrogates), T(a_byte_order_mark_is_dropped_once),
    T(long_text_is_decoded_whole),
    T(a_prepared_process_decodes_without_opening_files))
