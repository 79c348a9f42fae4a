/* config show | check: settings, their values and where they came from. */
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"

static void
show_value(const struct cli *c, const struct setting *s)
{
	printf("%s = ", s->name);
	if (s->type == SETTING_LIST) {
		const char *const *list = config_list(c->config, s->name);

		for (size_t i = 0; list[i] != NULL; i++) {
			(void)fputs(i > 0 ? " " : "", stdout);
			cli_put(stdout, list[i]);
		}
	} else
		cli_put(stdout, config_text(c->config, s->name));
	(void)fputs("\t# ", stdout);
	cli_put(stdout, config_origin(c->config, s->name));
	(void)fputc('\n', stdout);
}

static void
show_json(const struct cli *c, const struct setting *s)
{
	struct arena *a = arena_new();
	struct json *o = json_new_object(a);
	struct json *list = json_new_array(a);
	const char *const *texts = config_list(c->config, s->name);
	struct buf line = { 0 };

	json_set_string(a, o, "name", s->name);
	for (size_t i = 0; s->type == SETTING_LIST && texts[i] != NULL; i++)
		json_append(a, list, json_new_string(a, texts[i]));
	if (s->type == SETTING_LIST)
		json_set(a, o, "value", list);
	else
		json_set_string(a, o, "value", config_text(c->config, s->name));
	json_set_string(a, o, "origin", config_origin(c->config, s->name));
	json_write(&line, o);
	puts(buf_text(&line));
	buf_clear(&line);
	arena_free(a);
}

/* Reading the file is the check: it has happened when a verb runs. */
int
verb_config(struct cli *c)
{
	if (strcmp(c->objects[0], "check") == 0)
		return EXIT_DONE;
	if (strcmp(c->objects[0], "show") != 0) {
		cli_say("%s: unknown; it is config show or config check",
		    c->objects[0]);
		return EXIT_USAGE;
	}
	for (const struct setting *s = setting_table; s->name != NULL; s++) {
		if (!(s->use & USE_FILE))
			continue;
		if (config_flag(c->config, "json"))
			show_json(c, s);
		else
			show_value(c, s);
	}
	return EXIT_DONE;
}
