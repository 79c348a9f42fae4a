/* A bag, and what its payload is: snapshots, record files, packages. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag.h"
#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/verify_collection.h"
#include "core/collection/verify_package_part.h"

struct bagging_on {
	struct package_check *package;
	struct verify_references *references;
};

static void
each_finding(void *context, const struct finding *f)
{
	struct bagging_on *b = context;
	const struct verify_collection_options *o = b->package->options;
	struct finding mine = *f;
	char *name = package_path(b->package, f->file);

	mine.file = name;
	if (o->each_finding != NULL)
		o->each_finding(o->context, &mine);
	free(name);
}

/* Record files are read by their records while they are digested. */
static int
each_payload(void *context, const char *name, struct input *in, struct error *e)
{
	struct bagging_on *b = context;
	struct package_check *p = b->package;

	if (!package_is_records(name) || root_of(p, name) != NULL)
		return 0;
	return package_record_file(p, name, in, b->references, e);
}

static int
verify_payload(struct package_check *p, int quick, struct error *e)
{
	struct bagging_on b = { .package = p,
		.references = verify_references_new() };
	const struct bag_options o = { .each_finding = each_finding,
		.each_payload = quick ? NULL : each_payload,
		.context = &b,
		.completeness_only = quick,
		.skip = p->options->skip };
	int rc = bag_verify(p->tree, &o, &p->totals->files, e);

	if (rc == 0)
		rc = package_references(p, b.references, e);
	verify_references_free(b.references);
	return rc;
}

/* One that does not lie open would have to be unpacked first. */
static int
verify_inner(
    struct package_check *p, const struct tree_file *f, struct error *e)
{
	struct input *in = NULL;
	int rc;

	if (tree_file_open(p->tree, f, &in, NULL) != 0) {
		package_say(p, SEVERITY_NOTE, "package", f->name,
		    "is a container in one that comes once: it is not "
		    "looked into");
		return 0;
	}
	rc = package_inner(p, in, e);
	input_free(in);
	return rc;
}

static int
verify_inners(struct package_check *p, struct error *e)
{
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (text_starts(files[i].name, p->within) &&
		    package_named(files[i].name) != NULL &&
		    root_of(p, files[i].name) == NULL)
			rc = verify_inner(p, &files[i], e);
	return rc;
}

int
package_verify_bag(struct package_check *p, int quick, struct error *e)
{
	if (verify_payload(p, quick, e) != 0 || roots_verify(p, e) != 0)
		return -1;
	return verify_inners(p, e);
}

/* The only folder that all of it lies in; 0: there is none. */
static size_t
only_folder(const struct tree_file *files, size_t count)
{
	const char *slash = count == 0 ? NULL : strchr(files[0].name, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - files[0].name) + 1;

	for (size_t i = 1; len > 0 && i < count; i++)
		if (strncmp(files[i].name, files[0].name, len) != 0)
			len = 0;
	return len;
}

/* Payload and a manifest of it in the first ROOT bytes' folder? */
static int
looks_like_bag(const struct tree_file *files, size_t count, size_t root)
{
	int payload = 0;
	int manifest = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = files[i].name + root;

		payload |= text_starts(name, "data/");
		manifest |= text_starts(name, "manifest-") &&
			    strchr(name, '/') == NULL &&
			    text_ends(name, ".txt");
	}
	return payload && manifest;
}

int
package_is_bag(const struct tree *t)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);
	size_t root;

	return bag_is(t, &root) || looks_like_bag(files, count, 0) ||
	       looks_like_bag(files, count, only_folder(files, count));
}

const char *
package_payload(struct package_check *p)
{
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);
	size_t root;

	if (!bag_is(p->tree, &root) && !looks_like_bag(files, count, 0))
		root = only_folder(files, count);
	return arena_format(
	    p->arena, "%.*sdata/", (int)root, count == 0 ? "" : files[0].name);
}
