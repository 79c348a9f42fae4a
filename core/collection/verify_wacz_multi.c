/* Several WACZ files by the list of them (multi-wacz-package). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/tree.h"
#include "core/archive/wacz_read.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/verify_wacz.h"

#define MULTI_PROFILE "multi-wacz-package"

/* The files lie in TREE, or else in the folder DIR of the list. */
struct multi {
	struct tree *tree;
	char *dir;        /* with "/", or "" */
	const char *name; /* of the list */
	struct verify_collection_options base;
	struct verify_package_options options; /* of each */
	struct verify_collection_totals *totals;
	size_t signed_files, files;
};

static void __attribute__((format(printf, 5, 6)))
say(struct multi *m, enum severity severity, const char *code, const char *file,
    const char *fmt, ...)
{
	enum verify_check check = verify_check_of(code);
	char text[ERROR_TEXT_MAX];
	const struct finding f = { severity, code, file, 0, "", text };
	va_list ap;

	if (check != CHECK_COUNT && m->base.skip >> check & 1)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	verify_count(&m->totals->files, severity);
	if (m->base.each_finding != NULL)
		m->base.each_finding(m->base.context, &f);
}

/* WHY: said of FILE; -1 when it is our machine's. */
static int
broken(
    struct multi *m, const char *file, const struct error *why, struct error *e)
{
	if (why->kind == ERROR_SYSTEM)
		return error_set(e, why->kind, "%s", why->text);
	say(m, SEVERITY_DAMAGE, "package", file, "%s", why->text);
	return 0;
}

/* ---- one of them ---- */

/* 1; 0, it is not there; -1. */
static int
open_part(struct multi *m, const struct wacz_resource *r, const char *name,
    struct input **in, struct error *e)
{
	const struct tree_file *f;

	if (m->tree == NULL) {
		if (!file_exists(name))
			return 0;
		return input_open(in, name, name, e) == 0 ? 1 : -1;
	}
	f = tree_find(m->tree, r->path);
	if (f == NULL)
		return 0;
	return tree_file_open(m->tree, f, in, e) == 0 ? 1 : -1;
}

static int
check_hash(struct multi *m, const struct wacz_resource *r, const char *name,
    struct input *in, struct error *e)
{
	struct digest_value want;
	struct digest_value got = { 0 };
	struct digester *d;
	struct stream *s;
	const uint8_t *p;
	size_t len;
	int more;

	if (r->has_bytes && r->bytes != input_size(in))
		say(m, SEVERITY_CHANGED, "resource-digest", name,
		    "has %ju bytes, but the list says %ju",
		    (uintmax_t)input_size(in), (uintmax_t)r->bytes);
	if (r->hash[0] == '\0' || !digest_parse(&want, r->hash)) {
		say(m, SEVERITY_WARNING, "resource-digest", name,
		    "the list has no hash of it that is known");
		return 0;
	}
	d = digester_new(want.kind);
	s = input_stream(in, 0, INPUT_NO_END);
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		/* Who waits may stop it. */
		if (m->base.progress != NULL)
			m->base.progress(m->base.context, name);
		digester_add(d, p, len);
	}
	got.kind = want.kind;
	got.len = digester_raw(d, got.raw);
	if (more == 0 && !digest_equal(&want, &got))
		say(m, SEVERITY_CHANGED, "resource-digest", name,
		    "is not the file that the list has the hash of, %s",
		    r->hash);
	stream_free(s);
	digester_free(d);
	return more;
}

static int
verify_part(
    struct multi *m, const char *name, struct input *in, struct error *e)
{
	struct verify_package_facts facts = { .form = FORM_NONE };
	struct error why = { 0 };
	int rc = verify_package_input(in, &m->options, m->totals, &facts, &why);

	if (rc != 0)
		rc = broken(m, name, &why, e);
	else if (facts.form != FORM_WACZ)
		say(m, SEVERITY_DAMAGE, "package", name, "is no WACZ");
	m->files++;
	m->signed_files += facts.signature != NULL &&
			   facts.signature[0] != '\0';
	free(facts.signature);
	return rc;
}

static int
check_part(struct multi *m, const struct wacz_resource *r, struct error *e)
{
	char *name = mem_format("%s%s", m->tree == NULL ? m->dir : "", r->path);
	struct input *in = NULL;
	struct error why = { 0 };
	int rc = open_part(m, r, name, &in, &why);

	if (rc == 0)
		say(m, SEVERITY_CHANGED, "resource-missing", name,
		    "%s lists it, but it is not there", m->name);
	else if (rc > 0 && m->base.level != VERIFY_QUICK)
		rc = check_hash(m, r, name, in, &why) == 0 ? 1 : -1;
	if (rc < 0)
		rc = broken(m, name, &why, e);
	else if (rc > 0)
		rc = verify_part(m, name, in, e);
	input_free(in);
	free(name);
	return rc;
}

/* ---- the list ---- */

static int
check_list(struct multi *m, const struct wacz_package *list,
    struct verify_package_facts *facts, struct error *e)
{
	int rc = 0;

	if (strcmp(list->profile, MULTI_PROFILE) != 0)
		say(m, SEVERITY_WARNING, "package", m->name,
		    "profile is \"%s\", not \"" MULTI_PROFILE "\"",
		    list->profile);
	if (list->count == 0)
		say(m, SEVERITY_DAMAGE, "package", m->name, "lists no file");
	for (size_t i = 0; rc == 0 && i < list->count; i++)
		rc = check_part(m, &list->resources[i], e);
	free(facts->signature);
	facts->signature = m->signed_files == 0
			       ? mem_text("")
			       : mem_format("%zu of %zu files, each by itself",
				     m->signed_files, m->files);
	return rc;
}

/* The parts are no units of their own. */
static void
begin(struct multi *m, const struct verify_package_options *o)
{
	m->base = *o->base;
	m->base.want = NULL;
	m->base.done = NULL;
	m->options = *o;
	m->options.base = &m->base;
	m->options.depth++;
}

int
verify_multi_wacz(struct tree *t, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e)
{
	struct multi m = { .tree = t, .name = WACZ_PACKAGE, .totals = totals };
	const struct tree_file *f = tree_find(t, WACZ_PACKAGE);
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct input *in = NULL;
	struct stream *s = NULL;
	struct wacz_package list = { 0 };
	struct error why = { 0 };
	int rc = -1;

	begin(&m, o);
	if (f == NULL)
		(void)error_set(&why, ERROR_INPUT, "holds no " WACZ_PACKAGE);
	else
		rc = tree_file_open(t, f, &in, &why);
	if (rc == 0) {
		s = input_stream(in, 0, INPUT_NO_END);
		rc = stream_read(s, &text, WACZ_PACKAGE_MAX, &why);
		stream_free(s);
	}
	if (rc == 0)
		rc = wacz_read_package(a, text.data, text.len, &list, &why);
	rc = rc == 0 ? check_list(&m, &list, facts, e)
		     : broken(&m, WACZ_PACKAGE, &why, e);
	input_free(in);
	buf_clear(&text);
	arena_free(a);
	return rc;
}

int
verify_wacz_list(const char *path, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e)
{
	const char *slash = strrchr(path, '/');
	struct multi m = { .name = path, .totals = totals };
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct wacz_package list = { 0 };
	int rc = 1;

	begin(&m, o);
	m.dir = slash == NULL ? mem_text("")
			      : mem_text_n(path, (size_t)(slash - path) + 1);
	if (text_ends(path, ".json") &&
	    file_get(path, &text, WACZ_PACKAGE_MAX, NULL) == 0 &&
	    wacz_read_package(a, text.data, text.len, &list, NULL) == 0 &&
	    strcmp(list.profile, MULTI_PROFILE) == 0) {
		facts->form = FORM_MULTI_WACZ;
		rc = check_list(&m, &list, facts, e);
	}
	free(m.dir);
	buf_clear(&text);
	arena_free(a);
	return rc;
}
