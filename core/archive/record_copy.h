#ifndef ARCHIVE_RECORD_COPY_H
#define ARCHIVE_RECORD_COPY_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/record.h"
#include "core/base/error.h"

struct arena;
struct input;
struct sink;
struct source;

/*
 * Records taken from a source to a sink without loss. What lies in a gzip
 * member of its own and stays as it is goes over as those bytes; everything
 * else is framed and compressed anew. A record that turns out broken leaves
 * nothing behind.
 */
struct record_copier;

struct record_copy_options {
	/* The block's bytes, in order, once for each record. NULL: nobody
	 * wants them. */
	void (*each)(void *context, const uint8_t *p, size_t len);
	void *context;
	/* Members that deflate made next to nothing of become stored blocks,
	 * stored ones that deflate would shrink are deflated. */
	int recompress;
	/* A head that is made of its fields (R->head_len 0) and has no
	 * WARC-Block-Digest gets one, SHA-256; not when the block is longer
	 * than LIMIT_WHOLE_MEMBER and cannot be read twice. */
	int add_digest;
};

struct record_copied {
	enum {
		RECORD_COPIED,  /* byte for byte, compressed as it was */
		RECORD_WRITTEN, /* framed anew; head and block are the same */
		RECORD_BROKEN   /* nothing was written */
	} how;
	struct place from; /* in the input; as source_finish gave it */
	struct place to;   /* in the output; length 0 for RECORD_BROKEN */
	/* What is wrong; text "" when nothing is. With RECORD_WRITTEN only a
	 * rule is broken. */
	char text[ERROR_TEXT_MAX];
};

/* IN is where S reads from. OUT may be NULL: everything is read and judged,
 * nothing written. All three are borrowed. */
struct record_copier *record_copier_new(struct source *s, struct input *in,
    struct sink *out, const struct record_copy_options *o);
void record_copier_free(struct record_copier *c);

/*
 * Take over the record R, which source_next just handed out at WHERE, block
 * unread or wrapped by record_facts_read, and finish it. Its fields may have
 * been changed (R->head_len 0), or R->head exchanged for another: CHANGED
 * says so. A is the arena of R. -1: ERROR_SYSTEM, or writing failed.
 */
int record_copy(struct record_copier *c, struct arena *a, struct record *r,
    const struct place *where, int changed, struct record_copied *out,
    struct error *e);

#endif
