/* Tars read: by offset when plain and random, else once, as they come. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "formats/tar.h"
#include "formats/tar_packed.h"
#include "formats/tar_strict.h"

enum {
	TAR_BLOCK = 512,
	TAR_SPAN = 64 * 1024,
	ENTRIES_MAX = 2 * LIMIT_PACKAGE_FILES /* files, folders, others */
};
#define NOT_SEEN UINT64_MAX

/* One regular file of a tar read by offset. */
struct tar_file {
	const char *name;
	uint64_t offset, size;
};

struct tar_reader {
	struct input *in;
	uint64_t at; /* next byte for the library */
	/* The tar itself: IN, or what it unpacks to. */
	struct input *tar;
	/* Of what the library got last: where it begins in the tar. */
	const uint8_t *given;
	uint64_t given_at;
	const struct package_visit *visit;
	struct archive *archive;
	locale_t utf8; /* the library reads names by the thread's locale */
	struct arena *names;
	struct tar_file *files; /* by offset: seen so far */
	size_t count, cap;
	size_t names_len;           /* bytes of their names */
	uint64_t entries;           /* of any kind */
	int is_by_offset;           /* plain and random */
	uint64_t seen;              /* the last file ends here; NOT_SEEN */
	unsigned spelling;          /* of sums */
	struct tar_stream *current; /* once: of the file being visited */
	struct error error;         /* of the input */
	uint8_t span[TAR_SPAN];
};

/* ---- recognition ---- */

/* The sum over a header, its own field taken as blanks, stands in the header
 * as octal digits (POSIX.1, ustar). */
static int
is_header(const uint8_t *head, size_t len)
{
	unsigned sum = 0;
	unsigned said = 0;
	size_t i;

	if (len < TAR_BLOCK || head[0] == '\0')
		return 0;
	for (i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : head[i];
	for (i = 148; i < 156 && head[i] == ' ';)
		i++;
	for (; i < 156 && head[i] >= '0' && head[i] <= '7'; i++)
		said = said * 8 + (unsigned)(head[i] - '0');
	return sum == said;
}

int
tar_recognise(const uint8_t *head, size_t len)
{
	return is_header(head, len) ? 90 : 0;
}

/* Does what HEAD unpacks to begin with a tar header? The raw format gives the
 * bytes behind the filter as one file. */
static int
unpacks_to_header(
    const uint8_t *head, size_t len, int (*filter)(struct archive *))
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry = NULL;
	uint8_t first[TAR_BLOCK];
	int yes = 0;

	if (archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    filter(a) == ARCHIVE_OK &&
	    archive_read_open_memory(a, head, len) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK &&
	    archive_read_data(a, first, sizeof(first)) == sizeof(first))
		yes = is_header(first, sizeof(first));
	(void)archive_read_free(a);
	return yes;
}

int
tar_gz_recognise(const uint8_t *head, size_t len)
{
	if (len < 3 || memcmp(head, "\x1f\x8b\x08", 3) != 0)
		return 0;
	return unpacks_to_header(head, len, archive_read_support_filter_gzip)
		   ? 90
		   : 0;
}

int
tar_zst_recognise(const uint8_t *head, size_t len)
{
	if (len < 4 || memcmp(head, "\x28\xb5\x2f\xfd", 4) != 0)
		return 0;
	return unpacks_to_header(head, len, archive_read_support_filter_zstd)
		   ? 90
		   : 0;
}

/* ---- the library's door ---- */

static la_ssize_t
read_more(struct archive *a, void *context, const void **p)
{
	struct tar_reader *t = context;
	size_t n = 0;

	t->given_at = t->at;
	if (input_read(
		t->tar, t->at, t->span, sizeof(t->span), &n, &t->error) != 0) {
		archive_set_error(a, 5, "%s", t->error.text);
		return -1;
	}
	t->at += n;
	*p = t->given = t->span;
	return (la_ssize_t)n;
}

static la_int64_t
skip_bytes(struct archive *a, void *context, la_int64_t request)
{
	struct tar_reader *t = context;
	uint64_t left;

	(void)a;
	if (!input_is_random(t->tar) || request <= 0)
		return 0;
	left = input_size(t->tar) - t->at;
	if ((uint64_t)request > left)
		request = (la_int64_t)left;
	t->at += (uint64_t)request;
	return request;
}

static int
failed(struct tar_reader *t, struct error *e)
{
	const char *text = archive_error_string(t->archive);

	if (t->error.kind != ERROR_NONE)
		return error_set(e, t->error.kind, "%s", t->error.text);
	return error_set(e, ERROR_INPUT, "%s: does not read as a tar: %s",
	    input_name(t->in), text == NULL ? "broken" : text);
}

static int
open_tar(struct tar_reader *t, struct error *e)
{
	struct archive *a = archive_read_new();

	t->archive = a;
	t->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (t->utf8 == (locale_t)0)
		return error_system(e, "tar: locale C.UTF-8");
	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, read_more) != ARCHIVE_OK ||
	    archive_read_set_skip_callback(a, skip_bytes) != ARCHIVE_OK ||
	    archive_read_set_callback_data(a, t) != ARCHIVE_OK ||
	    archive_read_open1(a) != ARCHIVE_OK)
		return failed(t, e);
	return 0;
}

/* ---- entries ---- */

static void
leave_out(struct tar_reader *t, const char *name, const char *why)
{
	struct error e = { 0 };

	(void)error_set(
	    &e, ERROR_INPUT, "%s/%s: %s", input_name(t->in), name, why);
	t->visit->unread(t->visit->context, name, &e);
}

/* Why an entry is not for reading; NULL when it is; "" for a folder. */
static const char *
refusal(struct archive_entry *entry, const char *name)
{
	if (archive_entry_hardlink(entry) != NULL)
		return "is a link in a tar";
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		break;
	case AE_IFDIR:
		return "";
	case AE_IFLNK:
		return "is a link in a tar";
	default:
		return "is neither file nor folder in a tar";
	}
	if (!package_name_is_plain(name, strlen(name)))
		return "has no plain name in a tar";
	if (package_name_depth(name) > LIMIT_PACKAGE_DEPTH)
		return "lies too deep in a tar";
	if (archive_entry_sparse_count(entry) > 0)
		return "is a sparse file in a tar";
	return NULL;
}

static const char *
entry_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (name == NULL)
		name = archive_entry_pathname_utf8(entry);
	if (name == NULL)
		return "";
	/* "tar -c ." begins every name so. */
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* Where the entry's bytes end; what stands in front of them: the rest of the
 * last one's block and this one's headers. (Of what comes once they have just
 * passed, and are still held.) */
static int
check_between(
    struct tar_reader *t, struct archive_entry *entry, struct error *e)
{
	uint64_t head = (uint64_t)archive_read_header_position(t->archive);
	uint64_t data = (uint64_t)archive_filter_bytes(t->archive, 0);
	uint64_t size = (uint64_t)archive_entry_size(entry);
	int is_sparse = archive_entry_sparse_count(entry) > 0;

	if ((t->seen != NOT_SEEN &&
		tar_check_zeros(t->tar, t->seen, head, e) != 0) ||
	    (!is_sparse && tar_check_heads(t->tar, head, data,
			       t->is_by_offset ? &t->spelling : NULL, e) != 0))
		return -1;
	t->seen = data;
	/* Of a sparse file, which is not read, the size is another. */
	if (is_sparse)
		t->seen = NOT_SEEN;
	else if (archive_entry_filetype(entry) == AE_IFREG &&
		 archive_entry_hardlink(entry) == NULL)
		t->seen += size;
	return 0;
}

/* The next file to read: 1; 0, the end; -1. */
static int
next_file(struct tar_reader *t, struct archive_entry **entry, const char **name,
    struct error *e)
{
	while (t->entries++ < ENTRIES_MAX) {
		locale_t before = uselocale(t->utf8);
		int rc = archive_read_next_header(t->archive, entry);
		const char *why = "";

		if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN) {
			*name = entry_name(*entry);
			why = refusal(*entry, *name);
		}
		(void)uselocale(before);
		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return failed(t, e);
		if (check_between(t, *entry, e) != 0)
			return -1;
		if (why == NULL)
			return 1;
		if (why[0] != '\0')
			leave_out(t, *name, why);
	}
	return error_set(e, ERROR_LIMIT, "%s: more than %d entries",
	    input_name(t->in), ENTRIES_MAX);
}

/* ---- by offset ---- */

static int
add_file(struct tar_reader *t, struct archive_entry *entry, const char *name,
    struct error *e)
{
	uint64_t size = (uint64_t)archive_entry_size(entry);
	uint64_t offset = (uint64_t)archive_filter_bytes(t->archive, 0);

	if (t->count == LIMIT_PACKAGE_FILES)
		return error_set(e, ERROR_LIMIT, "%s: more than %d files",
		    input_name(t->in), LIMIT_PACKAGE_FILES);
	t->names_len += strlen(name) + 1;
	if (t->names_len > LIMIT_PACKAGE_NAMES)
		return error_set(e, ERROR_LIMIT,
		    "%s: more than %d bytes of names", input_name(t->in),
		    LIMIT_PACKAGE_NAMES);
	if (offset % TAR_BLOCK != 0 || offset > input_size(t->in))
		return error_set(e, ERROR_INPUT,
		    "%s: a file that begins at no block", input_name(t->in));
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->files = mem_grow(t->files, t->cap, sizeof(*t->files));
	}
	t->files[t->count++] = (struct tar_file){
		.name = arena_text(t->names, name),
		.offset = offset,
		.size = size,
	};
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct tar_file *x = a;
	const struct tar_file *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int
visit_files(struct tar_reader *t, struct error *e)
{
	int rc = 0;

	if (t->count > 0)
		qsort(t->files, t->count, sizeof(*t->files), by_name);
	for (size_t i = 0; rc == 0 && i < t->count; i++) {
		const struct tar_file *f = &t->files[i];
		struct input *part;
		char *name;

		if (i > 0 && strcmp(f->name, f[-1].name) == 0) {
			leave_out(t, f->name, "stands twice in the tar");
			continue;
		}
		name = mem_format("%s/%s", input_name(t->in), f->name);
		part = input_part(t->in, name, f->offset, f->size);
		rc = t->visit->each(t->visit->context, f->name, part, e);
		input_free(part);
		free(name);
	}
	return rc;
}

static int
refuse(const struct tar_reader *t, const char *why, struct error *e)
{
	return error_set(e, ERROR_INPUT, "%s: %s", input_name(t->in), why);
}

/* Of a sparse file it does not show where it ends, but how far the library
 * got. */
static uint64_t
end_of_last(const struct tar_reader *t)
{
	return t->seen != NOT_SEEN
		   ? t->seen
		   : (uint64_t)archive_filter_bytes(t->archive, 0);
}

/* What comes once, to its end: zeros from SEEN on, or from what the library got
 * last. */
static int
drain(struct tar_reader *t, struct error *e)
{
	static const uint8_t zeros[TAR_SPAN];
	const uint64_t end = end_of_last(t);
	uint64_t from = end > t->given_at ? end : t->given_at;
	const uint8_t *p = t->given + (from - t->given_at);
	uint64_t len = t->at > from ? t->at - from : 0;
	const void *more = NULL;
	la_ssize_t n;

	do {
		while (len > 0) {
			size_t piece = len < TAR_SPAN ? (size_t)len : TAR_SPAN;

			if (memcmp(p, zeros, piece) != 0)
				return refuse(
				    t, "bytes behind the end of the tar", e);
			p += piece;
			len -= piece;
		}
		n = read_more(t->archive, t, &more);
		p = more;
		len = n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	return n == 0 ? 0 : failed(t, e);
}

/* Behind its last file a tar has blocks of zeros, and nothing else; one that
 * is cut between two files has none. */
static int
pass_end(struct tar_reader *t, struct error *e)
{
	if (t->is_by_offset) {
		t->at = input_size(t->in);
		if (tar_check_zeros(t->in, end_of_last(t), t->at, e) != 0)
			return -1;
	} else if (drain(t, e) != 0) {
		return -1;
	}
	if (t->at % TAR_BLOCK != 0 ||
	    (t->seen != NOT_SEEN &&
		t->at < (t->seen + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK +
			    TAR_BLOCK))
		return refuse(t, "the tar has no end, so it may be cut", e);
	return 0;
}

/* What was found before damage is visited all the same. */
static int
read_by_offset(struct tar_reader *t, struct error *e)
{
	struct archive_entry *entry = NULL;
	struct error damage = { 0 };
	const char *name = "";
	int more;
	int rc;

	while ((more = next_file(t, &entry, &name, &damage)) > 0)
		if (add_file(t, entry, name, &damage) != 0) {
			more = -1;
			break;
		}
	if (more == 0)
		more = pass_end(t, &damage);
	rc = visit_files(t, e);
	if (rc != 0 || more == 0)
		return rc;
	return error_set(e, damage.kind, "%s", damage.text);
}

/* ---- once ---- */

/* The bytes of one file; they end with the visit. */
struct tar_stream {
	struct stream stream;
	struct tar_reader *reader; /* NULL: the visit is over */
	uint64_t left;
};

static int
bytes_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct tar_stream *b = (struct tar_stream *)s;
	const void *p;
	la_int64_t offset;
	int rc;

	if (b->reader == NULL)
		return error_set(
		    e, ERROR_LIMIT, "a file in a tar that has passed");
	do
		rc = archive_read_data_block(
		    b->reader->archive, &p, len, &offset);
	while (rc == ARCHIVE_OK && *len == 0);
	if (rc == ARCHIVE_EOF && b->left == 0)
		return 0;
	if (rc != ARCHIVE_OK || *len > b->left)
		return failed(b->reader, e);
	b->left -= *len;
	*data = p;
	return 1;
}

static void
bytes_free(struct stream *s)
{
	struct tar_stream *b = (struct tar_stream *)s;

	if (b->reader != NULL)
		b->reader->current = NULL;
	free(b);
}

static int
visit_once(
    struct tar_reader *t, const char *name, uint64_t size, struct error *e)
{
	struct tar_stream *b = mem_zero(1, sizeof(*b));
	char *full = mem_format("%s/%s", input_name(t->in), name);
	struct input *in;
	int rc;

	b->stream.next = bytes_next;
	b->stream.free = bytes_free;
	b->reader = t;
	b->left = size;
	t->current = b;
	in = input_of_stream(&b->stream, full);
	rc = t->visit->each(t->visit->context, name, in, e);
	if (t->current != NULL)
		t->current->reader = NULL;
	t->current = NULL;
	input_pass(in);
	input_free(in);
	free(full);
	return rc;
}

static int
read_once(struct tar_reader *t, struct error *e)
{
	struct archive_entry *entry = NULL;
	const char *name = "";
	int more = 0;
	int rc = 0;

	while (rc == 0 && (more = next_file(t, &entry, &name, e)) != 0) {
		char *copy;

		if (more < 0)
			return -1;
		copy = mem_text(name);
		rc = visit_once(
		    t, copy, (uint64_t)archive_entry_size(entry), e);
		free(copy);
	}
	return rc != 0 ? rc : pass_end(t, e);
}

int
tar_read(struct input *in, const struct package_visit *v, struct error *e)
{
	struct tar_reader *t = mem_zero(1, sizeof(*t));
	struct stream *packed;
	uint8_t head[TAR_BLOCK];
	size_t n;
	int rc;

	t->in = in;
	t->visit = v;
	t->names = arena_new();
	rc = input_read(in, 0, head, sizeof(head), &n, e);
	if (rc == 0) {
		packed = is_header(head, n) ? NULL : tar_unpacked(in, head, n);
		t->tar = packed == NULL
			     ? input_keep(in)
			     : input_of_stream(packed, input_name(in));
		rc = open_tar(t, e);
	}
	t->is_by_offset = input_is_random(in) && is_header(head, n);
	if (rc == 0)
		rc = t->is_by_offset ? read_by_offset(t, e) : read_once(t, e);
	if (t->archive != NULL)
		(void)archive_read_free(t->archive);
	if (t->utf8 != (locale_t)0)
		freelocale(t->utf8);
	input_free(t->tar);
	arena_free(t->names);
	free(t->files);
	free(t);
	return rc;
}
