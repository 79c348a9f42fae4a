/* The bytes of records as members give them, and the way on behind damage. */
#include <string.h>

#include "core/archive/record.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "formats/walk_state.h"

#define REWIND_BYTES ((uint64_t)16 * 1024 * 1024)

int
walk_pull(struct walker *s, struct error *e)
{
	int more;

	if (s->bytes == NULL)
		return 0;
	more = stream_next(s->bytes, &s->p, &s->left, e);
	if (more <= 0)
		s->left = 0;
	s->taken += s->left;
	return more;
}

int
walk_pull_record(struct walker *s, struct error *e)
{
	uint8_t first[WALK_PEEK];
	int more = walk_pull(s, e);

	while (more == 0 && !s->members->flat) {
		size_t n = s->members->peek(s->members, first, sizeof(first));

		if (n == 0 || members_begin(first, n, s->dialect->begins))
			return 0;
		s->joined = 1;
		more = s->members->next(s->members, &s->bytes, e);
		if (more > 0)
			more = walk_pull(s, e);
	}
	return more;
}

uint64_t
walk_position(const struct walker *s)
{
	return s->taken - s->left;
}

int
walk_extend(struct walker *s, int (*more_by)(struct walker *, struct error *),
    struct error *e)
{
	size_t kept = s->left;
	int more;

	if (s->carry.data != NULL && s->p >= s->carry.data &&
	    s->p <= s->carry.data + s->carry.len) {
		if (s->p != s->carry.data)
			memmove(s->carry.data, s->p, kept);
		s->carry.len = kept;
	} else {
		buf_reset(&s->carry);
		buf_add(&s->carry, s->p, kept);
	}
	if ((more = more_by(s, e)) > 0)
		buf_add(&s->carry, s->p, s->left);
	s->p = s->carry.data;
	s->left = s->carry.len;
	return more;
}

void
walk_leave_member(struct walker *s)
{
	s->bytes = NULL;
	s->left = 0;
	s->shared = 0;
}

void
walk_go_to(struct walker *s, uint64_t offset)
{
	walk_leave_member(s);
	s->members->seek(s->members, offset);
	s->taken = offset;
}

/* Pass over bytes up to the next line that begins a record: 1; 0, there is
 * none in this member. */
static int
walk_find_record(struct walker *s, struct error *e)
{
	int more;

	for (;;) {
		size_t at = 0;
		size_t keep = 0;

		if (s->left > 0 &&
		    s->dialect->find(s->p, s->left, &at, &keep)) {
			s->p += at;
			s->left -= at;
			return 1;
		}
		s->p += s->left - keep;
		s->left = keep;
		if ((more = walk_extend(s, walk_pull, e)) <= 0) {
			s->left = 0;
			return more;
		}
	}
}

/* May BYTES that were read be read again? Each time counts, a long way more
 * than a short one. */
static int
may_rewind(struct walker *s, uint64_t bytes)
{
	uint64_t way = bytes / REWIND_BYTES;

	if (s->source.rewinds >= SOURCE_REWINDS)
		return 0;
	s->source.rewinds += way < SOURCE_REWIND_MOST ? (unsigned)way + 1
						      : SOURCE_REWIND_MOST;
	return 1;
}

/* Stand at the next member that holds a record. */
static void
find_member(struct walker *s)
{
	struct members *m = s->members;
	uint64_t from = m->offset(m);
	uint64_t end;

	walk_leave_member(s);
	if (from <= s->start || may_rewind(s, from - s->start))
		from = s->start + 1;
	if (m->expected_end(m, s->start, &end) && end > s->start)
		m->seek(m, end);
	else if (!m->resync(m, from, s->dialect->begins))
		s->ended = 1;
}

/* Go on behind damage in a file of members. The verdict on the broken one is
 * returned, NULL when only what is in it does not read. */
static const char *
pass_damage(struct walker *s)
{
	struct members *m = s->members;
	int more = -1;
	const char *verdict;

	if (m->verdict == NULL && s->bytes != NULL &&
	    (more = walk_find_record(s, NULL)) > 0) {
		s->shared = 1;
		return NULL;
	}
	verdict = m->verdict;
	if (more == 0)
		walk_leave_member(s);
	/* Only the trailer was wrong: its end is known. Behind bytes that are
	 * no record it may have been found anywhere: a flipped bit in the last
	 * code makes inflate run on. */
	else if (s->whole && m->length > 0)
		walk_go_to(s, m->offset(m));
	else
		find_member(s);
	return verdict;
}

/* What a member's verdict is called, by packing. */
static const char *
member_code(const struct walker *s, const char *verdict)
{
	static const struct {
		enum source_kind kind;
		const char *verdict, *code;
	} codes[] = {
		{ SOURCE_GZIP, "header", "gzip-header" },
		{ SOURCE_GZIP, "cut", "gzip-cut" },
		{ SOURCE_GZIP, "crc", "gzip-crc" },
		{ SOURCE_GZIP, "length", "gzip-length" },
		{ SOURCE_GZIP, "deflate", "gzip-deflate" },
		{ SOURCE_ZSTD, "header", "zstd-header" },
		{ SOURCE_ZSTD, "cut", "zstd-cut" },
		{ SOURCE_ZSTD, "crc", "zstd-checksum" },
		{ SOURCE_ZSTD, "data", "zstd-data" },
		{ SOURCE_ZSTD, "window", "zstd-window" },
		{ SOURCE_ZSTD, "dictionary", "zstd-dictionary" },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].kind == s->source.kind &&
		    strcmp(verdict, codes[i].verdict) == 0)
			return codes[i].code;
	return "framing";
}

/* Flat: go on behind damage, from RESTART on or from where reading stopped. */
static uint64_t
pass_flat(struct walker *s, uint64_t restart)
{
	uint64_t floor = input_floor(s->in);
	struct error e = { 0 };

	if (restart < floor)
		restart = floor;
	if (restart < walk_position(s) &&
	    may_rewind(s, walk_position(s) - restart)) {
		walk_go_to(s, restart);
		if (s->members->next(s->members, &s->bytes, &e) <= 0)
			s->bytes = NULL;
	}
	/* No more: it is the end, or nothing more can be read. */
	if (walk_find_record(s, &e) < 0)
		s->ended = 1;
	return walk_position(s);
}

int
walk_damaged(struct walker *s, struct place *where, const char *code,
    uint64_t restart, struct error *e)
{
	const struct members *m = s->members;
	uint64_t next;

	s->open = 0;
	if (e->kind == ERROR_SYSTEM)
		return -1;
	where->damaged = 1;
	where->code = code;
	if (m->flat) {
		next = pass_flat(s, restart);
	} else {
		const char *verdict = pass_damage(s);

		if (verdict != NULL)
			where->code = member_code(s, verdict);
		next = s->bytes != NULL ? s->start : m->offset(m);
	}
	s->whole = 0;
	where->length = next > s->start ? next - s->start : 0;
	return -1;
}
