/* A growing run of bytes. */
#include "core/base/buf.h"

#include "tests/test.h"

CASE(a_nul_follows_the_bytes_and_is_not_counted)
{
	struct buf b = { 0 };

	CHECK_TEXT(buf_text(&b), "");
	buf_add(&b, "a\0b", 3);
	CHECK_INT(b.len, 3);
	CHECK_INT(b.data[3], 0);
	CHECK(memcmp(b.data, "a\0b", 4) == 0);
	buf_add(&b, NULL, 0);
	buf_add_byte(&b, 'c');
	buf_add_text(&b, "de");
	CHECK(memcmp(b.data, "a\0bcde", 7) == 0);
	buf_clear(&b);
	CHECK_TEXT(buf_text(&b), "");
	buf_add_text(&b, "again");
	CHECK_TEXT(buf_text(&b), "again");
	buf_clear(&b);
}

CASE(it_grows_from_nothing_to_much)
{
	struct buf b;
	int wrong = 0;

	buf_init(&b);
	for (int i = 0; i < 300000; i++)
		buf_add_byte(&b, (uint8_t)i);
	CHECK_INT(b.len, 300000);
	for (int i = 0; i < 300000; i++)
		wrong += b.data[i] != (uint8_t)i;
	CHECK_INT(wrong, 0);
	CHECK(b.cap < 2 * b.len);
	buf_clear(&b);
	CHECK(b.data == NULL && b.len == 0 && b.cap == 0);
}

CASE(cut_keeps_the_first_bytes_and_reset_the_memory)
{
	struct buf b = { 0 };
	size_t cap;

	buf_add_text(&b, "abcdef");
	buf_cut(&b, 9);
	CHECK_TEXT(buf_text(&b), "abcdef");
	buf_cut(&b, 2);
	CHECK_TEXT(buf_text(&b), "ab");
	buf_cut(&b, 2);
	CHECK_INT(b.len, 2);
	cap = b.cap;
	buf_reset(&b);
	CHECK_TEXT(buf_text(&b), "");
	CHECK_INT(b.cap, cap);
	buf_clear(&b);
	buf_reset(&b);
	buf_cut(&b, 0);
	CHECK_TEXT(buf_text(&b), "");
}

CASE(room_is_there_before_it_is_used)
{
	struct buf b = { 0 };
	uint8_t *p = buf_room(&b, 1000);

	memset(p, 'x', 1000);
	b.len += 1000;
	buf_add_byte(&b, 'y');
	CHECK_INT(b.len, 1001);
	CHECK_INT(b.data[999], 'x');
	CHECK_INT(b.data[1000], 'y');
	CHECK_INT(b.data[1001], 0);
	buf_clear(&b);
}

CASE(formatted_text_may_be_of_any_length)
{
	struct buf b = { 0 };
	char long_text[5000];

	memset(long_text, 'z', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	buf_format(&b, "%s", "");
	CHECK_TEXT(buf_text(&b), "");
	buf_format(&b, "%d-%s", 7, long_text);
	CHECK_INT(b.len, 2 + 4999);
	buf_clear(&b);
}

CASE(what_is_taken_belongs_to_the_taker)
{
	struct buf b = { 0 };
	char *text = buf_take(&b);

	CHECK_TEXT(text, "");
	free(text);
	buf_add_text(&b, "kept");
	text = buf_take(&b);
	CHECK_TEXT(text, "kept");
	CHECK(b.data == NULL && b.len == 0);
	buf_add_text(&b, "new");
	CHECK_TEXT(text, "kept");
	free(text);
	buf_clear(&b);
}

TESTS(T(a_nul_follows_the_bytes_and_is_not_counted),
    T(it_grows_from_nothing_to_much),
    T(cut_keeps_the_first_bytes_and_reset_the_memory),
    T(room_is_there_before_it_is_used), T(formatted_text_may_be_of_any_length),
    T(what_is_taken_belongs_to_the_taker))
