/* What bytes are by their first ones, and how large a picture is. */
#include "core/web/decode.h"

#include <string.h>

#include "core/base/text.h"

/* Text is looked at this far: behind comments may stand the first tag. */
enum { SNIFF_TEXT_BYTES = 64 * 1024 };

#define OTHER "application/octet-stream"

struct magic {
	const char *bytes;
	size_t len;
	size_t at;
	const char *type;
};

#define M(bytes, at, type)                         \
	{                                          \
		bytes, sizeof(bytes) - 1, at, type \
	}

static const struct magic magics[] = {
	M("\xff\xd8\xff", 0, "image/jpeg"),
	M("\x89PNG\r\n\x1a\n", 0, "image/png"),
	M("GIF87a", 0, "image/gif"),
	M("GIF89a", 0, "image/gif"),
	M("WEBPVP8", 8, "image/webp"),
	M("WAVE", 8, "audio/wav"),
	M("AVI ", 8, "video/x-msvideo"),
	M("\0\0\1\0", 0, "image/vnd.microsoft.icon"),
	M("II*\0", 0, "image/tiff"),
	M("MM\0*", 0, "image/tiff"),
	M("\xff\x0a", 0, "image/jxl"),
	M("\0\0\0\x0cJXL \r\n\x87\n", 0, "image/jxl"),
	M("%PDF-", 0, "application/pdf"),
	M("\x1f\x8b\x08", 0, "application/gzip"),
	M("PK\3\4", 0, "application/zip"),
	M("OggS", 0, "application/ogg"),
	M("ID3", 0, "audio/mpeg"),
	M("\xff\xfb", 0, "audio/mpeg"),
	M("wOF2", 0, "font/woff2"),
	M("wOFF", 0, "font/woff"),
};

/* Brands of ISO base media files (ISO/IEC 14496-12, 4.3). */
static const struct magic brands[] = {
	M("avif", 8, "image/avif"),
	M("avis", 8, "image/avif"),
	M("heic", 8, "image/heic"),
	M("heix", 8, "image/heic"),
	M("mif1", 8, "image/heif"),
	M("M4A ", 8, "audio/mp4"),
	M("qt  ", 8, "video/quicktime"),
	M("", 8, "video/mp4"),
};

/* First elements, in any case; a name ends at a blank, "/" or ">". */
static const struct {
	const char *name;
	const char *type;
} tags[] = {
	{ "html", "text/html" },
	{ "head", "text/html" },
	{ "body", "text/html" },
	{ "title", "text/html" },
	{ "meta", "text/html" },
	{ "link", "text/html" },
	{ "script", "text/html" },
	{ "style", "text/html" },
	{ "div", "text/html" },
	{ "table", "text/html" },
	{ "iframe", "text/html" },
	{ "img", "text/html" },
	{ "span", "text/html" },
	{ "font", "text/html" },
	{ "center", "text/html" },
	{ "h1", "text/html" },
	{ "h2", "text/html" },
	{ "p", "text/html" },
	{ "a", "text/html" },
	{ "b", "text/html" },
	{ "br", "text/html" },
	{ "svg", "image/svg+xml" },
	{ "rss", "application/rss+xml" },
	{ "feed", "application/atom+xml" },
	{ "rdf:rdf", "application/rdf+xml" },
	{ "urlset", "application/xml" },
	{ "sitemapindex", "application/xml" },
};

static const char *
magic_find(const struct magic *list, size_t count, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (len >= list[i].at + list[i].len &&
		    memcmp(p + list[i].at, list[i].bytes, list[i].len) == 0)
			return list[i].type;
	return NULL;
}

/* Kinds that one run of bytes does not tell. NULL when none. */
static const char *
sniff_binary(const uint8_t *p, size_t len)
{
	size_t head = len < 64 ? len : 64;

	if (len >= 12 && memcmp(p + 4, "ftyp", 4) == 0)
		return magic_find(
		    brands, sizeof(brands) / sizeof(brands[0]), p, len);
	if (len >= 4 && memcmp(p, "\x1a\x45\xdf\xa3", 4) == 0)
		return memmem(p, head, "webm", 4) != NULL ? "video/webm"
							  : "video/x-matroska";
	if (len >= 26 && memcmp(p, "BM", 2) == 0 &&
	    memcmp(p + 6, "\0\0\0", 4) == 0)
		return "image/bmp";
	return magic_find(magics, sizeof(magics) / sizeof(magics[0]), p, len);
}

static size_t
skip_space(const uint8_t *p, size_t len, size_t at)
{
	while (at < len && text_is_space(p[at]))
		at++;
	return at;
}

static int
starts(const uint8_t *p, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return len - at >= n &&
	       text_equal_nocase((const char *)p + at, n, word);
}

/* Behind WORD, from AT on; LEN when it does not come. */
static size_t
skip_past(const uint8_t *p, size_t len, size_t at, const char *word)
{
	const uint8_t *end = memmem(p + at, len - at, word, strlen(word));

	return end == NULL ? len : (size_t)(end - p) + strlen(word);
}

/* The first element's name is at AT. */
static const char *
sniff_tag(const uint8_t *p, size_t len, size_t at, int xml)
{
	size_t n = 0;

	while (at + n < len && n < 32 && p[at + n] != '>' && p[at + n] != '/' &&
	       !text_is_space(p[at + n]))
		n++;
	if (at + n == len)
		return xml ? "application/xml" : NULL;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!text_equal_nocase((const char *)p + at, n, tags[i].name))
			continue;
		if (xml && strcmp(tags[i].type, "text/html") == 0)
			return strcmp(tags[i].name, "html") == 0
				   ? "application/xhtml+xml"
				   : "application/xml";
		return tags[i].type;
	}
	return xml ? "application/xml" : NULL;
}

/* HTML, XML and their kin by the first tag. NULL when it is none of them. */
static const char *
sniff_markup(const uint8_t *p, size_t len, size_t at)
{
	int xml = 0;

	for (;;) {
		at = skip_space(p, len, at);
		if (at == len || p[at] != '<')
			return xml ? "application/xml" : NULL;
		if (starts(p, len, at, "<!--"))
			at = skip_past(p, len, at + 4, "-->");
		else if (starts(p, len, at, "<!doctype html"))
			return xml ? "application/xhtml+xml" : "text/html";
		else if (starts(p, len, at, "<!doctype"))
			at = skip_past(p, len, at, ">");
		else if (starts(p, len, at, "<?")) {
			xml |= starts(p, len, at, "<?xml");
			at = skip_past(p, len, at, "?>");
		} else
			return sniff_tag(p, len, at + 1, xml);
	}
}

static const char *
sniff_json(const uint8_t *p, size_t len, size_t at)
{
	int open;
	size_t next;

	at = skip_space(p, len, at);
	if (at == len || (p[at] != '{' && p[at] != '['))
		return NULL;
	open = p[at];
	next = skip_space(p, len, at + 1);
	if (next == len)
		return NULL;
	if (open == '{')
		return p[next] == '"' || p[next] == '}' ? "application/json"
							: NULL;
	return strchr("{[]\"-0123456789tfn", p[next]) != NULL && p[next] != 0
		   ? "application/json"
		   : NULL;
}

const char *
decode_sniff(const uint8_t *p, size_t len)
{
	const char *type;
	size_t at = 0;

	if (len == 0)
		return OTHER;
	type = sniff_binary(p, len);
	if (type != NULL)
		return type;
	if (len > SNIFF_TEXT_BYTES)
		len = SNIFF_TEXT_BYTES;
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	type = sniff_markup(p, len, at);
	if (type == NULL)
		type = sniff_json(p, len, at);
	return type == NULL ? OTHER : type;
}

/* --- size of pictures -------------------------------------------------- */

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned
be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static unsigned
le16(const uint8_t *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

static unsigned
le24(const uint8_t *p)
{
	return (unsigned)p[2] << 16 | le16(p);
}

/* RFC 9649, 2.5 to 2.7. */
static int
webp_size(const uint8_t *p, size_t len, unsigned *width, unsigned *height)
{
	if (len < 30)
		return 0;
	switch (p[15]) {
	case ' ': /* lossy: RFC 6386, 9.1 */
		if (memcmp(p + 23, "\x9d\x01\x2a", 3) != 0)
			return 0;
		*width = le16(p + 26) & 0x3fff;
		*height = le16(p + 28) & 0x3fff;
		return 1;
	case 'L':
		if (p[20] != 0x2f)
			return 0;
		*width = (le16(p + 21) & 0x3fff) + 1;
		*height = ((le24(p + 22) >> 6) & 0x3fff) + 1;
		return 1;
	case 'X':
		*width = le24(p + 24) + 1;
		*height = le24(p + 27) + 1;
		return 1;
	default:
		return 0;
	}
}

/* ITU-T T.81, B.2.2: the first frame header. */
static int
jpeg_size(const uint8_t *p, size_t len, unsigned *width, unsigned *height)
{
	size_t at = 2;

	while (at + 9 <= len) {
		unsigned marker = p[at + 1];

		if (p[at] != 0xff)
			return 0;
		if (marker == 0xff) { /* fill byte */
			at++;
			continue;
		}
		if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
			at += 2;
			continue;
		}
		if (marker == 0xd9 || marker == 0xda)
			return 0;
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
		    marker != 0xc8 && marker != 0xcc) {
			*height = be16(p + at + 5);
			*width = be16(p + at + 7);
			return 1;
		}
		if (be16(p + at + 2) < 2)
			return 0;
		at += 2 + be16(p + at + 2);
	}
	return 0;
}

int
decode_image_size(
    const uint8_t *p, size_t len, unsigned *width, unsigned *height)
{
	unsigned w = 0;
	unsigned h = 0;

	if (len >= 24 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0 &&
	    memcmp(p + 12, "IHDR", 4) == 0) {
		w = be32(p + 16);
		h = be32(p + 20);
	} else if (len >= 10 && (memcmp(p, "GIF87a", 6) == 0 ||
				    memcmp(p, "GIF89a", 6) == 0)) {
		w = le16(p + 6);
		h = le16(p + 8);
	} else if (len >= 16 && memcmp(p, "RIFF", 4) == 0 &&
		   memcmp(p + 8, "WEBPVP8", 7) == 0) {
		if (!webp_size(p, len, &w, &h))
			return 0;
	} else if (len >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0) {
		if (!jpeg_size(p, len, &w, &h))
			return 0;
	}
	if (w == 0 || h == 0 || w > INT32_MAX || h > INT32_MAX)
		return 0;
	*width = w;
	*height = h;
	return 1;
}
