/* Bytes to read by offset, or once. */
#include "core/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

#define INPUT_SPAN   ((size_t)64 * 1024)
#define PIPE_STEP_MS 100

struct input {
	atomic_uint uses;
	char *name;
	int fd; /* -1: none */
	const uint8_t *memory;
	struct input *whole; /* this is a part of */
	struct stream *stream;
	uint64_t base; /* of the first byte in fd or WHOLE */
	uint64_t size;
	/* What comes once: the last HELD bytes, of which WINDOW_AT is the
	 * first; byte N of the input stands at N modulo INPUT_WINDOW. */
	uint8_t *window;
	size_t held;
	uint64_t window_at;
	const uint8_t *rest; /* of the stream's last span */
	size_t rest_len;
	int is_once;
};

static struct input *
input_new(const char *name)
{
	struct input *in = mem_zero(1, sizeof(*in));

	atomic_init(&in->uses, 1);
	in->name = mem_text(name);
	in->fd = -1;
	return in;
}

void
input_pass(struct input *in)
{
	in->rest_len = 0;
}

struct input *
input_keep(struct input *in)
{
	(void)atomic_fetch_add(&in->uses, 1);
	return in;
}

void
input_free(struct input *in)
{
	if (in == NULL || atomic_fetch_sub(&in->uses, 1) != 1)
		return;
	stream_free(in->stream);
	if (in->fd >= 0)
		(void)close(in->fd); /* only read */
	input_free(in->whole);
	free(in->window);
	free(in->name);
	free(in);
}

int
input_of_fd(struct input **out, int fd, const char *name, uint64_t offset,
    uint64_t len, struct error *e)
{
	struct input *in = input_new(name);
	struct stat st;

	in->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (in->fd < 0 || fstat(in->fd, &st) != 0) {
		input_free(in);
		return error_system(e, "%s", name);
	}
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode)) {
		input_free(in);
		return error_set(
		    e, ERROR_INPUT, "%s: is neither a file nor a pipe", name);
	}
	in->is_once = !S_ISREG(st.st_mode);
	in->size = INPUT_NO_END;
	if (!in->is_once) {
		uint64_t there = (uint64_t)st.st_size;

		in->base = offset < there ? offset : there;
		in->size = there - in->base < len ? there - in->base : len;
	}
	*out = in;
	return 0;
}

/* LEN bytes, at most INPUT_WINDOW, follow what is held; the oldest go. */
static void
hold(struct input *in, const uint8_t *p, size_t len)
{
	size_t at = (size_t)((in->window_at + in->held) % INPUT_WINDOW);
	size_t part = INPUT_WINDOW - at < len ? INPUT_WINDOW - at : len;

	/* Pages that are never used cost nothing. */
	if (in->window == NULL)
		in->window = mem_alloc(INPUT_WINDOW);
	memcpy(in->window + at, p, part);
	memcpy(in->window, p + part, len - part);
	in->held += len;
	if (in->held > INPUT_WINDOW) {
		in->window_at += in->held - INPUT_WINDOW;
		in->held = INPUT_WINDOW;
	}
}

/* A named pipe: wait for somebody to write to it, but not for ever. */
static int
await_writer(struct input *in, struct error *e)
{
	struct pollfd wanted = { .fd = in->fd, .events = POLLIN };
	int flags = fcntl(in->fd, F_GETFL);

	for (int waited = 0; waited < LIMIT_PIPE_MS; waited += PIPE_STEP_MS) {
		uint8_t byte;
		ssize_t n = read(in->fd, &byte, 1);

		if (n == 1)
			hold(in, &byte, 1);
		/* EAGAIN: a writer is there, who takes his time. */
		if (n == 1 || (n < 0 && errno == EAGAIN))
			return fcntl(in->fd, F_SETFL, flags & ~O_NONBLOCK) < 0
				   ? error_system(e, "%s", in->name)
				   : 0;
		if (n < 0 && errno != EINTR)
			return error_system(e, "%s: cannot be read", in->name);
		(void)poll(&wanted, 1, PIPE_STEP_MS); /* or read again */
	}
	return error_set(
	    e, ERROR_INPUT, "%s: is a pipe that nobody writes to", in->name);
}

enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

/* FD (-1: errno tells why) is closed. */
static int
input_of_opened(struct input **out, int fd, const char *name, struct error *e)
{
	struct stat st;
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(e, ERROR_NOTFOUND, "%s: no such file", name);
	if (fd < 0)
		return error_system(e, "%s", name);
	rc = input_of_fd(out, fd, name, 0, INPUT_NO_END, e);
	if (rc == 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    await_writer(*out, e) != 0) {
		input_free(*out);
		*out = NULL;
		rc = -1;
	}
	(void)close(fd); /* only read, and dup'ed */
	return rc;
}

int
input_open(
    struct input **out, const char *path, const char *name, struct error *e)
{
	if (strcmp(path, "-") == 0)
		return input_of_fd(out, STDIN_FILENO, name, 0, INPUT_NO_END, e);
	return input_of_opened(out, open(path, OPEN_FLAGS), name, e);
}

int
input_open_below(struct input **out, const char *dir, const char *name,
    const char *shown, struct error *e)
{
	int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash;
	int fd;

	while (at >= 0 && (slash = strchr(name, '/')) != NULL) {
		char *part = mem_text_n(name, (size_t)(slash - name));
		int next = openat(
		    at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int why = errno;

		free(part);
		(void)close(at); /* nothing was written there */
		errno = why;
		at = next;
		name = slash + 1;
	}
	fd = at < 0 ? -1 : openat(at, name, OPEN_FLAGS | O_NOFOLLOW);
	if (at >= 0) {
		int why = errno;

		(void)close(at);
		errno = why;
	}
	/* A folder on the way that is a link is "no directory". */
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return error_set(e, ERROR_INPUT,
		    "%s: is a symbolic link by now, or in one", shown);
	return input_of_opened(out, fd, shown, e);
}

struct input *
input_of_bytes(const void *p, size_t len, const char *name)
{
	struct input *in = input_new(name);

	in->memory = p;
	in->size = len;
	return in;
}

struct input *
input_of_stream(struct stream *s, const char *name)
{
	struct input *in = input_new(name);

	in->stream = s;
	in->is_once = 1;
	in->size = INPUT_NO_END;
	return in;
}

struct input *
input_part(struct input *whole, const char *name, uint64_t offset, uint64_t len)
{
	struct input *in = input_new(name);

	in->whole = input_keep(whole);
	in->base = offset < whole->size ? offset : whole->size;
	in->size = whole->size - in->base < len ? whole->size - in->base : len;
	return in;
}

const char *
input_name(const struct input *in)
{
	return in->name;
}

int
input_is_random(const struct input *in)
{
	return !in->is_once;
}

uint64_t
input_size(const struct input *in)
{
	return in->size;
}

uint64_t
input_floor(const struct input *in)
{
	return in->window_at;
}

uint64_t
input_base(const struct input *in)
{
	return in->base;
}

static int
read_fd(struct input *in, uint64_t offset, uint8_t *p, size_t len, size_t *got,
    struct error *e)
{
	size_t n = 0;

	while (n < len) {
		ssize_t more = pread(
		    in->fd, p + n, len - n, (off_t)(in->base + offset + n));

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return error_system(e, "%s at %ju: cannot be read",
			    in->name, (uintmax_t)(offset + n));
		if (more == 0)
			break; /* cut while it was read */
		n += (size_t)more;
	}
	*got = n;
	return 0;
}

/* The next bytes of FD into SPAN: how many; 0, the end; -1. */
static ssize_t
read_span(struct input *in, uint8_t span[INPUT_SPAN], struct error *e)
{
	ssize_t n;

	do
		n = read(in->fd, span, INPUT_SPAN);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_system(e, "%s: cannot be read", in->name);
	return n;
}

/* Some more bytes of what comes once: 1; 0, the end; -1. Few at a time, so
 * that none go before they were looked at. */
static int
fetch_more(struct input *in, struct error *e)
{
	uint8_t span[INPUT_SPAN];
	int more;

	if (in->size != INPUT_NO_END)
		return 0;
	if (in->stream == NULL) {
		ssize_t n = read_span(in, span, e);

		if (n < 0)
			return -1;
		if (n > 0)
			hold(in, span, (size_t)n);
		more = n > 0;
	} else {
		size_t part;

		more = in->rest_len > 0 ? 1
					: stream_next(in->stream, &in->rest,
					      &in->rest_len, e);
		if (more < 0) {
			in->rest_len = 0;
			return -1;
		}
		if (more == 0)
			in->rest_len = 0;
		part = in->rest_len < INPUT_SPAN ? in->rest_len : INPUT_SPAN;
		if (part > 0) {
			hold(in, in->rest, part);
			in->rest += part;
			in->rest_len -= part;
		}
	}
	if (!more)
		in->size = in->window_at + in->held;
	return more;
}

/* Bytes that were held once and fetched in steps: a read behind the window
 * passes over what lies between. */
static int
read_once(struct input *in, uint64_t offset, uint8_t *p, size_t len,
    size_t *got, struct error *e)
{
	size_t n = 0;

	if (offset < in->window_at)
		return error_set(e, ERROR_LIMIT,
		    "%s at %ju: has passed, and cannot be read again", in->name,
		    (uintmax_t)offset);
	while (n < len) {
		uint64_t end = in->window_at + in->held;
		size_t part;
		size_t at;
		int more;

		if (offset + n >= end) {
			if ((more = fetch_more(in, e)) < 0)
				return -1;
			if (more == 0)
				break;
			continue;
		}
		at = (size_t)((offset + n) % INPUT_WINDOW);
		part = (size_t)(end - (offset + n));
		if (part > len - n)
			part = len - n;
		if (part > INPUT_WINDOW - at)
			part = INPUT_WINDOW - at;
		memcpy(p + n, in->window + at, part);
		n += part;
	}
	*got = n;
	return 0;
}

int
input_read(struct input *in, uint64_t offset, void *p, size_t len, size_t *got,
    struct error *e)
{
	*got = 0;
	if (in->is_once)
		return read_once(in, offset, p, len, got, e);
	if (offset >= in->size)
		return 0;
	if (len > in->size - offset)
		len = (size_t)(in->size - offset);
	if (in->whole != NULL)
		return input_read(in->whole, in->base + offset, p, len, got, e);
	if (in->memory == NULL)
		return read_fd(in, offset, p, len, got, e);
	memcpy(p, in->memory + offset, len);
	*got = len;
	return 0;
}

struct input_stream {
	struct stream stream;
	struct input *in;
	uint64_t offset, left;
	uint8_t span[INPUT_SPAN];
};

static int
span_next(struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct input_stream *i = (struct input_stream *)s;
	size_t want = i->left < INPUT_SPAN ? (size_t)i->left : INPUT_SPAN;

	if (want == 0)
		return 0;
	if (input_read(i->in, i->offset, i->span, want, len, e) != 0)
		return -1;
	*data = i->span;
	i->offset += *len;
	i->left = *len < want ? 0 : i->left - *len;
	return *len > 0;
}

static void
span_free(struct stream *s)
{
	free(s);
}

struct stream *
input_stream(struct input *in, uint64_t offset, uint64_t len)
{
	struct input_stream *i = mem_zero(1, sizeof(*i));

	i->stream.next = span_next;
	i->stream.free = span_free;
	i->in = in;
	i->offset = offset;
	i->left = len;
	return &i->stream;
}

int
input_sha256(struct input *in, char hex[65], struct error *e)
{
	struct stream *s = input_stream(in, 0, INPUT_NO_END);
	int rc = stream_sha256(s, hex, e);

	stream_free(s);
	return rc;
}
