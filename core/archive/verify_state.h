#ifndef ARCHIVE_VERIFY_STATE_H
#define ARCHIVE_VERIFY_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/digest.h"

/*
 * One thread's reading of records to be verified. What it finds goes through
 * an outlet (parallel.h) to the one thread that counts and tells
 * (verify_tell.h). Part of the verifier; nothing else includes this.
 */

struct arena;
struct error;
struct http_reader;
struct input;
struct outlet;
struct spool;
struct teller;

enum {
	VERIFY_DIGESTS = DIGEST_MD5 + 1,
	VERIFY_KEEP_MAX = 16 * 1024 * 1024,
	VERIFY_KNOWN = 48 /* fields */
};

/* The fields that rules speak of, in the order of the table of WARC 1.1, 5. */
enum verify_field {
	FIELD_TYPE,
	FIELD_RECORD_ID,
	FIELD_DATE,
	FIELD_CONTENT_LENGTH,
	FIELD_CONTENT_TYPE,
	FIELD_TARGET_URI,
	FIELD_CONCURRENT_TO,
	FIELD_REFERS_TO,
	FIELD_REFERS_TO_TARGET_URI,
	FIELD_REFERS_TO_DATE,
	FIELD_IP_ADDRESS,
	FIELD_BLOCK_DIGEST,
	FIELD_PAYLOAD_DIGEST,
	FIELD_IDENTIFIED_PAYLOAD_TYPE,
	FIELD_WARCINFO_ID,
	FIELD_FILENAME,
	FIELD_PROFILE,
	FIELD_TRUNCATED,
	FIELD_SEGMENT_NUMBER,
	FIELD_SEGMENT_ORIGIN_ID,
	FIELD_SEGMENT_TOTAL_LENGTH,
	FIELD_PROTOCOL, /* may repeat, as FIELD_CONCURRENT_TO */
	FIELD_UNKNOWN,
	FIELD_COUNT = FIELD_UNKNOWN
};

/* When a finding holds that depends on what stands before, in other pieces. */
enum verify_condition {
	IF_ALWAYS,
	IF_FIRST,     /* no record came before, whole or not */
	IF_NOT_FIRST, /* one did */
	IF_NOT_AFTER  /* the record before has not this id */
};

/* Which bytes a payload digest covers (standards differ from practice):
 * WARC 1.1 means the first; the others are met in the wild. */
enum payload_rule {
	PAYLOAD_STANDARD, /* transfer coding removed, content coding kept */
	PAYLOAD_FRAMED,   /* all behind the HTTP head, chunk lines too */
	PAYLOAD_DECODED,  /* content coding removed as well */
	PAYLOAD_NONE
};

/* A recorded digest, and what computes it. */
struct verify_digest {
	struct digest_value recorded; /* valid when READS */
	int reads;
	struct digester *digester; /* NULL: nothing to compute */
	uint8_t raw[DIGEST_RAW_MAX];
};

/* The HTTP message in a block, whoever read its head. */
struct verify_http {
	int there;                  /* the block is to be one */
	struct http_reader *reader; /* NULL: the plain head was enough */
	uint64_t head_len;          /* of a plain head */
	unsigned status;
	uint64_t announced; /* Content-Length */
	int has_announced;
	const uint8_t *mime; /* Content-Type's value */
	size_t mime_len;
	int has_coding; /* Content-Encoding */
	uint64_t extra; /* bytes behind the end of the message */
	int ended;
};

/* Sums since they were last handed on. */
struct verify_counts {
	uint64_t records, block_bytes;
	uint64_t offset; /* of the last record */
	uint32_t verdicts[VERDICT_COUNT];
};

struct verifier {
	const struct verify_options *options;
	const char *file;
	uint32_t file_number; /* in the references */
	struct outlet *out;
	struct teller *teller; /* to be asked where the outlet is direct */
	struct input *in;
	struct source *source;
	struct arena *arena; /* of the current record */
	/* made at first use */
	struct digester *digesters[2][VERIFY_DIGESTS]; /* block, payload */
	struct http_reader *http_readers[2];           /* by enum http_side */
	struct digester *framed[VERIFY_DIGESTS];
	struct buf kept;
	struct buf mime;
	struct buf message; /* on its way to the outlet */
	struct verify_counts counts;
	uint64_t told;          /* for progress: up to here */
	uint64_t number;        /* records of this stretch, whole or not */
	struct buf previous_id; /* ours: of the record before */
	uint64_t member;        /* offset of the current member, and how many */
	uint64_t member_index;  /* records of it came before */
	uint8_t recent[16][16]; /* ids of records before, as they are packed */
	unsigned recent_next;
	/* The id last asked for, and whether it is a UUID. */
	struct buf warcinfo;
	int warcinfo_is_uuid;
	int used;            /* a stretch was read */
	int stopped;         /* what outlet_put said: 1, -1 */
	struct error *error; /* of the current call */
	/* of the current record */
	struct record *record; /* CURRENT */
	struct record current;
	enum record_type type;
	const char *fields[FIELD_COUNT]; /* first value; NULL */
	uint8_t known[VERIFY_KNOWN];     /* what the first fields are */
	uint32_t present;  /* fields that are there: 1 << enum verify_field */
	uint32_t repeated; /* fields that are there more than once */
	struct verified_record now;
	char date[48]; /* the last that was read, when short enough, and: */
	int64_t date_us;
	int date_reads, date_offset;
	uint8_t uuid[16]; /* of its id, when that is one in plain spelling */
	int is_uuid;
	struct verify_digest block_digest, payload_digest;
	struct verify_http http;
	const uint8_t *span; /* the block, when it came in one piece */
	size_t span_len;
	uint64_t at;            /* bytes of the block that came */
	struct digester *again; /* what comes once: framed, beside */
	struct spool *spool;    /* what comes once: the block itself */
	enum payload_rule rule; /* that the payload digest follows */
	unsigned severities;    /* of findings: 1 << enum severity */
};

/* Is that check wanted? */
static inline int
verify_wants(const struct verifier *v, enum verify_check c)
{
	return (v->options->skip & (uint32_t)1 << c) == 0;
}

void verify_say(struct verifier *v, enum severity severity, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same, if CONDITION holds when all that stands before is known. ID: for
 * IF_NOT_AFTER. */
void verify_say_if(struct verifier *v, enum verify_condition condition,
    const char *id, enum severity severity, const char *code, const char *text);

/* Say what the reader said at WHERE. */
void verify_say_place(
    struct verifier *v, const struct place *where, const struct error *e);

/* V->message to the teller: 0, or V->stopped. */
int verify_send(struct verifier *v);

/* FIELDS, PRESENT, REPEATED and TYPE of the current record. */
void verify_fields_find(struct verifier *v);

/* Every rule that the fields alone can break (WARC 1.1, 5). */
void verify_fields(struct verifier *v);

/* What the record is called and what it names. IS_WHOLE 0: it does not read;
 * only its id is noted. */
void verify_references_of(struct verifier *v, int is_whole);

/* The block, as it is read; then what it was. */
void verify_block_start(struct verifier *v);
int verify_block_add(
    struct verifier *v, const uint8_t *p, size_t len, struct error *e);
void verify_block_end(struct verifier *v);

/* Which rule does the payload digest follow? To be asked while the last span
 * of the block is there, or afterwards. -1: ERROR_SYSTEM. */
int verify_payload_rule(struct verifier *v, struct error *e);

/* The digests, once the record is known to be whole. */
void verify_digests(struct verifier *v);
void verify_digests_clear(struct verifier *v);

/* A head that is as it should be and all in P..LEN: 1, all of H is known; 0,
 * the reader of HTTP messages must see it. */
int verify_http_plain(
    struct verify_http *h, int is_request, const uint8_t *p, size_t len);

/* What the HTTP message says of itself against what is there. */
void verify_http_check(struct verifier *v);

/* How many bytes head and body have. */
uint64_t verify_http_head_len(const struct verify_http *h);

/* A worker's side of parallel.h. */
int verifier_open(struct verifier **out, struct teller *t,
    struct outlet *outlet, struct error *e);
void verifier_free(struct verifier *v);

struct stretch;
int verifier_walk(struct verifier *v, struct stretch *s, struct error *e);

/* The current record once more, from where its member starts: its block. 1;
 * 0 it is not found; -1. */
int verify_reopen(struct source *s, struct arena *a, uint64_t member,
    uint64_t index, struct record *r, struct error *e);

#endif
