/* What can be made again from the snapshots' record files. */
#include "core/collection/rebuild.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/cdxj.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/index.h"
#include "core/collection/index_anew.h"
#include "core/collection/layout.h"

/* Of index lines, until they go to a temporary file. */
#define REBUILD_SORT_MEMORY ((size_t)8 * 1024 * 1024)

/* The listings of one snapshot made anew. */
struct relisting {
	struct sorter *lines; /* of the index */
	struct error failed;  /* sorting did */
	size_t count;
	int articles_fd; /* the sealed articles.jsonl; -1 none */
	uint64_t articles_end;
	uint64_t articles;
	int articles_differ;
};

static int
is_article(const struct verified_record *r)
{
	return strcmp(r->content_type,
		   "application/vnd.holdfast.article+json") == 0;
}

static int
keep_block(void *context, const struct verified_record *r)
{
	(void)context;
	return is_article(r);
}

/* Does the file FD hold these bytes at OFFSET? */
static int
holds(int fd, uint64_t offset, const void *p, size_t len)
{
	uint8_t there[4096];
	const uint8_t *expected = p;

	while (len > 0) {
		size_t n = len < sizeof(there) ? len : sizeof(there);
		ssize_t got = pread(fd, there, n, (off_t)offset);

		if (got != (ssize_t)n || memcmp(there, expected, n) != 0)
			return 0;
		expected += n;
		offset += n;
		len -= n;
	}
	return 1;
}

static void
compare_article(struct relisting *l, const struct verified_record *r)
{
	uint64_t end = l->articles_end + r->block_len;

	if (r->block == NULL || l->articles_fd < 0 ||
	    !holds(l->articles_fd, l->articles_end, r->block, r->block_kept) ||
	    !holds(l->articles_fd, end, "\n", 1))
		l->articles_differ = 1;
	l->articles_end = end + 1;
	l->articles++;
}

static int
each_record(void *context, const struct verified_record *r)
{
	struct relisting *l = context;

	if (l->failed.kind == ERROR_NONE &&
	    index_anew_add(l->lines, r->file, r, &l->failed) != 0)
		l->count++;
	if (is_article(r))
		compare_article(l, r);
	return 0;
}

/* All record files of a folder; what does not read is for verify to tell. */
static int
read_folder(
    struct relisting *l, const char *dir, const char *folder, struct error *e)
{
	const struct verify_options o = {
		.keep_block = keep_block,
		.each_record = each_record,
		.context = l,
	};

	return index_anew_read(dir, folder, &o, e);
}

/* 1 / 0; -1, the lines could not be sorted. */
static int
index_differs(struct relisting *l, const char *dir, struct error *e)
{
	char *path = mem_format("%s/index.cdxj", dir);
	uint64_t size = 0;
	uint64_t at = 0;
	int fd = file_open_read(path, NULL);
	int differs = fd < 0 || file_size(path, &size, NULL) != 0;
	const uint8_t *line;
	size_t len;
	int more = l->failed.kind == ERROR_NONE
		       ? sorter_begin(l->lines, e)
		       : error_set(e, l->failed.kind, "%s", l->failed.text);

	if (more == 0)
		while (!differs &&
		       (more = sorter_next(l->lines, &line, &len, e)) == 1) {
			differs = !holds(fd, at, line, len);
			at += len;
		}
	if (fd >= 0)
		(void)close(fd); /* only read */
	free(path);
	return more < 0 ? -1 : differs || at != size;
}

static int
articles_differ(const struct relisting *l, const char *path)
{
	uint64_t size = 0;

	return l->articles_differ || l->articles_fd < 0 ||
	       file_size(path, &size, NULL) != 0 || size != l->articles_end;
}

struct telling {
	void (*each_difference)(void *context, const char *file);
	void *context;
	struct rebuild_report *report;
};

static void
tell(const struct telling *t, const char *snapshot, const char *name)
{
	char *file = mem_format("%s/%s", snapshot, name);

	t->report->differ++;
	if (t->each_difference != NULL)
		t->each_difference(t->context, file);
	free(file);
}

static int
relist(const struct collection *c, const char *snapshot,
    const struct telling *t, struct error *e)
{
	struct relisting l = { .articles_fd = -1 };
	char *dir = collection_path(c, snapshot);
	char *articles = mem_format("%s/articles.jsonl", dir);
	int differs = 0;
	int rc;

	l.lines = sorter_new(REBUILD_SORT_MEMORY, NULL);
	l.articles_fd = file_open_read(articles, NULL);
	rc = read_folder(&l, dir, "records", e);
	if (rc == 0)
		rc = read_folder(&l, dir, "derived", e);
	if (rc == 0 && (differs = index_differs(&l, dir, e)) < 0)
		rc = -1;
	if (rc == 0 && differs)
		tell(t, snapshot, "index.cdxj");
	if (rc == 0 && articles_differ(&l, articles))
		tell(t, snapshot, "articles.jsonl");
	t->report->snapshots++;
	t->report->lines += l.count + l.articles;
	if (l.articles_fd >= 0)
		(void)close(l.articles_fd); /* only read */
	sorter_free(l.lines);
	free(articles);
	free(dir);
	return rc;
}

int
rebuild(struct collection *c, unsigned parts,
    void (*each_difference)(void *context, const char *file), void *context,
    struct rebuild_report *report, struct error *e)
{
	const struct telling t = { each_difference, context, report };
	struct file_names sealed = { 0 };
	int rc = collection_snapshots(c, &sealed, NULL, e);

	for (size_t i = 0; rc == 0 && i < sealed.count; i++)
		rc = relist(c, sealed.names[i], &t, e);
	if (rc == 0 && (parts & REBUILD_INDEX))
		rc = index_rebuild(c, e);
	if (rc == 0 && (parts & REBUILD_STATE))
		rc = catalog_rebuild(c, e);
	file_names_clear(&sealed);
	return rc;
}
