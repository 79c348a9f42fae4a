/* Arenas that begin small: thousands of them at a time. */
#include <malloc.h>
#include <stdint.h>
#include <string.h>

#include "core/base/arena.h"
#include "tests/test.h"

CASE(a_small_arena_holds_what_a_large_one_does)
{
	struct arena *a = arena_new_small();
	char *kept[2000];
	char *large = arena_text(a, "before");

	for (size_t i = 0; i < 2000; i++) {
		size_t len = i % 7 == 0 ? 3000 + i : i % 100;

		kept[i] = arena_alloc(a, len + 1);
		CHECK((uintptr_t)kept[i] % 16 == 0);
		memset(kept[i], 'a' + (int)(i % 26), len);
	}
	CHECK_TEXT(large, "before");
	for (size_t i = 0; i < 2000; i++) {
		size_t len = i % 7 == 0 ? 3000 + i : i % 100;

		CHECK(kept[i][len] == '\0');
		CHECK(len == 0 || (kept[i][0] == 'a' + (int)(i % 26) &&
				      kept[i][len - 1] == kept[i][0]));
	}
	arena_reset(a);
	CHECK_INT(arena_size(a), 0);
	CHECK_TEXT(arena_text(a, "again"), "again");
	arena_free(a);
}

CASE(ten_thousand_small_arenas_take_20_megabytes)
{
	enum { COUNT = 10000 };
	static struct arena *all[COUNT];
	size_t before = mallinfo2().uordblks;
	size_t used;

	for (size_t i = 0; i < COUNT; i++) {
		all[i] = arena_new_small();
		(void)arena_alloc(all[i], 500);
	}
	used = mallinfo2().uordblks - before;
	CHECK(used < 20000000); /* a sanitizer counts nothing */
	for (size_t i = 0; i < COUNT; i++)
		arena_free(all[i]);
}

TESTS(T(a_small_arena_holds_what_a_large_one_does),
    T(ten_thousand_small_arenas_take_20_megabytes))
