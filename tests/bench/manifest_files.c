/*
 * A SHA-256 manifest of files, made by the code that seals snapshots.
 *
 *	manifest_files FILE ...
 */
#include <stdio.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"
#include "core/base/error.h"

int
main(int argc, char **argv)
{
	struct manifest m = { 0 };
	struct buf out = { 0 };
	struct error e = { 0 };
	char hex[65];

	for (int i = 1; i < argc; i++) {
		if (manifest_digest_file(argv[i], hex, &e) != 0) {
			(void)fprintf(stderr, "%s\n", e.text);
			return 1;
		}
		manifest_add(&m, argv[i], hex);
	}
	manifest_write(&out, &m);
	(void)fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
	manifest_clear(&m);
	return 0;
}
