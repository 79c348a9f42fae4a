/* index find: what a sorted index says of a URL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive/cdx.h"
#include "core/archive/index_file.h"
#include "core/archive/index_range.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/verb_index.h"
#include "core/collection/config.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"

enum { BOUND_MAX = 14 };

struct finding {
	struct cli *cli;
	int json;
	char from[BOUND_MAX + 1], to[BOUND_MAX + 1]; /* digits; "" open */
	struct buf start, end;
	/* Only the line nearest to WANTED_US. */
	int nearest;
	int64_t wanted_us;
	struct buf best;
	uint64_t best_distance;
	int best_good;
	uint64_t count;
};

static void
print_json(const struct index_line *l)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	static const char *const known[] = { "url", "mime", "status", "digest",
		"length", "offset", "filename", "urlkey", "timestamp" };

	json_set_string(a, o, "urlkey", l->key);
	json_set_string(a, o, "timestamp", l->time);
	json_set_string(a, o, "url", l->url);
	json_set_string(a, o, "mime", l->mime);
	if (l->status == 0)
		json_set(a, o, "status", json_new_null(a));
	else
		json_set_integer(a, o, "status", l->status);
	json_set_string(a, o, "digest", l->digest);
	json_set_integer(a, o, "length", (int64_t)l->length);
	json_set_integer(a, o, "offset", (int64_t)l->offset);
	json_set_string(a, o, "filename", l->file);
	for (size_t i = 0; i < json_count(l->json); i++) {
		const char *name = json_key(l->json, i);
		int is_known = 0;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			is_known |= strcmp(known[k], name) == 0;
		if (!is_known)
			json_set(a, o, name, json_at(l->json, i));
	}
	cli_print_json(o);
	arena_free(a);
}

void
index_print_json(const char *text, size_t len)
{
	struct arena *a = arena_new();
	struct index_line line;

	if (index_line_read(&line, a, arena_text_n(a, text, len), NULL) == 0)
		print_json(&line);
	arena_free(a);
}

static void
print(const struct finding *f, const char *text, size_t len)
{
	if (f->json) {
		index_print_json(text, len);
	} else if (isatty(STDOUT_FILENO)) {
		cli_put(stdout, text);
		(void)fputc('\n', stdout);
	} else {
		(void)fwrite(text, 1, len, stdout);
		(void)fputc('\n', stdout);
	}
}

/* The nearest; at equal distance those with a good status, then the later. */
static void
weigh(struct finding *f, const char *text, size_t len, const char *time)
{
	struct arena *a = arena_new();
	struct index_line line;
	int64_t us = 0;
	uint64_t distance;
	int good;

	if (date_parse_digits(time, &us) != 1 ||
	    index_line_read(&line, a, arena_text_n(a, text, len), NULL) != 0)
		goto done;
	distance = us > f->wanted_us ? (uint64_t)us - (uint64_t)f->wanted_us
				     : (uint64_t)f->wanted_us - (uint64_t)us;
	good = line.status == 200;
	if (f->best.len > 0 &&
	    (distance > f->best_distance ||
		(distance == f->best_distance && f->best_good && !good)))
		goto done;
	buf_reset(&f->best);
	buf_add(&f->best, text, len);
	f->best_distance = distance;
	f->best_good = good;
done:
	arena_free(a);
}

/* A line in the range. -1 never. */
static int
each_line(void *context, const char *line, size_t len, struct error *e)
{
	struct finding *f = context;
	const char *time = memchr(line, ' ', len);
	char digits[24];
	size_t n;

	(void)e;
	if (time == NULL || text_starts(line, " CDX"))
		return 0;
	n = strspn(++time, "0123456789");
	if (n == 0 || n >= sizeof(digits))
		return 0;
	memcpy(digits, time, n);
	digits[n] = '\0';
	/* Bounds may be shorter than 14 digits and are included. */
	if (strcmp(digits, f->from) < 0 ||
	    strncmp(digits, f->to, strlen(f->to)) > 0)
		return 0;
	f->count++;
	if (f->nearest)
		weigh(f, line, len, digits);
	else
		print(f, line, len);
	return 0;
}

static int
is_index_line(const char *line, size_t len)
{
	struct arena *a = arena_new();
	struct index_line l;
	int yes = len == 0 || line[0] == ' ' || line[0] == '!' ||
		  index_line_read(&l, a, arena_text_n(a, line, len), NULL) == 0;

	arena_free(a);
	return yes;
}

/* What is named by mistake would hold nothing, silently. */
static int
check_file(struct index_file *file, const char *path, struct error *e)
{
	char *line = NULL;
	size_t len = 0;
	int more = index_file_find(file, "", NULL, e);

	if (more == 0)
		more = index_file_next(file, &line, &len, e);
	if (more == 1 && !is_index_line(line, len))
		return error_set(e, ERROR_USAGE,
		    "%s: is no index (CDXJ, CDX or ZipNum); of record files "
		    "holdfast index FILE makes one",
		    path);
	return more < 0 ? -1 : 0;
}

static int
check_path(const char *path, struct error *e)
{
	struct stat st = { .st_mode = 0 };

	if (strcmp(path, "-") != 0 &&
	    (stat(path, &st) != 0 || S_ISREG(st.st_mode)))
		return 0;
	return error_set(e, ERROR_USAGE,
	    S_ISDIR(st.st_mode)
		? "--index: %s: is a directory; name the files in it"
		: "--index: %s: is a pipe, in which nothing can be looked up; "
		  "write the index to a file first",
	    path);
}

static int
find_in_file(struct finding *f, const char *path, struct error *e)
{
	struct index_file *file;
	char *line;
	size_t len;
	int more;

	if (check_path(path, e) != 0 || index_file_open(&file, path, e) != 0)
		return -1;
	more = check_file(file, path, e);
	if (more == 0)
		more = index_file_find(
		    file, buf_text(&f->start), buf_text(&f->end), e);
	while (more == 0 && (more = index_file_next(file, &line, &len, e)) == 1)
		more = each_line(f, line, len, e);
	index_file_free(file);
	return more;
}

static int
find_everywhere(struct finding *f, struct error *e)
{
	const char *const *files = config_list(f->cli->config, "index");
	struct collection *c = NULL;
	char *dir;
	int rc;

	if (files[0] != NULL) {
		for (; *files != NULL; files++)
			if (find_in_file(f, *files, e) != 0)
				return -1;
		return 0;
	}
	dir = cli_collection_dir(f->cli);
	rc = collection_open(&c, dir, e);
	free(dir);
	if (rc == 0)
		rc = index_each(
		    c, buf_text(&f->start), buf_text(&f->end), each_line, f, e);
	collection_free(c);
	return rc;
}

/* A bound as the digits of an index: "2026-01-02" and "20260102" alike. */
static int
take_bound(struct finding *f, const char *name, char digits[BOUND_MAX + 1],
    struct error *e)
{
	const char *value = config_text(f->cli->config, name);
	size_t n = 0;
	int64_t us;

	for (const char *at = value; *at != '\0' && n <= BOUND_MAX; at++)
		if (*at >= '0' && *at <= '9' && n++ < BOUND_MAX)
			digits[n - 1] = *at;
	digits[n < BOUND_MAX ? n : BOUND_MAX] = '\0';
	if (value[0] == '\0' ||
	    (n >= 4 && n <= BOUND_MAX && n % 2 == 0 &&
		(value[n] == '\0' || (date_parse(value, &us, NULL) &&
					 strpbrk(value, ".+") == NULL))))
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--%s: %s is not 4 to 14 digits, as 2026 or 20260102, nor a date",
	    name, value);
}

static int
set_up(struct finding *f, struct error *e)
{
	const struct config *c = f->cli->config;
	static const char *const making[] = { "cdx", "records", "post-append",
		"record-digest", "dir-root", "unsorted", "zipnum", "lines",
		"digest", NULL };
	const char *url;
	enum index_match match = INDEX_EXACT;

	if (f->cli->object_count < 2 || f->cli->object_count > 3)
		return error_set(e, ERROR_USAGE,
		    "index find: needs a URL, and may have a "
		    "time");
	if (index_no_options(f->cli, making, "index find", e) != 0)
		return -1;
	if (config_flag(c, "domain") + config_flag(c, "host") +
		config_flag(c, "prefix:find") >
	    1)
		return error_set(e, ERROR_USAGE,
		    "--prefix, --host and --domain exclude each other");
	url = f->cli->objects[1];
	if (config_flag(c, "domain"))
		match = INDEX_DOMAIN;
	else if (config_flag(c, "host"))
		match = INDEX_HOST;
	else if (config_flag(c, "prefix:find"))
		match = INDEX_PREFIX;
	index_range(url, match, &f->start, &f->end);
	f->json = config_flag(c, "json");
	if (take_bound(f, "from", f->from, e) != 0 ||
	    take_bound(f, "to", f->to, e) != 0)
		return -1;
	f->nearest = f->cli->object_count == 3;
	if (f->nearest &&
	    !date_parse_digits(f->cli->objects[2], &f->wanted_us) &&
	    !date_parse(f->cli->objects[2], &f->wanted_us, NULL))
		return error_set(e, ERROR_USAGE,
		    "%s: neither 4 to 20 digits nor an RFC 3339 time",
		    f->cli->objects[2]);
	return 0;
}

int
verb_index_find(struct cli *c)
{
	struct finding f = { .cli = c, .from = "", .to = "" };
	struct error e = { 0 };
	int code = EXIT_DONE;

	look_only_prints();
	if (set_up(&f, &e) != 0 || find_everywhere(&f, &e) != 0) {
		code = cli_fail(&e);
	} else {
		if (f.nearest && f.best.len > 0)
			print(&f, buf_text(&f.best), f.best.len);
		if (f.count == 0) {
			cli_say("%s: in no index looked at", c->objects[1]);
			code = EXIT_USAGE;
		}
	}
	buf_clear(&f.start);
	buf_clear(&f.end);
	buf_clear(&f.best);
	return code;
}
