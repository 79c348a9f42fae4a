/* What the site shows, and when. */
#include "tests/site/truth.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "tests/site/news.h"

struct telling {
	struct arena *a;
	struct buf *out;
	const struct life *life;
};

static void
add(struct telling *t, struct json *o)
{
	json_write(t->out, o);
	buf_add_byte(t->out, '\n');
}

static struct json *
begin(struct telling *t, const char *what, int64_t from, int64_t to)
{
	struct json *o = json_new_object(t->a);

	json_set_string(t->a, o, "truth", what);
	if (t->life != NULL)
		json_set_string(t->a, o, "id", t->life->id);
	json_set_integer(t->a, o, "from", from);
	if (to == 0)
		json_set(t->a, o, "to", json_new_null(t->a));
	else
		json_set_integer(t->a, o, "to", to);
	return o;
}

static struct json *
lines(struct arena *a, const struct buf *b)
{
	struct json *list = json_new_array(a);
	const char *s = buf_text(b);

	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		json_append(a, list, json_new_string_n(a, s, len));
		s += len + (s[len] == '\n');
	}
	return list;
}

static struct json *
blocks(struct arena *a, const struct shown *s)
{
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < s->block_count; i++) {
		struct json *pair = json_new_array(a);
		char kind[2] = { s->blocks[i].kind, '\0' };

		json_append(a, pair, json_new_string(a, kind));
		json_append(a, pair, json_new_string(a, s->blocks[i].text));
		json_append(a, list, pair);
	}
	return list;
}

static void
tell_version(struct telling *t, const struct shown *s, int64_t from, int64_t to)
{
	struct arena *a = t->a;
	struct json *o = begin(t, "version", from, to);
	struct buf pictures = { 0 };

	article_pictures(s, &pictures);
	json_set_string(a, o, "edition", s->edition);
	json_set_string(a, o, "url",
	    arena_format(a, "https://%s%s", edition_host(s->edition),
		path_encoded(a, s->path, 1)));
	json_set_string(a, o, "post", s->post);
	json_set_string(a, o, "kind", s->kind);
	json_set_integer(a, o, "n", s->version);
	json_set_string(a, o, "core", shown_core(a, s));
	json_set_string(a, o, "headline", s->headline);
	json_set_string(a, o, "dek", s->dek);
	json_set(a, o, "blocks", blocks(a, s));
	json_set_integer(a, o, "modified", s->modified);
	json_set(a, o, "pictures", lines(a, &pictures));
	add(t, o);
	buf_clear(&pictures);
}

static void
tell_gone(struct telling *t, const struct shown *s, int64_t from, int64_t to)
{
	struct json *o = begin(t, "gone", from, to);

	json_set_string(t->a, o, "how", s->gone);
	add(t, o);
}

static void
tell_life(struct telling *t, const struct life *l)
{
	t->life = l;
	for (size_t i = 0; i < l->count; i++) {
		int64_t from = l->list[i]->at;
		int64_t to = i + 1 < l->count ? l->list[i + 1]->at : 0;
		struct shown s;

		if (to == from || !shown_at(&s, t->a, l, from))
			continue;
		if (s.gone == NULL) {
			tell_version(t, &s, from, to);
			continue;
		}
		tell_gone(t, &s, from, to);
	}
}

void
truth_write(const struct news *n, struct buf *out)
{
	struct telling t = { .a = arena_new(), .out = out };

	for (size_t i = 0; i < n->scenario.condition_count; i++) {
		const struct condition *c = &n->scenario.conditions[i];
		struct json *o = begin(&t, "condition", c->from, c->until);

		json_set_string(t.a, o, "what", c->what);
		json_set_string(t.a, o, "host", condition_get(c, "host", ""));
		json_set_string(t.a, o, "path", condition_get(c, "path", ""));
		add(&t, o);
	}
	for (size_t i = 0; i < n->scenario.life_count; i++)
		tell_life(&t, &n->scenario.lives[i]);
	arena_free(t.a);
}
