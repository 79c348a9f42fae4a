/* holdfast.conf: a head, and a section for each site. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/config.h"
#include "core/collection/config_part.h"

enum { SITES_MAX = 1000, SITE_NAME_MAX = 40 };

struct loading {
	struct config *config;
	struct config **places; /* of each head; NULL: passed over */
	struct conf *file;
	void (*fault)(void *context, const struct error *e);
	void *context;
	size_t faults;
};

static void
on_fault(void *context, const struct error *e)
{
	struct loading *l = context;

	l->faults++;
	l->fault(l->context, e);
}

static void
fault_at(struct loading *l, const struct conf_entry *entry, const char *text,
    const char *nearest)
{
	struct error e = { 0 };

	(void)conf_error(l->file, entry, text, nearest, &e);
	on_fault(l, &e);
}

static void
fault_head(struct loading *l, const struct conf_head *head, const char *text)
{
	struct conf_entry at = { .line = head->line };

	fault_at(l, &at, text, NULL);
}

/* ---- sections ---- */

/* Names become part of file names. */
static int
is_site_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= SITE_NAME_MAX && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static struct config *
add_section(struct config *c, const char *name)
{
	size_t n = c->section_count;

	c->sections = mem_grow(c->sections, n + 1, sizeof(*c->sections));
	c->names = mem_grow(c->names, n + 2, sizeof(*c->names));
	c->sections[n] = config_section_new(c, name);
	c->names[n] = c->sections[n]->name;
	c->names[n + 1] = NULL;
	c->section_count++;
	return c->sections[n];
}

static struct config *
open_section(struct loading *l, const struct conf_head *head)
{
	char *why = NULL;
	struct config *section = NULL;

	if (head->section[0] == '\0')
		return NULL; /* told already */
	if (strcmp(head->section, "site") != 0)
		why = mem_format(
		    "[%s]: unknown section; it is [site NAME]", head->section);
	else if (head->name[0] == '\0')
		why = mem_text("[site]: which one? It is [site NAME]");
	else if (!is_site_name(head->name))
		why = mem_format("[site %s]: a name is at most %d lower-case "
				 "letters, digits and \"-\"",
		    head->name, SITE_NAME_MAX);
	else if (config_site(l->config, head->name) != NULL)
		why = mem_format(
		    "[site %s]: there are two of this name", head->name);
	else if (l->config->section_count == SITES_MAX)
		why = mem_format("more than %d sites", SITES_MAX);
	else
		section = add_section(l->config, head->name);
	if (why != NULL)
		fault_head(l, head, why);
	free(why);
	return section;
}

static void
open_sections(struct loading *l)
{
	const struct conf *file = l->file;

	l->places = mem_zero(file->head_count + 1, sizeof(*l->places));
	l->places[0] = l->config;
	for (size_t i = 0; i < file->head_count; i++)
		l->places[i + 1] = open_section(l, &file->heads[i]);
}

/* ---- entries ---- */

static const char *
nearest_key(const char *key, unsigned use)
{
	const char **names = mem_zero(config_count() + 1, sizeof(*names));
	const char *nearest;
	size_t n = 0;

	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if ((s->use & use) && strchr(s->name, ':') == NULL)
			names[n++] = s->name;
	nearest = text_nearest(key, names);
	free(names);
	return nearest;
}

static void
unknown_key(struct loading *l, const struct conf_entry *entry, int is_section)
{
	const unsigned any = USE_FILE | USE_SITE;
	size_t i = config_key_number(entry->key, any);
	char *why;

	if (setting_table[i].name == NULL)
		why = mem_format("%s: unknown key", entry->key);
	else if (is_section)
		why = mem_format("%s: holds for all sites; put it above the "
				 "first section",
		    entry->key);
	else
		why = mem_format(
		    "%s: is said of a site; put it below a [site NAME]",
		    entry->key);
	fault_at(l, entry, why,
	    setting_table[i].name != NULL ? NULL
					  : nearest_key(entry->key, any));
	free(why);
}

/* Names of files are those beside holdfast.conf. */
static char *
value_as_meant(
    const struct loading *l, const struct setting *s, const char *value)
{
	const char *slash = strrchr(l->file->file, '/');

	if (strcmp(s->argument, "FILE") != 0 || value[0] == '/' ||
	    value[0] == '\0' || slash == NULL)
		return mem_text(value);
	return mem_format(
	    "%.*s/%s", (int)(slash - l->file->file), l->file->file, value);
}

static void
load_entry(struct loading *l, const struct conf_entry *entry)
{
	struct config *place = l->places[entry->head];
	int is_section = place != l->config;
	size_t i = config_key_number(
	    entry->key, is_section ? USE_SITE : USE_FILE);
	const struct setting *s = &setting_table[i];
	struct error why = { 0 };
	struct value *v;
	char *text;

	if (place == NULL)
		return;
	if (s->name == NULL) {
		unknown_key(l, entry, is_section);
		return;
	}
	v = &place->file[i];
	if (entry->operator!= CONF_SET)
		fault_at(l, entry, "only = is known here", NULL);
	else if (s->type != SETTING_LIST && v->count > 0) {
		text = mem_format("%s: given twice; the first is %s",
		    entry->key, v->origins[0]);
		fault_at(l, entry, text, NULL);
		free(text);
	} else if (config_check_value(s, entry->value, &why) != 0)
		fault_at(l, entry, why.text, NULL);
	else {
		char *origin = mem_format("%s:%u", l->file->file, entry->line);

		text = value_as_meant(l, s, entry->value);
		config_add_value(v, s, text, origin);
		free(text);
		free(origin);
	}
}

int
config_load_all(struct config *c, const char *path,
    void (*fault)(void *context, const struct error *e), void *context)
{
	struct loading l = { .config = c, .fault = fault, .context = context };
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct error e = { 0 };

	if (!file_exists(path))
		goto done;
	if (file_get(path, &text, CONF_FILE_MAX, &e) != 0) {
		on_fault(&l, &e);
		goto done;
	}
	l.file = conf_parse_all(
	    a, path, buf_text(&text), text.len, on_fault, &l);
	open_sections(&l);
	for (size_t i = 0; i < l.file->count; i++)
		load_entry(&l, &l.file->entries[i]);
done:
	free(l.places);
	buf_clear(&text);
	arena_free(a);
	return l.faults == 0 ? 0 : -1;
}

/* The first fault. */
static void
keep_first(void *context, const struct error *fault)
{
	struct error *e = context;

	if (e->kind == ERROR_NONE)
		*e = *fault;
}

int
config_load(struct config *c, const char *path, struct error *e)
{
	struct error first = { 0 };
	int rc = config_load_all(c, path, keep_first, &first);

	if (rc != 0 && e != NULL)
		*e = first;
	return rc;
}
