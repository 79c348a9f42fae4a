/* Files of a WACZ against datapackage.json, and against the manifests of our
 * own snapshots in it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/manifest.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/deflate.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/verify_wacz_part.h"

enum {
	MANIFEST_MAX = 64 * 1024 * 1024,
	KINDS = DIGEST_MD5 + 1,
	PROGRESS_BYTES = 16 * 1024 * 1024
};

#define MANIFEST_END "/manifest-sha256.txt"

/* ---- resources ---- */

struct hashing {
	struct wacz_check *w;
	struct digester *digesters[KINDS];
};

static int
is_listed(const char *name)
{
	return strcmp(name, WACZ_PACKAGE) != 0 &&
	       strcmp(name, WACZ_DIGEST) != 0;
}

/* 1, KIND and its digest stand in WANT; 0, nothing that is known. */
static int
parse_hash(const struct wacz_resource *r, struct digest_value *want)
{
	return r->hash[0] != '\0' && digest_parse(want, r->hash);
}

/* The hash that datapackage.json has of F: 1 and WANT; 0. */
static int
hash_of(const struct wacz_check *w, const struct tree_file *f,
    struct digest_value *want)
{
	const struct wacz_resource *r = wacz_find(&w->package, f->name);

	return r != NULL && is_listed(f->name) && parse_hash(r, want);
}

static int
wants_file(void *context, const struct tree_file *f)
{
	const struct hashing *h = context;
	struct digest_value want;

	return f->has_crc || hash_of(h->w, f, &want);
}

/* Whoever waits is told now and then, and may stop it. D: NULL is fine. */
static int
digest_all(struct wacz_check *w, const char *name, struct digester *d,
    uint32_t *crc, struct input *in, struct error *e)
{
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	const uint8_t *p;
	size_t len;
	uint64_t done = 0;
	int more;

	*crc = 0;
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		if (done / PROGRESS_BYTES != (done + len) / PROGRESS_BYTES)
			w->ours.progress(w, name);
		done += len;
		*crc = deflate_crc32(*crc, p, len);
		if (d != NULL)
			digester_add(d, p, len);
	}
	stream_free(s);
	return more;
}

static struct digester *
digester_for(struct hashing *h, enum digest_kind kind)
{
	struct digester **d = &h->digesters[kind];

	if (*d == NULL)
		*d = digester_new(kind);
	digester_reset(*d);
	return *d;
}

static int
each_file(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct hashing *h = context;
	struct wacz_check *w = h->w;
	struct digest_value want = { 0 };
	struct digest_value got = { 0 };
	struct digester *d = NULL;
	char text[DIGEST_TEXT_MAX];
	uint32_t crc;

	if (hash_of(w, f, &want))
		d = digester_for(h, want.kind);
	w->ours.progress(w, f->name);
	if (digest_all(w, f->name, d, &crc, in, e) != 0)
		return -1;
	if (d != NULL) {
		w->p.totals->hashed += f->size;
		got.kind = want.kind;
		got.len = digester_raw(d, got.raw);
	}
	if (d != NULL && !digest_equal(&want, &got)) {
		digester_text(d, text);
		wacz_say(w, SEVERITY_CHANGED, "resource-digest", f->name,
		    "is %s, but " WACZ_PACKAGE " has %s", text,
		    wacz_find(&w->package, f->name)->hash);
	} else if (f->has_crc && crc != f->crc) {
		wacz_say(w, SEVERITY_DAMAGE, "package", f->name,
		    "CRC-32 is %08" PRIx32 ", but the zip has %08" PRIx32, crc,
		    f->crc);
	}
	return 0;
}

static int
check_hashes(struct wacz_check *w, struct error *e)
{
	struct hashing h = { .w = w };
	const struct tree_visit v = { wants_file, each_file, &h };
	struct error why = { 0 };
	int rc = tree_visit(w->p.tree, &v, &why);

	if (rc != 0)
		rc = wacz_broken(w, "package", "", &why, e);
	for (size_t i = 0; i < KINDS; i++)
		digester_free(h.digesters[i]);
	return rc;
}

static void
check_resource(struct wacz_check *w, const struct wacz_resource *r)
{
	const struct tree_file *f = tree_find(w->p.tree, r->path);
	struct digest_value want;

	if (f == NULL) {
		wacz_say(w, SEVERITY_CHANGED, "resource-missing", r->path,
		    WACZ_PACKAGE " lists it, but it is not there");
		return;
	}
	if (r->has_bytes && r->bytes != f->size)
		wacz_say(w, SEVERITY_CHANGED, "resource-digest", r->path,
		    "has %ju bytes, but " WACZ_PACKAGE " says %ju",
		    (uintmax_t)f->size, (uintmax_t)r->bytes);
	if (!parse_hash(r, &want))
		wacz_say(w, SEVERITY_WARNING, "resource-digest", r->path,
		    r->hash[0] == '\0' ? WACZ_PACKAGE " has no hash of it%s"
				       : "hash of an unknown kind: %s",
		    r->hash);
	else if (want.kind == DIGEST_MD5 || want.kind == DIGEST_SHA1)
		wacz_say(w, SEVERITY_WARNING, "resource-digest", r->path,
		    "other bytes with the same hash can be made: %s", r->hash);
}

/* Players read what they find in these folders, listed or not: it would show
 * under the name of whoever signed the list. */
static enum severity
extra_severity(const char *name)
{
	return text_starts(name, "archive/") || text_starts(name, "indexes/") ||
		       text_starts(name, "pages/")
		   ? SEVERITY_CHANGED
		   : SEVERITY_WARNING;
}

int
wacz_check_resources(struct wacz_check *w, int with_hashes, struct error *e)
{
	size_t count;
	const struct tree_file *files = tree_files(w->p.tree, &count);

	for (size_t i = 0; i < w->package.count; i++)
		check_resource(w, &w->package.resources[i]);
	for (size_t i = 0; i < count; i++)
		if (is_listed(files[i].name) &&
		    wacz_find(&w->package, files[i].name) == NULL)
			wacz_say(w, extra_severity(files[i].name),
			    "resource-extra", files[i].name,
			    WACZ_PACKAGE " does not list it");
	return with_hashes && !package_skips(&w->p, CHECK_RESOURCES)
		   ? check_hashes(w, e)
		   : 0;
}

/* ---- our own snapshots ---- */

/* Resources with an origin, sorted by that. */
struct origins {
	const struct wacz_resource **list;
	size_t count;
};

static int
by_origin(const void *va, const void *vb)
{
	const struct wacz_resource *a = *(
	    const struct wacz_resource *const *)va;
	const struct wacz_resource *b = *(
	    const struct wacz_resource *const *)vb;

	return strcmp(a->origin, b->origin);
}

static void
find_origins(const struct wacz_check *w, struct origins *o)
{
	o->list = (const struct wacz_resource **)arena_alloc(
	    w->p.arena, (w->package.count + 1) * sizeof(*o->list));
	for (size_t i = 0; i < w->package.count; i++)
		if (w->package.resources[i].origin[0] != '\0')
			o->list[o->count++] = &w->package.resources[i];
	if (o->count > 0)
		qsort(o->list, o->count, sizeof(*o->list), by_origin);
}

static const struct wacz_resource *
find_origin(const struct origins *o, const char *origin)
{
	const struct wacz_resource key = { .origin = origin };
	const struct wacz_resource *k = &key;
	const struct wacz_resource *const *r = o->count == 0
						   ? NULL
						   : bsearch(&k, o->list,
							 o->count,
							 sizeof(*o->list),
							 by_origin);

	return r == NULL ? NULL : *r;
}

/* The bytes were compared with the hash in datapackage.json already. */
static void
compare_entry(struct wacz_check *w, const struct wacz_resource *r,
    const struct manifest_entry *x)
{
	if (text_starts(r->hash, "sha256:") &&
	    strcmp(r->hash + strlen("sha256:"), x->hex) != 0)
		wacz_say(w, SEVERITY_CHANGED, "manifest-digest", r->path,
		    "is %s, but the manifest of its snapshot has sha256:%s",
		    r->hash, x->hex);
}

/* What lies under the name of the snapshot and is in no manifest. */
static void
check_strangers(struct wacz_check *w, const struct origins *o,
    const struct manifest *m, const char *snapshot)
{
	size_t len = strlen(snapshot);

	for (size_t i = 0; i < o->count; i++) {
		const struct wacz_resource *r = o->list[i];

		if (strncmp(r->origin, snapshot, len) != 0 ||
		    r->origin[len] != '/' ||
		    strcmp(r->origin + len, MANIFEST_END) == 0 ||
		    manifest_find(m, r->origin + len + 1) != NULL)
			continue;
		wacz_say(w, SEVERITY_CHANGED, "file-extra", r->path,
		    "the manifest of %s does not have %s", snapshot,
		    r->origin + len + 1);
	}
}

static void
compare_manifest(struct wacz_check *w, const struct origins *o,
    const struct manifest *m, const struct wacz_resource *of,
    const char *snapshot)
{
	size_t absent = 0;

	for (size_t i = 0; i < m->count; i++) {
		char *origin = mem_format(
		    "%s/%s", snapshot, m->entries[i].name);
		const struct wacz_resource *r = find_origin(o, origin);

		if (r != NULL)
			compare_entry(w, r, &m->entries[i]);
		absent += r == NULL;
		free(origin);
	}
	if (absent > 0)
		wacz_say(w, SEVERITY_NOTE, "package", of->path,
		    "%zu of the %zu files of the snapshot are not in this "
		    "WACZ",
		    absent, m->count);
	check_strangers(w, o, m, snapshot);
	w->p.totals->snapshots++;
}

static int
check_manifest(struct wacz_check *w, const struct origins *o,
    const struct wacz_resource *r, struct error *e)
{
	struct manifest m = { 0 };
	struct buf text = { 0 };
	struct error why = { 0 };
	size_t len = strlen(r->origin) - strlen(MANIFEST_END);
	int rc = wacz_get(w, r->path, MANIFEST_MAX, &text, e);

	if (rc == 1 &&
	    manifest_read(&m, buf_text(&text), text.len, &why) != 0) {
		wacz_say(
		    w, SEVERITY_CHANGED, "manifest", r->path, "%s", why.text);
		rc = 0;
	}
	if (rc == 1)
		compare_manifest(
		    w, o, &m, r, arena_text_n(w->p.arena, r->origin, len));
	manifest_clear(&m);
	buf_clear(&text);
	return rc < 0 ? -1 : 0;
}

/* The manifest of a snapshot, not one that an import keeps below its sources/:
 * that lists what came in other shapes. */
static int
is_of_snapshot(const char *origin)
{
	return text_ends(origin, MANIFEST_END) &&
	       strlen(strchr(origin, '/')) == strlen(MANIFEST_END);
}

int
wacz_check_manifests(struct wacz_check *w, struct error *e)
{
	struct origins o = { 0 };
	int rc = 0;

	if (package_skips(&w->p, CHECK_MANIFEST))
		return 0;
	find_origins(w, &o);
	for (size_t i = 0; rc == 0 && i < o.count; i++)
		if (is_of_snapshot(o.list[i]->origin))
			rc = check_manifest(w, &o, o.list[i], e);
	return rc;
}
