/* Sealed snapshots handed on as packages. */
#include "core/collection/export.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/manifest.h"
#include "core/archive/package.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"

#define MANIFEST "manifest-sha256.txt"

enum { MANIFEST_MAX = 256 * 1024 * 1024 };

struct export
{
	const char *dir;  /* of the snapshot, absolute */
	const char *name; /* of it */
	struct manifest manifest;
	struct package_writer *out;
	struct digester *digest;
	uint64_t bytes;
};

/* A stream digested on the way. */
struct digesting {
	struct stream stream;
	struct stream *inner;
	struct digester *digest;
};

static int
digesting_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct digesting *d = (struct digesting *)s;
	int more = stream_next(d->inner, data, len, e);

	if (more == 1)
		digester_add(d->digest, *data, *len);
	return more;
}

/* HEX is what its bytes must give; NULL for the manifest itself. */
static int
put_file(struct export *x, const char *name, const char *hex, struct error *e)
{
	struct digesting d = { .stream.next = digesting_next,
		.digest = x->digest };
	char *path = mem_format("%s/%s", x->dir, name);
	char *inside = mem_format("%s/%s", x->name, name);
	char digest[DIGEST_TEXT_MAX];
	uint64_t size = 0;
	int fd = file_open_read(path, e);
	int rc = -1;

	if (fd < 0) {
		if (e->kind == ERROR_NOTFOUND)
			e->kind = ERROR_INTEGRITY;
		goto done;
	}
	if (file_size(path, &size, e) != 0)
		goto done;
	digester_reset(x->digest);
	d.inner = stream_of_file(fd, 0, size);
	rc = package_put(x->out, inside, size, &d.stream, e);
	stream_free(d.inner);
	digester_hex(x->digest, digest);
	if (rc == 0 && hex != NULL && strcmp(digest, hex) != 0)
		rc = error_set(e, ERROR_INTEGRITY,
		    "%s: not as it was sealed; see: holdfast verify", path);
	x->bytes += size;
done:
	if (fd >= 0)
		(void)close(fd); /* only read */
	free(inside);
	free(path);
	return rc;
}

/* In bytewise order, the manifest in its place. */
static int
put_files(struct export *x, struct error *e)
{
	const struct manifest *m = &x->manifest;
	int is_put = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!is_put && strcmp(MANIFEST, m->entries[i].name) < 0) {
			if (put_file(x, MANIFEST, NULL, e) != 0)
				return -1;
			is_put = 1;
		}
		if (put_file(x, m->entries[i].name, m->entries[i].hex, e) != 0)
			return -1;
	}
	return is_put ? 0 : put_file(x, MANIFEST, NULL, e);
}

static int
read_manifest(struct export *x, struct error *e)
{
	char *path = mem_format("%s/" MANIFEST, x->dir);
	struct buf text = { 0 };
	int rc = file_get(path, &text, MANIFEST_MAX, e);

	if (rc == 0)
		rc = manifest_read(&x->manifest, buf_text(&text), text.len, e);
	if (rc != 0 && e->kind != ERROR_SYSTEM)
		rc = error_set(e, ERROR_INTEGRITY, "%s: %s", path, e->text);
	buf_clear(&text);
	free(path);
	return rc;
}

int
export_snapshot(const struct collection *c, const char *snapshot,
    const char *path, uint64_t *count, uint64_t *bytes, struct error *e)
{
	struct arena *a = arena_new();
	struct snapshot_facts facts = { 0 };
	struct package_options o = { 0 };
	struct export x = { 0 };
	char *dir = collection_path(c, snapshot);
	int rc;

	x.dir = dir;
	x.digest = digester_new(DIGEST_SHA256);
	rc = snapshot_facts_read(c, a, snapshot, &facts, e);
	if (rc == 0)
		rc = read_manifest(&x, e);
	if (rc != 0)
		goto done;
	x.name = facts.name;
	o.time_us = facts.ended_us;
	rc = package_create(&x.out, path, &o, e);
	if (rc != 0)
		goto done;
	rc = put_files(&x, e);
	if (rc == 0) {
		rc = package_finish(x.out, e);
		x.out = NULL;
	}
	*count = x.manifest.count + 1;
	*bytes = x.bytes;
done:
	package_abandon(x.out);
	manifest_clear(&x.manifest);
	digester_free(x.digest);
	free(dir);
	arena_free(a);
	return rc;
}
