/* Sealing: everything that is written once, at the end of a run. */
#include "core/collection/seal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/manifest.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/index.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/listing.h"
#include "core/collection/months.h"
#include "core/collection/report.h"
#include "core/collection/tally.h"
#include "core/collection/withdrawn_file.h"
#include "core/news/profile.h"

/* One sealing under way. */
struct sealing {
	struct collection *collection;
	const char *snapshot; /* below the collection */
	char *open;           /* NAME.open, absolute */
	char *dir;            /* NAME, absolute */
	char *journal;        /* NAME.journal, absolute */
	int fd;               /* of it */
	struct tally tally;
	struct manifest manifest;
};

/* Folders in folders that a snapshot may have: sources/ copies others'. */
enum { FOLDER_DEPTH = 64 };

static int
add_folder(void *context, const char *name, int is_dir, struct error *e)
{
	struct file_names *n = context;

	(void)e;
	if (!is_dir)
		return 0;
	n->names = mem_grow(n->names, n->count + 1, sizeof(*n->names));
	n->names[n->count++] = mem_text(name);
	return 0;
}

/* Call EACH for every folder in DIR, then for DIR itself. Recursion is bounded
 * by DEPTH. */
static int
each_folder_to(const char *dir, int depth,
    int (*each)(const char *path, struct error *e), struct error *e)
{
	struct file_names names = { 0 };
	int rc = file_each(dir, add_folder, &names, e);

	if (rc == 0 && depth == 0 && names.count > 0)
		rc = error_set(e, ERROR_LIMIT, "%s: too deep", dir);
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *path = mem_format("%s/%s", dir, names.names[i]);

		rc = each_folder_to(path, depth - 1, each, e);
		free(path);
	}
	file_names_clear(&names);
	return rc == 0 ? each(dir, e) : -1;
}

static int
each_folder(const char *dir, int (*each)(const char *path, struct error *e),
    struct error *e)
{
	return file_is_dir(dir) ? each_folder_to(dir, FOLDER_DEPTH, each, e)
				: 0;
}

static int
open_folder(const char *path, struct error *e)
{
	return file_chmod(path, 0755, e);
}

static int
close_folder(const char *path, struct error *e)
{
	if (file_sync_dir(path, e) != 0)
		return -1;
	return file_chmod(path, 0550, e);
}

static void
init(struct sealing *s, struct collection *c, const char *snapshot)
{
	*s = (struct sealing){ .collection = c, .snapshot = snapshot };
	s->dir = collection_path(c, snapshot);
	s->open = mem_format("%s.open", s->dir);
	s->journal = mem_format("%s.journal", s->dir);
	s->fd = -1;
	tally_init(&s->tally, -1);
}

static void
clear(struct sealing *s)
{
	tally_clear(&s->tally);
	manifest_clear(&s->manifest);
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->dir);
	free(s->open);
	free(s->journal);
}

/* The end of the run goes to the journal, once: a second attempt tells the
 * same status and time. */
static int
note_end(struct sealing *s, const struct seal_options *o, struct error *e)
{
	const struct tally_run *last = &s->tally.runs[s->tally.run_count - 1];
	int is_over = last->status != NULL; /* left open by its run */
	struct buf json = { 0 };
	uint64_t end;
	int rc = file_size(s->journal, &end, e);

	journal_end_json(&json, is_over ? last->status : o->status,
	    is_over ? last->ended_us : o->ended_us);
	if (rc == 0)
		rc = journal_append(
		    s->fd, end, 'e', buf_text(&json), json.len, e);
	if (rc == 0)
		rc = tally_ends(&s->tally, e);
	buf_clear(&json);
	return rc;
}

static int
read_journal(struct sealing *s, const struct seal_options *o, struct error *e)
{
	s->fd = file_open_write(s->journal, e);
	if (s->fd < 0)
		return -1;
	s->tally.fd = s->fd;
	if (tally_ends(&s->tally, e) != 0 ||
	    (s->tally.status == NULL && note_end(s, o, e) != 0))
		return error_within(e, "%s", s->journal);
	return tally_write(&s->tally, s->open, e);
}

/* Documents for whoever finds it: ARCHIVING.md and the schemas. */
static int
write_about(const char *dir, struct error *e)
{
	char *folder = mem_format("%s/about", dir);
	int rc = file_make_dir(folder, e);

	for (const struct embedded_file *f = embedded_files;
	     rc == 0 && f->name != NULL; f++) {
		const char *slash = strrchr(f->name, '/');
		const char *name = slash == NULL ? f->name : slash + 1;
		char *path = mem_format("%s/%s", folder, name);

		if (strcmp(name, "ARCHIVING.md") == 0 ||
		    text_ends(name, ".schema.json"))
			rc = file_put(path, f->data, f->len, e);
		free(path);
	}
	free(folder);
	return rc;
}

static int
digest_segment(
    struct sealing *s, const char *name, const char *path, struct error *e)
{
	const struct tally_file *f = tally_find(&s->tally, name);
	uint64_t size;

	if (file_size(path, &size, e) != 0)
		return -1;
	if (f == NULL || f->end != size)
		return error_set(
		    e, ERROR_INTEGRITY, "%s: not as long as journalled", path);
	manifest_add(&s->manifest, name, f->sha256);
	return 0;
}

/* Left by a process that was killed: a file under its first name. 1 / 0. */
static int
is_leftover(const char *name)
{
	const char *slash = strrchr(name, '/');

	return text_ends(name, ".tmp") ||
	       text_starts(slash == NULL ? name : slash + 1, ".spool-");
}

/* A manifest line of one file; record files were digested when written. */
static int
each_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct sealing *s = context;
	char hex[65];
	char *path;
	int rc;

	if (strcmp(name, "manifest-sha256.txt") == 0)
		return 0;
	if (!is_regular)
		return error_set(e, ERROR_INTEGRITY,
		    "%s/%s: not a regular file", s->open, name);
	path = mem_format("%s/%s", s->open, name);
	if (is_leftover(name)) {
		rc = file_remove(path, e);
		free(path);
		return rc;
	}
	if (text_starts(name, "records/") || text_starts(name, "derived/")) {
		rc = digest_segment(s, name, path, e);
	} else {
		rc = manifest_digest_file(path, hex, e);
		if (rc == 0)
			manifest_add(&s->manifest, name, hex);
	}
	if (rc == 0)
		rc = file_chmod(path, 0440, e);
	free(path);
	return rc;
}

static int
write_manifest(struct sealing *s, struct error *e)
{
	char *path = mem_format("%s/manifest-sha256.txt", s->open);
	int rc = file_walk(s->open, each_file, s, e);

	for (size_t i = 0; rc == 0 && i < s->tally.file_count; i++)
		if (manifest_find(&s->manifest, s->tally.files[i].file) == NULL)
			rc = error_set(e, ERROR_INTEGRITY,
			    "%s/%s: journalled but not there", s->open,
			    s->tally.files[i].file);
	if (rc == 0)
		rc = manifest_put(path, &s->manifest, e);
	free(path);
	return rc;
}

static int
write_all(struct sealing *s, const struct seal_options *o, struct error *e)
{
	/* An earlier attempt may have closed them already. */
	if (each_folder(s->open, open_folder, e) != 0 ||
	    read_journal(s, o, e) != 0)
		return -1;
	if (s->tally.exchanges == 0)
		return 0;
	if (listing_articles(s->open, e) != 0 ||
	    report_write(s->collection, &s->tally, s->open, e) != 0 ||
	    write_about(s->open, e) != 0 ||
	    withdrawn_copy(s->collection, s->open, e) != 0 ||
	    write_manifest(s, e) != 0)
		return -1;
	if (each_folder(s->open, close_folder, e) != 0)
		return -1;
	return file_rename(s->open, s->dir, e);
}

int
seal_snapshot(struct collection *c, const char *snapshot,
    const struct seal_options *o, struct seal_result *result, struct error *e)
{
	struct sealing s;
	int rc;

	init(&s, c, snapshot);
	rc = write_all(&s, o, e);
	*result->totals = s.tally.totals;
	result->added = s.tally.added;
	result->dir = NULL;
	if (rc == 0 && s.tally.exchanges == 0) {
		result->dir = mem_text("");
		rc = seal_remove(c, snapshot, e);
	} else if (rc == 0) {
		result->dir = mem_text(s.dir);
		rc = seal_finish(c, snapshot, e);
	}
	clear(&s);
	return rc;
}

static int
remove_synced(const char *path, struct error *e)
{
	char *folder = mem_text_n(path, (size_t)(strrchr(path, '/') - path));
	int rc = file_remove(path, e);

	if (rc == 0)
		rc = file_sync_dir(folder, e);
	free(folder);
	return rc;
}

/* A month is over: what it holds need not be counted again. Without it
 * everything works, more slowly. */
static void
keep_months(const struct collection *c)
{
	struct months m;

	if (months_read(&m, c, NULL) != 0)
		return;
	if (m.count > 1 && !m.is_remembered)
		(void)months_keep(&m, c, NULL);
	months_clear(&m);
}

int
seal_finish(struct collection *c, const char *snapshot, struct error *e)
{
	char *journal = mem_format("%s/%s.journal", c->dir, snapshot);
	int rc = index_add(c, snapshot, e);

	if (rc == 0)
		rc = catalog_add(c, snapshot, e);
	if (rc == 0)
		rc = remove_synced(journal, e);
	free(journal);
	if (rc == 0)
		keep_months(c);
	return rc;
}

static int
each_removed(void *context, const char *name, int is_regular, struct error *e)
{
	char *path = mem_format("%s/%s", (const char *)context, name);
	int rc = file_remove(path, e);

	(void)is_regular;
	free(path);
	return rc;
}

int
seal_folders(const char *dir, struct error *e)
{
	return each_folder(dir, close_folder, e);
}

int
seal_remove_dir(const char *dir, struct error *e)
{
	char *path = mem_text(dir);
	int rc = each_folder(dir, open_folder, e);

	if (rc == 0)
		rc = file_walk(dir, each_removed, path, e);
	if (rc == 0)
		rc = each_folder(dir, file_remove_dir, e);
	free(path);
	return rc;
}

int
seal_remove(struct collection *c, const char *snapshot, struct error *e)
{
	struct sealing s;
	int rc = 0;

	init(&s, c, snapshot);
	if (file_is_dir(s.open))
		rc = seal_remove_dir(s.open, e);
	if (rc == 0)
		rc = remove_synced(s.journal, e);
	clear(&s);
	return rc;
}
