#include "tests/test.h"

#include "core/archive/cdxj.h"
#include "core/base/buf.h"
#include "core/base/limits.h"

struct vector {
	const char *url;
	const char *key;
};

static void
check(const struct vector *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf key = { 0 };

		cdxj_add_key(&key, list[i].url);
		CHECK_TEXT(buf_text(&key), list[i].key);
		buf_clear(&key);
	}
}

CASE(keys_equal_those_of_the_reference_table)
{
	static const struct vector list[] = {
		{ "http://www.Example.com/", "com,example)/" },
		{ "https://EXAMPLE.com:443/A/B/", "com,example)/a/b" },
		{ "http://example.com:8080/x", "com,example:8080)/x" },
		{ "https://example.com:80/", "com,example:80)/" },
		{ "http://www2.example.com/", "com,example)/" },
		{ "http://wwwx.example.com/", "com,example,wwwx)/" },
		{ "http://www.com/", "com)/" },
		{ "http://example.com?", "com,example)/" },
		{ "http://example.com/a/?b", "com,example)/a?b" },
		{ "http://example.com/a//b///c", "com,example)/a/b/c" },
		{ "http://example.com/x//", "com,example)/x" },
		{ "http://example.com/a/./b/../c", "com,example)/a/c" },
		{ "http://example.com/../x", "com,example)/../x" },
		{ "http://example.com/%2e%2e/a", "com,example)/../a" },
		{ "http://example.com/index.html#frag",
		    "com,example)/index.html" },
		{ "http://example.com/p?b=2&a=1&A=0&b",
		    "com,example)/p?a=0&a=1&b&b=2" },
		{ "http://example.com/p?a-b=1&a=1",
		    "com,example)/p?a=1&a-b=1" },
		{ "http://example.com/x?a=1&&b=2", "com,example)/x?&a=1&b=2" },
		{ "http://example.com/%7Euser/%41", "com,example)/~user/a" },
		{ "http://example.com/%2541", "com,example)/a" },
		{ "http://example.com/a b", "com,example)/a%20b" },
		{ "http://example.com/a%20b", "com,example)/a%20b" },
		{ "http://example.com/%E4%B8%AD", "com,example)/%e4%b8%ad" },
		{ "http://example.com/\xE4\xB8\xAD", "com,example)/%e4%b8%ad" },
		{ "http://example.com/%FF", "com,example)/%ff" },
		{ "http://example.com/%23x", "com,example)/%23x" },
		{ "http://example.com/a%2Fb", "com,example)/a/b" },
		{ "http://example.com/x?q=a%26b", "com,example)/x?b&q=a" },
		{ "http://example.com/x?q=%E4%B8%AD&r=a%2Cb+c",
		    "com,example)/x?q=%e4%b8%ad&r=a,b+c" },
		{ "http://xn--fiqs8s.cn/x", "cn,xn--fiqs8s)/x" },
		{ "http://\xE4\xB8\xAD\xE5\x9B\xBD.cn/x", "cn,xn--fiqs8s)/x" },
		{ "http://example.com/x?PHPSESSID=0123456789abcdef0123456789abcdef&a=1",
		    "com,example)/x?a=1" },
		{ "http://example.com/x?a=1&sid=0123456789abcdef0123456789abcdef",
		    "com,example)/x?&a=1" },
		{ "http://example.com/x;jsessionid=0123456789abcdef0123456789abcdef",
		    "com,example)/x;jsessionid=0123456789abcdef0123456789abcdef" },
		{ "http://example.com/(S(0123456789abcdefghijklmn))/page.aspx?x=1",
		    "com,example)/page.aspx?x=1" },
		{ "http://user:pw@example.com/x", "com,example)/x" },
		{ "http://192.168.1.10/x", "10,1,168,192)/x" },
		{ "http://3232235777/", "1,1,168,192)/" },
		{ "http://[2001:db8::1]:8080/x", "2001:db8::1:8080)/x" },
		{ "http://example.com./x", "com,example)/x" },
		{ "http://example..com/x", "com,example)/x" },
		{ "http://example.com:/x", "com,example)/x" },
		{ "ftp://example.com/f", "com,example)/f" },
		{ "dns:www.example.com", "dns:www.example.com" },
		{ "urn:pageinfo:http://Example.com/",
		    "urn:pageinfo:http://example.com" },
		{ "http:////example.com/x", "com,example)/x" },
		{ "http://example.com/path?__wb_method=POST&foo=Bar",
		    "com,example)/path?__wb_method=post&foo=bar" },
	};

	check(list, sizeof(list) / sizeof(list[0]));
}

CASE(odd_urls_have_the_keys_other_tools_give_them)
{
	static const struct vector list[] = {
		{ "", "-" },
		{ "   ", "-" },
		{ "filedesc://Foo.arc", "filedesc://Foo.arc" },
		{ " \thttp://a.example/\n", "example,a)/" },
		{ "http://https://a.example/", "example,a)/" },
		{ "a.example/x", "example,a)/x" },
		{ "www.a.example", "example,a)/" },
		{ "http://a.example:99999/", "example,a:99999)/" },
		{ "http://a.example:8o/", "example,a:8o)/" },
		{ "http://a.example/b//../c", "example,a)/b/c" },
		{ "http://a.example/../../c", "example,a)/c" },
		{ "http://a.example/..", "example,a)/.." },
		{ "http://a.example/%2525%2541", "example,a)/%25a" },
		{ "http://a.example/%%341", "example,a)/a" },
		{ "http://0177.1/", "1,0,0,127)/" },
		{ "http://0x7f.0.0.1/", "1,0,0,0x7f)/" },
		{ "http://[::1]:80/", "::1)/" },
		{ "http://a.example/?cfid=1&cftoken=2&b", "example,a)/?b" },
		{ "http://a.example/?ASPSESSIONIDABCDEFGH=abcdefghijklmnopqrstuvwx",
		    "example,a)/" },
		{ "http://a.example/?mysid=0123456789abcdef0123456789abcdef&b",
		    "example,a)/?myb" },
		{ "http://a.example/?sid=0123456789abcdef0123456789abcdef&sid=0123456789abcdef0123456789abcdef",
		    "example,a)/?&sid=0123456789abcdef0123456789abcdef" },
		{ "http://a.example/?sid=0123456789abcdef0123456789abcdefx",
		    "example,a)/?sid=0123456789abcdef0123456789abcdefx" },
		{ "http://a.example/?phpsessid=0123456789abcdef0123456789abcdef&sid=0123456789abcdef0123456789abcdef",
		    "example,a)/" },
		{ "http://a.example/x?a&a=&a=0&A", "example,a)/x?a&a&a=&a=0" },
		{ "urn:", "urn:" },
		{ "urn:a//", "urn:a/" },
		{ "URN:A", "URN:a" },
		{ "mailto:A@B.example", "mailto:a@b.example" },
		{ "dns://www.a.example/", "example,a,www)/" },
		{ "http://", "http:" },
	};

	check(list, sizeof(list) / sizeof(list[0]));
}

CASE(keys_are_appended)
{
	struct buf key = { 0 };

	buf_add_text(&key, "/..");
	cdxj_add_key(&key, "http://a.example/../x");
	CHECK_TEXT(buf_text(&key), "/..example,a)/../x");
	buf_clear(&key);
}

/* A megabyte of what would be slow if anything were not linear. */
CASE(long_urls_get_their_key_in_linear_time)
{
	static const char *const pieces[] = { "%25", "../", "/a", "&b",
		"cfid=", "25", "/(0123456789abcdefghijklmn)", "(a(", ".", "@",
		":" };
	static const char *const starts[] = { "http://a.example/x?",
		"http://a.example/", "http://%", "a:" };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (size_t j = 0; j < sizeof(starts) / sizeof(starts[0]);
		     j++) {
			struct buf url = { 0 };
			struct buf key = { 0 };

			buf_add_text(&url, starts[j]);
			while (url.len < LIMIT_MIB / 8)
				buf_add_text(&url, pieces[i]);
			cdxj_add_key(&key, buf_text(&url));
			CHECK(key.len > 0);
			buf_clear(&url);
			buf_clear(&key);
		}
}

TESTS(T(keys_equal_those_of_the_reference_table),
    T(odd_urls_have_the_keys_other_tools_give_them), T(keys_are_appended),
    T(long_urls_get_their_key_in_linear_time))
