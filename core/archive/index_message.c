/* Entries and problems on their way between threads. */
#include "core/archive/index_message.h"

#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/buf.h"
#include "core/base/error.h"

/* In front of the texts, each of which ends with NUL. */
struct fixed {
	uint64_t offset, length;
	unsigned status;
	uint8_t is_entry, has_key, damaged;
};

static void
add_text(struct buf *out, const char *text)
{
	if (text == NULL)
		text = "";
	buf_add(out, text, strlen(text) + 1);
}

void
index_message_entry(struct buf *out, const struct cdxj_facts *f)
{
	const struct fixed fixed = { f->offset, f->length, f->status, 1,
		f->key != NULL, 0 };

	buf_add(out, &fixed, sizeof(fixed));
	add_text(out, f->url);
	add_text(out, f->time);
	add_text(out, f->mime);
	add_text(out, f->digest);
	add_text(out, f->record_digest);
	add_text(out, f->key);
}

void
index_message_problem(
    struct buf *out, uint64_t offset, int damaged, const struct error *why)
{
	const struct fixed fixed = { offset, 0, 0, 0, 0, damaged != 0 };

	buf_add(out, &fixed, sizeof(fixed));
	add_text(out, why->text);
}

static const char *
take_text(const uint8_t **p)
{
	const char *text = (const char *)*p;

	*p += strlen(text) + 1;
	return text;
}

void
index_message_read(
    struct index_message *m, struct cdxj_facts *f, const uint8_t *p)
{
	struct fixed fixed;

	memcpy(&fixed, p, sizeof(fixed));
	p += sizeof(fixed);
	*m = (struct index_message){ .is_entry = fixed.is_entry,
		.offset = fixed.offset,
		.damaged = fixed.damaged };
	*f = (struct cdxj_facts){ .offset = fixed.offset,
		.length = fixed.length,
		.status = fixed.status,
		.ascii = 1 };
	if (!fixed.is_entry) {
		m->why = take_text(&p);
		return;
	}
	f->url = take_text(&p);
	f->time = take_text(&p);
	f->mime = take_text(&p);
	f->digest = take_text(&p);
	f->record_digest = take_text(&p);
	f->key = fixed.has_key ? take_text(&p) : NULL;
}
