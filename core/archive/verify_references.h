#ifndef ARCHIVE_VERIFY_REFERENCES_H
#define ARCHIVE_VERIFY_REFERENCES_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/verify.h"
#include "core/base/buf.h"

/*
 * What records are called and what they name, as byte strings to be sorted:
 * one thread writes them, another adds them. Part of the verifier.
 *
 * A string about an id: the id, packed; what is said of it; where (file,
 * offset, which record of the member); more. Numbers have their high byte
 * first, so that strings sort as their meanings do.
 */

enum reference_kind {
	REFERENCE_DEFINED, /* more: a byte of enum reference_flag */
	REFERENCE_CONCURRENT,
	REFERENCE_WARCINFO,
	REFERENCE_REFERS, /* more of these: the naming record's id, NUL */
	REFERENCE_REVISIT /* more: struct reference_facts, then that */
};

enum reference_flag { REFERENCE_QUIET = 1, REFERENCE_IS_REVISIT = 2 };

/* Where a record lies. */
struct reference_place {
	uint32_t file;
	uint64_t offset;
	uint32_t index; /* records of its member before it */
};

enum { REFERENCE_PLACE_BYTES = 16, REFERENCE_DIGEST_BYTES = 33 };

/* What makes a payload the same: that of a revisit, or of what may be its
 * original. */
struct reference_facts {
	uint8_t digest[REFERENCE_DIGEST_BYTES]; /* kind + 1, value, folded */
	uint64_t uri;                           /* hashed: own, */
	uint64_t target; /* of a revisit's original, or own; 0: not known */
	int64_t date;    /* of the same */
};

enum { REFERENCE_FACTS_BYTES = REFERENCE_DIGEST_BYTES + 24 };

void reference_pack_id(struct buf *out, const char *id);
void reference_pack_uuid(struct buf *out, const uint8_t uuid[16]);
void reference_pack_place(struct buf *out, const struct reference_place *p);
void reference_pack_facts(struct buf *out, const struct reference_facts *f);
uint64_t reference_hash(const char *s);

/* An id that is a plain "urn:uuid:" in lower case. 1 / 0. */
int reference_uuid(const char *id, uint8_t out[16]);

/* A file is about to be verified: its number. */
uint32_t references_file(struct verify_references *r, const char *name);

/* A string about an id. */
int references_add(
    struct verify_references *r, const uint8_t *p, size_t len, struct error *e);

/* Place and facts of what may be an original, in the order of the files. */
int references_add_original(
    struct verify_references *r, const uint8_t *p, size_t len, struct error *e);

/* The packed texts read back. */
const uint8_t *
reference_read_place(const uint8_t *p, struct reference_place *out);
const uint8_t *
reference_read_facts(const uint8_t *p, struct reference_facts *out);

/* How many bytes the packed id at P has. */
size_t reference_id_len(const uint8_t *p);
/* The id in text, appended. */
void reference_id_text(struct buf *out, const uint8_t *p);

#endif
