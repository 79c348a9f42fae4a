/* Hosts of URLs: domains, IPv4 and IPv6 addresses, opaque hosts. */
#include "core/web/url_host.h"

#include <arpa/inet.h>
#include <string.h>

#include <idn2.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/web/url.h"

enum { IPV6_PIECES = 8, IPV6_TEXT_MAX = 45 };

static const char forbidden_in_host[] = "\t\n\r #/:<>?@[\\]^|";

static int
is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return 0;
	return 1;
}

/* The bytes of the dot at S, or 0: UTS 46 knows four dots. */
static size_t
dot_bytes(const char *s, size_t len)
{
	if (s[0] == '.')
		return 1;
	if (len >= 3 && (memcmp(s, "\xE3\x80\x82", 3) == 0 ||    /* U+3002 */
			    memcmp(s, "\xEF\xBC\x8E", 3) == 0 || /* U+FF0E */
			    memcmp(s, "\xEF\xBD\xA1", 3) == 0))  /* U+FF61 */
		return 3;
	return 0;
}

/*
 * One label of a domain that is not all ASCII. Plain labels bypass libidn2,
 * which would refuse hyphens and lengths that the URL standard lets pass.
 */
static int
add_label(struct buf *out, const char *s, size_t len)
{
	struct buf label = { 0 };
	uint8_t *ascii = NULL;
	int rc = 0;

	if (is_ascii(s, len) && (len < 4 || !text_equal_nocase(s, 4, "xn--"))) {
		for (size_t i = 0; i < len; i++)
			buf_add_byte(out, (uint8_t)text_lower(s[i]));
		return 1;
	}
	for (size_t i = 0; i < len; i++) {
		/* U+1E9E is U+00DF since Unicode 15.1; libidn2 has "ss". */
		if (len - i >= 3 && memcmp(s + i, "\xE1\xBA\x9E", 3) == 0) {
			buf_add_text(&label, "\xC3\x9F");
			i += 2;
		} else {
			buf_add_byte(&label, (uint8_t)s[i]);
		}
	}
	if (idn2_lookup_u8((const uint8_t *)buf_text(&label), &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		buf_add_text(out, (const char *)ascii);
		rc = 1;
	}
	idn2_free(ascii);
	buf_clear(&label);
	return rc;
}

static int
add_labels(struct buf *out, const char *s, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i < len;) {
		size_t dot = dot_bytes(s + i, len - i);

		if (dot == 0) {
			i++;
			continue;
		}
		if (!add_label(out, s + start, i - start))
			return 0;
		buf_add_byte(out, '.');
		i += dot;
		start = i;
	}
	return add_label(out, s + start, len - start);
}

int
url_host_add_ascii(struct buf *out, const char *s, size_t len)
{
	size_t before = out->len;

	if (is_ascii(s, len)) {
		buf_add(out, s, len);
		for (size_t i = before; i < out->len; i++)
			out->data[i] = (uint8_t)text_lower(out->data[i]);
		return 1;
	}
	if (memchr(s, '\0', len) == NULL && text_is_utf8(s, len) &&
	    add_labels(out, s, len))
		return 1;
	buf_cut(out, before);
	return 0;
}

/* One part of an IPv4 address; more than 32 bits stay "more than". */
static int
ipv4_number(const char *s, size_t len, uint64_t *value)
{
	unsigned base = 10;

	if (len == 0)
		return 0;
	if (len >= 2 && s[0] == '0' && text_lower(s[1]) == 'x') {
		base = 16;
		s += 2;
		len -= 2;
	} else if (len >= 2 && s[0] == '0') {
		base = 8;
		s++;
		len--;
	}
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		int c = text_lower((unsigned char)s[i]);
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else
			return 0;
		if (digit >= base)
			return 0;
		if (*value <= UINT32_MAX)
			*value = *value * base + digit;
	}
	return 1;
}

/* Without the one final dot that addresses may have. */
static size_t
without_last_dot(const char *s, size_t len)
{
	return len > 1 && s[len - 1] == '.' ? len - 1 : len;
}

/* WHATWG URL, "ends in a number checker". */
static int
ends_in_number(const char *s, size_t len)
{
	const char *dot;
	uint64_t ignored;
	int is_digits = 1;

	len = without_last_dot(s, len);
	dot = memrchr(s, '.', len);
	if (dot != NULL) {
		len -= (size_t)(dot + 1 - s);
		s = dot + 1;
	}
	if (len == 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			is_digits = 0;
	return is_digits || ipv4_number(s, len, &ignored);
}

int
url_host_ipv4(const char *s, size_t len, unsigned *address)
{
	uint64_t parts[4];
	uint64_t sum = 0;
	size_t count = 0;

	len = without_last_dot(s, len);
	for (;;) {
		const char *dot = memchr(s, '.', len);
		size_t part = dot == NULL ? len : (size_t)(dot - s);

		if (count == 4 || !ipv4_number(s, part, &parts[count]))
			return 0;
		count++;
		if (dot == NULL)
			break;
		s += part + 1;
		len -= part + 1;
	}
	/* All but the last are bytes; the last fills what is left. */
	for (size_t i = 0; i + 1 < count; i++) {
		if (parts[i] > 255)
			return 0;
		sum += parts[i] << (8 * (3 - i));
	}
	if (parts[count - 1] >= 1ull << (8 * (5 - count)))
		return 0;
	*address = (unsigned)(sum + parts[count - 1]);
	return 1;
}

/* The longest run of at least two zero pieces; 0 length when none. */
static size_t
longest_zero_run(const unsigned *pieces, size_t *length)
{
	size_t best = 0;
	size_t i = 0;

	*length = 1;
	while (i < IPV6_PIECES) {
		size_t end = i;

		while (end < IPV6_PIECES && pieces[end] == 0)
			end++;
		if (end - i > *length) {
			best = i;
			*length = end - i;
		}
		i = end + 1;
	}
	if (*length == 1)
		*length = 0;
	return best;
}

/* S is "[...]". WHATWG URL, 3.5 "IPv6 serializer". */
static int
add_ipv6(struct buf *out, const char *s, size_t len)
{
	char text[IPV6_TEXT_MAX + 1];
	unsigned char raw[2 * IPV6_PIECES];
	unsigned pieces[IPV6_PIECES];
	size_t run_len;
	size_t run;

	if (s[len - 1] != ']' || len - 2 > IPV6_TEXT_MAX ||
	    memchr(s, '\0', len) != NULL)
		return 0;
	memcpy(text, s + 1, len - 2);
	text[len - 2] = '\0';
	if (inet_pton(AF_INET6, text, raw) != 1)
		return 0;
	for (size_t i = 0; i < IPV6_PIECES; i++)
		pieces[i] = (unsigned)raw[2 * i] << 8 | raw[2 * i + 1];
	run = longest_zero_run(pieces, &run_len);
	buf_add_byte(out, '[');
	for (size_t i = 0; i < IPV6_PIECES; i++) {
		if (run_len > 0 && i == run) {
			buf_add_text(out, "::");
			i += run_len - 1;
			continue;
		}
		buf_format(out, "%s%x",
		    i == 0 || (run_len > 0 && i == run + run_len) ? "" : ":",
		    pieces[i]);
	}
	buf_add_byte(out, ']');
	return 1;
}

static int
add_opaque(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] == '\0' || strchr(forbidden_in_host, s[i]) != NULL)
			return 0;
	url_add_escaped(out, s, len, "");
	return 1;
}

/* ASCII is the domain as converted. */
static int
add_domain(struct buf *out, const char *ascii, size_t len, struct error *e)
{
	unsigned v4;

	if (len == 0)
		return error_set(e, ERROR_INPUT, "URL: empty host");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)ascii[i];

		if (c <= 0x1F || c == '%' || c >= 0x7F ||
		    strchr(forbidden_in_host, c) != NULL)
			return error_set(e, ERROR_INPUT,
			    "URL: character 0x%02x in the host", c);
	}
	if (!ends_in_number(ascii, len)) {
		buf_add(out, ascii, len);
		return 0;
	}
	if (!url_host_ipv4(ascii, len, &v4))
		return error_set(
		    e, ERROR_INPUT, "URL: host is not an IPv4 address");
	buf_format(out, "%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255,
	    v4 & 255);
	return 0;
}

int
url_host_add(
    struct buf *out, const char *s, size_t len, int is_special, struct error *e)
{
	struct buf decoded = { 0 };
	struct buf ascii = { 0 };
	int rc = -1;

	if (len > 0 && s[0] == '[') {
		if (!add_ipv6(out, s, len))
			return error_set(
			    e, ERROR_INPUT, "URL: host is not an IPv6 address");
		return 0;
	}
	if (!is_special) {
		if (!add_opaque(out, s, len))
			return error_set(
			    e, ERROR_INPUT, "URL: forbidden character in host");
		return 0;
	}
	url_add_percent_decoded(&decoded, s, len);
	if (!url_host_add_ascii(&ascii, buf_text(&decoded), decoded.len)) {
		error_set(e, ERROR_INPUT, "URL: host is no domain name");
		goto done;
	}
	rc = add_domain(out, buf_text(&ascii), ascii.len, e);
done:
	buf_clear(&decoded);
	buf_clear(&ascii);
	return rc;
}
