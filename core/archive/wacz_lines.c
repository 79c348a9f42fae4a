/* Lines of the lists in a WACZ, packed or not. */
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/wacz_read.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"

void
wacz_lines_begin(
    struct wacz_lines *l, struct input *in, int is_packed, size_t most)
{
	*l = (struct wacz_lines){ .most = most };
	if (is_packed)
		l->packed = gzip_reader_new(in);
	else
		l->plain = input_stream(in, 0, INPUT_NO_END);
}

void
wacz_lines_end(struct wacz_lines *l)
{
	stream_free(l->plain);
	gzip_reader_free(l->packed);
	buf_clear(&l->line);
}

static int
next_span(struct wacz_lines *l, struct error *e)
{
	if (l->packed == NULL)
		return stream_next(l->plain, &l->rest, &l->rest_len, e);
	for (;;) {
		int more;

		if (l->member != NULL) {
			more = stream_next(
			    l->member, &l->rest, &l->rest_len, e);
			if (more != 0)
				return more;
			l->member = NULL;
		}
		more = gzip_reader_next(l->packed, &l->member, e);
		if (more != 1) {
			l->member = NULL;
			return more;
		}
	}
}

int
wacz_lines_next(struct wacz_lines *l, char **line, size_t *len, struct error *e)
{
	int more = 1;

	buf_reset(&l->line);
	while (more == 1) {
		const uint8_t *end = l->rest_len == 0
					 ? NULL
					 : memchr(l->rest, '\n', l->rest_len);
		size_t n = end == NULL ? l->rest_len : (size_t)(end - l->rest);

		if (l->line.len + n > l->most)
			return error_set(e, ERROR_INPUT,
			    "line %ju: longer than %zu bytes",
			    (uintmax_t)l->number + 1, l->most);
		if (n > 0)
			buf_add(&l->line, l->rest, n);
		n += end != NULL;
		if (n > 0) { /* before the first span there is none */
			l->rest += n;
			l->rest_len -= n;
		}
		if (end != NULL)
			break;
		more = next_span(l, e);
		if (more < 0)
			return -1;
	}
	if (more == 0 && l->line.len == 0)
		return 0;
	l->is_torn = more == 0;
	l->number++;
	if (l->line.len == 0)
		buf_add_text(&l->line, "");
	*line = (char *)l->line.data;
	*len = l->line.len;
	return 1;
}
