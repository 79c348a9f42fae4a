/* Gzip members: what we write, read back by zlib and gzip. */
#include "core/archive/gzip_member.h"

#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static int
refuse(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)context;
	(void)p;
	(void)len;
	return error_set(e, ERROR_SYSTEM, "disk full");
}

/* LEN bytes in spans of PIECE. */
struct pieces {
	struct stream stream;
	const uint8_t *p;
	size_t left, piece;
};

static int
pieces_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct pieces *x = (struct pieces *)s;
	size_t n = x->left < x->piece ? x->left : x->piece;

	(void)e;
	if (n == 0)
		return 0;
	*data = x->p;
	*len = n;
	x->p += n;
	x->left -= n;
	return 1;
}

static uint64_t
write_member(struct gzip_writer *w, struct buf *out, enum gzip_way way,
    const struct buf *body, size_t piece)
{
	struct pieces s = { .stream.next = pieces_next,
		.p = body->data,
		.left = body->len,
		.piece = piece };
	struct buf head = { 0 };
	struct buf tail = { 0 };
	struct error e = { 0 };
	uint64_t length = 0;

	buf_add_text(&head, "WARC/1.1\r\n\r\n");
	buf_add_text(&tail, "\r\n\r\n");
	CHECK_OK(gzip_member_write(w, way, &head, &s.stream, &tail, collect,
		     out, &length, &e),
	    &e);
	buf_clear(&head);
	buf_clear(&tail);
	return length;
}

/* Inflate one member by zlib, which checks header, CRC and length. */
static int
zlib_reads(const struct buf *in, const struct buf *body)
{
	size_t want = body->len + 16;
	uint8_t *out = mem_alloc(want + 1);
	z_stream z = { .next_in = in->data,
		.avail_in = (uInt)in->len,
		.next_out = out,
		.avail_out = (uInt)want + 1 };
	int ok;

	CHECK_INT(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	ok = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0 &&
	     z.total_out == want && memcmp(out, "WARC/1.1\r\n\r\n", 12) == 0 &&
	     memcmp(out + 12, buf_text(body), body->len) == 0 &&
	     memcmp(out + 12 + body->len, "\r\n\r\n", 4) == 0;
	(void)inflateEnd(&z);
	free(out);
	return ok;
}

/* Half words, half noise. */
static void
add_content(struct buf *b, size_t len)
{
	uint32_t x = 1;

	while (b->len < len) {
		x = x * 1664525 + 1013904223;
		if (b->len / 100000 % 2 == 0)
			buf_format(b, "word%u ", x >> 24);
		else
			buf_add(b, &x, 4);
	}
	b->len = len;
}

static const size_t sizes[] = { 0, 1, 65535 - 16, 65535 - 15, 200000,
	LIMIT_WHOLE_MEMBER - 16, LIMIT_WHOLE_MEMBER - 15, 6000000 };

CASE(members_of_any_size_are_read_by_zlib_and_gzip)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf file = { 0 };
	struct error e = { 0 };
	int status = 0;
	pid_t pid;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int way = 0; way < 2; way++) {
			struct buf body = { 0 };
			struct buf out = { 0 };

			add_content(&body, sizes[i]);
			CHECK_INT(write_member(w, &out, (enum gzip_way)way,
				      &body, 10000),
			    out.len);
			CHECK(zlib_reads(&out, &body));
			CHECK(memcmp(out.data, gzip_member_header, 10) == 0);
			buf_add(&file, out.data, out.len);
			buf_clear(&body);
			buf_clear(&out);
		}
	CHECK_OK(file_put("a.gz", file.data, file.len, &e), &e);
	pid = fork();
	if (pid == 0) {
		execlp("gzip", "gzip", "-t", "a.gz", (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	buf_clear(&file);
	gzip_writer_free(w);
}

CASE(the_same_content_gives_the_same_bytes)
{
	static const size_t cuts[] = { 1000, 65535, 65536, 1000000, 7000000 };
	struct gzip_writer *w = gzip_writer_new();

	for (size_t i = 2; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int way = 0; way < 2; way++) {
			struct buf body = { 0 };
			struct buf first = { 0 };

			add_content(&body, sizes[i]);
			(void)write_member(
			    w, &first, (enum gzip_way)way, &body, 777);
			for (size_t k = 0; k < 5; k++) {
				struct gzip_writer *fresh = gzip_writer_new();
				struct buf out = { 0 };

				(void)write_member(k % 2 ? w : fresh, &out,
				    (enum gzip_way)way, &body, cuts[k]);
				CHECK(
				    out.len == first.len &&
				    memcmp(out.data, first.data, out.len) == 0);
				buf_clear(&out);
				gzip_writer_free(fresh);
			}
			buf_clear(&body);
			buf_clear(&first);
		}
	gzip_writer_free(w);
}

CASE(stored_members_begin_with_the_head_as_it_is)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf body = { 0 };
	struct buf out = { 0 };

	add_content(&body, 100000);
	/* 100,016 bytes in two blocks. */
	CHECK_INT(write_member(w, &out, GZIP_STORED, &body, 5000),
	    10 + 5 + 65535 + 5 + 100016 - 65535 + 8);
	CHECK(memcmp(out.data + 10, "\x00\xff\xff\x00\x00", 5) == 0);
	CHECK(memcmp(out.data + 15, "WARC/1.1\r\n\r\n", 12) == 0);
	CHECK_INT(out.data[10 + 5 + 65535], 1);
	buf_clear(&body);
	buf_clear(&out);
	gzip_writer_free(w);
}

CASE(a_refused_write_ends_the_member)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf head = { 0 };
	struct buf out = { 0 };
	struct error e = { 0 };
	uint64_t length;

	add_content(&head, 5000000);
	for (int way = 0; way < 2; way++) {
		CHECK_INT(gzip_member_write(w, (enum gzip_way)way, &head, NULL,
			      &out, refuse, NULL, &length, &e),
		    -1);
		CHECK_TEXT(e.text, "disk full");
	}
	/* The writer is fit for the next one. */
	buf_reset(&head);
	buf_add_text(&head, "x");
	(void)write_member(w, &out, GZIP_DEFLATE, &head, 10);
	CHECK(zlib_reads(&out, &head));
	buf_clear(&head);
	buf_clear(&out);
	gzip_writer_free(w);
}

CASE(media_is_stored_and_text_is_deflated)
{
	static const struct {
		const char *type, *coding, *bytes;
		enum gzip_way way;
	} cases[] = {
		{ "text/html; charset=utf-8", "", "<html>", GZIP_DEFLATE },
		{ "text/html", "gzip", "", GZIP_STORED },
		{ "text/html", "br", "", GZIP_STORED },
		{ "text/html", "identity", "", GZIP_DEFLATE },
		{ "text/html", "", "\x1f\x8b\x08", GZIP_STORED },
		{ "text/plain", "", "\xff\xd8\xff\xe0", GZIP_STORED },
		{ "image/jpeg", "", "", GZIP_STORED },
		{ " Image/WebP", "", "", GZIP_STORED },
		{ "image/svg+xml", "", "", GZIP_DEFLATE },
		{ "image/bmp", "", "", GZIP_DEFLATE },
		{ "video/mp4", "", "", GZIP_STORED },
		{ "font/woff2", "", "", GZIP_STORED },
		{ "font/ttf", "", "", GZIP_DEFLATE },
		{ "application/pdf", "", "", GZIP_STORED },
		{ "application/json", "", "", GZIP_DEFLATE },
		{ "", "", "", GZIP_DEFLATE },
	};
	struct buf noise = { 0 };
	uint32_t x = 7;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum gzip_way way = gzip_way_for(cases[i].type, cases[i].coding,
		    (const uint8_t *)cases[i].bytes, strlen(cases[i].bytes));

		if (way != cases[i].way)
			printf("# %s %s\n", cases[i].type, cases[i].coding);
		CHECK_INT(way, cases[i].way);
	}
	for (int i = 0; i < 5000; i++) {
		x = x * 1664525 + 1013904223;
		buf_add_byte(&noise, (uint8_t)(x >> 24));
	}
	CHECK_INT(
	    gzip_way_for("application/octet-stream", "", noise.data, noise.len),
	    GZIP_STORED);
	memset(noise.data, 'a', noise.len);
	CHECK_INT(
	    gzip_way_for(NULL, NULL, noise.data, noise.len), GZIP_DEFLATE);
	buf_clear(&noise);
}

TESTS(T(members_of_any_size_are_read_by_zlib_and_gzip),
    T(the_same_content_gives_the_same_bytes),
    T(stored_members_begin_with_the_head_as_it_is),
    T(a_refused_write_ends_the_member), T(media_is_stored_and_text_is_deflated))
