/* An erasure as it is written down before anything changes. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/collection/layout.h"
#include "core/collection/withdraw_part.h"

enum { PLAN_MAX = 256 * 1024 * 1024 };

static const char *const line_names[] = { "record", "type", "uri", "date",
	"snapshot" };

enum { LINE_NAMES = sizeof(line_names) / sizeof(line_names[0]) };

static void
add_texts(struct arena *a, struct json *o, const char *name,
    const char *const *texts, size_t count)
{
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < count; i++)
		json_append(a, list, json_new_string(a, texts[i]));
	json_set(a, o, name, list);
}

static void
add_lines(struct arena *a, struct json *o, const struct withdraw_plan *p)
{
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < p->line_count; i++) {
		const struct withdrawal *w = &p->lines[i].what;
		const char *const values[LINE_NAMES] = { w->record, w->type,
			w->uri_hash, w->date, w->snapshot };
		struct json *line = json_new_object(a);

		for (size_t k = 0; k < LINE_NAMES; k++)
			json_set_string(a, line, line_names[k], values[k]);
		json_append(a, list, line);
	}
	json_set(a, o, "records", list);
}

int
withdraw_plan_write(
    const struct collection *c, const struct withdraw_plan *p, struct error *e)
{
	char *path = collection_path(c, WITHDRAW_PLAN);
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct buf text = { 0 };
	int rc;

	json_set_bool(a, o, "ready", p->is_ready);
	json_set_string(a, o, "reason", p->reason);
	json_set_string(a, o, "by", p->by);
	json_set_string(a, o, "at", p->at);
	add_texts(a, o, "snapshots", (const char *const *)p->snapshots.names,
	    p->snapshots.count);
	add_texts(a, o, "terms", p->terms, p->term_count);
	add_texts(a, o, "words", p->words, p->word_count);
	add_lines(a, o, p);
	json_write(&text, o);
	buf_add_byte(&text, '\n');
	rc = file_put(path, text.data, text.len, e);
	buf_clear(&text);
	arena_free(a);
	free(path);
	return rc;
}

static void
read_texts(const struct json *list, const char ***out, size_t *count)
{
	*count = json_count(list);
	*out = mem_zero(*count + 1, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = json_text(json_at(list, i), "");
}

static void
read_lines(struct withdraw_plan *p, const struct json *list)
{
	p->line_count = json_count(list);
	p->lines = mem_zero(p->line_count + 1, sizeof(*p->lines));
	for (size_t i = 0; i < p->line_count; i++) {
		const struct json *o = json_at(list, i);
		struct withdrawal *w = &p->lines[i].what;
		const char **const values[LINE_NAMES] = { &w->record, &w->type,
			&w->uri_hash, &w->date, &w->snapshot };

		for (size_t k = 0; k < LINE_NAMES; k++)
			*values[k] = json_text(json_get(o, line_names[k]), "");
		p->lines[i].kind = WITHDRAWN_ERASE;
		w->reason = p->reason;
		w->by = p->by;
		w->made_us = p->at_us;
		w->until_us = INT64_MAX;
		(void)target_set_add(&p->ids, w->record, i);
	}
}

static void
read_all(struct withdraw_plan *p, const struct json *o)
{
	const struct json *snapshots = json_get(o, "snapshots");

	p->is_ready = json_bool(json_get(o, "ready"), 0);
	p->reason = json_text(json_get(o, "reason"), "");
	p->by = json_text(json_get(o, "by"), "");
	p->at = json_text(json_get(o, "at"), "");
	(void)date_parse(p->at, &p->at_us, NULL);
	for (size_t i = 0; i < json_count(snapshots); i++) {
		p->snapshots.names = mem_grow(
		    p->snapshots.names, i + 1, sizeof(*p->snapshots.names));
		p->snapshots.names[i] = mem_text(
		    json_text(json_at(snapshots, i), ""));
		p->snapshots.count = i + 1;
	}
	read_texts(json_get(o, "terms"), &p->terms, &p->term_count);
	read_texts(json_get(o, "words"), &p->words, &p->word_count);
	read_lines(p, json_get(o, "records"));
}

int
withdraw_plan_read(
    const struct collection *c, struct withdraw_plan *p, struct error *e)
{
	char *path = collection_path(c, WITHDRAW_PLAN);
	struct buf text = { 0 };
	const struct json *o;
	int rc = 0;

	*p = (struct withdraw_plan){ .arena = arena_new() };
	if (!file_exists(path))
		goto done;
	rc = file_get(path, &text, PLAN_MAX, e);
	if (rc != 0)
		goto done;
	o = json_parse(p->arena, buf_text(&text), text.len, e);
	if (o == NULL) {
		rc = error_within(e, "%s", path);
		goto done;
	}
	read_all(p, o);
	rc = 1;
done:
	buf_clear(&text);
	free(path);
	return rc;
}

void
withdraw_plan_clear(struct withdraw_plan *p)
{
	file_names_clear(&p->snapshots);
	target_set_clear(&p->ids);
	free(p->lines);
	free(p->terms);
	free(p->words);
	arena_free(p->arena);
	*p = (struct withdraw_plan){ 0 };
}

char *
withdraw_stage(const struct collection *c, const char *snapshot)
{
	const char *slash = strrchr(snapshot, '/');

	/* Nobody takes what begins with a dot for a snapshot. */
	return mem_format("%s/%.*s/.%s.withdrawing", c->dir,
	    (int)(slash - snapshot), snapshot, slash + 1);
}

char *
withdraw_quoted(const char *text)
{
	struct buf b = { 0 };
	char *inner;

	json_add_string(&b, text, strlen(text));
	inner = mem_text_n(buf_text(&b) + 1, b.len - 2);
	buf_clear(&b);
	return inner;
}

/* Does what stands from AT on belong to another address, longer than the one
 * in front of it? Marks that end a sentence do only when it goes on behind
 * them. 1 / 0. */
static int
goes_on(const char *at, const char *end)
{
	static const char inner[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_~/%&=+@*$";

	while (at < end && strchr(".,:;!?)", *at) != NULL && *at != '\0')
		at++;
	return at < end && *at != '\0' &&
	       (strchr(inner, *at) != NULL || (unsigned char)*at >= 0x80);
}

int
withdraw_has_address(const char *text, size_t len, const char *term)
{
	size_t term_len = strlen(term);
	const char *end = text + len;
	const char *at = text;

	while ((at = memmem(at, (size_t)(end - at), term, term_len)) != NULL) {
		if (!goes_on(at + term_len, end))
			return 1;
		at++;
	}
	return 0;
}

int
withdraw_tells(
    const struct withdraw_plan *p, int words, const char *text, size_t len)
{
	int yes = 0;

	for (size_t i = 0; !yes && i < p->term_count; i++) {
		char *quoted = withdraw_quoted(p->terms[i]);

		yes = withdraw_has_address(text, len, quoted) ||
		      withdraw_has_address(text, len, p->terms[i]);
		free(quoted);
	}
	for (size_t i = 0; words && !yes && i < p->word_count; i++) {
		const char *word = p->words[i];
		char *quoted = withdraw_quoted(word);

		yes = memmem(text, len, quoted, strlen(quoted)) != NULL ||
		      memmem(text, len, word, strlen(word)) != NULL;
		free(quoted);
	}
	return yes;
}
