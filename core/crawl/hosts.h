#ifndef CRAWL_HOSTS_H
#define CRAWL_HOSTS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct clock;
struct error;
struct exchange;
struct state;

/*
 * What hosts asked of us, from run to run: robots.txt files as fetched, and
 * until when they want to be left alone. With STATE NULL it lasts as long as
 * the handle.
 */
struct hosts;

int hosts_open(
    struct hosts **out, struct state *s, struct clock *clock, struct error *e);
void hosts_close(struct hosts *h); /* NULL is fine */

/*
 * Learn from an answer (or from silence) of the host it came from: 429, 503,
 * challenges, and refusals (403) or failures (5xx, silence) in a row lead to a
 * pause: Retry-After (delta or date, at most LIMIT_RETRY_AFTER_S) as asked
 * for, else doubling from a minute to a day (for one that is down: to
 * LIMIT_SILENCE_S); a good answer after the pause ends the series. 1: the host
 * is to be left alone from now on; 0; -1.
 */
int hosts_learn(struct hosts *h, const char *host, const struct exchange *x,
    struct error *e);

/* The same for what a page shows. A store that does not tell what it has
 * answers 403 for each picture that is gone: only many of these in a row say
 * something of the host. */
int hosts_learn_part(struct hosts *h, const char *host,
    const struct exchange *x, struct error *e);

/* Leave HOST alone for PAUSE_MS at least (up to LIMIT_RETRY_AFTER_S): what a
 * profile wants after a challenge. WHY is for people. */
int hosts_pause(struct hosts *h, const char *host, int64_t pause_ms,
    const char *why, struct error *e);

/* Until when HOST wants to be left alone; 0: it does not. REASON (may be
 * NULL) is appended to. */
int64_t hosts_until_us(struct hosts *h, const char *host, struct buf *reason);

/* Milliseconds to pause between two requests to HOST: never under WAIT_MS (of
 * the site), never under its Crawl-delay (up to LIMIT_CRAWL_DELAY_S; known when
 * its robots.txt was asked for or kept here), and a multiple of how long its
 * answers take (up to LIMIT_ADAPTED_DELAY_MS; with WAIT_MS 0 they do not
 * matter). */
int64_t hosts_delay_ms(struct hosts *h, const char *host, int64_t wait_ms);

/* robots.txt of an origin ("https://english.example") as last fetched. */
struct robots_kept {
	unsigned status;     /* 2xx: TEXT has the rules; 4xx: there are none */
	int64_t fetched_us;  /* when its rules were got */
	int64_t until_us;    /* good until then (24 h, or less as it said) */
	const uint8_t *text; /* decoded; up to LIMIT_ROBOTS_BYTES */
	size_t len;
	const char *digest; /* of the payload it came in, "sha256:..."; "" */
};

/* 1 / 0 not known, or older than LIMIT_ROBOTS_UNREACHABLE_S / -1. One behind
 * its UNTIL_US is good only while the host cannot be asked. Texts live in A. */
int hosts_robots(struct hosts *h, struct arena *a, const char *origin,
    struct robots_kept *out, struct error *e);
int hosts_keep_robots(struct hosts *h, const char *origin,
    const struct robots_kept *r, struct error *e);

/* Hosts in back-off now, for status. */
int hosts_each(struct hosts *h,
    int (*each)(void *context, const char *host, int64_t until_us,
	const char *reason, uint64_t strikes),
    void *context, struct error *e);

#endif
