/* What a WACZ says of itself: what reads is sorted, plain and in bounds. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/archive/wacz_read.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct wacz_package package;
	struct wacz_digest digest;
	struct error e = { 0 };

	if (wacz_read_package(a, p, len, &package, &e) == 0) {
		/* Read in parts, it is what it is as a whole. */
		const struct json *o = json_parse(
		    a, (const char *)p, len, NULL);

		if (json_count(json_get(o, "resources")) != package.count ||
		    strcmp(json_text(json_get(o, "profile"), ""),
			package.profile) != 0)
			abort();
		for (size_t i = 0; i < package.count; i++) {
			const struct wacz_resource *r = &package.resources[i];

			if (!package_name_is_plain(r->path, strlen(r->path)) ||
			    wacz_find(&package, r->path) != r)
				abort();
		}
	} else if (e.text[0] == '\0') {
		abort();
	}
	if (wacz_read_digest(a, p, len, &digest, &e) == 0 &&
	    digest.hash[0] == '\0')
		abort();
	arena_free(a);
	return 0;
}
