/* One page being captured, from its seed to its completeness. */
#include "core/crawl/job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/worker.h"
#include "core/collection/snapshot.h"
#include "core/news/profile.h"

struct job *
job_new(const char *seed, const struct wanted *w)
{
	struct job *j = mem_zero(1, sizeof(*j));

	j->arena = arena_new();
	j->seed = arena_text(j->arena, seed);
	j->wanted = *w;
	j->wanted.url = j->seed;
	j->wanted.via = arena_text(j->arena, w->via);
	j->wanted.hops = arena_text(j->arena, w->hops);
	j->wanted.links = arena_text(j->arena, w->links);
	j->url = j->seed;
	j->redirects = arena_alloc(
	    j->arena, (LIMIT_REDIRECTS + 2) * sizeof(*j->redirects));
	j->payload_digest = "";
	j->extraction = "";
	j->reason = "";
	j->payload_fd = -1;
	return j;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	worker_abandon(j->worker);
	if (j->payload_fd >= 0)
		(void)close(j->payload_fd);
	free(j->candidates);
	free(j->slots);
	free(j->links);
	arena_free(j->arena);
	free(j);
}

void
job_redirect(struct job *j, const char *to)
{
	if (j->redirect_count <= LIMIT_REDIRECTS)
		j->redirects[j->redirect_count++] = j->url;
	j->url = arena_text(j->arena, to);
}

void
job_link(struct job *j, const struct page_link *l)
{
	struct page_link *to;

	if (j->link_count == j->link_cap) {
		j->link_cap = j->link_cap == 0 ? 64 : 2 * j->link_cap;
		j->links = mem_grow(j->links, j->link_cap, sizeof(*j->links));
	}
	to = &j->links[j->link_count++];
	*to = *l;
	to->url = arena_text(j->arena, l->url);
	to->title = arena_text(j->arena, l->title);
}

/* FNV-1a: a page's own URLs, in a table that is never more than half full. */
static uint32_t
hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* Where URL stands in the table, or the empty place (0) for it. */
static uint32_t *
slot_of(struct job *j, const char *url)
{
	size_t mask = 4 * j->candidate_cap - 1;
	size_t i = hash_of(url) & mask;

	while (j->slots[i] != 0 &&
	       strcmp(j->candidates[j->slots[i] - 1].url, url) != 0)
		i = (i + 1) & mask;
	return &j->slots[i];
}

static void
grow_candidates(struct job *j)
{
	j->candidate_cap = j->candidate_cap == 0 ? 16 : 2 * j->candidate_cap;
	j->candidates = mem_grow(
	    j->candidates, j->candidate_cap, sizeof(*j->candidates));
	free(j->slots);
	j->slots = mem_zero(4 * j->candidate_cap, sizeof(*j->slots));
	for (size_t i = 0; i < j->candidate_count; i++)
		*slot_of(j, j->candidates[i].url) = (uint32_t)i + 1;
}

int
job_need(struct job *j, const char *url, enum link_kind kind, const char *where,
    int required)
{
	uint32_t *slot;

	if (j->candidate_count == j->candidate_cap)
		grow_candidates(j);
	slot = slot_of(j, url);
	if (*slot != 0) {
		j->candidates[*slot - 1].required |= required;
		return 0;
	}
	*slot = (uint32_t)j->candidate_count + 1;
	j->candidates[j->candidate_count++] = (struct candidate){
		.url = arena_text(j->arena, url),
		.kind = kind,
		.where = arena_text(j->arena, where),
		.required = required,
	};
	return 1;
}

int
job_take_reading(struct job *j, const char *text, size_t len, struct error *e)
{
	struct json *r = json_parse(j->arena, text, len, e);

	if (r == NULL)
		return -1;
	j->extraction = json_text(json_get(r, "status"), "failed");
	j->reason = json_text(json_get(r, "reason"), "");
	if (json_is(json_get(r, "article"), JSON_KIND_OBJECT))
		j->article = json_get(r, "article");
	if (json_is(json_get(r, "pagestate"), JSON_KIND_OBJECT))
		j->pagestate = json_get(r, "pagestate");
	if (json_is(json_get(r, "images"), JSON_KIND_ARRAY))
		j->images = json_get(r, "images");
	return 0;
}

void
job_forget_reading(struct job *j)
{
	j->article = j->pagestate = NULL;
	j->extraction = "";
	j->reason = j->same_as;
}

/* ---- settling: what became of every candidate ---- */

enum verdict { VERDICT_CAPTURED, VERDICT_FAILED, VERDICT_OUT_OF_SCOPE };

static enum verdict
verdict_of(enum outcome o)
{
	if (outcome_is_left_out(o))
		return VERDICT_OUT_OF_SCOPE;
	/* A redirect that leads nowhere is no picture. */
	return outcome_is_good(o) && o != OUTCOME_REDIRECT ? VERDICT_CAPTURED
							   : VERDICT_FAILED;
}

/* The end of a chain of redirects. 1 / 0: nothing is known of it. */
static int
find_final(
    struct snapshot *s, struct arena *a, const char *url, struct captured *c)
{
	for (int hops = 0; hops <= LIMIT_REDIRECTS; hops++) {
		if (!snapshot_find(s, url, a, c))
			return 0;
		if (c->outcome != OUTCOME_REDIRECT || c->location[0] == '\0')
			return 1;
		url = c->location;
	}
	return 1;
}

struct settling {
	struct arena *a;
	struct json *captured; /* arrays of page completeness */
	struct json *failed;
	struct json *out_of_scope;
	struct json *images; /* binding: image captures */
	int missing;         /* required images that failed */
};

static void
add_image(
    struct settling *st, const struct candidate *c, const struct captured *what)
{
	struct json *o = json_new_object(st->a);

	json_set_string(st->a, o, "url", c->url);
	json_set_string(st->a, o, "outcome", outcome_name(what->outcome));
	json_set_string(st->a, o, "record", what->record_id);
	json_set_string(st->a, o, "payload_digest", what->payload_digest);
	json_set_string(st->a, o, "media_type", what->media_type);
	json_set_integer(st->a, o, "bytes", what->bytes);
	json_append(st->a, st->images, o);
}

static void
add_loss(struct settling *st, struct json *list, const struct candidate *c,
    const char *outcome, const char *reason)
{
	struct json *o = json_new_object(st->a);

	json_set_string(st->a, o, "url", c->url);
	json_set_string(st->a, o, "kind", link_kind_name(c->kind));
	json_set_string(st->a, o, "where", c->where);
	json_set_string(st->a, o, "outcome", outcome);
	json_set_string(st->a, o, "reason", reason);
	json_set_bool(st->a, o, "required", c->required);
	json_append(st->a, list, o);
}

static void
settle_candidate(
    struct settling *st, struct snapshot *s, const struct candidate *c)
{
	struct captured what;
	int known = find_final(s, st->a, c->url, &what);
	enum verdict v = known ? verdict_of(what.outcome) : VERDICT_FAILED;

	switch (v) {
	case VERDICT_CAPTURED:
		json_append(
		    st->a, st->captured, json_new_string(st->a, c->url));
		if (c->kind == LINK_IMAGE || c->kind == LINK_META_IMAGE)
			add_image(st, c, &what);
		break;
	case VERDICT_OUT_OF_SCOPE:
		add_loss(st, st->out_of_scope, c, outcome_name(what.outcome),
		    what.reason);
		break;
	case VERDICT_FAILED:
		add_loss(st, st->failed, c,
		    known ? outcome_name(what.outcome) : "not-tried",
		    known ? what.reason : "");
		st->missing += c->required;
		break;
	}
}

static struct json *
counts(struct settling *st)
{
	struct json *o = json_new_object(st->a);
	size_t captured = json_count(st->captured);
	size_t failed = json_count(st->failed);
	size_t out = json_count(st->out_of_scope);

	json_set_integer(st->a, o, "found", (int64_t)(captured + failed + out));
	json_set_integer(st->a, o, "captured", (int64_t)captured);
	json_set_integer(st->a, o, "failed", (int64_t)failed);
	json_set_integer(st->a, o, "out_of_scope", (int64_t)out);
	return o;
}

static void
put_page(struct job *j, struct settling *st, struct snapshot *s,
    const struct captured *page, uint64_t *ticket)
{
	struct json *o = json_new_object(st->a);

	json_set_string(st->a, o, "url", j->url);
	json_set_string(st->a, o, "requested", j->seed);
	json_set_string(st->a, o, "outcome", outcome_name(page->outcome));
	json_set_string(st->a, o, "record", page->record_id);
	json_set_string(st->a, o, "profile",
	    j->profile == NULL ? "" : profile_key(j->profile));
	json_set_string(st->a, o, "extraction", j->extraction);
	json_set_string(st->a, o, "reason", j->reason);
	json_set_bool(st->a, o, "complete", st->missing == 0);
	json_set(st->a, o, "counts", counts(st));
	json_set(st->a, o, "captured", st->captured);
	json_set(st->a, o, "failed", st->failed);
	json_set(st->a, o, "out_of_scope", st->out_of_scope);
	json_set_integer(
	    st->a, o, "links_not_looked_at", (int64_t)j->more_links);
	*ticket = snapshot_add_page(s, o);
}

/* {schema, article|pagestate, binding}: the pure part and what ties it to
 * records (DESIGN, 7). */
static void
put_derived(struct job *j, struct settling *st, struct snapshot *s,
    const struct captured *page, const char *kind, struct json *pure,
    uint64_t *ticket)
{
	struct json *block = json_new_object(st->a);
	struct json *binding = json_new_object(st->a);
	struct buf text = { 0 };

	json_set_string(st->a, binding, "response_record", page->record_id);
	json_set_string(st->a, binding, "response_date", page->date);
	json_set_string(st->a, binding, "payload_digest", page->payload_digest);
	json_set_string(st->a, binding, "block_digest", page->block_digest);
	if (strcmp(kind, "article") == 0) {
		json_set(st->a, binding, "images", st->images);
		json_set(st->a, binding, "completeness", counts(st));
		json_set_bool(st->a, binding, "complete", st->missing == 0);
	}
	json_set_string(st->a, block, "schema",
	    strcmp(kind, "article") == 0 ? "holdfast-article/1"
					 : "holdfast-pagestate/1");
	json_set(st->a, block, kind, pure);
	json_set(st->a, block, "binding", binding);
	json_write_canonical(&text, block);
	*ticket = snapshot_add_derived(s, kind, j->url, page->record_id,
	    page->date, buf_text(&text), text.len);
	buf_clear(&text);
}

int
job_settle(
    struct job *j, struct snapshot *s, struct captured *page, uint64_t *ticket)
{
	struct settling st = { .a = j->arena };

	if (!snapshot_find(s, j->url, j->arena, page))
		return 0;
	if (j->is_known)
		return 1;
	st.captured = json_new_array(st.a);
	st.failed = json_new_array(st.a);
	st.out_of_scope = json_new_array(st.a);
	st.images = json_new_array(st.a);
	for (size_t i = 0; i < j->candidate_count; i++)
		settle_candidate(&st, s, &j->candidates[i]);
	if (page->record_id[0] != '\0' && j->article != NULL)
		put_derived(j, &st, s, page, "article", j->article, ticket);
	if (page->record_id[0] != '\0' && j->pagestate != NULL)
		put_derived(j, &st, s, page, "pagestate", j->pagestate, ticket);
	/* Last: where it is durable, so is what was read of the page. */
	put_page(j, &st, s, page, ticket);
	return st.missing == 0;
}
