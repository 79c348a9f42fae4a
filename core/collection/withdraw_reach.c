/* How far an erasure reaches. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/article_store.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lookup.h"
#include "core/collection/withdraw_part.h"

int
withdraw_has_line(const char *block, size_t len, const char *term)
{
	size_t term_len = strlen(term);
	const char *end = block + len;
	const char *at = block;

	while ((at = memmem(at, (size_t)(end - at), term, term_len)) != NULL) {
		const char *behind = at + term_len;

		if (at - block >= 2 && memcmp(at - 2, ": ", 2) == 0 &&
		    (behind == end || *behind == '\r' || *behind == '\n'))
			return 1;
		at++;
	}
	return 0;
}

static int
has_text(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			return 1;
	return 0;
}

int
withdraw_note(
    struct withdraw_set *s, const char ***list, size_t *count, const char *text)
{
	if (text[0] == '\0' || has_text(*list, *count, text))
		return 0;
	*list = mem_grow(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = arena_text(s->arena, text);
	return 1;
}

static int
is_capture(const struct withdraw_set *s, const struct withdraw_record *r)
{
	return target_set_find(&s->captures, r->id) != NULL;
}

/* Is another capture of the address kept? Then it is no secret. 1 / 0 / -1. */
static int
is_kept(const struct withdraw_set *s, const struct collection *c,
    const char *uri, struct error *e)
{
	struct arena *a = arena_new();
	struct index_hit *hits;
	size_t count = 0;
	int kept = index_find(c, a, uri, &hits, &count, e);

	for (size_t i = 0; kept == 0 && i < count; i++)
		kept = strcmp(hits[i].url, uri) == 0 &&
		       target_set_find(&s->captures, hits[i].id) == NULL;
	arena_free(a);
	return kept;
}

/* 1, there are new ones; 0; -1. */
static int
find_terms(struct withdraw_set *s, const struct collection *c, struct error *e)
{
	int changed = 0;

	for (size_t i = 0; i < s->count; i++) {
		const char *uri = s->records[i].uri;
		int kept;

		if (!is_capture(s, &s->records[i]) ||
		    has_text(s->terms, s->term_count, uri))
			continue;
		kept = is_kept(s, c, uri, e);
		if (kept < 0)
			return -1;
		if (!kept)
			changed |= withdraw_note(
			    s, &s->terms, &s->term_count, uri);
	}
	return changed;
}

/* The page that led to it has a link to it. */
static void
note_links(struct withdraw_set *s, const struct collection *c, const char *url)
{
	struct arena *a = arena_new_small();
	struct index_hit *hits;
	size_t count = 0;

	if (url[0] == '\0' || index_find(c, a, url, &hits, &count, NULL) != 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(hits[i].url, url) == 0 &&
		    target_set_find(&s->captures, hits[i].id) == NULL)
			(void)withdraw_note(
			    s, &s->quotes, &s->quote_count, hits[i].id);
	arena_free(a);
}

/* A line of outcomes.jsonl that has a term: a redirect to it goes, too. */
static int
take_redirect(struct withdraw_set *s, const struct collection *c,
    const char *line, size_t len)
{
	struct arena *a = arena_new_small();
	const struct json *o = json_parse(a, line, len, NULL);
	const char *to = json_text(json_get(o, "location"), "");
	const char *id = json_text(json_get(o, "record"), "");
	int changed = 0;

	if (has_text(
		s->terms, s->term_count, json_text(json_get(o, "url"), "")))
		note_links(s, c, json_text(json_get(o, "via"), ""));
	if (id[0] != '\0' && has_text(s->terms, s->term_count, to))
		changed = target_set_add(&s->captures, id, 0);
	arena_free(a);
	return changed;
}

/* 1, there was something new. */
static int
scan_listing(struct withdraw_set *s, const struct collection *c,
    const char *snapshot, const char *name, struct error *e)
{
	char *path = mem_format("%s/%s/%s", c->dir, snapshot, name);
	struct line_reader lines = { .fd = -1 };
	int changed = 0;
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	while (
	    more >= 0 && (more = line_reader_next(&lines, &line, &len, e)) > 0)
		for (size_t i = 0; i < s->term_count; i++) {
			char *quoted = withdraw_quoted(s->terms[i]);

			if (withdraw_has_address(line, len, quoted)) {
				changed |= target_set_add(
				    &s->snapshots, snapshot, 0);
				changed |= take_redirect(s, c, line, len);
			}
			free(quoted);
		}
	line_reader_close(&lines);
	free(path);
	return more < 0 ? -1 : changed;
}

static int
scan_listings(
    struct withdraw_set *s, const struct collection *c, struct error *e)
{
	struct file_names sealed;
	int changed = 0;
	int rc = collection_snapshots(c, &sealed, NULL, e);

	if (rc != 0)
		return -1;
	for (size_t i = 0; rc >= 0 && i < sealed.count; i++) {
		rc = scan_listing(s, c, sealed.names[i], "outcomes.jsonl", e);
		changed |= rc > 0;
		if (rc >= 0)
			rc = scan_listing(
			    s, c, sealed.names[i], "report.json", e);
		changed |= rc > 0;
		if (rc >= 0)
			rc = withdraw_scan_sources(s, c, sealed.names[i], e);
		changed |= rc > 0;
	}
	file_names_clear(&sealed);
	return rc < 0 ? -1 : changed;
}

void
withdraw_add_revisit(struct withdraw_set *s, const struct withdraw_record *r)
{
	s->revisits = mem_grow(
	    s->revisits, s->revisit_count + 1, sizeof(*s->revisits));
	s->revisits[s->revisit_count++] = *r;
}

/* Does R, a revisit without an id to go by, repeat the capture OF? By address
 * and date, or where it has no date by the payload (WARC 1.1, 6.7). */
static int
repeats(const struct withdraw_record *r, const struct withdraw_record *of)
{
	if (strcmp(r->of_uri[0] == '\0' ? r->uri : r->of_uri, of->uri) != 0)
		return 0;
	if (r->of_date[0] != '\0')
		return strcmp(r->of_date, of->date) == 0;
	return r->payload[0] != '\0' && strcmp(r->payload, of->payload) == 0;
}

static void
find_unnamed(struct withdraw_set *s)
{
	for (size_t i = 0; i < s->unnamed_count; i++)
		for (size_t k = 0; k < s->count; k++)
			if (is_capture(s, &s->records[k]) &&
			    repeats(&s->unnamed[i], &s->records[k])) {
				withdraw_add_revisit(s, &s->unnamed[i]);
				break;
			}
}

static int
take_revisits(struct withdraw_set *s, int revisits, struct error *e)
{
	find_unnamed(s);
	if (s->revisit_count == 0)
		return 0;
	if (!revisits)
		return error_set(e, ERROR_USAGE,
		    "%zu revisit(s) repeat it, as %s of %s does: "
		    "--with-revisits erases those, too",
		    s->revisit_count, s->revisits[0].id, s->revisits[0].date);
	for (size_t i = 0; i < s->revisit_count; i++)
		(void)target_set_add(&s->captures, s->revisits[i].id, 0);
	return 1;
}

/* By what else people may have written of it. */
static int
find_words(struct withdraw_set *s, const struct collection *c, struct error *e)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < s->count; i++) {
		struct article_query q = { .record = s->records[i].id,
			.near_us = LOOKUP_LATEST };
		struct stored_article x;

		if (!is_capture(s, &s->records[i]))
			continue;
		rc = article_find(c, s->arena, &q, &x, e);
		if (rc != 1)
			continue;
		(void)withdraw_note(s, &s->words, &s->word_count,
		    json_text(json_get(x.article, "headline"), ""));
		(void)withdraw_note(s, &s->words, &s->word_count, x.id);
	}
	return rc < 0 ? -1 : 0;
}

int
withdraw_quotes(const struct withdraw_set *s, const char *text, size_t len)
{
	int yes = 0;

	for (size_t i = 0; !yes && i < s->term_count; i++) {
		char *quoted = withdraw_quoted(s->terms[i]);

		yes = withdraw_has_address(text, len, quoted);
		free(quoted);
	}
	for (size_t i = 0; !yes && i < s->word_count; i++) {
		char *quoted = withdraw_quoted(s->words[i]);

		yes = memmem(text, len, quoted, strlen(quoted)) != NULL;
		free(quoted);
	}
	return yes;
}

int
withdraw_reach(struct withdraw_set *s, const struct collection *c, int revisits,
    struct error *e)
{
	int changed = 1;

	s->everywhere = 1;
	while (changed > 0) {
		int more;

		if (withdraw_survey(s, c, e) != 0)
			return -1;
		changed = take_revisits(s, revisits, e);
		if (changed != 0)
			continue;
		changed = find_terms(s, c, e);
		more = changed < 0 ? -1 : scan_listings(s, c, e);
		if (more >= 0 && find_words(s, c, e) != 0)
			more = -1;
		changed = more < 0 ? -1 : changed | more;
	}
	return changed;
}
