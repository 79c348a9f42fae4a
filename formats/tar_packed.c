/* The tar in a compressed file. */
#include "formats/tar_packed.h"

#include <stdlib.h>

#include "core/archive/members.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

struct unpacked {
	struct stream stream;
	struct input *in;
	struct members *members;
	struct stream *bytes; /* of the member under way; NULL */
	uint64_t out;
};

static int
failed(const struct unpacked *u, const struct error *why, struct error *e)
{
	return error_set(e, why->kind, "%s: %s", input_name(u->in), why->text);
}

/* A bomb, of what tells its size. (Of gzip that comes once a byte makes 1,032
 * at most.) */
static int
check_ratio(struct unpacked *u, size_t len, struct error *e)
{
	uint64_t packed = input_size(u->in);

	u->out += len;
	if (u->out <= LIMIT_UNPACKED_FREE || packed == INPUT_NO_END ||
	    u->out / LIMIT_DECODED_RATIO <= packed)
		return 1;
	return error_set(e, ERROR_LIMIT,
	    "%s: unpacks to more than %d times its size", input_name(u->in),
	    LIMIT_DECODED_RATIO);
}

static int
unpacked_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct unpacked *u = (struct unpacked *)s;
	struct error why = { 0 };
	int more;

	for (;;) {
		if (u->bytes == NULL) {
			more = u->members->next(u->members, &u->bytes, &why);
			if (more == 0)
				return 0;
			if (more < 0)
				return failed(u, &why, e);
		}
		more = stream_next(u->bytes, data, len, &why);
		if (more > 0)
			return check_ratio(u, *len, e);
		if (more < 0)
			return failed(u, &why, e);
		u->bytes = NULL;
	}
}

static void
unpacked_free(struct stream *s)
{
	struct unpacked *u = (struct unpacked *)s;

	members_free(u->members);
	free(u);
}

struct stream *
tar_unpacked(struct input *in, const uint8_t *head, size_t len)
{
	struct unpacked *u;
	int is_gzip = len > 2 && head[0] == 0x1f && head[1] == 0x8b;

	if (!is_gzip && !zstd_is(head, len))
		return NULL;
	u = mem_zero(1, sizeof(*u));
	u->stream = (struct stream){ unpacked_next, unpacked_free };
	u->in = in;
	u->members = is_gzip ? gzip_members_new(in) : zstd_members_new(in);
	return &u->stream;
}
