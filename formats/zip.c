/* Zips and WACZ as packages: what is in them, file by file. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "formats/table.h"
#include "formats/zip_inflate.h"
#include "formats/zip_directory.h"
#include "formats/zip_write.h"

enum { UNIX_KIND = 0170000, UNIX_FILE = 0100000, UNIX_FOLDER = 0040000 };

/* What deflate can make of a byte at most. */
#define INFLATED_MAX 1032

/* Why an entry is not for reading; NULL when it is; "" for a folder. */
static const char *
refusal(const struct zip_entry *n)
{
	unsigned kind = n->made_by == ZIP_BY_UNIX ? n->mode & UNIX_KIND : 0;

	if (n->name[n->name_len - 1] == '/')
		return n->size == 0 ? "" : "is a folder with bytes in a zip";
	if (kind == UNIX_FOLDER)
		return "is a folder called as a file in a zip";
	/* Python's zipfile leaves the kind out. */
	if (kind != 0 && kind != UNIX_FILE)
		return "is neither file nor folder in a zip";
	if (!package_name_is_plain(n->name, n->name_len))
		return "has no plain name in a zip";
	/* Some take others for CP437, with or without the flag. */
	if (!text_is_utf8(n->name, n->name_len))
		return "has a name that is not UTF-8 in a zip";
	if (package_name_depth(n->name) > LIMIT_PACKAGE_DEPTH)
		return "lies too deep in a zip";
	if (n->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_PATCH | ZIP_FLAG_STRONG |
			   ZIP_FLAG_MASKED))
		return "is encrypted in a zip";
	if (n->method != ZIP_STORED && n->method != ZIP_DEFLATED)
		return "is neither stored nor deflated in a zip";
	if (n->method == ZIP_STORED && n->packed != n->size)
		return "is stored in a zip and has two sizes";
	if (n->method == ZIP_DEFLATED && n->size / INFLATED_MAX > n->packed)
		return "cannot be as large as the zip says";
	if (n->size > LIMIT_UNPACKED_FREE &&
	    n->size / LIMIT_DECODED_RATIO > n->packed)
		return "unpacks to too much in a zip";
	return NULL;
}

static int
visit_entry(const struct zip *z, const struct package_visit *v,
    const struct zip_entry *n, struct error *e)
{
	char *name = mem_format("%s/%s", input_name(z->in), n->name);
	const struct zip_deflated d = { name, n->data, n->packed, n->size,
		n->crc };
	struct input *in = n->method == ZIP_STORED
			       ? input_part(z->in, name, n->data, n->packed)
			       : input_of_stream(zip_inflate(z->in, &d), name);
	int rc;

	if (n->method == ZIP_STORED && v->crc != NULL)
		v->crc(v->context, n->crc);
	rc = v->each(v->context, n->name, in, e);
	input_free(in);
	free(name);
	return rc;
}

static int
visit_all(const struct zip *z, const struct package_visit *v, struct error *e)
{
	int rc = 0;

	for (uint64_t i = 0; rc == 0 && i < z->count; i++) {
		const struct zip_entry *n = &z->entries[i];
		const char *why = refusal(n);
		struct error said = { 0 };

		if (why == NULL) {
			rc = visit_entry(z, v, n, e);
		} else if (why[0] != '\0') {
			(void)zip_refuse(z, n, why, &said);
			v->unread(v->context, n->name, &said);
		}
	}
	return rc;
}

/* Many small bombs are a large one. */
static int
check_ratio(const struct zip *z, struct error *e)
{
	uint64_t total = 0;

	for (uint64_t i = 0; i < z->count; i++) {
		const struct zip_entry *n = &z->entries[i];

		if (n->method != ZIP_DEFLATED || refusal(n) != NULL)
			continue;
		total += n->size;
		if (total > LIMIT_UNPACKED_FREE &&
		    total / LIMIT_DECODED_RATIO > z->size)
			return error_set(e, ERROR_LIMIT,
			    "%s: unpacks to more than %d times its size",
			    input_name(z->in), LIMIT_DECODED_RATIO);
	}
	return 0;
}

static int
zip_read(struct input *in, const struct package_visit *v, struct error *e)
{
	struct zip z = { .in = in };
	int rc;

	if (!input_is_random(in))
		return error_set(e, ERROR_INPUT,
		    "%s: a zip is read from its end, so it must be a file",
		    input_name(in));
	z.arena = arena_new();
	rc = zip_read_directory(&z, e);
	if (rc == 0)
		rc = check_ratio(&z, e);
	if (rc == 0)
		rc = visit_all(&z, v, e);
	free(z.entries);
	arena_free(z.arena);
	return rc;
}

static int
zip_recognise(const uint8_t *head, size_t len)
{
	if (len < 4 || head[0] != 'P' || head[1] != 'K')
		return 0;
	return memcmp(head + 2, "\3\4", 2) == 0 ||
		       memcmp(head + 2, "\5\6", 2) == 0 ||
		       memcmp(head + 2, "\6\6", 2) == 0
		   ? 100
		   : 0;
}

const struct package package_zip = {
	.name = "zip",
	.suffix = ".zip",
	.aliases = ".wacz",
	.summary = "zip and WACZ; written stored, reproducible",
	.recognise = zip_recognise,
	.read = zip_read,
	.begin = zip_begin,
	.entry = zip_write_entry,
	.end = zip_write_end,
	.free = zip_write_free,
};
