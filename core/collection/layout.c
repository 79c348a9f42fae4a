/* A collection's directory: what lies where, and whose it is. */
#include "core/collection/layout.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/months.h"
#include "core/collection/readme.h"

enum { COLLECTION_JSON_MAX = 65536, COLLECTION_PREFIX_MAX = 64 };

const char *const snapshot_files[] = {
	"about/ARCHIVING.md",
	"articles.jsonl",
	"index.cdxj",
	"manifest-sha256.txt",
	"outcomes.jsonl",
	"report.json",
	NULL,
};

static const char *const folders[] = {
	"index",
	"log",
	"quarantine",
	"sites",
	"snapshots",
	"state",
};

enum { FOLDER_COUNT = sizeof(folders) / sizeof(folders[0]) };

/* May a directory with an entry of this name be made a collection? Only our
 * own, left by a creation that was cut off. 1 / 0. */
static int
is_ours(const char *name)
{
	for (size_t i = 0; i < FOLDER_COUNT; i++)
		if (strcmp(name, folders[i]) == 0)
			return 1;
	return strcmp(name, "README.txt") == 0 ||
	       strcmp(name, "README.txt.tmp") == 0 ||
	       strcmp(name, "collection.json.tmp") == 0;
}

static int
check_free(const char *dir, struct error *e)
{
	struct file_names names;
	int rc = 0;

	if (file_list(dir, &names, e) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		if (strcmp(names.names[i], "collection.json") == 0)
			rc = error_set(
			    e, ERROR_USAGE, "%s: is a collection already", dir);
		else if (!is_ours(names.names[i]))
			rc = error_set(e, ERROR_USAGE,
			    "%s: not empty and not a collection", dir);
	}
	file_names_clear(&names);
	return rc;
}

/* WARC 1.1, annex C, names of files. */
static int
check_prefix(const char *prefix, struct error *e)
{
	size_t len = strlen(prefix);

	if (len == 0 || len > COLLECTION_PREFIX_MAX || *prefix == '.' ||
	    *prefix == '-' ||
	    strspn(prefix,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._~-") != len)
		return error_set(e, ERROR_USAGE,
		    "prefix '%s': 1 to %d of A-Z a-z 0-9 . _ ~ -", prefix,
		    COLLECTION_PREFIX_MAX);
	return 0;
}

static int
put_in(const char *dir, const char *name, const struct buf *b, struct error *e)
{
	char *path = mem_format("%s/%s", dir, name);
	int rc = file_put(path, b->data, b->len, e);

	free(path);
	return rc;
}

/* collection.json comes last: without it there is no collection yet. */
static int
write_facts(const char *dir, const struct collection_facts *f, struct error *e)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct buf b = { 0 };
	char created[DATE_TEXT_MAX];
	int rc;

	date_rfc3339_s(f->now_us, created);
	readme_write(&b, f->id, created);
	rc = put_in(dir, "README.txt", &b, e);
	if (rc != 0)
		goto done;
	buf_reset(&b);
	json_set_integer(a, o, "layout", COLLECTION_LAYOUT);
	json_set_string(a, o, "id", f->id);
	json_set_string(a, o, "prefix", f->prefix);
	json_set_string(a, o, "created", created);
	json_write_pretty(&b, o);
	if (b.data[b.len - 1] != '\n')
		buf_add_byte(&b, '\n');
	rc = put_in(dir, "collection.json", &b, e);
done:
	buf_clear(&b);
	arena_free(a);
	return rc;
}

int
collection_create(
    const char *dir, const struct collection_facts *f, struct error *e)
{
	if (check_prefix(f->prefix, e) != 0)
		return -1;
	if (file_make_dirs(dir, e) != 0 || check_free(dir, e) != 0)
		return -1;
	for (size_t i = 0; i < FOLDER_COUNT; i++) {
		char *path = mem_format("%s/%s", dir, folders[i]);
		int rc = file_make_dir(path, e);

		free(path);
		if (rc != 0)
			return -1;
	}
	return write_facts(dir, f, e);
}

static int
read_facts(struct collection *c, const struct json *o, struct error *e)
{
	int64_t layout = json_int(json_get(o, "layout"), 0);
	const char *created = json_text(json_get(o, "created"), "");

	if (layout > COLLECTION_LAYOUT)
		return error_set(e, ERROR_USAGE,
		    "%s: layout %jd is newer than this program (it knows %d): "
		    "use the holdfast that made it",
		    c->dir, (intmax_t)layout, COLLECTION_LAYOUT);
	c->id = mem_text(json_text(json_get(o, "id"), ""));
	c->prefix = mem_text(json_text(json_get(o, "prefix"), ""));
	if (layout != COLLECTION_LAYOUT || *c->id == '\0' ||
	    check_prefix(c->prefix, NULL) != 0 ||
	    !date_parse(created, &c->created_us, NULL))
		return error_set(e, ERROR_USAGE,
		    "%s/collection.json: not what a collection holds", c->dir);
	return 0;
}

/* An absolute path without links, or why there is none. */
static char *
resolve(const char *dir, struct error *e)
{
	char *real = realpath(dir, NULL);

	if (real == NULL || !file_is_dir(real)) {
		free(real);
		(void)error_set(
		    e, ERROR_NOTFOUND, "%s: no such directory", dir);
		return NULL;
	}
	return real;
}

int
collection_open(struct collection **out, const char *dir, struct error *e)
{
	struct collection *c = mem_zero(1, sizeof(*c));
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct error why = { 0 };
	struct json *o;
	char *path = NULL;
	int rc = -1;

	c->lock_fd = -1;
	c->dir = resolve(dir, e);
	if (c->dir == NULL)
		goto done;
	path = collection_path(c, "collection.json");
	if (file_get(path, &b, COLLECTION_JSON_MAX, &why) != 0) {
		rc = why.kind == ERROR_SYSTEM
			 ? error_set(e, why.kind, "%s", why.text)
			 : error_set(e, ERROR_USAGE,
			       "%s: not a collection (no collection.json)",
			       c->dir);
		goto done;
	}
	o = json_parse(a, buf_text(&b), b.len, &why);
	if (o == NULL) {
		rc = error_set(e, ERROR_USAGE, "%s: %s", path, why.text);
		goto done;
	}
	rc = read_facts(c, o, e);
	if (rc != 0)
		goto done;
	*out = c;
	c = NULL;
done:
	free(path);
	buf_clear(&b);
	arena_free(a);
	collection_free(c);
	return rc;
}

void
collection_free(struct collection *c)
{
	if (c == NULL)
		return;
	if (c->lock_fd >= 0)
		(void)close(c->lock_fd);
	free(c->dir);
	free(c->id);
	free(c->prefix);
	free(c);
}

int
collection_lock(struct collection *c, struct error *e)
{
	struct error why = { 0 };
	char *path;
	int fd;
	int got;

	if (c->lock_fd >= 0)
		return 0;
	path = collection_path(c, "lock");
	fd = file_open_write(path, &why);
	if (fd < 0 && why.kind == ERROR_NOTFOUND) {
		/* Another run may make it first: then it is there. */
		fd = file_create(path, NULL);
		if (fd < 0)
			fd = file_open_write(path, &why);
	}
	free(path);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, "%s", why.text);
	got = file_lock(fd, e);
	if (got != 1) {
		(void)close(fd);
		return got < 0 ? error_within(e, "%s/lock", c->dir)
			       : error_set(e, ERROR_LOCKED,
				     "%s: another run is writing here", c->dir);
	}
	c->lock_fd = fd;
	return 0;
}

char *
collection_path(const struct collection *c, const char *name)
{
	return mem_format("%s/%s", c->dir, name);
}

static void
names_add(struct file_names *n, char *name)
{
	if ((n->count & (n->count - 1)) == 0)
		n->names = mem_grow(n->names, n->count == 0 ? 1 : 2 * n->count,
		    sizeof(*n->names));
	n->names[n->count++] = name;
}

static int
is_digits(const char *s, size_t len)
{
	return strlen(s) == len && strspn(s, "0123456789") == len;
}

/* Where the names found in the folders of months go; NULL: nowhere. */
struct found {
	struct file_names *sealed, *open, *journals;
};

/* A month being listed. */
struct listed {
	const char *below; /* "snapshots/2026/11" */
	const struct found *found;
};

static int
each_entry(void *context, const char *name, int is_dir, struct error *e)
{
	const struct listed *l = context;
	struct file_names *to;
	char *path;

	(void)e;
	if (name[0] == '.')
		return 0;
	if (!is_dir)
		to = text_ends(name, ".journal") ? l->found->journals : NULL;
	else
		to = text_ends(name, ".open") ? l->found->open
					      : l->found->sealed;
	if (to == NULL)
		return 0;
	path = mem_format("%s/%s", l->below, name);
	if (to == l->found->journals)
		path[strlen(path) - strlen(".journal")] = '\0';
	names_add(to, path);
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What was added from FIRST on, in order. */
static void
sort_from(struct file_names *n, size_t first)
{
	if (n != NULL && n->count > first + 1)
		qsort(n->names + first, n->count - first, sizeof(*n->names),
		    by_text);
}

static size_t
count_of(const struct file_names *n)
{
	return n == NULL ? 0 : n->count;
}

/* The snapshots of one month; BELOW is "snapshots/2026/11". */
static int
list_month(const struct collection *c, const char *below,
    const struct found *found, struct error *e)
{
	struct listed l = { below, found };
	size_t sealed = count_of(found->sealed);
	size_t open = count_of(found->open);
	size_t journals = count_of(found->journals);
	char *path = collection_path(c, below);
	int rc = file_each(path, each_entry, &l, e);

	free(path);
	sort_from(found->sealed, sealed);
	sort_from(found->open, open);
	sort_from(found->journals, journals);
	return rc;
}

/* All years, or all months of one: LEN digits each, BELOW is their folder. */
static int
list_numbers(const struct collection *c, const char *below, size_t len,
    struct file_names *out, struct error *e)
{
	struct file_names here;
	char *path = collection_path(c, below);
	int rc = file_list(path, &here, e);

	free(path);
	if (rc != 0)
		return -1;
	for (size_t i = 0; i < here.count; i++) {
		char *name = mem_format("%s/%s", below, here.names[i]);

		path = collection_path(c, name);
		if (is_digits(here.names[i], len) && file_is_dir(path))
			names_add(out, mem_text(name));
		free(path);
		free(name);
	}
	file_names_clear(&here);
	return 0;
}

int
collection_months(
    const struct collection *c, struct file_names *out, struct error *e)
{
	struct file_names years = { 0 };
	struct error why = { 0 };
	int rc = list_numbers(c, "snapshots", 4, &years, &why);

	*out = (struct file_names){ 0 };
	if (rc != 0)
		/* A collection without the folder holds no snapshots. */
		return why.kind == ERROR_NOTFOUND
			   ? 0
			   : error_set(e, why.kind, "%s", why.text);
	for (size_t i = 0; rc == 0 && i < years.count; i++)
		rc = list_numbers(c, years.names[i], 2, out, e);
	file_names_clear(&years);
	if (rc != 0)
		file_names_clear(out);
	return rc;
}

static int
list_months(
    const struct collection *c, const struct found *found, struct error *e)
{
	struct file_names months;
	int rc = collection_months(c, &months, e);

	for (size_t i = 0; rc == 0 && i < months.count; i++)
		rc = list_month(c, months.names[i], found, e);
	file_names_clear(&months);
	return rc;
}

int
collection_snapshots(const struct collection *c, struct file_names *sealed,
    struct file_names *open, struct error *e)
{
	const struct found found = { .sealed = sealed, .open = open };

	*sealed = (struct file_names){ 0 };
	if (open != NULL)
		*open = (struct file_names){ 0 };
	if (list_months(c, &found, e) == 0)
		return 0;
	file_names_clear(sealed);
	if (open != NULL)
		file_names_clear(open);
	return -1;
}

/* Those months alone that have some, by what is known of them. */
static int
list_some(
    const struct collection *c, const struct found *found, struct error *e)
{
	struct months m;
	int rc = months_read(&m, c, e);

	if (rc != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < m.count; i++)
		if ((found->open != NULL && m.list[i].open > 0) ||
		    (found->journals != NULL && m.list[i].journals > 0))
			rc = list_month(c, m.list[i].path, found, e);
	months_clear(&m);
	return rc;
}

int
collection_journals(
    const struct collection *c, struct file_names *out, struct error *e)
{
	const struct found found = { .journals = out };

	*out = (struct file_names){ 0 };
	if (list_some(c, &found, e) == 0)
		return 0;
	file_names_clear(out);
	return -1;
}

int
collection_open_ones(
    const struct collection *c, struct file_names *out, struct error *e)
{
	const struct found found = { .open = out };

	*out = (struct file_names){ 0 };
	if (list_some(c, &found, e) == 0)
		return 0;
	file_names_clear(out);
	return -1;
}
