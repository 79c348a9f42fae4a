/* Every sound WARC of others through every packing and back. */
#include "core/archive/convert.h"
#include "core/archive/sink.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/text.h"
#include "tests/records.h"

struct walk {
	const char *corpora;
	int files, records, arcs;
};

static void
convert(const char *from, const char *to, const char *version)
{
	struct convert_options o = { .version = version };
	struct sink_options so = { .coding = sink_coding_of(to) };
	struct input *in = NULL;
	struct sink *sink = NULL;
	struct converter *c;
	struct error e = { 0 };

	CHECK_OK(input_open(&in, from, from, &e), &e);
	CHECK_OK(sink_open(&sink, to, &so, &e), &e);
	if (test_failed)
		return;
	c = converter_new(sink, &o);
	CHECK_OK(converter_add(c, in, &e), &e);
	CHECK_INT(converter_totals(c)->damaged, 0);
	CHECK_OK(sink_finish(sink, &e), &e);
	converter_free(c);
	sink_free(sink);
	input_free(in);
}

/* The records of PATH are those of IN; HEADS: their heads, too. */
static void
compare(const struct known_list *in, const char *path, int heads)
{
	struct known_list got = { 0 };

	CHECK(known_open(&got, path) == 0);
	CHECK_INT(got.damaged, 0);
	CHECK_INT(got.count, in->count);
	for (size_t i = 0; i < got.count && i < in->count; i++) {
		CHECK_TEXT(got.all[i].block, in->all[i].block);
		if (heads)
			CHECK_TEXT(got.all[i].head, in->all[i].head);
		else
			CHECK_TEXT(got.all[i].type, in->all[i].type);
	}
	known_clear(&got);
}

static void
drop(void)
{
	static const char *const made[] = { "a.warc", "b.warc.gz", "c.warc.zst",
		"d.warc", "e.warc.gz", "f.warc.gz", "g.warc.gz" };

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		(void)file_remove(made[i], NULL);
}

static void
round_trip(struct walk *w, const char *path)
{
	struct known_list in = { 0 };
	struct source *s = NULL;
	int is_arc = text_ends(path, ".arc") || text_ends(path, ".arc.gz");

	if (source_open(&s, path, NULL) != 0)
		return;
	known_read(&in, s);
	source_free(s);
	if (in.damaged > 0 || in.count == 0)
		goto done;
	convert(path, "a.warc", NULL);
	compare(&in, "a.warc", !is_arc);
	convert("a.warc", "b.warc.gz", NULL);
	convert("b.warc.gz", "c.warc.zst", NULL);
	convert("c.warc.zst", "d.warc", NULL);
	compare(&in, "d.warc", !is_arc);
	/* Another version and back keeps blocks and types. */
	convert(path, "e.warc.gz", "WARC/1.1");
	convert("e.warc.gz", "f.warc.gz", "WARC/1.0");
	compare(&in, "f.warc.gz", 0);
	/* Well-packed files stay byte for byte from the second time on. */
	convert("f.warc.gz", "g.warc.gz", NULL);
	compare(&in, "g.warc.gz", 0);
	w->files++;
	w->arcs += is_arc;
	w->records += (int)in.count;
done:
	if (test_failed)
		printf("# in %s\n", path);
	known_clear(&in);
	drop();
}

static int
each_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct walk *w = context;
	char *path;

	(void)e;
	if (!is_regular ||
	    !(text_ends(name, ".warc") || text_ends(name, ".warc.gz") ||
		text_ends(name, ".arc") || text_ends(name, ".arc.gz")))
		return 0;
	path = mem_format("%s/%s", w->corpora, name);
	round_trip(w, path);
	free(path);
	return 0;
}

CASE(every_packing_keeps_heads_and_blocks)
{
	struct walk w = { .corpora = getenv("CORPORA") };
	struct error e = { 0 };

	if (w.corpora == NULL)
		SKIP("CORPORA is not set");
	CHECK_OK(file_walk(w.corpora, each_file, &w, &e), &e);
	printf("# %d files (%d ARC), %d records\n", w.files, w.arcs, w.records);
	CHECK(w.files > 90);
}

TESTS(T(every_packing_keeps_heads_and_blocks))
