/* What a snapshot tells of what is withdrawn elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/withdrawn.h"

struct telling {
	const struct withdrawn *withdrawn;
	const char *dir;
	const struct withdrawal *found;
};

/* An article that was read from one; pictures that it names are not of it. */
static const struct withdrawal *
told_by_article(const struct withdrawn *w, const char *line, size_t len)
{
	struct arena *a = arena_new();
	const struct json *o = json_parse(a, line, len, NULL);
	const struct withdrawal *x = withdrawn_record(w,
	    json_text(json_get(json_get(o, "binding"), "response_record"), ""));

	arena_free(a);
	return x == NULL || x->is_erased ? NULL : x;
}

/* A record that is named by its id. */
static const struct withdrawal *
told_by_id(const struct withdrawn *w, const char *line, size_t len)
{
	static const char urn[] = "urn:uuid:";
	enum { ID_LEN = sizeof(urn) - 1 + 36 };
	const char *end = line + len;
	const char *at = line;
	const struct withdrawal *x = NULL;

	while ((at = memmem(at, (size_t)(end - at), urn, sizeof(urn) - 1)) !=
		   NULL &&
	       end - at >= ID_LEN) {
		char *id = mem_text_n(at, ID_LEN);

		x = withdrawn_record(w, id);
		free(id);
		if (x != NULL && !x->is_erased)
			return x;
		at += sizeof(urn) - 1;
	}
	return NULL;
}

/* A line of somebody's page list, which has what the page says. */
static const struct withdrawal *
told_by_page(const struct withdrawn *w, const char *line, size_t len)
{
	struct arena *a = arena_new_small();
	const struct json *o = len > 0 && line[0] == '{'
				   ? json_parse(a, line, len, NULL)
				   : NULL;
	const char *url = json_text(json_get(o, "url"), "");
	const struct withdrawal *x = NULL;

	if (url[0] != '\0' &&
	    (json_get(o, "text") != NULL || json_get(o, "title") != NULL))
		x = withdrawn_uri(w, url);
	arena_free(a);
	return x == NULL || x->is_erased ? NULL : x;
}

static int
tell_lines(struct telling *t, const char *name, struct error *e)
{
	char *path = mem_format("%s/%s", t->dir, name);
	struct line_reader lines = { .fd = -1 };
	int is_own = strcmp(name, "articles.jsonl") == 0;
	int is_pages = text_ends(name, ".jsonl");
	char *line;
	size_t len;
	int more = !file_exists(path)                       ? 0
		   : line_reader_open(&lines, path, e) != 0 ? -1
							    : 1;

	while (more > 0 && t->found == NULL &&
	       (more = line_reader_next(&lines, &line, &len, e)) > 0) {
		t->found = (is_own ? told_by_article : told_by_id)(
		    t->withdrawn, line, len);
		if (t->found == NULL && !is_own && is_pages)
			t->found = told_by_page(t->withdrawn, line, len);
	}
	line_reader_close(&lines);
	free(path);
	return more < 0 ? -1 : 0;
}

static int
each_source(void *context, const char *name, int is_regular, struct error *e)
{
	struct telling *t = context;
	char *below = mem_format("sources/%s", name);
	int rc = !is_regular || t->found != NULL ? 0 : tell_lines(t, below, e);

	free(below);
	return rc;
}

int
withdrawn_told(const struct withdrawn *w, const struct collection *c,
    const char *snapshot, const struct withdrawal **out, struct error *e)
{
	char *dir = collection_path(c, snapshot);
	char *sources = mem_format("%s/sources", dir);
	struct telling t = { .withdrawn = w, .dir = dir };
	int rc = 0;

	if (withdrawn_count(w) > 0) {
		rc = tell_lines(&t, "articles.jsonl", e);
		if (rc == 0 && file_is_dir(sources))
			rc = file_walk(sources, each_source, &t, e);
	}
	*out = t.found;
	free(sources);
	free(dir);
	return rc;
}
