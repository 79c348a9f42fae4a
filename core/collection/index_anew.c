/* index.cdxj of a snapshot, made anew from its records. */
#include "core/collection/index_anew.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/sort.h"
#include "core/base/text.h"

/* Of lines, until they go to a temporary file. */
#define SORT_MEMORY ((size_t)8 * 1024 * 1024)

struct anew {
	struct sorter *lines;
	void (*each)(void *context, const struct verified_record *r);
	void *context;
	struct error failed;
};

static int
is_type(const struct verified_record *r, enum record_type type)
{
	return strcmp(r->type, record_type_name(type)) == 0;
}

/* As the journal told of it: what is not UTF-8 is replaced. */
static const char *
listed(struct buf *b, const char *text)
{
	if (text_is_utf8(text, strlen(text)))
		return text;
	(void)text_add_clean(b, text, strlen(text));
	return buf_text(b);
}

int
index_anew_add(struct sorter *lines, const char *file,
    const struct verified_record *r, struct error *e)
{
	int is_revisit = is_type(r, RECORD_REVISIT);
	struct buf uri = { 0 };
	struct buf line = { 0 };
	const struct cdxj_facts f = {
		.url = listed(&uri, r->uri),
		.date_us = r->date_us,
		.mime = is_revisit                    ? "warc/revisit"
			: is_type(r, RECORD_RESPONSE) ? r->mime
						      : r->content_type,
		.status = r->status,
		.digest = r->payload_digest,
		.length = r->length,
		.offset = r->offset,
		.file = file,
		.id = r->id,
	};
	int rc = 0;

	if (is_revisit || is_type(r, RECORD_RESPONSE) ||
	    is_type(r, RECORD_RESOURCE)) {
		cdxj_add_line(&line, &f);
		rc = sorter_add(lines, line.data, line.len, e) == 0 ? 1 : -1;
	}
	buf_clear(&uri);
	buf_clear(&line);
	return rc;
}

static int
each_record(void *context, const struct verified_record *r)
{
	struct anew *x = context;

	if (index_anew_add(x->lines, r->file, r, &x->failed) < 0)
		return 1;
	x->each(x->context, r);
	return 0;
}

int
index_anew_read(const char *dir, const char *folder,
    const struct verify_options *o, struct error *e)
{
	char *path = mem_format("%s/%s", dir, folder);
	struct file_names names = { 0 };
	int rc = file_is_dir(path) ? file_list(path, &names, e) : 0;

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *file = mem_format("%s/%s", folder, names.names[i]);
		char *whole = mem_format("%s/%s", dir, file);
		struct verify_totals totals = { 0 };

		rc = verify_file(whole, file, o, &totals, e);
		free(whole);
		free(file);
	}
	file_names_clear(&names);
	free(path);
	return rc;
}

static int
read_folder(
    struct anew *x, const char *dir, const char *folder, struct error *e)
{
	const struct verify_options o = {
		.each_record = each_record,
		.context = x,
	};

	if (index_anew_read(dir, folder, &o, e) != 0)
		return -1;
	return x->failed.kind == ERROR_NONE
		   ? 0
		   : error_set(e, x->failed.kind, "%s", x->failed.text);
}

static int
write_lines(struct anew *x, const char *dir, struct error *e)
{
	char *path = mem_format("%s/index.cdxj", dir);
	struct output out = { .fd = -1 };
	const uint8_t *line;
	size_t len;
	int more = output_open(&out, path, e);

	if (more == 0)
		more = sorter_begin(x->lines, e);
	if (more == 0)
		while ((more = sorter_next(x->lines, &line, &len, e)) == 1)
			if (output_add(&out, line, len, e) != 0) {
				more = -1;
				break;
			}
	if (more == 0)
		more = output_finish(&out, e);
	output_clear(&out);
	free(path);
	return more;
}

int
index_anew(const char *dir,
    void (*each)(void *context, const struct verified_record *r), void *context,
    struct error *e)
{
	struct anew x = { .each = each, .context = context };
	int rc;

	x.lines = sorter_new(SORT_MEMORY, NULL);
	rc = read_folder(&x, dir, "records", e);
	if (rc == 0)
		rc = read_folder(&x, dir, "derived", e);
	if (rc == 0)
		rc = write_lines(&x, dir, e);
	sorter_free(x.lines);
	return rc;
}
