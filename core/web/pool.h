#ifndef WEB_POOL_H
#define WEB_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "core/web/carry.h"
#include "core/web/exchange.h"
#include "core/web/url.h"

struct clock;
struct connector;
struct error;
struct request_maker;
struct wire;

/*
 * The inside of the fetcher: requests in queues by host, connections, and
 * which request goes on which. Nothing here waits.
 */

/* A request on its way. */
struct job {
	struct job *next;
	struct url url;
	char *text; /* as asked for */
	char *referer;
	char *accept;
	char *if_none_match;
	char *if_modified_since;
	unsigned rank;
	int is_foreign;
	uint64_t max_body;
	void *tag;
	struct pace *pace;  /* whose unseen this is; NULL none */
	int64_t started_ms; /* first attempt; -1 none yet */
	int was_retried;
	struct exchange *x;
};

struct queue {
	struct job *first;
	struct job **end;
};

/* Requests of one rank, oldest first. */
struct lane {
	struct lane *next;
	unsigned rank;
	struct queue queue;
};

/* How fast a host is asked, whatever the scheme and port. Kept as long as the
 * pool: when an answer ended is not forgotten with its connection. */
struct pace {
	struct pace *next;
	char *name;
	int64_t pause_ms;
	int64_t ended_ms; /* of the last answer; INT64_MIN none yet */
	unsigned active;  /* requests under way */
	unsigned unseen;  /* that ended badly and were not handed out yet */
};

/* Where requests go: scheme, host, port. */
struct host {
	struct host *next;
	struct pace *pace;
	char *name;
	int port;
	int is_tls;
	struct lane *lanes; /* the lowest rank first; none is empty */
	unsigned slots;
};

/* A connection, and what it does. */
struct slot {
	struct host *host;
	struct wire *wire;
	int is_open;     /* the wire is made and ours */
	struct job *job; /* NULL: idle */
	struct carry carry;
	unsigned served;
	uint64_t idle_since; /* turn of the loop */
	size_t fd_at;        /* the loop's; SIZE_MAX none */
};

struct pool {
	struct clock *clock;
	struct connector *connector; /* owned */
	struct request_maker *maker; /* owned */
	struct carry_limits limits;
	char *spool_dir;
	unsigned host_connections, all_connections;
	struct host *hosts;
	struct pace *paces;
	struct slot **slots;
	size_t slot_count;
	struct queue done;
	int64_t last_us; /* start of the latest exchange */
	uint64_t turn;   /* of the loop */
	uint8_t *buffer;
};

/* P is zero but for what is configured; then ready. */
void pool_init(struct pool *p);
void pool_clear(struct pool *p);

struct job *pool_job_new(void);
void pool_job_free(struct job *j); /* NULL is fine */

/* These take J: queue it for its host; end it without an answer. */
void pool_add(struct pool *p, struct job *j, const char *host);
void pool_fail(
    struct pool *p, struct job *j, enum outcome outcome, const char *reason);

/* End all that is queued for HOST, any scheme and port. */
void pool_fail_host(
    struct pool *p, const char *host, enum outcome outcome, const char *reason);

/* From now on, a pause between the answers of HOST and what is asked next. */
void pool_set_pause(struct pool *p, const char *host, int64_t pause_ms);

/* Until a request may go that only waits for the end of a pause; -1: there is
 * none. */
int64_t pool_pause_left_ms(const struct pool *p);

/* One that ended, the caller's; NULL none. */
struct job *pool_take(struct pool *p);

/* Give work to every connection that may have some. -1: ERROR_SYSTEM. */
int pool_schedule(struct pool *p, struct error *e);

/* S can go on without waiting for anything. */
int pool_is_due(const struct slot *s);

/* Go on with S, whose descriptor (if it is open) is ready or not. S may be
 * gone after. -1: ERROR_SYSTEM. */
int pool_turn(struct pool *p, struct slot *s, int is_ready, struct error *e);

#endif
