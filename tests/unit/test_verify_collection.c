/* What was changed in a sealed snapshot, or around it, is found and named. */
#include "core/collection/verify_collection.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/version.h"
#include "core/collection/index_current.h"

/* Here the index is the real one. */
#define index_add fixture_index_add
#include "tests/unit/snapshot_fixture.h"
#undef index_add

int index_add(struct collection *, const char *, struct error *);

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

static void
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

static void
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

static void
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
static int
named(const struct seen *s, const char *file, const char *code)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->findings[i].severity == SEVERITY_CHANGED &&
		    strcmp(s->findings[i].file, file) == 0 &&
		    (code == NULL || strcmp(s->findings[i].code, code) == 0))
			return 1;
	return 0;
}

static void
check_named(const struct seen *s, const char *file, const char *code)
{
	if (named(s, file, code) && s->totals.files.changed > 0)
		return;
	printf("# not named: %s (%s)\n", file, code == NULL ? "" : code);
	seen_print(s);
	CHECK(!"named");
}

/* Some record of FILE was named, by its id or by the one before it. */
static int
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

static void
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

static void
look_alone(struct seen *s, const char *dir)
{
	const struct verify_collection_options o = { .each_finding = see,
		.context = s };
	struct error e = { 0 };

	seen_clear(s);
	CHECK_OK(verify_snapshot(NULL, NULL, dir, &o, &s->totals, &e), &e);
}

static void
check_silent(const struct seen *s)
{
	if (s->count == 0)
		return;
	seen_print(s);
	CHECK(!"silent");
}

/* ---- what is verified ---- */

static void
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

static void
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

static void
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

static struct collection *
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

static void
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
static void
overwrite(const struct collection *c, const char *file, const struct buf *b)
{
	char *path = collection_path(c, file);
	struct error e = { 0 };

	CHECK_OK(file_put(path, b->data, b->len, &e), &e);
	free(path);
}

static void
keep(const struct collection *c, const char *file, struct buf *b)
{
	fixture_read(c->dir, file, b);
}

/* Write the manifest anew, as it would have been with the files as they are:
 * what somebody does who knows it. */
static int
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

static void
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

static void
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

static int
each_listed(void *context, const char *name, int is_regular, struct error *e)
{
	struct files *f = context;

	(void)is_regular;
	(void)e;
	f->names[f->count++] = mem_format("%s/%s", f->snapshot, name);
	return 0;
}

static void
list_files(struct files *f, const struct collection *c, const char *snapshot)
{
	char *dir = collection_path(c, snapshot);
	struct error e = { 0 };

	*f = (struct files){ .snapshot = snapshot };
	CHECK_OK(file_walk(dir, each_listed, f, &e), &e);
	CHECK(f->count > 8);
	free(dir);
}

static void
files_clear(struct files *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->names[i]);
}

/* ---- tests ---- */

CASE(a_sound_collection_gives_no_finding)
{
	struct collection *c = three_snapshots("sound");
	struct seen s = { 0 };

	look(&s, c, NULL);
	check_silent(&s);
	CHECK_INT(s.totals.snapshots, 3);
	CHECK_INT(s.totals.articles, 3);
	CHECK_INT(s.totals.files.records, 3 * 16);
	for (size_t i = 0; i < 3; i++) {
		char *dir = collection_path(c, names[i]);

		look(&s, c, names[i]);
		check_silent(&s);
		look_alone(&s, dir);
		check_silent(&s);
		free(dir);
	}
	seen_clear(&s);
	collection_free(c);
}

/* One place of one file. */
static void
flip(const struct collection *c, const char *file, const struct buf *sound,
    struct buf *bytes, size_t at)
{
	struct seen s = { 0 };
	int is_record = text_ends(file, ".warc.gz");

	buf_reset(bytes);
	buf_add(bytes, sound->data, sound->len);
	bytes->data[at] ^= (uint8_t)(1u << (at % 8));
	overwrite(c, file, bytes);
	look(&s, c, names[2]);
	if (!named(&s, file, NULL) || (is_record && !record_named(&s, file))) {
		printf("# byte %zu of %s\n", at, file);
		seen_print(&s);
		CHECK(!"found");
	}
	seen_clear(&s);
}

CASE(any_flipped_byte_is_found_with_file_and_record)
{
	struct collection *c = three_snapshots("flip");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	size_t places = strcmp(version_mode(), "release") == 0 ? 400 : 40;
	size_t count = 0;

	list_files(&files, c, names[2]);
	open_dirs(c, names[2], 0755);
	for (size_t i = 0; i < files.count; i++) {
		size_t step;

		keep(c, files.names[i], &sound);
		step = sound.len / places + 1;
		for (size_t at = 0; at < sound.len; at += step, count++)
			flip(c, files.names[i], &sound, &bytes, at);
		overwrite(c, files.names[i], &sound);
	}
	printf("# %zu places in %zu files\n", count, files.count);
	CHECK(count >= 2000 || places == 40);
	buf_clear(&sound);
	buf_clear(&bytes);
	files_clear(&files);
	collection_free(c);
}

CASE(a_changed_file_is_found_though_its_manifest_line_fits)
{
	struct collection *c = three_snapshots("line");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct buf manifest = { 0 };
	struct seen s = { 0 };
	char *manifest_name = mem_format("%s/manifest-sha256.txt", names[2]);

	list_files(&files, c, names[2]);
	open_dirs(c, names[2], 0755);
	keep(c, manifest_name, &manifest);
	for (size_t i = 0; i < files.count; i++) {
		if (strcmp(files.names[i], manifest_name) == 0)
			continue;
		keep(c, files.names[i], &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 20 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 1;
			overwrite(c, files.names[i], &bytes);
			write_manifest_again(c, names[2]);
			look(&s, c, names[2]);
			check_named(&s, files.names[i], NULL);
			check_named(&s, manifest_name, "witness-manifest");
		}
		overwrite(c, files.names[i], &sound);
		overwrite(c, manifest_name, &manifest);
	}
	look(&s, c, NULL);
	check_silent(&s);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	buf_clear(&manifest);
	files_clear(&files);
	free(manifest_name);
	collection_free(c);
}

CASE(a_file_removed_added_renamed_or_truncated_is_named)
{
	struct collection *c = three_snapshots("files");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };

	list_files(&files, c, names[1]);
	open_dirs(c, names[1], 0755);
	for (size_t i = 0; i < files.count; i++) {
		char *other = mem_format("%s.x", files.names[i]);
		char *path = collection_path(c, files.names[i]);

		keep(c, files.names[i], &sound);
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], "file-missing");
		overwrite(c, files.names[i], &sound);
		overwrite(c, other, &sound);
		look(&s, c, names[1]);
		check_named(&s, other, "file-extra");
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], "file-missing");
		/* Without a manifest nothing is too much. */
		if (!text_ends(files.names[i], "manifest-sha256.txt"))
			check_named(&s, other, "file-extra");
		move(c, other, files.names[i]);
		for (size_t len = 0; len < sound.len;
		     len += sound.len / 7 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, len);
			overwrite(c, files.names[i], &bytes);
			look(&s, c, names[1]);
			check_named(&s, files.names[i], NULL);
		}
		overwrite(c, files.names[i], &sound);
		free(path);
		free(other);
	}
	look(&s, c, NULL);
	check_silent(&s);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	files_clear(&files);
	collection_free(c);
}

CASE(swapped_files_are_both_named)
{
	struct collection *c = three_snapshots("swap");
	struct files files;
	struct buf one = { 0 };
	struct buf other = { 0 };
	struct seen s = { 0 };

	list_files(&files, c, names[1]);
	open_dirs(c, names[1], 0755);
	for (size_t i = 0; i + 1 < files.count; i++) {
		keep(c, files.names[i], &one);
		keep(c, files.names[i + 1], &other);
		overwrite(c, files.names[i], &other);
		overwrite(c, files.names[i + 1], &one);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], NULL);
		check_named(&s, files.names[i + 1], NULL);
		overwrite(c, files.names[i], &one);
		overwrite(c, files.names[i + 1], &other);
	}
	seen_clear(&s);
	buf_clear(&one);
	buf_clear(&other);
	files_clear(&files);
	collection_free(c);
}

CASE(a_link_in_the_place_of_a_file_is_named)
{
	struct collection *c = three_snapshots("symlink");
	char *file = mem_format("%s/outcomes.jsonl", names[0]);
	char *path = collection_path(c, file);
	char *away = collection_path(c, "away");
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	move(c, file, "away");
	CHECK(symlink(away, path) == 0);
	look(&s, c, names[0]);
	check_named(&s, file, "file-kind");
	seen_clear(&s);
	free(file);
	free(path);
	free(away);
	collection_free(c);
}

CASE(a_snapshot_missing_from_the_chain_is_named)
{
	struct collection *c = three_snapshots("gone");
	struct seen s = { 0 };

	for (size_t i = 0; i < 3; i++) {
		move(c, names[i], "away");
		look(&s, c, NULL);
		check_named(&s, names[i], "chain-missing");
		CHECK_INT(s.totals.files.changed, 1);
		move(c, "away", names[i]);
	}
	look(&s, c, NULL);
	check_silent(&s);
	/* Without the index only the last can go unnoticed. */
	move(c, "index", "index-away");
	for (size_t i = 0; i < 2; i++) {
		move(c, names[i], "away");
		look(&s, c, NULL);
		check_named(&s, names[i], "chain-missing");
		move(c, "away", names[i]);
	}
	seen_clear(&s);
	collection_free(c);
}

CASE(swapped_snapshots_are_named)
{
	struct collection *c = three_snapshots("swapped");
	struct seen s = { 0 };

	for (size_t i = 0; i < 3; i++) {
		size_t k = (i + 1) % 3;
		char *one = mem_format("%s/report.json", names[i]);
		char *other = mem_format("%s/report.json", names[k]);

		move(c, names[i], "away");
		move(c, names[k], names[i]);
		move(c, "away", names[k]);
		look(&s, c, NULL);
		check_named(&s, one, "report");
		check_named(&s, other, "report");
		move(c, names[i], "away");
		move(c, names[k], names[i]);
		move(c, "away", names[k]);
		free(one);
		free(other);
	}
	seen_clear(&s);
	collection_free(c);
}

CASE(a_snapshot_put_in_between_is_named)
{
	static const char in[] = "snapshots/2026/11/20261122T082750Z-web";
	struct collection *c = three_snapshots("inserted");
	struct collection *other = three_snapshots("donor");
	char *from = collection_path(other, names[0]);
	char *to = collection_path(c, in);
	struct seen s = { 0 };

	CHECK(rename(from, to) == 0);
	look(&s, c, NULL);
	check_named(&s, in, "chain-inserted");
	CHECK(rename(to, from) == 0);
	free(to);
	/* Another one of the same name. */
	move(c, names[1], "away");
	to = collection_path(c, names[1]);
	free(from);
	from = collection_path(other, names[2]);
	CHECK(rename(from, to) == 0);
	look(&s, c, NULL);
	CHECK(s.totals.files.changed > 0);
	seen_clear(&s);
	free(from);
	free(to);
	collection_free(c);
	collection_free(other);
}

CASE(a_changed_older_snapshot_is_found_by_the_next_without_the_index)
{
	struct collection *c = three_snapshots("older");
	char *file = mem_format("%s/about/ARCHIVING.md", names[0]);
	char *manifest = mem_format("%s/manifest-sha256.txt", names[0]);
	struct buf b = { 0 };
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	keep(c, file, &b);
	b.data[100] ^= 1;
	overwrite(c, file, &b);
	write_manifest_again(c, names[0]);
	look(&s, c, NULL);
	check_named(&s, file, "witness");
	move(c, "index", "away");
	look(&s, c, NULL);
	check_named(&s, manifest, "chain-manifest");
	seen_clear(&s);
	buf_clear(&b);
	free(file);
	free(manifest);
	collection_free(c);
}

/* Alone, with a manifest that fits, what others vouch for is still found. */
CASE(listings_are_checked_against_records_and_the_other_way_round)
{
	static const char *const files[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl", "records/hf-20261122082747-00001.warc.gz",
		"derived/hf-20261122082747-00001.warc.gz" };
	struct collection *c = three_snapshots("listings");
	char *dir = collection_path(c, names[0]);
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	size_t tried = 0;
	size_t found = 0;

	open_dirs(c, names[0], 0755);
	for (size_t i = 0; i < 5; i++) {
		char *file = mem_format("%s/%s", names[0], files[i]);

		keep(c, file, &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 50 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 2;
			overwrite(c, file, &bytes);
			write_manifest_again(c, names[0]);
			look_alone(&s, dir);
			tried++;
			found += s.totals.files.changed > 0;
			if (s.totals.files.changed == 0)
				printf("# not found alone: %s at %zu: %.40s\n",
				    files[i], at,
				    (const char *)bytes.data +
					(at < 20 ? 0 : at - 20));
		}
		overwrite(c, file, &sound);
		free(file);
	}
	printf("# %zu of %zu found\n", found, tried);
	/* The rest: facts that stand nowhere else, unused bits. */
	CHECK(found * 10 >= tried * 9);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	free(dir);
	collection_free(c);
}

CASE(a_removed_line_is_missed)
{
	static const char *const files[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl" };
	struct collection *c = three_snapshots("lines");
	char *dir = collection_path(c, names[0]);
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	for (size_t i = 0; i < 3; i++) {
		char *file = mem_format("%s/%s", names[0], files[i]);
		const char *end;

		keep(c, file, &sound);
		end = strchr(buf_text(&sound), '\n') + 1;
		buf_reset(&bytes);
		buf_add_text(&bytes, end);
		overwrite(c, file, &bytes);
		write_manifest_again(c, names[0]);
		look_alone(&s, dir);
		check_named(&s, files[i], NULL);
		/* and a line that is there twice */
		buf_reset(&bytes);
		buf_add(&bytes, sound.data,
		    (size_t)(end - (const char *)sound.data));
		buf_add(&bytes, sound.data, sound.len);
		overwrite(c, file, &bytes);
		write_manifest_again(c, names[0]);
		look_alone(&s, dir);
		check_named(&s, files[i], NULL);
		overwrite(c, file, &sound);
		free(file);
	}
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	free(dir);
	collection_free(c);
}

CASE(a_damaged_index_is_a_warning_and_no_more)
{
	static const char *const files[] = { "index/CURRENT",
		"index/00000001.cdxj", "index/00000001.top" };
	struct collection *c = three_snapshots("index");
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };

	CHECK_OK(index_rebuild(c, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		char *path = collection_path(c, files[i]);

		keep(c, files[i], &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 9 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 1;
			overwrite(c, files[i], &bytes);
			look(&s, c, NULL);
			CHECK_INT(s.totals.files.warnings, 1);
			CHECK_INT(s.totals.files.changed, 0);
		}
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, NULL);
		CHECK_INT(s.totals.files.warnings, 1);
		CHECK_INT(s.totals.files.changed, 0);
		CHECK_OK(index_rebuild(c, &e), &e);
		look(&s, c, NULL);
		check_silent(&s);
		free(path);
	}
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	collection_free(c);
}

CASE(what_is_no_snapshot_is_not_verified)
{
	const struct verify_collection_options o = { 0 };
	struct verify_collection_totals totals = { 0 };
	struct error e = { 0 };

	CHECK_INT(verify_snapshot(NULL, NULL, "nowhere", &o, &totals, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
}

TESTS(T(a_sound_collection_gives_no_finding),
    T(any_flipped_byte_is_found_with_file_and_record),
    T(a_changed_file_is_found_though_its_manifest_line_fits),
    T(a_file_removed_added_renamed_or_truncated_is_named),
    T(swapped_files_are_both_named), T(a_link_in_the_place_of_a_file_is_named),
    T(a_snapshot_missing_from_the_chain_is_named),
    T(swapped_snapshots_are_named), T(a_snapshot_put_in_between_is_named),
    T(a_changed_older_snapshot_is_found_by_the_next_without_the_index),
    T(listings_are_checked_against_records_and_the_other_way_round),
    T(a_removed_line_is_missed), T(a_damaged_index_is_a_warning_and_no_more),
    T(what_is_no_snapshot_is_not_verified))
