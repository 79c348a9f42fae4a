#ifndef COLLECTION_JOURNAL_H
#define COLLECTION_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * The journal of an open snapshot: text lines "CRC32C SP KIND SP JSON LF" (8
 * hex digits over all behind the first blank). Kinds: "b" begin (facts of the
 * run), "r" record committed, "o" outcome of a target, "d" targets discovered
 * by a page, "p" completeness of a page, "a" article record committed, "g"
 * end of a group: the files it touched, each with its end and the SHA-256 of
 * its bytes up to there, "k" end of a run after which the snapshot stays open,
 * "n" begin of the run that goes on with it (facts of that run), "e" end of
 * the last run. The first line that does not check ends it, and what stands
 * behind the last "g", "k" or "e" was never acknowledged: groups are all or
 * nothing.
 */

/* No line is longer. */
enum { JOURNAL_LINE_MAX = 64 * 1024 * 1024 };

/* One line appended to OUT. JSON is one line. */
void journal_add(struct buf *out, char kind, const char *json, size_t len);

/* Write a line behind END, the end of the file FD, and sync it. */
int journal_append(int fd, uint64_t end, char kind, const char *json,
    size_t len, struct error *e);

/* The JSON of "k" and "e": how and when a run ended. */
void journal_end_json(struct buf *json, const char *status, int64_t ended_us);

/* Does a line of this kind end what is acknowledged? 1 / 0. */
int journal_is_end(char kind);

/*
 * Read the file FD from its start. EACH gets every sound line (JSON is
 * NUL-terminated, valid for the call) and its offset; non-zero from EACH ends
 * the reading with -1. *END is the offset behind the last sound line.
 */
int journal_read(int fd,
    int (*each)(void *context, char kind, char *json, size_t len,
	uint64_t offset, struct error *e),
    void *context, uint64_t *end, struct error *e);

/* The JSON of the line at OFFSET, appended. ERROR_INTEGRITY if unsound. */
int journal_line_at(int fd, uint64_t offset, struct buf *json, struct error *e);

#endif
