/* Which parts of a WACZ hold what revisits in others repeat. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/collection/export_wacz_part.h"

enum {
	PART_DIGITS = 5,
	PARTS_MOST = 64 /* with the same contents: any will do */
};

/* A digest, NUL, "0" or, of a revisit, "1", and the part. */
int
wacz_needs_add(struct sorter *s, const char *digest, int is_revisit,
    unsigned part, struct error *e)
{
	struct buf b = { 0 };
	int rc;

	buf_add(&b, digest, strlen(digest) + 1);
	buf_format(&b, "%d%05u", is_revisit, part);
	rc = sorter_add(s, b.data, b.len, e);
	buf_clear(&b);
	return rc;
}

/* Parts that hold contents, once each; those of one digest. */
struct holders {
	struct buf digest;
	unsigned parts[PARTS_MOST];
	size_t count;
	unsigned told; /* the part of the revisit seen last */
};

static int
holds(const struct holders *h, unsigned part)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->parts[i] == part)
			return 1;
	return 0;
}

/* The revisit in PART needs one of them unless its own part has it. */
static int
tell(const struct holders *h, unsigned part, struct sorter *needs,
    struct error *e)
{
	if (holds(h, part))
		return 0;
	for (size_t i = 0; i < h->count; i++) {
		char *pair = mem_format("%05u%05u", part, h->parts[i]);
		int rc = sorter_add(needs, pair, strlen(pair), e);

		free(pair);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
take(
    struct holders *h, const char *entry, struct sorter *needs, struct error *e)
{
	size_t front = strlen(entry) + 1;
	unsigned part = (unsigned)strtoul(entry + front + 1, NULL, 10);

	if (strcmp(entry, buf_text(&h->digest)) != 0) {
		buf_reset(&h->digest);
		buf_add_text(&h->digest, entry);
		h->count = 0;
		h->told = 0;
	}
	if (entry[front] == '0') {
		if (h->count < PARTS_MOST && !holds(h, part))
			h->parts[h->count++] = part;
		return 0;
	}
	if (part == h->told)
		return 0;
	h->told = part;
	return tell(h, part, needs, e);
}

int
wacz_needs_join(struct sorter *digests, struct sorter *needs, struct error *e)
{
	struct holders h = { .count = 0 };
	struct buf entry = { 0 };
	const uint8_t *p;
	size_t len;
	int more = 0, rc = sorter_begin(digests, e);

	while (rc == 0 && (more = sorter_next(digests, &p, &len, e)) == 1) {
		buf_reset(&entry);
		buf_add(&entry, p, len);
		rc = take(&h, (const char *)entry.data, needs, e);
	}
	buf_clear(&entry);
	buf_clear(&h.digest);
	return rc != 0 || more < 0 ? -1 : 0;
}

/* Pairs of numbers, those of PART. */
int
wacz_needs_part(struct sorter *needs, unsigned part,
    int (*each)(void *context, unsigned other, struct error *e), void *context,
    struct error *e)
{
	char *prefix = mem_format("%05u", part);
	unsigned last = 0;
	const uint8_t *p;
	size_t len;
	int more = 0, rc = sorter_begin(needs, e);

	while (rc == 0 && (more = sorter_next(needs, &p, &len, e)) == 1) {
		char number[PART_DIGITS + 1] = { 0 };
		unsigned other;

		if (len != (size_t)2 * PART_DIGITS ||
		    memcmp(p, prefix, PART_DIGITS) != 0)
			continue;
		memcpy(number, p + PART_DIGITS, PART_DIGITS);
		other = (unsigned)strtoul(number, NULL, 10);
		if (other != last)
			rc = each(context, other, e);
		last = other;
	}
	free(prefix);
	return rc != 0 || more < 0 ? -1 : 0;
}
