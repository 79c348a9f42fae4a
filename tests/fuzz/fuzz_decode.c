/*
 * Content codings, kinds and sizes: bounded output, no other harm. The first
 * byte chooses the codings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = { "gzip", "deflate", "br",
		"zstd", "identity", "gzip, br", "zstd, deflate",
		"gzip, gzip, gzip" };
	enum { LIMIT = 100000 };
	struct error e = { 0 };
	struct buf out = { 0 };
	unsigned width = 0;
	unsigned height = 0;
	int rc;

	if (size == 0)
		return 0;
	rc = decode_content(
	    encodings[data[0] % 8], data + 1, size - 1, LIMIT, &out, &e);
	must(out.len <= LIMIT, "more than the limit");
	must(rc == 0 || e.kind == ERROR_INPUT || e.kind == ERROR_LIMIT,
	    "another kind of error");
	must(e.kind != ERROR_LIMIT || out.len == LIMIT || out.len == 0 ||
		 data[0] % 8 == 3 || data[0] % 8 == 5 || data[0] % 8 == 6,
	    "stopped before the limit");
	if (out.len > 0)
		must(decode_sniff(out.data, out.len) != NULL, "no kind");
	must(decode_sniff(data + 1, size - 1) != NULL, "no kind");
	if (decode_image_size(data + 1, size - 1, &width, &height))
		must(width > 0 && height > 0, "a picture of no size");
	buf_clear(&out);
	return 0;
}
