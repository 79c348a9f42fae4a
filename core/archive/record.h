#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct stream;

/*
 * One described run of bytes in an archive: the preserved unit. Fields stand
 * in the order and bytes in which they were read or will be written;
 * accessors parse on demand. The same struct is read and written.
 */

struct record_field {
	const char *name;
	const char *value;
};

enum record_type {
	RECORD_WARCINFO,
	RECORD_RESPONSE,
	RECORD_RESOURCE,
	RECORD_REQUEST,
	RECORD_METADATA,
	RECORD_REVISIT,
	RECORD_CONVERSION,
	RECORD_CONTINUATION,
	RECORD_OTHER
};

struct record {
	const char *version; /* "WARC/1.1" */
	struct record_field *fields;
	size_t field_count;
	size_t field_cap;
	const uint8_t *head;  /* as it was read, with its empty line; of ARC the
			       * one line that it is */
	size_t head_len;      /* 0: not read, or no longer what FIELDS say */
	uint64_t block_len;   /* Content-Length */
	struct stream *block; /* borrowed; reading: owned by the source */
};

/* Where a record lies: its gzip member, or the record itself when plain. */
struct place {
	const char *file;
	uint64_t offset;
	uint64_t length;
	const char *code; /* what is wrong here, as in verify.h; NULL nothing */
	int damaged;      /* 1: bytes that do not read; 0: only a rule broke */
};

enum { RECORD_ID_MAX = 64 }; /* "urn:uuid:" + 36 + NUL, with room */

/* Append a field; NAME and VALUE are copied into A. HEAD_LEN becomes 0. */
void record_add(
    struct arena *a, struct record *r, const char *name, const char *value);

/* First field of that name, any case; NULL when absent. */
const char *record_field(const struct record *r, const char *name);

/* The same without "<" and ">" around it, in A. */
const char *
record_uri_field(struct arena *a, const struct record *r, const char *name);

/* VALUE without "<" and ">" around it: VALUE itself or a copy in A. */
const char *record_bare_uri(struct arena *a, const char *value);

enum record_type record_type(const struct record *r);
const char *record_type_name(enum record_type t);

/* WARC-Date in microseconds. 1 / 0. */
int record_date_us(const struct record *r, int64_t *us);

/* Version line, fields, empty line, appended. */
void record_write_head(struct buf *out, const struct record *r);

/*
 * Read a head that starts at P: 1, *USED bytes were the head; 0, more bytes
 * are needed; -1, ERROR_INPUT with the rule that broke. Tolerates LF-only
 * lines, continuation lines, spaces around the colon (WARC 1.1, 4). When only
 * Content-Length is at fault, R holds all fields and *USED is set in spite of
 * -1. Every call starts from the first byte of the head.
 */
int record_read_head(struct arena *a, struct record *r, const uint8_t *p,
    size_t len, size_t *used, struct error *e);

/*
 * A record id without randomness: urn:uuid of version 8 from SHA-256 over
 * collection id, segment name, number, type, date and block digest, each
 * ended by LF. OUT has no angle brackets.
 */
void record_make_id(char out[RECORD_ID_MAX], const char *collection_id,
    const char *segment, uint64_t number, const char *type, const char *date,
    const char *block_digest);

#endif
