/* report.json read back: one member a line, one page a line. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/collection/line_reader.h"
#include "core/collection/report.h"

enum { REPORT_HEAD_MAX = 16 * 1024 * 1024 };

/* One page stands on each line; "," or "]" ends it. */
static int
read_page(char *line, size_t len, uint64_t offset,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e)
{
	struct arena *a = arena_new();
	struct json *page;
	int rc = -1;

	if (len > 0 && (line[len - 1] == ',' || line[len - 1] == ']'))
		len--;
	page = json_parse(a, line, len, e);
	if (page != NULL)
		rc = each_page == NULL ? 0 : each_page(context, page, offset);
	arena_free(a);
	return rc;
}

struct json *
report_read_lines(struct arena *a, struct line_reader *lines,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e)
{
	struct buf head = { 0 };
	struct json *report = NULL;
	char *line;
	size_t len;
	int in_pages = 0;
	int more;

	while ((more = line_reader_next(lines, &line, &len, e)) == 1) {
		if (in_pages && strcmp(line, "}") != 0) {
			int ends = len > 0 && line[len - 1] == ']';

			more = read_page(
			    line, len, lines->start, each_page, context, e);
			if (more != 0)
				break;
			in_pages = !ends;
			if (ends)
				buf_add_text(&head, "]\n");
			continue;
		}
		buf_add(&head, line, len);
		buf_add_byte(&head, '\n');
		in_pages = strcmp(line, "\"pages\":[") == 0;
		if (head.len > REPORT_HEAD_MAX) {
			more = error_set(
			    e, ERROR_LIMIT, "%s: too long", lines->path);
			break;
		}
	}
	if (more == 0)
		report = json_parse(a, buf_text(&head), head.len, e);
	buf_clear(&head);
	return report;
}

struct json *
report_read(struct arena *a, const char *path,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e)
{
	struct line_reader lines;
	struct json *report;

	if (line_reader_open(&lines, path, e) != 0)
		return NULL;
	report = report_read_lines(a, &lines, each_page, context, e);
	line_reader_close(&lines);
	return report;
}
