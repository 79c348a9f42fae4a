/*
 * The clock of holdfast-test: takes the place of core/base/clock.c at link
 * time. HOLDFAST_TEST_CLOCK is its wall time in seconds since 1970; every
 * look at it moves on by a millisecond. HOLDFAST_TEST_CLOCK_FILE names a file
 * with the wall seconds instead, which may be changed while the program runs;
 * from there it goes on as fast as real time.
 */
#include "core/base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FILE_EVERY_US = 20000 };

static int64_t looks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t file_us;   /* what the file said */
static int64_t since_us;  /* when it said so first */
static int64_t looked_us; /* at the file; 0: never */

static int64_t
mono_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t
test_mono_ms(struct clock *c)
{
	(void)c;
	return mono_us() / 1000;
}

/* The microseconds in the file; 0 when there are none. */
static int64_t
read_file(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return strtoll(text, NULL, 10) * 1000000;
}

static int64_t
file_wall_us(const char *path)
{
	int64_t now = mono_us();
	int64_t us;

	(void)pthread_mutex_lock(&lock);
	if (looked_us == 0 || now - looked_us >= FILE_EVERY_US) {
		us = read_file(path);
		if (us != 0 && us != file_us) {
			file_us = us;
			since_us = now;
		}
		looked_us = now;
	}
	us = file_us + now - since_us;
	(void)pthread_mutex_unlock(&lock);
	return us;
}

static int64_t
test_wall_us(struct clock *c)
{
	const char *file = getenv("HOLDFAST_TEST_CLOCK_FILE");
	const char *base = getenv("HOLDFAST_TEST_CLOCK");
	int64_t s = base == NULL ? 1763800067 : strtoll(base, NULL, 10);
	int64_t moved = __atomic_add_fetch(&looks, 1, __ATOMIC_SEQ_CST);

	(void)c;
	if (file != NULL)
		return file_wall_us(file);
	return s * 1000000 + moved * 1000;
}

struct clock *
clock_system(void)
{
	static struct clock clock = { test_wall_us, test_mono_ms };

	return &clock;
}

void
clock_state(struct clock_state *state)
{
	*state = (struct clock_state){ 1, 0, 0 };
}
