/* The inside of the fetcher: queues and connections. */
#include "core/web/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/web/connect.h"
#include "core/web/receive.h"
#include "core/web/request.h"

/*
 * Jobs and queues
 */

static void
queue_init(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static void
queue_add(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->end = j;
	q->end = &j->next;
}

static struct job *
queue_take(struct queue *q)
{
	struct job *j = q->first;

	if (j == NULL)
		return NULL;
	q->first = j->next;
	if (q->first == NULL)
		q->end = &q->first;
	return j;
}

struct job *
pool_job_new(void)
{
	struct job *j = mem_zero(1, sizeof(*j));

	j->started_ms = -1;
	return j;
}

void
pool_job_free(struct job *j)
{
	if (j == NULL)
		return;
	url_clear(&j->url);
	exchange_free(j->x);
	free(j->text);
	free(j->referer);
	free(j->accept);
	free(j->if_none_match);
	free(j->if_modified_since);
	free(j);
}

static void
queue_clear(struct queue *q)
{
	struct job *j;

	while ((j = queue_take(q)) != NULL)
		pool_job_free(j);
}

/* A fresh exchange for J, begun now. */
static void
job_begin(struct pool *p, struct job *j)
{
	int64_t now_us = p->clock->wall_us(p->clock);
	struct exchange *x = exchange_new();

	if (now_us < p->last_us)
		now_us = p->last_us;
	p->last_us = now_us;
	if (j->started_ms < 0)
		j->started_ms = p->clock->mono_ms(p->clock);
	free(x->url);
	free(x->method);
	x->url = mem_text(j->text);
	x->method = mem_text("GET");
	x->started_us = now_us;
	exchange_free(j->x);
	j->x = x;
}

static void
job_end(struct pool *p, struct job *j)
{
	j->x->duration_ms = p->clock->mono_ms(p->clock) - j->started_ms;
	queue_add(&p->done, j);
}

void
pool_fail(
    struct pool *p, struct job *j, enum outcome outcome, const char *reason)
{
	if (j->x == NULL)
		job_begin(p, j);
	free(j->x->reason);
	j->x->reason = mem_text(reason);
	j->x->outcome = outcome;
	job_end(p, j);
}

/*
 * Slots
 */

static struct slot *
slot_add(struct pool *p, struct host *h)
{
	struct slot *s = mem_zero(1, sizeof(*s));

	s->host = h;
	h->slots++;
	carry_init(&s->carry, &p->limits, p->spool_dir);
	p->slots = mem_grow(p->slots, p->slot_count + 1, sizeof(void *));
	p->slots[p->slot_count++] = s;
	return s;
}

static void
slot_remove(struct pool *p, struct slot *s)
{
	size_t i = 0;

	while (p->slots[i] != s)
		i++;
	p->slots[i] = p->slots[--p->slot_count];
	s->host->slots--;
	wire_close(s->wire);
	carry_clear(&s->carry);
	pool_job_free(s->job);
	free(s);
}

/* Let S make a new connection for its job. */
static void
slot_connect(struct pool *p, struct slot *s)
{
	wire_close(s->wire);
	s->is_open = 0;
	s->served = 0;
	s->wire = wire_open(
	    p->connector, s->host->name, s->host->port, s->host->is_tls);
}

/* Write down what goes out, secrets left out. */
static int
keep_request(struct pool *p, struct slot *s, struct error *e)
{
	struct job *j = s->job;
	struct exchange *x = j->x;
	struct request_for to = { .url = &j->url,
		.referer = j->referer,
		.accept = j->accept,
		.if_none_match = j->if_none_match,
		.if_modified_since = j->if_modified_since,
		.is_foreign = j->is_foreign,
		.now_s = x->started_us / 1000000 };
	struct buf stored = { 0 };
	struct buf masked = { 0 };
	int rc;

	buf_reset(&s->carry.request);
	request_make(p->maker, &to, &s->carry.request, &stored, &masked);
	x->request = spool_new(p->spool_dir, LIMIT_SPOOL_MEMORY);
	rc = spool_add(x->request, stored.data, stored.len, e);
	digest_text(DIGEST_SHA256, stored.data, stored.len, x->request_digest);
	free(x->masked);
	x->masked = buf_take(&masked);
	free(x->if_none_match);
	x->if_none_match = mem_text(j->if_none_match);
	free(x->if_modified_since);
	x->if_modified_since = mem_text(j->if_modified_since);
	buf_clear(&stored);
	return rc;
}

/* The wire is open and clean: send the job's request. */
static int
slot_send(struct pool *p, struct slot *s, struct error *e)
{
	struct job *j = s->job;

	job_begin(p, j);
	j->x->connection = connection_keep(wire_connection(s->wire));
	if (keep_request(p, s, e) != 0)
		return -1;
	s->carry.started_ms = j->started_ms;
	carry_begin(
	    &s->carry, s->wire, j->x, j->max_body, p->clock->mono_ms(p->clock));
	return 0;
}

/* The job of S has ended. When not well, nothing more is asked of its host
 * until somebody has looked at the answer. */
static void
slot_release(struct pool *p, struct slot *s, int is_well)
{
	struct pace *pace = s->host->pace;

	if (!is_well) {
		s->job->pace = pace;
		pace->unseen++;
	}
	s->job = NULL;
	pace->active--;
	pace->ended_ms = p->clock->mono_ms(p->clock);
}

/* Deal with the end of S's exchange, or with none. S may be gone after. */
static int
slot_settle(struct pool *p, struct slot *s, enum carry_result result)
{
	struct job *j = s->job;

	if (result == CARRY_GOING)
		return 0;
	if (result == CARRY_FAILED)
		return -1;
	if (result == CARRY_LOST && s->served > 0 && !j->was_retried) {
		j->was_retried = 1;
		slot_connect(p, s);
		return 0;
	}
	slot_release(p, s,
	    outcome_is_good(j->x->outcome) ||
		j->x->outcome == OUTCOME_NOT_FOUND);
	s->served++;
	s->idle_since = p->turn;
	job_end(p, j);
	if (!receiver_keeps_alive(s->carry.receiver) ||
	    s->carry.sent < s->carry.request.len)
		slot_remove(p, s);
	return 0;
}

/* Put J on an idle S. What came on the wire meanwhile, or its end, is not for
 * J: then a new connection is made. */
static int
slot_take(struct pool *p, struct slot *s, struct job *j, struct error *e)
{
	size_t len;

	s->job = j;
	s->host->pace->active++;
	if (wire_receive(s->wire, p->buffer, CARRY_BUFFER_BYTES, &len) !=
	    WIRE_AGAIN) {
		slot_connect(p, s);
		return 0;
	}
	return slot_send(p, s, e);
}

/* The wire of S is no longer being made. */
static int
slot_connected(struct pool *p, struct slot *s, struct error *e)
{
	const char *reason;
	enum outcome outcome;
	struct job *j;

	if (wire_state(s->wire) == WIRE_OPEN) {
		s->is_open = 1;
		return slot_send(p, s, e);
	}
	outcome = wire_failure(s->wire, &reason);
	j = s->job;
	slot_release(p, s, 0);
	exchange_free(j->x); /* of a first try on a connection that died */
	j->x = NULL;
	pool_fail(p, j, outcome, reason);
	slot_remove(p, s);
	return 0;
}

/*
 * Which request goes where
 */

static struct pace *
pace_find(struct pool *p, const char *name)
{
	struct pace *pace = p->paces;

	while (pace != NULL && strcmp(pace->name, name) != 0)
		pace = pace->next;
	if (pace != NULL)
		return pace;
	pace = mem_zero(1, sizeof(*pace));
	pace->name = mem_text(name);
	pace->ended_ms = INT64_MIN;
	pace->next = p->paces;
	p->paces = pace;
	return pace;
}

/* Until the next request of a host may go; 0 now, -1: when another one has
 * ended. With a pause there is one request at a time, or there would be
 * none between them. */
static int64_t
pause_left_ms(const struct pool *p, const struct pace *pace)
{
	int64_t now = p->clock->mono_ms(p->clock);

	if (pace->unseen > 0)
		return -1;
	if (pace->pause_ms == 0)
		return 0;
	if (pace->active > 0)
		return -1;
	if (pace->ended_ms == INT64_MIN ||
	    now - pace->ended_ms >= pace->pause_ms)
		return 0;
	return pace->ended_ms + pace->pause_ms - now;
}

/* Of the lowest rank the oldest. */
static struct job *
host_take(struct host *h)
{
	struct lane *lane = h->lanes;
	struct job *j;

	if (lane == NULL)
		return NULL;
	j = queue_take(&lane->queue);
	if (lane->queue.first == NULL) {
		h->lanes = lane->next;
		free(lane);
	}
	return j;
}

static void
host_add(struct host *h, struct job *j)
{
	struct lane **at = &h->lanes;
	struct lane *lane;

	while (*at != NULL && (*at)->rank < j->rank)
		at = &(*at)->next;
	if (*at == NULL || (*at)->rank != j->rank) {
		lane = mem_zero(1, sizeof(*lane));
		lane->rank = j->rank;
		queue_init(&lane->queue);
		lane->next = *at;
		*at = lane;
	}
	queue_add(&(*at)->queue, j);
}

static struct host *
host_find(struct pool *p, const char *name, int port, int is_tls)
{
	struct host *h = p->hosts;

	while (h != NULL && (h->port != port || h->is_tls != is_tls ||
				strcmp(h->name, name) != 0))
		h = h->next;
	if (h != NULL)
		return h;
	h = mem_zero(1, sizeof(*h));
	h->name = mem_text(name);
	h->port = port;
	h->is_tls = is_tls;
	h->pace = pace_find(p, name);
	h->next = p->hosts;
	p->hosts = h;
	return h;
}

static void
host_free(struct host *h)
{
	struct job *j;

	while ((j = host_take(h)) != NULL)
		pool_job_free(j);
	free(h->name);
	free(h);
}

static struct slot *
idle_slot(struct pool *p, const struct host *h)
{
	for (size_t i = 0; i < p->slot_count; i++) {
		if (p->slots[i]->host == h && p->slots[i]->job == NULL)
			return p->slots[i];
	}
	return NULL;
}

/* Room for one more connection; the longest idle one makes way. */
static int
make_room(struct pool *p)
{
	struct slot *oldest = NULL;

	if (p->slot_count < p->all_connections)
		return 1;
	for (size_t i = 0; i < p->slot_count; i++) {
		struct slot *s = p->slots[i];

		if (s->job == NULL &&
		    (oldest == NULL || s->idle_since < oldest->idle_since))
			oldest = s;
	}
	if (oldest == NULL)
		return 0;
	slot_remove(p, oldest);
	return 1;
}

static int
host_schedule(struct pool *p, struct host *h, struct error *e)
{
	while (h->lanes != NULL && pause_left_ms(p, h->pace) == 0) {
		struct slot *s = idle_slot(p, h);

		if (s != NULL) {
			if (slot_take(p, s, host_take(h), e) != 0)
				return -1;
			continue;
		}
		if (h->slots >= p->host_connections || !make_room(p))
			return 0;
		s = slot_add(p, h);
		s->job = host_take(h);
		h->pace->active++;
		s->job->started_ms = p->clock->mono_ms(p->clock);
		slot_connect(p, s);
	}
	return 0;
}

/* Hosts that are no longer needed are forgotten. */
int
pool_schedule(struct pool *p, struct error *e)
{
	struct host **at = &p->hosts;

	while (*at != NULL) {
		struct host *h = *at;

		if (h->lanes != NULL && host_schedule(p, h, e) != 0)
			return -1;
		if (h->lanes == NULL && h->slots == 0) {
			*at = h->next;
			host_free(h);
		} else {
			at = &h->next;
		}
	}
	return 0;
}

int
pool_is_due(const struct slot *s)
{
	if (s->job == NULL)
		return 0;
	return s->is_open ? s->carry.has_more
			  : wire_state(s->wire) != WIRE_CONNECTING;
}

int
pool_turn(struct pool *p, struct slot *s, int is_ready, struct error *e)
{
	enum carry_result result = CARRY_GOING;

	if (s->job == NULL) {
		/* Closed by the peer, or bytes nobody asked for. */
		if (is_ready)
			slot_remove(p, s);
		return 0;
	}
	if (!s->is_open)
		return pool_is_due(s) ? slot_connected(p, s, e) : 0;
	if (is_ready || s->carry.has_more)
		result = carry_step(
		    &s->carry, p->buffer, p->clock->mono_ms(p->clock), e);
	if (result == CARRY_GOING)
		result = carry_expire(
		    &s->carry, p->clock->mono_ms(p->clock), e);
	return slot_settle(p, s, result);
}

void
pool_init(struct pool *p)
{
	queue_init(&p->done);
	p->buffer = mem_alloc(CARRY_BUFFER_BYTES);
}

void
pool_clear(struct pool *p)
{
	while (p->slot_count > 0)
		slot_remove(p, p->slots[0]);
	while (p->hosts != NULL) {
		struct host *h = p->hosts;

		p->hosts = h->next;
		host_free(h);
	}
	while (p->paces != NULL) {
		struct pace *pace = p->paces;

		p->paces = pace->next;
		free(pace->name);
		free(pace);
	}
	queue_clear(&p->done);
	connector_free(p->connector);
	request_maker_free(p->maker);
	free(p->spool_dir);
	free(p->buffer);
	free(p->slots);
}

void
pool_add(struct pool *p, struct job *j, const char *host)
{
	struct host *h = host_find(
	    p, host, url_port(&j->url), url_is_https(&j->url));

	host_add(h, j);
}

void
pool_set_pause(struct pool *p, const char *host, int64_t pause_ms)
{
	pace_find(p, host)->pause_ms = pause_ms > 0 ? pause_ms : 0;
}

int64_t
pool_pause_left_ms(const struct pool *p)
{
	int64_t least = -1;

	for (const struct host *h = p->hosts; h != NULL; h = h->next) {
		int64_t left = h->lanes == NULL || h->pace->pause_ms == 0
				   ? -1
				   : pause_left_ms(p, h->pace);

		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

void
pool_fail_host(
    struct pool *p, const char *host, enum outcome outcome, const char *reason)
{
	for (struct host *h = p->hosts; h != NULL; h = h->next) {
		struct job *j;

		if (strcmp(h->name, host) != 0)
			continue;
		while ((j = host_take(h)) != NULL)
			pool_fail(p, j, outcome, reason);
	}
}

struct job *
pool_take(struct pool *p)
{
	struct job *j = queue_take(&p->done);

	if (j != NULL && j->pace != NULL)
		j->pace->unseen--;
	return j;
}
