/*
 * Makes the record file that packing is measured on.
 *
 *	large_files FILE MIB LARGE_MIB
 *
 * About MIB megabytes: a page for each 10 pictures of 256 KiB, and at the end
 * one film of LARGE_MIB (0: none). Bodies that do not compress, in stored
 * blocks. The same arguments give the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

#define START INT64_C(1767225600000000) /* 2026-01-01 */
#define MIB   ((uint64_t)1024 * 1024)

enum { PICTURE = 256 * 1024, PICTURES = 10, WORDS = 3000, SPAN = 1024 * 1024 };

/* HEAD, then LEFT bytes of noise, no two spans alike. */
struct noise {
	struct stream stream;
	const char *head;
	uint64_t left, count;
	uint8_t *span;
};

struct maker {
	struct gzip_writer *writer;
	struct arena *arena;
	int fd;
	uint64_t at, records;
	struct noise noise;
	struct error e;
};

static void
fail(const struct error *e)
{
	(void)fprintf(stderr, "large_files: %s\n", e->text);
	exit(1);
}

static uint64_t
next_noise(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static int
noise_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct noise *n = (struct noise *)s;

	(void)e;
	if (n->head != NULL) {
		*data = (const uint8_t *)n->head;
		*len = strlen(n->head);
		n->head = NULL;
		return 1;
	}
	if (n->left == 0)
		return 0;
	n->count++;
	memcpy(n->span, &n->count, sizeof(n->count));
	*data = n->span;
	*len = n->left < SPAN ? (size_t)n->left : SPAN;
	n->left -= *len;
	return 1;
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

/* A record of TYPE whose block is LEN bytes of BLOCK. */
static void
put_record(struct maker *m, enum record_type type, const char *url,
    struct stream *block, uint64_t len, enum gzip_way way)
{
	struct record r = { .version = "WARC/1.1" };
	struct arena *a = m->arena;
	struct buf head = { 0 };
	struct buf tail = { 0 };
	char date[DATE_TEXT_MAX];
	uint64_t length;

	date_rfc3339_s(START + (int64_t)m->records * 1000000, date);
	record_add(a, &r, "WARC-Type", record_type_name(type));
	record_add(a, &r, "WARC-Record-ID",
	    arena_format(a, "<urn:uuid:00000000-0000-8000-8000-%012" PRIx64 ">",
		m->records++));
	record_add(a, &r, "WARC-Date", date);
	if (url != NULL)
		record_add(a, &r, "WARC-Target-URI", url);
	record_add(a, &r, "Content-Type",
	    type == RECORD_WARCINFO ? "application/warc-fields"
				    : "application/http;msgtype=response");
	record_add(a, &r, "Content-Length", arena_format(a, "%" PRIu64, len));
	record_write_head(&head, &r);
	buf_add_text(&tail, "\r\n\r\n");
	if (gzip_member_write(m->writer, way, &head, block, &tail, append, m,
		&length, &m->e) != 0)
		fail(&m->e);
	buf_clear(&head);
	buf_clear(&tail);
	arena_reset(a);
}

static void
put_text(struct maker *m, enum record_type type, const char *url,
    const struct buf *text)
{
	struct stream *s = stream_of_bytes(text->data, text->len);

	put_record(m, type, url, s, text->len, GZIP_DEFLATE);
	stream_free(s);
}

static void
put_noise(struct maker *m, const char *url, const char *type, uint64_t len)
{
	char *head = mem_format("HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
				"Content-Length: %" PRIu64 "\r\n\r\n",
	    type, len);

	m->noise.head = head;
	m->noise.left = len;
	put_record(m, RECORD_RESPONSE, url, &m->noise.stream,
	    strlen(head) + len, GZIP_STORED);
	free(head);
}

static void
put_page(struct maker *m, uint64_t number)
{
	struct buf body = { 0 };
	struct buf text = { 0 };
	uint64_t x = number + 1;

	buf_format(&body,
	    "<!DOCTYPE html><html><head><title>Page %" PRIu64
	    "</title></head><body><h1>Page %" PRIu64 "</h1><p>",
	    number, number);
	for (int i = 0; i < WORDS; i++)
		buf_format(&body, "%" PRIx64 " ", next_noise(&x) >> 40);
	buf_add_text(&body, "</p></body></html>\n");
	buf_format(&text,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    body.len, buf_text(&body));
	put_text(m, RECORD_RESPONSE,
	    arena_format(m->arena, "http://127.0.0.1/page/%" PRIu64, number),
	    &text);
	buf_clear(&body);
	buf_clear(&text);
}

static void
put_all(struct maker *m, uint64_t size, uint64_t large)
{
	struct buf info = { 0 };
	uint64_t n = 0;

	buf_add_text(&info, "software: large_files\r\nformat: WARC File Format "
			    "1.1\r\n");
	put_text(m, RECORD_WARCINFO, NULL, &info);
	for (; m->at + large + PICTURE < size; n++) {
		char *url = mem_format(
		    "http://127.0.0.1/picture/%" PRIu64 ".jpg", n);

		if (n % PICTURES == 0)
			put_page(m, n / PICTURES);
		put_noise(m, url, "image/jpeg", PICTURE);
		free(url);
	}
	if (large > 0)
		put_noise(m, "http://127.0.0.1/film.mp4", "video/mp4", large);
	buf_clear(&info);
}

int
main(int argc, char **argv)
{
	struct maker m = { .noise.stream.next = noise_next };
	uint64_t x = 1;

	if (argc != 4)
		return 125;
	m.writer = gzip_writer_new();
	m.arena = arena_new();
	m.noise.span = mem_alloc(SPAN);
	for (size_t i = 0; i < SPAN; i += sizeof(x)) {
		(void)next_noise(&x);
		memcpy(m.noise.span + i, &x, sizeof(x));
	}
	m.fd = file_create(argv[1], &m.e);
	if (m.fd < 0)
		fail(&m.e);
	put_all(&m, strtoull(argv[2], NULL, 10) * MIB,
	    strtoull(argv[3], NULL, 10) * MIB);
	if (file_close(m.fd, &m.e) != 0)
		fail(&m.e);
	(void)printf(
	    "records %" PRIu64 " bytes %" PRIu64 "\n", m.records, m.at);
	free(m.noise.span);
	arena_free(m.arena);
	gzip_writer_free(m.writer);
	return 0;
}
