/* Record files of a package that are in no snapshot. */
#include <stdlib.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_package_part.h"
#include "core/collection/verify_part.h"

struct lone {
	struct package_check *package;
	struct verify_references *references;
	int failed;
};

static int
wants_lone(void *context, const struct tree_file *f)
{
	const struct lone *l = context;
	const struct package_check *p = l->package;

	return text_starts(f->name, p->within) && package_is_records(f->name) &&
	       root_of(p, f->name) == NULL;
}

static void
pass_finding(void *context, const struct finding *f)
{
	const struct package_check *p = context;

	if (p->options->each_finding != NULL)
		p->options->each_finding(p->options->context, f);
}

/* What stands for records that were erased counts as it does in a snapshot. */
static int
keep_block(void *context, const struct verified_record *r)
{
	(void)context;
	return check_is_tombstone(r);
}

static void
count_tombstone(struct package_check *p, const struct verified_record *r)
{
	struct arena *a = arena_new_small();
	struct tombstone t;
	const char *fault = check_tombstone_fault(a, r, &t);
	const struct finding f = { SEVERITY_CHANGED, "tombstone", r->file,
		r->offset, r->id, fault };

	if (fault == NULL) {
		p->totals->withdrawn += (uint64_t)tombstone_is_capture(&t);
	} else if (!package_skips(p, verify_check_of("tombstone"))) {
		verify_count(&p->totals->files, f.severity);
		pass_finding(p, &f);
	}
	arena_free(a);
}

static int
each_lone_record(void *context, const struct verified_record *r)
{
	struct package_check *p = context;
	const struct verify_collection_options *o = p->options;

	if (check_is_tombstone(r))
		count_tombstone(p, r);
	return o->each_record == NULL ? 0 : o->each_record(o->context, r);
}

int
package_record_file(struct package_check *p, const char *file, struct input *in,
    struct verify_references *references, struct error *e)
{
	const struct verify_collection_options *o = p->options;
	const struct verify_options v = { .each_finding = pass_finding,
		.each_record = each_lone_record,
		.keep_block = keep_block,
		.context = p,
		.skip = o->skip,
		.threads = o->threads,
		.references = references };
	char *name = package_path(p, file);
	int rc;

	if (o->each_file != NULL)
		o->each_file(o->context, name);
	if (o->progress != NULL)
		o->progress(o->context, name);
	rc = verify_input(in, name, &v, &p->totals->files, e);
	free(name);
	return rc;
}

int
package_references(struct package_check *p,
    struct verify_references *references, struct error *e)
{
	const struct verify_options o = {
		.each_finding = p->options->each_finding,
		.context = p->options->context,
		.skip = p->options->skip
	};

	return verify_references_end(references, &o, &p->totals->files, e);
}

static int
each_lone(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct lone *l = context;
	int rc = package_record_file(l->package, f->name, in, l->references, e);

	l->failed |= rc != 0;
	return rc;
}

int
package_records(struct package_check *p, struct error *e)
{
	struct lone l = { .package = p, .references = verify_references_new() };
	const struct tree_visit v = { wants_lone, each_lone, &l };
	struct error why = { 0 };
	int rc = tree_visit(p->tree, &v, &why);

	if (rc < 0 && l.failed)
		(void)error_set(e, why.kind, "%s", why.text);
	else if (rc < 0)
		rc = package_broken(p, &why, e);
	if (rc == 0)
		rc = package_references(p, l.references, e);
	verify_references_free(l.references);
	return rc;
}
