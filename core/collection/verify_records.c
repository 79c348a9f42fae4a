/* The record files of a snapshot: each by itself, then what ties them. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/verify_part.h"

#define ARTICLE_TYPE "application/vnd.holdfast.article+json"

struct known_record *
check_find(const struct snapshot_check *s, const char *id, int *there)
{
	uint64_t *place = target_set_find(&s->ids, id);

	*there = place != NULL;
	return place == NULL || *place == 0 ? NULL : &s->known[*place - 1];
}

static int
is_there(const struct snapshot_check *s, const char *id)
{
	return target_set_find(&s->ids, id) != NULL;
}

static int
is_type(const struct verified_record *r, enum record_type type)
{
	return strcmp(r->type, record_type_name(type)) == 0;
}

/* Something that holds of records only as long as all of them are there. */
static void
say_of(struct snapshot_check *s, const struct verified_record *r,
    const char *code, const char *text, const char *what)
{
	if (!s->records_are_changed)
		check_say(s, SEVERITY_CHANGED, code, s->file, r->offset, r->id,
		    "%s%s", text, what);
	s->file_said++;
}

/* As listings spell it: what is not UTF-8 is replaced. */
static const char *
listed(struct buf *b, const char *text)
{
	if (text_is_utf8(text, strlen(text)))
		return text;
	buf_reset(b);
	(void)text_add_clean(b, text, strlen(text));
	return buf_text(b);
}

static void
hash_listed(uint8_t out[VERIFY_SHORT], const char *text)
{
	struct buf b = { 0 };
	const char *clean = listed(&b, text);

	check_hash(out, clean, strlen(clean));
	buf_clear(&b);
}

/* The line that index.cdxj must have for it. */
static void
hash_line(struct snapshot_check *s, const struct verified_record *r,
    struct known_record *k)
{
	struct buf line = { 0 };
	struct buf uri = { 0 };
	const struct cdxj_facts f = {
		.url = listed(&uri, r->uri),
		.date_us = r->date_us,
		.mime = k->type == RECORD_REVISIT    ? "warc/revisit"
			: k->type == RECORD_RESPONSE ? r->mime
						     : r->content_type,
		.status = r->status,
		.digest = r->payload_digest,
		.length = r->length,
		.offset = r->offset,
		.file = s->file,
		.id = r->id,
	};

	cdxj_add_line(&line, &f);
	check_hash(k->line, buf_text(&line), line.len - 1);
	hash_listed(k->mime, f.mime);
	buf_clear(&uri);
	buf_clear(&line);
}

static void
add_known(struct snapshot_check *s, const struct verified_record *r,
    enum record_type type)
{
	struct known_record *k;

	if ((s->known_count & (s->known_count - 1)) == 0)
		s->known = mem_grow(s->known,
		    s->known_count == 0 ? 1 : 2 * s->known_count,
		    sizeof(*s->known));
	k = &s->known[s->known_count++];
	*k = (struct known_record){
		.id = arena_text(s->arena, r->id),
		.offset = r->offset,
		.length = r->length,
		.file = s->file_count - 1,
		.status = (uint16_t)r->status,
		.type = (uint8_t)type,
	};
	hash_listed(k->uri, r->uri);
	hash_listed(k->date, r->date);
	hash_listed(k->digest, r->payload_digest);
	hash_listed(k->block, r->block_digest);
	hash_line(s, r, k);
}

static void
add_article(struct snapshot_check *s, const struct verified_record *r)
{
	size_t n = s->article_count;

	if ((n & (n - 1)) == 0)
		s->articles = mem_grow(
		    s->articles, n == 0 ? 1 : 2 * n, sizeof(*s->articles));
	s->articles[n] = (struct known_article){
		.id = arena_text(s->arena, r->id),
		.digest = arena_text(s->arena, r->block_digest),
		.refers_to = arena_text(s->arena, r->refers_to),
	};
	s->article_count++;
}

/* The id follows from what the record says and where it stands (DESIGN, 7),
 * so that neither can be changed alone. */
static void
check_id(struct snapshot_check *s, const struct verified_record *r)
{
	char id[RECORD_ID_MAX];

	/* Behind damage nobody knows a record's number. */
	if (s->file_is_damaged || (strcmp(s->kind, "capture") != 0 &&
				      strcmp(s->kind, "reextract") != 0))
		return;
	record_make_id(id, s->collection_id, s->file, r->number, r->type,
	    r->date, r->block_digest);
	if (strcmp(id, r->id) == 0)
		return;
	s->file_said++;
	check_say(s, SEVERITY_CHANGED, "record-id", s->file, r->offset, r->id,
	    "its id, type, date, block digest or place was changed: they "
	    "give %s",
	    id);
}

/* A revisit's original may lie in an earlier snapshot. */
static void
check_original(struct snapshot_check *s, const struct verified_record *r)
{
	struct arena *a = arena_new();
	struct index_hit *hits = NULL;
	size_t count = 0;
	int found = 0;

	if (s->collection != NULL &&
	    index_find(s->collection, a, r->uri, &hits, &count, NULL) == 0)
		for (size_t i = 0; i < count; i++)
			found |= strcmp(hits[i].id, r->refers_to) == 0;
	if (!found && (s->collection == NULL || s->is_import))
		check_say(s, SEVERITY_NOTE, "refers-to", s->file, r->offset,
		    r->id, "the original is not in this %s: %s",
		    s->collection == NULL ? "snapshot" : "collection",
		    r->refers_to);
	else if (!found)
		say_of(s, r, "refers-to",
		    "the original is not in this collection: ", r->refers_to);
	arena_free(a);
}

/* What it names must be there already. */
static void
check_names(struct snapshot_check *s, const struct verified_record *r)
{
	if (r->number == 0 && !is_type(r, RECORD_WARCINFO))
		say_of(s, r, "warcinfo", "the first record is a ", r->type);
	if (r->number == 0)
		s->warcinfo = arena_text(s->arena, r->id);
	/* What others wrote names what it likes. */
	if (s->is_import) {
		if (is_type(r, RECORD_REVISIT) && r->refers_to[0] != '\0' &&
		    !is_there(s, r->refers_to))
			check_original(s, r);
		return;
	}
	if (r->number > 0 && strcmp(r->warcinfo_id, s->warcinfo) != 0)
		say_of(s, r, "warcinfo",
		    "WARC-Warcinfo-ID is not its file's: ", r->warcinfo_id);
	if (r->concurrent_to[0] != '\0' && !is_there(s, r->concurrent_to))
		say_of(s, r, "concurrent-to",
		    "names a record that is not there: ", r->concurrent_to);
	if (r->refers_to[0] == '\0' || is_there(s, r->refers_to))
		return;
	if (is_type(r, RECORD_REVISIT))
		check_original(s, r);
	else
		say_of(s, r, "refers-to",
		    "names a record that is not there: ", r->refers_to);
}

static int
is_facts(const struct verified_record *r)
{
	return is_type(r, RECORD_METADATA) && r->concurrent_to[0] != '\0' &&
	       strcmp(r->content_type, "application/warc-fields") == 0;
}

static int
keep_block(void *context, const struct verified_record *r)
{
	const struct snapshot_check *s = context;

	return !s->is_import && is_facts(r);
}

static void
take_facts(struct snapshot_check *s, const struct verified_record *r)
{
	int there;
	struct known_record *k = check_find(s, r->concurrent_to, &there);
	struct buf facts = { 0 };

	if (k == NULL || r->block == NULL)
		return;
	check_facts_of_block(&facts, (const char *)r->block, r->block_kept);
	check_hash(k->facts, buf_text(&facts), facts.len);
	k->has_facts = 1;
	buf_clear(&facts);
}

static int
each_record(void *context, const struct verified_record *r)
{
	struct snapshot_check *s = context;
	enum record_type type = is_type(r, RECORD_RESPONSE)   ? RECORD_RESPONSE
				: is_type(r, RECORD_REVISIT)  ? RECORD_REVISIT
				: is_type(r, RECORD_RESOURCE) ? RECORD_RESOURCE
							      : RECORD_OTHER;
	int is_known = type != RECORD_OTHER;

	s->records++;
	s->last_id = arena_text(s->arena, r->id);
	check_id(s, r);
	check_names(s, r);
	if (!target_set_add(
		&s->ids, r->id, is_known ? s->known_count + 1 : 0)) {
		say_of(s, r, "id",
		    "another record of this snapshot has the same id", "");
		return 0;
	}
	if (is_known)
		add_known(s, r, type);
	if (is_facts(r))
		take_facts(s, r);
	if (strcmp(r->content_type, ARTICLE_TYPE) == 0)
		add_article(s, r);
	return 0;
}

/* What the verifier of files says: with names for what it could not name,
 * without what only we can know. */
static void
each_finding(void *context, const struct finding *f)
{
	struct snapshot_check *s = context;
	struct verify_totals *t = &s->totals->files;
	struct finding mine = *f;
	char *text = NULL;

	/* Habits of those who wrote what was imported: verify FILE tells. */
	if (f->severity == SEVERITY_NOTE && s->is_import) {
		t->notes--;
		return;
	}
	/* Imported with its mismatch, and marked. */
	if (f->severity == SEVERITY_CHANGED && s->is_import &&
	    text_starts(f->code, "digest-") &&
	    target_set_find(&s->marked, f->record) != NULL) {
		mine.severity = SEVERITY_NOTE;
		t->changed--;
		t->notes++;
		text = mem_format("%s; it was imported so", f->text);
		mine.text = text;
		f = &mine;
	}
	/* The name of another file is no news here. */
	if (f->severity == SEVERITY_NOTE && strcmp(f->code, "warcinfo") == 0) {
		t->notes--;
		return;
	}
	s->file_said++;
	s->file_is_damaged |= f->severity == SEVERITY_DAMAGE;
	if (f->severity == SEVERITY_DAMAGE && !s->file_is_changed) {
		/* Nothing is sealed that does not read: the manifest was
		 * changed with it. */
		mine.severity = SEVERITY_CHANGED;
		t->damaged--;
		t->changed++;
	}
	/* A note on a whole file is about no record. */
	if (f->record[0] == '\0' && f->severity != SEVERITY_NOTE &&
	    s->file_said <= VERIFY_LISTING_MAX) {
		const char *id = check_id_at(s, s->file, f->offset);

		mine.record = id == NULL ? "" : id;
		text = id != NULL ? NULL
		       : s->last_id[0] != '\0'
			   ? mem_format(
				 "%s; it stands behind %s", f->text, s->last_id)
			   : mem_format(
				 "%s; it is the first record of the file",
				 f->text);
		if (text != NULL)
			mine.text = text;
	}
	if (s->options->each_finding != NULL)
		s->options->each_finding(s->options->context, &mine);
	free(text);
}

static void
check_file(struct snapshot_check *s, const char *name)
{
	const struct verify_options o = {
		.keep_block = keep_block,
		.each_record = each_record,
		.each_finding = each_finding,
		.context = s,
		.ours = !s->is_import,
		/* All files of the snapshot are looked into instead. */
		.skip = 1u << CHECK_REFERENCES | 1u << CHECK_REVISITS,
	};
	struct error why = { 0 };
	char *path = check_path(s, name);
	char *shown = mem_format("%s%s", s->prefix, name);
	uint64_t size;

	s->file = name;
	s->file_is_changed = check_is_changed(s, name);
	s->file_said = 0;
	s->file_is_damaged = 0;
	s->warcinfo = s->last_id = "";
	if (s->options->progress != NULL)
		s->options->progress(s->options->context, shown);
	if (file_size(path, &size, NULL) == 0)
		s->archive_bytes += size;
	if (verify_file(path, shown, &o, &s->totals->files, &why) != 0)
		check_say(s, SEVERITY_DAMAGE, "unreadable", name, 0, "", "%s",
		    why.text);
	else if (s->file_is_changed && s->file_said == 0 && !s->is_import)
		(void)verify_spelling(path, shown, &o, &s->totals->files,
		    NULL); /* the manifest has told that it is changed */
	free(shown);
	free(path);
}

/* Every file of a folder; those the manifest does not list were told. */
static void
check_folder(struct snapshot_check *s, const char *folder)
{
	struct file_names names;
	char *path = check_path(s, folder);

	if (!file_is_dir(path) || file_list(path, &names, NULL) != 0)
		names = (struct file_names){ 0 };
	for (size_t i = 0; i < names.count; i++) {
		const char *name = arena_format(
		    s->arena, "%s/%s", folder, names.names[i]);

		if (s->manifest_is_read &&
		    manifest_find(&s->manifest, name) == NULL)
			continue;
		s->files[s->file_count++] = name;
		check_file(s, name);
	}
	file_names_clear(&names);
	free(path);
}

static size_t
count_files(struct snapshot_check *s, const char *folder)
{
	struct file_names names;
	char *path = check_path(s, folder);
	size_t count = 0;

	if (file_is_dir(path) && file_list(path, &names, NULL) == 0) {
		count = names.count;
		file_names_clear(&names);
	}
	free(path);
	return count;
}

int
check_records(struct snapshot_check *s, struct error *e)
{
	size_t count = count_files(s, "records") + count_files(s, "derived");

	s->files = arena_alloc(s->arena, (count + 1) * sizeof(*s->files));
	(void)e;
	check_folder(s, "records");
	check_folder(s, "derived");
	return 0;
}
