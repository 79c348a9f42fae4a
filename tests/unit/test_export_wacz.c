/* Names and parts of a WACZ: no two alike, nothing cut, nothing lost. */
#include "core/collection/export_wacz_part.h"

#include <strings.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/sort.h"
#include "tests/test.h"

struct row {
	const char *snapshot, *name;
	enum export_role role;
	uint64_t size;
	size_t number;
	const char *path;     /* expected */
	unsigned first, last; /* expected */
};

static void
check_rows(const struct row *rows, size_t count, uint64_t split, unsigned parts)
{
	struct export_plan p = { .count = 0 };
	struct wacz_names n = { 0 };
	const struct export_source none = { .path = "" };

	for (size_t i = 0; i < count; i++) {
		const struct export_file f = { .snapshot = rows[i].snapshot,
			.name = rows[i].name,
			.role = rows[i].role,
			.size = rows[i].size,
			.number = rows[i].number };

		export_plan_add(&p, &f, &none);
	}
	wacz_names_make(&n, &p, split);
	CHECK_INT(n.parts, parts);
	for (size_t i = 0; i < count; i++) {
		const struct wacz_entry *x = &n.entries[i];
		const struct export_file *file = &p.files[i];

		CHECK_TEXT(x->path, rows[i].path);
		CHECK_INT(x->first, rows[i].first);
		CHECK_INT(x->last, rows[i].last);
		CHECK(wacz_names_find(&n, &p, file, rows[i].name) == x);
		for (size_t k = 0; k < i; k++)
			CHECK(strcasecmp(x->path, n.entries[k].path) != 0);
	}
	if (count > 0)
		CHECK(wacz_names_find(&n, &p, p.files, "none") == NULL);
	wacz_names_clear(&n);
	free(p.files);
	free(p.sources);
}

#define ROWS(rows, split, parts) \
	check_rows(rows, sizeof(rows) / sizeof((rows)[0]), split, parts)

CASE(records_lie_in_archive_all_else_one_folder_deep)
{
	static const struct row rows[] = {
		{ "S", "about/ARCHIVING.md", EXPORT_OTHER, 1, 0,
		    "S/about.ARCHIVING.md", 1, 1 },
		{ "S", "articles.jsonl", EXPORT_ARTICLES, 1, 0,
		    "S/articles.jsonl.sealed", 1, 1 },
		{ "S", "derived/a-1.warc.gz", EXPORT_DERIVED, 1, 0,
		    "archive/a-1.derived.warc.gz", 1, 1 },
		{ "S", "index.cdxj", EXPORT_INDEX, 1, 0, "S/index.cdxj.sealed",
		    1, 1 },
		{ "S", "manifest-sha256.txt", EXPORT_MANIFEST, 1, 0,
		    "S/manifest-sha256.txt", 1, 1 },
		{ "S", "profiles/a/b-1.site", EXPORT_OTHER, 1, 0,
		    "S/profiles.a.b-1.site", 1, 1 },
		{ "S", "records/a-1.warc.gz", EXPORT_RECORDS, 1, 0,
		    "archive/a-1.warc.gz", 1, 1 },
		{ "S", "report.json", EXPORT_REPORT, 1, 0,
		    "S/report.json.sealed", 1, 1 },
	};

	ROWS(rows, 0, 1);
}

CASE(no_two_names_are_alike_whatever_the_case)
{
	static const struct row rows[] = {
		{ "A.b", "derived/x.warc.gz", EXPORT_DERIVED, 1, 0,
		    "archive/x.derived.warc.gz", 1, 1 },
		{ "A.b", "records/X.warc.gz", EXPORT_RECORDS, 1, 0,
		    "archive/X.warc.gz", 1, 1 },
		{ "A.b", "records/x.derived.warc.gz", EXPORT_RECORDS, 1, 0,
		    "archive/A.b.x.derived.warc.gz", 1, 1 },
		{ "A.b", "t/u.txt", EXPORT_OTHER, 1, 0, "A_b/t.u.txt", 1, 1 },
		{ "B", "records/x.warc.gz", EXPORT_RECORDS, 1, 1,
		    "archive/B.x.warc.gz", 1, 1 },
		{ "C", "records/a/x.warc.gz", EXPORT_RECORDS, 1, 2,
		    "archive/C.x.warc.gz", 1, 1 },
		{ "C", "records/b/x.warc.gz", EXPORT_RECORDS, 1, 2,
		    "archive/6.C.x.warc.gz", 1, 1 },
		{ "a.b", "t.u.txt", EXPORT_OTHER, 1, 3, "a_b/a.b.t.u.txt", 1,
		    1 },
	};

	ROWS(rows, 0, 1);
}

CASE(files_are_found_where_one_name_begins_as_another)
{
	static const struct row rows[] = {
		{ "T-web-2", "index.cdxj", EXPORT_INDEX, 1, 0,
		    "T-web-2/index.cdxj.sealed", 1, 1 },
		{ "T-web-2", "records/a.warc.gz", EXPORT_RECORDS, 1, 0,
		    "archive/a.warc.gz", 1, 1 },
		{ "T-web", "index.cdxj", EXPORT_INDEX, 1, 1,
		    "T-web/index.cdxj.sealed", 1, 1 },
		{ "T-web", "records/b.warc.gz", EXPORT_RECORDS, 1, 1,
		    "archive/b.warc.gz", 1, 1 },
	};

	ROWS(rows, 0, 1);
}

CASE(a_snapshot_that_fits_is_not_cut)
{
	static const struct row rows[] = {
		{ "A", "manifest-sha256.txt", EXPORT_MANIFEST, 10, 0,
		    "A/manifest-sha256.txt", 1, 1 },
		{ "A", "records/a.warc.gz", EXPORT_RECORDS, 50, 0,
		    "archive/a.warc.gz", 1, 1 },
		{ "B", "manifest-sha256.txt", EXPORT_MANIFEST, 10, 1,
		    "B/manifest-sha256.txt", 2, 2 },
		{ "B", "records/b.warc.gz", EXPORT_RECORDS, 50, 1,
		    "archive/b.warc.gz", 2, 2 },
		{ "C", "manifest-sha256.txt", EXPORT_MANIFEST, 10, 2,
		    "C/manifest-sha256.txt", 2, 2 },
		{ "C", "records/c.warc.gz", EXPORT_RECORDS, 30, 2,
		    "archive/c.warc.gz", 2, 2 },
	};

	ROWS(rows, 100, 2);
}

CASE(a_larger_one_is_cut_between_files_and_proved_in_each_part)
{
	static const struct row rows[] = {
		{ "A", "derived/a.warc.gz", EXPORT_DERIVED, 20, 0,
		    "archive/a.derived.warc.gz", 1, 1 },
		{ "A", "index.cdxj", EXPORT_INDEX, 10, 0, "A/index.cdxj.sealed",
		    1, 1 },
		{ "A", "manifest-sha256.txt", EXPORT_MANIFEST, 10, 0,
		    "A/manifest-sha256.txt", 1, 3 },
		{ "A", "records/1.warc.gz", EXPORT_RECORDS, 500, 0,
		    "archive/1.warc.gz", 1, 1 },
		{ "A", "records/2.warc.gz", EXPORT_RECORDS, 60, 0,
		    "archive/2.warc.gz", 2, 2 },
		{ "A", "records/3.warc.gz", EXPORT_RECORDS, 40, 0,
		    "archive/3.warc.gz", 2, 2 },
		{ "A", "records/4.warc.gz", EXPORT_RECORDS, 1, 0,
		    "archive/4.warc.gz", 3, 3 },
		{ "A", "report.json", EXPORT_REPORT, 10, 0,
		    "A/report.json.sealed", 1, 3 },
	};

	ROWS(rows, 100, 3);
}

CASE(nothing_at_all_is_one_part)
{
	check_rows(NULL, 0, 0, 1);
}

/* "1>2 " for each pair. */
static int
note(void *context, unsigned other, struct error *e)
{
	struct buf *b = context;

	(void)e;
	buf_format(b, "%u ", other);
	return 0;
}

CASE(a_part_needs_those_that_hold_what_its_revisits_repeat)
{
	static const char *const expected[] = { "", "1 ", "1 2 ", "" };
	struct sorter *digests = sorter_new(1 << 20, ".");
	struct sorter *needs = sorter_new(1 << 20, ".");
	struct error e = { 0 };

	/* a is in 1, 4; b in 2; c nowhere. */
	CHECK_OK(wacz_needs_add(digests, "sha256:a", 1, 4, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:a", 0, 4, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:b", 1, 3, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:b", 1, 3, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:c", 1, 1, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:b", 0, 2, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:b", 1, 2, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:d", 1, 2, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:d", 1, 3, &e), &e);
	CHECK_OK(wacz_needs_add(digests, "sha256:d", 0, 1, &e), &e);
	CHECK_OK(wacz_needs_join(digests, needs, &e), &e);
	for (unsigned part = 1; part <= 4; part++) {
		struct buf b = { 0 };

		CHECK_OK(wacz_needs_part(needs, part, note, &b, &e), &e);
		CHECK_TEXT(buf_text(&b), expected[part - 1]);
		buf_clear(&b);
	}
	sorter_free(needs);
	sorter_free(digests);
}

TESTS(T(records_lie_in_archive_all_else_one_folder_deep),
    T(no_two_names_are_alike_whatever_the_case),
    T(files_are_found_where_one_name_begins_as_another),
    T(a_snapshot_that_fits_is_not_cut),
    T(a_larger_one_is_cut_between_files_and_proved_in_each_part),
    T(nothing_at_all_is_one_part),
    T(a_part_needs_those_that_hold_what_its_revisits_repeat))
