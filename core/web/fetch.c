/* Fetching: what is asked, and the loop. */
#include "core/web/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/address.h"
#include "core/web/connect.h"
#include "core/web/pool.h"
#include "core/web/request.h"

enum { HOST_TEXT_MAX = 1024 };

struct fetcher {
	struct pool pool;
	uint64_t max_body;
	size_t pending;
	char **stopped; /* names of hosts */
	size_t stopped_count;
	struct pollfd *fds;
	size_t fd_cap;
};

/*
 * The loop
 */

/* Fill FDS: libcurl's, the slots', ALSO. Returns how many. */
static size_t
gather(struct fetcher *f, const struct pollfd *also, size_t also_count)
{
	size_t n = connector_fd_count(f->pool.connector);
	size_t need = n + f->pool.slot_count + also_count;

	if (need > f->fd_cap) {
		f->fd_cap = need + 16;
		f->fds = mem_grow(f->fds, f->fd_cap, sizeof(*f->fds));
	}
	connector_fds(f->pool.connector, f->fds);
	for (size_t i = 0; i < f->pool.slot_count; i++) {
		struct slot *s = f->pool.slots[i];
		short events = s->job == NULL ? POLLIN
					      : carry_events(&s->carry);

		s->fd_at = SIZE_MAX;
		if (!s->is_open)
			continue;
		s->fd_at = n;
		f->fds[n++] = (struct pollfd){ .fd = wire_fd(s->wire),
			.events = events };
	}
	if (also_count > 0)
		memcpy(f->fds + n, also, also_count * sizeof(*also));
	return n + also_count;
}

/* How long poll may sleep: at most LEFT_MS (-1 for ever). */
static int
sleep_ms(struct fetcher *f, int64_t left_ms)
{
	int64_t now = f->pool.clock->mono_ms(f->pool.clock);
	int64_t ms = connector_wait_ms(f->pool.connector);
	int64_t pause = pool_pause_left_ms(&f->pool);

	if (left_ms >= 0 && (ms < 0 || left_ms < ms))
		ms = left_ms;
	if (pause >= 0 && (ms < 0 || pause < ms))
		ms = pause;
	for (size_t i = 0; i < f->pool.slot_count; i++) {
		const struct slot *s = f->pool.slots[i];
		int64_t left;

		if (pool_is_due(s))
			return 0;
		if (s->job == NULL || !s->is_open)
			continue;
		left = carry_deadline(&s->carry) - now;
		if (left < 0)
			left = 0;
		if (ms < 0 || left < ms)
			ms = left;
	}
	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* Poll once and do what can be done. 1 when one of ALSO is ready. */
static int
turn(struct fetcher *f, struct pollfd *also, size_t also_count, int64_t left_ms,
    struct error *e)
{
	size_t connecting = connector_fd_count(f->pool.connector);
	size_t count = gather(f, also, also_count);
	int is_ready = 0;

	f->pool.turn++;
	if (poll(f->fds, count, sleep_ms(f, left_ms)) < 0) {
		if (errno == EINTR)
			return 1;
		return error_system(e, "poll");
	}
	for (size_t i = 0; i < also_count; i++) {
		also[i].revents = f->fds[count - also_count + i].revents;
		is_ready |= also[i].revents != 0;
	}
	if (connector_act(f->pool.connector, f->fds, connecting, e) != 0)
		return -1;
	/* From the end: who goes is replaced by one that had its turn. */
	for (size_t i = f->pool.slot_count; i > 0; i--) {
		struct slot *s = f->pool.slots[i - 1];
		int has_event = s->fd_at != SIZE_MAX &&
				f->fds[s->fd_at].revents != 0;

		if (pool_turn(&f->pool, s, has_event, e) != 0)
			return -1;
	}
	return is_ready;
}

/* Hand out one that is done. */
static int
hand_out(struct fetcher *f, struct exchange **out, void **tag)
{
	struct job *j = pool_take(&f->pool);

	if (j == NULL)
		return 0;
	*out = j->x;
	*tag = j->tag;
	j->x = NULL;
	pool_job_free(j);
	f->pending--;
	return 1;
}

int
fetcher_wait(struct fetcher *f, struct pollfd *also, size_t also_count,
    int timeout_ms, struct exchange **out, void **tag, struct error *e)
{
	int64_t start = f->pool.clock->mono_ms(f->pool.clock);
	int64_t left = timeout_ms;

	for (size_t i = 0; i < also_count; i++)
		also[i].revents = 0;
	for (;;) {
		int rc;

		if (pool_schedule(&f->pool, e) != 0)
			return -1;
		if (hand_out(f, out, tag))
			return 1;
		if (f->pending == 0 && also_count == 0)
			return 0;
		rc = turn(f, also, also_count, left, e);
		if (rc < 0)
			return -1;
		if (rc > 0 || left == 0)
			return pool_schedule(&f->pool, e) != 0
				   ? -1
				   : hand_out(f, out, tag);
		if (timeout_ms < 0)
			continue;
		left = start + timeout_ms -
		       f->pool.clock->mono_ms(f->pool.clock);
		if (left < 0)
			left = 0;
	}
}

/*
 * Asking
 */

static int
host_is_stopped(const struct fetcher *f, const char *name)
{
	for (size_t i = 0; i < f->stopped_count; i++) {
		if (strcmp(f->stopped[i], name) == 0)
			return 1;
	}
	return 0;
}

/* What is refused before anything moves. 1: J has ended. */
static int
refuse(struct fetcher *f, struct job *j, const char *host)
{
	const struct url *u = &j->url;

	if (u->len > LIMIT_URL_BYTES)
		pool_fail(&f->pool, j, OUTCOME_URL_TOO_LONG,
		    "the URL is longer than the limit");
	else if (!url_is_http(u))
		pool_fail(&f->pool, j, OUTCOME_BLOCKED_SCHEME,
		    "only http and https are fetched");
	else if (u->user_len > 0)
		pool_fail(&f->pool, j, OUTCOME_BLOCKED_SCHEME,
		    "the URL holds a user name or password");
	else if (!address_port_is_allowed(url_port(u)))
		pool_fail(&f->pool, j, OUTCOME_BLOCKED_ADDRESS,
		    "the port belongs to another service than the web");
	else if (host_is_stopped(f, host))
		pool_fail(
		    &f->pool, j, OUTCOME_NOT_TRIED, "the host was stopped");
	else
		return 0;
	return 1;
}

/* What cannot be sent back as it came is left out: the answer is then whole. */
static char *
conditional(const char *value)
{
	return mem_text(value == NULL || !request_can_send(value) ? "" : value);
}

int
fetcher_start(struct fetcher *f, const struct fetch_request *r, struct error *e)
{
	char host[HOST_TEXT_MAX] = "";
	struct job *j = pool_job_new();

	if (url_parse(&j->url, r->url, strlen(r->url), NULL, e) != 0) {
		pool_job_free(j);
		return error_within(e, "%.200s", r->url);
	}
	j->text = mem_text(r->url);
	j->referer = mem_text(r->referer == NULL ? "" : r->referer);
	j->accept = mem_text(r->accept == NULL ? "" : r->accept);
	j->if_none_match = conditional(r->if_none_match);
	j->if_modified_since = conditional(r->if_modified_since);
	j->rank = r->rank;
	j->is_foreign = r->is_foreign;
	j->max_body = f->max_body > 0   ? f->max_body
		      : r->max_body > 0 ? r->max_body
					: LIMIT_BODY_OTHER;
	j->tag = r->tag;
	f->pending++;
	if (!url_host(&j->url, host, sizeof(host)))
		host[0] = '\0'; /* too long for any name: DNS says so */
	if (!refuse(f, j, host))
		pool_add(&f->pool, j, host);
	return 0;
}

size_t
fetcher_pending(const struct fetcher *f)
{
	return f->pending;
}

void
fetcher_set_pause(struct fetcher *f, const char *host, int64_t pause_ms)
{
	pool_set_pause(&f->pool, host, pause_ms);
}

void
fetcher_stop_host(struct fetcher *f, const char *host)
{
	if (host_is_stopped(f, host))
		return;
	f->stopped = mem_grow(
	    f->stopped, f->stopped_count + 1, sizeof(*f->stopped));
	f->stopped[f->stopped_count++] = mem_text(host);
	pool_fail_host(
	    &f->pool, host, OUTCOME_NOT_TRIED, "the host was stopped");
}

static int64_t
or_limit(int64_t value, int64_t limit)
{
	return value > 0 ? value : limit;
}

struct fetcher *
fetcher_new(const struct fetch_options *o, struct clock *clock, struct error *e)
{
	struct fetcher *f = mem_zero(1, sizeof(*f));
	struct pool *p = &f->pool;

	f->max_body = o->max_body;
	p->clock = clock;
	p->limits = (struct carry_limits){
		.total_ms = or_limit(o->total_ms, LIMIT_FETCH_MS),
		.first_byte_ms = or_limit(
		    o->first_byte_ms, LIMIT_FIRST_BYTE_MS),
		.idle_ms = or_limit(o->idle_ms, LIMIT_IDLE_MS),
		.rate_bytes = (uint64_t)or_limit(
		    (int64_t)o->rate_bytes, LIMIT_RATE_BYTES),
	};
	p->host_connections = (unsigned)or_limit(
	    o->host_connections, LIMIT_HOST_CONNECTIONS);
	p->all_connections = (unsigned)or_limit(
	    o->all_connections, LIMIT_ALL_CONNECTIONS);
	p->spool_dir = mem_text(o->spool_dir == NULL ? "." : o->spool_dir);
	pool_init(p);
	p->maker = request_maker_new(o, e);
	if (p->maker != NULL)
		p->connector = connector_new(o, clock, e);
	if (p->connector == NULL) {
		fetcher_free(f);
		return NULL;
	}
	return f;
}

void
fetcher_free(struct fetcher *f)
{
	if (f == NULL)
		return;
	pool_clear(&f->pool);
	for (size_t i = 0; i < f->stopped_count; i++)
		free(f->stopped[i]);
	free(f->stopped);
	free(f->fds);
	free(f);
}

const char *
fetch_libraries(void)
{
	return connector_libraries();
}
