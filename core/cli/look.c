/* Shared by the verbs that look at what is kept. */
#include "core/cli/look.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/record.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/collection/contents.h"
#include "core/collection/facts.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/collection/withdrawn.h"
#include "core/news/service.h"

const char *
look_size(uint64_t bytes, char out[LOOK_SIZE_MAX])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		(void)snprintf(out, LOOK_SIZE_MAX, "%u B", (unsigned)bytes);
		return out;
	}
	for (; n >= 999.95 && i < 3; i++)
		n /= 1000;
	(void)snprintf(out, LOOK_SIZE_MAX, "%.1f %s", n, units[i]);
	return out;
}

const char *
look_time(struct arena *a, const char *time)
{
	const char *dot = strchr(time, '.');

	if (dot == NULL)
		return time;
	return arena_format(a, "%.*sZ", (int)(dot - time), time);
}

void
look_only_prints(void)
{
	(void)signal(SIGPIPE, SIG_DFL);
}

struct json *
look_facts(struct arena *a, const struct snapshot_facts *f)
{
	struct json *o = json_new_object(a);
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "targets", f->targets },
		{ "good", f->good },
		{ "failed", f->failed },
		{ "pages", f->pages },
		{ "pages_incomplete", f->pages_incomplete },
		{ "records", f->records },
		{ "articles", f->articles },
		{ "archive_bytes", f->archive_bytes },
		{ "payload_bytes", f->payload_bytes },
	};

	json_set_string(a, o, "snapshot", f->name);
	json_set_string(a, o, "path", f->snapshot);
	json_set_string(a, o, "kind", f->kind);
	json_set_string(a, o, "status", f->status);
	json_set_string(a, o, "started", f->started);
	json_set_string(a, o, "ended", f->ended);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_set_integer(
		    a, o, numbers[i].name, (int64_t)numbers[i].value);
	json_set_string(a, o, "previous", f->previous);
	json_set_string(a, o, "version", f->version);
	return o;
}

const char *
look_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

int
look_record(const struct collection *c, struct arena *a, const char *text,
    struct found *out, struct error *e)
{
	if (lookup(c, a, text, out, e) != 0)
		return look_missing(c, text, e);
	if (out->kind == FOUND_RECORD)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "%s: a snapshot; a URL or the id of a record is wanted here", text);
}

static int
open_withdrawn(
    struct withdrawn **w, const struct collection *c, struct error *e)
{
	struct clock *clock = clock_system();

	return withdrawn_open(w, c, clock->wall_us(clock), e);
}

int
look_refuse_id(const struct collection *c, const char *id, const char *what,
    struct error *e)
{
	const struct withdrawal *x;
	struct withdrawn *w;
	int rc = open_withdrawn(&w, c, e);

	if (rc == 0 && (x = withdrawn_record(w, id)) != NULL)
		rc = withdrawn_refuse(x, what, e);
	withdrawn_free(w);
	return rc;
}

int
look_refuse_in(const struct withdrawn *w, const struct open_record *r,
    const char *what, struct error *e)
{
	static const char *const fields[] = { "WARC-Record-ID",
		"WARC-Concurrent-To", "WARC-Refers-To" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *id = record_uri_field(
		    r->arena, &r->record, fields[i]);
		const struct withdrawal *x = id == NULL
						 ? NULL
						 : withdrawn_record(w, id);

		if (x != NULL)
			return withdrawn_refuse(x, what, e);
	}
	return 0;
}

int
look_refuse(const struct collection *c, const struct open_record *r,
    const char *what, struct error *e)
{
	struct withdrawn *w;
	int rc = open_withdrawn(&w, c, e);

	if (rc == 0)
		rc = look_refuse_in(w, r, what, e);
	withdrawn_free(w);
	return rc;
}

int
look_missing(const struct collection *c, const char *text, struct error *e)
{
	struct arena *a = arena_new();
	const struct withdrawal *x = NULL;
	struct withdrawn *w = NULL;
	const char *url;
	int64_t us;

	if (e->kind == ERROR_NOTFOUND && open_withdrawn(&w, c, NULL) == 0) {
		x = withdrawn_record(w, text);
		if (x == NULL && lookup_url(a, text, &url, &us))
			x = withdrawn_uri(w, url);
		if (x != NULL)
			(void)withdrawn_refuse(x, text, e);
	}
	withdrawn_free(w);
	arena_free(a);
	return -1;
}

const char *
look_field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

struct zygote *
look_decoder(void)
{
	struct worker_limits limits;
	struct worker_service service = service_new(NULL);
	struct error e = { 0 };
	struct zygote *z;

	service_limits(&limits);
	z = zygote_start(&service, &limits, &e);
	free(service.context);
	if (z == NULL)
		cli_say("%s", e.text);
	return z;
}

int
look_is_coded(const struct contents *c)
{
	const char *coding = contents_encoding(c);

	return coding[0] != '\0' &&
	       !text_equal_nocase(coding, strlen(coding), "identity");
}

/* The coded bytes into OUT and into the payload FD for a worker. */
static int
spread(struct contents *c, struct buf *out, int fd, struct error *e)
{
	const uint8_t *p;
	size_t len;
	uint64_t offset = 0;
	int more;

	while ((more = stream_next(contents_stream(c), &p, &len, e)) > 0) {
		if (offset + len > LIMIT_BODY_PAGE)
			return error_set(e, ERROR_LIMIT,
			    "larger than %llu bytes", LIMIT_BODY_PAGE);
		if (file_write_at(fd, p, len, offset, e) != 0)
			return -1;
		buf_add(out, p, len);
		offset += len;
	}
	return more;
}

int
look_decode(
    struct zygote *z, struct contents *c, struct buf *out, struct error *e)
{
	struct service_request r = {
		.task = SERVICE_DECODE,
		.url = "",
		.requested = "",
		.encoding = contents_encoding(c),
	};
	struct buf decoded = { 0 };
	struct worker *worker;
	size_t start = out->len;
	int fd = worker_payload(e);
	int rc = -1;

	if (fd < 0)
		return -1;
	if (spread(c, out, fd, e) != 0)
		goto done;
	rc = 1;
	if (service_begin(z, &r, fd, &worker, e) == 0 &&
	    service_wait(worker, &decoded, e) == 0) {
		buf_cut(out, start);
		buf_add(out, decoded.data, decoded.len);
		rc = 0;
	}
done:
	(void)close(fd);
	buf_clear(&decoded);
	return rc;
}

int
look_original(const struct collection *c, struct arena *a,
    const struct open_record *r, struct open_record *out, struct error *e)
{
	const char *id = record_uri_field(a, &r->record, "WARC-Refers-To");
	struct found found;

	if (record_type(&r->record) != RECORD_REVISIT)
		return 0;
	if (id == NULL)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: a revisit that names no original", r->file);
	if (lookup_record(c, a, id, &found, e) != 0 ||
	    open_record_at(out, c, found.file, found.offset, e) != 0)
		return error_within(e, "the original of a revisit");
	return 1;
}
