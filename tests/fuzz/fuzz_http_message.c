/*
 * HTTP messages: any cut of the bytes reads the same, and every byte that is
 * taken is head or body. The first byte chooses side, options, method and cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/web/http_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

/* Read in pieces; write down all that the reader says. */
static void
read_in_pieces(struct http_reader *r, const uint8_t *p, size_t len,
    size_t piece, struct buf *out)
{
	struct buf payload = { 0 };
	size_t at = 0;
	int rc = 0;

	http_reader_on_payload(r, keep, &payload);
	while (at < len && rc == 0) {
		size_t n = len - at < piece ? len - at : piece;
		size_t used;

		rc = http_reader_feed(r, p + at, n, &used, NULL);
		must(rc >= 0, "failed");
		must(used == n || rc == 1, "left bytes but wants more");
		at += used;
	}
	buf_format(out, "%d %d ", rc, http_reader_end(r));
	buf_format(out, "%zu %u %llu %llu %llu %u %d %d %s %s %s ", at,
	    http_reader_notes(r),
	    (unsigned long long)http_reader_head_offset(r),
	    (unsigned long long)http_reader_head_len(r),
	    (unsigned long long)http_reader_body_len(r), http_reader_status(r),
	    (int)http_reader_framing(r), http_reader_keeps_alive(r),
	    http_reader_start_line(r), http_reader_target(r),
	    http_reader_version(r));
	for (size_t i = 0; i < http_reader_field_count(r); i++) {
		const struct http_field *f = http_reader_field_at(r, i);

		buf_add(out, f->name, f->name_len + 1);
		buf_add(out, f->value, f->value_len + 1);
		http_content_type(f->value, out, out);
	}
	http_notes_add(out, http_reader_notes(r));
	must(payload.len == http_reader_payload_len(r), "payload is lost");
	must(payload.len <= http_reader_body_len(r), "payload from nowhere");
	must(http_reader_head_offset(r) + http_reader_head_len(r) +
		     http_reader_body_len(r) ==
		 at,
	    "bytes are neither head nor body");
	must(http_reader_head_len(r) == 0 || memcmp(http_reader_head_bytes(r),
						 p + http_reader_head_offset(r),
						 http_reader_head_len(r)) == 0,
	    "head is not as it came");
	buf_add(out, payload.data, payload.len);
	buf_clear(&payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "HEAD", "CONNECT", "" };
	struct http_limits small = { 200, 5 };
	struct http_reader *r;
	struct buf whole = { 0 };
	struct buf cut = { 0 };
	uint8_t choice;

	if (size == 0)
		return 0;
	choice = data[0];
	r = http_reader_new(choice & 1 ? HTTP_REQUEST : HTTP_RESPONSE,
	    choice & 0x80 ? &small : NULL,
	    choice & 2 ? HTTP_LENIENT_CHUNKS | HTTP_LENIENT_LENGTH : 0);
	http_reader_reset(r, methods[choice >> 2 & 3]);
	read_in_pieces(r, data + 1, size - 1, size, &whole);
	http_reader_reset(r, methods[choice >> 2 & 3]);
	read_in_pieces(
	    r, data + 1, size - 1, (size_t)(choice >> 4 & 7) + 1, &cut);
	must(whole.len == cut.len && memcmp(whole.data, cut.data, cut.len) == 0,
	    "a cut changes what is read");
	buf_clear(&whole);
	buf_clear(&cut);
	http_reader_free(r);
	return 0;
}
