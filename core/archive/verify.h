#ifndef ARCHIVE_VERIFY_H
#define ARCHIVE_VERIFY_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;

/*
 * The verifier of record files: never stops at the first finding, never
 * writes. Codes are stable and documented in ARCHIVING.md:
 *
 *	gzip-header gzip-cut gzip-crc gzip-length gzip-deflate gzip-spelling
 *	head framing length format members trailing
 *	                                    what holds the records together
 *	field-missing field-forbidden field-duplicate field-empty field-form
 *	type id uri date ip segment protocol warcinfo order
 *	                                    rules of WARC 1.1
 *	concurrent-to refers-to warcinfo-id revisit
 *	                                    records that name others
 *	digest-block digest-payload         against what is recorded
 *	http chunk truncated                what the HTTP message says of itself
 */

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_DAMAGE, /* bytes that do not read: exit 23 */
	SEVERITY_CHANGED /* bytes that read well but differ: exit 10 */
};

const char *severity_name(enum severity s);

/*
 * Named checks, to be chosen from. Every code belongs to one; those behind
 * CHECK_TRAILING are of snapshots and collections.
 */
enum verify_check {
	CHECK_FRAMING,    /* members, heads, lengths, line ends */
	CHECK_MEMBERS,    /* one record a member */
	CHECK_FIELDS,     /* mandatory, forbidden, repeated, their form */
	CHECK_IDS,        /* form and uniqueness of record ids */
	CHECK_DATES,      /* WARC-Date */
	CHECK_DIGESTS,    /* block and payload against what is recorded */
	CHECK_HTTP,       /* what the HTTP message says of itself */
	CHECK_CHUNKS,     /* chunk framing */
	CHECK_TRUNCATION, /* WARC-Truncated against what is there */
	CHECK_REFERENCES, /* Concurrent-To, Refers-To, Warcinfo-ID targets */
	CHECK_REVISITS,   /* originals of revisits */
	CHECK_TRAILING,   /* bytes behind the last record */
	CHECK_MANIFEST,
	CHECK_CHAIN,
	CHECK_INDEX,
	CHECK_OUTCOMES,
	CHECK_ARTICLES,
	CHECK_PACKAGE,   /* containers: structure and names */
	CHECK_RESOURCES, /* files in them against the hashes there are */
	CHECK_PAGES,     /* page lists against index and records */
	CHECK_SIGNATURE,
	CHECK_COUNT
};

struct verify_check_info {
	const char *name;    /* "digests": for --only and --skip */
	const char *codes;   /* "digest-block digest-payload" */
	const char *summary; /* one line */
};

extern const struct verify_check_info verify_checks[CHECK_COUNT];

/* The check a code belongs to; CHECK_COUNT: none, it is never left out. */
enum verify_check verify_check_of(const char *code);

/* "digests,http" as a mask of 1 << check. ERROR_USAGE names the nearest. */
int verify_checks_parse(const char *list, uint32_t *mask, struct error *e);

/* What became of a record: its worst finding, or which rule its payload
 * digest followed. */
enum verdict {
	VERDICT_SOUND,    /* digests agree, by the standard's rule */
	VERDICT_FRAMED,   /* ... with the chunk framing in it */
	VERDICT_DECODED,  /* ... without the content coding */
	VERDICT_UNPROVED, /* nothing recorded that could be computed */
	VERDICT_WARNED,   /* a rule of the standard is broken */
	VERDICT_DAMAGED,
	VERDICT_CHANGED,
	VERDICT_COUNT
};

const char *verdict_name(enum verdict v); /* "sound" ... */

struct finding {
	enum severity severity;
	const char *code; /* "digest-block", "gzip-crc" ... */
	const char *file; /* relative to what is verified */
	uint64_t offset;
	const char *record; /* id without brackets, or "" */
	const char *text;
};

/* What one record was, for those who compare it with an index or a journal.
 * Valid for the call. */
struct verified_record {
	const char *file;
	uint64_t offset, length, number; /* number in the file from 0 */
	const char *type, *id, *uri, *date, *refers_to, *concurrent_to,
	    *content_type, *warcinfo_id, *truncated;
	const char *refers_to_uri; /* of a revisit; "" */
	int64_t date_us;
	unsigned status;  /* of an HTTP response; 0 */
	const char *mime; /* of an HTTP response, lower case; "" */
	const char *block_digest, *payload_digest; /* as recorded; "" */
	uint64_t block_len;
	enum verdict verdict;
	const uint8_t *block; /* whole block when KEEP_BLOCK asked for it */
	size_t block_kept;
};

struct verify_references;

struct verify_options {
	/* Ask for the block of this record (up to 16 MiB) in EACH_RECORD.
	 * All three are called in the order of the file, by one thread. */
	int (*keep_block)(void *context, const struct verified_record *r);
	/* 0 to go on, anything else to read no further. Not called for a
	 * record that could not be read whole. Any of these may be NULL. */
	int (*each_record)(void *context, const struct verified_record *r);
	void (*each_finding)(void *context, const struct finding *f);
	/* For those who need no EACH_RECORD: how far the file is read, told
	 * now and then, in its order, by one thread. NULL is fine. */
	void (*progress)(void *context, uint64_t offset);
	void *context;
	int ours;      /* also our own rules: order, ids, one warcinfo first */
	int joined;    /* made of several files, with what stood in front */
	int own_ids;   /* the caller looks whether an id comes twice */
	uint32_t skip; /* checks left out: a mask of 1 << enum verify_check */
	unsigned threads; /* 0: one for each core */
	uint64_t piece;   /* bytes a thread takes at once; 0: as is good */
	/* What the records of several files are called and name; NULL: each
	 * file is looked at alone. */
	struct verify_references *references;
};

struct verify_totals {
	uint64_t files, records, bytes, block_bytes;
	uint64_t notes, warnings, damaged, changed;
	uint64_t verdicts[VERDICT_COUNT];
};

/* One more finding. */
void verify_count(struct verify_totals *t, enum severity severity);

/* 0: read to the end (findings tell the rest), or EACH_RECORD had enough; -1:
 * ERROR_SYSTEM only, or ERROR_NOTFOUND. TOTALS is added to. */
int
verify_file(const char *path, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e);

/* The same of bytes that are open already; findings call them NAME. */
int
verify_input(struct input *in, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e);

/*
 * Ids and references in bounded memory: every id stands once, records that
 * are named are there, revisits agree with their originals. Files are verified
 * with it one after the other; at the end it says what it found, in their
 * order (O and TOTALS as in verify_file; records and verdicts are not
 * touched). -1: ERROR_SYSTEM.
 */
struct verify_references *verify_references_new(void);
void verify_references_free(struct verify_references *r); /* NULL is fine */
int verify_references_end(struct verify_references *r,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e);

/*
 * Where was a file changed whose digest differs though verify_file found
 * nothing? Some bits of a gzip member can change and leave its content as it
 * was. Every member is compressed again; those that come out different are
 * findings "gzip-spelling" (SEVERITY_CHANGED) that name the record. When all
 * come out different, another version of the library wrote them and one note
 * says so. Only for files that warc_write made.
 */
int verify_spelling(const char *path, const char *name,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e);
/* The same of what is open already (random). */
int verify_spelling_input(struct input *in, const char *name,
    const struct verify_options *o, struct verify_totals *totals,
    struct error *e);

#endif
