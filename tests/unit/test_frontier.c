/* Targets: new once, then pending, then done. */
#include "core/base/mem.h"
#include "core/crawl/frontier.h"
#include "tests/test.h"

CASE(a_url_is_new_then_pending_then_done)
{
	struct frontier *f = frontier_new();
	struct target *found = NULL;
	struct target *t;

	CHECK_INT(frontier_find(f, "http://a.example/", &found), FRONTIER_NEW);
	CHECK(found == NULL);
	t = frontier_add(f, "http://a.example/", NEED_PAGE, NULL, "", "");
	CHECK_INT(
	    frontier_find(f, "http://a.example/", &found), FRONTIER_PENDING);
	CHECK(found == t);
	CHECK_INT(frontier_find(f, "http://a.example/b", &found), FRONTIER_NEW);
	frontier_done(f, t);
	CHECK_INT(frontier_find(f, "http://a.example/", &found), FRONTIER_DONE);
	CHECK(found == NULL);
	frontier_free(f);
}

CASE(a_target_knows_how_it_was_found)
{
	struct frontier *f = frontier_new();
	struct target *page = frontier_add(
	    f, "http://a.example/", NEED_PAGE, NULL, "", "");
	struct target *sheet = frontier_add(f, "http://a.example/s.css",
	    NEED_STYLESHEET, page, "E", "link[rel=stylesheet]@href");
	struct target *image = frontier_add(
	    f, "http://a.example/i.png", NEED_IMAGE, sheet, "E", "css");

	CHECK_TEXT(page->via, "");
	CHECK_TEXT(page->hops, "");
	CHECK_TEXT(sheet->via, "http://a.example/");
	CHECK_TEXT(sheet->hops, "E");
	CHECK_TEXT(sheet->where, "link[rel=stylesheet]@href");
	CHECK_TEXT(image->via, "http://a.example/s.css");
	CHECK_TEXT(image->hops, "EE");
	frontier_free(f);
}

CASE(a_url_passed_over_is_done_without_having_been_pending)
{
	struct frontier *f = frontier_new();
	struct target *found;

	frontier_pass(f, "http://a.example/");
	frontier_pass(f, "http://a.example/");
	CHECK_INT(frontier_find(f, "http://a.example/", &found), FRONTIER_DONE);
	CHECK_INT(frontier_pending(f), 0);
	frontier_free(f);
}

CASE(who_waits_for_a_target_waits_once)
{
	struct frontier *f = frontier_new();
	struct target *t = frontier_add(
	    f, "http://a.example/", NEED_IMAGE, NULL, "", "");
	char jobs[2];
	struct job *one = (struct job *)(void *)&jobs[0];
	struct job *two = (struct job *)(void *)&jobs[1];

	CHECK_INT(target_wait(t, one), 1);
	CHECK_INT(target_wait(t, two), 1);
	CHECK_INT(target_wait(t, one), 0);
	CHECK_INT(t->waiting_count, 2);
	frontier_free(f);
}

/* Beyond any table's first size; as many pending as done. */
CASE(fifty_thousand_urls_keep_their_states)
{
	enum { COUNT = 50000 };
	struct frontier *f = frontier_new();
	struct target *found;
	size_t wrong = 0;

	for (unsigned i = 0; i < COUNT; i++) {
		char *url = mem_format("http://a.example/%u", i);
		struct target *t = frontier_add(
		    f, url, NEED_OTHER, NULL, "", "");

		if (i % 2 == 0)
			frontier_done(f, t);
		free(url);
	}
	CHECK_INT(frontier_pending(f), COUNT / 2);
	for (unsigned i = 0; i < COUNT; i++) {
		char *url = mem_format("http://a.example/%u", i);

		wrong += frontier_find(f, url, &found) !=
			 (i % 2 == 0 ? FRONTIER_DONE : FRONTIER_PENDING);
		free(url);
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(
	    frontier_find(f, "http://a.example/50000", &found), FRONTIER_NEW);
	frontier_free(f);
}

CASE(winding_up_meets_every_pending_target)
{
	struct frontier *f = frontier_new();
	struct target *t;
	unsigned met = 0;

	for (unsigned i = 0; i < 3000; i++) {
		char *url = mem_format("http://a.example/%u", i);

		(void)frontier_add(f, url, NEED_OTHER, NULL, "", "");
		free(url);
	}
	while ((t = frontier_any(f)) != NULL) {
		met++;
		frontier_done(f, t);
	}
	CHECK_INT(met, 3000);
	CHECK_INT(frontier_pending(f), 0);
	frontier_free(f);
}

CASE(every_need_has_a_name_of_its_own)
{
	for (int a = NEED_PAGE; a <= NEED_OTHER; a++) {
		CHECK(need_name((enum need)a)[0] != '\0');
		for (int b = NEED_PAGE; b < a; b++)
			CHECK(strcmp(need_name((enum need)a),
				  need_name((enum need)b)) != 0);
	}
}

TESTS(T(a_url_is_new_then_pending_then_done),
    T(a_target_knows_how_it_was_found),
    T(a_url_passed_over_is_done_without_having_been_pending),
    T(who_waits_for_a_target_waits_once),
    T(fifty_thousand_urls_keep_their_states),
    T(winding_up_meets_every_pending_target),
    T(every_need_has_a_name_of_its_own))
