/* Index files that other tools made of real archives, line by line. */
#include "core/archive/cdx.h"

#include <strings.h>

#include "core/archive/cdxj.h"
#include "core/archive/index_records.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "tests/test.h"

/* Why a line of theirs is not ours, rightly. */
enum reason {
	NONE,
	GONE,      /* names a file that is not there, on purpose */
	OTHER_KEY, /* the rest is ours: keys by another rule, or written by hand
		    * to tell packings of one page apart */
	MADE_UP,   /* an index that is wrong on purpose */
	REASONS
};

static const char *const reason_names[] = { "", "name no file",
	"with a key of another kind", "made up" };

struct set {
	const char *index;   /* below the corpora */
	const char *records; /* folder of the record files */
	size_t lines;
	size_t by_reason[REASONS];
};

#define PYWB  "webrecorder__pywb/sample_archive/"
#define WARCS PYWB "warcs/"

/* Entries of one record file, as lines of CDX 11. */
struct made {
	struct arena *arena;
	struct index_line lines[2000];
	size_t count;
};

static int
each_entry(void *context, const struct cdxj_facts *f, struct error *e)
{
	struct made *m = context;
	struct buf b = { 0 };

	(void)e;
	cdx_add_line(&b, f, 11);
	if (m->count < 2000 &&
	    index_line_read(&m->lines[m->count], m->arena,
		arena_text_n(m->arena, buf_text(&b), b.len), e) == 0)
		m->count++;
	buf_clear(&b);
	return 0;
}

static int
make(struct made *m, const char *path, const char *name)
{
	const struct index_options o = {
		.each = each_entry, .context = m, .post = 1
	};
	struct index_totals t = { 0 };
	struct input *in = NULL;
	struct error e = { 0 };
	int rc = input_open(&in, path, path, &e);

	m->count = 0;
	if (rc == 0)
		rc = index_records(in, name, &o, &t, &e);
	input_free(in);
	return rc;
}

/* Theirs without label and case. */
static int
same_digest(const char *theirs, const char *ours)
{
	const char *label = strrchr(theirs, ':');

	return strcasecmp(label == NULL ? theirs : label + 1, ours) == 0;
}

/* What they leave out is not compared; "unk" is what pywb writes for none. */
static int
is_same(const struct index_line *x, const struct index_line *y)
{
	return strcmp(x->time, y->time) == 0 &&
	       (x->url[0] == '\0' || strcmp(x->url, y->url) == 0) &&
	       (x->mime[0] == '\0' || strcmp(x->mime, y->mime) == 0 ||
		   (strcmp(x->mime, "unk") == 0 && y->mime[0] == '\0')) &&
	       (x->status == 0 || x->status == y->status) &&
	       (x->digest[0] == '\0' || same_digest(x->digest, y->digest)) &&
	       (x->length == 0 || x->length == y->length);
}

/* The line X of an index that came with the files at DIR. */
static enum reason
check_line(struct made *m, char *last, size_t size, const char *dir,
    const struct index_line *x)
{
	char *path = mem_format("%s/%s%s", getenv("CORPORA"), dir, x->file);
	enum reason why = GONE;

	if (strcmp(last, path) != 0) {
		(void)snprintf(last, size, "%s", path);
		m->count = 0;
		if (file_exists(path))
			CHECK_INT(make(m, path, x->file), 0);
	}
	free(path);
	for (size_t i = 0; i < m->count; i++) {
		const struct index_line *y = &m->lines[i];

		if (y->offset != x->offset)
			continue;
		if (is_same(x, y))
			return strcmp(x->key, y->key) == 0 ? NONE : OTHER_KEY;
		why = MADE_UP;
	}
	return why;
}

static void
check_set(const struct set *s)
{
	char *path = mem_format("%s/%s", getenv("CORPORA"), s->index);
	struct buf text = { 0 };
	struct made *m = mem_zero(1, sizeof(*m));
	char last[4096] = "";
	size_t lines = 0;
	size_t count[REASONS] = { 0 };
	struct error e = { 0 };
	char *end;

	m->arena = arena_new();
	CHECK_OK(file_get(path, &text, 1 << 24, &e), &e);
	for (char *line = (char *)text.data;
	     line != NULL && (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		struct index_line x;

		*end = '\0';
		if (line[0] == ' ' || line[0] == '\0')
			continue;
		lines++;
		CHECK_OK(index_line_read(&x, m->arena, line, &e), &e);
		count[check_line(m, last, sizeof(last), s->records, &x)]++;
	}
	printf("# %s: %zu lines, %zu ours", s->index, lines, count[NONE]);
	for (int i = 1; i < REASONS; i++)
		if (count[i] > 0)
			printf(", %zu %s", count[i], reason_names[i]);
	printf("\n");
	CHECK_INT(lines, s->lines);
	for (int i = 1; i < REASONS; i++)
		CHECK_INT(count[i], s->by_reason[i]);
	arena_free(m->arena);
	free(m);
	free(path);
	buf_clear(&text);
}

static void
check_sets(const struct set *sets, size_t count)
{
	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	for (size_t i = 0; i < count; i++)
		check_set(&sets[i]);
}

CASE(the_195_cdxj_lines_of_pywb_are_ours)
{
	static const struct set sets[] = {
		{ PYWB "cdxj/iana.cdxj", WARCS, 171, { 0 } },
		{ PYWB "cdxj/dupes.cdxj", WARCS, 12, { 0 } },
		{ PYWB "cdxj/example.cdxj", WARCS, 3, { 0 } },
		{ PYWB "cdxj/example-no-digest.cdxj", WARCS, 3, { 0 } },
		{ PYWB "cdxj/post-test.cdxj", WARCS, 3, { 0 } },
		{ PYWB "cdxj/url-agnost-example.cdxj", WARCS, 2, { 0 } },
		{ PYWB "cdxj/example2.cdxj", WARCS, 1, { 0 } },
	};

	check_sets(sets, sizeof(sets) / sizeof(sets[0]));
}

CASE(the_cdx_files_of_pywb_are_ours)
{
	static const struct set sets[] = {
		{ PYWB "cdx/iana.cdx", WARCS, 171, { 0 } },
		{ PYWB "cdx/dupes.cdx", WARCS, 12, { 0 } },
		{ PYWB "cdx/example.cdx", WARCS, 3, { 0 } },
		{ PYWB "cdx/example-extra.cdx", WARCS, 2, { 0 } },
		{ PYWB "cdx/example-arc-test.cdx", WARCS, 2, { 0, 0, 2, 0 } },
		{ PYWB "cdx/post-test.cdx", WARCS, 3, { 0 } },
		{ PYWB "cdx/url-agnost-example.cdx", WARCS, 2, { 0 } },
		{ PYWB "cdx/bad.cdx", WARCS, 4, { 0, 2, 0, 2 } },
		{ PYWB "cdx/httpbin-resource.cdxj", WARCS, 1, { 0 } },
		{ PYWB "cdx/missing-status-text.cdxj", WARCS, 1, { 0 } },
		{ PYWB "non-surt-cdx/example-non-surt.cdx", WARCS, 3,
		    { 0, 0, 3, 0 } },
	};

	check_sets(sets, sizeof(sets) / sizeof(sets[0]));
}

CASE(the_cdx_files_of_outbackcdx_and_of_the_primer_are_ours)
{
	static const struct set sets[] = {
		{ "nla__outbackcdx/test-integration/test1.cdx",
		    "nla__outbackcdx/test-integration/", 3, { 0 } },
		{ "nla__outbackcdx/test-integration/test2.cdx",
		    "nla__outbackcdx/test-integration/", 3, { 0 } },
		{ "iipc__warc-specifications/primers/web-archive-formats/"
		  "hello-world.warc.cdx",
		    "iipc__warc-specifications/primers/web-archive-formats/", 4,
		    { 0, 0, 3, 0 } },
	};

	check_sets(sets, sizeof(sets) / sizeof(sets[0]));
}

TESTS(T(the_195_cdxj_lines_of_pywb_are_ours), T(the_cdx_files_of_pywb_are_ours),
    T(the_cdx_files_of_outbackcdx_and_of_the_primer_are_ours))
