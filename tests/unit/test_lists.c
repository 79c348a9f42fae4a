/* The engine with lists and fronts: what it hands out of them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/worker.h"
#include "core/collection/layout.h"
#include "core/crawl/capture.h"
#include "core/news/profile.h"
#include "core/news/service.h"
#include "core/web/feed.h"
#include "core/web/fetch.h"
#include "tests/test.h"

/* ---- a server of a few addresses ---- */

static const struct {
	const char *path;
	const char *type; /* NULL: gzip, and no type at all */
	const char *body;
} files[] = {
	{ "/rss", "text/plain; charset=windows-1256",
	    "<rss><channel><item><title>\xC7\xE1</title><link>/a</link><pubDate>"
	    "Sun, 22 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>" },
	{ "/s.xml.gz", NULL,
	    "<urlset><url><loc>/b</loc><news:news><news:title>N</news:title>"
	    "</news:news></url></urlset>" },
	{ "/all.xml", "application/xml",
	    "<sitemapindex><sitemap><loc>/s.xml.gz</loc></sitemap>"
	    "</sitemapindex>" },
	{ "/none", "application/rss+xml", "<html><body>Sorry</body></html>" },
	{ "/front", "text/html",
	    "<html><link rel=stylesheet href=/front.css><nav><a href=/about>x"
	    "</a></nav><h3><a href=/c>C</a></h3><div class=list><a href=/d>D"
	    "</a><p><a href='/e#top'>E</a></p></div><a rel=next "
	    "href='/front?page=2'>more</a></html>" },
	{ "/front.css", "text/css", "a { color: red }" },
};

static void
answer(int fd, const char *path)
{
	struct buf body = { 0 };
	struct buf head = { 0 };
	size_t i = 0;
	size_t n = sizeof(files) / sizeof(files[0]);

	while (i < n && strcmp(files[i].path, path) != 0)
		i++;
	if (i < n && files[i].type != NULL) {
		buf_add_text(&body, files[i].body);
	} else if (i < n) {
		z_stream z = { 0 };

		(void)deflateInit2(&z, 9, Z_DEFLATED, 31, 8, 0);
		z.next_in = (Bytef *)(uintptr_t)files[i].body;
		z.avail_in = (uInt)strlen(files[i].body);
		z.avail_out = 4096;
		z.next_out = buf_room(&body, 4096);
		(void)deflate(&z, Z_FINISH);
		body.len = z.total_out;
		(void)deflateEnd(&z);
	}
	buf_format(&head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n",
	    i < n ? "200 OK" : "404 Not Found", body.len);
	if (i < n && files[i].type != NULL)
		buf_format(&head, "Content-Type: %s\r\n", files[i].type);
	buf_add_text(&head, "Connection: close\r\n\r\n");
	buf_add(&head, body.data, body.len);
	for (size_t at = 0; at < head.len;) {
		ssize_t sent = write(fd, head.data + at, head.len - at);

		if (sent <= 0)
			break;
		at += (size_t)sent;
	}
	buf_clear(&head);
	buf_clear(&body);
}

static void
serve(int listener)
{
	for (;;) {
		char request[8192];
		char path[1024] = "";
		ssize_t n = 0;
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(0);
		n = read(fd, request, sizeof(request) - 1);
		request[n < 0 ? 0 : n] = '\0';
		(void)sscanf(request, "GET %1023s", path);
		answer(fd, path);
		(void)shutdown(fd, SHUT_WR);
		while (read(fd, request, sizeof(request)) > 0)
			;
		(void)close(fd);
	}
}

static pid_t
server_start(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_INT(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK_INT(listen(fd, 16), 0);
	CHECK_INT(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd);
	}
	(void)close(fd);
	return pid;
}

/* ---- a capture of one address ---- */

struct trial {
	struct wanted wanted;
	int asked;
	int port;
	struct buf text; /* what was handed out, a line each */
	struct buf warned;
	int list_kind;
	uint64_t requisites;
};

static int
next_wanted(
    void *context, struct wanted *out, int64_t *wait_ms, struct error *e)
{
	struct trial *t = context;

	(void)wait_ms;
	(void)e;
	*out = t->wanted;
	return t->asked++ == 0 ? 1 : -1;
}

/* URL without what the test cannot know. */
static const char *
path_of(const struct trial *t, const char *url)
{
	char start[64];

	(void)snprintf(start, sizeof(start), "http://127.0.0.1:%d", t->port);
	return strncmp(url, start, strlen(start)) == 0 ? url + strlen(start)
						       : url;
}

static int
page_ended(void *context, const struct page_end *end, struct error *e)
{
	struct trial *t = context;

	(void)e;
	t->list_kind = end->list_kind;
	CHECK_TEXT(outcome_name(end->outcome), "captured");
	for (size_t i = 0; i < end->link_count; i++) {
		const struct page_link *l = &end->links[i];

		buf_format(&t->text, "%s%s%s%s%s %s\n", path_of(t, l->url),
		    l->is_list ? " list" : "", l->is_news ? " news" : "",
		    l->is_next ? " next" : "",
		    l->changed_us != INT64_MIN ? " dated" : "", l->title);
	}
	return 0;
}

static void
bad_seed(void *context, const char *seed, const char *why)
{
	(void)context;
	printf("# %s: %s\n", seed, why);
	CHECK(0);
}

static void
warned(void *context, const char *object, const char *text)
{
	struct trial *t = context;

	buf_format(&t->warned, "%s: %s\n", path_of(t, object), text);
}

static struct worker_service service;
static struct zygote *zygote;
static struct profile_set *profiles;

static void
run(struct trial *t, struct collection *c, const char *path)
{
	static const char *const loopback[] = { "127.0.0.0/8", NULL };
	struct fetch_options fetch = { .user_agent = "test/1",
		.spool_dir = ".",
		.allow_address = loopback };
	struct capture_options o = { .collection = c,
		.zygote = zygote,
		.profiles = profiles,
		.clock = clock_system(),
		.fetch = &fetch,
		.site = "web",
		.min_free = 1,
		.operator= "",
		.contact = "",
		.trust_store = "",
		.next = next_wanted,
		.ended = page_ended,
		.bad_seed = bad_seed,
		.warn = warned,
		.context = t };
	struct capture_result result;
	struct error e = { 0 };
	char *url = mem_format("http://127.0.0.1:%d%s", t->port, path);

	t->wanted.url = url;
	t->wanted.via = t->wanted.hops = "";
	if (t->wanted.links == NULL)
		t->wanted.links = "";
	CHECK_OK(capture_run(&o, &result, &e), &e);
	t->requisites = result.totals.targets;
	capture_result_clear(&result);
	free(url);
}

static void
check(enum wanted_kind kind, const char *links, const char *path,
    enum feed_kind list_kind, const char *expected, const char *warning)
{
	const struct collection_facts facts = {
		.id = "urn:uuid:1", .prefix = "t", .now_us = 1
	};
	struct trial t = { .wanted = { .kind = kind, .links = links } };
	struct collection *c = NULL;
	struct error e = { 0 };
	pid_t pid = server_start(&t.port);

	(void)collection_create("c", &facts, NULL);
	CHECK_OK(collection_open(&c, "c", &e), &e);
	CHECK_OK(collection_lock(c, &e), &e);
	run(&t, c, path);
	CHECK_TEXT(buf_text(&t.text), expected);
	CHECK_TEXT(buf_text(&t.warned), warning);
	CHECK_TEXT(feed_kind_name((enum feed_kind)t.list_kind),
	    feed_kind_name(list_kind));
	/* The front's own stylesheet and icon are captured, too. */
	if (kind == WANTED_FRONT)
		CHECK_INT(t.requisites, 4);
	collection_free(c);
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
	buf_clear(&t.text);
	buf_clear(&t.warned);
}

CASE(a_list_is_read_whatever_its_media_type)
{
	check(WANTED_LIST, "", "/rss", FEED_RSS, "/a dated \xD8\xA7\xD9\x84\n",
	    "");
	check(WANTED_LIST, "", "/s.xml.gz", FEED_SITEMAP, "/b news N\n", "");
	check(WANTED_LIST, "", "/all.xml", FEED_SITEMAP_INDEX,
	    "/s.xml.gz list \n", "");
}

CASE(what_is_no_list_is_told)
{
	check(WANTED_LIST, "", "/none", FEED_NONE, "",
	    "/none: neither a feed nor a sitemap nor a list\n");
}

CASE(a_front_hands_out_what_its_selector_picks_and_the_next_page)
{
	check(WANTED_FRONT, "h3, div.list", "/front", FEED_NONE,
	    "/c \n/d \n/e \n/front?page=2 next \n", "");
	check(WANTED_FRONT, "h3 a", "/front", FEED_NONE,
	    "/c \n/front?page=2 next \n", "");
}

CASE(a_selector_that_picks_nothing_is_told_and_all_links_are_used)
{
	static const char all[] = "/about \n/c \n/d \n/e \n/front?page=2 \n"
				  "/front?page=2 next \n";

	check(WANTED_FRONT, "", "/front", FEED_NONE, all, "");
	check(WANTED_FRONT, "h2 a", "/front", FEED_NONE, all,
	    "/front: the selector picks no link; every link of the page is "
	    "followed\n");
	/* The worker fails: as well. */
	check(WANTED_FRONT, "h2 ~~ a", "/front", FEED_NONE, all,
	    "/front: selector 'h2 ~~ a': no selector at 5\n"
	    "/front: the selector picks no link; every link of the page is "
	    "followed\n");
}

static int
prepare(void)
{
	struct worker_limits limits;
	struct error e = { 0 };

	service = service_new(NULL);
	service_limits(&limits);
	zygote = zygote_start(&service, &limits, &e);
	CHECK(zygote != NULL);
	CHECK_OK(profile_set_load(&profiles, NULL, &e), &e);
	return 0;
}

CASE(workers_are_ready)
{
	CHECK_INT(prepare(), 0);
}

CASE(workers_are_gone)
{
	zygote_stop(zygote);
	profile_set_free(profiles);
	free(service.context);
}

TESTS(T(workers_are_ready), T(a_list_is_read_whatever_its_media_type),
    T(what_is_no_list_is_told),
    T(a_front_hands_out_what_its_selector_picks_and_the_next_page),
    T(a_selector_that_picks_nothing_is_told_and_all_links_are_used),
    T(workers_are_gone))
