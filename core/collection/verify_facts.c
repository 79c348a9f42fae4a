/*
 * What the files of a snapshot tell of the same record, written down: its own
 * place and digests, the line of the index, the outcome, what other records
 * and the report say. All of it is sorted by record id, and again by URL, so
 * that memory stays the same whatever the number of captures.
 */
#include <string.h>

#include "core/archive/record.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/verify_facts.h"
#include "core/collection/verify_part.h"

const char *const outcome_fields[OUTCOME_FIELDS] = { "url", "time", "digest",
	"block_digest", "status", "offset", "length", "file" };

enum { KEY_MAX = 2048 };

void
fact_add_number(struct buf *b, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0)
		buf_add_byte(b, (uint8_t)(n >> (8 * bytes)));
}

uint64_t
fact_get_number(const uint8_t *p, unsigned bytes)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | p[i];
	return n;
}

static void
begin(struct snapshot_check *s, const char *key, int kind, uint64_t offset)
{
	struct buf *b = &s->entry;
	size_t len = strlen(key);
	uint8_t hash[VERIFY_SHORT];

	buf_reset(b);
	buf_add(b, key, len < KEY_MAX ? len : KEY_MAX);
	if (len > KEY_MAX) {
		char hex[2 * VERIFY_SHORT + 1];

		check_hash(s, hash, key, len);
		text_hex(hex, hash, sizeof(hash));
		buf_add_text(b, hex);
	}
	buf_add_byte(b, '\0');
	buf_add_byte(b, (uint8_t)kind);
	fact_add_number(b, s->file_count == 0 ? 0 : s->file_count - 1, 4);
	fact_add_number(b, offset, 8);
}

static void
end(struct snapshot_check *s, struct sorter *sorter)
{
	if (s->error.kind == ERROR_NONE)
		(void)sorter_add(
		    sorter, s->entry.data, s->entry.len, &s->error);
}

struct fact
fact_of(const uint8_t *p, size_t len)
{
	struct fact f = { .key = (const char *)p };
	size_t at = strlen(f.key) + 1;

	f.kind = p[at];
	f.file = (uint32_t)fact_get_number(p + at + 1, 4);
	f.offset = fact_get_number(p + at + 5, 8);
	f.data = p + at + 13;
	f.len = len - at - 13;
	return f;
}

/* FNV-1a; enough where what is compared is a word. */
static uint64_t
word_hash(const char *text)
{
	uint64_t h = 14695981039346656037ull;

	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * 1099511628211ull;
	return h;
}

void
fact_outcome(const struct snapshot_check *s, struct outcome_fact *f,
    const char *const values[OUTCOME_FIELDS], const char *mime)
{
	struct buf all = { 0 };

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < OUTCOME_FIELDS; i++) {
		size_t len = strlen(values[i]);

		f->fields[i] = text_crc32c(values[i], len);
		buf_add(&all, values[i], len + 1);
	}
	check_hash(s, f->hash, buf_text(&all), all.len);
	f->mime = word_hash(mime);
	buf_clear(&all);
}

void
fact_record(struct snapshot_check *s, const char *id, uint64_t offset,
    const struct record_fact *f)
{
	begin(s, id, FACT_RECORD, offset);
	if (f->type == RECORD_OTHER)
		buf_add_byte(&s->entry, RECORD_OTHER);
	else
		buf_add(&s->entry, f, sizeof(*f));
	end(s, s->by_id);
}

void
fact_metadata(
    struct snapshot_check *s, const char *id, const uint8_t facts[VERIFY_SHORT])
{
	begin(s, id, FACT_METADATA, 0);
	buf_add(&s->entry, facts, VERIFY_SHORT);
	end(s, s->by_id);
}

void
fact_index_line(struct snapshot_check *s, const char *id, uint64_t offset,
    const uint8_t line[VERIFY_SHORT])
{
	begin(s, id, FACT_LINE, offset);
	buf_add(&s->entry, line, VERIFY_SHORT);
	end(s, s->by_id);
}

void
fact_outcome_line(struct snapshot_check *s, const char *id, uint64_t offset,
    const struct outcome_fact *f, const uint8_t facts[VERIFY_SHORT])
{
	begin(s, id, FACT_OUTCOME, offset);
	buf_add(&s->entry, f, sizeof(*f));
	buf_add(&s->entry, facts, VERIFY_SHORT);
	end(s, s->by_id);
}

void
fact_article(struct snapshot_check *s, const char *refers_to, uint64_t number)
{
	begin(s, refers_to, FACT_ARTICLE, number);
	end(s, s->by_id);
}

void
fact_reference(struct snapshot_check *s, enum reference kind, const char *id,
    uint64_t offset, const char *record, const char *uri, const char *digest)
{
	begin(s, id, FACT_REFERENCE, offset);
	buf_add_byte(&s->entry, (uint8_t)kind);
	buf_add(&s->entry, record, strlen(record) + 1);
	buf_add(&s->entry, uri, strlen(uri) + 1);
	buf_add(&s->entry, digest, strlen(digest) + 1);
	end(s, s->by_id);
}

void
fact_url(struct snapshot_check *s, const char *url, uint64_t offset,
    uint32_t run, enum outcome outcome)
{
	begin(s, url, FACT_URL, offset);
	buf_add_byte(&s->entry, (uint8_t)outcome);
	fact_add_number(&s->entry, run, 4);
	end(s, s->by_url);
}

void
fact_capture(struct snapshot_check *s, const char *url, uint64_t offset,
    const char *record)
{
	begin(s, url, FACT_CAPTURE, offset);
	buf_add(&s->entry, record, strlen(record) + 1);
	end(s, s->by_url);
}

void
fact_need(struct snapshot_check *s, const char *url, const struct page_place *p,
    int outcome)
{
	begin(s, url, FACT_NEED, p->offset);
	buf_add_byte(&s->entry, (uint8_t)outcome);
	fact_add_number(&s->entry, p->run, 4);
	buf_add(&s->entry, p->record, strlen(p->record) + 1);
	end(s, s->by_url);
}
