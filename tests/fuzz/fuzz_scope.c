/* Addresses, one a line, as links of a site: what the guards say has a reason,
 * the identity of an address is one, has the same key of the index and leads
 * back to the first spelling. The first line is read as steps of a ladder,
 * too. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/crawl/scope.h"
#include "core/crawl/spelling.h"
#include "core/crawl/watch.h"
#include "core/web/url.h"
#include "core/web/url_identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
need(int holds)
{
	if (!holds)
		abort();
}

static void
check_steps(const char *text)
{
	struct ladder l = { .count = 0 };
	struct error e = { 0 };

	if (ladder_parse(&l, text, &e) != 0) {
		need(e.kind == ERROR_USAGE && l.count == 0);
		return;
	}
	need(l.count <= LADDER_MAX);
	for (size_t i = 0; i < l.count; i++)
		need(l.steps[i] > 0);
}

static void
check_identity(const struct url *url, struct spellings *s)
{
	struct buf identity = { 0 };
	struct buf again = { 0 };
	struct buf key = { 0 };
	struct buf same = { 0 };
	struct url parsed;

	url_add_identity(&identity, url->text);
	url_add_identity(&again, buf_text(&identity));
	need(strcmp(buf_text(&identity), buf_text(&again)) == 0);
	cdxj_add_key(&key, url->text);
	cdxj_add_key(&same, buf_text(&identity));
	need(strcmp(buf_text(&key), buf_text(&same)) == 0);
	if (url_parse(&parsed, buf_text(&identity), identity.len, NULL, NULL) ==
	    0) {
		need(url_is_same(parsed.text, url->text));
		url_clear(&parsed);
	}
	spellings_add(s, url->text);
	buf_reset(&again);
	if (spellings_find(s, url->text, &again))
		need(url_is_same(buf_text(&again), url->text));
	else
		need(strcmp(buf_text(&identity), url->text) == 0);
	buf_clear(&identity);
	buf_clear(&again);
	buf_clear(&key);
	buf_clear(&same);
}

static void
check_url(
    struct scope *scope, struct spellings *s, const char *line, size_t len)
{
	struct buf why = { 0 };
	enum outcome outcome = OUTCOME_CAPTURED;
	struct url url;

	if (url_parse(&url, line, len, NULL, NULL) != 0)
		return;
	url_drop_fragment(&url);
	if (scope_allows(scope, &url, 1, &outcome, &why))
		need(why.len == 0);
	else
		need(why.len > 0 && outcome != OUTCOME_CAPTURED);
	if (url_is_http(&url))
		check_identity(&url, s);
	url_clear(&url);
	buf_clear(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct scope_options o = { .kind = SCOPE_ANY,
		.pattern_budget = 3,
		.now_us = 1795305600000000 };
	char *text = mem_text_n((const char *)p, len);
	struct spellings spellings = { .places = NULL };
	struct scope *scope = NULL;
	char *rest;

	need(scope_new(&scope, &o, NULL) == 0);
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (line == text)
			check_steps(line);
		check_url(scope, &spellings, line, strlen(line));
	}
	scope_free(scope);
	spellings_clear(&spellings);
	free(text);
	return 0;
}
