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
	s->job = NULL;
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
	s->job = NULL;
	exchange_free(j->x); /* of a first try on a connection that died */
	j->x = NULL;
	pool_fail(p, j, outcome, reason);
	slot_remove(p, s);
	return 0;
}

/*
 * Which request goes where
 */

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
	queue_init(&h->queue);
	h->next = p->hosts;
	p->hosts = h;
	return h;
}

static void
host_free(struct host *h)
{
	queue_clear(&h->queue);
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
	while (h->queue.first != NULL) {
		struct slot *s = idle_slot(p, h);

		if (s != NULL) {
			if (slot_take(p, s, queue_take(&h->queue), e) != 0)
				return -1;
			continue;
		}
		if (h->slots >= p->host_connections || !make_room(p))
			return 0;
		s = slot_add(p, h);
		s->job = queue_take(&h->queue);
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

		if (h->queue.first != NULL && host_schedule(p, h, e) != 0)
			return -1;
		if (h->queue.first == NULL && h->slots == 0) {
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

	queue_add(&h->queue, j);
}

void
pool_fail_host(
    struct pool *p, const char *host, enum outcome outcome, const char *reason)
{
	for (struct host *h = p->hosts; h != NULL; h = h->next) {
		struct job *j;

		if (strcmp(h->name, host) != 0)
			continue;
		while ((j = queue_take(&h->queue)) != NULL)
			pool_fail(p, j, outcome, reason);
	}
}

struct job *
pool_take(struct pool *p)
{
	return queue_take(&p->done);
}
