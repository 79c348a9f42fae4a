/* One sealed snapshot verified: its parts in order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/text.h"
#include "core/collection/verify_hashes.h"
#include "core/collection/index.h"
#include "core/collection/verify_part.h"
#include "core/web/exchange.h"

enum { SPOOL_MEMORY = 256 * 1024 };

void
check_say(struct snapshot_check *s, enum severity severity, const char *code,
    const char *file, uint64_t offset, const char *record, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	char *name = mem_format("%s%s", s->prefix, file);
	struct finding f = { severity, code, name, offset, record, text };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	verify_count(&s->totals->files, severity);
	if (s->options->each_finding != NULL)
		s->options->each_finding(s->options->context, &f);
	free(name);
}

int
check_may_say(struct snapshot_check *s, const char *file)
{
	size_t i = 0;

	while (i < VERIFY_LISTINGS - 1 && s->told[i].file != NULL &&
	       strcmp(s->told[i].file, file) != 0)
		i++;
	if (s->told[i].file == NULL)
		s->told[i].file = arena_text(s->arena, file);
	if (++s->told[i].said == VERIFY_LISTING_MAX)
		check_say(s, SEVERITY_NOTE, "more", file, 0, "",
		    "more of the same is not told");
	return s->told[i].said < VERIFY_LISTING_MAX;
}

int
check_is_skipped(const struct snapshot_check *s, enum verify_check check)
{
	return (int)(s->options->skip >> check & 1);
}

void
check_hash(const struct snapshot_check *s, uint8_t out[VERIFY_SHORT],
    const char *text, size_t len)
{
	uint8_t raw[DIGEST_RAW_MAX];

	digester_reset(s->sha);
	digester_add(s->sha, text, len);
	(void)digester_final(s->sha, raw);
	memcpy(out, raw, VERIFY_SHORT);
}

int
verify_is_snapshot(const char *dir)
{
	static const char *const marks[] = { "manifest-sha256.txt",
		"report.json" };
	char *bag = mem_format("%s/bagit.txt", dir);
	int is_bag = file_exists(bag); /* has a manifest of the same name */
	int found = 0;

	free(bag);
	for (size_t i = 0; !is_bag && i < sizeof(marks) / sizeof(marks[0]);
	     i++) {
		char *path = mem_format("%s/%s", dir, marks[i]);

		found |= file_exists(path);
		free(path);
	}
	return found;
}

/* Checks that need every record read; the last of those of record files. */
enum { RECORD_CHECKS = ((uint32_t)1 << (CHECK_TRAILING + 1)) - 1 };

int
check_wants_records(const struct snapshot_check *s)
{
	uint32_t wanted = RECORD_CHECKS | (uint32_t)1 << CHECK_INDEX |
			  (uint32_t)1 << CHECK_OUTCOMES |
			  (uint32_t)1 << CHECK_ARTICLES;

	return (wanted & ~s->options->skip) != 0;
}

static int
check_heads(struct snapshot_check *s, struct error *e)
{
	if (check_manifest(s, e) != 0 || check_report(s, e) != 0)
		return -1;
	s->is_taken = arena_alloc(s->arena, s->file_count + 1u);
	memset(s->is_taken, 0, s->file_count + 1u);
	for (uint32_t i = 0; i < s->file_count; i++)
		s->once_count += (uint32_t)verify_place_comes_once(
		    &s->place, s->files[i]);
	return 0;
}

/* Those that did not come are not there a second time. */
static void
say_not_taken(struct snapshot_check *s)
{
	for (uint32_t i = 0; i < s->file_count && s->once_count > 0; i++)
		if (!s->is_taken[i] &&
		    verify_place_comes_once(&s->place, s->files[i])) {
			check_say(s, SEVERITY_DAMAGE, "unreadable", s->files[i],
			    0, "", "the container does not read up to it");
			check_lost(s, s->files[i]);
			s->once_count--;
		}
}

static int
check_rest(struct snapshot_check *s, struct error *e)
{
	const int index = !check_is_skipped(s, CHECK_INDEX);
	const int outcomes = !check_is_skipped(s, CHECK_OUTCOMES);
	const int articles = !check_is_skipped(s, CHECK_ARTICLES);

	if (s->options->level == VERIFY_QUICK) {
		check_generation(s);
		return check_ends(s, e);
	}
	say_not_taken(s);
	if (check_records(s, s->file_count, e) != 0)
		return -1;
	if (!check_wants_records(s))
		return 0;
	check_generation(s);
	if ((index && check_index(s, e) != 0) ||
	    (outcomes && check_outcomes(s, e) != 0) ||
	    (articles &&
		(check_articles(s, e) != 0 || check_profiles(s, e) != 0)) ||
	    (outcomes && check_totals(s, e) != 0) || check_facts(s, e) != 0)
		return -1;
	return s->options->rederive && articles ? check_rederive(s, e) : 0;
}

static struct snapshot_check *
check_new(const struct verify_place *p,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals)
{
	struct snapshot_check *s = mem_zero(1, sizeof(*s));

	s->options = o;
	s->totals = totals;
	s->place = *p;
	s->collection_id = "";
	s->kind = "";
	s->snapshot = "";
	s->prefix = "";
	s->arena = arena_new();
	s->by_id = sorter_new(VERIFY_SORT_MEMORY, NULL);
	s->by_url = sorter_new(VERIFY_SORT_MEMORY, NULL);
	s->articles = spool_new(NULL, SPOOL_MEMORY);
	if (o->rederive)
		s->responses = sorter_new(VERIFY_SORT_MEMORY, NULL);
	s->sha = digester_new(DIGEST_SHA256);
	s->by_outcome = arena_alloc(
	    s->arena, OUTCOME_COUNT * sizeof(*s->by_outcome));
	totals->snapshots++;
	return s;
}

void
check_abandon(struct snapshot_check *s)
{
	if (s == NULL)
		return;
	s->totals->articles += s->article_count;
	verify_hashes_free(s->hashes); /* threads end first */
	free(s->hash_names);
	manifest_clear(&s->manifest);
	target_set_clear(&s->marked);
	target_set_clear(&s->tombstones);
	target_set_clear(&s->tombstone_files);
	index_view_free(s->index);
	sorter_free(s->by_id);
	sorter_free(s->by_url);
	sorter_free(s->responses);
	spool_free(s->articles);
	digester_free(s->sha);
	buf_clear(&s->entry);
	buf_clear(&s->line);
	buf_clear(&s->last_id);
	arena_free(s->arena);
	free(s);
}

struct snapshot_check *
check_begin(const struct verify_place *p, const char *prefix,
    struct revisited *originals, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	struct snapshot_check *s = check_new(p, o, totals);

	s->place.below = arena_text(s->arena, p->below);
	s->prefix = arena_text(s->arena, prefix);
	s->originals = originals;
	if (check_heads(s, e) == 0)
		return s;
	check_abandon(s);
	return NULL;
}

/* Files are compared with their lines in order, so those before it first. */
int
check_take(struct snapshot_check *s, const char *file, struct input *in,
    struct error *e)
{
	uint32_t i = 0;

	while (i < s->file_count && strcmp(s->files[i], file) != 0)
		i++;
	if (i == s->file_count || s->is_taken[i])
		return 0;
	for (uint32_t k = 0; k < i; k++)
		s->articles_are_odd |= !s->is_taken[k] &&
				       text_starts(file, "derived/") &&
				       text_starts(s->files[k], "derived/") &&
				       verify_place_comes_once(
					   &s->place, s->files[k]);
	s->is_taken[i] = 1;
	s->once_count--;
	if (check_records(s, i, e) != 0)
		return -1;
	return check_records_once(s, i, in, e);
}

int
check_end(struct snapshot_check *s, struct error *e)
{
	int rc = check_rest(s, e);

	check_abandon(s);
	return rc;
}

int
verify_one(const struct collection *c, const char *snapshot,
    const struct verify_place *p, const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	struct snapshot_check *s = check_new(p, o, totals);
	int rc = -1;

	s->collection = c;
	if (snapshot != NULL) {
		s->snapshot = snapshot;
		s->prefix = arena_format(s->arena, "%s/", snapshot);
	}
	if (check_heads(s, e) == 0)
		rc = check_rest(s, e);
	check_abandon(s);
	return rc;
}
