/* Which lines of a sorted index a question is about. */
#include "core/archive/index_range.h"

#include <string.h>

#include "core/archive/cdxj.h"

/* As pywb: the key, or a part of it, and the byte behind the last. */
static void
add_bounds(struct buf *start, struct buf *end, const char *key, size_t len,
    const char *first, const char *behind)
{
	buf_add(start, key, len);
	buf_add_text(start, first);
	buf_add(end, key, len);
	buf_add_text(end, behind);
}

/* Whatever begins so: the last byte and one. */
static void
add_prefix(struct buf *start, struct buf *end, const char *key, size_t len)
{
	buf_add(start, key, len);
	while (len > 0 && (uint8_t)key[len - 1] == 0xff)
		len--;
	buf_add(end, key, len);
	if (len > 0)
		end->data[end->len - 1]++;
}

void
index_range(
    const char *url, enum index_match match, struct buf *start, struct buf *end)
{
	struct buf key = { 0 };
	const char *text;
	size_t url_len = strlen(url);
	char last = url_len == 0 ? '\0' : url[url_len - 1];
	size_t host;

	cdxj_add_key(&key, url);
	/* The key of a page is without the mark that makes it a folder. */
	if (match == INDEX_PREFIX && (last == '/' || last == '?') &&
	    key.len > 0 && key.data[key.len - 1] != (uint8_t)last)
		buf_add_byte(&key, (uint8_t)last);
	text = buf_text(&key);
	host = strcspn(text, ")");
	/* What has no host has no pages below it. */
	if (match >= INDEX_HOST && text[host] == '\0')
		match = INDEX_EXACT;
	switch (match) {
	case INDEX_EXACT:
		add_bounds(start, end, text, key.len, " ", "!");
		break;
	case INDEX_PREFIX:
		add_prefix(start, end, text, key.len);
		break;
	case INDEX_HOST:
		add_bounds(start, end, text, host, ")/", "*");
		break;
	case INDEX_DOMAIN:
		/* A name without a dot is a top-level domain. */
		if (memchr(text, ',', host) == NULL)
			add_bounds(start, end, text, host, ",", "-");
		else
			add_bounds(start, end, text, host, ")/", "-");
		break;
	}
	buf_clear(&key);
}
