/* What earlier runs of a snapshot left in its journal. */
#include "core/collection/past.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/journal.h"

static const char certificate_urn[] = "urn:holdfast:certificate:";
static const char connection_urn[] = "urn:holdfast:connection:";

struct reading {
	struct past *past;
	struct arena *scratch;
};

static const char *
text_of(const struct json *o, const char *name)
{
	return json_text(json_get(o, name), "");
}

/* KEY has VALUE from now on. */
static void
set(struct target_set *s, const char *key, uint64_t value)
{
	if (!target_set_add(s, key, value))
		*target_set_find(s, key) = value;
}

static void
tell(struct past *p, char kind, const char *what)
{
	char *key = mem_format("%c %s", kind, what);

	(void)target_set_add(&p->told, key, 0);
	free(key);
}

int
past_has_told(const struct past *p, char kind, const char *what)
{
	char *key = mem_format("%c %s", kind, what);
	int yes = target_set_find(&p->told, key) != NULL;

	free(key);
	return yes;
}

/* A run that begins after one that was not cut off begins afresh. */
static void
take_begin(struct past *p, uint64_t offset)
{
	p->runs++;
	p->is_closed = 0;
	p->run_begin = offset;
	if (p->cut_from != UINT64_MAX)
		return;
	p->cut_from = offset;
	target_set_clear(&p->told);
}

static void
take_end(struct past *p, const struct json *o)
{
	p->is_closed = 1;
	if (strcmp(text_of(o, "status"), "interrupted") != 0)
		p->cut_from = UINT64_MAX;
	if (!date_parse(text_of(o, "ended"), &p->ended_us, NULL))
		p->is_closed = 0;
}

static void
take_outcome(struct past *p, const struct json *o, uint64_t offset)
{
	set(&p->targets, text_of(o, "url"), offset);
	repeats_know(&p->repeats, o, offset);
}

/* A record of ours that is put once. */
static void
take_record(struct past *p, const struct json *o)
{
	const char *uri = text_of(o, "uri");
	const char *number = strrchr(uri, ':');
	uint64_t n;

	if (text_starts(uri, certificate_urn))
		(void)target_set_add(
		    &p->certificates, uri + strlen(certificate_urn), 0);
	else if (text_starts(uri, connection_urn) &&
		 text_uint(number + 1, strlen(number + 1), UINT64_MAX, &n) &&
		 n > p->connections)
		p->connections = n;
}

/* "records/PREFIX-TIME-00003.warc.gz" */
static void
take_files(struct past *p, const struct json *files)
{
	for (size_t i = 0; i < json_count(files); i++) {
		const char *file = text_of(json_at(files, i), "file");
		const char *dash = strrchr(file, '-');
		unsigned *serial = text_starts(file, "derived/")
				       ? &p->derived_serial
				       : &p->evidence_serial;
		uint64_t n;

		if (dash != NULL &&
		    text_uint(dash + 1, strspn(dash + 1, "0123456789"),
			UINT32_MAX, &n) &&
		    n > *serial)
			*serial = (unsigned)n;
	}
}

static int
each_line(void *context, char kind, char *line, size_t len, uint64_t offset,
    struct error *e)
{
	struct reading *r = context;
	struct past *p = r->past;
	const struct json *o;

	if (kind == 'd')
		return 0;
	arena_reset(r->scratch);
	o = json_parse(kind == 'b' ? p->arena : r->scratch, line, len, e);
	if (o == NULL)
		return error_within(e, "journal");
	switch (kind) {
	case 'b':
		p->begin = o;
		take_begin(p, offset);
		break;
	case 'n':
		take_begin(p, offset);
		break;
	case 'k':
		take_end(p, o);
		break;
	case 'e':
		p->is_sealing = 1;
		break;
	case 'o':
		take_outcome(p, o, offset);
		break;
	case 'r':
		take_record(p, o);
		break;
	case 'a':
		tell(p, kind, text_of(o, "uri"));
		break;
	case 'p':
		tell(p, kind, text_of(o, "url"));
		break;
	case 'g':
		take_files(p, json_get(o, "files"));
		break;
	default:
		break;
	}
	return 0;
}

int
past_read(struct past *p, int fd, struct error *e)
{
	struct reading r = { .past = p };
	int rc;

	*p = (struct past){ .cut_from = UINT64_MAX };
	p->arena = arena_new();
	r.scratch = arena_new();
	rc = journal_read(fd, each_line, &r, &p->end, e);
	arena_free(r.scratch);
	if (rc != 0)
		return -1;
	if (p->begin == NULL || !p->is_closed || p->is_sealing)
		return error_set(e, ERROR_INTEGRITY,
		    "journal: not as recovery leaves it for another run");
	return 0;
}

void
past_clear(struct past *p)
{
	arena_free(p->arena);
	target_set_clear(&p->targets);
	repeats_clear(&p->repeats);
	target_set_clear(&p->certificates);
	target_set_clear(&p->told);
	*p = (struct past){ .cut_from = UINT64_MAX };
}
