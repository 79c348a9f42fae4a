/* The verifier: what is sound passes, every fault has its code and record. */
#include "core/archive/verify.h"

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define WARCINFO_ID "urn:uuid:ba15274a-54df-5e49-9bba-5ce2ceec7d91"
#define RESPONSE_ID "urn:uuid:73c7aa21-7383-526d-b622-5e8d4cb7f49d"
#define REQUEST_ID  "urn:uuid:00000000-0000-8000-8000-000000000003"
#define IMAGE_ID    "urn:uuid:00000000-0000-8000-8000-000000000004"
#define BLOCK                                            \
	"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" \
	"Content-Length: 18\r\n\r\n<html>hello</html>"
#define REQUEST "GET /a HTTP/1.1\r\nHost: example.org\r\nUser-Agent: x\r\n\r\n"

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

struct sample {
	const char *type, *id, *fields, *block;
	int stored;
};

/* The head of a record in text, with its date, length and block digest. */
static void
add_head(struct buf *out, const struct sample *s)
{
	char digest[DIGEST_TEXT_MAX];

	digest_text(DIGEST_SHA256, s->block, strlen(s->block), digest);
	buf_format(out,
	    "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <%s>\r\n"
	    "WARC-Date: 2026-11-22T08:00:00.123456Z\r\n%s"
	    "WARC-Block-Digest: %s\r\nContent-Length: %zu\r\n\r\n",
	    s->type, s->id, s->fields, digest, strlen(s->block));
}

/* Append it as a member. */
static void
add_sample(struct buf *out, const struct sample *s)
{
	struct gzip_writer *w = gzip_writer_new();
	struct arena *a = arena_new();
	struct buf head = { 0 };
	struct record r;
	struct error e = { 0 };
	uint64_t length;
	size_t used;

	add_head(&head, s);
	CHECK_INT(record_read_head(a, &r, head.data, head.len, &used, &e), 1);
	r.block = stream_of_bytes(s->block, strlen(s->block));
	CHECK_OK(warc_write(w, &r, s->stored, collect, out, &length, &e), &e);
	stream_free(r.block);
	buf_clear(&head);
	arena_free(a);
	gzip_writer_free(w);
}

/* The example of standards, with a warcinfo before and an image behind. */
static const struct sample samples[] = {
	{ "warcinfo", WARCINFO_ID,
	    "WARC-Filename: s.warc.gz\r\n"
	    "Content-Type: application/warc-fields\r\n",
	    "software: x\r\nformat: WARC File Format 1.1\r\n", 0 },
	{ "response", RESPONSE_ID,
	    "WARC-Warcinfo-ID: <" WARCINFO_ID ">\r\n"
	    "WARC-Target-URI: https://example.org/a\r\n"
	    "WARC-IP-Address: 192.0.2.1\r\n"
	    "WARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\n"
	    "WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256\r\n"
	    "Content-Type: application/http;msgtype=response\r\n"
	    "WARC-Identified-Payload-Type: text/html\r\n"
	    "WARC-Payload-Digest: sha256:7e537e903df5bfa9c9de2dc590d2646f8b4aa"
	    "71dd14877bd3e2eceda829a4618\r\n",
	    BLOCK, 0 },
	{ "request", REQUEST_ID,
	    "WARC-Warcinfo-ID: <" WARCINFO_ID ">\r\n"
	    "WARC-Concurrent-To: <" RESPONSE_ID ">\r\n"
	    "WARC-Target-URI: https://example.org/a\r\n"
	    "Content-Type: application/http;msgtype=request\r\n",
	    REQUEST, 0 },
	{ "resource", IMAGE_ID,
	    "WARC-Warcinfo-ID: <" WARCINFO_ID ">\r\n"
	    "WARC-Target-URI: urn:x:image\r\nContent-Type: image/png\r\n",
	    "\x89PNG, but not really", 1 },
};

/* Everything said, as text: "code " with "!" for damage and "*" for change
 * before it, "~" for a note. */
struct heard {
	struct buf text;
	uint64_t offsets[64];
	char ids[64][64];
	size_t count;
	struct buf records;
};

static void
hear(void *context, const struct finding *f)
{
	static const char *const marks[] = { "~", "", "!", "*" };
	struct heard *h = context;

	buf_format(&h->text, "%s%s ", marks[f->severity], f->code);
	if (h->count < 64) {
		h->offsets[h->count] = f->offset;
		(void)snprintf(
		    h->ids[h->count], sizeof(h->ids[0]), "%s", f->record);
		h->count++;
	}
	CHECK(f->text[0] != '\0' && f->file[0] != '\0');
}

static int
hear_record(void *context, const struct verified_record *r)
{
	struct heard *h = context;

	buf_format(&h->records, "%s %s %u %s %ju+%ju;", r->type, r->uri,
	    r->status, r->mime, (uintmax_t)r->offset, (uintmax_t)r->length);
	return 0;
}

static void
heard_clear(struct heard *h)
{
	buf_clear(&h->text);
	buf_clear(&h->records);
	*h = (struct heard){ 0 };
}

static void
listen_again(struct heard *h, const char *name, size_t len, int ours)
{
	const struct verify_options o = { .each_finding = hear,
		.each_record = hear_record,
		.context = h,
		.ours = ours };
	struct verify_totals totals = { 0 };
	struct error e = { 0 };

	CHECK_OK(verify_file(name, name, &o, &totals, &e), &e);
	CHECK_INT(
	    totals.notes + totals.warnings + totals.damaged + totals.changed,
	    h->count);
	CHECK_INT(totals.bytes, len);
}

static void
listen_to(
    struct heard *h, const char *name, const void *p, size_t len, int ours)
{
	struct error e = { 0 };

	CHECK_OK(file_put(name, p, len, &e), &e);
	listen_again(h, name, len, ours);
}

CASE(a_sound_file_has_no_findings_and_tells_its_records)
{
	struct buf f = { 0 };
	struct heard h = { 0 };
	char *want;
	size_t at[5] = { 0 };

	for (size_t i = 0; i < 4; i++) {
		add_sample(&f, &samples[i]);
		at[i + 1] = f.len;
	}
	listen_to(&h, "s.warc.gz", f.data, f.len, 1);
	CHECK_TEXT(buf_text(&h.text), "");
	want = mem_format("warcinfo  0  0+%zu;"
			  "response https://example.org/a 200 text/html "
			  "%zu+%zu;request https://example.org/a 0  %zu+%zu;"
			  "resource urn:x:image 0  %zu+%zu;",
	    at[1], at[1], at[2] - at[1], at[2], at[3] - at[2], at[3],
	    at[4] - at[3]);
	CHECK_TEXT(buf_text(&h.records), want);
	free(want);
	heard_clear(&h);
	buf_clear(&f);
}

/* Flip bits of the byte AT: some finding gives the place of the member there.
 * *NAMED counts those that give the record's id too (a broken head has none,
 * or a broken one). */
static int
flip_is_found(int fd, const struct buf *f, const size_t ends[4], size_t at,
    uint8_t bits, size_t *named)
{
	static const char *const ids[] = { WARCINFO_ID, RESPONSE_ID, REQUEST_ID,
		IMAGE_ID };
	struct heard h = { 0 };
	const struct verify_options o = {
		.each_finding = hear, .context = &h, .ours = 1
	};
	struct verify_totals totals = { 0 };
	uint64_t start = 0;
	uint8_t changed;
	int member = 0;
	int found = 0;

	while (at >= ends[member])
		start = ends[member++];
	changed = f->data[at] ^ bits;
	CHECK_INT(file_write_at(fd, &changed, 1, at, NULL), 0);
	listen_again(&h, "s.warc.gz", f->len, 1);
	if (h.count == 0)
		CHECK_INT(verify_spelling(
			      "s.warc.gz", "s.warc.gz", &o, &totals, NULL),
		    0);
	CHECK_INT(file_write_at(fd, f->data + at, 1, at, NULL), 0);
	for (size_t i = 0; i < h.count; i++)
		if (h.offsets[i] == start) {
			found = 1;
			*named += strcmp(h.ids[i], ids[member]) == 0;
			break;
		}
	if (!found)
		printf("# byte %zu ^ %02x of member %d: %s\n", at, bits, member,
		    buf_text(&h.text));
	heard_clear(&h);
	return found;
}

CASE(any_changed_byte_is_a_finding_that_names_its_record)
{
	struct buf f = { 0 };
	size_t ends[4];
	size_t missed = 0;
	size_t named = 0;
	int fd;

	for (size_t i = 0; i < 4; i++) {
		add_sample(&f, &samples[i]);
		ends[i] = f.len;
	}
	CHECK_INT(file_put("s.warc.gz", f.data, f.len, NULL), 0);
	fd = file_open_write("s.warc.gz", NULL);
	for (size_t at = 0; at < f.len && missed < 10; at++) {
		missed += !flip_is_found(fd, &f, ends, at, 0xff, &named);
		missed += !flip_is_found(fd, &f, ends, at, 0x01, &named);
		missed += !flip_is_found(fd, &f, ends, at, 0x80, &named);
	}
	printf("# %zu bytes, three ways each: %zu with the record's id\n",
	    f.len, named);
	CHECK_INT(missed, 0);
	CHECK_INT(file_close(fd, NULL), 0);
	buf_clear(&f);
}

/* What is said of one response with this block and payload digest. */
static void
check_payload(const char *block, enum digest_kind kind, const void *payload,
    size_t len, const char *expected)
{
	char fields[512];
	char digest[DIGEST_TEXT_MAX];
	const struct sample s = { "response", RESPONSE_ID, fields, block, 0 };
	struct buf f = { 0 };
	struct heard h = { 0 };

	digest_text(kind, payload, len, digest);
	(void)snprintf(fields, sizeof(fields),
	    "WARC-Target-URI: http://example.org/\r\n"
	    "Content-Type: application/http; msgtype=response\r\n"
	    "WARC-Payload-Digest: %s\r\n",
	    digest);
	add_sample(&f, &samples[0]);
	add_sample(&f, &s);
	listen_to(&h, "s.warc.gz", f.data, f.len, 0);
	CHECK_TEXT(buf_text(&h.text), expected);
	heard_clear(&h);
	buf_clear(&f);
	/* As the second of two in one member. */
	add_head(&f, &samples[0]);
	buf_format(&f, "%s\r\n\r\n", samples[0].block);
	add_head(&f, &s);
	buf_format(&f, "%s\r\n\r\n", block);
	listen_to(&h, "s.warc", f.data, f.len, 0);
	CHECK(strncmp(buf_text(&h.text), "~warcinfo ", 10) == 0);
	CHECK_TEXT(buf_text(&h.text) + 10, expected);
	heard_clear(&h);
	buf_clear(&f);
}

CASE(payload_digests_of_all_three_rules_are_told_apart)
{
	static const char chunked[] = "HTTP/1.1 200 OK\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n"
				      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
	static const char lie[] = "HTTP/1.1 200 OK\r\n"
				  "Transfer-Encoding: chunked\r\n\r\n"
				  "plain after all";

	check_payload(chunked, DIGEST_SHA256, "hello world", 11, "");
	check_payload(chunked, DIGEST_SHA1, "hello world", 11, "");
	check_payload(chunked, DIGEST_MD5, "hello world", 11, "");
	check_payload(chunked, DIGEST_SHA256,
	    "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 26, "~digest-payload ");
	check_payload(
	    chunked, DIGEST_SHA256, "hello earth", 11, "*digest-payload ");
	check_payload(lie, DIGEST_SHA256, "plain after all", 15, "~chunk ");
	check_payload(BLOCK, DIGEST_SHA512, "<html>hello</html>", 18, "");
	check_payload(BLOCK, DIGEST_SHA512, BLOCK, 82, "*digest-payload ");
	/* Bytes behind what HTTP announces are payload. */
	check_payload(BLOCK "tail", DIGEST_SHA256, "<html>hello</html>tail", 22,
	    "~http ");
	check_payload(
	    "HTTP/1.1 204 No Content\r\n\r\n", DIGEST_SHA256, "", 0, "");
	check_payload(
	    "no head at all", DIGEST_SHA256, "no head at all", 14, "~http ");
}

CASE(a_digest_of_decoded_content_is_a_note)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf body = { 0 };
	struct buf none = { 0 };
	struct buf block = { 0 };
	struct buf out = { 0 };
	struct buf head = { 0 };
	struct heard h = { 0 };
	char digest[DIGEST_TEXT_MAX];
	uint64_t length;

	for (int decoded = 0; decoded < 2; decoded++) {
		buf_reset(&block);
		buf_reset(&out);
		buf_reset(&body);
		buf_add_text(&body, "content");
		CHECK_INT(gzip_member_write(w, GZIP_DEFLATE, &body, NULL, &none,
			      collect, &out, &length, NULL),
		    0);
		if (decoded)
			digest_text(DIGEST_SHA256, "content", 7, digest);
		else
			digest_text(DIGEST_SHA256, out.data, out.len, digest);
		buf_format(&block,
		    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    out.len);
		buf_add(&block, out.data, out.len);
		buf_reset(&head);
		add_head(&head, &samples[0]);
		buf_format(&head, "%s\r\n\r\n", samples[0].block);
		buf_format(&head,
		    "WARC/1.1\r\nWARC-Type: response\r\n"
		    "WARC-Record-ID: <urn:x:1>\r\n"
		    "WARC-Target-URI: http://a.example/\r\n"
		    "WARC-Date: 2026-11-22T08:00:00Z\r\n"
		    "Content-Type: application/http\r\n"
		    "WARC-Payload-Digest: %s\r\nContent-Length: %zu\r\n\r\n",
		    digest, block.len);
		buf_add(&head, block.data, block.len);
		buf_add_text(&head, "\r\n\r\n");
		listen_to(&h, "s.warc", head.data, head.len, 0);
		CHECK_TEXT(buf_text(&h.text),
		    decoded ? "~warcinfo ~digest-payload " : "~warcinfo ");
		heard_clear(&h);
	}
	buf_clear(&body);
	buf_clear(&block);
	buf_clear(&out);
	buf_clear(&head);
	gzip_writer_free(w);
}

#define HEAD                                                               \
	"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:1>\r\n" \
	"WARC-Date: 2026-11-22T08:00:00Z\r\nWARC-Target-URI: urn:x:y\r\n"  \
	"Content-Type: text/plain\r\n"
#define END "Content-Length: 2\r\n\r\nhi\r\n\r\n"

CASE(each_broken_rule_has_its_code)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ HEAD END, "" },
		{ HEAD "WARC-Block-Digest: sha1:YIQ3KWHQ5DDSOAEPFCCAPMFRDB4A"
		       "JGA3\r\n" END,
		    "*digest-block " },
		{ HEAD "WARC-Block-Digest: crc7:00\r\n" END, "~digest-block " },
		{ HEAD "WARC-Payload-Digest: "
		       "md5:49f68a5c8493ec2c0bf489821c21fc3b\r\n" END,
		    "" },
		{ HEAD "WARC-Payload-Digest: "
		       "md5:49f68a5c8493ec2c0bf489821c21fc3c\r\n" END,
		    "*digest-payload " },
		{ HEAD "WARC-Date: 2026-11-22T08:00:00Z\r\n" END,
		    "field-duplicate " },
		{ HEAD "X-A: 1\r\nx-a: 2\r\nX-A: 3\r\n" END,
		    "~field-duplicate " },
		{ HEAD "WARC-Concurrent-To: <urn:x:1>\r\n"
		       "WARC-Concurrent-To: <urn:x:2>\r\n" END,
		    "~concurrent-to " },
		{ HEAD "WARC-Warcinfo-ID: <urn:x:9>\r\n" END, "~warcinfo-id " },
		{ HEAD "WARC-Profile: x:y\r\n" END, "~field-forbidden " },
		{ HEAD "WARC-Filename: x\r\n" END, "field-forbidden " },
		{ HEAD "WARC-Segment-Origin-ID: <urn:x:2>\r\n" END,
		    "field-forbidden " },
		{ HEAD "WARC-Segment-Number: 1\r\n" END, "" },
		{ HEAD "WARC-Segment-Number: 2\r\n" END, "segment " },
		{ HEAD "WARC-IP-Address: 192.0.2.300\r\n" END, "ip " },
		{ HEAD "WARC-IP-Address: 2001:db8::1\r\n" END, "" },
		{ HEAD "WARC-Truncated: length\r\n" END, "" },
		{ HEAD "WARC-Truncated: bored\r\n" END, "~truncated " },
		{ HEAD "WARC-Protocol: TLS_1_3\r\n" END, "~protocol " },
		{ HEAD "WARC-Warcinfo-ID: urn:x:1\r\n" END, "id " },
		{ HEAD "X Y: 1\r\n" END, "field-form " },
		{ HEAD "no colon\r\n" END, "field-form " },
		{ HEAD "X-Y: \xff\r\n" END, "~field-form " },
		{ HEAD "X-Y:\r\n" END, "~field-empty " },
		{ HEAD "WARC-Truncated:\r\n" END, "field-empty " },
		{ HEAD HEAD END, "field-form field-duplicate "
				 "field-duplicate field-duplicate "
				 "field-duplicate field-duplicate " },
		{ HEAD "Content-Length: 2\r\n\r\nhi\n\n", "framing " },
		{ HEAD "Content-Length: 2\r\n\r\nhi", "framing " },
		{ HEAD "Content-Length: 3\r\n\r\nhi", "!length " },
		{ HEAD "Content-Length: x\r\n\r\nhi", "!length " },
		{ HEAD "\r\nhi", "!field-missing " },
		{ HEAD "Content-Le", "!head " },
		{ HEAD END "junk", "!trailing " },
		{ HEAD END HEAD END, "id " },
		{ "WARC/1.1\r\n" END,
		    "field-missing field-missing field-missing " },
		{ "WARC/2.0\r\nWARC-Type: novelty\r\n" END,
		    "protocol field-missing field-missing ~type " },
		{ "WARC/1.0\r\nWARC-Type: warcinfo\r\n"
		  "WARC-Record-ID: <urn:x:1>\r\n"
		  "WARC-Date: 2026-11-22T08:00:00.5Z\r\n"
		  "WARC-Target-URI: <urn:x:1>\r\n" END,
		    "~field-missing field-forbidden ~uri ~date " },
		{ "WARC/1.1\r\nWARC-Type: metadata\r\n"
		  "WARC-Record-ID: <urn x>\r\n"
		  "WARC-Date: 2026-11-22T08:00:00+01:00\r\n"
		  "Content-Type: a/b\r\nWARC-Target-URI: a b\r\n" END,
		    "id uri date " },
		{ "WARC/1.1\r\nWARC-Type: revisit\r\n"
		  "WARC-Record-ID: <urn:x:1>\r\nWARC-Date: yesterday\r\n"
		  "Content-Type: application/http\r\n"
		  "WARC-Target-URI: a:b\r\n" END,
		    "field-missing date ~http ~revisit " },
		{ "WARC/1.1\r\nWARC-Type: continuation\r\n"
		  "WARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2026\r\n"
		  "WARC-Segment-Origin-ID: <urn:x:0>\r\n"
		  "WARC-Segment-Number: 1\r\n"
		  "WARC-Segment-Total-Length: all\r\n"
		  "WARC-Target-URI: a:b\r\n" END,
		    "segment segment " },
		{ "", "warcinfo " },
		{ "what is this", "!head warcinfo " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf f = { 0 };
		struct heard h = { 0 };
		int alone = strncmp(cases[i].text, "WARC/", 5) != 0;

		/* Behind a sound warcinfo, whose name is right. */
		if (!alone)
			buf_add_text(&f,
			    "WARC/1.1\r\nWARC-Type: warcinfo\r\n"
			    "WARC-Record-ID: <urn:x:0>\r\n"
			    "WARC-Date: 2026-11-22T08:00:00Z\r\n"
			    "Content-Type: application/warc-fields\r\n" END);
		buf_add_text(&f, cases[i].text);
		listen_to(&h, "r.warc", buf_text(&f), f.len, 0);
		if (strcmp(buf_text(&h.text), cases[i].expected) != 0)
			printf("# case %zu: %s\n", i, cases[i].text);
		CHECK_TEXT(buf_text(&h.text), cases[i].expected);
		heard_clear(&h);
		buf_clear(&f);
	}
}

CASE(our_own_files_keep_stricter_rules)
{
	struct buf f = { 0 };
	struct heard h = { 0 };

	/* No warcinfo, and a request that follows nothing. */
	add_sample(&f, &samples[2]);
	add_sample(&f, &samples[1]);
	add_sample(&f, &samples[0]);
	listen_to(&h, "t.warc.gz", f.data, f.len, 1);
	CHECK_TEXT(buf_text(&h.text), "warcinfo order warcinfo warcinfo ");
	heard_clear(&h);
	/* For others' files these are notes or nothing. */
	listen_to(&h, "t.warc.gz", f.data, f.len, 0);
	CHECK_TEXT(buf_text(&h.text), "~warcinfo ~warcinfo ");
	heard_clear(&h);
	buf_clear(&f);
}

static int
keep_responses(void *context, const struct verified_record *r)
{
	(void)context;
	return strcmp(r->type, "response") == 0;
}

static int
see_block(void *context, const struct verified_record *r)
{
	struct buf *b = context;

	if (r->block != NULL)
		buf_add(b, r->block, r->block_kept);
	/* Enough after the second record. */
	return r->number == 1;
}

CASE(blocks_are_kept_for_those_who_ask_and_reading_can_end)
{
	struct buf f = { 0 };
	struct buf seen = { 0 };
	const struct verify_options o = { .keep_block = keep_responses,
		.each_record = see_block,
		.context = &seen };
	struct verify_totals totals = { 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < 4; i++)
		add_sample(&f, &samples[i]);
	CHECK_OK(file_put("s.warc.gz", f.data, f.len, &e), &e);
	CHECK_OK(verify_file("s.warc.gz", "s.warc.gz", &o, &totals, &e), &e);
	CHECK_TEXT(buf_text(&seen), BLOCK);
	CHECK_INT(totals.records, 2);
	CHECK_INT(totals.files, 1);
	CHECK_INT(
	    verify_file("absent.warc", "absent.warc", &o, &totals, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	buf_clear(&f);
	buf_clear(&seen);
}

CASE(another_compressor_is_a_note_not_a_change)
{
	struct buf f = { 0 };
	struct heard h = { 0 };
	const struct verify_options o = { .each_finding = hear, .context = &h };
	struct verify_totals totals = { 0 };
	struct error e = { 0 };
	size_t ends[2];

	add_sample(&f, &samples[0]);
	ends[0] = f.len;
	add_sample(&f, &samples[1]);
	ends[1] = f.len;
	CHECK_OK(file_put("s.warc.gz", f.data, f.len, &e), &e);
	CHECK_OK(
	    verify_spelling("s.warc.gz", "s.warc.gz", &o, &totals, &e), &e);
	CHECK_TEXT(buf_text(&h.text), "");
	f.data[ends[0] + 4] ^= 1; /* MTIME of the second */
	CHECK_OK(file_put("s.warc.gz", f.data, f.len, &e), &e);
	CHECK_OK(
	    verify_spelling("s.warc.gz", "s.warc.gz", &o, &totals, &e), &e);
	CHECK_TEXT(buf_text(&h.text), "*gzip-spelling ");
	CHECK_INT(h.offsets[0], ends[0]);
	CHECK_TEXT(h.ids[0], RESPONSE_ID);
	heard_clear(&h);
	f.data[4] ^= 1;
	CHECK_OK(file_put("s.warc.gz", f.data, f.len, &e), &e);
	CHECK_OK(
	    verify_spelling("s.warc.gz", "s.warc.gz", &o, &totals, &e), &e);
	CHECK_TEXT(buf_text(&h.text), "~gzip-spelling ");
	heard_clear(&h);
	buf_clear(&f);
}

CASE(a_deflater_that_stored_at_first_is_no_change)
{
	struct gzip_writer *w = gzip_writer_new();
	struct buf out = { 0 };
	struct buf body = { 0 };
	struct buf nothing = { 0 };
	struct heard h = { 0 };
	const struct verify_options o = { .each_finding = hear, .context = &h };
	struct verify_totals totals = { 0 };
	struct error e = { 0 };
	uint32_t noise = 1;
	uint64_t length;

	buf_add_text(&body, "WARC/1.1\r\nContent-Length: 1000000\r\n\r\n");
	for (size_t i = 0; i < 1000000; i++) {
		noise = noise * 1664525 + 1013904223;
		buf_add_byte(&body, i < 700000 ? (uint8_t)(noise >> 24) : 0);
	}
	buf_add_text(&body, "\r\n\r\n");
	CHECK_OK(gzip_member_write(w, GZIP_DEFLATE, &body, NULL, &nothing,
		     collect, &out, &length, &e),
	    &e);
	CHECK_INT(out.data[GZIP_HEADER_BYTES] & 6, 0); /* it did store */
	CHECK_OK(file_put("s.warc.gz", out.data, out.len, &e), &e);
	CHECK_OK(
	    verify_spelling("s.warc.gz", "s.warc.gz", &o, &totals, &e), &e);
	CHECK_TEXT(buf_text(&h.text), "");
	heard_clear(&h);
	buf_clear(&out);
	buf_clear(&body);
	gzip_writer_free(w);
}

/* A response of more bytes than are read at once. */
static int
keep_mime(void *context, const struct verified_record *r)
{
	char *mime = context;

	(void)snprintf(mime, 32, "%u %s", r->status, r->mime);
	return 0;
}

CASE(the_media_type_of_a_block_of_many_spans_is_told)
{
	char mime[32] = "";
	struct verify_options o = { .each_record = keep_mime, .context = mime };
	struct verify_totals totals = { 0 };
	struct buf block = { 0 };
	struct buf file = { 0 };
	struct sample sample = { .type = "response",
		.id = IMAGE_ID,
		.fields =
		    "WARC-Target-URI: http://example.org/\r\nContent-Type:"
		    " application/http;msgtype=response\r\n" };
	struct error e = { 0 };

	buf_add_text(
	    &block, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n");
	while (block.len < 9000000)
		buf_add(&block, "0123456789", 10);
	sample.block = buf_text(&block);
	add_sample(&file, &samples[0]);
	add_sample(&file, &sample);
	CHECK_OK(file_put("many.warc.gz", file.data, file.len, &e), &e);
	CHECK_OK(
	    verify_file("many.warc.gz", "many.warc.gz", &o, &totals, &e), &e);
	CHECK_INT(totals.records, 2);
	CHECK_INT(totals.damaged, 0);
	CHECK_TEXT(mime, "200 image/png");
	buf_clear(&block);
	buf_clear(&file);
}

TESTS(T(a_sound_file_has_no_findings_and_tells_its_records),
    T(any_changed_byte_is_a_finding_that_names_its_record),
    T(payload_digests_of_all_three_rules_are_told_apart),
    T(a_digest_of_decoded_content_is_a_note), T(each_broken_rule_has_its_code),
    T(our_own_files_keep_stricter_rules),
    T(blocks_are_kept_for_those_who_ask_and_reading_can_end),
    T(another_compressor_is_a_note_not_a_change),
    T(a_deflater_that_stored_at_first_is_no_change),
    T(the_media_type_of_a_block_of_many_spans_is_told))
