/* Reading a page: from response bytes to article and page state. */

#include "core/news/reader.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/news/article.h"
#include "core/news/body.h"
#include "core/news/furniture.h"
#include "core/news/images.h"
#include "core/news/profile_rules.h"
#include "core/news/reader_fallback.h"
#include "core/news/reading.h"
#include "core/web/decode.h"
#include "core/web/http_message.h"
#include "core/web/page.h"

/* What reading one response needs, freed together. */
struct session {
	struct reading reading;
	struct http_reader *head;
	struct page *page;
	struct buf payload;
	struct buf decoded;
	int is_cut; /* the content coding broke off */
};

struct outcome {
	const char *status;
	const char *reason;
	struct json *article;
	struct json *state;
	struct json *images;
};

static void
add_payload(void *context, const uint8_t *p, size_t len)
{
	buf_add(context, p, len);
}

static void
read_message(struct session *s, const struct reading_input *in)
{
	size_t used;

	s->head = http_reader_new(HTTP_RESPONSE, NULL, HTTP_LENIENT_CHUNKS);
	http_reader_reset(s->head, "GET");
	http_reader_on_payload(s->head, add_payload, &s->payload);
	/* What broke the rules was noted when it was recorded. */
	(void)http_reader_feed(
	    s->head, in->response, in->response_len, &used, NULL);
	(void)http_reader_end(s->head);
}

static const char *
head_field(const struct session *s, const char *name)
{
	const char *value = http_reader_field(s->head, name);

	return value != NULL ? value : "";
}

static unsigned
status_of(const struct session *s, const struct reading_input *in)
{
	return in->status != 0 ? in->status : http_reader_status(s->head);
}

/* Why this response cannot be an article at all; NULL it may be. */
static const char *
refusal(struct session *s, const struct reading_input *in)
{
	struct arena *a = s->reading.arena;
	unsigned status = status_of(s, in);
	size_t offset = (size_t)http_reader_head_offset(s->head);
	struct buf type = { 0 };
	const char *reason = NULL;

	if (profile_is_challenge(s->reading.profile, status,
		in->response + offset, (size_t)http_reader_head_len(s->head)))
		return "challenge";
	if (status != 200)
		return arena_format(a, "status %u", status);
	http_content_type(head_field(s, "Content-Type"), &type, NULL);
	if (type.len > 0 && strcmp(buf_text(&type), "text/html") != 0 &&
	    strcmp(buf_text(&type), "application/xhtml+xml") != 0)
		reason = arena_format(a, "content type %s", buf_text(&type));
	buf_clear(&type);
	return reason;
}

/* 0, or -1 with the reason. */
static int
decode(struct session *s, struct error *e)
{
	if (decode_content(head_field(s, "Content-Encoding"), s->payload.data,
		s->payload.len, LIMIT_DECODED_BYTES, &s->decoded, e) != 0) {
		if (e->kind != ERROR_INPUT || s->decoded.len == 0)
			return -1;
		s->is_cut = 1;
	}
	return 0;
}

static int
parse(struct session *s, struct error *e)
{
	struct buf charset = { 0 };
	int rc;

	http_content_type(head_field(s, "Content-Type"), NULL, &charset);
	rc = page_parse(&s->page, s->decoded.data, s->decoded.len,
	    buf_text(&charset), &s->reading.url, e);
	buf_clear(&charset);
	return rc;
}

static int
condition_holds(const struct condition *c, struct reading *r)
{
	struct values found = { 0 };

	rule_evaluate(&c->rule, r, NULL, &found);
	for (size_t i = 0; i < found.count; i++)
		if (c->equals == NULL ||
		    strcmp(found.items[i].text, c->equals) == 0)
			return 1;
	return 0;
}

static int
one_holds(const struct condition_list *l, struct reading *r)
{
	for (size_t i = 0; i < l->count; i++)
		if (condition_holds(&l->conditions[i], r))
			return 1;
	return 0;
}

/* The rule that says this page is no article; NULL it is one. */
static const char *
not_article(struct reading *r)
{
	const struct profile *p = r->profile;

	for (size_t i = 0; i < p->reject_count; i++)
		if (one_holds(&p->reject[i], r))
			return p->reject[i].id;
	for (size_t i = 0; i < p->require_count; i++)
		if (!one_holds(&p->require[i], r))
			return p->require[i].id;
	return NULL;
}

static void
choose_layout(struct reading *r)
{
	const struct profile *p = r->profile;

	r->layout = "unknown";
	r->layout_score = 0;
	for (size_t i = 0; i < p->layout_count; i++) {
		const struct layout *l = &p->layouts[i];
		size_t score = 0;

		for (size_t k = 0; k < l->probe_count; k++)
			if (condition_holds(&l->probes[k], r))
				score += l->scores[k];
		if (score < l->min_score || score <= r->layout_score)
			continue;
		r->layout = l->name;
		r->layout_score = score;
	}
}

static void
begin(struct session *s)
{
	struct reading *r = &s->reading;

	r->page = s->page;
	r->head = s->head;
	r->dates.zone = r->profile->zone;
	r->dates.periods = r->profile->periods;
	r->dates.period_count = r->profile->period_count;
	r->dates.captured_us = r->input->captured_us;
	r->provenance = json_new_object(r->arena);
	r->missing = json_new_array(r->arena);
	r->warnings = json_new_array(r->arena);
	r->fallbacks = json_new_array(r->arena);
	r->headlines_other = json_new_array(r->arena);
	reading_begin(r);
	if (s->is_cut)
		reading_warn(r, "content.cut");
}

static void
read_page(struct session *s, struct outcome *out)
{
	struct reading *r = &s->reading;
	struct images images;
	struct body body;

	begin(s);
	reading_index(r);
	furniture_find(r);
	out->reason = not_article(r);
	if (out->reason != NULL) {
		out->status = "not-article";
		return;
	}
	choose_layout(r);
	fields_evaluate(r);
	fields_note_missing(r);
	body_read(r, &body);
	images_read(r, &images);
	out->images = images_wanted(r, &images);
	out->state = furniture_state(r);
	out->article = article_make(r, &body, &images);
	out->status = json_text(
	    json_get(json_get(out->article, "quality"), "status"), "failed");
	out->reason = "";
	if (s->is_cut && strcmp(out->status, "ok") == 0) {
		out->status = "degraded";
		out->reason = "content coding broke off";
	}
}

/* The tree refused the page: what rules can say without one. */
static void
read_tokens(struct session *s, struct outcome *out)
{
	struct reading *r = &s->reading;
	struct images images;
	struct body body = { 0 };
	struct buf charset = { 0 };

	begin(s);
	http_content_type(head_field(s, "Content-Type"), NULL, &charset);
	reader_fallback_index(
	    r, s->decoded.data, s->decoded.len, buf_text(&charset));
	buf_clear(&charset);
	for (size_t i = 0; i < r->profile->reject_count; i++) {
		if (!one_holds(&r->profile->reject[i], r))
			continue;
		out->status = "not-article";
		out->reason = r->profile->reject[i].id;
		return;
	}
	r->layout = "fallback";
	reading_warn(r, "page.refused");
	fields_evaluate(r);
	if (!reader_fallback_headline(r))
		return;
	fields_note_missing(r);
	images_read(r, &images);
	out->images = images_wanted(r, &images);
	out->article = article_make(r, &body, &images);
	out->status = "degraded";
}

static void
read_response(struct session *s, struct outcome *out)
{
	struct reading *r = &s->reading;
	struct error why = { 0 };

	out->status = "not-article";
	out->reason = refusal(s, r->input);
	if (out->reason != NULL)
		return;
	out->status = "failed";
	if (decode(s, &why) != 0) {
		out->reason = arena_text(r->arena, why.text);
		return;
	}
	if (parse(s, &why) == 0) {
		read_page(s, out);
		return;
	}
	out->reason = arena_text(r->arena, why.text);
	read_tokens(s, out);
}

static void
write_result(struct arena *a, const struct outcome *outcome, struct buf *out)
{
	struct json *o = json_new_object(a);
	struct json *none = json_new_null(a);

	json_set_string(a, o, "status", outcome->status);
	json_set_string(a, o, "reason", outcome->reason);
	json_set(a, o, "article",
	    outcome->article != NULL ? outcome->article : none);
	json_set(
	    a, o, "pagestate", outcome->state != NULL ? outcome->state : none);
	json_set(a, o, "images",
	    outcome->images != NULL ? outcome->images : json_new_array(a));
	json_write_canonical(out, o);
}

int
reader_read(const struct profile *profile, const struct reading_input *input,
    struct buf *out, struct error *e)
{
	struct session s = { .reading = {
				 .profile = profile, .input = input } };
	struct outcome outcome = { .reason = "" };
	size_t before = out->len;

	(void)e; /* a profile that compiled is not broken */
	s.reading.arena = arena_new();
	if (url_parse(&s.reading.url, input->url, strlen(input->url), NULL,
		NULL) != 0) {
		outcome.status = "failed";
		outcome.reason = "the address does not read";
	} else {
		read_message(&s, input);
		read_response(&s, &outcome);
		url_clear(&s.reading.url);
	}
	write_result(s.reading.arena, &outcome, out);
	if (out->len - before > LIMIT_RESULT_BYTES - LIMIT_KIB) {
		struct outcome refused = { .status = "failed",
			.reason = "the article is too large" };

		buf_cut(out, before);
		write_result(s.reading.arena, &refused, out);
	}
	page_free(s.page);
	http_reader_free(s.head);
	buf_clear(&s.payload);
	buf_clear(&s.decoded);
	arena_free(s.reading.arena);
	return 0;
}
