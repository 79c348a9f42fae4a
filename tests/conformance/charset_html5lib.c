/* The encoding vectors of html5lib-tests: "#data" ... "#encoding" NAME. */

#include "tests/test.h"

#include "core/base/buf.h"
#include "core/web/charset.h"

static int
read_file(const char *name, struct buf *out)
{
	const char *corpora = getenv("CORPORA");
	char path[4096];
	FILE *f = NULL;
	size_t n = 0;

	if (corpora == NULL || *corpora == '\0')
		return 0;
	(void)snprintf(path, sizeof(path),
	    "%s/html5lib__html5lib-tests/encoding/%s", corpora, name);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	while ((n = fread(buf_room(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	buf_add(out, "", 0);
	(void)fclose(f);
	return 1;
}

/* Returns the number of vectors in the file. */
static int
run_file(const char *name)
{
	static const char data_mark[] = "#data\n";
	static const char name_mark[] = "\n#encoding\n";
	struct buf text = { 0 };
	int count = 0;

	if (!read_file(name, &text))
		return 0;
	const char *s = buf_text(&text);
	const char *end = s + text.len;
	while ((s = memmem(s, (size_t)(end - s), data_mark, 6)) != NULL) {
		const char *data = s + 6;
		const char *stop = memmem(
		    data, (size_t)(end - data), name_mark, 11);
		const char *source = "";

		if (stop == NULL)
			break;
		const char *want = stop + 11;
		size_t want_len = strcspn(want, "\n");
		const char *found = charset_find(
		    (const uint8_t *)data, (size_t)(stop - data), "", &source);

		CHECK_TEXT(found, charset_name(want, want_len));
		if (strcmp(found, charset_name(want, want_len)) != 0)
			printf("# %s: vector %d\n", name, count);
		count++;
		s = want + want_len;
	}
	buf_clear(&text);
	return count;
}

CASE(html5lib_encoding_vectors_are_found)
{
	int count = run_file("tests1.dat") + run_file("tests2.dat") +
		    run_file("test-yahoo-jp.dat");

	if (count == 0)
		SKIP("CORPORA is not set");
	CHECK_INT(count, 82);
}

TESTS(T(html5lib_encoding_vectors_are_found))
