/* Whole record files, verified: plain, gzipped as they come, or (behind a
 * "Z") as the content of a sound member. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive/gzip_member.h"
#include "core/archive/verify.h"
#include "core/base/buf.h"
#include "core/base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int
collect(void *context, const uint8_t *p, size_t len, struct error *e)
{
	(void)e;
	buf_add(context, p, len);
	return 0;
}

static void
hear(void *context, const struct finding *f)
{
	size_t *total = context;

	*total += strlen(f->code) + strlen(f->text) + strlen(f->record);
}

static int
keep(void *context, const struct verified_record *r)
{
	(void)context;
	return r->number % 2 == 0;
}

static int
see(void *context, const struct verified_record *r)
{
	size_t *total = context;

	*total += strlen(r->type) + strlen(r->id) + strlen(r->uri) +
		  strlen(r->mime);
	for (size_t i = 0; i < r->block_kept; i++)
		*total += r->block[i];
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	size_t total = 0;
	const struct verify_options o = { .keep_block = keep,
		.each_record = see,
		.each_finding = hear,
		.context = &total,
		.ours = len % 2 == 0 };
	struct verify_totals totals = { 0 };
	struct buf content = { 0 };
	struct buf none = { 0 };
	struct buf out = { 0 };
	struct gzip_writer *w = gzip_writer_new();
	uint64_t length;
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (len > 0 && p[0] == 'Z') {
		buf_add(&content, p + 1, len - 1);
		if (gzip_member_write(w, GZIP_DEFLATE, &content, NULL, &none,
			collect, &out, &length, NULL) != 0)
			abort();
	} else
		buf_add(&out, p, len);
	if (fd < 0 || pwrite(fd, out.data, out.len, 0) != (ssize_t)out.len)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (verify_file(path, "x.warc.gz", &o, &totals, NULL) != 0 ||
	    verify_file(path, "x.warc", &o, &totals, NULL) != 0)
		abort();
	if (verify_spelling(path, "x.warc.gz", &o, &totals, NULL) != 0)
		abort();
	(void)close(fd);
	gzip_writer_free(w);
	buf_clear(&content);
	buf_clear(&out);
	return 0;
}
