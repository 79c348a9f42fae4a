/* convert: record files packed, split, merged or filtered anew. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/convert.h"
#include "core/archive/record.h"
#include "core/archive/record_filter.h"
#include "core/archive/sink.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"

struct converting {
	struct cli *cli;
	const char *output;
	int json, dry_run;
	struct look_files files;
	struct sink *sink;
	struct converter *converter;
	struct record_filter *filter;
	int failed; /* what is written is not whole: none of it stays */
};

static void
each_damage(void *context, const struct place *where, const char *text)
{
	struct converting *x = context;

	cli_status(x->cli, "");
	/* The text of a source names file and offset itself. */
	if (text_starts(text, where->file))
		cli_say(
		    "%s; %" PRIu64 " bytes are left out", text, where->length);
	else
		cli_say("%s at %" PRIu64 ": %s; %" PRIu64 " bytes are left out",
		    where->file, where->offset, text, where->length);
	x->files.code = look_code(x->files.code, EXIT_DAMAGED);
}

static int
each_input(void *context, struct input *in, struct error *e)
{
	struct converting *x = context;
	struct error why = { 0 };

	cli_status(x->cli, input_name(in));
	if (converter_add(x->converter, in, &why) == 0)
		return 0;
	if (*x->cli->stop) {
		x->failed = 1;
		return 1;
	}
	/* Another file may do. */
	if (why.kind == ERROR_INPUT) {
		cli_status(x->cli, "");
		(void)cli_fail(&why);
		x->files.code = look_code(x->files.code, EXIT_DAMAGED);
		return 0;
	}
	x->failed = 1;
	*e = why;
	return -1;
}

static int
open_filter(struct converting *x, struct error *e)
{
	const struct config *c = x->cli->config;
	const struct record_filter_options o = {
		.types = config_list(c, "type"),
		.statuses = config_list(c, "status"),
		.mimes = config_list(c, "mime"),
		.urls = config_list(c, "url"),
		.from = config_text(c, "from"),
		.to = config_text(c, "to"),
	};

	if (record_filter_new(&x->filter, &o, e) != 0)
		return -1;
	if (!record_filter_asks(x->filter) &&
	    (o.types == NULL || o.types[0] == NULL)) {
		record_filter_free(x->filter);
		x->filter = NULL;
	}
	return 0;
}

static int
open_sink(struct converting *x, struct error *e)
{
	const char *pack = config_text(x->cli->config, "pack");
	struct sink_options o = { .coding = sink_coding_of(x->output),
		.split = config_size(x->cli->config, "split") };

	if (x->dry_run)
		return 0;
	if (x->output[0] == '\0')
		return error_set(e, ERROR_USAGE,
		    "convert: needs -o FILE (or -o -), or --dry-run");
	if (strcmp(x->output, "-") == 0 && o.split > 0)
		return error_set(
		    e, ERROR_USAGE, "convert: a pipe cannot be split");
	if (strcmp(pack, "gz") == 0)
		o.coding = SINK_GZIP;
	else if (strcmp(pack, "zst") == 0)
		o.coding = SINK_ZSTD;
	else if (strcmp(pack, "plain") == 0)
		o.coding = SINK_PLAIN;
	return sink_open(&x->sink, x->output, &o, e);
}

static void
totals_json(struct arena *a, struct json *o, const struct convert_totals *t)
{
	json_set_integer(a, o, "inputs", (int64_t)t->files);
	json_set_integer(a, o, "read", (int64_t)t->read);
	json_set_integer(a, o, "records", (int64_t)t->records);
	json_set_integer(a, o, "copied", (int64_t)t->copied);
	json_set_integer(a, o, "filtered", (int64_t)t->filtered);
	json_set_integer(a, o, "orphans", (int64_t)t->orphans);
	json_set_integer(a, o, "undated", (int64_t)t->undated);
	json_set_integer(a, o, "damaged", (int64_t)t->damaged);
	json_set_integer(a, o, "damaged_bytes", (int64_t)t->damaged_bytes);
}

static void
tell_json(const struct converting *x, const struct sink_file *files,
    size_t count, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *list = json_new_array(a);

	for (size_t i = 0; i < count; i++) {
		struct json *f = json_new_object(a);

		json_set_string(a, f, "file", files[i].path);
		json_set_integer(a, f, "bytes", (int64_t)files[i].bytes);
		json_set_integer(a, f, "records", (int64_t)files[i].records);
		json_append(a, list, f);
	}
	json_set_bool(a, o, "summary", 1);
	json_set(a, o, "files", list);
	totals_json(a, o, converter_totals(x->converter));
	json_set_bool(a, o, "dry_run", x->dry_run);
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

static void
tell_text(
    const struct converting *x, const struct sink_file *files, size_t count)
{
	const struct convert_totals *t = converter_totals(x->converter);
	char size[LOOK_SIZE_MAX];

	for (size_t i = 0; i < count; i++) {
		cli_put(stdout, files[i].path);
		printf(": %" PRIu64 " records, %s\n", files[i].records,
		    look_size(files[i].bytes, size));
	}
	printf("%" PRIu64 " of %" PRIu64 " records of %" PRIu64
	       " file(s) taken, %" PRIu64 " of them byte for byte",
	    t->records, t->read, t->files, t->copied);
	if (t->orphans > 0)
		printf("; %" PRIu64 " revisit(s) without their original",
		    t->orphans);
	if (t->undated > 0)
		printf("; %" PRIu64 " of ARC without a date", t->undated);
	if (t->damaged > 0)
		printf("; %" PRIu64 " place(s) do not read", t->damaged);
	if (count == 0)
		printf("; nothing is written");
	(void)fputc('\n', stdout);
}

/* All is read: make it last, or nothing when there is nothing. */
static int
finish(struct converting *x, struct error *e)
{
	const struct sink_file *files = NULL;
	size_t count = 0;

	if (x->sink != NULL) {
		if (converter_totals(x->converter)->records > 0 &&
		    sink_finish(x->sink, e) != 0)
			return -1;
		files = sink_files(x->sink, &count);
		if (converter_totals(x->converter)->records == 0)
			count = 0;
	}
	cli_status(x->cli, "");
	/* Behind a pipe stands somebody who wants records. */
	if (x->sink != NULL && strcmp(x->output, "-") == 0)
		return 0;
	if (x->json)
		tell_json(x, files, count, x->files.code);
	else
		tell_text(x, files, count);
	return 0;
}

int
verb_convert(struct cli *c)
{
	struct converting x = { .cli = c,
		.output = config_text(c->config, "output"),
		.json = config_flag(c->config, "json"),
		.dry_run = config_flag(c->config, "dry-run") };
	const char *version = config_text(c->config, "warc-version");
	struct convert_options o = { .version = strcmp(version, "1.0") == 0
						    ? "WARC/1.0"
						: strcmp(version, "1.1") == 0
						    ? "WARC/1.1"
						    : NULL,
		.damage = each_damage,
		.context = &x,
		.stop = c->stop };
	struct error e = { 0 };
	int code;

	x.files = (struct look_files){
		.cli = c, .each = each_input, .context = &x
	};
	if (open_filter(&x, &e) != 0 || open_sink(&x, &e) != 0) {
		code = cli_fail(&e);
		goto done;
	}
	o.filter = x.filter;
	x.converter = converter_new(x.sink, &o);
	look_files(&x.files, c->objects, c->object_count);
	if (!x.failed && finish(&x, &e) != 0)
		x.files.code = cli_fail(&e);
	code = *c->stop ? EXIT_SIGNAL : x.files.code;
done:
	cli_status(c, "");
	converter_free(x.converter);
	record_filter_free(x.filter);
	sink_free(x.sink);
	return code;
}
