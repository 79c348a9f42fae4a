/* Ids, places and facts of records as byte strings that sort. */
#include "core/archive/verify_references.h"

#include <endian.h>
#include <string.h>

#include "core/base/text.h"

enum { ID_EMPTY, ID_UUID, ID_TEXT };

enum { UUID_BYTES = 16, UUID_TEXT = 45 }; /* "urn:uuid:" and 36 */

int
reference_uuid(const char *id, uint8_t out[16])
{
	char hex[2 * UUID_BYTES];
	unsigned upper = 0;

	if (strncmp(id, "urn:uuid:", 9) != 0 || strlen(id) != UUID_TEXT ||
	    id[17] != '-' || id[22] != '-' || id[27] != '-' || id[32] != '-')
		return 0;
	memcpy(hex, id + 9, 8);
	memcpy(hex + 8, id + 18, 4);
	memcpy(hex + 12, id + 23, 4);
	memcpy(hex + 16, id + 28, 4);
	memcpy(hex + 20, id + 33, 12);
	/* Letters have 0x40, and 0x20 in lower case. */
	for (size_t i = 0; i < sizeof(hex); i++)
		upper |= (unsigned)hex[i] >> 1 & ~(unsigned)hex[i];
	return (upper & 0x20) == 0 && text_unhex(out, hex, UUID_BYTES);
}

void
reference_pack_id(struct buf *out, const char *id)
{
	uint8_t packed[1 + UUID_BYTES] = { ID_UUID };

	if (id[0] == '\0') {
		buf_add_byte(out, ID_EMPTY);
	} else if (reference_uuid(id, packed + 1)) {
		buf_add(out, packed, sizeof(packed));
	} else {
		buf_add_byte(out, ID_TEXT);
		buf_add(out, id, strlen(id) + 1);
	}
}

void
reference_pack_uuid(struct buf *out, const uint8_t uuid[16])
{
	uint8_t packed[1 + UUID_BYTES] = { ID_UUID };

	memcpy(packed + 1, uuid, UUID_BYTES);
	buf_add(out, packed, sizeof(packed));
}

size_t
reference_id_len(const uint8_t *p)
{
	if (p[0] == ID_EMPTY)
		return 1;
	if (p[0] == ID_UUID)
		return 1 + UUID_BYTES;
	return 1 + strlen((const char *)p + 1) + 1;
}

void
reference_id_text(struct buf *out, const uint8_t *p)
{
	static const char digits[] = "0123456789abcdef";
	char text[UUID_TEXT + 1] = "urn:uuid:";
	char *s = text + 9;

	if (p[0] != ID_UUID) {
		if (p[0] == ID_TEXT)
			buf_add_text(out, (const char *)p + 1);
		return;
	}
	for (int n = 0; n < UUID_BYTES; n++) {
		if (n == 4 || n == 6 || n == 8 || n == 10)
			*s++ = '-';
		*s++ = digits[p[1 + n] >> 4];
		*s++ = digits[p[1 + n] & 15];
	}
	*s = '\0';
	buf_add_text(out, text);
}

static void
put_32(uint8_t *p, uint32_t n)
{
	n = htobe32(n);
	memcpy(p, &n, sizeof(n));
}

static void
put_64(uint8_t *p, uint64_t n)
{
	n = htobe64(n);
	memcpy(p, &n, sizeof(n));
}

static uint32_t
get_32(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return be32toh(n);
}

static uint64_t
get_64(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return be64toh(n);
}

void
reference_pack_place(struct buf *out, const struct reference_place *p)
{
	uint8_t bytes[REFERENCE_PLACE_BYTES];

	put_32(bytes, p->file);
	put_64(bytes + 4, p->offset);
	put_32(bytes + 12, p->index);
	buf_add(out, bytes, sizeof(bytes));
}

const uint8_t *
reference_read_place(const uint8_t *p, struct reference_place *out)
{
	out->file = (uint32_t)get_32(p);
	out->offset = get_64(p + 4);
	out->index = (uint32_t)get_32(p + 12);
	return p + REFERENCE_PLACE_BYTES;
}

void
reference_pack_facts(struct buf *out, const struct reference_facts *f)
{
	uint8_t bytes[REFERENCE_FACTS_BYTES];

	memcpy(bytes, f->digest, REFERENCE_DIGEST_BYTES);
	put_64(bytes + REFERENCE_DIGEST_BYTES, f->uri);
	put_64(bytes + REFERENCE_DIGEST_BYTES + 8, f->target);
	put_64(bytes + REFERENCE_DIGEST_BYTES + 16, (uint64_t)f->date);
	buf_add(out, bytes, sizeof(bytes));
}

const uint8_t *
reference_read_facts(const uint8_t *p, struct reference_facts *out)
{
	memcpy(out->digest, p, REFERENCE_DIGEST_BYTES);
	out->uri = get_64(p + REFERENCE_DIGEST_BYTES);
	out->target = get_64(p + REFERENCE_DIGEST_BYTES + 8);
	out->date = (int64_t)get_64(p + REFERENCE_DIGEST_BYTES + 16);
	return p + REFERENCE_FACTS_BYTES;
}

/* Not against an enemy: he could only make his own file say less. */
uint64_t
reference_hash(const char *s)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	size_t len = strlen(s);
	uint64_t h = len * odd;

	for (; len > 0; len -= len < 8 ? len : 8) {
		uint64_t part = 0;

		if (len >= 8)
			memcpy(&part, s, 8);
		else
			memcpy(&part, s, len);
		s += len < 8 ? len : 8;
		h = (h ^ part) * odd;
		h ^= h >> 32;
	}
	h *= odd;
	h ^= h >> 29;
	return h == 0 ? 1 : h; /* 0: none */
}
