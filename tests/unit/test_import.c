/* Imports: several segments, sums, repeats, and nothing left when cut off. */
#include "core/collection/import.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/collection/rebuild.h"
#include "core/collection/verify_collection.h"

/* Here the index is the real one. */
#define index_add fixture_index_add
#include "tests/unit/snapshot_fixture.h"
#undef index_add

/* A plain record file of COUNT responses from number FROM on; every tenth URL
 * is that of the one before. */
static void
write_file(const char *path, unsigned from, unsigned count, const char *more)
{
	struct buf out = { 0 };
	struct error e = { 0 };

	for (unsigned n = from; n < from + count; n++) {
		char *block = mem_format("HTTP/1.1 %s\r\nContent-Type: "
					 "text/html\r\n\r\npage %u of many\n",
		    n % 7 == 0 ? "404 Not Found" : "200 OK", n);

		buf_format(&out,
		    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: "
		    "<urn:uuid:00000000-0000-4000-8000-%012u>\r\nWARC-Date: "
		    "2020-01-02T03:04:05Z\r\nWARC-Target-URI: "
		    "http://a.example/%u\r\nContent-Type: "
		    "application/http; msgtype=response\r\nContent-Length: "
		    "%zu\r\n\r\n%s\r\n\r\n",
		    n, n % 10 == 9 ? n - 1 : n, strlen(block), block);
		free(block);
	}
	buf_add_text(&out, more);
	(void)file_remove(path, NULL);
	CHECK_OK(file_put(path, out.data, out.len, &e), &e);
	buf_clear(&out);
}

static int
count_open(const char *dir)
{
	struct file_names sealed;
	struct file_names open;
	struct file_names journals;
	struct collection *c = NULL;
	int count;

	if (collection_open(&c, dir, NULL) != 0 ||
	    collection_snapshots(c, &sealed, &open, NULL) != 0 ||
	    collection_journals(c, &journals, NULL) != 0) {
		CHECK(0);
		return -1;
	}
	count = (int)(open.count + journals.count);
	file_names_clear(&sealed);
	file_names_clear(&open);
	file_names_clear(&journals);
	collection_free(c);
	return count;
}

static void
say_finding(void *context, const struct finding *f)
{
	(void)context;
	printf("# %s %s %s %s\n", severity_name(f->severity), f->code, f->file,
	    f->text);
}

static void
check_sound(const struct collection *c)
{
	const struct verify_collection_options o = {
		.each_finding = say_finding
	};
	struct verify_collection_totals t = { 0 };
	struct error e = { 0 };

	CHECK_OK(verify_collection(c, &o, &t, &e), &e);
	CHECK_INT(t.files.notes + t.files.warnings + t.files.damaged +
		      t.files.changed,
	    0);
}

CASE(several_segments_and_files_give_one_sound_snapshot)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("c");
	char a[] = "a.warc";
	char b[] = "b.warc";
	char *objects[] = { a, b };
	const struct import_options o = { .site = "import",
		.operator= "me",
		.contact = "",
		.objects = objects,
		.object_count = 2,
		.segment_bytes = 4096 };
	struct rebuild_report again = { 0 };
	struct import_result r;
	struct error e = { 0 };

	write_file("a.warc", 0, 300, "");
	write_file("b.warc", 290, 210, "");
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.file_count, 2);
	CHECK_INT(r.files[0].copied, 300);
	CHECK_INT(r.files[1].copied, 200);
	CHECK_INT(r.files[1].repeated, 10);
	/* One of ten URLs has two captures and one line. */
	CHECK_INT(r.totals.targets, 450);
	CHECK_INT(r.totals.targets,
	    r.totals.good + r.totals.failed + r.totals.left_out);
	CHECK(r.totals.records > 503); /* several warcinfo records */
	check_sound(c);
	CHECK_OK(
	    rebuild(c, REBUILD_INDEX | REBUILD_STATE, NULL, NULL, &again, &e),
	    &e);
	CHECK_INT(again.differ, 0);
	check_sound(c);
	import_result_clear(&r);
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.already, 2);
	CHECK_TEXT(r.dir, "");
	import_result_clear(&r);
	collection_free(c);
}

enum change { CHANGE_NOTHING, CHANGE_BYTE, CHANGE_LENGTH };

/* Between the two readings, in place. */
static void
change_file(void *context, const char *name, int copying)
{
	const enum change *change = context;
	int fd;

	if (!copying || *change == CHANGE_NOTHING)
		return;
	fd = file_open_write(name, NULL);
	CHECK(fd >= 0);
	if (*change == CHANGE_BYTE)
		CHECK(file_write_at(fd, "X", 1, 230, NULL) == 0);
	else
		CHECK(file_truncate(fd, 700, NULL) == 0);
	(void)close(fd);
}

CASE(a_file_that_changes_in_between_leaves_nothing)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("x");
	char name[] = "x.warc";
	char *objects[] = { name };
	enum change change;
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1,
		.progress = change_file,
		.context = &change };
	struct import_result r;
	struct error e = { 0 };

	for (change = CHANGE_BYTE; change <= CHANGE_LENGTH; change++) {
		write_file("x.warc", 0, 5, "");
		CHECK_INT(import_run(c, &o, &clock.clock, &r, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		import_result_clear(&r);
		CHECK_INT(count_open("x"), 0);
		error_clear(&e);
	}
	write_file("x.warc", 0, 5, "");
	change = CHANGE_NOTHING;
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	import_result_clear(&r);
	check_sound(c);
	collection_free(c);
}

static void
stop_now(void *context, const char *name, int copying)
{
	(void)name;
	if (copying)
		*(volatile sig_atomic_t *)context = 1;
}

CASE(a_stopped_import_leaves_nothing)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("s");
	char name[] = "s.warc";
	char *objects[] = { name };
	volatile sig_atomic_t stop = 0;
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1,
		.stop = &stop,
		.progress = stop_now,
		.context = (void *)&stop };
	struct import_result r;
	struct error e = { 0 };

	write_file("s.warc", 0, 50, "");
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.stopped, 1);
	CHECK_TEXT(r.dir, "");
	CHECK_INT(count_open("s"), 0);
	import_result_clear(&r);
	collection_free(c);
}

CASE(every_failed_write_leaves_nothing_or_all)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("w");
	char name[] = "w.warc";
	char *objects[] = { name };
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1,
		.segment_bytes = 1000 };
	struct recover_report recovered;
	struct import_result r;
	struct error e = { 0 };
	long n;
	int rc = -1;

	write_file("w.warc", 0, 20, "");
	for (n = 1; rc != 0 && n < 500; n++) {
		file_fail_at(n);
		rc = import_run(c, &o, &clock.clock, &r, &e);
		file_fail_at(0);
		import_result_clear(&r);
		error_clear(&e);
		CHECK_OK(
		    collection_recover(c, &clock.clock, NULL, &recovered, &e),
		    &e);
		CHECK_INT(count_open("w"), 0);
		clock.us += 1000000;
		/* It was sealed all but for the last steps. */
		if (rc != 0) {
			const struct import_options dry = {
				.site = "import",
				.operator= "",
				.contact = "",
				.objects = objects,
				.object_count = 1,
				.dry_run = 1,
			};

			CHECK_OK(import_run(c, &dry, &clock.clock, &r, &e), &e);
			rc = r.already == 1 ? 0 : -1;
			import_result_clear(&r);
		}
	}
	printf("# %ld writes failed\n", n);
	CHECK_INT(rc, 0);
	check_sound(c);
	collection_free(c);
}

CASE(records_without_id_date_or_with_anothers_id_are_left_out)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("u");
	char name[] = "u.warc";
	char *objects[] = { name };
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1 };
	struct import_result r;
	struct error e = { 0 };

	write_file("u.warc", 0, 3,
	    "WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Date: "
	    "2020-01-01T00:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
	    "WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Date: never\r\n"
	    "WARC-Record-ID: <urn:x:1>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
	    "WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Date: "
	    "2020-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-"
	    "4000-8000-000000000001>\r\nContent-Length: 0\r\n\r\n\r\n\r\n");
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.unfit, 3);
	CHECK_INT(r.copied, 3);
	check_sound(c);
	import_result_clear(&r);
	collection_free(c);
}

/* One record with a block, as text. */
static char *
record(const char *type, unsigned n, const char *fields, const char *block)
{
	char digest[DIGEST_TEXT_MAX];

	digest_text(DIGEST_SHA256, block, strlen(block), digest);
	return mem_format("WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: "
			  "<urn:uuid:00000000-0000-4000-8000-%012u>\r\n"
			  "WARC-Date: 2020-01-02T03:04:05Z\r\n%s"
			  "WARC-Block-Digest: %s\r\nContent-Length: %zu\r\n"
			  "\r\n%s\r\n\r\n",
	    type, n, fields, digest, strlen(block), block);
}

#define ARTICLE_FIELDS(page)                                              \
	"WARC-Target-URI: urn:holdfast:article:x\r\n"                     \
	"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-" page ">\r\n" \
	"Content-Type: application/vnd.holdfast.article+json\r\n"

#define ARTICLE_BLOCK(page)                                         \
	"{\"article\":{\"article_id\":\"x:1\",\"headline\":\"h\"}," \
	"\"binding\":{\"response_record\":"                         \
	"\"urn:uuid:00000000-0000-4000-8000-" page "\"}}"

CASE(articles_are_listed_and_those_without_page_are_told)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("d");
	char name[] = "d.warc";
	char *objects[] = { name };
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1 };
	char *parts[] = {
		record("metadata", 500, ARTICLE_FIELDS("000000000001"),
		    ARTICLE_BLOCK("000000000001")),
		record("metadata", 501, ARTICLE_FIELDS("000000009999"),
		    ARTICLE_BLOCK("000000009999")),
		/* bound to another page, two lines, no article, no metadata */
		record("metadata", 502, ARTICLE_FIELDS("000000000001"),
		    ARTICLE_BLOCK("000000000002")),
		record("metadata", 503, ARTICLE_FIELDS("000000000001"),
		    "{\"article\":{},\n\"binding\":{}}"),
		record("metadata", 504, ARTICLE_FIELDS("000000000001"), "{}"),
		record("resource", 505, ARTICLE_FIELDS("000000000001"),
		    ARTICLE_BLOCK("000000000001")),
	};
	struct buf more = { 0 };
	struct buf listed = { 0 };
	struct import_result r;
	struct error e = { 0 };
	char *path;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_add_text(&more, parts[i]);
		free(parts[i]);
	}
	write_file("d.warc", 0, 3, buf_text(&more));
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.copied, 5);
	CHECK_INT(r.unfit, 4);
	CHECK_INT(r.articles, 2);
	CHECK_INT(r.orphans, 1);
	CHECK_INT(r.totals.articles, 2);
	path = mem_format("%s/articles.jsonl", r.dir);
	CHECK_OK(file_get(path, &listed, 1 << 20, &e), &e);
	CHECK_TEXT(
	    buf_text(&listed), ARTICLE_BLOCK("000000000001") "\n" ARTICLE_BLOCK(
				   "000000009999") "\n");
	free(path);
	buf_clear(&listed);
	buf_clear(&more);
	import_result_clear(&r);
	collection_free(c);
}

CASE(what_the_collection_has_is_not_copied_again_and_others_are_refused)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("h");
	char name[] = "h.warc";
	char *objects[] = { name };
	const struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1 };
	struct buf text = { 0 };
	struct import_result r;
	struct error e = { 0 };

	write_file("h.warc", 0, 20, "");
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.copied, 20);
	import_result_clear(&r);
	clock.us += 1000000;
	/* Five more; the blocks say nothing of their digests. */
	write_file("h.warc", 0, 25, "");
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.copied, 5);
	CHECK_INT(r.known, 20);
	CHECK_INT(r.unfit, 0);
	import_result_clear(&r);
	clock.us += 1000000;
	/* A byte of one block is another. */
	CHECK_OK(file_get("h.warc", &text, 1 << 20, &e), &e);
	memcpy(strstr((char *)text.data, "page 3 "), "pAge", 4);
	(void)file_remove("h.warc", NULL);
	CHECK_OK(file_put("h.warc", text.data, text.len, &e), &e);
	CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
	CHECK_INT(r.copied, 0);
	CHECK_INT(r.known, 24);
	CHECK_INT(r.unfit, 1);
	CHECK_TEXT(r.dir, "");
	check_sound(c);
	import_result_clear(&r);
	buf_clear(&text);
	collection_free(c);
}

CASE(every_failed_write_of_a_folder_leaves_nothing_or_all)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("wf");
	char name[] = "folder";
	char *objects[] = { name };
	struct import_options o = { .site = "import",
		.operator= "",
		.contact = "",
		.objects = objects,
		.object_count = 1,
		.base_url = "http://a.example/",
		.segment_bytes = 1000 };
	struct recover_report recovered;
	struct import_result r;
	struct error e = { 0 };
	long n;
	int rc = -1;

	CHECK_OK(file_make_dirs("folder/sub", &e), &e);
	for (unsigned i = 0; i < 12; i++) {
		char *path = mem_format("folder/sub/%u.txt", i);

		CHECK_OK(file_put(path, path, strlen(path), &e), &e);
		free(path);
	}
	for (n = 1; rc != 0 && n < 300; n++) {
		o.dry_run = 0;
		file_fail_at(n);
		rc = import_run(c, &o, &clock.clock, &r, &e);
		file_fail_at(0);
		import_result_clear(&r);
		error_clear(&e);
		CHECK_OK(
		    collection_recover(c, &clock.clock, NULL, &recovered, &e),
		    &e);
		CHECK_INT(count_open("wf"), 0);
		clock.us += 1000000;
		if (rc != 0) {
			o.dry_run = 1;
			CHECK_OK(import_run(c, &o, &clock.clock, &r, &e), &e);
			rc = r.already == 1 ? 0 : -1;
			import_result_clear(&r);
		}
	}
	printf("# %ld writes failed\n", n);
	CHECK_INT(rc, 0);
	check_sound(c);
	collection_free(c);
}

TESTS(T(several_segments_and_files_give_one_sound_snapshot),
    T(a_file_that_changes_in_between_leaves_nothing),
    T(a_stopped_import_leaves_nothing),
    T(every_failed_write_leaves_nothing_or_all),
    T(records_without_id_date_or_with_anothers_id_are_left_out),
    T(articles_are_listed_and_those_without_page_are_told),
    T(what_the_collection_has_is_not_copied_again_and_others_are_refused),
    T(every_failed_write_of_a_folder_leaves_nothing_or_all))
