/* Members of any packing; a plain file as a single one. */
#include "core/archive/members.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

void
members_free(struct members *m)
{
	if (m != NULL)
		m->free(m);
}

int
members_begin(const uint8_t *p, size_t len, members_begins *begins)
{
	while (len > 0 && (*p == '\r' || *p == '\n')) {
		p++;
		len--;
	}
	/* What the first bytes leave open may be one. */
	return len > 0 && begins(p, len) != 0;
}

struct plain_members {
	struct members members;
	struct input *in;
	struct stream *bytes;
	uint64_t at;
};

static int
plain_next(struct members *m, struct stream **bytes, struct error *e)
{
	struct plain_members *p = (struct plain_members *)m;

	(void)e;
	stream_free(p->bytes);
	p->bytes = NULL;
	m->start = p->at;
	if (p->at >= input_size(p->in))
		return 0;
	p->bytes = input_stream(p->in, p->at, input_size(p->in) - p->at);
	p->at = input_size(p->in);
	*bytes = p->bytes;
	return 1;
}

/* There is no member behind the only one. */
static size_t
plain_peek(struct members *m, uint8_t *out, size_t cap)
{
	(void)m;
	(void)out;
	(void)cap;
	return 0;
}

static void
plain_seek(struct members *m, uint64_t offset)
{
	struct plain_members *p = (struct plain_members *)m;

	p->at = offset;
}

static uint64_t
plain_offset(const struct members *m)
{
	return ((const struct plain_members *)m)->at;
}

/* What begins a record in a plain file is found in its bytes. */
static int
plain_resync(struct members *m, uint64_t from, members_begins *begins)
{
	struct plain_members *p = (struct plain_members *)m;

	(void)begins;
	p->at = from < input_floor(p->in) ? input_floor(p->in) : from;
	return p->at < input_size(p->in);
}

static int
plain_expected_end(struct members *m, uint64_t start, uint64_t *end)
{
	(void)m;
	(void)start;
	(void)end;
	return 0;
}

static void
plain_free(struct members *m)
{
	struct plain_members *p = (struct plain_members *)m;

	stream_free(p->bytes);
	input_free(p->in);
	free(p);
}

struct members *
plain_members_new(struct input *in)
{
	struct plain_members *p = mem_zero(1, sizeof(*p));

	p->members = (struct members){ .next = plain_next,
		.peek = plain_peek,
		.seek = plain_seek,
		.offset = plain_offset,
		.resync = plain_resync,
		.expected_end = plain_expected_end,
		.free = plain_free,
		.flat = 1 };
	p->in = input_keep(in);
	return &p->members;
}
