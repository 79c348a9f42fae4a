/* A file somebody calls an index: of whatever kind it is taken for, no line of
 * it is outside what was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive/index_file.h"
#include "core/base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("index", MFD_CLOEXEC);
	char path[64];
	struct index_file *f = NULL;
	char *line;
	size_t size;

	if (fd < 0)
		abort();
	if (file_write_at(fd, p, len, 0, NULL) != 0)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (index_file_open(&f, path, NULL) == 0) {
		if (index_file_find(f, "com,", "d", NULL) == 0)
			while (index_file_next(f, &line, &size, NULL) == 1)
				if (memchr(line, '\n', size) != NULL ||
				    strcmp(line, "d") >= 0)
					abort();
		index_file_free(f);
	}
	(void)close(fd); /* all is read */
	return 0;
}
