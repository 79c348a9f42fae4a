/* What hosts asked of us, from run to run: when to leave them alone. */
#include "core/crawl/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/db.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/crawl/hosts_part.h"
#include "core/crawl/state.h"
#include "core/web/exchange.h"

enum {
	FIRST_PAUSE_S = 60,
	REFUSED_IN_A_ROW = 5,
	PARTS_REFUSED_IN_A_ROW = 25,
	FAILED_IN_A_ROW = 10,
	DELAY_FACTOR = 4, /* pause: so many times as long as an answer takes */
	SMOOTHING = 4     /* the last answer counts for a fourth */
};

#define SECOND_US 1000000ll

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS host_pause (host TEXT PRIMARY KEY,"
    " since_us INTEGER NOT NULL, until_us INTEGER NOT NULL,"
    " strikes INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS host_robots (origin TEXT PRIMARY KEY,"
    " status INTEGER NOT NULL, fetched_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL, digest TEXT NOT NULL, text BLOB NOT NULL)";

static int
prepare(struct hosts *h, struct error *e)
{
	const struct {
		struct db_query **query;
		const char *sql;
	} all[] = {
		{ &h->find, "SELECT since_us, until_us, strikes, reason"
			    " FROM host_pause WHERE host = ?1" },
		{ &h->put, "INSERT OR REPLACE INTO host_pause"
			   " (host, since_us, until_us, strikes, reason)"
			   " VALUES (?1, ?2, ?3, ?4, ?5)" },
		{ &h->drop, "DELETE FROM host_pause WHERE host = ?1" },
		{ &h->each, "SELECT host FROM host_pause ORDER BY host" },
		{ &h->find_robots,
		    "SELECT status, fetched_us, until_us, digest, text"
		    " FROM host_robots WHERE origin = ?1" },
		{ &h->put_robots,
		    "INSERT OR REPLACE INTO host_robots"
		    " (origin, status, fetched_us, until_us, digest, text)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)" },
		{ &h->drop_robots,
		    "DELETE FROM host_robots WHERE fetched_us < ?1" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i].query = db_prepare(h->db, all[i].sql, e);
		if (*all[i].query == NULL)
			return -1;
	}
	return 0;
}

int
hosts_open(
    struct hosts **out, struct state *s, struct clock *clock, struct error *e)
{
	struct hosts *h = mem_zero(1, sizeof(*h));

	h->clock = clock;
	if (s != NULL)
		h->db = state_db(s);
	else if (db_open(&h->own, ":memory:", DB_WRITE, e) == 0)
		h->db = h->own;
	if (h->db == NULL || db_run(h->db, schema, e) != 0 ||
	    prepare(h, e) != 0) {
		hosts_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

void
hosts_close(struct hosts *h)
{
	if (h == NULL)
		return;
	while (h->known != NULL) {
		struct known *k = h->known;

		h->known = k->next;
		free(k->name);
		free(k->reason);
		free(k);
	}
	db_finish(h->find);
	db_finish(h->put);
	db_finish(h->drop);
	db_finish(h->each);
	db_finish(h->find_robots);
	db_finish(h->put_robots);
	db_finish(h->drop_robots);
	db_close(h->own);
	free(h);
}

/*
 * What is known of a host
 */

static int64_t
now_us(const struct hosts *h)
{
	return h->clock->wall_us(h->clock);
}

static void
set_reason(struct known *k, const char *reason)
{
	char *copy = mem_text(reason);

	free(k->reason);
	k->reason = copy;
}

static int
read_row(struct hosts *h, struct known *k, struct error *e)
{
	int rc;

	db_bind_text(h->find, 1, k->name);
	rc = db_next(h->find, e);
	if (rc > 0) {
		k->since_us = db_int(h->find, 0);
		k->until_us = db_int(h->find, 1);
		k->strikes = (uint64_t)db_int(h->find, 2);
		set_reason(k, db_text(h->find, 3));
		k->is_stored = 1;
		db_reset(h->find);
	}
	return rc < 0 ? -1 : 0;
}

struct known *
hosts_known(struct hosts *h, const char *host, struct error *e)
{
	struct known *k = h->known;

	while (k != NULL && strcmp(k->name, host) != 0)
		k = k->next;
	if (k != NULL)
		return k;
	k = mem_zero(1, sizeof(*k));
	k->name = mem_text(host);
	k->reason = mem_text("");
	k->answer_ms = -1;
	k->next = h->known;
	h->known = k;
	return read_row(h, k, e) != 0 ? NULL : k;
}

static int
store(struct hosts *h, struct known *k, struct error *e)
{
	db_bind_text(h->put, 1, k->name);
	db_bind_int(h->put, 2, k->since_us);
	db_bind_int(h->put, 3, k->until_us);
	db_bind_int(h->put, 4, (int64_t)k->strikes);
	db_bind_text(h->put, 5, k->reason);
	k->is_stored = 1;
	return db_next(h->put, e) < 0 ? -1 : 0;
}

/* The end of K's pause, 0 when it is over. A clock that went back, or was
 * ahead when the pause began, must not make it longer than it was, nor longer
 * than any may be. */
static int64_t
pause_end(struct known *k, int64_t now)
{
	int64_t longest = LIMIT_RETRY_AFTER_S * SECOND_US;

	if (k->until_us != 0 && now < k->since_us) {
		k->until_us = now + (k->until_us - k->since_us);
		k->since_us = now;
	}
	if (k->until_us > now + longest)
		k->until_us = now + longest;
	return k->until_us > now ? k->until_us : 0;
}

/* K is left alone for SECONDS from now, at least. */
static int
pause_for(struct hosts *h, struct known *k, int64_t seconds, const char *why,
    struct error *e)
{
	int64_t now = now_us(h);
	int64_t until;

	if (seconds > LIMIT_RETRY_AFTER_S)
		seconds = LIMIT_RETRY_AFTER_S;
	until = now + seconds * SECOND_US;
	if (pause_end(k, now) >= until)
		return 0;
	k->since_us = now;
	k->until_us = until;
	set_reason(k, why);
	return store(h, k, e);
}

/*
 * Learning
 */

/* What an answer says of its host. */
enum says {
	SAYS_NOTHING, /* nothing was asked, or only of this one target */
	SAYS_WELL,
	SAYS_LATER, /* 429, 503 */
	SAYS_CHALLENGE,
	SAYS_REFUSED, /* 403 */
	SAYS_PART_REFUSED,
	SAYS_FAILED /* 5xx, silence */
};

static enum says
what_it_says(const struct exchange *x)
{
	switch (x->outcome) {
	case OUTCOME_CHALLENGE:
		return SAYS_CHALLENGE;
	case OUTCOME_CAPTURED:
	case OUTCOME_REVISIT:
	case OUTCOME_NOT_MODIFIED:
	case OUTCOME_REDIRECT:
	case OUTCOME_NOT_FOUND:
	case OUTCOME_GONE:
	case OUTCOME_LEGAL:
		return SAYS_WELL;
	case OUTCOME_RATE_LIMITED:
		return SAYS_LATER;
	case OUTCOME_FORBIDDEN:
		return SAYS_REFUSED;
	case OUTCOME_SERVER_ERROR:
		return x->status == 503 ? SAYS_LATER : SAYS_FAILED;
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TIMEOUT:
		return SAYS_FAILED;
	case OUTCOME_TRUNCATED_LENGTH:
	case OUTCOME_TRUNCATED_TIME:
	case OUTCOME_TRUNCATED_DISCONNECT:
	case OUTCOME_CLIENT_ERROR:
	case OUTCOME_AUTH_REQUIRED:
	case OUTCOME_PROTOCOL_ERROR:
	case OUTCOME_TLS_INVALID:
	case OUTCOME_BLOCKED_ROBOTS:
	case OUTCOME_BLOCKED_ADDRESS:
	case OUTCOME_BLOCKED_SCHEME:
	case OUTCOME_BLOCKED_SIZE:
	case OUTCOME_BLOCKED_BY_PROFILE:
	case OUTCOME_URL_TOO_LONG:
	case OUTCOME_OUT_OF_SCOPE:
	case OUTCOME_OUT_OF_SCOPE_MEDIA:
	case OUTCOME_TRAP:
	case OUTCOME_BUDGET:
	case OUTCOME_NOT_TRIED:
		break;
	}
	return SAYS_NOTHING;
}

/* RFC 9110, 10.2.3: seconds or a date. -1: neither. */
static int64_t
retry_after_s(const char *value, int64_t now)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t seconds;
	int64_t date;

	if (digits > 0 && value[digits] == '\0')
		return text_uint(value, digits, LIMIT_RETRY_AFTER_S, &seconds)
			   ? (int64_t)seconds
			   : LIMIT_RETRY_AFTER_S;
	if (!date_parse_http(value, &date))
		return -1;
	if (date <= now)
		return 0;
	return (date - now) / SECOND_US >= LIMIT_RETRY_AFTER_S
		   ? LIMIT_RETRY_AFTER_S
		   : (date - now + SECOND_US - 1) / SECOND_US;
}

/* One more pause of the series, each twice as long as the one before. */
static int64_t
next_pause_s(struct known *k, int64_t longest)
{
	int64_t seconds = FIRST_PAUSE_S;

	for (uint64_t i = 0; i < k->strikes && seconds < longest; i++)
		seconds *= 2;
	k->strikes++;
	return seconds < longest ? seconds : longest;
}

/* It said so itself. */
static int
asked_to_wait(
    struct hosts *h, struct known *k, const struct exchange *x, struct error *e)
{
	int64_t seconds = retry_after_s(x->retry_after, now_us(h));
	int is_paused = pause_end(k, now_us(h)) != 0;
	char *why;
	int rc;

	if (seconds < 0 && is_paused)
		return 0;
	if (seconds >= 0) {
		why = mem_format("answered %u and asked to wait %lld s",
		    x->status, (long long)seconds);
		k->strikes += !is_paused;
		/* None at all would be asking again at once. */
		seconds = seconds < 1 ? 1 : seconds;
	} else {
		why = mem_format("answered %u", x->status);
		seconds = next_pause_s(k, LIMIT_RETRY_AFTER_S);
	}
	rc = pause_for(h, k, seconds, why, e);
	free(why);
	return rc < 0 ? -1 : 1;
}

/* SEEN answers of a kind in a row: 1 when that is enough for a pause. After
 * one, a single answer is. */
static int
is_enough(const struct known *k, unsigned *seen, unsigned enough)
{
	++*seen;
	if (*seen < enough && k->strikes == 0)
		return 0;
	return 1;
}

static int
went_wrong(struct hosts *h, struct known *k, enum says says,
    const struct exchange *x, struct error *e)
{
	int64_t longest = LIMIT_RETRY_AFTER_S;
	char *why;
	int rc;

	if (says == SAYS_REFUSED) {
		if (!is_enough(k, &k->refused, REFUSED_IN_A_ROW))
			return 0;
		why = mem_format("refused %u in a row (403)", k->refused);
	} else if (says == SAYS_PART_REFUSED) {
		if (++k->parts_refused < PARTS_REFUSED_IN_A_ROW)
			return 0;
		why = mem_format("refused %u pictures or the like in a row "
				 "(403)",
		    k->parts_refused);
	} else if (says == SAYS_FAILED) {
		if (!is_enough(k, &k->failed, FAILED_IN_A_ROW))
			return 0;
		why = mem_format("failed %u times in a row (%s)", k->failed,
		    outcome_name(x->outcome));
		longest = LIMIT_SILENCE_S;
	} else {
		why = mem_text("answered with a challenge");
	}
	k->refused = k->failed = k->parts_refused = 0;
	rc = pause_for(h, k, next_pause_s(k, longest), why, e);
	free(why);
	return rc < 0 ? -1 : 1;
}

static int
went_well(struct hosts *h, struct known *k, struct error *e)
{
	k->refused = k->failed = k->parts_refused = 0;
	k->strikes = 0;
	k->since_us = k->until_us = 0;
	set_reason(k, "");
	if (!k->is_stored)
		return 0;
	k->is_stored = 0;
	db_bind_text(h->drop, 1, k->name);
	return db_next(h->drop, e) < 0 ? -1 : 0;
}

static void
learn_time(struct known *k, const struct exchange *x)
{
	int64_t ms = x->duration_ms;

	if (x->status == 0 || ms < 0)
		return;
	if (ms > LIMIT_ADAPTED_DELAY_MS)
		ms = LIMIT_ADAPTED_DELAY_MS;
	k->answer_ms = k->answer_ms < 0
			   ? ms
			   : k->answer_ms + (ms - k->answer_ms) / SMOOTHING;
}

static int
learn(struct hosts *h, const char *host, const struct exchange *x,
    enum says says, struct error *e)
{
	struct known *k = hosts_known(h, host, e);

	if (k == NULL)
		return -1;
	learn_time(k, x);
	/* What was under way when the pause began is not another strike, and
	 * does not end it. */
	if (says == SAYS_NOTHING ||
	    (pause_end(k, now_us(h)) != 0 && says != SAYS_LATER))
		return 0;
	switch (says) {
	case SAYS_NOTHING:
		break;
	case SAYS_WELL:
		return went_well(h, k, e);
	case SAYS_LATER:
		return asked_to_wait(h, k, x, e);
	case SAYS_CHALLENGE:
	case SAYS_REFUSED:
	case SAYS_PART_REFUSED:
	case SAYS_FAILED:
		return went_wrong(h, k, says, x, e);
	}
	return 0;
}

int
hosts_learn(struct hosts *h, const char *host, const struct exchange *x,
    struct error *e)
{
	return learn(h, host, x, what_it_says(x), e);
}

int
hosts_learn_part(struct hosts *h, const char *host, const struct exchange *x,
    struct error *e)
{
	enum says says = what_it_says(x);

	return learn(
	    h, host, x, says == SAYS_REFUSED ? SAYS_PART_REFUSED : says, e);
}

int
hosts_pause(struct hosts *h, const char *host, int64_t pause_ms,
    const char *why, struct error *e)
{
	struct known *k = hosts_known(h, host, e);

	return k == NULL ? -1 : pause_for(h, k, pause_ms / 1000, why, e);
}

/*
 * Asking
 */

int64_t
hosts_until_us(struct hosts *h, const char *host, struct buf *reason)
{
	struct known *k = hosts_known(h, host, NULL);
	int64_t until = k == NULL ? 0 : pause_end(k, now_us(h));
	char since[DATE_TEXT_MAX];
	char text[DATE_TEXT_MAX];

	if (until == 0 || reason == NULL)
		return until;
	date_rfc3339_s(k->since_us, since);
	date_rfc3339_s(until, text);
	buf_format(reason, "the host %s at %s and is left alone until %s",
	    k->reason, since, text);
	return until;
}

int64_t
hosts_delay_ms(struct hosts *h, const char *host, int64_t wait_ms)
{
	const struct known *k = hosts_known(h, host, NULL);
	int64_t delay = wait_ms;
	int64_t adapted = 0;

	if (k == NULL)
		return delay;
	if (wait_ms > 0 && k->answer_ms > 0)
		adapted = k->answer_ms * DELAY_FACTOR;
	if (adapted > LIMIT_ADAPTED_DELAY_MS)
		adapted = LIMIT_ADAPTED_DELAY_MS;
	if (delay < adapted)
		delay = adapted;
	return delay < k->crawl_delay_ms ? k->crawl_delay_ms : delay;
}

int
hosts_each(struct hosts *h,
    int (*each)(void *context, const char *host, int64_t until_us,
	const char *reason, uint64_t strikes),
    void *context, struct error *e)
{
	int rc;

	while ((rc = db_next(h->each, e)) > 0) {
		struct known *k = hosts_known(h, db_text(h->each, 0), e);
		int64_t until = k == NULL ? 0 : pause_end(k, now_us(h));

		if (k == NULL || (until != 0 && each(context, k->name, until,
						    k->reason, k->strikes)))
			break;
	}
	if (rc > 0) {
		db_reset(h->each);
		return -1;
	}
	return rc;
}
