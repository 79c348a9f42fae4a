#ifndef CLI_LOOK_H
#define CLI_LOOK_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct cli;
struct collection;
struct contents;
struct error;
struct found;
struct json;
struct open_record;
struct record;
struct snapshot_facts;
struct withdrawn;
struct zygote;

/* Shared by the verbs that look at what is kept. */

#define LOOK_SIZE_MAX 32

/* "1.2 MB", for people. */
const char *look_size(uint64_t bytes, char out[LOOK_SIZE_MAX]);

/* An RFC 3339 time without its fraction. */
const char *look_time(struct arena *a, const char *time);

/* What follows only prints: a reader that goes away ("| head") ends us as it
 * ends every filter, without a word. */
void look_only_prints(void);

/* What --json says of a snapshot, in A. */
struct json *look_facts(struct arena *a, const struct snapshot_facts *f);

/* The last part of a path. Borrowed. */
const char *look_name(const char *path);

/* The object written on the command line as a record: 0; -1 with the error
 * (a snapshot is ERROR_USAGE). */
int look_record(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e);

/* What was withdrawn is not shown: 0; -1, ERROR_WITHDRAWN of the capture
 * that record R belongs to or repeats, told as WHAT. */
int look_refuse(const struct collection *c, const struct open_record *r,
    const char *what, struct error *e);

/* The same of many, by what withdrawn_open gave. */
int look_refuse_in(const struct withdrawn *w, const struct open_record *r,
    const char *what, struct error *e);

/* The same of a record's id. */
int look_refuse_id(const struct collection *c, const char *id, const char *what,
    struct error *e);

/* E says that TEXT was not found: was it withdrawn and erased, E says that
 * instead. Returns -1. */
int look_missing(const struct collection *c, const char *text, struct error *e);

/* R is a revisit: 1, *OUT is the record it refers to, open; 0, it is none; -1.
 */
int look_original(const struct collection *c, struct arena *a,
    const struct open_record *r, struct open_record *out, struct error *e);

/* Value of a header or record field without anything but text in it. */
const char *look_field(const struct record *r, const char *name);

/*
 * Content codings are removed in a worker. Make the decoder before any
 * collection is opened (NULL: there are no workers; error said).
 */
struct zygote *look_decoder(void);

/* All of C's bytes, its content coding removed, appended to OUT. 0; 1, the
 * coding could not be removed (E says why) and OUT holds the bytes as sent;
 * -1. At most LIMIT_RESULT_BYTES come out; larger ones stay coded. */
int look_decode(
    struct zygote *z, struct contents *c, struct buf *out, struct error *e);

/* Has C a content coding? 1 / 0. */
int look_is_coded(const struct contents *c);

#endif
