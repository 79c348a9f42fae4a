/* Files of a profile: which keys there are, and how a chain is merged. */

#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/news/fields.h"
#include "core/news/profile_rules.h"

enum { SITE_ENTRIES_MAX = 4000 };

enum key_shape { KEY_SCALAR, KEY_LIST };

struct key_spec {
	const char *section;
	const char *key; /* "zone *": any second word; "*": any key */
	enum key_shape shape;
};

static const struct key_spec key_specs[] = {
	{ "site", "format", KEY_SCALAR },
	{ "site", "key", KEY_SCALAR },
	{ "site", "version", KEY_SCALAR },
	{ "site", "abstract", KEY_SCALAR },
	{ "site", "extends", KEY_SCALAR },
	{ "site", "status", KEY_SCALAR },
	{ "site", "publisher", KEY_SCALAR },
	{ "site", "publisher_url", KEY_SCALAR },
	{ "site", "edition", KEY_SCALAR },
	{ "site", "lang", KEY_SCALAR },
	{ "site", "dir", KEY_SCALAR },
	{ "site", "script", KEY_SCALAR },
	{ "site", "zone", KEY_SCALAR },
	{ "site", "host", KEY_LIST },
	{ "site", "offset", KEY_LIST },
	{ "fetch", "block", KEY_LIST },
	{ "fetch", "challenge", KEY_LIST },
	{ "fetch", "on_challenge", KEY_SCALAR },
	{ "is_article", "require", KEY_LIST },
	{ "is_article", "reject", KEY_LIST },
	{ "canonical", "from", KEY_LIST },
	{ "canonical", "drop_params", KEY_SCALAR },
	{ "layout", "probe", KEY_LIST },
	{ "layout", "min_score", KEY_SCALAR },
	{ "body", "root", KEY_LIST },
	{ "body", "blocks", KEY_SCALAR },
	{ "body", "unwrap", KEY_SCALAR },
	{ "body", "minlen", KEY_SCALAR },
	{ "body", "xref", KEY_LIST },
	{ "body", "note", KEY_LIST },
	{ "body", "correction", KEY_LIST },
	{ "body", "entry", KEY_LIST },
	{ "body", "embed", KEY_LIST },
	{ "furniture", "zone *", KEY_LIST },
	{ "furniture", "drop *", KEY_SCALAR },
	{ "images", "lead", KEY_LIST },
	{ "images", "inline", KEY_LIST },
	{ "images", "gallery", KEY_LIST },
	{ "images", "candidates", KEY_SCALAR },
	{ "images", "cap", KEY_SCALAR },
	{ "images", "original", KEY_SCALAR },
	{ "images", "asset_key", KEY_SCALAR },
	{ "images", "asset_rev", KEY_SCALAR },
	{ "images", "asset_date", KEY_SCALAR },
	{ "images", "thumbnail", KEY_LIST },
	{ "images", "credit", KEY_SCALAR },
	{ "alternates", "*", KEY_SCALAR },
	{ "discover", "home", KEY_SCALAR },
	{ "discover", "section_pages", KEY_LIST },
	{ "discover", "feed", KEY_LIST },
	{ "discover", "sitemap", KEY_LIST },
	{ "discover", "article_url", KEY_SCALAR },
	{ "discover", "min_new", KEY_SCALAR },
	{ "map", "*", KEY_SCALAR },
	/* "fields" and "absent" take the names of fields.h */
	{ "fields", NULL, KEY_LIST },
	{ "absent", NULL, KEY_SCALAR },
};

enum { KEY_SPEC_COUNT = sizeof(key_specs) / sizeof(key_specs[0]) };

static int
key_fits(const struct key_spec *spec, const char *key)
{
	size_t n;

	if (spec->key == NULL)
		return field_find(key) < FIELD_COUNT;
	n = strlen(spec->key);
	if (spec->key[n - 1] == '*')
		return strncmp(key, spec->key, n - 1) == 0 &&
		       strlen(key) > n - 1;
	return strcmp(key, spec->key) == 0;
}

static int
fail_unknown(const struct site_file *f, const struct conf_entry *entry,
    const char *what, const char *const *words, struct error *e)
{
	char text[256];
	const char *word = strcmp(what, "section") == 0 ? entry->section
							: entry->key;

	(void)snprintf(text, sizeof(text), "unknown %s \"%s\"", what, word);
	return conf_error(f->conf, entry, text, text_nearest(word, words), e);
}

/* The description of an entry's key, or NULL with E filled. */
static const struct key_spec *
spec_of(
    const struct site_file *f, const struct conf_entry *entry, struct error *e)
{
	const char *words[KEY_SPEC_COUNT + FIELD_COUNT + 1];
	size_t n = 0;

	for (size_t i = 0; i < KEY_SPEC_COUNT; i++) {
		const struct key_spec *s = &key_specs[i];

		if (strcmp(s->section, entry->section) != 0)
			continue;
		if (key_fits(s, entry->key))
			return s;
		for (size_t k = 0; s->key == NULL && k < FIELD_COUNT; k++)
			words[n++] = field_names[k];
		if (s->key != NULL)
			words[n++] = s->key;
	}
	words[n] = NULL;
	if (n > 0) {
		(void)fail_unknown(f, entry, "key", words, e);
		return NULL;
	}
	for (size_t i = 0; i < KEY_SPEC_COUNT; i++)
		words[n++] = key_specs[i].section;
	words[n] = NULL;
	(void)fail_unknown(f, entry, "section", words, e);
	return NULL;
}

static int
same_key(const struct conf_entry *a, const struct conf_entry *b)
{
	return strcmp(a->key, b->key) == 0 &&
	       strcmp(a->section, b->section) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

static int
check_entry(const struct site_file *f, size_t i, struct error *e)
{
	const struct conf_entry *entry = &f->conf->entries[i];
	const struct key_spec *spec = spec_of(f, entry, e);
	int wants_name = strcmp(entry->section, "layout") == 0 ||
			 strcmp(entry->section, "map") == 0;

	if (spec == NULL)
		return -1;
	if (wants_name != (entry->name[0] != '\0'))
		return conf_error(f->conf, entry,
		    wants_name ? "this section needs a name"
			       : "this section has no name",
		    NULL, e);
	if (entry->operator!= CONF_CLEAR && entry->value[0] == '\0')
		return conf_error(f->conf, entry, "no value", NULL, e);
	if (spec->shape == KEY_LIST)
		return 0;
	if (entry->operator!= CONF_SET)
		return conf_error(
		    f->conf, entry, "this key holds one value", NULL, e);
	for (size_t k = 0; k < i; k++)
		if (same_key(&f->conf->entries[k], entry))
			return conf_error(f->conf, entry,
			    "this key was given before", NULL, e);
	return 0;
}

int
site_file_check(const struct site_file *f, struct error *e)
{
	/* Looking for keys given twice takes the square of it. */
	if (f->conf->count > SITE_ENTRIES_MAX)
		return error_set(e, ERROR_USAGE, "%s: more than %d entries",
		    f->conf->file, SITE_ENTRIES_MAX);
	for (size_t i = 0; i < f->conf->count; i++)
		if (check_entry(f, i, e) != 0)
			return -1;
	return 0;
}

static int
is_entry(const struct conf_entry *x, const char *section, const char *name,
    const char *key)
{
	return strcmp(x->key, key) == 0 && strcmp(x->section, section) == 0 &&
	       strcmp(x->name, name) == 0;
}

static size_t
count_entries(const struct chain *c, const char *section, const char *name,
    const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->files[i]->conf->count; k++)
			n += (size_t)is_entry(
			    &c->files[i]->conf->entries[k], section, name, key);
	return n;
}

static const char *
value_id(
    struct arena *a, const struct site_file *f, const struct conf_entry *entry)
{
	size_t number = 1;

	for (const struct conf_entry *x = f->conf->entries; x < entry; x++)
		number += (size_t)same_key(x, entry);
	return arena_format(a, "%s.%s#%zu", f->key, entry->key, number);
}

/* Put the entries of F with operator OP into OUT at FROM; how many. */
static size_t
take_entries(struct arena *a, const struct site_file *f,
    const struct conf_entry *like, enum conf_operator op,
    struct chain_value *out)
{
	size_t n = 0;

	for (size_t k = 0; k < f->conf->count; k++) {
		const struct conf_entry *x = &f->conf->entries[k];

		if (x->operator!= op || !same_key(x, like))
			continue;
		if (out != NULL) {
			out[n].conf = f->conf;
			out[n].entry = x;
			out[n].id = value_id(a, f, x);
		}
		n++;
	}
	return n;
}

struct chain_values
chain_find(struct arena *a, const struct chain *c, const char *section,
    const char *name, const char *key)
{
	const struct conf_entry like = {
		.section = section, .name = name, .key = key
	};
	size_t most = count_entries(c, section, name, key);
	struct chain_values out = { 0 };

	out.items = arena_alloc(a, (most + 1) * sizeof(*out.items));
	for (size_t i = 0; i < c->count; i++) {
		const struct site_file *f = c->files[i];
		size_t n = take_entries(a, f, &like, CONF_SET, NULL);

		if (take_entries(a, f, &like, CONF_CLEAR, NULL) > 0)
			out.count = 0;
		memmove(
		    out.items + n, out.items, out.count * sizeof(*out.items));
		(void)take_entries(a, f, &like, CONF_SET, out.items);
		out.count += n;
		out.count += take_entries(
		    a, f, &like, CONF_ADD, out.items + out.count);
	}
	return out;
}

const char *
chain_scalar(const struct chain *c, const char *section, const char *name,
    const char *key)
{
	for (size_t i = c->count; i-- > 0;) {
		const struct conf *conf = c->files[i]->conf;

		for (size_t k = 0; k < conf->count; k++)
			if (is_entry(&conf->entries[k], section, name, key))
				return conf->entries[k].value;
	}
	return "";
}

struct text_list
chain_names(struct arena *a, const struct chain *c, const char *section,
    const char *name)
{
	struct text_list out = { 0 };
	size_t most = 1;

	for (size_t i = 0; i < c->count; i++)
		most += c->files[i]->conf->count;
	out.items = arena_alloc(a, most * sizeof(*out.items));
	for (size_t i = 0; i < c->count; i++) {
		const struct conf *conf = c->files[i]->conf;

		for (size_t k = 0; k < conf->count; k++) {
			const struct conf_entry *x = &conf->entries[k];
			const char *word = name == NULL ? x->name : x->key;
			size_t j = 0;

			if (strcmp(x->section, section) != 0 ||
			    (name != NULL && strcmp(x->name, name) != 0))
				continue;
			while (j < out.count && strcmp(out.items[j], word) != 0)
				j++;
			if (j == out.count)
				out.items[out.count++] = word;
		}
	}
	return out;
}
