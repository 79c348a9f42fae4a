/* Index lines packed into blocks, and lines that list the blocks. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum { BLOCK_BYTES = 4 * 1024 * 1024 };

struct zipnum_packer {
	zipnum_each_block *each;
	void *context;
	struct gzip_writer *gzip;
	size_t lines;        /* of a block */
	struct buf block;    /* lines of the one that grows */
	size_t count;        /* lines in BLOCK */
	struct buf packed;   /* its gzip member */
	uint64_t offset;     /* of the next member */
	uint64_t next_block; /* its number */
};

struct zipnum_packer *
zipnum_packer_new(size_t lines, zipnum_each_block *each, void *context)
{
	struct zipnum_packer *p = mem_zero(1, sizeof(*p));

	p->each = each;
	p->context = context;
	p->gzip = gzip_writer_new();
	p->lines = lines == 0 ? 1 : lines;
	return p;
}

void
zipnum_packer_free(struct zipnum_packer *p)
{
	if (p == NULL)
		return;
	gzip_writer_free(p->gzip);
	buf_clear(&p->packed);
	buf_clear(&p->block);
	free(p);
}

static int
add_packed(void *context, const uint8_t *bytes, size_t len, struct error *e)
{
	struct zipnum_packer *p = context;

	(void)e;
	buf_add(&p->packed, bytes, len);
	return 0;
}

int
zipnum_packer_end(struct zipnum_packer *p, struct error *e)
{
	const struct buf none = { 0 };
	struct zipnum_block b = { .offset = p->offset,
		.number = p->next_block };
	uint64_t length;

	if (p->count == 0)
		return 0;
	buf_reset(&p->packed);
	if (gzip_member_write(p->gzip, GZIP_DEFLATE, &p->block, NULL, &none,
		add_packed, p, &length, e) != 0)
		return -1;
	b.front = buf_text(&p->block);
	b.front_len = strcspn(b.front, " \n");
	if (b.front[b.front_len] == ' ')
		b.front_len += 1 + strcspn(b.front + b.front_len + 1, " \n");
	b.bytes = p->packed.data;
	b.len = p->packed.len;
	digest_text(DIGEST_SHA256, b.bytes, b.len, b.digest);
	if (p->each(p->context, &b, e) != 0)
		return -1;
	p->offset += length;
	p->next_block++;
	buf_reset(&p->block);
	p->count = 0;
	return 0;
}

int
zipnum_packer_add(
    struct zipnum_packer *p, const void *line, size_t len, struct error *e)
{
	/* A reader has to inflate a block whole. */
	if (p->block.len + len > BLOCK_BYTES && zipnum_packer_end(p, e) != 0)
		return -1;
	buf_add(&p->block, line, len);
	if (++p->count < p->lines)
		return 0;
	return zipnum_packer_end(p, e);
}

void
zipnum_add_meta(struct buf *out, const char *name)
{
	buf_add_text(
	    out, "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": ");
	json_add_string(out, name, strlen(name));
	buf_add_text(out, "}\n");
}

void
zipnum_add_entry(struct buf *out, const struct zipnum_block *b)
{
	buf_add(out, b->front, b->front_len);
	buf_format(out,
	    " {\"offset\": %ju, \"length\": %zu, \"digest\": \"%s\"}\n",
	    (uintmax_t)b->offset, b->len, b->digest);
}
