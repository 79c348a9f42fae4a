/* Revisits and their originals, across files. */
#include "core/collection/verify_originals.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"

enum { ORIGINALS_MEMORY = 2 * 1024 * 1024, ORIGINALS_KEY = 16 };

/*
 * Sorted entries: 16 bytes of the id, then nothing for a record that is there
 * or 1, offset (8 bytes) and three texts for a revisit that names it: records
 * come before those who ask for them.
 */
struct verify_originals {
	struct sorter *sorter;
	struct buf entry;
	uint64_t revisits;
};

struct verify_originals *
verify_originals_new(void)
{
	struct verify_originals *o = mem_zero(1, sizeof(*o));

	o->sorter = sorter_new(ORIGINALS_MEMORY, NULL);
	return o;
}

void
verify_originals_free(struct verify_originals *o)
{
	if (o == NULL)
		return;
	sorter_free(o->sorter);
	buf_clear(&o->entry);
	free(o);
}

/* A UUID is its own key; other ids are hashed. */
static void
add_key(struct buf *out, const char *id)
{
	static const char urn[] = "urn:uuid:";
	const size_t start = sizeof(urn) - 1;
	uint8_t raw[DIGEST_SHA256_RAW];
	char hex[2 * ORIGINALS_KEY + 1];
	size_t n = 0;

	if (strlen(id) == start + 36 && text_starts(id, urn)) {
		for (const char *s = id + start; *s != '\0' && n < 32; s++)
			if (*s != '-')
				hex[n++] = *s;
		hex[n] = '\0';
		if (n == 32 && text_unhex(raw, hex, ORIGINALS_KEY)) {
			buf_add(out, raw, ORIGINALS_KEY);
			return;
		}
	}
	digest_sha256(id, strlen(id), raw);
	buf_add(out, raw, ORIGINALS_KEY);
}

static int
add_revisit(struct verify_originals *o, const struct verified_record *r,
    struct error *e)
{
	buf_reset(&o->entry);
	add_key(&o->entry, r->refers_to);
	buf_add_byte(&o->entry, 1);
	buf_add(&o->entry, &r->offset, sizeof(r->offset));
	buf_add(&o->entry, r->file, strlen(r->file) + 1);
	buf_add(&o->entry, r->id, strlen(r->id) + 1);
	buf_add(&o->entry, r->refers_to, strlen(r->refers_to) + 1);
	o->revisits++;
	return sorter_add(o->sorter, o->entry.data, o->entry.len, e);
}

int
verify_originals_add(struct verify_originals *o,
    const struct verified_record *r, struct error *e)
{
	int is_revisit = strcmp(r->type, "revisit") == 0;

	if (is_revisit)
		return r->refers_to[0] == '\0' ? 0 : add_revisit(o, r, e);
	/* Only these are ever revisited (WARC 1.1, 6.7). */
	if (r->id[0] == '\0' || (strcmp(r->type, "response") != 0 &&
				    strcmp(r->type, "resource") != 0 &&
				    strcmp(r->type, "conversion") != 0))
		return 0;
	buf_reset(&o->entry);
	add_key(&o->entry, r->id);
	return sorter_add(o->sorter, o->entry.data, o->entry.len, e);
}

int
verify_originals_end(struct verify_originals *o,
    int (*each)(
	void *context, const struct verified_revisit *r, struct error *e),
    void *context, struct error *e)
{
	uint8_t known[ORIGINALS_KEY] = { 0 };
	const uint8_t *p;
	size_t len;
	int is_known = 0;
	int more;

	if (o->revisits == 0)
		return 0;
	if (sorter_begin(o->sorter, e) != 0)
		return -1;
	while ((more = sorter_next(o->sorter, &p, &len, e)) == 1) {
		struct verified_revisit r;

		if (len == ORIGINALS_KEY) {
			memcpy(known, p, sizeof(known));
			is_known = 1;
			continue;
		}
		if (is_known && memcmp(known, p, sizeof(known)) == 0)
			continue;
		memcpy(&r.offset, p + ORIGINALS_KEY + 1, sizeof(r.offset));
		r.file = (const char *)p + ORIGINALS_KEY + 1 + sizeof(r.offset);
		r.record = r.file + strlen(r.file) + 1;
		r.refers_to = r.record + strlen(r.record) + 1;
		if (each(context, &r, e) != 0)
			return -1;
	}
	return more;
}
