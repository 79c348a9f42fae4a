/* Salvage: every cut and many flips of a file of 60 records. */
#include "core/archive/repair.h"

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "tests/test.h"

enum { RECORDS = 60, FLIPS = 2000 };

/* A file made here, and where its records lie in it. */
struct made {
	struct buf bytes;
	struct place at[RECORDS + 1];           /* and the end */
	char digests[RECORDS][DIGEST_TEXT_MAX]; /* of head and block */
};

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	return *x ^= *x << 5;
}

static void
fill_block(struct buf *b, uint32_t *random, int i)
{
	size_t len = 40 + next_random(random) % 200;

	buf_reset(b);
	buf_add_text(b, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
	while (len-- > 0)
		buf_add_byte(b, i % 3 == 0
				    ? (uint8_t)next_random(random)
				    : (uint8_t)('a' + next_random(random) % 4));
}

static void
make_record(struct arena *a, struct record *r, const struct buf *block, int i)
{
	char digest[DIGEST_TEXT_MAX];

	*r = (struct record){ .version = "WARC/1.1", .block_len = block->len };
	digest_text(DIGEST_SHA256, block->data, block->len, digest);
	record_add(a, r, "WARC-Type", "response");
	record_add(a, r, "WARC-Record-ID",
	    arena_format(
		a, "<urn:uuid:00000000-0000-4000-8000-0000000000%02d>", i));
	record_add(a, r, "WARC-Target-URI",
	    arena_format(a, "http://news.example/%d", i));
	record_add(a, r, "WARC-Date", "2026-11-22T08:27:47Z");
	record_add(a, r, "Content-Type", "application/http;msgtype=response");
	record_add(a, r, "WARC-Block-Digest", digest);
	record_add(a, r, "Content-Length", arena_format(a, "%zu", block->len));
	r->block = stream_of_bytes(block->data, block->len);
}

/* What a record is known by: SHA-256 over head and block. */
static void
known_by(const struct record *r, struct buf *scratch, char out[DIGEST_TEXT_MAX])
{
	struct error e = { 0 };

	buf_reset(scratch);
	if (r->head_len > 0)
		buf_add(scratch, r->head, r->head_len);
	else
		record_write_head(scratch, r);
	CHECK_OK(stream_read(r->block, scratch, 1 << 20, &e), &e);
	digest_text(DIGEST_SHA256, scratch->data, scratch->len, out);
}

static void
make_file(struct made *m, const char *path)
{
	struct sink_options o = { .coding = sink_coding_of(path) };
	struct arena *a = arena_new();
	struct buf block = { 0 };
	struct buf scratch = { 0 };
	struct sink *s = NULL;
	struct error e = { 0 };
	uint32_t random = 20261122;
	struct record r;

	CHECK_OK(sink_open(&s, path, &o, &e), &e);
	for (int i = 0; i < RECORDS; i++) {
		fill_block(&block, &random, i);
		make_record(a, &r, &block, i);
		known_by(&r, &scratch, m->digests[i]);
		stream_free(r.block);
		r.block = stream_of_bytes(block.data, block.len);
		CHECK_OK(
		    sink_put(s, &r, i % 3 == 0 ? GZIP_STORED : GZIP_DEFLATE,
			&m->at[i], &e),
		    &e);
		stream_free(r.block);
	}
	CHECK_OK(sink_finish(s, &e), &e);
	sink_free(s);
	CHECK_OK(file_get(path, &m->bytes, 1 << 20, &e), &e);
	m->at[RECORDS].offset = m->bytes.len;
	buf_clear(&block);
	buf_clear(&scratch);
	arena_free(a);
}

/* What repair said. */
struct said {
	uint64_t from, to; /* of all that was lost */
	int lost, changed, reframed;
	char record[64];
};

static int
hear(void *context, const struct repair_finding *f, struct error *e)
{
	struct said *s = context;

	(void)e;
	if (f->kind == REPAIR_LOST) {
		if (s->lost++ == 0)
			s->from = f->from;
		s->to = f->to;
	}
	s->changed += f->kind == REPAIR_CHANGED;
	s->reframed += f->kind == REPAIR_REFRAMED;
	if (f->record[0] != '\0')
		(void)snprintf(s->record, sizeof(s->record), "%s", f->record);
	return 0;
}

/* Repair LEN bytes at P under NAME to OUT (NULL: judge only). */
static int
repair(const char *name, const uint8_t *p, size_t len, const char *out,
    struct repair_totals *totals, struct said *said)
{
	const struct repair_options o = { .each = hear, .context = said };
	struct input *in = input_of_bytes(p, len, name);
	struct source *source = NULL;
	struct sink *sink = NULL;
	struct error e = { 0 };
	int rc;

	*totals = (struct repair_totals){ 0 };
	*said = (struct said){ 0 };
	rc = repair_source(&source, in, &e);
	if (rc == 0 && out != NULL) {
		struct sink_options so = { .coding = sink_coding_of(out) };

		CHECK_OK(sink_open(&sink, out, &so, &e), &e);
	}
	if (rc == 0)
		CHECK_OK(repair_records(source, in, sink, &o, totals, &e), &e);
	if (rc == 0 && sink != NULL)
		CHECK_OK(sink_finish(sink, &e), &e);
	sink_free(sink);
	source_free(source);
	input_free(in);
	return rc;
}

/*
 * The records in PATH, each sound: how many are those of M; OTHERS gets the
 * rest; HAVE says which.
 */
static int
read_back(
    const char *path, const struct made *m, int have[RECORDS], int *others)
{
	struct arena *a = arena_new();
	struct buf scratch = { 0 };
	struct source *source = NULL;
	struct error e = { 0 };
	struct place at;
	struct record r;
	int count = 0;
	int more;

	*others = 0;
	memset(have, 0, RECORDS * sizeof(*have));
	CHECK_OK(source_open(&source, path, &e), &e);
	while ((more = source_next(source, a, &r, &at, &e)) > 0) {
		char digest[DIGEST_TEXT_MAX];
		int i = 0;

		known_by(&r, &scratch, digest);
		CHECK_OK(source_finish(source, &at, &e), &e);
		while (i < RECORDS && strcmp(digest, m->digests[i]) != 0)
			i++;
		if (i < RECORDS && !have[i]) {
			have[i] = 1;
			count++;
		} else {
			++*others;
		}
		arena_reset(a);
	}
	CHECK_INT(more, 0);
	source_free(source);
	buf_clear(&scratch);
	arena_free(a);
	return count;
}

/* Every cut: all records before it are there, the rest of it is named. */
static void
cut_everywhere(const char *name)
{
	static struct made m;
	struct repair_totals totals;
	struct said said;
	int whole = 0;

	memset(&m, 0, sizeof(m));
	make_file(&m, name);
	for (size_t cut = 1; cut < m.bytes.len; cut++) {
		uint64_t start;
		int rc;

		while (m.at[whole + 1].offset <= cut)
			whole++;
		start = m.at[whole].offset;
		rc = repair(name, m.bytes.data, cut, NULL, &totals, &said);
		CHECK_OK(rc, &(struct error){ .text = "repair_source" });
		/* A plain record whose last line ends are cut is whole. */
		if ((int)totals.records != whole &&
		    !(sink_coding_of(name) == SINK_PLAIN &&
			(int)totals.records == whole + 1 &&
			cut + 4 >= m.at[whole + 1].offset))
			CHECK_INT(totals.records, whole);
		if ((int)totals.records == whole && cut > start) {
			CHECK_INT(said.lost, 1);
			CHECK_INT(said.from, start);
			CHECK_INT(said.to, cut);
		} else {
			CHECK_INT(said.lost, 0);
		}
		if (test_failed) {
			printf("# cut at %zu\n", cut);
			break;
		}
		if (cut % 211 == 0) {
			const char *out = "out.warc.gz";
			int have[RECORDS];
			int others;

			CHECK_OK(repair(name, m.bytes.data, cut, out, &totals,
				     &said),
			    &(struct error){ .text = "repair" });
			CHECK_INT(
			    read_back(out, &m, have, &others), totals.records);
			CHECK_INT(others, 0);
			(void)file_remove(out, NULL);
		}
	}
	buf_clear(&m.bytes);
}

CASE(every_cut_of_a_gzip_file_keeps_what_stands_before_it)
{
	cut_everywhere("cut.warc.gz");
}

CASE(every_cut_of_a_plain_file_keeps_what_stands_before_it)
{
	cut_everywhere("cut.warc");
}

/* One flipped bit, of byte AT in record TOUCHED: every other record is there,
 * byte for byte. */
static void
flip_once(const struct made *m, const char *name, const char *out, size_t at,
    int touched)
{
	struct repair_totals totals;
	struct said said;
	int have[RECORDS];
	int others;
	int count;

	CHECK_OK(repair(name, m->bytes.data, m->bytes.len, out, &totals, &said),
	    &(struct error){ .text = "repair_source" });
	CHECK(totals.records == RECORDS || totals.records == RECORDS - 1);
	if (totals.records < RECORDS) {
		CHECK(said.lost > 0);
		CHECK(said.from >= m->at[touched].offset &&
		      said.to <= m->at[touched + 1].offset);
		CHECK(said.from <= at && at < said.to);
	}
	if (out == NULL)
		return;
	count = read_back(out, m, have, &others);
	for (int i = 0; i < RECORDS; i++)
		CHECK(have[i] || i == touched);
	CHECK_INT(totals.records, count + others);
	/* A gzip member has a checksum: what is there is right. */
	if (sink_coding_of(name) == SINK_GZIP)
		CHECK_INT(others, 0);
	(void)file_remove(out, NULL);
}

static void
flip_many(const char *name, const char *out)
{
	static struct made m;
	uint32_t random = 7;

	memset(&m, 0, sizeof(m));
	make_file(&m, name);
	for (int n = 0; n < FLIPS && !test_failed; n++) {
		size_t at = next_random(&random) % m.bytes.len;
		uint8_t bit = (uint8_t)(1u << (next_random(&random) % 8));
		int touched = 0;

		while (m.at[touched + 1].offset <= at)
			touched++;
		m.bytes.data[at] ^= bit;
		flip_once(&m, name, n % 16 == 0 ? out : NULL, at, touched);
		m.bytes.data[at] ^= bit;
		if (test_failed)
			printf("# byte %zu, bit %u of record %d at %ju\n", at,
			    bit, touched, (uintmax_t)m.at[touched].offset);
	}
	buf_clear(&m.bytes);
}

CASE(a_flip_in_a_gzip_file_costs_only_its_record)
{
	flip_many("flip.warc.gz", "flipped.warc.gz");
}

CASE(a_flip_in_a_plain_file_costs_only_its_record)
{
	flip_many("flip.warc", "flipped.warc");
}

CASE(a_sound_file_is_copied_byte_for_byte)
{
	static struct made m;
	struct repair_totals totals;
	struct said said;
	struct buf got = { 0 };
	struct error e = { 0 };

	make_file(&m, "sound.warc.gz");
	CHECK_OK(repair("sound.warc.gz", m.bytes.data, m.bytes.len,
		     "same.warc.gz", &totals, &said),
	    &(struct error){ .text = "repair" });
	CHECK_INT(totals.records, RECORDS);
	CHECK_INT(totals.copied, RECORDS);
	CHECK_INT(said.lost + said.changed + said.reframed, 0);
	CHECK_OK(file_get("same.warc.gz", &got, 1 << 20, &e), &e);
	CHECK(got.len == m.bytes.len &&
	      memcmp(got.data, m.bytes.data, got.len) == 0);
	buf_clear(&got);
	buf_clear(&m.bytes);
}

CASE(garbage_before_between_and_behind_is_named)
{
	static struct made m;
	struct repair_totals totals;
	struct said said;
	struct buf b = { 0 };
	int have[RECORDS];
	int others;

	make_file(&m, "garbage.warc.gz");
	buf_add_text(&b, "some garbage, not ours");
	buf_add(&b, m.bytes.data, m.at[30].offset);
	buf_add_text(&b, "in between");
	buf_add(
	    &b, m.bytes.data + m.at[30].offset, m.bytes.len - m.at[30].offset);
	buf_add_text(&b, "and behind");
	/* The name says nothing, and neither does the beginning. */
	CHECK_OK(
	    repair("left.open", b.data, b.len, "clean.warc.gz", &totals, &said),
	    &(struct error){ .text = "repair" });
	CHECK_INT(totals.records, RECORDS);
	CHECK_INT(totals.lost, 3);
	CHECK_INT(totals.lost_bytes, 22 + 10 + 10);
	CHECK_INT(said.from, 0);
	CHECK_INT(said.to, b.len);
	CHECK_INT(read_back("clean.warc.gz", &m, have, &others), RECORDS);
	buf_clear(&b);
	buf_clear(&m.bytes);
}

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/* All of ALL as one gzip member. */
static void
one_member(const struct buf *all, struct buf *out)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf none = { 0 };
	struct error e = { 0 };
	uint64_t length;

	CHECK_OK(gzip_member_write(w, GZIP_DEFLATE, all, NULL, &none, collect,
		     out, &length, &e),
	    &e);
	gzip_writer_free(w);
}

CASE(many_records_in_one_member_get_one_each)
{
	static struct made m;
	struct repair_totals totals;
	struct said said;
	struct buf got = { 0 };
	int have[RECORDS];
	int others;

	make_file(&m, "one.warc");
	one_member(&m.bytes, &got);
	CHECK_OK(repair("one.warc.gz", got.data, got.len, "each.warc.gz",
		     &totals, &said),
	    &(struct error){ .text = "repair" });
	CHECK_INT(totals.records, RECORDS);
	CHECK_INT(totals.copied, 0);
	CHECK_INT(said.lost, 0);
	CHECK(said.reframed > 0);
	CHECK_INT(read_back("each.warc.gz", &m, have, &others), RECORDS);
	CHECK_INT(others, 0);
	buf_clear(&got);
	buf_clear(&m.bytes);
}

CASE(a_block_unlike_its_digest_is_kept_and_named)
{
	static struct made m;
	struct repair_totals totals;
	struct said said;
	int have[RECORDS];
	int others;

	make_file(&m, "changed.warc");
	m.bytes.data[m.at[6].offset - 6] ^= 1;
	CHECK_OK(repair("changed.warc", m.bytes.data, m.bytes.len, "kept.warc",
		     &totals, &said),
	    &(struct error){ .text = "repair" });
	CHECK_INT(totals.records, RECORDS);
	CHECK_INT(said.changed, 1);
	CHECK_TEXT(
	    said.record, "urn:uuid:00000000-0000-4000-8000-000000000005");
	CHECK_INT(read_back("kept.warc", &m, have, &others), RECORDS - 1);
	CHECK_INT(others, 1);
	buf_clear(&m.bytes);
}

CASE(what_holds_no_record_is_refused)
{
	const char *text = "no archive at all";
	struct repair_totals totals;
	struct said said;

	CHECK_INT(repair("text.txt", (const uint8_t *)text, strlen(text), NULL,
		      &totals, &said),
	    -1);
}

TESTS(T(every_cut_of_a_gzip_file_keeps_what_stands_before_it),
    T(every_cut_of_a_plain_file_keeps_what_stands_before_it),
    T(a_flip_in_a_gzip_file_costs_only_its_record),
    T(a_flip_in_a_plain_file_costs_only_its_record),
    T(a_sound_file_is_copied_byte_for_byte),
    T(garbage_before_between_and_behind_is_named),
    T(many_records_in_one_member_get_one_each),
    T(a_block_unlike_its_digest_is_kept_and_named),
    T(what_holds_no_record_is_refused))
