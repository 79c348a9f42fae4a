/* Which earlier captures a revisit may name. */
#include "core/base/log.h"

#include "tests/unit/revisit_fixture.h"

#define URL   "https://n.example/a.png"
#define ALIAS "https://n.example/alias.png"

/* A collection whose snapshots hold one picture each. */
struct history {
	struct collection *c;
	struct fixture_clock clock;
	struct arena *a;
	char body[BODY + 1];
	char *dir; /* of the last snapshot */
};

static void
history_begin(struct history *h, const char *name)
{
	*h = (struct history){ .clock = fixture_clock_at(fixture_start_us),
		.c = fixture_collection(name),
		.a = arena_new() };
	fill(h->body, 5);
}

static void
history_end(struct history *h)
{
	free(h->dir);
	arena_free(h->a);
	collection_free(h->c);
}

/* One more snapshot, a minute later; its record's id. */
static const char *
add(struct history *h, struct exchange *x, const struct original *original)
{
	struct snapshot *s = begin(h->c, &h->clock, 0);
	struct snapshot_totals t;

	x->started_us = h->clock.us + 2000;
	(void)put(s, x, "image", original);
	free(h->dir);
	h->dir = seal(s, &t);
	h->clock.us += 60000000;
	return text_of(line_of(h->a, h->dir, 0), "record");
}

/* What is the original of URL, or by digest of DIGEST? Its id, or "". */
static const char *
ask(struct history *h, const char *url, const char *digest, int64_t max_age_us,
    struct original *out)
{
	struct originals *o = originals_new(h->c, max_age_us, h->clock.us);
	struct error e = { 0 };
	int rc = url != NULL ? originals_for_url(o, h->a, url, out, &e)
			     : originals_for_digest(o, h->a, digest, out, &e);
	struct original again = { 0 };

	CHECK_OK(rc < 0 ? -1 : 0, &e);
	/* The answer stays the same when it comes from memory. */
	if (url != NULL)
		CHECK_INT(originals_for_url(o, h->a, url, &again, &e), rc);
	if (url != NULL && rc == 1) {
		CHECK_TEXT(again.etag, out->etag);
		CHECK_INT(again.payload_len, out->payload_len);
		CHECK_TEXT(again.payload_digest, out->payload_digest);
	}
	originals_free(o);
	return rc == 1 ? out->record_id : "";
}

/* The only record file of the last snapshot. */
static char *
record_file(const struct history *h)
{
	char *folder = mem_format("%s/records", h->dir);
	struct file_names names;
	struct error e = { 0 };
	char *path;

	CHECK_OK(file_list(folder, &names, &e), &e);
	path = mem_format("%s/%s", folder, names.names[0]);
	CHECK_OK(file_chmod(folder, 0755, &e), &e);
	CHECK_OK(file_chmod(path, 0644, &e), &e);
	file_names_clear(&names);
	free(folder);
	return path;
}

CASE(the_newest_capture_is_found_with_what_it_goes_by)
{
	struct history h;
	struct original o = { 0 };
	struct exchange *x;
	const char *first;
	const char *second;

	history_begin(&h, "newest");
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), "");
	first = add(&h, picture(URL, h.body, BODY), NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	CHECK_TEXT(o.etag, "\"e1\"");
	CHECK_TEXT(o.url, URL);
	CHECK_TEXT(o.media_type, "image/png");
	CHECK_INT(o.payload_len, BODY);
	CHECK_INT(o.status, 200);
	second = add(&h, picture(URL, h.body + 1, BODY - 1), NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), second);
	/* Errors in between say nothing about the picture. */
	x = picture(URL, "gone", 4);
	x->status = 404;
	x->outcome = OUTCOME_NOT_FOUND;
	(void)add(&h, x, NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), second);
	CHECK_TEXT(ask(&h, ALIAS, NULL, 0, &o), "");
	history_end(&h);
}

CASE(a_payload_is_found_under_any_url)
{
	struct history h;
	struct original o = { 0 };
	char digest[DIGEST_TEXT_MAX];
	const char *first;

	history_begin(&h, "digest");
	first = add(&h, picture(URL, h.body, BODY), NULL);
	digest_text(DIGEST_SHA256, h.body, BODY, digest);
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), first);
	CHECK_TEXT(o.payload_digest, digest);
	digest_text(DIGEST_SHA256, h.body, BODY - 1, digest);
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), "");
	/* What is empty is nobody's original. */
	(void)add(&h, picture(ALIAS, "", 0), NULL);
	digest_text(DIGEST_SHA256, "", 0, digest);
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), "");
	CHECK_TEXT(ask(&h, ALIAS, NULL, 0, &o), "");
	history_end(&h);
}

CASE(a_chain_of_revisits_leads_to_its_one_original)
{
	struct history h;
	struct original o = { 0 };
	struct original alias = { 0 };
	struct exchange *x;
	const char *first;

	history_begin(&h, "chain");
	first = add(&h, picture(URL, h.body, BODY), NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	(void)add(&h, unchanged(URL), &o);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	(void)add(&h, unchanged(URL), &o);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	CHECK_TEXT(o.etag, "\"e1\"");
	/* Another URL's revisit of it, by digest. */
	x = picture(ALIAS, h.body, BODY);
	x->outcome = OUTCOME_REVISIT;
	(void)add(&h, x, &o);
	CHECK_TEXT(ask(&h, ALIAS, NULL, 0, &alias), first);
	CHECK_TEXT(alias.url, URL);
	history_end(&h);
}

CASE(captures_that_are_too_old_are_no_originals)
{
	struct history h;
	struct original o = { 0 };
	char digest[DIGEST_TEXT_MAX];
	const char *first;

	history_begin(&h, "old");
	first = add(&h, picture(URL, h.body, BODY), NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 61000000, &o), first);
	CHECK_TEXT(ask(&h, URL, NULL, 30000000, &o), "");
	digest_text(DIGEST_SHA256, h.body, BODY, digest);
	CHECK_TEXT(ask(&h, NULL, digest, 30000000, &o), "");
	/* A revisit does not make its original younger. */
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	(void)add(&h, unchanged(URL), &o);
	CHECK_TEXT(ask(&h, URL, NULL, 90000000, &o), "");
	history_end(&h);
}

/* Flip one byte of the picture itself: it lies in a stored block. */
static void
rot(const struct history *h)
{
	char *path = record_file(h);
	struct buf bytes = { 0 };
	struct error e = { 0 };
	uint8_t *at;

	CHECK_OK(file_get(path, &bytes, 1000000, &e), &e);
	at = memmem(bytes.data, bytes.len, h->body + 2000, 40);
	CHECK(at != NULL);
	if (at != NULL)
		*at ^= 1;
	CHECK_OK(file_put(path, bytes.data, bytes.len, &e), &e);
	buf_clear(&bytes);
	free(path);
}

/* A body that no deflate makes smaller, so that it is stored. */
static void
fill_noise(struct history *h)
{
	uint32_t n = 12345;

	for (int i = 0; i < BODY; i++) {
		n = n * 1664525 + 1013904223;
		h->body[i] = (char)(n >> 24 | 1);
	}
}

CASE(a_rotten_original_is_told_once_and_not_used)
{
	struct history h;
	struct original o = { 0 };
	struct buf log = { 0 };
	struct error e = { 0 };
	char digest[DIGEST_TEXT_MAX];

	history_begin(&h, "rotten");
	fill_noise(&h);
	(void)add(&h, picture(URL, h.body, BODY), NULL);
	digest_text(DIGEST_SHA256, h.body, BODY, digest);
	CHECK(ask(&h, NULL, digest, 0, &o)[0] != '\0');
	rot(&h);
	CHECK_OK(log_open("rotten.log", &e), &e);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), "");
	log_close();
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), "");
	CHECK_OK(file_get("rotten.log", &log, 100000, &e), &e);
	CHECK_INT(fixture_count(&log, "not used as the original"), 1);
	buf_clear(&log);
	history_end(&h);
}

CASE(an_original_that_is_gone_is_not_used)
{
	struct history h;
	struct original o = { 0 };
	struct error e = { 0 };
	char digest[DIGEST_TEXT_MAX];
	char *path;

	history_begin(&h, "gone");
	(void)add(&h, picture(URL, h.body, BODY), NULL);
	digest_text(DIGEST_SHA256, h.body, BODY, digest);
	CHECK(ask(&h, URL, NULL, 0, &o)[0] != '\0');
	(void)add(&h, unchanged(URL), &o);
	free(h.dir);
	h.dir = collection_path(h.c, "snapshots/2026/11/20261122T082747Z-web");
	path = record_file(&h);
	CHECK_OK(file_remove(path, &e), &e);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), "");
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), "");
	free(path);
	history_end(&h);
}

CASE(after_a_304_for_another_version_the_whole_is_asked_for)
{
	struct history h;
	struct original o = { 0 };
	struct exchange *x;
	const char *first;

	history_begin(&h, "blunt");
	first = add(&h, picture(URL, h.body, BODY), NULL);
	x = unchanged(URL);
	x->outcome = OUTCOME_PROTOCOL_ERROR;
	(void)add(&h, x, NULL);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), first);
	CHECK_TEXT(o.etag, "");
	CHECK_TEXT(o.last_modified, "");
	history_end(&h);
}

CASE(truncated_captures_are_no_originals)
{
	struct history h;
	struct original o = { 0 };
	struct exchange *x;
	char digest[DIGEST_TEXT_MAX];

	history_begin(&h, "cut");
	x = picture(URL, h.body, BODY);
	x->truncated = TRUNCATED_DISCONNECT;
	x->outcome = OUTCOME_TRUNCATED_DISCONNECT;
	(void)add(&h, x, NULL);
	digest_text(DIGEST_SHA256, h.body, BODY, digest);
	CHECK_TEXT(ask(&h, URL, NULL, 0, &o), "");
	CHECK_TEXT(ask(&h, NULL, digest, 0, &o), "");
	history_end(&h);
}

TESTS(T(the_newest_capture_is_found_with_what_it_goes_by),
    T(a_payload_is_found_under_any_url),
    T(a_chain_of_revisits_leads_to_its_one_original),
    T(captures_that_are_too_old_are_no_originals),
    T(a_rotten_original_is_told_once_and_not_used),
    T(an_original_that_is_gone_is_not_used),
    T(after_a_304_for_another_version_the_whole_is_asked_for),
    T(truncated_captures_are_no_originals))
