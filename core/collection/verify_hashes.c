/* Digests of files, ahead of those who ask. */
#include "core/collection/verify_hashes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/input.h"
#include "core/base/mem.h"

enum { THREADS_MAX = 16, READ_SIZE = 256 * 1024 };

struct hash {
	char *path;       /* NULL: */
	struct input *in; /* this */
	uint64_t size;
	int is_done;
	char hex[65];
	struct error error;
};

struct verify_hashes {
	struct hash *list;
	size_t count;
	pthread_t threads[THREADS_MAX];
	unsigned thread_count;
	pthread_mutex_t mutex; /* what follows, and IS_DONE */
	pthread_cond_t changed;
	size_t next;    /* to be begun */
	size_t asked;   /* those before it were handed out */
	uint64_t ahead; /* bytes begun and not handed out */
	int is_over;
};

struct verify_hashes *
verify_hashes_new(void)
{
	struct verify_hashes *h = mem_zero(1, sizeof(*h));

	(void)pthread_mutex_init(&h->mutex, NULL);
	(void)pthread_cond_init(&h->changed, NULL);
	return h;
}

static struct hash *
add_hash(struct verify_hashes *h)
{
	if ((h->count & (h->count - 1)) == 0)
		h->list = mem_grow(h->list, h->count == 0 ? 1 : 2 * h->count,
		    sizeof(*h->list));
	h->list[h->count] = (struct hash){ 0 };
	return &h->list[h->count++];
}

void
verify_hashes_add(struct verify_hashes *h, const char *path)
{
	add_hash(h)->path = mem_text(path);
}

void
verify_hashes_add_input(struct verify_hashes *h, struct input *in)
{
	add_hash(h)->in = input_keep(in);
}

/* Bytes that come in large reads, straight from the kernel's cache. */
static int
digest_fd(struct digester *d, int fd, uint8_t *room, uint64_t *size,
    struct error *e, const char *path)
{
	ssize_t got;

	for (*size = 0;; *size += (uint64_t)got) {
		do
			got = pread(fd, room, READ_SIZE, (off_t)*size);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return error_system(e, "%s: read", path);
		if (got == 0)
			return 0;
		digester_add(d, room, (size_t)got);
	}
}

static void
digest_input(struct hash *x, struct digester *d, uint8_t *room)
{
	char text[DIGEST_TEXT_MAX];
	size_t got = 0;

	digester_reset(d);
	for (x->size = 0;; x->size += got) {
		if (input_read(
			x->in, x->size, room, READ_SIZE, &got, &x->error) != 0)
			return;
		if (got == 0)
			break;
		digester_add(d, room, got);
	}
	digester_hex(d, text);
	memcpy(x->hex, text, sizeof(x->hex));
}

static void
digest_file(struct hash *x, struct digester *d, uint8_t *room)
{
	char text[DIGEST_TEXT_MAX];
	int fd;

	if (x->in != NULL) {
		digest_input(x, d, room);
		return;
	}
	fd = file_open_read(x->path, &x->error);
	if (fd < 0)
		return;
	digester_reset(d);
	if (digest_fd(d, fd, room, &x->size, &x->error, x->path) == 0) {
		digester_hex(d, text);
		memcpy(x->hex, text, sizeof(x->hex));
	}
	(void)close(fd); /* only read */
}

static int
may_begin(const struct verify_hashes *h)
{
	return h->next < h->count &&
	       (h->next <= h->asked || h->ahead < VERIFY_AHEAD);
}

static void *
work(void *context)
{
	struct verify_hashes *h = context;
	struct digester *d = digester_new(DIGEST_SHA256);
	uint8_t *room = mem_zero(1, READ_SIZE);

	(void)pthread_mutex_lock(&h->mutex);
	while (!h->is_over && h->next < h->count) {
		struct hash *x;
		uint64_t size = 0;

		if (!may_begin(h)) {
			(void)pthread_cond_wait(&h->changed, &h->mutex);
			continue;
		}
		x = &h->list[h->next++];
		if (x->in != NULL)
			size = input_size(x->in);
		else
			(void)file_size(x->path, &size, NULL);
		x->size = size;
		h->ahead += size;
		(void)pthread_mutex_unlock(&h->mutex);
		digest_file(x, d, room);
		(void)pthread_mutex_lock(&h->mutex);
		/* It may have grown: what is taken back is what was added. */
		h->ahead += x->size - size;
		x->is_done = 1;
		(void)pthread_cond_broadcast(&h->changed);
	}
	(void)pthread_mutex_unlock(&h->mutex);
	digester_free(d);
	free(room);
	return NULL;
}

void
verify_hashes_start(struct verify_hashes *h, unsigned threads)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (threads == 0)
		threads = cores < 1 ? 1 : (unsigned)cores;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	while (h->thread_count < threads && h->thread_count < h->count &&
	       pthread_create(&h->threads[h->thread_count], NULL, work, h) == 0)
		h->thread_count++;
}

/* No thread could be started: it is done here. */
static void
digest_here(struct verify_hashes *h, struct hash *x)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	uint8_t *room = mem_zero(1, READ_SIZE);

	digest_file(x, d, room);
	h->ahead += x->size;
	digester_free(d);
	free(room);
}

int
verify_hashes_get(struct verify_hashes *h, size_t n, char hex[65],
    uint64_t *size, struct error *e)
{
	struct hash *x = &h->list[n];

	if (h->thread_count == 0)
		digest_here(h, x);
	(void)pthread_mutex_lock(&h->mutex);
	h->asked = n;
	(void)pthread_cond_broadcast(&h->changed);
	while (h->thread_count > 0 && !x->is_done)
		(void)pthread_cond_wait(&h->changed, &h->mutex);
	h->asked = n + 1;
	h->ahead -= x->size;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mutex);
	*size = x->size;
	if (x->error.kind != ERROR_NONE) {
		if (e != NULL)
			*e = x->error;
		return -1;
	}
	memcpy(hex, x->hex, sizeof(x->hex));
	return 0;
}

void
verify_hashes_free(struct verify_hashes *h)
{
	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&h->mutex);
	h->is_over = 1;
	(void)pthread_cond_broadcast(&h->changed);
	(void)pthread_mutex_unlock(&h->mutex);
	for (unsigned i = 0; i < h->thread_count; i++)
		(void)pthread_join(h->threads[i], NULL);
	for (size_t i = 0; i < h->count; i++) {
		free(h->list[i].path);
		input_free(h->list[i].in);
	}
	free(h->list);
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->mutex);
	free(h);
}
