/* show: the facts of a record and what stands around it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/article_store.h"
#include "core/collection/config.h"
#include "core/collection/contents.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/web/http_message.h"

enum {
	BLOCK_SHOWN = 256 * 1024, /* of records that are text of our own */
	COMPANIONS_MAX = 8        /* records that follow their response */
};

/*
 * Everything shown is gathered in one JSON object first: --json prints it,
 * otherwise it is laid out for people.
 */
struct showing {
	const struct collection *collection; /* NULL: a record of any file */
	struct arena *arena;
	struct found found;
	struct json *out;
	const char *connection; /* URN; "" none */
	int json;
};

static void
set_text(struct showing *s, struct json *o, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_set_string(s->arena, o, name, value);
}

static void
add_pair(struct arena *a, struct json *list, const char *name,
    const char *value, size_t len)
{
	struct json *pair = json_new_array(a);

	json_append(a, pair, json_new_string(a, name));
	json_append(a, pair, json_new_string_n(a, value, len));
	json_append(a, list, pair);
}

/* ---- gathering ---- */

static void
add_http(struct showing *s, const struct http_reader *h)
{
	struct json *o = json_new_object(s->arena);
	struct json *fields = json_new_array(s->arena);

	json_set_string(s->arena, o, "start_line", http_reader_start_line(h));
	for (size_t i = 0; i < http_reader_field_count(h); i++) {
		const struct http_field *f = http_reader_field_at(h, i);

		add_pair(s->arena, fields, f->name, f->value, f->value_len);
	}
	json_set(s->arena, o, "fields", fields);
	json_set(s->arena, s->out, "http", o);
}

/* "name: value" lines of application/warc-fields, JSON as it is. */
static void
add_block(struct showing *s, struct contents *c, const char *type)
{
	struct buf text = { 0 };
	struct error e = { 0 };

	if (stream_read(contents_stream(c), &text, BLOCK_SHOWN, &e) != 0)
		set_text(s, s->out, "block_note", e.text);
	else if (text_ends(type, "json"))
		json_set(s->arena, s->out, "block",
		    json_parse(s->arena, buf_text(&text), text.len, NULL));
	else
		json_set(s->arena, s->out, "block",
		    json_new_string_n(s->arena, buf_text(&text), text.len));
	buf_clear(&text);
}

static void
add_record(struct showing *s, struct json *o, const struct open_record *r)
{
	struct arena *a = s->arena;
	const char *id = record_uri_field(a, &r->record, "WARC-Record-ID");
	const char *url = record_uri_field(a, &r->record, "WARC-Target-URI");

	set_text(s, o, "id", id);
	set_text(s, o, "type", record_type_name(record_type(&r->record)));
	set_text(s, o, "url", url);
	set_text(s, o, "date", record_field(&r->record, "WARC-Date"));
	json_set_string(a, o, "file", r->file);
	json_set_integer(a, o, "offset", (int64_t)r->place.offset);
}

static void
add_fields(struct showing *s, const struct record *r)
{
	struct json *fields = json_new_array(s->arena);

	for (size_t i = 0; i < r->field_count; i++)
		add_pair(s->arena, fields, r->fields[i].name,
		    r->fields[i].value, strlen(r->fields[i].value));
	json_set(s->arena, s->out, "fields", fields);
}

static int
is_text_type(const char *type)
{
	return strcmp(type, "application/warc-fields") == 0 ||
	       text_ends(type, "json") || text_starts(type, "text/");
}

/* The record itself: fields, HTTP head or block. A block that is broken is
 * said and does not hide the rest. */
static int
gather(struct showing *s, struct open_record *r, struct error *e)
{
	struct contents *c = NULL;
	const char *type;
	int rc;

	add_record(s, s->out, r);
	if (s->collection != NULL)
		json_set_string(
		    s->arena, s->out, "snapshot", look_name(s->found.snapshot));
	if (record_type(&r->record) == RECORD_REVISIT)
		set_text(s, s->out, "original",
		    record_uri_field(s->arena, &r->record, "WARC-Refers-To"));
	add_fields(s, &r->record);
	rc = contents_open(&c, &r->record, e);
	if (rc != 0)
		return -1;
	type = contents_type(c);
	if (contents_http(c) != NULL)
		add_http(s, contents_http(c));
	else if (is_text_type(type))
		add_block(s, c, type);
	rc = open_record_check(r, e);
	contents_free(c);
	json_set_integer(s->arena, s->out, "length", (int64_t)r->place.length);
	return rc;
}

/* The value of a line "name: value" in warc-fields; "" none. */
static const char *
field_of(struct arena *a, const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; *text != '\0';
	     text += strcspn(text, "\n"), text += *text == '\n') {
		size_t value;

		if (strncmp(text, name, len) != 0 || text[len] != ':')
			continue;
		text += len + 1;
		text += strspn(text, " ");
		value = strcspn(text, "\r\n");
		return arena_text_n(a, text, value);
	}
	return "";
}

/* A record that says it was made together with the one shown. */
static void
add_companion(struct showing *s, struct json *list, struct open_record *r)
{
	const char *type = look_field(&r->record, "Content-Type");
	struct json *o = json_new_object(s->arena);
	struct buf text = { 0 };

	add_record(s, o, r);
	if (strcmp(type, "application/warc-fields") == 0 &&
	    stream_read(r->record.block, &text, BLOCK_SHOWN, NULL) == 0) {
		json_set_string(s->arena, o, "block", buf_text(&text));
		s->connection = field_of(
		    s->arena, buf_text(&text), "connection");
	}
	json_append(s->arena, list, o);
	buf_clear(&text);
}

/* Request and metadata stand right behind their response (DESIGN, 7). */
static void
gather_companions(struct showing *s, struct open_record *r)
{
	const char *id = record_uri_field(
	    s->arena, &r->record, "WARC-Record-ID");
	struct json *list = json_new_array(s->arena);

	for (int i = 0; id != NULL && i < COMPANIONS_MAX; i++) {
		const char *with;

		if (open_record_next(r, NULL) != 1)
			break;
		with = record_uri_field(
		    s->arena, &r->record, "WARC-Concurrent-To");
		if (with == NULL || strcmp(with, id) != 0)
			break;
		add_companion(s, list, r);
	}
	if (json_count(list) > 0)
		json_set(s->arena, s->out, "with", list);
}

static void
gather_connection(struct showing *s)
{
	struct open_record r = { 0 };
	struct buf text = { 0 };
	struct found found;

	if (s->connection[0] == '\0' ||
	    lookup_target(s->collection, s->arena, s->found.snapshot,
		s->connection, &found, NULL) != 1 ||
	    open_record_at(&r, s->collection, found.file, found.offset, NULL) !=
		0)
		return;
	if (stream_read(r.record.block, &text, BLOCK_SHOWN, NULL) == 0)
		json_set(s->arena, s->out, "connection",
		    json_parse(s->arena, buf_text(&text), text.len, NULL));
	open_record_close(&r);
	buf_clear(&text);
}

/* What was read out of this response, or out of the one it repeats. */
static void
gather_article(struct showing *s)
{
	const char *original = json_text(json_get(s->out, "original"), "");
	const struct article_query q = {
		.record = original[0] != '\0'
			      ? original
			      : json_text(json_get(s->out, "id"), ""),
		.near_us = LOOKUP_LATEST,
	};
	struct stored_article article;

	if (article_find(s->collection, s->arena, &q, &article, NULL) != 1)
		return;
	set_text(s, s->out, "article", article.id);
	set_text(s, s->out, "headline",
	    json_text(json_get(article.article, "headline"), ""));
}

/* ---- printing ---- */

static void
put_pairs(const struct json *pairs)
{
	for (size_t i = 0; i < json_count(pairs); i++) {
		const struct json *pair = json_at(pairs, i);

		(void)fputs("  ", stdout);
		cli_put(stdout, json_text(json_at(pair, 0), ""));
		(void)fputs(": ", stdout);
		cli_put(stdout, json_text(json_at(pair, 1), ""));
		(void)fputc('\n', stdout);
	}
}

static void
put_value(const char *name, const struct json *v)
{
	struct buf text = { 0 };

	if (v == NULL)
		return;
	if (json_is(v, JSON_KIND_STRING))
		buf_add_text(&text, json_text(v, ""));
	else
		json_write(&text, v);
	if (text.len > 0) {
		printf("%-16s ", name);
		cli_put(stdout, buf_text(&text));
		(void)fputc('\n', stdout);
	}
	buf_clear(&text);
}

static void
put_block(const struct json *block)
{
	struct buf text = { 0 };

	if (block == NULL)
		return;
	if (json_is(block, JSON_KIND_STRING))
		buf_add(&text, json_text(block, ""), json_string_len(block));
	else
		json_write_pretty(&text, block);
	cli_put_lines(stdout, "  ", buf_text(&text), text.len);
	buf_clear(&text);
}

static void
put_companions(const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *o = json_at(list, i);

		(void)fputs("\nwith it: ", stdout);
		cli_put(stdout, json_text(json_get(o, "type"), ""));
		(void)fputc(' ', stdout);
		cli_put(stdout, json_text(json_get(o, "id"), ""));
		printf(" at %" PRId64 "\n", json_int(json_get(o, "offset"), 0));
		put_block(json_get(o, "block"));
	}
}

static void
put_text(const struct json *o)
{
	static const char *const plain[] = { "id", "type", "url", "date",
		"snapshot", "file", "offset", "length", "original", "article",
		"headline", "block_note" };
	const struct json *http = json_get(o, "http");

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		put_value(plain[i], json_get(o, plain[i]));
	puts("\nfields:");
	put_pairs(json_get(o, "fields"));
	if (http != NULL) {
		(void)fputs("\nhttp: ", stdout);
		cli_put(stdout, json_text(json_get(http, "start_line"), ""));
		(void)fputc('\n', stdout);
		put_pairs(json_get(http, "fields"));
	}
	if (json_get(o, "block") != NULL)
		puts("\nblock:");
	put_block(json_get(o, "block"));
	put_companions(json_get(o, "with"));
	if (json_get(o, "connection") != NULL)
		puts("\nconnection:");
	put_block(json_get(o, "connection"));
}

static void
put(const struct showing *s)
{
	if (s->json)
		cli_print_json(s->out);
	else
		put_text(s->out);
}

/* ---- the verb ---- */

static int
show_record(struct showing *s, const char *object, struct error *e)
{
	struct open_record r = { 0 };
	int rc = open_record_at(
	    &r, s->collection, s->found.file, s->found.offset, e);

	if (rc != 0)
		return -1;
	if (look_refuse(s->collection, &r, object, e) != 0) {
		open_record_close(&r);
		return -1;
	}
	rc = gather(s, &r, e);
	if (rc == 0)
		gather_companions(s, &r);
	open_record_close(&r);
	gather_connection(s);
	gather_article(s);
	put(s);
	return rc;
}

static int
show_open_record(void *context, struct open_record *r, struct error *e)
{
	struct showing *s = context;
	int rc = gather(s, r, e);

	if (rc == 0)
		gather_companions(s, r);
	put(s);
	return rc;
}

static int
show_of_file(struct cli *c, struct showing *s, struct error *e)
{
	struct look_wanted wanted;

	if (look_wanted(c, &wanted, e) != 0)
		return -1;
	return look_file_record(c->objects[0], &wanted, show_open_record, s, e);
}

static int
show_snapshot(struct showing *s, struct error *e)
{
	struct snapshot_facts f;
	const struct json *o;

	if (snapshot_facts_read(
		s->collection, s->arena, s->found.snapshot, &f, e) != 0)
		return -1;
	o = look_facts(s->arena, &f);
	if (s->json) {
		cli_print_json(o);
		return 0;
	}
	for (size_t i = 0; i < json_count(o); i++)
		put_value(json_key(o, i), json_at(o, i));
	return 0;
}

static int
show_of_collection(struct cli *c, struct showing *s, struct error *e)
{
	if (lookup(s->collection, s->arena, c->objects[0], &s->found, e) != 0)
		return look_missing(s->collection, c->objects[0], e);
	return s->found.kind == FOUND_SNAPSHOT
		   ? show_snapshot(s, e)
		   : show_record(s, c->objects[0], e);
}

int
verb_show(struct cli *c)
{
	int code = EXIT_DONE;
	struct showing s = { .connection = "",
		.json = config_flag(c->config, "json") };
	int is_file = look_of_file(c);
	struct collection *collection = is_file ? NULL : cli_open(c, &code);
	struct error e = { 0 };
	int rc;

	if (!is_file && collection == NULL)
		return code;
	look_only_prints();
	s.collection = collection;
	s.arena = arena_new();
	s.out = json_new_object(s.arena);
	rc = is_file ? show_of_file(c, &s, &e) : show_of_collection(c, &s, &e);
	if (rc != 0)
		code = cli_fail(&e);
	arena_free(s.arena);
	collection_free(collection);
	return code;
}
