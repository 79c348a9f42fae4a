#ifndef TESTS_UNIT_STATE_FIXTURE_H
#define TESTS_UNIT_STATE_FIXTURE_H

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/collection/layout.h"
#include "core/crawl/state.h"
#include "tests/test.h"

/* A collection with a state that tests open, close and open again. */

static int64_t
fixture_wall(struct clock *c)
{
	(void)c;
	return 1700000000000000;
}

static int64_t
fixture_mono(struct clock *c)
{
	(void)c;
	return 0;
}

/* DIR is made a collection when it is none. */
static struct state *
fixture_state(const char *dir, struct collection **c)
{
	struct clock clock = { fixture_wall, fixture_mono };
	const struct collection_facts facts = { .id = "urn:uuid:1",
		.prefix = "t" };
	struct error e = { 0 };
	struct state *s = NULL;

	*c = NULL;
	(void)collection_create(dir, &facts, NULL);
	CHECK_OK(collection_open(c, dir, &e), &e);
	CHECK_OK(state_open(&s, *c, &clock, NULL, &e), &e);
	return s;
}

#endif
