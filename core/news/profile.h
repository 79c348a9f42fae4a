#ifndef NEWS_PROFILE_H
#define NEWS_PROFILE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct json;
struct url;

/*
 * Site profiles: rules for one publisher as data (.site files), compiled once
 * and immutable afterwards. Strict: unknown section, key, filter, an
 * unreachable rule, a bad selector are ERROR_USAGE with file and line.
 */

/* A file compiled into the program (gen/embedded.c). */
struct embedded_file {
	const char *name; /* "plugins/almayadeen/almayadeen-en.site" */
	const unsigned char *data;
	size_t len;
};
extern const struct embedded_file embedded_files[]; /* ends with name NULL */

struct profile;
struct profile_set;

/* Built-in profiles, then those of DIR (NULL none): a file there wins by its
 * key. A built-in profile that does not compile with a base of DIR keeps its
 * built-in one. */
int
profile_set_load(struct profile_set **out, const char *dir, struct error *e);
void profile_set_free(struct profile_set *s);
size_t profile_set_count(const struct profile_set *s);
const struct profile *profile_set_at(const struct profile_set *s, size_t i);
const struct profile *
profile_set_find(const struct profile_set *s, const char *key);

/* The profile whose host is that of URL; NULL none. */
const struct profile *
profile_for(const struct profile_set *s, const struct url *url);

const char *profile_key(const struct profile *p);
const char *profile_version(const struct profile *p);
const char *profile_origin(const struct profile *p); /* "built-in" or path */

/* The files of the chain (extends), base first: bytes as loaded. */
struct profile_file {
	const char *key;
	const char *data;
	size_t len;
	char sha256[65];
};
size_t
profile_chain(const struct profile *p, const struct profile_file **files);

/* Is this requisite one the profile blocks (beacons)? 1 / 0. */
int profile_blocks(const struct profile *p, const struct url *url);

/* Is this response a challenge page by the profile's rules? HEAD is the
 * response head as received. 1 / 0. */
int profile_is_challenge(const struct profile *p, unsigned status,
    const uint8_t *head, size_t head_len);

/* Where pages of the site are found ([discover]). */
enum profile_source_kind {
	PROFILE_FRONT, /* a page of links */
	PROFILE_FEED,
	PROFILE_SITEMAP
};

struct profile_source {
	enum profile_source_kind kind;
	/* Absolute. With "{Y}" and "{M}" ("{MM}": two digits) it is one a
	 * month, with "{N}" one a page; they stand in it as they are. */
	const char *url;
	const char *links;              /* fronts: a selector; "" every link */
	unsigned first_page, last_page; /* fronts; 1 and 1 alone */
};

/* Home, section pages, feeds, sitemaps; each in the order written. */
size_t
profile_sources(const struct profile *p, const struct profile_source **out);

/* URL is on a host of the profile and has the path of an article; without a
 * rule for it: any of its hosts but the home page. 1 / 0. */
int profile_is_article_url(const struct profile *p, const struct url *url);

/* So many new pages at least are found in so long a time. 1; 0: the profile
 * does not say. */
int profile_min_new(const struct profile *p, unsigned *count, int64_t *time_us);

/* How long a host is to be left alone after a challenge; 0: not said. */
int64_t profile_challenge_pause_ms(const struct profile *p);

/* Parse one file (and what it extends, looked up in SET) without adding it. */
int
profile_check(const struct profile_set *set, const char *path, struct error *e);

/* The same for a file in memory; NAME is for messages. */
int profile_check_text(const struct profile_set *set, const char *name,
    const char *text, size_t len, struct error *e);

#endif
