/* Workers: answers, errors, deaths, limits and the system call filter. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/version.h"
#include "core/base/worker.h"
#include "tests/test.h"

static int
prepare(void *context, struct error *e)
{
	(void)context;
	(void)e;
	return 0;
}

/* A volatile sink, so that no loop below is taken away. */
static volatile unsigned sink;

static int
serve(void *context, enum worker_kind kind, const uint8_t *request,
    size_t request_len, const uint8_t *payload, size_t payload_len,
    struct buf *result, struct error *e)
{
	(void)context;
	(void)kind;
	switch (request_len == 0 ? 0 : request[0]) {
	case 'e':
		buf_add(result, payload, payload_len);
		return 0;
	case 'p':
		buf_format(result, "%d", (int)getpid());
		return 0;
	case 'f':
		return error_set(e, ERROR_INPUT, "page: line 3: broken");
	case 'c':
		abort();
	case 'o':
		buf_format(result, "%d", open("/etc/passwd", O_RDONLY) >= 0);
		return 0;
	case 's':
		(void)execl("/bin/true", "true", (char *)NULL);
		return 0;
	case 'l':
		for (;;)
			sink++;
	}
	return error_set(e, ERROR_USAGE, "unknown request");
}

static struct zygote *
start(void)
{
	static const struct worker_service service = { prepare, serve, NULL };
	static struct worker_limits limits = { 0, 1, 2, 8, 0 };
	struct error e = { 0 };
	struct zygote *z;

	if (strcmp(version_mode(), "release") == 0) {
		limits.memory_bytes = 256 << 20;
		limits.sandbox = 1;
	}
	z = zygote_start(&service, &limits, &e);
	if (z == NULL)
		printf("# %s\n", e.text);
	return z;
}

static int
job(struct zygote *z, enum worker_kind kind, const char *request,
    const char *payload, struct buf *result, struct error *e)
{
	struct worker *w;
	struct pollfd p = { .events = POLLIN };
	int fd = worker_payload(e);
	int rc;

	if (fd < 0 || file_write_at(fd, payload, strlen(payload), 0, e) != 0 ||
	    worker_begin(z, kind, fd, request, strlen(request), &w, e) != 0)
		return -1;
	(void)close(fd);
	p.fd = worker_fd(w);
	do
		(void)poll(&p, 1, 10000);
	while ((rc = worker_take(w, result, e)) == 0);
	return rc;
}

CASE(a_job_is_answered_and_its_worker_reused)
{
	struct zygote *z = start();
	struct error e = { 0 };
	struct buf first = { 0 };
	struct buf second = { 0 };

	CHECK(z != NULL);
	CHECK_INT(job(z, WORKER_HARVEST, "e", "bytes", &first, &e), 1);
	CHECK_TEXT(buf_text(&first), "bytes");
	buf_reset(&first);
	CHECK_INT(job(z, WORKER_EXTRACT, "e", "", &first, &e), 1);
	CHECK_INT(first.len, 0);
	CHECK_INT(job(z, WORKER_HARVEST, "f", "", &first, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK_TEXT(e.text, "page: line 3: broken");
	zygote_stop(z);
	buf_clear(&first);
	buf_clear(&second);
}

CASE(a_worker_that_dies_is_an_error_and_the_next_job_works)
{
	static const char *const deaths[] = { "c", "l" };
	struct zygote *z = start();
	struct buf out = { 0 };

	CHECK(z != NULL);
	for (size_t i = 0; i < 2; i++) {
		struct error e = { 0 };

		CHECK_INT(job(z, WORKER_EXTRACT, deaths[i], "", &out, &e), -1);
		CHECK_INT(e.kind, ERROR_LIMIT);
		CHECK_INT(job(z, WORKER_EXTRACT, "e", "x", &out, &e), 1);
	}
	zygote_stop(z);
	buf_clear(&out);
}

CASE(a_worker_opens_no_file_and_runs_no_program)
{
	struct zygote *z = start();
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK(z != NULL);
	if (strcmp(zygote_level(z), "seccomp") != 0) {
		zygote_stop(z);
		SKIP("no system call filter in this build");
	}
	CHECK_INT(job(z, WORKER_EXTRACT, "o", "", &out, &e), 1);
	CHECK_TEXT(buf_text(&out), "0");
	CHECK_INT(job(z, WORKER_EXTRACT, "s", "", &out, &e), -1);
	zygote_stop(z);
	buf_clear(&out);
}

TESTS(T(a_job_is_answered_and_its_worker_reused),
    T(a_worker_that_dies_is_an_error_and_the_next_job_works),
    T(a_worker_opens_no_file_and_runs_no_program))
