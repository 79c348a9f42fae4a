/*
 * Packages of several snapshots: kept or coming once, in any order, all is
 * compared; what ties the snapshots is looked at across them.
 */
#include "core/archive/package.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "core/collection/verify_package.h"
#include "tests/unit/verify_fixture.h"

/* A file to be packed. */
struct packed {
	char *name, *path;
	unsigned order;
};

struct packing {
	const struct collection *c;
	struct packed list[256];
	size_t count;
	const char *snapshot;
	unsigned (*order)(const char *name, unsigned snapshot);
	unsigned number;
};

static int
add_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct packing *p = context;
	const char *base = strrchr(p->snapshot, '/') + 1;
	struct packed *f = &p->list[p->count++];
	char *below = mem_format("%s/%s", p->snapshot, name);

	(void)e;
	CHECK(is_regular && p->count < 256);
	f->name = mem_format("%s/%s", base, name);
	f->path = collection_path(p->c, below);
	f->order = p->order(name, p->number);
	free(below);
	return 0;
}

static int
by_order(const void *a, const void *b)
{
	const struct packed *x = a;
	const struct packed *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
put_file(struct package_writer *w, const struct packed *f)
{
	struct buf bytes = { 0 };
	struct stream *s;
	struct error e = { 0 };

	CHECK_OK(file_get(f->path, &bytes, SIZE_MAX, &e), &e);
	s = stream_of_bytes(bytes.data, bytes.len);
	CHECK_OK(package_put(w, f->name, bytes.len, s, &e), &e);
	stream_free(s);
	buf_clear(&bytes);
}

/* All snapshots of C in the order that ORDER gives files. */
static void
pack(const struct collection *c, const char *path,
    unsigned (*order)(const char *name, unsigned snapshot))
{
	const struct package_options o = { .time_us = 0, .given_order = 1 };
	struct packing p = { .c = c, .order = order };
	struct package_writer *w = NULL;
	struct error e = { 0 };

	for (; p.number < 3; p.number++) {
		char *dir = collection_path(c, names[p.number]);

		p.snapshot = names[p.number];
		CHECK_OK(file_walk(dir, add_file, &p, &e), &e);
		free(dir);
	}
	qsort(p.list, p.count, sizeof(p.list[0]), by_order);
	CHECK_OK(package_create(&w, path, &o, &e), &e);
	for (size_t i = 0; i < p.count; i++) {
		put_file(w, &p.list[i]);
		free(p.list[i].name);
		free(p.list[i].path);
	}
	CHECK_OK(package_finish(w, &e), &e);
}

static void
look_into(struct seen *s, const char *path, uint64_t kept_most, uint32_t skip)
{
	const struct verify_collection_options base = {
		.each_finding = see, .context = s, .skip = skip
	};
	const struct verify_package_options o = { .base = &base,
		.kept_most = kept_most };
	struct verify_package_facts facts;
	struct error e = { 0 };

	CHECK_OK(verify_package(path, &o, &s->totals, &facts, &e), &e);
	CHECK_INT(facts.form, FORM_SNAPSHOTS);
	free(facts.signature);
}

static void
check_whole(const char *path, uint64_t kept_most)
{
	struct seen s = { .count = 0 };

	look_into(&s, path, kept_most, 0);
	if (s.count > 0)
		seen_print(&s);
	CHECK_INT(s.count, 0);
	CHECK_INT(s.totals.snapshots, 3);
	CHECK_INT(s.totals.files.files, 6);
	CHECK_INT(s.totals.articles, 3);
	CHECK(s.totals.hashed > 0);
	seen_clear(&s);
}

static unsigned
in_turns(const char *name, unsigned snapshot)
{
	(void)snapshot;
	return text_starts(name, "derived/")   ? 1
	       : text_starts(name, "records/") ? 2
					       : 3;
}

static unsigned
one_by_one(const char *name, unsigned snapshot)
{
	(void)name;
	return snapshot;
}

static unsigned
backwards(const char *name, unsigned snapshot)
{
	return 10 * (3 - snapshot) + (text_starts(name, "records/") ? 0 : 1);
}

CASE(snapshots_verify_in_any_order_kept_or_once)
{
	static unsigned (*const orders[])(
	    const char *, unsigned) = { one_by_one, in_turns, backwards };
	static const char *const paths[] = { "x.tar", "x.tar.gz", "x.tar.zst" };
	struct collection *c = three_snapshots("c");

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			pack(c, paths[k], orders[i]);
			check_whole(paths[k], 0);
			check_whole(paths[k], 1);
			(void)unlink(paths[k]);
		}
	collection_free(c);
}

/* A record file is changed; so is its line in the manifest when SEALED. */
static void
change(const struct collection *c, const char *snapshot, int sealed)
{
	char *file = NULL;
	struct files files;
	struct buf bytes = { 0 };
	char *path;
	int fd;

	open_dirs(c, snapshot, 0755);
	list_files(&files, c, snapshot);
	for (size_t i = 0; i < files.count; i++)
		if (strstr(files.names[i],
			sealed ? "/outcomes" : "/records/") != NULL)
			file = files.names[i];
	CHECK(file != NULL);
	path = collection_path(c, file);
	(void)chmod(path, 0644);
	keep(c, file, &bytes);
	fd = file_open_write(path, NULL);
	CHECK(fd >= 0);
	bytes.data[bytes.len / 2] ^= 1;
	CHECK(file_write_at(fd, bytes.data, bytes.len, 0, NULL) == 0);
	(void)close(fd);
	free(path);
	buf_clear(&bytes);
	files_clear(&files);
}

CASE(a_changed_record_file_that_comes_once_is_named)
{
	struct collection *c = three_snapshots("changed");
	struct seen s = { .count = 0 };
	int found = 0;

	change(c, names[1], 0);
	pack(c, "y.tar.gz", one_by_one);
	look_into(&s, "y.tar.gz", 1, 0);
	for (size_t i = 0; i < s.count; i++)
		found |= strcmp(s.findings[i].code, "manifest-digest") == 0 &&
			 strstr(s.findings[i].file, "/records/") != NULL &&
			 text_starts(s.findings[i].file,
			     "y.tar.gz/20261122T082757Z-web/");
	CHECK(found);
	CHECK_INT(s.totals.snapshots, 3);
	seen_clear(&s);
	collection_free(c);
}

CASE(checks_left_out_find_nothing)
{
	struct collection *c = three_snapshots("left");
	struct seen s = { .count = 0 };

	change(c, names[1], 1);
	pack(c, "z.tar.gz", in_turns);
	look_into(&s, "z.tar.gz", 1, UINT32_MAX);
	CHECK_INT(s.totals.files.changed + s.totals.files.damaged, 0);
	seen_clear(&s);
	/* The manifest alone: record files are digested as they pass. */
	s = (struct seen){ .count = 0 };
	look_into(&s, "z.tar.gz", 1, ~(UINT32_C(1) << CHECK_MANIFEST));
	CHECK_INT(s.totals.files.changed, 1);
	CHECK_INT(s.totals.files.records, 0);
	seen_clear(&s);
	collection_free(c);
}

TESTS(T(snapshots_verify_in_any_order_kept_or_once),
    T(a_changed_record_file_that_comes_once_is_named),
    T(checks_left_out_find_nothing))
