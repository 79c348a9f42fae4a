/*
 * A sealed snapshot whose records were cut at every byte, or any bit of any of
 * its files flipped: each is found, and the file named.
 *
 * All cuts and 20,000 flips are tried with the check that vouches for every
 * byte, the manifest; one in FULL_EVERY of them with all checks. Environment:
 * DAMAGE_FULL=1 tries them all with all checks (minutes). Programs built to
 * find faults of their own, which are slow, try one in ten.
 */
#include "core/archive/gzip_member.h"
#include "core/base/version.h"
#include "tests/unit/verify_fixture.h"

enum { PAGES = 20, FLIPS = 20000, FULL_EVERY = 100 };

#define SNAPSHOT "snapshots/2026/11/20261122T082747Z-web"

static struct collection *
one_snapshot(const char *dir)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct connection *connection = fixture_connection(1);
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct snapshot_totals t;
	char *sealed = NULL;
	uint64_t ticket = 0;

	CHECK(s != NULL);
	for (unsigned i = 0; i < PAGES; i++) {
		char *url = mem_format("https://news.example/%u", i);
		char *body = mem_format("<p>page %u</p>", i);

		ticket = fixture_put(s, fixture_page(url, body, connection));
		free(body);
		free(url);
	}
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	put_article(s, "https://news.example/0", "One");
	put_page_report(s, "https://news.example/0");
	CHECK_OK(snapshot_add_profile(
		     s, "web", profile_text, sizeof(profile_text) - 1, &e),
	    &e);
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	CHECK(text_ends(sealed, SNAPSHOT));
	free(sealed);
	connection_free(connection);
	return c;
}

/* ---- what the verifier says ---- */

struct heard {
	const char *file; /* the one that was changed */
	uint64_t findings, named;
};

static void
hear(void *context, const struct finding *f)
{
	struct heard *h = context;

	if (f->severity < SEVERITY_DAMAGE)
		return;
	h->findings++;
	h->named += strcmp(f->file, h->file) == 0;
}

static size_t
one_in(void)
{
	return strcmp(version_mode(), "release") == 0 ? 1 : 10;
}

struct damage {
	struct collection *c;
	char *dir;
	int all_in_full;
	size_t tried, in_full, detected, missed, unnamed;
};

static struct heard
look_with(const struct damage *d, const char *file, uint32_t skip)
{
	struct heard h = { .file = file };
	const struct verify_collection_options o = {
		.each_finding = hear, .context = &h, .skip = skip, .threads = 1
	};
	struct verify_collection_totals t = { .snapshots = 0 };
	struct error e = { 0 };

	CHECK_OK(verify_snapshot(d->c, SNAPSHOT, d->dir, &o, &t, &e), &e);
	return h;
}

/* FILE was changed: is that found? The manifest's own lines are vouched for by
 * other checks, too: what it cannot say of itself they are asked for. */
static void
look_for(struct damage *d, const char *file, const char *what, size_t at)
{
	int full = d->all_in_full || d->tried % FULL_EVERY == 0;
	struct heard h = look_with(
	    d, file, full ? 0 : ~(UINT32_C(1) << CHECK_MANIFEST));

	if (h.named == 0 && !full) {
		h = look_with(d, file, 0);
		full = 1;
	}
	d->tried++;
	d->in_full += full != 0;
	if (h.findings == 0)
		d->missed++;
	else if (h.named == 0)
		d->unnamed++;
	else
		d->detected++;
	if (h.named == 0 && d->missed + d->unnamed < 6)
		printf("# %s of %s at %zu: %ju findings, %ju name it\n", what,
		    file, at, (uintmax_t)h.findings, (uintmax_t)h.named);
}

static int
open_file(const struct damage *d, const char *file, struct buf *bytes)
{
	char *path = collection_path(d->c, file);
	int fd;

	keep(d->c, file, bytes);
	(void)chmod(path, 0644);
	fd = file_open_write(path, NULL);
	CHECK(fd >= 0);
	free(path);
	return fd;
}

static void
damage_open(struct damage *d, const char *dir)
{
	const char *full = getenv("DAMAGE_FULL");

	*d = (struct damage){ .c = one_snapshot(dir),
		.all_in_full = full != NULL && *full == '1' };
	d->dir = collection_path(d->c, SNAPSHOT);
	open_dirs(d->c, SNAPSHOT, 0755);
}

static void
damage_close(struct damage *d, const char *what)
{
	printf("# %s: %zu detected and the file named, 0 undetectable by "
	       "format, %zu missed; %zu found, but in another file's name; %zu "
	       "with all checks\n",
	    what, d->detected, d->missed, d->unnamed, d->in_full);
	CHECK_INT(d->missed, 0);
	CHECK_INT(d->unnamed, 0);
	CHECK_INT(d->detected, d->tried);
	free(d->dir);
	collection_free(d->c);
}

static size_t
count_records(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i + GZIP_HEADER_BYTES <= b->len; i++)
		n += memcmp(b->data + i, gzip_member_header,
			 GZIP_HEADER_BYTES) == 0;
	return n;
}

CASE(records_cut_at_any_byte_are_named)
{
	struct files files;
	struct buf bytes = { 0 };
	struct damage d;
	struct error e = { 0 };

	damage_open(&d, "cut");
	list_files(&files, d.c, SNAPSHOT);
	for (size_t i = 0; i < files.count; i++) {
		int fd;

		if (strstr(files.names[i], "/records/") == NULL)
			continue;
		fd = open_file(&d, files.names[i], &bytes);
		printf("# %zu records, %zu bytes\n", count_records(&bytes),
		    bytes.len);
		CHECK(count_records(&bytes) >= 60);
		for (size_t len = bytes.len; len-- > 0;) {
			if (len % one_in() != 0)
				continue;
			CHECK_OK(file_truncate(fd, len, &e), &e);
			look_for(&d, files.names[i], "cut", len);
		}
		(void)close(fd);
	}
	files_clear(&files);
	buf_clear(&bytes);
	damage_close(&d, "cuts");
}

static uint64_t
next_random(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* Bits of FILE, as many of all flips as it has bytes of ALL. */
static void
flip_file(struct damage *d, const char *file, uint64_t all, uint64_t *x)
{
	struct buf bytes = { 0 };
	struct error e = { 0 };
	int fd = open_file(d, file, &bytes);
	uint64_t count = ((uint64_t)FLIPS * bytes.len + all - 1) / all /
			 one_in();

	for (uint64_t i = 0; i < count; i++) {
		uint64_t r = next_random(x);
		size_t at = (r >> 3) % bytes.len;
		uint8_t byte = bytes.data[at] ^ (uint8_t)(1u << (r % 8));

		CHECK_OK(file_write_at(fd, &byte, 1, at, &e), &e);
		look_for(d, file, "flip", at);
		CHECK_OK(file_write_at(fd, bytes.data + at, 1, at, &e), &e);
	}
	(void)close(fd);
	buf_clear(&bytes);
}

CASE(any_flipped_bit_is_named)
{
	struct files files;
	struct damage d;
	uint64_t x = 20261122;
	uint64_t all = 0;

	damage_open(&d, "flip");
	list_files(&files, d.c, SNAPSHOT);
	for (size_t i = 0; i < files.count; i++) {
		char *path = collection_path(d.c, files.names[i]);
		uint64_t size = 0;

		CHECK(file_size(path, &size, NULL) == 0);
		all += size;
		free(path);
	}
	for (size_t i = 0; i < files.count; i++)
		flip_file(&d, files.names[i], all, &x);
	CHECK(d.tried >= FLIPS / one_in() - files.count);
	printf("# %zu files of %ju bytes\n", files.count, (uintmax_t)all);
	files_clear(&files);
	damage_close(&d, "flips");
}

TESTS(T(records_cut_at_any_byte_are_named), T(any_flipped_bit_is_named))
