/* Files and a manifest of them, no snapshot: articles as they are exported. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/verify_collection.h"
#include "core/collection/verify_package_part.h"

#define MANIFEST "manifest-sha256.txt"

enum { MANIFEST_MAX = 256 * 1024 * 1024, PROGRESS_BYTES = 16 * 1024 * 1024 };

/* Is the manifest the only one of the files that every snapshot has? */
static int
is_alone(int (*has)(const void *in, const char *name), const void *in)
{
	if (!has(in, MANIFEST))
		return 0;
	for (size_t i = 0; snapshot_files[i] != NULL; i++)
		if (strcmp(snapshot_files[i], MANIFEST) != 0 &&
		    has(in, snapshot_files[i]))
			return 0;
	return !has(in, "bagit.txt") && !has(in, "datapackage.json") &&
	       has(in, "index.html");
}

static int
has_file(const void *dir, const char *name)
{
	char *path = mem_format("%s/%s", (const char *)dir, name);
	int there = file_exists(path);

	free(path);
	return there;
}

int
verify_is_listed(const char *dir)
{
	return is_alone(has_file, dir);
}

/* A folder in a tree. */
struct place {
	const struct tree *tree;
	const char *below; /* "" or with "/" */
};

static int
has_in_tree(const void *in, const char *name)
{
	const struct place *p = in;
	char *path = mem_format("%s%s", p->below, name);
	int there = tree_find(p->tree, path) != NULL;

	free(path);
	return there;
}

/* The only folder that all of it lies in, with "/", or ""; to be freed. */
static char *
top_of(const struct tree *t)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);
	const char *slash = count == 0 ? NULL : strchr(files[0].name, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - files[0].name) + 1;

	for (size_t i = 1; len > 0 && i < count; i++)
		if (strncmp(files[i].name, files[0].name, len) != 0)
			len = 0;
	return len == 0 ? mem_text("") : mem_text_n(files[0].name, len);
}

int
package_is_listed(const struct tree *t)
{
	char *top = top_of(t);
	const struct place p = { t, top };
	int is = is_alone(has_in_tree, &p);

	free(top);
	return is;
}

/* ---- each file ---- */

struct listed {
	struct package_check *package;
	char *top;
	struct manifest manifest;
	struct digester *digester;
};

static const struct manifest_entry *
entry_of(const struct listed *l, const struct tree_file *f)
{
	return text_starts(f->name, l->top)
		   ? manifest_find(&l->manifest, f->name + strlen(l->top))
		   : NULL;
}

static int
wants_file(void *context, const struct tree_file *f)
{
	return entry_of(context, f) != NULL;
}

static int
each_file(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct listed *l = context;
	const struct verify_collection_options *o = l->package->options;
	const struct manifest_entry *x = entry_of(l, f);
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	char hex[DIGEST_TEXT_MAX];
	const uint8_t *p;
	size_t len;
	uint64_t done = 0;
	int more;

	digester_reset(l->digester);
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		if (o->progress != NULL && done % PROGRESS_BYTES < len)
			o->progress(o->context, f->name);
		done += len;
		digester_add(l->digester, p, len);
	}
	stream_free(s);
	if (more != 0)
		return -1;
	l->package->totals->hashed += done;
	digester_hex(l->digester, hex);
	if (x != NULL && strcmp(hex, x->hex) != 0)
		package_say(l->package, SEVERITY_CHANGED, "manifest-digest",
		    f->name, "SHA-256 is %s, " MANIFEST " says %s", hex,
		    x->hex);
	return 0;
}

static void
check_names(struct listed *l)
{
	size_t count;
	const struct tree_file *files = tree_files(l->package->tree, &count);

	for (size_t i = 0; i < count; i++)
		if (entry_of(l, &files[i]) == NULL &&
		    (!text_starts(files[i].name, l->top) ||
			strcmp(files[i].name + strlen(l->top), MANIFEST) != 0))
			package_say(l->package, SEVERITY_CHANGED, "file-extra",
			    files[i].name, MANIFEST " does not list it");
	for (size_t i = 0; i < l->manifest.count; i++) {
		char *name = mem_format(
		    "%s%s", l->top, l->manifest.entries[i].name);

		if (tree_find(l->package->tree, name) == NULL)
			package_say(l->package, SEVERITY_CHANGED,
			    "file-missing", name,
			    MANIFEST " lists it, and it is not there");
		free(name);
	}
}

/* 1; 0, it does not read: said; -1. */
static int
read_manifest(struct listed *l, struct error *e)
{
	struct package_check *p = l->package;
	char *name = mem_format("%s" MANIFEST, l->top);
	const struct tree_file *f = tree_find(p->tree, name);
	struct input *in = NULL;
	struct stream *s;
	struct buf text = { 0 };
	struct error why = { 0 };
	int rc = tree_file_open(p->tree, f, &in, &why);

	if (rc == 0) {
		s = input_stream(in, 0, INPUT_NO_END);
		rc = stream_read(s, &text, MANIFEST_MAX, &why);
		stream_free(s);
		input_free(in);
	}
	if (rc != 0) {
		rc = package_broken(p, &why, e);
	} else if (manifest_read(
		       &l->manifest, buf_text(&text), text.len, &why) != 0) {
		package_say(
		    p, SEVERITY_CHANGED, "manifest", name, "%s", why.text);
	} else {
		rc = 1;
	}
	buf_clear(&text);
	free(name);
	return rc;
}

static int
check_digests(struct listed *l, struct error *e)
{
	const struct tree_visit v = { wants_file, each_file, l };
	struct error why = { 0 };

	return tree_visit(l->package->tree, &v, &why) == 0
		   ? 0
		   : package_broken(l->package, &why, e);
}

int
package_verify_listed(struct package_check *p, struct error *e)
{
	struct listed l = { .package = p };
	int rc;

	if (package_skips(p, CHECK_MANIFEST))
		return 0;
	l.top = top_of(p->tree);
	l.digester = digester_new(DIGEST_SHA256);
	rc = read_manifest(&l, e);
	if (rc == 1) {
		if (!package_skips(p, CHECK_PACKAGE))
			package_say(p, SEVERITY_NOTE, "package", "",
			    "no snapshot: its files, %zu, are looked at by "
			    "the " MANIFEST " in it",
			    l.manifest.count);
		check_names(&l);
		/* No records: --level quick digests such files, too. */
		rc = check_digests(&l, e);
	}
	manifest_clear(&l.manifest);
	digester_free(l.digester);
	free(l.top);
	return rc;
}
