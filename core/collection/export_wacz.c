/* A plan as WACZ, one or several. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/wacz_write.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/collection/export_wacz_part.h"
#include "core/collection/proof.h"

#define SUFFIX ".wacz"

struct job {
	struct export_run run;
	struct wacz_names names;
	struct wacz_lists lists;
	struct wacz_signer signer; /* SIGN is NULL: none */
	char *base;                /* PATH without its suffix */
	char *dir;                 /* that PATH lies in */
	char *title, *description, *software;
	char (*hashes)[65]; /* of parts that are finished; else "" */
	struct buf requires;
};

static void
add_public_key(void *context, struct buf *out)
{
	proof_key_public(context, out);
}

static int
sign(void *context, const void *p, size_t len, struct buf *out, struct error *e)
{
	return proof_sign(context, p, len, out, e);
}

/* ---- one WACZ ---- */

static void
stream_hex(void *context, char hex[65])
{
	export_stream_hex(context, hex);
}

static int
put_entry(struct job *j, struct wacz_writer *w, const struct wacz_entry *x,
    struct error *e)
{
	struct wacz_file f = { .path = x->path,
		.origin = x->origin,
		.size = x->file->size,
		.hex = stream_hex };
	struct stream *bytes, *counted;
	int rc;

	if (export_file_open(j->run.plan, x->file, &bytes, e) != 0)
		return -1;
	f.context = bytes;
	counted = export_run_stream(&j->run, bytes);
	rc = wacz_put(w, &f, counted, e);
	stream_free(counted);
	stream_free(bytes);
	if (rc == 0) {
		j->run.result->files++;
		j->run.result->bytes += f.size;
	}
	return rc;
}

/* The files of PART that lie in archive/, or all others. */
static int
put_entries(struct job *j, struct wacz_writer *w, unsigned part, int in_archive,
    struct error *e)
{
	for (size_t i = 0; i < j->names.count; i++) {
		const struct wacz_entry *x = &j->names.entries[i];

		if (x->first > part || x->last < part ||
		    text_starts(x->path, "archive/") != in_archive)
			continue;
		if (put_entry(j, w, x, e) != 0)
			return -1;
	}
	return 0;
}

static int
put_spool(struct job *j, struct wacz_writer *w, const char *path,
    const struct spool *s, struct error *e)
{
	struct wacz_file f = {
		.path = path, .origin = "", .size = spool_len(s)
	};
	struct stream *bytes = spool_stream(s, 0, f.size);
	int rc = wacz_put(w, &f, bytes, e);

	stream_free(bytes);
	j->run.result->files++;
	j->run.result->bytes += f.size;
	return rc;
}

static int
put_lists(struct job *j, struct wacz_writer *w, const struct wacz_part_lists *l,
    struct error *e)
{
	int rc = 0;

	if (l->packed != NULL)
		rc = put_spool(j, w, "indexes/index.cdx.gz", l->packed, e);
	if (rc == 0)
		rc = put_spool(j, w,
		    l->packed == NULL ? "indexes/index.cdxj"
				      : "indexes/index.idx",
		    l->index, e);
	if (rc == 0)
		rc = put_spool(j, w, "pages/pages.jsonl", l->pages, e);
	if (rc == 0 && spool_len(l->extra) > 0)
		rc = put_spool(j, w, "pages/extraPages.jsonl", l->extra, e);
	return rc;
}

static int
write_part(struct job *j, const char *path, const struct wacz_facts *facts,
    unsigned part, const struct wacz_part_lists *lists, struct error *e)
{
	struct wacz_writer *w;

	if (wacz_create(&w, path, facts,
		j->signer.sign == NULL ? NULL : &j->signer, e) != 0)
		return -1;
	if (put_entries(j, w, part, 1, e) != 0 ||
	    put_lists(j, w, lists, e) != 0 ||
	    put_entries(j, w, part, 0, e) != 0) {
		wacz_abandon(w);
		return -1;
	}
	if (wacz_finish(w, e) != 0)
		return -1;
	return export_run_made(&j->run, path, e);
}

/* What write_part would put. */
static void
count_part(struct job *j, unsigned part, const struct wacz_part_lists *l)
{
	const struct spool *const lists[] = { l->packed, l->index, l->pages,
		spool_len(l->extra) > 0 ? l->extra : NULL };
	struct export_result *r = j->run.result;

	for (size_t i = 0; i < j->names.count; i++) {
		const struct wacz_entry *x = &j->names.entries[i];

		if (x->first > part || x->last < part)
			continue;
		r->files++;
		r->bytes += x->file->size;
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (lists[i] == NULL)
			continue;
		r->files++;
		r->bytes += spool_len(lists[i]);
	}
}

/* ---- several ---- */

static char *
part_path(const struct job *j, unsigned part)
{
	return mem_format("%s-%05u" SUFFIX, j->base, part);
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Replay tools look there for what a revisit repeats (wabac, browsertrix). */
static int
add_needed(void *context, unsigned other, struct error *e)
{
	struct job *j = context;
	char *path = part_path(j, other);
	const char *name = last_name(path);
	struct buf *out = &j->requires;

	(void)e;
	buf_add_text(
	    out, out->len == 0 ? "{\"filename\": " : ",\n    {\"filename\": ");
	json_add_string(out, name, strlen(name));
	if (j->hashes[other][0] != '\0')
		buf_format(out, ", \"hash\": \"sha256:%s\"", j->hashes[other]);
	buf_add_byte(out, '}');
	free(path);
	return 0;
}

static int
make_part(struct job *j, const char *path, unsigned part, struct error *e)
{
	const struct export_options *o = j->run.options;
	struct wacz_facts facts = { .time_us = j->run.time_us,
		.title = j->title,
		.description = j->description,
		.software = j->software };
	struct wacz_part_lists lists;
	int rc = wacz_lists_part(
	    &j->lists, part, o->packed_index, j->dir, &lists, e);

	buf_reset(&j->requires);
	if (rc == 0 && j->lists.needs != NULL)
		rc = wacz_needs_part(j->lists.needs, part, add_needed, j, e);
	facts.requires = buf_text(&j->requires);
	if (o->split > 0) {
		facts.part = part;
		facts.parts = j->names.parts;
	}
	if (rc == 0) {
		facts.main_url = lists.main_url;
		facts.main_us = lists.main_us;
		if (o->dry)
			count_part(j, part, &lists);
		else
			rc = write_part(j, path, &facts, part, &lists, e);
	}
	wacz_part_lists_clear(&lists);
	return rc;
}

/* SHA-256 of the whole file, which is read once more for it: parts of a zip
 * are written behind others. */
static int
digest_part(struct job *j, const char *path, char hex[65], struct error *e)
{
	volatile sig_atomic_t *stop = j->run.options->stop;
	struct digester *d = digester_new(DIGEST_SHA256);
	char text[DIGEST_TEXT_MAX];
	struct stream *s;
	const uint8_t *p;
	size_t len;
	uint64_t size;
	int fd = -1, more = -1;

	if (file_size(path, &size, e) != 0)
		goto done;
	fd = file_open_read(path, e);
	if (fd < 0)
		goto done;
	s = stream_of_file(fd, 0, size);
	while ((more = stream_next(s, &p, &len, e)) == 1) {
		digester_add(d, p, len);
		if (stop != NULL && *stop)
			more = error_set(
			    e, ERROR_STOPPED, "stopped by a signal");
		if (more < 0)
			break;
	}
	stream_free(s);
	digester_hex(d, text);
	memcpy(hex, text, DIGEST_SHA256_HEX + 1);
done:
	if (fd >= 0)
		(void)close(fd); /* only read */
	digester_free(d);
	return more;
}

/* One of the parts in the list of all (WACZ, multi-wacz-package). */
static int
list_part(struct buf *out, const char *path, const char *hex, struct error *e)
{
	const char *name = last_name(path);
	uint64_t size;

	if (file_size(path, &size, e) != 0)
		return -1;
	buf_add_text(out, "    {\"name\": ");
	json_add_string(out, name, strlen(name));
	buf_add_text(out, ", \"path\": ");
	json_add_string(out, name, strlen(name));
	buf_format(out, ", \"hash\": \"sha256:%s\", \"bytes\": %ju}", hex,
	    (uintmax_t)size);
	return 0;
}

static void
write_list_head(const struct job *j, struct buf *out)
{
	char created[DATE_TEXT_MAX];

	date_rfc3339_s(j->run.time_us, created);
	buf_add_text(out, "{\n  \"profile\": \"multi-wacz-package\",\n"
			  "  \"title\": ");
	json_add_string(out, j->title, strlen(j->title));
	buf_format(out, ",\n  \"created\": \"%s\",\n  \"software\": ", created);
	json_add_string(out, j->software, strlen(j->software));
	buf_add_text(out, ",\n  \"resources\": [\n");
}

static int
put_list(struct job *j, struct error *e)
{
	char *path = mem_format("%s.json", j->base);
	struct buf out = { 0 };
	int rc = 0;

	write_list_head(j, &out);
	for (unsigned part = 1; rc == 0 && part <= j->names.parts; part++) {
		char *name = part_path(j, part);

		rc = list_part(&out, name, j->hashes[part], e);
		buf_add_text(&out, part < j->names.parts ? ",\n" : "\n");
		free(name);
	}
	buf_add_text(&out, "  ]\n}\n");
	if (rc == 0)
		rc = file_put(path, out.data, out.len, e);
	if (rc == 0)
		rc = export_run_made(&j->run, path, e);
	buf_clear(&out);
	free(path);
	return rc;
}

/* None of what will be made is there. */
static int
check_targets(const struct job *j, struct error *e)
{
	char *path = mem_format("%s.json", j->base);
	int rc = 0;

	for (unsigned part = 1; part <= j->names.parts && rc == 0; part++) {
		char *name = part_path(j, part);

		if (file_exists(name))
			rc = error_set(
			    e, ERROR_USAGE, "%s: is there already", name);
		free(name);
	}
	if (rc == 0 && file_exists(path))
		rc = error_set(e, ERROR_USAGE, "%s: is there already", path);
	free(path);
	return rc;
}

/* Some parts without the others would look like all. */
static void
remove_made(struct export_result *r)
{
	for (size_t i = 0; i < r->made.count; i++)
		(void)file_remove(r->made.names[i], NULL);
}

static int
make_parts(struct job *j, struct error *e)
{
	int rc = check_targets(j, e);

	if (rc != 0)
		return -1;
	j->hashes = mem_zero((size_t)j->names.parts + 1, sizeof(*j->hashes));
	for (unsigned part = 1; rc == 0 && part <= j->names.parts; part++) {
		char *path = part_path(j, part);

		rc = make_part(j, path, part, e);
		if (rc == 0 && !j->run.options->dry)
			rc = digest_part(j, path, j->hashes[part], e);
		free(path);
	}
	if (rc == 0 && !j->run.options->dry)
		rc = put_list(j, e);
	if (rc != 0)
		remove_made(j->run.result);
	return rc;
}

/* ---- all ---- */

/* "snapshot NAME"; of several how many and from when; of a lone article its
 * headline. */
static char *
title_of(const struct job *j)
{
	const struct export_plan *p = j->run.plan;
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];

	if (j->lists.articles == 1 && j->lists.headline[0] != '\0')
		return mem_text(j->lists.headline);
	if (export_plan_snapshots(p) == 1)
		return mem_text(export_plan_snapshot(p, 0));
	date_rfc3339_s(export_plan_oldest_us(p), from);
	date_rfc3339_s(export_plan_newest_us(p), to);
	return mem_format("%zu snapshots, %.10s to %.10s",
	    export_plan_snapshots(p), from, to);
}

static char *
description_of(const struct job *j)
{
	const struct export_options *o = j->run.options;
	struct buf b = { 0 };

	if (o->operator[0] != '\0') {
		buf_format(&b, "Captured by %s", o->operator);
		if (o->contact[0] != '\0')
			buf_format(&b, " (%s)", o->contact);
		buf_add_text(&b, ".\n");
	}
	buf_add_text(&b,
	    "Each snapshot has a folder of its name, in it a manifest with the "
	    "SHA-256 of all its files. \"origin\" of a resource is the name "
	    "that it has there; records lie in archive/.");
	return buf_take(&b);
}

/* Some files go into several parts. */
static void
count_all(struct job *j)
{
	j->run.all = 0;
	for (size_t i = 0; i < j->names.count; i++) {
		const struct wacz_entry *x = &j->names.entries[i];

		j->run.all += x->file->size *
			      (uint64_t)(x->last - x->first + 1);
	}
}

static int
job_begin(struct job *j, struct error *e)
{
	const char *path = j->run.options->path;
	const char *slash = strrchr(path, '/');

	if (!text_ends(path, SUFFIX) || strcmp(last_name(path), SUFFIX) == 0)
		return error_set(
		    e, ERROR_USAGE, "%s: must end in " SUFFIX, path);
	j->base = mem_text_n(path, strlen(path) - strlen(SUFFIX));
	j->dir = slash == NULL ? mem_text(".")
			       : mem_text_n(path, (size_t)(slash - path) + 1);
	if (j->run.options->split == 0 && file_exists(path))
		return error_set(e, ERROR_USAGE, "%s: is there already", path);
	if (!file_is_dir(j->dir))
		return error_set(
		    e, ERROR_NOTFOUND, "%s: no such folder", j->dir);
	wacz_names_make(&j->names, j->run.plan, j->run.options->split);
	count_all(j);
	return wacz_lists_make(&j->lists, &j->run, &j->names, j->dir, e);
}

int
export_wacz(const struct export_plan *p, const struct export_options *o,
    struct export_result *r, struct error *e)
{
	struct job j = { .signer.context = NULL };
	int rc;

	export_run_begin(&j.run, p, o, r);
	rc = job_begin(&j, e);
	if (rc == 0) {
		if (o->key != NULL)
			j.signer = (struct wacz_signer){ add_public_key, sign,
				(void *)(uintptr_t)o->key };
		j.title = title_of(&j);
		j.description = description_of(&j);
		j.software = mem_format("holdfast %s", version_text());
		rc = o->split == 0 ? make_part(&j, o->path, 1, e)
				   : make_parts(&j, e);
	}
	buf_clear(&j.requires);
	free(j.hashes);
	free(j.software);
	free(j.description);
	free(j.title);
	wacz_lists_clear(&j.lists);
	wacz_names_clear(&j.names);
	free(j.dir);
	free(j.base);
	return rc;
}
