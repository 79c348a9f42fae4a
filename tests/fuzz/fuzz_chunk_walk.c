/*
 * Chunk framing. Twice: the bytes as a chunked body, beside a dechunker of the
 * grammar alone (RFC 9112, 7.1), which must agree wherever it can read them;
 * and the bytes put into chunks, which must come out as they were. The first
 * byte chooses options, the cut and the size of chunks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/web/http_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char head[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
#define HEAD_LEN (sizeof(head) - 1)

static void
keep(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

static void
must(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

/* A chunk's line at P..LEN: bytes of it, and the size; 0, not one by the
 * grammar, or longer than anybody sends. */
static size_t
read_size(const uint8_t *p, size_t len, size_t *size)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t n = 0;

	while (n < len && n < 7 && p[n] != '\0' && strchr(digits, p[n]) != NULL)
		n++;
	if (n == 0 || len - n < 2 || p[n] != '\r' || p[n + 1] != '\n')
		return 0;
	*size = strtoul((const char *)p, NULL, 16);
	return n + 2;
}

/* The chunks at P..LEN without trailers: 1 and where they end; 0, they are
 * not by the grammar. */
static int
dechunk(const uint8_t *p, size_t len, struct buf *out, size_t *end)
{
	size_t at = 0;
	size_t size;
	size_t n;

	while ((n = read_size(p + at, len - at, &size)) > 0) {
		at += n;
		if (len - at < 2 || size > len - at - 2 ||
		    memcmp(p + at + size, "\r\n", 2) != 0)
			return 0;
		buf_add(out, p + at, size);
		at += size + 2;
		*end = at;
		if (size == 0)
			return 1;
	}
	return 0;
}

/* HEAD and the body through the reader in pieces. How much was used. */
static size_t
feed(struct http_reader *r, const struct buf *b, size_t piece, int *complete)
{
	size_t at = 0;

	*complete = 0;
	while (at < b->len && !*complete) {
		size_t n = b->len - at < piece ? b->len - at : piece;
		size_t used;
		int rc = http_reader_feed(r, b->data + at, n, &used, NULL);

		must(rc >= 0, "failed");
		must(used == n || rc == 1, "left bytes but wants more");
		at += used;
		*complete = rc == 1;
	}
	return at;
}

/* Body P..LEN, of which a dechunker read WANT and END bytes (NULL: could
 * not). */
static void
walk(const uint8_t *p, size_t len, unsigned options, size_t piece,
    const struct buf *want, size_t end)
{
	struct http_reader *r = http_reader_new(HTTP_RESPONSE, NULL, options);
	struct buf all = { 0 };
	struct buf payload = { 0 };
	int complete;
	size_t used;

	buf_add(&all, head, HEAD_LEN);
	buf_add(&all, p, len);
	http_reader_reset(r, "GET");
	http_reader_on_payload(r, keep, &payload);
	used = feed(r, &all, piece, &complete);
	(void)http_reader_end(r);
	must(payload.len <= len, "payload from nowhere");
	if (want != NULL) {
		must(http_reader_framing(r) == HTTP_FRAMING_CHUNKED,
		    "not chunked");
		must(complete, "sound chunks are not complete");
		must(used == HEAD_LEN + end, "ends elsewhere");
		must((http_reader_notes(r) & HTTP_NOTE_BAD_CHUNK) == 0,
		    "sound chunks are bad");
		must(payload.len == want->len &&
			 (want->len == 0 ||
			     memcmp(payload.data, want->data, want->len) == 0),
		    "another payload");
	}
	http_reader_free(r);
	buf_clear(&payload);
	buf_clear(&all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf want = { 0 };
	struct buf chunks = { 0 };
	struct buf whole = { 0 };
	unsigned options;
	size_t piece, chunk;
	size_t end = 0;

	if (size < 2)
		return 0;
	options = data[0] & 1 ? HTTP_LENIENT_CHUNKS : 0;
	piece = 1 + (data[0] >> 1) % 16;
	chunk = 1 + (data[0] >> 4) * 7;
	data++;
	size--;
	/* A copy ends with NUL: strtoul must stop. */
	buf_add(&whole, data, size);
	if (dechunk(whole.data, whole.len, &want, &end))
		walk(whole.data, whole.len, options, piece, &want, end);
	else
		walk(whole.data, whole.len, options, piece, NULL, 0);
	for (size_t at = 0; at < size; at += chunk) {
		size_t n = size - at < chunk ? size - at : chunk;

		buf_format(&chunks, "%zx\r\n", n);
		buf_add(&chunks, data + at, n);
		buf_add_text(&chunks, "\r\n");
	}
	buf_add_text(&chunks, "0\r\n\r\n");
	walk(chunks.data, chunks.len, options, piece, &whole, chunks.len);
	buf_clear(&whole);
	buf_clear(&chunks);
	buf_clear(&want);
	return 0;
}
