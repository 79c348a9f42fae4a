/* Real WARC files made by others, against truth computed by others' code. */
#include <fcntl.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "tests/test.h"

/* Columns of truth/warc_records.tsv. */
enum {
	FILE_NAME,
	INDEX,
	OFFSET,
	LENGTH,
	VERSION,
	TYPE,
	STATUS,
	MIME,
	DATE,
	BLOCK_LEN,
	BLOCK_DIGEST,
	PAYLOAD_DIGEST,
	RAW_SHA1,
	DECHUNKED_SHA1,
	FAULT,
	ID,
	URI,
	COLUMNS
};

struct truth {
	struct buf text;
	char *(*rows)[COLUMNS];
	size_t count;
};

/* A record as we read it. */
struct seen {
	char *line; /* offset, version, type, date, block length, id, uri */
	uint64_t length;
	int sound; /* framing and gzip */
	int block; /* digests: 0 not checked or right, 1 wrong, 2 unknown */
	int payload;
	int heard;       /* the verifier told STATUS and MIME */
	unsigned status; /* of an HTTP response; 0 */
	char *mime;
};

/* Why we and the truth differ, rightly. */
enum reason {
	CUT,     /* the truth gives what is there of a cut block, and calls its
		  * digests wrong; for us it does not read */
	BEYOND,  /* the truth ends at damage, we go on behind it */
	FRAMED,  /* the digest covers the chunk lines: a note */
	SEGMENT, /* payloads of segmented records lie in several records */
	LENGTHLESS, /* without Content-Length there is no record */
	BLANK,      /* the truth leaves surplus line ends unsaid */
	MISSPELLED, /* a known label without a value: wrong, not unknown */
	URLSAFE,    /* base64 of the other alphabet is read, as by warcio */
	UNPARSED,   /* a status line that is none: the truth quotes it */
	ARC_MIME,   /* the truth leaves the types of ARC responses unsaid */
	REQUESTS,   /* the truth has types and a status of requests, too */
	PADDED,     /* the truth leaves bytes behind an ARC block unsaid */
	REASONS
};

static const struct {
	const char *word;
	int count;
} reasons[REASONS] = {
	[CUT] = { "cut records", 16 },
	[BEYOND] = { "records found behind damage", 15 },
	[FRAMED] = { "payload digests over chunk lines", 11 },
	[SEGMENT] = { "payload digests of segments", 5 },
	[LENGTHLESS] = { "heads without a sound length", 11 },
	[BLANK] = { "surplus line ends", 1 },
	[MISSPELLED] = { "digests without a value", 2 },
	[URLSAFE] = { "digests in the other base64", 1 },
	[UNPARSED] = { "status lines that are none", 2 },
	[ARC_MIME] = { "types of ARC responses", 11 },
	[REQUESTS] = { "types and status of requests", 17 },
	[PADDED] = { "blanks behind an ARC block", 1 },
};

struct seen_list {
	struct seen *all;
	size_t count;
	int block, payload; /* of the record being verified */
};

static int
load_truth(struct truth *t, const char *corpora)
{
	char *path = mem_format("%s/truth/warc_records.tsv", corpora);
	struct error e = { 0 };
	char *line;
	char *next;

	if (file_get(path, &t->text, 64 << 20, &e) != 0) {
		printf("# %s\n", e.text);
		free(path);
		return 0;
	}
	free(path);
	for (line = (char *)t->text.data; *line != '\0'; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		t->rows = mem_grow(t->rows, t->count + 1, sizeof(*t->rows));
		for (int c = 0; c < COLUMNS; c++) {
			char *tab = strchr(line, '\t');

			t->rows[t->count][c] = line;
			if (tab != NULL)
				*tab = '\0';
			line = tab == NULL ? line + strlen(line) : tab + 1;
		}
		t->count++;
	}
	return 1;
}

static const char *
or_dash(const char *s)
{
	return s == NULL || s[0] == '\0' ? "-" : s;
}

/* Read a file record by record. */
static void
list_records(const char *path, struct seen_list *list)
{
	struct arena *a = arena_new();
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };
	int more = source_open(&s, path, &e);

	if (more == 0)
		more = 1;
	for (int calls = 0; more != 0 && s != NULL; calls++) {
		struct seen *seen;
		int is_arc;

		arena_reset(a);
		CHECK(calls < 10000);
		more = source_next(s, a, &r, &where, &e);
		if (more < 0 && e.kind == ERROR_SYSTEM)
			break;
		if (more <= 0)
			continue;
		list->all = mem_grow(
		    list->all, list->count + 1, sizeof(*list->all));
		seen = &list->all[list->count++];
		*seen = (struct seen){ 0 };
		/* The truth has ARC records as what their lines say. */
		is_arc = strncmp(r.version, "ARC/", 4) == 0;
		seen->line = mem_format("%ju %s %s %s %ju %s %s",
		    (uintmax_t)where.offset, is_arc ? "ARC" : r.version,
		    is_arc ? "arc" : or_dash(record_field(&r, "WARC-Type")),
		    or_dash(
			record_field(&r, is_arc ? "ARC-Date" : "WARC-Date")),
		    (uintmax_t)r.block_len,
		    or_dash(record_field(&r, "WARC-Record-ID")),
		    or_dash(record_uri_field(a, &r, "WARC-Target-URI")));
		seen->sound = source_finish(s, &where, &e) == 0;
		seen->length = where.length;
	}
	source_free(s);
	arena_free(a);
}

static void
hear(void *context, const struct finding *f)
{
	struct seen_list *list = context;
	int verdict = f->severity == SEVERITY_CHANGED ? 1 : 2;

	if (strcmp(f->code, "digest-block") == 0)
		list->block = verdict;
	if (strcmp(f->code, "digest-payload") == 0)
		list->payload = verdict;
}

static int
hear_record(void *context, const struct verified_record *r)
{
	struct seen_list *list = context;

	CHECK(r->number < list->count);
	if (r->number < list->count) {
		list->all[r->number].block = list->block;
		list->all[r->number].payload = list->payload;
		list->all[r->number].heard = 1;
		list->all[r->number].status = r->status;
		list->all[r->number].mime = mem_text(r->mime);
	}
	list->block = 0;
	list->payload = 0;
	return 0;
}

static void
verify_records(const char *path, const char *name, struct seen_list *list)
{
	const struct verify_options o = { .each_record = hear_record,
		.each_finding = hear,
		.context = list };
	struct verify_totals totals = { 0 };
	struct error e = { 0 };

	CHECK_OK(verify_file(path, name, &o, &totals, &e), &e);
	CHECK_INT(totals.records, list->count);
}

static void
list_clear(struct seen_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->all[i].line);
	for (size_t i = 0; i < list->count; i++)
		free(list->all[i].mime);
	free(list->all);
	*list = (struct seen_list){ 0 };
}

/* 0 right or nothing to check, 1 wrong, 2 cannot be computed. */
static int
verdict_of(const char *word)
{
	if (strcmp(word, "BAD") == 0)
		return 1;
	return strcmp(word, "unknown-alg") == 0 ? 2 : 0;
}

static const char *
bare(const char *uri)
{
	static char text[4096];
	size_t len = strlen(uri);

	if (uri[0] != '<' || uri[len - 1] != '>' || len >= sizeof(text))
		return uri;
	memcpy(text, uri + 1, len - 2);
	text[len - 2] = '\0';
	return text;
}

static int
report(char *row[COLUMNS], const char *what, const char *got, const char *want)
{
	printf("#   %s: %s is\n#     %s, expected\n#     %s\n", row[INDEX],
	    what, got, want);
	return 1;
}

/* Did the record not end where its length says? */
static int
has_lost_end(const char *fault)
{
	static const char end[] = "bad-record-end:b'";
	size_t n = sizeof(end) - 1;

	return strncmp(fault, "block-short", 11) == 0 ||
	       (strncmp(fault, end, n) == 0 &&
		   (fault[n] != '\\' || fault[n + 1] == 'x'));
}

/* A digest verdict against the truth's word. */
static int
compare_digest(char *row[COLUMNS], int column, int got, int counts[REASONS])
{
	char text[16];

	if (got == verdict_of(row[column]))
		return 0;
	if (has_lost_end(row[FAULT]) && got == 0)
		counts[CUT]++;
	else if (got == 1 && strcmp(row[column], "unknown-alg") == 0)
		counts[MISSPELLED]++;
	else if (got == 0 && strcmp(row[INDEX], "3") == 0 &&
		 text_ends(row[FILE_NAME], "/example-digest.warc"))
		counts[URLSAFE]++;
	else if (column == PAYLOAD_DIGEST && got == 2 &&
		 strncmp(row[column], "ok", 2) == 0)
		counts[FRAMED]++;
	else if (column == PAYLOAD_DIGEST && got == 0 &&
		 strstr(row[FILE_NAME], "jwat") != NULL)
		counts[SEGMENT]++;
	else {
		(void)snprintf(text, sizeof(text), "%d", got);
		return report(row, "digest", text, row[column]);
	}
	return 0;
}

/* What the HTTP message says, against the truth's word. */
static int
compare_http(char *row[COLUMNS], const struct seen *s, int counts[REASONS])
{
	char status[16];
	int differ = 0;

	if (!s->heard)
		return 0; /* not read whole */
	(void)snprintf(status, sizeof(status), "%u", s->status);
	if (row[STATUS][0] == '?') {
		counts[UNPARSED]++;
		return 0;
	}
	if (strcmp(row[TYPE], "request") == 0 &&
	    strcmp(row[STATUS], "200") == 0)
		counts[REQUESTS]++;
	else if (strcmp(s->status == 0 ? "-" : status, row[STATUS]) != 0)
		differ += report(row, "status", status, row[STATUS]);
	if (strcmp(or_dash(s->mime), row[MIME]) == 0)
		return differ;
	if (strcmp(row[VERSION], "ARC") == 0)
		counts[ARC_MIME]++;
	else if (strcmp(row[TYPE], "request") == 0)
		counts[REQUESTS]++;
	else
		differ += report(row, "type", or_dash(s->mime), row[MIME]);
	return differ;
}

/* One record against its row: how many things differ. */
static int
compare(char *row[COLUMNS], const struct seen *s, int counts[REASONS])
{
	const char *cut = strchr(row[FAULT], '<');
	int shared = strcmp(row[LENGTH], "-1") == 0;
	char *line = mem_format("%s %s %s %s %s %s %s", row[OFFSET],
	    row[VERSION], row[TYPE], row[DATE],
	    cut != NULL ? cut + 1 : row[BLOCK_LEN], row[ID], bare(row[URI]));
	char *length = mem_format("%ju", (uintmax_t)s->length);
	int sound = strcmp(row[FAULT], "-") == 0;
	int differ = 0;

	if (cut != NULL)
		counts[CUT]++;
	if (strcmp(line, s->line) != 0)
		differ += report(row, "record", s->line, line);
	if (sound && !s->sound && strcmp(row[VERSION], "ARC") == 0)
		counts[PADDED]++;
	else if (sound && strcmp(row[LENGTH], length) != 0 &&
		 !(s->length == 0 && shared))
		differ += report(row, "length", length, row[LENGTH]);
	if (sound && !s->sound && !shared && strcmp(row[VERSION], "ARC") != 0)
		counts[BLANK]++;
	if (!sound && s->sound && !shared)
		differ += report(row, "fault", "none", row[FAULT]);
	differ += compare_digest(row, BLOCK_DIGEST, s->block, counts);
	differ += compare_digest(row, PAYLOAD_DIGEST, s->payload, counts);
	differ += compare_http(row, s, counts);
	free(line);
	free(length);
	return differ;
}

static int
is_ours_to_read(const char *name)
{
	return (strstr(name, ".warc") != NULL ||
		   strstr(name, ".arc") != NULL) &&
	       !text_ends(name, ".zst") && !text_ends(name, ".lz4");
}

/* All rows of one file, from FIRST to END. */
static int
compare_file(const char *corpora, const struct truth *t, size_t first,
    size_t end, int counts[REASONS])
{
	const char *name = t->rows[first][FILE_NAME];
	char *path = mem_format("%s/%s", corpora, name);
	struct seen_list list = { 0 };
	size_t at = 0;
	int faulty = 0;
	int differ = 0;

	list_records(path, &list);
	verify_records(path, name, &list);
	for (size_t i = first; i < end; i++) {
		char **row = t->rows[i];

		faulty |= strcmp(row[FAULT], "-") != 0;
		/* Rows without a version are gaps, not records. */
		if (strcmp(row[VERSION], "-") == 0)
			continue;
		if (strcmp(row[FAULT], "bad-content-length") == 0 ||
		    strcmp(row[BLOCK_LEN], "-1") == 0)
			counts[LENGTHLESS]++;
		else if (at == list.count)
			differ += report(row, "record", "not read", row[ID]);
		else
			differ += compare(row, &list.all[at++], counts);
	}
	for (; at < list.count; at++) {
		if (faulty)
			counts[BEYOND]++;
		else
			differ += report(
			    t->rows[first], "one more", list.all[at].line, "");
	}
	if (differ > 0)
		printf("# %d in %s\n", differ, name);
	list_clear(&list);
	free(path);
	return differ;
}

CASE(every_record_is_where_and_what_others_say)
{
	const char *corpora = getenv("CORPORA");
	struct truth t = { 0 };
	size_t files = 0;
	size_t records = 0;
	int counts[REASONS] = { 0 };
	int differ = 0;
	size_t end;

	if (corpora == NULL)
		SKIP("CORPORA is not set");
	CHECK(load_truth(&t, corpora));
	for (size_t i = 1; i < t.count; i = end) {
		for (end = i; end < t.count && strcmp(t.rows[end][FILE_NAME],
						   t.rows[i][FILE_NAME]) == 0;)
			end++;
		if (!is_ours_to_read(t.rows[i][FILE_NAME]))
			continue;
		files++;
		records += end - i;
		differ += compare_file(corpora, &t, i, end, counts);
	}
	printf("# %zu files, %zu records, %d differences\n", files, records,
	    differ);
	CHECK_INT(differ, 0);
	for (int i = 0; i < REASONS; i++) {
		printf("# %d %s\n", counts[i], reasons[i].word);
		CHECK_INT(counts[i], reasons[i].count);
	}
	free(t.rows);
	buf_clear(&t.text);
}

static int
append(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

/* Heads and blocks of all records of a file, one after the other. */
static int
gather(const char *path, struct buf *heads, struct buf *blocks,
    struct buf *members)
{
	struct arena *a = arena_new();
	struct gzip_writer *w = gzip_writer_new();
	struct source *s = NULL;
	struct record r;
	struct place where;
	struct error e = { 0 };
	uint64_t length;
	int more = -1;
	int rc = 0;

	if (source_open(&s, path, &e) != 0)
		goto done;
	while ((more = source_next(s, a, &r, &where, &e)) > 0) {
		struct buf block = { 0 };

		record_write_head(heads, &r);
		if (stream_read(r.block, &block, 64 << 20, &e) != 0 ||
		    (source_finish(s, &where, &e) != 0 && where.damaged))
			more = -1;
		buf_add(blocks, buf_text(&block), block.len);
		r.block = stream_of_bytes(buf_text(&block), block.len);
		if (more > 0 && warc_write(w, &r, heads->len & 1, append,
				    members, &length, &e) != 0)
			more = -1;
		stream_free(r.block);
		buf_clear(&block);
		arena_reset(a);
		if (more < 0)
			break;
		rc++;
	}
done:
	source_free(s);
	gzip_writer_free(w);
	arena_free(a);
	return more < 0 ? -1 : rc;
}

CASE(what_is_read_and_written_again_reads_the_same)
{
	const char *corpora = getenv("CORPORA");
	struct truth t = { 0 };
	struct error e = { 0 };
	int files = 0;
	int records = 0;
	int damaged = 0;

	if (corpora == NULL)
		SKIP("CORPORA is not set");
	CHECK(load_truth(&t, corpora));
	for (size_t i = 1; i < t.count; i++) {
		struct buf b[6] = { { 0 } };
		char *path;
		int n;

		if (strcmp(t.rows[i][INDEX], "0") != 0 ||
		    strstr(t.rows[i][FILE_NAME], ".arc") != NULL ||
		    !is_ours_to_read(t.rows[i][FILE_NAME]))
			continue;
		path = mem_format("%s/%s", corpora, t.rows[i][FILE_NAME]);
		n = gather(path, &b[0], &b[1], &b[2]);
		free(path);
		if (n < 0) {
			damaged++;
		} else {
			CHECK_OK(
			    file_put("again.warc.gz", b[2].data, b[2].len, &e),
			    &e);
			CHECK_INT(
			    gather("again.warc.gz", &b[3], &b[4], &b[5]), n);
			CHECK(b[0].len == b[3].len &&
			      memcmp(b[0].data, b[3].data, b[0].len) == 0);
			CHECK(b[1].len == b[4].len &&
			      memcmp(buf_text(&b[1]), buf_text(&b[4]),
				  b[1].len) == 0);
			CHECK(b[2].len == b[5].len &&
			      memcmp(b[2].data, b[5].data, b[2].len) == 0);
			files++;
			records += n;
		}
		for (int k = 0; k < 6; k++)
			buf_clear(&b[k]);
	}
	printf("# %d files, %d records, %d damaged files left out\n", files,
	    records, damaged);
	CHECK_INT(files, 109);
	CHECK_INT(damaged, 21);
	free(t.rows);
	buf_clear(&t.text);
}

TESTS(T(what_is_read_and_written_again_reads_the_same),
    T(every_record_is_where_and_what_others_say))
