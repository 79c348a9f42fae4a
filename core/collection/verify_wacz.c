/* WACZ files verified where they lie. */
#include "core/collection/verify_wacz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "core/collection/verify_wacz_part.h"

enum { SORT_MEMORY = 8 * 1024 * 1024 };

/* ---- findings ---- */

void
wacz_say(struct wacz_check *w, enum severity severity, const char *code,
    const char *file, const char *fmt, ...)
{
	enum verify_check check = verify_check_of(code);
	char text[ERROR_TEXT_MAX];
	va_list ap;

	if (check != CHECK_COUNT && package_skips(&w->p, check))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	package_say(&w->p, severity, code, file, "%s", text);
}

int
wacz_may_say(struct wacz_said *s)
{
	return ++s->count <= WACZ_SAID_MOST;
}

void
wacz_say_rest(struct wacz_check *w, const struct wacz_said *s,
    enum severity severity, const char *code, const char *file)
{
	if (s->count > WACZ_SAID_MOST)
		wacz_say(w, severity, code, file, "and %ju more of that kind",
		    (uintmax_t)s->count - WACZ_SAID_MOST);
}

int
wacz_broken(struct wacz_check *w, const char *code, const char *file,
    const struct error *why, struct error *e)
{
	if (why->kind != ERROR_INPUT && why->kind != ERROR_LIMIT &&
	    why->kind != ERROR_INTEGRITY)
		return error_set(e, why->kind, "%s", why->text);
	wacz_say(w, SEVERITY_DAMAGE, code, file, "%s", why->text);
	return 0;
}

/* ---- what passes by ---- */

static void
pass_finding(void *context, const struct finding *f)
{
	const struct wacz_check *w = context;

	if (w->base->each_finding != NULL)
		w->base->each_finding(w->base->context, f);
}

static void
pass_file(void *context, const char *file)
{
	const struct wacz_check *w = context;

	if (w->base->each_file != NULL)
		w->base->each_file(w->base->context, file);
}

static void
pass_progress(void *context, const char *what)
{
	const struct wacz_check *w = context;

	if (w->base->progress != NULL)
		w->base->progress(w->base->context, what);
}

static int
pass_record(void *context, const struct verified_record *r)
{
	struct wacz_check *w = context;
	size_t len = strlen(tree_name(w->p.tree));
	const char *name = r->file;

	if (strncmp(name, tree_name(w->p.tree), len) == 0 && name[len] == '/')
		name += len + 1;
	if (text_starts(name, "archive/"))
		name += strlen("archive/");
	/* What went wrong is met again when the sorter is read. */
	(void)wacz_note_record(w, name, r, NULL);
	return w->base->each_record == NULL
		   ? 0
		   : w->base->each_record(w->base->context, r);
}

/* ---- layout ---- */

static int
has_end(const char *name, const char *const *ends)
{
	for (size_t i = 0; ends[i] != NULL; i++)
		if (text_ends(name, ends[i]))
			return 1;
	return 0;
}

static const char *const record_ends[] = { ".warc", ".warc.gz", NULL };
static const char *const index_ends[] = { ".cdx", ".cdxj", ".cdx.gz",
	".cdxj.gz", ".idx", NULL };
static const char *const packed_ends[] = { ".cdx.gz", ".cdxj.gz", NULL };
static const char *const page_ends[] = { ".jsonl", NULL };

/* What belongs into the three folders of the standard, and how stored. */
static const struct folder {
	const char *name;
	const char *const *ends;
	const char *const *stored;
	const char *what;
} folders[] = {
	{ "archive/", record_ends, record_ends, "a WARC file" },
	{ "indexes/", index_ends, packed_ends, "an index" },
	{ "pages/", page_ends, NULL, "a page list" },
};
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static void
check_place(struct wacz_check *w, const struct tree_file *f, int seen[FOLDERS])
{
	for (size_t i = 0; i < FOLDERS; i++) {
		const struct folder *d = &folders[i];

		if (!text_starts(f->name, d->name))
			continue;
		if (!has_end(f->name, d->ends)) {
			wacz_say(w, SEVERITY_WARNING, "package", f->name,
			    "is not %s: nothing else belongs into %s", d->what,
			    d->name);
			continue;
		}
		seen[i] = 1;
		if (f->packed && d->stored != NULL &&
		    has_end(f->name, d->stored))
			wacz_say(w, SEVERITY_WARNING, "package", f->name,
			    "is compressed once more in the WACZ; it must be "
			    "stored, to be read at any offset");
	}
}

static void
check_layout(struct wacz_check *w)
{
	size_t count;
	const struct tree_file *files = tree_files(w->p.tree, &count);
	int seen[FOLDERS] = { 0 };

	for (size_t i = 0; i < count; i++)
		check_place(w, &files[i], seen);
	if (!seen[0])
		wacz_say(w, SEVERITY_DAMAGE, "package", "",
		    "holds no WARC file in archive/");
	if (!seen[1])
		wacz_say(w, SEVERITY_DAMAGE, "package", "",
		    "holds no index in indexes/");
	if (tree_find(w->p.tree, WACZ_PAGES) == NULL)
		wacz_say(
		    w, SEVERITY_DAMAGE, "package", "", "holds no " WACZ_PAGES);
}

/* ---- what it says of itself ---- */

int
wacz_get(struct wacz_check *w, const char *name, size_t most, struct buf *out,
    struct error *e)
{
	const struct tree_file *f = tree_find(w->p.tree, name);
	struct input *in = NULL;
	struct stream *s;
	struct error why = { 0 };
	int rc;

	if (f == NULL)
		return 0;
	if (tree_file_open(w->p.tree, f, &in, &why) != 0)
		return wacz_broken(w, "package", name, &why, e);
	s = input_stream(in, 0, INPUT_NO_END);
	rc = stream_read(s, out, most, &why);
	stream_free(s);
	input_free(in);
	return rc == 0 ? 1 : wacz_broken(w, "package", name, &why, e);
}

static void
check_version(struct wacz_check *w)
{
	static const char *const known[] = { "1.0.0", "1.1.0", "1.1.1", NULL };
	const struct wacz_package *d = &w->package;
	size_t i = 0;

	if (strcmp(d->profile, "data-package") != 0)
		wacz_say(w, SEVERITY_WARNING, "package", WACZ_PACKAGE,
		    "profile is \"%s\", not \"data-package\"", d->profile);
	while (known[i] != NULL && strcmp(known[i], d->version) != 0)
		i++;
	if (d->version[0] == '\0')
		wacz_say(w, SEVERITY_WARNING, "package", WACZ_PACKAGE,
		    "names no wacz_version; it is looked at as 1.1.1");
	else if (known[i] == NULL)
		wacz_say(w, SEVERITY_WARNING, "package", WACZ_PACKAGE,
		    "is of version %s, only those up to 1.1.1 are known: what "
		    "is new in it is not verified",
		    d->version);
	else if (strcmp(d->version, "1.1.1") != 0)
		wacz_say(w, SEVERITY_NOTE, "package", WACZ_PACKAGE,
		    "is of the older version %s", d->version);
}

static void
set_signature(struct verify_package_facts *facts, const struct proof_result *r)
{
	free(facts->signature);
	switch (r->verdict) {
	case PROOF_NONE:
		facts->signature = mem_text("");
		break;
	case PROOF_ANONYMOUS:
		facts->signature = mem_format(
		    "anonymous key %s, %s", r->signer, r->created);
		break;
	case PROOF_DOMAIN:
		facts->signature = mem_format("domain %s, %s, time stamp %s",
		    r->signer, r->created, r->stamped);
		break;
	case PROOF_UNTRUSTED:
		facts->signature = mem_format(
		    "domain %s, %s, not proved", r->signer, r->created);
		break;
	case PROOF_BAD:
		facts->signature = mem_format("bad: %s", r->why);
		break;
	}
}

/* Of who says nothing that somebody could vouch for. */
static enum severity
unsaid_severity(const struct verify_package_options *o)
{
	return o->must_trust ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static void
check_signature(struct wacz_check *w, const struct wacz_digest *d,
    const char *hash, const struct verify_package_options *o,
    struct verify_package_facts *facts)
{
	enum severity unsaid = unsaid_severity(o);
	struct proof_result r;

	proof_check(w->p.arena, d->signed_data, hash,
	    w->has_package ? w->package.created : NULL, o->trust, &r);
	set_signature(facts, &r);
	switch (r.verdict) {
	case PROOF_NONE:
		wacz_say(w, unsaid, "signature", WACZ_DIGEST, "is not signed");
		break;
	case PROOF_ANONYMOUS:
		wacz_say(w, unsaid, "signature", WACZ_DIGEST,
		    "signed by a key that nobody vouches for: %s", r.signer);
		break;
	case PROOF_DOMAIN:
		break;
	case PROOF_UNTRUSTED:
		wacz_say(w, o->must_trust ? SEVERITY_CHANGED : SEVERITY_WARNING,
		    "signature", WACZ_DIGEST, "says it is by %s, but %s",
		    r.signer, r.why);
		break;
	case PROOF_BAD:
		wacz_say(
		    w, SEVERITY_CHANGED, "signature", WACZ_DIGEST, "%s", r.why);
		break;
	}
}

static int
check_digest(struct wacz_check *w, const struct buf *package,
    const struct verify_package_options *o, struct verify_package_facts *facts,
    struct error *e)
{
	struct buf text = { 0 };
	struct wacz_digest d;
	struct error why = { 0 };
	char hash[DIGEST_TEXT_MAX];
	int rc = wacz_get(w, WACZ_DIGEST, WACZ_DIGEST_MAX, &text, e);

	digest_text(DIGEST_SHA256, package->data, package->len, hash);
	if (rc == 0 && tree_find(w->p.tree, WACZ_DIGEST) == NULL)
		wacz_say(w, unsaid_severity(o), "signature", "",
		    "there is no " WACZ_DIGEST
		    ": nobody vouches for " WACZ_PACKAGE);
	if (rc == 1 &&
	    wacz_read_digest(w->p.arena, text.data, text.len, &d, &why) != 0) {
		wacz_say(w, SEVERITY_CHANGED, "signature", WACZ_DIGEST, "%s",
		    why.text);
	} else if (rc == 1) {
		if (strcmp(d.hash, hash) != 0)
			wacz_say(w, SEVERITY_CHANGED, "resource-digest",
			    WACZ_PACKAGE, "is %s, but " WACZ_DIGEST " has %s",
			    hash, d.hash);
		check_signature(w, &d, hash, o, facts);
	}
	buf_clear(&text);
	return rc < 0 ? -1 : 0;
}

static int
check_package(struct wacz_check *w, const struct verify_package_options *o,
    struct verify_package_facts *facts, struct error *e)
{
	struct buf text = { 0 };
	struct error why = { 0 };
	int rc = wacz_get(w, WACZ_PACKAGE, WACZ_PACKAGE_MAX, &text, e);

	if (rc == 0 && tree_find(w->p.tree, WACZ_PACKAGE) == NULL)
		wacz_say(w, SEVERITY_DAMAGE, "package", "",
		    "holds no " WACZ_PACKAGE);
	if (rc == 1) {
		w->has_package = wacz_read_package(w->p.arena, text.data,
				     text.len, &w->package, &why) == 0;
		if (w->has_package)
			check_version(w);
		else
			wacz_say(w, SEVERITY_DAMAGE, "package", WACZ_PACKAGE,
			    "%s", why.text);
		rc = check_digest(w, &text, o, facts, e);
	}
	buf_clear(&text);
	return rc < 0 ? -1 : 0;
}

/* ---- all ---- */

/* Is there a check of records, or of what is compared with them? */
static int
needs_records(const struct wacz_check *w)
{
	for (int c = 0; c < CHECK_MANIFEST; c++)
		if (!package_skips(&w->p, (enum verify_check)c))
			return 1;
	return !package_skips(&w->p, CHECK_INDEX) ||
	       !package_skips(&w->p, CHECK_PAGES);
}

static int
check_all(struct wacz_check *w, const struct verify_package_options *o,
    struct verify_package_facts *facts, struct error *e)
{
	int quick = o->base->level == VERIFY_QUICK;

	check_layout(w);
	if (check_package(w, o, facts, e) != 0)
		return -1;
	if (w->has_package && wacz_check_resources(w, !quick, e) != 0)
		return -1;
	if (w->has_package && wacz_check_manifests(w, e) != 0)
		return -1;
	if (quick || !needs_records(w))
		return 0;
	if (package_records(&w->p, e) != 0 || wacz_read_lists(w, e) != 0)
		return -1;
	return wacz_check_lists(w, e);
}

int
verify_wacz(struct tree *t, const struct verify_package_options *o,
    struct verify_collection_totals *totals, struct verify_package_facts *facts,
    struct error *e)
{
	struct wacz_check w = { .base = o->base, .ours = *o->base };
	int rc;

	w.ours.each_finding = pass_finding;
	w.ours.each_record = pass_record;
	w.ours.each_file = pass_file;
	w.ours.progress = pass_progress;
	w.ours.context = &w;
	w.p.tree = t;
	w.p.options = &w.ours;
	w.p.totals = totals;
	w.p.within = "archive/";
	w.p.arena = arena_new();
	w.records = sorter_new(SORT_MEMORY, NULL);
	w.pages = sorter_new(SORT_MEMORY, NULL);
	rc = check_all(&w, o, facts, e);
	sorter_free(w.pages);
	sorter_free(w.records);
	arena_free(w.p.arena);
	return rc;
}
