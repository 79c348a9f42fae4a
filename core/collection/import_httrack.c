/* Mirrors of HTTrack: what its list says of each file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/import_folder.h"
#include "core/collection/line_reader.h"
#include "core/collection/seen_set.h"

enum { LOG_BYTES = 64 * 1024, DAY_S = 24 * 3600 };

/* When its log says that it began; INT64_MIN. */
static int64_t
began_us(const struct import_folder *f)
{
	char *path = mem_format("%s/%s", f->path, HTTRACK_LOG);
	struct buf text = { 0 };
	int64_t us = INT64_MIN;
	int fd = file_is_dir(path) ? -1 : file_open_read(path, NULL);
	struct input *in = NULL;
	size_t n = 0;

	if (fd >= 0 && input_of_fd(&in, fd, path, 0, INPUT_NO_END, NULL) == 0 &&
	    input_read(in, 0, buf_room(&text, LOG_BYTES), LOG_BYTES - 1, &n,
		NULL) == 0) {
		text.data[n] = '\0';
		if (!httrack_began(buf_text(&text), &us))
			us = INT64_MIN;
	}
	input_free(in);
	if (fd >= 0)
		(void)close(fd); /* only read */
	buf_clear(&text);
	free(path);
	return us;
}

/* The time of day of a line as a date: behind the beginning of the run. */
static int64_t
date_of(const struct import_folder *f, const struct httrack_line *l)
{
	int64_t began;
	int64_t day;

	if (f->began_us == INT64_MIN)
		return INT64_MIN;
	began = f->began_us / 1000000;
	day = began - began % DAY_S;
	if (day + l->seconds < began)
		day += DAY_S;
	return (day + l->seconds) * 1000000;
}

/* The file of the tree that HTTrack called so: the program's own folder
 * stands in front of it, relative or absolute. NULL. */
static const struct tree_file *
find_local(struct import_folder *f, const char *name)
{
	const struct tree_file *t = NULL;

	if (f->front > 0 && strlen(name) > f->front) {
		t = tree_find(f->tree, name + f->front);
		if (t != NULL)
			return t;
	}
	for (const char *at = name; t == NULL && at != NULL;) {
		t = tree_find(f->tree, at);
		if (t != NULL)
			f->front = (size_t)(at - name);
		at = strchr(at, '/');
		at = at == NULL ? NULL : at + 1;
	}
	return t;
}

/* What it says of the answer, for the listing. */
static struct json *
log_of(struct arena *a, const struct httrack_line *l)
{
	struct json *o = json_new_object(a);

	json_set_string(a, o, "time", l->time);
	json_set_string(a, o, "flags", l->flags);
	json_set_string(a, o, "status", l->status);
	json_set_string(a, o, "message", l->message);
	json_set_string(a, o, "type", l->type);
	json_set_string(a, o, "validator", l->validator);
	json_set_string(a, o, "from", l->from);
	return o;
}

static int
add_of_httrack(
    struct import_folder *f, const struct httrack_line *l, struct error *e)
{
	const struct tree_file *t = l->file[0] == '\0' ? NULL
						       : find_local(f, l->file);
	struct import_found k = { .type = "" };
	struct buf url = { 0 };
	struct error why = { 0 };
	struct arena *a;
	int rc = 0;

	/* Redirects and errors have none. */
	if (t == NULL || seen_set_add(f->seen, t->name, 0, NULL, e) != 1)
		return e->kind == ERROR_NONE ? 0 : -1;
	buf_add_text(&url, l->url);
	if (import_layout_normalize(&url, &why) != 0) {
		import_folder_leave(f, t->name, "url", why.text, 1);
		buf_clear(&url);
		return 0;
	}
	a = arena_new();
	k.path = t->name;
	k.url = buf_text(&url);
	k.type = strchr(l->type, '/') != NULL ? l->type : "";
	k.date_us = date_of(f, l);
	k.more = log_of(a, l);
	rc = import_folder_add(f, &k, e);
	arena_free(a);
	buf_clear(&url);
	return rc;
}

/* Files that no line names. */
static int
tell_others(struct import_folder *f, struct error *e)
{
	static const char *const own[] = { "index.html", "backblue.gif",
		"fade.gif", "cookies.txt", HTTRACK_LOG, "hts-in_progress.lock",
		"hts-stop.lock", "external.html" };
	size_t count;
	const struct tree_file *files = tree_files(f->tree, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = files[i].name;
		int is_new = seen_set_add(f->seen, name, 0, NULL, e);
		int is_own = text_starts(name, "hts-cache/");

		if (is_new < 0)
			return -1;
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
			is_own |= strcmp(name, own[k]) == 0;
		if (is_new == 1)
			import_folder_leave(f, name, is_own ? "own" : "url",
			    is_own ? "is a file of HTTrack itself"
				   : HTTRACK_LIST " does not name it",
			    !is_own);
	}
	return 0;
}

int
import_httrack_survey(struct import_folder *f, struct error *e)
{
	char *path = mem_format("%s/%s", f->path, HTTRACK_LIST);
	struct line_reader lines = { .fd = -1 };
	struct httrack_line l;
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e) == 0 ? 1 : -1;

	f->began_us = began_us(f);
	while (more == 1 && !import_is_stopped(f->import) &&
	       (more = line_reader_next(&lines, &line, &len, e)) == 1)
		if (strlen(line) == len && httrack_line_read(line, &l) &&
		    add_of_httrack(f, &l, e) != 0)
			more = -1;
	line_reader_close(&lines);
	free(path);
	return more < 0 ? -1 : tell_others(f, e);
}
