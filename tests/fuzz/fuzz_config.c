/* holdfast.conf of any bytes, and the sites in it. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/collection/config.h"
#include "core/crawl/site.h"
#include "core/news/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
fault(void *context, const struct error *e)
{
	size_t *faults = context;

	if (e->text[0] == '\0')
		abort();
	(*faults)++;
}

/* What was understood keeps to the bounds that others rely on. */
static void
check_site(const struct site *s)
{
	for (size_t i = 0; i < s->source_count; i++) {
		const struct source *x = &s->sources[i];

		if (x->every_us < 1000000 || x->first_page < 1 ||
		    x->last_page < x->first_page || x->origin[0] == '\0' ||
		    strncmp(x->url, "http", 4) != 0)
			abort();
	}
	if (s->wait_ms < 0 || s->sitemap_since_us < 0)
		abort();
}

static void
read_sites(const struct config *c, const struct profile_set *set)
{
	const char *const *names = config_sites(c);

	for (size_t i = 0; names[i] != NULL; i++) {
		struct arena *a = arena_new();
		struct site site;
		size_t faults = 0;

		if (site_read_all(&site, a, c, set, names[i], fault, &faults) ==
		    0)
			check_site(&site);
		else if (faults == 0)
			abort();
		arena_free(a);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct profile_set *set;
	struct config *c = config_new();
	int fd = memfd_create("config", MFD_CLOEXEC);
	char path[64];
	size_t faults = 0;

	if (set == NULL && profile_set_load(&set, NULL, NULL) != 0)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, p, len) != (ssize_t)len)
		abort();
	if (config_load_all(c, path, fault, &faults) != 0 && faults == 0)
		abort();
	read_sites(c, set);
	(void)close(fd);
	config_free(c);
	return 0;
}
