/* Names in a bag that are not there, or that are told apart by their spelling
 * alone. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag_part.h"
#include "core/archive/tree.h"
#include "core/base/error.h"
#include "core/base/sort.h"
#include "core/base/text.h"

/*
 * A line of the sorter: the name folded, NUL, one of NAME_*, the name, NUL,
 * and of an absent one its manifest and digest. So what is equal when folded
 * comes together, files first.
 */
enum { NAME_FILE = 1, NAME_FETCH = 2, NAME_ABSENT = 3 };

/* Names of one spelling that are looked at; more are as good as these. */
enum { GROUP_FILES = 8 };

struct group {
	struct buf folded;
	struct buf files[GROUP_FILES]; /* names below the root */
	size_t count;
	struct buf fetch; /* the last name of fetch.txt */
	int fetch_is_listed;
	struct buf absent; /* the last one that was told of */
};

static int
add_name(struct bagging *b, const char *name, uint8_t kind, size_t manifest,
    const uint8_t *raw, size_t len, struct error *e)
{
	struct buf line = { 0 };
	int rc;

	bag_fold(&line, name);
	buf_add_byte(&line, '\0');
	buf_add_byte(&line, kind);
	buf_add(&line, name, strlen(name) + 1);
	buf_add_byte(&line, (uint8_t)manifest);
	buf_add(&line, raw, len);
	rc = sorter_add(b->names, line.data, line.len, e);
	buf_clear(&line);
	return rc;
}

int
bag_add_absent(struct bagging *b, const char *name, size_t manifest,
    const uint8_t *raw, size_t len, struct error *e)
{
	return add_name(b, name, NAME_ABSENT, manifest, raw, len, e);
}

int
bag_add_fetch(struct bagging *b, const char *name, struct error *e)
{
	return add_name(b, name, NAME_FETCH, 0, NULL, 0, e);
}

/* Files that systems make and take away unasked. */
static int
is_of_a_system(const char *name)
{
	static const char *const names[] = { ".DS_Store", "Thumbs.db",
		"desktop.ini", NULL };
	const char *slash = strrchr(name, '/');

	name = slash == NULL ? name : slash + 1;
	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return 1;
	return 0;
}

static void
end_fetch(struct bagging *b, struct group *g)
{
	if (g->fetch.len > 0 && !g->fetch_is_listed &&
	    bag_find(b, buf_text(&g->fetch)) == NULL)
		bag_say(b, SEVERITY_DAMAGE, "package", "fetch.txt",
		    "names \"%s\", which is in no manifest",
		    buf_text(&g->fetch));
	buf_reset(&g->fetch);
	g->fetch_is_listed = 0;
}

static void
next_file(struct bagging *b, struct group *g, const char *name)
{
	if (g->count > 0)
		bag_say(b, SEVERITY_WARNING, "package", name,
		    "some systems take it for \"%s\"", buf_text(&g->files[0]));
	if (g->count == GROUP_FILES)
		return;
	buf_reset(&g->files[g->count]);
	buf_add_text(&g->files[g->count++], name);
}

/*
 * A file of the bag that NAME is meant to be, and how its spelling differs.
 * Another normal form is what a file system made of the name on the way.
 * Another case was taken for the same by those who made bags of the drafts
 * where case does not count; such a line says no more than that of the file
 * itself, so it covers nothing.
 */
static const char *
meant_by(const struct bagging *b, const struct group *g, const char *name,
    enum bag_claim *how)
{
	for (size_t i = 0; i < g->count; i++) {
		*how = CLAIM_FORM;
		if (bag_same_form(buf_text(&g->files[i]), name))
			return buf_text(&g->files[i]);
	}
	*how = CLAIM_CASE;
	return g->count > 0 && b->declared.version < 100
		   ? buf_text(&g->files[0])
		   : NULL;
}

static void
say_missing(struct bagging *b, struct group *g, const char *name,
    const struct bag_manifest *m)
{
	int fetched = strcmp(buf_text(&g->fetch), name) == 0;

	g->fetch_is_listed |= fetched;
	/* Every manifest lists it: once is enough. */
	if (strcmp(buf_text(&g->absent), name) == 0)
		return;
	buf_reset(&g->absent);
	buf_add_text(&g->absent, name);
	if (b->declared.version < 100 && is_of_a_system(name) && !m->is_tag) {
		b->forgiven++;
		bag_say(b, SEVERITY_WARNING, "package", name,
		    "is listed and missing; systems make and remove it");
		return;
	}
	bag_say(b, SEVERITY_CHANGED, "resource-missing", name,
	    fetched ? "is still to be fetched; nothing is fetched here"
		    : "is listed in %s and missing",
	    m->file->name + b->root);
}

static int
next_absent(struct bagging *b, struct group *g, const char *name,
    size_t manifest, const uint8_t *raw, size_t len, struct error *e)
{
	const struct bag_manifest *m = &b->manifests[manifest];
	enum bag_claim how;
	const char *file = meant_by(b, g, name, &how);

	if (file == NULL) {
		say_missing(b, g, name, m);
		return 0;
	}
	bag_say(b, SEVERITY_WARNING, "package", m->file->name + b->root,
	    "names \"%s\"; there is \"%s\"", name, file);
	return bag_add_claim(b, (size_t)(bag_find(b, file) - b->files),
	    manifest, how, raw, len, e);
}

/* One line of the sorter. */
static int
next_name(struct bagging *b, struct group *g, const uint8_t *p, size_t len,
    struct error *e)
{
	const char *folded = (const char *)p;
	size_t n = strlen(folded) + 1;
	uint8_t kind = p[n];
	const char *name = folded + n + 1;
	size_t end = n + 1 + strlen(name) + 1;

	if (strcmp(folded, buf_text(&g->folded)) != 0) {
		end_fetch(b, g);
		buf_reset(&g->absent);
		buf_reset(&g->folded);
		buf_add_text(&g->folded, folded);
		g->count = 0;
	}
	if (kind == NAME_FILE) {
		next_file(b, g, name);
	} else if (kind == NAME_FETCH) {
		end_fetch(b, g);
		buf_add_text(&g->fetch, name);
	} else {
		return next_absent(
		    b, g, name, p[end], p + end + 1, len - end - 1, e);
	}
	return 0;
}

int
bag_compare_names(struct bagging *b, struct error *e)
{
	struct group g = { 0 };
	const uint8_t *p;
	size_t len;
	int rc = 0;
	int more = 0;

	for (size_t i = 0; rc == 0 && i < b->count; i++)
		rc = add_name(
		    b, b->files[i].name + b->root, NAME_FILE, 0, NULL, 0, e);
	if (rc == 0)
		rc = sorter_begin(b->names, e);
	while (rc == 0 && (more = sorter_next(b->names, &p, &len, e)) == 1)
		rc = next_name(b, &g, p, len, e);
	if (rc == 0 && more == 0)
		end_fetch(b, &g);
	buf_clear(&g.folded);
	buf_clear(&g.fetch);
	buf_clear(&g.absent);
	for (size_t i = 0; i < GROUP_FILES; i++)
		buf_clear(&g.files[i]);
	return rc != 0 || more < 0 ? -1 : 0;
}
