/*
 * Leads a headless Chromium through pages and prints what they ask for.
 *
 *	chrome CHROMIUM PROFILE-DIR TLS-PORT SPKI URL...
 *
 * Each URL is opened at widths of 400, 800 and 1600 and at pixel ratios of 1
 * and 2, each time with an empty cache, and scrolled to its end. One line for
 * each request of a page: WIDTH RATIO URL. Every *.almayadeen.net name leads
 * to TLS-PORT on loopback, all other names lead nowhere; SPKI is the base64
 * SHA-256 of the key that is trusted there. Ends with 0 when every page was
 * loaded, with 1 and a line on stderr when not, after 50 s at the latest.
 *
 * It speaks the DevTools protocol over the debugging pipe: JSON messages that
 * end in NUL, to the browser's descriptor 3 and from its 4.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum {
	LIFETIME_MS = 50000,
	ANSWER_MS = 15000,
	SETTLE_MS = 5000, /* at most, for what scrolling brings */
	QUIET_MS = 300,   /* no message for so long: settled */
	MESSAGE_MAX = 16 << 20,
	FD_TO_CHROME = 3,
	FD_FROM_CHROME = 4,
	FD_SAFE = 10 /* ends of ours must not lie on those two */
};

struct chrome {
	pid_t pid;
	int to;
	int from;
	int64_t until_ms;
	struct buf in;     /* bytes read, not yet a message */
	struct arena *a;   /* of one page */
	struct json *last; /* the last answer */
	int64_t last_id;   /* of LAST */
	int64_t next_id;
	int is_loaded; /* the page fired its load event */
	unsigned width;
	unsigned ratio;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
end_chrome(struct chrome *c)
{
	if (c->pid > 0) {
		(void)kill(-c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
	}
	buf_clear(&c->in);
	arena_free(c->a);
}

static void
give_up(struct chrome *c, const char *what)
{
	(void)fprintf(stderr, "chrome: %s\n", what);
	end_chrome(c);
	exit(1);
}

/* ---- starting ---- */

/* Pipe ends that may lie on 3 or 4 are moved away first. */
static void
make_pipe(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) != 0)
		exit(1);
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, FD_SAFE);
		(void)close(low[i]);
	}
}

static void
run_chrome(char **argv)
{
	char *profile = mem_format("--user-data-dir=%s", argv[2]);
	char *hosts = mem_format("--host-resolver-rules=MAP "
				 "*.almayadeen.net:443 127.0.0.1:%s, "
				 "MAP * ~NOTFOUND",
	    argv[3]);
	char *key = mem_format(
	    "--ignore-certificate-errors-spki-list=%s", argv[4]);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)execlp(argv[1], argv[1], "--headless", "--no-sandbox",
	    "--disable-gpu", "--disable-quic", "--no-first-run",
	    "--disable-background-networking", "--disable-component-update",
	    "--disable-sync", "--disable-default-apps",
	    "--disable-dev-shm-usage", "--remote-debugging-pipe", profile,
	    hosts, key, "about:blank", (char *)NULL);
	_exit(127);
}

static void
start_chrome(struct chrome *c, char **argv)
{
	int to[2];
	int from[2];

	make_pipe(to);
	make_pipe(from);
	c->pid = fork();
	if (c->pid < 0)
		exit(1);
	if (c->pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		/* dup2 clears the flag that closes at exec. */
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)dup2(to[0], FD_TO_CHROME);
		(void)dup2(from[1], FD_FROM_CHROME);
		run_chrome(argv);
	}
	(void)setpgid(c->pid, c->pid);
	(void)close(to[0]);
	(void)close(from[1]);
	c->to = to[1];
	c->from = from[0];
}

/* ---- messages ---- */

/* What the page did, as far as it is of interest. */
static void
take_event(struct chrome *c, const struct json *m)
{
	const char *method = json_text(json_get(m, "method"), "");
	const struct json *p = json_get(m, "params");
	const char *url;

	if (strcmp(method, "Page.loadEventFired") == 0)
		c->is_loaded = 1;
	if (strcmp(method, "Network.requestWillBeSent") != 0)
		return;
	url = json_text(json_get(json_get(p, "request"), "url"), "");
	if (strncmp(url, "http", 4) == 0)
		printf("%u %u %s\n", c->width, c->ratio, url);
}

static void
take_message(struct chrome *c, const char *text, size_t len)
{
	struct error e = { 0 };
	struct json *m = json_parse(c->a, text, len, &e);

	if (m == NULL)
		give_up(c, e.text);
	if (json_get(m, "id") == NULL) {
		take_event(c, m);
		return;
	}
	c->last = m;
	c->last_id = json_int(json_get(m, "id"), 0);
}

/* Take what comes within MS. 1 something came, 0 nothing did. */
static int
listen(struct chrome *c, int64_t ms)
{
	struct pollfd p = { .fd = c->from, .events = POLLIN };
	uint8_t bytes[65536];
	uint8_t *nul;
	size_t done = 0;
	ssize_t n;

	if (now_ms() >= c->until_ms)
		give_up(c, "out of time");
	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	n = read(c->from, bytes, sizeof(bytes));
	if (n <= 0 || c->in.len > MESSAGE_MAX)
		give_up(c, "the browser went away");
	buf_add(&c->in, bytes, (size_t)n);
	while ((nul = memchr(c->in.data + done, 0, c->in.len - done)) != NULL) {
		size_t len = (size_t)(nul - (c->in.data + done));

		take_message(c, (const char *)c->in.data + done, len);
		done += len + 1;
	}
	memmove(c->in.data, c->in.data + done, c->in.len - done);
	buf_cut(&c->in, c->in.len - done);
	return 1;
}

/* Send METHOD to SESSION ("" the browser), wait for its answer: the result. */
static struct json *
call(struct chrome *c, const char *session, const char *method,
    const char *params)
{
	int64_t until = now_ms() + ANSWER_MS;
	int64_t id = ++c->next_id;
	struct buf out = { 0 };
	size_t done = 0;

	buf_format(&out, "{\"id\":%lld,\"method\":\"%s\",\"params\":%s",
	    (long long)id, method, params);
	if (session[0] != '\0')
		buf_format(&out, ",\"sessionId\":\"%s\"", session);
	buf_add(&out, "}", 2);
	while (done < out.len) {
		ssize_t n = write(c->to, out.data + done, out.len - done);

		if (n <= 0)
			give_up(c, "the browser does not start");
		done += (size_t)n;
	}
	buf_clear(&out);
	while (c->last_id != id) {
		if (now_ms() >= until)
			give_up(c, method);
		(void)listen(c, 100);
	}
	if (json_get(c->last, "result") == NULL)
		give_up(c,
		    json_text(json_get(json_get(c->last, "error"), "message"),
			method));
	return json_get(c->last, "result");
}

/* ---- pages ---- */

static void
wait_until_loaded(struct chrome *c)
{
	int64_t until = now_ms() + ANSWER_MS;

	while (!c->is_loaded) {
		if (now_ms() >= until)
			give_up(c, "a page does not load");
		(void)listen(c, 100);
	}
}

static void
wait_until_quiet(struct chrome *c)
{
	int64_t until = now_ms() + SETTLE_MS;

	while (now_ms() < until && listen(c, QUIET_MS))
		;
}

static void
visit(struct chrome *c, const char *url)
{
	static const char scroll[] =
	    "{\"awaitPromise\":true,\"expression\":\"(async()=>{for(let y=0;"
	    "y<document.documentElement.scrollHeight;y+=innerHeight/2){"
	    "scrollTo(0,y);await new Promise(r=>setTimeout(r,40))}"
	    "scrollTo(0,document.documentElement.scrollHeight)})()\"}";
	const char *context;
	const char *target;
	const char *session;
	const struct json *r;

	c->a = arena_new();
	c->is_loaded = 0;
	r = call(c, "", "Target.createBrowserContext", "{}");
	context = json_text(json_get(r, "browserContextId"), "");
	r = call(c, "", "Target.createTarget",
	    arena_format(c->a,
		"{\"url\":\"about:blank\",\"browserContextId\":\"%s\"}",
		context));
	target = json_text(json_get(r, "targetId"), "");
	r = call(c, "", "Target.attachToTarget",
	    arena_format(
		c->a, "{\"targetId\":\"%s\",\"flatten\":true}", target));
	session = json_text(json_get(r, "sessionId"), "");
	(void)call(c, session, "Emulation.setDeviceMetricsOverride",
	    arena_format(c->a,
		"{\"width\":%u,\"height\":900,\"deviceScaleFactor\":%u,"
		"\"mobile\":false}",
		c->width, c->ratio));
	(void)call(c, session, "Network.enable", "{}");
	(void)call(c, session, "Page.enable", "{}");
	r = call(c, session, "Page.navigate",
	    arena_format(c->a, "{\"url\":\"%s\"}", url));
	if (json_get(r, "errorText") != NULL)
		give_up(c, json_text(json_get(r, "errorText"), ""));
	wait_until_loaded(c);
	(void)call(c, session, "Runtime.evaluate", scroll);
	wait_until_quiet(c);
	(void)call(c, "", "Target.disposeBrowserContext",
	    arena_format(c->a, "{\"browserContextId\":\"%s\"}", context));
	c->last = NULL;
	arena_free(c->a);
	c->a = NULL;
}

int
main(int argc, char **argv)
{
	static const unsigned widths[] = { 400, 800, 1600 };
	struct chrome c = { .until_ms = now_ms() + LIFETIME_MS };

	if (argc < 6) {
		(void)fputs("usage: chrome CHROMIUM PROFILE-DIR TLS-PORT SPKI "
			    "URL...\n",
		    stderr);
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	start_chrome(&c, argv);
	for (int i = 5; i < argc; i++) {
		for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
			for (c.ratio = 1; c.ratio <= 2; c.ratio++) {
				c.width = widths[w];
				visit(&c, argv[i]);
			}
	}
	end_chrome(&c);
	return 0;
}
