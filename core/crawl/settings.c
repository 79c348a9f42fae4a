/* From the configuration to the engine. */
#include "core/crawl/settings.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/version.h"
#include "core/collection/config.h"
#include "core/collection/originals.h"
#include "core/crawl/capture.h"
#include "core/web/fetch.h"

/* holdfast/0.1 (+contact): who asks, and where to complain. */
static const char *
user_agent(struct arena *a, const struct config *c)
{
	const char *given = config_text(c, "user-agent");
	const char *contact = config_text(c, "contact");

	if (given[0] != '\0')
		return given;
	if (contact[0] != '\0')
		return arena_format(
		    a, "holdfast/%s (+%s)", version_text(), contact);
	return arena_format(a, "holdfast/%s", version_text());
}

static const char *
or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static void
fetch_settings(struct fetch_options *f, struct arena *a, const struct config *c)
{
	f->user_agent = user_agent(a, c);
	f->ca_file = or_null(config_text(c, "ca-file"));
	f->allow_address = config_list(c, "allow-address");
	f->connect_to = config_list(c, "connect-to");
	f->proxy = or_null(config_text(c, "proxy"));
	f->mask_headers = config_list(c, "mask-header");
	f->headers = config_list(c, "header");
	f->cookies_file = or_null(config_text(c, "load-cookies"));
	f->cookies = config_list(c, "cookie");
	f->total_ms = config_duration_ms(c, "max-time-per-url");
	f->connect_ms = config_duration_ms(c, "connect-timeout");
	f->idle_ms = config_duration_ms(c, "idle-timeout");
	f->max_body = config_size(c, "max-body");
	f->host_connections = (unsigned)config_size(c, "connections");
}

enum images_policy
settings_images(const struct config *c)
{
	const char *text = config_text(c, "images");

	return strcmp(text, "none") == 0   ? IMAGES_NONE
	       : strcmp(text, "best") == 0 ? IMAGES_BEST
					   : IMAGES_ALL;
}

void
capture_settings(struct capture_options *o, struct fetch_options *f,
    struct arena *a, const struct config *c)
{
	fetch_settings(f, a, c);
	o->fetch = f;
	o->media = config_flag(c, "media");
	o->images = settings_images(c);
	o->add_sha1 = strcmp(config_text(c, "digest"), "sha1") == 0;
	o->min_free = config_size(c, "min-free");
	o->max_body = config_size(c, "max-body");
	o->operator= config_text(c, "operator");
	o->contact = config_text(c, "contact");
	o->trust_store = config_text(c, "ca-file");
	if (o->trust_store[0] == '\0')
		o->trust_store = "system";
	(void)robots_policy_find(config_text(c, "robots"), &o->robots);
}

struct originals *
originals_settings(
    const struct config *c, const struct collection *collection, int64_t now_us)
{
	if (config_flag(c, "no-revisit"))
		return NULL;
	return originals_new(collection,
	    config_duration_ms(c, "max-revisit-age") * 1000, now_us);
}
