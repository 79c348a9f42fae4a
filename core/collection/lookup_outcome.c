/* How a URL ended that was asked for and not captured. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lookup.h"

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* The line of URL in one snapshot's outcomes, as a sentence; NULL none. */
static const char *
find_in(struct arena *a, const char *path, const char *url)
{
	struct line_reader lines = { .fd = -1 };
	struct buf needle = { 0 };
	const char *found = NULL;
	char *line;
	size_t len;

	json_add_string(&needle, url, strlen(url));
	if (line_reader_open(&lines, path, NULL) != 0)
		goto done;
	while (
	    found == NULL && line_reader_next(&lines, &line, &len, NULL) > 0) {
		const struct json *o;

		if (memmem(line, len, needle.data, needle.len) == NULL)
			continue;
		o = json_parse(a, line, len, NULL);
		if (strcmp(text_of(o, "url"), url) == 0)
			found = arena_format(a, "%s at %s%s%s",
			    text_of(o, "outcome"), text_of(o, "time"),
			    text_of(o, "reason")[0] == '\0' ? "" : ": ",
			    text_of(o, "reason"));
	}
done:
	line_reader_close(&lines);
	buf_clear(&needle);
	return found;
}

const char *
lookup_outcome(const struct collection *c, struct arena *a, const char *url)
{
	struct file_names sealed;
	const char *found = NULL;

	if (collection_snapshots(c, &sealed, NULL, NULL) != 0)
		return NULL;
	for (size_t i = sealed.count; found == NULL && i-- > 0;) {
		char *path = mem_format(
		    "%s/%s/outcomes.jsonl", c->dir, sealed.names[i]);

		found = find_in(a, path, url);
		free(path);
	}
	file_names_clear(&sealed);
	return found;
}
