/* Snapshots counted by month, and remembered. */
#include "core/collection/months.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/end_line.h"
#include "core/collection/layout.h"

#define MONTHS_FILE "state/months"
#define MONTHS_HEAD "holdfast-months 1"

enum { MONTHS_MAX = 16 * 1024 * 1024 };

/* A folder changed within this time of another may have changed unseen. */
#define QUIET_NS INT64_C(2000000000)

/* FNV-1a. */
uint64_t
months_hash(const char *path)
{
	uint64_t h = 14695981039346656037ull;

	for (; *path != '\0'; path++)
		h = (h ^ (uint8_t)*path) * 1099511628211ull;
	return h;
}

static void
month_clear(struct month *m)
{
	free(m->path);
	free(m->last_sealed);
	free(m->last);
	*m = (struct month){ 0 };
}

void
months_clear(struct months *m)
{
	for (size_t i = 0; i < m->count; i++)
		month_clear(&m->list[i]);
	free(m->list);
	*m = (struct months){ 0 };
}

static struct month *
add(struct months *m)
{
	m->list = mem_grow(m->list, m->count + 1, sizeof(*m->list));
	m->list[m->count] = (struct month){ 0 };
	return &m->list[m->count++];
}

/* ---- what is remembered ---- */

/* The next word of a line. */
static char *
word(char **at)
{
	char *start = *at;
	size_t len = strcspn(start, " ");

	*at = start + len;
	if (start[len] == ' ')
		*(*at)++ = '\0';
	return start;
}

static int
number(char **at, uint64_t *n)
{
	const char *text = word(at);

	return text_uint(text, strlen(text), UINT64_MAX, n);
}

static int
read_line(struct months *m, char *line)
{
	struct month *to = add(m);
	uint64_t changed;

	to->path = mem_text(word(&line));
	if (!number(&line, &changed) || !number(&line, &to->sealed) ||
	    !number(&line, &to->open) || !number(&line, &to->journals) ||
	    !number(&line, &to->sum))
		return 0;
	to->changed_ns = (int64_t)changed;
	to->last_sealed = mem_text(word(&line));
	to->last = mem_text(word(&line));
	return 1;
}

/* What does not read is not known. */
static void
read_known(struct months *m, const struct collection *c)
{
	char *path = collection_path(c, MONTHS_FILE);
	struct buf b = { 0 };
	char *line;
	char *end;
	int sound = file_get(path, &b, MONTHS_MAX, NULL) == 0 &&
		    end_line_is_right(buf_text(&b), b.len) &&
		    text_starts(buf_text(&b), MONTHS_HEAD "\n");

	*m = (struct months){ 0 };
	line = sound ? (char *)b.data + sizeof(MONTHS_HEAD) : NULL;
	for (; sound && !text_starts(line, "end "); line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		sound = read_line(m, line);
	}
	if (!sound)
		months_clear(m);
	buf_clear(&b);
	free(path);
}

int
months_keep(const struct months *m, const struct collection *c, struct error *e)
{
	char *path = collection_path(c, MONTHS_FILE);
	struct buf b = { 0 };
	int rc;

	buf_add_text(&b, MONTHS_HEAD "\n");
	for (size_t i = 0; i + 1 < m->count; i++) {
		const struct month *k = &m->list[i];

		/* Nothing begins where something happened just now. */
		if (k->changed_ns > m->list[m->count - 1].changed_ns - QUIET_NS)
			continue;
		buf_format(&b,
		    "%s %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		    " %" PRIu64 " %s %s\n",
		    k->path, k->changed_ns, k->sealed, k->open, k->journals,
		    k->sum, k->last_sealed, k->last);
	}
	end_line_add(&b);
	rc = file_put(path, b.data, b.len, e);
	buf_clear(&b);
	free(path);
	return rc;
}

/* ---- what is there ---- */

/* A month being counted. */
struct count {
	struct month *month;
	struct buf last_sealed, last;
	struct buf path;
};

static void
take_last(struct buf *last, const char *name, size_t len)
{
	if (strncmp(buf_text(last), name, len) >= 0 && last->len >= len)
		return;
	if (last->len > 0 && strncmp(name, buf_text(last), last->len) < 0)
		return;
	buf_reset(last);
	buf_add(last, name, len);
}

static int
count_entry(void *context, const char *name, int is_dir, struct error *e)
{
	struct count *n = context;
	size_t len = strlen(name);

	(void)e;
	if (name[0] == '.')
		return 0;
	if (!is_dir) {
		n->month->journals += (uint64_t)text_ends(name, ".journal");
		return 0;
	}
	if (text_ends(name, ".open")) {
		n->month->open++;
		take_last(&n->last, name, len - strlen(".open"));
		return 0;
	}
	n->month->sealed++;
	take_last(&n->last_sealed, name, len);
	take_last(&n->last, name, len);
	buf_reset(&n->path);
	buf_format(&n->path, "%s/%s", n->month->path, name);
	n->month->sum += months_hash(buf_text(&n->path));
	return 0;
}

static int
count_month(struct month *m, const struct collection *c, struct error *e)
{
	struct count n = { .month = m };
	char *path = collection_path(c, m->path);
	int rc;

	m->changed_ns = file_changed_ns(path);
	rc = file_each(path, count_entry, &n, e);
	m->last_sealed = mem_text(buf_text(&n.last_sealed));
	m->last = mem_text(buf_text(&n.last));
	buf_clear(&n.last_sealed);
	buf_clear(&n.last);
	buf_clear(&n.path);
	free(path);
	return rc;
}

/* What is known of M, when its folder has not changed. 1 / 0. */
static int
recall(struct month *m, struct months *known, const struct collection *c)
{
	char *path;
	int64_t changed;

	for (size_t i = 0; i < known->count; i++) {
		struct month *k = &known->list[i];

		if (k->path == NULL || strcmp(k->path, m->path) != 0)
			continue;
		path = collection_path(c, m->path);
		changed = file_changed_ns(path);
		free(path);
		if (changed != k->changed_ns)
			return 0;
		free(m->path);
		*m = *k;
		*k = (struct month){ 0 };
		return 1;
	}
	return 0;
}

int
months_read(struct months *m, const struct collection *c, struct error *e)
{
	struct months known;
	struct file_names paths;
	int rc = 0;

	*m = (struct months){ .is_remembered = 1 };
	if (collection_months(c, &paths, e) != 0)
		return -1;
	read_known(&known, c);
	for (size_t i = 0; rc == 0 && i < paths.count; i++) {
		struct month *to = add(m);

		to->path = mem_text(paths.names[i]);
		if (i + 1 == paths.count || !recall(to, &known, c)) {
			rc = count_month(to, c, e);
			m->is_remembered &= i + 1 == paths.count;
		}
		m->sealed += to->sealed;
		m->open += to->open;
		m->journals += to->journals;
		m->sum += to->sum;
	}
	months_clear(&known);
	file_names_clear(&paths);
	if (rc != 0)
		months_clear(m);
	return rc;
}

char *
months_last_sealed(const struct months *m)
{
	for (size_t i = m->count; i-- > 0;)
		if (*m->list[i].last_sealed != '\0')
			return mem_format(
			    "%s/%s", m->list[i].path, m->list[i].last_sealed);
	return NULL;
}

const char *
months_last(const struct months *m)
{
	for (size_t i = m->count; i-- > 0;)
		if (*m->list[i].last != '\0')
			return m->list[i].last;
	return "";
}
