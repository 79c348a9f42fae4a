/* Help: short, per verb, version. All of it comes from the tables. */
#include <stdio.h>
#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/verify.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/base/worker.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/news/service.h"
#include "core/web/fetch.h"

void
help_short(FILE *out)
{
	(void)fputs(
	    "holdfast keeps news pages so that they can be shown and proved "
	    "years later:\ncaptures into WARC files, article records, SHA-256 "
	    "manifests.\n\n"
	    "  holdfast capture URL           capture a page with all it "
	    "shows\n"
	    "  holdfast verify                check that nothing has changed\n"
	    "  holdfast ls                    what is kept\n"
	    "  holdfast article URL           the article as JSON or text\n"
	    "  holdfast export --tar FILE ID  a snapshot to hand on\n\n"
	    "verbs:",
	    out);
	for (const struct verb *v = verb_table; v->name != NULL; v++)
		(void)fprintf(out, " %s", v->name);
	(void)fputs("\n\nThe collection is ./collection unless -C DIR names "
		    "another.\nMore: holdfast help VERB, man holdfast; "
		    "holdfast --version\n",
	    out);
}

static void
put_checks(void)
{
	printf("\nChecks, for --only and --skip:\n");
	for (int i = 0; i < CHECK_COUNT; i++)
		printf("  %-12s %s\n", verify_checks[i].name,
		    verify_checks[i].summary);
}

int
help_verb(const char *name)
{
	const struct verb *v = verb_find(name);

	if (v == NULL) {
		const char *near = verb_nearest(name);

		cli_say("%s: unknown verb%s%s%s", name,
		    near == NULL ? "" : "; did you mean ",
		    near == NULL ? "" : near, near == NULL ? "" : "?");
		return EXIT_USAGE;
	}
	printf("holdfast %s [options] %s\n\n%s.\n%s\n", v->name, v->objects,
	    v->summary, v->details);
	printf("\nOptions:\n");
	for (const struct setting *s = setting_table; s->name != NULL; s++) {
		char left[64];

		if (!(v->use & s->use & ~(unsigned)(USE_FILE | USE_SITE)))
			continue;
		(void)snprintf(left, sizeof(left), "%s%c%s--%.*s%s%s",
		    s->letter != 0 ? "-" : "", s->letter != 0 ? s->letter : ' ',
		    s->letter != 0 ? ", " : "   ", (int)strcspn(s->name, ":"),
		    s->name, s->argument[0] != '\0' ? " " : "", s->argument);
		printf("  %-34s %s%s%s%s\n", left, s->help,
		    s->fallback[0] != '\0' && s->type != SETTING_FLAG ? " ["
								      : "",
		    s->type != SETTING_FLAG ? s->fallback : "",
		    s->fallback[0] != '\0' && s->type != SETTING_FLAG ? "]"
								      : "");
	}
	if (v->run == verb_verify)
		put_checks();
	printf("\nExample:\n  %s\n", v->example);
	return EXIT_DONE;
}

/* The sandbox level is found out by starting workers, as a run would. */
int
help_version(void)
{
	struct worker_limits limits;
	struct worker_service service = service_new(NULL);
	struct zygote *z;
	struct error e = { 0 };

	service_limits(&limits);
	z = zygote_start(&service, &limits, &e);
	printf("holdfast %s (source %s, build %s)\n", version_text(),
	    version_revision(), version_mode());
	printf("libraries: %s; %s\n", fetch_libraries(), gzip_libraries());
	printf("workers: %s\n", z == NULL ? e.text : zygote_level(z));
	zygote_stop(z);
	return EXIT_DONE;
}

int
verb_help(struct cli *c)
{
	if (c->object_count == 0) {
		help_short(stdout);
		return EXIT_DONE;
	}
	return help_verb(c->objects[0]);
}
