/* Pages that test limits and manners. */
#include "tests/site/odd.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/site/content.h"

static unsigned
count_of(const char *target, unsigned fallback)
{
	const char *n = strstr(target, "n=");

	return n == NULL ? fallback : (unsigned)strtoul(n + 2, NULL, 10);
}

static void
odd_nested(const char *target, struct buf *out)
{
	unsigned n = count_of(target, 20000);

	buf_add_text(out, "<!DOCTYPE html><title>nested</title>");
	for (unsigned i = 0; i < n; i++)
		buf_add_text(out, "<div>");
	buf_add_text(out, "<img src=\"/assets/deepest.png\" alt=\"\">");
}

static void
odd_images(const char *target, struct buf *out)
{
	unsigned n = count_of(target, 100);

	buf_add_text(out, "<!DOCTYPE html><title>pictures</title>");
	for (unsigned i = 0; i < n; i++)
		buf_format(out, "<img src=\"/assets/p%u.png\" alt=\"\">", i);
}

static void
odd_missing(struct buf *out)
{
	buf_add_text(out,
	    "<!DOCTYPE html><title>missing</title><h1>A picture is gone</h1>"
	    "<img src=\"/gone/picture.jpg\" alt=\"\">"
	    "<img src=\"/assets/there.png\" alt=\"\">");
}

static void
odd_broken(struct buf *out)
{
	buf_add_text(out,
	    "<!DOCTYPE html><title>broken<p><img src=/assets/broken1.png "
	    "</p></title><img src='/assets/broken2.png' alt=\"never closed>"
	    "<img src=/assets/broken3.png><table><tr><p><b><i></b>"
	    "<img src=\"/assets/broken4.png\" alt=x><!-- <img "
	    "src=/assets/no.png>");
}

void
odd_answer(const char *target, struct answer *out)
{
	const char *name = target + strlen("/odd/");
	size_t len = strcspn(name, "?");
	struct buf *b = out->body;

	if (text_equal_nocase(name, len, "nested"))
		odd_nested(target, b);
	else if (text_equal_nocase(name, len, "images"))
		odd_images(target, b);
	else if (text_equal_nocase(name, len, "missing"))
		odd_missing(b);
	else if (text_equal_nocase(name, len, "broken"))
		odd_broken(b);
	else if (text_equal_nocase(name, len, "windows-1256")) {
		out->type = "text/html; charset=windows-1256";
		buf_add_text(b,
		    "<!DOCTYPE html><title>\xc7\xe1\xe3\xed\xc7\xcf\xed\xe4"
		    "</title><img src=\"/assets/arabic.png\" alt=\"\">");
	} else if (text_equal_nocase(name, len, "latin1")) {
		buf_add_text(b, "<!DOCTYPE html><title>caf\xe9</title>"
				"<img src=\"/assets/latin.png\" alt=\"\">");
	} else if (text_equal_nocase(name, len, "empty")) {
		return;
	} else if (text_equal_nocase(name, len, "pdf")) {
		out->type = "application/pdf";
		buf_add_text(b, "%PDF-1.4\n% not much of one\n");
	} else if (text_equal_nocase(name, len, "picture")) {
		out->type = "image/png";
		picture_png(b, 16, 16, 1);
	} else if (text_equal_nocase(name, len, "plain")) {
		out->type = "text/plain";
		buf_add_text(b, "<img src=/assets/not-html.png>\n");
	} else if (text_equal_nocase(name, len, "to-article")) {
		out->status = 301;
		out->location = mem_text("/news/politics/story-1");
	} else if (text_equal_nocase(name, len, "hop")) {
		out->status = 302;
		out->location = mem_format(
		    "/odd/hop?n=%u", count_of(target, 0) + 1);
	} else if (text_equal_nocase(name, len, "uses-article")) {
		buf_add_text(b, "<!DOCTYPE html><title>uses</title>"
				"<img src=\"/odd/to-article\" alt=\"\">");
	} else if (text_equal_nocase(name, len, "spellings")) {
		buf_add_text(b, "<!DOCTYPE html><meta charset=utf-8>"
				"<title>spellings</title>"
				"<img src=\"/odd/picture?%d8%a7\" alt=\"\">"
				"<img src=\"/odd/picture?%D8%A7\" alt=\"\">"
				"<img src=\"/odd/picture?\xd8\xa7\" alt=\"\">");
	} else if (text_equal_nocase(name, len, "upper")) {
		/* Leads from one spelling to another. */
		if (strstr(name, "%d8") != NULL) {
			out->status = 301;
			out->location = mem_text("/odd/upper?%D8%A7");
		} else {
			buf_add_text(b, "<!DOCTYPE html><title>upper</title>");
		}
	} else {
		out->status = 404;
	}
}
