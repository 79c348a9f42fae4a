/* Record files of every kind: ARC and WARC, plain, gzip and zstd, from files
 * and from bytes that come once, sound and damaged. */
#include <zdict.h>
#include <zlib.h>
#include <zstd.h>

#include "core/archive/arc_head.h"
#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/*
 * All of an input in one line: "name@offset+length " for each record, where
 * name is the end of its URI; "?" behind the name when its block is not all
 * there, "!code" when a rule broke; "!code@offset+length " for what does not
 * read.
 */
static char *
read_all(struct input *in)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	struct source *s = NULL;
	struct error e = { 0 };
	struct record r;
	struct place where;
	int more = source_open_input(&s, in, &e);

	if (more < 0)
		buf_add_text(&out, "unknown");
	for (int calls = 0; more == 0; calls++, arena_reset(a)) {
		const char *uri;
		uint64_t len = 0;
		int got = source_next(s, a, &r, &where, &e);

		CHECK(calls < 5000);
		if (got == 0 || calls > 5000)
			break;
		if (got < 0) {
			buf_format(&out, "!%s@%ju+%ju ", where.code,
			    (uintmax_t)where.offset, (uintmax_t)where.length);
			continue;
		}
		uri = record_uri_field(a, &r, "WARC-Target-URI");
		if (uri == NULL)
			uri = "-";
		if (strrchr(uri, '/') != NULL)
			uri = strrchr(uri, '/') + 1;
		got = stream_skip(r.block, &len, NULL);
		buf_format(&out, "%s%s", uri,
		    got == 0 && len == r.block_len ? "" : "?");
		if (source_finish(s, &where, &e) != 0)
			buf_format(&out, "!%s", where.code);
		buf_format(&out, "@%ju+%ju ", (uintmax_t)where.offset,
		    (uintmax_t)where.length);
	}
	source_free(s);
	arena_free(a);
	buf_add_byte(&out, '\0');
	return buf_take(&out);
}

static char *
read_bytes(const struct buf *f)
{
	struct input *in = input_of_bytes(buf_text(f), f->len, "test");
	char *got = read_all(in);

	input_free(in);
	return got;
}

/* Read at random, and once from end to end: both give EXPECTED. */
static void
check_reads(const struct buf *f, const char *expected)
{
	struct input *once = input_of_stream(
	    stream_of_bytes(buf_text(f), f->len), "test");
	char *got = read_bytes(f);

	CHECK_TEXT(got, expected);
	free(got);
	got = read_all(once);
	CHECK_TEXT(got, expected);
	free(got);
	input_free(once);
}

static int
has(const struct buf *f, const char *word)
{
	char *got = read_bytes(f);
	int rc = strstr(got, word) != NULL;

	if (!rc)
		printf("# %s is not in %s\n", word, got);
	free(got);
	return rc;
}

/* LEN bytes that do not compress, the same for the same SEED. */
static void
add_noise(struct buf *b, size_t len, uint32_t seed)
{
	uint8_t *p = buf_room(b, len);

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
	b->len += len;
}

static void
add_warc(struct buf *out, const char *name, const struct buf *block)
{
	buf_format(out,
	    "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:%s>\r\n"
	    "WARC-Target-URI: http://example.com/%s\r\n"
	    "WARC-Date: 2026-01-01T00:00:00Z\r\nContent-Length: %zu\r\n\r\n",
	    name, name, block->len);
	buf_add(out, buf_text(block), block->len);
	buf_add_text(out, "\r\n\r\n");
}

static void
add_plain(struct buf *out, const char *name, size_t len, uint32_t seed)
{
	struct buf block = { 0 };

	add_noise(&block, len, seed);
	add_warc(out, name, &block);
	buf_clear(&block);
}

static void
add_gzip(struct buf *out, const struct buf *content, enum gzip_way way)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf none = { 0 };
	uint64_t length;

	CHECK_INT(gzip_member_write(w, way, content, NULL, &none, collect, out,
		      &length, NULL),
	    0);
	gzip_writer_free(w);
}

/* How a frame is made. */
struct frame {
	const void *dictionary;
	size_t dictionary_len;
	int no_checksum, no_size, window_log;
};

static void
add_zstd(struct buf *out, const struct buf *content, const struct frame *how)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(content->len) + 64;
	uint8_t *room = buf_room(out, bound);
	ZSTD_outBuffer to = { room, bound, 0 };
	ZSTD_inBuffer from = { content->data, content->len, 0 };

	(void)ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, !how->no_checksum);
	if (how->window_log != 0)
		(void)ZSTD_CCtx_setParameter(
		    c, ZSTD_c_windowLog, how->window_log);
	if (how->dictionary != NULL)
		(void)ZSTD_CCtx_loadDictionary(
		    c, how->dictionary, how->dictionary_len);
	if (!how->no_size)
		(void)ZSTD_CCtx_setPledgedSrcSize(c, content->len);
	else
		(void)ZSTD_compressStream2(c, &to, &from, ZSTD_e_flush);
	CHECK_INT(ZSTD_compressStream2(c, &to, &from, ZSTD_e_end), 0);
	out->len += to.pos;
	(void)ZSTD_freeCCtx(c);
}

static void
add_skippable(struct buf *out, uint8_t magic, const void *p, size_t len)
{
	const uint8_t head[8] = { magic, 0x2a, 0x4d, 0x18, (uint8_t)len,
		(uint8_t)(len >> 8), (uint8_t)(len >> 16),
		(uint8_t)(len >> 24) };

	buf_add(out, head, sizeof(head));
	buf_add(out, p, len);
}

/* One dictionary out of many small records. */
static size_t
train(uint8_t *dictionary, size_t cap)
{
	struct buf samples = { 0 };
	size_t sizes[2000];
	size_t n;

	for (int i = 0; i < 2000; i++) {
		size_t before = samples.len;

		buf_format(&samples,
		    "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: "
		    "<urn:x:%d>\r\nWARC-Target-URI: http://example.com/%d\r\n"
		    "WARC-Date: 2026-01-01T00:00:%02dZ\r\nContent-Length: %d"
		    "\r\n\r\n{\"id\":%d,\"name\":\"item %d\"}\r\n\r\n",
		    i, i * 7, i % 60, i, i * 13, i);
		sizes[i] = samples.len - before;
	}
	n = ZDICT_trainFromBuffer(dictionary, cap, samples.data, sizes, 2000);
	CHECK(!ZDICT_isError(n));
	buf_clear(&samples);
	return n;
}

/* ARC. */

static void
add_arc(struct buf *out, const char *line, const char *block)
{
	buf_format(out, "%s %zu\n%s\n", line, strlen(block), block);
}

static const char arc_version_block[] =
    "1 1 Somebody\nURL IP-address Archive-date Content-type Archive-length\n"
    "<arcmetadata>x</arcmetadata>";

static void
make_arc(struct buf *out, size_t at[5])
{
	at[0] = out->len;
	add_arc(out, "filedesc://a.arc 0.0.0.0 20060305082251 text/plain",
	    arc_version_block);
	at[1] = out->len;
	add_arc(out,
	    "http://example.com/one two 192.0.2.1 20060305082252 text/html",
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nbody");
	at[2] = out->len;
	add_arc(out, "dns:example.com 192.0.2.9 20060305082253 text/dns",
	    "20060305082253\nexample.com. 1 IN A 192.0.2.1");
	at[3] = out->len;
	add_arc(out,
	    "http://example.com/old 2001:db8::1 20060305082254123 "
	    "text/html; charset=utf-8",
	    "<p>no head</p>");
	at[4] = out->len;
}

static const char *
field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "(none)" : value;
}

CASE(arc_records_have_the_fields_of_warc)
{
	static const char *const expected[4][7] = {
		{ "warcinfo", "filedesc://a.arc", "2006-03-05T08:22:51Z",
		    "0.0.0.0", "text/plain", "20060305082251", "text/plain" },
		{ "response", "http://example.com/one two",
		    "2006-03-05T08:22:52Z", "192.0.2.1",
		    "application/http; msgtype=response", "20060305082252",
		    "text/html" },
		{ "response", "dns:example.com", "2006-03-05T08:22:53Z",
		    "192.0.2.9", "text/dns", "20060305082253", "text/dns" },
		{ "resource", "http://example.com/old",
		    "2006-03-05T08:22:54.123Z", "2001:db8::1",
		    "text/html; charset=utf-8", "20060305082254123",
		    "text/html; charset=utf-8" },
	};
	static const char *const names[7] = { "WARC-Type", "WARC-Target-URI",
		"WARC-Date", "WARC-IP-Address", "Content-Type", "ARC-Date",
		"ARC-Content-Type" };
	struct arena *a = arena_new();
	struct buf f = { 0 };
	size_t at[5];
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };
	struct input *in;

	make_arc(&f, at);
	in = input_of_bytes(f.data, f.len, "x");
	CHECK_OK(source_open_input(&s, in, &e), &e);
	CHECK_TEXT(s->format->name, "arc");
	CHECK_INT(s->kind, SOURCE_PLAIN);
	for (int i = 0; i < 4; i++) {
		CHECK_OK(source_next(s, a, &r, &where, &e), &e);
		CHECK_TEXT(r.version, "ARC/1.1");
		for (int k = 0; k < 7; k++)
			CHECK_TEXT(field(&r, names[k]), expected[i][k]);
		CHECK(r.head_len > 0 && r.head_len < at[i + 1] - at[i] &&
		      memcmp(r.head, f.data + at[i], r.head_len) == 0 &&
		      r.head[r.head_len - 1] == '\n');
		CHECK_OK(source_finish(s, &where, &e), &e);
		CHECK_INT(where.offset, at[i]);
		CHECK_INT(where.length, at[i + 1] - at[i]);
	}
	CHECK_INT(source_next(s, a, &r, &where, &e), 0);
	CHECK_OK(source_seek(s, at[2], &e), &e);
	CHECK_OK(source_next(s, a, &r, &where, &e), &e);
	CHECK_TEXT(field(&r, "WARC-Target-URI"), "dns:example.com");
	source_free(s);
	input_free(in);
	arena_free(a);
	buf_clear(&f);
}

CASE(arc_lines_of_version_2_keep_all_their_words)
{
	static const char line[] =
	    "http://a.example/ 192.0.2.1 20010203040506 text/html 404 "
	    "abcdef - 17 a.arc.gz 1234\nx";
	struct arena *a = arena_new();
	struct record r;
	struct error e = { 0 };
	size_t used;

	CHECK_INT(arc_read_head(
		      a, &r, (const uint8_t *)line, sizeof(line), &used, &e),
	    1);
	CHECK_INT(used, sizeof(line) - 2);
	CHECK_INT(r.block_len, 1234);
	CHECK_TEXT(r.version, "ARC/2.0");
	CHECK_TEXT(field(&r, "WARC-Target-URI"), "http://a.example/");
	CHECK_TEXT(field(&r, "WARC-Date"), "2001-02-03T04:05:06Z");
	CHECK_TEXT(field(&r, "ARC-Result-Code"), "404");
	CHECK_TEXT(field(&r, "ARC-Checksum"), "abcdef");
	CHECK_TEXT(field(&r, "ARC-Location"), "(none)");
	CHECK_TEXT(field(&r, "ARC-Offset"), "17");
	CHECK_TEXT(field(&r, "ARC-Filename"), "a.arc.gz");
	arena_free(a);
}

CASE(arc_lines_are_certain_only_when_they_are_whole)
{
	static const char *const none[] = { "HTTP/1.1 200 OK\n",
		"http://example.com/ is a fine place 7\n",
		"Date: Fri, 17 Dec 2010 22:39:59 GMT 20101217223959 1\n",
		"http://a/ 192.0.2.1 20010203040506 text/html abc\n",
		"http://a/ 192.0.2.1 2001 text/html 12\n", " http://a/\n" };
	static const char line[] =
	    "http://a/ 192.0.2.1 20010203040506 text/html 12\n";

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK_INT(
		    arc_begins((const uint8_t *)none[i], strlen(none[i])), 0);
	for (size_t i = 0; i < sizeof(line); i++)
		CHECK_INT(arc_begins((const uint8_t *)line, i),
		    i == sizeof(line) - 1 ? 1 : -1);
}

CASE(damage_in_arc_files_costs_one_record)
{
	struct buf f = { 0 };
	size_t at[5];
	char *want;
	char *hit;

	/* Plain: a line that is none any more; a length that lies. */
	make_arc(&f, at);
	f.data[at[1]] = ' ';
	want = mem_format(
	    "a.arc@0+%zu !head@%zu+%zu ", at[1], at[1], at[2] - at[1]);
	CHECK(has(&f, want));
	free(want);
	buf_reset(&f);
	make_arc(&f, at);
	hit = memmem(f.data + at[1], at[2] - at[1], "html 48\n", 8);
	CHECK(hit != NULL);
	if (hit != NULL)
		memcpy(hit, "html 99\n", 8);
	want = mem_format("!framing@%zu+%zu ", at[1], at[2] - at[1]);
	CHECK(has(&f, want));
	free(want);

	/* One gzip member each. */
	buf_reset(&f);
	make_arc(&f, at);
	{
		struct buf z = { 0 };
		size_t ends[5] = { 0 };

		for (int i = 0; i < 4; i++) {
			struct buf one = { 0 };

			buf_add(&one, f.data + at[i], at[i + 1] - at[i]);
			add_gzip(&z, &one, GZIP_DEFLATE);
			ends[i + 1] = z.len;
			buf_clear(&one);
		}
		z.data[ends[2] - 20] ^= 4;
		want = mem_format("@%zu+%zu ", ends[1], ends[2] - ends[1]);
		CHECK(has(&z, want));
		free(want);
		want = mem_format("old@%zu+%zu ", ends[3], ends[4] - ends[3]);
		CHECK(has(&z, want));
		free(want);
		buf_clear(&z);
	}
	buf_clear(&f);
}

/* zstd. */

/* Three records as frames behind what is in OUT; AT: where each starts. */
static void
add_frames(struct buf *out, const struct frame *how, size_t at[4])
{
	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };
		struct buf one = { 0 };

		at[i] = out->len;
		add_plain(&one, name, i == 1 ? 300000 : 100, (uint32_t)i);
		add_zstd(out, &one, how);
		buf_clear(&one);
	}
	at[3] = out->len;
}

static char *
abc(const size_t at[4])
{
	return mem_format("a@%zu+%zu b@%zu+%zu c@%zu+%zu ", at[0],
	    at[1] - at[0], at[1], at[2] - at[1], at[2], at[3] - at[2]);
}

CASE(zstd_frames_are_read_with_their_places)
{
	struct frame how = { 0 };
	struct buf f = { 0 };
	size_t at[4];
	char *want;

	add_frames(&f, &how, at);
	want = abc(at);
	check_reads(&f, want);
	free(want);
	/* What the proposal demands of a frame is missed, and said. */
	buf_reset(&f);
	how.no_checksum = 1;
	add_frames(&f, &how, at);
	CHECK(has(&f, "a!members@0+"));
	buf_reset(&f);
	how.no_checksum = 0;
	how.no_size = 1;
	add_frames(&f, &how, at);
	CHECK(has(&f, "b!members@"));
	buf_clear(&f);
}

CASE(a_zstd_dictionary_is_used_wherever_reading_starts)
{
	uint8_t dictionary[16384];
	size_t len = train(dictionary, sizeof(dictionary));
	struct frame how = { .dictionary = dictionary, .dictionary_len = len };
	const struct frame bare = { 0 };

	for (int is_packed = 0; is_packed < 2; is_packed++) {
		struct arena *a = arena_new();
		struct buf f = { 0 };
		struct buf raw = { 0 };
		struct buf inner = { 0 };
		struct source *s = NULL;
		struct record r;
		struct place where;
		struct error e = { 0 };
		struct input *in;
		size_t at[4];
		char *want;

		buf_add(&raw, dictionary, len);
		if (is_packed)
			add_zstd(&inner, &raw, &bare);
		else
			buf_add(&inner, dictionary, len);
		add_skippable(&f, 0x5d, inner.data, inner.len);
		add_frames(&f, &how, at);
		want = abc(at);
		check_reads(&f, want);
		free(want);
		in = input_of_bytes(f.data, f.len, "x.warc.zst");
		CHECK_OK(source_open_input(&s, in, &e), &e);
		CHECK_INT(s->kind, SOURCE_ZSTD);
		CHECK_OK(source_seek(s, at[2], &e), &e);
		CHECK_OK(source_next(s, a, &r, &where, &e), &e);
		CHECK_OK(source_finish(s, &where, &e), &e);
		CHECK_INT(where.offset, at[2]);
		CHECK_TEXT(field(&r, "WARC-Record-ID"), "<urn:x:c>");
		source_free(s);
		input_free(in);
		/* Without it nothing reads, and this is said of all. */
		in = input_of_bytes(
		    f.data + at[0], f.len - at[0], "x.warc.zst");
		want = read_all(in);
		CHECK(strncmp(want, "!zstd-dictionary@0+", 19) == 0);
		free(want);
		input_free(in);
		/* A dictionary that is broken. */
		memset(f.data + 8, 0, 100);
		CHECK(has(&f, "!zstd-dictionary@0+"));
		buf_clear(&f);
		buf_clear(&raw);
		buf_clear(&inner);
		arena_free(a);
	}
}

CASE(zstd_records_may_have_several_frames_and_extensions_between)
{
	const struct frame how = { 0 };
	struct buf f = { 0 };
	struct buf record = { 0 };
	struct buf part = { 0 };
	size_t two;
	size_t three;
	char *want;

	add_plain(&record, "a", 50000, 1);
	for (size_t at = 0; at < record.len; at += 20000) {
		buf_reset(&part);
		buf_add(&part, record.data + at,
		    record.len - at < 20000 ? record.len - at : 20000);
		add_zstd(&f, &part, &how);
	}
	two = f.len;
	add_skippable(&f, 0x50, "anything", 8);
	buf_reset(&record);
	add_plain(&record, "b", 10, 1);
	three = f.len;
	add_zstd(&f, &record, &how);
	want = mem_format("a@0+%zu b@%zu+%zu ", two, three, f.len - three);
	check_reads(&f, want);
	free(want);
	buf_clear(&f);
	buf_clear(&record);
	buf_clear(&part);
}

CASE(damage_in_zstd_costs_one_frame)
{
	const struct frame how = { 0 };
	const struct frame wide = { .window_log = 24, .no_size = 1 };
	struct buf f = { 0 };
	size_t at[4];
	char *want;

	for (size_t step = 0; step < 40; step++) {
		buf_reset(&f);
		add_frames(&f, &how, at);
		f.data[at[1] + step * 7540 + 1] ^= 0x10;
		CHECK(has(&f, "!zstd-"));
		want = mem_format("c@%zu+%zu ", at[2], at[3] - at[2]);
		CHECK(has(&f, want));
		free(want);
		want = mem_format("@%zu+%zu ", at[1], at[2] - at[1]);
		CHECK(has(&f, want));
		free(want);
		if (test_failed)
			break;
	}
	for (size_t cut = 1; cut < 150; cut += 7) {
		buf_reset(&f);
		add_frames(&f, &how, at);
		f.len -= cut < at[3] - at[2] ? cut : 1;
		CHECK(has(&f, "!zstd-cut@"));
		CHECK(has(&f, "b@"));
	}
	buf_reset(&f);
	add_frames(&f, &wide, at);
	want = read_bytes(&f);
	CHECK(strncmp(want, "!zstd-window@0+", 15) == 0);
	free(want);
	buf_clear(&f);
}

/* gzip. */

CASE(an_archive_in_a_broken_member_is_not_taken_for_records)
{
	struct buf inner = { 0 };
	struct buf block = { 0 };
	struct buf one = { 0 };
	struct buf f = { 0 };
	size_t first;
	size_t second;
	size_t end;

	for (int i = 0; i < 40; i++) {
		struct buf x = { 0 };

		add_plain(&x, "inner", 5000, (uint32_t)i);
		add_gzip(&inner, &x, GZIP_DEFLATE);
		buf_clear(&x);
	}
	buf_add(&block, inner.data, inner.len);
	CHECK(block.len > 3 * 65535);
	add_plain(&one, "a", 10, 1);
	add_gzip(&f, &one, GZIP_DEFLATE);
	first = f.len;
	buf_reset(&one);
	add_warc(&one, "b", &block);
	add_gzip(&f, &one, GZIP_STORED);
	second = f.len;
	buf_reset(&one);
	add_plain(&one, "c", 10, 1);
	add_gzip(&f, &one, GZIP_STORED);
	end = f.len;
	for (size_t k = 0; k < 4; k++)
		for (size_t bit = 0; bit < 40; bit++) {
			size_t at = first + 10 + k * (5 + 65535) + bit / 8;
			char *want = mem_format(
			    "c@%zu+%zu ", second, end - second);
			char *got;

			f.data[at] ^= (uint8_t)(1 << bit % 8);
			got = read_bytes(&f);
			f.data[at] ^= (uint8_t)(1 << bit % 8);
			/* Padding bits say nothing. */
			if (bit >= 3 && bit < 8)
				CHECK(strstr(got, want) != NULL);
			else
				CHECK(strstr(got, "!gzip-") != NULL &&
				      strstr(got, want) != NULL);
			CHECK(strstr(got, "inner") == NULL);
			if (test_failed)
				printf(
				    "# block %zu bit %zu: %s\n", k, bit, got);
			free(got);
			free(want);
			if (test_failed)
				k = bit = 1000;
		}
	buf_clear(&inner);
	buf_clear(&block);
	buf_clear(&one);
	buf_clear(&f);
}

CASE(a_record_in_two_gzip_members_is_read_and_said)
{
	struct buf record = { 0 };
	struct buf part = { 0 };
	struct buf f = { 0 };
	size_t two;
	char *want;

	add_plain(&record, "a", 1000, 3);
	buf_add(&part, record.data, 500);
	add_gzip(&f, &part, GZIP_DEFLATE);
	buf_reset(&part);
	buf_add(&part, record.data + 500, record.len - 500);
	add_gzip(&f, &part, GZIP_DEFLATE);
	two = f.len;
	buf_reset(&record);
	add_plain(&record, "b", 10, 1);
	add_gzip(&f, &record, GZIP_DEFLATE);
	want = mem_format("a!members@0+%zu b@%zu+%zu ", two, two, f.len - two);
	check_reads(&f, want);
	free(want);
	buf_clear(&record);
	buf_clear(&part);
	buf_clear(&f);
}

/* A member with the extra field "sl". */
static void
add_with_sl(struct buf *out, const struct buf *content, uint32_t packed_add)
{
	struct buf member = { 0 };
	uint32_t said[2];

	add_gzip(&member, content, GZIP_DEFLATE);
	said[0] = (uint32_t)member.len + 14 + packed_add;
	said[1] = (uint32_t)content->len;
	buf_add(out, "\x1f\x8b\x08\x04\0\0\0\0\0\x03\x0c\0sl\x08\0", 16);
	for (int i = 0; i < 8; i++)
		buf_add_byte(out, (uint8_t)(said[i / 4] >> i % 4 * 8));
	buf_add(out, member.data + 10, member.len - 10);
	buf_clear(&member);
}

CASE(lengths_in_the_extra_field_are_compared)
{
	struct buf record = { 0 };
	struct buf f = { 0 };
	size_t two;
	char *want;

	add_plain(&record, "a", 1000, 3);
	add_with_sl(&f, &record, 0);
	two = f.len;
	add_with_sl(&f, &record, 1);
	want = mem_format("a@0+%zu a!members@%zu+%zu ", two, two, f.len - two);
	check_reads(&f, want);
	free(want);
	buf_clear(&record);
	buf_clear(&f);
}

CASE(a_byte_order_mark_is_passed_and_said)
{
	struct buf f = { 0 };
	char *want;

	buf_add_text(&f, "\xef\xbb\xbf\r\n\n");
	add_plain(&f, "a", 100, 1);
	want = mem_format("!framing@0+3 a@6+%zu ", f.len - 6);
	check_reads(&f, want);
	free(want);
	buf_clear(&f);
}

CASE(one_wrong_byte_behind_a_block_is_a_rule_and_no_damage)
{
	for (size_t i = 1; i <= 4; i++) {
		struct buf f = { 0 };
		size_t two;
		char *want;

		add_plain(&f, "a", 100, 1);
		two = f.len;
		add_plain(&f, "b", 100, 2);
		f.data[two - i] = 'x';
		want = mem_format(
		    "a!framing@0+%zu b@%zu+%zu ", two, two, f.len - two);
		check_reads(&f, want);
		free(want);
		buf_clear(&f);
	}
}

CASE(files_compressed_as_a_whole_are_marked)
{
	for (int i = 0; i < 2; i++) {
		const struct frame how = { 0 };
		struct arena *a = arena_new();
		struct buf all = { 0 };
		struct buf f = { 0 };
		struct source *s = NULL;
		struct record r;
		struct place where;
		struct error e = { 0 };
		struct input *in;
		int records = 0;

		add_plain(&all, "a", 1000, 1);
		add_plain(&all, "b", 1000, 1);
		if (i == 0)
			add_gzip(&f, &all, GZIP_DEFLATE);
		else
			add_zstd(&f, &all, &how);
		in = input_of_bytes(f.data, f.len, "x.warc");
		CHECK_OK(source_open_input(&s, in, &e), &e);
		while (source_next(s, a, &r, &where, &e) > 0) {
			(void)source_finish(s, &where, &e); /* a rule */
			CHECK_INT(where.length, 0);
			records++;
		}
		CHECK_INT(records, 2);
		CHECK_INT(s->whole_file, 1);
		source_free(s);
		input_free(in);
		buf_clear(&all);
		buf_clear(&f);
		arena_free(a);
	}
}

/* Bytes that come once. */

CASE(what_has_passed_cannot_be_sought)
{
	struct buf f = { 0 };
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };
	struct input *in;

	for (int i = 0; i < 3; i++)
		add_plain(&f, "a", 7000000, 1);
	in = input_of_stream(stream_of_bytes(f.data, f.len), "once");
	CHECK_OK(source_open_input(&s, in, &e), &e);
	while (source_next(s, a, &r, &where, &e) > 0)
		continue;
	CHECK_INT(source_seek(s, 0, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_OK(source_seek(s, where.offset / 3 * 2, &e), &e);
	source_free(s);
	input_free(in);
	arena_free(a);
	buf_clear(&f);
}

CASE(damage_in_what_has_passed_costs_no_later_record)
{
	for (int is_gzip = 0; is_gzip < 2; is_gzip++) {
		struct buf plain = { 0 };
		struct buf f = { 0 };
		size_t two;
		struct input *in;
		char *got;
		char *want;

		/* Longer than what can be read again. */
		add_plain(&plain, "a", 20000000, 1);
		if (is_gzip)
			add_gzip(&f, &plain, GZIP_STORED);
		else
			buf_add(&f, plain.data, plain.len);
		two = f.len;
		if (is_gzip)
			f.data[two - 10] ^= 1;
		else
			memcpy(f.data + two - 4, "abcd", 4);
		buf_reset(&plain);
		add_plain(&plain, "b", 100, 1);
		if (is_gzip)
			add_gzip(&f, &plain, GZIP_DEFLATE);
		else
			buf_add(&f, "\n", 1),
			    buf_add(&f, plain.data, plain.len);
		in = input_of_stream(stream_of_bytes(f.data, f.len), "once");
		got = read_all(in);
		want = mem_format("b@%zu+", two + !is_gzip);
		CHECK(strstr(got, want) != NULL);
		CHECK(strstr(got, "a!") != NULL);
		if (test_failed)
			printf("# %s\n", got);
		free(got);
		free(want);
		input_free(in);
		buf_clear(&plain);
		buf_clear(&f);
	}
}

/* Gives LEN bytes and breaks then, again and again. */
struct breaking {
	struct stream stream;
	const uint8_t *p;
	size_t len;
};

static int
breaking_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct breaking *b = (struct breaking *)s;

	if (b->len == 0)
		return error_set(e, ERROR_INPUT, "the container is broken");
	*data = b->p;
	*len = b->len;
	b->len = 0;
	return 1;
}

static void
breaking_free(struct stream *s)
{
	(void)s;
}

CASE(a_container_that_breaks_ends_the_file)
{
	const struct frame how = { 0 };

	for (int i = 0; i < 3; i++) {
		struct buf plain = { 0 };
		struct buf f = { 0 };
		struct breaking b = { .stream = {
					  breaking_next, breaking_free } };
		struct input *in;
		char *got;

		for (int k = 0; k < 2; k++) {
			buf_reset(&plain);
			add_plain(&plain, k == 0 ? "a" : "b", 100000, 1);
			if (i == 0)
				buf_add(&f, plain.data, plain.len);
			else if (i == 1)
				add_gzip(&f, &plain, GZIP_DEFLATE);
			else
				add_zstd(&f, &plain, &how);
		}
		b.p = f.data;
		b.len = f.len - 5000;
		in = input_of_stream(&b.stream, "tar/x");
		got = read_all(in);
		CHECK(strchr(got, '!') != NULL);
		if (test_failed)
			printf("# %s\n", got);
		free(got);
		input_free(in);
		buf_clear(&plain);
		buf_clear(&f);
	}
}

TESTS(T(arc_records_have_the_fields_of_warc),
    T(arc_lines_of_version_2_keep_all_their_words),
    T(arc_lines_are_certain_only_when_they_are_whole),
    T(damage_in_arc_files_costs_one_record),
    T(zstd_frames_are_read_with_their_places),
    T(a_zstd_dictionary_is_used_wherever_reading_starts),
    T(zstd_records_may_have_several_frames_and_extensions_between),
    T(damage_in_zstd_costs_one_frame),
    T(an_archive_in_a_broken_member_is_not_taken_for_records),
    T(a_record_in_two_gzip_members_is_read_and_said),
    T(lengths_in_the_extra_field_are_compared),
    T(a_byte_order_mark_is_passed_and_said),
    T(one_wrong_byte_behind_a_block_is_a_rule_and_no_damage),
    T(files_compressed_as_a_whole_are_marked),
    T(what_has_passed_cannot_be_sought),
    T(damage_in_what_has_passed_costs_no_later_record),
    T(a_container_that_breaks_ends_the_file))
