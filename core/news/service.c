/* What workers do for us: harvest links, read articles. */
#include "core/news/service.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/news/profile.h"
#include "core/news/reader.h"
#include "core/news/service_part.h"
#include "core/web/charset.h"
#include "core/web/decode.h"
#include "core/web/http_message.h"
#include "core/web/url.h"

static const char *const task_names[] = { "links-html", "links-css", "article",
	"decode", "feed", "front" };

/* Lives in the zygote and its workers only. */
struct service {
	const char *profiles_dir;
	struct profile_set *profiles;
};

/* ---- inside a worker ---- */

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

void
service_body(const uint8_t *p, size_t len, size_t limit, struct buf *out,
    struct buf *charset)
{
	struct http_reader *r = http_reader_new(
	    HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS | HTTP_LENIENT_LENGTH);
	struct buf payload = { 0 };
	const char *encoding;
	const char *type;
	size_t used;

	http_reader_reset(r, "GET");
	http_reader_on_payload(r, add_payload, &payload);
	(void)http_reader_feed(r, p, len, &used, NULL);
	(void)http_reader_end(r);
	encoding = http_reader_field(r, "Content-Encoding");
	type = http_reader_field(r, "Content-Type");
	http_content_type(type == NULL ? "" : type, NULL, charset);
	/* Some records say a coding that is no longer on the bytes. */
	if (decode_content(encoding == NULL ? "" : encoding, payload.data,
		payload.len, limit, out, NULL) < 0 &&
	    out->len == 0)
		(void)decode_content(
		    "", payload.data, payload.len, limit, out, NULL);
	buf_clear(&payload);
	http_reader_free(r);
}

void
service_text(const uint8_t *p, size_t len, struct buf *out)
{
	struct buf decoded = { 0 };
	struct buf charset = { 0 };
	const char *source;

	service_body(p, len, LIMIT_DECODED_BYTES, &decoded, &charset);
	(void)charset_decode(charset_find(decoded.data, decoded.len,
				 buf_text(&charset), &source),
	    decoded.data, decoded.len, out);
	buf_clear(&decoded);
	buf_clear(&charset);
}

/* One line a link: kind TAB where TAB url LF; "<" in front of lesser candidates
 * of a srcset, "=" of those handed out as such before. None of them holds a tab or a
 * line feed: words of ours, and a URL. */
void
service_add_link(void *context, const struct link *l)
{
	struct buf *out = context;

	if (strpbrk(l->where, "\t\n") != NULL ||
	    strpbrk(l->url, "\t\n") != NULL)
		return;
	if (l->is_lesser || l->is_again)
		buf_add_byte(out, l->is_lesser ? '<' : '=');
	buf_add_text(out, link_kind_name(l->kind));
	buf_add_byte(out, '\t');
	buf_add_text(out, l->where);
	buf_add_byte(out, '\t');
	buf_add_text(out, l->url);
	buf_add_byte(out, '\n');
}

static int
serve_links(const struct json *request, int css, const uint8_t *payload,
    size_t len, struct buf *result, struct error *e)
{
	const char *text = json_text(json_get(request, "url"), "");
	struct buf body = { 0 };
	struct url url;
	uint64_t more = 0;

	if (url_parse(&url, text, strlen(text), NULL, e) != 0)
		return -1;
	service_text(payload, len, &body);
	if (css)
		links_of_css(
		    body.data, body.len, &url, service_add_link, result, &more);
	else
		links_of_html(
		    body.data, body.len, &url, service_add_link, result, &more);
	buf_format(result, "more\t\t%ju\n", (uintmax_t)more);
	buf_clear(&body);
	url_clear(&url);
	return 0;
}

static int
serve_article(const struct service *s, struct arena *a,
    const struct json *request, const uint8_t *payload, size_t len,
    struct buf *result, struct error *e)
{
	const char *key = json_text(json_get(request, "profile"), "");
	const struct profile *profile = profile_set_find(s->profiles, key);
	const struct json *list = json_get(request, "redirects");
	size_t count = json_count(list);
	const char **redirects = arena_alloc(a, (count + 1) * sizeof(char *));
	struct reading_input input = {
		.url = json_text(json_get(request, "url"), ""),
		.requested = json_text(json_get(request, "requested"), ""),
		.redirects = redirects,
		.captured_us = json_int(json_get(request, "captured_us"), 0),
		.status = (unsigned)json_int(json_get(request, "status"), 0),
		.response = payload,
		.response_len = len,
	};

	if (profile == NULL)
		return error_set(e, ERROR_NOTFOUND, "profile %s: unknown", key);
	for (size_t i = 0; i < count; i++)
		redirects[i] = json_text(json_at(list, i), "");
	return reader_read(profile, &input, result, e);
}

static int
service_prepare(void *context, struct error *e)
{
	struct service *s = context;

	charset_prepare();
	return profile_set_load(&s->profiles, s->profiles_dir, e);
}

static int
service_serve(void *context, enum worker_kind kind, const uint8_t *request,
    size_t request_len, const uint8_t *payload, size_t payload_len,
    struct buf *result, struct error *e)
{
	struct arena *a = arena_new();
	struct json *r = json_parse(a, (const char *)request, request_len, e);
	const char *task = json_text(json_get(r, "task"), "");
	int rc = -1;

	(void)kind;
	if (r != NULL && strcmp(task, task_names[SERVICE_ARTICLE]) == 0)
		rc = serve_article(
		    context, a, r, payload, payload_len, result, e);
	else if (r != NULL && strcmp(task, task_names[SERVICE_DECODE]) == 0)
		rc = decode_content(json_text(json_get(r, "encoding"), ""),
		    payload, payload_len, LIMIT_RESULT_BYTES, result, e);
	else if (r != NULL && strcmp(task, task_names[SERVICE_FEED]) == 0)
		rc = service_serve_feed(r, payload, payload_len, result, e);
	else if (r != NULL && strcmp(task, task_names[SERVICE_FRONT]) == 0)
		rc = service_serve_front(r, payload, payload_len, result, e);
	else if (r != NULL)
		rc = serve_links(r,
		    strcmp(task, task_names[SERVICE_LINKS_CSS]) == 0, payload,
		    payload_len, result, e);
	arena_free(a);
	return rc;
}

struct worker_service
service_new(const char *profiles_dir)
{
	struct service *s = mem_zero(1, sizeof(*s));

	s->profiles_dir = profiles_dir;
	return (struct worker_service){ service_prepare, service_serve, s };
}

void
service_limits(struct worker_limits *limits)
{
	/* Sanitizers need address space and system calls of their own. */
	int plain = strcmp(version_mode(), "release") == 0;

	*limits = (struct worker_limits){
		.memory_bytes = plain ? LIMIT_WORKER_MEMORY_MIB * LIMIT_MIB : 0,
		.cpu_s = LIMIT_WORKER_CPU_S,
		.wall_s = LIMIT_WORKER_WALL_S,
		.jobs = LIMIT_WORKER_PAGES,
		.sandbox = plain,
	};
}

/* ---- the caller's side ---- */

int
service_payload(const struct spool *response, struct error *e)
{
	struct stream *s;
	const uint8_t *p;
	size_t len;
	uint64_t offset = 0;
	int more;
	int fd;

	if (spool_len(response) > LIMIT_BODY_PAGE + LIMIT_HEAD_BYTES)
		return error_set(
		    e, ERROR_LIMIT, "larger than %llu bytes", LIMIT_BODY_PAGE);
	fd = worker_payload(e);
	if (fd < 0)
		return -1;
	s = spool_stream(response, 0, spool_len(response));
	while ((more = stream_next(s, &p, &len, e)) > 0) {
		if (file_write_at(fd, p, len, offset, e) != 0) {
			more = -1;
			break;
		}
		offset += len;
	}
	stream_free(s);
	if (more < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
service_begin(struct zygote *z, const struct service_request *r, int payload_fd,
    struct worker **out, struct error *e)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *redirects = json_new_array(a);
	struct buf text = { 0 };
	int rc;

	json_set_string(a, o, "task", task_names[r->task]);
	json_set_string(a, o, "url", r->url);
	json_set_string(a, o, "requested", r->requested);
	if (r->task == SERVICE_FRONT)
		json_set_string(a, o, "selector", r->selector);
	if (r->task == SERVICE_DECODE)
		json_set_string(a, o, "encoding", r->encoding);
	for (size_t i = 0; r->redirects != NULL && r->redirects[i] != NULL; i++)
		json_append(a, redirects, json_new_string(a, r->redirects[i]));
	json_set(a, o, "redirects", redirects);
	json_set_integer(a, o, "captured_us", r->captured_us);
	json_set_integer(a, o, "status", r->status);
	if (r->task == SERVICE_ARTICLE)
		json_set_string(a, o, "profile", r->profile);
	json_write(&text, o);
	rc = worker_begin(z,
	    r->task == SERVICE_ARTICLE || r->task == SERVICE_FRONT
		? WORKER_EXTRACT
		: WORKER_HARVEST,
	    payload_fd, text.data, text.len, out, e);
	buf_clear(&text);
	arena_free(a);
	return rc;
}

int
service_wait(struct worker *w, struct buf *result, struct error *e)
{
	struct pollfd p = { .fd = worker_fd(w), .events = POLLIN };
	int rc;

	for (int tries = 0; (rc = worker_take(w, result, e)) == 0; tries++) {
		/* The worker ends itself long before. */
		if (tries > 2 * LIMIT_WORKER_WALL_S) {
			worker_abandon(w);
			return error_set(e, ERROR_LIMIT, "worker: no answer");
		}
		(void)poll(&p, 1, 1000);
	}
	return rc == 1 ? 0 : -1;
}

int
service_links(struct buf *result,
    void (*each)(void *context, const struct link *l), void *context,
    uint64_t *more, struct error *e)
{
	char *line = result->len == 0 ? NULL : (char *)result->data;
	char *end;

	for (; line != NULL && *line != '\0'; line = end + 1) {
		char *where = strchr(line, '\t');
		char *url = where == NULL ? NULL : strchr(where + 1, '\t');
		struct link l;

		end = url == NULL ? NULL : strchr(url, '\n');
		if (end == NULL)
			return error_set(e, ERROR_INPUT, "harvest: bad line");
		*where++ = *url++ = *end = '\0';
		if (strcmp(line, "more") == 0) {
			(void)text_uint(url, strlen(url), UINT64_MAX, more);
			continue;
		}
		l.url = url;
		l.where = where;
		l.is_lesser = line[0] == '<';
		l.is_again = line[0] == '=';
		if (!link_kind_find(
			line + (l.is_lesser || l.is_again), &l.kind))
			return error_set(e, ERROR_INPUT, "harvest: bad kind");
		each(context, &l);
	}
	return 0;
}
