/* Cookies of a Netscape file and where they are sent. */
#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/web/cookies.h"

/* What FILE sends to HOST and PATH, "" for nothing; "!" when it is broken. */
static const char *
sent(struct buf *out, const char *file, const char *host, const char *path,
    int is_https)
{
	struct cookies_for to = {
		.host = host, .path = path, .is_https = is_https, .now_s = 1000
	};
	struct cookies *c = NULL;

	buf_reset(out);
	if (cookies_parse(&c, file, strlen(file), NULL) != 0)
		return "!";
	(void)cookies_add(c, &to, out);
	cookies_free(c);
	return buf_text(out);
}

CASE(a_cookie_goes_to_its_domain_and_to_subdomains_if_it_says_so)
{
	static const char file[] = "# Netscape HTTP Cookie File\n\n"
				   ".site.test\tTRUE\t/\tFALSE\t0\ta\t1\r\n"
				   "site.test\tFALSE\t/\tFALSE\t0\tb\t2\n"
				   "#HttpOnly_Site.Test\tTRUE\t/\tFALSE\t0\t"
				   "c\t3";
	struct buf b = { 0 };

	CHECK_TEXT(sent(&b, file, "site.test", "/", 0), "a=1; b=2; c=3");
	CHECK_TEXT(sent(&b, file, "www.site.test", "/", 0), "a=1; c=3");
	CHECK_TEXT(sent(&b, file, "mysite.test", "/", 0), "");
	CHECK_TEXT(sent(&b, file, "test", "/", 0), "");
	CHECK_TEXT(
	    sent(&b, "0.0.1\tTRUE\t/\tFALSE\t0\ta\t1", "127.0.0.1", "/", 0),
	    "");
	buf_clear(&b);
}

CASE(path_security_and_expiry_are_honoured_and_long_paths_come_first)
{
	static const char file[] = "s.test\tFALSE\t/\tFALSE\t0\troot\t1\n"
				   "s.test\tFALSE\t/news\tFALSE\t0\tnews\t2\n"
				   "s.test\tFALSE\t/x/\tFALSE\t0\tx\t3\n"
				   "s.test\tFALSE\t/\tTRUE\t0\tsafe\t4\n"
				   "s.test\tFALSE\t/\tFALSE\t1000\told\t5\n"
				   "s.test\tFALSE\t/\tFALSE\t1001.5\tnew\t6\n";
	struct buf b = { 0 };

	CHECK_TEXT(sent(&b, file, "s.test", "/", 0), "root=1; new=6");
	CHECK_TEXT(sent(&b, file, "s.test", "/", 1), "root=1; safe=4; new=6");
	CHECK_TEXT(
	    sent(&b, file, "s.test", "/news", 0), "news=2; root=1; new=6");
	CHECK_TEXT(
	    sent(&b, file, "s.test", "/news?q", 0), "news=2; root=1; new=6");
	CHECK_TEXT(
	    sent(&b, file, "s.test", "/news/1", 0), "news=2; root=1; new=6");
	CHECK_TEXT(sent(&b, file, "s.test", "/newsroom", 0), "root=1; new=6");
	CHECK_TEXT(sent(&b, file, "s.test", "/x", 0), "root=1; new=6");
	CHECK_TEXT(sent(&b, file, "s.test", "/x/y", 0), "x=3; root=1; new=6");
	buf_clear(&b);
}

CASE(a_line_that_is_no_cookie_is_named_and_refused)
{
	static const char *const bad[] = { "s.test", "\t\t\t\t\t\t",
		"s.test\tTRUE\t/\tFALSE\t0\tname",
		"s.test\tTRUE\t/\tFALSE\t0\tname\tvalue\tmore",
		"s.test\tyes\t/\tFALSE\t0\tname\tvalue",
		"s.test\tTRUE\tnews\tFALSE\t0\tname\tvalue",
		"s.test\tTRUE\t/\tFALSE\tsoon\tname\tvalue",
		"s.test\tTRUE\t/\tFALSE\t0\tname\tva\rX: 1",
		".\tTRUE\t/\tFALSE\t0\tname\tvalue" };
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cookies *c = NULL;
		struct error e = { 0 };

		buf_reset(&b);
		buf_format(&b, "# one\n%s\n", bad[i]);
		CHECK_INT(cookies_parse(&c, buf_text(&b), b.len, &e), -1);
		CHECK_INT(e.kind, ERROR_INPUT);
		CHECK(strncmp(e.text, "line 2: ", 8) == 0);
	}
	buf_clear(&b);
}

CASE(the_number_of_cookies_is_limited)
{
	static const char line[] = "s.test\tFALSE\t/\tFALSE\t0\ta\t1\n";
	struct cookies *c = NULL;
	struct error e = { 0 };
	struct buf b = { 0 };

	for (int i = 0; i < LIMIT_COOKIES; i++)
		buf_add_text(&b, line);
	CHECK_OK(file_put("cookies.txt", b.data, b.len, &e), &e);
	CHECK_OK(cookies_open(&c, "cookies.txt", &e), &e);
	CHECK_INT(cookies_count(c), LIMIT_COOKIES);
	cookies_free(c);
	buf_add_text(&b, line);
	CHECK_INT(cookies_parse(&c, buf_text(&b), b.len, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK_INT(cookies_open(&c, "absent.txt", &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
	buf_clear(&b);
}

CASE(a_cookie_as_people_write_it_goes_to_its_domain)
{
	static const char *const bad[] = { "", "a=b", "a; x.example", "a=b;",
		"=b; x.example", "a=b; x y", "a=b; http://x/",
		"a=b\t; x.example", "a=b; ", NULL };
	struct cookies *c = NULL;
	struct error e = { 0 };
	struct cookies_for to = { .host = "www.x.example", .path = "/a" };
	struct buf out = { 0 };

	for (size_t i = 0; bad[i] != NULL; i++) {
		CHECK_INT(cookies_give(&c, bad[i], &e), -1);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
	CHECK_OK(cookies_give(&c, "consent=a;b=1; .X.example", &e), &e);
	CHECK_OK(cookies_give(&c, "empty=; other.example", &e), &e);
	CHECK_INT(cookies_count(c), 2);
	CHECK_INT(cookies_add(c, &to, &out), 1);
	CHECK_TEXT(buf_text(&out), "consent=a;b=1");
	to.host = "ax.example";
	CHECK_INT(cookies_add(c, &to, &out), 0);
	buf_clear(&out);
	cookies_free(c);
}

TESTS(T(a_cookie_as_people_write_it_goes_to_its_domain),
    T(a_cookie_goes_to_its_domain_and_to_subdomains_if_it_says_so),
    T(path_security_and_expiry_are_honoured_and_long_paths_come_first),
    T(a_line_that_is_no_cookie_is_named_and_refused),
    T(the_number_of_cookies_is_limited))
