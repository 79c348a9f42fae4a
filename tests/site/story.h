#ifndef TESTS_SITE_STORY_H
#define TESTS_SITE_STORY_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct json;
struct profile;

/* Fixture articles: a story poured into the template, as a page, as a
 * response, as what the reader makes of it. Paths are below the root of the
 * sources (story_root). */

/* $HOLDFAST_SOURCE, else found from the program's own path. Borrowed from A. */
const char *story_root(struct arena *a);

/* "en", "ar", "es"; ends with NULL. Their profiles are "almayadeen-EDITION",
 * their files lie in plugins/almayadeen/fixtures/EDITION/. */
extern const char *const story_editions[];

/* story.json of the English edition, or of EDITION; NULL with E. */
struct json *story_load(struct arena *a, struct error *e);
struct json *
story_load_of(struct arena *a, const char *edition, struct error *e);

/* The text of article.html.in of EDITION, appended. */
int story_template(
    struct arena *a, const char *edition, struct buf *out, struct error *e);

/* Any file of EDITION, appended. */
int story_file(struct arena *a, const char *edition, const char *name,
    struct buf *out, struct error *e);

/* The page of STORY by TEMPLATE (NULL: that of its language), appended. */
int story_page(struct arena *a, const struct json *story,
    const struct buf *template, struct buf *out, struct error *e);

/* A 200 response of text/html with PAGE, appended. */
void story_response(const struct buf *page, struct buf *out);

/* reader_read of that response under the story's url; the result parsed and
 * (RAW, may be NULL) as written. NULL with E. */
struct json *story_read(struct arena *a, const struct profile *profile,
    const char *url, const struct buf *page, struct buf *raw, struct error *e);

/* V without the members named in DROP (NULL-terminated), at any depth. */
struct json *
story_without(struct arena *a, const struct json *v, const char *const *drop);

/* When all stories are captured: 2025-08-25T12:00:00Z. */
extern const int64_t story_captured_us;

#endif
