/*
 * Journals whose lines are sound and say anything, in any order: each line of
 * the input is a kind and its JSON. What they amount to is found, or refused;
 * each run has an end, and a second reading gives the same.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/journal.h"
#include "core/collection/past.h"
#include "core/collection/tally.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Where outcomes and index are written to. */
static char dir[] = "/tmp/fuzz-tally-XXXXXX";

__attribute__((constructor)) static void
make_dir(void)
{
	if (mkdtemp(dir) == NULL)
		abort();
}

__attribute__((destructor)) static void
remove_dir(void)
{
	struct file_names names = { 0 };

	if (file_list(dir, &names, NULL) == 0 && chdir(dir) == 0)
		for (size_t i = 0; i < names.count; i++)
			(void)unlink(names.names[i]);
	file_names_clear(&names);
	(void)rmdir(dir);
}

static void
add_lines(struct buf *out, const uint8_t *p, size_t len)
{
	while (len > 1) {
		const uint8_t *end = memchr(p, '\n', len);
		size_t n = end == NULL ? len : (size_t)(end - p);

		if (n > 1 && memchr(p, '\0', n) == NULL)
			journal_add(
			    out, (char)p[0], (const char *)p + 1, n - 1);
		if (end == NULL)
			return;
		p += n + 1;
		len -= n + 1;
	}
}

static uint64_t
amount(int fd)
{
	struct tally t;
	uint64_t targets = 0;

	tally_init(&t, fd);
	if (tally_ends(&t, NULL) == 0 && t.status != NULL) {
		for (size_t i = 0; i < t.run_count; i++)
			if (t.runs[i].status == NULL)
				abort();
		if (tally_write(&t, dir, NULL) == 0)
			targets = t.totals.targets;
		if (t.totals.good + t.totals.left_out + t.totals.failed !=
		    t.totals.targets)
			abort();
	}
	tally_clear(&t);
	return targets;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("journal", MFD_CLOEXEC);
	struct buf all = { 0 };
	struct past past;
	uint64_t once;

	add_lines(&all, p, len);
	if (fd < 0 || file_write_at(fd, all.data, all.len, 0, NULL) != 0)
		abort();
	(void)past_read(&past, fd, NULL);
	past_clear(&past);
	once = amount(fd);
	if (amount(fd) != once)
		abort();
	(void)close(fd);
	buf_clear(&all);
	return 0;
}
