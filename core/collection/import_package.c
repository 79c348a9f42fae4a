/* Packages verified first, then imported with all that they hold. */
#include "core/collection/import_package.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/bag.h"
#include "core/archive/bag_text.h"
#include "core/archive/manifest.h"
#include "core/archive/tree.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/verify_collection.h"

enum {
	BAG_INFO_MAX = 64 * 1024,
	PART_MAX = 255, /* of a name, as file systems have it */
	PROFILE_HEX = 16
};

static const char manifest_name[] = "manifest-sha256.txt";

/* ---- what is in it ---- */

/* Is there a file called NAME in the folder whose name are the first LEN
 * bytes of FILE, with its "/"? */
static int
has_beside(const struct tree *t, const char *file, size_t len, const char *name)
{
	char *path = mem_format("%.*s%s", (int)len, file, name);
	int there = tree_find(t, path) != NULL;

	free(path);
	return there;
}

/* A file of a snapshot: *INNER gets its name there. In a WACZ the listings
 * are called otherwise. 1 / 0. */
static int
is_of_snapshot(
    const struct import_package *p, const char *name, const char **inner)
{
	size_t len = strlen(name);

	for (;;) {
		while (len > 0 && name[len - 1] != '/')
			len--;
		if (has_beside(p->tree, name, len, manifest_name) &&
		    (has_beside(p->tree, name, len, "report.json") ||
			has_beside(p->tree, name, len, "report.json.sealed"))) {
			*inner = name + len;
			return 1;
		}
		if (len == 0)
			return 0;
		len--;
	}
}

static int
is_record_name(const char *inner)
{
	return text_starts(inner, "records/") || text_starts(inner, "derived/");
}

/* KEY-SHA16.site, the rules that a page was read by. NULL. */
static const char *
profile_name(const char *inner)
{
	const char *name = text_starts(inner, "profiles/") ||
				   text_starts(inner, "profiles.")
			       ? inner + strlen("profiles/")
			       : "";
	size_t len = strlen(name);
	size_t tail = 1 + PROFILE_HEX + strlen(".site");

	return text_ends(name, ".site") && strchr(name, '/') == NULL &&
		       len > tail && name[len - tail] == '-' && name[0] != '.'
		   ? name
		   : NULL;
}

static int
fits(const char *name)
{
	for (const char *at = name; *at != '\0';) {
		size_t len = strcspn(at, "/");

		if (len > PART_MAX)
			return 0;
		at += len + (at[len] == '/');
	}
	return 1;
}

/* Does the file come along as it is? Records are copied, an index of a WACZ
 * is made anew, what lies beside snapshots nobody vouches for. */
static int
is_kept(const struct import_package *p, const char *name)
{
	const char *inner;

	if (!fits(name))
		return 0;
	if (is_of_snapshot(p, name, &inner))
		return !is_record_name(inner);
	if (p->form == FORM_WACZ)
		return !text_starts(name, "archive/") &&
		       !text_starts(name, "indexes/");
	return p->form == FORM_BAG && !text_starts(name + p->root, "data/");
}

int
import_package_wants(const struct import_package *p, const char *name)
{
	size_t len = strlen(p->path);
	const char *in_tree = name + len;
	const char *inner;

	while (*in_tree == '/')
		in_tree++;
	if (p->form != FORM_SNAPSHOTS)
		return 1;
	/* Of a collection, only what is sealed. */
	if (is_of_snapshot(p, in_tree, &inner))
		return is_record_name(inner);
	return strstr(in_tree, ".open/") == NULL &&
	       !text_starts(in_tree, "quarantine/");
}

/* ---- verified ---- */

struct verdicts {
	const struct import *import;
	int is_changed, is_damaged;
};

/* Findings about single records come again when those are read, and are dealt
 * with there. */
static void
each_finding(void *context, const struct finding *f)
{
	struct verdicts *v = context;

	if (verify_check_of(f->code) <= CHECK_TRAILING)
		return;
	v->is_changed |= f->severity == SEVERITY_CHANGED;
	v->is_damaged |= f->severity == SEVERITY_DAMAGE;
	if (f->severity != SEVERITY_NOTE)
		import_say(v->import, f);
}

static void
progress(void *context, const char *what)
{
	const struct verdicts *v = context;
	const struct import_options *o = v->import->options;

	if (o->progress != NULL)
		o->progress(o->context, what, 0);
}

static int
verify(struct import_package *p, struct error *e)
{
	struct verdicts v = { .import = p->import };
	const struct verify_collection_options base = {
		.each_finding = each_finding,
		.progress = progress,
		.context = &v,
	};
	const struct verify_package_options o = { .base = &base,
		.trust = p->import->options->trust,
		.must_trust = p->import->options->must_trust };
	struct verify_collection_totals totals = { 0 };
	struct verify_package_facts facts = { 0 };
	struct import_result *r = p->import->result;
	int rc = verify_package(p->path, &o, &totals, &facts, e);

	if (rc == 0) {
		p->facts->signature = arena_text(
		    r->arena, facts.signature == NULL ? "" : facts.signature);
		p->facts->is_changed = v.is_changed;
		p->facts->is_damaged = v.is_damaged;
		r->changed_packages += (size_t)v.is_changed;
		r->damaged_packages += (size_t)v.is_damaged;
	}
	free(facts.signature);
	return rc;
}

/* ---- what comes along ---- */

static int
want_kept(void *context, const struct tree_file *f)
{
	return is_kept(context, f->name);
}

/* One that has another name than its bytes is no profile: a file like others.
 */
static int
is_profile(const struct import_package *p, const char *name, const char *hex)
{
	const char *inner;
	const char *profile = is_of_snapshot(p, name, &inner)
				  ? profile_name(inner)
				  : NULL;

	return profile != NULL && strncmp(profile + strlen(profile) -
					      PROFILE_HEX - strlen(".site"),
				      hex, PROFILE_HEX) == 0;
}

static int
note_kept(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct import_package *p = context;
	struct arena *a = p->import->result->arena;
	struct kept_file *k;
	char hex[65];
	size_t n = p->kept_count;

	if (import_is_stopped(p->import))
		return 1;
	if (input_sha256(in, hex, e) != 0)
		return -1;
	if ((n & (n - 1)) == 0)
		p->kept = mem_grow(
		    p->kept, n == 0 ? 1 : 2 * n, sizeof(*p->kept));
	k = &p->kept[p->kept_count++];
	k->name = f->name;
	k->hex = arena_text(a, hex);
	k->is_profile = is_profile(p, f->name, hex);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct kept_file *x = a;
	const struct kept_file *y = b;

	return strcmp(x->name, y->name);
}

static const struct kept_file *
find_kept(const struct import_package *p, const char *name)
{
	const struct kept_file key = { .name = name };

	return p->kept_count == 0 ? NULL
				  : bsearch(&key, p->kept, p->kept_count,
					sizeof(*p->kept), by_name);
}

static int
survey(struct import_package *p, struct error *e)
{
	const struct tree_visit v = { want_kept, note_kept, p };
	struct error why = { 0 };
	int rc = 0;

	if (!tree_is_folder(p->tree) &&
	    manifest_digest_file(p->path, p->facts->sha256, e) != 0)
		return -1;
	if (tree_visit(p->tree, &v, &why) < 0)
		rc = error_set(e, why.kind, "%s", why.text);
	if (p->kept_count > 0)
		qsort(p->kept, p->kept_count, sizeof(*p->kept), by_name);
	p->facts->kept = p->kept_count;
	return rc;
}

/* ---- opened ---- */

static int
is_whole(enum package_form form)
{
	return form == FORM_SNAPSHOTS || form == FORM_BAG || form == FORM_WACZ;
}

static struct import_package_facts *
add_facts(struct import *m, const char *path, enum package_form form)
{
	static const char *const kinds[] = { "", "snapshots", "WACZ",
		"multi-WACZ", "bag", "" };
	struct import_result *r = m->result;
	struct import_package_facts **at = &r->packages;
	struct import_package_facts *f = arena_alloc(r->arena, sizeof(*f));

	while (*at != NULL)
		at = &(*at)->next;
	*at = f;
	f->name = arena_text(r->arena, path);
	f->kind = kinds[form];
	f->signature = "";
	return f;
}

/* A container that is broken somewhere is refused, whatever it would be. */
static int
refuse_broken(struct import *m, const char *path, const struct error *why)
{
	const struct finding f = { SEVERITY_DAMAGE, "package", path, 0, "",
		why->text };

	add_facts(m, path, FORM_NONE)->is_damaged = 1;
	m->result->damaged_packages++;
	import_say(m, &f);
	return 1;
}

/* 1, TREE is a package; 0; -1. */
static int
look(struct import_package *p, struct error *e)
{
	const struct tree_options o = { 0 };
	struct error why = { 0 };

	if (tree_open(&p->tree, p->path, &o, &why) != 0) {
		if (why.kind == ERROR_INPUT || why.kind == ERROR_LIMIT)
			return refuse_broken(p->import, p->path, &why);
		return why.kind == ERROR_SYSTEM
			   ? error_set(e, why.kind, "%s", why.text)
			   : 0; /* no container */
	}
	p->form = package_form_of(p->tree);
	if (p->form == FORM_MULTI_WACZ)
		return error_set(e, ERROR_USAGE,
		    "%s: lists several WACZ files: import those", p->path);
	if (!is_whole(p->form))
		return 0;
	if (p->form == FORM_BAG)
		(void)bag_is(p->tree, &p->root);
	p->facts = add_facts(p->import, p->path, p->form);
	if (verify(p, e) != 0)
		return -1;
	if (p->facts->is_changed || p->facts->is_damaged)
		return 1;
	return survey(p, e) == 0 ? 1 : -1;
}

int
import_package_open(struct import_package **out, struct import *m,
    const char *path, size_t place, struct error *e)
{
	struct import_package *p = mem_zero(1, sizeof(*p));
	int rc;

	p->import = m;
	p->path = path;
	p->place = place;
	rc = look(p, e);
	if (rc == 1)
		*out = p;
	else
		import_package_free(p);
	return rc;
}

void
import_package_free(struct import_package *p)
{
	if (p == NULL)
		return;
	tree_free(p->tree);
	free(p->kept);
	free(p);
}

/* ---- the report ---- */

static void
add_element(struct arena *a, struct json *list, const struct bag_info *i)
{
	struct json *one = json_new_object(a);
	struct buf label = { 0 };
	struct buf value = { 0 };

	(void)text_add_clean(&label, i->label.data, i->label.len);
	(void)text_add_clean(&value, i->value.data, i->value.len);
	json_set_string(a, one, "label", buf_text(&label));
	json_set_string(a, one, "value", buf_text(&value));
	json_append(a, list, one);
	buf_clear(&label);
	buf_clear(&value);
}

/* Lines that are no element are passed over: the bag was verified. */
static void
read_bag_info(struct arena *a, struct json *list, struct stream *s)
{
	struct bag_lines lines = { 0 };
	struct bag_info info = { .lines = &lines };
	struct error why = { 0 };
	int got = bag_lines_open(&lines, s, "UTF-8", &why) == 0;

	while (got != 0 && json_count(list) < IMPORT_LISTED) {
		got = bag_info_next(&info, &why);
		if (got > 0)
			add_element(a, list, &info);
		else if (got < 0 && why.kind != ERROR_INPUT)
			break;
	}
	bag_info_clear(&info);
	bag_lines_clear(&lines);
}

static void
add_bag_info(const struct import_package *p, struct arena *a, struct json *o)
{
	struct json *list = json_new_array(a);
	const struct tree_file *t = NULL;
	struct input *in = NULL;
	struct stream *s;
	size_t count;
	const struct tree_file *files = tree_files(p->tree, &count);

	for (size_t i = 0; i < count && t == NULL; i++)
		if (strlen(files[i].name) > p->root &&
		    strcmp(files[i].name + p->root, "bag-info.txt") == 0)
			t = &files[i];
	if (t == NULL || t->size > BAG_INFO_MAX ||
	    tree_file_open(p->tree, t, &in, NULL) != 0)
		return;
	s = input_stream(in, 0, INPUT_NO_END);
	read_bag_info(a, list, s);
	json_set(a, o, "bag_info", list);
	stream_free(s);
	input_free(in);
}

/* What proves the rest, by its own digest. */
static int
is_proof(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash == NULL ? name : slash + 1;

	return text_starts(base, "manifest-") ||
	       text_starts(base, "tagmanifest-") ||
	       text_starts(base, "datapackage");
}

struct json *
import_package_json(const struct import_package *p, struct arena *a)
{
	struct json *o = json_new_object(a);
	struct json *proofs = json_new_array(a);

	json_set_string(a, o, "name", p->facts->name);
	json_set_string(a, o, "kind", p->facts->kind);
	json_set_string(a, o, "sha256", p->facts->sha256);
	json_set_string(a, o, "signature", p->facts->signature);
	json_set_string(a, o, "kept", arena_format(a, "sources/%zu", p->place));
	for (size_t i = 0;
	     i < p->kept_count && json_count(proofs) < IMPORT_LISTED; i++) {
		struct json *k;

		if (!is_proof(p->kept[i].name))
			continue;
		k = json_new_object(a);
		json_set_string(a, k, "name", p->kept[i].name);
		json_set_string(a, k, "sha256", p->kept[i].hex);
		json_append(a, proofs, k);
	}
	json_set(a, o, "manifests", proofs);
	if (p->form == FORM_BAG)
		add_bag_info(p, a, o);
	return o;
}

/* ---- the second reading ---- */

static int
copy_kept(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct import_package *p = context;
	const struct kept_file *k = find_kept(p, f->name);
	const char *inner = "";
	char *name;
	int rc;

	if (import_is_stopped(p->import))
		return 1;
	if (k == NULL)
		return error_set(e, ERROR_INPUT,
		    "%s/%s: was not there when the import began", p->path,
		    f->name);
	if (k->is_profile && is_of_snapshot(p, f->name, &inner)) {
		rc = import_write_profile(
		    p->writer, profile_name(inner), in, k->hex, e);
	} else {
		name = mem_format("%zu/%s", p->place, f->name);
		rc = import_write_kept(p->writer, name, in, k->hex, e);
		free(name);
	}
	return rc;
}

int
import_package_copy(
    struct import_package *p, struct import_writer *w, struct error *e)
{
	const struct tree_visit v = { want_kept, copy_kept, p };

	p->writer = w;
	return tree_visit(p->tree, &v, e) < 0 ? -1 : 0;
}
