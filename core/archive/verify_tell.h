#ifndef ARCHIVE_VERIFY_TELL_H
#define ARCHIVE_VERIFY_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"
#include "core/base/buf.h"

/*
 * The one thread that counts and tells: what verifiers send (verify_state.h)
 * comes to it in the order of the file. Part of the verifier.
 */

struct arena;
struct error;
struct input;
struct source;

/* A message is one of these in a byte, and what stands behind it. */
enum verify_message {
	MESSAGE_FINDING,  /* struct message_finding, then three texts: the id
			   * of its condition, record, text */
	MESSAGE_START,    /* struct verified_record, then its texts: keep_block
			   * is asked */
	MESSAGE_RECORD,   /* the same: each_record is told */
	MESSAGE_COUNTS,   /* struct verify_counts */
	MESSAGE_LAST,     /* id of the stretch's last record */
	MESSAGE_ID,       /* for references_add */
	MESSAGE_ORIGINAL, /* for references_add_original */
};

struct message_finding {
	int condition; /* enum verify_condition */
	enum severity severity;
	const char *code; /* static */
	uint64_t offset;
};

struct message_record {
	struct verified_record record; /* texts follow */
	uint64_t index;                /* records of its member before it */
};

struct teller {
	const struct verify_options *options;
	struct verify_totals *totals;
	struct verify_references *references;
	struct input *in;
	const char *file;
	uint32_t file_number;
	uint64_t records; /* of this file, so far */
	struct buf previous_id;
	int keep; /* the block of the current record is wanted */
	/* to read blocks again */
	struct source *source;
	struct arena *arena;
	struct buf kept;
};

/* Count and tell, unless its check is left out. F->file is FILE. */
void tell(struct teller *t, const char *file, const struct finding *f);

/* A message: 0; 1, each_record had enough; -1. */
int teller_take(void *teller, const uint8_t *p, size_t len, struct error *e);
void teller_clear(struct teller *t);

/* Texts of R, appended in the order in which teller_take reads them. */
void message_record_texts(struct buf *out, const struct verified_record *r);

#endif
