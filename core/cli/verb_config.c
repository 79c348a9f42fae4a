/* config show | check: settings, their values and where they came from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/crawl/site.h"
#include "core/news/profile.h"

/* The configuration as "show" and "check" see it. */
struct view {
	struct cli *cli;
	char *path;      /* of holdfast.conf */
	char *sites_dir; /* NULL none */
	struct profile_set *profiles;
	size_t faults;
};

/* ---- show ---- */

static void
put_line(const char *name, const char *value, const char *origin)
{
	printf("%.*s = ", (int)strcspn(name, ":"), name);
	cli_put(stdout, value);
	(void)fputs("\t# ", stdout);
	cli_put(stdout, origin);
	(void)fputc('\n', stdout);
}

static void
show_value(const struct config *c, const struct setting *s)
{
	const char *const *list = config_list(c, s->name);

	if (s->type != SETTING_LIST || list[0] == NULL)
		put_line(s->name, config_text(c, s->name),
		    config_origin(c, s->name));
	else
		for (size_t i = 0; list[i] != NULL; i++)
			put_line(s->name, list[i],
			    config_list_origin(c, s->name, i));
}

static void
show_json(const struct config *c, const struct setting *s, const char *site)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *list = json_new_array(a);
	const char *const *texts = config_list(c, s->name);

	json_set_string(
	    a, o, "name", arena_text_n(a, s->name, strcspn(s->name, ":")));
	for (size_t i = 0; s->type == SETTING_LIST && texts[i] != NULL; i++)
		json_append(a, list, json_new_string(a, texts[i]));
	if (s->type == SETTING_LIST)
		json_set(a, o, "value", list);
	else
		json_set_string(a, o, "value", config_text(c, s->name));
	json_set_string(a, o, "origin", config_origin(c, s->name));
	if (site != NULL)
		json_set_string(a, o, "site", site);
	cli_print_json(o);
	arena_free(a);
}

static void
show_setting(const struct view *v, const struct config *c,
    const struct setting *s, const char *site)
{
	if (config_flag(v->cli->config, "json"))
		show_json(c, s, site);
	else
		show_value(c, s);
}

/* What the section itself says. */
static void
show_section(const struct view *v, const char *name)
{
	const struct config *head = v->cli->config;
	const struct config *c = config_site(head, name);

	if (!config_flag(head, "json"))
		printf("\n[site %s]\n", name);
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if ((s->use & USE_SITE) &&
		    strcmp(config_origin(c, s->name),
			config_origin(head, s->name)) != 0)
			show_setting(v, c, s, name);
}

static void
show_head(const struct view *v)
{
	const struct config *c = v->cli->config;
	const char *const *names = config_sites(c);

	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if (s->use & USE_FILE)
			show_setting(v, c, s, NULL);
	for (size_t i = 0; names[i] != NULL; i++)
		show_section(v, names[i]);
}

static void
show_source_json(const struct site *site, const struct source *s)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "source", source_kind_name(s->kind));
	json_set_string(a, o, "url", s->url);
	json_set_integer(a, o, "every_s", s->every_us / 1000000);
	json_set_integer(a, o, "first_page", s->first_page);
	json_set_integer(a, o, "last_page", s->last_page);
	json_set_string(a, o, "links", s->links);
	json_set_string(a, o, "origin", s->origin);
	json_set_string(a, o, "site", site->name);
	cli_print_json(o);
	arena_free(a);
}

static void
show_source(const struct source *s)
{
	printf("# %s ", source_kind_name(s->kind));
	cli_put(stdout, s->url);
	printf(" every %jds", (intmax_t)(s->every_us / 1000000));
	if (s->last_page > 1)
		printf(" pages %u..%u", s->first_page, s->last_page);
	if (s->links[0] != '\0') {
		(void)fputs(" links ", stdout);
		cli_put(stdout, s->links);
	}
	(void)fputs("\t# ", stdout);
	cli_put(stdout, s->origin);
	(void)fputc('\n', stdout);
}

/* All that holds for one site, and what became of it. */
static int
show_site(const struct view *v, const char *name)
{
	const struct config *c = config_site(v->cli->config, name);
	int json = config_flag(v->cli->config, "json");
	struct arena *a = arena_new();
	struct error e = { 0 };
	struct site site;
	int code = EXIT_DONE;

	if (site_read(&site, a, v->cli->config, v->profiles, name, &e) != 0)
		code = cli_fail(&e);
	for (const struct setting *s = setting_table;
	     code == EXIT_DONE && s->name != NULL; s++)
		if (s->use & USE_SITE)
			show_setting(v, c, s, name);
	if (code == EXIT_DONE && !json)
		printf("\n# read by profile %s; looked at:\n",
		    site.profile == NULL ? "none" : profile_key(site.profile));
	for (size_t i = 0; code == EXIT_DONE && i < site.source_count; i++) {
		if (json)
			show_source_json(&site, &site.sources[i]);
		else
			show_source(&site.sources[i]);
	}
	arena_free(a);
	return code;
}

static int
show(struct view *v)
{
	struct error e = { 0 };

	if (config_load(v->cli->config, v->path, &e) != 0)
		return cli_fail(&e);
	if (v->cli->object_count == 1) {
		show_head(v);
		return EXIT_DONE;
	}
	if (profile_set_load(&v->profiles, v->sites_dir, &e) != 0)
		return cli_fail(&e);
	return show_site(v, v->cli->objects[1]);
}

/* ---- check ---- */

static void
tell(void *context, const struct error *e)
{
	struct view *v = context;

	v->faults++;
	cli_say("%s", e->text);
}

/* Every file of sites/ against the built-in profiles; those that extend one
 * another are sound when the whole set is. */
static void
check_profiles(struct view *v)
{
	struct error e = { 0 };
	struct error each = { 0 };
	struct file_names names = { 0 };
	size_t before = v->faults;

	if (profile_set_load(&v->profiles, v->sites_dir, &e) == 0)
		return;
	if (profile_set_load(&v->profiles, NULL, &each) != 0 ||
	    v->sites_dir == NULL ||
	    file_list(v->sites_dir, &names, &each) != 0) {
		tell(v, &e);
		return;
	}
	for (size_t i = 0; i < names.count; i++) {
		char *path = mem_format("%s/%s", v->sites_dir, names.names[i]);

		error_clear(&each);
		if (text_ends(path, ".site") &&
		    profile_check(v->profiles, path, &each) != 0)
			tell(v, &each);
		free(path);
	}
	file_names_clear(&names);
	if (v->faults == before)
		tell(v, &e);
}

static void
check_person(struct view *v, const char *key)
{
	struct error e = { 0 };

	if (config_text(v->cli->config, key)[0] != '\0')
		return;
	(void)error_set(&e, ERROR_USAGE,
	    "%s: %s is not set, and run refuses without", v->path, key);
	tell(v, &e);
}

static int
check(struct view *v)
{
	const char *const *names;

	(void)config_load_all(v->cli->config, v->path, tell, v);
	check_profiles(v);
	names = config_sites(v->cli->config);
	if (names[0] != NULL) {
		check_person(v, "operator");
		check_person(v, "contact");
	}
	for (size_t i = 0; v->profiles != NULL && names[i] != NULL; i++) {
		struct arena *a = arena_new();
		struct site site;

		(void)site_read_all(
		    &site, a, v->cli->config, v->profiles, names[i], tell, v);
		arena_free(a);
	}
	return v->faults == 0 ? EXIT_DONE : EXIT_USAGE;
}

int
verb_config(struct cli *c)
{
	char *dir = cli_collection_dir(c);
	struct view v = { .cli = c,
		.path = mem_format("%s/holdfast.conf", dir),
		.sites_dir = mem_format("%s/sites", dir) };
	const char *what = c->objects[0];
	int code = EXIT_USAGE;

	if (!file_is_dir(v.sites_dir)) {
		free(v.sites_dir);
		v.sites_dir = NULL;
	}
	if (strcmp(what, "show") == 0)
		code = show(&v);
	else if (strcmp(what, "check") != 0)
		cli_say("%s: unknown; it is config show [SITE] or config check",
		    what);
	else if (c->object_count > 1)
		cli_say("config check: takes no object");
	else if (!file_is_dir(dir))
		cli_say("%s: there is no collection; say: holdfast init -C %s",
		    dir, config_text(c->config, "collection"));
	else
		code = check(&v);
	profile_set_free(v.profiles);
	free(v.sites_dir);
	free(v.path);
	free(dir);
	return code;
}
