/* Recovery: open snapshots cut back to what their journal vouches for. */
#include "core/collection/recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/journal.h"
#include "core/collection/layout.h"
#include "core/collection/place.h"
#include "core/collection/quarantine.h"
#include "core/collection/seal.h"
#include "core/collection/snapshot.h"

/* What to do about damage. */
static const char cut_hint[] =
    "; \"holdfast recover --cut-damaged\" keeps what "
    "is whole, moves the rest to quarantine/";

/* A record file as it stood at the end of one group. */
struct checkpoint {
	const char *file; /* below the snapshot */
	uint64_t at;      /* of the group's line in the journal */
	uint64_t end;
	const char *sha256; /* of its bytes up to there */
};

/* One snapshot being recovered. */
struct recovery {
	struct collection *collection;
	struct recover_report *report;
	const char *snapshot; /* below the collection */
	char *open;           /* NAME.open, absolute */
	char *journal;        /* NAME.journal, absolute */
	int fd;               /* of it; -1 none */

	struct arena *arena;
	struct arena *scratch;          /* of one line */
	struct checkpoint *checkpoints; /* in order of groups */
	size_t count;
	uint64_t stop;        /* where the journal is read to: at damage */
	uint64_t journal_end; /* behind the last whole group */
	uint64_t exchanges;   /* in whole groups */
	uint64_t group_exchanges;
	int is_import, is_capture;
	int is_ended;  /* all runs are over: it was being sealed */
	int is_closed; /* its last run is over, and left it open */
	int is_begun;  /* the one behind it, if its group is whole */
	int64_t begun_us;
	int is_parked;        /* by that run's own will */
	int64_t start_us;     /* of the first run */
	int64_t run_start_us; /* of the last one */
	const struct recover_options *options;
};

static void
init(struct recovery *r, struct collection *c, const char *snapshot,
    struct recover_report *report)
{
	*r = (struct recovery){
		.collection = c,
		.report = report,
		.snapshot = snapshot,
		.fd = -1,
		.stop = UINT64_MAX,
	};
	r->open = mem_format("%s/%s.open", c->dir, snapshot);
	r->journal = mem_format("%s/%s.journal", c->dir, snapshot);
	r->arena = arena_new();
	r->scratch = arena_new();
}

static void
clear(struct recovery *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r->checkpoints);
	free(r->open);
	free(r->journal);
	arena_free(r->arena);
	arena_free(r->scratch);
}

static void
add_checkpoints(struct recovery *r, const struct json *files, uint64_t at)
{
	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *o = json_at(files, i);

		r->checkpoints = mem_grow(
		    r->checkpoints, r->count + 1, sizeof(*r->checkpoints));
		r->checkpoints[r->count++] = (struct checkpoint){
			.file = arena_text(
			    r->arena, json_text(json_get(o, "file"), "")),
			.at = at,
			.end = (uint64_t)json_int(json_get(o, "end"), 0),
			.sha256 = arena_text(
			    r->arena, json_text(json_get(o, "sha256"), "")),
		};
	}
}

static void
take_begin(struct recovery *r, const struct json *o)
{
	const char *kind = json_text(json_get(o, "kind"), "");

	r->is_import = strcmp(kind, "import") == 0;
	r->is_capture = strcmp(kind, "capture") == 0;
}

static void
take_run(struct recovery *r, const struct json *o)
{
	r->is_begun = 1;
	if (!date_parse(
		json_text(json_get(o, "started"), ""), &r->begun_us, NULL))
		r->begun_us = 0;
}

/* When the run that was cut off ended, as far as is known: now, but not before
 * it began, whatever the clock says. */
static int64_t
end_us(const struct recovery *r, struct clock *clock)
{
	int64_t now = clock->wall_us(clock);

	return now < r->run_start_us ? r->run_start_us : now;
}

static int
each_line(void *context, char kind, char *line, size_t len, uint64_t offset,
    struct error *e)
{
	struct recovery *r = context;
	const struct json *o;

	/* Only these decide what is vouched for. */
	if (strchr("boagnke", kind) == NULL || offset >= r->stop)
		return 0;
	arena_reset(r->scratch);
	o = json_parse(r->scratch, line, len, e);
	if (o == NULL)
		return error_within(e, "%s", r->journal);
	if (kind == 'b' || kind == 'n')
		take_run(r, o);
	if (kind == 'b') {
		take_begin(r, o);
		r->start_us = r->begun_us;
	}
	if (kind == 'a' || json_int(json_get(o, "fetch_ms"), -1) >= 0)
		r->group_exchanges++;
	if (kind == 'g')
		add_checkpoints(r, json_get(o, "files"), offset);
	if (journal_is_end(kind) && r->is_begun) {
		r->is_begun = r->is_closed = 0;
		r->run_start_us = r->begun_us;
	}
	if (kind == 'k')
		r->is_closed = 1;
	if (kind == 'k')
		r->is_parked = strcmp(json_text(json_get(o, "status"), ""),
				   "interrupted") != 0;
	r->is_ended |= kind == 'e';
	if (journal_is_end(kind)) {
		r->journal_end = offset + strlen("00000000 g \n") + len;
		r->exchanges += r->group_exchanges;
		r->group_exchanges = 0;
	}
	return 0;
}

/* Without a journal nothing is vouched for. */
static int
read_journal(struct recovery *r, struct error *e)
{
	struct error why = { 0 };
	uint64_t end;

	r->fd = file_open_write(r->journal, &why);
	if (r->fd < 0)
		return why.kind == ERROR_NOTFOUND
			   ? 0
			   : error_set(e, why.kind, "%s", why.text);
	return journal_read(r->fd, each_line, r, &end, e);
}

/* Where FILE ends by the journal; 0 when it knows no such file. */
static uint64_t
journalled_end(const struct recovery *r, const char *file)
{
	for (size_t i = r->count; i > 0; i--)
		if (strcmp(r->checkpoints[i - 1].file, file) == 0)
			return r->checkpoints[i - 1].end;
	return 0;
}

static int
is_last_of_file(const struct recovery *r, size_t at)
{
	for (size_t i = at + 1; i < r->count; i++)
		if (strcmp(r->checkpoints[i].file, r->checkpoints[at].file) ==
		    0)
			return 0;
	return 1;
}

/* Bytes FROM to END of FD into D; the file may be shorter. */
static int
digest_range(
    struct digester *d, int fd, uint64_t from, uint64_t end, struct error *e)
{
	struct stream *s = stream_of_file(fd, from, end - from);
	const uint8_t *p;
	size_t len;
	int more;

	while ((more = stream_next(s, &p, &len, e)) == 1)
		digester_add(d, p, len);
	stream_free(s);
	return more;
}

/* The first group that the file of checkpoint LAST, SIZE bytes, is too short
 * for. */
static uint64_t
first_beyond(const struct recovery *r, size_t last, uint64_t size)
{
	size_t i = 0;

	while (strcmp(r->checkpoints[i].file, r->checkpoints[last].file) != 0 ||
	       r->checkpoints[i].end <= size)
		i++;
	return r->checkpoints[i].at;
}

/*
 * Are the journalled bytes of the file named by checkpoint LAST those that
 * were written? All its checkpoints are compared, so that the first group
 * that differs can be named; *DAMAGED is where its line stands.
 */
static int
check_file(
    const struct recovery *r, size_t last, uint64_t *damaged, struct error *e)
{
	const char *file = r->checkpoints[last].file;
	struct digester *d = digester_new(DIGEST_SHA256);
	char *path = mem_format("%s/%s", r->open, file);
	char hex[DIGEST_TEXT_MAX];
	uint64_t size = 0;
	uint64_t at = 0;
	int fd = file_open_read(path, NULL);
	int rc = -1;

	if (fd < 0 || file_size(path, &size, NULL) != 0 ||
	    size < r->checkpoints[last].end) {
		*damaged = first_beyond(r, last, size);
		rc = error_set(e, ERROR_INTEGRITY,
		    "%s: %" PRIu64 " bytes, %" PRIu64 " were journalled", path,
		    size, r->checkpoints[last].end);
		goto done;
	}
	for (size_t i = 0; i <= last; i++) {
		const struct checkpoint *c = &r->checkpoints[i];

		if (strcmp(c->file, file) != 0)
			continue;
		rc = digest_range(d, fd, at, c->end, e);
		if (rc != 0)
			goto done;
		digester_hex(d, hex);
		if (strcmp(hex, c->sha256) != 0) {
			*damaged = c->at;
			rc = error_set(e, ERROR_INTEGRITY,
			    "%s at %" PRIu64 " to %" PRIu64
			    ": not the bytes that were journalled",
			    path, at, c->end);
			goto done;
		}
		at = c->end;
	}
	rc = 0;
done:
	if (fd >= 0)
		(void)close(fd);
	digester_free(d);
	free(path);
	return rc;
}

/* 0; -1, *DAMAGED is as above, UINT64_MAX if it does not read. */
static int
check_files(const struct recovery *r, uint64_t *damaged, struct error *e)
{
	*damaged = UINT64_MAX;
	for (size_t i = 0; i < r->count; i++)
		if (is_last_of_file(r, i) && check_file(r, i, damaged, e) != 0)
			return -1;
	return 0;
}

/* Read the journal anew, up to STOP. */
static int
read_to(struct recovery *r, uint64_t stop, struct error *e)
{
	uint64_t end;

	r->stop = stop;
	r->count = 0;
	r->journal_end = r->exchanges = r->group_exchanges = 0;
	r->is_ended = r->is_begun = r->is_closed = r->is_parked = 0;
	return journal_read(r->fd, each_line, r, &end, e);
}

/* Every group up to the first that is damaged stays, when that is asked for;
 * the others go, those of other files, too: what a snapshot holds is the
 * beginning of what its run acknowledged. */
static int
check_or_cut(struct recovery *r, struct error *e)
{
	struct error why = { 0 };
	uint64_t damaged;

	while (check_files(r, &damaged, &why) != 0) {
		if (damaged == UINT64_MAX || r->options == NULL ||
		    !r->options->cut_damaged)
			return error_set(e, why.kind, "%s%s", why.text,
			    damaged == UINT64_MAX ? "" : cut_hint);
		if (r->stop == UINT64_MAX)
			r->report->damaged++;
		if (read_to(r, damaged, e) != 0)
			return -1;
	}
	return 0;
}

/* All record files of one folder. */
static int
cut_folder(struct recovery *r, const char *folder, struct error *e)
{
	struct file_names names = { 0 };
	char *dir = mem_format("%s/%s", r->open, folder);
	int rc = file_is_dir(dir) ? file_list(dir, &names, e) : 0;

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *file = mem_format("%s/%s", folder, names.names[i]);
		char *path = mem_format("%s/%s", r->open, file);
		const char *suffix = text_ends(file, ".warc.gz") ? ".warc.gz"
								 : "";

		rc = quarantine_tail(r->collection, path,
		    journalled_end(r, file), suffix,
		    &r->report->quarantined_bytes, e);
		free(path);
		free(file);
	}
	file_names_clear(&names);
	free(dir);
	return rc;
}

static int
cut_all(struct recovery *r, struct error *e)
{
	if (cut_folder(r, "records", e) != 0 ||
	    cut_folder(r, "derived", e) != 0)
		return -1;
	return r->fd < 0
		   ? 0
		   : quarantine_tail(r->collection, r->journal, r->journal_end,
			 ".journal", &r->report->quarantined_bytes, e);
}

/* Is it to be left open? 1 / 0. */
static int
is_kept(const struct recovery *r)
{
	const char *name = strrchr(r->snapshot, '/') + 1;
	const struct open_capture o = {
		.name = name,
		.site = place_site(name),
		.start_us = r->start_us,
		.is_parked = r->is_closed && r->is_parked,
	};

	return r->options != NULL && r->options->keep != NULL &&
	       r->is_capture && !r->is_ended &&
	       r->options->keep(r->options->context, &o);
}

/* Its last run is over now, and it stays as it is for the next one. */
static int
leave_open(struct recovery *r, struct clock *clock, struct error *e)
{
	struct file_names *left = &r->report->left;
	struct buf json = { 0 };
	int rc = 0;

	if (!r->is_closed) {
		journal_end_json(&json, "interrupted", end_us(r, clock));
		rc = journal_append(
		    r->fd, r->journal_end, 'k', buf_text(&json), json.len, e);
	}
	buf_clear(&json);
	if (rc != 0)
		return -1;
	left->names = mem_grow(
	    left->names, left->count + 1, sizeof(*left->names));
	left->names[left->count++] = mem_text(strrchr(r->snapshot, '/') + 1);
	return 0;
}

static int
recover_open(struct recovery *r, struct clock *clock, struct error *e)
{
	const struct seal_options options = {
		.status = "interrupted",
		.ended_us = end_us(r, clock),
	};
	struct snapshot_totals totals;
	struct seal_result result = { .totals = &totals };
	int rc;

	r->report->snapshots++;
	/* An import is acknowledged as a whole, and what it read is where it
	 * was: nothing of it is kept. */
	if (r->is_import) {
		r->report->removed++;
		return seal_remove(r->collection, r->snapshot, e);
	}
	if (check_or_cut(r, e) != 0 || cut_all(r, e) != 0)
		return -1;
	if (r->exchanges == 0) {
		r->report->removed++;
		return seal_remove(r->collection, r->snapshot, e);
	}
	if (is_kept(r))
		return leave_open(r, clock, e);
	rc = seal_snapshot(r->collection, r->snapshot, &options, &result, e);
	if (rc == 0) {
		r->report->sealed++;
		r->report->not_tried += result.added;
	}
	free(result.dir);
	return rc;
}

/* A journal whose records are gone. */
static int
recover_journal(struct recovery *r, struct error *e)
{
	if (read_journal(r, e) != 0)
		return -1;
	if (r->exchanges == 0)
		return seal_remove(r->collection, r->snapshot, e);
	if (r->options == NULL || !r->options->cut_damaged)
		return error_set(e, ERROR_INTEGRITY,
		    "%s: the records it tells of are gone%s", r->journal,
		    cut_hint);
	r->report->damaged++;
	return quarantine_tail(r->collection, r->journal, 0, ".journal",
	    &r->report->quarantined_bytes, e);
}

/* SNAPSHOT is open, or sealed all but for its journal, or a journal alone. Of
 * one that is there twice, which copies make that were taken one over the
 * other, the sealed one counts. */
static int
recover_one(struct collection *c, const char *snapshot, struct clock *clock,
    const struct recover_options *o, struct recover_report *report,
    struct error *e)
{
	struct recovery r;
	char *dir = collection_path(c, snapshot);
	int rc = 0;

	init(&r, c, snapshot, report);
	r.options = o;
	if (file_is_dir(dir) && file_is_dir(r.open)) {
		report->snapshots++;
		report->twice++;
		rc = quarantine_folder(c, r.open, e);
	}
	if (rc != 0)
		goto done;
	if (file_is_dir(r.open))
		rc = read_journal(&r, e) == 0 ? recover_open(&r, clock, e) : -1;
	else if (file_is_dir(dir))
		rc = seal_finish(c, snapshot, e);
	else
		rc = recover_journal(&r, e);
done:
	clear(&r);
	free(dir);
	return rc;
}

/* Open snapshots without their suffix; those with a journal follow. */
static int
list_all(struct collection *c, struct file_names *out, struct error *e)
{
	struct file_names journals;
	size_t open_count;

	if (collection_open_ones(c, out, e) != 0)
		return -1;
	if (collection_journals(c, &journals, e) != 0) {
		file_names_clear(out);
		return -1;
	}
	open_count = out->count;
	for (size_t i = 0; i < open_count; i++)
		out->names[i][strlen(out->names[i]) - strlen(".open")] = '\0';
	for (size_t i = 0; i < journals.count; i++) {
		size_t k = 0;

		while (k < open_count &&
		       strcmp(out->names[k], journals.names[i]) != 0)
			k++;
		if (k < open_count)
			continue;
		out->names = mem_grow(
		    out->names, out->count + 1, sizeof(*out->names));
		out->names[out->count++] = mem_text(journals.names[i]);
	}
	file_names_clear(&journals);
	return 0;
}

int
collection_recover(struct collection *c, struct clock *clock,
    const struct recover_options *o, struct recover_report *report,
    struct error *e)
{
	struct file_names names;
	int rc = 0;

	*report = (struct recover_report){ 0 };
	if (list_all(c, &names, e) != 0)
		return -1;
	/* Damage in one is no reason to leave the others; the first error is
	 * the one to tell. */
	for (size_t i = 0; i < names.count; i++)
		if (recover_one(c, names.names[i], clock, o, report,
			rc == 0 ? e : NULL) != 0)
			rc = -1;
	file_names_clear(&names);
	return rc;
}

void
recover_report_clear(struct recover_report *report)
{
	file_names_clear(&report->left);
}
