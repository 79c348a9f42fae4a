/* What the tag files of a bag say: claims about files, and names. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag_part.h"
#include "core/archive/tree.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "core/base/text.h"

enum { DECLARATION_BYTES = 4096 };

enum severity
bag_severity(const struct bagging *b)
{
	return b->declared.version >= 100 ? SEVERITY_DAMAGE : SEVERITY_WARNING;
}

const struct tree_file *
bag_find(const struct bagging *b, const char *name)
{
	struct buf whole = { 0 };
	const struct tree_file *f;

	buf_add(&whole, b->files[0].name, b->root);
	buf_add_text(&whole, name);
	f = tree_find(b->tree, buf_text(&whole));
	buf_clear(&whole);
	return f;
}

static void
say_loose(struct bagging *b, const char *file, uint64_t line, unsigned loose)
{
	static const char *const what[] = { "a path that begins with \"./\"",
		"a path with the \"*\" of md5sum", "blanks where none may be",
		"bytes that are no UTF-8", "not two lines in their order" };

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		if ((loose >> i & 1) != 0)
			bag_say(b, SEVERITY_WARNING, "package", file,
			    line == 0 ? "%s" : "%s in line %llu", what[i],
			    (unsigned long long)line);
}

int
bag_read_declaration(struct bagging *b, struct error *e)
{
	const struct tree_file *f = bag_find(b, "bagit.txt");
	uint8_t text[DECLARATION_BYTES];
	struct error why = { 0 };
	struct input *in = NULL;
	size_t len = 0;
	int rc = 0;

	b->declared = (struct bag_declaration){ .version = 100 };
	memcpy(b->declared.encoding, "UTF-8", 6);
	if (f == NULL) {
		bag_say(b, SEVERITY_DAMAGE, "package", "bagit.txt",
		    "is missing: this is no bag");
		return 0;
	}
	if (tree_file_open(b->tree, f, &in, &why) == 0)
		rc = input_read(in, 0, text, sizeof(text), &len, &why);
	input_free(in);
	if (why.kind == ERROR_SYSTEM) {
		*e = why;
		return -1;
	}
	if (rc == 0 && why.kind == ERROR_NONE)
		(void)bag_declaration_read(&b->declared, text, len, &why);
	if (why.kind != ERROR_NONE)
		bag_say(
		    b, SEVERITY_DAMAGE, "package", "bagit.txt", "%s", why.text);
	else
		say_loose(b, "bagit.txt", 0, b->declared.loose);
	return 0;
}

static int
add_manifest(struct bagging *b, const struct tree_file *f, int is_tag,
    const char *algorithm, size_t len)
{
	struct bag_manifest *m = &b->manifests[b->manifest_count];

	if (len >= sizeof(m->name) || b->manifest_count == LIMIT_BAG_MANIFESTS)
		return 0;
	m->file = f;
	m->is_tag = is_tag;
	memcpy(m->name, algorithm, len);
	m->name[len] = '\0';
	m->is_known = digest_kind_named(algorithm, len, &m->kind);
	b->manifest_count++;
	return 1;
}

void
bag_find_manifests(struct bagging *b)
{
	int known = 0;
	int payload = 0;

	for (size_t i = 0; i < b->count; i++) {
		const char *name = b->files[i].name + b->root;
		const char *algorithm;
		size_t len;
		int is_tag;

		if (!bag_manifest_name(name, &is_tag, &algorithm, &len))
			continue;
		if (!add_manifest(b, &b->files[i], is_tag, algorithm, len)) {
			bag_say(b, SEVERITY_DAMAGE, "package", name,
			    "one manifest too many, or of no algorithm");
			continue;
		}
		const struct bag_manifest
		    *m = &b->manifests[b->manifest_count - 1];

		if (!m->is_known)
			bag_say(b, SEVERITY_WARNING, "resource-digest", name,
			    "%s is not known: nothing was compared", m->name);
		payload += !is_tag;
		known += !is_tag && m->is_known;
	}
	if (payload == 0)
		bag_say(b, SEVERITY_DAMAGE, "package", "", "has no manifest");
	else if (known == 0 && !b->o->completeness_only)
		bag_say(b, SEVERITY_DAMAGE, "resource-digest", "",
		    "has no manifest of an algorithm that is known");
}

/* A path that stands where it must not. 1: it may be looked for. */
static int
is_in_its_place(struct bagging *b, const struct bag_manifest *m,
    const char *path, uint64_t line)
{
	const char *file = m->file->name + b->root;
	const char *algorithm;
	size_t len;
	int is_tag;
	int in_data = text_starts(path, "data/");

	if (!m->is_tag && !in_data) {
		bag_say(b, SEVERITY_DAMAGE, "package", file,
		    "line %llu names \"%s\", which is not in data/",
		    (unsigned long long)line, path);
		return 0;
	}
	if (m->is_tag &&
	    (in_data ||
		(bag_manifest_name(path, &is_tag, &algorithm, &len) && is_tag)))
		bag_say(b, bag_severity(b), "package", file,
		    "line %llu names \"%s\", which no tag manifest may",
		    (unsigned long long)line, path);
	return 1;
}

static int
read_entry(struct bagging *b, size_t number, const struct bag_lines *l,
    struct error *e)
{
	const struct bag_manifest *m = &b->manifests[number];
	const char *file = m->file->name + b->root;
	const struct tree_file *f;
	struct error why = { 0 };
	struct bag_entry entry;

	if (l->line.len == 0)
		return 0;
	if (bag_entry_read(&entry, buf_text(&l->line), l->line.len,
		m->is_known ? digest_length(m->kind) : 0, b->declared.version,
		&why) != 0) {
		bag_say(b, SEVERITY_DAMAGE, "package", file, "line %llu: %s",
		    (unsigned long long)l->number, why.text);
		return 0;
	}
	say_loose(b, file, l->number, entry.path.loose);
	if (!is_in_its_place(b, m, entry.path.text, l->number))
		return 0;
	f = bag_find(b, entry.path.text);
	if (f == NULL)
		return bag_add_absent(
		    b, entry.path.text, number, entry.raw, entry.raw_len, e);
	return bag_add_claim(b, (size_t)(f - b->files), number, CLAIM_EXACT,
	    entry.raw, entry.raw_len, e);
}

/* A file that the bag is to be filled up with: it must be in data/, and in a
 * manifest, which shows when names are compared. */
static int
read_fetch(struct bagging *b, const struct bag_lines *l, struct error *e)
{
	struct error why = { 0 };
	struct bag_fetch fetch;

	if (l->line.len == 0)
		return 0;
	if (bag_fetch_read(&fetch, buf_text(&l->line), l->line.len,
		b->declared.version, &why) != 0)
		bag_say(b, SEVERITY_DAMAGE, "package", "fetch.txt",
		    "line %llu: %s", (unsigned long long)l->number, why.text);
	else if (!text_starts(fetch.path.text, "data/"))
		bag_say(b, SEVERITY_DAMAGE, "package", "fetch.txt",
		    "line %llu names \"%s\", which is not in data/",
		    (unsigned long long)l->number, fetch.path.text);
	else
		return bag_add_fetch(b, fetch.path.text, e);
	return 0;
}

/* ---- bag-info.txt ---- */

static void
check_date(struct bagging *b, const char *file, const char *value)
{
	static const char form[] = "0000-00-00";
	size_t i = 0;

	while (i < sizeof(form) - 1 &&
	       (form[i] == '-' ? value[i] == '-'
			       : value[i] >= '0' && value[i] <= '9'))
		i++;
	if (i != sizeof(form) - 1 || value[i] != '\0')
		bag_say(b, SEVERITY_WARNING, "package", file,
		    "Bagging-Date \"%s\" is no YYYY-MM-DD", value);
}

static void
read_oxum(struct bagging *b, const char *file, const char *value)
{
	uint64_t bytes;
	uint64_t files;

	if (!bag_oxum_read(value, &bytes, &files)) {
		bag_say(b, SEVERITY_DAMAGE, "package", file,
		    "Payload-Oxum \"%s\" is no octets.files", value);
		return;
	}
	if (b->has_oxum)
		bag_say(b,
		    bytes == b->oxum_bytes && files == b->oxum_files
			? SEVERITY_WARNING
			: SEVERITY_DAMAGE,
		    "package", file, "Payload-Oxum comes twice");
	b->has_oxum = 1;
	b->oxum_bytes = bytes;
	b->oxum_files = files;
}

/* RFC 8493, 2.2.2: elements that stand once. */
static void
read_element(struct bagging *b, const char *file, const struct bag_info *i,
    unsigned *seen)
{
	static const char *const once[] = { "Bagging-Date", "Bag-Size",
		"Bag-Group-Identifier", "Bag-Count" };
	const char *label = buf_text(&i->label);
	const char *value = buf_text(&i->value);

	if (i->loose != 0 && b->declared.version >= 100)
		bag_say(b, SEVERITY_WARNING, "package", file,
		    "\"%s\": not one blank behind its colon", label);
	for (size_t n = 0; n < sizeof(once) / sizeof(once[0]); n++) {
		if (!text_equal_nocase(label, i->label.len, once[n]))
			continue;
		if ((*seen >> n & 1) != 0)
			bag_say(b, SEVERITY_WARNING, "package", file,
			    "%s comes twice", once[n]);
		*seen |= 1U << n;
	}
	if (text_equal_nocase(label, i->label.len, "Bagging-Date"))
		check_date(b, file, value);
	if (text_equal_nocase(label, i->label.len, "Payload-Oxum"))
		read_oxum(b, file, value);
}

static int
read_info(
    struct bagging *b, const char *file, struct bag_lines *l, struct error *e)
{
	struct bag_info info = { .lines = l };
	unsigned seen = 0;
	int got;

	do {
		error_clear(e);
		got = bag_info_next(&info, e);
		if (got > 0)
			read_element(b, file, &info, &seen);
		else if (got < 0 && e->kind == ERROR_INPUT && !info.has_next)
			bag_say(
			    b, bag_severity(b), "package", file, "%s", e->text);
	} while (got > 0 || (got < 0 && e->kind == ERROR_INPUT));
	bag_info_clear(&info);
	return got;
}

/* ---- which file is which ---- */

enum tag_kind { TAG_OTHER, TAG_MANIFEST, TAG_FETCH, TAG_INFO };

static enum tag_kind
kind_of(const struct bagging *b, const struct tree_file *f, size_t *manifest)
{
	const char *name = f->name + b->root;

	for (size_t i = 0; i < b->manifest_count; i++) {
		if (b->manifests[i].file == f) {
			*manifest = i;
			return TAG_MANIFEST;
		}
	}
	if (strcmp(name, "fetch.txt") == 0)
		return TAG_FETCH;
	/* The drafts before 0.96 called it so. */
	if (strcmp(name, "bag-info.txt") == 0 ||
	    (b->declared.version < 96 && strcmp(name, "package-info.txt") == 0))
		return TAG_INFO;
	return TAG_OTHER;
}

static int
want_tag(void *context, const struct tree_file *f)
{
	size_t manifest;

	return kind_of(context, f, &manifest) != TAG_OTHER;
}

static int
read_lines(struct bagging *b, const struct tree_file *f, struct bag_lines *l,
    struct error *e)
{
	size_t manifest = 0;
	enum tag_kind kind = kind_of(b, f, &manifest);
	int got;
	int rc = 0;

	if (kind == TAG_INFO)
		return read_info(b, f->name + b->root, l, e);
	while (rc == 0 && (got = bag_lines_next(l, e)) != 0) {
		if (got < 0)
			return -1;
		rc = kind == TAG_FETCH ? read_fetch(b, l, e)
				       : read_entry(b, manifest, l, e);
	}
	return rc;
}

static int
read_tag(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct bagging *b = context;
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	struct bag_lines lines = { 0 };
	struct error why = { 0 };
	int rc = bag_lines_open(&lines, s, b->declared.encoding, &why);

	if (rc == 0)
		rc = read_lines(b, f, &lines, &why);
	bag_lines_clear(&lines);
	stream_free(s);
	if (rc == 0)
		return 0;
	if (why.kind == ERROR_SYSTEM) {
		*e = why;
		return -1;
	}
	bag_say(
	    b, SEVERITY_DAMAGE, "package", f->name + b->root, "%s", why.text);
	return 0;
}

int
bag_read_tags(struct bagging *b, struct error *e)
{
	const struct tree_visit v = { want_tag, read_tag, b };

	return tree_visit(b->tree, &v, e);
}
