/* Gzip members written, one per record. */
#include "core/archive/gzip_member.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "core/base/deflate.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

#define GZIP_LEVEL 6
/* Of a few lines a search for better matches finds next to nothing, and its
 * tables are larger than they are. */
#define GZIP_QUICK_LEVEL  1
#define GZIP_QUICK_BYTES  ((size_t)2048)
#define GZIP_STORED_BYTES 65535 /* RFC 1951, 3.2.4 */
#define GZIP_FEED_BYTES   ((size_t)256 * 1024)
#define GZIP_TRIAL_BYTES  ((size_t)16 * 1024)

/* No name, no time, unknown system (RFC 1952, 2.3): the same bytes for the
 * same content, always. */
const uint8_t gzip_member_header[GZIP_HEADER_BYTES] = { 0x1f, 0x8b, 8, 0, 0, 0,
	0, 0, 0, 0xff };

/* The three parts of a member's content as one run of spans. */
struct parts {
	const struct buf *head;
	struct stream *body;
	const struct buf *tail;
	int part; /* next to open */
	const uint8_t *p;
	size_t left;
};

struct gzip_writer {
	struct deflater *whole;
	struct deflater *quick; /* up to GZIP_QUICK_BYTES */
	z_stream streaming;
	int streaming_ready;
	struct buf in;
	struct buf out;
	/* of the member being written */
	struct parts parts;
	int (*each)(
	    void *context, const uint8_t *p, size_t len, struct error *e);
	void *context;
	uint64_t length;
	uint32_t crc;
	uint32_t size; /* modulo 2^32, as ISIZE wants it */
};

struct gzip_writer *
gzip_writer_new(void)
{
	struct gzip_writer *w = mem_zero(1, sizeof(*w));

	w->whole = deflater_new(GZIP_LEVEL);
	w->quick = deflater_new(GZIP_QUICK_LEVEL);
	return w;
}

void
gzip_writer_free(struct gzip_writer *w)
{
	if (w == NULL)
		return;
	deflater_free(w->whole);
	deflater_free(w->quick);
	if (w->streaming_ready)
		(void)deflateEnd(&w->streaming); /* cannot fail in a way that
		    matters: the state goes away */
	buf_clear(&w->in);
	buf_clear(&w->out);
	free(w);
}

/* Make the next span current: 1; 0, all parts are used up; -1. */
static int
parts_open(struct parts *s, struct error *e)
{
	int more;

	for (;;) {
		switch (s->part) {
		case 0:
		case 2:
			s->p = s->part == 0 ? s->head->data : s->tail->data;
			s->left = s->part == 0 ? s->head->len : s->tail->len;
			s->part++;
			if (s->left > 0)
				return 1;
			break;
		case 1:
			more = s->body == NULL
				   ? 0
				   : stream_next(s->body, &s->p, &s->left, e);
			if (more != 0)
				return more;
			s->left = 0;
			s->part++;
			break;
		default:
			return 0;
		}
	}
}

/*
 * Up to CAP bytes are added to TO. 1, more is to come; 0, that was the rest.
 * How the body was cut into spans leaves no trace, and so the compressed
 * bytes depend on the content alone.
 */
static int
add_content(struct gzip_writer *w, struct buf *to, size_t cap, struct error *e)
{
	struct parts *s = &w->parts;
	size_t end = to->len + cap;

	for (;;) {
		size_t room = end - to->len;
		size_t n;
		int more;

		if (s->left == 0 && (more = parts_open(s, e)) <= 0)
			return more;
		if (room == 0)
			return 1;
		n = s->left < room ? s->left : room;
		buf_add(to, s->p, n);
		s->p += n;
		s->left -= n;
	}
}

/* The same, w->in anew. */
static int
fill(struct gzip_writer *w, size_t cap, struct error *e)
{
	buf_reset(&w->in);
	return add_content(w, &w->in, cap, e);
}

static int
emit(struct gzip_writer *w, struct error *e)
{
	if (w->out.len == 0)
		return 0;
	if (w->each(w->context, w->out.data, w->out.len, e) != 0)
		return -1;
	w->length += w->out.len;
	buf_reset(&w->out);
	return 0;
}

static void
add_le32(struct buf *b, uint32_t v)
{
	uint8_t raw[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		(uint8_t)(v >> 24) };

	buf_add(b, raw, sizeof(raw));
}

static void
account(struct gzip_writer *w, const uint8_t *p, size_t len)
{
	w->crc = deflate_crc32(w->crc, p, len);
	w->size += (uint32_t)len;
}

static void
deflate_whole(struct gzip_writer *w)
{
	struct deflater *d = w->in.len > GZIP_QUICK_BYTES ? w->whole : w->quick;
	size_t bound = deflater_bound(d, w->in.len);
	uint8_t *room = buf_room(&w->out, bound);
	size_t n;

	account(w, w->in.data, w->in.len);
	n = deflater_run(d, w->in.data, w->in.len, room, bound);
	assert(n > 0); /* BOUND is enough by contract */
	w->out.len += n;
}

/* Deflate what is in w->in and hand on what comes out. */
static int
deflate_some(struct gzip_writer *w, int flush, struct error *e)
{
	z_stream *z = &w->streaming;
	int code;

	account(w, w->in.data, w->in.len);
	z->next_in = w->in.data;
	z->avail_in = (uInt)w->in.len;
	do {
		z->next_out = buf_room(&w->out, GZIP_FEED_BYTES);
		z->avail_out = GZIP_FEED_BYTES;
		code = deflate(z, flush);
		assert(code != Z_STREAM_ERROR);
		w->out.len += GZIP_FEED_BYTES - z->avail_out;
		if (emit(w, e) != 0)
			return -1;
	} while (z->avail_out == 0);
	return 0;
}

static int
deflate_streaming(struct gzip_writer *w, struct error *e)
{
	z_stream *z = &w->streaming;
	int more = 1;
	int code;

	code = w->streaming_ready ? deflateReset(z)
				  : deflateInit2(z, GZIP_LEVEL, Z_DEFLATED,
					-MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	if (code != Z_OK)
		abort(); /* no memory */
	w->streaming_ready = 1;
	while (more) {
		/* The first LIMIT_WHOLE_MEMBER bytes are in w->in already. */
		if (deflate_some(w, Z_NO_FLUSH, e) != 0 ||
		    (more = fill(w, GZIP_FEED_BYTES, e)) < 0)
			return -1;
	}
	return deflate_some(w, Z_FINISH, e);
}

static int
write_deflated(struct gzip_writer *w, struct error *e)
{
	int more = fill(w, LIMIT_WHOLE_MEMBER, e);

	if (more < 0)
		return -1;
	if (more)
		return deflate_streaming(w, e);
	deflate_whole(w);
	return 0;
}

/* Stored blocks (RFC 1951, 3.2.4): a byte with the final bit, LEN, NLEN. */
static int
write_stored(struct gzip_writer *w, struct error *e)
{
	int more;

	do {
		uint8_t head[5] = { 0 };
		size_t at = w->out.len;
		size_t n;

		buf_add(&w->out, head, sizeof(head));
		more = add_content(w, &w->out, GZIP_STORED_BYTES, e);
		if (more < 0)
			return -1;
		at += sizeof(head);
		n = w->out.len - at;
		head[0] = more ? 0 : 1;
		head[1] = (uint8_t)n;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)~head[1];
		head[4] = (uint8_t)~head[2];
		memcpy(w->out.data + at - sizeof(head), head, sizeof(head));
		account(w, w->out.data + at, n);
		if (more && emit(w, e) != 0)
			return -1;
	} while (more);
	return 0;
}

int
gzip_member_write(struct gzip_writer *w, enum gzip_way way,
    const struct buf *head, struct stream *body, const struct buf *tail,
    int (*each)(void *context, const uint8_t *p, size_t len, struct error *e),
    void *context, uint64_t *length, struct error *e)
{
	w->parts = (struct parts){ .head = head, .body = body, .tail = tail };
	w->each = each;
	w->context = context;
	w->length = 0;
	w->crc = 0;
	w->size = 0;
	buf_reset(&w->out);
	buf_add(&w->out, gzip_member_header, GZIP_HEADER_BYTES);
	if ((way == GZIP_STORED ? write_stored(w, e) : write_deflated(w, e)) !=
	    0)
		return -1;
	add_le32(&w->out, w->crc);
	add_le32(&w->out, w->size);
	if (emit(w, e) != 0)
		return -1;
	*length = w->length;
	return 0;
}

/* Types whose bytes are compressed already; a "/" at the end takes all. */
static const char *const stored_types[] = { "image/", "video/", "audio/",
	"font/woff", "application/font-woff", "application/x-font-woff",
	"application/zip", "application/gzip", "application/x-gzip",
	"application/pdf", "application/x-7z-compressed",
	"application/x-rar-compressed", "application/vnd.rar",
	"application/x-bzip2", "application/x-xz", "application/zstd",
	"application/java-archive", "application/epub+zip",
	"application/vnd.openxmlformats-", "application/vnd.oasis.", NULL };

static const char *const deflated_types[] = { "image/svg+xml", "image/bmp",
	"image/x-ms-bmp", "image/x-bmp", "text/", "application/json",
	"application/ld+json", "application/javascript",
	"application/x-javascript", "application/xml", "application/xhtml+xml",
	"application/rss+xml", "application/atom+xml",
	"application/manifest+json", "application/warc-fields",
	"application/vnd.holdfast.", "application/x-pem-file", NULL };

static const struct magic {
	const char *bytes;
	size_t len;
} stored_magic[] = { { "\x1f\x8b\x08", 3 }, { "\xff\xd8\xff", 3 },
	{ "\x89PNG", 4 }, { "GIF8", 4 }, { "PK\x03\x04", 4 }, { "wOFF", 4 },
	{ "wOF2", 4 }, { "\x28\xb5\x2f\xfd", 4 }, { "%PDF-", 5 },
	{ "7z\xbc\xaf\x27\x1c", 6 } };

static int
type_in(const char *type, const char *const *list)
{
	while (text_is_space(*type))
		type++;
	for (; *list != NULL; list++)
		if (strncasecmp(type, *list, strlen(*list)) == 0)
			return 1;
	return 0;
}

static int
has_stored_magic(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < sizeof(stored_magic) / sizeof(stored_magic[0]);
	     i++)
		if (len >= stored_magic[i].len &&
		    memcmp(p, stored_magic[i].bytes, stored_magic[i].len) == 0)
			return 1;
	/* WebP and AVIF carry a length before their name. */
	return len >= 12 &&
	       (memcmp(p + 8, "WEBP", 4) == 0 || memcmp(p + 4, "ftyp", 4) == 0);
}

/* Deflate the first bytes: is at least a twentieth saved? */
static int
shrinks(const uint8_t *p, size_t len)
{
	struct deflater *c = deflater_new(1);
	struct buf out = { 0 };
	size_t n;

	if (len > GZIP_TRIAL_BYTES)
		len = GZIP_TRIAL_BYTES;
	/* 0: it did not fit, and so it saved too little. */
	n = deflater_run(c, p, len, buf_room(&out, len), len - len / 20);
	buf_clear(&out);
	deflater_free(c);
	return n > 0;
}

enum gzip_way
gzip_way_for(const char *content_type, const char *content_encoding,
    const uint8_t *p, size_t len)
{
	if (content_type == NULL)
		content_type = "";
	if (content_encoding != NULL && content_encoding[0] != '\0' &&
	    strcasecmp(content_encoding, "identity") != 0)
		return GZIP_STORED;
	if (p != NULL && has_stored_magic(p, len))
		return GZIP_STORED;
	if (type_in(content_type, deflated_types))
		return GZIP_DEFLATE;
	if (type_in(content_type, stored_types))
		return GZIP_STORED;
	/* Short bodies and unseen ones: nothing to lose. */
	if (p == NULL || len < 256 || shrinks(p, len))
		return GZIP_DEFLATE;
	return GZIP_STORED;
}

const char *
gzip_libraries(void)
{
	return deflate_libraries();
}
