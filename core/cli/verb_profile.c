/* profile list | check | test: the rules by which sites are read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/web/url.h"

/* ---- list ---- */

static void
list_one(struct cli *c, const struct profile *p)
{
	const struct profile_file *files;
	size_t count = profile_chain(p, &files);

	if (config_flag(c->config, "json")) {
		struct arena *a = arena_new();
		struct json *o = json_new_object(a);
		struct json *chain = json_new_array(a);

		for (size_t i = 0; i < count; i++) {
			struct json *f = json_new_object(a);

			json_set_string(a, f, "key", files[i].key);
			json_set_string(a, f, "sha256", files[i].sha256);
			json_append(a, chain, f);
		}
		json_set_string(a, o, "key", profile_key(p));
		json_set_string(a, o, "version", profile_version(p));
		json_set_string(a, o, "origin", profile_origin(p));
		json_set(a, o, "files", chain);
		cli_print_json(o);
		arena_free(a);
		return;
	}
	cli_put(stdout, profile_key(p));
	(void)fputc(' ', stdout);
	cli_put(stdout, profile_version(p));
	(void)fputs("  ", stdout);
	cli_put(stdout, profile_origin(p));
	for (size_t i = 0; i < count; i++)
		printf("%s%s %.12s", i == 0 ? "  " : ", ", files[i].key,
		    files[i].sha256);
	(void)fputc('\n', stdout);
}

static int
list(struct cli *c)
{
	for (size_t i = 0; i < profile_set_count(c->profiles); i++)
		list_one(c, profile_set_at(c->profiles, i));
	return EXIT_DONE;
}

/* ---- check ---- */

/* Those of the collection were checked when they were loaded. */
static int
check(struct cli *c)
{
	int code = EXIT_DONE;

	for (size_t i = 1; i < c->object_count; i++) {
		struct error e = { 0 };

		if (profile_check(c->profiles, c->objects[i], &e) != 0)
			code = cli_fail(&e);
	}
	return code;
}

/* ---- test ---- */

/* A saved page as a response: one saved with its head stays as it is. */
static int
load_page(const char *path, struct buf *out, struct error *e)
{
	struct buf page = { 0 };
	int rc = file_get(path, &page, LIMIT_BODY_PAGE, e);

	if (rc == 0 && !text_starts(buf_text(&page), "HTTP/"))
		buf_format(out,
		    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    page.len);
	if (rc == 0)
		buf_add(out, page.data, page.len);
	buf_clear(&page);
	return rc;
}

/* The profile of the address the page came from. */
static const struct profile *
profile_of(struct cli *c, const char *address, struct error *e)
{
	const struct profile *p = NULL;
	struct url url;

	if (url_parse(&url, address, strlen(address), NULL, e) != 0)
		return NULL;
	p = profile_for(c->profiles, &url);
	url_clear(&url);
	if (p == NULL)
		(void)error_set(e, ERROR_USAGE,
		    "%s: no profile knows this host; see: holdfast profile "
		    "list",
		    address);
	return p;
}

static int
read_page(struct cli *c, const char *path, const char *address,
    struct buf *result, struct error *e)
{
	const struct profile *p = profile_of(c, address, e);
	struct service_request r = {
		.task = SERVICE_ARTICLE,
		.url = address,
		.requested = "",
		.captured_us = clock_system()->wall_us(clock_system()),
		.status = 200,
	};
	struct buf page = { 0 };
	struct worker *worker;
	int fd = -1;
	int rc = -1;

	if (p == NULL || load_page(path, &page, e) != 0)
		goto done;
	r.profile = profile_key(p);
	fd = worker_payload(e);
	if (fd < 0 || file_write_at(fd, page.data, page.len, 0, e) != 0 ||
	    service_begin(c->zygote, &r, fd, &worker, e) != 0)
		goto done;
	rc = service_wait(worker, result, e);
	if (rc != 0)
		(void)error_within(e, "%s", path);
done:
	if (fd >= 0)
		(void)close(fd);
	buf_clear(&page);
	return rc;
}

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* How it went, each field that was looked for in vain, each warning. */
static void
put_reading(const struct json *reading)
{
	const struct json *article = json_get(reading, "article");
	const struct json *quality = json_get(article, "quality");
	const struct json *missing = json_get(quality, "missing");
	const struct json *warnings = json_get(quality, "warnings");

	(void)fputs("status    ", stdout);
	cli_put(stdout, text_of(reading, "status"));
	if (text_of(reading, "reason")[0] != '\0') {
		(void)fputs(": ", stdout);
		cli_put(stdout, text_of(reading, "reason"));
	}
	(void)fputs("\nheadline  ", stdout);
	cli_put(stdout, text_of(article, "headline"));
	printf("\nbody      %zu blocks\nimages    %zu\n",
	    json_count(json_get(article, "body")),
	    json_count(json_get(article, "images")));
	for (size_t i = 0; i < json_count(missing); i++) {
		(void)fputs("missing   ", stdout);
		cli_put(stdout, text_of(json_at(missing, i), "field"));
		(void)fputs(": ", stdout);
		cli_put(stdout, text_of(json_at(missing, i), "reason"));
		(void)fputc('\n', stdout);
	}
	for (size_t i = 0; i < json_count(warnings); i++) {
		(void)fputs("warning   ", stdout);
		cli_put(stdout, json_text(json_at(warnings, i), ""));
		(void)fputc('\n', stdout);
	}
}

static int
test(struct cli *c)
{
	const char *address = config_text(c->config, "url");
	struct arena *a = arena_new();
	struct buf result = { 0 };
	struct error e = { 0 };
	const struct json *reading;
	int code = EXIT_DONE;

	if (c->object_count != 2 || address[0] == '\0') {
		cli_say("profile test: needs one saved page and --url URL, "
			"where it came from");
		code = EXIT_USAGE;
	} else if (read_page(c, c->objects[1], address, &result, &e) != 0) {
		code = cli_fail(&e);
	} else if (config_flag(c->config, "json")) {
		cli_print_json_text(buf_text(&result), result.len);
	} else {
		reading = json_parse(a, buf_text(&result), result.len, &e);
		put_reading(reading);
		if (strcmp(text_of(reading, "status"), "ok") != 0)
			code = EXIT_INCOMPLETE;
	}
	buf_clear(&result);
	arena_free(a);
	return code;
}

int
verb_profile(struct cli *c)
{
	static const char *const words[] = { "list", "check", "test", NULL };
	const char *word = c->objects[0];
	const char *near = text_nearest(word, words);

	if (strcmp(word, "list") == 0)
		return list(c);
	if (strcmp(word, "check") == 0)
		return check(c);
	if (strcmp(word, "test") == 0)
		return test(c);
	cli_say("%s: unknown; it is profile list, check or test%s%s%s", word,
	    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
	return EXIT_USAGE;
}
