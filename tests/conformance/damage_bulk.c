/*
 * One bit flipped in each of many random records of a large file: every one
 * is named, every other record still checked.
 *
 * The file is made by tests/bench/ver_files: 40 MB and 100 flips. Environment:
 * DAMAGE_PERCENT (9; 100 makes 460 MB), DAMAGE_FLIPS (100), BUILD.
 */
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>

#include "core/archive/verify.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "tests/test.h"

extern char **environ;

struct member {
	size_t offset, length;
	int flipped; /* a bit of it is */
	int named;   /* a finding stands at it */
	int read;    /* handed out whole */
	int wrong;   /* with a verdict that tells of damage */
};

struct bulk_file {
	uint8_t *bytes; /* private: what is written stays in memory */
	size_t len;
	struct member *members;
	size_t count, cap;
};

static uint64_t
next_random(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static unsigned
setting(const char *name, unsigned otherwise)
{
	const char *s = getenv(name);

	return s == NULL ? otherwise : (unsigned)strtoul(s, NULL, 10);
}

static int
make_file(const char *kind, const char *name)
{
	const char *build = getenv("BUILD");
	char *program = mem_format("%s/tests/bench/ver_files",
	    build == NULL ? "build/release" : build);
	char *percent = mem_format("%u", setting("DAMAGE_PERCENT", 9));
	char *argv[] = { program, mem_text(kind), mem_text(name), percent,
		NULL };
	int status = -1;
	pid_t pid;
	int ok = posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0 &&
		 waitpid(pid, &status, 0) == pid && status == 0;

	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return ok;
}

/* ---- what the verifier says ---- */

static struct member *
member_at(struct bulk_file *f, uint64_t offset)
{
	size_t low = 0;
	size_t high = f->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (f->members[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->count && f->members[low].offset == offset
		   ? &f->members[low]
		   : NULL;
}

static int
learn(void *context, const struct verified_record *r)
{
	struct bulk_file *f = context;

	if (f->count == f->cap) {
		f->cap = f->cap * 2 + 1024;
		f->members = mem_grow(f->members, f->cap, sizeof(*f->members));
	}
	f->members[f->count++] = (struct member){ .offset = r->offset,
		.length = r->length };
	return 0;
}

static int
tick(void *context, const struct verified_record *r)
{
	struct member *m = member_at(context, r->offset);

	CHECK(m != NULL);
	if (m == NULL)
		return 0;
	m->read++;
	m->wrong |= r->verdict == VERDICT_DAMAGED ||
		    r->verdict == VERDICT_CHANGED;
	return 0;
}

static void
name(void *context, const struct finding *found)
{
	struct bulk_file *f = context;
	struct member *m = member_at(f, found->offset);

	if (found->severity < SEVERITY_DAMAGE)
		return;
	if (m != NULL)
		m->named = 1;
	if (m == NULL || !m->flipped)
		printf("# %s at %ju, which is no damaged record: %s\n",
		    found->code, (uintmax_t)found->offset, found->text);
}

static void
verify(struct bulk_file *f, int (*each)(void *, const struct verified_record *),
    struct verify_totals *t)
{
	const struct verify_options o = {
		.each_record = each, .each_finding = name, .context = f
	};
	struct input *in = input_of_bytes(f->bytes, f->len, "bulk.warc.gz");
	struct error e = { 0 };

	*t = (struct verify_totals){ 0 };
	CHECK_OK(verify_input(in, "bulk.warc.gz", &o, t, &e), &e);
	input_free(in);
}

/* ---- what zlib says ---- */

/* CRC of what the member M holds as the bytes stand; *OK 0: it is broken. */
static uLong
content(const struct bulk_file *f, const struct member *m, int *ok)
{
	uint8_t room[65536];
	z_stream z = { 0 };
	uLong crc = crc32(0, NULL, 0);
	int rc;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	z.next_in = f->bytes + m->offset;
	z.avail_in = (uInt)m->length;
	do {
		z.next_out = room;
		z.avail_out = sizeof(room);
		rc = inflate(&z, Z_NO_FLUSH);
		crc = crc32(crc, room, (uInt)(sizeof(room) - z.avail_out));
	} while (rc == Z_OK);
	*ok = rc == Z_STREAM_END && z.avail_in == 0;
	(void)inflateEnd(&z);
	return crc;
}

/* Flip one bit of M. 1, zlib sees it or reads other content; 0, the format
 * hides it. */
static int
flip(struct bulk_file *f, struct member *m, uint64_t r)
{
	int sound;
	int still;
	uLong before = content(f, m, &sound);

	CHECK(sound);
	f->bytes[m->offset + (r >> 3) % m->length] ^= (uint8_t)(1u << (r % 8));
	m->flipped = 1;
	return content(f, m, &still) != before || !still;
}

/* FLIPS members, no two of them the same. How many flips are hidden. */
static size_t
flip_all(struct bulk_file *f, unsigned flips)
{
	uint64_t x = 20261122;
	size_t hidden = 0;

	for (unsigned i = 0; i < flips;) {
		struct member *m = &f->members[next_random(&x) % f->count];

		if (m->flipped)
			continue;
		if (!flip(f, m, next_random(&x))) {
			hidden++;
			m->named = -1;
		}
		i++;
	}
	return hidden;
}

static int
map_file(struct bulk_file *f, const char *file)
{
	int fd = file_open_read(file, NULL);
	uint64_t size = 0;
	void *p;

	if (fd < 0 || file_size(file, &size, NULL) != 0)
		return 0;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return 0;
	f->bytes = p;
	f->len = size;
	return 1;
}

/* A record whose own start is broken and that stands behind a broken one lies
 * in the bytes that are passed over: the finding before it tells of both. */
static void
name_passed(struct bulk_file *f)
{
	for (size_t i = 1; i < f->count; i++) {
		struct member *m = &f->members[i];

		if (m->flipped && m->named == 0 && m->read == 0 &&
		    m[-1].flipped && m[-1].named == 1)
			m->named = 1;
	}
}

static void
count_all(const struct bulk_file *f, size_t hidden)
{
	size_t detected = 0, missed = 0, unread = 0, accused = 0, seen = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct member *m = &f->members[i];

		detected += m->flipped && m->named == 1;
		missed += m->flipped && m->named == 0;
		unread += !m->flipped && m->read != 1;
		accused += !m->flipped && (m->wrong || m->named);
		seen += m->named == -1;
	}
	printf("# flips: %zu detected and named, %zu undetectable by format, "
	       "%zu missed; of %zu other records %zu not checked, %zu "
	       "accused\n",
	    detected, hidden, missed, f->count - detected - missed - seen,
	    unread, accused);
	CHECK_INT(missed, 0);
	CHECK_INT(unread, 0);
	CHECK_INT(accused, 0);
}

static void
check_kind(const char *kind)
{
	struct bulk_file f = { .bytes = NULL };
	unsigned flips = setting("DAMAGE_FLIPS", 100);
	struct verify_totals t;
	size_t hidden;

	CHECK(make_file(kind, "bulk.warc.gz"));
	if (!map_file(&f, "bulk.warc.gz")) {
		CHECK(!"mapped");
		return;
	}
	verify(&f, learn, &t);
	CHECK_INT(t.damaged + t.changed, 0);
	CHECK(f.count == t.records && f.count > 2 * flips);
	hidden = flip_all(&f, flips);
	verify(&f, tick, &t);
	printf("# %zu bytes, %zu records, one bit flipped in each of %u\n",
	    f.len, f.count, flips);
	name_passed(&f);
	count_all(&f, hidden);
	(void)munmap(f.bytes, f.len);
	(void)unlink("bulk.warc.gz");
	free(f.members);
}

CASE(flipped_records_of_a_site_by_wget_are_named_the_rest_is_checked)
{
	check_kind("A");
}

CASE(flipped_records_in_stored_blocks_are_named_the_rest_is_checked)
{
	check_kind("S");
}

TESTS(T(flipped_records_of_a_site_by_wget_are_named_the_rest_is_checked),
    T(flipped_records_in_stored_blocks_are_named_the_rest_is_checked))
