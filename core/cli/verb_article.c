/* article: what a page says, as text or as canonical JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/article_store.h"
#include "core/collection/article_text.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"

static int
no_article(const struct collection *c, const char *text, struct error *e)
{
	(void)error_set(e, ERROR_NOTFOUND,
	    "%s: no article of it is in this collection", text);
	return look_missing(c, text, e);
}

/* A record id: of the response, or of the derived record itself. */
static int
find_by_record(const struct collection *c, struct arena *a, const char *text,
    struct stored_article *out, struct error *e)
{
	struct article_query q = { .near_us = LOOKUP_LATEST };
	struct open_record r = { 0 };
	struct buf block = { 0 };
	struct found found;
	int rc;

	if (look_record(c, a, text, &found, e) != 0)
		return -1;
	q.record = found.id;
	rc = found.id[0] == '\0' ? 0 : article_find(c, a, &q, out, e);
	if (rc != 0)
		return rc;
	if (open_record_at(&r, c, found.file, found.offset, e) != 0)
		return -1;
	/* What repeats an earlier capture says what that said. */
	q.record = record_type(&r.record) == RECORD_REVISIT
		       ? record_uri_field(a, &r.record, "WARC-Refers-To")
		       : NULL;
	if (q.record != NULL) {
		open_record_close(&r);
		return article_find(c, a, &q, out, e);
	}
	rc = record_type(&r.record) == RECORD_METADATA &&
	     stream_read(r.record.block, &block, LIMIT_RESULT_BYTES, NULL) ==
		 0 &&
	     article_read(a, buf_text(&block), block.len, out);
	open_record_close(&r);
	buf_clear(&block);
	return rc;
}

static int
find(const struct collection *c, struct arena *a, const char *text,
    struct stored_article *out, struct error *e)
{
	struct article_query q = { .near_us = LOOKUP_LATEST };
	int rc;

	if (strstr(text, "://") != NULL) {
		if (!lookup_url(a, text, &q.url, &q.near_us))
			return no_article(c, text, e);
	} else if (lookup_is_article_id(text)) {
		q.id = text;
	} else {
		rc = find_by_record(c, a, text, out, e);
		return rc == 0 ? no_article(c, text, e) : rc;
	}
	rc = article_find(c, a, &q, out, e);
	return rc == 0 ? no_article(c, text, e) : rc;
}

/* Line by line, so that foreign text cannot speak to a terminal. */
static void
put_text(const struct json *article)
{
	struct buf text = { 0 };
	const char *line;

	article_text(&text, article);
	line = buf_text(&text);
	while (*line != '\0') {
		size_t len = strcspn(line, "\n");
		char *one = mem_text_n(line, len);

		cli_put(stdout, one);
		(void)fputc('\n', stdout);
		free(one);
		line += len + (line[len] == '\n');
	}
	buf_clear(&text);
}

int
verb_article(struct cli *c)
{
	int code = EXIT_DONE;
	struct collection *collection;
	struct arena *a = arena_new();
	struct stored_article article = { 0 };
	struct buf json = { 0 };
	struct error e = { 0 };

	if (config_flag(c->config, "json") && config_flag(c->config, "text")) {
		cli_say("article: --json or --text, not both");
		arena_free(a);
		return EXIT_USAGE;
	}
	collection = cli_open(c, &code);
	if (collection == NULL)
		goto done;
	look_only_prints();
	if (find(collection, a, c->objects[0], &article, &e) < 0 ||
	    look_refuse_id(collection, article.record, c->objects[0], &e) != 0)
		code = cli_fail(&e);
	else if (config_flag(c->config, "json")) {
		json_write_canonical(&json, article.article);
		cli_print_json_text(buf_text(&json), json.len);
	} else {
		put_text(article.article);
	}
done:
	buf_clear(&json);
	collection_free(collection);
	arena_free(a);
	return code;
}
