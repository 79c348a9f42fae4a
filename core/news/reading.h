#ifndef NEWS_READING_H
#define NEWS_READING_H

#include <stddef.h>

#include "core/news/date_words.h"
#include "core/news/fields.h"
#include "core/news/filter.h"
#include "core/news/reader.h"
#include "core/web/url.h"

struct arena;
struct http_reader;
struct node;
struct page;
struct rule;

enum {
	READING_METAS_MAX = 2000,
	READING_HEADINGS_MAX = 1000,
	READING_LD_MAX = 500,
	READING_SCRIPTS_MAX = 50
};

/* One page being read: what rules see and what they have found so far. */

struct reading_meta {
	const char *name; /* or property, itemprop, rel */
	const char *value;
	const struct node *node;
};

struct reading_script {
	const struct node *node;
	const char *id;          /* without a tree: its id attribute */
	const struct json *json; /* NULL: does not read */
};

struct reading_zone {
	const struct rule *rule;
	const struct node *node; /* NULL: not on the page */
};

struct reading {
	struct arena *arena;
	const struct profile *profile;
	const struct reading_input *input;
	const struct page *page; /* NULL: read by the tokenizer alone */
	const struct http_reader *head;
	struct url url;
	struct date_rules dates;

	/* found by one walk over the tree */
	struct reading_meta *metas;
	size_t meta_count;
	struct reading_meta *links;
	size_t link_count;
	struct node **headings;
	size_t heading_count;
	struct reading_script *ld; /* one per typed object, @graph flattened */
	size_t ld_count;
	struct reading_script *scripts; /* read by json() rules so far */
	size_t script_count;

	/* zones and dropped parts: not seen by rules of fields */
	const char *title;  /* without a tree: the title element; NULL */
	const char *layout; /* "unknown" */
	size_t layout_score;

	const struct node **furniture;
	size_t furniture_count;
	struct reading_zone *zones; /* one per zone of the profile */

	struct values fields[FIELD_COUNT];
	struct json *provenance;
	struct json *missing;
	struct json *warnings;
	struct json *fallbacks;
	struct json *headlines_other;
};

/* Room for the lists; the other members are set before. */
void reading_begin(struct reading *r);

/* Fill the lists by a walk over the tree. */
void reading_index(struct reading *r);

/* Add to the lists; NODE may be NULL. What is over the limits is dropped. */
void reading_add_meta(struct reading *r, const char *name, const char *value,
    const struct node *node);
void reading_add_link(struct reading *r, const char *rel, const char *href,
    const struct node *node);
void reading_add_ld(
    struct reading *r, const struct json *v, const struct node *node);

/* JSON of a script's text; NULL (and a warning) when it does not read. */
const struct json *
reading_parse_json(struct reading *r, const char *text, size_t len);

/* The element is in a zone or a dropped part. 1 / 0. */
int reading_is_furniture(const struct reading *r, const struct node *n);
void reading_add_furniture(struct reading *r, const struct node *n);

/* The element itself is one: enough for walks that do not enter them. */
int reading_begins_furniture(const struct reading *r, const struct node *n);

/* JSON in a script element, read once. NULL: does not read. */
const struct json *
reading_script_json(struct reading *r, const struct node *script);

/* All text of an element as it stands, in the arena. */
const char *reading_text(const struct reading *r, const struct node *n);

/* White space runs to one space, trimmed; in the arena. */
const char *reading_ws(const struct reading *r, const char *s);

/* By rule NT1; in the arena. */
const char *reading_nt1(const struct reading *r, const char *s);

/* S resolved against the page's base; NULL when it is no address. */
const char *reading_url(const struct reading *r, const char *s);

/* Added once each. */
void reading_warn(struct reading *r, const char *warning);

/* The n-th ancestor-or-self of that name, NULL when there is none. */
const struct node *reading_ancestor(const struct node *n, const char *name);

/* The nearest link: N itself, the first below, else the one around it. */
const char *reading_href(const struct reading *r, const struct node *n);

/* {rule, source, locator, byte_offset, filters} of a value. */
struct json;
struct rule;
struct json *reading_provenance(
    const struct reading *r, const struct rule *rule, const struct value *v);

#endif
