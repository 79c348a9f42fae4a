/* Records of a snapshot into a selection, member by member. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/export_selection.h"
#include "core/collection/export_walk.h"
#include "core/collection/layout.h"
#include "core/collection/open_record.h"

/* Another file begins where one of a source does behind so many bytes. */
#define FILE_BYTES (UINT64_C(1) << 30)

static const char *const folder_names[SELECTION_FOLDERS] = { "records",
	"derived" };

/* One source file under way. */
struct taking {
	struct selection *selection;
	struct export_walk *walk;
	size_t folder;
	uint64_t source; /* of SELECTION->sources */
	struct open_record record;
	int fd;
	const struct export_entry *info; /* the warcinfo record before; NULL */
};

static int
flush_piece(struct selection *s, size_t folder, struct error *e)
{
	struct export_pieces *p = &s->pieces[folder];

	if (s->pending.length == 0)
		return 0;
	if (spool_add(p->spool, &s->pending, sizeof(s->pending), e) != 0)
		return -1;
	s->pending.length = 0;
	p->count++;
	s->files[s->current[folder] - 1].count++;
	return 0;
}

static void
end_file(struct selection *s, size_t folder)
{
	char text[DIGEST_TEXT_MAX];

	if (s->current[folder] == 0)
		return;
	digester_hex(s->digest[folder], text);
	memcpy(
	    s->files[s->current[folder] - 1].hex, text, DIGEST_SHA256_HEX + 1);
	s->current[folder] = 0;
}

static void
begin_file(struct selection *s, size_t folder)
{
	struct selection_file *f;
	unsigned number = 1;

	for (size_t i = 0; i < s->file_count; i++)
		number += s->files[i].folder == folder;
	s->files = mem_grow(s->files, s->file_count + 1, sizeof(*s->files));
	f = &s->files[s->file_count++];
	*f = (struct selection_file){
		.name = arena_format(s->plan->arena,
		    "%s/selection-%05u.warc.gz", folder_names[folder], number),
		.folder = folder,
		.first = s->pieces[folder].count,
	};
	digester_reset(s->digest[folder]);
	s->current[folder] = s->file_count;
}

static int
digest_piece(struct taking *t, const struct export_entry *x, struct error *e)
{
	struct stream *bytes = stream_of_file(t->fd, x->offset, x->length);
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(bytes, &p, &len, e)) > 0 &&
	       export_plan_goes_on(t->selection->plan, e) == 0)
		digester_add(t->selection->digest[t->folder], p, len);
	stream_free(bytes);
	return more == 0 ? 0 : -1;
}

/* The record as it lies there, once it was seen to be what was recorded. */
static int
copy(struct taking *t, struct export_entry *x, struct error *e)
{
	struct selection *s = t->selection;
	struct selection_file *f = &s->files[s->current[t->folder] - 1];
	struct export_piece *p = &s->pending;

	if (!x->marked && (open_record_seek(&t->record, x->offset, e) != 0 ||
			      open_record_check(&t->record, e) != 0))
		return -1;
	if (!x->marked && t->record.place.length != x->length)
		return error_set(e, ERROR_INTEGRITY,
		    "%s at %ju: not as long as its index says", t->record.file,
		    (uintmax_t)x->offset);
	x->to = f->size;
	x->to_file = (uint32_t)(s->current[t->folder] - 1);
	if (p->length > 0 &&
	    (p->file != t->source || p->offset + p->length != x->offset) &&
	    flush_piece(s, t->folder, e) != 0)
		return -1;
	if (p->length == 0)
		*p = (struct export_piece){ t->source, x->offset, 0 };
	p->length += x->length;
	f->size += x->length;
	s->totals.records++;
	s->totals.archive_bytes += x->length;
	return digest_piece(t, x, e);
}

static int
take(struct taking *t, struct export_entry *x, struct error *e)
{
	struct selection *s = t->selection;

	if (s->current[t->folder] == 0)
		begin_file(s, t->folder);
	if (t->info != NULL) {
		struct export_entry info = *t->info;

		t->info = NULL;
		if (copy(t, &info, e) != 0)
			return -1;
	}
	if (x->kind == ENTRY_ARTICLE)
		s->totals.articles++;
	return copy(t, x, e);
}

static int
open_source(struct taking *t, uint32_t file, struct error *e)
{
	struct selection *s = t->selection;
	const struct export_pick *k = t->walk->pick;
	const char *name = t->walk->files.names[file];
	char *below = mem_format("%s/%s", k->path, name);
	char *path = collection_path(s->plan->collection, below);
	struct file_names *n = &s->sources;

	t->folder = text_starts(name, "derived/") ? SELECTION_DERIVED
						  : SELECTION_RECORDS;
	t->source = n->count;
	n->names = mem_grow(n->names, n->count + 1, sizeof(*n->names));
	n->names[n->count++] = below;
	t->info = NULL;
	t->fd = file_open_read(path, e);
	free(path);
	if (t->fd >= 0 &&
	    open_record_file(&t->record, s->plan->collection, below, e) == 0)
		return 0;
	if (t->fd >= 0)
		(void)close(t->fd); /* only read */
	return -1;
}

static int
take_file(struct taking *t, size_t *next, struct error *e)
{
	struct selection *s = t->selection;
	struct export_walk *w = t->walk;
	uint32_t file = w->entries[*next].file;
	int rc = open_source(t, file, e);

	if (rc != 0)
		return -1;
	if (s->current[t->folder] > 0 &&
	    s->files[s->current[t->folder] - 1].size >= FILE_BYTES)
		end_file(s, t->folder);
	for (; rc == 0 && *next < w->count && w->entries[*next].file == file;
	     (*next)++) {
		struct export_entry *x = &w->entries[*next];

		if (x->kind == ENTRY_INFO)
			t->info = x;
		else if (x->chosen)
			rc = take(t, x, e);
	}
	if (rc == 0)
		rc = flush_piece(s, t->folder, e);
	open_record_close(&t->record);
	(void)close(t->fd); /* only read */
	return rc;
}

int
selection_add_records(
    struct selection *s, struct export_walk *w, struct error *e)
{
	struct taking t = { .selection = s, .walk = w };

	for (size_t i = 0; i < w->count;)
		if (take_file(&t, &i, e) != 0)
			return -1;
	return 0;
}

void
selection_end_files(struct selection *s)
{
	for (size_t i = 0; i < SELECTION_FOLDERS; i++)
		end_file(s, i);
}
