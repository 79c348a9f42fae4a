/* Sums by a text: exact up to the bound, and bounded. */
#include "core/cli/count_table.h"

#include "tests/test.h"

CASE(sums_are_kept_by_key_and_sorted_by_records)
{
	struct count_table t = { 0 };
	char key[32];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i <= round * 500; i++) {
			(void)snprintf(key, sizeof(key), "key %d", i);
			count_table_add(&t, key, 10, 1);
		}
	}
	count_table_sort(&t);
	CHECK_INT(t.count, 1001);
	CHECK_TEXT(t.slots[0].key, "key 0");
	CHECK_INT(t.slots[0].records, 3);
	CHECK_INT(t.slots[0].bytes, 30);
	CHECK_INT(t.slots[0].stored, 3);
	CHECK_TEXT(t.slots[1].key, "key 1");
	CHECK_INT(t.slots[500].records, 2);
	CHECK_INT(t.slots[501].records, 1);
	count_table_clear(&t);
	CHECK_INT(t.count, 0);
}

CASE(beyond_the_bound_keys_are_summed_up)
{
	struct count_table t = { 0 };
	char key[32];

	for (int i = 0; i < COUNT_KEYS + 100; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		count_table_add(&t, key, 1, 0);
	}
	count_table_add(&t, "0", 1, 0);
	count_table_sort(&t);
	CHECK_INT(t.count, COUNT_KEYS + 1);
	CHECK_TEXT(t.slots[0].key, COUNT_OTHERS);
	CHECK_INT(t.slots[0].records, 100);
	CHECK_TEXT(t.slots[1].key, "0");
	CHECK_INT(t.slots[1].records, 2);
	count_table_clear(&t);
}

TESTS(T(sums_are_kept_by_key_and_sorted_by_records),
    T(beyond_the_bound_keys_are_summed_up))
