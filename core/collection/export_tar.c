/* Snapshots in a tar. */
#include <stdlib.h>

#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/export_part.h"

/* As snapshots are called wherever they are. */
static int
put_files(struct export_run *x, struct package_writer *w, struct error *e)
{
	size_t count;
	const struct export_file *files = export_plan_files(x->plan, &count);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		char *name = mem_format(
		    "%s/%s", files[i].snapshot, files[i].name);

		rc = export_run_put(x, w, name, &files[i], e);
		free(name);
	}
	return rc;
}

int
export_tar(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	struct package_options options = { 0 };
	struct package_writer *w;
	struct export_run x;

	export_run_begin(&x, p, o, r);
	options.time_us = x.time_us;
	options.kind = package_named(o->path);
	if (options.kind == NULL || options.kind->begin == NULL ||
	    !text_starts(options.kind->name, "tar"))
		return error_set(e, ERROR_USAGE,
		    "%s: must end in .tar, .tar.gz or .tar.zst", o->path);
	if (o->dry)
		return export_run_dry(&x, o->path, e);
	if (package_create(&w, o->path, &options, e) != 0)
		return -1;
	if (put_files(&x, w, e) != 0) {
		package_abandon(w);
		return -1;
	}
	if (package_finish(w, e) != 0)
		return -1;
	return export_run_made(&x, o->path, e);
}

int
export_snapshot(const struct collection *c, const char *snapshot,
    const char *path, int64_t now_us, struct error *e)
{
	char *objects[] = { mem_text(snapshot) };
	struct export_request request = { .objects = objects,
		.object_count = 1,
		.site = "",
		.url = "",
		.since_us = INT64_MIN,
		.until_us = INT64_MAX,
		.now_us = now_us };
	struct export_options o = {
		.path = path, .time_us = INT64_MIN, .operator= "", .contact = ""
	};
	struct export_result made = { 0 };
	struct export_plan *plan = NULL;
	int rc = export_plan_make(&plan, c, &request, e);

	if (rc == 0)
		rc = export_tar(plan, &o, &made, e);
	export_result_clear(&made);
	export_plan_free(plan);
	free(objects[0]);
	return rc;
}
