/* Options of the command line: the table of settings, read from argv. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"

static int
takes(const struct verb *v, const struct setting *s)
{
	return (v->use & s->use & ~(unsigned)(USE_FILE | USE_SITE)) != 0;
}

static const struct setting *
find_long(const struct verb *v, const char *name, size_t len)
{
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if (takes(v, s) && strcspn(s->name, ":") == len &&
		    memcmp(s->name, name, len) == 0)
			return s;
	return NULL;
}

static const struct setting *
find_letter(const struct verb *v, char letter)
{
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if (takes(v, s) && s->letter == letter)
			return s;
	return NULL;
}

static int
unknown_option(const struct verb *v, const char *arg, struct error *e)
{
	const char *names[256];
	const char *near;
	char *name = mem_text(arg + strspn(arg, "-"));
	size_t n = 0;

	name[strcspn(name, "=")] = '\0';
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if (takes(v, s) && strchr(s->name, ':') == NULL && n < 255)
			names[n++] = s->name;
	names[n] = NULL;
	/* A single letter is near to many. */
	near = arg[1] == '-' ? text_nearest(name, names) : NULL;
	free(name);
	if (near != NULL)
		return error_set(e, ERROR_USAGE,
		    "%s: unknown option of %s; did you mean --%s?", arg,
		    v->name, near);
	return error_set(e, ERROR_USAGE,
	    "%s: unknown option of %s; see: holdfast help %s", arg, v->name,
	    v->name);
}

/* One option at ARGV[*I], perhaps with its value behind it. */
static int
take_option(struct cli *c, int argc, char **argv, int *i, struct error *e)
{
	const char *arg = argv[*i];
	const char *value = NULL;
	const struct setting *s;

	if (arg[1] == '-') {
		size_t len = strcspn(arg + 2, "=");

		s = find_long(c->verb, arg + 2, len);
		if (arg[2 + len] == '=')
			value = arg + 3 + len;
	} else {
		s = find_letter(c->verb, arg[1]);
		if (arg[2] != '\0')
			value = arg + 2;
	}
	if (s == NULL)
		return unknown_option(c->verb, arg, e);
	if (s->type == SETTING_FLAG) {
		if (value != NULL)
			return error_set(e, ERROR_USAGE,
			    "--%.*s: takes no value",
			    (int)strcspn(s->name, ":"), s->name);
		value = "yes";
	}
	if (value == NULL) {
		if (*i + 1 >= argc)
			return error_set(e, ERROR_USAGE,
			    "--%.*s: needs a value (%s)",
			    (int)strcspn(s->name, ":"), s->name, s->argument);
		value = argv[++*i];
	}
	return config_set(c->config, s->name, value, "command line", e);
}

int
options_parse(struct cli *c, int argc, char **argv, struct error *e)
{
	int only_objects = 0;

	c->objects = mem_zero((size_t)argc + 1, sizeof(*c->objects));
	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];

		if (!only_objects && strcmp(arg, "--") == 0)
			only_objects = 1;
		else if (!only_objects && (strcmp(arg, "--help") == 0 ||
					      strcmp(arg, "-h") == 0)) {
			int code = help_verb(c->verb->name);

			(void)fflush(stdout);
			exit(code);
		} else if (!only_objects && arg[0] == '-' && arg[1] != '\0') {
			if (take_option(c, argc, argv, &i, e) != 0)
				return -1;
		} else
			c->objects[c->object_count++] = argv[i];
	}
	if (c->object_count < c->verb->objects_min)
		return error_set(e, ERROR_USAGE,
		    "%s: needs %s; see: holdfast help %s", c->verb->name,
		    c->verb->objects, c->verb->name);
	if (c->object_count > c->verb->objects_max)
		return error_set(e, ERROR_USAGE,
		    "%s: one object too many for %s; see: holdfast help %s",
		    c->objects[c->verb->objects_max], c->verb->name,
		    c->verb->name);
	return 0;
}
