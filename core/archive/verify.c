/* The verifier of record files: one file, read by several threads. */
#include "core/archive/verify.h"

#include <stdlib.h>

#include "core/archive/format.h"
#include "core/archive/parallel.h"
#include "core/archive/verify_references.h"
#include "core/archive/verify_state.h"
#include "core/archive/verify_tell.h"
#include "core/base/error.h"
#include "core/base/input.h"

static const char *const severity_names[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_DAMAGE] = "damage",
	[SEVERITY_CHANGED] = "changed",
};

const char *
severity_name(enum severity s)
{
	return severity_names[s];
}

static int
job_open(void *context, void **reader, struct outlet *out, struct error *e)
{
	struct verifier *v = NULL;
	int rc = verifier_open(&v, context, out, e);

	*reader = v;
	return rc;
}

static void
job_close(void *reader)
{
	verifier_free(reader);
}

static size_t
job_find(void *reader, const uint8_t *p, size_t len)
{
	struct verifier *v = reader;

	return v->source->find == NULL ? len
				       : v->source->find(v->source, p, len);
}

static int
job_walk(void *reader, struct stretch *s, struct error *e)
{
	return verifier_walk(reader, s, e);
}

/* 0, to the end; 1, the caller has seen enough; -1. */
static int
verify_records(struct teller *t, struct error *e)
{
	const struct parallel_job job = { .open = job_open,
		.close = job_close,
		.find = job_find,
		.walk = job_walk,
		.take = teller_take,
		.context = t,
		.max_rewinds = SOURCE_REWINDS_ALIKE,
		.piece = t->options->piece };

	return parallel_walk(t->in, t->options->threads, &job, e);
}

static void
tell_of_file(struct teller *t, enum severity severity, const char *code,
    const char *text)
{
	tell(t, t->file,
	    &(const struct finding){ .severity = severity,
		.code = code,
		.record = "",
		.text = text });
}

int
verify_input(struct input *in, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e)
{
	struct verify_references *mine = o->references == NULL
					     ? verify_references_new()
					     : NULL;
	struct teller t = { .options = o,
		.totals = totals,
		.references = mine != NULL ? mine : o->references,
		.in = in,
		.file = name };
	struct error why = { 0 };
	int rc;

	if (e == NULL)
		e = &why;
	totals->files++;
	t.file_number = references_file(t.references, name);
	rc = verify_records(&t, e);
	if (rc < 0 && e->kind == ERROR_INPUT) {
		tell_of_file(&t, SEVERITY_DAMAGE, "format",
		    "no record file of a known kind");
		error_clear(e);
		rc = 0;
	} else if (rc == 0) {
		if (t.records == 0)
			tell_of_file(&t, SEVERITY_WARNING, "warcinfo",
			    "holds no record");
		if (mine != NULL)
			rc = verify_references_end(mine, o, totals, e);
	}
	if (input_size(in) != INPUT_NO_END)
		totals->bytes += input_size(in);
	teller_clear(&t);
	verify_references_free(mine);
	return rc < 0 ? -1 : 0;
}

int
verify_file(const char *path, const char *name, const struct verify_options *o,
    struct verify_totals *totals, struct error *e)
{
	struct input *in = NULL;
	int rc = input_open(&in, path, name, e);

	if (rc == 0)
		rc = verify_input(in, name, o, totals, e);
	input_free(in);
	return rc;
}
