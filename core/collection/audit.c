/* Rolling fixity, oldest look first. */
#include "core/collection/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/collection/index_current.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"

#define MANIFEST "manifest-sha256.txt"

enum {
	AUDIT_MEMORY = 4 * 1024 * 1024,
	AUDIT_MANIFEST_MAX = 256 * 1024 * 1024,
	AUDIT_NAME_MAX = 4096,
	AUDIT_HEX = 64
};

/* A look later than this from now was made by a clock that was wrong. */
#define AUDIT_AHEAD_US ((int64_t)3600 * 1000000)

static const char *const result_names[] = {
	[AUDIT_OK] = "ok",
	[AUDIT_CHANGED] = "changed",
	[AUDIT_MISSING] = "missing",
	[AUDIT_UNREADABLE] = "unreadable",
};

const char *
audit_result_name(enum audit_result r)
{
	return result_names[r];
}

/*
 * What is known of a file, sorted by its name: name, NUL, kind, then of a
 * manifest the digest, of a look where it stands in the history (8 bytes: the
 * later line counts, whatever the clock did), its time (8), result, digest.
 */
enum { KIND_SEALED = 'a', KIND_LOOK = 'b' };

/* What all of it says of one file. */
struct audit_file {
	const char *name;
	int is_sealed;
	char sealed[AUDIT_HEX + 1]; /* digest by the manifest; "" not known */
	char seen[AUDIT_HEX + 1];   /* when it was well last */
	int64_t ok_us, look_us;
	int is_bad; /* at the last look */
};

struct audit {
	const struct collection *collection;
	struct sorter *files, *order;
	struct buf entry;
	struct buf name;
	int64_t now_us;
	int64_t last_us;
};

static void
add_number(struct buf *b, uint64_t n)
{
	for (unsigned i = 8; i-- > 0;)
		buf_add_byte(b, (uint8_t)(n >> (8 * i)));
}

static void
add_time(struct buf *b, int64_t us)
{
	add_number(b, (uint64_t)us);
}

static int64_t
get_time(const uint8_t *p)
{
	uint64_t us = 0;

	for (unsigned i = 0; i < 8; i++)
		us = us << 8 | p[i];
	return (int64_t)us;
}

static void
add_hex(struct buf *b, const char *hex)
{
	buf_add(b, hex, strlen(hex) + 1);
}

static int
add_sealed(struct audit *a, const char *snapshot, const char *name,
    const char *hex, struct error *e)
{
	buf_reset(&a->entry);
	buf_format(&a->entry, "%s/%s", snapshot, name);
	buf_add_byte(&a->entry, '\0');
	buf_add_byte(&a->entry, KIND_SEALED);
	add_hex(&a->entry, hex);
	return sorter_add(a->files, a->entry.data, a->entry.len, e);
}

/* A manifest that does not read is told by its own digest; what was looked at
 * before is known from the history. */
static int
add_snapshot(struct audit *a, const struct index_current *current,
    const char *snapshot, struct error *e)
{
	const struct index_snapshot *known = index_current_find(
	    current, snapshot);
	const char *hex = known == NULL || strspn(known->manifest, "0") == 64
			      ? ""
			      : known->manifest;
	char *dir = collection_path(a->collection, snapshot);
	char *path = mem_format("%s/" MANIFEST, dir);
	struct manifest m = { 0 };
	struct buf text = { 0 };
	int rc = add_sealed(a, snapshot, MANIFEST, hex, e);

	if (rc == 0 && file_get(path, &text, AUDIT_MANIFEST_MAX, NULL) == 0 &&
	    manifest_read(&m, buf_text(&text), text.len, NULL) == 0)
		for (size_t i = 0; rc == 0 && i < m.count; i++)
			rc = add_sealed(a, snapshot, m.entries[i].name,
			    m.entries[i].hex, e);
	manifest_clear(&m);
	buf_clear(&text);
	free(path);
	free(dir);
	return rc;
}

static int
add_snapshots(struct audit *a, struct error *e)
{
	struct file_names sealed = { 0 };
	struct file_names open = { 0 };
	struct index_current current = { 0 };
	int rc = collection_snapshots(a->collection, &sealed, &open, e);

	if (rc == 0 && index_current_read(a->collection, &current, NULL) != 0)
		current = (struct index_current){ 0 };
	for (size_t i = 0; rc == 0 && i < sealed.count; i++)
		rc = add_snapshot(a, &current, sealed.names[i], e);
	index_current_clear(&current);
	file_names_clear(&sealed);
	file_names_clear(&open);
	return rc;
}

/* A path below snapshots/ that stays there. */
static int
is_sealed_name(const char *name)
{
	size_t len = strlen(name);

	return len <= AUDIT_NAME_MAX && text_starts(name, "snapshots/") &&
	       strstr(name, "/../") == NULL && !text_ends(name, "/..");
}

int
audit_line_read(
    struct arena *a, const char *line, size_t len, struct audit_line *out)
{
	const struct json *o = json_parse(a, line, len, NULL);
	const char *result = json_text(json_get(o, "result"), "");
	size_t digits;
	int r = AUDIT_OK;

	out->file = json_text(json_get(o, "file"), "");
	out->sha256 = json_text(json_get(o, "sha256"), "");
	digits = strspn(out->sha256, "0123456789abcdef");
	while (r <= AUDIT_UNREADABLE && strcmp(result_names[r], result) != 0)
		r++;
	out->result = (enum audit_result)r;
	return r <= AUDIT_UNREADABLE && is_sealed_name(out->file) &&
	       out->sha256[digits] == '\0' &&
	       (digits == AUDIT_HEX || (digits == 0 && r != AUDIT_OK)) &&
	       date_parse(
		   json_text(json_get(o, "time"), ""), &out->time_us, NULL) &&
	       out->time_us > 0;
}

static int
is_credible(const struct audit *a, int64_t us)
{
	return us <= a->now_us + AUDIT_AHEAD_US;
}

static int
add_look(struct audit *a, const struct audit_line *l, uint64_t offset,
    struct error *e)
{
	if (l->time_us > a->last_us && is_credible(a, l->time_us))
		a->last_us = l->time_us;
	buf_reset(&a->entry);
	buf_add(&a->entry, l->file, strlen(l->file) + 1);
	buf_add_byte(&a->entry, KIND_LOOK);
	add_number(&a->entry, offset);
	add_time(&a->entry, l->time_us);
	buf_add_byte(&a->entry, (uint8_t)l->result);
	add_hex(&a->entry, l->sha256);
	return sorter_add(a->files, a->entry.data, a->entry.len, e);
}

static int
add_history(struct audit *a, struct error *e)
{
	struct line_reader lines;
	struct arena *arena;
	struct error why = { 0 };
	char *path = collection_path(a->collection, AUDIT_HISTORY);
	int rc = line_reader_open(&lines, path, &why);
	char *line;
	size_t len;
	int more = 0;

	free(path);
	if (rc != 0)
		return why.kind == ERROR_NOTFOUND
			   ? 0
			   : error_set(e, why.kind, "%s", why.text);
	arena = arena_new();
	while (
	    rc == 0 && (more = line_reader_next(&lines, &line, &len, e)) == 1) {
		struct audit_line l;

		arena_reset(arena);
		if (audit_line_read(arena, line, len, &l))
			rc = add_look(a, &l, lines.start, e);
	}
	arena_free(arena);
	line_reader_close(&lines);
	return rc != 0 || more < 0 ? -1 : 0;
}

static void
take(const struct audit *a, struct audit_file *f, const uint8_t *p)
{
	int64_t us;

	if (*p == KIND_SEALED) {
		f->is_sealed = 1;
		(void)snprintf(
		    f->sealed, sizeof(f->sealed), "%s", (const char *)p + 1);
		return;
	}
	us = get_time(p + 9);
	/* When that was nobody knows: it is looked at again first. */
	f->look_us = is_credible(a, us) ? us : 0;
	if (p[17] == AUDIT_UNREADABLE)
		return;
	f->is_bad = p[17] != AUDIT_OK;
	if (f->is_bad)
		return;
	f->ok_us = us;
	(void)snprintf(f->seen, sizeof(f->seen), "%s", (const char *)p + 18);
}

static void
audit_clear(struct audit *a)
{
	sorter_free(a->files);
	sorter_free(a->order);
	buf_clear(&a->entry);
	buf_clear(&a->name);
}

/* EACH gets every file that is sealed or was well once. */
static int
each_file(struct audit *a,
    int (*each)(void *context, struct audit_file *f, struct error *e),
    void *context, struct error *e)
{
	struct audit_file f = { .name = "" };
	const uint8_t *p;
	size_t len;
	int more;

	a->files = sorter_new(AUDIT_MEMORY, NULL);
	if (add_snapshots(a, e) != 0 || add_history(a, e) != 0 ||
	    sorter_begin(a->files, e) != 0)
		return -1;
	do {
		more = sorter_next(a->files, &p, &len, e);
		if (more == 1 && strcmp((const char *)p, f.name) == 0) {
			take(a, &f, p + strlen(f.name) + 1);
			continue;
		}
		if (f.name[0] != '\0' && (f.is_sealed || f.ok_us > 0) &&
		    each(context, &f, e) != 0)
			return -1;
		if (more != 1)
			break;
		buf_reset(&a->name);
		buf_add_text(&a->name, (const char *)p);
		f = (struct audit_file){ .name = buf_text(&a->name) };
		take(a, &f, p + strlen(f.name) + 1);
	} while (more == 1);
	sorter_free(a->files);
	a->files = NULL;
	return more;
}

/* In the order of looking: what is known to be bad, then by the last look. */
static int
order(void *context, struct audit_file *f, struct error *e)
{
	struct audit *a = context;

	buf_reset(&a->entry);
	buf_add_byte(&a->entry, f->is_bad ? 0 : 1);
	add_time(&a->entry, f->look_us);
	buf_add(&a->entry, f->name, strlen(f->name) + 1);
	add_time(&a->entry, f->ok_us);
	add_hex(&a->entry, f->sealed);
	add_hex(&a->entry, f->seen);
	return sorter_add(a->order, a->entry.data, a->entry.len, e);
}

/* An entry of it again. */
static struct audit_file
ordered(const uint8_t *p)
{
	struct audit_file f = { .is_bad = p[0] == 0,
		.look_us = get_time(p + 1),
		.name = (const char *)p + 9 };

	p += 9 + strlen(f.name) + 1;
	f.ok_us = get_time(p);
	p += 8;
	(void)snprintf(f.sealed, sizeof(f.sealed), "%s", (const char *)p);
	p += strlen((const char *)p) + 1;
	(void)snprintf(f.seen, sizeof(f.seen), "%s", (const char *)p);
	return f;
}

/* ---- looking ---- */

struct run {
	struct audit *audit;
	const struct audit_options *options;
	struct audit_totals *totals;
	int history;
};

/* Added to the end in one piece, behind what another wrote meanwhile. */
static int
write_look(struct run *r, const struct audit_look *l, struct error *e)
{
	struct buf *b = &r->audit->entry;
	char time[DATE_TEXT_MAX];

	date_rfc3339_us(l->time_us, time);
	buf_reset(b);
	buf_format(b, "{\"time\":\"%s\",\"file\":", time);
	json_add_string(b, l->file, strlen(l->file));
	buf_format(b, ",\"size\":%ju,\"sha256\":\"%s\",\"result\":\"%s\"}\n",
	    (uintmax_t)l->size, l->sha256, audit_result_name(l->result));
	return file_append(r->history, b->data, b->len, e);
}

static void
judge(struct audit_look *l, const struct audit_file *f, const char *path)
{
	struct error why = { 0 };

	/* Both the manifest and what was seen before must hold. */
	l->expected = f->seen[0] != '\0' ? f->seen : f->sealed;
	if (l->sha256[0] == '\0')
		l->result = file_size(path, &l->size, &why) != 0 &&
				    why.kind == ERROR_NOTFOUND
				? AUDIT_MISSING
				: AUDIT_UNREADABLE;
	else if ((f->sealed[0] == '\0' || strcmp(f->sealed, l->sha256) == 0) &&
		 (f->seen[0] == '\0' || strcmp(f->seen, l->sha256) == 0))
		l->result = AUDIT_OK;
	else
		l->result = AUDIT_CHANGED;
	if (l->result == AUDIT_CHANGED && f->sealed[0] != '\0' &&
	    strcmp(f->sealed, l->sha256) != 0)
		l->expected = f->sealed;
}

/* 0; 1, look no further; -1. */
static int
look(struct run *r, const struct audit_file *f, struct error *e)
{
	const struct audit_options *o = r->options;
	char *path = collection_path(r->audit->collection, f->name);
	char hex[AUDIT_HEX + 1] = "";
	struct error why = { 0 };
	struct audit_look l = { .file = f->name,
		.sha256 = hex,
		.ok_us = f->ok_us,
		.is_known = f->is_bad,
		.why = "" };
	int rc;

	if (o->progress != NULL)
		o->progress(o->context, f->name);
	if (manifest_digest_file(path, hex, &why) != 0) {
		hex[0] = '\0';
		l.why = why.text;
	}
	(void)file_size(path, &l.size, NULL);
	judge(&l, f, path);
	l.time_us = o->clock->wall_us(o->clock);
	r->totals->files++;
	r->totals->bytes += l.size;
	r->totals->unreadable += l.result == AUDIT_UNREADABLE;
	r->totals->bad += l.result == AUDIT_CHANGED ||
			  l.result == AUDIT_MISSING;
	free(path);
	rc = write_look(r, &l, e);
	if (rc == 0 && o->each != NULL && o->each(o->context, &l) != 0)
		rc = 1;
	if (rc == 0 && !l.is_known &&
	    (l.result == AUDIT_CHANGED || l.result == AUDIT_MISSING))
		rc = 1;
	return rc;
}

static int
is_over(const struct run *r, int64_t begun_ms)
{
	const struct audit_options *o = r->options;

	return r->totals->files > 0 &&
	       ((o->max_ms >= 0 &&
		    o->clock->mono_ms(o->clock) - begun_ms >= o->max_ms) ||
		   (o->max_bytes > 0 && r->totals->bytes >= o->max_bytes));
}

static int
look_all(struct run *r, struct error *e)
{
	struct sorter *s = r->audit->order;
	struct audit_totals *t = r->totals;
	const int64_t begun_ms = r->options->clock->mono_ms(r->options->clock);
	const int64_t begun_us = r->options->clock->wall_us(r->options->clock);
	const uint8_t *p;
	size_t len;
	int stop = 0;
	int more;

	t->oldest_us = begun_us;
	if (sorter_begin(s, e) != 0)
		return -1;
	while ((more = sorter_next(s, &p, &len, e)) == 1) {
		struct audit_file f = ordered(p);

		if (stop || is_over(r, begun_ms)) {
			t->left++;
			if (f.look_us < t->oldest_us)
				t->oldest_us = f.look_us;
			continue;
		}
		stop = look(r, &f, e);
		if (stop < 0)
			return -1;
	}
	return more;
}

int
audit_run(const struct collection *c, const struct audit_options *o,
    struct audit_totals *totals, struct error *e)
{
	struct audit a = { .collection = c,
		.now_us = o->clock->wall_us(o->clock) };
	struct run r = { .audit = &a, .options = o, .totals = totals };
	char *path = collection_path(c, AUDIT_HISTORY);
	int rc = -1;

	a.order = sorter_new(AUDIT_MEMORY, NULL);
	r.history = file_open_append(path, e);
	free(path);
	if (r.history < 0)
		goto done;
	rc = each_file(&a, order, &a, e);
	if (rc == 0)
		rc = look_all(&r, e);
	if (file_sync(r.history, rc == 0 ? e : NULL) != 0)
		rc = -1;
	if (file_close(r.history, rc == 0 ? e : NULL) != 0)
		rc = -1;
done:
	audit_clear(&a);
	if (rc == 0)
		audit_facts_keep(c);
	return rc;
}

static int
count(void *context, struct audit_file *f, struct error *e)
{
	struct audit_facts *facts = context;

	(void)e;
	facts->files++;
	facts->never += f->look_us == 0;
	facts->bad += (uint64_t)f->is_bad;
	if (f->look_us > 0 &&
	    (facts->oldest_us == 0 || f->look_us < facts->oldest_us))
		facts->oldest_us = f->look_us;
	return 0;
}

int
audit_facts_count(
    const struct collection *c, struct audit_facts *f, struct error *e)
{
	struct audit a = { .collection = c,
		.now_us = clock_system()->wall_us(clock_system()) };
	int rc;

	*f = (struct audit_facts){ 0 };
	rc = each_file(&a, count, f, e);
	f->last_us = a.last_us;
	audit_clear(&a);
	return rc;
}
