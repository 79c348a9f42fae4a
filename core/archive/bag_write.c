/* Bags, written front to back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag.h"
#include "core/archive/package.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"

/* RFC 8493, 2.2.2: lines of bag-info.txt should not be longer. */
enum { INFO_LINE = 79 };

static const enum digest_kind kinds[] = { DIGEST_SHA256, DIGEST_SHA512 };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct bag_writer {
	struct package_writer *to;
	char *folder;          /* "" or "name/" */
	uint64_t files, bytes; /* still to come */
	struct digester *digesters[KINDS];
	struct spool *manifests[KINDS];
	struct buf tags[KINDS]; /* lines of the tag manifests */
};

/* What is put into the package, digested on its way. */
struct digested {
	struct stream stream;
	struct stream *inner; /* borrowed */
	struct bag_writer *w;
	size_t first; /* of the kinds that are not known already */
};

static int
digested_next(
    struct stream *stream, const uint8_t **data, size_t *len, struct error *e)
{
	struct digested *s = (struct digested *)stream;
	int more = stream_next(s->inner, data, len, e);

	for (size_t i = s->first; more == 1 && i < KINDS; i++)
		digester_add(s->w->digesters[i], *data, *len);
	return more;
}

static void
digested_free(struct stream *stream)
{
	(void)stream; /* stands in the frame of its maker */
}

/* HEX is "" or the first digest, which is known. */
static int
put(struct bag_writer *w, const char *name, uint64_t size, struct stream *bytes,
    const char *hex, struct error *e)
{
	struct digested s = { { digested_next, digested_free }, bytes, w,
		hex[0] == '\0' ? 0 : 1 };
	char *path = mem_format("%s%s", w->folder, name);
	int rc;

	for (size_t i = s.first; i < KINDS; i++)
		digester_reset(w->digesters[i]);
	rc = package_put(w->to, path, size, &s.stream, e);
	free(path);
	return rc;
}

/* The line of a manifest of that kind for what was put last. */
static void
add_line(struct bag_writer *w, size_t kind, const char *name, const char *known,
    struct buf *out)
{
	char hex[DIGEST_TEXT_MAX];

	if (kind == 0 && known[0] != '\0')
		(void)snprintf(hex, sizeof(hex), "%s", known);
	else
		digester_hex(w->digesters[kind], hex);
	buf_format(out, "%s  %s\n", hex, name);
}

static int
put_tag(struct bag_writer *w, const char *name, struct stream *s, uint64_t size,
    struct error *e)
{
	if (put(w, name, size, s, "", e) != 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		add_line(w, i, name, "", &w->tags[i]);
	return 0;
}

static int
put_tag_text(struct bag_writer *w, const char *name, const struct buf *text,
    struct error *e)
{
	struct stream *s = stream_of_bytes(buf_text(text), text->len);
	int rc = put_tag(w, name, s, text->len, e);

	stream_free(s);
	return rc;
}

/* "Label: value", folded at blanks. */
static void
add_field(struct buf *out, const char *label, const char *value)
{
	size_t column = strlen(label) + 1;

	if (value[0] == '\0')
		return;
	buf_format(out, "%s:", label);
	while (*value != '\0') {
		size_t word = strcspn(value, " ");
		int wraps = column + 1 + word > INFO_LINE && column > 2;

		buf_add_text(out, wraps ? "\n  " : " ");
		column = (wraps ? 2 : column + 1) + word;
		buf_add(out, value, word);
		value += word;
		value += strspn(value, " ");
	}
	buf_add_byte(out, '\n');
}

static int
has_controls(const char *text)
{
	while (*text != '\0' && (unsigned char)*text >= 0x20 && *text != 0x7f)
		text++;
	return *text != '\0';
}

/* "12.3 MB", of powers of a thousand as disks are sold. */
static void
size_text(uint64_t bytes, char *out, size_t cap)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB" };
	uint64_t tenths = (bytes + 50) / 100;
	size_t unit = 0;

	while (tenths >= 10000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		tenths = (tenths + 500) / 1000;
		unit++;
	}
	(void)snprintf(out, cap, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
	    tenths % 10, units[unit]);
}

static int
put_info(struct bag_writer *w, const struct bag_field *fields, size_t count,
    struct error *e)
{
	struct buf info = { 0 };
	char size[32];
	char oxum[64];
	int rc;

	for (size_t i = 0; i < count; i++) {
		if (has_controls(fields[i].value)) {
			buf_clear(&info);
			return error_set(e, ERROR_USAGE,
			    "%s: control characters cannot stand in a bag",
			    fields[i].label);
		}
		add_field(&info, fields[i].label, fields[i].value);
	}
	size_text(w->bytes, size, sizeof(size));
	add_field(&info, "Bag-Size", size);
	(void)snprintf(
	    oxum, sizeof(oxum), "%" PRIu64 ".%" PRIu64, w->bytes, w->files);
	add_field(&info, "Payload-Oxum", oxum);
	rc = put_tag_text(w, "bag-info.txt", &info, e);
	buf_clear(&info);
	return rc;
}

int
bag_begin(struct bag_writer **out, struct package_writer *to,
    const char *folder, const struct bag_field *fields, size_t field_count,
    uint64_t files, uint64_t bytes, struct error *e)
{
	struct bag_writer *w = mem_zero(1, sizeof(*w));
	struct buf declaration = { 0 };
	int rc;

	w->to = to;
	w->folder = folder[0] == '\0' ? mem_text("")
				      : mem_format("%s/", folder);
	w->files = files;
	w->bytes = bytes;
	for (size_t i = 0; i < KINDS; i++) {
		w->digesters[i] = digester_new(kinds[i]);
		w->manifests[i] = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	}
	buf_add_text(&declaration, "BagIt-Version: 1.0\n"
				   "Tag-File-Character-Encoding: UTF-8\n");
	rc = put_info(w, fields, field_count, e);
	if (rc == 0)
		rc = put_tag_text(w, "bagit.txt", &declaration, e);
	buf_clear(&declaration);
	if (rc != 0) {
		bag_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

int
bag_put(struct bag_writer *w, const char *name, uint64_t size,
    struct stream *bytes, const char *hex, struct error *e)
{
	struct buf line = { 0 };
	char *path;
	int rc;

	if (strpbrk(name, "%\r\n") != NULL)
		return error_set(e, ERROR_USAGE,
		    "%s: a name in a bag must not hold %%, CR or LF", name);
	if (w->files == 0 || w->bytes < size)
		return error_set(e, ERROR_USAGE,
		    "%s: the bag holds more than was said", name);
	hex = hex == NULL ? "" : hex;
	path = mem_format("data/%s", name);
	rc = put(w, path, size, bytes, hex, e);
	for (size_t i = 0; rc == 0 && i < KINDS; i++) {
		buf_reset(&line);
		add_line(w, i, path, hex, &line);
		rc = spool_add(w->manifests[i], line.data, line.len, e);
	}
	buf_clear(&line);
	free(path);
	w->files--;
	w->bytes -= size;
	return rc;
}

int
bag_end(struct bag_writer *w, struct error *e)
{
	char name[40];
	int rc = 0;

	if (w->files != 0 || w->bytes != 0)
		return error_set(e, ERROR_USAGE,
		    "the bag holds less than was said (%" PRIu64 " files)",
		    w->files);
	for (size_t i = 0; rc == 0 && i < KINDS; i++) {
		uint64_t len = spool_len(w->manifests[i]);
		struct stream *s = spool_stream(w->manifests[i], 0, len);

		(void)snprintf(name, sizeof(name), "manifest-%s.txt",
		    digest_label(kinds[i]));
		rc = put_tag(w, name, s, len, e);
		stream_free(s);
	}
	for (size_t i = 0; rc == 0 && i < KINDS; i++) {
		struct stream *s = stream_of_bytes(
		    w->tags[i].data, w->tags[i].len);

		(void)snprintf(name, sizeof(name), "tagmanifest-%s.txt",
		    digest_label(kinds[i]));
		rc = put(w, name, w->tags[i].len, s, "", e);
		stream_free(s);
	}
	return rc;
}

void
bag_free(struct bag_writer *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < KINDS; i++) {
		digester_free(w->digesters[i]);
		spool_free(w->manifests[i]);
		buf_clear(&w->tags[i]);
	}
	free(w->folder);
	free(w);
}
