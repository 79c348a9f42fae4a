/* Settings: what was given, and what holds. */
#include "core/collection/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/config_part.h"

/* A hundred years: longer than anything waits, and far from any overflow. */
static const uint64_t duration_max_ms = 36525ULL * 86400 * 1000;

size_t
config_count(void)
{
	size_t n = 0;

	while (setting_table[n].name != NULL)
		n++;
	return n;
}

struct config *
config_section_new(const struct config *head, const char *name)
{
	struct config *c = mem_zero(1, sizeof(*c));

	c->head = head;
	c->name = mem_text(name);
	c->given = mem_zero(config_count(), sizeof(*c->given));
	c->file = mem_zero(config_count(), sizeof(*c->file));
	c->names = mem_zero(1, sizeof(*c->names));
	return c;
}

struct config *
config_new(void)
{
	return config_section_new(NULL, "");
}

static void
value_clear(struct value *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->texts[i]);
		free(v->origins[i]);
	}
	free(v->texts);
	free(v->origins);
	*v = (struct value){ 0 };
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < config_count(); i++) {
		value_clear(&c->given[i]);
		value_clear(&c->file[i]);
	}
	for (size_t i = 0; i < c->section_count; i++)
		config_free(c->sections[i]);
	free(c->sections);
	free(c->names);
	free(c->given);
	free(c->file);
	free(c->name);
	free(c);
}

size_t
config_number(const char *name)
{
	size_t i = 0;

	while (setting_table[i].name != NULL &&
	       strcmp(setting_table[i].name, name) != 0)
		i++;
	return i;
}

size_t
config_key_number(const char *key, unsigned use)
{
	size_t i;

	for (i = 0; setting_table[i].name != NULL; i++) {
		const struct setting *s = &setting_table[i];
		size_t len = strcspn(s->name, ":");

		if ((use == 0 || (s->use & use)) && strlen(key) == len &&
		    memcmp(s->name, key, len) == 0)
			break;
	}
	return i;
}

/* ---- values ---- */

int
config_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	const char *unit = len == 0 ? NULL : strchr(units, text[len - 1]);
	unsigned shift = 0;
	uint64_t n;

	if (unit != NULL && *unit != '\0') {
		shift = 10 * (unsigned)(unit - units + 1);
		len--;
	}
	if (!text_uint(text, len, UINT64_MAX >> shift, &n))
		return 0;
	*bytes = n << shift;
	return 1;
}

/* The unit behind a number of LEN digits: in ms, 0 for none that is known. */
static uint64_t
duration_unit(const char *unit)
{
	if (unit[0] == '\0' || strcmp(unit, "s") == 0)
		return 1000;
	if (strcmp(unit, "m") == 0)
		return 60 * 1000;
	if (strcmp(unit, "h") == 0)
		return 3600 * 1000;
	return strcmp(unit, "d") == 0 ? 86400ULL * 1000 : 0;
}

int
config_parse_duration(const char *text, int64_t *ms)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole;
	uint64_t thousandths = 0;
	uint64_t unit;
	uint64_t n;

	if (rest[0] == '.') {
		size_t digits = strspn(rest + 1, "0123456789");
		uint64_t scale = 100;

		if (digits == 0 || digits > 3)
			return 0;
		for (size_t i = 1; i <= digits; i++, scale /= 10)
			thousandths += (uint64_t)(rest[i] - '0') * scale;
		rest += digits + 1;
	}
	unit = duration_unit(rest);
	if (unit == 0 || !text_uint(text, whole, duration_max_ms / unit, &n))
		return 0;
	*ms = (int64_t)(n * unit + thousandths * unit / 1000);
	return 1;
}

static int
is_choice(const struct setting *s, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = s->choices; *at != '\0';) {
		size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, value, len) == 0)
			return 1;
		at += word + (at[word] == ' ');
	}
	return 0;
}

static int
wrong(const struct setting *s, const char *value, const char *what,
    struct error *e)
{
	return error_set(e, ERROR_USAGE, "%.*s: %s is %s",
	    (int)strcspn(s->name, ":"), s->name,
	    value[0] == '\0' ? "nothing" : value, what);
}

/* Texts may be anything of one line; in lists none is empty. */
static int
check_text(const struct setting *s, const char *value, struct error *e)
{
	if (strpbrk(value, "\r\n") != NULL)
		return wrong(s, "it", "more than one line", e);
	if (s->type == SETTING_LIST && value[0] == '\0')
		return error_set(
		    e, ERROR_USAGE, "%s: the value is missing", s->name);
	if (s->choices[0] == '\0' || is_choice(s, value))
		return 0;
	return error_set(e, ERROR_USAGE, "%.*s: %s is not one of: %s",
	    (int)strcspn(s->name, ":"), s->name,
	    value[0] == '\0' ? "nothing" : value, s->choices);
}

int
config_check_value(const struct setting *s, const char *value, struct error *e)
{
	uint64_t n;
	int64_t ms;

	switch (s->type) {
	case SETTING_TEXT:
	case SETTING_CHOICE:
	case SETTING_LIST:
		return check_text(s, value, e);
	case SETTING_FLAG:
		if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
			return 0;
		return wrong(s, value, "not yes or no", e);
	case SETTING_NUMBER:
		if (text_uint(value, strlen(value), 1000000000, &n))
			return 0;
		return wrong(
		    s, value, "not a whole number up to 1000000000", e);
	case SETTING_DURATION:
		if (config_parse_duration(value, &ms))
			return 0;
		return wrong(s, value,
		    "not a time of at most 100 years (as 90, 0.5s, 15m, 2h or "
		    "3d)",
		    e);
	case SETTING_SIZE:
		if (config_parse_size(value, &n))
			return 0;
		return wrong(s, value, "not a size (as 4096, 64M or 1G)", e);
	}
	return 0;
}

void
config_add_value(struct value *v, const struct setting *s, const char *text,
    const char *origin)
{
	if (s->type != SETTING_LIST)
		value_clear(v);
	v->texts = mem_grow(v->texts, v->count + 2, sizeof(*v->texts));
	v->origins = mem_grow(v->origins, v->count + 1, sizeof(*v->origins));
	v->texts[v->count] = mem_text(text);
	v->origins[v->count] = mem_text(origin);
	v->texts[++v->count] = NULL;
}

int
config_set(struct config *c, const char *name, const char *value,
    const char *origin, struct error *e)
{
	size_t i = config_number(name);
	const struct setting *s = &setting_table[i];

	if (s->name == NULL)
		return error_set(e, ERROR_USAGE, "%s: unknown setting", name);
	if (config_check_value(s, value, e) != 0)
		return -1;
	config_add_value(&c->given[i], s, value, origin);
	return 0;
}

/* ---- what holds ---- */

/* The command line's, else the section's, else the head's; NULL none. */
static const struct value *
value_of(const struct config *c, const char *name)
{
	const struct config *head = c->head == NULL ? c : c->head;
	size_t i = config_number(name);

	assert(setting_table[i].name != NULL);
	if (head->given[i].count > 0)
		return &head->given[i];
	if (c->file[i].count > 0)
		return &c->file[i];
	return head->file[i].count > 0 ? &head->file[i] : NULL;
}

const char *
config_text(const struct config *c, const char *name)
{
	const struct value *v = value_of(c, name);

	return v == NULL ? setting_table[config_number(name)].fallback
			 : v->texts[v->count - 1];
}

int
config_flag(const struct config *c, const char *name)
{
	return strcmp(config_text(c, name), "yes") == 0;
}

uint64_t
config_size(const struct config *c, const char *name)
{
	uint64_t n = 0;

	(void)config_parse_size(config_text(c, name), &n);
	return n;
}

int64_t
config_duration_ms(const struct config *c, const char *name)
{
	int64_t ms = 0;

	(void)config_parse_duration(config_text(c, name), &ms);
	return ms;
}

const char *const *
config_list(const struct config *c, const char *name)
{
	static const char *const none[] = { NULL };
	const struct value *v = value_of(c, name);

	return v == NULL ? none : (const char *const *)v->texts;
}

const char *
config_origin(const struct config *c, const char *name)
{
	const struct value *v = value_of(c, name);

	return v == NULL ? "default" : v->origins[v->count - 1];
}

const char *
config_list_origin(const struct config *c, const char *name, size_t i)
{
	const struct value *v = value_of(c, name);

	return v == NULL || i >= v->count ? "default" : v->origins[i];
}

const char *const *
config_sites(const struct config *c)
{
	return c->names;
}

const struct config *
config_site(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->section_count; i++)
		if (strcmp(c->names[i], name) == 0)
			return c->sections[i];
	return NULL;
}

int
config_check_secret(const char *path, struct error *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set(e, ERROR_USAGE, "%s: cannot be read", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_USAGE, "%s: is not a file", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return error_set(e, ERROR_USAGE,
		    "%s: others may read or write it (mode %04o); say: chmod "
		    "600 %s",
		    path, (unsigned)st.st_mode & 07777U, path);
	return 0;
}
