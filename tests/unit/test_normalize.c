/* NT1: what is folded, what is kept, and the loose form. */

#include "tests/test.h"

#include "core/base/buf.h"
#include "core/news/normalize.h"

static void
check_text(const char *s, size_t len, const char *expected)
{
	struct buf out = { 0 };

	nt1_text(&out, s, len);
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
}

static void
check_loose(const char *s, const char *expected)
{
	struct buf out = { 0 };

	nt1_loose(&out, s, strlen(s));
	CHECK_TEXT(buf_text(&out), expected);
	buf_clear(&out);
}

#define TEXT(s, expected) check_text((s), sizeof(s) - 1, (expected))

CASE(white_space_of_every_kind_becomes_one_space)
{
	TEXT("  a\t\r\n b  ", "a b");
	TEXT("a\xc2\xa0\xc2\xa0"
	     "b",
	    "a b"); /* NBSP */
	TEXT("a\xe2\x80\xaf"
	     "b\xe2\x80\x87"
	     "c",
	    "a b c"); /* 202F 2007 */
	TEXT("\xe3\x80\x80"
	     "a\xe2\x80\xa8"
	     "b\xc2\x85",
	    "a b");
	TEXT(" \xc2\xa0 ", "");
	TEXT("", "");
}

CASE(invisible_controls_are_deleted_and_join_nothing)
{
	TEXT("\xe2\x80\x8f"
	     "ab\xe2\x80\x8b"
	     "cd\xc2\xad",
	    "abcd");
	TEXT("\xd8\x9c"
	     "a\xe2\x81\xa7"
	     "b\xe2\x81\xa9",
	    "ab");
	TEXT("\xe2\x80\xaa"
	     "a\xe2\x80\xae"
	     "\xef\xbb\xbf\xe2\x81\xa0",
	    "a");
	/* A deleted control between two spaces does not keep them apart. */
	TEXT("a \xe2\x80\x8e b", "a b");
}

CASE(joiners_are_kept)
{
	TEXT("\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb1\xd9\x88\xd8\xaf",
	    "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb1\xd9\x88\xd8\xaf");
	TEXT("\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7",
	    "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7");
}

CASE(text_is_composed)
{
	TEXT("cafe\xcc\x81", "caf\xc3\xa9");
	/* alef + hamza above; shadda before fatha changes places */
	TEXT("\xd8\xa7\xd9\x94", "\xd8\xa3");
	TEXT("\xd8\xa8\xd9\x91\xd9\x8e", "\xd8\xa8\xd9\x8e\xd9\x91");
}

CASE(invalid_bytes_become_the_replacement_character)
{
	TEXT("a\xff"
	     "b",
	    "a\xef\xbf\xbd"
	    "b");
	TEXT("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	TEXT("a\0b", "a"); /* a NUL is kept; the comparison ends there */
}

CASE(quotes_and_dashes_are_untouched)
{
	TEXT("\xe2\x80\x9cno\" \xe2\x80\x99 \xe2\x80\x93",
	    "\xe2\x80\x9cno\" \xe2\x80\x99 \xe2\x80\x93");
}

CASE(a_block_is_kind_tab_text_lf)
{
	struct buf out = { 0 };

	nt1_block(&out, "h", " A  B ", 6);
	nt1_block(&out, "p", " \xc2\xa0", 3);
	nt1_block(&out, "2", "C", 1);
	CHECK_TEXT(buf_text(&out), "h\tA B\n2\tC\n");
	buf_clear(&out);
}

CASE(table_cells_are_normalized_each_for_itself)
{
	struct buf out = { 0 };

	nt1_block(&out, "t", " a  b \x1f c", 9);
	nt1_block(&out, "t", " \x1f ", 3);
	CHECK_TEXT(buf_text(&out), "t\ta b\x1f"
				   "c\n");
	buf_clear(&out);
}

CASE(the_loose_form_folds_quotes_dashes_and_case)
{
	check_loose("h\tThe \xe2\x80\x9cGap\xe2\x80\x9d\n", "h\tthe \"gap\"\n");
	check_loose(
	    "don\xe2\x80\x99t \xe2\x80\x93 no\xe2\x80\xa6", "don't - no...");
	check_loose("\xc2\xabSTRA\xc3\x9f"
		    "E\xc2\xbb",
	    "\"strasse\"");
}

CASE(the_loose_form_folds_arabic)
{
	/* tashkeel and tatweel */
	check_loose("\xd9\x85\xd9\x8f\xd8\xad\xd9\x8e\xd9\x85\xd9\x80\xd8\xaf",
	    "\xd9\x85\xd8\xad\xd9\x85\xd8\xaf");
	/* alef forms, alef maksura, ta marbuta */
	check_loose("\xd8\xa3\xd8\xa5\xd8\xa2\xd9\xb1",
	    "\xd8\xa7\xd8\xa7\xd8\xa7\xd8\xa7");
	check_loose("\xd8\xb9\xd9\x84\xd9\x89", "\xd8\xb9\xd9\x84\xd9\x8a");
	check_loose("\xd8\xba\xd8\xb2\xd8\xa9", "\xd8\xba\xd8\xb2\xd9\x87");
}

CASE(the_loose_form_folds_digits)
{
	check_loose("\xd9\xa1\xd9\xa2\xd9\xa9 \xdb\xb0\xdb\xb9", "129 09");
	check_loose("\xef\xbc\x97 \xe0\xa5\xa6", "7 0");
	check_loose("\xf0\x9d\x9f\x8e\xf0\x9d\x9f\xbf", "09");
}

CASE(words_are_runs_of_letters_digits_and_marks)
{
	CHECK_INT(nt1_words("", 0), 0);
	CHECK_INT(nt1_words("It won't - $14 billion.", 23), 4);
	CHECK_INT(nt1_words("'quoted' text'", 14), 2);
	CHECK_INT(nt1_words("\xd8\xba\xd8\xb2\xd8\xa9\xd9\x8b x", 10), 2);
}

static int
distance(unsigned long long a, unsigned long long b)
{
	return __builtin_popcountll(a ^ b);
}

CASE(similar_texts_have_near_simhashes)
{
	static const char *one =
	    "p\tthe minister said on monday that the new bridge over the "
	    "river would be open to all traffic before the end of spring\n";
	static const char *two =
	    "p\tthe minister said on monday that the new bridge over the "
	    "river would be open to all traffic before the end of summer\n";
	static const char *three =
	    "p\tprices of wheat fell again after good rains in most growing "
	    "regions and traders expect a quiet market until the harvest\n";
	unsigned long long a = nt1_simhash(one, strlen(one));
	unsigned long long b = nt1_simhash(two, strlen(two));
	unsigned long long c = nt1_simhash(three, strlen(three));

	CHECK(distance(a, b) < 16);
	CHECK(distance(a, c) > 20);
	CHECK(nt1_simhash("", 0) == 0);
	/* The kind is no word. */
	CHECK(nt1_simhash("p\ta b\n", 6) == nt1_simhash("q\ta b\n", 6));
	CHECK(nt1_simhash("p\ta b\n", 6) != 0);
}

TESTS(T(white_space_of_every_kind_becomes_one_space),
    T(invisible_controls_are_deleted_and_join_nothing), T(joiners_are_kept),
    T(text_is_composed), T(invalid_bytes_become_the_replacement_character),
    T(quotes_and_dashes_are_untouched), T(a_block_is_kind_tab_text_lf),
    T(table_cells_are_normalized_each_for_itself),
    T(the_loose_form_folds_quotes_dashes_and_case),
    T(the_loose_form_folds_arabic), T(the_loose_form_folds_digits),
    T(words_are_runs_of_letters_digits_and_marks),
    T(similar_texts_have_near_simhashes))
