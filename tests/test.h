#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The smallest test harness that shows both values and goes on. A test
 * program is a list of cases:
 *
 *	CASE(a_truncated_member_keeps_earlier_records)
 *	{
 *		CHECK(ready);
 *		CHECK_INT(count, 3);
 *		CHECK_TEXT(name, "0001");
 *	}
 *	TESTS(T(a_truncated_member_keeps_earlier_records), ...)
 *
 * Output is TAP; tests/run.sh counts it. Each program starts in a directory
 * of its own, which is empty.
 */

static int test_failed;
static char test_skip[256];

#define CASE(name) static void name(void)

#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			printf(                                               \
			    "# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
			test_failed = 1;                                      \
		}                                                             \
	} while (0)

#define CHECK_INT(value, expected)                                     \
	do {                                                           \
		long long v_ = (long long)(value);                     \
		long long x_ = (long long)(expected);                  \
		if (v_ != x_) {                                        \
			printf("# %s:%d: %s is %lld, expected %lld\n", \
			    __FILE__, __LINE__, #value, v_, x_);       \
			test_failed = 1;                               \
		}                                                      \
	} while (0)

#define CHECK_TEXT(value, expected)                                       \
	do {                                                              \
		const char *v_ = (value);                                 \
		const char *x_ = (expected);                              \
		if (v_ == NULL || x_ == NULL || strcmp(v_, x_) != 0) {    \
			printf("# %s:%d: %s is\n#   '%s', expected\n#   " \
			       "'%s'\n",                                  \
			    __FILE__, __LINE__, #value,                   \
			    v_ == NULL ? "(null)" : v_,                   \
			    x_ == NULL ? "(null)" : x_);                  \
			test_failed = 1;                                  \
		}                                                         \
	} while (0)

/* Succeeded (0 or more); shows the error's text when not. */
#define CHECK_OK(call, error)                                                  \
	do {                                                                   \
		if ((call) < 0) {                                              \
			printf("# %s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
			    (error)->text);                                    \
			test_failed = 1;                                       \
		}                                                              \
	} while (0)

#define SKIP(...)                                                          \
	do {                                                               \
		(void)snprintf(test_skip, sizeof(test_skip), __VA_ARGS__); \
		return;                                                    \
	} while (0)

struct test_case {
	const char *name;
	void (*run)(void);
};

static int
test_main(const struct test_case *cases, size_t count)
{
	int bad = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < count; i++) {
		test_failed = 0;
		test_skip[0] = '\0';
		cases[i].run();
		if (test_failed)
			bad = 1;
		printf("%s %zu - %s%s%s\n", test_failed ? "not ok" : "ok",
		    i + 1, cases[i].name,
		    test_skip[0] != '\0' && !test_failed ? " # SKIP " : "",
		    test_failed ? "" : test_skip);
	}
	printf("1..%zu\n", count);
	return bad;
}

/* TESTS({ "name", name }, ...): defines main. */
#define T(name)             \
	{                   \
#name, name \
	}
#define TESTS(...)                                                         \
	int main(void)                                                     \
	{                                                                  \
		static const struct test_case cases[] = { __VA_ARGS__ };   \
		return test_main(cases, sizeof(cases) / sizeof(cases[0])); \
	}

#endif
