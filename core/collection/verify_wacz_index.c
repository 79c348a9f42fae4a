/* Indexes and page lists of a WACZ read, for verify_wacz_compare.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/tree.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/verify_wacz_part.h"

enum { OFFSET_DIGITS = 16, TIME_DIGITS = 14 };

/* ---- indexes ---- */

struct listing {
	struct wacz_check *w;
	struct arena *arena;
	const char *name; /* of the file */
	struct wacz_lines lines;
	struct buf last; /* line before */
	int is_disordered;
};

/* Our machine's failures are passed on, what a line says is said. */
static int
bad_line(struct listing *l, enum severity severity, const char *code,
    const struct error *why, struct error *e)
{
	struct wacz_check *w = l->w;
	struct wacz_said *said = strcmp(code, "page") == 0 ? &w->lists
							   : &w->lines;

	if (why->kind == ERROR_SYSTEM)
		return error_set(e, why->kind, "%s", why->text);
	if (wacz_may_say(said))
		wacz_say(w, severity, code, l->name, "line %ju: %s",
		    (uintmax_t)l->lines.number, why->text);
	return 0;
}

static void
check_order(struct listing *l, const char *line)
{
	if (!l->is_disordered && l->last.len > 0 &&
	    strcmp(buf_text(&l->last), line) > 0) {
		l->is_disordered = 1;
		wacz_say(l->w, SEVERITY_WARNING, "line", l->name,
		    "line %ju: is not in order; it may not be found",
		    (uintmax_t)l->lines.number);
	}
	buf_reset(&l->last);
	buf_add_text(&l->last, line);
}

static const char *
place_of(struct listing *l)
{
	return arena_format(
	    l->arena, "%s, line %ju", l->name, (uintmax_t)l->lines.number);
}

static int
index_line(struct listing *l, const char *line, size_t len, struct error *e)
{
	struct wacz_index_line x;
	struct wacz_note n;
	struct error why = { 0 };
	int rc;

	if (wacz_read_index_line(l->arena, line, len, &x, &why) != 0)
		return bad_line(l, SEVERITY_CHANGED, "line", &why, e);
	check_order(l, line);
	n = (struct wacz_note){ .file = x.file,
		.offset = x.offset,
		.length = x.length,
		.has_length = x.has_length,
		.time = x.time,
		.digest = x.digest,
		.where = place_of(l),
		.url = x.url };
	if (text_starts(n.file, "archive/"))
		n.file += strlen("archive/");
	rc = wacz_put_note(l->w, 'b', &n, e);
	return rc != 0 ? -1 : wacz_put_page(l->w, x.url, x.time, 'a', "", e);
}

/* Old indexes begin with their columns; ours and others' with a "!meta". What
 * is called so further on would hide what follows. */
static int
is_head(struct listing *l, const char *line)
{
	if (l->last.len > 0)
		return 0;
	if (text_starts(line, " CDX ")) {
		l->w->unread_index = 1;
		wacz_say(l->w, SEVERITY_WARNING, "package", l->name,
		    "is an index of the older form CDX: its lines are not "
		    "verified");
	}
	return text_starts(line, "!") || text_starts(line, " CDX ");
}

static int
read_index(struct listing *l, struct error *e)
{
	char *line;
	size_t len;
	int more;
	struct error why = { 0 };

	while ((more = wacz_lines_next(&l->lines, &line, &len, &why)) == 1) {
		if (is_head(l, line)) {
			/* Of this index: the one before says nothing of it. */
			if (text_starts(line, " CDX "))
				return 0;
			continue;
		}
		if (index_line(l, line, len, e) != 0)
			return -1;
		arena_reset(l->arena);
	}
	if (more == 0)
		return 0;
	l->w->unread_index = 1;
	return wacz_broken(l->w, "package", l->name, &why, e);
}

/* ---- lists of blocks ---- */

/* What an .idx says of the index beside it. */
struct blocks {
	struct listing *list;
	struct input *in; /* of the index */
	uint64_t end;     /* of the block before */
};

static const char *
digest_fault(struct blocks *b, const struct wacz_block *x, struct error *e)
{
	struct digest_value want;
	struct digest_value got = { 0 };
	struct buf bytes = { 0 };
	struct digester *d;
	size_t n = 0;
	const char *fault = NULL;

	if (x->digest[0] == '\0' || !digest_parse(&want, x->digest))
		return NULL;
	if (x->length > WACZ_LINE_MAX)
		return "its block is too long";
	if (input_read(b->in, x->offset, buf_room(&bytes, x->length), x->length,
		&n, e) != 0 ||
	    n != x->length) {
		buf_clear(&bytes);
		return "its block does not read";
	}
	d = digester_new(want.kind);
	digester_add(d, bytes.data, n);
	got.kind = want.kind;
	got.len = digester_raw(d, got.raw);
	if (!digest_equal(&want, &got))
		fault = "its block has another digest";
	digester_free(d);
	buf_clear(&bytes);
	return fault;
}

/* A block begins with the line that its key names. */
static const char *
key_fault(struct blocks *b, const struct wacz_block *x)
{
	struct input *in = input_part(b->in, "block", x->offset, x->length);
	struct wacz_lines lines;
	char *line;
	size_t len;
	const char *fault = NULL;

	wacz_lines_begin(&lines, in, 1, WACZ_INDEX_LINE_MAX);
	if (wacz_lines_next(&lines, &line, &len, NULL) != 1 ||
	    !text_starts(line, x->key))
		fault = "its block begins with another line";
	wacz_lines_end(&lines);
	input_free(in);
	return fault;
}

static int
check_block(struct blocks *b, const struct wacz_block *x, struct error *e)
{
	struct error why = { 0 };
	const char *fault;

	if (x->offset != b->end || x->length > input_size(b->in) - b->end)
		fault = "its block does not follow the one before, or is "
			"longer than the index";
	else
		fault = digest_fault(b, x, &why);
	if (fault == NULL)
		fault = key_fault(b, x);
	if (x->offset <= input_size(b->in) &&
	    x->length <= input_size(b->in) - x->offset)
		b->end = x->offset + x->length;
	if (fault == NULL)
		return 0;
	if (why.kind != ERROR_SYSTEM)
		(void)error_set(&why, ERROR_INPUT, "%s", fault);
	return bad_line(b->list, SEVERITY_CHANGED, "line", &why, e);
}

static int
read_blocks(struct blocks *b, struct error *e)
{
	struct listing *l = b->list;
	char *line;
	size_t len;
	int more;
	struct error why = { 0 };

	while ((more = wacz_lines_next(&l->lines, &line, &len, &why)) == 1) {
		struct wacz_block x;
		int got = wacz_read_block(l->arena, line, len, &x, &why);

		if ((got < 0 &&
			bad_line(l, SEVERITY_CHANGED, "line", &why, e) != 0) ||
		    (got == 1 && check_block(b, &x, e) != 0))
			return -1;
		arena_reset(l->arena);
	}
	if (more < 0)
		return wacz_broken(l->w, "package", l->name, &why, e);
	if (b->end != input_size(b->in))
		wacz_say(l->w, SEVERITY_CHANGED, "line", l->name,
		    "its blocks end at %ju of the %ju bytes of the index",
		    (uintmax_t)b->end, (uintmax_t)input_size(b->in));
	return 0;
}

/* The index whose blocks NAME lists; NULL. */
static const struct tree_file *
index_of(struct listing *l)
{
	static const char *const ends[] = { ".cdx.gz", ".cdxj.gz" };
	size_t stem = strlen(l->name) - strlen(".idx");
	const struct tree_file *f = NULL;

	for (size_t i = 0; f == NULL && i < 2; i++)
		f = tree_find(l->w->p.tree, arena_format(l->arena, "%.*s%s",
						(int)stem, l->name, ends[i]));
	return f;
}

static int
read_idx(struct listing *l, struct error *e)
{
	const struct tree_file *f = index_of(l);
	struct blocks b = { .list = l };
	int rc;

	if (f == NULL) {
		wacz_say(l->w, SEVERITY_WARNING, "package", l->name,
		    "the index whose blocks it lists is not there");
		return 0;
	}
	/* One that comes once was told of with the layout. */
	if (tree_file_open(l->w->p.tree, f, &b.in, NULL) != 0)
		return 0;
	rc = read_blocks(&b, e);
	input_free(b.in);
	return rc;
}

/* ---- pages ---- */

static int
page_line(struct listing *l, const char *line, size_t len, struct error *e)
{
	struct wacz_page page;
	struct error why = { 0 };
	char time[DATE_TEXT_MAX];
	int is_head = l->lines.number == 1;

	if (is_head && wacz_read_pages_head(l->arena, line, len, &why) == 0)
		return 0;
	if (len == 0)
		(void)error_set(&why, ERROR_INPUT, "is empty");
	if (is_head || len == 0)
		return bad_line(l, SEVERITY_WARNING, "page", &why, e);
	if (wacz_read_page(l->arena, line, len, &page, &why) != 0)
		return bad_line(l, SEVERITY_CHANGED, "page", &why, e);
	date_digits(page.us, time);
	return wacz_put_page(l->w, page.url, time, 'b', place_of(l), e);
}

static int
read_pages(struct listing *l, struct error *e)
{
	char *line;
	size_t len;
	int more;
	struct error why = { 0 };

	while ((more = wacz_lines_next(&l->lines, &line, &len, &why)) == 1) {
		if (page_line(l, line, len, e) != 0)
			return -1;
		arena_reset(l->arena);
	}
	if (more < 0)
		return wacz_broken(l->w, "page", l->name, &why, e);
	if (l->lines.number == 0)
		wacz_say(l->w, SEVERITY_WARNING, "page", l->name,
		    "is empty, it has not even a first line");
	return 0;
}

/* ---- all of them ---- */

static int
is_packed_index(const char *name)
{
	return text_ends(name, ".cdx.gz") || text_ends(name, ".cdxj.gz");
}

static int
wants_list(void *context, const struct tree_file *f)
{
	const struct wacz_check *w = context;

	if (text_starts(f->name, "pages/"))
		return text_ends(f->name, ".jsonl") &&
		       !package_skips(&w->p, CHECK_PAGES);
	return text_starts(f->name, "indexes/") &&
	       (is_packed_index(f->name) || text_ends(f->name, ".cdx") ||
		   text_ends(f->name, ".cdxj") || text_ends(f->name, ".idx"));
}

static int
each_list(
    void *context, const struct tree_file *f, struct input *in, struct error *e)
{
	struct listing l = { .w = context, .name = f->name };
	int is_page = text_starts(f->name, "pages/");
	int rc;

	l.arena = arena_new();
	wacz_lines_begin(&l.lines, in, is_packed_index(f->name),
	    is_page ? WACZ_LINE_MAX : WACZ_INDEX_LINE_MAX);
	if (is_page)
		rc = read_pages(&l, e);
	else if (text_ends(f->name, ".idx"))
		rc = read_idx(&l, e);
	else
		rc = read_index(&l, e);
	wacz_lines_end(&l.lines);
	buf_clear(&l.last);
	arena_free(l.arena);
	return rc;
}

int
wacz_read_lists(struct wacz_check *w, struct error *e)
{
	const struct tree_visit v = { wants_list, each_list, w };
	struct error why = { 0 };
	int rc = tree_visit(w->p.tree, &v, &why);

	if (rc == 0)
		return 0;
	w->unread_index = 1;
	return wacz_broken(w, "package", "", &why, e);
}
