/* Facts about a run that cannot be had later. */
#include "core/crawl/run_facts.h"

#include <string.h>

#include "core/archive/gzip_member.h"
#include "core/archive/manifest.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/version.h"
#include "core/base/worker.h"
#include "core/crawl/capture.h"
#include "core/web/fetch.h"

static void
add_clock(struct arena *a, struct json *o)
{
	struct clock_state s;
	struct buf text = { 0 };

	clock_state(&s);
	if (s.synchronized < 0)
		buf_add_text(&text, "unknown");
	else
		buf_format(&text,
		    "%s, estimated error %jd us, maximum error %jd us",
		    s.synchronized ? "synchronized" : "not synchronized",
		    (intmax_t)s.error_us, (intmax_t)s.maximum_error_us);
	json_set_string(a, o, "clock", buf_text(&text));
	buf_clear(&text);
}

static void
add_boot_id(struct arena *a, struct json *o)
{
	struct buf text = { 0 };

	if (file_get("/proc/sys/kernel/random/boot_id", &text, 256, NULL) ==
		0 &&
	    text.len > 0) {
		text.data[strcspn((char *)text.data, "\n")] = '\0';
		json_set_string(a, o, "boot-id", buf_text(&text));
	}
	buf_clear(&text);
}

static void
add_binary(struct arena *a, struct json *o)
{
	char hex[65];

	if (manifest_digest_file("/proc/self/exe", hex, NULL) == 0)
		json_set_string(a, o, "binary-sha256", hex);
}

static void
add_list(
    struct arena *a, struct json *o, const char *name, const char *const *list)
{
	struct buf text = { 0 };

	for (; list != NULL && *list != NULL; list++)
		buf_format(&text, "%s%s", text.len > 0 ? " " : "", *list);
	if (text.len > 0)
		json_set_string(a, o, name, buf_text(&text));
	buf_clear(&text);
}

struct json *
run_facts(struct arena *a, const struct capture_options *o)
{
	static const char *const images[] = {
		[IMAGES_ALL] = "all",
		[IMAGES_BEST] = "best",
		[IMAGES_NONE] = "none",
	};
	struct json *f = json_new_object(a);
	char *text;

	json_set_string(
	    a, f, "operator", o->operator[0] == '\0' ? "not set" : o->operator);
	json_set_string(
	    a, f, "contact", o->contact[0] == '\0' ? "not set" : o->contact);
	json_set_string(a, f, "http-header-user-agent", o->fetch->user_agent);
	json_set_string(a, f, "robots", robots_policy_name(o->robots));
	json_set_string(a, f, "images", images[o->images]);
	text = arena_format(a, "%s (%s)", version_revision(), version_mode());
	json_set_string(a, f, "source-revision", text);
	add_binary(a, f);
	text = arena_format(a, "%s; %s", fetch_libraries(), gzip_libraries());
	json_set_string(a, f, "libraries", text);
	json_set_string(a, f, "sandbox", zygote_level(o->zygote));
	json_set_string(a, f, "trust-store", o->trust_store);
	add_clock(a, f);
	add_boot_id(a, f);
	add_list(a, f, "allow-address", o->fetch->allow_address);
	add_list(a, f, "connect-to", o->fetch->connect_to);
	if (o->fetch->proxy != NULL)
		json_set_string(a, f, "proxy", o->fetch->proxy);
	text = arena_format(a,
	    "page body %llu, image body %llu, other body %llu bytes",
	    o->max_body > 0 ? (unsigned long long)o->max_body : LIMIT_BODY_PAGE,
	    o->max_body > 0 ? (unsigned long long)o->max_body
			    : LIMIT_BODY_IMAGE,
	    o->max_body > 0 ? (unsigned long long)o->max_body
			    : LIMIT_BODY_OTHER);
	json_set_string(a, f, "limits", text);
	return f;
}
