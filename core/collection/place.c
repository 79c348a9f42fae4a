/* Names and folders of new snapshots. */
#include "core/collection/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/version.h"
#include "core/collection/layout.h"
#include "core/collection/lines.h"
#include "core/collection/months.h"

/* The time in a snapshot's path, in whole seconds; INT64_MIN if none. */
static int64_t
time_in_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char digits[15] = "";
	int64_t us;

	if (strlen(name) < 16 || name[8] != 'T' || name[15] != 'Z')
		return INT64_MIN;
	memcpy(digits, name, 8);
	memcpy(digits + 8, name + 9, 6);
	return date_parse_digits(digits, &us) ? us / 1000000 : INT64_MIN;
}

/*
 * The second that names the snapshot: that of its start, or the next one that
 * none before it took, so that the order of names is the order of snapshots
 * and no two segments of a collection share a name, whatever the clock did.
 */
static int
choose_second(const struct collection *c, int64_t now_us, int64_t *second,
    struct error *e)
{
	struct months m;
	int64_t last;

	if (months_read(&m, c, e) != 0)
		return -1;
	last = time_in_name(months_last(&m));
	months_clear(&m);
	*second = now_us / 1000000;
	if (*second <= last)
		*second = last + 1;
	return 0;
}

/* Where a snapshot of that NAME (taken) and second lies. */
static void
set_paths(struct snapshot_place *p, const struct collection *c, char *name)
{
	struct date_fields d;

	date_split(p->second * 1000000, &d);
	p->name = name;
	p->below = mem_format(
	    "snapshots/%04d/%02d/%s", d.year, d.month, p->name);
	p->dir = mem_format("%s/%s.open", c->dir, p->below);
	p->journal = mem_format("%s/%s.journal", c->dir, p->below);
}

int
place_make(struct snapshot_place *p, const struct collection *c,
    const char *site, int64_t now_us, struct error *e)
{
	char time[DATE_TEXT_MAX];
	char *month;
	int rc = -1;

	*p = (struct snapshot_place){ .start_us = now_us };
	if (choose_second(c, now_us, &p->second, e) != 0)
		return -1;
	date_compact(p->second * 1000000, time);
	set_paths(p, c, mem_format("%s-%s", time, site));
	month = mem_text_n(p->dir, (size_t)(strrchr(p->dir, '/') - p->dir));
	if (file_make_dirs(month, e) != 0)
		goto done;
	if (file_exists(p->dir)) {
		(void)error_set(
		    e, ERROR_SYSTEM, "%s: is there already", p->dir);
		goto done;
	}
	rc = file_make_dir(p->dir, e);
done:
	free(month);
	return rc;
}

void
place_clear(struct snapshot_place *p)
{
	free(p->name);
	free(p->below);
	free(p->dir);
	free(p->journal);
	*p = (struct snapshot_place){ 0 };
}

int
place_journal(const struct snapshot_place *p, struct error *e)
{
	char *month;
	int fd = file_create(p->journal, e);

	if (fd < 0)
		return -1;
	month = mem_text_n(
	    p->journal, (size_t)(strrchr(p->journal, '/') - p->journal));
	if (file_sync_dir(month, e) != 0) {
		(void)close(fd);
		fd = -1;
	}
	free(month);
	return fd;
}

void
place_begin(struct buf *json, const struct snapshot_place *p,
    const struct collection *c, const char *kind, const struct json *run)
{
	char started[DATE_TEXT_MAX];

	date_rfc3339_us(p->start_us, started);
	line_begin(json);
	line_number(json, "layout", COLLECTION_LAYOUT);
	line_text(json, "kind", kind);
	line_text(json, "snapshot", p->name);
	line_text(json, "collection", c->id);
	line_text(json, "started", started);
	line_text(json, "software", "holdfast");
	line_text(json, "version", version_text());
	line_text(json, "revision", version_revision());
	line_json(json, "run", run);
	line_end(json);
}

void
place_run(struct buf *json, unsigned number, int64_t started_us,
    const struct json *run)
{
	char started[DATE_TEXT_MAX];

	date_rfc3339_us(started_us, started);
	line_begin(json);
	line_number(json, "number", number);
	line_text(json, "started", started);
	line_text(json, "version", version_text());
	line_text(json, "revision", version_revision());
	line_json(json, "run", run);
	line_end(json);
}

const char *
place_site(const char *name)
{
	return time_in_name(name) == INT64_MIN || name[16] != '-' ? ""
								  : name + 17;
}

int
place_find(struct snapshot_place *p, const struct collection *c,
    const char *name, struct error *e)
{
	*p = (struct snapshot_place){ .second = time_in_name(name) };
	if (*place_site(name) == '\0' || strchr(name, '/') != NULL)
		return error_set(
		    e, ERROR_NOTFOUND, "%s: no name of a snapshot", name);
	set_paths(p, c, mem_text(name));
	if (file_is_dir(p->dir))
		return 0;
	return error_set(
	    e, ERROR_NOTFOUND, "%s: no open snapshot of that name", name);
}
