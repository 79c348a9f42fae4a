/* The table of verbs. A verb stands here only when it works. */
#include <stdint.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"

const struct verb verb_table[] = {
	{ .name = "init",
	    .group = "collect",
	    .objects = "",
	    .summary = "make a collection",
	    .details = "Makes the directory, its README.txt and a commented "
		       "holdfast.conf.",
	    .example = "holdfast init -C news --operator \"City Archive\" "
		       "--contact mailto:web@archive.example",
	    .use = USE_COLLECTION | USE_INIT,
	    .run = verb_init },
	{ .name = "capture",
	    .group = "collect",
	    .objects = "[URL...]",
	    .summary = "capture pages with everything they show",
	    .details =
		"Fetches each page, its images, styles, scripts and fonts, "
		"writes them into a sealed\nsnapshot, and reads the article "
		"where a profile knows the site. Links to other pages\nare not "
		"followed. Makes the collection if there is none.\n\n"
		"Exit codes: 0 all captured, 8 something failed or is "
		"incomplete, 4 network, 5 TLS,\n6 authentication, 7 protocol, "
		"18 rate limited, 11 stopped by a signal, 16 disk full,\n"
		"19 another run holds the lock, 2 usage, 3 file error.",
	    .example = "holdfast capture https://english.almayadeen.net/",
	    .use = USE_COLLECTION | USE_CAPTURE | USE_REPORT,
	    .flags = VERB_WORKERS,
	    .objects_max = SIZE_MAX,
	    .run = verb_capture },
	{ .name = "config",
	    .group = "plugins",
	    .objects = "show|check",
	    .summary = "settings, their values and where they came from",
	    .details =
		"Reads holdfast.conf of the collection; check says nothing "
		"when it is sound.",
	    .example = "holdfast config show -C news",
	    .use = USE_COLLECTION | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = 1,
	    .run = verb_config },
	{ .name = "help",
	    .group = "look",
	    .objects = "[VERB]",
	    .summary = "this help",
	    .details = "With a verb: what it does and its options.",
	    .example = "holdfast help capture",
	    .objects_max = 1,
	    .run = verb_help },
	{ 0 },
};

const struct verb *
verb_find(const char *name)
{
	for (const struct verb *v = verb_table; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

const char *
verb_nearest(const char *name)
{
	const char *names[sizeof(verb_table) / sizeof(verb_table[0])];
	size_t n = 0;

	for (const struct verb *v = verb_table; v->name != NULL; v++)
		names[n++] = v->name;
	names[n] = NULL;
	return text_nearest(name, names);
}
