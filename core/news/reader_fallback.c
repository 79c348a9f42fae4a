/* What a page that the tree refuses still tells. */

#include "core/news/reader_fallback.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/news/reading.h"
#include "core/web/charset.h"
#include "core/web/html_token.h"

enum { FALLBACK_SCRIPT_MAX = 1 << 20, FALLBACK_TITLE_MAX = 4096 };

/* What the text that comes is of. */
enum fallback_inside { INSIDE_NOTHING, INSIDE_TITLE, INSIDE_JSON };

struct fallback {
	struct reading *r;
	enum fallback_inside inside;
	const char *script_id;
	int is_ld;
	struct buf text;
};

static const char *
attribute(
    const struct fallback *f, const struct html_token *t, const char *name)
{
	const struct html_attribute *a = html_token_attribute(t, name);
	struct buf clean = { 0 };
	const char *s;

	if (a == NULL)
		return NULL;
	(void)text_add_clean(&clean, a->value, strnlen(a->value, a->value_len));
	s = arena_text(f->r->arena, buf_text(&clean));
	buf_clear(&clean);
	return s;
}

static void
start_meta(struct fallback *f, const struct html_token *t)
{
	static const char *const names[] = { "name", "property", "itemprop",
		"http-equiv" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		reading_add_meta(f->r, attribute(f, t, names[i]),
		    attribute(f, t, "content"), NULL);
}

static void
start_script(struct fallback *f, const struct html_token *t)
{
	const char *type = attribute(f, t, "type");

	f->script_id = attribute(f, t, "id");
	f->is_ld = type != NULL && strcmp(type, "application/ld+json") == 0;
	if (f->is_ld || f->script_id != NULL)
		f->inside = INSIDE_JSON;
}

static void
end_title(struct fallback *f)
{
	struct buf clean = { 0 };

	(void)text_add_clean(
	    &clean, f->text.data, strnlen(buf_text(&f->text), f->text.len));
	if (f->r->title == NULL)
		f->r->title = reading_ws(f->r, buf_text(&clean));
	buf_clear(&clean);
}

static void
end_script(struct fallback *f)
{
	struct reading *r = f->r;
	const struct json *v;

	if (!f->is_ld && memchr(buf_text(&f->text), '{', f->text.len) == NULL)
		return;
	if (r->script_count == READING_SCRIPTS_MAX)
		return;
	v = reading_parse_json(r, buf_text(&f->text), f->text.len);
	r->scripts[r->script_count].id = f->script_id;
	r->scripts[r->script_count++].json = v;
	if (f->is_ld)
		reading_add_ld(r, v, NULL);
}

static void
each_token(void *context, const struct html_token *t)
{
	struct fallback *f = context;

	if (t->kind == HTML_TOKEN_TEXT) {
		size_t most = f->inside == INSIDE_TITLE ? FALLBACK_TITLE_MAX
							: FALLBACK_SCRIPT_MAX;

		if (f->inside != INSIDE_NOTHING && f->text.len + t->len <= most)
			buf_add(&f->text, t->text, t->len);
		return;
	}
	if (t->kind != HTML_TOKEN_START && t->kind != HTML_TOKEN_END)
		return;
	if (f->inside == INSIDE_TITLE)
		end_title(f);
	else if (f->inside == INSIDE_JSON)
		end_script(f);
	f->inside = INSIDE_NOTHING;
	buf_reset(&f->text);
	if (t->kind == HTML_TOKEN_END)
		return;
	if (html_token_is(t, "title"))
		f->inside = INSIDE_TITLE;
	else if (html_token_is(t, "meta"))
		start_meta(f, t);
	else if (html_token_is(t, "link"))
		reading_add_link(f->r, attribute(f, t, "rel"),
		    attribute(f, t, "href"), NULL);
	else if (html_token_is(t, "script"))
		start_script(f, t);
}

void
reader_fallback_index(
    struct reading *r, const uint8_t *p, size_t len, const char *charset)
{
	struct fallback f = { .r = r };
	struct buf text = { 0 };
	const char *source;

	(void)charset_decode(
	    charset_find(p, len, charset, &source), p, len, &text);
	html_tokens(text.data, text.len, 0, each_token, &f);
	buf_clear(&text);
	buf_clear(&f.text);
}

int
reader_fallback_headline(struct reading *r)
{
	struct value v = { .text = r->title };
	struct json *o;

	if (r->fields[FIELD_HEADLINE].count > 0)
		return 1;
	if (r->title == NULL || r->title[0] == '\0')
		return 0;
	values_add(r->arena, &r->fields[FIELD_HEADLINE], &v);
	o = json_new_object(r->arena);
	json_set_string(r->arena, o, "rule", "fallback.title");
	json_set_string(r->arena, o, "source", "title");
	json_set(r->arena, r->provenance, "headline", o);
	return 1;
}
