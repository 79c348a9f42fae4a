/* Fields of revisit records. */
#include "core/archive/revisit.h"

#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"

const char *
revisit_profile(enum revisit_kind kind, const char *version)
{
	int is_11 = strcmp(version, "WARC/1.1") == 0;

	if (kind == REVISIT_NOT_MODIFIED)
		return is_11 ? "http://netpreserve.org/warc/1.1/revisit/"
			       "server-not-modified"
			     : "http://netpreserve.org/warc/1.0/revisit/"
			       "server-not-modified";
	return is_11 ? "http://netpreserve.org/warc/1.1/revisit/"
		       "identical-payload-digest"
		     : "http://netpreserve.org/warc/1.0/revisit/"
		       "identical-payload-digest";
}

void
revisit_add_fields(struct arena *a, struct record *r, enum revisit_kind kind,
    const char *version, const struct revisit_original *o)
{
	record_add(a, r, "WARC-Profile", revisit_profile(kind, version));
	record_add(a, r, "WARC-Refers-To", arena_format(a, "<%s>", o->id));
	record_add(a, r, "WARC-Refers-To-Target-URI", o->uri);
	record_add(a, r, "WARC-Refers-To-Date", o->date);
	/* A 304 has no body that could be missing. */
	if (kind == REVISIT_IDENTICAL)
		record_add(a, r, "WARC-Truncated", "length");
}
