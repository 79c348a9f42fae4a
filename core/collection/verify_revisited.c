/* Revisits and their originals in other snapshots of a package. */
#include "core/collection/verify_revisited.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/collection/verify_collection.h"
#include "core/collection/verify_package_part.h"

enum { SORT_MEMORY = 2 * 1024 * 1024, OFFSET_BYTES = 8 };

/* Entries of one id, in this order: id, NUL, kind, what follows. */
enum kind { IS_THERE = 'a', IS_WANTED };

struct revisited {
	struct sorter *sorter;
	struct buf entry;
	struct error error;
};

struct revisited *
revisited_new(void)
{
	struct revisited *o = mem_zero(1, sizeof(*o));

	o->sorter = sorter_new(SORT_MEMORY, NULL);
	return o;
}

void
revisited_free(struct revisited *o)
{
	if (o == NULL)
		return;
	sorter_free(o->sorter);
	buf_clear(&o->entry);
	free(o);
}

static void
add_text(struct revisited *o, const char *text)
{
	buf_add(&o->entry, text, strlen(text) + 1);
}

static void
begin(struct revisited *o, const char *id, enum kind kind, int flag)
{
	buf_reset(&o->entry);
	add_text(o, id);
	buf_add_byte(&o->entry, (uint8_t)kind);
	buf_add_byte(&o->entry, (uint8_t)flag);
}

static void
end(struct revisited *o)
{
	if (o->error.kind == ERROR_NONE)
		(void)sorter_add(
		    o->sorter, o->entry.data, o->entry.len, &o->error);
}

void
revisited_add(
    struct revisited *o, const char *id, int is_revisit, const char *digest)
{
	begin(o, id, IS_THERE, is_revisit);
	add_text(o, digest);
	end(o);
}

void
revisited_want(struct revisited *o, const struct lost_original *l)
{
	begin(o, l->id, IS_WANTED, l->is_import);
	buf_add(&o->entry, &l->offset, OFFSET_BYTES);
	add_text(o, l->file);
	add_text(o, l->record);
	add_text(o, l->digest);
	end(o);
}

/* What is there under the id under way. */
struct there {
	struct buf id, digest;
	int is_revisit;
};

static struct lost_original
lost_of(const char *id, const uint8_t *at)
{
	struct lost_original l = { .id = id, .is_import = at[1] };

	memcpy(&l.offset, at + 2, OFFSET_BYTES);
	l.file = (const char *)at + 2 + OFFSET_BYTES;
	l.record = l.file + strlen(l.file) + 1;
	l.digest = l.record + strlen(l.record) + 1;
	return l;
}

static void
say(struct package_check *p, enum severity severity, const char *code,
    const struct lost_original *l, const char *what)
{
	char *text = mem_format("%s: %s", what, l->id);
	const struct finding f = { severity, code, l->file, l->offset,
		l->record, text };

	verify_count(&p->totals->files, severity);
	if (p->options->each_finding != NULL)
		p->options->each_finding(p->options->context, &f);
	free(text);
}

static void
compare(struct package_check *p, const struct there *t,
    const struct lost_original *l)
{
	if (strcmp(buf_text(&t->id), l->id) != 0)
		say(p, SEVERITY_NOTE, "refers-to", l,
		    "the original is not in this package");
	else if (l->is_import)
		return;
	else if (t->is_revisit)
		say(p, SEVERITY_CHANGED, "revisit", l,
		    "its original is a revisit");
	else if (l->digest[0] != '\0' &&
		 strcmp(buf_text(&t->digest), l->digest) != 0)
		say(p, SEVERITY_CHANGED, "revisit", l,
		    "its original has another payload");
}

static void
take(struct package_check *p, struct there *t, const uint8_t *entry)
{
	const char *id = (const char *)entry;
	const uint8_t *at = entry + strlen(id) + 1;

	if (at[0] == IS_THERE) {
		buf_reset(&t->id);
		buf_add_text(&t->id, id);
		buf_reset(&t->digest);
		buf_add_text(&t->digest, (const char *)at + 2);
		t->is_revisit = at[1];
	} else {
		const struct lost_original l = lost_of(id, at);

		compare(p, t, &l);
	}
}

int
revisited_end(struct revisited *o, struct package_check *p, struct error *e)
{
	struct there t = { .is_revisit = 0 };
	const uint8_t *entry;
	size_t len;
	int more = -1;

	if (o->error.kind != ERROR_NONE)
		return error_set(e, o->error.kind, "%s", o->error.text);
	if (sorter_begin(o->sorter, e) == 0)
		while ((more = sorter_next(o->sorter, &entry, &len, e)) == 1)
			take(p, &t, entry);
	buf_clear(&t.id);
	buf_clear(&t.digest);
	return more;
}
