/* Every record file of others, damaged or not, repaired. */
#include <sys/stat.h>

#include "core/archive/repair.h"
#include "core/archive/sink.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/text.h"
#include "tests/records.h"

struct counts {
	int files, hurt, records, lost, changed, reframed, whole;
};

static int
each(void *context, const struct repair_finding *f, struct error *e)
{
	uint64_t *last = context;

	(void)e;
	CHECK(f->from <= f->to);
	/* In the order of the input, no range twice. */
	if (f->kind == REPAIR_LOST) {
		CHECK(f->from >= *last || f->from == f->to);
		if (f->to > *last)
			*last = f->to;
	}
	return 0;
}

/* Is what came out what went in, and does our verifier read it? */
static void
compare(const char *path, const struct known_list *in, const char *out)
{
	const struct verify_options o = { .threads = 1 };
	struct verify_totals t = { 0 };
	struct known_list got = { 0 };
	struct error e = { 0 };

	CHECK(known_open(&got, out) == 0);
	CHECK_INT(got.damaged, 0);
	CHECK_INT(got.count, in->count);
	for (size_t i = 0; i < got.count && i < in->count; i++) {
		CHECK_TEXT(got.all[i].head, in->all[i].head);
		CHECK_TEXT(got.all[i].block, in->all[i].block);
	}
	CHECK_OK(verify_file(out, out, &o, &t, &e), &e);
	CHECK_INT(t.damaged, 0);
	CHECK_INT(t.records, in->count);
	if (test_failed)
		printf("# %s\n", path);
	known_clear(&got);
}

static void
repair_one(const char *path, struct counts *n)
{
	uint64_t last = 0;
	const struct repair_options o = { .each = each, .context = &last };
	struct sink_options so = { .coding = SINK_GZIP };
	struct repair_totals t = { 0 };
	struct known_list in = { 0 };
	struct input *input = NULL;
	struct source *s = NULL;
	struct sink *sink = NULL;
	struct error e = { 0 };
	uint64_t size = 0;

	CHECK_OK(input_open(&input, path, path, &e), &e);
	if (input == NULL || repair_source(&s, input, &e) != 0)
		goto done;
	known_read(&in, s);
	source_free(s);
	s = NULL;
	CHECK_OK(repair_source(&s, input, &e), &e);
	if (s->kind == SOURCE_PLAIN)
		so.coding = SINK_PLAIN;
	CHECK_OK(sink_open(&sink, "out.warc", &so, &e), &e);
	CHECK_OK(repair_records(s, input, sink, &o, &t, &e), &e);
	CHECK_OK(sink_finish(sink, &e), &e);
	CHECK_INT(t.records, in.count);
	CHECK(file_size(path, &size, &e) == 0 && last <= size &&
	      t.lost_bytes <= size);
	CHECK((t.lost > 0) == (in.damaged > 0));
	if (in.count > 0)
		compare(path, &in, "out.warc");
	n->files++;
	n->hurt += t.lost > 0;
	n->records += (int)t.records;
	n->lost += (int)t.lost;
	n->changed += (int)t.changed;
	n->reframed += (int)t.reframed;
	n->whole += s->whole_file;
done:
	if (test_failed)
		printf("# in %s\n", path);
	source_free(s);
	sink_free(sink);
	input_free(input);
	known_clear(&in);
	(void)file_remove("out.warc", NULL);
}

struct walk {
	const char *corpora;
	struct counts n;
};

static int
each_file(void *context, const char *name, int is_regular, struct error *e)
{
	static const char *const wanted[] = { ".warc", ".warc.gz", ".arc",
		".arc.gz", ".open", ".bad", ".gz", NULL };
	struct walk *w = context;
	char *path;

	(void)e;
	for (size_t i = 0; is_regular && wanted[i] != NULL; i++) {
		if (!text_ends(name, wanted[i]))
			continue;
		path = mem_format("%s/%s", w->corpora, name);
		repair_one(path, &w->n);
		free(path);
		break;
	}
	return 0;
}

CASE(what_comes_out_is_what_was_sound_and_nothing_else)
{
	struct walk w = { .corpora = getenv("CORPORA") };
	struct error e = { 0 };

	if (w.corpora == NULL)
		SKIP("CORPORA is not set");
	CHECK_OK(file_walk(w.corpora, each_file, &w, &e), &e);
	printf("# %d files, %d of them damaged, %d whole-file gzip; %d records "
	       "saved, %d places lost, %d changed, %d reframed\n",
	    w.n.files, w.n.hurt, w.n.whole, w.n.records, w.n.lost, w.n.changed,
	    w.n.reframed);
	CHECK(w.n.files > 100);
	CHECK(w.n.hurt > 10);
}

TESTS(T(what_comes_out_is_what_was_sound_and_nothing_else))
