/* Is a bag complete and valid? */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag_part.h"
#include "core/archive/tree.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/sort.h"
#include "core/base/stream.h"
#include "core/base/text.h"

enum { DIGEST_COUNT = DIGEST_MD5 + 1 };

/* A line of the sorter: the file's number, one of LINE_*, then of a fact the
 * algorithm, of a claim the manifest and how it came about, and the digest. */
enum { LINE_FACT = 0, LINE_CLAIM = 1, LINE_HEAD = 7 };

int
bag_is(const struct tree *t, size_t *root)
{
	size_t count;
	const struct tree_file *files = tree_files(t, &count);
	const char *slash;

	*root = 0;
	if (tree_find(t, "bagit.txt") != NULL)
		return 1;
	slash = count == 0 ? NULL : strchr(files[0].name, '/');
	if (slash == NULL)
		return 0;
	size_t len = (size_t)(slash - files[0].name) + 1;
	int found = 0;

	for (size_t i = 0; i < count; i++) {
		if (strncmp(files[i].name, files[0].name, len) != 0)
			return 0;
		found |= strcmp(files[i].name + len, "bagit.txt") == 0;
	}
	*root = found ? len : 0;
	return found;
}

void
bag_say(struct bagging *b, enum severity severity, const char *code,
    const char *file, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	struct finding f = { .severity = severity, .code = code };
	enum verify_check check = verify_check_of(code);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (check < CHECK_COUNT && (b->o->skip >> check & 1) != 0)
		return;
	buf_reset(&b->shown);
	if (b->count > 0)
		buf_add(&b->shown, b->files[0].name, b->root);
	buf_add_text(&b->shown, file);
	f.file = buf_text(&b->shown);
	f.record = "";
	f.text = text;
	verify_count(b->totals, severity);
	if (b->o->each_finding != NULL)
		b->o->each_finding(b->o->context, &f);
}

static int
add_line(struct bagging *b, size_t file, uint8_t kind, uint8_t which,
    uint8_t how, const uint8_t *raw, size_t len, struct error *e)
{
	uint8_t line[LINE_HEAD + DIGEST_RAW_MAX] = { (uint8_t)(file >> 24),
		(uint8_t)(file >> 16), (uint8_t)(file >> 8), (uint8_t)file,
		kind, which, how };

	memcpy(line + LINE_HEAD, raw, len);
	return sorter_add(b->claims, line, LINE_HEAD + len, e);
}

int
bag_add_claim(struct bagging *b, size_t file, size_t manifest,
    enum bag_claim how, const uint8_t *raw, size_t len, struct error *e)
{
	return add_line(
	    b, file, LINE_CLAIM, (uint8_t)manifest, (uint8_t)how, raw, len, e);
}

/* ---- facts ---- */

struct digesting {
	struct bagging *b;
	struct digester *digesters[DIGEST_COUNT]; /* NULL: not asked for */
	int for_payload[DIGEST_COUNT], for_tags[DIGEST_COUNT];
	int payload_now;
};

static int
is_wanted(const struct digesting *d, size_t kind)
{
	return d->payload_now ? d->for_payload[kind] : d->for_tags[kind];
}

static void
digest_span(struct digesting *d, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		if (is_wanted(d, i))
			digester_add(d->digesters[i], p, len);
}

/* What passes on its way to who verifies it. */
struct tapped {
	struct stream stream;
	struct stream *inner; /* borrowed */
	struct digesting *d;
};

static int
tapped_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct tapped *t = (struct tapped *)s;
	int got = stream_next(t->inner, data, len, e);

	if (got == 1)
		digest_span(t->d, *data, *len);
	return got;
}

static void
tapped_free(struct stream *s)
{
	(void)s; /* stands in the frame of its maker */
}

/* Through the digesters, and past EACH_PAYLOAD. What can be read at any
 * offset is given as it is: it is verified by many threads then. */
static int
pass_payload(struct digesting *d, const struct tree_file *f, struct input *in,
    struct stream *s, struct error *e)
{
	const struct bag_options *o = d->b->o;
	struct tapped tap = { { tapped_next, tapped_free }, s, d };
	struct input *once;
	int rc;

	if (input_is_random(in)) {
		rc = o->each_payload(o->context, f->name, in, e);
		return rc == 0 ? stream_skip(&tap.stream, NULL, e) : rc;
	}
	once = input_of_stream(&tap.stream, f->name);
	rc = o->each_payload(o->context, f->name, once, e);
	input_free(once);
	return rc == 0 ? stream_skip(&tap.stream, NULL, e) : rc;
}

static int
add_facts(struct digesting *d, const struct tree_file *f, struct error *e)
{
	size_t file = (size_t)(f - d->b->files);
	uint8_t raw[DIGEST_RAW_MAX];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < DIGEST_COUNT; i++)
		if (is_wanted(d, i))
			rc = add_line(d->b, file, LINE_FACT, (uint8_t)i, 0, raw,
			    digester_raw(d->digesters[i], raw), e);
	return rc;
}

static int
digest_file(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct digesting *d = context;
	struct bagging *b = d->b;
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	struct tapped tap = { { tapped_next, tapped_free }, s, d };
	struct error why = { 0 };
	int rc;

	d->payload_now = bag_is_payload(b, f->name);
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		if (is_wanted(d, i))
			digester_reset(d->digesters[i]);
	if (d->payload_now && b->o->each_payload != NULL)
		rc = pass_payload(d, f, in, s, &why);
	else
		rc = stream_skip(&tap.stream, NULL, &why);
	stream_free(s);
	if (rc == 0)
		return add_facts(d, f, e);
	/* Bytes that do not read are this file's; others may. */
	if (why.kind == ERROR_INPUT || why.kind == ERROR_LIMIT) {
		bag_say(b, SEVERITY_DAMAGE, "package", f->name + b->root, "%s",
		    why.text);
		return 0;
	}
	*e = why;
	return -1;
}

static int
want_file(void *context, const struct tree_file *f)
{
	const struct digesting *d = context;
	int payload = bag_is_payload(d->b, f->name);
	const int *wanted = payload ? d->for_payload : d->for_tags;

	if (payload && d->b->o->each_payload != NULL)
		return 1;
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		if (wanted[i])
			return 1;
	return 0;
}

int
bag_digest_files(struct bagging *b, struct error *e)
{
	struct digesting d = { .b = b };
	const struct tree_visit v = { want_file, digest_file, &d };
	struct error why = { 0 };
	int rc;

	for (size_t i = 0; i < b->manifest_count; i++) {
		const struct bag_manifest *m = &b->manifests[i];

		if (!m->is_known)
			continue;
		*(m->is_tag ? &d.for_tags[m->kind]
			    : &d.for_payload[m->kind]) = 1;
		if (d.digesters[m->kind] == NULL)
			d.digesters[m->kind] = digester_new(m->kind);
	}
	rc = tree_visit(b->tree, &v, &why);
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		digester_free(d.digesters[i]);
	if (rc >= 0)
		return 0;
	if (why.kind == ERROR_INPUT || why.kind == ERROR_LIMIT) {
		bag_say(b, SEVERITY_DAMAGE, "package", "", "%s", why.text);
		return 0;
	}
	*e = why;
	return -1;
}

/* ---- claims against facts ---- */

struct meeting {
	struct bagging *b;
	size_t file; /* that the lines are about; COUNT: none yet */
	int has_fact[DIGEST_COUNT];
	uint8_t facts[DIGEST_COUNT][DIGEST_RAW_MAX];
	uint32_t covered;     /* manifests that list it, in some form */
	uint32_t listed;      /* ... by exactly its name */
	uint32_t differs;     /* told already */
	size_t last_manifest; /* of the last exact line, and its digest */
	uint8_t last_raw[DIGEST_RAW_MAX];
};

static void
say_not_listed(struct bagging *b, const struct tree_file *f, uint32_t covered)
{
	const char *name = f->name + b->root;
	int payload = bag_is_payload(b, f->name);
	int is_tag = 0;
	const char *algorithm;
	size_t len;
	int manifest = bag_manifest_name(name, &is_tag, &algorithm, &len) &&
		       !is_tag;

	/* 0.97 and before: in one manifest or another. RFC 8493, 2.1.3 and
	 * 2.2.1: in all. Tag files need not be in any, manifests must. */
	if (!payload && !manifest)
		return;
	if (covered != 0 && b->declared.version < 100)
		return;
	for (size_t i = 0; i < b->manifest_count; i++) {
		const struct bag_manifest *m = &b->manifests[i];

		if (m->is_tag == payload || (covered >> i & 1) != 0)
			continue;
		bag_say(b, payload ? SEVERITY_CHANGED : bag_severity(b),
		    payload ? "resource-extra" : "package", name,
		    "is not listed in %s", m->file->name + b->root);
		if (covered == 0)
			break; /* in none: once is enough */
	}
}

static void
end_file(struct meeting *m, size_t next)
{
	struct bagging *b = m->b;

	if (m->file < b->count)
		say_not_listed(b, &b->files[m->file], m->covered);
	/* Those that no line is about. */
	for (size_t i = m->file == b->count ? 0 : m->file + 1; i < next; i++)
		say_not_listed(b, &b->files[i], 0);
	memset(m->has_fact, 0, sizeof(m->has_fact));
	m->covered = m->listed = m->differs = 0;
	m->file = next;
}

static void
check_twice(struct meeting *m, size_t manifest, const uint8_t *raw, size_t len)
{
	struct bagging *b = m->b;
	const char *name = b->files[m->file].name + b->root;
	const char *file = b->manifests[manifest].file->name + b->root;

	if ((m->listed >> manifest & 1) != 0) {
		if (m->last_manifest == manifest &&
		    memcmp(m->last_raw, raw, len) != 0)
			bag_say(b, SEVERITY_DAMAGE, "package", file,
			    "names \"%s\" twice, with different digests", name);
		else
			bag_say(b, bag_severity(b), "package", file,
			    "names \"%s\" twice", name);
	}
	m->listed |= 1U << manifest;
	m->last_manifest = manifest;
	memcpy(m->last_raw, raw, len);
}

static void
meet_claim(struct meeting *m, size_t manifest, enum bag_claim how,
    const uint8_t *raw, size_t len)
{
	struct bagging *b = m->b;
	const struct bag_manifest *by = &b->manifests[manifest];

	if (how == CLAIM_EXACT)
		check_twice(m, manifest, raw, len);
	if (how != CLAIM_CASE)
		m->covered |= 1U << manifest;
	if (!by->is_known || !m->has_fact[by->kind] ||
	    memcmp(m->facts[by->kind], raw, len) == 0 ||
	    (m->differs >> manifest & 1) != 0)
		return;
	m->differs |= 1U << manifest;
	bag_say(b, SEVERITY_CHANGED, "resource-digest",
	    b->files[m->file].name + b->root, "%s differs from that in %s",
	    by->name, by->file->name + b->root);
}

int
bag_compare_claims(struct bagging *b, struct error *e)
{
	struct meeting m = { .b = b, .file = b->count };
	const uint8_t *p;
	size_t len;
	int more = -1;

	if (sorter_begin(b->claims, e) != 0)
		return -1;
	while ((more = sorter_next(b->claims, &p, &len, e)) == 1) {
		size_t file = (size_t)p[0] << 24 | (size_t)p[1] << 16 |
			      (size_t)p[2] << 8 | p[3];

		if (file != m.file)
			end_file(&m, file);
		if (p[4] == LINE_FACT) {
			m.has_fact[p[5]] = 1;
			memcpy(m.facts[p[5]], p + LINE_HEAD, len - LINE_HEAD);
		} else {
			meet_claim(&m, p[5], (enum bag_claim)p[6],
			    p + LINE_HEAD, len - LINE_HEAD);
		}
	}
	if (more == 0)
		end_file(&m, b->count);
	return more;
}

/* ---- all of it ---- */

static void
check_oxum(struct bagging *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (!bag_is_payload(b, b->files[i].name))
			continue;
		b->payload_files++;
		b->payload_bytes += b->files[i].size;
	}
	if (b->has_oxum &&
	    (b->oxum_bytes != b->payload_bytes ||
		b->oxum_files != b->payload_files) &&
	    (b->forgiven == 0 ||
		b->oxum_files != b->payload_files + b->forgiven))
		bag_say(b, SEVERITY_CHANGED, "resource-digest", "data",
		    "Payload-Oxum says %llu bytes in %llu files, there are "
		    "%llu in %llu",
		    (unsigned long long)b->oxum_bytes,
		    (unsigned long long)b->oxum_files,
		    (unsigned long long)b->payload_bytes,
		    (unsigned long long)b->payload_files);
}

int
bag_verify(struct tree *t, const struct bag_options *o,
    struct verify_totals *totals, struct error *e)
{
	struct bagging b = { .tree = t, .o = o, .totals = totals };
	int rc;

	b.files = tree_files(t, &b.count);
	(void)bag_is(t, &b.root);
	b.claims = sorter_new(BAG_SORT_BYTES, NULL);
	b.names = sorter_new(BAG_SORT_BYTES, NULL);
	rc = bag_read_declaration(&b, e);
	bag_find_manifests(&b);
	if (rc == 0)
		rc = bag_read_tags(&b, e);
	if (rc == 0)
		rc = bag_compare_names(&b, e);
	sorter_free(b.names); /* its memory, before that of others */
	b.names = NULL;
	if (rc == 0)
		check_oxum(&b);
	if (rc == 0 && !o->completeness_only)
		rc = bag_digest_files(&b, e);
	if (rc == 0)
		rc = bag_compare_claims(&b, e);
	sorter_free(b.claims);
	buf_clear(&b.shown);
	return rc;
}
