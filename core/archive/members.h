#ifndef ARCHIVE_MEMBERS_H
#define ARCHIVE_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;
struct stream;

/*
 * How records are packed in a file, seen from outside: a row of members, each
 * of which gives a stream of bytes. A gzip member, a zstd frame; a plain file
 * is one member from where one stands to its end (FLAT: records in it have
 * offsets of their own). One implementation each: gzip_members_new (in
 * gzip_reader.c), zstd_members_new, plain_members_new.
 */

/* May a record begin at P..LEN? 1 / 0; -1, LEN bytes do not tell. */
typedef int members_begins(const uint8_t *p, size_t len);

struct members {
	/*
	 * Start the next member: 1, *BYTES is its content (valid until the
	 * next call); 0, the file ends here; -1, ERROR_INPUT: none starts
	 * here, or the one before is broken, as VERDICT says. A stream's error
	 * means the same of its own member.
	 */
	int (*next)(struct members *m, struct stream **bytes, struct error *e);
	/* The first bytes of the next member, at most CAP: how many; 0, there
	 * is none. Changes nothing; only between members. */
	size_t (*peek)(struct members *m, uint8_t *out, size_t cap);
	void (*seek)(struct members *m, uint64_t offset);
	uint64_t (*offset)(const struct members *m); /* of the next member */
	/*
	 * After damage: stand at the first offset, FROM or later, where a
	 * member starts whose content BEGINS as a record (behind blank lines).
	 * 1; 0, there is none, or the input gives no more bytes.
	 */
	int (*resync)(struct members *m, uint64_t from, members_begins *begins);
	/* Where the member that starts at START and is broken must end, as its
	 * structure tells: 1, *END; 0, it does not tell. */
	int (*expected_end)(struct members *m, uint64_t start, uint64_t *end);
	void (*free)(struct members *m);

	int flat;
	uint64_t start;  /* of the current member */
	uint64_t length; /* of it, after it was read to its end; else 0 */
	/* What broke: "header", "cut", "crc", "length", "deflate" and others;
	 * NULL when nothing did. */
	const char *verdict;
	/* A rule the member broke, though it reads; NULL. Known at its end. */
	const char *odd;
};

/* The members of IN (kept), which is packed so. */
struct members *gzip_members_new(struct input *in);
struct members *zstd_members_new(struct input *in);
struct members *plain_members_new(struct input *in);

void members_free(struct members *m); /* NULL is fine */

/* Does content of the LEN bytes at P begin as a record, behind blank lines? */
int members_begin(const uint8_t *p, size_t len, members_begins *begins);

/* The first bytes of the frame at P..LEN into OUT, at most CAP: how many; 0,
 * there is none, it is broken or needs a dictionary. */
size_t zstd_peek(const uint8_t *p, size_t len, uint8_t *out, size_t cap);

/* Do LEN bytes at P start as a zstd file: a frame, or a dictionary? */
int zstd_is(const uint8_t *p, size_t len);

#endif
