/* Journals of any bytes: sound lines are given out once, in order, and read
 * back from their offsets; nothing else is. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/collection/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct walk {
	int fd;
	uint64_t next; /* where the next line must begin */
};

static int
each_line(void *context, char kind, char *json, size_t len, uint64_t offset,
    struct error *e)
{
	struct walk *w = context;
	struct buf again = { 0 };
	struct buf made = { 0 };

	if (offset != w->next || strlen(json) != len)
		abort();
	if (journal_line_at(w->fd, offset, &again, e) != 0 ||
	    strcmp(buf_text(&again), json) != 0)
		abort();
	journal_add(&made, kind, json, len);
	w->next += made.len;
	buf_clear(&made);
	buf_clear(&again);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct walk w = { memfd_create("journal", MFD_CLOEXEC), 0 };
	struct buf all = { 0 };
	uint64_t end;

	/* As it is, and behind a line that is sound. */
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			journal_add(&all, 'o', (const char *)p,
			    memchr(p, '\n', len) == NULL &&
				    memchr(p, '\0', len) == NULL
				? len
				: 0);
		buf_add(&all, p, len);
		if (ftruncate(w.fd, 0) != 0 ||
		    file_write_at(w.fd, all.data, all.len, 0, NULL) != 0)
			abort();
		w.next = 0;
		if (journal_read(w.fd, each_line, &w, &end, NULL) != 0 ||
		    end != w.next || (i == 1 && end == 0))
			abort();
		buf_reset(&all);
	}
	(void)close(w.fd);
	buf_clear(&all);
	return 0;
}
