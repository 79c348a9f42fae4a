/* One file read by several threads, results in its order. */
#include "core/archive/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"

#define PIECE_BYTES   ((uint64_t)2 * 1024 * 1024)
#define PIECE_RESULTS ((size_t)2 * 1024 * 1024) /* waiting, at most */
#define CHUNK_BYTES   ((size_t)64 * 1024)
#define FIND_BYTES    ((size_t)128 * 1024)
#define FIND_OVERLAP  ((size_t)32 * 1024)
#define THREADS_MAX   64

/* Results in a row, each behind its length. */
struct chunk {
	struct chunk *next;
	size_t len, cap;
	uint8_t bytes[];
};

/* A piece being read, or waiting to be taken. */
struct slot {
	struct stretch s; /* of its thread until DONE */
	uint64_t start;   /* guessed; PARALLEL_END: no record was found */
	int known;        /* START is */
	int done;
	int rc;
	struct error error;
	struct chunk *first, *last;
	size_t waiting; /* bytes */
	atomic_int closed;
};

struct parallel {
	struct input *in;
	const struct parallel_job *job;
	uint64_t size, piece, count; /* of pieces */
	unsigned threads;
	pthread_mutex_t lock;
	pthread_cond_t work;    /* for the threads: room, or the end */
	pthread_cond_t results; /* for the taker */
	struct slot *slots;
	uint64_t window;     /* how many slots */
	uint64_t head, next; /* piece to be taken, piece to be read */
	uint64_t position;   /* all before was taken */
	int stop;
};

struct outlet {
	struct parallel *p;
	struct slot *slot; /* NULL: direct */
	struct chunk *filling;
};

static void
chunks_free(struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;

		free(c);
		c = next;
	}
}

/* Hand over what was filled; wait while too much waits. */
static void
publish(struct outlet *o)
{
	struct slot *s = o->slot;
	struct chunk *c = o->filling;

	o->filling = NULL;
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&o->p->lock);
	while (s->waiting > PIECE_RESULTS && !atomic_load(&s->closed))
		(void)pthread_cond_wait(&o->p->work, &o->p->lock);
	if (s->last != NULL)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
	s->waiting += c->len;
	(void)pthread_cond_signal(&o->p->results);
	(void)pthread_mutex_unlock(&o->p->lock);
}

int
outlet_put(struct outlet *o, const void *p, size_t len, struct error *e)
{
	struct chunk *c = o->filling;
	uint32_t n = (uint32_t)len;

	if (o->slot == NULL)
		return o->p->job->take(o->p->job->context, p, len, e);
	if (c != NULL && c->cap - c->len < sizeof(n) + len) {
		publish(o);
		c = NULL;
	}
	if (c == NULL) {
		size_t cap = sizeof(n) + len < CHUNK_BYTES ? CHUNK_BYTES
							   : sizeof(n) + len;

		c = mem_alloc(sizeof(*c) + cap);
		c->next = NULL;
		c->len = 0;
		c->cap = cap;
		o->filling = c;
	}
	memcpy(c->bytes + c->len, &n, sizeof(n));
	memcpy(c->bytes + c->len + sizeof(n), p, len);
	c->len += sizeof(n) + len;
	return atomic_load_explicit(&o->slot->closed, memory_order_relaxed);
}

int
outlet_is_closed(const struct outlet *o)
{
	return o->slot != NULL &&
	       atomic_load_explicit(&o->slot->closed, memory_order_relaxed);
}

int
outlet_is_direct(const struct outlet *o)
{
	return o->slot == NULL;
}

/* Where piece K begins. */
static uint64_t
bound(const struct parallel *p, uint64_t k)
{
	return k >= p->count ? PARALLEL_END : k * p->piece;
}

/* The first record that seems to start in the piece of S. */
static int
guess(struct parallel *p, void *reader, struct slot *s, uint8_t *window,
    struct error *e)
{
	uint64_t at = s->s.start;

	s->s.start = PARALLEL_END;
	while (at < s->s.limit && at < p->size && !atomic_load(&s->closed)) {
		size_t got;
		size_t hit;

		/* One byte more in front: what stands before a record. */
		if (input_read(p->in, at - 1, window, FIND_BYTES, &got, e) != 0)
			return -1;
		hit = p->job->find(reader, window, got);
		if (hit < got && at - 1 + hit < s->s.limit) {
			s->s.start = at - 1 + hit;
			return 0;
		}
		if (got < FIND_BYTES)
			return 0;
		at += FIND_BYTES - FIND_OVERLAP;
	}
	return 0;
}

static void
read_piece(struct parallel *p, struct outlet *o, void *reader, uint8_t *window)
{
	struct slot *s = o->slot;
	struct error e = { 0 };
	int rc = 0;

	if (s->s.start != 0)
		rc = guess(p, reader, s, window, &e);
	(void)pthread_mutex_lock(&p->lock);
	s->start = s->s.start;
	s->known = 1;
	(void)pthread_cond_signal(&p->results);
	(void)pthread_mutex_unlock(&p->lock);
	if (rc == 0 && s->start != PARALLEL_END && !atomic_load(&s->closed))
		rc = p->job->walk(reader, &s->s, &e);
	publish(o);
	(void)pthread_mutex_lock(&p->lock);
	s->rc = rc;
	s->error = e;
	s->done = 1;
	(void)pthread_cond_signal(&p->results);
	(void)pthread_mutex_unlock(&p->lock);
}

/* The next piece to read: 1; 0, there is none. Locked. */
static int
take_piece(struct parallel *p, struct outlet *o)
{
	struct slot *s;

	while (!p->stop && p->next < p->count && p->next >= p->head + p->window)
		(void)pthread_cond_wait(&p->work, &p->lock);
	if (p->stop || p->next >= p->count)
		return 0;
	s = &p->slots[p->next % p->window];
	s->s = (struct stretch){ .start = bound(p, p->next),
		.limit = bound(p, p->next + 1),
		.is_guess = 1 };
	s->known = s->done = s->rc = 0;
	s->waiting = 0;
	/* Inside of a long record nobody need look for others. */
	atomic_store(&s->closed, s->s.limit <= p->position);
	p->next++;
	o->slot = s;
	return 1;
}

static void *
worker(void *context)
{
	struct parallel *p = context;
	struct outlet o = { .p = p };
	uint8_t *window = mem_alloc(FIND_BYTES);
	struct error e = { 0 };
	void *reader = NULL;
	int rc = 0;

	(void)pthread_mutex_lock(&p->lock);
	while (take_piece(p, &o)) {
		(void)pthread_mutex_unlock(&p->lock);
		if (reader == NULL)
			rc = p->job->open(p->job->context, &reader, &o, &e);
		if (rc == 0)
			read_piece(p, &o, reader, window);
		(void)pthread_mutex_lock(&p->lock);
		if (rc != 0) { /* the taker reads this piece itself */
			o.slot->start = PARALLEL_END;
			o.slot->known = o.slot->done = 1;
			(void)pthread_cond_signal(&p->results);
		}
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (reader != NULL)
		p->job->close(reader);
	free(window);
	return NULL;
}

/* All results in C. */
static int
take_chunk(struct parallel *p, const struct chunk *c, struct error *e)
{
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < c->len;) {
		uint32_t n;

		memcpy(&n, c->bytes + at, sizeof(n));
		at += sizeof(n);
		rc = p->job->take(p->job->context, c->bytes + at, n, e);
		at += n;
	}
	return rc;
}

/* All results of S, as they come. Locked. */
static int
take_all(struct parallel *p, struct slot *s, struct error *e)
{
	int rc = 0;

	while (rc == 0) {
		struct chunk *c = s->first;

		if (c == NULL && s->done)
			break;
		if (c == NULL) {
			(void)pthread_cond_wait(&p->results, &p->lock);
			continue;
		}
		s->first = c->next;
		if (s->first == NULL)
			s->last = NULL;
		if (s->waiting > PIECE_RESULTS) /* its thread may wait */
			(void)pthread_cond_broadcast(&p->work);
		s->waiting -= c->len;
		(void)pthread_mutex_unlock(&p->lock);
		rc = take_chunk(p, c, e);
		free(c);
		(void)pthread_mutex_lock(&p->lock);
	}
	if (rc == 0 && s->rc < 0) {
		if (e != NULL)
			*e = s->error;
		rc = -1;
	}
	return rc;
}

/* Nobody wants what S still holds; its thread leaves it. Locked. */
static void
drop(struct parallel *p, struct slot *s)
{
	atomic_store(&s->closed, 1);
	(void)pthread_cond_broadcast(&p->work);
	while (!s->done)
		(void)pthread_cond_wait(&p->results, &p->lock);
	chunks_free(s->first);
	s->first = s->last = NULL;
}

/* One who reads on the caller's thread, made when it is needed. */
struct direct {
	struct outlet out;
	void *reader;
};

static int
read_direct(
    struct parallel *p, struct direct *d, struct stretch *s, struct error *e)
{
	d->out.p = p;
	if (d->reader == NULL &&
	    p->job->open(p->job->context, &d->reader, &d->out, e) != 0)
		return -1;
	return p->job->walk(d->reader, s, e);
}

/* Piece K, up to where the next begins. NOW->start is where it really begins
 * and moves on. Locked. */
static int
take_next(struct parallel *p, struct direct *d, uint64_t k, struct stretch *now,
    struct error *e)
{
	struct slot *s = &p->slots[k % p->window];
	int rc = 0;

	now->limit = bound(p, k + 1);
	while (p->next <= k || !s->known)
		(void)pthread_cond_wait(&p->results, &p->lock);
	if (now->start < now->limit && s->start == now->start &&
	    now->rewinds + PARALLEL_REWINDS + 2 <= p->job->max_rewinds) {
		rc = take_all(p, s, e);
		if (rc == 0) {
			now->start = s->s.end;
			now->rewinds += s->s.rewinds;
		}
	} else {
		atomic_store(&s->closed, 1);
		(void)pthread_cond_broadcast(&p->work);
	}
	if (rc == 0 && now->start < now->limit) {
		(void)pthread_mutex_unlock(&p->lock);
		rc = read_direct(p, d, now, e);
		now->start = now->end;
		(void)pthread_mutex_lock(&p->lock);
	}
	p->position = now->start;
	drop(p, s);
	p->head = k + 1;
	(void)pthread_cond_broadcast(&p->work);
	return rc;
}

static int
take_in_order(struct parallel *p, struct direct *d, struct error *e)
{
	struct stretch now = { 0 };
	int rc = 0;

	(void)pthread_mutex_lock(&p->lock);
	for (uint64_t k = 0; rc == 0 && k < p->count; k++)
		rc = take_next(p, d, k, &now, e);
	p->stop = 1;
	for (uint64_t i = 0; i < p->window; i++)
		atomic_store(&p->slots[i].closed, 1);
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
	return rc;
}

/* How many threads run. */
static unsigned
start_threads(struct parallel *p, pthread_t *ids)
{
	unsigned n = 0;

	while (n < p->threads && pthread_create(&ids[n], NULL, worker, p) == 0)
		n++;
	return n;
}

static int
walk_pieces(struct parallel *p, struct direct *d, struct error *e)
{
	struct stretch all = { .limit = PARALLEL_END };
	pthread_t ids[THREADS_MAX];
	unsigned n;
	int rc;

	p->window = p->threads + 2;
	p->slots = mem_zero(p->window, sizeof(*p->slots));
	for (uint64_t i = 0; i < p->window; i++)
		atomic_init(&p->slots[i].closed, 0);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	(void)pthread_cond_init(&p->results, NULL);
	n = start_threads(p, ids);
	rc = n > 0 ? take_in_order(p, d, e) : read_direct(p, d, &all, e);
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(ids[i], NULL);
	for (uint64_t i = 0; i < p->window; i++)
		chunks_free(p->slots[i].first);
	(void)pthread_cond_destroy(&p->results);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->slots);
	return rc;
}

unsigned
parallel_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

int
parallel_walk(struct input *in, unsigned threads,
    const struct parallel_job *job, struct error *e)
{
	struct parallel p = { .in = in, .job = job, .size = input_size(in) };
	struct stretch all = { .limit = PARALLEL_END };
	struct direct d = { 0 };
	int rc;

	p.piece = job->piece == 0 ? PIECE_BYTES : job->piece;
	p.threads = threads == 0 ? parallel_cores() : threads;
	if (p.threads > THREADS_MAX)
		p.threads = THREADS_MAX;
	if (input_is_random(in))
		p.count = p.size / p.piece + (p.size % p.piece != 0);
	if (p.threads > p.count)
		p.threads = (unsigned)p.count;
	if (p.threads > 1 && p.count > 1 && job->find != NULL)
		rc = walk_pieces(&p, &d, e);
	else
		rc = read_direct(&p, &d, &all, e);
	if (d.reader != NULL)
		job->close(d.reader);
	return rc;
}
