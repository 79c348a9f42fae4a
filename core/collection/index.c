/* The collection-wide index: kept up to date, and made anew. */
#include "core/collection/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/index_current.h"
#include "core/collection/index_run.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"

/* More runs than this are merged, as long as that writes no more than
 * INDEX_MERGE_BYTES: sealing takes about a second at most, however large the
 * index is. What has grown beyond that stays until the index is made anew. */
enum { INDEX_RUNS_MAX = 8, MANIFEST_BYTES_MAX = 64 * 1024 * 1024 };
#define INDEX_MERGE_BYTES ((uint64_t)256 * 1024 * 1024)

/* Stands for the manifest of a snapshot that has none. */
static const char no_manifest[] = "0000000000000000000000000000000000000000"
				  "000000000000000000000000";

static char *
run_path(const struct collection *c, const char *name)
{
	return mem_format("%s/index/%s", c->dir, name);
}

/* Name for a run that CURRENT does not name yet. */
static char *
new_run_name(const struct index_current *n)
{
	uint64_t last = 0;

	for (size_t i = 0; i < n->run_count; i++) {
		uint64_t number;

		if (text_uint(n->runs[i].name, strcspn(n->runs[i].name, "."),
			UINT64_MAX - 1, &number) &&
		    number > last)
			last = number;
	}
	return mem_format("%08ju.cdxj", (uintmax_t)(last + 1));
}

static int
run_is_whole(const struct collection *c, const struct index_run *run)
{
	char *path = run_path(c, run->name);
	uint64_t size;
	int whole = file_size(path, &size, NULL) == 0 && size == run->bytes;

	free(path);
	return whole;
}

static void
close_all(struct index_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		index_source_close(&sources[i]);
}

static void
forget_run(struct index_current *n, const char *name)
{
	for (size_t i = 0; i < n->run_count; i++) {
		if (strcmp(n->runs[i].name, name) != 0)
			continue;
		free(n->runs[i].name);
		n->runs[i] = n->runs[--n->run_count];
		return;
	}
}

/* A copy of the manifest, and its digest. An older copy stays and is what
 * counts: it was made when the snapshot was new. */
static int
keep_manifest(const struct collection *c, const char *snapshot, char hex[65],
    struct error *e)
{
	char *path = mem_format("%s/%s/manifest-sha256.txt", c->dir, snapshot);
	char *copy = index_manifest_path(c, snapshot);
	struct buf b = { 0 };
	int rc = 0;

	if (!file_exists(copy) &&
	    file_get(path, &b, MANIFEST_BYTES_MAX, NULL) == 0)
		rc = file_put(copy, b.data, b.len, e);
	if (rc == 0 && manifest_digest_file(copy, hex, NULL) != 0)
		(void)snprintf(hex, 65, "%s", no_manifest);
	buf_clear(&b);
	free(path);
	free(copy);
	return rc;
}

/* The lines of up to INDEX_MERGE_MAX snapshots as one more run. */
static int
add_batch(struct collection *c, struct index_current *n, char **snapshots,
    size_t count, struct error *e)
{
	struct index_source *sources = mem_zero(
	    INDEX_MERGE_MAX, sizeof(*sources));
	char *name = new_run_name(n);
	char *path = run_path(c, name);
	size_t open = 0;
	uint64_t bytes;
	int rc = -1;

	for (size_t i = 0; i < count; i++) {
		char *own = mem_format(
		    "%s/%s/index.cdxj", c->dir, snapshots[i]);
		char *prefix = mem_format("%s/", snapshots[i]);
		char hex[65];

		/* One without an index is for verify to tell. */
		if (index_source_open(&sources[open], own, prefix, NULL) == 0)
			open++;
		rc = keep_manifest(c, snapshots[i], hex, e);
		index_current_add(n, snapshots[i], hex);
		n->holds++;
		n->sum += months_hash(snapshots[i]);
		free(own);
		free(prefix);
		if (rc != 0)
			goto done;
	}
	rc = index_run_write(path, sources, open, &bytes, e);
	if (rc == 0)
		index_current_add_run(n, name, bytes);
done:
	close_all(sources, open);
	free(sources);
	free(path);
	free(name);
	return rc;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct index_run *x = a;
	const struct index_run *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* How many of the smallest runs to merge: at least two, and on while the
 * next is not much larger than those together, so that a line is copied but
 * a few times in its life. 0: they are more than LIMIT bytes. */
static size_t
merge_count(struct index_current *n, uint64_t limit)
{
	uint64_t sum;
	size_t count = 2;

	qsort(n->runs, n->run_count, sizeof(*n->runs), by_bytes);
	sum = n->runs[0].bytes + n->runs[1].bytes;
	if (sum > limit)
		return 0;
	while (count < n->run_count && count < INDEX_MERGE_MAX &&
	       n->runs[count].bytes / 2 <= sum &&
	       n->runs[count].bytes <= limit - sum)
		sum += n->runs[count++].bytes;
	return count;
}

/* The COUNT smallest runs, which come first, into one. */
static int
merge_some(struct collection *c, struct index_current *n, size_t count,
    struct error *e)
{
	struct index_source *sources = mem_zero(
	    INDEX_MERGE_MAX, sizeof(*sources));
	char *name = new_run_name(n);
	char *path = run_path(c, name);
	size_t open = 0;
	uint64_t bytes;
	int rc = -1;

	for (; open < count; open++) {
		char *old = run_path(c, n->runs[open].name);

		rc = index_source_open(&sources[open], old, NULL, e);
		free(old);
		if (rc != 0)
			goto done;
	}
	rc = index_run_write(path, sources, open, &bytes, e);
	if (rc != 0)
		goto done;
	for (size_t i = 0; i < count; i++) {
		char *old = strrchr(sources[i].lines.path, '/') + 1;

		forget_run(n, old);
	}
	index_current_add_run(n, name, bytes);
done:
	close_all(sources, open);
	free(sources);
	free(path);
	free(name);
	return rc;
}

/* Runs that CURRENT does not name: merged ones, and what a run that was cut
 * off left. One that cannot be removed harms nobody. */
static void
remove_others(const struct collection *c, const struct index_current *n)
{
	char *dir = collection_path(c, "index");
	struct file_names names;

	if (file_list(dir, &names, NULL) != 0)
		names = (struct file_names){ 0 };
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.names[i];
		size_t stem = strcspn(name, ".");
		int used = !text_ends(name, ".cdxj") &&
			   !text_ends(name, ".top");

		for (size_t k = 0; k < n->run_count; k++)
			used |= strncmp(n->runs[k].name, name, stem + 1) == 0;
		if (!used) {
			char *path = run_path(c, name);

			(void)file_remove(path, NULL);
			free(path);
		}
	}
	file_names_clear(&names);
	free(dir);
}

/* Merge until at most MOST are left, or only those that are too large. */
static int
merge_runs(struct collection *c, struct index_current *n, size_t most,
    uint64_t limit, struct error *e)
{
	while (n->run_count > most) {
		size_t count = merge_count(n, limit);

		if (count == 0)
			return 0;
		if (merge_some(c, n, count, e) != 0)
			return -1;
	}
	return 0;
}

/* Those of SEALED that the witness does not know, or ALL, in batches. */
static int
add_all(struct collection *c, struct index_current *n,
    const struct file_names *sealed, int all, struct error *e)
{
	char **batch = mem_zero(INDEX_MERGE_MAX, sizeof(*batch));
	size_t count = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sealed->count; i++) {
		if (all || index_current_find(n, sealed->names[i]) == NULL)
			batch[count++] = sealed->names[i];
		if (count == INDEX_MERGE_MAX) {
			rc = add_batch(c, n, batch, count, e);
			count = 0;
		}
	}
	if (rc == 0 && count > 0)
		rc = add_batch(c, n, batch, count, e);
	free(batch);
	return rc;
}

/* Would N hold them all, and only them, with those that the witness does not
 * know? 1 / 0. */
static int
fits(const struct index_current *n, const struct file_names *sealed)
{
	uint64_t count = n->holds;
	uint64_t sum = n->sum;
	uint64_t there = 0;

	for (size_t i = 0; i < sealed->count; i++) {
		there += months_hash(sealed->names[i]);
		if (index_current_find(n, sealed->names[i]) != NULL)
			continue;
		count++;
		sum += months_hash(sealed->names[i]);
	}
	return count == sealed->count && sum == there;
}

/* Merged to at most MOST runs, written. */
static int
finish(struct collection *c, struct index_current *n, size_t most,
    uint64_t limit, struct error *e)
{
	if (merge_runs(c, n, most, limit, e) != 0 ||
	    index_current_write(c, n, e) != 0)
		return -1;
	remove_others(c, n);
	return 0;
}

/* Every sealed snapshot into the index; ANEW: into new runs; CHANGED (may be
 * NULL): with new manifests. */
static int
update(struct collection *c, int anew, const struct file_names *changed,
    struct error *e)
{
	struct file_names sealed = { 0 };
	struct index_current n = { 0 };
	struct error why = { 0 };
	size_t most = anew ? 1 : INDEX_RUNS_MAX;
	uint64_t limit = anew ? UINT64_MAX : INDEX_MERGE_BYTES;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	if (rc == 0 && (anew || index_current_read(c, &n, &why) != 0)) {
		rc = why.kind == ERROR_SYSTEM
			 ? error_set(e, why.kind, "%s", why.text)
			 : index_witness_read(c, &n, e);
		anew = 1;
	}
	for (size_t i = 0; i < n.run_count; i++)
		anew |= !run_is_whole(c, &n.runs[i]);
	anew |= rc == 0 && !fits(&n, &sealed);
	for (size_t i = 0; changed != NULL && i < changed->count; i++)
		index_witness_forget(&n, changed->names[i]);
	if (anew) {
		while (n.run_count > 0)
			forget_run(&n, n.runs[0].name);
		n.holds = n.sum = 0;
	}
	if (rc == 0)
		rc = add_all(c, &n, &sealed, anew, e);
	if (rc == 0)
		rc = finish(c, &n, most, limit, e);
	index_current_clear(&n);
	file_names_clear(&sealed);
	return rc;
}

/* Does the index hold all that is sealed but SNAPSHOT, which is sealed, or
 * that, too? 1 all but it, 2 it, too, 0 neither. */
static int
lacks_one(const struct collection *c, const struct index_current *n,
    const char *snapshot)
{
	struct months m;
	int lacks = 0;

	if (months_read(&m, c, NULL) != 0)
		return 0;
	if (n->holds == m.sealed && n->sum == m.sum)
		lacks = 2;
	else if (n->holds + 1 == m.sealed &&
		 n->sum + months_hash(snapshot) == m.sum)
		lacks = 1;
	months_clear(&m);
	for (size_t i = 0; i < n->run_count; i++)
		if (!run_is_whole(c, &n->runs[i]))
			lacks = 0;
	return lacks;
}

static int
make_folders(const struct collection *c, struct error *e)
{
	char *manifests = collection_path(c, "index/manifests");
	int rc = file_make_dirs(manifests, e);

	free(manifests);
	return rc;
}

int
index_add(struct collection *c, const char *snapshot, struct error *e)
{
	struct index_current n;
	char *one[] = { (char *)(uintptr_t)snapshot };
	char *dir = collection_path(c, snapshot);
	int lacks = 0;
	int rc = 0;

	if (!file_is_dir(dir))
		rc = error_set(e, ERROR_NOTFOUND, "%s: no such snapshot", dir);
	free(dir);
	if (rc != 0 || make_folders(c, e) != 0)
		return -1;
	if (index_current_read_head(c, &n, NULL) == 0)
		lacks = lacks_one(c, &n, snapshot);
	if (lacks == 1) {
		rc = add_batch(c, &n, one, 1, e);
		if (rc == 0)
			rc = finish(
			    c, &n, INDEX_RUNS_MAX, INDEX_MERGE_BYTES, e);
	}
	index_current_clear(&n);
	return lacks == 0 ? update(c, 0, NULL, e) : rc;
}

int
index_rebuild(struct collection *c, struct error *e)
{
	return make_folders(c, e) == 0 ? update(c, 1, NULL, e) : -1;
}

int
index_renew(
    struct collection *c, const struct file_names *changed, struct error *e)
{
	int rc = make_folders(c, e);

	for (size_t i = 0; rc == 0 && i < changed->count; i++) {
		char *copy = index_manifest_path(c, changed->names[i]);

		rc = file_remove(copy, e);
		free(copy);
	}
	return rc == 0 ? update(c, 1, changed, e) : -1;
}
