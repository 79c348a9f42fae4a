/*
 * A record file of 60 records cut at every byte, and 20,000 single bits of it
 * flipped: each is a finding that names the file, but for what no reader of
 * gzip can see, which is counted by kind. Nothing else is missed.
 *
 * Whether a flipped bit could be seen at all is asked of zlib: when every
 * member inflates to the bytes it held before, by a reader that checks
 * everything RFC 1952 lets it check, the format hides the bit.
 */
#include "core/base/version.h"
#include "tests/unit/damage_fixture.h"

enum { FLIPS = 20000 };

/* Programs built to find faults of their own are slow: they try one in ten. */
static size_t
one_in(void)
{
	return strcmp(version_mode(), "release") == 0 ? 1 : 10;
}

CASE(the_file_is_sound_before)
{
	struct verify_totals t;
	struct sample s;

	sample_make(&s, NULL);
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

	sample_make(&s, NULL);
	for (size_t len = 1; len < s.bytes.len; len++) {
		size_t member = member_at(&s, len);
		struct seen seen;

		if (len % one_in() != 0 && s.starts[member] != len)
			continue;
		seen = look(s.bytes.data, len, &t);

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
	CHECK(detected + between >= (s.bytes.len - 1) / one_in());
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

	sample_make(&s, NULL);
	for (size_t i = 0; i < FLIPS / one_in(); i++) {
		uint64_t r = next_random(&x);

		flip_one(&s, &f, (r >> 3) % s.bytes.len, r % 8, &room);
	}
	for (size_t i = 0; i < HIDDEN_COUNT; i++)
		hidden += f.hidden[i];
	printf("# %zu flips: %zu detected, %zu undetectable by format, %zu "
	       "missed\n",
	    FLIPS / one_in(), f.detected, hidden, f.missed);
	for (size_t i = 0; i < HIDDEN_COUNT; i++)
		printf("#   undetectable: %zu in %s\n", f.hidden[i],
		    hidden_names[i]);
	CHECK_INT(f.missed, 0);
	CHECK_INT(f.not_checked, 0);
	CHECK_INT(f.detected + hidden, FLIPS / one_in());
	buf_clear(&room);
	sample_clear(&s);
}

TESTS(T(the_file_is_sound_before),
    T(every_cut_is_found_but_those_between_members),
    T(an_empty_file_is_no_sound_one),
    T(every_flipped_bit_is_found_but_those_gzip_hides))
