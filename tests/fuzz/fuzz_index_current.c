/* index/CURRENT and SNAPSHOTS of any bytes: read or refused, names never leave index/. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/collection/index_current.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct index_current n = { 0 };
	char *text = mem_text_n((const char *)data, size);
	char *rest = NULL;

	(void)index_current_parse(&n, text);
	free(text);
	text = mem_text_n((const char *)data, size);
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		(void)index_witness_parse(&n, line);
	for (size_t i = 0; i < n.run_count; i++)
		assert(strchr(n.runs[i].name, '/') == NULL &&
		       n.runs[i].name[0] != '.');
	for (size_t i = 0; i < n.count; i++) {
		const struct index_snapshot *s = &n.snapshots[i];

		assert(s->path[0] != '/' && strstr(s->path, "..") != s->path);
		assert(strlen(s->manifest) == 64);
		assert(index_current_find(&n, s->path) == s);
		assert(i == 0 || strcmp(n.snapshots[i - 1].path, s->path) < 0);
	}
	index_current_clear(&n);
	free(text);
	return 0;
}
