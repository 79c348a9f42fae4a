/* Frames and dictionaries that the authors of zstd keep for their own tests:
 * what the library takes at once is what the reader gives, no byte is left
 * over. (Some of them are about faults that older libraries have.) */
#include <dirent.h>
#include <zstd.h>

#include "core/archive/members.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

#define GOLDEN "facebook__zstd/tests/"

static int
load(struct buf *out, const char *folder, const char *name)
{
	const char *corpora = getenv("CORPORA");
	char *path = mem_format("%s/" GOLDEN "%s/%s", corpora, folder, name);
	struct error e = { 0 };
	int rc = file_get(path, out, 64 << 20, &e);

	if (rc != 0)
		printf("# %s\n", e.text);
	free(path);
	return rc;
}

/* All frames of FILE joined; the verdict, NULL when all are sound. */
static const char *
read_frames(const struct buf *file, struct buf *content)
{
	struct input *in = input_of_bytes(buf_text(file), file->len, "golden");
	struct members *m = zstd_members_new(in);
	struct stream *bytes = NULL;
	struct error e = { 0 };
	const char *verdict;
	int more;

	while ((more = m->next(m, &bytes, &e)) > 0)
		if (stream_read(bytes, content, 64 << 20, &e) != 0)
			break;
	verdict = m->verdict;
	CHECK(more >= 0 || verdict != NULL);
	if (verdict == NULL)
		CHECK_INT(m->offset(m), file->len);
	members_free(m);
	input_free(in);
	return verdict;
}

/* Is it what the library says of the whole at once? */
static int
agrees(const struct buf *file, const struct buf *content, const char *verdict)
{
	size_t cap = 8 << 20;
	uint8_t *whole = mem_alloc(cap);
	size_t n = ZSTD_decompress(whole, cap, file->data, file->len);
	int rc;

	if (ZSTD_isError(n))
		rc = verdict != NULL;
	else
		rc = verdict == NULL && n == content->len &&
		     memcmp(whole, buf_text(content), n) == 0;
	free(whole);
	return rc;
}

/* Every file of FOLDER: how many. */
static int
read_folder(const char *folder)
{
	char *path = mem_format("%s/" GOLDEN "%s", getenv("CORPORA"), folder);
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int files = 0;

	CHECK(dir != NULL);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct buf file = { 0 };
		struct buf content = { 0 };
		const char *verdict;

		if (entry->d_name[0] == '.')
			continue;
		CHECK_INT(load(&file, folder, entry->d_name), 0);
		verdict = read_frames(&file, &content);
		printf("# %s: %s, %zu bytes\n", entry->d_name,
		    verdict == NULL ? "sound" : verdict, content.len);
		CHECK(agrees(&file, &content, verdict));
		files++;
		buf_clear(&file);
		buf_clear(&content);
	}
	if (dir != NULL)
		(void)closedir(dir);
	free(path);
	return files;
}

CASE(golden_frames_read_as_the_library_reads_them)
{
	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	CHECK_INT(read_folder("golden-decompression"), 4);
	CHECK_INT(read_folder("golden-decompression-errors"), 3);
}

/* CONTENT as one frame by DICTIONARY behind its frame. */
static void
make_file(
    struct buf *out, const struct buf *dictionary, const struct buf *content)
{
	const uint8_t head[8] = { 0x5d, 0x2a, 0x4d, 0x18,
		(uint8_t)dictionary->len, (uint8_t)(dictionary->len >> 8),
		(uint8_t)(dictionary->len >> 16), 0 };
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(content->len);
	size_t n;

	buf_add(out, head, sizeof(head));
	buf_add(out, dictionary->data, dictionary->len);
	(void)ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	CHECK(!ZSTD_isError(
	    ZSTD_CCtx_loadDictionary(c, dictionary->data, dictionary->len)));
	n = ZSTD_compress2(
	    c, buf_room(out, bound), bound, content->data, content->len);
	CHECK(!ZSTD_isError(n));
	out->len += n;
	(void)ZSTD_freeCCtx(c);
}

CASE(content_compressed_by_a_golden_dictionary_comes_back)
{
	static const char *const names[] = { "http",
		"large-literal-and-match-lengths",
		"PR-3517-block-splitter-corruption-test",
		"huffman-compressed-larger" };
	struct buf dictionary = { 0 };

	if (getenv("CORPORA") == NULL)
		SKIP("CORPORA is not set");
	CHECK_INT(load(&dictionary, "golden-dictionaries",
		      "http-dict-missing-symbols"),
	    0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf content = { 0 };
		struct buf file = { 0 };
		struct buf back = { 0 };

		CHECK_INT(load(&content, "golden-compression", names[i]), 0);
		make_file(&file, &dictionary, &content);
		CHECK(read_frames(&file, &back) == NULL);
		CHECK(
		    back.len == content.len &&
		    memcmp(buf_text(&back), buf_text(&content), back.len) == 0);
		buf_clear(&content);
		buf_clear(&file);
		buf_clear(&back);
	}
	buf_clear(&dictionary);
}

TESTS(T(golden_frames_read_as_the_library_reads_them),
    T(content_compressed_by_a_golden_dictionary_comes_back))
