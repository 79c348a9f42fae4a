/* Snapshots from hand-made exchanges, through the writer, to the seal. */
#include <zlib.h>

#include "core/archive/format.h"
#include "core/base/version.h"
#include "core/collection/target_set.h"
#include "tests/unit/snapshot_fixture.h"

#define ARTICLE                                                          \
	"{\"article\":{\"headline\":\"One\"},\"binding\":{},\"schema\":" \
	"\"article/1\"}"

static const char image[] = "\x89PNG\r\n\x1a\n0123456789";

/* Everything a run can hold, in one. */
static void
put_everything(struct snapshot *s)
{
	struct arena *a = arena_new();
	struct connection *c = fixture_connection(1);
	struct capture_facts f = fixture_facts("image");
	struct json *urls = json_new_array(a);
	struct json *page = json_new_object(a);
	struct captured captured;
	struct exchange *x;
	struct error e = { 0 };
	uint64_t ticket;

	x = fixture_page("https://news.example/a", "<p>one</p>", c);
	x->notes = 1 << 2;
	fixture_text(&x->masked, "cookie");
	ticket = fixture_put(s, x);
	x = fixture_exchange(
	    &(struct fixture_response){
		.url = "https://news.example/i.png",
		.status = 200,
		.head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
		.body = image,
		.len = sizeof(image) - 1,
		.content_type = "image/png",
	    },
	    c);
	(void)snapshot_put(s, x, &f);
	exchange_free(x);
	x = fixture_exchange(
	    &(struct fixture_response){
		.url = "https://news.example/old",
		.status = 301,
		.head = "HTTP/1.1 301 Moved\r\nLocation: /a\r\n"
			"Content-Length: 0\r\n\r\n",
		.body = "",
		.content_type = "",
	    },
	    c);
	fixture_text(&x->location, "/a");
	(void)fixture_put(s, x);
	x = exchange_new();
	fixture_text(&x->url, "https://gone.example/");
	x->outcome = OUTCOME_DNS;
	fixture_text(&x->reason, "no such host");
	(void)fixture_put(s, x);
	(void)snapshot_outcome(
	    s, "ftp://news.example/x", OUTCOME_BLOCKED_SCHEME, "ftp", -1, &f);
	json_append(a, urls, json_new_string(a, "https://news.example/a"));
	json_append(a, urls, json_new_string(a, "https://news.example/lost"));
	(void)snapshot_discovered(s, "https://news.example/a", urls);
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	CHECK(snapshot_find(s, "https://news.example/a", a, &captured));
	(void)snapshot_add_derived(s, "article", "https://news.example/a",
	    captured.record_id, captured.date, ARTICLE, strlen(ARTICLE));
	(void)snapshot_add_derived(s, "pagestate", "https://news.example/a",
	    captured.record_id, captured.date, "{}", 2);
	json_set_string(a, page, "url", "https://news.example/a");
	json_set_bool(a, page, "complete", 0);
	(void)snapshot_add_page(s, page);
	CHECK_OK(snapshot_add_profile(s, "web", "rules\n", 6, &e), &e);
	connection_free(c);
	arena_free(a);
}

/* A sealed snapshot of everything in a new collection at DIR; its path. */
static char *
seal_everything(const char *dir, struct snapshot_totals *totals)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct arena *a = arena_new();
	struct json *info = json_new_object(a);
	const struct snapshot_options o = {
		.site = "web",
		.kind = "capture",
		.warcinfo = info,
		.facts = info,
	};
	struct error e = { 0 };
	struct snapshot *s;
	char *sealed = NULL;

	json_set_string(a, info, "operator", "Anna\r\nEvil: yes");
	s = snapshot_begin(c, &o, &clock.clock, &e);
	CHECK(s != NULL);
	if (s == NULL)
		return mem_text("");
	CHECK_TEXT(snapshot_name(s), "20261122T082747Z-web");
	put_everything(s);
	clock.us += 5000000;
	CHECK_OK(snapshot_seal(s, "complete", totals, &sealed, &e), &e);
	collection_free(c);
	arena_free(a);
	return sealed;
}

CASE(a_sealed_snapshot_holds_what_was_put_and_verifies)
{
	struct snapshot_totals t;
	char *dir;
	char *journal;

	index_added = 0;
	dir = seal_everything("whole", &t);
	CHECK(text_ends(dir, "/snapshots/2026/11/20261122T082747Z-web"));
	/* warcinfo, 2 certificates, connection, 3 * 3; warcinfo, 2 derived */
	CHECK_INT(fixture_check_sealed(dir), 16);
	CHECK_INT(t.records, 16);
	CHECK_INT(t.targets, 6);
	CHECK_INT(t.good, 3);
	CHECK_INT(t.failed, 3);
	CHECK_INT(t.by_outcome[OUTCOME_NOT_TRIED], 1);
	CHECK_INT(t.articles, 1);
	CHECK_INT(t.pages, 1);
	CHECK_INT(t.pages_incomplete, 1);
	CHECK_INT(t.payload_bytes, 10 + sizeof(image) - 1);
	CHECK_INT(index_added, 1);
	journal = mem_format("%s.journal", dir);
	CHECK(!file_exists(journal));
	free(journal);
	free(dir);
}

CASE(each_wanted_url_has_one_outcome_line)
{
	static const char *const expected[] = {
		"https://news.example/a captured",
		"https://news.example/i.png captured",
		"https://news.example/old redirect",
		"https://gone.example/ dns",
		"ftp://news.example/x blocked-scheme",
		"https://news.example/lost not-tried",
	};
	struct snapshot_totals t;
	char *dir = seal_everything("outcomes", &t);
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct json *o;

	fixture_read(dir, "outcomes.jsonl", &text);
	for (unsigned i = 0; i < 6; i++) {
		o = fixture_line(a, &text, i);
		CHECK_TEXT(
		    arena_format(a, "%s %s", json_text(json_get(o, "url"), "?"),
			json_text(json_get(o, "outcome"), "?")),
		    expected[i]);
	}
	CHECK(fixture_line(a, &text, 6) == NULL);
	o = fixture_line(a, &text, 2);
	CHECK_TEXT(
	    json_text(json_get(o, "location"), ""), "https://news.example/a");
	CHECK_INT(json_int(json_get(o, "status"), 0), 301);
	o = fixture_line(a, &text, 3);
	CHECK(json_is(json_get(o, "status"), JSON_KIND_NULL));
	CHECK_TEXT(json_text(json_get(o, "reason"), ""), "no such host");
	CHECK_TEXT(json_text(json_get(o, "record"), "?"), "");
	buf_clear(&text);
	arena_free(a);
	free(dir);
}

/* The unpacked member of FILE at OFFSET. */
static void
unpack(const struct buf *file, int64_t offset, int64_t length, struct buf *out)
{
	z_stream z = { 0 };

	CHECK(inflateInit2(&z, 16 + 15) == Z_OK);
	z.next_in = file->data + offset;
	z.avail_in = (unsigned)length;
	z.next_out = buf_room(out, 1024 * 1024);
	z.avail_out = 1024 * 1024;
	CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
	CHECK_INT(z.avail_in, 0);
	out->len = z.total_out;
	(void)inflateEnd(&z);
}

CASE(the_contents_lie_where_the_outcome_says)
{
	struct snapshot_totals t;
	char *dir = seal_everything("places", &t);
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct buf file = { 0 };
	struct buf record = { 0 };
	struct json *o;

	fixture_read(dir, "outcomes.jsonl", &text);
	o = fixture_line(a, &text, 1);
	fixture_read(dir, json_text(json_get(o, "file"), ""), &file);
	unpack(&file, json_int(json_get(o, "offset"), 0),
	    json_int(json_get(o, "length"), 0), &record);
	CHECK_INT(json_int(json_get(o, "bytes"), 0), sizeof(image) - 1);
	CHECK(memcmp(record.data + json_int(json_get(o, "payload_offset"), 0),
		  image, sizeof(image) - 1) == 0);
	buf_clear(&record);
	buf_clear(&file);
	buf_clear(&text);
	arena_free(a);
	free(dir);
}

/* All records of a file, unpacked one behind the other. */
static void
unpack_file(const char *dir, const char *name, struct buf *out)
{
	struct arena *a = arena_new();
	char *path = mem_format("%s/%s", dir, name);
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };

	CHECK_OK(source_open(&s, path, &e), &e);
	while (s != NULL && source_next(s, a, &r, &where, &e) == 1) {
		record_write_head(out, &r);
		CHECK_OK(stream_read(r.block, out, 1024 * 1024, &e), &e);
		buf_add_text(out, "\r\n\r\n");
		CHECK_OK(source_finish(s, &where, &e), &e);
	}
	source_free(s);
	free(path);
	arena_free(a);
}

CASE(records_come_in_order_with_their_fields)
{
	static const char *const in_order[] = {
		"WARC-Type: warcinfo\r\n",
		"WARC-Filename: hf-20261122082747-00001.warc.gz\r\n",
		"\r\n\r\nsoftware: holdfast/",
		"isPartOf: 20261122T082747Z-web\r\n",
		"operator: Anna  Evil: yes\r\n",
		"WARC-Type: resource\r\n",
		"WARC-Target-URI: urn:holdfast:certificate:sha256:",
		"leaf certificate",
		"WARC-Type: resource\r\n",
		"root certificate",
		"WARC-Type: metadata\r\n",
		"WARC-Target-URI: "
		"urn:holdfast:connection:20261122T082747Z-web:1\r\n",
		"Content-Type: application/vnd.holdfast.connection+json\r\n",
		"\"ocsp\":\"MAMKAQ==\"",
		"\"resolved\":[\"192.0.2.1\",\"2001:db8::1\"]",
		"WARC-Type: response\r\n",
		"WARC-Date: 2026-11-22T08:27:47.002000Z\r\n",
		"WARC-Warcinfo-ID: <urn:uuid:",
		"WARC-Target-URI: https://news.example/a\r\n",
		"WARC-IP-Address: 192.0.2.1\r\n",
		"WARC-Protocol: http/1.1\r\n",
		"WARC-Protocol: tls/1.3\r\n",
		"WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256\r\n",
		"Content-Type: application/http;msgtype=response\r\n",
		"WARC-Identified-Payload-Type: text/html\r\n",
		"WARC-Payload-Digest: sha256:",
		"WARC-Block-Digest: sha256:",
		"Content-Length: 69\r\n\r\nHTTP/1.1 200 OK\r\n",
		"<p>one</p>\r\n\r\n",
		"WARC-Type: request\r\n",
		"WARC-Concurrent-To: <urn:uuid:",
		"WARC-Target-URI: https://news.example/a\r\n",
		"GET / HTTP/1.1\r\n",
		"WARC-Type: metadata\r\n",
		"WARC-Concurrent-To: <urn:uuid:",
		"Content-Type: application/warc-fields\r\n",
		"\r\n\r\nvia: https://news.example/\r\n",
		"hopsFromSeed: E\r\n",
		"fetchTimeMs: 12\r\n",
		"outcome: captured\r\n",
		"need: page\r\n",
		"where: img@src\r\n",
		"protocolNotes: ",
		"maskedFields: cookie\r\n",
		"connection: urn:holdfast:connection:20261122T082747Z-web:1\r\n",
		"WARC-Type: response\r\n",
		"WARC-Target-URI: https://news.example/i.png\r\n",
	};
	struct snapshot_totals t;
	char *dir = seal_everything("fields", &t);
	struct buf text = { 0 };
	const char *at;

	unpack_file(dir, "records/hf-20261122082747-00001.warc.gz", &text);
	at = (const char *)text.data;
	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
		const char *found = memmem(at,
		    (size_t)((const char *)text.data + text.len - at),
		    in_order[i], strlen(in_order[i]));

		if (found == NULL)
			printf("# missing: %s\n", in_order[i]);
		CHECK(found != NULL);
		at = found == NULL ? at : found + 1;
	}
	/* One connection record and each certificate once. */
	CHECK_INT(fixture_count(&text, "connection+json"), 1);
	CHECK_INT(fixture_count(&text, "application/pkix-cert"), 2);
	buf_clear(&text);
	free(dir);
}

CASE(derived_records_stand_apart_under_urns)
{
	struct snapshot_totals t;
	char *dir = seal_everything("derived", &t);
	struct buf text = { 0 };

	unpack_file(dir, "derived/hf-20261122082747-00001.warc.gz", &text);
	CHECK(strstr(buf_text(&text),
		  "WARC-Target-URI: urn:holdfast:article:https%3A%2F%2Fnews."
		  "example%2Fa\r\n") != NULL);
	CHECK(strstr(buf_text(&text), "WARC-Refers-To: <urn:uuid:") != NULL);
	CHECK(strstr(buf_text(&text),
		  "Content-Type: application/vnd.holdfast.article+json\r\n") !=
	      NULL);
	CHECK(strstr(buf_text(&text), "Concurrent-To") == NULL);
	buf_reset(&text);
	fixture_read(dir, "articles.jsonl", &text);
	CHECK_TEXT(buf_text(&text), ARTICLE "\n");
	buf_clear(&text);
	free(dir);
}

CASE(the_index_is_sorted_and_leads_to_the_records)
{
	struct snapshot_totals t;
	char *dir = seal_everything("index", &t);
	struct buf text = { 0 };
	struct buf file = { 0 };
	char *previous = NULL;
	char *line = NULL;
	char *rest;
	unsigned count = 0;

	fixture_read(dir, "index.cdxj", &text);
	fixture_read(dir, "records/hf-20261122082747-00001.warc.gz", &file);
	for (line = strtok_r((char *)text.data, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct arena *a = arena_new();
		const char *brace = strchr(line, '{');
		struct json *o = json_parse(a, brace, strlen(brace), NULL);
		struct buf record = { 0 };

		CHECK_TEXT(json_text(json_get(o, "filename"), ""),
		    "records/hf-20261122082747-00001.warc.gz");
		unpack(&file, atoll(json_text(json_get(o, "offset"), "")),
		    atoll(json_text(json_get(o, "length"), "")), &record);
		CHECK(memmem(record.data, record.len,
			  json_text(json_get(o, "id"), "?"),
			  strlen(json_text(json_get(o, "id"), "?"))) != NULL);
		CHECK(previous == NULL || strcmp(previous, line) < 0);
		free(previous);
		previous = mem_text(line);
		buf_clear(&record);
		arena_free(a);
		count++;
	}
	CHECK_INT(count, 5); /* three responses, two certificates */
	free(previous);
	buf_clear(&file);
	buf_clear(&text);
	free(dir);
}

CASE(the_report_counts_and_names_the_snapshot_before)
{
	struct snapshot_totals t;
	char *dir = seal_everything("report", &t);
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct collection *c = NULL;
	struct error e = { 0 };
	struct snapshot *s;
	struct json *o;
	char hex[65];
	char *second = NULL;
	char *path;

	fixture_read(dir, "report.json", &text);
	o = json_parse(a, buf_text(&text), text.len, &e);
	CHECK(o != NULL);
	CHECK_TEXT(json_text(json_get(o, "status"), ""), "complete");
	CHECK_TEXT(json_text(json_get(o, "started"), ""),
	    "2026-11-22T08:27:47.000000Z");
	CHECK_TEXT(
	    json_text(json_get(o, "ended"), ""), "2026-11-22T08:27:52.000000Z");
	CHECK(json_is(json_get(o, "previous"), JSON_KIND_NULL));
	CHECK_INT(
	    json_int(json_get(json_get(json_get(o, "totals"), "by_outcome"),
			 "captured"),
		0),
	    2);
	CHECK_INT(json_count(json_get(o, "pages")), 1);
	/* The clock stands still: the next name is a second later. */
	CHECK_OK(collection_open(&c, "report", &e), &e);
	s = fixture_begin(c, &clock, &e);
	CHECK_TEXT(snapshot_name(s), "20261122T082748Z-web");
	(void)fixture_put(s, fixture_page("https://a.example/", "x", NULL));
	CHECK_OK(snapshot_seal(s, "complete", &t, &second, &e), &e);
	(void)fixture_check_sealed(second);
	fixture_read(second, "report.json", &text);
	o = json_get(json_parse(a, buf_text(&text), text.len, &e), "previous");
	CHECK_TEXT(
	    json_text(json_get(o, "snapshot"), ""), "20261122T082747Z-web");
	path = mem_format("%s/manifest-sha256.txt", dir);
	CHECK_OK(manifest_digest_file(path, hex, &e), &e);
	CHECK_TEXT(json_text(json_get(o, "manifest_sha256"), ""), hex);
	free(path);
	collection_free(c);
	buf_clear(&text);
	arena_free(a);
	free(second);
	free(dir);
}

/* All files below DIR, their names and bytes. */
static int
add_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct buf *out = ((void **)context)[1];
	struct buf text = { 0 };

	(void)is_regular;
	(void)e;
	fixture_read(((void **)context)[0], name, &text);
	buf_add_text(out, name);
	buf_add(out, text.data, text.len);
	buf_clear(&text);
	return 0;
}

CASE(equal_clocks_and_exchanges_give_equal_bytes)
{
	struct snapshot_totals t;
	char *one = seal_everything("equal1", &t);
	char *two = seal_everything("equal2", &t);
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };

	CHECK_OK(file_walk(one, add_file, (void *[]){ one, &a }, &e), &e);
	CHECK_OK(file_walk(two, add_file, (void *[]){ two, &b }, &e), &e);
	CHECK(a.len > 2000);
	CHECK(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	buf_clear(&a);
	buf_clear(&b);
	free(one);
	free(two);
}

CASE(an_acknowledged_capture_can_be_asked_for)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("find");
	struct arena *a = arena_new();
	struct captured got = { 0 };
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct capture_facts f = fixture_facts("page");
	uint64_t one;
	uint64_t two;

	one = fixture_put(s, fixture_page("https://a.example/", "x", NULL));
	two = snapshot_outcome(
	    s, "https://b.example/", OUTCOME_TRAP, "why", 77, &f);
	CHECK_INT(one, 1);
	CHECK_INT(two, 2);
	CHECK_OK(fixture_wait(s, two, &e), &e);
	CHECK(snapshot_find(s, "https://a.example/", a, &got));
	CHECK_INT(got.outcome, OUTCOME_CAPTURED);
	CHECK_INT(got.status, 200);
	CHECK_INT(got.bytes, 1);
	CHECK_TEXT(got.content_type, "text/html; charset=utf-8");
	CHECK_TEXT(got.date, "2026-11-22T08:27:47.002000Z");
	CHECK(text_starts(got.record_id, "urn:uuid:"));
	CHECK(text_starts(got.payload_digest, "sha256:2d711642b726b044"));
	CHECK(snapshot_find(s, "https://b.example/", a, &got));
	CHECK_INT(got.outcome, OUTCOME_TRAP);
	CHECK_TEXT(got.reason, "why");
	CHECK_TEXT(got.record_id, "");
	CHECK_INT(got.bytes, 77);
	CHECK(!snapshot_find(s, "https://c.example/", a, &got));
	snapshot_abandon(s);
	arena_free(a);
	collection_free(c);
}

CASE(a_second_outcome_of_a_target_is_not_taken)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c;
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s;
	char *dir = NULL;

	if (strcmp(version_mode(), "release") != 0)
		SKIP("it ends a program built for tests");
	c = fixture_collection("twice");
	s = fixture_begin(c, &clock, &e);
	CHECK_INT(
	    fixture_put(s, fixture_page("https://a.example/", "x", NULL)), 1);
	CHECK_INT(
	    fixture_put(s, fixture_page("https://a.example/", "y", NULL)), 1);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(t.targets, 1);
	CHECK_INT(t.records, 4);
	free(dir);
	collection_free(c);
}

CASE(segments_roll_between_captures)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("roll");
	const struct snapshot_options o = {
		.site = "web",
		.kind = "capture",
		.segment_bytes = 6000,
	};
	struct snapshot_totals t;
	struct file_names names;
	struct error e = { 0 };
	struct snapshot *s = snapshot_begin(c, &o, &clock.clock, &e);
	char *dir = NULL;
	char *folder;

	for (int i = 0; i < 60; i++) {
		char *url = mem_format("https://a.example/%d", i);

		(void)fixture_put(s, fixture_page(url, url, NULL));
		free(url);
	}
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	folder = mem_format("%s/records", dir);
	CHECK_OK(file_list(folder, &names, &e), &e);
	CHECK(names.count > 5);
	CHECK_TEXT(names.names[4], "hf-20261122082747-00005.warc.gz");
	CHECK_INT(fixture_check_sealed(dir), 180 + names.count);
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", folder, names.names[i]);
		uint64_t size = 0;

		CHECK_OK(file_size(path, &size, &e), &e);
		CHECK(i + 1 == names.count || (size >= 6000 && size < 9000));
		free(path);
	}
	file_names_clear(&names);
	free(folder);
	free(dir);
	collection_free(c);
}

CASE(many_captures_pass_a_bounded_queue)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("many");
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	char *body = mem_alloc(300001);
	uint64_t done = 0;
	uint64_t last = 0;
	char *dir = NULL;

	memset(body, 'x', 300000);
	body[300000] = '\0';
	for (int i = 0; i < 300; i++) {
		char *url = mem_format("https://a.example/%d", i);

		CHECK_INT(fixture_put(s, fixture_page(url, body, NULL)), i + 1);
		CHECK_OK(snapshot_done(s, &done, &e), &e);
		CHECK(done >= last);
		/* 16 MiB of bodies at most are not durable yet. */
		CHECK((uint64_t)i + 1 - done <= 56);
		last = done;
		free(url);
	}
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(t.targets, 300);
	CHECK_INT(fixture_check_sealed(dir), 901);
	free(dir);
	free(body);
	collection_free(c);
}

CASE(a_large_body_that_lies_in_a_file_is_written_whole)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("large");
	struct snapshot_totals t;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	size_t len = 12 * 1024 * 1024;
	char *body = mem_alloc(len);
	char *dir = NULL;
	uint32_t seed = 1;

	for (size_t i = 0; i < len; i++)
		body[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
	(void)fixture_put(
	    s, fixture_exchange(
		   &(struct fixture_response){
		       .url = "https://a.example/film",
		       .status = 200,
		       .head = "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"
			       "\r\n",
		       .body = body,
		       .len = len,
		       .content_type = "video/mp4",
		       .spool_memory = 1024,
		   },
		   NULL));
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_INT(fixture_check_sealed(dir), 4);
	/* Stored, not deflated: a little more than it was. */
	CHECK(t.archive_bytes > len && t.archive_bytes < len + len / 400);
	free(dir);
	free(body);
	collection_free(c);
}

CASE(a_run_without_an_exchange_leaves_nothing)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("empty");
	struct capture_facts f = fixture_facts("page");
	struct snapshot_totals t;
	struct file_names names;
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	char *dir = NULL;

	(void)snapshot_outcome(
	    s, "ftp://x/", OUTCOME_BLOCKED_SCHEME, "", -1, &f);
	CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
	CHECK_TEXT(dir, "");
	CHECK_INT(t.by_outcome[OUTCOME_BLOCKED_SCHEME], 1);
	CHECK_OK(file_list("empty/snapshots/2026/11", &names, &e), &e);
	CHECK_INT(names.count, 0);
	file_names_clear(&names);
	free(dir);
	collection_free(c);
}

CASE(names_go_forward_even_when_the_clock_goes_back)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection("back");
	struct snapshot_totals t;
	struct file_names names;
	struct error e = { 0 };
	char *last = NULL;

	for (int i = 0; i < 3; i++) {
		struct snapshot *s = fixture_begin(c, &clock, &e);
		char *dir = NULL;

		(void)fixture_put(
		    s, fixture_page("https://a.example/", "x", NULL));
		CHECK_OK(snapshot_seal(s, "complete", &t, &dir, &e), &e);
		CHECK(last == NULL || strcmp(last, dir) < 0);
		free(last);
		last = dir;
		clock.us -= 40 * INT64_C(86400000000);
	}
	CHECK_OK(collection_snapshots(c, &names, NULL, &e), &e);
	CHECK_INT(names.count, 3);
	file_names_clear(&names);
	free(last);
	collection_free(c);
}

CASE(forty_thousand_targets_cost_less_than_two_mib)
{
	struct target_set t = { 0 };
	char url[64];

	for (unsigned i = 0; i < 40000; i++) {
		(void)snprintf(url, sizeof(url), "https://a.example/%u", i);
		CHECK(target_set_add(&t, url, i) == 1);
	}
	CHECK_INT(t.count, 40000);
	CHECK(t.cap * sizeof(*t.slots) < 2 * 1024 * 1024);
	CHECK_INT(*target_set_find(&t, "https://a.example/31415"), 31415);
	CHECK_INT(target_set_add(&t, "https://a.example/31415", 1), 0);
	CHECK(target_set_find(&t, "https://b.example/") == NULL);
	target_set_clear(&t);
}

TESTS(T(a_sealed_snapshot_holds_what_was_put_and_verifies),
    T(each_wanted_url_has_one_outcome_line),
    T(the_contents_lie_where_the_outcome_says),
    T(records_come_in_order_with_their_fields),
    T(derived_records_stand_apart_under_urns),
    T(the_index_is_sorted_and_leads_to_the_records),
    T(the_report_counts_and_names_the_snapshot_before),
    T(equal_clocks_and_exchanges_give_equal_bytes),
    T(an_acknowledged_capture_can_be_asked_for),
    T(a_second_outcome_of_a_target_is_not_taken),
    T(segments_roll_between_captures), T(many_captures_pass_a_bounded_queue),
    T(a_large_body_that_lies_in_a_file_is_written_whole),
    T(a_run_without_an_exchange_leaves_nothing),
    T(names_go_forward_even_when_the_clock_goes_back),
    T(forty_thousand_targets_cost_less_than_two_mib))
