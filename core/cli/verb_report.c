/* report: what one snapshot amounts to. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/article_store.h"
#include "core/collection/catalog.h"
#include "core/collection/config.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/lookup.h"
#include "core/web/exchange.h"

enum {
	LINES_SHOWN = 20, /* of a list, as text */
	VERSIONS_MAX = 10000
};

struct report {
	const struct collection *collection;
	struct arena *arena;
	const char *snapshot; /* path below the collection */
	const char *name;
	const struct json *head; /* of report.json */
	struct json *pages, *failures, *refused;
	uint64_t revisits, not_modified, saved_bytes;
	uint64_t fresh, changed, same; /* articles */
	int has_history;
	struct catalog *catalog;
};

/* EACH gets every line of the snapshot's FILE that is an object, parsed in an
 * arena of its own. */
static int
each_line(struct report *r, const char *file,
    void (*each)(struct report *r, const struct json *o), struct error *e)
{
	struct line_reader lines = { .fd = -1 };
	struct arena *a = arena_new();
	char *path = mem_format(
	    "%s/%s/%s", r->collection->dir, r->snapshot, file);
	char *line;
	size_t len;
	int more = line_reader_open(&lines, path, e);

	while (more >= 0 &&
	       (more = line_reader_next(&lines, &line, &len, e)) > 0) {
		const struct json *o;

		/* Pages of a report have a comma, the last "]", behind. */
		while (len > 0 && line[len - 1] != '}')
			len--;
		o = len == 0 || line[0] != '{' ? NULL
					       : json_parse(a, line, len, NULL);
		if (o != NULL)
			each(r, o);
		arena_reset(a);
	}
	line_reader_close(&lines);
	free(path);
	arena_free(a);
	return more < 0 ? -1 : 0;
}

static const char *
text(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static int64_t
number(const struct json *o, const char *name)
{
	return json_int(json_get(o, name), 0);
}

static void
copy(struct report *r, struct json *to, const struct json *from,
    const char *name)
{
	json_set_string(r->arena, to, name, text(from, name));
}

/* What a page lacks: required pictures without their bytes. */
static struct json *
missing(struct report *r, const struct json *page)
{
	const struct json *failed = json_get(page, "failed");
	struct json *list = json_new_array(r->arena);

	for (size_t i = 0; i < json_count(failed); i++) {
		const struct json *f = json_at(failed, i);
		struct json *o;

		if (!json_bool(json_get(f, "required"), 0))
			continue;
		o = json_new_object(r->arena);
		copy(r, o, f, "url");
		copy(r, o, f, "outcome");
		copy(r, o, f, "reason");
		json_append(r->arena, list, o);
	}
	return list;
}

static void
add_page(struct report *r, const struct json *page)
{
	static const char *const counts[] = { "found", "captured", "failed",
		"out_of_scope" };
	struct json *o = json_new_object(r->arena);

	copy(r, o, page, "url");
	copy(r, o, page, "outcome");
	copy(r, o, page, "extraction");
	json_set_bool(
	    r->arena, o, "complete", json_bool(json_get(page, "complete"), 0));
	for (size_t i = 0; i < 4; i++)
		json_set_integer(r->arena, o, counts[i],
		    number(json_get(page, "counts"), counts[i]));
	json_set(r->arena, o, "missing", missing(r, page));
	json_append(r->arena, r->pages, o);
}

static void
add_outcome(struct report *r, const struct json *line)
{
	const char *name = text(line, "outcome");
	enum outcome outcome;
	struct json *o;

	if (!outcome_find(name, &outcome))
		return;
	r->revisits += outcome == OUTCOME_REVISIT;
	r->not_modified += outcome == OUTCOME_NOT_MODIFIED;
	if (outcome == OUTCOME_REVISIT || outcome == OUTCOME_NOT_MODIFIED)
		r->saved_bytes += (uint64_t)(number(line, "bytes") > 0
						 ? number(line, "bytes")
						 : 0);
	if (outcome_is_good(outcome) || outcome_is_left_out(outcome))
		return;
	o = json_new_object(r->arena);
	copy(r, o, line, "url");
	copy(r, o, line, "outcome");
	copy(r, o, line, "reason");
	json_append(r->arena, r->failures, o);
}

/* New, changed or as before: against the capture before this one. */
static void
add_article(struct report *r, const struct json *line)
{
	const struct json *article = json_get(line, "article");
	const char *date = text(json_get(line, "binding"), "response_date");
	const char *core = text(json_get(article, "hashes"), "core");
	const char *id = text(article, "article_id");
	struct arena *a;
	struct catalog_article *found = NULL;
	const char *before = NULL;
	size_t count = 0;

	if (r->catalog == NULL || id[0] == '\0')
		return;
	a = arena_new();
	if (catalog_find_article(
		r->catalog, a, id, VERSIONS_MAX, &found, &count, NULL) != 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(found[i].captured, date) < 0)
			before = found[i].core;
	if (before == NULL)
		r->fresh++;
	else if (strcmp(before, core) != 0)
		r->changed++;
	else
		r->same++;
	arena_free(a);
}

/* Links that were not followed are in the log: of the site, in its time. */
static void
add_refused(struct report *r, const struct json *line)
{
	const char *time = text(line, "time");
	const char *started = text(r->head, "started");
	const char *site = strchr(r->name, '-');
	struct json *o;

	if (strcmp(text(line, "event"), "refused") != 0 || site == NULL ||
	    strcmp(text(line, "object"), site + 1) != 0 ||
	    strcmp(time, started) < 0)
		return;
	o = json_new_object(r->arena);
	copy(r, o, line, "time");
	copy(r, o, line, "text");
	json_append(r->arena, r->refused, o);
}

static int
gather(struct report *r, struct error *e)
{
	r->pages = json_new_array(r->arena);
	r->failures = json_new_array(r->arena);
	r->refused = json_new_array(r->arena);
	r->head = snapshot_report(r->collection, r->arena, r->snapshot, e);
	if (r->head == NULL)
		return -1;
	r->has_history = catalog_open(&r->catalog, r->collection) == 1;
	if (each_line(r, "report.json", add_page, e) != 0 ||
	    each_line(r, "outcomes.jsonl", add_outcome, e) != 0)
		return -1;
	return each_line(r, "articles.jsonl", add_article, e);
}

static void
set_count(struct report *r, struct json *o, const char *name, uint64_t n)
{
	json_set_integer(r->arena, o, name, (int64_t)n);
}

static void
put_json(struct report *r)
{
	static const char *const copied[] = { "kind", "status", "started",
		"ended", "version" };
	struct json *o = json_new_object(r->arena);
	struct json *articles = json_new_object(r->arena);

	json_set_string(r->arena, o, "snapshot", r->name);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		copy(r, o, r->head, copied[i]);
	json_set(r->arena, o, "totals", json_get(r->head, "totals"));
	set_count(r, o, "revisits", r->revisits);
	set_count(r, o, "not_modified", r->not_modified);
	set_count(r, o, "saved_bytes", r->saved_bytes);
	if (r->has_history) {
		set_count(r, articles, "new", r->fresh);
		set_count(r, articles, "changed", r->changed);
		set_count(r, articles, "same", r->same);
		json_set(r->arena, o, "articles", articles);
	}
	json_set(r->arena, o, "pages", r->pages);
	json_set(r->arena, o, "failed", r->failures);
	json_set(r->arena, o, "refused", r->refused);
	cli_print_json(o);
}

static void
put_outcomes(const struct json *totals)
{
	const struct json *by = json_get(totals, "by_outcome");

	for (size_t i = 0; i < json_count(by); i++)
		printf("  %-22s%" PRId64 "\n", json_key(by, i),
		    json_int(json_at(by, i), 0));
}

/* The objects of LIST that WANTED picks, the first ones. */
static void
put_list(const char *head, const struct json *list,
    int (*wanted)(const struct json *o), const char *what)
{
	size_t shown = 0;
	size_t all = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *o = json_at(list, i);

		if (!wanted(o))
			continue;
		if (all++ == 0)
			puts(head);
		if (shown++ >= LINES_SHOWN)
			continue;
		(void)fputs("  ", stdout);
		cli_put(stdout, text(o, what));
		(void)fputs("  ", stdout);
		cli_put(stdout, text(o, "url"));
		if (text(o, "reason")[0] != '\0') {
			(void)fputs("  ", stdout);
			cli_put(stdout, text(o, "reason"));
		}
		(void)fputc('\n', stdout);
	}
	if (all > LINES_SHOWN)
		printf("  and %zu more; see --json\n", all - LINES_SHOWN);
}

static int
is_incomplete(const struct json *page)
{
	return !json_bool(json_get(page, "complete"), 0);
}

static int
is_any(const struct json *o)
{
	return o != NULL;
}

static void
put_text(const struct report *r)
{
	const struct json *t = json_get(r->head, "totals");
	char kept[LOOK_SIZE_MAX];
	char saved[LOOK_SIZE_MAX];

	cli_put(stdout, r->name);
	printf(": %s, %s\n%s to %s\n", text(r->head, "kind"),
	    text(r->head, "status"),
	    look_time(r->arena, text(r->head, "started")),
	    look_time(r->arena, text(r->head, "ended")));
	printf("%" PRId64 " targets: %" PRId64 " good, %" PRId64
	       " failed, %" PRId64 " left out; %" PRId64 " records, %s\n",
	    number(t, "targets"), number(t, "good"), number(t, "failed"),
	    number(t, "left_out"), number(t, "records"),
	    look_size((uint64_t)number(t, "archive_bytes"), kept));
	put_outcomes(t);
	printf("%" PRId64 " pages, %" PRId64 " incomplete; %" PRId64
	       " articles",
	    number(t, "pages"), number(t, "pages_incomplete"),
	    number(t, "articles"));
	if (r->has_history)
		printf(": %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64
		       " as before",
		    r->fresh, r->changed, r->same);
	(void)fputc('\n', stdout);
	if (r->revisits + r->not_modified > 0)
		printf("%" PRIu64 " revisits, %" PRIu64
		       " not modified: %s not stored again\n",
		    r->revisits, r->not_modified,
		    look_size(r->saved_bytes, saved));
	put_list("incomplete pages:", r->pages, is_incomplete, "outcome");
	put_list("failed:", r->failures, is_any, "outcome");
	put_list("not followed:", r->refused, is_any, "text");
}

/* The log of the month in which the snapshot ended; there may be none. */
static void
read_log(struct report *r)
{
	char *folder = mem_format("log/%.7s.jsonl", text(r->head, "ended"));
	const char *snapshot = r->snapshot;

	r->snapshot = ".";
	(void)each_line(r, folder, add_refused, NULL);
	r->snapshot = snapshot;
	free(folder);
}

int
verb_report(struct cli *c)
{
	struct report r = { .arena = arena_new() };
	struct error e = { 0 };
	int code = EXIT_DONE;
	struct collection *collection = cli_open(c, &code);

	if (collection == NULL)
		goto done;
	r.collection = collection;
	if (lookup_snapshot(collection, r.arena,
		c->object_count > 0 ? c->objects[0] : "latest", &r.snapshot,
		&e) != 0) {
		code = cli_fail(&e);
		goto done;
	}
	r.name = look_name(r.snapshot);
	if (gather(&r, &e) != 0) {
		code = cli_fail(&e);
		goto done;
	}
	read_log(&r);
	if (config_flag(c->config, "json"))
		put_json(&r);
	else
		put_text(&r);
done:
	catalog_close(r.catalog);
	collection_free(collection);
	arena_free(r.arena);
	return code;
}
