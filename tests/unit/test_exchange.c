/* Outcomes by name; exchanges and connections that are counted. */
#include "tests/test.h"

#include <pthread.h>

#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/web/exchange.h"

CASE(every_outcome_has_a_name_that_finds_it_again)
{
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		const char *name = outcome_name((enum outcome)i);
		enum outcome o = OUTCOME_NOT_TRIED;

		CHECK(name != NULL);
		CHECK_INT(outcome_find(name, &o), 1);
		CHECK_INT(o, i);
		CHECK_INT(
		    strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
	}
}

CASE(the_list_of_outcomes_is_closed)
{
	enum outcome o = OUTCOME_GONE;

	CHECK_INT(OUTCOME_COUNT, 32);
	CHECK_INT(outcome_find("lost", &o), 0);
	CHECK_INT(outcome_find("", &o), 0);
	CHECK_INT(outcome_find("Captured", &o), 0);
	CHECK_INT(o, OUTCOME_GONE);
}

CASE(four_outcomes_are_good)
{
	int good = 0;

	for (int i = 0; i < OUTCOME_COUNT; i++)
		good += outcome_is_good((enum outcome)i);
	CHECK_INT(good, 4);
	CHECK(outcome_is_good(OUTCOME_CAPTURED));
	CHECK(outcome_is_good(OUTCOME_REVISIT));
	CHECK(outcome_is_good(OUTCOME_NOT_MODIFIED));
	CHECK(outcome_is_good(OUTCOME_REDIRECT));
}

CASE(a_new_exchange_has_empty_texts)
{
	struct exchange *x = exchange_new();

	CHECK_TEXT(x->url, "");
	CHECK_TEXT(x->method, "");
	CHECK_TEXT(x->reason, "");
	CHECK_TEXT(x->masked, "");
	CHECK_TEXT(x->content_type, "");
	CHECK_TEXT(x->content_encoding, "");
	CHECK_TEXT(x->location, "");
	CHECK_TEXT(x->retry_after, "");
	CHECK_TEXT(x->payload_digest, "");
	CHECK(x->connection == NULL);
	CHECK(x->response == NULL);
	CHECK_INT(x->outcome, OUTCOME_NOT_TRIED);
	exchange_free(x);
	exchange_free(NULL);
	connection_free(NULL);
	CHECK(exchange_keep(NULL) == NULL);
}

CASE(a_connection_lives_as_long_as_one_of_its_exchanges)
{
	struct connection *c = connection_new();
	struct exchange *a = exchange_new();
	struct exchange *b = exchange_new();

	c->chain = mem_zero(1, sizeof(*c->chain));
	c->chain_count = 1;
	c->chain[0].der = mem_dup("der", 3);
	c->ocsp = mem_dup("o", 1);
	a->connection = connection_keep(c);
	b->connection = connection_keep(c);
	connection_free(c);
	a->response = spool_new(".", 100);
	exchange_free(a);
	CHECK_INT(b->connection->references, 1);
	CHECK_TEXT(b->connection->host, "");
	exchange_free(b);
}

enum { KEEPS = 20000 };

static void *
keep_and_free(void *x)
{
	for (int i = 0; i < KEEPS; i++)
		exchange_free(exchange_keep(x));
	return NULL;
}

CASE(references_are_counted_from_any_thread)
{
	struct exchange *x = exchange_new();
	pthread_t threads[3];

	for (size_t i = 0; i < 3; i++)
		CHECK_INT(
		    pthread_create(&threads[i], NULL, keep_and_free, x), 0);
	for (size_t i = 0; i < 3; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	CHECK_INT(x->references, 1);
	exchange_free(x);
}

TESTS(T(every_outcome_has_a_name_that_finds_it_again),
    T(the_list_of_outcomes_is_closed), T(four_outcomes_are_good),
    T(a_new_exchange_has_empty_texts),
    T(a_connection_lives_as_long_as_one_of_its_exchanges),
    T(references_are_counted_from_any_thread))
