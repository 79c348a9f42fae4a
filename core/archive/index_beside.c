/* The index of one record file, beside it. */
#include "core/archive/index_beside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/cdxj.h"
#include "core/archive/index_records.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/sort.h"

#define BESIDE_MEMORY ((size_t)8 * 1024 * 1024)
#define BESIDE_BUFFER ((size_t)256 * 1024)

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
write_sorted(struct sorter *s, int fd, struct error *e)
{
	struct buf out = { 0 };
	uint64_t at = 0;
	const uint8_t *p;
	size_t len;
	int more;
	int rc = 0;

	if (sorter_begin(s, e) != 0)
		return -1;
	do {
		if ((more = sorter_next(s, &p, &len, e)) > 0)
			buf_add(&out, p, len);
		if (more <= 0 || out.len >= BESIDE_BUFFER) {
			rc = file_write_at(fd, out.data, out.len, at, e);
			at += out.len;
			buf_reset(&out);
		}
	} while (more > 0 && rc == 0);
	buf_clear(&out);
	return rc != 0 || more < 0 ? -1 : file_sync(fd, e);
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
	int fd = -1;
	int rc = -1;

	if (input_open(&in, path, path, e) != 0 ||
	    index_records(
		in, slash == NULL ? path : slash + 1, &o, &totals, e) != 0 ||
	    (fd = file_create(open_path, e)) < 0)
		goto done;
	rc = write_sorted(b.sorter, fd, e);
	(void)close(fd); /* synced, or it goes away */
	if (rc == 0)
		rc = file_rename(open_path, index, e);
	else
		(void)error_within(e, "%s", index);
	if (rc != 0)
		(void)file_remove(open_path, NULL);
done:
	input_free(in);
	sorter_free(b.sorter);
	buf_clear(&b.line);
	free(open_path);
	return rc;
}
