/* A record file that nothing vouches for, verified by itself. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/archive/verify.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/verify_verb.h"

enum {
	QUICK_WINDOW = 1024 * 1024, /* where the last member is looked for */
	QUICK_TRIES = 200
};

/* A part of a file: findings are moved to where it begins. */
struct part {
	struct verifying *v;
	uint64_t base;
	uint64_t records;
	uint64_t stop; /* read no further behind so many records; 0: never */
};

static void
part_finding(void *context, const struct finding *f)
{
	struct part *p = context;
	struct finding moved = *f;

	/* That it does not begin as a file does. */
	if (p->base > 0 && f->severity == SEVERITY_NOTE) {
		p->v->totals.files.notes--;
		return;
	}
	moved.offset += p->base;
	verify_report_finding(p->v->report, &moved);
}

static int
part_record(void *context, const struct verified_record *r)
{
	struct part *p = context;
	struct verified_record moved = *r;

	p->records++;
	moved.offset += p->base;
	verify_report_record(p->v->report, &moved);
	return p->records == p->stop;
}

static int
count_record(void *context, const struct verified_record *r)
{
	struct part *p = context;

	(void)r;
	p->records++;
	return 0;
}

/* Rules about records in other places hold of no part. */
static uint32_t
part_skip(const struct verifying *v)
{
	return v->skip | (uint32_t)1 << CHECK_REFERENCES |
	       (uint32_t)1 << CHECK_REVISITS;
}

static int
verify_part(struct verifying *v, struct input *in, uint64_t base, uint64_t stop,
    struct error *e)
{
	struct part p = { .v = v, .base = base, .stop = stop };
	const struct verify_options o = { .each_finding = part_finding,
		.each_record = part_record,
		.context = &p,
		.skip = part_skip(v),
		.threads = 1 };
	const struct verify_totals before = v->totals.files;
	struct input *part = input_part(
	    in, input_name(in), base, input_size(in) - base);
	int rc = verify_input(part, input_name(in), &o, &v->totals.files, e);

	/* Both parts are of one file, of which not all bytes are read. */
	v->totals.files.files = before.files;
	v->totals.files.bytes = before.bytes;
	input_free(part);
	return rc;
}

/* Does a sound record begin at AT? */
static int
begins_record(struct verifying *v, struct input *in, uint64_t at)
{
	struct part p = { .v = v };
	const struct verify_options o = { .each_record = count_record,
		.context = &p,
		.skip = part_skip(v),
		.threads = 1 };
	struct verify_totals totals = { 0 };
	struct input *part = input_part(
	    in, input_name(in), at, input_size(in) - at);
	int rc = verify_input(part, input_name(in), &o, &totals, NULL);

	input_free(part);
	return rc == 0 && p.records > 0;
}

static int
may_begin(const uint8_t *p, size_t left)
{
	return (left > 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 &&
		   p[3] < 0x20) ||
	       (left > 5 && memcmp(p, "WARC/", 5) == 0) ||
	       (left > 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0);
}

/* The last record that reads, from the end back; then what follows it is
 * verified. */
static int
verify_tail(struct verifying *v, struct input *in, struct error *e)
{
	uint64_t size = input_size(in);
	size_t len = size < QUICK_WINDOW ? (size_t)size : QUICK_WINDOW;
	uint64_t base = size - len;
	uint8_t *window = mem_zero(1, len + 1);
	unsigned tries = 0;
	size_t got = 0;
	int rc = input_read(in, base, window, len, &got, e);

	for (size_t i = got; rc == 0 && i-- > 0 && tries < QUICK_TRIES;) {
		if (!may_begin(window + i, got - i))
			continue;
		tries++;
		if (!begins_record(v, in, base + i))
			continue;
		/* The whole of a small file is its first record. */
		rc = base + i == 0 ? 0 : verify_part(v, in, base + i, 0, e);
		goto done;
	}
	if (rc == 0 && base == 0)
		rc = verify_part(v, in, 0, 0, e);
	else if (rc == 0)
		verify_note(v, SEVERITY_NOTE, "completeness", input_name(in),
		    size, "no record begins near the end: its end is not seen");
done:
	free(window);
	return rc;
}

static int
verify_quick(struct verifying *v, struct input *in, struct error *e)
{
	uint64_t size = input_size(in);

	v->totals.files.files++;
	v->totals.files.bytes += size;
	if (verify_part(v, in, 0, 1, e) != 0)
		return -1;
	return size == 0 ? 0 : verify_tail(v, in, e);
}

/* A file that is being written to may end in the middle of a record. */
static void
check_growth(struct verifying *v, const char *name, uint64_t size)
{
	struct stat st;
	char *text;

	if (size == INPUT_NO_END || stat(name, &st) != 0 ||
	    !S_ISREG(st.st_mode) || (uint64_t)st.st_size == size)
		return;
	text = mem_format("was %ju bytes long and is %ju now: somebody writes "
			  "to it, its end may be unfinished",
	    (uintmax_t)size, (uintmax_t)st.st_size);
	verify_note(v, SEVERITY_WARNING, "growing", name, size, text);
	free(text);
}

struct lone {
	struct verifying *v;
	uint64_t before; /* bytes of files before */
};

static void
lone_finding(void *context, const struct finding *f)
{
	struct lone *l = context;

	verify_report_finding(l->v->report, f);
}

static int
lone_record(void *context, const struct verified_record *r)
{
	struct lone *l = context;

	return verify_each_record(l->v, r);
}

static void
lone_progress(void *context, uint64_t offset)
{
	struct lone *l = context;

	verify_stop(l->v);
	verify_show(l->v, l->before + offset);
}

static int
verify_whole(struct verifying *v, struct input *in, struct error *e)
{
	struct lone l = { .v = v, .before = v->totals.files.bytes };
	const struct verify_options o = { .each_finding = lone_finding,
		.each_record = v->verdicts ? lone_record : NULL,
		.progress = lone_progress,
		.context = &l,
		.skip = v->skip,
		.threads = v->threads,
		.references = v->references };
	const char *name = input_name(in);
	const uint64_t changed = v->totals.files.changed +
				 v->totals.files.damaged;

	v->shown = name;
	if (verify_input(in, name, &o, &v->totals.files, e) != 0)
		return -1;
	if (v->level != VERIFY_DEEP || !input_is_random(in) ||
	    !text_ends(name, ".gz") ||
	    changed != v->totals.files.changed + v->totals.files.damaged)
		return 0;
	/* Only of what we wrote ourselves; of others it finds nothing to
	 * compare with. A part of a container has no path. */
	(void)verify_spelling(name, name, &o, &v->totals.files, NULL);
	return 0;
}

int
verify_lone(struct verifying *v, struct input *in, struct error *e)
{
	const char *name = input_name(in);
	uint64_t size = input_size(in);
	int quick = v->level == VERIFY_QUICK && input_is_random(in);
	const uint64_t damaged = v->totals.files.damaged;

	verify_report_file(v->report, name);
	if ((quick ? verify_quick(v, in, e) : verify_whole(v, in, e)) != 0)
		return -1;
	check_growth(v, name, size);
	if (damaged == v->totals.files.damaged)
		verify_note(v, SEVERITY_NOTE, "completeness", name,
		    size == INPUT_NO_END ? 0 : size,
		    "nothing marks the end of the file: whether records "
		    "behind the last one are missing is not known");
	return 0;
}
