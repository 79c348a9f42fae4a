/* The record files of a snapshot: each by itself, then what ties them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/verify_revisited.h"
#include "core/collection/verify_part.h"

#define ARTICLE_TYPE "application/vnd.holdfast.article+json"

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

/* What index.cdxj and outcomes.jsonl must say of it. */
static void
fill_fact(struct snapshot_check *s, const struct verified_record *r,
    struct record_fact *fact)
{
	struct buf clean[5] = { { 0 } };
	const char *uri = listed(&clean[0], r->uri);
	const struct cdxj_facts f = {
		.url = uri,
		.date_us = r->date_us,
		.mime = fact->type == RECORD_REVISIT    ? "warc/revisit"
			: fact->type == RECORD_RESPONSE ? r->mime
							: r->content_type,
		.status = r->status,
		.digest = r->payload_digest,
		.length = r->length,
		.offset = r->offset,
		.file = s->file,
		.id = r->id,
	};
	char status[16];
	char offset[32];
	char length[32];
	const char *const values[OUTCOME_FIELDS] = { uri,
		listed(&clean[1], r->date),
		listed(&clean[2], r->payload_digest),
		listed(&clean[3], r->block_digest), status, offset, length,
		s->file };

	fact->length = r->length;
	fact->status = (uint16_t)r->status;
	buf_reset(&s->line);
	cdxj_add_line(&s->line, &f);
	check_hash(s, fact->line, buf_text(&s->line), s->line.len - 1);
	(void)snprintf(status, sizeof(status), "%u", r->status);
	(void)snprintf(offset, sizeof(offset), "%ju", (uintmax_t)r->offset);
	(void)snprintf(length, sizeof(length), "%ju", (uintmax_t)r->length);
	fact_outcome(s, &fact->outcome, values, listed(&clean[4], f.mime));
	if (s->is_import && fact->type != RECORD_RESOURCE)
		fact_capture(s, uri, r->offset, r->id);
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
		buf_clear(&clean[i]);
}

static void
add_fact(struct snapshot_check *s, const struct verified_record *r,
    enum record_type type)
{
	struct record_fact fact;

	memset(&fact, 0, sizeof(fact));
	fact.type = (uint8_t)type;
	if (type != RECORD_OTHER)
		fill_fact(s, r, &fact);
	fact_record(s, r->id, r->offset, &fact);
}

static void
add_article(struct snapshot_check *s, const struct verified_record *r)
{
	const char *const texts[] = { r->id, r->block_digest, r->refers_to };

	for (size_t i = 0; i < 3; i++)
		if (s->error.kind == ERROR_NONE)
			(void)spool_add(s->articles, texts[i],
			    strlen(texts[i]) + 1, &s->error);
	if (s->responses != NULL)
		fact_article(s, r->refers_to, s->article_count);
	s->article_count++;
}

/* The id follows from what the record says and where it stands (DESIGN, 7),
 * so that neither can be changed alone. */
static void
check_id(struct snapshot_check *s, const struct verified_record *r)
{
	char id[RECORD_ID_MAX];

	/* Behind damage nobody knows a record's number. */
	if (check_is_skipped(s, CHECK_IDS) || s->file_is_damaged ||
	    (strcmp(s->kind, "capture") != 0 &&
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

/* What it names is there, as check_facts will see. */
static void
check_names(struct snapshot_check *s, const struct verified_record *r)
{
	/* What others wrote names what it likes. */
	int refers = !s->is_import && !check_is_skipped(s, CHECK_REFERENCES);

	if (refers && r->number == 0 && !is_type(r, RECORD_WARCINFO))
		say_of(s, r, "warcinfo", "the first record is a ", r->type);
	if (r->number == 0 || (s->is_selection && is_type(r, RECORD_WARCINFO)))
		s->warcinfo = arena_text(s->arena, r->id);
	else if (refers && strcmp(r->warcinfo_id, s->warcinfo) != 0)
		say_of(s, r, "warcinfo",
		    "WARC-Warcinfo-ID is not its file's: ", r->warcinfo_id);
	if (refers && r->concurrent_to[0] != '\0')
		fact_reference(s, REFER_CONCURRENT, r->concurrent_to, r->offset,
		    r->id, "", "");
	/* What a tombstone refers to is gone. */
	if (r->refers_to[0] == '\0' || check_is_tombstone(r))
		return;
	if (!is_type(r, RECORD_REVISIT) && refers)
		fact_reference(
		    s, REFER_REFERS, r->refers_to, r->offset, r->id, "", "");
	if (is_type(r, RECORD_REVISIT) && !check_is_skipped(s, CHECK_REVISITS))
		fact_reference(s, REFER_ORIGINAL, r->refers_to, r->offset,
		    r->id,
		    r->refers_to_uri[0] == '\0' ? r->uri : r->refers_to_uri,
		    r->payload_digest);
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

	return (!s->is_import && is_facts(r)) || check_is_tombstone(r);
}

static void
take_facts(struct snapshot_check *s, const struct verified_record *r)
{
	uint8_t hash[VERIFY_SHORT];

	if (r->block == NULL)
		return;
	buf_reset(&s->line);
	check_facts_of_block(&s->line, (const char *)r->block, r->block_kept);
	check_hash(s, hash, buf_text(&s->line), s->line.len);
	fact_metadata(s, r->concurrent_to, hash);
}

static int
each_record(void *context, const struct verified_record *r)
{
	struct snapshot_check *s = context;
	enum record_type type = is_type(r, RECORD_RESPONSE)   ? RECORD_RESPONSE
				: is_type(r, RECORD_REVISIT)  ? RECORD_REVISIT
				: is_type(r, RECORD_RESOURCE) ? RECORD_RESOURCE
							      : RECORD_OTHER;

	s->records++;
	buf_reset(&s->last_id);
	buf_add_text(&s->last_id, r->id);
	check_id(s, r);
	check_names(s, r);
	add_fact(s, r, type);
	if (s->originals != NULL && type != RECORD_OTHER)
		revisited_add(s->originals, r->id, type == RECORD_REVISIT,
		    r->payload_digest);
	if (!s->is_import && is_facts(r))
		take_facts(s, r);
	if (check_is_tombstone(r))
		check_tombstone(s, r);
	if (strcmp(r->content_type, ARTICLE_TYPE) == 0)
		add_article(s, r);
	if (s->options->each_record != NULL)
		(void)s->options->each_record(s->options->context, r);
	return s->error.kind != ERROR_NONE;
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
		       : s->last_id.len > 0
			   ? mem_format("%s; it stands behind %s", f->text,
				 buf_text(&s->last_id))
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

static struct verify_options
options_of(struct snapshot_check *s)
{
	return (struct verify_options){
		.keep_block = keep_block,
		.each_record = each_record,
		.each_finding = each_finding,
		.context = s,
		.ours = !s->is_import,
		.joined = s->is_selection,
		.own_ids = 1,
		/* All files of the snapshot are looked into instead. */
		.skip = s->options->skip | 1u << CHECK_REFERENCES |
			1u << CHECK_REVISITS,
		.threads = s->options->threads,
	};
}

static void
begin_file(struct snapshot_check *s, const char *name, const char *shown)
{
	uint64_t size;

	s->file = name;
	s->file_said = 0;
	s->file_is_damaged = 0;
	s->warcinfo = "";
	buf_reset(&s->last_id);
	if (s->options->progress != NULL)
		s->options->progress(s->options->context, shown);
	if (verify_place_size(&s->place, name, &size, NULL) == 0)
		s->archive_bytes += size;
}

static void
say_unreadable(struct snapshot_check *s, const char *why)
{
	check_say(s, SEVERITY_DAMAGE, "unreadable", s->file, 0, "", "%s", why);
}

static void
check_file(struct snapshot_check *s, const char *name)
{
	const struct verify_options o = options_of(s);
	struct verify_totals *t = &s->totals->files;
	struct error why = { 0 };
	struct input *in = NULL;
	char *shown = mem_format("%s%s", s->prefix, name);

	s->file_is_changed = !check_digest(s, name);
	begin_file(s, name, shown);
	if (verify_place_open(&s->place, name, shown, &in, &why) != 0 ||
	    verify_input(in, shown, &o, t, &why) != 0)
		say_unreadable(s, why.text);
	else if ((s->file_is_changed || s->options->level == VERIFY_DEEP) &&
		 s->file_said == 0 && !s->is_import &&
		 !check_is_skipped(s, CHECK_FRAMING))
		/* The manifest has told if it is changed. */
		(void)verify_spelling_input(in, shown, &o, t, NULL);
	input_free(in);
	free(shown);
}

/* What passes by is digested. */
struct passing {
	struct stream stream;
	struct stream *inner;
	struct digester *digester;
	uint64_t size;
};

static int
passing_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct passing *p = (struct passing *)s;
	int more = stream_next(p->inner, data, len, e);

	if (more == 1) {
		digester_add(p->digester, *data, *len);
		p->size += *len;
	}
	return more;
}

/* It is the caller's. */
static void
passing_free(struct stream *s)
{
	(void)s;
}

/* The digest tells last what it tells first of a file that is read twice. */
static void
check_passed(struct snapshot_check *s, const struct passing *p)
{
	char hex[DIGEST_TEXT_MAX];

	if (s->hashes == NULL)
		return;
	digester_hex(p->digester, hex);
	if (check_known_digest(s, s->file, hex, p->size) && s->file_is_damaged)
		check_say(s, SEVERITY_CHANGED, "manifest",
		    "manifest-sha256.txt", 0, "",
		    "lists %s as it is now, which does not read: both were "
		    "changed",
		    s->file);
}

static void
check_file_once(struct snapshot_check *s, const char *name, struct input *in)
{
	const struct verify_options o = options_of(s);
	struct passing p = { .stream = { passing_next, passing_free },
		.inner = input_stream(in, 0, INPUT_NO_END),
		.digester = digester_new(DIGEST_SHA256) };
	char *shown = mem_format("%s%s", s->prefix, name);
	struct input *watched = input_of_stream(&p.stream, shown);
	struct error why = { 0 };

	s->file_is_changed = 1; /* as far as is known */
	begin_file(s, name, shown);
	if ((check_wants_records(s) && verify_input(watched, shown, &o,
					   &s->totals->files, &why) != 0) ||
	    stream_skip(&p.stream, NULL, &why) != 0) {
		say_unreadable(s, why.text);
		check_lost(s, name);
	} else {
		check_passed(s, &p);
	}
	input_free(watched);
	stream_free(p.inner);
	digester_free(p.digester);
	free(shown);
}

/* Those that the manifest does not list were told. */
static void
list_folder(struct snapshot_check *s, const char *folder)
{
	struct file_names names;

	verify_place_list(&s->place, folder, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = arena_format(
		    s->arena, "%s/%s", folder, names.names[i]);

		if (s->manifest_is_read &&
		    manifest_find(&s->manifest, name) == NULL)
			continue;
		s->files[s->file_count++] = name;
	}
	file_names_clear(&names);
}

static size_t
count_files(struct snapshot_check *s, const char *folder)
{
	struct file_names names;
	size_t count;

	verify_place_list(&s->place, folder, &names);
	count = names.count;
	file_names_clear(&names);
	return count;
}

void
check_list_files(struct snapshot_check *s)
{
	size_t count = count_files(s, "records") + count_files(s, "derived");

	s->files = arena_alloc(s->arena, (count + 1) * sizeof(*s->files));
	s->file_count = 0;
	/* In a tree as they come. */
	if (s->place.dir == NULL)
		list_folder(s, "derived");
	list_folder(s, "records");
	if (s->place.dir != NULL)
		list_folder(s, "derived");
}

int
check_records(struct snapshot_check *s, uint32_t end, struct error *e)
{
	const uint32_t count = s->file_count;
	const int wants = check_wants_records(s);

	for (; s->next_file < end && s->error.kind == ERROR_NONE;
	     s->next_file++) {
		const char *name = s->files[s->next_file];

		if (verify_place_comes_once(&s->place, name))
			continue;
		/* Facts go by the number of the last file that was begun. */
		s->file_count = s->next_file + 1;
		if (wants)
			check_file(s, name);
		else
			(void)check_digest(s, name);
	}
	s->file_count = count;
	if (s->error.kind == ERROR_NONE)
		return 0;
	*e = s->error;
	return -1;
}

int
check_records_once(
    struct snapshot_check *s, uint32_t i, struct input *in, struct error *e)
{
	const uint32_t count = s->file_count;

	s->file_count = i + 1;
	check_file_once(s, s->files[i], in);
	s->file_count = count;
	if (s->error.kind == ERROR_NONE)
		return 0;
	*e = s->error;
	return -1;
}
