#ifndef ARCHIVE_CONVERT_H
#define ARCHIVE_CONVERT_H

#include <signal.h>
#include <stdint.h>

struct error;
struct input;
struct place;
struct record_filter;
struct sink;

/*
 * Record files into record files: another packing, another version, ARC to
 * WARC, several into one, one into several, some records and not others. What
 * need not change does not: blocks, digests and ids never; heads only for
 * another version or for ARC, whose records get a WARC-Block-Digest (nothing
 * else vouches for them; as record_copy_options.add_digest); gzip members that are well deflated, or stored
 * because deflate gains nothing, go over byte for byte.
 *
 * A request that stands beside its response shares its fate with the filter;
 * both stay in one file. Of damaged records nothing goes over.
 */

struct convert_options {
	const char *version; /* "WARC/1.1", "WARC/1.0"; NULL as it is (ARC
			      * becomes 1.1) */
	const struct record_filter *filter; /* NULL: everything */
	/* Bytes of an input that do not read. NULL is fine. */
	void (*damage)(
	    void *context, const struct place *where, const char *text);
	void *context;
	const volatile sig_atomic_t *stop; /* not 0: end early; NULL */
};

struct convert_totals {
	uint64_t files, read;     /* inputs, sound records in them */
	uint64_t records, copied; /* that went over; byte for byte of them */
	uint64_t filtered;        /* not wanted */
	uint64_t orphans; /* revisits that went over, their original did not:
			   * known for originals met before, the last million
			   * of them */
	uint64_t damaged, damaged_bytes;
	uint64_t undated; /* of ARC, without a date that reads */
};

struct converter;

/* SINK (NULL: nothing is written, only counted) and O are borrowed. */
struct converter *
converter_new(struct sink *sink, const struct convert_options *o);
void converter_free(struct converter *c);

/* All records of IN. -1: ERROR_INPUT when it is no record file; ERROR_SYSTEM;
 * ERROR_LIMIT when stopped. */
int converter_add(struct converter *c, struct input *in, struct error *e);

const struct convert_totals *converter_totals(const struct converter *c);

#endif
