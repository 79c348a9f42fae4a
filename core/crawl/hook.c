/*
 * Commands of the operator's.
 *
 * Nothing but the zygote forks, because a copy of this process would hold its
 * open archive files and, with threads, locks nobody lets go of. posix_spawn
 * copies nothing: it borrows the memory until the exec. Hooks are called when
 * the engine has ended and its threads with it, and every descriptor of ours
 * is closed on exec.
 */
#include "core/crawl/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum {
	WORDS_MAX = 64,
	OUTPUT_MAX = 64 * 1024, /* of one call, into the log */
	LINE_MAX_BYTES = 1024,
	GRACE_MS = 2000, /* between the wish that it ends and its end */
	POLL_MS = 50
};

extern char **environ;

/* One word at *AT, which is moved behind it. NULL: a quote is open. */
static char *
next_word(struct arena *a, const char **at)
{
	struct buf word = { 0 };
	const char *s = *at;
	char quote = '\0';
	char *out = NULL;

	for (; *s != '\0' && (quote != '\0' || !text_is_space(*s)); s++) {
		if (quote == '\0' && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (quote != '\0' && *s == quote)
			quote = '\0';
		else
			buf_add_byte(&word, (uint8_t)*s);
	}
	if (quote == '\0')
		out = arena_text(a, buf_text(&word));
	buf_clear(&word);
	*at = s;
	return out;
}

int
hook_words(char ***out, struct arena *a, const char *command, struct error *e)
{
	char **words = arena_alloc(a, (WORDS_MAX + 1) * sizeof(*words));
	const char *at = command;
	size_t count = 0;

	*out = words;
	for (;;) {
		while (text_is_space(*at))
			at++;
		if (*at == '\0')
			break;
		if (count == WORDS_MAX)
			return error_set(e, ERROR_USAGE,
			    "%s: more than %d words", command, WORDS_MAX);
		words[count] = next_word(a, &at);
		if (words[count++] == NULL)
			return error_set(e, ERROR_USAGE,
			    "%s: a quote without its end", command);
	}
	if (count == 0 || words[0][0] == '\0')
		return error_set(e, ERROR_USAGE, "a command without a word");
	return 0;
}

/* Our environment with FACTS behind it; without what looks like a fact. */
static char **
environment(const char *const *facts)
{
	size_t n = 0;
	char **all;

	for (size_t i = 0; environ[i] != NULL; i++)
		n++;
	for (size_t i = 0; facts[i] != NULL; i++)
		n++;
	all = mem_zero(n + 1, sizeof(*all));
	n = 0;
	for (size_t i = 0; environ[i] != NULL; i++)
		if (!text_starts(environ[i], "HOLDFAST_"))
			all[n++] = mem_text(environ[i]);
	for (size_t i = 0; facts[i] != NULL; i++)
		all[n++] = mem_text(facts[i]);
	return all;
}

static void
environment_free(char **all)
{
	for (size_t i = 0; all[i] != NULL; i++)
		free(all[i]);
	free(all);
}

/* A group of its own, so that all of it can be killed; signals as a new
 * program expects them. */
static int
set_attributes(posix_spawnattr_t *at)
{
	sigset_t none;
	sigset_t usual;

	(void)sigemptyset(&none);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)sigaddset(&usual, SIGINT);
	(void)sigaddset(&usual, SIGTERM);
	(void)sigaddset(&usual, SIGHUP);
	(void)sigaddset(&usual, SIGCHLD);
	(void)sigaddset(&usual, SIGUSR1);
	if (posix_spawnattr_setsigmask(at, &none) != 0 ||
	    posix_spawnattr_setsigdefault(at, &usual) != 0 ||
	    posix_spawnattr_setpgroup(at, 0) != 0)
		return -1;
	return posix_spawnattr_setflags(at, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
}

static int
start(char **words, const char *const *facts, int output, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char **all = environment(facts);
	int rc = posix_spawn_file_actions_init(&files);

	if (rc == 0)
		rc = posix_spawnattr_init(&attributes);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		    &files, 0, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, output, 1);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, output, 2);
	if (rc == 0)
		rc = set_attributes(&attributes);
	if (rc == 0)
		rc = posix_spawnp(
		    pid, words[0], &files, &attributes, words, all);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	environment_free(all);
	return rc;
}

/* Whole lines of TEXT go to PUT; LAST: what is left, too. */
static void
put_lines(const struct hook_call *h, struct buf *text, int last)
{
	const char *lf;

	while (text->len > 0) {
		size_t len = text->len;

		lf = memchr(text->data, '\n', text->len);
		if (lf != NULL)
			len = (size_t)(lf - (const char *)text->data);
		else if (!last && len < LINE_MAX_BYTES)
			return;
		if (len > LINE_MAX_BYTES)
			len = LINE_MAX_BYTES;
		if (len > 0) {
			char *line = mem_text_n((const char *)text->data, len);

			h->put(h->context, line);
			free(line);
		}
		len += len < text->len && text->data[len] == '\n';
		memmove(text->data, text->data + len, text->len - len);
		buf_cut(text, text->len - len);
	}
}

/* Why it ends. */
enum end { END_OWN, END_LATE, END_STOPPED };

/* Its time, or ours, may be over. *END_MS is when it is killed. */
static enum end
look_at_end(const struct hook_call *h, pid_t pid, enum end why, int64_t *end_ms)
{
	int64_t now = h->clock->mono_ms(h->clock);

	if (why != END_STOPPED && h->stop != NULL && *h->stop) {
		why = END_STOPPED;
		if (*end_ms > now + GRACE_MS)
			*end_ms = now + GRACE_MS;
		(void)kill(-pid, SIGTERM);
	}
	if (now >= *end_ms) {
		if (why == END_OWN)
			why = END_LATE;
		*end_ms = INT64_MAX;
		(void)kill(-pid, SIGKILL);
	}
	return why;
}

/* What it prints, until it has ended. */
static enum end
attend(const struct hook_call *h, int fd, pid_t pid, int *status)
{
	int64_t end_ms = h->limit_ms > 0
			     ? h->clock->mono_ms(h->clock) + h->limit_ms
			     : INT64_MAX;
	struct buf text = { 0 };
	size_t total = 0;
	int is_open = 1;
	enum end why = END_OWN;

	while (waitpid(pid, status, WNOHANG) == 0) {
		struct pollfd p = { is_open ? fd : -1, POLLIN, 0 };
		uint8_t chunk[4096];
		ssize_t n = 0;

		why = look_at_end(h, pid, why, &end_ms);
		if (poll(&p, 1, POLL_MS) > 0)
			n = read(fd, chunk, sizeof(chunk));
		if (p.revents != 0 && n <= 0)
			is_open = 0;
		if (n > 0 && total < OUTPUT_MAX) {
			total += (size_t)n;
			buf_add(&text, chunk, (size_t)n);
			put_lines(h, &text, 0);
		}
	}
	/* What it printed last is in the pipe; a child of it that lives on
	 * may hold the other end. */
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		uint8_t chunk[4096];
		ssize_t n = 0;

		if (!is_open || poll(&p, 1, 0) <= 0 || total >= OUTPUT_MAX)
			break;
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			break;
		total += (size_t)n;
		buf_add(&text, chunk, (size_t)n);
	}
	put_lines(h, &text, 1);
	buf_clear(&text);
	return why;
}

static int
judge(const char *name, int status, enum end why, int64_t limit_ms,
    struct error *e)
{
	if (why == END_STOPPED)
		return error_set(
		    e, ERROR_LIMIT, "%s: ended with the run", name);
	if (why == END_LATE)
		return error_set(e, ERROR_LIMIT,
		    "%s: killed after %lld s (hook-time)", name,
		    (long long)(limit_ms / 1000));
	if (WIFSIGNALED(status))
		return error_set(e, ERROR_SYSTEM, "%s: ended by signal %d",
		    name, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return error_set(
		    e, ERROR_SYSTEM, "%s: exit %d", name, WEXITSTATUS(status));
	return 0;
}

int
hook_call(const struct hook_call *h, struct error *e)
{
	struct arena *a = arena_new();
	char **words = NULL;
	int ends[2] = { -1, -1 };
	int status = 0;
	pid_t pid = 0;
	int rc = hook_words(&words, a, h->command, e);
	int why;

	if (rc == 0 && pipe2(ends, O_CLOEXEC) != 0)
		rc = error_system(e, "pipe");
	if (rc == 0) {
		/* Ignored by who called us, nothing could be waited for. */
		(void)signal(SIGCHLD, SIG_DFL);
		why = start(words, h->facts, ends[1], &pid);
		(void)close(ends[1]);
		if (why != 0)
			rc = error_set(e, ERROR_SYSTEM,
			    "%s: cannot be started: %s", words[0],
			    strerror(why));
		if (rc == 0) {
			enum end end = attend(h, ends[0], pid, &status);

			rc = judge(words[0], status, end, h->limit_ms, e);
		}
		(void)close(ends[0]);
	}
	arena_free(a);
	return rc;
}
