/* A folder with all that is in it. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum { TREE_DEPTH = 64 };

struct tree_work {
	int (*each_file)(const char *path, struct error *e);
	int (*each_dir)(
	    const char *path, struct error *e); /* after its files */
};

/* Recursion is bounded by TREE_DEPTH. */
static int
work_below(
    const char *dir, const struct tree_work *w, int depth, struct error *e)
{
	struct file_names names = { 0 };
	int rc = depth > TREE_DEPTH
		     ? error_set(e, ERROR_LIMIT, "%s: too deep", dir)
		     : file_list(dir, &names, e);

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *path = mem_format("%s/%s", dir, names.names[i]);

		if (file_is_dir(path))
			rc = work_below(path, w, depth + 1, e);
		else
			rc = w->each_file(path, e);
		free(path);
	}
	file_names_clear(&names);
	return rc == 0 ? w->each_dir(dir, e) : -1;
}

int
file_remove_tree(const char *dir, struct error *e)
{
	static const struct tree_work w = { file_remove, file_remove_dir };

	return work_below(dir, &w, 0, e);
}

static int
leave(const char *path, struct error *e)
{
	(void)path;
	(void)e;
	return 0;
}

int
file_sync_tree(const char *dir, struct error *e)
{
	static const struct tree_work w = { leave, file_sync_dir };

	return work_below(dir, &w, 0, e);
}
