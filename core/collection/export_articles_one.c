/* One article on its way out. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sort.h"
#include "core/base/version.h"
#include "core/collection/article_text.h"
#include "core/collection/export_articles_part.h"
#include "core/collection/layout.h"

static int
put_in(struct articles *x, const struct shown *s, const char *name,
    const struct buf *text, struct error *e)
{
	return articles_put_text(x,
	    arena_format(s->arena, "articles/%s/%s", s->folder, name), text, e);
}

/* The derived block as it is in its record: the record's block digest is this
 * file's. */
static int
put_texts(struct articles *x, struct shown *s, struct error *e)
{
	struct buf text = { 0 };
	char digest[DIGEST_TEXT_MAX];
	int rc;

	buf_add(&text, s->line, s->line_len);
	digest_text(DIGEST_SHA256, s->line, s->line_len, digest);
	json_set_string(
	    s->arena, s->provenance, "derived_block_digest", digest);
	rc = put_in(x, s, "article.json", &text, e);
	buf_reset(&text);
	article_text(&text, s->stored.article);
	article_text_images(&text, s->stored.article);
	if (rc == 0)
		rc = put_in(x, s, "article.txt", &text, e);
	buf_clear(&text);
	return rc;
}

static int
put_page(struct articles *x, struct shown *s, struct error *e)
{
	struct buf html = { 0 };
	int rc;

	articles_page(&html, s);
	rc = put_in(x, s, "index.html", &html, e);
	buf_clear(&html);
	return rc;
}

static void
begin_provenance(const struct articles *x, struct shown *s)
{
	struct arena *a = s->arena;
	struct json *o = json_new_object(a);
	char time[DATE_TEXT_MAX];

	date_rfc3339_us(s->stored.captured_us, time);
	json_set_string(a, o, "article_id", s->stored.id);
	json_set_string(a, o, "url", s->stored.url);
	json_set_string(a, o, "captured", time);
	json_set_string(
	    a, o, "collection", export_plan_collection(x->run.plan)->id);
	json_set_string(a, o, "operator", x->run.options->operator);
	json_set_string(a, o, "contact", x->run.options->contact);
	json_set_string(
	    a, o, "software", arena_format(a, "holdfast %s", version_text()));
	s->provenance = o;
}

static void
end_provenance(struct shown *s)
{
	static const char *const check[] = {
		"The files here: sha256sum -c manifest-sha256.txt, at the top.",
		"The snapshot: sha256sum -c manifest-sha256.txt in its folder; "
		"SHA-256 of that file is snapshot_manifest_sha256.",
		"A record: tail -c +$((offset + 1)) WARC | gzip -dc 2>/dev/null"
		" | less shows it, first its head; payload_digest is the "
		"SHA-256 of the body without the framing of chunks.",
		"A file here that was not \"decoded\" has the SHA-256 that is "
		"the payload digest of its record.",
		"article.json is the block of a record in derived/ whose "
		"WARC-Block-Digest is derived_block_digest."
	};
	struct json *list = json_new_array(s->arena);

	for (size_t i = 0; i < sizeof(check) / sizeof(check[0]); i++)
		json_append(
		    s->arena, list, json_new_string(s->arena, check[i]));
	json_set(s->arena, s->provenance, "how_to_check", list);
}

/* Does an earlier capture say something else? By the hashes of all parts. */
static int
differs(const struct shown *s, const struct shown *other)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	int different;

	json_write_canonical(&a, json_get(s->stored.article, "hashes"));
	json_write_canonical(&b, json_get(other->stored.article, "hashes"));
	different = strcmp(buf_text(&a), buf_text(&b)) != 0;
	buf_clear(&a);
	buf_clear(&b);
	return different;
}

/* Earlier captures of it, the first first; those that differ come along. */
struct version {
	const char *file; /* "" it does not */
	const char *line;
	size_t len;
};

static int
list_versions(struct articles *x, struct shown *s, const uint8_t *captures,
    size_t count, struct version *out, struct error *e)
{
	struct json *list = json_new_array(s->arena);
	const char *last = "";

	json_set(s->arena, s->provenance, "other_captures", list);
	for (size_t i = count; i-- > 1;) {
		struct capture c = articles_capture(
		    captures + i * CAPTURE_BYTES);
		struct json *o = json_new_object(s->arena);
		struct shown other = { .arena = s->arena };
		struct version *v = &out[count - 1 - i];
		char time[DATE_TEXT_MAX];
		const char *name;

		if (articles_load(x, &c, &other, e) != 0)
			return -1;
		date_compact(other.stored.captured_us, time);
		name = arena_format(s->arena, "versions/%s.json", time);
		*v = (struct version){ "", other.line, other.line_len };
		if (differs(s, &other) && strcmp(name, last) != 0)
			v->file = last = name;
		date_rfc3339_us(other.stored.captured_us, time);
		json_set_string(s->arena, o, "captured", time);
		json_set_string(s->arena, o, "record", other.stored.record);
		if (v->file[0] != '\0')
			json_set_string(s->arena, o, "file", v->file);
		json_append(s->arena, list, o);
	}
	return 0;
}

static int
put_provenance(struct articles *x, struct shown *s, const uint8_t *captures,
    size_t count, struct error *e)
{
	struct version *versions = arena_alloc(
	    s->arena, count * sizeof(*versions));
	struct buf text = { 0 };
	int rc = list_versions(x, s, captures, count, versions, e);

	end_provenance(s);
	if (rc == 0) {
		json_write_pretty(&text, s->provenance);
		buf_add_byte(&text, '\n');
		rc = put_in(x, s, "provenance.json", &text, e);
	}
	for (size_t i = 0; rc == 0 && i + 1 < count; i++) {
		if (versions[i].file[0] == '\0')
			continue;
		buf_reset(&text);
		buf_add(&text, versions[i].line, versions[i].len);
		rc = put_in(x, s, versions[i].file, &text, e);
	}
	buf_clear(&text);
	return rc;
}

/* When it was published, else captured: for the order of the list. */
static int64_t
time_of(const struct stored_article *s)
{
	const struct json *date = json_get(s->article, "published");
	int64_t us;

	if (date_parse(article_member(date, "utc"), &us, NULL) ||
	    date_parse(article_member(date, "iso"), &us, NULL))
		return us;
	return s->captured_us;
}

static int
list_article(struct articles *x, const struct shown *s, struct error *e)
{
	struct buf item = { 0 };
	int rc;

	articles_add_be(
	    &item, ~((uint64_t)time_of(&s->stored) ^ (uint64_t)1 << 63), 8);
	articles_item(&item, s);
	rc = sorter_add(x->listed, item.data, item.len, e);
	buf_clear(&item);
	return rc;
}

int
articles_put_one(
    struct articles *x, const uint8_t *entry, size_t len, struct error *e)
{
	struct shown s = { .arena = arena_new() };
	size_t name = strlen((const char *)entry);
	const uint8_t *captures = entry + name + 1;
	size_t count = (len - name - 1) / CAPTURE_BYTES;
	struct capture newest = articles_capture(captures);
	int rc = articles_load(x, &newest, &s, e);

	if (rc == 0) {
		s.folder = arena_text_n(s.arena, (const char *)entry, name - 1);
		begin_provenance(x, &s);
		rc = put_texts(x, &s, e);
	}
	if (rc == 0)
		rc = articles_put_images(x, &s, e);
	if (rc == 0)
		rc = put_page(x, &s, e);
	if (rc == 0)
		rc = articles_put_page(x, &s, e);
	if (rc == 0)
		rc = put_provenance(x, &s, captures, count, e);
	if (rc == 0)
		rc = list_article(x, &s, e);
	if (rc != 0 && s.folder != NULL)
		(void)error_within(e, "%s", s.folder);
	arena_free(s.arena);
	return rc;
}
