/* ls URL: every capture of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/look_files.h"
#include "core/collection/config.h"
#include "core/collection/index.h"
#include "core/collection/lookup.h"
#include "core/collection/withdrawn.h"

static const char *
time_of(struct arena *a, const struct index_hit *h)
{
	char text[DATE_TEXT_MAX];
	int64_t us;

	if (!date_parse_digits(h->time, &us))
		return h->time;
	date_rfc3339_s(us, text);
	return arena_text(a, text);
}

static void
hit_json(struct arena *a, const struct index_hit *h,
    const struct withdrawal *withdrawn)
{
	struct json *o = json_new_object(a);

	json_set_string(a, o, "url", h->url);
	json_set_string(a, o, "time", time_of(a, h));
	json_set_integer(a, o, "status", h->status);
	json_set_string(a, o, "mime", h->mime);
	json_set_string(a, o, "record", h->id);
	json_set_string(a, o, "digest", h->digest);
	json_set_string(a, o, "snapshot", look_name(h->snapshot));
	json_set_string(a, o, "file", h->file);
	json_set_integer(a, o, "offset", (int64_t)h->offset);
	json_set_integer(a, o, "length", (int64_t)h->length);
	json_set_bool(a, o, "withdrawn", withdrawn != NULL);
	cli_print_json(o);
}

static void
hit_text(struct arena *a, const struct index_hit *h,
    const struct withdrawal *withdrawn)
{
	char how[128];

	cli_put(stdout, time_of(a, h));
	printf(" %3u ", h->status);
	cli_put(stdout, h->mime[0] == '\0' ? "-" : h->mime);
	printf(" %" PRIu64 " ", h->length);
	cli_put(stdout, look_name(h->snapshot));
	(void)fputc(' ', stdout);
	cli_put(stdout, h->url);
	if (withdrawn != NULL) {
		withdrawn_tell(withdrawn, how, sizeof(how));
		printf(" (withdrawn %s)", how);
	}
	(void)fputc('\n', stdout);
}

int
ls_url(struct cli *c, const struct collection *collection, const char *url)
{
	struct arena *a = arena_new();
	struct index_hit *hits = NULL;
	struct error e = { 0 };
	struct clock *clock = clock_system();
	struct withdrawn *w = NULL;
	size_t count = 0;
	int code = EXIT_DONE;

	if (withdrawn_open(&w, collection, clock->wall_us(clock), &e) != 0 ||
	    index_find(collection, a, url, &hits, &count, &e) != 0) {
		code = cli_fail(&e);
	} else if (count == 0) {
		const char *outcome = lookup_outcome(collection, a, url);

		(void)error_set(&e, ERROR_NOTFOUND, "%s: %s%s", url,
		    outcome == NULL ? "not in this collection"
				    : "not captured: ",
		    outcome == NULL ? "" : outcome);
		(void)look_missing(collection, url, &e);
		code = cli_fail(&e);
	}
	for (size_t i = 0; i < count; i++)
		if (config_flag(c->config, "json"))
			hit_json(a, &hits[i], withdrawn_record(w, hits[i].id));
		else
			hit_text(a, &hits[i], withdrawn_record(w, hits[i].id));
	withdrawn_free(w);
	arena_free(a);
	return code;
}
