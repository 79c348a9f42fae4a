/* A sorted index searched without being loaded. */
#include "core/archive/index_file.h"

#include "core/archive/index_range.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/test.h"

enum { LINES = 3000 };

struct lines {
	char *text[LINES];
	size_t count;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines of very different lengths, some keys several times. */
static void
make_lines(struct lines *l)
{
	for (size_t i = 0; i < LINES; i++) {
		unsigned n = (unsigned)(i * 7919 % 1000);

		l->text[l->count++] = mem_format(
		    "com,example,h%u)/p%03u %u {\"url\": \"%0*u\"}", n % 13, n,
		    2000 + (unsigned)(i % 25),
		    i % 97 == 0 ? 9000 : (int)(n % 300), n);
	}
	qsort(l->text, l->count, sizeof(*l->text), by_text);
}

static void
clear_lines(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->text[i]);
}

static void
put_plain(const struct lines *l, const char *path, const char *top)
{
	struct buf b = { 0 };
	struct buf t = { 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < l->count; i++) {
		if (i % 64 == 0)
			buf_format(&t, "%.*s %zu\n",
			    (int)(strchr(l->text[i], '{') - 1 - l->text[i]),
			    l->text[i], b.len);
		buf_format(&b, "%s\n", l->text[i]);
	}
	CHECK_OK(file_put(path, b.data, b.len, &e), &e);
	CHECK_OK(file_put(top, t.data, t.len, &e), &e);
	buf_clear(&b);
	buf_clear(&t);
}

static void
put_zipnum(const struct lines *l, const char *prefix, size_t block)
{
	struct zipnum_writer *w = NULL;
	struct error e = { 0 };
	struct buf b = { 0 };

	CHECK_OK(zipnum_writer_open(&w, prefix, block, &e), &e);
	for (size_t i = 0; i < l->count; i++) {
		buf_reset(&b);
		buf_format(&b, "%s\n", l->text[i]);
		CHECK_OK(zipnum_writer_add(w, b.data, b.len, &e), &e);
	}
	CHECK_OK(zipnum_writer_finish(w, &e), &e);
	zipnum_writer_free(w);
	buf_clear(&b);
}

/* What F gives from START to END is what there is. */
static void
check_range(struct index_file *f, const struct lines *l, const char *start,
    const char *end)
{
	struct error e = { 0 };
	char *line;
	size_t len;
	size_t at = 0;
	size_t wrong = 0;

	while (at < l->count && strcmp(l->text[at], start) < 0)
		at++;
	CHECK_OK(index_file_find(f, start, end, &e), &e);
	for (; at < l->count && (end == NULL || strcmp(l->text[at], end) < 0);
	     at++)
		wrong += index_file_next(f, &line, &len, &e) != 1 ||
			 len != strlen(l->text[at]) ||
			 strcmp(line, l->text[at]) != 0;
	CHECK_INT(wrong, 0);
	CHECK_INT(index_file_next(f, &line, &len, &e), 0);
	CHECK_INT(index_file_next(f, &line, &len, &e), 0);
}

static void
check_file(struct index_file *f, const struct lines *l)
{
	/* Every line's own range, what lies between two, and all of it. */
	for (size_t i = 0; i < l->count; i += 7) {
		char *front = mem_text_n(
		    l->text[i], strcspn(l->text[i], " ") + 1);
		char *behind = mem_format("%s~", front);

		check_range(f, l, front, behind);
		if (i + 1 < l->count)
			check_range(f, l, l->text[i], l->text[i + 1]);
		check_range(f, l, behind, behind);
		free(front);
		free(behind);
	}
	check_range(f, l, "", NULL);
	check_range(f, l, "", "a");
	check_range(f, l, "zz", NULL);
	check_range(f, l, l->text[l->count - 1], NULL);
	index_file_free(f);
}

static struct index_file *
open_it(const char *path, const char *top)
{
	struct index_file *f = NULL;
	struct error e = { 0 };

	CHECK_OK(top == NULL ? index_file_open(&f, path, &e)
			     : index_file_open_with_top(&f, path, top, &e),
	    &e);
	return f;
}

CASE(a_plain_file_gives_the_lines_of_any_range)
{
	struct lines l = { 0 };

	make_lines(&l);
	put_plain(&l, "plain.cdxj", "plain.top");
	check_file(open_it("plain.cdxj", NULL), &l);
	clear_lines(&l);
}

CASE(with_a_list_of_places_it_gives_the_same)
{
	struct lines l = { 0 };

	make_lines(&l);
	check_file(open_it("plain.cdxj", "plain.top"), &l);
	clear_lines(&l);
}

CASE(a_list_that_lies_or_is_missing_changes_nothing)
{
	static const char *const lies[] = { "", "\n", "a\n", "a 99999999999\n",
		"com 5\n", "com,example,h5)/p 17\ncom,example,h7)/p 100\n",
		"com,a 500\nzz 3\n" };
	struct lines l = { 0 };
	struct error e = { 0 };

	make_lines(&l);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct index_file *f;

		CHECK_OK(file_put("lie.top", lies[i], strlen(lies[i]), &e), &e);
		f = open_it("plain.cdxj", "lie.top");
		for (size_t k = 0; k < l.count; k += 501)
			check_range(f, &l, l.text[k], NULL);
		index_file_free(f);
	}
	check_file(open_it("plain.cdxj", "no.top"), &l);
	clear_lines(&l);
}

CASE(zipnum_in_both_dialects_gives_the_same)
{
	static const size_t blocks[] = { 1, 10, 300, 5000 };
	struct lines l = { 0 };

	make_lines(&l);
	for (size_t i = 0; i < 4; i++) {
		char *prefix = mem_format("z%zu", blocks[i]);
		char *idx = mem_format("%s.idx", prefix);
		char *summary = mem_format("%s.summary", prefix);

		put_zipnum(&l, prefix, blocks[i]);
		check_file(open_it(idx, NULL), &l);
		check_file(open_it(summary, NULL), &l);
		free(prefix);
		free(idx);
		free(summary);
	}
	/* A file that is compressed as a whole is read from its start. */
	struct index_file *f = open_it("z300.cdx.gz", NULL);

	check_range(f, &l, l.text[1000], l.text[1010]);
	check_range(f, &l, "", NULL);
	index_file_free(f);
	clear_lines(&l);
}

CASE(zipnum_given_up_leaves_nothing)
{
	static const char *const names[] = { "up.cdx.gz", "up.idx",
		"up.summary", "up.loc", "up.cdx.gz.open", "up.idx.open",
		"up.summary.open", "up.loc.open" };
	struct zipnum_writer *w = NULL;
	struct error e = { 0 };

	CHECK_OK(zipnum_writer_open(&w, "up", 2, &e), &e);
	CHECK_OK(zipnum_writer_add(w, "a 1\n", 4, &e), &e);
	for (int i = 0; i < 4; i++)
		CHECK(!file_exists(names[i]));
	zipnum_writer_free(w);
	for (int i = 0; i < 8; i++)
		CHECK(!file_exists(names[i]));
	/* One of them is there: the others do not stay either. */
	CHECK_OK(file_put("up.summary", "x", 1, &e), &e);
	CHECK(
	    zipnum_writer_open(&w, "up", 2, &e) != 0 && e.kind == ERROR_USAGE);
	for (int i = 0; i < 8; i++)
		CHECK_INT(file_exists(names[i]), i == 2);
}

CASE(zipnum_that_is_damaged_is_told)
{
	struct error e = { 0 };
	struct index_file *f = NULL;
	struct buf b = { 0 };
	char *line;
	size_t len;

	CHECK_OK(file_get("z300.cdx.gz", &b, 1 << 24, &e), &e);
	b.data[b.len / 2] ^= 1;
	CHECK_OK(file_put("z300.cdx.gz", b.data, b.len, &e), &e);
	CHECK_OK(index_file_open(&f, "z300.idx", &e), &e);
	CHECK_OK(index_file_find(f, "", NULL, &e), &e);
	while (index_file_next(f, &line, &len, &e) == 1)
		continue;
	CHECK_INT(e.kind, ERROR_INPUT);
	index_file_free(f);
	CHECK_OK(file_remove("z300.cdx.gz", &e), &e);
	e = (struct error){ 0 };
	CHECK_OK(index_file_open(&f, "z300.idx", &e), &e);
	CHECK_OK(index_file_find(f, "", NULL, &e), &e);
	CHECK_INT(index_file_next(f, &line, &len, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	index_file_free(f);
	/* A block that is nowhere. */
	CHECK_OK(file_put("bad.idx", "a 1\tx\t0\t5\t1\n", 12, &e), &e);
	CHECK_OK(index_file_open(&f, "bad.idx", &e), &e);
	CHECK_OK(index_file_find(f, "", NULL, &e), &e);
	CHECK_INT(index_file_next(f, &line, &len, &e), -1);
	index_file_free(f);
	buf_clear(&b);
}

CASE(nothing_and_one_line_and_no_last_line_feed)
{
	struct lines none = { 0 };
	struct lines one = { .text = { mem_text("a 1 {}") }, .count = 1 };
	struct error e = { 0 };
	struct index_file *f;

	CHECK_OK(file_put("none", "", 0, &e), &e);
	f = open_it("none", NULL);
	check_range(f, &none, "", NULL);
	index_file_free(f);
	CHECK_OK(file_put("one", "a 1 {}", 6, &e), &e);
	f = open_it("one", NULL);
	check_range(f, &one, "", NULL);
	check_range(f, &one, "a ", "a!");
	check_range(f, &one, "b", NULL);
	index_file_free(f);
	CHECK_INT(index_file_open(&f, "no such", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	clear_lines(&one);
}

CASE(a_line_of_any_length_up_to_the_limit_is_read)
{
	for (size_t over = 0; over < 2; over++) {
		size_t size = (size_t)INDEX_LINE_MAX + over * 70000;
		char *text = mem_alloc(size + 1);
		struct index_file *f;
		struct error e = { 0 };
		char *line;
		size_t len = 0;

		memset(text, 'x', size);
		text[size] = '\n';
		CHECK_OK(file_put("long", text, size + 1, &e), &e);
		f = open_it("long", NULL);
		CHECK_INT(index_file_find(f, "", NULL, &e), over ? -1 : 0);
		if (!over) {
			CHECK_INT(index_file_next(f, &line, &len, &e), 1);
			CHECK_INT(len, size);
		}
		index_file_free(f);
		free(text);
	}
}

static void
check_bounds(const char *url, enum index_match match, const char *want)
{
	struct buf start = { 0 };
	struct buf end = { 0 };

	index_range(url, match, &start, &end);
	buf_format(&start, " to %s", buf_text(&end));
	CHECK_TEXT(buf_text(&start), want);
	buf_clear(&start);
	buf_clear(&end);
}

/* The ranges of pywb's calc_search_range. */
CASE(ranges_are_those_of_pywb)
{
	const char *url = "http://www.example.com/path/file.html";

	check_bounds(url, INDEX_EXACT,
	    "com,example)/path/file.html  to com,example)/path/file.html!");
	check_bounds(url, INDEX_PREFIX,
	    "com,example)/path/file.html to com,example)/path/file.htmm");
	check_bounds(url, INDEX_HOST, "com,example)/ to com,example*");
	check_bounds(url, INDEX_DOMAIN, "com,example)/ to com,example-");
	check_bounds("http://example.com/some/path/", INDEX_PREFIX,
	    "com,example)/some/path/ to com,example)/some/path0");
	check_bounds("http://example.com?", INDEX_PREFIX,
	    "com,example)/? to com,example)/@");
	check_bounds("com", INDEX_DOMAIN, "com, to com-");
	check_bounds("http://example.com/", INDEX_PREFIX,
	    "com,example)/ to com,example)0");
	check_bounds("dns:example.com", INDEX_HOST,
	    "dns:example.com  to dns:example.com!");
}

TESTS(T(a_plain_file_gives_the_lines_of_any_range),
    T(with_a_list_of_places_it_gives_the_same),
    T(a_list_that_lies_or_is_missing_changes_nothing),
    T(zipnum_in_both_dialects_gives_the_same),
    T(zipnum_given_up_leaves_nothing), T(zipnum_that_is_damaged_is_told),
    T(nothing_and_one_line_and_no_last_line_feed),
    T(a_line_of_any_length_up_to_the_limit_is_read),
    T(ranges_are_those_of_pywb))
