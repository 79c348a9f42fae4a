/* What was told of the same record, and of the same URL, brought together. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/index.h"
#include "core/collection/verify_facts.h"
#include "core/collection/verify_revisited.h"
#include "core/collection/verify_part.h"

static const char index_name[] = "index.cdxj";
static const char outcomes_name[] = "outcomes.jsonl";
static const char report_name[] = "report.json";

/* ---- by record id ---- */

/* All that was told of one id so far. */
struct group {
	struct snapshot_check *check;
	struct buf id;
	unsigned records, lines, outcomes;
	uint32_t file;
	uint64_t offset;
	struct record_fact record; /* the first one */
	int has_facts;
	uint8_t facts[VERIFY_SHORT]; /* of its metadata record */
};

static int
is_indexed(const struct group *g)
{
	return g->records > 0 && g->record.type != RECORD_OTHER;
}

static void
say_listing(struct group *g, const char *code, const char *file,
    uint64_t offset, const char *text, const char *what)
{
	if (check_may_say(g->check, file))
		check_say(g->check, SEVERITY_CHANGED, code, file, offset,
		    buf_text(&g->id), "%s%s", text, what);
}

static void
take_record(struct group *g, const struct fact *f)
{
	struct snapshot_check *s = g->check;

	if (g->records++ == 0) {
		g->file = f->file;
		g->offset = f->offset;
		if (f->len == sizeof(g->record))
			memcpy(&g->record, f->data, f->len);
		else
			g->record.type = RECORD_OTHER;
	} else if (!s->records_are_changed && !check_is_skipped(s, CHECK_IDS)) {
		check_say(s, SEVERITY_CHANGED, "id", s->files[f->file],
		    f->offset, buf_text(&g->id),
		    "another record of this snapshot has the same id");
	}
}

static void
take_line(struct group *g, const struct fact *f)
{
	if (is_indexed(g) && memcmp(g->record.line, f->data, VERIFY_SHORT) == 0)
		g->lines++;
	else if (is_indexed(g))
		say_listing(g, "line", index_name, f->offset,
		    "differs from what the record gives", "");
	else if (!g->check->records_are_changed)
		say_listing(g, "line", index_name, f->offset,
		    g->records > 0 ? "names a record that is not indexed"
				   : "names a record that is not there",
		    "");
}

static void
compare_outcome(
    struct group *g, const struct fact *f, const struct outcome_fact *told)
{
	const struct outcome_fact *is = &g->record.outcome;
	const char *text = "differs from its record in ";

	if (memcmp(is->hash, told->hash, VERIFY_SHORT) != 0)
		for (size_t i = 0; i < OUTCOME_FIELDS; i++)
			if (is->fields[i] != told->fields[i])
				say_listing(g, "outcome-record", outcomes_name,
				    f->offset, text, outcome_fields[i]);
	if (g->record.type == RECORD_RESPONSE && is->mime != told->mime)
		say_listing(g, "outcome-record", outcomes_name, f->offset, text,
		    "content_type");
	if (g->has_facts &&
	    memcmp(g->facts, f->data + sizeof(*told), VERIFY_SHORT) != 0)
		say_listing(g, "outcome-record", outcomes_name, f->offset,
		    "differs from its metadata record (outcome, reason, via, "
		    "hops, need, where, robots or fetch_ms)",
		    "");
}

static void
take_outcome(struct group *g, const struct fact *f)
{
	struct outcome_fact told;

	if (!is_indexed(g)) {
		if (!g->check->records_are_changed)
			say_listing(g, "outcome-record", outcomes_name,
			    f->offset,
			    g->records > 0 ? "its record is no response"
					   : "its record is not there",
			    "");
		return;
	}
	if (g->outcomes++ > 0)
		say_listing(g, "outcome-twice", outcomes_name, f->offset,
		    "its record has another line", "");
	memcpy(&told, f->data, sizeof(told));
	compare_outcome(g, f, &told);
}

/* What a revisit says of its original. */
struct named_original {
	const char *record; /* the revisit */
	const char *uri, *digest;
};

static struct named_original
named_original(const struct fact *f)
{
	struct named_original n = { .record = (const char *)f->data + 1 };

	n.uri = n.record + strlen(n.record) + 1;
	n.digest = n.uri + strlen(n.uri) + 1;
	return n;
}

static void
say_original(struct group *g, const struct fact *f,
    const struct named_original *n, const char *text)
{
	struct snapshot_check *s = g->check;

	/* Others count payloads otherwise; verify FILE tells. */
	if (!s->is_import && !s->records_are_changed)
		check_say(s, SEVERITY_CHANGED, "revisit", s->files[f->file],
		    f->offset, n->record, "%s: %s", text, buf_text(&g->id));
}

/* The original at hand must be one: no revisit, and of that payload. */
static void
compare_original(struct group *g, const struct fact *f,
    const struct named_original *n, int is_revisit, int is_equal)
{
	if (is_revisit)
		say_original(g, f, n, "its original is a revisit");
	else if (!is_equal && n->digest[0] != '\0')
		say_original(g, f, n, "its original has another payload");
}

/* An original may lie in an earlier snapshot. 1 / 0. */
static int
is_in_collection(
    struct group *g, const struct fact *f, const struct named_original *n)
{
	struct arena *a = arena_new();
	struct index_hit *hits = NULL;
	size_t count = 0;
	int found = 0;

	if (g->check->index == NULL &&
	    index_view_open(&g->check->index, g->check->collection, NULL) != 0)
		g->check->index = NULL;
	if (g->check->index == NULL || index_view_find(g->check->index, a,
					   n->uri, &hits, &count, NULL) != 0)
		count = 0;
	for (size_t i = 0; i < count && !found; i++) {
		found = strcmp(hits[i].id, buf_text(&g->id)) == 0;
		if (found)
			compare_original(g, f, n,
			    strcmp(hits[i].mime, "warc/revisit") == 0,
			    strcmp(hits[i].digest, n->digest) == 0);
	}
	arena_free(a);
	return found;
}

/* It may be in another snapshot of the package. */
static void
want_original(
    struct group *g, const struct fact *f, const struct named_original *n)
{
	const struct snapshot_check *s = g->check;
	char *file = mem_format("%s%s", s->prefix, s->files[f->file]);
	const struct lost_original l = { .id = buf_text(&g->id),
		.file = file,
		.offset = f->offset,
		.record = n->record,
		.digest = n->digest,
		.is_import = s->is_import };

	revisited_want(s->originals, &l);
	free(file);
}

static void
take_original(struct group *g, const struct fact *f)
{
	struct snapshot_check *s = g->check;
	const struct named_original n = named_original(f);
	const char *id = buf_text(&g->id);

	if (g->records > 0) {
		compare_original(g, f, &n, g->record.type == RECORD_REVISIT,
		    g->record.type == RECORD_OTHER ||
			g->record.outcome.fields[OUTCOME_DIGEST] ==
			    text_crc32c(n.digest, strlen(n.digest)));
		return;
	}
	if (s->collection != NULL && is_in_collection(g, f, &n))
		return;
	if (s->originals != NULL)
		want_original(g, f, &n);
	else if (s->collection == NULL || s->is_import)
		check_say(s, SEVERITY_NOTE, "refers-to", s->files[f->file],
		    f->offset, n.record, "the original is not in this %s: %s",
		    s->collection == NULL ? "snapshot" : "collection", id);
	else if (!s->records_are_changed)
		check_say(s, SEVERITY_CHANGED, "refers-to", s->files[f->file],
		    f->offset, n.record,
		    "the original is not in this collection: %s", id);
}

static void
take_reference(struct group *g, const struct fact *f)
{
	struct snapshot_check *s = g->check;
	enum reference kind = (enum reference)f->data[0];
	const char *record = (const char *)f->data + 1;

	if (kind == REFER_ORIGINAL)
		take_original(g, f);
	else if (g->records > 0 || s->records_are_changed)
		return;
	else if (kind == REFER_PAGE)
		say_listing(g, "report-page", report_name, f->offset,
		    "its record is not there", "");
	else
		check_say(s, SEVERITY_CHANGED,
		    kind == REFER_CONCURRENT ? "concurrent-to" : "refers-to",
		    s->files[f->file], f->offset, record,
		    "names a record that is not there: %s", buf_text(&g->id));
}

/* Where the page of an article lies, in the order of articles. */
static void
take_article(struct group *g, const struct fact *f)
{
	struct snapshot_check *s = g->check;

	if (s->responses == NULL || !is_indexed(g))
		return;
	buf_reset(&s->entry);
	fact_add_number(&s->entry, f->offset, 8);
	fact_add_number(&s->entry, g->offset, 8);
	fact_add_number(&s->entry, g->file, 4);
	fact_add_number(&s->entry, g->record.status, 4);
	if (s->error.kind == ERROR_NONE)
		(void)sorter_add(
		    s->responses, s->entry.data, s->entry.len, &s->error);
}

struct response_fact
fact_response(const uint8_t *p)
{
	return (struct response_fact){ .number = fact_get_number(p, 8),
		.offset = fact_get_number(p + 8, 8),
		.file = (uint32_t)fact_get_number(p + 16, 4),
		.status = (unsigned)fact_get_number(p + 20, 4) };
}

static void
take(struct group *g, const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_RECORD:
		take_record(g, f);
		break;
	case FACT_METADATA:
		memcpy(g->facts, f->data, VERIFY_SHORT);
		g->has_facts = 1;
		break;
	case FACT_LINE:
		take_line(g, f);
		break;
	case FACT_OUTCOME:
		take_outcome(g, f);
		break;
	case FACT_REFERENCE:
		take_reference(g, f);
		break;
	case FACT_ARTICLE:
		take_article(g, f);
		break;
	}
}

/* What should have come and did not. */
static void
group_end(struct group *g)
{
	struct snapshot_check *s = g->check;
	const char *file = s->files[g->file];

	if (!is_indexed(g))
		return;
	if (g->lines == 0 && s->index_is_read && check_may_say(s, index_name))
		check_say(s, SEVERITY_CHANGED, "line-missing", index_name, 0,
		    buf_text(&g->id), "has no line for the record in %s at %ju",
		    file, (uintmax_t)g->offset);
	/* Every response was some target's. An import may hold several of a
	 * URL, and its line names one. */
	if (!s->is_import && g->outcomes == 0 && s->outcomes_are_read &&
	    g->record.type != RECORD_RESOURCE &&
	    check_may_say(s, outcomes_name))
		check_say(s, SEVERITY_CHANGED, "outcome-missing", outcomes_name,
		    0, buf_text(&g->id),
		    "has no line for the record in %s at %ju", file,
		    (uintmax_t)g->offset);
}

static void
group_begin(struct group *g, const char *id)
{
	struct snapshot_check *s = g->check;
	struct buf name = g->id;

	buf_reset(&name);
	buf_add_text(&name, id);
	*g = (struct group){ .check = s, .id = name };
}

static int
check_ids(struct snapshot_check *s, struct error *e)
{
	struct group g = { .check = s };
	const uint8_t *p;
	size_t len;
	int more;

	if (sorter_begin(s->by_id, e) != 0)
		return -1;
	while ((more = sorter_next(s->by_id, &p, &len, e)) == 1) {
		struct fact f = fact_of(p, len);

		if (strcmp(f.key, buf_text(&g.id)) != 0) {
			group_end(&g);
			group_begin(&g, f.key);
		}
		take(&g, &f);
	}
	group_end(&g);
	buf_clear(&g.id);
	return more;
}

/* ---- by URL ---- */

static void
say_page(struct snapshot_check *s, const struct fact *f, const char *text)
{
	if (check_may_say(s, report_name))
		check_say(s, SEVERITY_CHANGED, "report-page", report_name,
		    f->offset, (const char *)f->data + 5, "%s%s", text, f->key);
}

/* What became of one URL: in each run at most one outcome. */
struct ends_of_url {
	struct snapshot_check *check;
	struct buf url;
	struct buf runs; /* pairs: run, outcome */
};

static uint32_t
run_of(const struct fact *f)
{
	return (uint32_t)fact_get_number(f->data + 1, 4);
}

/* An outcome of the run's own, or of the newest run before it: where it lies
 * in RUNS, NULL there is none. */
static const uint32_t *
outcome_until(const struct ends_of_url *u, uint32_t run)
{
	const uint32_t *pairs = (const uint32_t *)(const void *)u->runs.data;
	const uint32_t *best = NULL;

	for (size_t i = 0; i < u->runs.len / (2 * sizeof(*pairs)); i++)
		if (pairs[2 * i] <= run &&
		    (best == NULL || pairs[2 * i] > best[0]))
			best = &pairs[2 * i];
	return best;
}

static void
take_end(struct ends_of_url *u, const struct fact *f)
{
	const uint32_t pair[2] = { run_of(f), f->data[0] };
	const uint32_t *other = outcome_until(u, pair[0]);

	if (other == NULL || other[0] != pair[0])
		buf_add(&u->runs, pair, sizeof(pair));
	else if (check_may_say(u->check, outcomes_name))
		check_say(u->check, SEVERITY_CHANGED, "outcome-twice",
		    outcomes_name, f->offset, "",
		    "another line has this URL: %s", f->key);
}

/* A URL that a page needs: it has an outcome, and that one. */
static void
take_need(const struct ends_of_url *u, const struct fact *f)
{
	struct snapshot_check *s = u->check;
	const uint32_t *known = outcome_until(u, run_of(f));
	int told = f->data[0];

	if (known == NULL) {
		if (told != OUTCOME_NOT_TRIED && s->outcomes_are_read)
			say_page(s, f, "outcomes.jsonl does not know ");
		return;
	}
	/* What stands behind a redirect is told of its end. */
	if (told != OUTCOME_COUNT && known[1] != OUTCOME_REDIRECT &&
	    told != (int)known[1])
		say_page(s, f, "outcomes.jsonl tells another outcome of ");
}

static void
take_capture(struct snapshot_check *s, const struct fact *f, int known)
{
	if (!known && s->outcomes_are_read && check_may_say(s, outcomes_name))
		check_say(s, SEVERITY_CHANGED, "outcome-missing", outcomes_name,
		    0, (const char *)f->data,
		    "has no line for the record in %s at %ju",
		    s->files[f->file], (uintmax_t)f->offset);
}

static int
check_urls(struct snapshot_check *s, struct error *e)
{
	struct ends_of_url u = { .check = s };
	const uint8_t *p;
	size_t len;
	int more;

	if (sorter_begin(s->by_url, e) != 0)
		return -1;
	while ((more = sorter_next(s->by_url, &p, &len, e)) == 1) {
		struct fact f = fact_of(p, len);

		if (strcmp(f.key, buf_text(&u.url)) != 0) {
			buf_reset(&u.url);
			buf_add_text(&u.url, f.key);
			buf_reset(&u.runs);
		}
		if (f.kind == FACT_NEED)
			take_need(&u, &f);
		else if (f.kind == FACT_CAPTURE)
			take_capture(s, &f, u.runs.len > 0);
		else
			take_end(&u, &f);
	}
	buf_clear(&u.url);
	buf_clear(&u.runs);
	return more;
}

int
check_facts(struct snapshot_check *s, struct error *e)
{
	if (s->error.kind == ERROR_NONE && check_ids(s, &s->error) == 0 &&
	    check_urls(s, &s->error) == 0)
		return 0;
	*e = s->error;
	return -1;
}
