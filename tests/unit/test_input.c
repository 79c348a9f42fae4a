/* Bytes by offset, or once: files, pipes, streams, memory, parts. */
#include "core/base/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "tests/test.h"

/* Byte N of everything that is read here. */
static uint8_t
byte_at(uint64_t n)
{
	return (uint8_t)((n * 2654435761u) >> 13);
}

static uint8_t *
pattern(size_t len)
{
	uint8_t *p = mem_alloc(len + 1);

	for (size_t i = 0; i < len; i++)
		p[i] = byte_at(i);
	return p;
}

/* Is what stands at OFFSET what should? The number of bytes, or -1. */
static long
look(struct input *in, uint64_t offset, size_t len, struct error *e)
{
	uint8_t *p = mem_alloc(len + 1);
	size_t got = 0;
	long rc = -1;

	if (input_read(in, offset, p, len, &got, e) == 0) {
		rc = (long)got;
		for (size_t i = 0; i < got; i++)
			if (p[i] != byte_at(offset + i))
				rc = -2;
	}
	free(p);
	return rc;
}

static void
make_file(const char *name, size_t len)
{
	uint8_t *p = pattern(len);
	struct error e = { 0 };

	CHECK_OK(file_put(name, p, len, &e), &e);
	free(p);
}

/* A pipe out of which LEN bytes of the pattern come. */
static int
make_pipe(size_t len, pid_t *child)
{
	int fds[2] = { -1, -1 };

	CHECK(pipe(fds) == 0);
	*child = fork();
	if (*child == 0) {
		uint8_t *p = pattern(len);

		(void)close(fds[0]);
		for (size_t at = 0; at < len;) {
			ssize_t n = write(fds[1], p + at, len - at);

			if (n <= 0)
				_exit(1);
			at += (size_t)n;
		}
		_exit(0);
	}
	(void)close(fds[1]);
	return fds[0];
}

CASE(a_file_is_read_at_any_offset)
{
	struct input *in = NULL;
	struct error e = { 0 };

	make_file("a", 200000);
	CHECK_OK(input_open(&in, "a", "the name", &e), &e);
	CHECK_TEXT(input_name(in), "the name");
	CHECK_INT(input_is_random(in), 1);
	CHECK_INT(input_size(in), 200000);
	CHECK_INT(input_floor(in), 0);
	CHECK_INT(look(in, 0, 10, &e), 10);
	CHECK_INT(look(in, 199000, 5000, &e), 1000);
	CHECK_INT(look(in, 3, 150000, &e), 150000);
	CHECK_INT(look(in, 200000, 1, &e), 0);
	CHECK_INT(look(in, UINT64_MAX, 1, &e), 0);
	input_free(in);
}

CASE(a_file_that_grows_is_read_as_long_as_it_was)
{
	struct input *in = NULL;
	struct error e = { 0 };
	int fd;

	make_file("a", 1000);
	CHECK_OK(input_open(&in, "a", "a", &e), &e);
	fd = open("a", O_WRONLY | O_APPEND);
	CHECK(fd >= 0 && write(fd, "more", 4) == 4 && close(fd) == 0);
	CHECK_INT(input_size(in), 1000);
	CHECK_INT(look(in, 990, 100, &e), 10);
	input_free(in);
	/* One that shrinks ends where it ends now. */
	CHECK_OK(input_open(&in, "a", "a", &e), &e);
	CHECK(truncate("a", 500) == 0);
	CHECK_INT(look(in, 400, 300, &e), 100);
	CHECK_INT(look(in, 600, 300, &e), 0);
	input_free(in);
}

CASE(a_pipe_keeps_its_last_bytes_and_says_what_has_passed)
{
	const size_t size = 3 * INPUT_WINDOW + 12345;
	struct input *in = NULL;
	struct error e = { 0 };
	int status = -1;
	pid_t child;
	int fd = make_pipe(size, &child);

	CHECK_OK(input_of_fd(&in, fd, "pipe", 0, INPUT_NO_END, &e), &e);
	(void)close(fd);
	CHECK_INT(input_is_random(in), 0);
	CHECK(input_size(in) == INPUT_NO_END);
	CHECK_INT(look(in, 0, 100, &e), 100);
	CHECK_INT(look(in, 50, INPUT_WINDOW, &e), (long)INPUT_WINDOW);
	/* Again from the start of the window. */
	CHECK_INT(look(in, input_floor(in), 1000, &e), 1000);
	CHECK_INT(look(in, size - 10, 100, &e), 10);
	CHECK_INT(input_size(in), (long long)size);
	CHECK(input_floor(in) > 0 && input_floor(in) <= size - INPUT_WINDOW);
	CHECK_INT(look(in, size - INPUT_WINDOW, INPUT_WINDOW, &e),
	    (long)INPUT_WINDOW);
	CHECK_INT(look(in, input_floor(in) - 1, 10, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_INT(look(in, size + 5, 10, &e), 0);
	input_free(in);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* Gives spans of 100,000 bytes and fails at an offset. */
struct failing {
	struct stream stream;
	uint64_t at, fails_at;
	uint8_t span[100000];
	int *freed;
};

static int
failing_next(
    struct stream *s, const uint8_t **data, size_t *len, struct error *e)
{
	struct failing *f = (struct failing *)s;

	if (f->at >= f->fails_at)
		return error_set(e, ERROR_INPUT, "broken here");
	for (size_t i = 0; i < sizeof(f->span); i++)
		f->span[i] = byte_at(f->at + i);
	f->at += sizeof(f->span);
	*data = f->span;
	*len = sizeof(f->span);
	return 1;
}

static void
failing_free(struct stream *s)
{
	++*((struct failing *)s)->freed;
	free(s);
}

CASE(a_stream_that_breaks_gives_what_came_before)
{
	struct failing *f = mem_zero(1, sizeof(*f));
	struct input *in;
	struct error e = { 0 };
	int freed = 0;

	f->stream = (struct stream){ .next = failing_next,
		.free = failing_free };
	f->fails_at = 250000;
	f->freed = &freed;
	in = input_of_stream(&f->stream, "container/x");
	CHECK_INT(look(in, 100, 250000, &e), 250000);
	CHECK_INT(look(in, 299990, 20, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK_INT(look(in, 299990, 10, &e), 10);
	CHECK_INT(freed, 0);
	input_free(in);
	CHECK_INT(freed, 1);
}

CASE(parts_have_a_name_and_bounds_of_their_own)
{
	struct input *whole = NULL;
	struct input *part;
	struct input *inner;
	struct error e = { 0 };
	uint8_t p[10];
	size_t got;

	make_file("a", 1000);
	CHECK_OK(input_open(&whole, "a", "a", &e), &e);
	part = input_part(whole, "a/b", 100, 300);
	inner = input_part(part, "a/b/c", 250, 1000);
	input_free(whole);
	CHECK_TEXT(input_name(part), "a/b");
	CHECK_INT(input_size(part), 300);
	CHECK_INT(input_base(part), 100);
	CHECK_INT(input_size(inner), 50);
	input_free(part);
	CHECK_OK(input_read(inner, 45, p, 10, &got, &e), &e);
	CHECK_INT(got, 5);
	CHECK_INT(p[0], byte_at(100 + 250 + 45));
	CHECK_OK(input_read(inner, 50, p, 10, &got, &e), &e);
	CHECK_INT(got, 0);
	input_free(inner);
}

CASE(streams_of_an_input_end_where_told)
{
	uint8_t *p = pattern(300000);
	struct input *in = input_of_bytes(p, 300000, "memory");
	struct stream *s = input_stream(in, 5, 200000);
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_OK(stream_read(s, &out, 1 << 20, &e), &e);
	CHECK_INT(out.len, 200000);
	CHECK(memcmp(out.data, p + 5, out.len) == 0);
	stream_free(s);
	buf_reset(&out);
	s = input_stream(in, 299999, INPUT_NO_END);
	CHECK_OK(stream_read(s, &out, 1 << 20, &e), &e);
	CHECK_INT(out.len, 1);
	stream_free(s);
	buf_clear(&out);
	input_free(in);
	free(p);
}

CASE(what_holds_no_bytes_to_read_is_refused_at_once)
{
	struct input *in = NULL;
	struct error e = { 0 };
	uint8_t p[5];
	size_t got;
	int fd;

	CHECK_INT(input_open(&in, "absent", "absent", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	CHECK(mkdir("folder", 0755) == 0);
	CHECK_INT(input_open(&in, "folder", "folder", &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK_INT(input_open(&in, "/dev/null", "null", &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK(symlink("loop", "loop") == 0);
	CHECK_INT(input_open(&in, "loop", "loop", &e), -1);
	CHECK_INT(e.kind, ERROR_SYSTEM);
	CHECK(in == NULL);
	/* A FIFO with a writer reads like any pipe. */
	CHECK(mkfifo("fifo", 0644) == 0);
	fd = open("fifo", O_RDWR);
	CHECK(fd >= 0 && write(fd, "x", 1) == 1);
	CHECK_OK(input_open(&in, "fifo", "fifo", &e), &e);
	CHECK_INT(input_is_random(in), 0);
	CHECK(write(fd, "yz", 2) == 2);
	(void)close(fd);
	CHECK_OK(input_read(in, 0, p, 5, &got, &e), &e);
	CHECK(got == 3 && memcmp(p, "xyz", 3) == 0);
	input_free(in);
}

CASE(a_pipe_that_nobody_writes_to_is_given_up)
{
	struct input *in = NULL;
	struct error e = { 0 };

	CHECK(mkfifo("silent", 0644) == 0);
	CHECK_INT(input_open(&in, "silent", "silent", &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK(in == NULL);
}

TESTS(T(a_file_is_read_at_any_offset),
    T(a_file_that_grows_is_read_as_long_as_it_was),
    T(a_pipe_keeps_its_last_bytes_and_says_what_has_passed),
    T(a_stream_that_breaks_gives_what_came_before),
    T(parts_have_a_name_and_bounds_of_their_own),
    T(streams_of_an_input_end_where_told),
    T(what_holds_no_bytes_to_read_is_refused_at_once),
    T(a_pipe_that_nobody_writes_to_is_given_up))
