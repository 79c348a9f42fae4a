/* Articles read again from the stored responses by the kept profiles. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/stream.h"
#include "core/base/worker.h"
#include "core/collection/line_reader.h"
#include "core/collection/profile_choice.h"
#include "core/collection/verify_part.h"
#include "core/news/service.h"

enum { PROFILE_BYTES_MAX = 4 * 1024 * 1024 };

static const char articles_name[] = "articles.jsonl";

/* One article under way. */
struct rederive {
	struct snapshot_check *check;
	struct zygote *zygote;
	struct profile_choice profiles;
	struct arena *arena;
	struct known_article known;
	struct response_fact response;
	uint64_t response_next; /* number behind that of RESPONSE */
	uint64_t offset;        /* of its line */
	const struct json *article;
};

static void
say(const struct rederive *r, enum severity severity, const char *code,
    const char *text, const char *what)
{
	check_say(r->check, severity, code, articles_name, r->offset,
	    r->known.id, "%s%s", text, what);
}

/* The block of R as a payload for a worker; -1 with the error. */
static int
payload_of(struct stream *block, struct error *e)
{
	const uint8_t *p;
	size_t len;
	uint64_t offset = 0;
	int fd = worker_payload(e);
	int more = fd < 0 ? -1 : 1;

	while (more == 1 && (more = stream_next(block, &p, &len, e)) == 1) {
		if (offset + len > LIMIT_BODY_PAGE + LIMIT_HEAD_BYTES)
			more = error_set(e, ERROR_LIMIT,
			    "larger than %llu bytes", LIMIT_BODY_PAGE);
		else if (file_write_at(fd, p, len, offset, e) != 0)
			more = -1;
		offset += len;
	}
	if (more < 0 && fd >= 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

/* The response's block for a worker, and what else the reading depends on. */
static int
open_response(
    const struct rederive *r, struct service_request *request, struct error *e)
{
	const struct response_fact *k = &r->response;
	const char *file = r->check->files[k->file];
	struct input *in = NULL;
	struct source *source = NULL;
	struct record record;
	struct place where;
	int fd = -1;

	if (verify_place_open(&r->check->place, file, file, &in, e) == 0 &&
	    source_open_input(&source, in, e) == 0 &&
	    source_seek(source, k->offset, e) == 0 &&
	    source_next(source, r->arena, &record, &where, e) == 1) {
		request->url = record_uri_field(
		    r->arena, &record, "WARC-Target-URI");
		request->status = k->status;
		(void)record_date_us(&record, &request->captured_us);
		fd = payload_of(record.block, e);
	}
	source_free(source);
	input_free(in);
	return fd;
}

static const char *const *
redirects_of(const struct rederive *r)
{
	const struct json *list = json_get(
	    json_get(r->article, "url"), "redirects");
	size_t count = json_count(list);
	const char **texts = arena_alloc(
	    r->arena, (count + 1) * sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = json_text(json_at(list, i), "");
	return texts;
}

/* Read it again: the worker's answer, or NULL and why. */
static const struct json *
read_again(const struct rederive *r, struct error *e)
{
	const struct json *profile = json_get(
	    json_get(r->article, "extractor"), "profile");
	struct service_request request = {
		.task = SERVICE_ARTICLE,
		.requested = json_text(
		    json_get(json_get(r->article, "url"), "requested"), ""),
		.redirects = redirects_of(r),
		.profile = json_text(json_get(profile, "key"), ""),
	};
	struct worker *w = NULL;
	struct buf result = { 0 };
	const struct json *answer = NULL;
	int fd = open_response(r, &request, e);

	if (fd < 0)
		return NULL;
	if (service_begin(r->zygote, &request, fd, &w, e) == 0 &&
	    service_wait(w, &result, e) == 0)
		answer = json_parse(r->arena, buf_text(&result), result.len, e);
	(void)close(fd);
	buf_clear(&result);
	return answer;
}

static int
is_equal(const struct json *a, const struct json *b)
{
	struct buf x = { 0 };
	struct buf y = { 0 };
	int equal;

	json_write_canonical(&x, a);
	json_write_canonical(&y, b);
	equal = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
	buf_clear(&x);
	buf_clear(&y);
	return equal;
}

/* The members in which two objects differ, apart by commas. */
static const char *
differences(struct arena *a, const struct json *was, const struct json *is)
{
	struct buf b = { 0 };
	const char *text;

	for (size_t i = 0; i < json_count(was); i++) {
		const char *name = json_key(was, i);
		const struct json *now = json_get(is, name);

		if (now == NULL || !is_equal(json_at(was, i), now))
			buf_format(&b, "%s%s", b.len == 0 ? "" : ", ", name);
	}
	for (size_t i = 0; i < json_count(is); i++)
		if (json_get(was, json_key(is, i)) == NULL)
			buf_format(&b, "%s%s", b.len == 0 ? "" : ", ",
			    json_key(is, i));
	text = arena_text(a, buf_text(&b));
	buf_clear(&b);
	return text;
}

static const char *
version_of(const struct json *article)
{
	return json_text(
	    json_get(json_get(article, "extractor"), "version"), "");
}

static void
compare(struct rederive *r, const struct json *answer)
{
	const struct json *again = json_get(answer, "article");
	int same_version = json_is(again, JSON_KIND_OBJECT) &&
			   strcmp(version_of(again), version_of(r->article)) ==
			       0;

	if (json_is(again, JSON_KIND_OBJECT) && is_equal(again, r->article))
		r->check->totals->rederived++;
	else if (!json_is(again, JSON_KIND_OBJECT))
		say(r, SEVERITY_CHANGED, "rederive",
		    "read again the page gives no article: ",
		    json_text(json_get(answer, "reason"), ""));
	else if (same_version)
		say(r, SEVERITY_CHANGED, "rederive",
		    "read again the article differs in ",
		    differences(r->arena, r->article, again));
	else
		say(r, SEVERITY_NOTE, "rederive-version",
		    "read again by another version the article differs in ",
		    differences(r->arena, r->article, again));
}

/* The profiles that the article was read by, in a zygote of their own. */
static int
start(struct rederive *r, struct error *e)
{
	const struct json *chain = json_get(
	    json_get(json_get(r->article, "extractor"), "profile"), "chain");
	struct worker_service service;
	struct worker_limits limits;
	int changed = 0;

	if (r->profiles.kept != NULL &&
	    (changed = profile_choose(&r->profiles, chain, e)) < 0)
		return -1;
	if (r->zygote != NULL && changed == 0)
		return 0;
	zygote_stop(r->zygote);
	service = service_new(r->profiles.dir);
	service_limits(&limits);
	r->zygote = zygote_start(&service, &limits, e);
	free(service.context);
	return r->zygote == NULL ? -1 : 0;
}

/* A line of articles.jsonl, which is that of the derived record. */
static void
rederive_line(struct rederive *r, const char *line, size_t len)
{
	const struct json *o = json_parse(r->arena, line, len, NULL);
	struct error why = { 0 };
	const struct json *answer = NULL;

	r->article = json_get(o, "article");
	if (!json_is(r->article, JSON_KIND_OBJECT))
		return; /* told with its line */
	if (start(r, &why) == 0)
		answer = read_again(r, &why);
	if (answer == NULL)
		say(r, SEVERITY_WARNING, "rederive",
		    "cannot be read again: ", why.text);
	else
		compare(r, answer);
}

/* The page of article NUMBER: 1; 0, its record is not there (told); -1. */
static int
find_response(struct rederive *r, uint64_t number, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more = 1;

	while (more == 1 && r->response_next <= number) {
		more = sorter_next(r->check->responses, &p, &len, e);
		if (more != 1) {
			r->response_next = UINT64_MAX;
			break;
		}
		r->response = fact_response(p);
		r->response_next = r->response.number + 1;
	}
	return more < 0 ? -1 : r->response_next == number + 1;
}

static int
rederive_all(struct rederive *r, struct line_reader *lines, struct error *e)
{
	struct snapshot_check *s = r->check;
	struct article_list list;
	struct error why = { 0 };
	char digest[DIGEST_TEXT_MAX];
	char *line;
	size_t len;
	int there = 0;
	int more;

	articles_open(&list, s);
	for (uint64_t i = 0;
	     there >= 0 && (more = articles_next(&list, &r->known, e)) == 1;
	     i++) {
		if (line_reader_next(lines, &line, &len, &why) != 1)
			break; /* told */
		arena_reset(r->arena);
		r->offset = lines->start;
		there = find_response(r, i, e);
		digest_text(DIGEST_SHA256, line, len, digest);
		if (there == 1 && strcmp(digest, r->known.digest) == 0)
			rederive_line(r, line, len);
	}
	articles_close(&list);
	if (why.kind == ERROR_SYSTEM)
		return error_set(e, why.kind, "%s", why.text);
	return there < 0 || more < 0 ? -1 : 0;
}

/* Workers read profiles from a folder: of a tree, one that is made for it. */
static int
bring_profiles(struct snapshot_check *s, char **dir, struct error *e)
{
	struct file_names names;
	struct buf b = { 0 };
	int rc = 0;

	*dir = mem_format("%s/holdfast-XXXXXX", file_temporary_dir());
	if (mkdtemp(*dir) == NULL) {
		rc = error_system(e, "%s", *dir);
		free(*dir);
		*dir = NULL;
		return rc;
	}
	verify_place_list(&s->place, "profiles", &names);
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *name = mem_format("profiles/%s", names.names[i]);
		char *path = mem_format("%s/%s", *dir, names.names[i]);

		buf_reset(&b);
		rc = verify_place_get(
		    &s->place, name, &b, PROFILE_BYTES_MAX, e);
		if (rc == 0)
			rc = file_put(path, b.data, b.len, e);
		free(path);
		free(name);
	}
	buf_clear(&b);
	file_names_clear(&names);
	return rc;
}

static void
drop_profiles(char *dir)
{
	struct file_names names = { 0 };

	(void)file_list(dir, &names, NULL);
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", dir, names.names[i]);

		(void)file_remove(path, NULL);
		free(path);
	}
	file_names_clear(&names);
	(void)file_remove_dir(dir, NULL);
}

int
check_rederive(struct snapshot_check *s, struct error *e)
{
	struct rederive r = { .check = s };
	struct line_reader lines;
	char *kept = NULL;
	int in_tree = s->place.dir == NULL;
	int rc = 0;

	if (s->article_count == 0 ||
	    verify_place_lines(&s->place, articles_name, &lines, NULL) != 0)
		return 0;
	if (in_tree)
		rc = bring_profiles(s, &kept, e);
	else
		kept = mem_format("%s/profiles", s->place.dir);
	if (kept != NULL && file_is_dir(kept))
		r.profiles.kept = kept;
	r.arena = arena_new();
	if (rc == 0)
		rc = sorter_begin(s->responses, e) == 0
			 ? rederive_all(&r, &lines, e)
			 : -1;
	zygote_stop(r.zygote);
	profile_choice_clear(&r.profiles);
	if (in_tree && kept != NULL)
		drop_profiles(kept);
	arena_free(r.arena);
	line_reader_close(&lines);
	free(kept);
	return rc;
}
