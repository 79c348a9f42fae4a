/* Records of ours that tell of pages, among those of others. */
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/catalog.h"
#include "core/collection/import_part.h"
#include "core/collection/layout.h"
#include "core/collection/seen_set.h"

#define ARTICLE_TYPE   "application/vnd.holdfast.article+json"
#define PAGESTATE_TYPE "application/vnd.holdfast.pagestate+json"
#define ARTICLE_URI    "urn:holdfast:article:"

int
import_is_article(const char *content_type)
{
	return strcmp(content_type, ARTICLE_TYPE) == 0;
}

int
import_is_derived(const char *type, const char *content_type)
{
	return strcmp(type, "metadata") == 0 &&
	       (import_is_article(content_type) ||
		   strcmp(content_type, PAGESTATE_TYPE) == 0);
}

/* As it will stand in articles.jsonl. */
static const char *
why_no_line(const struct verified_record *r, const struct json *o)
{
	const char *bound = json_text(
	    json_get(json_get(o, "binding"), "response_record"), r->refers_to);

	if (!json_is(json_get(o, "article"), JSON_KIND_OBJECT) ||
	    memchr(r->block, '\n', r->block_kept) != NULL)
		return "is no article as we write them";
	return strcmp(bound, r->refers_to) == 0
		   ? NULL
		   : "its article is bound to another record";
}

const char *
import_derived_unfit(const struct verified_record *r)
{
	char digest[DIGEST_TEXT_MAX];
	struct arena *a;
	const char *why;

	if (!import_is_article(r->content_type))
		return text_starts(r->uri, ARTICLE_URI) &&
			       import_is_derived(r->type, r->content_type)
			   ? "has the address of an article"
			   : NULL;
	if (strcmp(r->type, "metadata") != 0 ||
	    !text_starts(r->uri, ARTICLE_URI) || r->block == NULL)
		return "is no article as we write them";
	digest_text(DIGEST_SHA256, r->block, r->block_kept, digest);
	if (strcmp(digest, r->block_digest) != 0)
		return "its article is not what its digest says";
	a = arena_new();
	why = why_no_line(
	    r, json_parse(a, (const char *)r->block, r->block_kept, NULL));
	arena_free(a);
	return why;
}

int
import_article_from(struct import *m, const char *id, struct error *e)
{
	m->result->articles++;
	m->page_count++;
	return spool_add(m->pages, id, strlen(id) + 1, e);
}

/* Is the record one of the import's, or of the collection's? */
static int
is_there(struct import *m, struct arena *a, const char *id, struct error *e)
{
	struct buf digits = { 0 };
	struct catalog_record *found = NULL;
	size_t count = 0;
	int is_new = seen_set_add(m->ids, id, 0, NULL, e);

	if (is_new <= 0 || m->catalog == NULL || !text_starts(id, "urn:uuid:"))
		return is_new < 0 ? -1 : !is_new;
	for (const char *at = id + strlen("urn:uuid:"); *at != '\0'; at++)
		if (*at != '-')
			buf_add_byte(&digits, (uint8_t)text_lower(*at));
	/* What it cannot tell it does not have. */
	(void)catalog_find_record(
	    m->catalog, a, buf_text(&digits), 1, &found, &count, NULL);
	buf_clear(&digits);
	return count > 0;
}

static int
check_page(
    struct import *m, struct arena *scratch, const char *id, struct error *e)
{
	int there = is_there(m, scratch, id, e);
	const struct finding f = { SEVERITY_NOTE, "refers-to", "", 0, id,
		"the page of an article is neither in this import nor in the "
		"collection" };

	arena_reset(scratch);
	if (there != 0)
		return there < 0 ? -1 : 0;
	m->result->orphans++;
	import_say(m, &f);
	if (json_count(m->orphans) < IMPORT_LISTED)
		json_append(m->result->arena, m->orphans,
		    json_new_string(m->result->arena, id));
	return 0;
}

int
import_orphans(struct import *m, struct error *e)
{
	struct stream *s = spool_stream(m->pages, 0, spool_len(m->pages));
	struct arena *scratch = arena_new();
	struct buf id = { 0 };
	const uint8_t *p;
	size_t len;
	int more;

	m->orphans = json_new_array(m->result->arena);
	while ((more = stream_next(s, &p, &len, e)) == 1)
		for (size_t i = 0; more == 1 && i < len; i++) {
			if (p[i] != '\0') {
				buf_add_byte(&id, p[i]);
				continue;
			}
			if (check_page(m, scratch, buf_text(&id), e) != 0)
				more = -1;
			buf_reset(&id);
			if (more < 0)
				goto done;
		}
done:
	buf_clear(&id);
	arena_free(scratch);
	stream_free(s);
	return more;
}
