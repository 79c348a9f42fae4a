#include "tests/test.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/web/robots.h"

/* The answer to "example-bot" for TARGET; *LINE is what decided. */
static int
ask(const char *text, const char *target, unsigned *line)
{
	struct robots *r = robots_parse((const uint8_t *)text, strlen(text));
	int allowed = robots_allowed(r, "example-bot", target, line);

	robots_free(r);
	return allowed;
}

static int64_t
delay_ms(const char *text)
{
	struct robots *r = robots_parse((const uint8_t *)text, strlen(text));
	int64_t ms = robots_delay_ms(r, "example-bot");

	robots_free(r);
	return ms;
}

/* Rules for everyone, then a target and the answer. */
struct vector {
	const char *rules;
	const char *target;
	int allowed;
};

static void
check(const struct vector *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[512];
		int allowed;

		(void)snprintf(
		    text, sizeof(text), "User-agent: *\n%s\n", list[i].rules);
		allowed = ask(text, list[i].target, NULL);
		if (allowed != list[i].allowed)
			printf("# %s against\n# %s\n", list[i].target,
			    list[i].rules);
		CHECK_INT(allowed, list[i].allowed);
	}
}

#define CHECK_VECTORS(list) check(list, sizeof(list) / sizeof((list)[0]))

CASE(the_longest_pattern_decides_and_allow_wins_a_tie)
{
	static const struct vector list[] = {
		{ "Allow: /p\nDisallow: /", "/page", 1 },
		{ "Allow: /folder\nDisallow: /folder", "/folder/page", 1 },
		{ "Disallow: /folder\nAllow: /folder", "/folder/page", 1 },
		{ "Allow: /page\nDisallow: /*.htm", "/page.htm", 0 },
		{ "Allow: /page\nDisallow: /*.ph", "/page.php5", 1 },
		{ "Allow: /$\nDisallow: /", "/", 1 },
		{ "Allow: /$\nDisallow: /", "/page.htm", 0 },
		{ "Disallow: /", "", 0 },
		{ "Disallow:", "/a", 1 },
		{ "Disallow: \nAllow:", "/a", 1 },
	};

	CHECK_VECTORS(list);
}

CASE(stars_match_anything_and_a_dollar_only_the_end)
{
	static const struct vector list[] = {
		{ "Disallow: /*.php$", "/a.php", 0 },
		{ "Disallow: /*.php$", "/a.php?x", 1 },
		{ "Disallow: /*.php$", "/a.php/b.php", 0 },
		{ "Disallow: /fish*", "/fish", 0 },
		{ "Disallow: /fish*", "/Fish", 1 },
		{ "Disallow: *fish", "/a/fish/b", 0 },
		{ "Disallow: /a*b*c$", "/aXbXbc", 0 },
		{ "Disallow: /a*b*c$", "/abcb", 1 },
		{ "Disallow: /a**c", "/abc", 0 },
		{ "Disallow: /a*a$", "/a", 1 },
		{ "Disallow: /a$b", "/a$b", 0 },
		{ "Disallow: /a$b", "/a", 1 },
		{ "Disallow: /a%24", "/a$", 0 },
		{ "Disallow: /a%2Ab", "/a*b", 0 },
		{ "Disallow: /a%2Ab", "/axb", 1 },
		{ "Disallow: fish", "/fish", 1 },
		{ "Disallow: /*?*id=", "/a?x&id=1", 0 },
	};

	CHECK_VECTORS(list);
}

CASE(escapes_compare_by_what_they_mean)
{
	static const struct vector list[] = {
		{ "Disallow: /a%3cd.html", "/a%3Cd.html", 0 },
		{ "Disallow: /a<d.html", "/a%3Cd.html", 0 },
		{ "Disallow: /%7Euser", "/~user", 0 },
		{ "Disallow: /~user", "/%7euser", 0 },
		{ "Disallow: /a/b", "/a%2Fb", 1 },
		{ "Disallow: /\xD8\xA7", "/%D8%A7", 0 },
		{ "Disallow: /%d8%a7", "/\xD8\xA7", 0 },
		{ "Disallow: /a b", "/a%20b", 0 },
		{ "Disallow: /100%", "/100%", 0 },
	};

	CHECK_VECTORS(list);
}

CASE(all_groups_of_our_token_are_merged)
{
	static const char text[] = "Disallow: /outside\n"
				   "User-agent: other\n"
				   "\n"
				   "User-agent: Example-Bot/1.0 (+about)\n"
				   "Sitemap: https://news.example/s.xml\n"
				   "Crawl-delay: 2.5\n"
				   "User-agent: third\n"
				   "Disallow: /a\n"
				   "User-agent: *\n"
				   "Disallow: /\n"
				   "User-agent: example-bots\n"
				   "Disallow: /c\n"
				   "User-agent: EXAMPLE-BOT\n"
				   "Disallow: /b # both\n"
				   "Crawl-delay: 4\n";
	unsigned line = 99;

	CHECK_INT(ask(text, "/outside", &line), 1);
	CHECK_INT(line, 0);
	CHECK_INT(ask(text, "/a", &line), 0);
	CHECK_INT(line, 8);
	CHECK_INT(ask(text, "/b", &line), 0);
	CHECK_INT(line, 14);
	CHECK_INT(ask(text, "/c", &line), 1);
	CHECK_INT(delay_ms(text), 4000);
}

CASE(the_group_for_all_counts_only_when_none_names_us)
{
	CHECK_INT(ask("User-agent: *\nDisallow: /", "/a", NULL), 0);
	CHECK_INT(ask("User-agent: *\nDisallow: /\nUser-agent: example-bot",
		      "/a", NULL),
	    1);
	CHECK_INT(ask("User-agent: other\nDisallow: /", "/a", NULL), 1);
	CHECK_INT(ask("", "/a", NULL), 1);
	CHECK_INT(ask("<!DOCTYPE html><p>Disallow: /", "/a", NULL), 1);
	/* No token at all is nobody's group. */
	CHECK_INT(ask("User-agent: \xD8\xA7\nDisallow: /", "/a", NULL), 1);
}

CASE(lines_are_read_with_patience)
{
	unsigned line;

	CHECK_INT(ask("\xEF\xBB\xBFuser-AGENT : *\r\n\r\n\tDISALLOW\t:\t/a \r"
		      "#\nDisallow: /b",
		      "/a", &line),
	    0);
	CHECK_INT(line, 3);
	CHECK_INT(ask("user agent *\nDisallow /a", "/a", NULL), 1);
	CHECK_INT(ask("user-agent *\nDisallow /a", "/a", NULL), 0);
	CHECK_INT(ask("useragent: *\nDissalow: /a", "/a", NULL), 0);
	CHECK_INT(ask("user-agent: *\nDisallow /a b", "/a", NULL), 1);
	CHECK_INT(
	    ask("user-agent: *\n: /a\nnoise\nDisallow: /b", "/a", NULL), 1);
}

CASE(the_file_itself_is_always_allowed)
{
	CHECK_INT(ask("User-agent: *\nDisallow: /", "/robots.txt", NULL), 1);
	CHECK_INT(ask("User-agent: *\nDisallow: /", "/robots.txt2", NULL), 0);
}

CASE(only_numbers_are_delays)
{
	static const struct {
		const char *value;
		int64_t ms;
	} list[] = { { "10", 10000 }, { "0", 0 }, { "1.5", 1500 },
		{ ".25", 250 }, { "1.", 1000 }, { "0.0019", 1 }, { "-1", -1 },
		{ "nan", -1 }, { "", -1 }, { ".", -1 }, { "1e9", -1 },
		{ "1 2", -1 }, { "99999999999999999999", -1 }, { "1.x", -1 } };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text),
		    "User-agent: *\ncrawl-DELAY: %s\n", list[i].value);
		CHECK_INT(delay_ms(text), list[i].ms);
	}
	CHECK_INT(delay_ms("Crawl-delay: 3"), -1);
}

CASE(what_lies_beyond_the_limit_is_not_read)
{
	static const char head[] = "User-agent: *\nDisallow: /a\n";
	static const char rule[] = "Disallow: /bcd\n";

	for (size_t over = 0; over < 3; over++) {
		struct buf text = { 0 };
		struct robots *r;

		buf_add_text(&text, head);
		while (text.len < LIMIT_ROBOTS_BYTES - sizeof(rule) + 1 + over)
			buf_add_byte(&text, '\n');
		buf_add_text(&text, rule);
		r = robots_parse(text.data, text.len);
		CHECK_INT(robots_allowed(r, "x", "/a", NULL), 0);
		CHECK_INT(robots_allowed(r, "x", "/bcd", NULL), over > 0);
		/* Nor what a cut has left of a line. */
		CHECK_INT(robots_allowed(r, "x", "/bc", NULL), 1);
		robots_free(r);
		buf_clear(&text);
	}
}

CASE(many_stars_are_matched_in_linear_time)
{
	struct buf text = { 0 };
	struct buf target = { 0 };

	buf_add_text(&text, "User-agent: *\nDisallow: /");
	for (int i = 0; i < 50000; i++)
		buf_add_text(&text, "*a");
	buf_add_text(&text, "*b");
	buf_add_byte(&target, '/');
	for (int i = 0; i < 1000000; i++)
		buf_add_byte(&target, 'a');
	CHECK_INT(ask(buf_text(&text), buf_text(&target), NULL), 1);
	buf_clear(&text);
	buf_clear(&target);
}

TESTS(T(the_longest_pattern_decides_and_allow_wins_a_tie),
    T(stars_match_anything_and_a_dollar_only_the_end),
    T(escapes_compare_by_what_they_mean), T(all_groups_of_our_token_are_merged),
    T(the_group_for_all_counts_only_when_none_names_us),
    T(lines_are_read_with_patience), T(the_file_itself_is_always_allowed),
    T(only_numbers_are_delays), T(what_lies_beyond_the_limit_is_not_read),
    T(many_stars_are_matched_in_linear_time))
