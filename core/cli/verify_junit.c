/* Findings as JUnit XML. */
#include "core/cli/verify_junit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/listing.h"

enum { JUNIT_MEMORY = 1024 * 1024, JUNIT_NAME_MAX = 64 * 1024 };

/* What a sorted entry is: the byte behind the name of its file. */
enum junit_kind { JUNIT_FILE = 'a', JUNIT_PASS = 'b', JUNIT_FAIL, JUNIT_ERROR };

struct junit {
	struct output out;
	struct sorter *sorter;
	struct buf entry;
	uint64_t number; /* of entries: keeps their order */
};

/* The suite being written: its cases wait until they are counted. */
struct suite {
	struct buf name;
	struct spool *cases;
	uint64_t tests, failures, errors;
};

/* What a report may take the place of: an earlier one. A record file named by
 * mistake is not lost. */
static int
may_replace(const char *path, struct error *e)
{
	struct stat st;
	char start[5];
	int fd;
	int yes;

	if (stat(path, &st) != 0 || (S_ISREG(st.st_mode) && st.st_size == 0))
		return 0;
	if (!S_ISREG(st.st_mode))
		return error_set(
		    e, ERROR_USAGE, "%s: not a regular file", path);
	fd = file_open_read(path, e);
	if (fd < 0)
		return -1;
	yes = pread(fd, start, sizeof(start), 0) == sizeof(start) &&
	      memcmp(start, "<?xml", sizeof(start)) == 0;
	(void)close(fd); /* only read */
	return yes ? 0
		   : error_set(e, ERROR_USAGE,
			 "%s: is there already and is no XML", path);
}

int
junit_new(struct junit **out, const char *path, struct error *e)
{
	struct junit *j = mem_zero(1, sizeof(*j));

	j->out.fd = -1;
	j->sorter = sorter_new(JUNIT_MEMORY, NULL);
	if (may_replace(path, e) != 0 || listing_open(&j->out, path, e) != 0) {
		junit_free(j);
		return -1;
	}
	*out = j;
	return 0;
}

void
junit_free(struct junit *j)
{
	if (j == NULL)
		return;
	sorter_free(j->sorter);
	output_clear(&j->out);
	buf_clear(&j->entry);
	free(j);
}

/* May a character stand in XML 1.0 (2.2)? */
static int
is_xml(uint32_t cp)
{
	return cp == '\t' || cp == '\n' || cp == '\r' ||
	       (cp >= 0x20 && cp < 0xd800) || (cp >= 0xe000 && cp < 0xfffe) ||
	       cp >= 0x10000;
}

/* Foreign text as it may stand in an attribute; what XML cannot hold becomes
 * U+FFFD. */
static void
add_xml(struct buf *out, const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t len = strlen(text);
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += text_utf8_next(s + i, len - i, &cp, NULL);
		if (!is_xml(cp))
			text_utf8_add(out, 0xfffd);
		else if (cp == '&' || cp == '<' || cp == '>' || cp == '"' ||
			 cp < 0x20 || cp == 0x7f)
			buf_format(out, "&#%u;", (unsigned)cp);
		else
			text_utf8_add(out, cp);
	}
}

/* An entry: file, NUL, number in order, kind, XML. */
static void
entry_begin(struct junit *j, const char *file, enum junit_kind kind)
{
	size_t len = strnlen(file, JUNIT_NAME_MAX);

	buf_reset(&j->entry);
	buf_add(&j->entry, file, len);
	buf_add_byte(&j->entry, '\0');
	buf_format(&j->entry, "%016" PRIx64, j->number++);
	buf_add_byte(&j->entry, (uint8_t)kind);
}

static int
entry_end(struct junit *j, struct error *e)
{
	return sorter_add(j->sorter, j->entry.data, j->entry.len, e);
}

int
junit_file(struct junit *j, const char *file, struct error *e)
{
	entry_begin(j, file, JUNIT_FILE);
	return entry_end(j, e);
}

static void
add_case(struct junit *j, const struct finding *f, const char *element)
{
	struct buf *b = &j->entry;

	buf_add_text(b, "<testcase classname=\"");
	add_xml(b, f->file);
	buf_add_text(b, "\" name=\"");
	add_xml(b, f->code);
	buf_format(b, " at %" PRIu64, f->offset);
	if (f->record[0] != '\0') {
		buf_add_text(b, " in ");
		add_xml(b, f->record);
	}
	if (element == NULL) {
		buf_format(
		    b, "\"><system-out>%s: ", severity_name(f->severity));
		add_xml(b, f->text);
		buf_add_text(b, "</system-out></testcase>\n");
		return;
	}
	buf_format(b, "\"><%s type=\"", element);
	add_xml(b, f->code);
	buf_add_text(b, "\" message=\"");
	add_xml(b, f->text);
	buf_add_text(b, "\"/></testcase>\n");
}

int
junit_finding(struct junit *j, const struct finding *f, struct error *e)
{
	int fails = f->severity >= SEVERITY_DAMAGE;

	entry_begin(j, f->file, fails ? JUNIT_FAIL : JUNIT_PASS);
	add_case(j, f, fails ? "failure" : NULL);
	return entry_end(j, e);
}

int
junit_unread(
    struct junit *j, const char *file, const char *why, struct error *e)
{
	const struct finding f = { SEVERITY_WARNING, "unreadable", file, 0, "",
		why };

	entry_begin(j, file, JUNIT_ERROR);
	add_case(j, &f, "error");
	return entry_end(j, e);
}

static int
put(struct junit *j, const struct buf *b, struct error *e)
{
	return output_add(&j->out, b->data, b->len, e);
}

static int
suite_open(struct junit *j, const struct suite *s, struct error *e)
{
	struct buf *b = &j->entry;

	buf_reset(b);
	buf_add_text(b, "<testsuite name=\"");
	add_xml(b, buf_text(&s->name));
	buf_format(b,
	    "\" tests=\"%" PRIu64 "\" failures=\"%" PRIu64
	    "\" errors=\"%" PRIu64 "\">\n",
	    s->tests, s->failures, s->errors);
	return put(j, b, e);
}

/* Write out the suite that has ended. */
static int
suite_end(struct junit *j, struct suite *s, struct error *e)
{
	struct stream *cases = NULL;
	const uint8_t *p;
	size_t len;
	int more = 0;

	if (s->cases == NULL)
		return 0;
	if (s->tests == 0) {
		buf_reset(&j->entry);
		buf_add_text(&j->entry, "<testcase classname=\"");
		add_xml(&j->entry, buf_text(&s->name));
		buf_add_text(&j->entry, "\" name=\"sound\"/>\n");
		if (spool_add(s->cases, j->entry.data, j->entry.len, e) != 0)
			return -1;
		s->tests = 1;
	}
	if (suite_open(j, s, e) != 0)
		return -1;
	cases = spool_stream(s->cases, 0, spool_len(s->cases));
	while ((more = stream_next(cases, &p, &len, e)) == 1)
		if (output_add(&j->out, p, len, e) != 0) {
			more = -1;
			break;
		}
	stream_free(cases);
	spool_free(s->cases);
	s->cases = NULL;
	return more < 0 ? -1 : output_add(&j->out, "</testsuite>\n", 13, e);
}

static void
suite_begin(struct suite *s, const char *name)
{
	buf_reset(&s->name);
	buf_add_text(&s->name, name);
	s->cases = spool_new(NULL, JUNIT_MEMORY);
	s->tests = s->failures = s->errors = 0;
}

/* One entry, in the order of files. */
static int
add_entry(struct junit *j, struct suite *s, const uint8_t *p, size_t len,
    struct error *e)
{
	const char *name = (const char *)p;
	size_t at = strlen(name) + 1 + 16;
	int kind = p[at++];

	if (s->cases == NULL || strcmp(buf_text(&s->name), name) != 0) {
		if (suite_end(j, s, e) != 0)
			return -1;
		suite_begin(s, name);
	}
	if (kind == JUNIT_FILE)
		return 0;
	s->tests++;
	s->failures += kind == JUNIT_FAIL;
	s->errors += kind == JUNIT_ERROR;
	return spool_add(s->cases, p + at, len - at, e);
}

int
junit_end(struct junit *j, struct error *e)
{
	static const char head[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites name=\"holdfast verify\">\n";
	static const char tail[] = "</testsuites>\n";
	struct suite s = { .cases = NULL };
	const uint8_t *p;
	size_t len;
	int more = -1;

	if (output_add(&j->out, head, sizeof(head) - 1, e) != 0 ||
	    sorter_begin(j->sorter, e) != 0)
		return -1;
	while ((more = sorter_next(j->sorter, &p, &len, e)) == 1)
		if (add_entry(j, &s, p, len, e) != 0) {
			more = -1;
			break;
		}
	if (more == 0 && suite_end(j, &s, e) != 0)
		more = -1;
	spool_free(s.cases);
	buf_clear(&s.name);
	if (more == 0 && output_add(&j->out, tail, sizeof(tail) - 1, e) != 0)
		more = -1;
	return more == 0 ? output_finish(&j->out, e) : -1;
}
