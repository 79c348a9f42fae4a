/* Exchanges read back from the records they became. */
#include "core/collection/recall.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/record.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/collection/layout.h"
#include "core/collection/open_record.h"
#include "core/web/exchange.h"
#include "core/web/receive.h"

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = mem_text(text);
}

/* The block once more through the reader that it came in by. */
static int
receive(
    struct open_record *o, const char *dir, struct exchange *x, struct error *e)
{
	struct receiver *r = receiver_new(dir);
	const uint8_t *p;
	size_t len;
	int more;

	receiver_begin(r, x, UINT64_MAX);
	while ((more = stream_next(o->block, &p, &len, e)) == 1)
		if (receiver_feed(r, p, len, e) < 0) {
			more = -1;
			break;
		}
	if (more == 0)
		more = open_record_check(o, e);
	if (more == 0)
		more = receiver_finish(r, RECEIVE_CLOSED, "", e);
	receiver_free(r);
	return more;
}

/* What was made of it then stands. */
static void
take_line(struct exchange *x, const struct json *line)
{
	(void)outcome_find(text_of(line, "outcome"), &x->outcome);
	set_text(&x->reason, text_of(line, "reason"));
	x->duration_ms = json_int(json_get(line, "fetch_ms"), 0);
	(void)date_parse(text_of(line, "time"), &x->started_us, NULL);
}

int
recall_response(const struct collection *c, const char *file, uint64_t offset,
    const char *url, const char *spool_dir, struct exchange **out,
    struct error *e)
{
	struct exchange *x = NULL;
	struct open_record o = { 0 };
	int rc = open_record_at(&o, c, file, offset, e);

	if (rc != 0 || record_type(&o.record) != RECORD_RESPONSE)
		goto done;
	x = exchange_new();
	set_text(&x->url, url);
	set_text(&x->method, "GET");
	rc = receive(&o, spool_dir, x, e);
	if (rc != 0)
		goto done;
	*out = x;
	x = NULL;
	rc = 1;
done:
	exchange_free(x);
	open_record_close(&o);
	return rc;
}

int
recall_exchange(const struct collection *c, const char *snapshot,
    const struct json *line, struct exchange **out, struct error *e)
{
	char *dir = collection_path(c, snapshot);
	char *file = mem_format("%s/%s", snapshot, text_of(line, "file"));
	int rc = 0;

	if (*text_of(line, "record") != '\0')
		rc = recall_response(c, file,
		    (uint64_t)json_int(json_get(line, "offset"), 0),
		    text_of(line, "url"), dir, out, e);
	if (rc == 1)
		take_line(*out, line);
	free(file);
	free(dir);
	return rc;
}
