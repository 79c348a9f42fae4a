/* Folders of what other programs fetched, imported as resource records: the
 * first reading. */
#include "core/collection/import_folder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/tree.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/seen_set.h"
#include "core/web/decode.h"

#define ORIG ".orig"
#define HTML ".html"

enum { HEAD_BYTES = 64 * 1024 };

/* ---- what is told ---- */

void
import_folder_leave(struct import_folder *f, const char *path, const char *code,
    const char *why, int is_loss)
{
	struct import *m = f->import;
	struct import_file *file = &m->result->files[f->number];
	struct import_survey *s = &m->surveys[f->number];
	struct arena *a = m->result->arena;
	const struct finding finding = { SEVERITY_WARNING, "unfit", file->name,
		0, path, why };
	struct json *o;

	if (is_loss) {
		file->unfit++;
		import_say(m, &finding);
	}
	if (json_count(s->left) >= IMPORT_LISTED)
		return;
	o = json_new_object(a);
	json_set_string(a, o, "path", path);
	json_set_string(a, o, "code", code);
	json_set_string(a, o, "text", why);
	json_append(a, s->left, o);
}

/* What the tree does not take: links, devices, odd names. */
static void
unread(void *context, const char *name, const struct error *why)
{
	struct import_folder *f = context;
	struct arena *a = f->import->result->arena;
	struct json *o = json_new_object(a);

	/* Kept until there is somewhere to tell it. */
	f->unread_count++;
	if (json_count(f->unread) >= IMPORT_LISTED)
		return;
	json_set_string(a, o, "path", name);
	json_set_string(a, o, "text", why->text);
	json_append(a, f->unread, o);
}

static void
tell_unread(struct import_folder *f)
{
	for (size_t i = 0; i < json_count(f->unread); i++) {
		const struct json *o = json_at(f->unread, i);

		import_folder_leave(f, json_text(json_get(o, "path"), ""),
		    "kind", json_text(json_get(o, "text"), ""), 1);
	}
	f->import->result->files[f->number].unfit += f->unread_count -
						     json_count(f->unread);
}

/* ---- one file ---- */

/* The type that a record gets: what was said, the name, the first bytes. */
static const char *
type_of(const struct import_found *k, const char *sniffed)
{
	const char *slash = strrchr(k->path, '/');
	const char *type = import_type_of_name(
	    slash == NULL ? k->path : slash + 1);
	int is_sure = strcmp(sniffed, "application/octet-stream") != 0;

	if (k->type[0] != '\0')
		return k->type;
	/* Much that programs make is called .php. */
	if (type == NULL || (strcmp(type, "text/html") == 0 && is_sure))
		return sniffed;
	return type;
}

static int
modified_us(const struct import_folder *f, const char *path, int64_t *us,
    struct error *e)
{
	char *full = mem_format("%s/%s", f->path, path);
	struct stat st;
	int rc = 0;

	if (lstat(full, &st) != 0)
		rc = error_system(e, "%s", full);
	else if (!S_ISREG(st.st_mode))
		rc = error_set(e, ERROR_INPUT, "%s: is no file any more", full);
	else
		*us = (int64_t)st.st_mtim.tv_sec * 1000000;
	free(full);
	return rc;
}

/* Digest, size and type of the bytes: members of O. */
static int
read_bytes(struct import_folder *f, const struct import_found *k,
    struct arena *a, struct json *o, struct error *e)
{
	const struct tree_file *t = tree_find(f->tree, k->path);
	struct input *in = NULL;
	uint8_t *head;
	char hex[65];
	const char *sniffed;
	size_t n = 0;

	if (tree_file_open(f->tree, t, &in, e) != 0)
		return -1;
	head = arena_alloc(a, HEAD_BYTES);
	if (!input_is_random(in) ||
	    input_read(in, 0, head, HEAD_BYTES, &n, e) != 0 ||
	    input_sha256(in, hex, e) != 0) {
		input_free(in);
		return -1;
	}
	sniffed = decode_sniff(head, n);
	json_set_string(a, o, "type", type_of(k, sniffed));
	json_set_string(a, o, "sniffed", sniffed);
	json_set_integer(a, o, "size", (int64_t)input_size(in));
	json_set_string(a, o, "sha256", hex);
	f->import->result->files[f->number].size += input_size(in);
	input_free(in);
	return 0;
}

/* Has the collection this URL of that second with these bytes? 1 / 0. */
static int
is_known(struct import_folder *f, struct arena *a, const struct json *o,
    int64_t date_us)
{
	struct import *m = f->import;
	struct index_hit *hits = NULL;
	char time[DATE_TEXT_MAX];
	const char *digest = arena_format(
	    a, "sha256:%s", json_text(json_get(o, "sha256"), ""));
	size_t count = 0;

	if (m->snapshot_count == 0)
		return 0; /* nobody imported anything */
	if (f->index == NULL &&
	    index_view_open(&f->index, m->collection, NULL) != 0)
		f->index = NULL;
	date_digits(date_us, time);
	if (f->index == NULL ||
	    index_view_find(f->index, a, json_text(json_get(o, "url"), ""),
		&hits, &count, NULL) != 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(hits[i].time, time) == 0 &&
		    strcmp(hits[i].digest, digest) == 0)
			return 1;
	return 0;
}

/* The line of O to those that are to be copied. */
static int
add_line(struct import_folder *f, struct arena *a, const struct json *o,
    int64_t date_us, struct error *e)
{
	struct import_file *file = &f->import->result->files[f->number];
	struct buf line = { 0 };
	int rc = 0;

	json_write(&line, o);
	buf_add_byte(&line, '\n');
	digester_add(f->digest, line.data, line.len);
	file->records++;
	if (is_known(f, a, o, date_us)) {
		file->known++;
	} else {
		file->copied++;
		rc = spool_add(f->entries, line.data, line.len, e);
	}
	buf_clear(&line);
	return rc;
}

int
import_folder_add(
    struct import_folder *f, const struct import_found *k, struct error *e)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct error why = { 0 };
	char date[DATE_TEXT_MAX];
	int64_t us = k->date_us;
	int rc = us == INT64_MIN ? modified_us(f, k->path, &us, &why) : 0;

	date_rfc3339_s(us, date);
	json_set_string(a, o, "path", k->path);
	json_set_string(a, o, "url", k->url);
	json_set_string(a, o, "date", date);
	if (rc == 0)
		rc = read_bytes(f, k, a, o, &why);
	if (rc != 0) {
		import_folder_leave(f, k->path, "unread", why.text, 1);
		rc = 0;
	} else {
		if (k->more != NULL)
			json_set(a, o, "log", k->more);
		rc = add_line(f, a, o, us, e);
	}
	arena_free(a);
	return rc;
}

/* By its path, for which PATH stands that may be another one's. */
static int
add_by_path(struct import_folder *f, const struct tree_file *t,
    const char *path, const char *type, struct error *e)
{
	struct import_found k = {
		.path = t->name, .type = type, .date_us = INT64_MIN
	};
	struct buf url = { 0 };
	struct error why = { 0 };
	int rc = 0;

	if (import_layout_url(f->layout, &f->base, path, &url, &why) != 0) {
		import_folder_leave(f, t->name, "url", why.text, 1);
	} else {
		k.url = buf_text(&url);
		rc = import_folder_add(f, &k, e);
	}
	buf_clear(&url);
	return rc;
}

/* ---- wget ---- */

static int
has_file(const struct import_folder *f, const char *front, size_t len,
    const char *end)
{
	char *name = mem_format("%.*s%s", (int)len, front, end);
	int there = tree_find(f->tree, name) != NULL;

	free(name);
	return there;
}

/* wget -k -K keeps what it fetched beside what it made of it: NAME.orig of
 * NAME, or of NAME.html where -E gave the name its end. 1: T is what was made.
 */
static int
is_converted(const struct import_folder *f, const char *name)
{
	size_t len = strlen(name);

	if (has_file(f, name, len, ORIG))
		return 1;
	return text_ends(name, HTML) &&
	       has_file(f, name, len - strlen(HTML), ORIG) &&
	       !has_file(f, name, len - strlen(HTML), "");
}

static int
add_of_wget(struct import_folder *f, const struct tree_file *t, struct error *e)
{
	size_t front = strlen(t->name) - strlen(ORIG);
	int is_orig = text_ends(t->name, ORIG);
	int is_given_end = is_orig && !has_file(f, t->name, front, "") &&
			   has_file(f, t->name, front, HTML);
	char *path;
	int rc;

	if (is_converted(f, t->name)) {
		import_folder_leave(f, t->name, "converted",
		    "links were written anew in it; the file as it was "
		    "fetched is beside it and was taken",
		    0);
		return 0;
	}
	is_orig = is_orig && (is_given_end || has_file(f, t->name, front, ""));
	path = is_orig ? mem_text_n(t->name, front) : mem_text(t->name);
	rc = add_by_path(f, t, path, is_given_end ? "text/html" : "", e);
	free(path);
	return rc;
}

static int
survey_paths(struct import_folder *f, struct error *e)
{
	size_t count;
	const struct tree_file *files = tree_files(f->tree, &count);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (import_is_stopped(f->import))
			return 0;
		rc = f->layout == LAYOUT_WGET
			 ? add_of_wget(f, &files[i], e)
			 : add_by_path(f, &files[i], files[i].name, "", e);
	}
	return rc;
}

/* ---- the folder ---- */

/* Everything lies below folders of hosts, or of schemes with those. */
static int
is_of_wget(const struct tree *t)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = files[i].name;
		size_t len = strcspn(name, "/");

		if (text_starts(name, "http/") || text_starts(name, "https/")) {
			name += len + 1;
			len = strcspn(name, "/");
		}
		if (name[len] == '\0' || !import_is_host(name, len))
			return 0;
	}
	return count > 0;
}

enum import_layout
import_layout_of(const struct tree *t)
{
	if (tree_find(t, HTTRACK_LIST) != NULL)
		return LAYOUT_HTTRACK;
	return is_of_wget(t) ? LAYOUT_WGET : LAYOUT_NONE;
}

static enum import_layout
asked_for(const struct import_options *o)
{
	for (enum import_layout l = LAYOUT_FILES; l <= LAYOUT_HTTRACK; l++)
		if (o->layout != NULL &&
		    strcmp(o->layout, import_layout_name(l)) == 0)
			return l;
	return LAYOUT_NONE;
}

int
import_wants_folder(const struct import_options *o)
{
	return asked_for(o) != LAYOUT_NONE ||
	       (o->base_url != NULL && o->base_url[0] != '\0');
}

/* A folder in which the collection lies would be imported into itself. */
static int
check_place(const struct import_folder *f, struct error *e)
{
	char *dir = realpath(f->path, NULL);
	char *own = realpath(f->import->collection->dir, NULL);
	size_t len = dir == NULL ? 0 : strlen(dir);
	int rc = 0;

	if (dir != NULL && own != NULL && strncmp(own, dir, len) == 0 &&
	    (own[len] == '/' || own[len] == '\0'))
		rc = error_set(e, ERROR_USAGE,
		    "%s: the collection lies in this folder", f->path);
	free(dir);
	free(own);
	return rc;
}

static int
choose_layout(struct import_folder *f, struct error *e)
{
	const struct import_options *o = f->import->options;

	f->layout = asked_for(o);
	f->base.url = o->base_url == NULL ? "" : o->base_url;
	f->base.scheme = o->scheme == NULL ? "" : o->scheme;
	if (f->layout == LAYOUT_NONE)
		f->layout = import_layout_of(f->tree);
	if (f->base.url[0] != '\0' &&
	    (f->layout == LAYOUT_NONE ||
		(asked_for(o) == LAYOUT_NONE && f->layout == LAYOUT_WGET)))
		f->layout = LAYOUT_FILES;
	if (f->layout == LAYOUT_NONE)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: no record file in this folder, no mirror of HTTrack "
		    "(%s) and none of wget (folders named after hosts); "
		    "--base-url URL takes any files, --from says what it is",
		    f->path, HTTRACK_LIST);
	if (f->layout == LAYOUT_FILES && f->base.url[0] == '\0')
		return error_set(e, ERROR_USAGE,
		    "%s: --from files needs --base-url", f->path);
	if (f->layout == LAYOUT_HTTRACK &&
	    tree_find(f->tree, HTTRACK_LIST) == NULL)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: no mirror of HTTrack: it has no %s", f->path,
		    HTTRACK_LIST);
	return 0;
}

int
import_folder_open(struct import_folder **out, struct import *m,
    const char *path, size_t place, struct error *e)
{
	struct import_folder *f = mem_zero(1, sizeof(*f));
	const struct tree_options o = { .unread = unread, .context = f };

	f->import = m;
	f->path = path;
	f->place = place;
	f->unread = json_new_array(m->result->arena);
	f->entries = spool_new(m->collection->dir, LIMIT_SPOOL_MEMORY);
	f->seen = seen_set_new(m->collection->dir);
	f->digest = digester_new(DIGEST_SHA256);
	f->began_us = INT64_MIN;
	if (tree_open(&f->tree, path, &o, e) != 0 || check_place(f, e) != 0 ||
	    choose_layout(f, e) != 0) {
		import_folder_free(f);
		return -1;
	}
	*out = f;
	return 0;
}

void
import_folder_free(struct import_folder *f)
{
	if (f == NULL)
		return;
	index_view_free(f->index);
	digester_free(f->digest);
	seen_set_free(f->seen);
	spool_free(f->entries);
	tree_free(f->tree);
	free(f);
}

/* How URLs and dates came about, for the report. */
static struct json *
how(const struct import_folder *f)
{
	struct arena *a = f->import->result->arena;
	struct json *o = json_new_object(a);

	json_set_string(a, o, "layout", import_layout_name(f->layout));
	if (f->base.url[0] != '\0')
		json_set_string(a, o, "base_url", f->base.url);
	if (f->layout == LAYOUT_WGET && f->base.url[0] == '\0')
		json_set_string(a, o, "scheme",
		    f->base.scheme[0] != '\0' ? f->base.scheme
					      : "by host and port");
	json_set_string(a, o, "dates",
	    f->began_us == INT64_MIN
		? "when the files changed last"
		: "of " HTTRACK_LIST " and " HTTRACK_LOG
		  ", whose zone is not told: taken for UTC");
	if (f->layout == LAYOUT_HTTRACK)
		json_set_string(a, o, "note",
		    "HTTrack writes the links of pages anew: their bytes are "
		    "not those that were received");
	json_set_string(a, o, "listing",
	    arena_format(a, "sources/%zu/files.jsonl", f->place));
	return o;
}

static void
take_digest(struct import_folder *f)
{
	struct import *m = f->import;
	struct import_file *file = &m->result->files[f->number];
	char hex[DIGEST_TEXT_MAX];

	digester_hex(f->digest, hex);
	memcpy(file->sha256, hex, 64);
	file->sha256[64] = '\0';
	if (target_set_find(&m->before, file->sha256) == NULL)
		return;
	file->already =
	    m->snapshots[*target_set_find(&m->before, file->sha256) >> 1];
	file->copied = 0;
	m->result->already++;
}

int
import_folder_survey(struct import_folder *f, struct error *e)
{
	static const char *const formats[] = { "", "files", "mirror of wget",
		"mirror of HTTrack" };
	struct import *m = f->import;
	struct import_result *r = m->result;
	struct import_file *file;
	int rc;

	f->number = r->file_count;
	file = import_add_file(m, f->path);
	file->format = formats[f->layout];
	m->surveys[f->number].left = json_new_array(r->arena);
	m->surveys[f->number].marked = json_new_array(r->arena);
	if (m->options->progress != NULL)
		m->options->progress(m->options->context, f->path, 0);
	tell_unread(f);
	rc = f->layout == LAYOUT_HTTRACK ? import_httrack_survey(f, e)
					 : survey_paths(f, e);
	if (rc != 0 || import_is_stopped(m))
		return rc;
	m->surveys[f->number].how = how(f);
	take_digest(f);
	r->copied += file->copied;
	r->unfit += file->unfit;
	r->known += file->known;
	return 0;
}
