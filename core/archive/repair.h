#ifndef ARCHIVE_REPAIR_H
#define ARCHIVE_REPAIR_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct input;
struct sink;
struct source;

/*
 * Salvage of record files that are torn, changed or badly framed. Every
 * record whose framing is sound goes over: as the bytes it was, when it lies
 * in a gzip member of its own; framed anew otherwise. Nothing is corrected,
 * nothing invented; what does not go over is named.
 */

enum repair_kind {
	/* Bytes FROM..TO that hold no sound record: nothing of them went
	 * over. */
	REPAIR_LOST,
	/* A record went over whose block is not that of its
	 * WARC-Block-Digest. */
	REPAIR_CHANGED,
	/* A record went over whole, but its framing broke a rule that the
	 * output keeps (line ends, one record a member), or an empty member
	 * was left out. */
	REPAIR_REFRAMED
};

const char *repair_kind_name(enum repair_kind k); /* "lost" ... */

/* One place in the input. Valid for the call. */
struct repair_finding {
	enum repair_kind kind;
	uint64_t from, to; /* TO is behind the last byte; FROM when the place
			    * lies inside a member of several records */
	const char *code;  /* as in verify.h */
	const char *text;
	const char *record, *uri; /* "" where they are not known */
};

struct repair_options {
	/* NULL is fine. -1 ends the repair, with the error. */
	int (*each)(
	    void *context, const struct repair_finding *f, struct error *e);
	void *context;
	const volatile sig_atomic_t *stop; /* not 0: end early; NULL */
};

struct repair_totals {
	uint64_t records; /* went over: */
	uint64_t copied;  /* of them, byte for byte, compressed as they were */
	uint64_t lost, lost_bytes, changed, reframed;
};

/*
 * Is there a record file in IN, even if its beginning is broken? 0, *OUT reads
 * it; -1, ERROR_INPUT.
 */
int repair_source(struct source **out, struct input *in, struct error *e);

/* Read S, which reads from IN, to its end; write to SINK (NULL: judge only).
 * TOTALS is added to. -1: ERROR_SYSTEM or what EACH said. */
int repair_records(struct source *s, struct input *in, struct sink *sink,
    const struct repair_options *o, struct repair_totals *totals,
    struct error *e);

#endif
