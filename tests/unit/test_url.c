#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/url.h"
#include "core/web/url_host.h"

/* The serialization of S resolved against BASE (NULL: none); "" on failure.
 * The caller frees it. */
static char *
resolved(const char *s, const char *base_text)
{
	struct url base = { 0 };
	struct url url = { 0 };
	char *text;
	int rc = 0;

	if (base_text != NULL)
		rc = url_parse(&base, base_text, strlen(base_text), NULL, NULL);
	if (rc == 0)
		rc = url_parse(
		    &url, s, strlen(s), base_text == NULL ? NULL : &base, NULL);
	text = mem_text(rc == 0 ? url.text : "");
	url_clear(&base);
	url_clear(&url);
	return text;
}

#define CHECK_URL(s, base, expected)            \
	do {                                    \
		char *got_ = resolved(s, base); \
		CHECK_TEXT(got_, expected);     \
		free(got_);                     \
	} while (0)

CASE(blanks_and_line_ends_go_and_letters_are_folded)
{
	CHECK_URL(" \n HTTPS://News.Example/A\tB\r\n ", NULL,
	    "https://news.example/AB");
	CHECK_URL("http:\\\\news.example\\a", NULL, "http://news.example/a");
	CHECK_URL("https:////news.example", NULL, "https://news.example/");
}

CASE(usual_ports_go_and_impossible_ones_fail)
{
	CHECK_URL("https://news.example:443/", NULL, "https://news.example/");
	CHECK_URL("http://news.example:0080/", NULL, "http://news.example/");
	CHECK_URL("http://a.example:443/", NULL, "http://a.example:443/");
	CHECK_URL("http://a.example:65535/", NULL, "http://a.example:65535/");
	CHECK_URL("http://a.example:65536/", NULL, "");
	CHECK_URL("http://a.example:8o/", NULL, "");
}

CASE(dots_in_paths_are_resolved_escaped_or_not)
{
	CHECK_URL("http://a.example/b/./c/../d", NULL, "http://a.example/b/d");
	CHECK_URL(
	    "http://a.example/b/%2e/c/.%2E/d", NULL, "http://a.example/b/d");
	CHECK_URL("http://a.example/../../b/..", NULL, "http://a.example/");
	CHECK_URL("http://a.example/...", NULL, "http://a.example/...");
	CHECK_URL("http://a.example//b", NULL, "http://a.example//b");
}

CASE(references_resolve_against_the_base)
{
	const char *base = "https://news.example/a/b?q#f";

	CHECK_URL("", base, "https://news.example/a/b?q");
	CHECK_URL("c", base, "https://news.example/a/c");
	CHECK_URL("/c", base, "https://news.example/c");
	CHECK_URL("?r", base, "https://news.example/a/b?r");
	CHECK_URL("#g", base, "https://news.example/a/b?q#g");
	CHECK_URL("../c", base, "https://news.example/c");
	CHECK_URL("//other.example/c", base, "https://other.example/c");
	CHECK_URL("http:c", base, "http://c/");
	CHECK_URL("https:c", base, "https://news.example/a/c");
	CHECK_URL("mailto:x@y.example", base, "mailto:x@y.example");
	CHECK_URL("c", NULL, "");
	CHECK_URL("c", "mailto:x@y.example", "");
	CHECK_URL("#g", "mailto:x@y.example", "mailto:x@y.example#g");
	CHECK_URL("c", "https://u:p@news.example:81/",
	    "https://u:p@news."
	    "example:81/c");
}

CASE(addresses_in_any_form_become_one)
{
	CHECK_URL("http://192.168.257/", NULL, "http://192.168.1.1/");
	CHECK_URL("http://0xC0A80101/", NULL, "http://192.168.1.1/");
	CHECK_URL("http://0300.0250.1.1/", NULL, "http://192.168.1.1/");
	CHECK_URL("http://%31.2.3.4./", NULL, "http://1.2.3.4/");
	CHECK_URL("http://1.2.3.4.5/", NULL, "");
	CHECK_URL("http://1.2.3.256/", NULL, "");
	CHECK_URL("http://4294967296/", NULL, "");
	CHECK_URL("http://news.09/", NULL, "");
	CHECK_URL("http://[2001:DB8:0:0:1:0:0:0]/", NULL,
	    "http://[2001:db8:0:0:1::]/");
	CHECK_URL("http://[::ffff:127.0.0.1]:81/", NULL,
	    "http://[::ffff:7f00:1]:81/");
	CHECK_URL("http://[::1/", NULL, "");
	CHECK_URL("http://[]/", NULL, "");
}

CASE(domains_become_ascii_or_fail)
{
	CHECK_URL("http://B\xC3\xBC"
		  "cher.example/",
	    NULL, "http://xn--bcher-kva.example/");
	CHECK_URL("http://b%C3%BCcher.example/", NULL,
	    "http://xn--bcher-kva.example/");
	CHECK_URL(
	    "http://fa\xC3\x9F.example/", NULL, "http://xn--fa-hia.example/");
	CHECK_URL("http://\xEF\xBC\xA7\xEF\xBD\x8F\xE3\x80\x82"
		  "example/",
	    NULL, "http://go.example/");
	CHECK_URL("http://\xD8\xA7\xD9\x84\xD9\x85\xD9\x8A\xD8\xA7\xD8\xAF"
		  "\xD9\x8A\xD9\x86.example/",
	    NULL, "http://xn--mgbay6ffizc.example/");
	CHECK_URL("http://a\xFF.example/", NULL, "");
	CHECK_URL("http://a%00.example/", NULL, "");
	CHECK_URL("http://a b.example/", NULL, "");
	CHECK_URL("http://", NULL, "");
	CHECK_URL("http://user@/", NULL, "");
}

CASE(each_part_escapes_its_own_set)
{
	CHECK_URL("http://a.example/\xD8\xA7 {}%zz%e2?'\"\xD8\xA7#`'", NULL,
	    "http://a.example/%D8%A7%20%7B%7D%zz%e2?%27%22%D8%A7#%60'");
	CHECK_URL(
	    "http://u|:p@w@a.example/", NULL, "http://u%7C:p%40w@a.example/");
	CHECK_URL("urn:a b'?'", NULL, "urn:a b'?'");
	/* Bytes that are no UTF-8 reach the server as they were. */
	CHECK_URL("http://a.example/\xE9", NULL, "http://a.example/%E9");
}

CASE(parts_are_where_the_offsets_say)
{
	const char s[] = "https://u:p@news.example:81/a/b?q=1#top";
	struct buf out = { 0 };
	struct url url;
	struct url copy;
	char host[13];

	CHECK_INT(url_parse(&url, s, strlen(s), NULL, NULL), 0);
	CHECK_INT(url.len, strlen(s));
	CHECK_INT(url.scheme_len, 5);
	CHECK(memcmp(url.text + url.user_start, "u:p", 3) == 0);
	CHECK_INT(url.user_len, 3);
	CHECK_INT(url_port(&url), 81);
	CHECK_INT(url_host(&url, host, 12), 0);
	CHECK_INT(url_host(&url, host, 13), 1);
	CHECK_TEXT(host, "news.example");
	url_add_origin(&out, &url);
	CHECK_TEXT(buf_text(&out), "https://news.example:81");
	buf_reset(&out);
	url_add_request_target(&out, &url);
	CHECK_TEXT(buf_text(&out), "/a/b?q=1");
	CHECK_INT(url_copy(&copy, &url), 0);
	url_drop_fragment(&copy);
	CHECK_TEXT(copy.text, "https://u:p@news.example:81/a/b?q=1");
	CHECK_TEXT(url.text + url.fragment_start, "top");
	url_clear(&copy);
	url_clear(&url);
	buf_clear(&out);
}

CASE(only_http_with_a_host_is_http)
{
	static const struct {
		const char *url;
		int is_http;
		int is_https;
		int port;
	} list[] = {
		{ "http://a.example", 1, 0, 80 },
		{ "https://[::1]", 1, 1, 443 },
		{ "ftp://a.example", 0, 0, 21 },
		{ "httpx://a.example", 0, 0, URL_NO_PORT },
		{ "file:///a", 0, 0, URL_NO_PORT },
		{ "data:,x", 0, 0, URL_NO_PORT },
		{ "gopher://a.example:70", 0, 0, 70 },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct url url;

		CHECK_INT(url_parse(&url, list[i].url, strlen(list[i].url),
			      NULL, NULL),
		    0);
		CHECK_INT(url_is_http(&url), list[i].is_http);
		CHECK_INT(url_is_https(&url), list[i].is_https);
		CHECK_INT(url_port(&url), list[i].port);
		url_clear(&url);
	}
}

CASE(a_failure_says_why_and_touches_nothing)
{
	struct error e = { 0 };
	struct url url = { .port = 7 };

	CHECK_INT(url_parse(&url, "http://a:b", 10, NULL, &e), -1);
	CHECK_INT(e.kind, ERROR_INPUT);
	CHECK_TEXT(e.text, "URL: port is not a number");
	CHECK_INT(url.port, 7);
	CHECK(url.text == NULL);
}

CASE(escaping_and_unescaping_are_inverse)
{
	struct buf escaped = { 0 };
	struct buf plain = { 0 };
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	url_add_percent_encoded(&escaped, all, sizeof(all));
	CHECK_INT(escaped.len, 3 * 256 - 2 * 66);
	url_add_percent_decoded(&plain, buf_text(&escaped), escaped.len);
	CHECK_INT(plain.len, 256);
	CHECK(memcmp(plain.data, all, 256) == 0);
	buf_reset(&plain);
	url_add_percent_decoded(&plain, "%4%41%4g%", 9);
	CHECK_TEXT(buf_text(&plain), "%4A%4g%");
	buf_clear(&escaped);
	buf_clear(&plain);
}

/* A megabyte of what would be slow if anything were not linear. */
CASE(long_urls_are_parsed_in_linear_time)
{
	static const char *const pieces[] = { "../", "a/", "%2e%2e/", "@", "[",
		"\xC3\xBC", ".", "a.", "\xE3\x80\x82", ":", "\\" };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf s = { 0 };
		struct url url = { 0 };

		buf_add_text(&s, i < 3 ? "http://a.example/" : "http://");
		while (s.len < LIMIT_MIB)
			buf_add_text(&s, pieces[i]);
		(void)url_parse(&url, buf_text(&s), s.len, NULL, NULL);
		url_clear(&url);
		buf_clear(&s);
	}
	CHECK(1);
}

TESTS(T(blanks_and_line_ends_go_and_letters_are_folded),
    T(usual_ports_go_and_impossible_ones_fail),
    T(dots_in_paths_are_resolved_escaped_or_not),
    T(references_resolve_against_the_base), T(addresses_in_any_form_become_one),
    T(domains_become_ascii_or_fail), T(each_part_escapes_its_own_set),
    T(parts_are_where_the_offsets_say), T(only_http_with_a_host_is_http),
    T(a_failure_says_why_and_touches_nothing),
    T(escaping_and_unescaping_are_inverse),
    T(long_urls_are_parsed_in_linear_time))
