/* WACZ files written. */
#include "core/archive/wacz_write.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

struct wacz_writer {
	struct package_writer *package;
	struct wacz_signer signer; /* SIGN is NULL: none */
	struct digester *digest;
	struct buf head;      /* of datapackage.json, up to the resources */
	struct buf resources; /* JSON objects, comma separated */
	struct buf software;  /* JSON */
	char created[DATE_TEXT_MAX];
};

static void
add_text(struct buf *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	buf_format(out, ",\n  \"%s\": ", name);
	json_add_string(out, value, strlen(value));
}

static void
write_head(struct wacz_writer *w, const struct wacz_facts *f)
{
	struct buf *out = &w->head;
	char main_date[DATE_TEXT_MAX];

	buf_add_text(out, "{\n  \"profile\": \"data-package\",\n"
			  "  \"wacz_version\": \"1.1.1\"");
	add_text(out, "title", f->title);
	add_text(out, "description", f->description);
	add_text(out, "created", w->created);
	add_text(out, "software", f->software);
	if (f->main_url[0] != '\0') {
		date_rfc3339_s(f->main_us, main_date);
		add_text(out, "mainPageUrl", f->main_url);
		add_text(out, "mainPageDate", main_date);
	}
	if (f->parts > 0)
		buf_format(out,
		    ",\n  \"part\": {\"number\": %u, \"count\": %u}", f->part,
		    f->parts);
	if (f->requires[0] != '\0')
		buf_format(out,
		    ",\n  \"relation\": {\"requires\": [\n    %s\n  ]}",
		    f->requires);
	buf_add_text(out, ",\n  \"resources\": [");
}

int
wacz_create(struct wacz_writer **out, const char *path,
    const struct wacz_facts *f, const struct wacz_signer *signer,
    struct error *e)
{
	struct wacz_writer *w = mem_zero(1, sizeof(*w));
	struct package_options o = { .time_us = f->time_us,
		.kind = package_named("a.zip"),
		.given_order = 1 };

	w->digest = digester_new(DIGEST_SHA256);
	if (package_create(&w->package, path, &o, e) != 0) {
		wacz_abandon(w);
		return -1;
	}
	if (signer != NULL)
		w->signer = *signer;
	date_rfc3339_s(f->time_us, w->created);
	json_add_string(&w->software, f->software, strlen(f->software));
	write_head(w, f);
	*out = w;
	return 0;
}

void
wacz_add_name(struct buf *out, const char *path)
{
	for (; *path != '\0'; path++) {
		int c = text_lower((unsigned char)*path);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
		    strchr("-._/", c) == NULL)
			c = '-';
		buf_add_byte(out, (uint8_t)c);
	}
}

/* Names must differ in one package: files in the folders that the standard
 * names go by their last part, others by their whole path. */
static const char *
name_of(const char *path)
{
	static const char *const folders[] = { "archive/", "indexes/",
		"pages/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (text_starts(path, folders[i]))
			return path + strlen(folders[i]);
	return path;
}

static void
list(struct wacz_writer *w, const struct wacz_file *f, const char *hex)
{
	struct buf *out = &w->resources;

	buf_add_text(out,
	    out->len == 0 ? "\n    {\"name\": \"" : ",\n    {\"name\": \"");
	wacz_add_name(out, name_of(f->path));
	buf_add_text(out, "\", \"path\": ");
	json_add_string(out, f->path, strlen(f->path));
	buf_format(out, ", \"hash\": \"sha256:%s\", \"bytes\": %ju", hex,
	    (uintmax_t)f->size);
	if (f->origin[0] != '\0') {
		buf_add_text(out, ", \"origin\": ");
		json_add_string(out, f->origin, strlen(f->origin));
	}
	buf_add_byte(out, '}');
}

/* A stream digested on the way. */
struct digesting {
	struct stream stream;
	struct stream *inner;
	struct digester *digest;
};

static int
digesting_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct digesting *d = (struct digesting *)s;
	int more = stream_next(d->inner, data, len, e);

	if (more == 1)
		digester_add(d->digest, *data, *len);
	return more;
}

int
wacz_put(struct wacz_writer *w, const struct wacz_file *f, struct stream *bytes,
    struct error *e)
{
	struct digesting d = { .stream.next = digesting_next,
		.inner = bytes,
		.digest = w->digest };
	char hex[DIGEST_TEXT_MAX];

	if (f->hex == NULL)
		digester_reset(w->digest);
	if (package_put(w->package, f->path, f->size,
		f->hex == NULL ? &d.stream : bytes, e) != 0)
		return -1;
	if (f->hex == NULL)
		digester_hex(w->digest, hex);
	else
		f->hex(f->context, hex);
	list(w, f, hex);
	return 0;
}

static int
put_text(struct wacz_writer *w, const char *name, const struct buf *text,
    struct error *e)
{
	struct stream *s = stream_of_bytes(text->data, text->len);
	int rc = package_put(w->package, name, text->len, s, e);

	stream_free(s);
	return rc;
}

/* What is signed is the text of the hash with its label (wacz-auth, 2.1). */
static int
add_signature(
    struct wacz_writer *w, struct buf *out, const char *hash, struct error *e)
{
	buf_format(out,
	    ",\n  \"signedData\": {\n    \"hash\": \"%s\",\n"
	    "    \"created\": \"%s\",\n    \"software\": %s,\n"
	    "    \"version\": \"0.1.0\",\n    \"signature\": \"",
	    hash, w->created, buf_text(&w->software));
	if (w->signer.sign(w->signer.context, hash, strlen(hash), out, e) != 0)
		return -1;
	buf_add_text(out, "\",\n    \"publicKey\": \"");
	w->signer.public_key(w->signer.context, out);
	buf_add_text(out, "\"\n  }");
	return 0;
}

static int
put_datapackage(struct wacz_writer *w, struct error *e)
{
	struct buf *package = &w->head;
	struct buf digest = { 0 };
	char hash[DIGEST_TEXT_MAX];
	int rc;

	buf_add(package, w->resources.data, w->resources.len);
	buf_add_text(package, "\n  ]\n}\n");
	rc = put_text(w, "datapackage.json", package, e);
	if (rc != 0)
		return -1;
	digest_text(DIGEST_SHA256, package->data, package->len, hash);
	buf_format(&digest,
	    "{\n  \"path\": \"datapackage.json\",\n  \"hash\": \"%s\"", hash);
	if (w->signer.sign != NULL)
		rc = add_signature(w, &digest, hash, e);
	buf_add_text(&digest, "\n}\n");
	if (rc == 0)
		rc = put_text(w, "datapackage-digest.json", &digest, e);
	buf_clear(&digest);
	return rc;
}

int
wacz_finish(struct wacz_writer *w, struct error *e)
{
	int rc = put_datapackage(w, e);

	if (rc == 0) {
		rc = package_finish(w->package, e);
		w->package = NULL;
	}
	wacz_abandon(w);
	return rc;
}

void
wacz_abandon(struct wacz_writer *w)
{
	if (w == NULL)
		return;
	package_abandon(w->package);
	digester_free(w->digest);
	buf_clear(&w->software);
	buf_clear(&w->resources);
	buf_clear(&w->head);
	free(w);
}
