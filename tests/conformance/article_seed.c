/*
 * A real article: its visible text, taken by position from the corpora and
 * poured into the fixture template, must come back as the expected article.
 * The expected file holds places instead of the text, which is not ours.
 */

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/news/loose_json.h"
#include "core/news/profile.h"
#include "tests/site/story.h"
#include "tests/site/template.h"
#include "tests/test.h"

/* Of the canonical article without the digests of the profile files. */
static const char article_sha256[] =
    "014f0ed5e93238f55671eab5cd51014df302cf218c21d03255c9b4f2145bf833";

/* Rule NT1 over headline, dek and body of the real article. */
static const char *const nt1_hashes[][2] = {
	{ "core",
	    "5615591ea21fa6fcb0bfcc8a667f9b2c5349239e13c631842cf77339a83a4c91" },
	{ "headline",
	    "1f5a11bc196cfec4d4eb1c0a4444f75e8c8152d91a78d6775b4b77cf3de03eb4" },
	{ "dek",
	    "5990953f13fad412aaf512e40c8c7ea96bc58b552f807ac6c28b4fe356edde89" },
	{ "body",
	    "4842b7a5fdece7da809c5f909912babedf31cbe9c89b79d07f0c34c3b7f0c5ab" },
};

struct seed {
	struct arena *arena;
	struct error error;
	char **lines;
	size_t count;
	size_t at;
	struct json *story;
};

/* Bullets and indentation are the text rendering's. */
static char *
strip(struct seed *s, const char *line)
{
	static const char bullet[] = "\xe2\x80\xa2 ";

	while (*line == ' ')
		line++;
	if (text_starts(line, bullet))
		line += strlen(bullet);
	return arena_text(s->arena, line);
}

static void
split_lines(struct seed *s, const char *text)
{
	s->lines = arena_alloc(s->arena, 1000 * sizeof(*s->lines));
	while (*text != '\0' && s->count < 1000) {
		size_t len = strcspn(text, "\n");

		s->lines[s->count++] = arena_text_n(s->arena, text, len);
		text += len + (text[len] == '\n');
	}
}

/* The next line that is not blank; "" at the end. */
static const char *
next(struct seed *s)
{
	while (s->at < s->count && s->lines[s->at][0] == '\0')
		s->at++;
	return s->at < s->count ? strip(s, s->lines[s->at++]) : "";
}

static const char *
peek(struct seed *s)
{
	while (s->at < s->count && s->lines[s->at][0] == '\0')
		s->at++;
	return s->at < s->count ? s->lines[s->at] : "";
}

static void
skip_to(struct seed *s, const char *line)
{
	while (s->at < s->count && strcmp(s->lines[s->at], line) != 0)
		s->at++;
	s->at++;
}

/* How the site makes addresses: one "-" per character that is no letter or
 * digit, at most 60. */
static const char *
address(struct seed *s, const char *folder, const char *title)
{
	struct buf b = { 0 };
	size_t count = 0;
	const char *text;

	buf_add_text(&b, folder);
	for (size_t i = 0; title[i] != '\0' && count < 60; count++) {
		uint32_t cp;
		int c;

		i += text_utf8_next(
		    (const uint8_t *)title + i, strlen(title) - i, &cp, NULL);
		c = cp < 0x80 ? text_lower((int)cp) : '-';
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			c = '-';
		buf_add_byte(&b, (uint8_t)c);
	}
	text = arena_text(s->arena, buf_text(&b));
	buf_clear(&b);
	return text;
}

static void
set(struct seed *s, const char *name, const char *value)
{
	json_set_string(s->arena, s->story, name, value);
}

/* An element of LIST. */
static struct json *
add(struct seed *s, struct json *list, const char *name, const char *value,
    const char *href)
{
	struct json *o = json_new_object(s->arena);

	json_set_string(s->arena, o, name, value);
	json_set_string(s->arena, o, "href", href);
	json_append(s->arena, list, o);
	json_set_integer(s->arena, o, "pos", (int64_t)json_count(list));
	return o;
}

static void
take_ticker(struct seed *s)
{
	struct json *list = json_new_array(s->arena);

	skip_to(s, "BREAKING");
	while (s->lines[s->at][0] != '\0') {
		const char *line = next(s);
		const char *colon = strstr(line, ": ");
		struct json *o = add(s, list, "text", line,
		    arena_format(
			s->arena, "/latestnews/%zu", json_count(list) + 1));

		json_set_string(s->arena, o, "attribution",
		    arena_text_n(s->arena, line, (size_t)(colon - line)));
	}
	json_set(s->arena, s->story, "ticker", list);
}

static void
take_head(struct seed *s)
{
	const char *title = next(s);
	struct json *lead = json_get(s->story, "lead");
	static const char base[] = "https://media.almayadeen.net/archive/image/"
				   "2023/11/16/"
				   "c0ffee00-1111-4222-8333-444455556666.jpg";
	const char *caption;

	set(s, "title", title);
	set(s, "path", address(s, "/news/politics/", title));
	set(s, "url",
	    arena_format(s->arena, "https://english.almayadeen.net%s",
		address(s, "/news/politics/", title)));
	set(s, "byline", next(s));
	set(s, "source", next(s));
	set(s, "date", next(s));
	set(s, "read_time", next(s));
	set(s, "dek", next(s));
	(void)next(s); /* share */
	json_set_string(s->arena, lead, "src",
	    arena_format(s->arena, "%s?v=3&width=750", base));
	json_set_string(s->arena, lead, "srcset", "");
	json_set_string(s->arena, lead, "webp_srcset", "");
	json_set_string(s->arena, lead, "alt", next(s));
	caption = next(s);
	json_set_string(s->arena, lead, "caption", caption);
	json_set_string(s->arena, lead, "caption_bare",
	    arena_text_n(s->arena, caption, strlen(caption) - strlen(" (AP)")));
}

static void
take_body(struct seed *s)
{
	struct json *before = json_new_array(s->arena);
	struct json *after = json_new_array(s->arena);
	struct json *related = json_new_array(s->arena);
	struct json *xref;
	const char *line;

	while (strcmp(line = next(s), "Related News") != 0)
		json_append(s->arena, before, json_new_string(s->arena, line));
	while (!text_starts(line = next(s), "Read next:"))
		(void)add(s, related, "title", line,
		    address(s, "/news/politics/", line));
	line += strlen("Read next: ");
	xref = add(s, json_new_array(s->arena), "text", line,
	    address(s, "/news/politics/", line));
	json_set_string(s->arena, xref, "label", "Read next:");
	while (peek(s)[0] != ' ')
		json_append(
		    s->arena, after, json_new_string(s->arena, next(s)));
	json_set(s->arena, s->story, "paragraphs_before", before);
	json_set(s->arena, s->story, "related", related);
	json_set(s->arena, s->story, "readnext", xref);
	json_set(s->arena, s->story, "paragraphs_after", after);
}

static void
take_tags(struct seed *s)
{
	struct json *tags = json_new_array(s->arena);
	struct json *coverage = json_get(s->story, "coverage");
	const char *name;

	while (peek(s)[0] == ' ') {
		name = next(s);
		(void)add(s, tags, "name", name, address(s, "/tags/", name));
	}
	json_set(s->arena, s->story, "tags", tags);
	name = next(s);
	json_set_string(s->arena, coverage, "name", name);
	json_set_string(
	    s->arena, coverage, "href", address(s, "/coverage/", name));
}

/* The days on the cards are all of one month. */
static void
set_date(struct seed *s, struct json *o, const char *date)
{
	CHECK(text_ends(date, " Aug 2025"));
	json_set_string(s->arena, o, "date", date);
	json_set_string(s->arena, o, "date_iso",
	    arena_format(s->arena, "2025-08-%.2s", date));
}

/* Caption, title, section, date; or caption, section, title. */
static void
take_cards(struct seed *s, const char *name, const char *end, int has_date)
{
	struct json *list = json_new_array(s->arena);

	while (strcmp(peek(s), end) != 0) {
		const char *caption = next(s);
		const char *first = next(s);
		const char *second = next(s);
		const char *title = has_date ? first : second;
		const char *section = has_date ? second : first;
		struct json *o = add(s, list, "title", title,
		    address(s, "/news/politics/", title));
		const char *open = strrchr(caption, '(');

		json_set_string(s->arena, o, "caption", caption);
		json_set_string(s->arena, o, "credit",
		    arena_text_n(s->arena, open + 1, strlen(open) - 2));
		json_set_string(s->arena, o, "section", section);
		json_set_string(s->arena, o, "section_href", "/news/politics");
		json_set_string(s->arena, o, "image",
		    arena_format(s->arena, "/images/%s-%zu.jpg", name,
			json_count(list)));
		if (has_date)
			set_date(s, o, next(s));
	}
	json_set(s->arena, s->story, name, list);
}

static void
take_coverage_box(struct seed *s)
{
	struct json *list = json_new_array(s->arena);

	(void)next(s); /* Coverage */
	(void)next(s); /* All */
	while (strcmp(peek(s), "Read Next") != 0) {
		const char *name = next(s);

		(void)add(
		    s, list, "name", name, address(s, "/coverage/", name));
	}
	json_set(s->arena, s->story, "coverage_box", list);
	(void)next(s); /* Read Next */
	(void)next(s); /* All */
}

static void
take_footer(struct seed *s)
{
	struct json *footer = json_get(s->story, "footer");

	(void)next(s); /* the brand */
	json_set_string(s->arena, footer, "about", next(s));
	json_set_string(s->arena, footer, "rights", next(s));
}

static int
load_seed(struct seed *s)
{
	struct buf text = { 0 };
	const char *path = arena_format(
	    s->arena, "%s/seed/article-page.txt", getenv("CORPORA"));

	if (file_get(path, &text, LIMIT_MIB, &s->error) != 0)
		return -1;
	split_lines(s, buf_text(&text));
	buf_clear(&text);
	s->story = story_load(s->arena, &s->error);
	if (s->story == NULL)
		return -1;
	take_ticker(s);
	take_head(s);
	take_body(s);
	take_tags(s);
	skip_to(s, "Most Read");
	take_cards(s, "most_read", "Coverage", 1);
	take_coverage_box(s);
	take_cards(s, "read_next", "Al Mayadeen English", 0);
	take_footer(s);
	return 0;
}

static struct json *
new_block(struct seed *s, struct json *blocks)
{
	struct json *o = json_new_object(s->arena);
	int64_t n = (int64_t)json_count(blocks);

	json_set_integer(s->arena, o, "i", n);
	json_set_integer(s->arena, o, "nth", n + 1);
	json_append(s->arena, blocks, o);
	return o;
}

static void
add_blocks(struct seed *s, struct json *blocks, const struct json *list,
    struct buf *text)
{
	for (size_t i = 0; i < json_count(list); i++) {
		struct json *o = new_block(s, blocks);

		json_set(s->arena, o, "text", json_at(list, i));
		if (text->len > 0)
			buf_add_byte(text, '\n');
		buf_add_text(text, json_text(json_at(list, i), ""));
	}
}

/* What the template of the expected article needs beyond the story. */
static void
add_expected_data(struct seed *s, const struct profile *p)
{
	const struct profile_file *files;
	size_t count = profile_chain(p, &files);
	struct json *chain = json_new_array(s->arena);
	struct json *blocks = json_new_array(s->arena);
	struct buf text = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct json *o = json_new_object(s->arena);

		json_set_string(s->arena, o, "key", files[i].key);
		json_set_string(s->arena, o, "sha256", files[i].sha256);
		json_append(s->arena, chain, o);
	}
	add_blocks(s, blocks, json_get(s->story, "paragraphs_before"), &text);
	json_set_bool(s->arena, new_block(s, blocks), "xref", 1);
	add_blocks(s, blocks, json_get(s->story, "paragraphs_after"), &text);
	json_set(s->arena, s->story, "chain", chain);
	json_set(s->arena, s->story, "blocks", blocks);
	set(s, "body_text", buf_text(&text));
	set(s, "byline_name",
	    json_text(json_get(s->story, "byline"), "") + strlen("By "));
	set(s, "source_name",
	    json_text(json_get(s->story, "source"), "") + strlen("Source: "));
	set(s, "origin", "https://english.almayadeen.net");
	buf_clear(&text);
}

static struct json *
expected(struct seed *s)
{
	const char *path = arena_format(s->arena,
	    "%s/tests/conformance/article_seed.json.in", story_root(s->arena));
	struct buf template = { 0 };
	struct buf text = { 0 };
	struct json *v = NULL;
	int repaired;

	if (file_get(path, &template, LIMIT_MIB, &s->error) == 0 &&
	    template_expand(&text, buf_text(&template), template.len, s->story,
		&s->error) == 0) {
		v = loose_json_parse(
		    s->arena, buf_text(&text), text.len, &repaired);
		if (v == NULL)
			(void)error_set(&s->error, ERROR_INPUT,
			    "%s: not JSON when expanded", path);
	}
	buf_clear(&template);
	buf_clear(&text);
	return v;
}

static void
check_equal(const char *what, const struct json *got, const struct json *want)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	size_t i = 0;

	json_write_canonical(&a, got);
	json_write_canonical(&b, want);
	if (a.len == b.len && memcmp(a.data, b.data, a.len) == 0)
		goto done;
	while (i < a.len && i < b.len && a.data[i] == b.data[i])
		i++;
	i = i < 60 ? 0 : i - 60;
	printf("# %s is\n#   %.160s, expected\n#   %.160s\n", what,
	    buf_text(&a) + i, buf_text(&b) + i);
	test_failed = 1;
done:
	buf_clear(&a);
	buf_clear(&b);
}

/*
 * Every byte_offset leads to the start tag that its locator names; a copy of
 * the provenance without them is left in the article.
 */
static void
check_offsets(struct seed *s, struct json *article, const struct buf *page)
{
	const struct json *all = json_get(article, "provenance");
	struct json *copies = json_new_object(s->arena);

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *o = json_at(all, i);
		struct json *copy = json_new_object(s->arena);
		int64_t at = json_int(json_get(o, "byte_offset"), -1);
		const char *path = json_text(json_get(o, "locator"), "/");
		const char *name = strrchr(path, '/') + 1;
		size_t len = strcspn(name, "[");

		if (at >= 0)
			CHECK((size_t)at + len < page->len &&
			      page->data[at] == '<' &&
			      memcmp(page->data + at + 1, name, len) == 0);
		CHECK_INT(at >= 0, name[0] != '\0');
		for (size_t k = 0; k < json_count(o); k++)
			if (strcmp(json_key(o, k), "byte_offset") != 0)
				json_set(s->arena, copy, json_key(o, k),
				    json_at(o, k));
		json_set(s->arena, copies, json_key(all, i), copy);
	}
	json_set(s->arena, article, "provenance", copies);
}

static void
check_hashes(const struct json *article)
{
	const struct json *hashes = json_get(article, "hashes");

	CHECK_TEXT(json_text(json_get(hashes, "rule"), ""), "NT1");
	for (size_t i = 0; i < 4; i++)
		CHECK_TEXT(json_text(json_get(hashes, nt1_hashes[i][0]), ""),
		    nt1_hashes[i][1]);
}

static void
check_digest(struct seed *s, struct json *article)
{
	struct json *profile = json_get(
	    json_get(article, "extractor"), "profile");
	struct json *chain = json_get(profile, "chain");
	char digest[DIGEST_TEXT_MAX];
	struct buf b = { 0 };

	json_set(s->arena, profile, "chain", json_new_array(s->arena));
	json_write_canonical(&b, article);
	digest_text(DIGEST_SHA256, b.data, b.len, digest);
	CHECK_TEXT(digest + strlen("sha256:"), article_sha256);
	json_set(s->arena, profile, "chain", chain);
	buf_clear(&b);
}

static void
compare(struct seed *s, const struct profile *p)
{
	struct buf page = { 0 };
	struct json *got;
	struct json *article;
	struct json *want;

	CHECK_OK(
	    story_page(s->arena, s->story, NULL, &page, &s->error), &s->error);
	got = story_read(s->arena, p, json_text(json_get(s->story, "url"), ""),
	    &page, NULL, &s->error);
	add_expected_data(s, p);
	want = expected(s);
	CHECK_TEXT(s->error.text, "");
	CHECK_TEXT(json_text(json_get(got, "status"), ""), "ok");
	article = json_get(got, "article");
	if (article != NULL && want != NULL) {
		check_hashes(article);
		check_digest(s, article);
		check_offsets(s, article, &page);
		check_equal("article", article, json_get(want, "article"));
		check_equal("zones",
		    json_get(json_get(got, "pagestate"), "zones"),
		    json_get(want, "zones"));
	}
	buf_clear(&page);
}

static void
run(struct seed *s)
{
	struct profile_set *set = NULL;

	CHECK_OK(profile_set_load(&set, NULL, &s->error), &s->error);
	CHECK_OK(load_seed(s), &s->error);
	if (set != NULL && s->story != NULL)
		compare(s, profile_set_find(set, "almayadeen-en"));
	profile_set_free(set);
}

CASE(the_text_of_a_real_article_comes_back_as_expected)
{
	struct seed s = { 0 };

	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	s.arena = arena_new();
	run(&s);
	arena_free(s.arena);
}

TESTS(T(the_text_of_a_real_article_comes_back_as_expected))
