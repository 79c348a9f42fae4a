/* The writer thread: groups of records made durable, in order. */
#include "core/collection/writer.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/collection/journal.h"
#include "core/collection/originals.h"
#include "core/collection/past.h"
#include "core/collection/records.h"
#include "core/collection/snapshot.h"
#include "core/collection/target_set.h"
#include "core/web/exchange.h"

/* The value of a target whose outcome is not durable yet. */
static const uint64_t pending = UINT64_MAX;

struct writer {
	/* The thread's own. */
	struct records *records;
	struct buf lines;   /* of the group, for the journal */
	int fd;             /* journal; read by any thread */
	uint64_t run_begin; /* in it; constant */

	/* Shared, under LOCK. */
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct item *first, **last; /* queue */
	unsigned queued_captures;
	size_t queued_bytes;
	size_t held_bytes; /* those and the group being written */
	uint64_t tickets;  /* handed out */
	uint64_t done;     /* durable up to here */
	uint64_t flush_to; /* wanted durable at once */
	int stopping;      /* the queue's end is the end */
	int failed;
	struct error error;
	struct target_set targets;
	uint64_t journal_end;

	int wake;  /* eventfd: look at the queue */
	int moved; /* eventfd: DONE or FAILED changed */
	int is_running;
	pthread_t thread;
};

static void
signal_fd(int fd)
{
	uint64_t one = 1;

	/* A full counter is readable all the same. */
	(void)!write(fd, &one, sizeof(one));
}

static void
drain_fd(int fd)
{
	uint64_t count;

	(void)!read(fd, &count, sizeof(count));
}

static int
write_capture(struct writer *w, struct item *i, struct error *e)
{
	const struct original original = {
		.record_id = item_text(i, ITEM_ORIGINAL),
		.url = item_text(i, ITEM_ORIGINAL_URL),
		.date = item_text(i, ITEM_ORIGINAL_DATE),
		.payload_digest = item_text(i, ITEM_ORIGINAL_DIGEST),
		.payload_len = i->original_len,
	};
	const struct capture_facts facts = {
		.original = original.record_id[0] == '\0' ? NULL : &original,
		.via = item_text(i, ITEM_VIA),
		.hops = item_text(i, ITEM_HOPS),
		.need = item_text(i, ITEM_NEED),
		.where = item_text(i, ITEM_WHERE),
		.media_type = item_text(i, ITEM_MEDIA_TYPE),
		.robots = item_text(i, ITEM_ROBOTS),
	};

	return records_capture(
	    w->records, i->exchange, &facts, &w->lines, &i->line_at, e);
}

/* Records and lines of one item. */
static int
write_item(struct writer *w, struct item *i, struct error *e)
{
	struct derived derived;

	i->line_at = w->lines.len;
	switch (i->kind) {
	case ITEM_LINE:
		journal_add(
		    &w->lines, i->line, buf_text(&i->data), i->data.len);
		return 0;
	case ITEM_DERIVED:
		derived = (struct derived){
			.kind = item_text(i, ITEM_TYPE),
			.page_url = item_text(i, ITEM_URL),
			.record_id = item_text(i, ITEM_RECORD),
			.date = item_text(i, ITEM_DATE),
			.block = i->data.data,
			.len = i->data.len,
		};
		return records_derived(w->records, &derived, &w->lines, e);
	case ITEM_CAPTURE:
		return write_capture(w, i, e);
	}
	return 0;
}

/* Steps 1 to 3 of the order of writes; a failure leaves the files as they
 * were after the group before, as far as they let themselves be cut. */
static int
write_group(struct writer *w, struct error *e)
{
	if (records_sync(w->records, &w->lines, e) != 0) {
		records_back(w->records);
		return -1;
	}
	if (file_write_at(
		w->fd, w->lines.data, w->lines.len, w->journal_end, e) != 0) {
		(void)file_truncate(w->fd, w->journal_end, NULL);
		records_back(w->records);
		return error_within(e, "journal");
	}
	if (file_sync(w->fd, e) != 0)
		return error_within(e, "journal");
	records_commit(w->records);
	return 0;
}

/* Step 5: the items from FIRST to before END are durable. Freed. */
static void
publish(struct writer *w, struct item *first, struct item *end)
{
	(void)pthread_mutex_lock(&w->lock);
	for (struct item *i = first, *next; i != end; i = next) {
		next = i->next;
		if (item_ends_target(i))
			*target_set_find(&w->targets,
			    item_text(i, ITEM_URL)) = w->journal_end +
						      i->line_at;
		w->held_bytes -= i->cost;
		w->done = i->ticket;
		item_free(i);
	}
	w->journal_end += w->lines.len;
	records_group(w->records, w->fd, w->journal_end);
	(void)pthread_cond_signal(&w->room);
	(void)pthread_mutex_unlock(&w->lock);
	buf_reset(&w->lines);
	signal_fd(w->moved);
}

static void
free_items(struct item *first)
{
	while (first != NULL) {
		struct item *next = first->next;

		item_free(first);
		first = next;
	}
}

/* The end: nothing more is taken. */
static void
fail(struct writer *w, const struct error *e)
{
	struct item *queue;

	(void)pthread_mutex_lock(&w->lock);
	w->failed = 1;
	w->error = *e;
	w->error.kind = ERROR_SYSTEM;
	queue = w->first;
	w->first = NULL;
	w->last = &w->first;
	w->held_bytes = w->queued_bytes = 0;
	(void)pthread_cond_signal(&w->room);
	(void)pthread_mutex_unlock(&w->lock);
	free_items(queue);
	signal_fd(w->moved);
}

/*
 * Write the items from FIRST on. A segment that is full ends a group early,
 * so that a file is whole in the journal before the next one begins.
 */
static int
commit(struct writer *w, struct item *first)
{
	struct error e = { 0 };

	for (struct item *i = first; i != NULL; i = i->next) {
		if (records_are_full(w->records)) {
			if (write_group(w, &e) != 0)
				goto failed;
			publish(w, first, i);
			first = i;
		}
		if (write_item(w, i, &e) != 0) {
			records_back(w->records);
			goto failed;
		}
	}
	if (write_group(w, &e) != 0)
		goto failed;
	publish(w, first, NULL);
	return 0;
failed:
	free_items(first);
	fail(w, &e);
	return -1;
}

/* Must the queue be written now? Under LOCK. 1 / 0. */
static int
is_due(const struct writer *w)
{
	return w->stopping || w->queued_captures >= LIMIT_GROUP_CAPTURES ||
	       w->queued_bytes >= LIMIT_GROUP_BYTES ||
	       (w->first != NULL && w->flush_to >= w->first->ticket);
}

/* A group's worth from the front of the queue. Under LOCK. */
static struct item *
take_group(struct writer *w)
{
	struct item *group = w->first;
	struct item **end = &group;
	unsigned captures = 0;
	size_t bytes = 0;

	while (*end != NULL && captures < LIMIT_GROUP_CAPTURES &&
	       bytes < LIMIT_GROUP_BYTES) {
		captures += (*end)->kind != ITEM_LINE;
		bytes += (*end)->cost;
		end = &(*end)->next;
	}
	w->first = *end;
	if (w->first == NULL)
		w->last = &w->first;
	*end = NULL;
	w->queued_captures -= captures;
	w->queued_bytes -= bytes;
	return group;
}

static void
wait_for_wake(struct writer *w, int timeout_ms)
{
	struct pollfd p = { .fd = w->wake, .events = POLLIN };

	(void)pthread_mutex_unlock(&w->lock);
	(void)poll(&p, 1, timeout_ms);
	(void)pthread_mutex_lock(&w->lock);
	drain_fd(w->wake);
}

/* Wait for a group; NULL: all is written and no more will come. */
static struct item *
next_group(struct writer *w)
{
	struct item *group = NULL;

	(void)pthread_mutex_lock(&w->lock);
	drain_fd(w->wake);
	while (w->first == NULL && !w->stopping)
		wait_for_wake(w, -1);
	if (!is_due(w))
		wait_for_wake(w, LIMIT_GROUP_MS);
	if (w->first != NULL)
		group = take_group(w);
	(void)pthread_mutex_unlock(&w->lock);
	return group;
}

static void *
run(void *context)
{
	struct writer *w = context;
	struct item *group;

	while ((group = next_group(w)) != NULL)
		if (commit(w, group) != 0)
			break;
	return NULL;
}

/* Signals are for the thread that runs the program. */
static int
start_thread(struct writer *w, struct error *e)
{
	sigset_t all;
	sigset_t before;
	int code;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0)
		return error_set(
		    e, ERROR_SYSTEM, "writer thread: %s", strerror(code));
	w->is_running = 1;
	return 0;
}

static struct writer *
new_writer(struct records *r, int fd, struct error *e)
{
	struct writer *w = mem_zero(1, sizeof(*w));

	w->records = r;
	w->fd = fd;
	w->last = &w->first;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->moved = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->room, NULL);
	if (w->wake >= 0 && w->moved >= 0)
		return w;
	(void)error_system(e, "writer thread");
	writer_free(w);
	return NULL;
}

/* The group that begins the run is in LINES: write it, then start. Returns W,
 * or NULL and W is freed. */
static struct writer *
start(struct writer *w, struct error *e)
{
	if (write_group(w, e) == 0) {
		w->journal_end += w->lines.len;
		records_group(w->records, w->fd, w->journal_end);
		buf_reset(&w->lines);
		if (start_thread(w, e) == 0)
			return w;
	}
	writer_free(w);
	return NULL;
}

struct writer *
writer_start(struct records *r, int fd, const char *begin, struct error *e)
{
	struct writer *w = new_writer(r, fd, e);

	if (w == NULL)
		return NULL;
	journal_add(&w->lines, 'b', begin, strlen(begin));
	if (records_begin(r, &w->lines, e) == 0)
		return start(w, e);
	writer_free(w);
	return NULL;
}

struct writer *
writer_resume(struct records *r, int fd, const char *run, struct past *past,
    struct error *e)
{
	struct writer *w = new_writer(r, fd, e);

	if (w == NULL)
		return NULL;
	w->run_begin = w->journal_end = past->end;
	w->targets = past->targets;
	past->targets = (struct target_set){ 0 };
	journal_add(&w->lines, 'n', run, strlen(run));
	return start(w, e);
}

/* Wait until COST more fit; an item too large for the queue goes alone.
 * Under LOCK. */
static void
wait_for_room(struct writer *w, size_t cost)
{
	while (!w->failed && w->held_bytes > 0 &&
	       w->held_bytes + cost > LIMIT_QUEUE_BYTES) {
		w->flush_to = w->tickets;
		signal_fd(w->wake);
		(void)pthread_cond_wait(&w->room, &w->lock);
	}
}

/* Under LOCK. */
static void
enqueue(struct writer *w, struct item *i)
{
	int was_empty = w->first == NULL;

	*w->last = i;
	w->last = &i->next;
	w->queued_captures += i->kind != ITEM_LINE;
	w->queued_bytes += i->cost;
	w->held_bytes += i->cost;
	if (was_empty || is_due(w))
		signal_fd(w->wake);
}

/* May URL get an outcome? It is pending then. Under LOCK. 1; 0, this run has
 * one. */
static int
take_target(struct writer *w, const char *url)
{
	uint64_t *value;

	if (target_set_add(&w->targets, url, pending))
		return 1;
	value = target_set_find(&w->targets, url);
	if (*value >= w->run_begin) /* pending ones, too */
		return 0;
	*value = pending;
	return 1;
}

uint64_t
writer_put(struct writer *w, struct item *i)
{
	uint64_t ticket = 0;

	i->cost = item_cost(i);
	(void)pthread_mutex_lock(&w->lock);
	if (item_ends_target(i) && !take_target(w, item_text(i, ITEM_URL)))
		goto drop;
	wait_for_room(w, i->cost);
	ticket = ++w->tickets;
	if (w->failed)
		goto drop;
	i->ticket = ticket;
	enqueue(w, i);
	i = NULL;
drop:
	(void)pthread_mutex_unlock(&w->lock);
	item_free(i);
	return ticket;
}

int
writer_done(struct writer *w, uint64_t *ticket, struct error *e)
{
	int rc = 0;

	drain_fd(w->moved);
	(void)pthread_mutex_lock(&w->lock);
	*ticket = w->done;
	if (w->failed)
		rc = error_set(e, w->error.kind, "%s", w->error.text);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

int
writer_fd(const struct writer *w)
{
	return w->moved;
}

void
writer_flush(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->flush_to = w->tickets;
	if (w->first != NULL)
		signal_fd(w->wake);
	(void)pthread_mutex_unlock(&w->lock);
}

int
writer_at(struct writer *w, const char *url, uint64_t *at)
{
	const uint64_t *value;

	*at = pending;
	(void)pthread_mutex_lock(&w->lock);
	value = target_set_find(&w->targets, url);
	if (value != NULL)
		*at = *value;
	(void)pthread_mutex_unlock(&w->lock);
	return *at != pending;
}

int
writer_line(const struct writer *w, uint64_t at, struct buf *json)
{
	return journal_line_at(w->fd, at, json, NULL) == 0;
}

int
writer_find(struct writer *w, const char *url, struct buf *json, uint64_t *at)
{
	return writer_at(w, url, at) && writer_line(w, *at, json);
}

int
writer_is_earlier(const struct writer *w, uint64_t at)
{
	return at < w->run_begin;
}

static void
stop_thread(struct writer *w)
{
	if (!w->is_running)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = 1;
	signal_fd(w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	w->is_running = 0;
}

int
writer_finish(struct writer *w, struct error *e)
{
	uint64_t ticket;

	stop_thread(w);
	return writer_done(w, &ticket, e);
}

int
writer_end(struct writer *w, char kind, const struct buf *json, struct error *e)
{
	return journal_append(w->fd, w->journal_end, kind,
	    (const char *)json->data, json->len, e);
}

void
writer_free(struct writer *w)
{
	struct item *queue;

	if (w == NULL)
		return;
	/* What is queued still is dropped, not written. */
	(void)pthread_mutex_lock(&w->lock);
	queue = w->first;
	w->first = NULL;
	w->last = &w->first;
	(void)pthread_mutex_unlock(&w->lock);
	free_items(queue);
	stop_thread(w);
	records_free(w->records);
	target_set_clear(&w->targets);
	buf_clear(&w->lines);
	if (w->fd >= 0)
		(void)close(w->fd);
	if (w->wake >= 0)
		(void)close(w->wake);
	if (w->moved >= 0)
		(void)close(w->moved);
	(void)pthread_cond_destroy(&w->room);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}
