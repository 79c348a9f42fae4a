/* Run one fuzz target over every file of its corpus, with any compiler. */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
main(int argc, char **argv)
{
	struct file_names names = { 0 };
	struct error e = { 0 };
	size_t done = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: replay CORPUS-DIRECTORY\n");
		return 2;
	}
	/* The empty input belongs to every corpus. */
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	if (file_is_dir(argv[1]) && file_list(argv[1], &names, &e) != 0) {
		printf("not ok 1 - %s\n", e.text);
		return 1;
	}
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", argv[1], names.names[i]);
		struct buf b = { 0 };

		if (file_get(path, &b, 64 << 20, &e) == 0) {
			/* An exact copy, so that reading past it is seen. */
			uint8_t *copy = mem_dup(b.data, b.len);

			(void)LLVMFuzzerTestOneInput(copy, b.len);
			free(copy);
			done++;
		}
		buf_clear(&b);
		free(path);
	}
	printf("ok 1 - %zu inputs of %s\n1..1\n", done + 1, argv[1]);
	file_names_clear(&names);
	return 0;
}
