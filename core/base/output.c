/* Files written front to back. */
#include "core/base/output.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"

int
output_open(struct output *o, const char *path, struct error *e)
{
	*o = (struct output){ .path = mem_text(path),
		.fd = file_create(path, e) };
	return o->fd < 0 ? -1 : 0;
}

int
output_flush(struct output *o, struct error *e)
{
	if (o->pending.len == 0)
		return 0;
	if (file_write_at(
		o->fd, o->pending.data, o->pending.len, o->offset, e) != 0)
		return error_within(e, "%s", o->path);
	o->offset += o->pending.len;
	buf_reset(&o->pending);
	return 0;
}

int
output_may_flush(struct output *o, struct error *e)
{
	return o->pending.len < OUTPUT_PENDING ? 0 : output_flush(o, e);
}

int
output_add(struct output *o, const void *p, size_t len, struct error *e)
{
	buf_add(&o->pending, p, len);
	return output_may_flush(o, e);
}

int
output_finish(struct output *o, struct error *e)
{
	int fd = o->fd;

	if (output_flush(o, e) != 0)
		return -1;
	if (file_sync(fd, e) != 0)
		return error_within(e, "%s", o->path);
	o->fd = -1;
	return file_close(fd, e);
}

void
output_clear(struct output *o)
{
	if (o->fd >= 0)
		(void)close(o->fd); /* given up */
	buf_clear(&o->pending);
	free(o->path);
	*o = (struct output){ .fd = -1 };
}
