/* The snapshots in a package: where they lie, each of them, their chain. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/report.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_revisited.h"
#include "core/collection/verify_package_part.h"
#include "core/collection/verify_part.h"

#define MANIFEST "manifest-sha256.txt"

enum {
	MANIFEST_MAX = 256 * 1024 * 1024,
	MARKS_MIN = 2, /* one name alone may be anybody's */
	/* Snapshots whose files come in turns: as many are checked at once. */
	OPEN_MAX = 16
};

/* ---- where they are ---- */

/* A file that every snapshot has right in its folder? 1 / 0. */
static int
is_mark(const char *base)
{
	for (size_t i = 0; snapshot_files[i] != NULL; i++)
		if (strcmp(snapshot_files[i], base) == 0)
			return 1;
	return 0;
}

static int
has(const struct package_check *p, const char *folder, const char *base)
{
	char *name = mem_format("%s%s", folder, base);
	int yes = tree_find(p->tree, name) != NULL;

	free(name);
	return yes;
}

static int
is_root(const struct package_check *p, const char *folder)
{
	unsigned marks = 0;

	/* A bag has a manifest of the same name. */
	if (has(p, folder, "bagit.txt"))
		return 0;
	for (size_t i = 0; snapshot_files[i] != NULL; i++)
		marks += (unsigned)has(p, folder, snapshot_files[i]);
	return marks >= MARKS_MIN;
}

static int
by_folder(const void *a, const void *b)
{
	const struct snapshot_root *x = a;
	const struct snapshot_root *y = b;

	return strcmp(x->below, y->below);
}

static void
add_root(struct package_check *p, const char *below)
{
	size_t n = p->root_count;

	if ((n & (n - 1)) == 0)
		p->roots = mem_grow(
		    p->roots, n == 0 ? 1 : 2 * n, sizeof(*p->roots));
	p->roots[p->root_count++] = (struct snapshot_root){ .below = below,
		.name = "",
		.previous = "",
		.previous_manifest = "" };
}

/* What lies in another snapshot is a part of that. */
static void
drop_nested(struct package_check *p)
{
	size_t kept = 0;

	if (p->root_count > 0)
		qsort(p->roots, p->root_count, sizeof(*p->roots), by_folder);
	for (size_t i = 0; i < p->root_count; i++)
		if (kept == 0 ||
		    !text_starts(p->roots[i].below, p->roots[kept - 1].below))
			p->roots[kept++] = p->roots[i];
	p->root_count = kept;
}

void
roots_find(struct package_check *p)
{
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);
	const char *last = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(files[i].name, '/');
		size_t len = slash == NULL
				 ? 0
				 : (size_t)(slash - files[i].name) + 1;
		const char *folder;

		if (!text_starts(files[i].name, p->within) ||
		    !is_mark(files[i].name + len) ||
		    (last != NULL && strlen(last) == len &&
			strncmp(last, files[i].name, len) == 0))
			continue;
		folder = arena_text_n(p->arena, files[i].name, len);
		last = folder;
		if (is_root(p, folder))
			add_root(p, folder);
	}
	drop_nested(p);
	/* The same folder may come twice, with others between. */
}

struct snapshot_root *
root_of(const struct package_check *p, const char *file)
{
	size_t low = 0;
	size_t high = p->root_count;

	/* The last that is not behind it. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(p->roots[mid].below, file) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && text_starts(file, p->roots[low - 1].below)
		   ? &p->roots[low - 1]
		   : NULL;
}

/* ---- what they say of themselves ---- */

static struct verify_place
place_of(const struct package_check *p, const struct snapshot_root *r)
{
	return (struct verify_place){
		.tree = p->tree, .below = r->below, .odd = &p->odd
	};
}

/* As it was sealed? A number that was hit is no newer layout. 1 / 0. */
static int
report_is_sealed(const struct verify_place *place)
{
	struct buf manifest = { 0 };
	char hex[65];
	char *line = NULL;
	int yes = 1;

	if (verify_place_digest(place, "report.json", hex, NULL) == 0 &&
	    verify_place_get(place, MANIFEST, &manifest, MANIFEST_MAX, NULL) ==
		0) {
		line = mem_format("%s  report.json\n", hex);
		yes = strstr(buf_text(&manifest), line) != NULL;
	}
	free(line);
	buf_clear(&manifest);
	return yes;
}

static int
read_root(struct package_check *p, struct snapshot_root *r, struct error *e)
{
	const struct verify_place place = place_of(p, r);
	struct arena *a = arena_new();
	struct line_reader lines;
	const struct json *report = NULL;
	const struct json *previous;
	int64_t layout;
	int rc = 0;

	if (verify_place_lines(&place, "report.json", &lines, NULL) == 0) {
		report = report_read_lines(a, &lines, NULL, NULL, NULL);
		line_reader_close(&lines);
	}
	layout = json_int(json_get(report, "layout"), 0);
	previous = json_get(report, "previous");
	r->name = arena_text(
	    p->arena, json_text(json_get(report, "snapshot"), ""));
	r->previous = arena_text(
	    p->arena, json_text(json_get(previous, "snapshot"), ""));
	r->previous_manifest = arena_text(
	    p->arena, json_text(json_get(previous, "manifest_sha256"), ""));
	if (layout > COLLECTION_LAYOUT && report_is_sealed(&place))
		rc = error_set(e, ERROR_USAGE,
		    "%s/%s: layout %jd is newer than this program (it knows "
		    "%d): use a newer one",
		    tree_name(p->tree), r->below, (intmax_t)layout,
		    COLLECTION_LAYOUT);
	arena_free(a);
	return rc;
}

int
roots_read(struct package_check *p, struct error *e)
{
	for (size_t i = 0; i < p->root_count; i++)
		if (read_root(p, &p->roots[i], e) != 0)
			return -1;
	return 0;
}

/* ---- each of them ---- */

static int
is_of_records(const struct snapshot_root *r, const char *file)
{
	const char *name = file + strlen(r->below);

	return text_starts(name, "records/") || text_starts(name, "derived/");
}

static int
begin_root(struct package_check *p, struct snapshot_root *r, struct error *e)
{
	const struct verify_place place = place_of(p, r);
	char *prefix = mem_format("%s%s%s", tree_name(p->tree),
	    text_ends(tree_name(p->tree), "/") ? "" : "/", r->below);

	r->check = check_begin(
	    &place, prefix, p->originals, p->options, p->totals, e);
	free(prefix);
	return r->check == NULL ? -1 : 0;
}

static int
end_root(struct snapshot_root *r, struct error *e)
{
	struct snapshot_check *check = r->check;

	r->check = NULL;
	r->is_done = 1;
	return check_end(check, e);
}

/* Files of snapshots that come once, in one reading of the container. */
struct reading {
	struct package_check *package;
	size_t open;
	int failed; /* ours, not the container's */
};

static int
wants(void *context, const struct tree_file *f)
{
	const struct reading *d = context;
	const struct snapshot_root *r = root_of(d->package, f->name);

	return r != NULL && !r->is_done && f->comes_once &&
	       is_of_records(r, f->name);
}

static int
each_once(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct reading *d = context;
	struct snapshot_root *r = root_of(d->package, f->name);

	if (r->is_done || (r->check == NULL && d->open == OPEN_MAX))
		return 0; /* the next reading */
	d->failed = 1;
	if (r->check == NULL) {
		if (begin_root(d->package, r, e) != 0)
			return -1;
		d->open++;
	}
	if (check_take(r->check, f->name + strlen(r->below), in, e) != 0)
		return -1;
	if (r->check->once_count == 0) {
		d->open--;
		if (end_root(r, e) != 0)
			return -1;
	}
	d->failed = 0;
	return 0;
}

static int
read_once(struct package_check *p, struct error *e)
{
	struct reading d = { .package = p };
	const struct tree_visit v = { wants, each_once, &d };
	struct error why = { 0 };
	int rc = tree_visit(p->tree, &v, &why);

	if (rc < 0 && (d.failed || package_broken(p, &why, e) != 0)) {
		if (d.failed)
			(void)error_set(e, why.kind, "%s", why.text);
		return -1;
	}
	for (size_t i = 0; i < p->root_count; i++)
		if (p->roots[i].check != NULL && end_root(&p->roots[i], e) != 0)
			return -1;
	return rc < 0; /* there is no sense in another reading */
}

static int
has_some_left(struct package_check *p)
{
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);
	const struct reading d = { .package = p };

	if (tree_is_folder(p->tree) || p->options->level == VERIFY_QUICK)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (wants((void *)(uintptr_t)&d, &files[i]))
			return 1;
	return 0;
}

static int
verify_each(struct package_check *p, struct error *e)
{
	int over = 0;

	while (over == 0 && has_some_left(p))
		over = read_once(p, e);
	if (over < 0)
		return -1;
	for (size_t i = 0; i < p->root_count; i++) {
		struct snapshot_root *r = &p->roots[i];

		if (!r->is_done &&
		    (begin_root(p, r, e) != 0 || end_root(r, e) != 0))
			return -1;
	}
	return 0;
}

/* ---- the chain, as far as it is there ---- */

static const struct snapshot_root *
find_named(const struct package_check *p, const char *name)
{
	for (size_t i = 0; name[0] != '\0' && i < p->root_count; i++)
		if (strcmp(p->roots[i].name, name) == 0)
			return &p->roots[i];
	return NULL;
}

/* Was HEX its manifest before records in it were erased? 1 / 0. */
static int
is_earlier(const struct verify_place *place, const char *hex)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	const struct json *history = NULL;
	int yes = 0;

	if (verify_place_get(
		place, GENERATION_FILE, &text, GENERATION_MAX, NULL) == 0)
		history = generation_read(a, buf_text(&text), text.len);
	for (size_t i = 0; i < json_count(history) && !yes; i++)
		yes = strcmp(json_text(json_get(json_at(history, i),
					   "manifest_sha256"),
				 ""),
			  hex) == 0;
	buf_clear(&text);
	arena_free(a);
	return yes;
}

static void
check_link(struct package_check *p, const struct snapshot_root *r)
{
	const struct snapshot_root *before = find_named(p, r->previous);
	struct verify_place place;
	char *file;
	char hex[65];

	if (before == NULL || r->previous_manifest[0] == '\0')
		return;
	place = place_of(p, before);
	if (verify_place_digest(&place, MANIFEST, hex, NULL) != 0 ||
	    strcmp(hex, r->previous_manifest) == 0 ||
	    is_earlier(&place, r->previous_manifest))
		return; /* one that is missing was told */
	file = mem_format("%s" MANIFEST, before->below);
	package_say(p, SEVERITY_CHANGED, "chain-manifest", file,
	    "SHA-256 is %s, %s, which was sealed behind it, says %s", hex,
	    r->name, r->previous_manifest);
	free(file);
}

/* Two of one name cannot both be it; one may be called otherwise by who
 * packed it. */
static void
check_name(struct package_check *p, const struct snapshot_root *r)
{
	const struct verify_place place = place_of(p, r);
	const struct snapshot_root *first = find_named(p, r->name);
	const char *name = verify_place_name(&place);
	char *file = mem_format("%sreport.json", r->below);

	if (first != NULL && first != r)
		package_say(p, SEVERITY_WARNING, "package", file,
		    "is the same snapshot as %s: %s", first->below, r->name);
	else if (r->name[0] != '\0' && name[0] != '\0' &&
		 (strncmp(name, r->name, strlen(r->name)) != 0 ||
		     strcmp(name + strlen(r->name), "/") != 0))
		package_say(p, SEVERITY_WARNING, "package", file,
		    "is that of %s, whose folder has another name", r->name);
	free(file);
}

int
roots_verify(struct package_check *p, struct error *e)
{
	int rc;

	if (!package_skips(p, CHECK_REVISITS))
		p->originals = revisited_new();
	rc = verify_each(p, e);
	if (rc == 0 && p->originals != NULL)
		rc = revisited_end(p->originals, p, e);
	for (size_t i = 0; i < p->root_count; i++) {
		check_abandon(p->roots[i].check);
		p->roots[i].check = NULL;
		if (rc != 0)
			continue;
		if (!package_skips(p, CHECK_PACKAGE))
			check_name(p, &p->roots[i]);
		if (!package_skips(p, CHECK_CHAIN))
			check_link(p, &p->roots[i]);
	}
	revisited_free(p->originals);
	p->originals = NULL;
	return rc;
}
