/* Originals known from indexes. */
#include "core/collection/dedup_known.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/dedup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* Numbers stand there as texts. */
static int
offset_of(const struct json *o, uint64_t *offset)
{
	const char *text = text_of(o, "offset");

	return text_uint(text, strlen(text), INT64_MAX, offset);
}

static int
know_line(struct dedup *d, struct arena *a, const char *dir, char *line,
    struct error *e)
{
	struct cdxj_line parts;
	const struct json *o;
	uint64_t offset;

	/* A head as in ZipNum and pywb's indexes. */
	if (line[0] == '\0' || line[0] == '!' || line[0] == ' ')
		return 0;
	if (cdxj_split(line, &parts, e) != 0)
		return -1;
	o = json_parse(a, parts.json, strlen(parts.json), e);
	if (o == NULL)
		return -1;
	if (strcmp(text_of(o, "mime"), "warc/revisit") == 0 ||
	    text_of(o, "status")[0] == '\0' || !offset_of(o, &offset))
		return 0;
	return dedup_know(d,
	    arena_format(a, "%s/%s", dir, text_of(o, "filename")), offset,
	    text_of(o, "digest"), e);
}

int
dedup_know_index(struct dedup *d, const char *path, struct error *e)
{
	struct line_reader lines = { .fd = -1 };
	struct arena *a = arena_new();
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_text(".")
				  : mem_text_n(path, (size_t)(slash - path));
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, e)) == 1) {
		arena_reset(a);
		if (know_line(d, a, dir, line, e) != 0)
			more = error_within(e, "%s: no CDXJ index", path);
	}
	line_reader_close(&lines);
	arena_free(a);
	free(dir);
	return more;
}

int
dedup_know_collection(
    struct dedup *d, const struct collection *c, struct error *e)
{
	struct file_names sealed;
	int rc = 0;

	if (collection_snapshots(c, &sealed, NULL, e) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < sealed.count; i++) {
		char *path = mem_format(
		    "%s/%s/index.cdxj", c->dir, sealed.names[i]);

		rc = dedup_know_index(d, path, e);
		free(path);
	}
	file_names_clear(&sealed);
	return rc;
}
