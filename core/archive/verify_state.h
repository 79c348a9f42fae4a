#ifndef ARCHIVE_VERIFY_STATE_H
#define ARCHIVE_VERIFY_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/digest.h"

/* A file being verified. Part of the verifier (verify.h); nothing else
 * includes this. */

struct arena;
struct error;
struct input;
struct http_reader;

enum { VERIFY_ID_BYTES = 16, VERIFY_DIGESTS = DIGEST_MD5 + 1 };

/* Record ids met, as the first bytes of their SHA-256. */
struct verify_ids {
	uint8_t (*slots)[VERIFY_ID_BYTES];
	size_t count, cap;
};

/* A record named before it came, or never. */
struct verify_pending {
	uint8_t id[VERIFY_ID_BYTES];
	uint64_t offset;
	const char *code;
	char *record;
	char *target;
};

/* Which bytes a payload digest covers (standards differ from practice):
 * WARC 1.1 means the first; the others are met in the wild. */
enum payload_rule {
	PAYLOAD_STANDARD, /* transfer coding removed, content coding kept */
	PAYLOAD_FRAMED,   /* all behind the HTTP head, chunk lines too */
	PAYLOAD_DECODED,  /* content coding removed as well */
	PAYLOAD_NONE
};

/* How the payload of the current record is read. */
struct verify_payload {
	struct http_reader *http; /* NULL: the payload is the block */
	struct digester *digest;  /* NULL: nobody asked */
	uint64_t extra;           /* bytes behind the end of the message */
	int ended;
};

struct verifier {
	const struct verify_options *options;
	struct verify_totals *totals;
	const char *file;
	struct input *in;
	struct source *source;
	struct arena *arena;      /* of the current record */
	struct arena *file_arena; /* of the file */
	/* made at first use */
	struct digester *block_digests[VERIFY_DIGESTS];
	struct digester *payload_digests[VERIFY_DIGESTS];
	struct http_reader *http[2]; /* by enum http_side */
	struct buf kept;
	struct buf mime;
	struct verify_ids ids;
	struct verify_pending *pending;
	size_t pending_count, pending_cap;
	const char *previous_id; /* ours: of the record before, in FILE_ARENA */
	uint64_t number;         /* of the next record */
	uint64_t member;       /* offset of the current member, and how many */
	uint64_t member_index; /* records of it came before */
	/* of the current record */
	struct record *record; /* CURRENT */
	struct record current;
	struct verified_record now;
	struct digester *block_digest; /* NULL: nobody asked */
	struct verify_payload payload;
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

/* Every rule that the fields alone can break (WARC 1.1, 5). */
void verify_fields(struct verifier *v);

/* The id is new, and what the record names is remembered. QUIETLY: take note
 * of the id and no more. */
void verify_ids_of(struct verifier *v, int quietly);
void verify_ids_end(struct verifier *v); /* names what never came */
void verify_ids_clear(struct verifier *v);

/* The block, as it is read; then what it was. */
void verify_block_start(struct verifier *v);
void verify_block_add(struct verifier *v, const uint8_t *p, size_t len);
void verify_block_end(struct verifier *v);
/* The digests, once the record is known to be whole. -1: ERROR_SYSTEM. */
int verify_digests(struct verifier *v, struct error *e);

#endif
