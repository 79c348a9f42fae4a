#ifndef NEWS_PROFILE_RULES_H
#define NEWS_PROFILE_RULES_H

#include <stddef.h>

#include "core/base/conf.h"
#include "core/news/date_words.h"
#include "core/news/fields.h"
#include "core/news/profile.h"
#include "core/news/rule.h"

/* What a profile compiles to. Only for core/news; immutable once made. */

struct map {
	const char *name;
	const char **from;
	const char **to;
	size_t count;
};

/* The value of FROM, or NULL. */
const char *map_find(const struct map *m, const char *from);
const char *map_find_nocase(const struct map *m, const char *from);

struct text_list {
	const char **items;
	size_t count;
};

/* RULE [== "text"]. */
struct condition {
	struct rule rule;
	const char *equals; /* NULL: gives any value */
};

/* Conditions of which one must hold. */
struct condition_list {
	const char *id;
	struct condition *conditions;
	size_t count;
};

struct layout {
	const char *name;
	struct condition *probes;
	size_t *scores;
	size_t probe_count;
	size_t min_score;
};

/* RULE ; NAME VALUE ; ... of zones, body marks and images. */
struct zone_field {
	const char *name;
	struct rule rule;
};

struct zone {
	const char *name;
	struct rule_list where; /* the first that is on the page */
	struct rule *item;      /* NULL: the zone itself */
	int item_around;        /* the largest box that holds one match */
	struct zone_field *fields;
	size_t field_count;
	const char *label;     /* its own heading; not an item */
	struct text_list skip; /* items of just this text */
};

/* Blocks of the body that are not plain text. */
struct body_mark {
	const char *kind; /* xref note correction entry embed */
	struct rule rule;
	const char *label;    /* of xref: cut from the text */
	const char *provider; /* of embed */
	struct pattern *id;   /* of embed: of its address */
};

struct image_rule {
	const char *role;
	struct rule rule;
	struct selector *caption;
};

struct challenge_term {
	unsigned status; /* 0: the header */
	const char *header;
	const char *value; /* NULL: any */
};

struct challenge {
	struct challenge_term *terms;
	size_t count;
};

struct body_rules {
	struct rule_list root;
	struct text_list blocks;
	struct text_list unwrap;
	struct body_mark *marks;
	size_t mark_count;
	size_t minlen;
};

struct image_rules {
	struct image_rule *rules;
	size_t rule_count;
	struct text_list candidates; /* "picture source@srcset" ... */
	size_t cap;                  /* widest candidate chosen */
	struct rule_list thumbnail;
	struct filter *original, *asset_key, *asset_rev, *asset_date;
	size_t original_count, asset_key_count, asset_rev_count,
	    asset_date_count;
	const struct map *agencies;
	struct pattern *credit_reject;
};

struct alternate {
	const char *kind;
	const char *lang;
	struct rule rule;
};

struct profile {
	const char *key, *version, *status, *origin;
	const char *publisher, *publisher_url;
	const char *edition, *lang, *dir, *script;
	int is_abstract;
	struct text_list hosts; /* host and alias */
	struct date_period *periods;
	size_t period_count;
	const char *zone;

	struct text_list blocked;
	struct challenge *challenges;
	size_t challenge_count;
	int64_t challenge_pause_ms; /* on_challenge; 0 none */

	struct condition_list *require, *reject;
	size_t require_count, reject_count;

	struct rule_list canonical;
	const char **drop_params;
	size_t drop_param_count;

	struct layout *layouts;
	size_t layout_count;

	struct rule_list fields[FIELD_COUNT];
	struct guard *absent[FIELD_COUNT]; /* holds: not on this page */
	struct body_rules body;
	struct zone *zones;
	size_t zone_count;
	struct rule *drops;
	size_t drop_count;
	struct image_rules images;
	struct alternate *alternates;
	size_t alternate_count;
	struct map *maps;
	size_t map_count;

	struct profile_source *sources;
	size_t source_count;
	struct pattern *article_url; /* over the path; NULL none */
	unsigned min_new;            /* 0: not said */
	int64_t min_new_us;

	struct profile_file *chain; /* CHAIN_COUNT, base first */
	size_t chain_count;
	struct rule_owned owned;
};

/* A file as loaded, and the files it extends, base first, itself last. */
struct site_file {
	const char *key;
	const char *origin; /* "built-in" or its path */
	const char *data;
	size_t len;
	const struct conf *conf;
};

enum { CHAIN_MAX = 3 };

struct chain {
	struct site_file *files[CHAIN_MAX];
	size_t count;
};

/* One value of a key, with where it stands. */
struct chain_value {
	const struct conf *conf;
	const struct conf_entry *entry;
	const char
	    *id; /* "almayadeen-en.headline#1": file, key, number in it */
};

struct chain_values {
	struct chain_value *items;
	size_t count;
};

/* Strict about sections, keys and scalars given twice. */
int site_file_check(const struct site_file *f, struct error *e);

/* All values of [SECTION NAME] KEY: those of the most specific file first,
 * "+=" ones last, "! =" drops what is inherited. */
struct chain_values chain_find(struct arena *a, const struct chain *c,
    const char *section, const char *name, const char *key);

/* The one value of a scalar: that of the most specific file; "" none. */
const char *chain_scalar(const struct chain *c, const char *section,
    const char *name, const char *key);

/* The different names of [SECTION ...], or keys of [SECTION NAME] (NAME not
 * NULL), in order of appearance, base first. */
struct text_list chain_names(struct arena *a, const struct chain *c,
    const char *section, const char *name);

/* What compiling needs at hand. */
struct site_compiler {
	struct profile *profile;
	struct arena *arena;
	const struct chain *chain;
	struct rule_compiler rule;
	struct error *error;
};

/* A compiler for rules of value V. */
struct rule_compiler *
site_at(struct site_compiler *c, const struct chain_value *v);

/* All rules of a key, checked for ones that are never reached. */
int site_rules(struct site_compiler *c, const char *section, const char *name,
    const char *key, struct rule_list *out);

/* Words of a value, separated by blanks. */
struct text_list site_words(struct arena *a, const char *value);

/* P from its chain; profile_parts.c has body, furniture and images,
 * profile_discover.c the sources. */
int profile_compile(
    struct profile *p, struct arena *a, const struct chain *c, struct error *e);
int profile_compile_parts(struct site_compiler *c);
int profile_compile_discover(struct site_compiler *c);

/* URL's host is one of HOSTS. */
int text_list_has_host(const struct text_list *hosts, const struct url *url);

#endif
