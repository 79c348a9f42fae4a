/* MB/s of verify_file over a generated file, half pictures (stored), half
 * HTML (deflated), beside gzip -t on the same file. Wants a directory with 200
 * MB free; takes about ten seconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/archive/format.h"
#include "core/archive/gzip_member.h"
#include "core/archive/record.h"
#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/stream.h"

#define BENCH_BYTES  200000000ull
#define BENCH_ROUNDS 3

static const char bench_file[] = "bench_verify.warc.gz";

struct out {
	int fd;
	uint64_t at;
};

static int
append(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct out *o = context;
	int rc = file_write_at(o->fd, p, len, o->at, e);

	o->at += len;
	return rc;
}

static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* About 90 KB of markup and words, or as much noise. */
static void
make_body(struct buf *b, int html, uint32_t *x)
{
	while (b->len < 90000) {
		uint32_t r = next_random(x);

		if (!html)
			buf_add(b, &r, sizeof(r));
		else if (r % 16 == 0)
			buf_format(b, "</p>\n<p class=\"text-%u\">", r >> 24);
		else
			buf_format(b, "w%xord ", r >> 20);
	}
}

static int
write_response(struct gzip_writer *w, struct out *out, uint64_t number,
    int html, struct error *e)
{
	struct arena *a = arena_new();
	struct record r = { .version = "WARC/1.1" };
	struct buf block = { 0 };
	char text[DIGEST_TEXT_MAX];
	uint32_t x = (uint32_t)number * 2654435761u + 1;
	uint64_t length;
	size_t head;
	int rc;

	buf_format(&block, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n",
	    html ? "text/html" : "image/jpeg");
	head = block.len;
	make_body(&block, html, &x);
	record_add(a, &r, "WARC-Type", number == 0 ? "resource" : "response");
	record_add(a, &r, "WARC-Record-ID",
	    arena_format(a, "<urn:x:%ju>", (uintmax_t)number));
	record_add(a, &r, "WARC-Date", "2026-11-22T08:00:00Z");
	record_add(a, &r, "WARC-Target-URI", "http://example.org/");
	record_add(a, &r, "Content-Type", "application/http;msgtype=response");
	digest_text(DIGEST_SHA256, block.data, block.len, text);
	record_add(a, &r, "WARC-Block-Digest", text);
	digest_text(DIGEST_SHA256, block.data + head, block.len - head, text);
	if (number > 0)
		record_add(a, &r, "WARC-Payload-Digest", text);
	record_add(a, &r, "Content-Length", arena_format(a, "%zu", block.len));
	r.block_len = block.len;
	r.block = stream_of_bytes(block.data, block.len);
	rc = warc_write(w, &r, !html, append, out, &length, e);
	stream_free(r.block);
	buf_clear(&block);
	arena_free(a);
	return rc;
}

/* Half of the file's bytes are HTML. */
static int
write_file(struct error *e)
{
	struct gzip_writer *w = gzip_writer_new();
	struct out out = { 0 };
	uint64_t html = 0;
	int rc = 0;

	(void)unlink(bench_file); /* of a run that was stopped */
	out.fd = file_create(bench_file, e);
	for (uint64_t i = 0; rc == 0 && out.at < BENCH_BYTES; i++) {
		uint64_t before = out.at;
		int is_html = html * 2 < out.at;

		rc = out.fd < 0 ? -1 : write_response(w, &out, i, is_html, e);
		if (is_html)
			html += out.at - before;
	}
	if (out.fd >= 0 && file_close(out.fd, e) != 0)
		rc = -1;
	gzip_writer_free(w);
	return rc;
}

static double
cpu_seconds(int who)
{
	struct rusage u;

	(void)getrusage(who, &u); /* cannot fail for these two */
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int
run_gzip(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execlp("gzip", "gzip", "-t", bench_file, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static int
run_verify(struct verify_totals *totals, struct error *e)
{
	const struct verify_options o = { 0 };

	*totals = (struct verify_totals){ 0 };
	return verify_file(bench_file, bench_file, &o, totals, e);
}

int
main(void)
{
	struct clock *clock = clock_system();
	struct verify_totals totals = { 0 };
	struct error e = { 0 };
	int rc = write_file(&e);

	for (int i = 0; rc == 0 && i < BENCH_ROUNDS; i++) {
		double cpu[2] = { cpu_seconds(RUSAGE_SELF),
			cpu_seconds(RUSAGE_CHILDREN) };
		int64_t start = clock->mono_ms(clock);
		int64_t middle;
		int64_t end;

		rc = run_verify(&totals, &e);
		middle = clock->mono_ms(clock);
		if (rc == 0)
			rc = run_gzip();
		end = clock->mono_ms(clock);
		printf("verify %5jd ms (%.2f s CPU, %.0f MB/s of file, %.0f "
		       "MB/s of content); gzip -t %5jd ms (%.2f s CPU): "
		       "%.1f times\n",
		    (intmax_t)(middle - start),
		    cpu_seconds(RUSAGE_SELF) - cpu[0],
		    (double)totals.bytes / 1e3 / (double)(middle - start + 1),
		    (double)totals.block_bytes / 1e3 /
			(double)(middle - start + 1),
		    (intmax_t)(end - middle),
		    cpu_seconds(RUSAGE_CHILDREN) - cpu[1],
		    (double)(end - middle) / (double)(middle - start + 1));
	}
	printf("%ju records, %ju MB of content, %ju changed or damaged\n",
	    (uintmax_t)totals.records,
	    (uintmax_t)(totals.block_bytes / 1000000),
	    (uintmax_t)(totals.changed + totals.damaged));
	if (rc != 0)
		fprintf(stderr, "bench_verify: %s\n", e.text);
	(void)unlink(bench_file); /* ours */
	return rc != 0 || totals.changed + totals.damaged > 0;
}
