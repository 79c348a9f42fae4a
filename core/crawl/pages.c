/* A page has arrived: harvest it, read its article. */
#include "core/crawl/capture_part.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/web/http_message.h"
#include "core/web/url.h"

static int
is_html(const struct exchange *x, const char *media_type)
{
	struct buf type = { 0 };
	int yes;

	http_content_type(x->content_type, &type, NULL);
	yes = strcmp(buf_text(&type), "text/html") == 0 ||
	      strcmp(buf_text(&type), "application/xhtml+xml") == 0 ||
	      (type.len == 0 && strcmp(media_type, "text/html") == 0);
	buf_clear(&type);
	return yes;
}

/* Keep the profile's files in the snapshot, once. */
static int
keep_profile(struct capture *c, const struct profile *p, struct error *e)
{
	const struct profile_file *files;
	size_t count;

	for (size_t i = 0; i < c->profile_count; i++)
		if (strcmp(c->profiles_kept[i], profile_key(p)) == 0)
			return 0;
	c->profiles_kept = mem_grow(
	    c->profiles_kept, c->profile_count + 1, sizeof(*c->profiles_kept));
	c->profiles_kept[c->profile_count++] = profile_key(p);
	count = profile_chain(p, &files);
	for (size_t i = 0; i < count; i++)
		if (snapshot_add_profile(c->snapshot, files[i].key,
			files[i].data, files[i].len, e) != 0)
			return -1;
	return 0;
}

int
capture_ask(
    struct capture *c, struct job *j, enum service_task task, struct error *e)
{
	struct service_request r = {
		.task = task,
		.url = j->url,
		.requested = j->seed,
		.redirects = j->redirects,
		.captured_us = j->started_us,
		.status = j->status,
		.profile = j->profile == NULL ? "" : profile_key(j->profile),
		.selector = j->wanted.links,
	};

	return service_begin(c->o->zygote, &r, j->payload_fd, &j->worker, e);
}

/* The page itself has arrived. */
int
capture_page_arrived(struct capture *c, struct job *j, struct exchange *x,
    const char *media_type, struct error *e)
{
	struct url url;

	j->status = x->status;
	j->is_cut = x->truncated != TRUNCATED_NO;
	j->took_ms = x->duration_ms;
	j->started_us = snapshot_date_us(c->snapshot, x);
	if (url_parse(&url, j->url, strlen(j->url), NULL, e) == 0) {
		j->profile = profile_for(c->o->profiles, &url);
		url_clear(&url);
	}
	j->state = JOB_WAITING;
	if (j->is_whole)
		return 0;
	if (x->response == NULL || x->head_len == 0)
		return 0;
	if (j->wanted.kind == WANTED_LIST)
		return capture_list_arrived(c, j, x, e);
	if (!is_html(x, media_type)) {
		j->extraction = "not-article";
		j->reason = "not HTML";
		return 0;
	}
	j->payload_fd = service_payload(x->response, e);
	if (j->payload_fd < 0) {
		if (e->kind != ERROR_LIMIT)
			return -1;
		j->extraction = "failed";
		j->reason = "page too large to read";
		capture_warn(c, j->url, e->text);
		return 0;
	}
	j->state = JOB_HARVESTING;
	return capture_ask(c, j, SERVICE_LINKS_HTML, e);
}

/* Only a page that was delivered whole and well may be an article. */
static int
may_be_article(const struct job *j)
{
	return j->profile != NULL && j->status >= 200 && j->status <= 299;
}

int
capture_read_start(struct capture *c, struct job *j, struct error *e)
{
	j->state = JOB_WAITING;
	if (!may_be_article(j))
		return 0;
	if (j->is_cut) {
		j->extraction = "failed";
		j->reason = "the page is not whole";
		return 0;
	}
	j->state = JOB_READING;
	if (keep_profile(c, j->profile, e) != 0)
		return -1;
	return capture_ask(c, j, SERVICE_ARTICLE, e);
}

int
capture_harvested(struct capture *c, struct job *j, struct error *e)
{
	struct json *urls = json_new_array(j->arena);
	struct buf result = { 0 };
	struct error why = { 0 };
	int rc;

	if (j->wanted.kind == WANTED_LIST)
		return capture_list_taken(c, j, e);
	rc = worker_take(j->worker, &result, &why);
	if (rc == 0)
		return 0;
	j->worker = NULL;
	rc = rc < 0 ? 1 : capture_need_links(c, j, &result, urls, &why, e);
	buf_clear(&result);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		capture_warn(c, j->url, why.text);
		j->extraction = "failed";
		j->reason = arena_text(j->arena, why.text);
	}
	(void)snapshot_discovered(c->snapshot, j->url, urls);
	if (j->wanted.kind == WANTED_FRONT && j->wanted.links[0] != '\0' &&
	    rc == 0)
		return capture_pick(c, j, e);
	return capture_read_start(c, j, e);
}

/* Of the images that the reading names: one it takes for the best of its
 * sizes, or that the page shows by itself. */
static int
is_best(const struct capture *c, const struct job *j, const char *url)
{
	const struct json *images = json_get(j->article, "images");

	for (size_t i = 0; i < json_count(images); i++)
		if (strcmp(json_text(
			       json_get(json_get(json_at(images, i), "chosen"),
				   "url"),
			       ""),
			url) == 0)
			return 1;
	url = frontier_spelling(c->frontier, url);
	for (size_t i = 0; i < j->candidate_count; i++)
		if (strcmp(j->candidates[i].url, url) == 0)
			return 1;
	return 0;
}

/* Images that the reading names, originals among them. */
static int
need_images(struct capture *c, struct job *j, struct error *e)
{
	for (size_t i = 0; i < json_count(j->images); i++) {
		const struct json *o = json_at(j->images, i);
		struct candidate k = {
			.url = json_text(json_get(o, "url"), ""),
			.kind = LINK_IMAGE,
			.where = json_text(json_get(o, "role"), "article"),
			.required = json_bool(json_get(o, "required"), 0),
		};

		if (c->o->images == IMAGES_BEST &&
		    strcmp(k.where, "original") != 0 && !is_best(c, j, k.url))
			continue;
		if (k.url[0] != '\0' && capture_need(c, j, &k, NULL, e) != 0)
			return -1;
	}
	return 0;
}

int
capture_read(struct capture *c, struct job *j, struct error *e)
{
	struct buf result = { 0 };
	struct error why = { 0 };
	int rc = worker_take(j->worker, &result, &why);

	if (rc == 0)
		return 0;
	j->worker = NULL;
	if (rc < 0 ||
	    job_take_reading(j, buf_text(&result), result.len, &why) != 0) {
		capture_warn(c, j->url, why.text);
		j->extraction = "failed";
		j->reason = arena_text(j->arena, why.text);
	}
	buf_clear(&result);
	j->state = JOB_WAITING;
	if (j->is_same)
		job_forget_reading(j);
	return need_images(c, j, e);
}
