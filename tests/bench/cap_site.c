/*
 * Makes the site that capture is measured on: a folder for a web server.
 *
 *	cap_site DIR [PAGES]
 *
 * Below DIR: root/ (the files; a .gz lies beside each text), pages (the URL
 * path of each article page), all (of every file: path, bytes, bytes of its
 * .gz or 0). The same count gives the same bytes. Article pages are 60-120 KB
 * of words that are as common as in a language; each has 4 pictures of its
 * own of 20-200 KB, which like all JPEG files do not compress; style sheets
 * and scripts are shared.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/site/bulk.h"

enum { PAGES = 200 };

struct maker {
	const char *dir;
	unsigned pages;
	struct bulk *bulk;
	struct buf list; /* file "pages" */
	struct buf all;  /* file "all" */
	uint64_t html_bytes, picture_bytes, files;
};

/* ---- files ---- */

static void
make_folder(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		perror(path);
		exit(1);
	}
}

/* Nothing here is worth waiting for a disk: no sync. */
static void
put_file(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len ||
	    fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* B as gzip file at PATH, level 6 as servers do. Its size. */
static size_t
put_gzip(const char *path, const struct buf *b)
{
	z_stream z = { 0 };
	struct buf out = { 0 };
	uint8_t *room;
	uLong bound;

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort();
	bound = deflateBound(&z, b->len);
	room = mem_alloc(bound);
	z.next_in = b->data;
	z.avail_in = (uInt)b->len;
	z.next_out = room;
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	(void)deflateEnd(&z);
	buf_add(&out, room, z.total_out);
	put_file(path, &out);
	buf_clear(&out);
	free(room);
	return z.total_out;
}

/* The file that answers PATH; a text gets its .gz. B is cleared. */
static void
put_answer(struct maker *m, const char *path, int is_text, struct buf *b)
{
	char *name = mem_format("%s/root%s", m->dir, path);
	char *packed = mem_format("%s.gz", name);
	size_t packed_len = 0;

	put_file(name, b);
	if (is_text)
		packed_len = put_gzip(packed, b);
	buf_format(&m->all, "%s %zu %zu\n", path, b->len, packed_len);
	m->files++;
	buf_clear(b);
	free(packed);
	free(name);
}

static void
put_picture(struct maker *m, const char *path, size_t len)
{
	struct buf b = { 0 };

	bulk_picture(m->bulk, &b, len);
	m->picture_bytes += b.len;
	put_answer(m, path, 0, &b);
}

static void
put_shared(struct maker *m)
{
	static const struct {
		const char *path;
		size_t len;
		const char *start;
	} texts[] = {
		{ "/assets/main.css", 90000, "body{background:url(bg.jpg)}\n" },
		{ "/assets/vendor.css", 60000, "" },
		{ "/assets/vendor.js", 180000, "" },
		{ "/assets/app.js", 80000, "" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf b = { 0 };

		bulk_code(m->bulk, &b, texts[i].start, i < 2, texts[i].len);
		put_answer(m, texts[i].path, 1, &b);
	}
	put_picture(m, "/assets/bg.jpg", 60000);
	put_picture(m, "/assets/logo.png", 9000);
}

static void
put_page(struct maker *m, unsigned number)
{
	struct buf title = { 0 };
	struct buf b = { 0 };
	size_t len = bulk_between(m->bulk, 60000, 120000);
	char *path;

	bulk_words(m->bulk, &title, 8);
	path = bulk_path(number, buf_text(&title));
	bulk_page(m->bulk, &b, number, buf_text(&title), len);
	m->html_bytes += b.len;
	buf_format(&m->list, "%s\n", path);
	put_answer(m, path, 1, &b);
	for (unsigned i = 0; i < BULK_PICTURES; i++) {
		char *picture = mem_format("/media/%u-%u.jpg", number, i);

		put_picture(m, picture, bulk_picture_len(m->bulk));
		free(picture);
	}
	buf_clear(&title);
	free(path);
}

static void
make_folders(const struct maker *m)
{
	static const char *const folders[] = { "", "/root", "/root/news",
		"/root/media", "/root/assets" };
	char *path;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		path = mem_format("%s%s", m->dir, folders[i]);
		make_folder(path);
		free(path);
	}
	for (unsigned i = 0; i < BULK_SECTIONS; i++) {
		path = mem_format("%s/root/news/%u", m->dir, i);
		make_folder(path);
		free(path);
	}
}

static void
put_list(const struct maker *m, const char *name, struct buf *b)
{
	char *path = mem_format("%s/%s", m->dir, name);

	put_file(path, b);
	buf_clear(b);
	free(path);
}

int
main(int argc, char **argv)
{
	struct maker *m = mem_zero(1, sizeof(*m));
	struct buf robots = { 0 };

	if (argc < 2) {
		(void)fputs("usage: cap_site DIR [PAGES]\n", stderr);
		return 2;
	}
	m->dir = argv[1];
	m->bulk = bulk_new(20260101);
	m->pages = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : PAGES;
	make_folders(m);
	put_shared(m);
	for (unsigned i = 0; i < m->pages; i++)
		put_page(m, i);
	printf("site: version 1, %u pages, %ju URLs, %ju bytes of HTML, %ju "
	       "bytes of pictures, %d pictures a page\n",
	    m->pages, (uintmax_t)m->files, (uintmax_t)m->html_bytes,
	    (uintmax_t)m->picture_bytes, BULK_PICTURES);
	put_list(m, "pages", &m->list);
	put_list(m, "all", &m->all);
	buf_add_text(&robots, "User-agent: *\nDisallow: /private/\n");
	put_list(m, "root/robots.txt", &robots);
	bulk_free(m->bulk);
	free(m);
	return 0;
}
