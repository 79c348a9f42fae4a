/* Packages verified where they lie. */
#include "core/collection/verify_package.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/format.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/verify_package_part.h"
#include "core/collection/verify_wacz.h"

/* ---- of what kind ---- */

int
package_is_records(const char *name)
{
	for (size_t i = 0; format_table[i] != NULL; i++)
		if (format_named(format_table[i], name))
			return 1;
	return 0;
}

/* A file whose name FITS the word. */
static int
has_file(const struct tree *t, int (*fits)(const char *name, const char *word),
    const char *word)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);

	for (size_t i = 0; i < count; i++)
		if (fits(files[i].name, word))
			return 1;
	return 0;
}

static int
has_records(const struct tree *t)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);

	for (size_t i = 0; i < count; i++)
		if (package_is_records(files[i].name))
			return 1;
	return 0;
}

static int
has_snapshots(const struct tree *t)
{
	struct package_check p = { .within = "" };
	int yes;

	p.tree = (struct tree *)(uintptr_t)t; /* only looked at */
	p.arena = arena_new();
	roots_find(&p);
	yes = p.root_count > 0;
	free(p.roots);
	arena_free(p.arena);
	return yes;
}

enum package_form
package_form_of(const struct tree *t)
{
	const int has_data = tree_find(t, "datapackage.json") != NULL;

	if (package_is_bag(t))
		return FORM_BAG;
	if (has_data ||
	    (!tree_is_folder(t) && text_ends(tree_name(t), ".wacz")))
		return has_data && !has_file(t, text_starts, "archive/") &&
			       has_file(t, text_ends, ".wacz")
			   ? FORM_MULTI_WACZ
			   : FORM_WACZ;
	if (package_is_listed(t))
		return FORM_LISTED;
	if (has_snapshots(t))
		return FORM_SNAPSHOTS;
	return has_records(t) ? FORM_RECORDS : FORM_NONE;
}

/* ---- findings ---- */

int
package_skips(const struct package_check *p, enum verify_check check)
{
	return (int)(p->options->skip >> check & 1);
}

char *
package_path(const struct package_check *p, const char *file)
{
	const char *name = tree_name(p->tree);

	return mem_format("%s%s%s", name,
	    file[0] == '\0' || text_ends(name, "/") ? "" : "/", file);
}

void
package_say(struct package_check *p, enum severity severity, const char *code,
    const char *file, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	char *name = package_path(p, file);
	const struct finding f = { severity, code, name, 0, "", text };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	verify_count(&p->totals->files, severity);
	if (p->options->each_finding != NULL)
		p->options->each_finding(p->options->context, &f);
	free(name);
}

int
package_broken(
    struct package_check *p, const struct error *why, struct error *e)
{
	if (why->kind != ERROR_INPUT && why->kind != ERROR_LIMIT)
		return error_set(e, why->kind, "%s", why->text);
	if (!package_skips(p, CHECK_PACKAGE))
		package_say(p, SEVERITY_DAMAGE, "package", "", "%s", why->text);
	return 0;
}

/* ---- names that are no files ---- */

struct unread {
	struct file_names *odd;
	struct file_names texts;
	struct error broken; /* of the container */
};

static void
add_text(struct file_names *n, const char *text)
{
	if ((n->count & (n->count - 1)) == 0)
		n->names = mem_grow(n->names, n->count == 0 ? 1 : 2 * n->count,
		    sizeof(*n->names));
	n->names[n->count++] = mem_text(text);
}

static void
note_unread(void *context, const char *name, const struct error *why)
{
	struct unread *u = context;

	add_text(u->odd, name);
	add_text(&u->texts, why->text);
}

/* Listings are read by their lines, and again. */
static int
keep(void *context, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash == NULL ? name : slash + 1;

	(void)context;
	for (size_t i = 0; snapshot_files[i] != NULL; i++)
		if (strcmp(snapshot_files[i], base) == 0)
			return 1;
	return 0;
}

static void
note_broken(void *context, const struct error *why)
{
	struct unread *u = context;

	u->broken = *why;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Beside an unpacked WACZ anything may lie; the payload of a bag is what its
 * manifests list, which are files (RFC 8493, 2.1.3). */
static enum severity
unread_severity(const struct package_check *p, const char *name)
{
	int in_payload = p->within[0] != '\0' && text_starts(name, p->within);

	return tree_is_folder(p->tree) && !in_payload ? SEVERITY_WARNING
						      : SEVERITY_DAMAGE;
}

/* In a snapshot the manifest knows what should be there. */
static void
say_unread(struct package_check *p, const struct unread *u)
{
	for (size_t i = 0; i < p->odd.count; i++)
		if (root_of(p, p->odd.names[i]) == NULL &&
		    !package_skips(p, CHECK_PACKAGE))
			package_say(p, unread_severity(p, p->odd.names[i]),
			    "package", p->odd.names[i], "%s",
			    u->texts.names[i]);
	if (p->odd.count > 0)
		qsort(p->odd.names, p->odd.count, sizeof(*p->odd.names),
		    by_bytes);
}

/* ---- what lies beside the snapshots ---- */

/* Nobody vouches for it; those who look for it should know. */
static void
note_strangers(struct package_check *p)
{
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);
	const char *first = NULL;
	size_t strangers = 0;

	for (size_t i = 0; i < count; i++) {
		if (!text_starts(files[i].name, p->within) ||
		    package_is_records(files[i].name) ||
		    root_of(p, files[i].name) != NULL)
			continue;
		if (strangers++ == 0)
			first = files[i].name;
	}
	if (strangers > 0 && !package_skips(p, CHECK_PACKAGE))
		package_say(p, SEVERITY_NOTE, "package", first,
		    "is in no snapshot: it is not verified (nor are %zu more)",
		    strangers - 1);
}

static int
verify_snapshots(struct package_check *p, struct error *e)
{
	if (roots_verify(p, e) != 0)
		return -1;
	note_strangers(p);
	return p->options->level == VERIFY_QUICK ? 0 : package_records(p, e);
}

/* ---- by kind ---- */

enum { DEPTH_MAX = 1 }; /* packages in packages */

static int
is_whole(enum package_form form)
{
	return form == FORM_SNAPSHOTS || form == FORM_BAG ||
	       form == FORM_WACZ || form == FORM_MULTI_WACZ ||
	       form == FORM_LISTED;
}

static int
verify_form(struct package_check *p, struct verify_package_facts *facts,
    struct error *e)
{
	if (facts->form == FORM_WACZ)
		return verify_wacz(p->tree, p->whole, p->totals, facts, e);
	/* A list is of WACZ files, not of lists: they would go on for ever. */
	if (facts->form == FORM_MULTI_WACZ && p->whole->depth > 0)
		return 0;
	if (facts->form == FORM_MULTI_WACZ)
		return verify_multi_wacz(
		    p->tree, p->whole, p->totals, facts, e);
	if (facts->form == FORM_BAG)
		return package_verify_bag(p, p->whole->completeness_only, e);
	if (facts->form == FORM_LISTED)
		return package_verify_listed(p, e);
	if (facts->form == FORM_RECORDS)
		return package_records(p, e);
	return verify_snapshots(p, e);
}

/* What is known before anything is verified: 1, go on; 0, passed over; -1. */
static int
begin(struct package_check *p, const struct unread *u,
    struct verify_package_facts *facts, struct error *e)
{
	const struct verify_collection_options *o = p->options;

	facts->form = package_form_of(p->tree);
	/* What is left of a broken one may not tell what it was. */
	if (facts->form == FORM_NONE && u->broken.kind != ERROR_NONE)
		return error_set(e, u->broken.kind, "%s", u->broken.text);
	if (!is_whole(facts->form) && u->broken.kind == ERROR_NONE)
		return error_set(e, ERROR_USAGE,
		    "%s: is no package that is verified as a whole",
		    tree_name(p->tree));
	if (facts->form == FORM_BAG)
		p->within = package_payload(p);
	if (facts->form != FORM_LISTED)
		roots_find(p);
	if (roots_read(p, e) != 0)
		return -1;
	if (p->depth == 0 && o->want != NULL &&
	    o->want(o->context, tree_name(p->tree)) != 1)
		return 0;
	if (o->each_file != NULL)
		o->each_file(o->context, tree_name(p->tree));
	if (u->broken.kind != ERROR_NONE &&
	    package_broken(p, &u->broken, e) != 0)
		return -1;
	say_unread(p, u);
	return 1;
}

static int
verify_tree(struct package_check *p, const struct unread *u,
    struct verify_package_facts *facts, struct error *e)
{
	const struct verify_collection_options *o = p->options;
	int rc = begin(p, u, facts, e);

	if (rc <= 0)
		return rc;
	rc = verify_form(p, facts, e);
	if (rc == 0 && p->depth == 0 && o->done != NULL)
		o->done(o->context, tree_name(p->tree));
	return rc;
}

/* P has what it is verified with; IN, or what is at PATH. */
static int
verify_any(struct package_check *p, const char *path, struct input *in,
    struct verify_package_facts *facts, struct error *e)
{
	struct unread u = { .odd = &p->odd };
	const struct tree_options t = { .kept_most = p->whole->kept_most,
		.unread = note_unread,
		.keep = keep,
		.broken = note_broken,
		.context = &u };
	int rc;

	*facts = (struct verify_package_facts){ .form = FORM_NONE,
		.signature = mem_text("") };
	p->within = "";
	p->arena = arena_new();
	rc = in != NULL ? tree_open_input(&p->tree, in, &t, e)
			: tree_open(&p->tree, path, &t, e);
	if (rc == 0)
		rc = verify_tree(p, &u, facts, e);
	tree_free(p->tree);
	free(p->roots);
	file_names_clear(&p->odd);
	file_names_clear(&u.texts);
	arena_free(p->arena);
	return rc;
}

/* In a package nobody asks for more than what can be told of it. */
int
package_inner(struct package_check *p, struct input *in, struct error *e)
{
	struct package_check inner = { .whole = p->whole,
		.options = p->options,
		.totals = p->totals,
		.depth = p->depth + 1 };
	struct verify_package_facts facts;
	struct error why = { 0 };
	int rc = 0;

	if (p->depth == DEPTH_MAX)
		return 0;
	if (verify_any(&inner, NULL, in, &facts, &why) != 0 &&
	    why.kind != ERROR_USAGE)
		rc = package_broken(p, &why, e);
	free(facts.signature);
	return rc;
}

int
verify_package_input(struct input *in, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e)
{
	struct package_check p = { .whole = o,
		.options = o->base,
		.totals = totals,
		.depth = o->depth };

	return verify_any(&p, NULL, in, facts, e);
}

int
verify_package(const char *path, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e)
{
	struct package_check p = { .whole = o,
		.options = o->base,
		.totals = totals,
		.depth = o->depth };

	return verify_any(&p, path, NULL, facts, e);
}
