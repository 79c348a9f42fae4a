/*
 * The least that packing takes, as a yardstick: reads every file once, in
 * order, digests all of it with one SHA-256, writes the same bytes behind each
 * other into OUT and syncs it.
 *
 *	bound_copy OUT FILE ...
 *
 * Prints bytes, seconds of wall time and of CPU. OUT is new.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SPAN ((size_t)1024 * 1024)

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
cpu(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			fail("write");
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

static uint64_t
copy(int out, const char *path, uint8_t *span, EVP_MD_CTX *digest)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t bytes = 0;
	ssize_t n;

	if (fd < 0)
		fail(path);
	while ((n = read(fd, span, SPAN)) > 0) {
		if (EVP_DigestUpdate(digest, span, (size_t)n) != 1)
			abort();
		write_all(out, span, (size_t)n);
		bytes += (uint64_t)n;
	}
	if (n < 0)
		fail(path);
	(void)close(fd);
	return bytes;
}

int
main(int argc, char **argv)
{
	EVP_MD_CTX *digest;
	uint8_t *span;
	uint8_t raw[EVP_MAX_MD_SIZE];
	double from = now();
	uint64_t bytes = 0;
	int out;

	if (argc < 3)
		return 125;
	digest = EVP_MD_CTX_new();
	span = malloc(SPAN);
	if (span == NULL || digest == NULL ||
	    EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
		abort();
	out = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (out < 0)
		fail(argv[1]);
	for (int i = 2; i < argc; i++)
		bytes += copy(out, argv[i], span, digest);
	if (EVP_DigestFinal_ex(digest, raw, NULL) != 1)
		abort();
	if (fdatasync(out) != 0 || close(out) != 0)
		fail(argv[1]);
	(void)printf("%" PRIu64 " %.3f %.3f\n", bytes, now() - from, cpu());
	EVP_MD_CTX_free(digest);
	free(span);
	return 0;
}
