/* What verify tells, as text, JSON Lines and JUnit XML. */
#include "core/cli/verify_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/verify_junit.h"
#include "core/collection/verify_collection.h"

struct verify_report {
	const struct cli *cli;
	struct verify_report_options options;
	struct junit *junit; /* NULL: nobody asked */
	struct error junit_error;
	struct buf line;
	/* of the record found damaged last, which has its verdict */
	uint64_t damaged_at;
	int is_damaged;
};

int
verify_report_new(struct verify_report **out, const struct cli *c,
    const struct verify_report_options *o, struct error *e)
{
	struct verify_report *r = mem_zero(1, sizeof(*r));

	r->cli = c;
	r->options = *o;
	if (o->junit[0] != '\0' && junit_new(&r->junit, o->junit, e) != 0) {
		verify_report_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
verify_report_free(struct verify_report *r)
{
	if (r == NULL)
		return;
	junit_free(r->junit);
	buf_clear(&r->line);
	free(r);
}

/* The first failure is kept: a report that is not whole is none. */
static void
junit_failed(struct verify_report *r, const struct error *e)
{
	if (r->junit_error.kind == ERROR_NONE)
		r->junit_error = *e;
}

static void
add_member(struct buf *b, const char *name, const char *value)
{
	buf_format(b, ",\"%s\":", name);
	json_add_string(b, value, strlen(value));
}

static void
print_line(struct verify_report *r)
{
	cli_status(r->cli, "");
	cli_print_json_text(buf_text(&r->line), r->line.len);
}

static void
finding_json(struct verify_report *r, const struct finding *f)
{
	struct buf *b = &r->line;

	buf_reset(b);
	buf_format(b, "{\"code\":\"%s\",\"severity\":\"%s\"", f->code,
	    severity_name(f->severity));
	add_member(b, "file", f->file);
	buf_format(b, ",\"offset\":%" PRIu64, f->offset);
	add_member(b, "record", f->record);
	add_member(b, "text", f->text);
	buf_add_byte(b, '}');
	print_line(r);
}

static void
place_text(const char *file, uint64_t offset, const char *record)
{
	cli_put(stdout, file);
	printf(":%" PRIu64 " ", offset);
	cli_put(stdout, record[0] == '\0' ? "-" : record);
}

static void
finding_text(struct verify_report *r, const struct finding *f)
{
	cli_status(r->cli, "");
	printf("%s %s ", severity_name(f->severity), f->code);
	place_text(f->file, f->offset, f->record);
	(void)fputc(' ', stdout);
	cli_put(stdout, f->text);
	(void)fputc('\n', stdout);
}

static void
verdict_line(struct verify_report *r, enum verdict v, const char *file,
    uint64_t offset, const char *record)
{
	struct buf *b = &r->line;

	if (!r->options.json) {
		cli_status(r->cli, "");
		printf("%s ", verdict_name(v));
		place_text(file, offset, record);
		(void)fputc('\n', stdout);
		return;
	}
	buf_reset(b);
	buf_format(b, "{\"verdict\":\"%s\"", verdict_name(v));
	add_member(b, "file", file);
	buf_format(b, ",\"offset\":%" PRIu64, offset);
	add_member(b, "record", record);
	buf_add_byte(b, '}');
	print_line(r);
}

void
verify_report_finding(struct verify_report *r, const struct finding *f)
{
	struct error why = { 0 };

	if (r->junit != NULL && junit_finding(r->junit, f, &why) != 0)
		junit_failed(r, &why);
	if (!r->options.quiet || f->severity >= SEVERITY_DAMAGE) {
		if (r->options.json)
			finding_json(r, f);
		else
			finding_text(r, f);
	}
	/* A record that does not read whole is not handed out: what was
	 * found of it is its verdict. */
	if (r->options.verdicts && f->severity == SEVERITY_DAMAGE &&
	    !(r->is_damaged && r->damaged_at == f->offset)) {
		r->is_damaged = 1;
		r->damaged_at = f->offset;
		verdict_line(r, VERDICT_DAMAGED, f->file, f->offset, f->record);
	}
}

void
verify_report_signature(
    struct verify_report *r, const char *file, const char *who)
{
	struct buf *b = &r->line;

	if (r->options.quiet)
		return;
	if (!r->options.json) {
		cli_status(r->cli, "");
		(void)fputs("signature ", stdout);
		cli_put(stdout, file);
		(void)fputs(": ", stdout);
		cli_put(stdout, who);
		(void)fputc('\n', stdout);
		return;
	}
	buf_reset(b);
	buf_add_text(b, "{\"signature\":");
	json_add_string(b, who, strlen(who));
	add_member(b, "file", file);
	buf_add_byte(b, '}');
	print_line(r);
}

void
verify_report_record(struct verify_report *r, const struct verified_record *v)
{
	int told = r->is_damaged && r->damaged_at == v->offset;

	if (r->options.verdicts && !told)
		verdict_line(r, v->verdict, v->file, v->offset, v->id);
	r->is_damaged = 0;
}

void
verify_report_file(struct verify_report *r, const char *file)
{
	struct error why = { 0 };

	r->is_damaged = 0;
	if (r->junit != NULL && junit_file(r->junit, file, &why) != 0)
		junit_failed(r, &why);
}

void
verify_report_unread(
    struct verify_report *r, const char *file, const char *text)
{
	const struct finding f = { SEVERITY_WARNING, "unreadable", file, 0, "",
		text };
	struct error why = { 0 };

	if (r->junit != NULL && junit_unread(r->junit, file, text, &why) != 0)
		junit_failed(r, &why);
	if (r->options.json)
		finding_json(r, &f);
}

static void
summary_json(const struct verify_summary *s)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *verdicts = json_new_object(a);
	const struct verify_totals *t = &s->totals->files;

	json_set_bool(a, o, "summary", 1);
	json_set_integer(a, o, "snapshots", (int64_t)s->totals->snapshots);
	json_set_integer(a, o, "files", (int64_t)t->files);
	json_set_integer(a, o, "records", (int64_t)t->records);
	json_set_integer(a, o, "bytes", (int64_t)t->bytes);
	json_set_integer(a, o, "hashed", (int64_t)s->totals->hashed);
	json_set_integer(a, o, "withdrawn", (int64_t)s->totals->withdrawn);
	json_set_integer(a, o, "articles", (int64_t)s->totals->articles);
	json_set_integer(a, o, "rederived", (int64_t)s->totals->rederived);
	for (int v = 0; v < VERDICT_COUNT; v++)
		json_set_integer(a, verdicts, verdict_name((enum verdict)v),
		    (int64_t)t->verdicts[v]);
	json_set(a, o, "verdicts", verdicts);
	json_set_integer(a, o, "changed", (int64_t)t->changed);
	json_set_integer(a, o, "damaged", (int64_t)t->damaged);
	json_set_integer(a, o, "warnings", (int64_t)t->warnings);
	json_set_integer(a, o, "notes", (int64_t)t->notes);
	json_set_integer(a, o, "unread", (int64_t)s->unread);
	json_set_integer(a, o, "passed_over", (int64_t)s->passed);
	json_set_bool(a, o, "finished", !s->is_unfinished);
	json_set_integer(a, o, "exit", s->code);
	cli_print_json(o);
	arena_free(a);
}

/* "90 sound, 10 decoded" */
static void
verdicts_text(const struct verify_totals *t)
{
	const char *before = "; ";

	for (int v = 0; v < VERDICT_COUNT; v++) {
		if (t->verdicts[v] == 0)
			continue;
		printf("%s%" PRIu64 " %s", before, t->verdicts[v],
		    verdict_name((enum verdict)v));
		before = ", ";
	}
}

static void
summary_text(const struct verify_summary *s)
{
	const struct verify_totals *t = &s->totals->files;
	char size[LOOK_SIZE_MAX];

	if (s->totals->snapshots > 0)
		printf("%" PRIu64 " snapshot(s), ", s->totals->snapshots);
	printf("%" PRIu64 " record file(s), %" PRIu64 " records, %s: ",
	    t->files, t->records, look_size(t->bytes, size));
	if (s->code != EXIT_DONE && t->changed + t->damaged == 0)
		printf("not all could be looked at");
	else if (t->changed + t->damaged == 0)
		printf("all found is as recorded");
	else
		printf("%" PRIu64 " changed, %" PRIu64 " damaged", t->changed,
		    t->damaged);
	if (t->warnings > 0)
		printf(", %" PRIu64 " warning(s)", t->warnings);
	if (s->unread > 0)
		printf(", %" PRIu64 " unread", s->unread);
	verdicts_text(t);
	if (s->totals->withdrawn > 0)
		printf("; %" PRIu64 " withdrawn", s->totals->withdrawn);
	if (s->rederive)
		printf("; %" PRIu64 " of %" PRIu64
		       " article(s) read again and equal",
		    s->totals->rederived, s->totals->articles);
	if (s->passed > 0)
		printf("; %" PRIu64 " passed over", s->passed);
	if (s->is_unfinished)
		printf("; stopped before the end");
	(void)fputc('\n', stdout);
}

int
verify_report_end(
    struct verify_report *r, const struct verify_summary *s, struct error *e)
{
	cli_status(r->cli, "");
	if (r->options.json)
		summary_json(s);
	else if (!r->options.quiet && s->totals->snapshots +
					      s->totals->files.files +
					      s->totals->hashed + s->passed >
					  0)
		summary_text(s);
	if (r->junit_error.kind != ERROR_NONE) {
		*e = r->junit_error;
		return -1;
	}
	return r->junit == NULL ? 0 : junit_end(r->junit, e);
}
