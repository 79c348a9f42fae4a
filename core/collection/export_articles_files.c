/* What an article shows besides its text: pictures, the page as captured, and
 * where they come from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/article_text.h"
#include "core/collection/contents.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/facts.h"
#include "core/collection/index.h"
#include "core/collection/layout.h"
#include "core/collection/lookup.h"
#include "core/collection/open_record.h"
#include "core/collection/withdrawn.h"
#include "core/news/normalize.h"
#include "core/web/decode.h"

enum { SLUG_IMAGE = 48, SNIFF_BYTES = 512 };

/* ---- names ---- */

static int
is_word(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ND:
		return cp != 0x640; /* tatweel: a longer line, no letter */
	default:
		return 0;
	}
}

void
articles_slug(struct buf *out, const char *text, size_t limit)
{
	struct buf plain = { 0 };
	size_t start = out->len;
	size_t word = start; /* behind the last whole word */
	int gap = 0;

	nt1_text(&plain, text, strlen(text));
	for (size_t i = 0; i < plain.len;) {
		uint32_t cp;
		size_t before = out->len;

		i += text_utf8_next(plain.data + i, plain.len - i, &cp, NULL);
		if (!is_word(cp)) {
			gap = 1;
			continue;
		}
		if (gap && out->len > start) {
			word = out->len;
			buf_add_byte(out, '-');
		}
		gap = 0;
		text_utf8_add(
		    out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
		if (out->len - start > limit) {
			/* A first word that is too long is cut itself. */
			buf_cut(out, word > start ? word : before);
			break;
		}
	}
	buf_clear(&plain);
}

static const char *
suffix_of(const char *type)
{
	static const struct {
		const char *type, *suffix;
	} types[] = { { "image/jpeg", "jpg" }, { "image/png", "png" },
		{ "image/gif", "gif" }, { "image/webp", "webp" },
		{ "image/avif", "avif" }, { "image/svg+xml", "svg" },
		{ "image/bmp", "bmp" }, { "image/x-icon", "ico" },
		{ "image/vnd.microsoft.icon", "ico" },
		{ "image/tiff", "tif" } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i].type) == 0)
			return types[i].suffix;
	return "bin";
}

/* "images/01-words-of-the-caption.jpg". */
static const char *
image_name(
    struct arena *a, const struct json *image, size_t number, const char *type)
{
	struct buf slug = { 0 };
	const char *name;

	articles_slug(&slug, article_member(image, "caption"), SLUG_IMAGE);
	if (slug.len == 0)
		articles_slug(&slug, article_member(image, "alt"), SLUG_IMAGE);
	if (slug.len == 0)
		buf_add_text(&slug, "picture");
	name = arena_format(
	    a, "images/%02zu-%s.%s", number, buf_text(&slug), suffix_of(type));
	buf_clear(&slug);
	return name;
}

/* ---- contents of a record ---- */

/* What a record of the collection holds, a revisit followed. */
struct held {
	struct found found, original_found;
	struct open_record record, original;
	struct open_record *body; /* one of these */
	struct contents *contents;
	struct spool *bytes; /* decoded */
	const char *type;
	const char *coding; /* that was removed; "" */
};

static void
held_close(struct held *h)
{
	contents_free(h->contents);
	open_record_close(&h->original);
	open_record_close(&h->record);
	spool_free(h->bytes);
}

static int
refuse(const struct articles *x, const char *id, struct error *e)
{
	const struct withdrawal *w = withdrawn_record(x->withdrawn, id);

	return w == NULL ? 0 : withdrawn_refuse(w, id, e);
}

static int
open_one(struct articles *x, struct arena *a, const char *id,
    struct found *found, struct open_record *out, struct error *e)
{
	const struct collection *c = export_plan_collection(x->run.plan);

	int known;

	if (refuse(x, id, e) != 0)
		return -1;
	known = articles_place(x, a, id, found, e);
	if (known < 0 || (known == 0 && lookup_record(c, a, id, found, e) != 0))
		return -1;
	return open_record_at(out, c, found->file, found->offset, e);
}

/* Revisits of others may tell no id of what they repeat. */
static int
open_nameless(
    struct articles *x, struct arena *a, struct held *h, struct error *e)
{
	const struct collection *c = export_plan_collection(x->run.plan);
	const struct record *r = &h->record.record;
	const char *url = record_uri_field(a, r, "WARC-Target-URI");
	const struct index_hit *hit = NULL;
	int rc = 0;

	if (x->index == NULL && index_view_open(&x->index, c, e) != 0)
		return -1;
	if (url != NULL)
		rc = export_find_original(x->index, a, r, url, &hit, e);
	if (rc == 0)
		return error_set(e, ERROR_NOTFOUND,
		    "%s: what it repeats is not in this collection",
		    h->found.id);
	if (rc < 0 || refuse(x, hit->id, e) != 0)
		return -1;
	h->original_found = (struct found){ .kind = FOUND_RECORD,
		.snapshot = hit->snapshot,
		.file = hit->file,
		.offset = hit->offset,
		.id = hit->id };
	return open_record_at(&h->original, c, hit->file, hit->offset, e);
}

static int
held_open(struct articles *x, struct arena *a, const char *id, struct held *h,
    struct error *e)
{
	const char *original;
	int rc;

	if (open_one(x, a, id, &h->found, &h->record, e) != 0)
		return -1;
	h->body = &h->record;
	if (record_type(&h->record.record) == RECORD_REVISIT) {
		original = record_uri_field(
		    a, &h->record.record, "WARC-Refers-To");
		rc = original == NULL
			 ? open_nameless(x, a, h, e)
			 : open_one(x, a, original, &h->original_found,
			       &h->original, e);
		if (rc != 0)
			return -1;
		if (record_type(&h->original.record) == RECORD_REVISIT)
			return error_set(e, ERROR_NOTFOUND,
			    "%s: repeats what repeats something itself", id);
		h->body = &h->original;
	}
	return contents_open(&h->contents, &h->body->record, e);
}

/* Removed by whoever has a worker for it; else they stay as they are. */
static int
decode(struct articles *x, struct held *h, struct buf *out, struct error *e)
{
	const struct export_options *o = x->run.options;
	struct error why = { 0 };
	int rc;

	if (o->decode == NULL)
		return stream_read(
		    contents_stream(h->contents), out, LIMIT_BODY_PAGE, e);
	rc = o->decode(o->decode_context, h->contents, out, &why);
	if (rc < 0)
		*e = why;
	else if (rc == 0)
		h->coding = contents_encoding(h->contents);
	return rc < 0 ? -1 : 0;
}

/* All of it into H->BYTES, and the block against its digest. */
static int
held_read(struct articles *x, struct held *h, struct error *e)
{
	const char *coding = contents_encoding(h->contents);
	struct buf decoded = { 0 };
	uint8_t first[SNIFF_BYTES];
	size_t first_len = 0;
	const uint8_t *p;
	size_t len;
	int more = 0;
	int rc = 0;

	h->bytes = spool_new(NULL, LIMIT_SPOOL_MEMORY);
	h->coding = "";
	if (coding[0] != '\0' &&
	    !text_equal_nocase(coding, strlen(coding), "identity")) {
		rc = decode(x, h, &decoded, e);
		if (rc == 0)
			rc = spool_add(h->bytes, decoded.data, decoded.len, e);
	} else {
		while (
		    rc == 0 && (more = stream_next(contents_stream(h->contents),
				    &p, &len, e)) == 1)
			rc = spool_add(h->bytes, p, len, e);
	}
	buf_clear(&decoded);
	if (rc != 0 || more < 0 || open_record_check(h->body, e) != 0)
		return -1;
	struct stream *s = spool_stream(h->bytes, 0, spool_len(h->bytes));

	while (first_len < sizeof(first) && stream_next(s, &p, &len, e) == 1) {
		len = len < sizeof(first) - first_len
			  ? len
			  : sizeof(first) - first_len;
		memcpy(first + first_len, p, len);
		first_len += len;
	}
	stream_free(s);
	h->type = decode_sniff(first, first_len);
	if (!text_starts(h->type, "image/"))
		h->type = contents_type(h->contents);
	return 0;
}

/* ---- where it comes from ---- */

const char *
articles_manifest(struct articles *x, const char *snapshot, struct error *e)
{
	char *path;
	int rc;

	if (x->manifest_of != NULL && strcmp(x->manifest_of, snapshot) == 0)
		return x->manifest_hex;
	path = mem_format("%s/%s/manifest-sha256.txt",
	    export_plan_collection(x->run.plan)->dir, snapshot);
	rc = manifest_digest_file(path, x->manifest_hex, e);
	free(path);
	if (rc != 0)
		return NULL;
	free(x->manifest_of);
	x->manifest_of = mem_text(snapshot);
	return x->manifest_hex;
}

static int
add_place(struct articles *x, struct arena *a, struct json *o,
    const struct found *found, const struct open_record *r, struct error *e)
{
	const char *hex = articles_manifest(x, found->snapshot, e);
	const char *date = record_field(&r->record, "WARC-Date");
	const char *digest = record_field(&r->record, "WARC-Payload-Digest");

	if (hex == NULL)
		return -1;
	json_set_string(
	    a, o, "record", record_uri_field(a, &r->record, "WARC-Record-ID"));
	json_set_string(a, o, "date", date == NULL ? "" : date);
	json_set_string(a, o, "payload_digest", digest == NULL ? "" : digest);
	json_set_string(a, o, "warc", found->file);
	json_set_integer(a, o, "offset", (int64_t)found->offset);
	json_set_string(a, o, "snapshot", found->snapshot);
	json_set_string(a, o, "snapshot_manifest_sha256", hex);
	return 0;
}

static int
describe(struct articles *x, struct arena *a, struct json *o,
    const struct held *h, const char *file, const char *hex, struct error *e)
{
	struct json *original;

	json_set_string(a, o, "file", file);
	json_set_string(a, o, "media_type", h->type);
	json_set_integer(a, o, "bytes", (int64_t)spool_len(h->bytes));
	json_set_string(a, o, "sha256", hex);
	if (h->coding[0] != '\0')
		json_set_string(a, o, "decoded", h->coding);
	if (add_place(x, a, o, &h->found, &h->record, e) != 0)
		return -1;
	if (h->body == &h->record)
		return 0;
	original = json_new_object(a);
	json_set(a, o, "revisit_of", original);
	return add_place(x, a, original, &h->original_found, &h->original, e);
}

/* Was what is read imported although it is not what its digests say? */
static int
is_marked(const struct articles *x, const struct held *h)
{
	const struct found *f = h->body == &h->original ? &h->original_found
							: &h->found;
	struct arena *a = arena_new();
	const struct json *files;
	int is_there = 0;

	if (h->contents == NULL)
		goto done;
	files = json_get(
	    json_get(snapshot_report(export_plan_collection(x->run.plan), a,
			 f->snapshot, NULL),
		"run"),
	    "files");
	for (size_t i = 0; i < json_count(files); i++) {
		const struct json *ids = json_get(json_at(files, i), "marked");

		for (size_t n = 0; n < json_count(ids); n++)
			is_there |= strcmp(json_text(json_at(ids, n), ""),
					f->id) == 0;
	}
done:
	arena_free(a);
	return is_there;
}

/* What is not to be had is said and left out; bytes that are not those
 * recorded end the export, as everywhere, but for those that never were. */
static int
leave_out(const struct articles *x, const struct held *h, struct arena *a,
    struct json *o, struct error *e)
{
	if (e->kind != ERROR_NOTFOUND && e->kind != ERROR_WITHDRAWN &&
	    (e->kind != ERROR_INTEGRITY || !is_marked(x, h)))
		return -1;
	json_set_string(a, o, "missing", e->text);
	error_clear(e);
	return 0;
}

/* The record ID as NAME, which is made when the bytes are known (NULL: it is
 * of a picture). */
static int
put_record(struct articles *x, struct shown *s, struct json *o, const char *id,
    const char *(*name_it)(const struct shown *s, size_t n, const char *type),
    size_t number, const char **file, struct error *e)
{
	char hex[DIGEST_SHA256_HEX + 1];
	struct held h = { 0 };
	struct stream *bytes;
	const char *name;
	int rc = held_open(x, s->arena, id, &h, e);

	if (rc == 0)
		rc = held_read(x, &h, e);
	if (rc != 0) {
		rc = leave_out(x, &h, s->arena, o, e);
		held_close(&h);
		return rc;
	}
	name = name_it(s, number, h.type);
	bytes = spool_stream(h.bytes, 0, spool_len(h.bytes));
	rc = articles_put(x,
	    arena_format(s->arena, "articles/%s/%s", s->folder, name), bytes,
	    spool_len(h.bytes), hex, e);
	stream_free(bytes);
	if (rc == 0)
		rc = describe(x, s->arena, o, &h, name, hex, e);
	if (rc == 0)
		*file = name;
	held_close(&h);
	return rc;
}

/* ---- pictures ---- */

static const char *
name_image(const struct shown *s, size_t n, const char *type)
{
	return image_name(s->arena, s->images[n].image, n + 1, type);
}

/* The capture of URL in the binding; NULL: there is none. */
static const struct json *
capture_of(const struct shown *s, const char *url)
{
	const struct json *all = json_get(s->stored.binding, "images");

	if (url[0] == '\0')
		return NULL;
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *one = json_at(all, i);

		if (strcmp(article_member(one, "url"), url) == 0 &&
		    article_member(one, "record")[0] != '\0')
			return one;
	}
	return NULL;
}

/* That of the size which was chosen, else the original, else any. */
static const struct json *
best_capture(const struct shown *s, const struct json *image)
{
	const struct json *candidates = json_get(image, "candidates");
	const struct json *found = capture_of(
	    s, article_member(json_get(image, "chosen"), "url"));

	if (found == NULL)
		found = capture_of(
		    s, article_member(json_get(image, "original"), "url"));
	for (size_t i = 0; found == NULL && i < json_count(candidates); i++)
		found = capture_of(
		    s, article_member(json_at(candidates, i), "url"));
	return found;
}

int
articles_put_images(struct articles *x, struct shown *s, struct error *e)
{
	const struct json *images = json_get(s->stored.article, "images");
	struct json *list = json_new_array(s->arena);

	json_set(s->arena, s->provenance, "images", list);
	s->image_count = json_count(images);
	s->images = arena_alloc(
	    s->arena, (s->image_count + 1) * sizeof(*s->images));
	for (size_t i = 0; i < s->image_count; i++) {
		struct shown_image *shown = &s->images[i];
		struct json *o = json_new_object(s->arena);
		const struct json *capture;

		shown->image = json_at(images, i);
		shown->file = "";
		json_append(s->arena, list, o);
		capture = best_capture(s, shown->image);
		json_set_string(s->arena, o, "url",
		    capture != NULL
			? article_member(capture, "url")
			: article_member(
			      json_get(shown->image, "chosen"), "url"));
		if (capture == NULL)
			json_set_string(
			    s->arena, o, "missing", "was not captured");
		else if (put_record(x, s, o, article_member(capture, "record"),
			     name_image, i, &shown->file, e) != 0)
			return -1;
	}
	return 0;
}

/* ---- the page ---- */

static const char *
name_page(const struct shown *s, size_t n, const char *type)
{
	(void)s, (void)n, (void)type;
	return "page.html";
}

int
articles_put_page(struct articles *x, struct shown *s, struct error *e)
{
	struct json *o = json_new_object(s->arena);
	const char *file = "";

	json_set(s->arena, s->provenance, "page", o);
	json_set_string(s->arena, o, "url", s->stored.url);
	if (s->stored.record[0] == '\0') {
		json_set_string(s->arena, o, "missing", "no record is named");
		return 0;
	}
	return put_record(x, s, o, s->stored.record, name_page, 0, &file, e);
}
