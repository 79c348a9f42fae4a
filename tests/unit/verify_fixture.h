#ifndef TESTS_VERIFY_FIXTURE_H
#define TESTS_VERIFY_FIXTURE_H

/* Collections of three snapshots, ways to change them, and what the verifier
 * said, for the tests of verify_collection. */

#include <sys/stat.h>
#include <unistd.h>

#include "core/collection/verify_collection.h"

/* Here the index is the real one. */
#define index_add fixture_index_add
#include "tests/unit/snapshot_fixture.h"
#undef index_add

#define ARTICLE                                                            \
	"{\"article\":{\"extractor\":{\"profile\":{\"chain\":[{\"key\":"   \
	"\"web\",\"sha256\":\"%s\"}]}},\"headline\":\"%s\"},\"binding\":{" \
	"\"response_record\":\"%s\"},\"schema\":\"holdfast-article/1\"}"

static const char profile_text[] = "rules\n";
static const char image[] = "\x89PNG\r\n\x1a\n0123456789";

/* ---- what the verifier said ---- */

enum { SEEN_MAX = 400 };

struct seen {
	struct {
		enum severity severity;
		char *code, *file, *record, *text;
		uint64_t offset;
	} findings[SEEN_MAX];
	size_t count;
	struct verify_collection_totals totals;
};

static inline void
see(void *context, const struct finding *f)
{
	struct seen *s = context;

	if (s->count == SEEN_MAX)
		return;
	s->findings[s->count].severity = f->severity;
	s->findings[s->count].code = mem_text(f->code);
	s->findings[s->count].file = mem_text(f->file);
	s->findings[s->count].record = mem_text(f->record);
	s->findings[s->count].text = mem_text(f->text);
	s->findings[s->count++].offset = f->offset;
}

static inline void
seen_clear(struct seen *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->findings[i].code);
		free(s->findings[i].file);
		free(s->findings[i].record);
		free(s->findings[i].text);
	}
	*s = (struct seen){ .count = 0 };
}

static inline void
seen_print(const struct seen *s)
{
	for (size_t i = 0; i < s->count; i++)
		printf("#   %s %s %s:%llu %s %s\n",
		    severity_name(s->findings[i].severity), s->findings[i].code,
		    s->findings[i].file,
		    (unsigned long long)s->findings[i].offset,
		    s->findings[i].record, s->findings[i].text);
}

/* A change was found, with this file's name and this code (NULL: any). */
static inline int
named(const struct seen *s, const char *file, const char *code)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->findings[i].severity == SEVERITY_CHANGED &&
		    strcmp(s->findings[i].file, file) == 0 &&
		    (code == NULL || strcmp(s->findings[i].code, code) == 0))
			return 1;
	return 0;
}

static inline void
check_named(const struct seen *s, const char *file, const char *code)
{
	if (named(s, file, code) && s->totals.files.changed > 0)
		return;
	printf("# not named: %s (%s)\n", file, code == NULL ? "" : code);
	seen_print(s);
	CHECK(!"named");
}

/* Some record of FILE was named, by its id or by the one before it. */
static inline int
record_named(const struct seen *s, const char *file)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->findings[i].file, file) == 0 &&
		    (s->findings[i].record[0] != '\0' ||
			strstr(s->findings[i].text, "stands behind urn:") !=
			    NULL ||
			strstr(s->findings[i].text, "the first record") !=
			    NULL))
			return 1;
	return 0;
}

static inline void
look(struct seen *s, const struct collection *c, const char *snapshot)
{
	const struct verify_collection_options o = { .each_finding = see,
		.context = s };
	struct error e = { 0 };
	char *dir = snapshot == NULL ? NULL : collection_path(c, snapshot);

	seen_clear(s);
	if (snapshot == NULL)
		CHECK_OK(verify_collection(c, &o, &s->totals, &e), &e);
	else
		CHECK_OK(
		    verify_snapshot(c, snapshot, dir, &o, &s->totals, &e), &e);
	free(dir);
}

static inline void
look_alone(struct seen *s, const char *dir)
{
	const struct verify_collection_options o = { .each_finding = see,
		.context = s };
	struct error e = { 0 };

	seen_clear(s);
	CHECK_OK(verify_snapshot(NULL, NULL, dir, &o, &s->totals, &e), &e);
}

static inline void
check_silent(const struct seen *s)
{
	if (s->count == 0)
		return;
	seen_print(s);
	CHECK(!"silent");
}

/* ---- what is verified ---- */

static inline void
put_article(struct snapshot *s, const char *url, const char *headline)
{
	struct arena *a = arena_new();
	struct captured captured;
	char digest[DIGEST_TEXT_MAX];
	char *block;

	CHECK(snapshot_find(s, url, a, &captured));
	digest_text(
	    DIGEST_SHA256, profile_text, sizeof(profile_text) - 1, digest);
	block = mem_format(ARTICLE, digest + 7, headline, captured.record_id);
	(void)snapshot_add_derived(s, "article", url, captured.record_id,
	    captured.date, block, strlen(block));
	(void)snapshot_add_derived(
	    s, "pagestate", url, captured.record_id, captured.date, "{}", 2);
	free(block);
	arena_free(a);
}

static inline void
put_page_report(struct snapshot *s, const char *url)
{
	struct arena *a = arena_new();
	struct json *page = json_new_object(a);
	struct json *counts = json_new_object(a);
	struct json *list = json_new_array(a);

	json_set_string(a, page, "url", url);
	json_set_string(a, page, "outcome", "captured");
	json_set_bool(a, page, "complete", 1);
	json_append(a, list, json_new_string(a, "https://news.example/i.png"));
	json_set_integer(a, counts, "captured", 1);
	json_set(a, page, "counts", counts);
	json_set(a, page, "captured", list);
	(void)snapshot_add_page(s, page);
	arena_free(a);
}

static inline void
put_all(struct snapshot *s, unsigned number)
{
	struct connection *c = fixture_connection(1);
	struct capture_facts f = fixture_facts("image");
	char *body = mem_format("<p>page %u</p>", number);
	struct exchange *x;
	struct error e = { 0 };
	uint64_t ticket;

	ticket = fixture_put(
	    s, fixture_page("https://news.example/a", body, c));
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
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	put_article(s, "https://news.example/a", number % 2 ? "One" : "Two");
	put_page_report(s, "https://news.example/a");
	CHECK_OK(snapshot_add_profile(
		     s, "web", profile_text, sizeof(profile_text) - 1, &e),
	    &e);
	connection_free(c);
	free(body);
}

static const char *const names[] = {
	"snapshots/2026/11/20261122T082747Z-web",
	"snapshots/2026/11/20261122T082757Z-web",
	"snapshots/2026/11/20261122T082807Z-web",
};

static inline struct collection *
three_snapshots(const char *dir)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct error e = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		struct snapshot *s = fixture_begin(c, &clock, &e);
		struct snapshot_totals t;
		char *sealed = NULL;

		CHECK(s != NULL);
		put_all(s, i);
		CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
		CHECK(text_ends(sealed, names[i]));
		free(sealed);
		clock.us += 10000000;
	}
	return c;
}

/* ---- how it is changed ---- */

static inline void
open_dirs(const struct collection *c, const char *snapshot, mode_t mode)
{
	static const char *const folders[] = { "", "/about", "/derived",
		"/profiles", "/records" };

	for (size_t i = 0; i < 5; i++) {
		char *path = mem_format(
		    "%s/%s%s", c->dir, snapshot, folders[i]);

		(void)chmod(path, mode);
		free(path);
	}
}

/* Put the bytes B at FILE below the collection, past its being read-only. */
static inline void
overwrite(const struct collection *c, const char *file, const struct buf *b)
{
	char *path = collection_path(c, file);
	struct error e = { 0 };

	CHECK_OK(file_put(path, b->data, b->len, &e), &e);
	free(path);
}

static inline void
keep(const struct collection *c, const char *file, struct buf *b)
{
	fixture_read(c->dir, file, b);
}

/* Write the manifest anew, as it would have been with the files as they are:
 * what somebody does who knows it. */
static inline int
each_again(void *context, const char *name, int is_regular, struct error *e)
{
	struct manifest *m = context;
	char hex[65];

	(void)is_regular;
	if (strcmp(strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1,
		"manifest-sha256.txt") == 0)
		return 0;
	CHECK_OK(manifest_digest_file(name, hex, e), e);
	manifest_add(m, name, hex);
	return 0;
}

static inline void
write_manifest_again(const struct collection *c, const char *snapshot)
{
	struct manifest m = { 0 };
	struct buf b = { 0 };
	struct error e = { 0 };
	char *dir = collection_path(c, snapshot);
	char *here = getcwd(NULL, 0);
	char *name = mem_format("%s/manifest-sha256.txt", snapshot);

	CHECK(chdir(dir) == 0);
	CHECK_OK(file_walk(".", each_again, &m, &e), &e);
	CHECK(chdir(here) == 0);
	manifest_write(&b, &m);
	overwrite(c, name, &b);
	manifest_clear(&m);
	buf_clear(&b);
	free(name);
	free(here);
	free(dir);
}

static inline void
move(const struct collection *c, const char *from, const char *to)
{
	char *a = collection_path(c, from);
	char *b = collection_path(c, to);

	if (rename(a, b) != 0) {
		perror(b);
		CHECK(!"moved");
	}
	free(a);
	free(b);
}

/* All files of a snapshot, below the collection. */
struct files {
	char *names[64];
	size_t count;
	const char *snapshot;
};

static inline int
each_listed(void *context, const char *name, int is_regular, struct error *e)
{
	struct files *f = context;

	(void)is_regular;
	(void)e;
	f->names[f->count++] = mem_format("%s/%s", f->snapshot, name);
	return 0;
}

static inline void
list_files(struct files *f, const struct collection *c, const char *snapshot)
{
	char *dir = collection_path(c, snapshot);
	struct error e = { 0 };

	*f = (struct files){ .snapshot = snapshot };
	CHECK_OK(file_walk(dir, each_listed, f, &e), &e);
	CHECK(f->count > 8);
	free(dir);
}

static inline void
files_clear(struct files *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->names[i]);
}

#endif
