#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Processes in which foreign bytes are parsed. The zygote is forked before
 * any thread, socket or archive is opened; it prepares once and forks workers
 * on request. A worker has no files, no sockets but its own, little memory
 * and little time. Mechanism only: what runs inside is handed in.
 */

enum worker_kind {
	WORKER_HARVEST, /* our own linear code; takes many jobs */
	WORKER_EXTRACT  /* trees, XPath, regex: one job, then it exits */
};

struct worker_limits {
	uint64_t memory_bytes; /* address space; 0: no limit (sanitizers) */
	unsigned cpu_s;        /* per job, and 1 s per MiB of payload */
	unsigned wall_s;       /* per job */
	unsigned jobs;         /* of a harvest worker */
	int sandbox;           /* 0: no system call filter (sanitizers) */
};

/* What the program does inside. */
struct worker_service {
	/* Once, in the zygote: compile profiles, open charsets. */
	int (*prepare)(void *context, struct error *e);
	/* In a worker: REQUEST and PAYLOAD in, RESULT out (at most
	 * LIMIT_RESULT_BYTES). 0, or -1 with the error, which is sent back. */
	int (*serve)(void *context, enum worker_kind kind,
	    const uint8_t *request, size_t request_len, const uint8_t *payload,
	    size_t payload_len, struct buf *result, struct error *e);
	void *context;
};

enum { WORKER_REQUEST_MAX = 65536 };

struct zygote;
struct worker;

/* Returns in the caller only. Preparing failed: -> NULL with its error. */
struct zygote *zygote_start(const struct worker_service *service,
    const struct worker_limits *limits, struct error *e);
void zygote_stop(struct zygote *z); /* NULL is fine */

/* "seccomp" or "limits" (no system call filter): for --version. */
const char *zygote_level(const struct zygote *z);

/* An unnamed, growing payload file; write with file_write_at, then begin
 * seals it against any change. */
int worker_payload(struct error *e);

/*
 * Give a job to a worker (an idle one or a new one). PAYLOAD_FD stays the
 * caller's and may be used for several jobs. REQUEST up to WORKER_REQUEST_MAX.
 */
int worker_begin(struct zygote *z, enum worker_kind kind, int payload_fd,
    const void *request, size_t len, struct worker **out, struct error *e);

/* Readable when a result or an end is there. */
int worker_fd(const struct worker *w);

/* 1: RESULT holds it (appended); 0: not yet; -1: serve failed (its error) or
 * the worker died (ERROR_LIMIT, how). After 1 or -1 W is gone. */
int worker_take(struct worker *w, struct buf *result, struct error *e);

/* Give up on a job. */
void worker_abandon(struct worker *w);

#endif
