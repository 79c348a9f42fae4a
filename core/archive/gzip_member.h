#ifndef ARCHIVE_GZIP_MEMBER_H
#define ARCHIVE_GZIP_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "core/archive/members.h"

struct buf;
struct error;
struct input;
struct stream;

/*
 * Gzip members (RFC 1952), one per record. Written: ten fixed header bytes
 * (1f 8b 08 00 00000000 00 ff), deflated by libdeflate when all is in memory,
 * by zlib when it streams, or as stored blocks of 65,535 bytes for what does
 * not compress (the record's head goes into the first block), CRC32, ISIZE.
 * Read: members up to LIMIT_WHOLE_MEMBER by libdeflate; larger ones, and
 * whatever libdeflate refuses, by zlib, whose verdict alone is reported.
 */

enum gzip_way { GZIP_DEFLATE, GZIP_STORED };

enum { GZIP_HEADER_BYTES = 10 };

/* What gzip_member_write begins every member with. */
extern const uint8_t gzip_member_header[GZIP_HEADER_BYTES];

/* A writer makes its contexts once and is used by one thread. */
struct gzip_writer;

struct gzip_writer *gzip_writer_new(void);
void gzip_writer_free(struct gzip_writer *w);

/*
 * One member holding HEAD, then all of BODY (NULL: nothing), then TAIL. It is
 * handed to EACH in pieces, in order; EACH returns 0, or -1 with the error.
 * *LENGTH is the member's size. The same content gives the same bytes,
 * however BODY cuts it into spans.
 */
int gzip_member_write(struct gzip_writer *w, enum gzip_way way,
    const struct buf *head, struct stream *body, const struct buf *tail,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, uint64_t *length, struct error *e);

/*
 * Members pulled out of a file. Members are read one after the
 * other; inside a member the decompressed bytes are a stream.
 */
struct gzip_reader;

/* FILE is kept. */
struct gzip_reader *gzip_reader_new(struct input *file);
void gzip_reader_free(struct gzip_reader *r);
void gzip_reader_seek(struct gzip_reader *r, uint64_t offset);
uint64_t gzip_reader_offset(const struct gzip_reader *r); /* of next member */

/*
 * Start the next member: 1, *BYTES is its content (the reader's, valid until
 * the next call); 0, the file ends here; -1, ERROR_INPUT: no member starts
 * here. An unread rest of the member before is skipped, and checked: when it
 * is broken this is -1, and so is every call until gzip_reader_seek.
 * A stream's error (-1 of stream_next) means the member is cut or broken: the
 * text says which ("cut", "crc", "length", "deflate").
 */
int
gzip_reader_next(struct gzip_reader *r, struct stream **bytes, struct error *e);

/* Where the current member starts, and, after it was read to its end (or was
 * found broken only there: "crc", "length"), its compressed length; else 0. */
uint64_t gzip_reader_start(const struct gzip_reader *r);
uint64_t gzip_reader_member_len(const struct gzip_reader *r);

/* What broke: "header", "cut", "crc", "length", "deflate"; NULL when nothing
 * did. */
const char *gzip_reader_verdict(const struct gzip_reader *r);

/*
 * After damage: stand at the next offset, at FROM or later, where a member of
 * sound first bytes inflates its first block, or 4 KiB of it, and begins as a
 * record (members.h). 1 / 0 none, the reader stands at the end of the file.
 */
int gzip_reader_resync(
    struct gzip_reader *r, uint64_t from, members_begins *begins);

/* The first bytes of the member at P..LEN into OUT, at most CAP (up to
 * 4 KiB). Returns how many; 0 when no member starts there. */
size_t gzip_peek(const uint8_t *p, size_t len, uint8_t *out, size_t cap);

/* Content in gzip coding at P..LEN, handed to EACH as it comes out. 1, all of
 * it; 0, it is broken, cut or longer than LIMIT bytes. */
int gzip_inflate(const uint8_t *p, size_t len, uint64_t limit,
    void (*each)(void *context, const uint8_t *p, size_t len), void *context);

/* Would deflating be worth it? By media type, content coding and the first
 * bytes of the body (P may be NULL). */
enum gzip_way gzip_way_for(const char *content_type,
    const char *content_encoding, const uint8_t *p, size_t len);

/* Library names and versions, for warcinfo. */
const char *gzip_libraries(void);

#endif
