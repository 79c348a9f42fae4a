/*
 * A record file of 60 records cut at every byte, and 20,000 single bits of it
 * flipped: each is a finding that names the file, but for what no reader of
 * gzip can see, which is counted by kind. Nothing else is missed.
 *
 * Whether a flipped bit could be seen at all is asked of zlib: when every
 * member inflates to the bytes it held before, by a reader that checks
 * everything RFC 1952 lets it check, the format hides the bit.
 */
#include <zlib.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "tests/test.h"

enum { RECORDS = 60, FLIPS = 20000, CONTENT_MAX = 256 * 1024 };

/* ---- the file ---- */

struct sample {
	struct buf bytes;
	size_t starts[RECORDS + 1]; /* of the members, and the end */
	struct buf content;         /* of all members, inflated */
};

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static uint64_t
next_random(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* The block of record NUMBER, and where its payload begins; 0: none. */
static size_t
make_block(struct buf *b, unsigned number)
{
	uint64_t x = number;
	size_t head = 0;

	if (number == 0) {
		buf_add_text(b, "software: test\r\n"
				"format: WARC File Format 1.1\r\n");
	} else if (number % 3 == 2) {
		buf_format(b,
		    "GET /%u HTTP/1.1\r\nHost: example.org\r\n"
		    "User-Agent: x\r\n\r\n",
		    number - 1);
	} else {
		int is_text = number % 2;

		buf_format(b,
		    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
		    "Content-Length: %u\r\n\r\n",
		    is_text ? "text/html" : "image/png", 120 + number);
		head = b->len;
		while (b->len < head + 120 + number)
			buf_add_byte(b,
			    is_text ? (uint8_t) "abcdefg <"[next_random(&x) % 9]
				    : (uint8_t)next_random(&x));
	}
	return head;
}

/* Record NUMBER behind the others: a warcinfo, then responses, requests and,
 * in stored blocks, pictures. */
static void
add_record(struct sample *s, struct gzip_writer *w, unsigned number)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct buf block = { 0 };
	size_t head = make_block(&block, number);
	char text[DIGEST_TEXT_MAX];
	struct error e = { 0 };
	uint64_t length;

	record_add(a, &r, "WARC-Type",
	    number == 0       ? "warcinfo"
	    : number % 3 == 2 ? "request"
			      : "response");
	record_add(a, &r, "WARC-Record-ID",
	    arena_format(
		a, "<urn:uuid:00000000-0000-8000-8000-%012x>", number));
	record_add(a, &r, "WARC-Date", "2026-11-22T08:00:00Z");
	if (number > 0)
		record_add(a, &r, "WARC-Target-URI",
		    arena_format(a, "http://example.org/%u",
			number % 3 == 2 ? number - 1 : number));
	record_add(a, &r, "Content-Type",
	    number == 0       ? "application/warc-fields"
	    : number % 3 == 2 ? "application/http;msgtype=request"
			      : "application/http;msgtype=response");
	digest_text(DIGEST_SHA256, block.data, block.len, text);
	record_add(a, &r, "WARC-Block-Digest", text);
	digest_text(DIGEST_SHA256, block.data + head, block.len - head, text);
	if (head > 0)
		record_add(a, &r, "WARC-Payload-Digest", text);
	record_add(a, &r, "Content-Length", arena_format(a, "%zu", block.len));
	r.block_len = block.len;
	r.block = stream_of_bytes(block.data, block.len);
	s->starts[number] = s->bytes.len;
	CHECK_OK(warc_write(w, &r, head > 0 && number % 2 == 0, collect,
		     &s->bytes, &length, &e),
	    &e);
	stream_free(r.block);
	buf_clear(&block);
	arena_free(a);
}

/* The members of P..LEN inflated by zlib behind each other. 1; 0, it objects
 * to something. */
static int
inflate_all(const struct buf *bytes, struct buf *out)
{
	z_stream z = { 0 };
	int ok = 1;
	int rc;

	buf_reset(out);
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	z.next_in = bytes->data;
	z.avail_in = (uInt)bytes->len;
	while (ok && z.avail_in > 0) {
		uint8_t *room = buf_room(out, CONTENT_MAX);

		z.next_out = room;
		z.avail_out = CONTENT_MAX;
		rc = inflate(&z, Z_FINISH);
		out->len += CONTENT_MAX - z.avail_out;
		ok = rc == Z_STREAM_END && out->len < CONTENT_MAX &&
		     inflateReset(&z) == Z_OK;
	}
	(void)inflateEnd(&z);
	return ok;
}

static void
sample_make(struct sample *s)
{
	struct gzip_writer *w = gzip_writer_new();

	*s = (struct sample){ .bytes = { 0 } };
	for (unsigned i = 0; i < RECORDS; i++)
		add_record(s, w, i);
	s->starts[RECORDS] = s->bytes.len;
	CHECK(inflate_all(&s->bytes, &s->content));
	gzip_writer_free(w);
}

static void
sample_clear(struct sample *s)
{
	buf_clear(&s->bytes);
	buf_clear(&s->content);
}

/* ---- what the verifier says ---- */

struct seen {
	uint64_t findings, wrong_name;
	char code[32];
};

static void
see(void *context, const struct finding *f)
{
	struct seen *s = context;

	if (f->severity < SEVERITY_WARNING)
		return;
	s->wrong_name += strcmp(f->file, "the-file.warc.gz") != 0;
	if (f->severity >= SEVERITY_DAMAGE && s->findings++ == 0)
		(void)snprintf(s->code, sizeof(s->code), "%s", f->code);
}

/* Is there something wrong with P..LEN? */
static struct seen
look(const uint8_t *p, size_t len, struct verify_totals *totals)
{
	struct input *in = input_of_bytes(p, len, "the-file.warc.gz");
	struct seen s = { .code = "" };
	const struct verify_options o = {
		.each_finding = see, .context = &s, .threads = 1
	};
	struct error e = { 0 };

	*totals = (struct verify_totals){ 0 };
	CHECK_OK(verify_input(in, "the-file.warc.gz", &o, totals, &e), &e);
	CHECK_INT(s.wrong_name, 0);
	CHECK_INT(s.findings, totals->damaged + totals->changed);
	input_free(in);
	return s;
}

static size_t
member_at(const struct sample *s, size_t at)
{
	size_t i = 0;

	while (s->starts[i + 1] <= at)
		i++;
	return i;
}

CASE(the_file_is_sound_before)
{
	struct verify_totals t;
	struct sample s;

	sample_make(&s);
	CHECK_INT(look(s.bytes.data, s.bytes.len, &t).findings, 0);
	CHECK_INT(t.records, RECORDS);
	CHECK_INT(
	    t.verdicts[VERDICT_SOUND] + t.verdicts[VERDICT_UNPROVED], RECORDS);
	printf("# %d records, %zu bytes\n", RECORDS, s.bytes.len);
	sample_clear(&s);
}

/* What stands before the cut is still read, record by record. */
CASE(every_cut_is_found_but_those_between_members)
{
	size_t detected = 0, between = 0, missed = 0;
	struct verify_totals t;
	struct sample s;

	sample_make(&s);
	for (size_t len = 1; len < s.bytes.len; len++) {
		size_t member = member_at(&s, len);
		struct seen seen = look(s.bytes.data, len, &t);

		if (seen.findings > 0)
			detected++;
		else if (s.starts[member] == len)
			between++;
		else
			missed++;
		if (t.records < member) {
			printf("# cut at %zu: %ju of %zu whole records\n", len,
			    (uintmax_t)t.records, member);
			CHECK(!"all before the cut");
		}
	}
	printf("# cuts: %zu detected, %zu undetectable by format (between "
	       "members: no end marker, completeness unknown), %zu missed\n",
	    detected, between, missed);
	CHECK_INT(missed, 0);
	CHECK_INT(between, RECORDS - 1);
	CHECK_INT(detected + between, s.bytes.len - 1);
	sample_clear(&s);
}

/* Nothing at all is not a record file with no records in it. */
CASE(an_empty_file_is_no_sound_one)
{
	struct verify_totals t;

	CHECK(look((const uint8_t *)"", 0, &t).findings > 0 || t.warnings > 0 ||
	      t.notes > 0);
}

enum hidden { HIDDEN_FTEXT, HIDDEN_MTIME, HIDDEN_XFL, HIDDEN_OS, HIDDEN_PAD };
#define HIDDEN_COUNT (HIDDEN_PAD + 1)

static const char *const hidden_names[HIDDEN_COUNT] = { "FTEXT", "MTIME", "XFL",
	"OS", "unused bits before a byte boundary in deflate" };

/* Which of the bits that gzip hides is bit BIT of the byte AT? */
static enum hidden
hidden_kind(const struct sample *s, size_t at, unsigned bit)
{
	size_t in_member = at - s->starts[member_at(s, at)];

	if (in_member == 3 && bit == 0)
		return HIDDEN_FTEXT;
	if (in_member >= 4 && in_member <= 7)
		return HIDDEN_MTIME;
	if (in_member == 8)
		return HIDDEN_XFL;
	if (in_member == 9)
		return HIDDEN_OS;
	return HIDDEN_PAD;
}

struct flips {
	size_t detected, missed, hidden[HIDDEN_COUNT];
	size_t not_checked; /* records beside the flipped one, not read */
};

static void
flip_one(struct sample *s, struct flips *f, size_t at, unsigned bit,
    struct buf *room)
{
	struct verify_totals t;
	struct seen seen;

	s->bytes.data[at] ^= (uint8_t)(1u << bit);
	seen = look(s->bytes.data, s->bytes.len, &t);
	if (seen.findings > 0)
		f->detected++;
	else if (inflate_all(&s->bytes, room) && room->len == s->content.len &&
		 memcmp(room->data, s->content.data, room->len) == 0)
		f->hidden[hidden_kind(s, at, bit)]++;
	else
		f->missed++;
	if (seen.findings == 0 && f->missed > 0 && f->missed < 5)
		printf("# missed: byte %zu, bit %u\n", at, bit);
	if (t.records + 1 < RECORDS) {
		if (f->not_checked++ < 5)
			printf("# byte %zu, bit %u (%s): only %ju records\n",
			    at, bit, seen.code, (uintmax_t)t.records);
	}
	s->bytes.data[at] ^= (uint8_t)(1u << bit);
}

CASE(every_flipped_bit_is_found_but_those_gzip_hides)
{
	struct flips f = { 0 };
	struct buf room = { 0 };
	struct sample s;
	uint64_t x = 20261122;
	size_t hidden = 0;

	sample_make(&s);
	for (size_t i = 0; i < FLIPS; i++) {
		uint64_t r = next_random(&x);

		flip_one(&s, &f, (r >> 3) % s.bytes.len, r % 8, &room);
	}
	for (size_t i = 0; i < HIDDEN_COUNT; i++)
		hidden += f.hidden[i];
	printf("# %d flips: %zu detected, %zu undetectable by format, %zu "
	       "missed\n",
	    FLIPS, f.detected, hidden, f.missed);
	for (size_t i = 0; i < HIDDEN_COUNT; i++)
		printf("#   undetectable: %zu in %s\n", f.hidden[i],
		    hidden_names[i]);
	CHECK_INT(f.missed, 0);
	CHECK_INT(f.not_checked, 0);
	CHECK_INT(f.detected + hidden, FLIPS);
	buf_clear(&room);
	sample_clear(&s);
}

TESTS(T(the_file_is_sound_before),
    T(every_cut_is_found_but_those_between_members),
    T(an_empty_file_is_no_sound_one),
    T(every_flipped_bit_is_found_but_those_gzip_hides))
