/* Room held back on the disk. */
#include "core/crawl/ballast.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/layout.h"

enum { BLOCK = 4096 };

int
ballast_keep(
    const struct collection *c, uint64_t bytes, uint64_t least, struct error *e)
{
	char *path = collection_path(c, "state/ballast");
	uint64_t there = 0;
	uint64_t free_bytes;
	int rc = file_free_bytes(c->dir, &free_bytes, e);

	if (rc != 0)
		goto done;
	if (file_size(path, &there, NULL) != 0)
		there = 0;
	if (free_bytes < least)
		goto done; /* what there is is needed soon enough */
	if (bytes > there + (free_bytes - least) / 4)
		bytes = there + (free_bytes - least) / 4;
	bytes -= bytes % BLOCK;
	if (bytes > there)
		rc = file_reserve(path, bytes, e);
done:
	free(path);
	return rc;
}

int
ballast_release(const struct collection *c)
{
	char *path = collection_path(c, "state/ballast");
	int was_there = file_exists(path) && file_remove(path, NULL) == 0;

	free(path);
	return was_there;
}
