/* The table of findings in ARCHIVING.md and the table of checks are one. */
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/text.h"
#include "core/news/profile.h"
#include "tests/test.h"

static const char *
archiving(void)
{
	for (const struct embedded_file *f = embedded_files; f->name != NULL;
	     f++)
		if (text_ends(f->name, "ARCHIVING.md"))
			return (const char *)f->data;
	return NULL;
}

/* The first row of the table; NULL. */
static const char *
first_row(void)
{
	const char *at = strstr(archiving(), "\n| codes | check | about |\n");

	at = at == NULL ? NULL : strstr(at, "\n| `");
	return at == NULL ? NULL : at + 1;
}

/* Is WORD one of the words that SEPARATORS part? */
static int
has_word(const char *text, size_t len, const char *word, const char *separators)
{
	size_t word_len = strlen(word);

	for (size_t i = 0; i < len;) {
		size_t n = strcspn(text + i, separators);

		if (i + n > len)
			n = len - i;
		if (n == word_len && memcmp(text + i, word, n) == 0)
			return 1;
		i += n;
		i += strspn(text + i, separators);
	}
	return 0;
}

/* A code of a row, whose second column is CHECKS. */
static void
check_code(const char *code, const char *checks)
{
	enum verify_check check = verify_check_of(code);
	size_t len = strcspn(checks, "|");

	if (check == CHECK_COUNT)
		CHECK_INT((int)strspn(checks, " "), (int)len);
	else if (!has_word(checks, len, verify_checks[check].name, " ,"))
		CHECK_TEXT(code, verify_checks[check].name);
}

CASE(each_code_of_the_document_stands_beside_its_check)
{
	unsigned codes = 0;

	CHECK(first_row() != NULL);
	for (const char *row = first_row(); row != NULL && row[0] == '|';
	     row = strchr(row, '\n') + 1) {
		const char *end = strchr(row + 1, '|');

		for (const char *at = strchr(row, '`'); at != NULL && at < end;
		     at = strchr(strchr(at + 1, '`') + 1, '`')) {
			char code[64] = "";
			size_t len = strcspn(at + 1, "`");

			CHECK(len < sizeof(code));
			memcpy(code, at + 1, len);
			check_code(code, end + 1);
			codes++;
		}
	}
	CHECK(codes > 60);
}

CASE(each_code_of_a_check_is_in_the_document)
{
	const char *table = first_row();
	const char *end = table == NULL ? NULL : strstr(table, "\n\n");

	CHECK(end != NULL);
	for (int i = 0; i < CHECK_COUNT; i++) {
		const char *at = verify_checks[i].codes;

		while (*at != '\0') {
			char code[64] = "";
			size_t len = strcspn(at, " ");

			CHECK(len < sizeof(code));
			memcpy(code, at, len);
			if (!has_word(
				table, (size_t)(end - table), code, "` |"))
				CHECK_TEXT("not in ARCHIVING.md", code);
			at += len;
			at += strspn(at, " ");
		}
	}
}

TESTS(T(each_code_of_the_document_stands_beside_its_check),
    T(each_code_of_a_check_is_in_the_document))
