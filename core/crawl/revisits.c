/* What an earlier capture has already is not stored again. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/collection/originals.h"
#include "core/crawl/capture_part.h"
#include "core/crawl/earlier.h"
#include "core/web/fetch.h"
#include "core/web/request.h"

struct earlier {
	struct arena *arena;
	struct original original;
	int is_there; /* ORIGINAL is a sound capture of the target's URL */
};

void
earlier_free(struct earlier *x)
{
	if (x == NULL)
		return;
	arena_free(x->arena);
	free(x);
}

/* Look for an earlier capture of T, once: of DIGEST, NULL any. */
static int
look(struct capture *c, struct target *t, const char *digest, struct error *e)
{
	struct originals *o = c->o->originals;
	struct earlier *k;
	int rc;

	if (t->earlier != NULL)
		return 0;
	k = t->earlier = mem_zero(1, sizeof(*k));
	k->arena = arena_new_small();
	rc = digest == NULL
		 ? originals_for_url(o, k->arena, t->url, &k->original, e)
		 : originals_same(o, k->arena, t->url, digest, &k->original, e);
	/* A page whose run was cut off before it was read lacks its article:
	 * to be had in full, and read. */
	k->is_there = rc == 1 && (t->need != NEED_PAGE ||
				     originals_page_state(o, t->url) >= 0);
	/* Of a page's thousands of pictures most were never seen. */
	if (!k->is_there) {
		arena_free(k->arena);
		k->arena = NULL;
	}
	return rc < 0 ? -1 : 0;
}

/* Rules of robots.txt must be at hand, and pages are asked for in full unless
 * it is said to be enough that they have not changed. */
int
capture_ask_changed(struct capture *c, struct target *t,
    struct fetch_request *r, struct error *e)
{
	const struct original *o;
	int64_t date;

	if (c->o->originals == NULL || t->need == NEED_ROBOTS ||
	    t->robots_of != NULL || (t->need == NEED_PAGE && !t->is_recapture))
		return 0;
	if (look(c, t, NULL, e) != 0)
		return -1;
	if (!t->earlier->is_there)
		return 0;
	o = &t->earlier->original;
	/* The weaker one would only be asked where the other is not known
	 * (RFC 9110, 13.1.3). */
	if (request_is_one_tag(o->etag) && request_can_send(o->etag))
		r->if_none_match = o->etag;
	else if (date_parse_http(o->last_modified, &date))
		r->if_modified_since = o->last_modified;
	return 0;
}

static int
has_payload(const struct exchange *x, const struct original *o)
{
	return strcmp(x->payload_digest, o->payload_digest) == 0;
}

/* The earlier record whose payload X has: 1; 0 none; -1. Pages only repeat
 * themselves: what is read out of them depends on their URL. */
static int
find_equal(struct capture *c, struct target *t, const struct exchange *x,
    struct error *e)
{
	struct earlier *k;
	int rc;

	if (look(c, t, x->payload_digest, e) != 0)
		return -1;
	k = t->earlier;
	if (k->is_there && has_payload(x, &k->original))
		return 1;
	k->is_there = 0;
	if (t->need == NEED_PAGE || x->payload_len < ORIGINAL_LEAST_BYTES)
		return 0;
	if (k->arena == NULL)
		k->arena = arena_new_small();
	rc = originals_for_digest(
	    c->o->originals, k->arena, x->payload_digest, &k->original, e);
	k->is_there = rc == 1;
	return rc;
}

int
capture_compare(struct capture *c, struct target *t, struct exchange *x,
    struct capture_facts *f, struct error *e)
{
	int rc = 0;

	if (c->o->originals == NULL || t->is_recalled)
		return 0;
	if (x->outcome == OUTCOME_CAPTURED && x->status == 200 &&
	    x->truncated == TRUNCATED_NO && x->payload_len > 0) {
		rc = find_equal(c, t, x, e);
		if (rc == 1)
			x->outcome = OUTCOME_REVISIT;
		c->result->revisits += (uint64_t)(rc == 1);
	} else if (x->outcome == OUTCOME_NOT_MODIFIED) {
		rc = t->earlier != NULL && t->earlier->is_there;
		c->result->not_modified += (uint64_t)rc;
		if (rc == 1)
			f->media_type = t->earlier->original.media_type;
	}
	if (rc == 1)
		f->original = &t->earlier->original;
	return rc < 0 ? -1 : 0;
}

int
capture_seen(struct capture *c, struct target *t, struct exchange *x,
    struct exchange **out, struct error *e)
{
	struct error why = { 0 };
	int rc;

	*out = exchange_keep(x);
	if (x->outcome != OUTCOME_NOT_MODIFIED || t->earlier == NULL ||
	    !t->earlier->is_there)
		return 0;
	exchange_free(*out);
	rc = originals_exchange(c->o->originals, &t->earlier->original,
	    c->o->fetch->spool_dir, out, &why);
	if (rc == 1) {
		(*out)->started_us = x->started_us;
		(*out)->duration_ms = x->duration_ms;
		return 0;
	}
	*out = exchange_keep(x);
	if (why.kind == ERROR_SYSTEM)
		return error_set(e, why.kind, "%s", why.text);
	/* It was sound a moment ago. */
	capture_warn(c, t->url, why.text);
	return 0;
}

void
capture_note_same(struct capture *c, struct job *j, const struct target *t,
    const struct exchange *x)
{
	j->is_same = t->earlier != NULL && t->earlier->is_there &&
		     (x->outcome == OUTCOME_REVISIT ||
			 x->outcome == OUTCOME_NOT_MODIFIED);
	j->is_whole = j->is_same && j->wanted.kind == WANTED_PAGE &&
		      j->wanted.is_recapture &&
		      originals_page_state(c->o->originals, t->url) == 1;
	if (j->is_same)
		j->reason = j->same_as = arena_format(
		    j->arena, "the same as %s", t->earlier->original.record_id);
}
