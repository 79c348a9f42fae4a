/* Bags: what is complete and valid, and what is not. */
#include "core/archive/bag.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/bag_text.h"
#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define DECLARED "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define OLD      "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"
/* MD5 and SHA-1 of "hello". */
#define HELLO      "5d41402abc4b2a76b9719d911017c592"
#define HELLO_SHA1 "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"

static int
remove_one(void *context, const char *name, int is_regular, struct error *e)
{
	char *path = mem_format("%s/%s", (const char *)context, name);

	(void)is_regular;
	CHECK_OK(file_remove(path, e), e);
	free(path);
	return 0;
}

/* The files; their folders stay. */
static void
remove_all(const char *dir)
{
	static char name[] = "bag";
	struct error e = { 0 };

	if (file_is_dir(dir))
		CHECK_OK(file_walk(dir, remove_one, name, &e), &e);
}

static void
put(const char *name, const char *text)
{
	struct error e = { 0 };
	char *path = mem_format("bag/%s", name);
	char *slash = strrchr(path, '/');

	*slash = '\0';
	CHECK_OK(file_make_dirs(path, &e), &e);
	*slash = '/';
	CHECK_OK(file_put(path, text, strlen(text), &e), &e);
	free(path);
}

/* A bag of two files, each "hello". */
static void
make_bag(const char *declaration)
{
	remove_all("bag");
	put("bagit.txt", declaration);
	put("data/a", "hello");
	put("data/b/c", "hello");
	put("manifest-md5.txt", HELLO "  data/a\n" HELLO "  data/b/c\n");
}

struct heard {
	struct buf text;
	struct verify_totals totals;
	int payloads;
	int reads; /* what each_payload reads of each: -1 nothing, 0 all */
};

static void
hear(void *context, const struct finding *f)
{
	struct heard *h = context;

	buf_format(&h->text, "%s %s %s: %s\n", severity_name(f->severity),
	    f->code, f->file, f->text);
}

static int
take_payload(void *context, const char *name, struct input *in, struct error *e)
{
	struct heard *h = context;
	char bytes[3];
	size_t got = 0;

	h->payloads++;
	CHECK(strstr(name, "data/") != NULL);
	return h->reads < 0 ? 0 : input_read(in, 0, bytes, 3, &got, e);
}

static void
verify(struct heard *h, const char *path, struct bag_options o)
{
	struct tree_options small = { .kept_most = 2000 };
	struct error e = { 0 };
	struct tree *t = NULL;

	buf_reset(&h->text);
	h->totals = (struct verify_totals){ 0 };
	o.each_finding = hear;
	o.context = h;
	CHECK_OK(tree_open(&t, path, &small, &e), &e);
	if (t != NULL)
		CHECK_OK(bag_verify(t, &o, &h->totals, &e), &e);
	tree_free(t);
}

/* What is said of bag/, all of it. */
#define CHECK_SAID(expected)                                   \
	do {                                                   \
		struct heard h_ = { 0 };                       \
		verify(&h_, "bag", (struct bag_options){ 0 }); \
		CHECK_TEXT(buf_text(&h_.text), expected);      \
		buf_clear(&h_.text);                           \
	} while (0)

CASE(a_valid_bag_says_nothing)
{
	make_bag(DECLARED);
	CHECK_SAID("");
	put("tagmanifest-md5.txt", HELLO "  unlisted.txt\n");
	put("unlisted.txt", "hello");
	CHECK_SAID("damage package manifest-md5.txt: is not listed in "
		   "tagmanifest-md5.txt\n");
}

CASE(a_changed_file_is_told_of_by_every_manifest)
{
	make_bag(DECLARED);
	put("manifest-sha1.txt",
	    HELLO_SHA1 "  data/a\n" HELLO_SHA1 "  data/b/c\n");
	CHECK_SAID("");
	put("data/a", "hullo");
	CHECK_SAID("changed resource-digest data/a: md5 differs from that in "
		   "manifest-md5.txt\n"
		   "changed resource-digest data/a: sha1 differs from that in "
		   "manifest-sha1.txt\n");
}

CASE(missing_and_unlisted_files_are_told_once)
{
	make_bag(DECLARED);
	put("manifest-sha1.txt",
	    HELLO_SHA1 "  data/gone\n" HELLO_SHA1 "  data/a\n");
	put("manifest-md5.txt", HELLO "  data/gone\n" HELLO "  data/a\n");
	CHECK_SAID("changed resource-missing data/gone: is listed in "
		   "manifest-md5.txt and missing\n"
		   "changed resource-extra data/b/c: is not listed in "
		   "manifest-md5.txt\n");
}

CASE(every_file_is_in_every_manifest_since_1_0)
{
	make_bag(DECLARED);
	put("manifest-sha1.txt", HELLO_SHA1 "  data/a\n");
	CHECK_SAID("changed resource-extra data/b/c: is not listed in "
		   "manifest-sha1.txt\n");
	put("bagit.txt", OLD);
	CHECK_SAID("");
}

CASE(paths_are_decoded_as_their_version_says)
{
	make_bag(DECLARED);
	put("data/100%", "hello");
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO "  data/100%25\n");
	CHECK_SAID("");
	put("bagit.txt", OLD);
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO "  data/100%\n");
	CHECK_SAID("");
}

CASE(a_line_feed_in_a_name_is_decoded_but_never_looked_for)
{
	struct bag_path p;
	struct error e = { 0 };

	CHECK_OK(bag_path_read(&p, "data/a%0ab%0Dc%25%41", 20, 100, &e), &e);
	CHECK_TEXT(p.text, "data/a\nb\rc%%41");
	CHECK_OK(bag_path_read(&p, "data/a%0ab%0Dc%25%41", 20, 97, &e), &e);
	CHECK_TEXT(p.text, "data/a\nb\rc%25%41");
}

CASE(paths_that_lead_outside_are_refused)
{
	static const char *const paths[] = { "/etc/passwd", "~/x", "~root/x",
		"../x", "data/../../x", "data/..", "C:\\x", "c:/x",
		"\\\\server\\x", "data/a\\b", "", "./", "data//x", "data/./x",
		"data/", "./../x", ".." };
	struct bag_path p;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (bag_path_read(&p, paths[i], strlen(paths[i]), 100, NULL) ==
		    0) {
			printf("# %s\n", paths[i]);
			test_failed = 1;
		}
	CHECK(bag_path_read(&p, "data/a\0b", 8, 100, NULL) != 0);
	CHECK(bag_path_read(&p, "data/~x", 7, 100, NULL) == 0);
	CHECK(bag_path_read(&p, "data/..x", 8, 100, NULL) == 0);
}

CASE(names_and_lines_have_limits)
{
	struct buf b = { 0 };
	struct bag_path p;
	struct error e = { 0 };

	buf_add_text(&b, "data/");
	while (b.len < LIMIT_PACKAGE_NAME)
		buf_add_byte(&b, 'x');
	CHECK_OK(bag_path_read(&p, buf_text(&b), b.len, 100, &e), &e);
	buf_add_byte(&b, 'x');
	CHECK(bag_path_read(&p, buf_text(&b), b.len, 100, &e) != 0);
	CHECK_INT(e.kind, ERROR_LIMIT);
	make_bag(DECLARED);
	while (b.len <= LIMIT_BAG_LINE_BYTES)
		buf_add_byte(&b, 'x');
	buf_add_byte(&b, '\n');
	put("manifest-md5.txt", buf_text(&b));
	CHECK_SAID("damage package manifest-md5.txt: line 1 is longer than "
		   "65536 bytes\n"
		   "changed resource-extra data/a: is not listed in "
		   "manifest-md5.txt\n"
		   "changed resource-extra data/b/c: is not listed in "
		   "manifest-md5.txt\n");
	buf_clear(&b);
}

CASE(nothing_is_fetched)
{
	make_bag(DECLARED);
	put("fetch.txt", "http://127.0.0.1:1/x 5 data/x\n"
			 "http://127.0.0.1:1/a - data/a\n");
	CHECK_SAID("damage package fetch.txt: names \"data/x\", which is in no "
		   "manifest\n");
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO "  data/x\n");
	CHECK_SAID("changed resource-missing data/x: is still to be fetched; "
		   "nothing is fetched here\n");
	put("fetch.txt", "http://h/x 5 data/../../x\nx\nhttp://h/ y data/a\n"
			 "http://h/ 1 bagit.txt\n");
	put("manifest-md5.txt", HELLO "  data/a\n" HELLO "  data/b/c\n");
	CHECK_SAID(
	    "damage package fetch.txt: line 1: path \"data/../../x\" "
	    "leads out of the bag\n"
	    "damage package fetch.txt: line 2: has no absolute address\n"
	    "damage package fetch.txt: line 3: has no length\n"
	    "damage package fetch.txt: line 4 names \"bagit.txt\", which "
	    "is not in data/\n");
}

CASE(payload_oxum_counts_files_and_bytes)
{
	make_bag(DECLARED);
	put("bag-info.txt", "Payload-Oxum: 10.2\n");
	CHECK_SAID("");
	put("bag-info.txt", "payload-oxum: 10.3\n");
	CHECK_SAID("changed resource-digest data: Payload-Oxum says 10 bytes "
		   "in 3 files, there are 10 in 2\n");
	put("bag-info.txt", "Payload-Oxum: ten.2\n");
	CHECK_SAID("damage package bag-info.txt: Payload-Oxum \"ten.2\" is no "
		   "octets.files\n");
	put("bag-info.txt",
	    "Payload-Oxum: 10.2\nPayload-Oxum: 10.2\nBag-Size: 1\n"
	    "Bag-Size: 2\nBagging-Date: today\nContact-Name: a\nContact-Name: "
	    "b\nno element\n");
	CHECK_SAID("warning package bag-info.txt: Payload-Oxum comes twice\n"
		   "warning package bag-info.txt: Bag-Size comes twice\n"
		   "warning package bag-info.txt: Bagging-Date \"today\" is no "
		   "YYYY-MM-DD\n"
		   "damage package bag-info.txt: line 8 is no element\n");
}

CASE(folded_elements_are_one_value)
{
	static const char text[] = "A:  one\r\n  two\r\n\tthree\r\n"
				   "B: four\r\n\r\nC:\r\nD: five";
	struct stream *s = stream_of_bytes(text, sizeof(text) - 1);
	struct bag_lines lines = { 0 };
	struct bag_info info = { .lines = &lines };
	struct buf all = { 0 };
	struct error e = { 0 };

	CHECK_OK(bag_lines_open(&lines, s, "UTF-8", &e), &e);
	while (bag_info_next(&info, &e) == 1)
		buf_format(&all, "[%s=%s]", buf_text(&info.label),
		    buf_text(&info.value));
	CHECK_TEXT(buf_text(&all), "[A=one two three][B=four][C=][D=five]");
	buf_clear(&all);
	bag_info_clear(&info);
	bag_lines_clear(&lines);
	stream_free(s);
}

CASE(the_normal_form_of_a_name_does_not_matter)
{
	/* "e" and an acute accent; U+00E9. */
	make_bag(DECLARED);
	put("data/e\xcc\x81", "hello");
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO "  data/\xc3\xa9\n");
	CHECK_SAID("warning package manifest-md5.txt: names \"data/\xc3\xa9\"; "
		   "there is \"data/e\xcc\x81\"\n");
	put("data/e\xcc\x81", "hullo");
	CHECK_SAID(
	    "warning package manifest-md5.txt: names \"data/\xc3\xa9\"; there "
	    "is \"data/e\xcc\x81\"\nchanged resource-digest data/e\xcc\x81: md5 "
	    "differs from that in manifest-md5.txt\n");
	put("data/\xc3\xa9", "hello");
	put("data/e\xcc\x81", "hello");
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO
		  "  data/\xc3\xa9\n" HELLO "  data/e\xcc\x81\n");
	CHECK_SAID("warning package data/\xc3\xa9: some systems take it for "
		   "\"data/e\xcc\x81\"\n");
}

CASE(a_name_in_another_case_is_another_name_since_1_0)
{
	make_bag(DECLARED);
	put("manifest-md5.txt",
	    HELLO "  data/a\n" HELLO "  data/b/c\n" HELLO "  data/A\n");
	CHECK_SAID("changed resource-missing data/A: is listed in "
		   "manifest-md5.txt and missing\n");
	put("bagit.txt", OLD);
	CHECK_SAID("warning package manifest-md5.txt: names \"data/A\"; there "
		   "is \"data/a\"\n");
	put("manifest-md5.txt", HELLO "  data/A\n" HELLO "  data/b/c\n");
	CHECK_SAID("warning package manifest-md5.txt: names \"data/A\"; there "
		   "is \"data/a\"\n"
		   "changed resource-extra data/a: is not listed in "
		   "manifest-md5.txt\n");
}

CASE(lines_end_in_any_way)
{
	make_bag(DECLARED);
	put("manifest-md5.txt",
	    HELLO "  data/a\r\n" HELLO "\t\tdata/b/c\r" HELLO " data/d");
	put("data/d", "hello");
	CHECK_SAID("");
	put("manifest-md5.txt",
	    "5D41402ABC4B2A76B9719D911017C592  data/a\n\n\n" HELLO
	    "  data/b/c\n" HELLO "  data/d\n");
	CHECK_SAID("");
}

CASE(a_bag_without_a_known_manifest_is_not_valid)
{
	make_bag(DECLARED);
	(void)rename("bag/manifest-md5.txt", "bag/manifest-whirlpool.txt");
	CHECK_SAID("warning resource-digest manifest-whirlpool.txt: whirlpool "
		   "is not known: nothing was compared\n"
		   "damage resource-digest : has no manifest of an algorithm "
		   "that is known\n");
	CHECK(unlink("bag/manifest-whirlpool.txt") == 0);
	CHECK_SAID("damage package : has no manifest\n");
}

/* ---- written, and read in one pass ---- */

enum { FILES = 3, LARGE = 100000 };

static char large[LARGE];
static const struct {
	const char *name, *bytes;
	size_t len;
} payload[FILES] = { { "s/empty", "", 0 }, { "s/large", large, LARGE },
	{ "s/one", "1", 1 } };

static int
write_bag(const char *path, const struct package *kind, const char *folder,
    struct error *e)
{
	static const struct bag_field fields[] = {
		{ "Source-Organization", "Example" },
		{ "Contact-Email", "" },
		{ "External-Description",
		    "so many words that they do not go into one line of at "
		    "most seventy-nine columns" },
	};
	const struct package_options o = { .time_us = 1795336067000000,
		.kind = kind };
	struct package_writer *to = NULL;
	struct bag_writer *w = NULL;
	int rc;

	memset(large, 'x', LARGE);
	if (package_create(&to, path, &o, e) != 0)
		return -1;
	rc = bag_begin(&w, to, folder, fields, 3, FILES, LARGE + 1, e);
	for (size_t i = 0; rc == 0 && i < FILES; i++) {
		struct stream *s = stream_of_bytes(
		    payload[i].bytes, payload[i].len);
		char hex[DIGEST_TEXT_MAX];

		digest_text(
		    DIGEST_SHA256, payload[i].bytes, payload[i].len, hex);
		rc = bag_put(w, payload[i].name, payload[i].len, s,
		    i == 1 ? strchr(hex, ':') + 1 : NULL, e);
		stream_free(s);
	}
	if (rc == 0)
		rc = bag_end(w, e);
	bag_free(w);
	if (rc == 0)
		return package_finish(to, e);
	package_abandon(to);
	return -1;
}

CASE(what_is_written_is_valid_in_every_container)
{
	static const char *const paths[] = { "w.tar", "w.tar.gz", "w.tar.zst",
		"w.zip", "folder" };
	struct heard h = { 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int folder = strcmp(paths[i], "folder") == 0;
		const struct package *kind = package_named(paths[i]);

		if (!folder && (kind == NULL || kind->begin == NULL))
			continue;

		CHECK_OK(write_bag(paths[i], folder ? &package_folder : NULL,
			     folder ? "" : "w", &e),
		    &e);
		h.payloads = 0;
		h.reads = -1;
		verify(&h, paths[i],
		    (struct bag_options){ .each_payload = take_payload });
		CHECK_TEXT(buf_text(&h.text), "");
		CHECK_INT(h.payloads, FILES);
		h.reads = 0;
		verify(&h, paths[i],
		    (struct bag_options){ .each_payload = take_payload });
		CHECK_TEXT(buf_text(&h.text), "");
		verify(&h, paths[i],
		    (struct bag_options){ .completeness_only = 1 });
		CHECK_TEXT(buf_text(&h.text), "");
	}
	buf_clear(&h.text);
}

CASE(equal_calls_give_equal_bytes)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(write_bag("a.tar", NULL, "w", &e), &e);
	CHECK_OK(write_bag("b.tar", NULL, "w", &e), &e);
	CHECK_OK(file_get("a.tar", &a, 1 << 20, &e), &e);
	CHECK_OK(file_get("b.tar", &b, 1 << 20, &e), &e);
	CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	buf_clear(&a);
	buf_clear(&b);
}

CASE(a_bag_in_a_folder_of_a_tar_is_found_there)
{
	struct error e = { 0 };
	struct tree *t = NULL;
	size_t root = 0;

	CHECK_OK(write_bag("in.tar", NULL, "w", &e), &e);
	CHECK_OK(tree_open(&t, "in.tar", NULL, &e), &e);
	CHECK(bag_is(t, &root));
	CHECK_INT(root, 2);
	tree_free(t);
}

CASE(names_that_programs_read_differently_are_not_written)
{
	const struct package_options o = { .time_us = 0 };
	struct package_writer *to = NULL;
	struct bag_writer *w = NULL;
	struct stream *s = stream_of_bytes("1", 1);
	const struct bag_field bad = { "A", "one\nB: two" };
	struct error e = { 0 };

	CHECK_OK(package_create(&to, "n.tar", &o, &e), &e);
	CHECK(bag_begin(&w, to, "w", &bad, 1, 1, 1, &e) != 0);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK_OK(bag_begin(&w, to, "w", NULL, 0, 1, 1, &e), &e);
	CHECK(bag_put(w, "a%25", 1, s, NULL, &e) != 0);
	CHECK(bag_put(w, "a\nb", 1, s, NULL, &e) != 0);
	CHECK(bag_put(w, "two", 2, s, NULL, &e) != 0);
	CHECK(bag_end(w, &e) != 0);
	CHECK_INT(e.kind, ERROR_USAGE);
	bag_free(w);
	package_abandon(to);
	stream_free(s);
	CHECK(!file_exists("n.tar") && !file_exists("n.tar.tmp"));
}

TESTS(T(a_valid_bag_says_nothing),
    T(a_changed_file_is_told_of_by_every_manifest),
    T(missing_and_unlisted_files_are_told_once),
    T(every_file_is_in_every_manifest_since_1_0),
    T(paths_are_decoded_as_their_version_says),
    T(a_line_feed_in_a_name_is_decoded_but_never_looked_for),
    T(paths_that_lead_outside_are_refused), T(names_and_lines_have_limits),
    T(nothing_is_fetched), T(payload_oxum_counts_files_and_bytes),
    T(folded_elements_are_one_value),
    T(the_normal_form_of_a_name_does_not_matter),
    T(a_name_in_another_case_is_another_name_since_1_0),
    T(lines_end_in_any_way), T(a_bag_without_a_known_manifest_is_not_valid),
    T(what_is_written_is_valid_in_every_container),
    T(equal_calls_give_equal_bytes),
    T(a_bag_in_a_folder_of_a_tar_is_found_there),
    T(names_that_programs_read_differently_are_not_written))
