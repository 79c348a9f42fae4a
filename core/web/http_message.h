#ifndef WEB_HTTP_MESSAGE_H
#define WEB_HTTP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * One tolerant incremental reader of HTTP/1.x messages (RFC 9112) for
 * fetching, verifying and replaying. Fed any cut of the bytes it says where
 * heads, body, chunks and trailers begin and end, keeps the original bytes of
 * the final head and every field of it, and notes what broke the rules. It
 * never copies the body; payload bytes (transfer coding removed) are handed
 * to a callback as spans of the fed bytes.
 *
 * Tolerated and noted: LF-only lines, obs-fold, NUL and control bytes, lines
 * without a colon, space before the colon, ICY or no status line at all
 * (everything is then body until close), several or lying Content-Length,
 * chunked with Content-Length, "chunked" on a body that is not (only with
 * HTTP_LENIENT_CHUNKS: read from a record, whole body at hand), bytes after
 * the end, 1xx heads before the final one (101 ends the message).
 */

enum http_side { HTTP_RESPONSE, HTTP_REQUEST };

/* How the end of the body is known. */
enum http_framing {
	HTTP_FRAMING_NONE,   /* no body: HEAD, 1xx, 204, 304, CONNECT 2xx */
	HTTP_FRAMING_LENGTH, /* Content-Length */
	HTTP_FRAMING_CHUNKED,
	HTTP_FRAMING_CLOSE /* until the connection ends */
};

/* What broke the rules: bits of http_reader_notes. */
enum http_note {
	HTTP_NOTE_NO_STATUS_LINE = 1 << 0,
	HTTP_NOTE_BAD_STATUS_LINE = 1 << 1, /* ICY, missing code ... */
	HTTP_NOTE_BARE_LF = 1 << 2,
	HTTP_NOTE_OBS_FOLD = 1 << 3,
	HTTP_NOTE_NO_COLON = 1 << 4,
	HTTP_NOTE_SPACE_BEFORE_COLON = 1 << 5,
	HTTP_NOTE_CONTROL_BYTE = 1 << 6,
	HTTP_NOTE_LENGTHS_DIFFER = 1 << 7,
	HTTP_NOTE_BAD_LENGTH = 1 << 8,
	HTTP_NOTE_LENGTH_AND_CHUNKED = 1 << 9,
	HTTP_NOTE_BAD_CHUNK = 1 << 10, /* framing lost: the rest is raw */
	HTTP_NOTE_BAD_CODING_ORDER = 1
				     << 11, /* chunked is not last, or twice */
	HTTP_NOTE_NOT_CHUNKED = 1 << 12,    /* said chunked, was plain */
	HTTP_NOTE_TRAILERS = 1 << 13,
	HTTP_NOTE_HEAD_TOO_LONG = 1 << 14, /* over the limits: rest is body */
	HTTP_NOTE_UPGRADED = 1 << 15,      /* 101 */
	HTTP_NOTE_BEYOND_LENGTH = 1 << 16  /* body longer than announced */
};

struct http_field {
	const char *name; /* as received, NUL-terminated copy */
	size_t name_len;
	const char *value; /* trimmed, folds joined by one space; a copy */
	size_t value_len;  /* may hold NUL bytes */
};

struct http_limits {
	size_t head_bytes;
	size_t fields;
};

enum http_option {
	HTTP_LENIENT_CHUNKS = 1 << 0, /* see above */
	/* Read from a record, whole body at hand: what is there behind the
	 * announced length is payload too. Browsers' records decode bodies and
	 * leave Content-Length as it was. Complete only by http_reader_end. */
	HTTP_LENIENT_LENGTH = 1 << 1
};

struct http_reader;

/* LIMITS may be NULL for those of limits.h. */
struct http_reader *http_reader_new(
    enum http_side side, const struct http_limits *limits, unsigned options);
void http_reader_free(struct http_reader *r);

/* Ready for the next message; METHOD is that of the request ("" for none). */
void http_reader_reset(struct http_reader *r, const char *method);

/* Where payload bytes go; NULL to switch off. Spans are valid for the call. */
void http_reader_on_payload(struct http_reader *r,
    void (*each)(void *context, const uint8_t *p, size_t len), void *context);

/*
 * Feed LEN bytes. *USED is how many belong to this message. 1: the message is
 * complete (bytes after *USED are not of it); 0: wants more; -1: only for
 * ERROR_LIMIT that leaves no way to go on (never for broken input). How the
 * bytes are cut changes nothing but the spans.
 */
int http_reader_feed(struct http_reader *r, const uint8_t *p, size_t len,
    size_t *used, struct error *e);

/*
 * The connection ended. 1: that was a proper end; 0: cut short, or framing
 * was lost. Of a head that was cut short the whole lines are read.
 * HTTP_LENIENT_CHUNKS changes this verdict and the notes, never the payload;
 * but a body that is one open line of hex digits is payload only with it.
 */
int http_reader_end(struct http_reader *r);

int http_reader_is_complete(const struct http_reader *r);
int http_reader_head_done(const struct http_reader *r); /* final head is in */
uint64_t http_reader_head_offset(const struct http_reader *r); /* of the final
    head in all bytes fed: behind any 1xx heads */
uint64_t http_reader_head_len(const struct http_reader *r); /* with blank line;
    of a head that was cut short: what came of it, known after _end */
const uint8_t *http_reader_head_bytes(const struct http_reader *r); /* as they
    came; borrowed until the next reset */
uint64_t http_reader_payload_len(const struct http_reader *r);
uint64_t http_reader_body_len(const struct http_reader *r); /* as on the wire */
enum http_framing http_reader_framing(const struct http_reader *r);
unsigned http_reader_notes(const struct http_reader *r);

/* The connection may carry another message: complete, sound framing, and
 * neither side asked to close. */
int http_reader_keeps_alive(const struct http_reader *r);

unsigned http_reader_status(const struct http_reader *r); /* 0 when unknown */
const char *http_reader_start_line(const struct http_reader *r); /* text */
const char *http_reader_version(const struct http_reader *r); /* "1.1" or "" */
const char *http_reader_method(const struct http_reader *r);  /* requests */
const char *http_reader_target(const struct http_reader *r);  /* requests */
size_t http_reader_field_count(const struct http_reader *r);
const struct http_field *
http_reader_field_at(const struct http_reader *r, size_t i);

/* First field of that name, any case; NULL when absent. Borrowed until the
 * next reset. */
const char *http_reader_field(const struct http_reader *r, const char *name);

/* Content-Length as announced; 0 when it said nothing usable. 1 / 0. */
int http_reader_announced_len(const struct http_reader *r, uint64_t *len);

/* One word per note, separated by blanks, appended: for metadata records. */
void http_notes_add(struct buf *out, unsigned notes);

/* Content-Type: "text/html" without parameters and its charset ("" when none),
 * both lower-case, appended to buffers that may be NULL. */
void
http_content_type(const char *value, struct buf *type, struct buf *charset);

#endif
