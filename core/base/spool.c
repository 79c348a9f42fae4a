/* Bytes on their way: in memory up to a limit, then in an unnamed file. */
#include "core/base/spool.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

struct spool {
	char *dir;
	size_t memory_limit;
	struct buf memory; /* empty once FD is open */
	int fd;
	uint64_t len;
};

struct spool *
spool_new(const char *dir, size_t memory_limit)
{
	struct spool *s = mem_zero(1, sizeof(*s));

	s->dir = mem_text(dir == NULL ? file_temporary_dir() : dir);
	s->memory_limit = memory_limit;
	s->fd = -1;
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	buf_clear(&s->memory);
	free(s->dir);
	free(s);
}

static int
move_to_file(struct spool *s, struct error *e)
{
	s->fd = file_unnamed(s->dir, e);
	if (s->fd < 0)
		return -1;
	if (file_write_at(s->fd, s->memory.data, s->memory.len, 0, e) != 0)
		return error_within(e, "%s: spool", s->dir);
	buf_clear(&s->memory);
	return 0;
}

void
spool_expect(struct spool *s, uint64_t len)
{
	if (s->fd < 0 && len <= s->memory_limit && len > s->len)
		(void)buf_room(&s->memory, (size_t)(len - s->len));
}

int
spool_add(struct spool *s, const void *p, size_t len, struct error *e)
{
	if (s->fd < 0 && s->len + len > s->memory_limit &&
	    move_to_file(s, e) != 0)
		return -1;
	if (s->fd < 0)
		buf_add(&s->memory, p, len);
	else if (file_write_at(s->fd, p, len, s->len, e) != 0)
		return error_within(e, "%s: spool", s->dir);
	s->len += len;
	return 0;
}

uint64_t
spool_len(const struct spool *s)
{
	return s->len;
}

int
spool_cut(struct spool *s, uint64_t len, struct error *e)
{
	assert(len <= s->len);
	if (s->fd < 0)
		s->memory.len = (size_t)len;
	else if (file_truncate(s->fd, len, e) != 0)
		return -1;
	s->len = len;
	return 0;
}

struct stream *
spool_stream(const struct spool *s, uint64_t offset, uint64_t len)
{
	assert(offset <= s->len && len <= s->len - offset);
	if (s->fd < 0)
		return stream_of_bytes(
		    len == 0 ? NULL : s->memory.data + offset, (size_t)len);
	return stream_of_file(s->fd, offset, len);
}

const uint8_t *
spool_memory(const struct spool *s)
{
	if (s->fd >= 0)
		return NULL;
	return (const uint8_t *)buf_text(&s->memory);
}
