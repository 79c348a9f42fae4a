/* The first holdfast.conf of a collection. */
#include <string.h>

#include "core/base/buf.h"
#include "core/collection/config.h"

enum { COMMENT_WIDTH = 76 };

/* What may be written where there is no default to show. */
static const struct {
	const char *name, *value;
} examples[] = {
	{ "operator", "Name of the archive" },
	{ "contact", "mailto:archive@example.org" },
	{ "user-agent", "holdfast/0.1 (+mailto:archive@example.org)" },
	{ "header", "Accept-Language: en" },
	{ "mask-header", "X-Subscriber" },
	{ "load-cookies", "cookies.txt" },
	{ "allow-address", "192.168.1.0/24" },
	{ "connect-to", "www.example.org:443:192.168.1.2:8443" },
	{ "ca-file", "/etc/ssl/certs/ca-certificates.crt" },
	{ "proxy", "http://proxy.example.org:3128" },
	{ "profile", "almayadeen-en" },
	{ "front", "https://english.almayadeen.net/ every 15m pages 1..2" },
	{ "feed", "https://english.almayadeen.net/rss every 30m" },
	{ "sitemap", "https://english.almayadeen.net/sitemaps/all.xml" },
	{ "include", "/news/" },
	{ "exclude", "/(live|search)/" },
	{ "cookie", "consent=yes; almayadeen.net" },
	{ "also", "tar" },
	{ "on-seal", "/usr/local/bin/after-seal" },
	{ "on-alarm", "/usr/local/bin/send-alarm" },
};

static const char *
shown_value(const struct setting *s)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (strcmp(examples[i].name, s->name) == 0)
			return examples[i].value;
	return s->fallback;
}

/* TEXT in lines that begin with "# ". */
static void
add_comment(struct buf *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column == 0 || column + 1 + word > COMMENT_WIDTH) {
			buf_format(out, "%s# ", column == 0 ? "" : "\n");
			column = 2;
		} else {
			buf_add_byte(out, ' ');
			column++;
		}
		buf_add(out, text, word);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	buf_add_byte(out, '\n');
}

static void
add_setting(struct buf *out, const struct setting *s)
{
	buf_add_byte(out, '\n');
	add_comment(out, s->help);
	buf_format(out, "#%.*s = %s\n", (int)strcspn(s->name, ":"), s->name,
	    shown_value(s));
}

static void
add_person(struct buf *out, const char *key, const char *value)
{
	const struct setting *s = setting_table;

	while (strcmp(s->name, key) != 0)
		s++;
	if (value[0] == '\0') {
		add_setting(out, s);
		return;
	}
	buf_add_byte(out, '\n');
	add_comment(out, s->help);
	buf_format(out, "%s = %s\n", key, value);
}

static void
add_head(struct buf *out, const struct config_start *start)
{
	add_comment(out,
	    "holdfast.conf: settings of this collection. Keys are the names "
	    "of the options, where there is one; what is given on the "
	    "command line wins. Lines that begin with \"#\" are comments: "
	    "take the \"#\" away to change a setting. See also "
	    "holdfast.conf(5), and: holdfast config check.");
	add_person(out, "operator", start->operator);
	add_person(out, "contact", start->contact);
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if ((s->use & USE_FILE) && !(s->use & USE_INIT))
			add_setting(out, s);
}

/* The keys of a section, as comments. */
static void
add_site_keys(struct buf *out, int with_profile)
{
	for (const struct setting *s = setting_table; s->name != NULL; s++)
		if ((s->use & USE_SITE) && !(s->use & USE_FILE) &&
		    (with_profile || strcmp(s->name, "profile") != 0))
			add_setting(out, s);
}

void
config_write_file(struct buf *out, const struct config_start *start)
{
	add_head(out, start);
	buf_add_byte(out, '\n');
	add_comment(out,
	    "Each site that \"holdfast run\" looks after has a section. In it "
	    "may stand what follows, and whatever above is said of requests, "
	    "times and what is kept: then it holds for this site alone. Where "
	    "it names no fronts, no feeds or no sitemaps, those of its profile "
	    "are taken.");
	if (start->sites[0] == NULL) {
		buf_add_text(out, "\n#[site almayadeen-en]\n");
		add_site_keys(out, 1);
	}
	for (size_t i = 0; start->sites[i] != NULL; i++) {
		buf_format(out, "\n[site %s]\nprofile = %s\n", start->sites[i],
		    start->sites[i]);
		if (i == 0)
			add_site_keys(out, 0);
	}
}
