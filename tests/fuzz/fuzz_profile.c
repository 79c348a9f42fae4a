/* Profiles, their rules, selectors and patterns on any bytes. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/news/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct profile_set *set;
	struct error e = { 0 };

	if (set == NULL && profile_set_load(&set, NULL, &e) != 0)
		abort();
	if (profile_check_text(set, "f", (const char *)p, len, &e) != 0 &&
	    (e.kind != ERROR_USAGE || e.text[0] == '\0'))
		abort();
	return 0;
}
