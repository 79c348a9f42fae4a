/* A bag of very many files is verified in little memory, in any container. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive/bag.h"
#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/version.h"
#include "tests/test.h"

enum { FEW = 20000, MANY = 100000, LIMIT_KIB = 56 * 1024 };

static void
write_bag(const char *path, unsigned count)
{
	const struct package_options o = { .time_us = 1795336067000000 };
	struct package_writer *to = NULL;
	struct bag_writer *w = NULL;
	struct error e = { 0 };

	CHECK_OK(package_create(&to, path, &o, &e), &e);
	CHECK_OK(bag_begin(&w, to, "", NULL, 0, count, count, &e), &e);
	for (unsigned i = 0; i < count; i++) {
		char *name = mem_format(
		    "%03u/news-article-%06u.txt", i / 1000, i);
		struct stream *s = stream_of_bytes("x", 1);

		CHECK_OK(bag_put(w, name, 1, s, NULL, &e), &e);
		stream_free(s);
		free(name);
	}
	CHECK_OK(bag_end(w, &e), &e);
	bag_free(w);
	CHECK_OK(package_finish(to, &e), &e);
}

/* Peak memory, in KiB, of a process that verifies it. */
static long
peak(const char *path)
{
	struct rusage usage = { 0 };
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		char *program = mem_format("%s/holdfast", getenv("BUILD"));

		(void)execl(
		    program, program, "verify", "-q", path, (char *)NULL);
		_exit(127);
	}
	CHECK(wait4(pid, &status, 0, &usage) == pid);
	CHECK_INT(WEXITSTATUS(status), 0);
	return usage.ru_maxrss;
}

CASE(a_bag_of_100000_files_is_verified_in_little_memory)
{
	static const char *const paths[] = { "bag.zip", "bag.tar",
		"bag.tar.gz" };

	if (getenv("BUILD") == NULL)
		SKIP("BUILD is not set");
	if (strcmp(version_mode(), "release") != 0)
		SKIP("sanitizers take memory of their own");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		long few;
		long many;

		write_bag(paths[i], FEW);
		few = peak(paths[i]);
		CHECK(unlink(paths[i]) == 0);
		write_bag(paths[i], MANY);
		many = peak(paths[i]);
		CHECK(unlink(paths[i]) == 0);
		printf("# %s of %u files: %ld KiB, of %u: %ld KiB\n", paths[i],
		    (unsigned)FEW, few, (unsigned)MANY, many);
		CHECK(many < LIMIT_KIB);
	}
}

TESTS(T(a_bag_of_100000_files_is_verified_in_little_memory))
