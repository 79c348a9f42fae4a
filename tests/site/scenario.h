#ifndef TESTS_SITE_SCENARIO_H
#define TESTS_SITE_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * A scenario: what happens on the fixture news site, and when. Lines of words
 * separated by blanks; "#" begins a remark; a value with blanks stands in
 * quotes, in which \" \\ \n and \uHHHH are known. Everything else is an error
 * with its line. Times are RFC 3339 or counted from the start: "+3d4h15m".
 * See README.md for all words.
 *
 *	start 2026-01-05T00:00:00Z
 *	at +2h publish ID [edition=en] [section=news/politics] [headline=".."]
 *	at +3h edit ID headline|typo|... [NAME=VALUE]...
 *	at +1d delete ID 404|410|451|403|soft404|home|section|login|500
 *	at +2d restore ID
 *	at +2d rename ID [slug=..]
 *	from +5d to +5d6h outage|status|challenge|... [host=..] [path=..]
 */

enum { SCENARIO_WORDS_MAX = 24 };

struct setting {
	char *name, *value;
};

enum happening_kind {
	HAPPENS_PUBLISH,
	HAPPENS_EDIT,
	HAPPENS_DELETE,
	HAPPENS_RESTORE,
	HAPPENS_RENAME
};

/* WHAT: of an edit or a deletion. */
struct happening {
	int64_t at;
	enum happening_kind kind;
	unsigned line;
	char *id, *what;
	struct setting *settings;
	size_t setting_count;
};

struct condition {
	int64_t from, until;
	unsigned line;
	char *what;
	struct setting *settings;
	size_t setting_count;
};

/* What happens to one article, in order of time; the first publishes it. */
struct life {
	const char *id;
	const struct happening **list;
	size_t count;
};

struct scenario {
	int64_t start;
	struct happening *happenings;
	size_t happening_count;
	struct condition *conditions;
	size_t condition_count;
	struct life *lives;
	size_t life_count;
};

int scenario_load(struct scenario *s, const char *path, struct error *e);
void scenario_clear(struct scenario *s);

/* The value of NAME, else FALLBACK. Borrowed. */
const char *happening_get(
    const struct happening *h, const char *name, const char *fallback);
const char *condition_get(
    const struct condition *c, const char *name, const char *fallback);

/* The condition WHAT that is so at NOW for HOST and TARGET (settings host= and
 * path= say the beginning), or NULL. */
const struct condition *scenario_condition(const struct scenario *s,
    const char *what, int64_t now, const char *host, const char *target);

#endif
