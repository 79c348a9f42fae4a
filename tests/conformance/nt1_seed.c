/* The published test vector of rule NT1: the seed page's hashes. */

#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/news/normalize.h"

#define SEED_BYTES 2835

/* The whole seed text; 0 when there is no corpus. */
static int
read_seed(struct buf *out)
{
	const char *corpora = getenv("CORPORA");
	char path[4096];
	FILE *f = NULL;
	size_t n = 0;

	if (corpora == NULL || *corpora == '\0')
		return 0;
	(void)snprintf(path, sizeof(path), "%s/seed/article-page.txt", corpora);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	while ((n = fread(buf_room(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	buf_add(out, "", 0);
	(void)fclose(f);
	return 1;
}

/* The paragraphs of the article by their place in the text: headline first,
 * then what follows each empty line. */
struct seed {
	const char *line[64];
	size_t len[64];
	size_t count;
};

static void
split_seed(struct seed *seed, const struct buf *text)
{
	const char *s = strstr(buf_text(text), "\nGap between Washington");
	const char *end = strstr(buf_text(text), "\n  • United States");

	*seed = (struct seed){ 0 };
	if (s == NULL || end == NULL)
		return;
	for (s++; s < end && seed->count < 64;) {
		const char *stop = strchr(s, '\n');
		int paragraph = s == buf_text(text) || s[-2] == '\n';

		if (paragraph && stop > s && *s != ' ') {
			seed->line[seed->count] = s;
			seed->len[seed->count++] = (size_t)(stop - s);
		}
		s = stop + 1;
	}
}

static void
check_hash(const struct buf *stream, const char *expected)
{
	char text[DIGEST_TEXT_MAX];

	digest_text(DIGEST_SHA256, stream->data, stream->len, text);
	CHECK_TEXT(text, expected);
}

CASE(the_seed_article_has_the_published_hashes)
{
	struct buf text = { 0 };
	struct buf headline = { 0 };
	struct buf dek = { 0 };
	struct buf body = { 0 };
	struct buf core = { 0 };
	struct seed seed;

	if (!read_seed(&text))
		SKIP("CORPORA is not set");
	split_seed(&seed, &text);
	/* 0 headline, 1 dek, 2-6 body, 7-9 Related News, 10 Read next,
	 * 11-16 body. */
	CHECK_INT(seed.count, 17);
	if (seed.count == 17) {
		nt1_block(&headline, "h", seed.line[0], seed.len[0]);
		nt1_block(&dek, "d", seed.line[1], seed.len[1]);
		for (size_t i = 2; i < 17; i++)
			if (i < 7 || i > 10)
				nt1_block(
				    &body, "p", seed.line[i], seed.len[i]);
	}
	buf_add(&core, headline.data, headline.len);
	buf_add(&core, dek.data, dek.len);
	buf_add(&core, body.data, body.len);
	CHECK_INT(core.len, SEED_BYTES);
	check_hash(&core, "sha256:5615591ea21fa6fcb0bfcc8a667f9b2c"
			  "5349239e13c631842cf77339a83a4c91");
	check_hash(&headline, "sha256:1f5a11bc196cfec4d4eb1c0a4444f75e"
			      "8c8152d91a78d6775b4b77cf3de03eb4");
	check_hash(&dek, "sha256:5990953f13fad412aaf512e40c8c7ea9"
			 "6bc58b552f807ac6c28b4fe356edde89");
	check_hash(&body, "sha256:4842b7a5fdece7da809c5f909912babe"
			  "df31cbe9c89b79d07f0c34c3b7f0c5ab");
	buf_clear(&core);
	buf_clear(&body);
	buf_clear(&dek);
	buf_clear(&headline);
	buf_clear(&text);
}

CASE(the_seed_body_has_388_words)
{
	struct buf text = { 0 };
	struct seed seed;
	size_t words = 0;

	if (!read_seed(&text))
		SKIP("CORPORA is not set");
	split_seed(&seed, &text);
	for (size_t i = 2; i < seed.count; i++)
		if (i < 7 || i > 10)
			words += nt1_words(seed.line[i], seed.len[i]);
	CHECK_INT(words, 388);
	buf_clear(&text);
}

TESTS(T(the_seed_body_has_388_words),
    T(the_seed_article_has_the_published_hashes))
