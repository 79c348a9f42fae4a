/* The 60 bags of the conformance suite of the Library of Congress, judged as
 * it says; those that only one system can be fooled by are refused by us on
 * any. No file that a bag names outside of itself is opened. */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/bag.h"
#include "core/archive/tree.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/test.h"

#define SUITE "LibraryOfCongress__bagit-conformance-suite"

struct judged {
	struct verify_totals totals;
	struct buf said;
};

static void
keep_finding(void *context, const struct finding *f)
{
	struct judged *j = context;

	buf_format(&j->said, "# %s %s %s: %s\n", severity_name(f->severity),
	    f->code, f->file, f->text);
}

static void
judge(struct judged *j, const char *path, int completeness_only)
{
	struct bag_options o = { .each_finding = keep_finding,
		.context = j,
		.completeness_only = completeness_only };
	struct error e = { 0 };
	struct tree *t = NULL;

	CHECK_OK(tree_open(&t, path, NULL, &e), &e);
	if (t != NULL)
		CHECK_OK(bag_verify(t, &o, &j->totals, &e), &e);
	tree_free(t);
}

static int
is_refused(const struct judged *j)
{
	return j->totals.damaged + j->totals.changed > 0;
}

enum wanted { ACCEPTED, WARNED, REFUSED };

/* Each bag in the folder; how many. */
static int
judge_all(const char *version, const char *folder, enum wanted wanted)
{
	char *dir = mem_format(
	    "%s/" SUITE "/%s/%s", getenv("CORPORA"), version, folder);
	struct file_names names = { 0 };
	struct error e = { 0 };
	int count = 0;

	CHECK_OK(file_list(dir, &names, &e), &e);
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", dir, names.names[i]);
		struct judged j = { 0 };

		if (file_is_dir(path)) {
			judge(&j, path, 0);
			if (is_refused(&j) != (wanted == REFUSED) ||
			    (wanted == WARNED && j.totals.warnings == 0)) {
				printf("# %s/%s/%s\n%s", version, folder,
				    names.names[i], buf_text(&j.said));
				test_failed = 1;
			}
			count++;
		}
		buf_clear(&j.said);
		free(path);
	}
	file_names_clear(&names);
	free(dir);
	return count;
}

#define NEED_CORPORA()                              \
	do {                                        \
		if (getenv("CORPORA") == NULL)      \
			SKIP("CORPORA is not set"); \
	} while (0)

CASE(valid_bags_of_every_version_are_accepted)
{
	static const char *const versions[] = { "v0.93", "v0.94", "v0.95",
		"v0.96", "v0.97", "v1.0" };
	int count = 0;

	NEED_CORPORA();
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		count += judge_all(versions[i], "valid", ACCEPTED);
	CHECK_INT(count, 27);
}

CASE(bags_that_deserve_a_warning_get_one)
{
	NEED_CORPORA();
	CHECK_INT(judge_all("v0.97", "warning", WARNED), 6);
}

CASE(invalid_bags_are_refused)
{
	NEED_CORPORA();
	CHECK_INT(judge_all("v0.97", "invalid", REFUSED) +
		      judge_all("v1.0", "invalid", REFUSED),
	    15);
}

CASE(bags_that_lead_outside_are_refused_on_any_system)
{
	NEED_CORPORA();
	CHECK_INT(judge_all("v0.97", "linux-only", REFUSED), 6);
	CHECK_INT(judge_all("v0.97", "windows-only", REFUSED), 6);
}

static int
refused_for(const char *bag, const char *reason)
{
	char *path = mem_format("%s/" SUITE "/%s", getenv("CORPORA"), bag);
	struct judged j = { 0 };
	int found;

	judge(&j, path, 0);
	found = strstr(buf_text(&j.said), reason) != NULL;
	if (!found)
		printf("# %s: no \"%s\"\n%s", bag, reason, buf_text(&j.said));
	buf_clear(&j.said);
	free(path);
	return found;
}

CASE(the_reason_is_the_right_one)
{
	NEED_CORPORA();
#define V "v0.97/invalid/"
	CHECK(refused_for(V "bom-in-bagit.txt", "byte order mark"));
	CHECK(refused_for(V "missing-bagit.txt", "bagit.txt: is missing"));
	CHECK(refused_for(V "invalid-version-number", "\".97\" is not known"));
	CHECK(
	    refused_for(V "missing-baginfo", "resource-missing bag-info.txt"));
	CHECK(refused_for(V "baginfo-missing-encoding", "Encoding"));
	CHECK(refused_for(V "corrupt-data-file",
	    "resource-digest data/bare-filename: md5 differs"));
	CHECK(refused_for(V "corrupt-tag-file", "resource-digest bag"));
	CHECK(refused_for(V "extra-file-in-bag", "resource-extra data/bar"));
	CHECK(refused_for(V "out-of-scope-file-paths-using-dot-notation",
	    "\"../../../README.md\" leads out of the bag"));
	CHECK(refused_for(V
	    "out-of-scope-file-paths-using-dot-notation-for-fetch",
	    "leads out of the bag"));
	CHECK(refused_for(V "same-filename-listed-twice-with-different-hashes",
	    "twice, with different digests"));
#undef V
	CHECK(refused_for("v1.0/invalid/bagit-with-invalid-whitespace",
	    "blanks where none may be"));
	CHECK(refused_for("v1.0/invalid/notAllManifestsListAllFiles",
	    "data/missingFromManifest.txt: is not listed"));
	CHECK(refused_for(
	    "v1.0/invalid/same-filename-listed-twice-with-the-same-hash",
	    "twice"));
	CHECK(refused_for("v0.97/linux-only/out-of-scope-file-paths-using-"
			  "shortcut-username-for-fetch",
	    "\"~root/foo\" leads out"));
	CHECK(refused_for("v0.97/windows-only/out-of-scope-file-paths-using-"
			  "absolute-path-for-fetch",
	    "leads out of the bag (a drive)"));
}

static void
copy_file(const char *from, const char *to, const char *name)
{
	char *source = mem_format("%s/%s", from, name);
	char *target = mem_format("%s/%s", to, name);
	struct buf bytes = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_get(source, &bytes, 1 << 20, &e), &e);
	CHECK_OK(file_put(target, bytes.data, bytes.len, &e), &e);
	buf_clear(&bytes);
	free(source);
	free(target);
}

/* How many times something named README.md or foo was opened. */
static int
opened(int watch)
{
	_Alignas(struct inotify_event) char events[8192];
	ssize_t len = read(watch, events, sizeof(events));
	int count = 0;

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *i = (const void *)(events + at);

		count += i->len > 0 && (strcmp(i->name, "README.md") == 0 ||
					   strcmp(i->name, "foo") == 0 ||
					   strcmp(i->name, "test.txt") == 0);
		at += (ssize_t)(sizeof(*i) + i->len);
	}
	return count;
}

CASE(nothing_outside_is_touched)
{
	static const char *const files[] = { "bagit.txt", "bag-info.txt",
		"manifest-md5.txt", "tagmanifest-md5.txt", "data/bare-filename",
		"data/text-file.txt" };
	struct error e = { 0 };
	struct judged j = { 0 };
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	NEED_CORPORA();
	char *from = mem_format("%s/" SUITE "/v0.97/invalid/"
				"out-of-scope-file-paths-using-dot-notation",
	    getenv("CORPORA"));

	CHECK_OK(file_make_dirs("top/b/c/bag/data", &e), &e);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		copy_file(from, "top/b/c/bag", files[i]);
	CHECK_OK(file_put("top/README.md", "here", 4, &e), &e);
	CHECK(inotify_add_watch(watch, "top", IN_OPEN | IN_CREATE) >= 0);
	CHECK(inotify_add_watch(watch, "/tmp", IN_OPEN | IN_CREATE) >= 0);
	judge(&j, "top/b/c/bag", 0);
	CHECK(is_refused(&j));
	CHECK_INT(opened(watch), 0);
	/* The watch does see it when somebody looks. */
	int fd = open("top/README.md", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_INT(opened(watch), 1);
	(void)close(fd);
	(void)judge_all("v0.97", "linux-only", REFUSED);
	CHECK_INT(opened(watch), 0);
	(void)close(watch);
	buf_clear(&j.said);
	free(from);
}

TESTS(T(valid_bags_of_every_version_are_accepted),
    T(bags_that_deserve_a_warning_get_one), T(invalid_bags_are_refused),
    T(bags_that_lead_outside_are_refused_on_any_system),
    T(the_reason_is_the_right_one), T(nothing_outside_is_touched))
