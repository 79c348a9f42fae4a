/*
 * Makes the record files that reading is measured on.
 *
 *	ver_files KIND FILE [PERCENT | --small]
 *
 *	A  a news site as wget writes it: WARC/1.0, base32 SHA-1, everything
 *	   deflated at level 9, extra field "sl", requests and responses
 *	B  its pages alone, as we write them: WARC/1.1, SHA-256, deflated
 *	S  the site in stored blocks, pages as the server packed them
 *	T  300,000 responses of 228 bytes of JSON
 *
 * PERCENT (100) of the pages or records; --small is 2. The same arguments
 * give the same bytes, as long as zlib and libdeflate stay as they are.
 * Prints one line: kind, records, members, bytes of blocks, bytes of the file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "tests/site/bulk.h"

#define HOST  "127.0.0.1:8085"
#define SEED  20260101u
#define START INT64_C(1767225600000000) /* 2026-01-01 */

enum {
	ARTICLES = 2000,   /* A, S */
	LISTS = 82,        /* pages without pictures of their own */
	HTML_PAGES = 8008, /* B */
	TINY = 300000,     /* T */
	TINY_BODY = 228,
	ALIAS_EVERY = 20 /* articles with a second URL for a picture */
};

struct maker {
	struct bulk *bulk;
	struct gzip_writer *writer;
	z_stream deflate;
	struct arena *arena;
	char kind;
	int fd;
	uint64_t at, records, block_bytes;
	struct buf body, block, packed, head;
	struct error e;
};

static void
fail(struct maker *m)
{
	(void)fprintf(stderr, "ver_files: %s\n", m->e.text);
	exit(1);
}

static int
append(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct maker *m = context;

	if (file_write_at(m->fd, p, len, m->at, e) != 0)
		return -1;
	m->at += len;
	return 0;
}

/* ---- members ---- */

static void
put_le32(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* P..LEN deflated into m->packed from OFFSET on by the stream as it was set
 * up. */
static void
pack(struct maker *m, z_stream *z, size_t offset, const struct buf *from)
{
	uLong bound = deflateBound(z, from->len) + offset + 8;
	uint8_t *room;

	buf_reset(&m->packed);
	room = buf_room(&m->packed, bound);
	z->next_in = from->data;
	z->avail_in = (uInt)from->len;
	z->next_out = room + offset;
	z->avail_out = (uInt)(bound - offset);
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		abort();
	m->packed.len = offset + z->total_out;
}

/* m->block, the whole record, as the member wget makes of it. */
static void
put_wget_member(struct maker *m)
{
	static const uint8_t start[] = { 0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 2, 3, 12,
		0, 's', 'l', 8, 0 };
	enum { HEAD = sizeof(start) + 8 };
	uint8_t tail[8];

	if (deflateReset(&m->deflate) != Z_OK)
		abort();
	pack(m, &m->deflate, HEAD, &m->block);
	memcpy(m->packed.data, start, sizeof(start));
	put_le32(m->packed.data + sizeof(start), m->packed.len + sizeof(tail));
	put_le32(m->packed.data + sizeof(start) + 4, m->block.len);
	put_le32(tail, crc32(0, m->block.data, (uInt)m->block.len));
	put_le32(tail + 4, m->block.len);
	buf_add(&m->packed, tail, sizeof(tail));
	if (append(m, m->packed.data, m->packed.len, &m->e) != 0)
		fail(m);
}

/* ---- records ---- */

static void
digest(const struct maker *m, const uint8_t *p, size_t len,
    char out[DIGEST_TEXT_MAX])
{
	uint8_t raw[DIGEST_RAW_MAX];
	struct digester *d;

	if (m->kind != 'A') {
		digest_text(DIGEST_SHA256, p, len, out);
		return;
	}
	d = digester_new(DIGEST_SHA1);
	digester_add(d, p, len);
	memcpy(out, "sha1:", 5);
	text_base32(out + 5, raw, digester_raw(d, raw));
	digester_free(d);
}

static const char *
id_text(struct maker *m, uint64_t number)
{
	return arena_format(m->arena,
	    "<urn:uuid:00000000-0000-8000-8000-%012" PRIx64 ">", number);
}

static const char *
date_text(struct maker *m, uint64_t number)
{
	char date[DATE_TEXT_MAX];

	date_rfc3339_s(
	    START + (int64_t)number * 10000, date); /* 100 a second */
	return arena_format(m->arena, "%s", date);
}

/*
 * One record with the block HEAD + m->body. The fields are in wget's order
 * for A and in ours for all else; who reads them does not mind.
 */
static void
put_record(struct maker *m, enum record_type type, const char *path,
    const char *head, int stored)
{
	struct record r = { .version = m->kind == 'A' ? "WARC/1.0"
						      : "WARC/1.1" };
	size_t head_len = strlen(head);
	uint64_t number = m->records++;
	char text[DIGEST_TEXT_MAX];
	struct arena *a = m->arena;
	int response = type == RECORD_RESPONSE;
	uint64_t length;

	buf_reset(&m->block);
	buf_add(&m->block, head, head_len);
	buf_add(&m->block, m->body.data, m->body.len);
	record_add(a, &r, "WARC-Type", record_type_name(type));
	record_add(a, &r, "WARC-Record-ID", id_text(m, number));
	if (number > 0)
		record_add(a, &r, "WARC-Warcinfo-ID", id_text(m, 0));
	if (response && m->kind != 'T')
		record_add(a, &r, "WARC-Concurrent-To", id_text(m, number - 1));
	if (path != NULL)
		record_add(a, &r, "WARC-Target-URI",
		    arena_format(a,
			m->kind == 'A' ? "<http://" HOST "%s>"
				       : "http://" HOST "%s",
			path));
	record_add(a, &r, "WARC-Date", date_text(m, number));
	if (path != NULL && m->kind != 'T')
		record_add(a, &r, "WARC-IP-Address", "127.0.0.1");
	digest(m, m->block.data, m->block.len, text);
	record_add(a, &r, "WARC-Block-Digest", text);
	digest(m, m->block.data + head_len, m->body.len, text);
	if (response)
		record_add(a, &r, "WARC-Payload-Digest", text);
	record_add(a, &r, "Content-Type",
	    path == NULL ? "application/warc-fields"
	    : response   ? "application/http;msgtype=response"
			 : "application/http;msgtype=request");
	record_add(
	    a, &r, "Content-Length", arena_format(a, "%zu", m->block.len));
	m->block_bytes += m->block.len;
	if (m->kind == 'A') {
		struct buf whole = { 0 };

		record_write_head(&whole, &r);
		buf_add(&whole, m->block.data, m->block.len);
		buf_add(&whole, "\r\n\r\n", 4);
		buf_clear(&m->block);
		m->block = whole;
		put_wget_member(m);
	} else {
		r.block_len = m->block.len;
		r.block = stream_of_bytes(m->block.data, m->block.len);
		if (warc_write(
			m->writer, &r, stored, append, m, &length, &m->e) != 0)
			fail(m);
		stream_free(r.block);
	}
	arena_reset(a);
}

static void
put_warcinfo(struct maker *m)
{
	buf_reset(&m->body);
	put_record(m, RECORD_WARCINFO, NULL,
	    m->kind == 'A' ? "software: Wget/1.21.3 (linux-gnu)\r\n"
			     "format: WARC File Format 1.0\r\n"
			   : "software: ver_files\r\n"
			     "format: WARC File Format 1.1\r\n",
	    0);
}

static void
put_request(struct maker *m, const char *path)
{
	char *head = mem_format("GET %s HTTP/1.1\r\nHost: " HOST "\r\n"
				"User-Agent: Wget/1.21.3\r\nAccept: */*\r\n"
				"Accept-Encoding: identity\r\n"
				"Connection: Keep-Alive\r\n\r\n",
	    path);
	struct buf body = m->body;

	m->body = (struct buf){ 0 };
	put_record(m, RECORD_REQUEST, path, head, 0);
	m->body = body;
	free(head);
}

/* The request and the response that m->body is. CODING is a field or "". */
static void
put_exchange(struct maker *m, const char *path, const char *media_type,
    const char *coding, int stored)
{
	char *head;

	if (m->kind != 'T')
		put_request(m, path);
	head = mem_format("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
			  "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
			  "Content-Type: %s\r\nContent-Length: %zu\r\n"
			  "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
			  "Connection: keep-alive\r\n%s"
			  "Accept-Ranges: bytes\r\n\r\n",
	    media_type, m->body.len, coding);
	put_record(m, RECORD_RESPONSE, path, head, stored);
	free(head);
}

/* ---- the site ---- */

/* m->body as the server sends it to those who take gzip. */
static void
pack_body(struct maker *m)
{
	z_stream z = { 0 };

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort();
	pack(m, &z, 0, &m->body);
	(void)deflateEnd(&z);
	buf_reset(&m->body);
	buf_add(&m->body, m->packed.data, m->packed.len);
}

static void
put_text(struct maker *m, const char *path, const char *media_type)
{
	if (m->kind == 'S') {
		pack_body(m);
		put_exchange(
		    m, path, media_type, "Content-Encoding: gzip\r\n", 1);
		return;
	}
	put_exchange(m, path, media_type, "", 0);
}

static void
put_page(struct maker *m, unsigned number)
{
	struct buf title = { 0 };
	char *path;

	buf_reset(&m->body);
	bulk_words(m->bulk, &title, 8);
	path = bulk_path(number, buf_text(&title));
	bulk_page(m->bulk, &m->body, number, buf_text(&title),
	    bulk_between(m->bulk, 60000, 120000));
	put_text(m, path, "text/html; charset=utf-8");
	free(path);
	buf_clear(&title);
}

static void
put_picture(struct maker *m, const char *path, size_t len)
{
	buf_reset(&m->body);
	bulk_picture(m->bulk, &m->body, len);
	put_exchange(m, path, "image/jpeg", "", 1);
}

/* A picture at the top, up to two in the text, and a small one. */
static void
put_pictures(struct maker *m, unsigned number)
{
	unsigned count = 1 + bulk_between(m->bulk, 0, 2);
	char *path;

	for (unsigned i = 0; i < count; i++) {
		path = mem_format("/media/%u-%u.jpg", number, i);
		put_picture(m, path, bulk_picture_len(m->bulk));
		free(path);
		if (i > 0 || number % ALIAS_EVERY != 0)
			continue;
		path = mem_format("/uploads/alias/%u.jpg", number);
		put_exchange(m, path, "image/jpeg", "", 1);
		free(path);
	}
	path = mem_format("/thumb/%u.jpg", number);
	put_picture(m, path, bulk_between(m->bulk, 20000, 40000));
	free(path);
}

static void
put_shared(struct maker *m)
{
	static const struct {
		const char *path, *media_type;
		size_t len;
	} texts[] = {
		{ "/assets/main.css", "text/css", 90000 },
		{ "/assets/vendor.css", "text/css", 60000 },
		{ "/assets/vendor.js", "text/javascript", 180000 },
		{ "/assets/app.js", "text/javascript", 80000 },
		{ "/assets/ads.js", "text/javascript", 25000 },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_reset(&m->body);
		bulk_code(m->bulk, &m->body, "", i < 2, texts[i].len);
		put_text(m, texts[i].path, texts[i].media_type);
	}
	put_picture(m, "/assets/bg.jpg", 60000);
	put_picture(m, "/assets/logo.png", 9000);
}

static void
put_site(struct maker *m, unsigned percent)
{
	put_shared(m);
	for (unsigned i = 0; i < ARTICLES * percent / 100; i++) {
		put_page(m, i);
		put_pictures(m, i);
	}
	for (unsigned i = 0; i < LISTS * percent / 100; i++)
		put_page(m, ARTICLES + i);
}

/* As many bytes whatever the words are. */
static void
put_tiny(struct maker *m, unsigned number)
{
	char *path = mem_format("/api/item/%u", number);

	buf_reset(&m->body);
	buf_format(&m->body, "{\"id\": %u, \"title\": \"", number);
	while (m->body.len < TINY_BODY - 2) {
		buf_add_text(&m->body, bulk_word(m->bulk));
		buf_add_byte(&m->body, ' ');
	}
	buf_cut(&m->body, TINY_BODY - 2);
	buf_add_text(&m->body, "\"}");
	put_record(m, RECORD_RESPONSE, path,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 228\r\n\r\n",
	    0);
	free(path);
}

static void
put_all(struct maker *m, unsigned percent)
{
	put_warcinfo(m);
	if (m->kind == 'A' || m->kind == 'S')
		put_site(m, percent);
	for (unsigned i = 0; m->kind == 'B' && i < HTML_PAGES * percent / 100;
	     i++)
		put_page(m, i);
	for (unsigned i = 0; m->kind == 'T' && i < TINY / 100 * percent; i++)
		put_tiny(m, i);
}

int
main(int argc, char **argv)
{
	struct maker *m = mem_zero(1, sizeof(*m));
	unsigned percent = 100;

	if (argc < 3 || strlen(argv[1]) != 1 ||
	    strchr("ABST", argv[1][0]) == NULL) {
		(void)fputs(
		    "usage: ver_files A|B|S|T FILE [PERCENT | --small]\n",
		    stderr);
		return 2;
	}
	if (argc > 3)
		percent = strcmp(argv[3], "--small") == 0
			      ? 2
			      : (unsigned)strtoul(argv[3], NULL, 10);
	m->kind = argv[1][0];
	m->bulk = bulk_new(SEED);
	m->writer = gzip_writer_new();
	m->arena = arena_new();
	if (deflateInit2(
		&m->deflate, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	(void)unlink(argv[2]); /* of a run before */
	m->fd = file_create(argv[2], &m->e);
	if (m->fd < 0)
		fail(m);
	put_all(m, percent);
	if (file_close(m->fd, &m->e) != 0)
		fail(m);
	printf("%c: version 1, %" PRIu64 " records, %" PRIu64
	       " members, %" PRIu64 " bytes of blocks, %" PRIu64
	       " bytes in the file\n",
	    m->kind, m->records, m->records, m->block_bytes, m->at);
	(void)deflateEnd(&m->deflate);
	buf_clear(&m->body);
	buf_clear(&m->block);
	buf_clear(&m->packed);
	arena_free(m->arena);
	gzip_writer_free(m->writer);
	bulk_free(m->bulk);
	free(m);
	return 0;
}
