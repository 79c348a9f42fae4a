/* The index of one record file, beside it. */
#include "core/archive/index_beside.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/index_records.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/sort.h"

#define BESIDE_MEMORY ((size_t)8 * 1024 * 1024)

struct beside {
	struct sorter *sorter;
	struct buf line;
};

static int
each(void *context, const struct cdxj_facts *f, struct error *e)
{
	struct beside *b = context;

	buf_reset(&b->line);
	cdxj_add_line(&b->line, f);
	return sorter_add(b->sorter, b->line.data, b->line.len, e);
}

static int
write_sorted(struct sorter *s, struct output *o, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	if (sorter_begin(s, e) != 0)
		return -1;
	while ((more = sorter_next(s, &p, &len, e)) > 0) {
		buf_add(&o->pending, p, len);
		if (output_may_flush(o, e) != 0)
			return -1;
	}
	return more < 0 ? -1 : output_finish(o, e);
}

int
index_beside(const char *path, const char *index, struct error *e)
{
	const char *slash = strrchr(path, '/');
	struct beside b = { .sorter = sorter_new(BESIDE_MEMORY, NULL) };
	const struct index_options o = {
		.post = 1, .each = each, .context = &b
	};
	struct index_totals totals = { 0 };
	char *open_path = mem_format("%s.open", index);
	struct input *in = NULL;
	struct output out = { .fd = -1 };
	int rc = -1;

	if (input_open(&in, path, path, e) != 0 ||
	    index_records(
		in, slash == NULL ? path : slash + 1, &o, &totals, e) != 0 ||
	    output_open(&out, open_path, e) != 0)
		goto done;
	rc = write_sorted(b.sorter, &out, e);
	if (rc == 0)
		rc = file_rename(open_path, index, e);
	else
		(void)error_within(e, "%s", index);
	if (rc != 0)
		(void)file_remove(open_path, NULL);
done:
	output_clear(&out);
	input_free(in);
	sorter_free(b.sorter);
	buf_clear(&b.line);
	free(open_path);
	return rc;
}
