#ifndef TESTS_UNIT_PACKAGE_FIXTURE_H
#define TESTS_UNIT_PACKAGE_FIXTURE_H

#include <string.h>

#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/stream.h"
#include "tests/test.h"

/* A file of a package that is being made. */
static inline void
put(struct package_writer *w, const char *name, const char *text)
{
	struct stream *s = stream_of_bytes(text, strlen(text));
	struct error e = { 0 };

	CHECK_OK(package_put(w, name, strlen(text), s, &e), &e);
	stream_free(s);
}

#endif
