/* Containers: zips as they are, and behind a "T" tars (plain, gzip, zstd). All
 * that is found is read. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/package.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct seen {
	size_t files, words;
	char last[2048];
	int sorted;
};

static int
see(void *context, const char *name, struct input *in, struct error *e)
{
	struct seen *s = context;
	struct stream *bytes = input_stream(in, 0, 4 * 1024 * 1024);
	uint64_t len;

	(void)e;
	if (!package_name_is_plain(name, strlen(name)))
		abort();
	if (s->sorted && s->files > 0 && strcmp(s->last, name) >= 0)
		abort();
	(void)strncat(
	    memset(s->last, 0, sizeof(s->last)), name, sizeof(s->last) - 1);
	(void)stream_skip(bytes, &len, NULL);
	stream_free(bytes);
	return ++s->files > 1000;
}

static void
hear(void *context, const char *name, const struct error *why)
{
	struct seen *s = context;

	s->words += strlen(name) + strlen(why->text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int is_tar = len > 0 && p[0] == 'T';
	struct seen s = { .sorted = !is_tar };
	const struct package_visit v = {
		.each = see, .unread = hear, .context = &s
	};
	const struct package *kind = package_named(is_tar ? "x.tar" : "x.zip");
	struct input *in = input_of_bytes(
	    p + is_tar, len - (size_t)is_tar, "x");
	struct error e = { 0 };

	(void)package_of(p + is_tar, len - (size_t)is_tar);
	if (kind->read(in, &v, &e) < 0 && e.kind == ERROR_NONE)
		abort();
	input_free(in);
	return 0;
}
