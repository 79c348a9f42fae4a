/* Names of mirrors as URLs, lines of HTTrack's log, types by name. */
#include "core/collection/import_layout.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "tests/test.h"

struct pair {
	const char *path, *url; /* NULL: refused */
};

static void
check_all(enum import_layout l, const struct import_base *base,
    const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf url = { 0 };
		struct error e = { 0 };
		int rc = import_layout_url(l, base, pairs[i].path, &url, &e);

		CHECK_INT(rc, pairs[i].url == NULL ? -1 : 0);
		CHECK_TEXT(
		    buf_text(&url), pairs[i].url == NULL ? "" : pairs[i].url);
		if (rc != 0)
			CHECK_INT(e.kind, ERROR_INPUT);
		buf_clear(&url);
	}
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

CASE(paths_of_wget_become_the_urls_they_were_fetched_from)
{
	static const struct import_base none = { .url = "", .scheme = "" };
	static const struct import_base http = { .url = "", .scheme = "http" };
	static const struct import_base below = { .url = "http://a.org/x/",
		.scheme = "" };
	static const struct pair pairs[] = {
		{ "example.org/index.html", "https://example.org/" },
		{ "example.org/a/index.html", "https://example.org/a/" },
		{ "example.org/a/index.html?p=2",
		    "https://example.org/a/?p=2" },
		{ "example.org/a/index.htm",
		    "https://example.org/a/index.htm" },
		{ "example.org/index.html.1",
		    "https://example.org/index.html.1" },
		{ "example.org/a?b=c&d=?e", "https://example.org/a?b=c&d=?e" },
		{ "example.org/a b#c.png",
		    "https://example.org/a%20b%23c.png" },
		{ "example.org/100%.html", "https://example.org/100%25.html" },
		{ "example.org/a%20b", "https://example.org/a%20b" },
		{ "example.org/\xd8\xa7.html",
		    "https://example.org/%D8%A7.html" },
		{ "example.org/what?/really", "https://example.org/what%3F/"
					      "really" },
		{ "example.org:8080/a", "http://example.org:8080/a" },
		{ "example.org+8080/a", "http://example.org:8080/a" },
		{ "example.org:443/a", "https://example.org/a" },
		{ "127.0.0.1:80/a", "http://127.0.0.1/a" },
		{ "localhost/a", "http://localhost/a" },
		{ "https/localhost/a", "https://localhost/a" },
		{ "http/example.org/a", "http://example.org/a" },
		{ "example.org", NULL },
		{ ".org/a", NULL },
		{ "exa mple.org/a", NULL },
		{ "example.org:80808080/a", NULL },
		{ "a_b!/c", NULL },
	};
	static const struct pair told[] = {
		{ "example.org/a", "http://example.org/a" },
		{ "https/example.org/a", "https://example.org/a" },
	};
	static const struct pair inside[] = {
		{ "index.html", "http://a.org/x/" },
		{ "b/c.html?d", "http://a.org/x/b/c.html?d" },
	};

	check_all(LAYOUT_WGET, &none, pairs, COUNT(pairs));
	check_all(LAYOUT_WGET, &http, told, COUNT(told));
	check_all(LAYOUT_WGET, &below, inside, COUNT(inside));
}

CASE(files_below_a_url_keep_their_names)
{
	static const struct import_base base = { .url = "https://a.org/x/",
		.scheme = "" };
	static const struct pair pairs[] = {
		{ "index.html", "https://a.org/x/index.html" },
		{ "a?b", "https://a.org/x/a%3Fb" },
		{ "100%41", "https://a.org/x/100%2541" },
		{ "a b/c", "https://a.org/x/a%20b/c" },
	};
	static const struct import_base no_http = { .url = "ftp://a.org/",
		.scheme = "" };
	static const struct pair refused[] = { { "a", NULL } };

	check_all(LAYOUT_FILES, &base, pairs, COUNT(pairs));
	check_all(LAYOUT_FILES, &no_http, refused, COUNT(refused));
	check_all(LAYOUT_HTTRACK, &base, refused, COUNT(refused));
}

CASE(folders_of_hosts_are_told_from_others)
{
	static const char *const hosts[] = { "example.org", "localhost",
		"127.0.0.1:8080", "host:80", "a-b.c" };
	static const char *const others[] = { "records", "20261122T082747Z-web",
		"2026", "", ".org", "a:b", "host:", "x y.org" };

	for (size_t i = 0; i < COUNT(hosts); i++)
		CHECK(import_is_host(hosts[i], strlen(hosts[i])));
	for (size_t i = 0; i < COUNT(others); i++)
		CHECK(!import_is_host(others[i], strlen(others[i])));
}

CASE(lines_of_httrack_tell_url_file_and_time)
{
	static const char line[] =
	    "20:40:30\t15/15\t---M--\t200\tadded ('OK')\ttext/html\t"
	    "date:Sun,%20x\thttp://a.org/b\th/a.org/b.html\t(from "
	    "http://a.org/)";
	static const char *const bad[] = {
		"date\tsize\tflags\t200\tok\ttext/html\t\turl\tfile\t(from )",
		"20:40:30\t1/1\t-\t200\tok\ttext/html\t\t\tfile\t(from )",
		"20:61:30\t1/1\t-\t200\tok\ttext/html\t\tu\tfile\t(from )",
		"24:00:00\t1/1\t-\t200\tok\ttext/html\t\tu\tfile\t(from )",
		"20:40:30\t1/1\t-\t200\tok\ttext/html\t\tu\tfile",
		"20:40:30\t1/1\t-\t200\tok\ttext/html\t\tu\tfile\t(from )\t",
		"",
	};
	struct httrack_line l;
	char *copy = mem_text(line);
	int64_t us = 0;

	CHECK_INT(httrack_line_read(copy, &l), 1);
	CHECK_TEXT(l.url, "http://a.org/b");
	CHECK_TEXT(l.file, "h/a.org/b.html");
	CHECK_TEXT(l.from, "http://a.org/");
	CHECK_TEXT(l.type, "text/html");
	CHECK_TEXT(l.status, "200");
	CHECK_INT(l.seconds, 20 * 3600 + 40 * 60 + 30);
	free(copy);
	for (size_t i = 0; i < COUNT(bad); i++) {
		copy = mem_text(bad[i]);
		CHECK_INT(httrack_line_read(copy, &l), 0);
		free(copy);
	}
	CHECK(httrack_began("HTTrack3 launched on Sun, 22 Nov 2026 20:40:28 "
			    "at http://a.org/\n",
	    &us));
	CHECK_INT(us, 1795380028000000);
	CHECK(!httrack_began("HTTrack3 launched on yesterday", &us));
	CHECK(!httrack_began("", &us));
}

CASE(types_follow_the_end_of_a_name)
{
	CHECK_TEXT(import_type_of_name("a.PNG"), "image/png");
	CHECK_TEXT(import_type_of_name("a.css?v=2"), "text/css");
	CHECK(import_type_of_name(".png") == NULL);
	CHECK(import_type_of_name("story-1") == NULL);
}

TESTS(T(paths_of_wget_become_the_urls_they_were_fetched_from),
    T(files_below_a_url_keep_their_names),
    T(folders_of_hosts_are_told_from_others),
    T(lines_of_httrack_tell_url_file_and_time),
    T(types_follow_the_end_of_a_name))
