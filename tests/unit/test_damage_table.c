/*
 * The kinds of damage that verifiers are known to miss, one each in a file of
 * 60 records: the record is named, with the right code and severity, and all
 * others are still checked.
 */
#include "tests/unit/damage_fixture.h"

enum { VICTIM = 31 }; /* a response in deflate; one less is a stored one */

#define WRONG                                                                \
	"sha256:00000000000000000000000000000000000000000000000000000000000" \
	"00000"

/* What one kind of damage was answered with. */
static void
check_answer(const struct sample *s, const struct seen *seen, unsigned number,
    const char *code, enum severity severity)
{
	CHECK_TEXT(seen->code, code);
	CHECK_INT(seen->severity, severity);
	CHECK_INT(seen->offset, s->starts[number]);
	CHECK_INT(seen->findings, 1);
}

/* All records were read whole, all but BAD of them with no finding. */
static void
check_rest(const struct verify_totals *t, uint64_t records, uint64_t bad)
{
	CHECK_INT(t->records, records);
	CHECK_INT(t->verdicts[VERDICT_SOUND] + t->verdicts[VERDICT_UNPROVED],
	    records - bad);
}

static void
check_lie(const struct lie *lie, const char *code)
{
	struct verify_totals t;
	struct sample s;
	struct seen seen;

	sample_make(&s, lie);
	seen = look(s.bytes.data, s.bytes.len, &t);
	check_answer(&s, &seen, lie->number, code, SEVERITY_CHANGED);
	CHECK_TEXT(
	    seen.record, "urn:uuid:00000000-0000-8000-8000-00000000001f");
	check_rest(&t, RECORDS, 1);
	CHECK_INT(t.verdicts[VERDICT_CHANGED], 1);
	sample_clear(&s);
}

CASE(a_wrong_block_digest_is_a_change)
{
	const struct lie lie = { VICTIM, WRONG, NULL };

	check_lie(&lie, "digest-block");
}

CASE(a_wrong_payload_digest_alone_is_a_change)
{
	const struct lie lie = { VICTIM, NULL, WRONG };

	check_lie(&lie, "digest-payload");
}

/* Nobody can say that the bytes differ: it is told, and not as damage. */
CASE(a_digest_of_an_unknown_kind_is_told_and_proves_nothing)
{
	const struct lie lie = { VICTIM, "frob512:abcdef", "frob512:abcdef" };
	struct verify_totals t;
	struct sample s;

	sample_make(&s, &lie);
	CHECK_INT(look(s.bytes.data, s.bytes.len, &t).findings, 0);
	CHECK(t.warnings + t.notes >= 1);
	CHECK_INT(t.records, RECORDS);
	CHECK_INT(t.verdicts[VERDICT_CHANGED] + t.verdicts[VERDICT_DAMAGED], 0);
	sample_clear(&s);
}

CASE(a_wrong_crc_over_sound_data_is_damage)
{
	struct verify_totals t;
	struct sample s;
	struct seen seen;

	sample_make(&s, NULL);
	s.bytes.data[s.starts[VICTIM + 1] - 8] ^= 0x10;
	seen = look(s.bytes.data, s.bytes.len, &t);
	check_answer(&s, &seen, VICTIM, "gzip-crc", SEVERITY_DAMAGE);
	CHECK_TEXT(
	    seen.record, "urn:uuid:00000000-0000-8000-8000-00000000001f");
	CHECK(t.records >= RECORDS - 1);
	CHECK_INT(t.verdicts[VERDICT_SOUND] + t.verdicts[VERDICT_UNPROVED],
	    RECORDS - 1);
	sample_clear(&s);
}

CASE(a_wrong_length_over_sound_data_is_damage)
{
	struct verify_totals t;
	struct sample s;
	struct seen seen;

	sample_make(&s, NULL);
	s.bytes.data[s.starts[VICTIM + 1] - 4] ^= 1;
	seen = look(s.bytes.data, s.bytes.len, &t);
	check_answer(&s, &seen, VICTIM, "gzip-length", SEVERITY_DAMAGE);
	CHECK_INT(t.verdicts[VERDICT_SOUND] + t.verdicts[VERDICT_UNPROVED],
	    RECORDS - 1);
	sample_clear(&s);
}

CASE(a_flipped_bit_in_a_stored_picture_is_damage)
{
	struct verify_totals t;
	struct sample s;
	struct seen seen;
	unsigned stored = VICTIM + 3;

	sample_make(&s, NULL);
	s.bytes.data[s.starts[stored + 1] - 40] ^= 4;
	seen = look(s.bytes.data, s.bytes.len, &t);
	CHECK(seen.findings >= 1);
	CHECK_INT(seen.offset, s.starts[stored]);
	CHECK_TEXT(
	    seen.record, "urn:uuid:00000000-0000-8000-8000-000000000022");
	CHECK_INT(t.verdicts[VERDICT_SOUND] + t.verdicts[VERDICT_UNPROVED],
	    RECORDS - 1);
	sample_clear(&s);
}

CASE(a_cut_last_record_is_damage)
{
	struct verify_totals t;
	struct sample s;
	struct seen seen;

	sample_make(&s, NULL);
	seen = look(s.bytes.data, s.bytes.len - 100, &t);
	check_answer(&s, &seen, RECORDS - 1, "gzip-cut", SEVERITY_DAMAGE);
	CHECK_INT(t.verdicts[VERDICT_SOUND] + t.verdicts[VERDICT_UNPROVED],
	    RECORDS - 1);
	sample_clear(&s);
}

/* No reader can know. Inside a snapshot it is found (test_damage_snapshot). */
CASE(a_missing_last_member_leaves_a_sound_file)
{
	struct verify_totals t;
	struct sample s;

	sample_make(&s, NULL);
	CHECK_INT(look(s.bytes.data, s.starts[RECORDS - 1], &t).findings, 0);
	check_rest(&t, RECORDS - 1, 0);
	sample_clear(&s);
}

TESTS(T(a_wrong_block_digest_is_a_change),
    T(a_wrong_payload_digest_alone_is_a_change),
    T(a_digest_of_an_unknown_kind_is_told_and_proves_nothing),
    T(a_wrong_crc_over_sound_data_is_damage),
    T(a_wrong_length_over_sound_data_is_damage),
    T(a_flipped_bit_in_a_stored_picture_is_damage),
    T(a_cut_last_record_is_damage),
    T(a_missing_last_member_leaves_a_sound_file))
