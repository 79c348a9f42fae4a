/* A snapshot against its manifest: every file there, nothing else. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/verify_hashes.h"
#include "core/collection/verify_part.h"

#define MANIFEST "manifest-sha256.txt"

enum {
	MANIFEST_MAX = 256 * 1024 * 1024,
	/* Digests of different bytes agree in 4 digits of 64 by chance; a
	 * line that was hit agrees in nearly all. */
	DIGITS_OF_CHANCE = 32
};

int
check_is_changed(const struct snapshot_check *s, const char *file)
{
	for (size_t i = 0; i < s->changed_count; i++)
		if (strcmp(s->changed[i], file) == 0)
			return 1;
	return 0;
}

static void
add_changed(struct snapshot_check *s, const char *file)
{
	const char **more = arena_alloc(
	    s->arena, (s->changed_count + 1) * sizeof(*more));

	if (s->changed_count > 0)
		memcpy(more, s->changed, s->changed_count * sizeof(*more));
	more[s->changed_count++] = arena_text(s->arena, file);
	s->changed = more;
	if (text_starts(file, "records/") || text_starts(file, "derived/"))
		s->records_are_changed = 1;
}

static unsigned
equal_digits(const char *a, const char *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < 64; i++)
		n += a[i] == b[i];
	return n;
}

/* The manifest, or what it breaks. */
static int
read_manifest(struct snapshot_check *s, struct error *e)
{
	struct buf text = { 0 };
	struct error why = { 0 };
	int rc = 0;

	if (verify_place_get(&s->place, MANIFEST, &text, MANIFEST_MAX, &why) ==
		0 &&
	    manifest_read(&s->manifest, buf_text(&text), text.len, &why) == 0)
		s->manifest_is_read = 1;
	else if (why.kind == ERROR_NOTFOUND)
		check_say(s, SEVERITY_CHANGED, "file-missing", MANIFEST, 0, "",
		    "a sealed snapshot has a manifest, this one has none");
	else if (why.kind != ERROR_SYSTEM)
		check_say(s, SEVERITY_CHANGED, "manifest", MANIFEST, 0, "",
		    "not as it was written: %s", why.text);
	else
		rc = error_set(e, why.kind, "%s", why.text);
	buf_clear(&text);
	return rc;
}

/* A file is listed, there, and as long as it is read these bytes. 1 / 0. */
static int
compare(struct snapshot_check *s, const struct manifest_entry *entry,
    const char *hex)
{
	if (strcmp(hex, entry->hex) == 0)
		return 1;
	if (equal_digits(hex, entry->hex) > DIGITS_OF_CHANCE) {
		check_say(s, SEVERITY_CHANGED, "manifest", MANIFEST, 0, "",
		    "its line for %s was changed: the file's SHA-256 is %s",
		    entry->name, hex);
		return 1;
	}
	check_say(s, SEVERITY_CHANGED, "manifest-digest", entry->name, 0, "",
	    "SHA-256 is %s, " MANIFEST " says %s", hex, entry->hex);
	add_changed(s, entry->name);
	return 0;
}

int
check_digest(struct snapshot_check *s, const char *file)
{
	const struct manifest_entry *entry;
	struct error why = { 0 };
	uint64_t size = 0;
	char hex[65];

	/* They are asked for in the order in which they were added. */
	if (s->hashes == NULL || s->hash_next == s->hash_count ||
	    strcmp(s->hash_names[s->hash_next], file) != 0)
		return !check_is_changed(s, file);
	entry = manifest_find(&s->manifest, file);
	if (s->options->progress != NULL)
		s->options->progress(s->options->context, file);
	if (verify_hashes_get(s->hashes, s->hash_next++, hex, &size, &why) !=
	    0) {
		check_say(s, SEVERITY_DAMAGE, "unreadable", file, 0, "", "%s",
		    why.text);
		add_changed(s, file);
		return 0;
	}
	s->totals->hashed += size;
	return compare(s, entry, hex);
}

int
check_known_digest(
    struct snapshot_check *s, const char *file, const char *hex, uint64_t size)
{
	const struct manifest_entry *entry = manifest_find(&s->manifest, file);

	s->totals->hashed += size;
	return entry == NULL || compare(s, entry, hex);
}

void
check_lost(struct snapshot_check *s, const char *file)
{
	add_changed(s, file);
}

/* The listed file of these contents; NULL. */
static const struct manifest_entry *
find_contents(const struct manifest *m, const char *hex)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->entries[i].hex, hex) == 0)
			return &m->entries[i];
	return NULL;
}

static void
say_extra(struct snapshot_check *s, const char *name)
{
	const struct manifest_entry *was = NULL;
	char hex[65];

	if (verify_place_digest(&s->place, name, hex, NULL) == 0)
		was = find_contents(&s->manifest, hex);
	if (was != NULL)
		check_say(s, SEVERITY_CHANGED, "file-extra", name, 0, "",
		    MANIFEST " does not list it; it holds what was sealed as "
			     "%s",
		    was->name);
	else
		check_say(s, SEVERITY_CHANGED, "file-extra", name, 0, "",
		    MANIFEST " does not list it");
}

static int
is_of_records(const char *name)
{
	return text_starts(name, "records/") || text_starts(name, "derived/");
}

static void
add_hash(struct snapshot_check *s, const char *name)
{
	if ((s->hash_count & (s->hash_count - 1)) == 0)
		s->hash_names = mem_grow(s->hash_names,
		    s->hash_count == 0 ? 1 : 2 * s->hash_count,
		    sizeof(*s->hash_names));
	s->hash_names[s->hash_count++] = arena_text(s->arena, name);
}

/* Files in the order of their names, those with records behind all others:
 * each is compared just before its records are read. */
static void
order_hashes(struct snapshot_check *s)
{
	static const char *const in_folder[] = { NULL, "records/", "derived/" };
	static const char *const in_tree[] = { NULL, "derived/", "records/" };
	const char *const *folders = s->place.dir == NULL ? in_tree : in_folder;
	const char **sorted = mem_zero(
	    s->hash_count + 1, sizeof(*s->hash_names));
	size_t n = 0;

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < s->hash_count; i++) {
			const char *name = s->hash_names[i];
			int is_records = is_of_records(name);

			if (k == 0 ? !is_records
				   : text_starts(name, folders[k]))
				sorted[n++] = name;
			s->other_hashes += k == 0 && !is_records;
		}
	free(s->hash_names);
	s->hash_names = sorted;
}

static void
start_hashes(struct snapshot_check *s)
{
	order_hashes(s);
	s->hashes = verify_hashes_new();
	for (size_t i = 0; i < s->hash_count; i++) {
		struct input *in = NULL;
		char *path;

		if (s->place.dir == NULL &&
		    verify_place_open(&s->place, s->hash_names[i],
			s->hash_names[i], &in, NULL) == 0) {
			verify_hashes_add_input(s->hashes, in);
			input_free(in);
			continue;
		}
		path = mem_format("%s/%s",
		    s->place.dir == NULL ? "" : s->place.dir, s->hash_names[i]);
		verify_hashes_add(s->hashes, path);
		free(path);
	}
	verify_hashes_start(s->hashes, s->options->threads);
}

struct walk {
	struct snapshot_check *check;
	size_t next; /* entry of the manifest */
};

static void
say_missing(struct snapshot_check *s, const char *name)
{
	check_say(s, SEVERITY_CHANGED, "file-missing", name, 0, "",
	    MANIFEST " lists it, and it is not there");
	add_changed(s, name);
}

static void
tell_file(const struct snapshot_check *s, const char *name)
{
	char *shown;

	if (s->options->each_file == NULL)
		return;
	shown = mem_format("%s%s", s->prefix, name);
	s->options->each_file(s->options->context, shown);
	free(shown);
}

/* Both are sorted by bytes. */
static int
each_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct walk *w = context;
	struct snapshot_check *s = w->check;
	const struct manifest *m = &s->manifest;

	(void)e;
	tell_file(s, name);
	if (!is_regular)
		check_say(s, SEVERITY_CHANGED, "file-kind", name, 0, "",
		    "not a regular file");
	if (strcmp(name, MANIFEST) == 0)
		return 0;
	while (w->next < m->count && strcmp(m->entries[w->next].name, name) < 0)
		say_missing(s, m->entries[w->next++].name);
	if (w->next < m->count && strcmp(m->entries[w->next].name, name) == 0) {
		if (is_regular &&
		    (s->options->level != VERIFY_QUICK ||
			!is_of_records(name)) &&
		    !verify_place_comes_once(&s->place, name))
			add_hash(s, name);
		else if (!is_regular)
			add_changed(s, name);
		w->next++;
	} else if (s->manifest_is_read && is_regular) {
		say_extra(s, name);
	}
	return 0;
}

static void
check_names(struct snapshot_check *s)
{
	for (size_t i = 0; s->manifest_is_read && snapshot_files[i] != NULL;
	     i++)
		if (strcmp(snapshot_files[i], MANIFEST) != 0 &&
		    manifest_find(&s->manifest, snapshot_files[i]) == NULL)
			check_say(s, SEVERITY_CHANGED, "file-missing",
			    snapshot_files[i], 0, "",
			    "every sealed snapshot has it, and " MANIFEST
			    " does not list it");
}

int
check_manifest(struct snapshot_check *s, struct error *e)
{
	struct walk w = { .check = s };

	if (check_is_skipped(s, CHECK_MANIFEST)) {
		check_list_files(s);
		for (uint32_t i = 0; i < s->file_count; i++)
			tell_file(s, s->files[i]);
		return 0;
	}
	if (read_manifest(s, e) != 0 ||
	    verify_place_walk(&s->place, each_file, &w, e) != 0)
		return -1;
	while (w.next < s->manifest.count)
		say_missing(s, s->manifest.entries[w.next++].name);
	check_names(s);
	check_list_files(s);
	start_hashes(s);
	while (s->hash_next < s->other_hashes)
		(void)check_digest(s, s->hash_names[s->hash_next]);
	return 0;
}
