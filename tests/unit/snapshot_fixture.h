#ifndef TESTS_SNAPSHOT_FIXTURE_H
#define TESTS_SNAPSHOT_FIXTURE_H

/* Hand-made exchanges and collections for the tests of snapshots. */

#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/verify.h"
#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/recover.h"
#include "core/collection/snapshot.h"
#include "core/web/exchange.h"
#include "tests/test.h"

/* Remove a tree, also what is read-only. */
static inline void
remove_tree(const char *dir)
{
	struct file_names names;

	if (!file_is_dir(dir))
		return;
	(void)chmod(dir, 0755);
	if (file_list(dir, &names, NULL) != 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", dir, names.names[i]);

		if (file_is_dir(path))
			remove_tree(path);
		else
			(void)unlink(path);
		free(path);
	}
	file_names_clear(&names);
	(void)rmdir(dir);
}

enum { FIXTURE_FILE_MAX = 64 * 1024 * 1024 };

/* 2026-11-22T08:27:47Z */
static const int64_t fixture_start_us = 1795336067000000;

/* The collection-wide index is another's: here it only counts. */
static int index_added;

int
index_add(struct collection *c, const char *snapshot, struct error *e)
{
	(void)c;
	(void)e;
	CHECK(text_starts(snapshot, "snapshots/"));
	index_added++;
	return 0;
}

struct fixture_clock {
	struct clock clock;
	int64_t us;
};

static inline int64_t
fixture_wall(struct clock *c)
{
	return ((struct fixture_clock *)c)->us;
}

static inline int64_t
fixture_mono(struct clock *c)
{
	return ((struct fixture_clock *)c)->us / 1000;
}

static inline struct fixture_clock
fixture_clock_at(int64_t us)
{
	return (struct fixture_clock){ { fixture_wall, fixture_mono }, us };
}

/* A new collection at DIR, locked. */
static inline struct collection *
fixture_collection(const char *dir)
{
	const struct collection_facts facts = {
		.id = "urn:uuid:00112233-4455-8677-8899-aabbccddeeff",
		.prefix = "hf",
		.now_us = fixture_start_us,
	};
	struct collection *c = NULL;
	struct error e = { 0 };

	CHECK_OK(collection_create(dir, &facts, &e), &e);
	CHECK_OK(collection_open(&c, dir, &e), &e);
	CHECK_OK(collection_lock(c, &e), &e);
	return c;
}

static inline void
fixture_text(char **to, const char *text)
{
	free(*to);
	*to = mem_text(text);
}

/* A TLS connection with a chain of two made-up certificates. */
static inline struct connection *
fixture_connection(uint64_t number)
{
	static const char *const ders[] = { "leaf certificate",
		"root certificate" };
	struct connection *c = connection_new();

	c->number = number;
	c->opened_us = fixture_start_us + 1000;
	c->port = c->peer_port = 443;
	c->local_port = 40000;
	fixture_text(&c->host, "news.example");
	fixture_text(&c->peer, "192.0.2.1");
	fixture_text(&c->local, "192.0.2.99");
	fixture_text(&c->resolved, "192.0.2.1 2001:db8::1");
	fixture_text(&c->tls_version, "tls/1.3");
	fixture_text(&c->cipher, "TLS_AES_128_GCM_SHA256");
	fixture_text(&c->verify, "ok");
	fixture_text(&c->trust_store, "/etc/ssl/certs");
	c->chain_count = 2;
	c->chain = mem_zero(2, sizeof(*c->chain));
	for (int i = 0; i < 2; i++) {
		c->chain[i].len = strlen(ders[i]);
		c->chain[i].der = mem_dup(ders[i], c->chain[i].len);
		digest_text(DIGEST_SHA256, ders[i], c->chain[i].len,
		    c->chain[i].digest);
	}
	c->ocsp = mem_dup("\x30\x03\x0a\x01", 4);
	c->ocsp_len = 4;
	return c;
}

/* What a server sent: HEAD (with its empty line) and BODY. */
struct fixture_response {
	const char *url;
	unsigned status;
	const char *head;
	const void *body;
	size_t len;
	const char *content_type;
	size_t spool_memory; /* 0: a MiB */
};

static inline struct exchange *
fixture_exchange(const struct fixture_response *r, struct connection *c)
{
	struct exchange *x = exchange_new();
	struct buf all = { 0 };
	char *request = mem_format(
	    "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", r->url);

	fixture_text(&x->url, r->url);
	fixture_text(&x->method, "GET");
	fixture_text(&x->content_type, r->content_type);
	x->outcome = r->status == 200   ? OUTCOME_CAPTURED
		     : r->status == 404 ? OUTCOME_NOT_FOUND
					: OUTCOME_REDIRECT;
	x->status = r->status;
	x->started_us = fixture_start_us + 2000;
	x->duration_ms = 12;
	x->connection = connection_keep(c);
	x->request = spool_new(".", 65536);
	CHECK(spool_add(x->request, request, strlen(request), NULL) == 0);
	digest_text(DIGEST_SHA256, request, strlen(request), x->request_digest);
	buf_add_text(&all, r->head);
	buf_add(&all, r->body, r->len);
	x->response = spool_new(
	    ".", r->spool_memory == 0 ? 1024 * 1024 : r->spool_memory);
	CHECK(spool_add(x->response, all.data, all.len, NULL) == 0);
	x->head_len = strlen(r->head);
	x->payload_len = r->len;
	digest_text(DIGEST_SHA256, all.data, all.len, x->block_digest);
	digest_text(DIGEST_SHA256, r->body, r->len, x->payload_digest);
	buf_clear(&all);
	free(request);
	return x;
}

static inline struct exchange *
fixture_page(const char *url, const char *body, struct connection *c)
{
	return fixture_exchange(
	    &(struct fixture_response){
		.url = url,
		.status = 200,
		.head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; "
			"charset=utf-8\r\n\r\n",
		.body = body,
		.len = strlen(body),
		.content_type = "text/html; charset=utf-8",
	    },
	    c);
}

static inline struct capture_facts
fixture_facts(const char *need)
{
	return (struct capture_facts){
		.via = "https://news.example/",
		.hops = "E",
		.need = need,
		.where = "img@src",
		.media_type = "text/html",
		.robots = "",
	};
}

/* Put X and let go of it. */
static inline uint64_t
fixture_put(struct snapshot *s, struct exchange *x)
{
	struct capture_facts f = fixture_facts("page");
	uint64_t ticket = snapshot_put(s, x, &f);

	exchange_free(x);
	return ticket;
}

/* Wait until TICKET is durable, or the writer fails (-1). */
static inline int
fixture_wait(struct snapshot *s, uint64_t ticket, struct error *e)
{
	uint64_t done = 0;

	snapshot_flush(s);
	for (;;) {
		struct pollfd p = { snapshot_fd(s), POLLIN, 0 };

		if (snapshot_done(s, &done, e) != 0)
			return -1;
		if (done >= ticket)
			return 0;
		(void)poll(&p, 1, 10000);
	}
}

static inline struct snapshot *
fixture_begin(
    struct collection *c, struct fixture_clock *clock, struct error *e)
{
	const struct snapshot_options o = { .site = "web", .kind = "capture" };

	return snapshot_begin(c, &o, &clock->clock, e);
}

static inline void
fixture_read(const char *dir, const char *name, struct buf *out)
{
	char *path = mem_format("%s/%s", dir, name);
	struct error e = { 0 };

	buf_reset(out);
	CHECK_OK(file_get(path, out, FIXTURE_FILE_MAX, &e), &e);
	free(path);
}

/* The JSON of line N (from 0) of a text in A, NULL when there is none. */
static inline struct json *
fixture_line(struct arena *a, const struct buf *text, unsigned n)
{
	const char *s = buf_text(text);

	for (; n > 0 && s != NULL && *s != '\0'; n--)
		s = strchr(s, '\n') == NULL ? NULL : strchr(s, '\n') + 1;
	if (s == NULL || *s == '\0')
		return NULL;
	return json_parse(a, s, strcspn(s, "\n"), NULL);
}

static inline unsigned
fixture_count(const struct buf *text, const char *what)
{
	unsigned n = 0;

	for (const char *s = buf_text(text); (s = strstr(s, what)) != NULL; n++)
		s += strlen(what);
	return n;
}

static inline void
fixture_finding(void *context, const struct finding *f)
{
	(void)context;
	if (f->severity < SEVERITY_WARNING)
		return;
	printf("# %s: %s at %llu: %s\n", f->code, f->file,
	    (unsigned long long)f->offset, f->text);
	CHECK(!"finding");
}

struct fixture_sealed {
	const char *dir;
	struct manifest manifest;
	unsigned files;
	struct verify_totals totals;
};

static inline int
fixture_each_file(
    void *context, const char *name, int is_regular, struct error *e)
{
	struct fixture_sealed *s = context;
	const struct manifest_entry *entry = manifest_find(&s->manifest, name);
	const struct verify_options o = {
		.each_finding = fixture_finding,
		.ours = 1,
	};
	char *path = mem_format("%s/%s", s->dir, name);
	char hex[65] = "";
	struct stat st;

	CHECK(is_regular);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0440);
	s->files++;
	if (strcmp(name, "manifest-sha256.txt") == 0)
		goto done;
	CHECK_OK(manifest_digest_file(path, hex, e), e);
	CHECK(entry != NULL);
	if (entry != NULL)
		CHECK_TEXT(entry->hex, hex);
	if (text_ends(name, ".warc.gz"))
		CHECK_OK(verify_file(path, name, &o, &s->totals, e), e);
done:
	free(path);
	return 0;
}

/* Every file is in the manifest as it is, every record is sound, everything
 * is read-only. How many records there are. */
static inline uint64_t
fixture_check_sealed(const char *dir)
{
	struct fixture_sealed s = { .dir = dir };
	struct buf text = { 0 };
	struct error e = { 0 };
	struct stat st;

	fixture_read(dir, "manifest-sha256.txt", &text);
	CHECK_OK(manifest_read(&s.manifest, buf_text(&text), text.len, &e), &e);
	CHECK_OK(file_walk(dir, fixture_each_file, &s, &e), &e);
	CHECK_INT(s.files, s.manifest.count + 1);
	CHECK(stat(dir, &st) == 0 && (st.st_mode & 07777) == 0550);
	CHECK(!text_ends(dir, ".open"));
	for (size_t i = 0; snapshot_files[i] != NULL; i++)
		CHECK(strcmp(snapshot_files[i], "manifest-sha256.txt") == 0 ||
		      manifest_find(&s.manifest, snapshot_files[i]) != NULL);
	manifest_clear(&s.manifest);
	buf_clear(&text);
	return s.totals.records;
}

#endif
