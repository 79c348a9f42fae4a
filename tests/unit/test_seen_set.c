/* Any number of texts seen before, in bounded memory. */
#include "core/collection/seen_set.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "tests/test.h"

enum { MANY = 4 * SEEN_SET_MEMORY };

static const char *
text(char out[32], unsigned i)
{
	(void)snprintf(out, 32, "http://a.test/%u", i);
	return out;
}

CASE(each_of_more_than_fit_is_new_once_and_keeps_its_number)
{
	struct seen_set *s = seen_set_new(".");
	char name[32];
	unsigned wrong = 0;

	for (unsigned i = 0; i < MANY; i++) {
		uint64_t was = 0;

		wrong += seen_set_add(s, text(name, i), i, NULL, NULL) != 1;
		/* One of before, now and then; the first number stays. */
		wrong += seen_set_add(s, text(name, i / 2), 7, &was, NULL) !=
			     0 ||
			 was != i / 2;
	}
	CHECK_INT(wrong, 0);
	for (unsigned i = 0; i < MANY; i++) {
		uint64_t was = 0;

		wrong += seen_set_add(s, text(name, i), 7, &was, NULL) != 0 ||
			 was != i;
	}
	CHECK_INT(wrong, 0);
	seen_set_free(s);
}

CASE(a_disk_that_takes_nothing_is_told)
{
	struct seen_set *s = seen_set_new(".");
	struct error e = { 0 };
	char name[32];
	int rc = 1;

	file_fail_at(1);
	for (unsigned i = 0; rc == 1 && i < MANY; i++)
		rc = seen_set_add(s, text(name, i), i, NULL, &e);
	file_fail_at(0);
	CHECK_INT(rc, -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	seen_set_free(s);
}

CASE(a_set_of_nothing_is_freed)
{
	seen_set_free(NULL);
	seen_set_free(seen_set_new(NULL));
}

TESTS(T(each_of_more_than_fit_is_new_once_and_keeps_its_number),
    T(a_disk_that_takes_nothing_is_told), T(a_set_of_nothing_is_freed))
