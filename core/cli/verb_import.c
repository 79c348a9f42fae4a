/* import: record files of others into a collection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/collection/config.h"
#include "core/collection/import.h"
#include "core/collection/layout.h"
#include "core/collection/proof.h"
#include "core/web/url.h"

static void
each_finding(void *context, const struct finding *f)
{
	const struct cli *c = context;

	cli_status(c, "");
	cli_say("%s: %s %s at %" PRIu64 "%s%s: %s", f->file,
	    severity_name(f->severity), f->code, f->offset,
	    f->record[0] == '\0' ? "" : " ", f->record, f->text);
}

static void
unread(void *context, const char *name, const struct error *why)
{
	const struct cli *c = context;

	cli_status(c, "");
	if (strncmp(why->text, name, strlen(name)) == 0)
		cli_say("%s", why->text);
	else
		cli_say("%s: %s", name, why->text);
}

static void
progress(void *context, const char *name, int copying)
{
	char *text = mem_format(
	    "%s %s", copying ? "importing" : "verifying", name);

	cli_status(context, text);
	free(text);
}

static void
file_json(const struct import_file *f)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "file", f->name);
	json_set_integer(a, o, "size", (int64_t)f->size);
	json_set_string(a, o, "sha256", f->sha256);
	json_set_string(a, o, "format", f->format);
	json_set_integer(a, o, "records", (int64_t)f->records);
	json_set_integer(a, o, "imported", (int64_t)f->copied);
	json_set_integer(a, o, "damaged", (int64_t)f->damaged);
	json_set_integer(a, o, "mismatched", (int64_t)f->mismatched);
	json_set_integer(a, o, "unfit", (int64_t)f->unfit);
	json_set_integer(a, o, "repeated", (int64_t)f->repeated);
	json_set_integer(a, o, "in_collection", (int64_t)f->known);
	json_set_string(a, o, "already", f->already);
	cli_print_json(o);
	arena_free(a);
}

static void
file_text(const struct import_file *f, int dry_run)
{
	cli_put(stdout, f->name);
	if (f->already[0] != '\0') {
		(void)fputs(": imported already: ", stdout);
		cli_put(stdout, f->already);
		(void)fputc('\n', stdout);
		return;
	}
	printf(": %" PRIu64 " of %" PRIu64 " records %s", f->copied, f->records,
	    dry_run ? "would be imported" : "imported");
	if (f->format[0] != '\0') {
		(void)fputs(" (", stdout);
		cli_put(stdout, f->format);
		(void)fputc(')', stdout);
	}
	if (f->damaged > 0)
		printf(", %" PRIu64 " damaged", f->damaged);
	if (f->mismatched > 0)
		printf(", %" PRIu64 " not as their digests say", f->mismatched);
	if (f->unfit > 0)
		printf(", %" PRIu64 " unfit", f->unfit);
	if (f->repeated > 0)
		printf(", %" PRIu64 " came before", f->repeated);
	if (f->known > 0)
		printf(", %" PRIu64 " in the collection already", f->known);
	(void)fputc('\n', stdout);
}

static void
summary_json(const struct cli *c, const struct import_result *r, int code)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_bool(a, o, "summary", 1);
	json_set_string(
	    a, o, "snapshot", r->dir[0] == '\0' ? "" : look_name(r->dir));
	json_set_integer(a, o, "files", (int64_t)r->file_count);
	json_set_integer(a, o, "already", (int64_t)r->already);
	json_set_integer(a, o, "unread", (int64_t)r->unread);
	json_set_integer(a, o, "imported", (int64_t)r->copied);
	json_set_integer(a, o, "damaged", (int64_t)r->damaged);
	json_set_integer(a, o, "mismatched", (int64_t)r->mismatched);
	json_set_integer(a, o, "unfit", (int64_t)r->unfit);
	json_set_integer(a, o, "in_collection", (int64_t)r->known);
	json_set_integer(a, o, "articles", (int64_t)r->articles);
	json_set_integer(a, o, "articles_without_page", (int64_t)r->orphans);
	json_set_bool(a, o, "dry_run", config_flag(c->config, "dry-run"));
	json_set_integer(a, o, "exit", code);
	cli_print_json(o);
	arena_free(a);
}

static void
summary_text(const struct cli *c, const struct import_result *r)
{
	if (r->changed_packages + r->damaged_packages > 0)
		cli_say("import: a package was refused, nothing was imported; "
			"a record file in it can be named by its path: "
			"PACKAGE/archive/FILE.warc.gz");
	else if (r->stopped)
		cli_say("import: stopped; nothing was imported");
	else if (r->dir[0] != '\0') {
		(void)fputs("snapshot ", stdout);
		cli_put(stdout, look_name(r->dir));
		printf(": %" PRIu64 " records of %zu file(s), %" PRIu64
		       " captured URL(s), %" PRIu64 " article(s)\n",
		    r->copied, r->file_count - r->already, r->totals.targets,
		    r->articles);
	} else if (!config_flag(c->config, "dry-run")) {
		puts("nothing new to import");
	}
}

static void
package_json(const struct import_package_facts *p)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "package", p->name);
	json_set_string(a, o, "kind", p->kind);
	json_set_string(a, o, "sha256", p->sha256);
	json_set_string(a, o, "signature", p->signature);
	json_set_integer(a, o, "kept", (int64_t)p->kept);
	json_set_bool(a, o, "refused", p->is_changed || p->is_damaged);
	cli_print_json(o);
	arena_free(a);
}

static void
package_text(const struct import_package_facts *p)
{
	cli_put(stdout, p->name);
	if (p->is_changed || p->is_damaged) {
		printf(": refused: %s\n",
		    p->is_damaged ? "it does not read"
				  : "it is not what it says of itself");
		return;
	}
	printf(": %s, as it says of itself", p->kind);
	if (p->signature[0] != '\0') {
		(void)fputs(", signed: ", stdout);
		cli_put(stdout, p->signature);
	}
	printf("; %" PRIu64 " file(s) besides records come along\n", p->kept);
}

static void
report_packages(const struct import_result *r, int json)
{
	for (const struct import_package_facts *p = r->packages; p != NULL;
	     p = p->next) {
		if (json)
			package_json(p);
		else
			package_text(p);
	}
}

static void
report(const struct cli *c, const struct import_result *r, int code)
{
	int json = config_flag(c->config, "json");

	report_packages(r, json);
	for (size_t i = 0; i < r->file_count && !r->stopped; i++) {
		if (json)
			file_json(&r->files[i]);
		else
			file_text(
			    &r->files[i], config_flag(c->config, "dry-run"));
	}
	if (json)
		summary_json(c, r, code);
	else
		summary_text(c, r);
}

/* The first that applies (DESIGN, 9). */
static int
code_of(const struct cli *c, const struct import_result *r)
{
	if (r->changed_packages > 0)
		return EXIT_CHANGED;
	if (r->damaged_packages > 0)
		return EXIT_DAMAGED;
	if (r->mismatched > 0 && !config_flag(c->config, "keep-mismatch"))
		return EXIT_CHANGED;
	if (r->damaged > 0)
		return EXIT_DAMAGED;
	if (r->unread > 0)
		return EXIT_FILE;
	if (r->stopped)
		return EXIT_SIGNAL;
	if (r->unfit > 0)
		return EXIT_INCOMPLETE;
	if (r->copied == 0 && config_flag(c->config, "fail-if-unchanged"))
		return EXIT_UNCHANGED;
	return EXIT_DONE;
}

/* Letters, digits and "-": it becomes part of a folder's name. */
static int
is_key(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return *text != '\0' && *text != '-' &&
	       text[strspn(text, allowed)] == '\0' && strlen(text) <= 64;
}

static const char *
scheme(const struct cli *c)
{
	const char *text = config_text(c->config, "scheme");

	return strcmp(text, "likely") == 0 ? "" : text;
}

static int
import(struct cli *c, struct collection *collection, const char *base)
{
	struct proof_trust *trust = NULL;
	struct import_options o = {
		.site = config_text(c->config, "site"),
		.operator= config_text(c->config, "operator"),
		.contact = config_text(c->config, "contact"),
		.objects = c->objects,
		.object_count = c->object_count,
		.keep_mismatch = config_flag(c->config, "keep-mismatch"),
		.dry_run = config_flag(c->config, "dry-run"),
		.layout = config_text(c->config, "from:import"),
		.base_url = base,
		.scheme = scheme(c),
		.stop = c->stop,
		.each_finding = each_finding,
		.unread = unread,
		.progress = c->terminal ? progress : NULL,
		.context = c,
	};
	struct import_result r;
	struct error e = { 0 };
	int code;

	if (proof_trust_open(&trust, config_text(c->config, "trust"), &e) != 0)
		return cli_fail(&e);
	o.trust = trust;
	o.must_trust = config_text(c->config, "trust")[0] != '\0';
	if (import_run(collection, &o, clock_system(), &r, &e) != 0) {
		cli_status(c, "");
		code = cli_fail(&e);
	} else {
		cli_status(c, "");
		code = code_of(c, &r);
		report(c, &r, code);
	}
	import_result_clear(&r);
	proof_trust_free(trust);
	return code;
}

/* --base-url as the URL of a folder. */
static int
base_url(const struct cli *c, struct buf *out, struct error *e)
{
	const char *text = config_text(c->config, "base-url");
	struct url u = { 0 };
	int rc = 0;

	if (text[0] == '\0')
		return 0;
	if (url_parse(&u, text, strlen(text), NULL, e) != 0)
		return error_within(e, "--base-url");
	if (!url_is_http(&u) || u.query_start != 0 || u.fragment_start != 0)
		rc = error_set(e, ERROR_USAGE,
		    "--base-url: %s: must be an http or https URL without \"?\" "
		    "and \"#\"",
		    text);
	buf_add_text(out, u.text);
	if (!text_ends(u.text, "/"))
		buf_add_byte(out, '/');
	url_clear(&u);
	return rc;
}

/* Is there anything at OBJECT, or at a file on the way to it (what is in a
 * container)? 1 / 0. */
static int
is_there(const char *object)
{
	char *path = mem_text(object);
	int yes = strcmp(object, "-") == 0 || file_exists(path);
	char *slash;

	while (!yes && (slash = strrchr(path, '/')) != NULL && slash > path) {
		*slash = '\0';
		yes = file_exists(path) && !file_is_dir(path);
	}
	free(path);
	return yes;
}

/* A collection is not made for names that are mistyped. */
static int
any_is_there(const struct cli *c, struct error *e)
{
	for (size_t i = 0; i < c->object_count; i++)
		if (is_there(c->objects[i]))
			return 0;
	return error_set(e, ERROR_SYSTEM, "%s: no such file", c->objects[0]);
}

int
verb_import(struct cli *c)
{
	struct collection *collection = NULL;
	struct buf base = { 0 };
	struct error e = { 0 };
	int code = EXIT_DONE;

	if (!is_key(config_text(c->config, "site"))) {
		(void)error_set(&e, ERROR_USAGE,
		    "--site: lower-case letters, digits and \"-\" only");
		return cli_fail(&e);
	}
	if (any_is_there(c, &e) != 0 || cli_no_pipes(c, &e) != 0 ||
	    base_url(c, &base, &e) != 0) {
		buf_clear(&base);
		return cli_fail(&e);
	}
	collection = cli_open_to_write(
	    c, !config_flag(c->config, "dry-run"), &code);
	if (collection != NULL)
		code = import(c, collection, buf_text(&base));
	collection_free(collection);
	buf_clear(&base);
	return code;
}
