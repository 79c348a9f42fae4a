/* WACZ files verified: a sound one, and everything that may be wrong. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive/cdxj.h"
#include "core/archive/gzip_member.h"
#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/proof.h"
#include "core/collection/tombstone.h"
#include "core/collection/verify_package.h"
#include "core/collection/verify_wacz.h"
#include "tests/test.h"
#include "tests/unit/zip_fixture.h"

#define CREATED "2026-11-22T08:00:00Z"
#define WHEN    "2026-11-22T07:30:00Z"
#define DIGITS  "20261122073000"
#define PAGE    "http://a.example/page"
#define PICTURE "http://a.example/picture"

/* ---- a WACZ ---- */

struct part {
	char *name;
	struct buf bytes;
	const char *origin; /* in datapackage.json; NULL */
	const char *hash;   /* there; NULL: its SHA-256 */
	int is_absent;      /* in the WACZ, though listed */
	int is_unlisted;
};

enum { PARTS = 12 };

struct made {
	struct part parts[PARTS];
	size_t count;
	uint64_t offsets[3], lengths[3];
	struct buf package, digest;
	const char *profile, *version;
	int no_digest, no_package;
	struct proof_key *key; /* NULL: not signed */
};

static struct part *
part(struct made *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->parts[i].name, name) == 0)
			return &m->parts[i];
	m->parts[m->count].name = mem_text(name);
	return &m->parts[m->count++];
}

static struct buf *
bytes_of(struct made *m, const char *name)
{
	return &part(m, name)->bytes;
}

static void
add_record(struct made *m, int n, const char *url)
{
	struct buf *out = bytes_of(m, "archive/a.warc");
	struct buf block = { 0 };
	char digest[DIGEST_TEXT_MAX];
	char body[32];

	(void)snprintf(body, sizeof(body), "body %d", n);
	digest_text(DIGEST_SHA256, body, strlen(body), digest);
	buf_format(&block,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	m->offsets[n] = out->len;
	buf_format(out,
	    "WARC/1.1\r\nWARC-Type: response\r\n"
	    "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n"
	    "WARC-Date: " WHEN "\r\nWARC-Target-URI: %s\r\n"
	    "WARC-Payload-Digest: %s\r\n"
	    "Content-Type: application/http;msgtype=response\r\n"
	    "Content-Length: %zu\r\n\r\n%s\r\n\r\n",
	    n, url, digest, block.len, buf_text(&block));
	m->lengths[n] = out->len - m->offsets[n];
	buf_clear(&block);
}

static void
add_line(struct made *m, int n, const char *url)
{
	char digest[DIGEST_TEXT_MAX];
	char body[32];
	struct cdxj_facts f = { .url = url,
		.mime = "text/plain",
		.status = 200,
		.digest = digest,
		.length = m->lengths[n],
		.offset = m->offsets[n],
		.file = "a.warc",
		.id = "" };

	(void)snprintf(body, sizeof(body), "body %d", n);
	digest_text(DIGEST_SHA256, body, strlen(body), digest);
	CHECK(date_parse(WHEN, &f.date_us, NULL));
	cdxj_add_line(bytes_of(m, "indexes/index.cdxj"), &f);
}

static void
begin(struct made *m)
{
	*m = (struct made){ .profile = "data-package", .version = "1.1.1" };
	add_record(m, 0, PAGE);
	add_record(m, 1, PICTURE);
	add_line(m, 0, PAGE);
	add_line(m, 1, PICTURE);
	buf_add_text(bytes_of(m, "pages/pages.jsonl"),
	    "{\"format\": \"json-pages-1.0\", \"id\": \"pages\"}\n"
	    "{\"url\": \"" PAGE "\", \"ts\": \"" WHEN "\"}\n");
}

static void
list_part(struct made *m, const struct part *p)
{
	char hash[DIGEST_TEXT_MAX];

	if (p->is_unlisted)
		return;
	digest_text(DIGEST_SHA256, buf_text(&p->bytes), p->bytes.len, hash);
	buf_format(&m->package,
	    "%s{\"name\": \"x\", \"path\": \"%s\", \"hash\": \"%s\", "
	    "\"bytes\": %zu%s%s%s}",
	    text_ends(buf_text(&m->package), "[") ? "" : ", ", p->name,
	    p->hash == NULL ? hash : p->hash, p->bytes.len,
	    p->origin == NULL ? "" : ", \"origin\": \"",
	    p->origin == NULL ? "" : p->origin, p->origin == NULL ? "" : "\"");
}

static void
sign(struct made *m, const char *hash)
{
	struct buf *out = &m->digest;

	buf_format(out,
	    ", \"signedData\": {\"hash\": \"%s\", \"created\": \"" CREATED
	    "\", \"software\": \"test\", \"version\": \"0.1.0\", "
	    "\"signature\": \"",
	    hash);
	CHECK_INT(proof_sign(m->key, hash, strlen(hash), out, NULL), 0);
	buf_add_text(out, "\", \"publicKey\": \"");
	proof_key_public(m->key, out);
	buf_add_text(out, "\"}");
}

/* The two files that speak of all others. */
static void
seal(struct made *m)
{
	char hash[DIGEST_TEXT_MAX];

	buf_reset(&m->package);
	buf_format(&m->package,
	    "{\"profile\": \"%s\", \"wacz_version\": \"%s\", \"created\": "
	    "\"" CREATED "\", \"resources\": [",
	    m->profile, m->version);
	for (size_t i = 0; i < m->count; i++)
		list_part(m, &m->parts[i]);
	buf_add_text(&m->package, "]}");
	digest_text(DIGEST_SHA256, m->package.data, m->package.len, hash);
	buf_reset(&m->digest);
	buf_format(&m->digest,
	    "{\"path\": \"datapackage.json\", \"hash\": \"%s\"", hash);
	if (m->key != NULL)
		sign(m, hash);
	buf_add_text(&m->digest, "}");
}

static void
clear(struct made *m)
{
	for (size_t i = 0; i < m->count; i++) {
		buf_clear(&m->parts[i].bytes);
		free(m->parts[i].name);
	}
	buf_clear(&m->package);
	buf_clear(&m->digest);
	proof_key_free(m->key);
}

/* As a zip; DEFLATED names a file that is compressed in it. */
static void
write_zip(struct made *m, const char *path, const char *deflated)
{
	struct zip_made z = { 0 };
	struct error e = { 0 };

	for (size_t i = 0; i < m->count; i++) {
		const struct part *p = &m->parts[i];
		struct zip_file f = { .name = p->name,
			.bytes = buf_text(&p->bytes),
			.len = p->bytes.len,
			.deflate = deflated != NULL &&
				   strcmp(p->name, deflated) == 0 };

		if (!p->is_absent)
			zip_put(&z, &f);
	}
	if (!m->no_package)
		zip_put(&z, &(struct zip_file){ .name = "datapackage.json",
				.bytes = buf_text(&m->package) });
	if (!m->no_digest)
		zip_put(
		    &z, &(struct zip_file){ .name = "datapackage-digest.json",
			    .bytes = buf_text(&m->digest) });
	zip_end(&z, 0, "");
	CHECK_OK(file_put(path, z.out.data, z.out.len, &e), &e);
	zip_clear(&z);
}

/* ---- what is said ---- */

struct heard {
	struct buf text; /* "severity code file: text" lines */
	struct verify_collection_totals totals;
	char *signature;
	uint64_t records;
};

static void
hear(void *context, const struct finding *f)
{
	struct heard *h = context;

	buf_format(&h->text, "%s %s %s: %s\n", severity_name(f->severity),
	    f->code, f->file, f->text);
}

static int
count_record(void *context, const struct verified_record *r)
{
	struct heard *h = context;

	(void)r;
	h->records++;
	return 0;
}

static int must_trust; /* roots were asked for */

static void
verify_level_at(
    struct heard *h, const char *path, enum verify_level level, uint32_t skip)
{
	const struct verify_collection_options base = { .each_finding = hear,
		.each_record = count_record,
		.context = h,
		.level = level,
		.skip = skip,
		.threads = 1 };
	const struct verify_package_options o = { .base = &base,
		.must_trust = must_trust };
	const struct tree_options t = { .kept_most = 0 };
	struct verify_package_facts facts = { .signature = mem_text("") };
	struct tree *tree = NULL;
	struct error e = { 0 };

	*h = (struct heard){ .records = 0 };
	CHECK_OK(tree_open(&tree, path, &t, &e), &e);
	if (tree != NULL)
		CHECK_OK(verify_wacz(tree, &o, &h->totals, &facts, &e), &e);
	tree_free(tree);
	h->signature = facts.signature;
}

static void
heard_clear(struct heard *h)
{
	buf_clear(&h->text);
	free(h->signature);
}

static void
expect_at(struct heard *h, const char *part_of, int line)
{
	if (strstr(buf_text(&h->text), part_of) == NULL) {
		printf("# line %d: expected '%s' in\n", line, part_of);
		for (const char *s = buf_text(&h->text); *s != '\0';) {
			int n = (int)strcspn(s, "\n");

			printf("#   %.*s\n", n, s);
			s += n + (s[n] == '\n');
		}
		test_failed = 1;
	}
}

/* Seal, write, verify, expect one finding of that severity and no worse. */
static void
judge_at(struct made *m, const char *deflated, const char *want, int line)
{
	struct heard h;
	uint64_t bad;

	write_zip(m, "t.wacz", deflated);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
	bad = h.totals.files.changed + h.totals.files.damaged;
	if (want != NULL)
		expect_at(&h, want, line);
	if ((want == NULL || text_starts(want, "warning") ||
		text_starts(want, "note"))
		? bad != 0
		: bad == 0) {
		printf("# line %d: %d bad findings\n%s", line, (int)bad,
		    buf_text(&h.text));
		test_failed = 1;
	}
	if (want == NULL && h.totals.files.warnings != 0)
		expect_at(&h, "no warning", line);
	heard_clear(&h);
	CHECK_INT(file_remove("t.wacz", NULL), 0);
	clear(m);
}
#define JUDGE(want)                                 \
	do {                                        \
		seal(&m);                           \
		judge_at(&m, NULL, want, __LINE__); \
	} while (0)
#define JUDGE_AS_IT_IS(want) judge_at(&m, NULL, want, __LINE__)

CASE(a_sound_wacz_has_no_finding_but_that_nobody_signed_it)
{
	struct made m;
	struct heard h;

	begin(&m);
	seal(&m);
	write_zip(&m, "t.wacz", NULL);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
	CHECK_TEXT(h.signature, "");
	CHECK_INT(h.totals.files.warnings, 0);
	CHECK_INT(h.totals.files.changed, 0);
	CHECK_INT(h.totals.files.damaged, 0);
	CHECK_INT(h.records, 2);
	CHECK_INT(h.totals.files.records, 2);
	expect_at(&h,
	    "note signature t.wacz/datapackage-digest.json: is not signed",
	    __LINE__);
	heard_clear(&h);
	verify_level_at(&h, "t.wacz", VERIFY_QUICK, 0);
	CHECK_INT(h.records, 0);
	CHECK_INT(h.totals.files.warnings + h.totals.files.changed, 0);
	heard_clear(&h);
	clear(&m);
}

CASE(a_signature_is_told_and_contradictions_are_found)
{
	struct made m;
	struct heard h;
	struct error e = { 0 };
	char *at;

	CHECK_OK(proof_key_make("keys/k.pem", &e), &e);
	begin(&m);
	CHECK_OK(proof_key_open(&m.key, "keys/k.pem", &e), &e);
	seal(&m);
	write_zip(&m, "t.wacz", NULL);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
	CHECK(text_starts(h.signature, "anonymous key sha256:"));
	CHECK_INT(h.totals.files.changed + h.totals.files.warnings, 0);
	expect_at(&h, "note signature", __LINE__);
	heard_clear(&h);
	/* All hashes right, the signature that of another WACZ. */
	at = strstr((char *)m.digest.data, "\"signature\": \"") + 20;
	*at = *at == 'A' ? 'B' : 'A';
	JUDGE_AS_IT_IS("changed signature t.wacz/datapackage-digest.json: "
		       "signature is not of this hash");
	begin(&m);
	seal(&m);
	m.digest.len--;
	buf_add_text(&m.digest, ", \"extra\": 1}");
	JUDGE_AS_IT_IS("changed signature t.wacz/datapackage-digest.json: "
		       "datapackage-digest.json: extra does not belong");
	begin(&m);
	m.no_digest = 1;
	JUDGE("note signature t.wacz: there is no datapackage-digest.json");
	begin(&m);
	seal(&m);
	memcpy(strstr((char *)m.package.data, CREATED), "2027", 4);
	JUDGE_AS_IT_IS("changed resource-digest t.wacz/datapackage.json: is");
}

CASE(files_are_those_that_are_listed)
{
	struct made m;

	begin(&m);
	seal(&m);
	bytes_of(&m, "pages/pages.jsonl")->data[2]++;
	JUDGE_AS_IT_IS(
	    "changed resource-digest t.wacz/pages/pages.jsonl: is sha256");
	begin(&m);
	seal(&m);
	buf_add_text(bytes_of(&m, "pages/pages.jsonl"), "\n");
	JUDGE_AS_IT_IS("changed resource-digest t.wacz/pages/pages.jsonl: has "
		       "108 bytes");
	begin(&m);
	buf_add_text(bytes_of(&m, "logs/x.log"), "x");
	part(&m, "logs/x.log")->is_absent = 1;
	JUDGE("changed resource-missing t.wacz/logs/x.log");
	begin(&m);
	buf_add_text(bytes_of(&m, "logs/x.log"), "x");
	part(&m, "logs/x.log")->is_unlisted = 1;
	JUDGE("warning resource-extra t.wacz/logs/x.log");
	/* What players find by its place. */
	begin(&m);
	buf_add(bytes_of(&m, "indexes/more.cdxj"),
	    bytes_of(&m, "indexes/index.cdxj")->data,
	    bytes_of(&m, "indexes/index.cdxj")->len);
	part(&m, "indexes/more.cdxj")->is_unlisted = 1;
	JUDGE("changed resource-extra t.wacz/indexes/more.cdxj");
	begin(&m);
	part(&m, "archive/a.warc")->is_unlisted = 1;
	JUDGE("changed resource-extra t.wacz/archive/a.warc");
}

CASE(hashes_that_can_be_forged_are_no_proof)
{
	struct made m;
	struct heard h;
	char sha1[DIGEST_TEXT_MAX];

	begin(&m);
	digest_text(DIGEST_SHA1, bytes_of(&m, "archive/a.warc")->data,
	    bytes_of(&m, "archive/a.warc")->len, sha1);
	part(&m, "archive/a.warc")->hash = sha1;
	seal(&m);
	write_zip(&m, "t.wacz", NULL);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
	CHECK_INT(h.totals.files.changed + h.totals.files.damaged, 0);
	expect_at(&h,
	    "warning resource-digest t.wacz/archive/a.warc: other bytes with "
	    "the same hash can be made",
	    __LINE__);
	heard_clear(&h);
	CHECK_INT(file_remove("t.wacz", NULL), 0);
	clear(&m);
}

/* Who signs with a key alone, or not at all, says nothing that the roots one
 * asked for could vouch for. */
CASE(what_asked_for_roots_do_not_vouch_for_is_said)
{
	struct made m;
	struct heard h;
	struct error e = { 0 };

	CHECK_OK(proof_key_make("keys/r.pem", &e), &e);
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		begin(&m);
		if (is_signed)
			CHECK_OK(proof_key_open(&m.key, "keys/r.pem", &e), &e);
		seal(&m);
		write_zip(&m, "t.wacz", NULL);
		must_trust = 1;
		verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
		must_trust = 0;
		CHECK_INT(h.totals.files.changed, 0);
		expect_at(&h,
		    is_signed ? "warning signature t.wacz/datapackage-digest."
				"json: signed by a key"
			      : "warning signature t.wacz/datapackage-digest."
				"json: is not signed",
		    __LINE__);
		heard_clear(&h);
		CHECK_INT(file_remove("t.wacz", NULL), 0);
		clear(&m);
	}
}

/* A record that was erased, as a folder's verification counts it. */
static void
add_tombstone(struct made *m, const char *uri_hash, const char *at)
{
	const char *id = "urn:uuid:00000000-0000-4000-8000-0000000000ff";
	const struct tombstone t = { .record = id,
		.type = "response",
		.date = WHEN,
		.uri_hash = uri_hash,
		.block_digest = "",
		.payload_digest = "",
		.reason = "court",
		.by = "me",
		.at = at };
	struct buf block = { 0 };

	tombstone_write(&block, &t);
	buf_format(bytes_of(m, "archive/a.warc"),
	    "WARC/1.1\r\nWARC-Type: conversion\r\n"
	    "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-0000000000fe>"
	    "\r\nWARC-Date: " CREATED "\r\nWARC-Target-URI: " TOMBSTONE_URI
	    "%s\r\nWARC-Refers-To: <%s>\r\nContent-Type: " TOMBSTONE_TYPE
	    "\r\nContent-Length: %zu\r\n\r\n%s\r\n\r\n",
	    uri_hash, id, block.len, buf_text(&block));
	buf_clear(&block);
}

CASE(tombstones_count_as_withdrawn)
{
	struct made m;
	struct heard h;
	char hash[DIGEST_TEXT_MAX];

	digest_text(DIGEST_SHA256, PAGE, strlen(PAGE), hash);
	begin(&m);
	add_tombstone(&m, hash, CREATED);
	seal(&m);
	write_zip(&m, "t.wacz", NULL);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
	CHECK_INT(h.totals.withdrawn, 1);
	CHECK_INT(h.totals.files.changed + h.totals.files.damaged, 0);
	heard_clear(&h);
	clear(&m);
	begin(&m);
	add_tombstone(&m, hash, "2026-11-22T09:00:00Z");
	JUDGE("changed tombstone t.wacz/archive/a.warc: its date is not that "
	      "of the withdrawal");
}

CASE(its_layout_is_that_of_the_standard)
{
	struct made m;

	begin(&m);
	part(&m, "pages/pages.jsonl")->is_absent = 1;
	JUDGE("damage package t.wacz: holds no pages/pages.jsonl");
	begin(&m);
	part(&m, "archive/a.warc")->is_absent = 1;
	JUDGE("damage package t.wacz: holds no WARC file");
	begin(&m);
	part(&m, "indexes/index.cdxj")->is_absent = 1;
	JUDGE("damage package t.wacz: holds no index");
	begin(&m);
	m.no_package = 1;
	JUDGE("damage package t.wacz: holds no datapackage.json");
	begin(&m);
	buf_add_text(bytes_of(&m, "archive/note.txt"), "x");
	JUDGE("warning package t.wacz/archive/note.txt: is not a WARC file");
	begin(&m);
	buf_add_text(bytes_of(&m, "pages/style.css"), "x");
	JUDGE("warning package t.wacz/pages/style.css: is not a page list");
	begin(&m);
	seal(&m);
	judge_at(&m, "archive/a.warc",
	    "warning package t.wacz/archive/a.warc: is compressed once more",
	    __LINE__);
	begin(&m);
	seal(&m);
	judge_at(&m, "pages/pages.jsonl", NULL, __LINE__);
}

CASE(what_is_newer_or_does_not_read_is_said)
{
	struct made m;

	begin(&m);
	m.version = "1.2.0";
	JUDGE("warning package t.wacz/datapackage.json: is of version 1.2.0");
	begin(&m);
	m.version = "";
	JUDGE("warning package t.wacz/datapackage.json: names no wacz_version");
	begin(&m);
	m.version = "1.0.0";
	JUDGE("note package t.wacz/datapackage.json: is of the older version");
	begin(&m);
	m.profile = "wacz";
	JUDGE("warning package t.wacz/datapackage.json: profile is \"wacz\"");
	begin(&m);
	seal(&m);
	buf_cut(&m.package, m.package.len - 1);
	JUDGE_AS_IT_IS("damage package t.wacz/datapackage.json: datapackage");
}

/* The bytes FROM in the file NAME become TO, once, before all is hashed. */
static void
edit(struct made *m, const char *name, const char *from, const char *to)
{
	struct buf *b = bytes_of(m, name);
	struct buf out = { 0 };
	const char *at = strstr(buf_text(b), from);

	CHECK(at != NULL);
	if (at == NULL)
		return;
	buf_add(&out, b->data, (size_t)(at - buf_text(b)));
	buf_add_text(&out, to);
	buf_add_text(&out, at + strlen(from));
	buf_clear(b);
	*b = out;
}

static void
edit_front(struct made *m, const char *name, const char *text)
{
	struct buf *b = bytes_of(m, name);
	struct buf out = { 0 };

	buf_add_text(&out, text);
	buf_add(&out, b->data, b->len);
	buf_clear(b);
	*b = out;
}

CASE(each_index_line_leads_to_its_record)
{
	static const char index[] = "indexes/index.cdxj";
	struct made m;

	begin(&m);
	edit(&m, index, "\"url\": \"" PAGE, "\"url\": \"" PAGE "s");
	JUDGE("changed line t.wacz/indexes: indexes/index.cdxj, line 1: says "
	      "that " PAGE "s is at 0 of a.warc: the record there is of "
	      "another URL");
	begin(&m);
	edit(&m, index, DIGITS, "20261122073001");
	JUDGE("the record there is of another time");
	begin(&m);
	edit(&m, index, "\"digest\": \"sha256:", "\"digest\": \"sha256:00");
	edit(&m, index, "\"digest\": \"sha256:00", "\"digest\": \"sha256:");
	edit(&m, index, "\"offset\": \"0\"", "\"offset\": \"1\"");
	JUDGE("is at 1 of a.warc: there is no record");
	begin(&m);
	edit(&m, index, "a.warc", "b.warc");
	JUDGE("is at 0 of b.warc: there is no record");
	begin(&m);
	edit(&m, index, "\"length\": \"", "\"length\": \"1");
	JUDGE("warning line t.wacz/indexes: indexes/index.cdxj, line 1: says "
	      "that " PAGE " is at 0 of a.warc: the record there has another "
	      "length");
	begin(&m);
	edit(&m, index, "\"digest\": \"sha256:",
	    "\"digest\": \"sha256:0000000000000000000000000000000000000000000"
	    "000000000000000000000\", \"x\": \"");
	JUDGE("the record there has another digest");
	begin(&m);
	edit(&m, index, "{", "");
	JUDGE("changed line t.wacz/indexes/index.cdxj: line 1: ");
	begin(&m);
	add_record(&m, 2, "http://a.example/forgotten");
	JUDGE("warning line-missing t.wacz/indexes: no index has the record "
	      "of http://a.example/forgotten");
	begin(&m);
	add_line(&m, 0, PAGE);
	JUDGE("warning line t.wacz/indexes/index.cdxj: line 3: is not in "
	      "order");
	begin(&m);
	buf_reset(bytes_of(&m, index));
	buf_add_text(bytes_of(&m, index), " CDX N b a m s k r M S V g\n");
	JUDGE("warning package t.wacz/indexes/index.cdxj: is an index of the "
	      "older form");
	/* That one index is of another form hides no line of the next, nor does
	 * a line that looks like the head of one. */
	begin(&m);
	edit(&m, index, "\"offset\": \"0\"", "\"offset\": \"1\"");
	buf_add_text(bytes_of(&m, "indexes/a.cdx"), " CDX N b a m s\n");
	edit_front(&m, index, "!meta 0 {}\n");
	JUDGE("is at 1 of a.warc: there is no record");
	begin(&m);
	buf_add_text(bytes_of(&m, index), " CDX N b a m s\n");
	JUDGE("changed line t.wacz/indexes/index.cdxj: line 3: ");
}

CASE(long_addresses_are_compared_too)
{
	struct made m;
	char url[20000] = PAGE "?";

	memset(url + strlen(url), 'a', sizeof(url) - strlen(url) - 1);
	url[sizeof(url) - 1] = '\0';
	begin(&m);
	add_record(&m, 2, url);
	add_line(&m, 2, url);
	JUDGE("note ");
}

/* A list of WACZ files in a list of them, and so on. */
static void
put_list(const char *path, struct buf *inner)
{
	struct zip_made z = { 0 };
	struct buf list = { 0 };
	char hash[DIGEST_TEXT_MAX];
	struct error e = { 0 };

	digest_text(DIGEST_SHA256, inner->data, inner->len, hash);
	buf_format(&list,
	    "{\"profile\": \"multi-wacz-package\", \"resources\": [{\"path\": "
	    "\"a.wacz\", \"hash\": \"%s\", \"bytes\": %zu}]}",
	    hash, inner->len);
	zip_put(&z, &(struct zip_file){ .name = "a.wacz",
			.bytes = (const char *)inner->data,
			.len = inner->len });
	zip_put(&z, &(struct zip_file){
			.name = "datapackage.json", .bytes = buf_text(&list) });
	zip_end(&z, 0, "");
	buf_reset(inner);
	buf_add(inner, z.out.data, z.out.len);
	CHECK_OK(file_put(path, inner->data, inner->len, &e), &e);
	zip_clear(&z);
	buf_clear(&list);
}

CASE(lists_in_lists_are_not_followed_for_ever)
{
	struct made m;
	struct heard h = { .records = 0 };
	struct buf inner = { 0 };
	struct verify_package_facts facts;
	const struct verify_collection_options base = {
		.each_finding = hear, .context = &h, .threads = 1
	};
	const struct verify_package_options o = { .base = &base };
	struct error e = { 0 };

	begin(&m);
	seal(&m);
	write_zip(&m, "a.wacz", NULL);
	clear(&m);
	CHECK_OK(file_get("a.wacz", &inner, SIZE_MAX, &e), &e);
	for (int depth = 1; depth <= 30; depth++) {
		put_list("list.zip", &inner);
		if (depth != 1 && depth != 30)
			continue;
		CHECK_OK(
		    verify_package("list.zip", &o, &h.totals, &facts, &e), &e);
		CHECK_INT(facts.form, FORM_MULTI_WACZ);
		CHECK_INT(h.totals.files.records, 2);
		CHECK_INT(h.totals.files.damaged, depth == 30);
		free(facts.signature);
	}
	expect_at(&h, "damage package a.wacz: is no WACZ", __LINE__);
	buf_clear(&inner);
	heard_clear(&h);
}

CASE(pages_are_in_the_index)
{
	static const char pages[] = "pages/pages.jsonl";
	struct made m;

	begin(&m);
	edit(&m, pages, "/page\"", "/other\"");
	JUDGE("warning page t.wacz/pages: pages/pages.jsonl, line 2: "
	      "http://a.example/other is in no index");
	begin(&m);
	edit(&m, pages, WHEN, "2026-11-22T07:30:01Z");
	JUDGE("note page t.wacz/pages: pages/pages.jsonl, line 2: " PAGE
	      " is in the index at another time");
	begin(&m);
	edit(&m, pages, "json-pages-1.0", "json-pages-9.0");
	JUDGE("warning page t.wacz/pages/pages.jsonl: line 1: first line");
	begin(&m);
	edit(&m, pages, "\"ts\"", "\"t\"");
	JUDGE("changed page t.wacz/pages/pages.jsonl: line 2: page: has no "
	      "time");
	begin(&m);
	buf_add_text(bytes_of(&m, pages), "\n");
	JUDGE("warning page t.wacz/pages/pages.jsonl: line 3: is empty");
	begin(&m);
	buf_reset(bytes_of(&m, pages));
	JUDGE("warning page t.wacz/pages/pages.jsonl: is empty");
}

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static void
gzip_add(struct buf *out, const struct buf *text)
{
	struct gzip_writer *w = gzip_writer_new();
	const struct buf none = { 0 };
	uint64_t len;

	CHECK_INT(gzip_member_write(w, GZIP_DEFLATE, text, NULL, &none, collect,
		      out, &len, NULL),
	    0);
	gzip_writer_free(w);
}

CASE(blocks_of_a_packed_index_are_those_of_their_list)
{
	static const char meta[] =
	    "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": "
	    "\"index.cdx.gz\"}\n";

	for (int fault = 0; fault < 5; fault++) {
		struct made m;
		struct buf lines;
		struct buf *packed;
		char digest[DIGEST_TEXT_MAX];

		begin(&m);
		lines = *bytes_of(&m, "indexes/index.cdxj");
		*bytes_of(&m, "indexes/index.cdxj") = (struct buf){ 0 };
		free(m.parts[1].name);
		m.parts[1].name = mem_text("indexes/index.cdx.gz");
		packed = bytes_of(&m, "indexes/index.cdx.gz");
		gzip_add(packed, &lines);
		digest_text(DIGEST_SHA256, packed->data, packed->len, digest);
		if (fault == 2)
			digest[10] = digest[10] == '0' ? '1' : '0';
		buf_format(bytes_of(&m, "indexes/index.idx"),
		    "%s%s " DIGITS " {\"offset\": %d, \"length\": %zu, "
		    "\"digest\": \"%s\"}\n",
		    meta, fault == 1 ? "example,b)/" : "example,a)/page",
		    fault == 3, packed->len - (fault == 4), digest);
		buf_clear(&lines);
		switch (fault) {
		case 0:
			JUDGE(NULL);
			break;
		case 1:
			JUDGE("changed line t.wacz/indexes/index.idx: line 2: "
			      "its block begins with another line");
			break;
		case 2:
			JUDGE("its block has another digest");
			break;
		case 3:
			JUDGE("its block does not follow the one before");
			break;
		default:
			JUDGE("its blocks end at");
			break;
		}
	}
}

CASE(manifests_of_snapshots_in_it_are_kept_to)
{
	for (int fault = 0; fault < 4; fault++) {
		struct made m;
		struct buf *list;
		char digest[DIGEST_TEXT_MAX];

		begin(&m);
		part(&m, "archive/a.warc")->origin = "s/records/a.warc";
		digest_text(DIGEST_SHA256, bytes_of(&m, "archive/a.warc")->data,
		    bytes_of(&m, "archive/a.warc")->len, digest);
		if (fault == 1)
			digest[10] = digest[10] == '0' ? '1' : '0';
		list = bytes_of(&m, "s/manifest-sha256.txt");
		part(&m, "s/manifest-sha256.txt")
		    ->origin = "s/manifest-sha256.txt";
		buf_format(list, "%s  %s\n", digest + strlen("sha256:"),
		    fault == 2 ? "records/b.warc" : "records/a.warc");
		if (fault == 3)
			buf_add_text(list, "junk\n");
		switch (fault) {
		case 0:
			JUDGE(NULL);
			break;
		case 1:
			JUDGE("changed manifest-digest t.wacz/archive/a.warc");
			break;
		case 2:
			JUDGE("changed file-extra t.wacz/archive/a.warc: the "
			      "manifest of s does not have records/a.warc");
			break;
		default:
			JUDGE("changed manifest t.wacz/s/manifest-sha256.txt");
			break;
		}
	}
}

CASE(checks_that_are_left_out_say_nothing)
{
	struct made m;
	struct heard h;
	uint32_t mask;
	struct error e = { 0 };

	begin(&m);
	edit(&m, "pages/pages.jsonl", "/page\"", "/other\"");
	part(&m, "pages/pages.jsonl")->is_unlisted = 1;
	seal(&m);
	write_zip(&m, "t.wacz", NULL);
	CHECK_OK(
	    verify_checks_parse("pages,resources,signature,framing", &mask, &e),
	    &e);
	verify_level_at(&h, "t.wacz", VERIFY_FULL, mask);
	CHECK_INT(h.totals.files.warnings + h.totals.files.changed, 0);
	CHECK(strstr(buf_text(&h.text), "signature") == NULL);
	heard_clear(&h);
	/* The signature alone needs no record read. */
	CHECK_OK(verify_checks_parse("signature", &mask, &e), &e);
	verify_level_at(&h, "t.wacz", VERIFY_FULL,
	    ~mask & (((uint32_t)1 << CHECK_COUNT) - 1));
	CHECK_INT(h.records, 0);
	CHECK_TEXT(buf_text(&h.text),
	    "note signature t.wacz/datapackage-digest.json: is not signed\n");
	heard_clear(&h);
	clear(&m);
}

/* Bit by bit: whatever is turned is found, or was in what nothing vouches
 * for: times and attributes of the zip, the digest file. */
CASE(a_turned_bit_in_a_listed_file_is_found)
{
	struct made m;

	for (size_t i = 0; i < 1200; i += 7) {
		struct heard h;
		struct part *p;

		begin(&m);
		seal(&m);
		p = &m.parts[i % 3];
		p->bytes.data[i * 31 % p->bytes.len] ^= (uint8_t)(1u << i % 8);
		write_zip(&m, "t.wacz", NULL);
		verify_level_at(&h, "t.wacz", VERIFY_FULL, 0);
		CHECK(strstr(buf_text(&h.text), "changed resource-digest") !=
		      NULL);
		heard_clear(&h);
		clear(&m);
	}
}

/* ---- bounded memory ---- */

/* WACZ_LINES index lines and as many pages, of which none is right: a million
 * take 5 s and 190 MB of disk. */
static void
verify_many(long lines)
{
	struct made m;
	struct buf *index;
	struct buf *pages;

	begin(&m);
	index = bytes_of(&m, "indexes/index.cdxj");
	pages = bytes_of(&m, "pages/pages.jsonl");
	for (long i = 0; i < lines; i++) {
		buf_format(index,
		    "example,b)/%09ld " DIGITS
		    " {\"url\": \"http://b.example/%09ld\", \"offset\": "
		    "\"%ld\", \"length\": \"1\", \"filename\": \"a.warc\"}\n",
		    i, i, i * 7 % lines);
		buf_format(pages,
		    "{\"url\": \"http://c.example/%09ld\", \"ts\": \"" WHEN
		    "\"}\n",
		    i * 7 % lines);
	}
	CHECK_INT(mkdir("many", 0755), 0);
	CHECK_INT(mkdir("many/archive", 0755), 0);
	CHECK_INT(mkdir("many/indexes", 0755), 0);
	CHECK_INT(mkdir("many/pages", 0755), 0);
	seal(&m);
	for (size_t i = 0; i < m.count; i++) {
		char *path = mem_format("many/%s", m.parts[i].name);

		CHECK_INT(file_put(path, m.parts[i].bytes.data,
			      m.parts[i].bytes.len, NULL),
		    0);
		free(path);
	}
	CHECK_INT(file_put("many/datapackage.json", m.package.data,
		      m.package.len, NULL),
	    0);
	clear(&m);
}

CASE(memory_does_not_grow_with_the_index)
{
	const char *size = getenv("WACZ_LINES");
	long lines = size == NULL ? 40000 : atol(size);
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		verify_many(lines);
		_exit(test_failed);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	pid = fork();
	if (pid == 0) {
		struct rusage before;
		struct rusage after;
		struct heard h;

		(void)getrusage(RUSAGE_SELF, &before);
		verify_level_at(&h, "many", VERIFY_FULL, 0);
		(void)getrusage(RUSAGE_SELF, &after);
		printf("# %ld lines: %ld KiB more\n", lines,
		    after.ru_maxrss - before.ru_maxrss);
		expect_at(&h, "changed line many/indexes: and ", __LINE__);
		expect_at(&h, "warning page many/pages: and ", __LINE__);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		CHECK(after.ru_maxrss - before.ru_maxrss < 48 * 1024);
#endif
		_exit(test_failed);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TESTS(T(a_sound_wacz_has_no_finding_but_that_nobody_signed_it),
    T(a_signature_is_told_and_contradictions_are_found),
    T(files_are_those_that_are_listed), T(its_layout_is_that_of_the_standard),
    T(what_is_newer_or_does_not_read_is_said),
    T(hashes_that_can_be_forged_are_no_proof),
    T(what_asked_for_roots_do_not_vouch_for_is_said),
    T(tombstones_count_as_withdrawn), T(each_index_line_leads_to_its_record),
    T(long_addresses_are_compared_too),
    T(lists_in_lists_are_not_followed_for_ever), T(pages_are_in_the_index),
    T(blocks_of_a_packed_index_are_those_of_their_list),
    T(manifests_of_snapshots_in_it_are_kept_to),
    T(checks_that_are_left_out_say_nothing),
    T(a_turned_bit_in_a_listed_file_is_found),
    T(memory_does_not_grow_with_the_index))
