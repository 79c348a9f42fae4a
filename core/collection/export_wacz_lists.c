/* Index lines of all snapshots in one order, for each part of a WACZ. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/collection/export_wacz_part.h"

enum {
	SPOOL_MEMORY = 256 * 1024,
	BLOCK_LINES = 1024, /* of index.cdx.gz, as py-wacz has it */
	PART_DIGITS = 5
};

/* The next of each of the two sorted lists. */
static int
next_line(struct wacz_lists *l, struct error *e)
{
	l->more_lines = sorter_next(l->lines, &l->line, &l->line_len, e);
	return l->more_lines < 0 ? -1 : 0;
}

static int
next_page(struct wacz_lists *l, struct error *e)
{
	l->more_pages = sorter_next(l->pages, &l->page, &l->page_len, e);
	return l->more_pages < 0 ? -1 : 0;
}

int
wacz_lists_begin(struct wacz_lists *l, struct error *e)
{
	return sorter_begin(l->lines, e) != 0 || next_line(l, e) != 0 ||
		       sorter_begin(l->pages, e) != 0 || next_page(l, e) != 0
		   ? -1
		   : 0;
}

struct index_out {
	struct wacz_part_lists *lists;
	struct zipnum_packer *packer; /* NULL: plain */
};

static int
add_block(void *context, const struct zipnum_block *b, struct error *e)
{
	struct index_out *out = context;
	struct buf entry = { 0 };
	int rc;

	zipnum_add_entry(&entry, b);
	rc = spool_add(out->lists->packed, b->bytes, b->len, e);
	if (rc == 0)
		rc = spool_add(out->lists->index, entry.data, entry.len, e);
	buf_clear(&entry);
	return rc;
}

static int
put_line(struct index_out *out, const struct buf *line, struct error *e)
{
	if (out->packer != NULL)
		return zipnum_packer_add(out->packer, line->data, line->len, e);
	return spool_add(out->lists->index, line->data, line->len, e);
}

/* Equal lines once: two snapshots may hold a file of one name and content. */
static int
put_lines(struct wacz_lists *l, const char *prefix, struct index_out *out,
    struct error *e)
{
	struct buf line = { 0 };
	struct buf last = { 0 };
	int rc = 0;

	while (rc == 0 && l->more_lines == 1 &&
	       memcmp(l->line, prefix, PART_DIGITS) == 0) {
		buf_reset(&line);
		buf_add(
		    &line, l->line + PART_DIGITS, l->line_len - PART_DIGITS);
		buf_add_byte(&line, '\n');
		if (strcmp(buf_text(&line), buf_text(&last)) != 0) {
			struct buf swap = last;

			rc = put_line(out, &line, e);
			last = line;
			line = swap;
		}
		if (rc == 0)
			rc = next_line(l, e);
	}
	buf_clear(&last);
	buf_clear(&line);
	return rc;
}

static int
part_index(struct wacz_lists *l, const char *prefix, int packed,
    struct wacz_part_lists *p, struct error *e)
{
	struct index_out out = { .lists = p };
	struct buf meta = { 0 };
	int rc = 0;

	if (packed) {
		out.packer = zipnum_packer_new(BLOCK_LINES, add_block, &out);
		zipnum_add_meta(&meta, "index.cdx.gz");
		rc = spool_add(p->index, meta.data, meta.len, e);
	}
	if (rc == 0)
		rc = put_lines(l, prefix, &out, e);
	if (rc == 0 && packed)
		rc = zipnum_packer_end(out.packer, e);
	zipnum_packer_free(out.packer);
	buf_clear(&meta);
	return rc;
}

#define PAGES_HEAD                                                        \
	"{\"format\": \"json-pages-1.0\", \"id\": \"pages\", \"title\": " \
	"\"Pages\""
#define EXTRA_HEAD                                                             \
	"{\"format\": \"json-pages-1.0\", \"id\": \"extraPages\", \"title\": " \
	"\"Other pages\"}\n"

/* The list that a page goes into. Without any article all are equal; that of
 * other pages begins with its first line only when there is one. */
static struct spool *
page_list(struct wacz_part_lists *p, int is_article, struct error *e)
{
	p->articles += (uint64_t)is_article;
	if (p->articles == 0 || is_article)
		return p->pages;
	if (spool_len(p->extra) == 0 &&
	    spool_add(p->extra, EXTRA_HEAD, strlen(EXTRA_HEAD), e) != 0)
		return NULL;
	return p->extra;
}

/* The first page is the one to begin with. KEY is "00001a20261122T... URL" as
 * wacz_pages_key has it. */
static void
note_main(struct wacz_part_lists *p, const char *key)
{
	const char *time = key + PART_DIGITS + 1;
	const char *url = strchr(time, ' ');
	char digits[DATE_TEXT_MAX];

	if (p->main_url != NULL || url == NULL ||
	    (size_t)(url - time) >= sizeof(digits))
		return;
	memcpy(digits, time, (size_t)(url - time));
	digits[url - time] = '\0';
	if (date_parse_digits(digits, &p->main_us))
		p->main_url = mem_text(url + 1);
}

/* Is the next page one of the part that PREFIX names? */
static int
is_of_part(const struct wacz_lists *l, const char *prefix)
{
	return l->more_pages == 1 && memcmp(l->page, prefix, PART_DIGITS) == 0;
}

/* Articles have text, and come first. */
static int
begin_pages(const struct wacz_lists *l, const char *prefix,
    struct wacz_part_lists *p, struct error *e)
{
	int has_text = is_of_part(l, prefix) && l->page[PART_DIGITS] == 'a';
	const char *head = has_text ? PAGES_HEAD ", \"hasText\": true}\n"
				    : PAGES_HEAD "}\n";

	return spool_add(p->pages, head, strlen(head), e);
}

static int
part_pages(struct wacz_lists *l, const char *prefix, struct wacz_part_lists *p,
    struct error *e)
{
	int rc = begin_pages(l, prefix, p, e);

	while (rc == 0 && is_of_part(l, prefix)) {
		const char *key = (const char *)l->page;
		size_t front = strlen(key) + 1;
		struct spool *to;

		note_main(p, key);
		to = page_list(p, key[PART_DIGITS] == 'a', e);
		if (to == NULL ||
		    spool_add(to, l->page + front, l->page_len - front, e) != 0)
			return -1;
		rc = next_page(l, e);
	}
	if (rc == 0 && p->main_url == NULL)
		p->main_url = mem_text("");
	return rc;
}

int
wacz_lists_part(struct wacz_lists *l, unsigned part, int packed_index,
    const char *dir, struct wacz_part_lists *out, struct error *e)
{
	char *prefix = mem_format("%05u", part);
	int rc;

	*out = (struct wacz_part_lists){ 0 };
	out->index = spool_new(dir, SPOOL_MEMORY);
	out->pages = spool_new(dir, SPOOL_MEMORY);
	out->extra = spool_new(dir, SPOOL_MEMORY);
	if (packed_index)
		out->packed = spool_new(dir, SPOOL_MEMORY);
	rc = part_index(l, prefix, packed_index, out, e);
	if (rc == 0)
		rc = part_pages(l, prefix, out, e);
	free(prefix);
	return rc;
}

void
wacz_part_lists_clear(struct wacz_part_lists *p)
{
	struct spool *const all[] = { p->index, p->packed, p->pages, p->extra };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != NULL)
			spool_free(all[i]);
	free(p->main_url);
	*p = (struct wacz_part_lists){ 0 };
}

void
wacz_lists_clear(struct wacz_lists *l)
{
	sorter_free(l->lines);
	sorter_free(l->pages);
	sorter_free(l->needs);
	free(l->headline);
	*l = (struct wacz_lists){ 0 };
}
