/* Byte strings in order, in bounded memory. */
#include "core/base/sort.h"

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "tests/test.h"

#define MIB ((size_t)1024 * 1024)

static struct sorter *
with(const char *const *words, size_t count)
{
	struct sorter *s = sorter_new(MIB, ".");

	for (size_t i = 0; i < count; i++)
		CHECK_INT(sorter_add(s, words[i], strlen(words[i]), NULL), 0);
	CHECK_INT(sorter_begin(s, NULL), 0);
	return s;
}

static void
check_next(struct sorter *s, const char *want)
{
	const uint8_t *p = NULL;
	size_t len = 0;
	char got[64] = "";

	CHECK_INT(sorter_next(s, &p, &len, NULL), 1);
	if (len < sizeof(got) && len > 0)
		memcpy(got, p, len);
	CHECK_TEXT(got, want);
}

static void
check_end(struct sorter *s)
{
	const uint8_t *p;
	size_t len;

	CHECK_INT(sorter_next(s, &p, &len, NULL), 0);
	CHECK_INT(sorter_next(s, &p, &len, NULL), 0);
}

CASE(a_few_strings_come_in_order_and_again)
{
	static const char *const words[] = { "b", "", "abc", "ab", "\xff", "B",
		"abcdefghij", "abcdefgh", "abcdefghi", "ab" };
	static const char *const sorted[] = { "", "B", "ab", "ab", "abc",
		"abcdefgh", "abcdefghi", "abcdefghij", "b", "\xff" };
	struct sorter *s = with(words, 10);

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < 10; i++)
			check_next(s, sorted[i]);
		check_end(s);
		CHECK_INT(sorter_begin(s, NULL), 0);
	}
	sorter_free(s);
	sorter_free(NULL);
}

CASE(nothing_added_is_an_end)
{
	struct sorter *s = with(NULL, 0);

	check_end(s);
	sorter_free(s);
}

CASE(nul_bytes_count)
{
	struct sorter *s = sorter_new(0, NULL);
	static const struct {
		const char *p;
		size_t len;
	} want[] = { { "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "\0a", 2 },
		{ "a", 1 }, { "a\0", 2 }, { "a\0\0\0\0\0\0\0", 8 },
		{ "a\0\0\0\0\0\0\0\0", 9 }, { "a\0\0\0\0\0\0\0\1", 9 } };
	const uint8_t *p = NULL;
	size_t len = 0;

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 9; i-- > 0;)
			CHECK_INT(
			    sorter_add(s, want[i].p, want[i].len, NULL), 0);
	CHECK_INT(sorter_begin(s, NULL), 0);
	for (size_t i = 0; i < 27; i++) {
		CHECK_INT(sorter_next(s, &p, &len, NULL), 1);
		CHECK_INT(len, want[i / 3].len);
		CHECK(len == 0 || memcmp(p, want[i / 3].p, len) == 0);
	}
	check_end(s);
	sorter_free(s);
}

/* The N-th of a fixed disorder. */
static uint32_t
noise(uint32_t n)
{
	n *= 2654435761u;
	n ^= n >> 15;
	n *= 2246822519u;
	return n ^ n >> 13;
}

struct plain {
	const char *text;
	size_t number;
};

static int
by_text(const void *a, const void *b)
{
	const struct plain *x = a;
	const struct plain *y = b;
	int c = strcmp(x->text, y->text);

	return c != 0 ? c : x->number < y->number ? -1 : 1;
}

/* COUNT lines with the same beginnings, many of them equal, against qsort. */
static void
check_lines(size_t memory, size_t count, uint32_t kinds)
{
	struct arena *a = arena_new();
	struct plain *plain = calloc(count, sizeof(*plain));
	struct sorter *s = sorter_new(memory, ".");
	size_t wrong = 0;
	const uint8_t *p = NULL;
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t n = noise((uint32_t)i) % kinds;
		char *text = arena_alloc(a, 600);

		(void)snprintf(text, 600, "com,example)/%u/%0*u", n % 7,
		    (int)(n % 500), n);
		plain[i] = (struct plain){ text, i };
		CHECK_INT(sorter_add(s, text, strlen(text), NULL), 0);
	}
	qsort(plain, count, sizeof(*plain), by_text);
	for (int pass = 0; pass < 2; pass++) {
		CHECK_INT(sorter_begin(s, NULL), 0);
		for (size_t i = 0; i < count; i++)
			wrong += sorter_next(s, &p, &len, NULL) != 1 ||
				 len != strlen(plain[i].text) ||
				 memcmp(p, plain[i].text, len) != 0;
		check_end(s);
	}
	CHECK_INT(wrong, 0);
	sorter_free(s);
	arena_free(a);
	free(plain);
}

CASE(many_lines_in_memory_come_as_qsort_has_them)
{
	check_lines(64 * MIB, 30000, UINT32_MAX);
	check_lines(64 * MIB, 30000, 40);
}

CASE(many_runs_come_as_qsort_has_them)
{
	/* About 25 MB: more runs than 1 MiB merges at once. */
	check_lines(MIB, 100000, UINT32_MAX);
	check_lines(MIB, 20000, 40);
}

/* Equal bytes cannot be told apart; their places in memory can. */
CASE(equal_strings_come_in_the_order_of_adding)
{
	struct sorter *s = sorter_new(MIB, ".");
	const uint8_t *p = NULL;
	const uint8_t *last = NULL;
	size_t len;
	size_t wrong = 0;

	for (size_t i = 0; i < 5000; i++)
		CHECK_INT(
		    sorter_add(s, i % 2 ? "equal" : "lesser", 5, NULL), 0);
	CHECK_INT(sorter_begin(s, NULL), 0);
	for (size_t i = 0; i < 5000; i++) {
		CHECK_INT(sorter_next(s, &p, &len, NULL), 1);
		if (i % 2500 != 0)
			wrong += p <= last;
		last = p;
	}
	CHECK_INT(wrong, 0);
	sorter_free(s);
}

CASE(strings_of_the_greatest_length_are_sorted_in_the_least_memory)
{
	struct sorter *s = sorter_new(1, ".");
	uint8_t *text = malloc(MIB + 1);
	const uint8_t *p = NULL;
	size_t len = 0;
	struct error e = { 0 };

	memset(text, 'x', MIB + 1);
	CHECK_INT(sorter_add(s, text, MIB + 1, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	for (size_t i = 0; i < 9; i++) {
		text[MIB - 1] = (uint8_t)('a' + (i * 5) % 9);
		CHECK_INT(sorter_add(s, text, MIB, NULL), 0);
		CHECK_INT(sorter_add(s, text, 3, NULL), 0);
	}
	CHECK_INT(sorter_begin(s, NULL), 0);
	for (size_t i = 0; i < 9; i++)
		check_next(s, "xxx");
	for (size_t i = 0; i < 9; i++) {
		CHECK_INT(sorter_next(s, &p, &len, NULL), 1);
		CHECK_INT(len, MIB);
		CHECK_INT(p[MIB - 1], 'a' + i);
		CHECK_INT(p[MIB - 2], 'x');
	}
	check_end(s);
	sorter_free(s);
	free(text);
}

/* Runs of every count around what is merged at once. */
CASE(any_number_of_runs_is_merged)
{
	static const size_t counts[] = { 1, 2, 14, 15, 16, 17, 18, 33 };
	char *text = calloc(1, 300000);

	for (size_t k = 0; k < 8; k++) {
		struct sorter *s = sorter_new(MIB, ".");
		uint32_t last = 0;

		/* Three of these fill a run. */
		for (size_t i = 0; i < 3 * counts[k]; i++) {
			(void)snprintf(text, 16, "%010u", noise((uint32_t)i));
			CHECK_INT(sorter_add(s, text, 300000, NULL), 0);
		}
		CHECK_INT(sorter_begin(s, NULL), 0);
		for (size_t i = 0; i < 3 * counts[k]; i++) {
			const uint8_t *p = NULL;
			size_t len;
			uint32_t n;

			CHECK_INT(sorter_next(s, &p, &len, NULL), 1);
			n = (uint32_t)strtoul((const char *)p, NULL, 10);
			CHECK(n >= last);
			last = n;
		}
		check_end(s);
		sorter_free(s);
	}
	free(text);
}

/* 1: all went well with the N-th call failing. */
static int
sorts_failing_at(long n)
{
	struct sorter *s = sorter_new(MIB, ".");
	struct error e = { 0 };
	const uint8_t *p;
	size_t len;
	int rc = 0;
	char text[100];

	file_fail_at(n);
	for (uint32_t i = 0; rc == 0 && i < 60000; i++) {
		(void)snprintf(text, sizeof(text), "%090u", noise(i));
		rc = sorter_add(s, text, 90, &e);
	}
	if (rc == 0)
		rc = sorter_begin(s, &e);
	for (uint32_t i = 0; rc == 0 && i < 60000; i++)
		rc = sorter_next(s, &p, &len, &e) == 1 ? 0 : -1;
	file_fail_at(0);
	if (rc != 0)
		CHECK_INT(e.kind, ERROR_SYSTEM);
	sorter_free(s);
	return rc == 0;
}

CASE(a_full_disk_is_told_wherever_it_strikes)
{
	long n = 1;

	while (n < 1000 && !sorts_failing_at(n))
		n++;
	CHECK(n > 20 && n < 1000);
}

CASE(no_file_is_made_before_memory_is_full_and_none_has_a_name)
{
	struct sorter *s = sorter_new(MIB, "no/such/folder");
	struct error e = { 0 };
	struct file_names names;
	int rc = 0;
	size_t i = 0;

	for (; rc == 0 && i < 40000; i++)
		rc = sorter_add(s, "a string of 20 bytes", 20, &e);
	CHECK_INT(rc, -1);
	CHECK(i > MIB / 40 && i < MIB / 20);
	sorter_free(s);
	s = sorter_new(MIB, ".");
	for (i = 0; i < 100000; i++)
		CHECK_INT(sorter_add(s, "a string of 20 bytes", 20, &e), 0);
	CHECK_INT(sorter_begin(s, &e), 0);
	CHECK_INT(file_list(".", &names, &e), 0);
	CHECK_INT(names.count, 0);
	file_names_clear(&names);
	sorter_free(s);
}

TESTS(T(a_few_strings_come_in_order_and_again), T(nothing_added_is_an_end),
    T(nul_bytes_count), T(many_lines_in_memory_come_as_qsort_has_them),
    T(many_runs_come_as_qsort_has_them),
    T(equal_strings_come_in_the_order_of_adding),
    T(strings_of_the_greatest_length_are_sorted_in_the_least_memory),
    T(any_number_of_runs_is_merged), T(a_full_disk_is_told_wherever_it_strikes),
    T(no_file_is_made_before_memory_is_full_and_none_has_a_name))
