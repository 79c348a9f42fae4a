/* JSON read strictly, written canonically. */
#include "core/base/json.h"

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "tests/test.h"

/* What TEXT becomes; "" when it is refused. */
static char *
canonical(const char *text, size_t len)
{
	struct arena *a = arena_new();
	struct error e = { 0 };
	const struct json *v = json_parse(a, text, len, &e);
	struct buf out = { 0 };

	if (v != NULL)
		json_write_canonical(&out, v);
	else
		CHECK(e.kind == ERROR_INPUT && e.text[0] != '\0');
	arena_free(a);
	return buf_take(&out);
}

static void
check_canonical(const char *text, const char *expected)
{
	char *got = canonical(text, strlen(text));

	CHECK_TEXT(got, expected);
	free(got);
}

/* The example of RFC 8785, 3.2.3: UTF-16 code units, not code points. */
CASE(members_are_sorted_by_utf16_code_units)
{
	check_canonical("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage "
			"Return\",\"\\ufb33\":\"Hebrew Letter Dalet With "
			"Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: "
			"Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":"
			"\"Latin Small Letter O With Diaeresis\"}",
	    "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":"
	    "\"Control\",\"\xc3\xb6\":\"Latin Small Letter O With "
	    "Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
	    "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
	    "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
	check_canonical("{\"b\":1,\"a\":{\"z\":[3,1,2],\"\":0},\"aa\":2}",
	    "{\"a\":{\"\":0,\"z\":[3,1,2]},\"aa\":2,\"b\":1}");
	/* U+D7FF, U+E000, U+FFFF and U+10000: surrogates lie between. */
	check_canonical("{\"\xef\xbf\xbf\":1,\"\xee\x80\x80\":2,"
			"\"\xf0\x90\x80\x80\":3,\"\xed\x9f\xbf\":4}",
	    "{\"\xed\x9f\xbf\":4,\"\xf0\x90\x80\x80\":3,\"\xee\x80\x80\":2,"
	    "\"\xef\xbf\xbf\":1}");
}

/* RFC 8785, 3.2.2.2. */
CASE(strings_are_escaped_as_little_as_possible)
{
	check_canonical("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c"
			"\\\\\\\"\\/\"",
	    "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
	check_canonical("\"\\b\\t\\n\\f\\r\\u0000\\u000b\\u001f\\u007f\"",
	    "\"\\b\\t\\n\\f\\r\\u0000\\u000b\\u001f\x7f\"");
	check_canonical("\"<\\u2028>\"", "\"<\xe2\x80\xa8>\"");
}

/* RFC 8785, appendix B, and its neighbours. */
CASE(numbers_are_written_as_ecmascript_does)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "0", "0" },
		{ "-0", "0" },
		{ "-0.0", "0" },
		{ "1", "1" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "1.0", "1" },
		{ "4.50", "4.5" },
		{ "0.1", "0.1" },
		{ "333333333.33333329", "333333333.3333333" },
		{ "2e-3", "0.002" },
		{ "0.000001", "0.000001" },
		{ "0.0000001", "1e-7" },
		{ "0.00000123", "0.00000123" },
		{ "0.000000123", "1.23e-7" },
		{ "1E30", "1e+30" },
		{ "1e21", "1e+21" },
		{ "1e20", "100000000000000000000" },
		{ "123456789012345680000.0", "123456789012345680000" },
		{ "9.999999999999997e22", "9.999999999999997e+22" },
		{ "5e-324", "5e-324" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308" },
		{ "-1.5e-9", "-1.5e-9" },
		{ "1e23", "1e+23" },
		{ "-12.25", "-12.25" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_canonical(cases[i].text, cases[i].canonical);
}

CASE(what_is_not_strictly_json_is_refused)
{
	static const char *const bad[] = { "", " ", "{", "[1,]", "{\"a\":1,}",
		"{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "1 2", "{} x",
		"[1]\n{}", "'a'", "{a:1}", "01", "+1", ".5", "1.", "NaN",
		"Infinity", "nul", "\"\\x41\"", "\"\t\"", "\"a\nb\"",
		"\"\\ud800\"", "\"\\udc00x\"", "\"\xff\"", "\"\xc0\x80\"",
		"\"\xed\xa0\x80\"", "9223372036854775808", "1e999",
		"\xef\xbb\xbf{}", "// c\n1", "{\"a\\u0000b\":1}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_canonical(bad[i], "");
	check_canonical(
	    " [ 1 , null , true , false ] \n", "[1,null,true,false]");
	check_canonical("\"\"", "\"\"");
}

CASE(nesting_ends_at_its_limit)
{
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		struct buf text = { 0 };
		char *got;

		for (int i = 0; i < depth; i++)
			buf_add_byte(&text, '[');
		buf_add_byte(&text, '0');
		for (int i = 0; i < depth; i++)
			buf_add_byte(&text, ']');
		got = canonical(buf_text(&text), text.len);
		CHECK_TEXT(got, depth == JSON_DEPTH_MAX ? buf_text(&text) : "");
		free(got);
		buf_reset(&text);
		for (int i = 0; i < 100000; i++)
			buf_add_text(&text, "{\"a\":");
		got = canonical(buf_text(&text), text.len);
		CHECK_TEXT(got, "");
		free(got);
		buf_clear(&text);
	}
}

CASE(a_nul_inside_a_string_survives)
{
	struct arena *a = arena_new();
	const struct json *v = json_parse(a, "\"a\\u0000b\"", 10, NULL);
	struct buf out = { 0 };

	CHECK_INT(json_string_len(v), 3);
	CHECK(memcmp(json_text(v, ""), "a\0b", 4) == 0);
	json_write_canonical(&out, v);
	CHECK_TEXT(buf_text(&out), "\"a\\u0000b\"");
	buf_clear(&out);
	arena_free(a);
}

CASE(looking_into_nothing_gives_the_fallback)
{
	struct arena *a = arena_new();
	static const char text[] = "{\"o\":{\"n\":7,\"r\":1.5,\"t\":true}}";
	const struct json *v = json_parse(a, text, strlen(text), NULL);
	const struct json *o = json_get(v, "o");

	CHECK_INT(json_int(json_get(o, "n"), -1), 7);
	CHECK_INT(json_int(json_get(o, "r"), -1), -1);
	CHECK(json_double(json_get(o, "r"), 0) == 1.5);
	CHECK(json_double(json_get(o, "n"), 0) == 7.0);
	CHECK_INT(json_bool(json_get(o, "t"), 0), 1);
	CHECK_INT(json_bool(json_get(o, "n"), 5), 5);
	CHECK(json_get(json_get(json_get(v, "x"), "y"), "z") == NULL);
	CHECK(json_get(json_get(o, "n"), "n") == NULL);
	CHECK_TEXT(json_text(json_get(o, "n"), "none"), "none");
	CHECK_TEXT(json_text(NULL, "none"), "none");
	CHECK_INT(json_count(NULL), 0);
	CHECK(json_at(o, 3) == NULL && json_key(o, 3) == NULL);
	CHECK_TEXT(json_key(o, 1), "r");
	CHECK(json_key(NULL, 0) == NULL);
	CHECK_INT(json_kind(NULL), JSON_KIND_NULL);
	CHECK_INT(json_is(NULL, JSON_KIND_NULL), 0);
	CHECK_INT(json_string_len(NULL), 0);
	arena_free(a);
}

CASE(what_is_built_is_written_in_its_order_or_sorted)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *list = json_new_array(a);
	struct buf out = { 0 };

	json_set_integer(a, o, "z", 1);
	json_set_string(a, o, "b", "\xff");
	json_set(a, o, "list", list);
	json_set_bool(a, o, "a", 0);
	json_set_integer(a, o, "z", 2); /* in its place */
	for (int i = 0; i < 20; i++)
		json_append(a, list, json_new_integer(a, i % 2));
	json_append(a, list, json_new_null(a));
	json_append(a, list, json_new_real(a, 0.25));
	json_write(&out, o);
	CHECK_TEXT(buf_text(&out),
	    "{\"z\":2,\"b\":\"\xef\xbf\xbd\",\"list\":[0,1,0,1,0,1,0,1,0,1,0,1,"
	    "0,1,0,1,0,1,0,1,null,0.25],\"a\":false}");
	buf_reset(&out);
	json_set(a, o, "list", json_new_array(a));
	json_write_canonical(&out, o);
	CHECK_TEXT(buf_text(&out),
	    "{\"a\":false,\"b\":\"\xef\xbf\xbd\",\"list\":[],\"z\":2}");
	buf_reset(&out);
	json_write_pretty(&out, o);
	CHECK_TEXT(buf_text(&out),
	    "{\n  \"z\": 2,\n  \"b\": \"\xef\xbf\xbd\",\n  \"list\": [],\n"
	    "  \"a\": false\n}\n");
	buf_clear(&out);
	arena_free(a);
}

/* Canonical text read and written again is the same text. */
CASE(canonical_text_does_not_change_any_more)
{
	static const char text[] =
	    "{\"\":{\"a\":[1.5,-7,1e+21,\"\\u0001\\\"\"],\"b\":{}},\"\xc3\xa4"
	    "\":null,\"\xf0\x9f\x98\x80\":true,\"\xef\xbf\xbd\":[[],[[]]]}";

	check_canonical(text, text);
}

TESTS(T(members_are_sorted_by_utf16_code_units),
    T(strings_are_escaped_as_little_as_possible),
    T(numbers_are_written_as_ecmascript_does),
    T(what_is_not_strictly_json_is_refused), T(nesting_ends_at_its_limit),
    T(a_nul_inside_a_string_survives),
    T(looking_into_nothing_gives_the_fallback),
    T(what_is_built_is_written_in_its_order_or_sorted),
    T(canonical_text_does_not_change_any_more))
