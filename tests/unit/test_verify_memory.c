/* A snapshot of any number of captures is verified in the same memory. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/base/version.h"
#include "tests/unit/verify_fixture.h"

enum {
	FEW = 12000,
	MANY = 36000,
	LIMIT_KIB = 32 * 1024,
	GROWTH_KIB = 5 * 1024
};

static void
make(const char *dir, unsigned count)
{
	struct fixture_clock clock = fixture_clock_at(fixture_start_us);
	struct collection *c = fixture_collection(dir);
	struct connection *connection = fixture_connection(1);
	struct error e = { 0 };
	struct snapshot *s = fixture_begin(c, &clock, &e);
	struct snapshot_totals t;
	uint64_t ticket = 0;
	char *sealed = NULL;

	for (unsigned i = 0; i < count; i++) {
		char *url = mem_format("https://news.example/%u/page", i);
		char *body = mem_format("<p>page %u, paragraph</p>", i);

		ticket = fixture_put(s, fixture_page(url, body, connection));
		if (i % 1000 == 999)
			CHECK_OK(fixture_wait(s, ticket, &e), &e);
		free(url);
		free(body);
	}
	CHECK_OK(fixture_wait(s, ticket, &e), &e);
	CHECK_OK(snapshot_seal(s, "complete", &t, &sealed, &e), &e);
	free(sealed);
	connection_free(connection);
	collection_free(c);
}

/* Peak memory of a process that verifies the collection; 0, it is not as it
 * should be. */
static long
peak(const char *dir)
{
	struct rusage usage = { 0 };
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		char *here = getcwd(NULL, 0);
		char *path = mem_format("%s/%s", here, dir);
		const char *self = getenv("BUILD");
		char *program = mem_format(
		    "%s/holdfast", self == NULL ? "." : self);

		(void)execl(
		    program, program, "verify", "-q", "-C", path, (char *)NULL);
		_exit(127);
	}
	CHECK(wait4(pid, &status, 0, &usage) == pid);
	CHECK_INT(WEXITSTATUS(status), 0);
	return usage.ru_maxrss;
}

CASE(memory_does_not_grow_with_the_number_of_captures)
{
	long few;
	long many;

	if (getenv("BUILD") == NULL)
		SKIP("BUILD is not set");
	if (strcmp(version_mode(), "release") != 0)
		SKIP("sanitizers take memory of their own");
	make("few", FEW);
	make("many", MANY);
	few = peak("few");
	many = peak("many");
	printf("# %u captures: %ld KiB; %u: %ld KiB\n", (unsigned)FEW, few,
	    (unsigned)MANY, many);
	CHECK(many < LIMIT_KIB);
	CHECK(many - few < GROWTH_KIB);
}

TESTS(T(memory_does_not_grow_with_the_number_of_captures))
