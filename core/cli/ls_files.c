/* ls of record files: one line a record. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/input.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"

struct listing_files {
	struct look_files files;
	int json;
	int with_names; /* in front of the lines */
};

static void
put_field(const char *text)
{
	cli_put(stdout, text[0] == '\0' ? "-" : text);
	(void)fputc(' ', stdout);
}

static void
record_text(const struct listing_files *l, const struct looked *r)
{
	if (l->with_names) {
		cli_put(stdout, r->file);
		(void)fputc(':', stdout);
	}
	printf("%" PRIu64 " %" PRIu64 " ", r->place.offset, r->place.length);
	put_field(r->facts.type_name);
	put_field(r->facts.date);
	if (r->facts.status != 0)
		printf("%u ", r->facts.status);
	else
		put_field("");
	put_field(r->mime);
	printf("%" PRIu64 " ", r->facts.block_len);
	cli_put(stdout, r->facts.uri[0] != '\0' ? r->facts.uri : r->facts.id);
	(void)fputc('\n', stdout);
}

static void
add_text(struct arena *a, struct json *o, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_set_string(a, o, name, value);
}

static void
record_json(struct arena *a, const struct looked *r)
{
	struct json *o = json_new_object(a);

	json_set_string(a, o, "file", r->file);
	json_set_integer(a, o, "offset", (int64_t)r->place.offset);
	json_set_integer(a, o, "length", (int64_t)r->place.length);
	json_set_string(a, o, "type", r->facts.type_name);
	json_set_string(a, o, "id", r->facts.id);
	json_set_string(a, o, "uri", r->facts.uri);
	json_set_string(a, o, "date", r->facts.date);
	json_set_integer(a, o, "status", r->facts.status);
	json_set_string(a, o, "mime", r->mime);
	json_set_integer(a, o, "block_length", (int64_t)r->facts.block_len);
	add_text(a, o, "block_digest", r->facts.block_digest);
	add_text(a, o, "payload_digest", r->facts.payload_digest);
	add_text(a, o, "refers_to",
	    record_uri_field(a, r->record, "WARC-Refers-To"));
	add_text(a, o, "truncated", record_field(r->record, "WARC-Truncated"));
	if (r->place.damaged)
		json_set_bool(a, o, "damaged", 1);
	cli_print_json(o);
}

static int
list_record(void *context, struct arena *a, const struct looked *r)
{
	const struct listing_files *l = context;

	if (l->json)
		record_json(a, r);
	else
		record_text(l, r);
	return 0;
}

static int
list_file(void *context, struct input *in, struct error *e)
{
	struct listing_files *l = context;

	/* One plain file needs no name on every line. */
	l->with_names = l->files.cli->object_count > 1 ||
			strcmp(input_name(in), l->files.cli->objects[0]) != 0;
	return look_records(&l->files, in, list_record, l, e);
}

int
ls_files(struct cli *c)
{
	struct listing_files l = { .json = config_flag(c->config, "json") };

	l.files = (struct look_files){
		.cli = c, .each = list_file, .context = &l
	};
	look_only_prints();
	look_files(&l.files, c->objects, c->object_count);
	return l.files.code;
}
