/* Processes in which foreign bytes are parsed. */
#include "core/base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum { FILTER_MAX = 1024, IDLE_MAX = 4, MEMORY_KEPT = 16 << 20 };

struct zygote {
	pid_t pid;
	int fd; /* SOCK_SEQPACKET to the zygote */
	struct worker_limits limits;
	int filtered;
	struct worker *idle; /* harvest workers that wait for a job */
};

struct worker {
	struct worker *next;
	struct zygote *zygote;
	int fd; /* SOCK_STREAM to the worker */
	enum worker_kind kind;
	unsigned jobs;    /* taken so far */
	struct buf input; /* what came of the answer */
};

/* In front of a request, and of an answer. */
struct job_head {
	uint32_t kind;
	uint32_t len;
};

struct answer_head {
	int32_t rc;
	uint32_t error_kind;
	uint64_t len;
};

/* What the zygote and its children know; passed down, never static. */
struct inside {
	const struct worker_service *service;
	const struct worker_limits *limits;
	struct sock_filter filter[FILTER_MAX];
	unsigned short filter_len;
};

/* ---- messages ---- */

static int
write_all(int fd, const void *p, size_t len)
{
	const uint8_t *s = p;

	while (len > 0) {
		ssize_t n = send(fd, s, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
read_all(int fd, void *p, size_t len)
{
	uint8_t *s = p;

	while (len > 0) {
		ssize_t n = recv(fd, s, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/* HEAD together with the descriptor FD. */
static int
send_fd(int to, const void *head, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)head, len };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

/* -1: the other side is gone or sent something else. */
static int
receive_fd(int from, void *head, size_t len)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { head, len };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	struct cmsghdr *c;
	ssize_t n;
	int fd;

	do
		n = recvmsg(from, &m, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = CMSG_FIRSTHDR(&m);
	if (n != (ssize_t)len || c == NULL || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* ---- inside a worker ---- */

static void
limit(int what, rlim_t soft, rlim_t hard)
{
	(void)setrlimit(what, &(struct rlimit){ soft, hard });
}

/* CPU time allowed up to the end of this job; one second more until the
 * kernel stops asking politely. */
static void
allow_cpu(const struct worker_limits *l, size_t payload_len)
{
	struct rusage used;
	rlim_t s;

	(void)getrusage(RUSAGE_SELF, &used);
	s = (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec + 1 +
	    l->cpu_s + payload_len / (1024 * 1024);
	limit(RLIMIT_CPU, s, RLIM_INFINITY);
}

static void
confine(const struct inside *in)
{
	struct sock_fprog program = { in->filter_len,
		(struct sock_filter *)(uintptr_t)in->filter };

	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_FSIZE, 0, 0);
	if (in->limits->memory_bytes > 0)
		limit(RLIMIT_AS, in->limits->memory_bytes,
		    in->limits->memory_bytes);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (in->filter_len > 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(126);
}

static int
answer(int fd, int rc, const struct buf *result, const struct error *e)
{
	const void *p = rc == 0 ? (const void *)result->data : e->text;
	struct answer_head head = { rc, (uint32_t)e->kind,
		rc == 0 ? result->len : strlen(e->text) };

	if (head.len > LIMIT_RESULT_BYTES)
		return -1;
	return write_all(fd, &head, sizeof(head)) != 0 ||
		       write_all(fd, p, (size_t)head.len) != 0
		   ? -1
		   : 0;
}

/* One job: request and payload in, answer out. -1: the worker is done. */
static int
serve_job(const struct inside *in, int fd, uint8_t *request)
{
	struct job_head head;
	struct error e = { 0 };
	struct buf result = { 0 };
	struct stat st;
	uint8_t *payload = NULL;
	int payload_fd = receive_fd(fd, &head, sizeof(head));
	int rc = -1;

	if (payload_fd < 0 || head.len > WORKER_REQUEST_MAX ||
	    read_all(fd, request, head.len) != 0 || fstat(payload_fd, &st) != 0)
		return -1;
	if (st.st_size > 0) {
		payload = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		    payload_fd, 0);
		if (payload == MAP_FAILED)
			return -1;
	}
	allow_cpu(in->limits, (size_t)st.st_size);
	(void)alarm(in->limits->wall_s);
	rc = in->service->serve(in->service->context,
	    (enum worker_kind)head.kind, request, head.len, payload,
	    (size_t)st.st_size, &result, &e);
	(void)alarm(0);
	rc = answer(fd, rc, &result, &e);
	buf_clear(&result);
	if (payload != NULL)
		(void)munmap(payload, (size_t)st.st_size);
	(void)close(payload_fd);
	return rc;
}

static void
run_worker(const struct inside *in, int fd)
{
	uint8_t *request = mem_alloc(WORKER_REQUEST_MAX);

#ifdef M_TRIM_THRESHOLD
	/* One page's memory serves the next, without new page faults. */
	(void)mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
	(void)mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT);
#endif
	confine(in);
	for (unsigned i = 0; i < in->limits->jobs; i++)
		if (serve_job(in, fd, request) != 0)
			break;
	/* No clean-up: a hostile tree may be slow to take apart. */
	_exit(0);
}

/* ---- the zygote ---- */

/* What a worker may ask of the kernel. Opening files is answered with EPERM,
 * because libraries try it in good faith; everything else ends the worker. */
static int
build_filter(struct inside *in)
{
	static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write),
		SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
		SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
		SCMP_SYS(lseek), SCMP_SYS(mmap), SCMP_SYS(munmap),
		SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
		SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(alarm),
		SCMP_SYS(getrusage), SCMP_SYS(prlimit64), SCMP_SYS(setrlimit),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime),
		SCMP_SYS(getrandom), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
		SCMP_SYS(exit_group) };
	static const int refused[] = { SCMP_SYS(open), SCMP_SYS(openat),
		SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(getpid),
		SCMP_SYS(gettid), SCMP_SYS(sysinfo), SCMP_SYS(stat) };
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int memory = -1;
	int rc = f == NULL ? -1 : 0;
	ssize_t n;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(int); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; rc == 0 && i < sizeof(refused) / sizeof(int); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	if (rc == 0) {
		memory = memfd_create("filter", MFD_CLOEXEC);
		rc = memory < 0 ? -1 : seccomp_export_bpf(f, memory);
	}
	if (rc == 0) {
		n = pread(memory, in->filter, sizeof(in->filter), 0);
		if (n <= 0 || (size_t)n >= sizeof(in->filter))
			rc = -1;
		else
			in->filter_len = (unsigned short)((size_t)n /
							  sizeof(
							      in->filter[0]));
	}
	if (memory >= 0)
		(void)close(memory);
	seccomp_release(f);
	return rc;
}

/* Fork a worker for every socket that comes in, until the parent is gone. */
static void
run_zygote(const struct inside *in, int fd)
{
	struct job_head head;

	for (;;) {
		int worker_socket = receive_fd(fd, &head, sizeof(head));
		pid_t pid;

		if (worker_socket < 0)
			_exit(0);
		pid = fork();
		if (pid == 0) {
			(void)close(fd);
			run_worker(in, worker_socket);
		}
		/* A fork that failed shows as an end of the socket. */
		(void)close(worker_socket);
	}
}

/* Prepare, tell the parent how it went, then serve. Never returns. */
static void
become_zygote(const struct worker_service *service,
    const struct worker_limits *limits, int fd)
{
	struct inside *in = mem_zero(1, sizeof(*in));
	struct error e = { 0 };
	struct answer_head head = { 0 };

	(void)prctl(PR_SET_NAME, "holdfast-zygote");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN); /* the kernel reaps */
	/* A ^C is the parent's to handle; workers end with it. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	in->service = service;
	in->limits = limits;
	if (limits->sandbox && build_filter(in) != 0)
		in->filter_len = 0;
	head.rc = service->prepare(service->context, &e);
	head.error_kind = (uint32_t)e.kind;
	head.len = in->filter_len > 0;
	if (send(fd, &head, sizeof(head), MSG_NOSIGNAL) < 0 ||
	    send(fd, e.text, sizeof(e.text), MSG_NOSIGNAL) < 0 || head.rc != 0)
		_exit(1);
	run_zygote(in, fd);
}

/* Nothing of the parent but the three standard descriptors and FD. */
static void
close_others(int fd)
{
	if (fd > 3)
		(void)close_range(3, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, ~0u, 0);
}

struct zygote *
zygote_start(const struct worker_service *service,
    const struct worker_limits *limits, struct error *e)
{
	struct answer_head head;
	struct zygote *z;
	char text[ERROR_TEXT_MAX];
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		(void)error_system(e, "zygote");
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		close_others(pair[1]);
		become_zygote(service, limits, pair[1]);
	}
	(void)close(pair[1]);
	if (pid < 0 || recv(pair[0], &head, sizeof(head), 0) != sizeof(head) ||
	    recv(pair[0], text, sizeof(text), 0) != sizeof(text)) {
		(void)error_system(e, "zygote");
		(void)close(pair[0]);
		return NULL;
	}
	if (head.rc != 0) {
		(void)error_set(e, (enum error_kind)head.error_kind, "%.*s",
		    (int)sizeof(text) - 1, text);
		(void)close(pair[0]);
		(void)waitpid(pid, NULL, 0);
		return NULL;
	}
	z = mem_zero(1, sizeof(*z));
	z->pid = pid;
	z->fd = pair[0];
	z->limits = *limits;
	z->filtered = head.len == 1;
	return z;
}

static void
worker_free(struct worker *w)
{
	(void)close(w->fd);
	buf_clear(&w->input);
	free(w);
}

void
zygote_stop(struct zygote *z)
{
	struct worker *next;

	if (z == NULL)
		return;
	for (struct worker *w = z->idle; w != NULL; w = next) {
		next = w->next;
		worker_free(w);
	}
	(void)close(z->fd);
	(void)waitpid(z->pid, NULL, 0);
	free(z);
}

const char *
zygote_level(const struct zygote *z)
{
	return z->filtered ? "seccomp" : "limits";
}

/* ---- the parent's side of a job ---- */

int
worker_payload(struct error *e)
{
	int fd = memfd_create("payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? error_system(e, "payload") : fd;
}

static struct worker *
worker_new(struct zygote *z, enum worker_kind kind, struct error *e)
{
	struct job_head head = { (uint32_t)kind, 0 };
	struct worker *w;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		(void)error_system(e, "worker");
		return NULL;
	}
	if (send_fd(z->fd, &head, sizeof(head), pair[1]) != 0) {
		(void)error_system(e, "worker: the zygote is gone");
		(void)close(pair[0]);
		(void)close(pair[1]);
		return NULL;
	}
	(void)close(pair[1]);
	w = mem_zero(1, sizeof(*w));
	w->zygote = z;
	w->fd = pair[0];
	w->kind = kind;
	return w;
}

static struct worker *
take_idle(struct zygote *z, enum worker_kind kind)
{
	struct worker *w = z->idle;

	if (kind != WORKER_HARVEST || w == NULL)
		return NULL;
	z->idle = w->next;
	w->next = NULL;
	return w;
}

static int
send_job(struct worker *w, int payload_fd, const void *request, size_t len)
{
	struct job_head head = { (uint32_t)w->kind, (uint32_t)len };

	if (send_fd(w->fd, &head, sizeof(head), payload_fd) != 0 ||
	    write_all(w->fd, request, len) != 0)
		return -1;
	w->jobs++;
	return 0;
}

int
worker_begin(struct zygote *z, enum worker_kind kind, int payload_fd,
    const void *request, size_t len, struct worker **out, struct error *e)
{
	struct worker *w;

	if (len > WORKER_REQUEST_MAX)
		return error_set(
		    e, ERROR_LIMIT, "worker: request of %zu bytes", len);
	(void)fcntl(payload_fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	/* An idle worker may have died meanwhile: then the next one. */
	while ((w = take_idle(z, kind)) != NULL) {
		if (send_job(w, payload_fd, request, len) == 0)
			break;
		worker_free(w);
	}
	if (w == NULL) {
		w = worker_new(z, kind, e);
		if (w == NULL)
			return -1;
		if (send_job(w, payload_fd, request, len) != 0) {
			worker_free(w);
			return error_system(e, "worker: did not start");
		}
	}
	*out = w;
	return 0;
}

int
worker_fd(const struct worker *w)
{
	return w->fd;
}

/* Done with a job: keep a harvest worker that may take another. */
static void
worker_release(struct worker *w)
{
	struct zygote *z = w->zygote;
	size_t idle = 0;

	for (struct worker *i = z->idle; i != NULL; i = i->next)
		idle++;
	if (w->kind != WORKER_HARVEST || w->jobs >= z->limits.jobs ||
	    idle >= IDLE_MAX) {
		worker_free(w);
		return;
	}
	buf_clear(&w->input);
	w->next = z->idle;
	z->idle = w;
}

int
worker_take(struct worker *w, struct buf *result, struct error *e)
{
	struct answer_head head = { 0 };
	size_t want = sizeof(head);
	ssize_t n;
	int rc;

	for (;;) {
		if (w->input.len >= sizeof(head)) {
			memcpy(&head, w->input.data, sizeof(head));
			if (head.len > LIMIT_RESULT_BYTES)
				break;
			want = sizeof(head) + (size_t)head.len;
			if (w->input.len >= want)
				break;
		}
		n = recv(w->fd, buf_room(&w->input, want - w->input.len),
		    want - w->input.len, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n <= 0)
			break;
		w->input.len += (size_t)n;
	}
	if (w->input.len < want || head.len > LIMIT_RESULT_BYTES) {
		worker_free(w);
		return error_set(e, ERROR_LIMIT,
		    "worker ended without an answer (time, memory or crash)");
	}
	rc = head.rc == 0 ? 1 : -1;
	if (rc == 1)
		buf_add(result, w->input.data + sizeof(head), (size_t)head.len);
	else
		(void)error_set(e, (enum error_kind)head.error_kind, "%.*s",
		    (int)head.len, (const char *)w->input.data + sizeof(head));
	worker_release(w);
	return rc;
}

void
worker_abandon(struct worker *w)
{
	if (w != NULL)
		worker_free(w);
}
