#ifndef CRAWL_ALARMS_H
#define CRAWL_ALARMS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct state;

/*
 * What an operator must know, told when it begins, once a day while it lasts,
 * and when it ends; not at every run. The exit code says it every time.
 */
struct alarms;

int alarms_open(
    struct alarms **out, struct state *s, int64_t now_us, struct error *e);
void alarms_close(struct alarms *a); /* NULL is fine */

/* Keys raised and cleared from now on belong to SCOPE (a site's name and a
 * blank, put in front of them; "" none): two sites do not share alarms. */
void alarms_scope(struct alarms *a, const char *scope);

/* In this run KEY ("front-empty https://...", "disk-full", "host-backoff
 * english.example") is so; TEXT says it to people. */
int alarms_raise(
    struct alarms *a, const char *key, const char *text, struct error *e);

/* In this run it was looked at, and KEY is not so; raising it wins, whichever
 * comes first. */
void alarms_clear(struct alarms *a, const char *key);

/* Was KEY, in the present scope, raised in this run? 1 / 0. */
int alarms_is_raised(const struct alarms *a, const char *key);

/* How many, in the present scope, were raised in this run. */
size_t alarms_raised(const struct alarms *a);

/* At the end of the run, which was able to judge what it raised and cleared
 * and every key that begins with SCOPE (whole keys; "" all; NULL none
 * besides): TELL gets a text for what begins, lasts for another day, or has
 * ended, saying since when and how often. What no run has raised or cleared
 * for a month has ended, too. Within the caller's transaction. */
enum alarm_when { ALARM_BEGINS, ALARM_LASTS, ALARM_ENDS };
int alarms_settle(struct alarms *a, const char *scope,
    void (*tell)(
	void *context, enum alarm_when when, const char *key, const char *text),
    void *context, struct error *e);

const char *alarm_when_name(enum alarm_when w); /* "begins" ... */

/* Standing ones, for status; by key. */
int alarms_each(struct alarms *a,
    int (*each)(void *context, const char *key, const char *text,
	int64_t since_us, int64_t last_us, uint64_t count),
    void *context, struct error *e);

#endif
