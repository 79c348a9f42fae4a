/*
 * A package of each kind cut at many places, and many single bits of it
 * flipped: each is found and the package or a file in it named, or is harmless
 * - what comes out of the package is byte for byte what was put in. Such are
 *
 *	gzip, zstd   bits of the head, and of blocks, that do not matter for
 *	             what they unpack to: sums, lengths and the tar are right
 *	zip, WACZ    who made it, version needed, attributes: hints for who
 *	             unpacks
 *	bag          the case of a digit of a digest (RFC 8493, 2.4)
 *
 * DAMAGE_PACKAGE=CUTS,FLIPS for each kind; Must show: 500,2000.
 */
#include "core/archive/bag.h"
#include "core/archive/package.h"
#include "core/archive/tree.h"
#include "core/base/input.h"
#include "core/base/stream.h"
#include "core/base/version.h"
#include "core/collection/export.h"
#include "core/collection/export_plan.h"
#include "core/collection/verify_package.h"
#include "tests/unit/verify_fixture.h"

enum { CUTS = 40, FLIPS = 160 };

static struct collection *
make_collection(const char *dir)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct snapshot_totals t;
	char *sealed = NULL;

	CHECK(s != NULL);
	put_all(s, 1);
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	free(sealed);
	return c;
}

/* ---- packages of it ---- */

static int
make_zip(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	const struct package_options zip = { .time_us = export_plan_newest_us(
						 p) };
	size_t count;
	const struct export_file *files = export_plan_files(p, &count);
	struct package_writer *w = NULL;
	int rc = package_create(&w, o->path, &zip, e);

	(void)r;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		char *name = mem_format(
		    "%s/%s", files[i].snapshot, files[i].name);
		struct stream *s = NULL;

		rc = export_file_open(p, &files[i], &s, e);
		if (rc == 0)
			rc = package_put(w, name, files[i].size, s, e);
		stream_free(s);
		free(name);
	}
	return rc == 0 ? package_finish(w, e) : -1;
}

static void
make(const struct collection *c, const char *path,
    int (*export)(const struct export_plan *p, const struct export_options *o,
	struct export_result *r, struct error *e))
{
	const struct export_request request = { .site = "",
		.url = "",
		.since_us = INT64_MIN,
		.until_us = INT64_MAX };
	const struct export_options o = {
		.path = path, .time_us = INT64_MIN, .operator= "", .contact = ""
	};
	struct export_result r = { 0 };
	struct export_plan *plan = NULL;
	struct error e = { 0 };

	CHECK_OK(export_plan_make(&plan, c, &request, &e), &e);
	CHECK_OK(export(plan, &o, &r, &e), &e);
	export_result_clear(&r);
	export_plan_free(plan);
}

/* ---- what comes out ---- */

/* SHA-256 over names and bytes; 0 when it does not open. */
static int
contents(const struct buf *bytes, const char *name, uint8_t out[DIGEST_RAW_MAX])
{
	struct input *in = input_of_bytes(bytes->data, bytes->len, name);
	struct tree *t = NULL;
	struct digester *d = digester_new(DIGEST_SHA256);
	const struct tree_file *files;
	size_t count = 0;
	int rc = tree_open_input(&t, in, NULL, NULL);

	files = rc == 0 ? tree_files(t, &count) : NULL;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct input *bytes_of = NULL;
		struct stream *s;
		const uint8_t *p;
		size_t len;

		rc = tree_file_open(t, &files[i], &bytes_of, NULL);
		if (rc != 0)
			break;
		s = input_stream(bytes_of, 0, INPUT_NO_END);
		digester_add(d, files[i].name, strlen(files[i].name) + 1);
		digester_add(d, &files[i].size, sizeof(files[i].size));
		while ((rc = stream_next(s, &p, &len, NULL)) == 1)
			digester_add(d, p, len);
		stream_free(s);
		input_free(bytes_of);
	}
	(void)digester_final(d, out);
	digester_free(d);
	tree_free(t);
	input_free(in);
	return rc == 0;
}

/* ---- what the verifier says ---- */

struct heard {
	const char *name; /* of the package, or a file in it */
	const char *base; /* last part of the file's; NULL */
	uint64_t findings, named;
};

static void
hear(void *context, const struct finding *f)
{
	struct heard *h = context;

	if (getenv("DAMAGE_TELL") != NULL)
		printf("#   %s %s %s %s\n", severity_name(f->severity), f->code,
		    f->file, f->text);
	if (f->severity < SEVERITY_DAMAGE)
		return;
	h->findings++;
	/* A digest that differs may be that of the file or of its line. */
	h->named += text_starts(f->file, h->name) ||
		    (h->base != NULL && strstr(f->text, h->base) != NULL);
}

struct damage {
	const char *name;
	uint64_t kept_most; /* of the package's files; 0: as many as fit */
	struct buf bytes;   /* sound */
	uint8_t sum[DIGEST_RAW_MAX];
	size_t tried, detected, refused, harmless, missed, unnamed;
	size_t said; /* of the harmless */
};

static int
is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* A letter among digits of a digest, of which the case was flipped. */
static int
is_case_of_digit(const struct buf *b, size_t at, unsigned bit)
{
	size_t from = at < 8 ? 0 : at - 8;

	if (bit != 0x20 || at >= b->len || b->data[at] < 'A')
		return 0;
	for (size_t i = from; i < from + 16 && i < b->len; i++)
		if (!is_hex(b->data[i]) && b->data[i] != '\n' &&
		    b->data[i] != ' ' && i > at)
			return 0;
	return is_hex(b->data[at]);
}

/* BIT is the one that was flipped; 0 none. */
static void
look_at(struct damage *d, const struct buf *bytes, const char *what, size_t at,
    unsigned bit)
{
	struct heard h = { .name = d->name };
	const struct verify_collection_options base = {
		.each_finding = hear, .context = &h, .threads = 1
	};
	const struct verify_package_options o = { .base = &base,
		.kept_most = d->kept_most };
	struct verify_collection_totals t = { .snapshots = 0 };
	struct verify_package_facts facts;
	struct input *in = input_of_bytes(bytes->data, bytes->len, d->name);
	uint8_t sum[DIGEST_RAW_MAX] = { 0 };
	struct error e = { 0 };
	int rc = verify_package_input(in, &o, &t, &facts, &e);

	d->tried++;
	CHECK_INT(h.findings, t.files.changed + t.files.damaged);
	if (rc != 0)
		CHECK(e.kind == ERROR_INPUT || e.kind == ERROR_LIMIT);
	if (rc != 0 && h.findings == 0)
		d->refused++;
	else if (h.named > 0)
		d->detected++;
	else if (h.findings > 0)
		d->unnamed++;
	else if (contents(bytes, d->name, sum) &&
		 memcmp(sum, d->sum, sizeof(sum)) == 0)
		d->harmless++;
	else if (is_case_of_digit(bytes, at, bit))
		d->harmless++;
	else
		d->missed++;
	if (rc == 0 && h.named == 0 && d->said++ < 12)
		printf("# %s: %s at %zu of %zu (byte %02x): %s\n", d->name,
		    what, at, d->bytes.len,
		    at < d->bytes.len ? d->bytes.data[at] : 0,
		    h.findings > 0 ? "not named" : "nothing is found");
	input_free(in);
	free(facts.signature);
}

static void
sizes(size_t *cuts, size_t *flips)
{
	const char *text = getenv("DAMAGE_PACKAGE");
	size_t slow = strcmp(version_mode(), "release") == 0 ? 1 : 4;
	char *end;

	*cuts = CUTS / slow;
	*flips = FLIPS / slow;
	if (text == NULL)
		return;
	*cuts = strtoul(text, &end, 10);
	if (*end == ',')
		*flips = strtoul(end + 1, NULL, 10);
}

/* The same ones each time. */
static uint64_t
next_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
try_cuts(struct damage *d, size_t cuts)
{
	struct buf cut = d->bytes;

	for (size_t i = 0; i < cuts; i++) {
		/* Every one of the last bytes, and all over. */
		size_t at = i < cuts / 4 ? d->bytes.len - 1 - i
					 : d->bytes.len * (i - cuts / 4) /
					       (cuts - cuts / 4);

		cut.len = at;
		look_at(d, &cut, "cut", at, 0);
	}
}

static void
try_flips(struct damage *d, size_t flips)
{
	uint64_t state = 88172645463325252ull;

	for (size_t i = 0; i < flips; i++) {
		uint64_t n = next_number(&state);
		size_t at = (size_t)(n >> 3) % d->bytes.len;
		uint8_t bit = (uint8_t)(1 << (n & 7));

		d->bytes.data[at] ^= bit;
		look_at(d, &d->bytes, "flip", at, bit);
		d->bytes.data[at] ^= bit;
	}
}

static void
try_all(const char *name, uint64_t kept_most)
{
	struct damage d = { .name = name, .kept_most = kept_most };
	struct error e = { 0 };
	struct file_names before = { 0 };
	struct file_names after = { 0 };
	size_t cuts;
	size_t flips;

	CHECK_OK(file_get(name, &d.bytes, SIZE_MAX, &e), &e);
	CHECK(contents(&d.bytes, name, d.sum));
	look_at(&d, &d.bytes, "nothing", 0, 0);
	CHECK_INT(d.harmless, 1);
	CHECK_OK(file_list(".", &before, &e), &e);
	d = (struct damage){
		.name = name, .kept_most = kept_most, .bytes = d.bytes
	};
	CHECK(contents(&d.bytes, name, d.sum));
	sizes(&cuts, &flips);
	try_cuts(&d, cuts);
	try_flips(&d, flips);
	CHECK_OK(file_list(".", &after, &e), &e);
	CHECK_INT(after.count, before.count);
	printf("# %s, %zu bytes: of %zu cuts and %zu flips %zu detected and "
	       "named, %zu refused, %zu harmless, %zu unnamed, %zu missed\n",
	    name, d.bytes.len, cuts, flips, d.detected, d.refused, d.harmless,
	    d.unnamed, d.missed);
	CHECK_INT(d.missed, 0);
	CHECK_INT(d.unnamed, 0);
	CHECK_INT(d.detected + d.refused + d.harmless, d.tried);
	file_names_clear(&before);
	file_names_clear(&after);
	buf_clear(&d.bytes);
}

static void
try_kind(const char *name, uint64_t kept_most,
    int (*export)(const struct export_plan *p, const struct export_options *o,
	struct export_result *r, struct error *e))
{
	struct collection *c = make_collection("c");

	make(c, name, export);
	collection_free(c);
	remove_tree("c");
	try_all(name, kept_most);
}

CASE(damage_to_a_tar_is_found)
{
	try_kind("x.tar", 0, export_tar);
}

CASE(damage_to_a_tar_in_gzip_is_found)
{
	try_kind("x.tar.gz", 0, export_tar);
}

CASE(damage_to_a_tar_in_zstd_is_found)
{
	try_kind("x.tar.zst", 0, export_tar);
}

CASE(damage_to_a_zip_is_found)
{
	try_kind("x.zip", 0, make_zip);
}

CASE(damage_to_a_wacz_is_found)
{
	try_kind("x.wacz", 0, export_wacz);
}

CASE(damage_to_files_that_come_once_is_found)
{
	try_kind("once.tar.gz", 1, export_tar);
}

CASE(damage_to_a_bag_in_a_tar_is_found)
{
	try_kind("bag.tar", 0, export_bag);
}

/* ---- a bag as a folder ---- */

struct bag_file {
	char *path;
	struct buf bytes;
};

struct bag_files {
	struct bag_file list[64];
	size_t count, bytes;
};

static int
add_file(void *context, const char *name, int is_regular, struct error *e)
{
	struct bag_files *b = context;
	struct bag_file *f = &b->list[b->count++];

	CHECK(b->count < 64 && is_regular);
	f->path = mem_format("bag/%s", name);
	(void)chmod(f->path, 0644);
	CHECK_OK(file_get(f->path, &f->bytes, SIZE_MAX, e), e);
	b->bytes += f->bytes.len;
	return 0;
}

static void
put_bytes(const struct bag_file *f, size_t len)
{
	int fd = file_open_write(f->path, NULL);

	CHECK(fd >= 0);
	CHECK(file_truncate(fd, len, NULL) == 0);
	CHECK(file_write_at(fd, f->bytes.data, len, 0, NULL) == 0);
	(void)close(fd);
}

static void
look_at_bag(struct damage *d, const struct bag_file *f, size_t at, unsigned bit)
{
	struct heard h = { .name = f->path, .base = strrchr(f->path, '/') + 1 };
	const struct verify_collection_options base = {
		.each_finding = hear, .context = &h, .threads = 1
	};
	const struct verify_package_options o = { .base = &base };
	struct verify_collection_totals t = { .snapshots = 0 };
	struct verify_package_facts facts;
	struct error e = { 0 };

	d->tried++;
	CHECK_OK(verify_package("bag", &o, &t, &facts, &e), &e);
	if (h.named > 0)
		d->detected++;
	else if (h.findings > 0)
		d->unnamed++;
	else if (strstr(f->path, "manifest-sha") != NULL &&
		 is_case_of_digit(&f->bytes, at, bit))
		d->harmless++;
	else
		d->missed++;
	if (h.named == 0 && d->said++ < 1200)
		printf("# %s at %zu of %zu: %s\n", f->path, at, f->bytes.len,
		    h.findings > 0 ? "not named" : "nothing is found");
	free(facts.signature);
}

/* The file that byte AT of all of them is in, and where there. */
static struct bag_file *
file_at(struct bag_files *b, size_t *at)
{
	size_t i = 0;

	while (*at >= b->list[i].bytes.len)
		*at -= b->list[i++].bytes.len;
	return &b->list[i];
}

static void
damage_bag(struct damage *d, struct bag_files *b)
{
	uint64_t state = 88172645463325252ull;
	size_t cuts;
	size_t flips;

	sizes(&cuts, &flips);
	for (size_t i = 0; i < cuts + flips; i++) {
		uint64_t n = next_number(&state);
		size_t at = (size_t)(n >> 3) % b->bytes;
		uint8_t bit = (uint8_t)(1 << (n & 7));
		struct bag_file *f = file_at(b, &at);

		if (i >= cuts)
			f->bytes.data[at] ^= bit;
		put_bytes(f, i < cuts ? at : f->bytes.len);
		look_at_bag(d, f, at, i < cuts ? 0 : bit);
		if (i >= cuts)
			f->bytes.data[at] ^= bit;
		put_bytes(f, f->bytes.len);
	}
	printf(
	    "# a bag of %zu files, %zu bytes: of %zu cuts and %zu flips %zu "
	    "detected and the file named, %zu harmless, %zu unnamed, %zu missed\n",
	    b->count, b->bytes, cuts, flips, d->detected, d->harmless,
	    d->unnamed, d->missed);
}

CASE(damage_to_a_bag_is_found_and_the_file_named)
{
	struct collection *c = make_collection("c");
	struct damage d = { .name = "bag" };
	struct bag_files b = { .count = 0 };
	struct error e = { 0 };

	make(c, "bag", export_bag);
	collection_free(c);
	remove_tree("c");
	CHECK_OK(file_walk("bag", add_file, &b, &e), &e);
	damage_bag(&d, &b);
	CHECK_INT(d.missed, 0);
	CHECK_INT(d.unnamed, 0);
	CHECK_INT(d.detected + d.harmless, d.tried);
	for (size_t i = 0; i < b.count; i++) {
		buf_clear(&b.list[i].bytes);
		free(b.list[i].path);
	}
}

TESTS(T(damage_to_a_tar_is_found), T(damage_to_a_tar_in_gzip_is_found),
    T(damage_to_a_tar_in_zstd_is_found), T(damage_to_a_zip_is_found),
    T(damage_to_a_wacz_is_found), T(damage_to_files_that_come_once_is_found),
    T(damage_to_a_bag_in_a_tar_is_found),
    T(damage_to_a_bag_is_found_and_the_file_named))
