/* Character sets by the WHATWG Encoding standard, to UTF-8. */

#include "core/web/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include <uchardet/uchardet.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/web/charset_meta.h"
#include "core/web/charset_tables.h"

enum { GUESS_BYTES = 1024 * 1024, ICONV_ROOM = 4096, REPLACEMENT = 0xfffd };

enum kind {
	KIND_UTF8,
	KIND_TABLE_96, /* 0xa0 to 0xff; C1 controls below */
	KIND_TABLE_128,
	KIND_ICONV,
	KIND_BIG5,
	KIND_UTF16BE,
	KIND_UTF16LE,
	KIND_USER_DEFINED,
	KIND_REPLACEMENT,
};

static const char BIG5_PLAIN[] = "BIG5";

struct charset {
	const char *name;
	const char *labels; /* the others, in lower case */
	const char *iconv_name;
	const uint16_t *table;
	enum kind kind;
};

#define TABLE_96(n, l, values)                                                 \
	{                                                                      \
		.name = n, .labels = l, .kind = KIND_TABLE_96, .table = values \
	}
#define TABLE_128(n, l, values)                                 \
	{                                                       \
		.name = n, .labels = l, .kind = KIND_TABLE_128, \
		.table = values                                 \
	}
#define ICONV(n, l, glibc)                                  \
	{                                                   \
		.name = n, .labels = l, .kind = KIND_ICONV, \
		.iconv_name = glibc                         \
	}

/* Encoding standard, 4.2: names and labels. */
static const struct charset charsets[] = {
	{ .kind = KIND_UTF8,
	    .name = "utf-8",
	    .labels = "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 "
		      "utf8 x-unicode20utf8" },
	TABLE_128("ibm866", "866 cp866 csibm866", charset_ibm866),
	TABLE_96("iso-8859-2",
	    "csisolatin2 iso-ir-101 iso8859-2 iso88592 "
	    "iso_8859-2 iso_8859-2:1987 l2 latin2",
	    charset_iso_8859_2),
	TABLE_96("iso-8859-3",
	    "csisolatin3 iso-ir-109 iso8859-3 iso88593 "
	    "iso_8859-3 iso_8859-3:1988 l3 latin3",
	    charset_iso_8859_3),
	TABLE_96("iso-8859-4",
	    "csisolatin4 iso-ir-110 iso8859-4 iso88594 "
	    "iso_8859-4 iso_8859-4:1988 l4 latin4",
	    charset_iso_8859_4),
	TABLE_96("iso-8859-5",
	    "csisolatincyrillic cyrillic iso-ir-144 iso8859-5 "
	    "iso88595 iso_8859-5 iso_8859-5:1988",
	    charset_iso_8859_5),
	TABLE_96("iso-8859-6",
	    "arabic asmo-708 csiso88596e csiso88596i "
	    "csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i "
	    "iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
	    charset_iso_8859_6),
	TABLE_96("iso-8859-7",
	    "csisolatingreek ecma-118 elot_928 greek greek8 "
	    "iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 "
	    "sun_eu_greek",
	    charset_iso_8859_7),
	TABLE_96("iso-8859-8",
	    "csiso88598e csisolatinhebrew hebrew iso-8859-8-e "
	    "iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 "
	    "visual",
	    charset_iso_8859_8),
	TABLE_96("iso-8859-8-i", "csiso88598i logical", charset_iso_8859_8),
	TABLE_96("iso-8859-10",
	    "csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 "
	    "latin6",
	    charset_iso_8859_10),
	TABLE_96("iso-8859-13", "iso8859-13 iso885913", charset_iso_8859_13),
	TABLE_96("iso-8859-14", "iso8859-14 iso885914", charset_iso_8859_14),
	TABLE_96("iso-8859-15",
	    "csisolatin9 iso8859-15 iso885915 iso_8859-15 l9",
	    charset_iso_8859_15),
	TABLE_96("iso-8859-16", "", charset_iso_8859_16),
	TABLE_128("koi8-r", "cskoi8r koi koi8 koi8_r", charset_koi8_r),
	TABLE_128("koi8-u", "koi8-ru", charset_koi8_u),
	TABLE_128(
	    "macintosh", "csmacintosh mac x-mac-roman", charset_macintosh),
	TABLE_128("windows-874",
	    "dos-874 iso-8859-11 iso8859-11 iso885911 "
	    "tis-620",
	    charset_windows_874),
	TABLE_128("windows-1250", "cp1250 x-cp1250", charset_windows_1250),
	TABLE_128("windows-1251", "cp1251 x-cp1251", charset_windows_1251),
	TABLE_128("windows-1252",
	    "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 "
	    "ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
	    "iso_8859-1:1987 l1 latin1 us-ascii x-cp1252",
	    charset_windows_1252),
	TABLE_128("windows-1253", "cp1253 x-cp1253", charset_windows_1253),
	TABLE_128("windows-1254",
	    "cp1254 csisolatin5 iso-8859-9 iso-ir-148 "
	    "iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
	    "x-cp1254",
	    charset_windows_1254),
	TABLE_128("windows-1255", "cp1255 x-cp1255", charset_windows_1255),
	TABLE_128("windows-1256", "cp1256 x-cp1256", charset_windows_1256),
	TABLE_128("windows-1257", "cp1257 x-cp1257", charset_windows_1257),
	TABLE_128("windows-1258", "cp1258 x-cp1258", charset_windows_1258),
	TABLE_128("x-mac-cyrillic", "x-mac-ukrainian", charset_x_mac_cyrillic),
	ICONV("gbk",
	    "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 "
	    "gb_2312-80 iso-ir-58 x-gbk",
	    "GB18030"),
	ICONV("gb18030", "", "GB18030"),
	{ .name = "big5",
	    .labels = "big5-hkscs cn-big5 csbig5 x-x-big5",
	    .kind = KIND_BIG5,
	    .iconv_name = "BIG5-HKSCS" },
	ICONV("euc-jp", "cseucpkdfmtjapanese x-euc-jp", "EUC-JP-MS"),
	ICONV("iso-2022-jp", "csiso2022jp", "ISO-2022-JP"),
	ICONV("shift_jis",
	    "csshiftjis ms932 ms_kanji shift-jis sjis windows-31j "
	    "x-sjis",
	    "CP932"),
	ICONV("euc-kr",
	    "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 "
	    "ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
	    "UHC"),
	{ .kind = KIND_REPLACEMENT,
	    .name = "replacement",
	    .labels = "csiso2022kr hz-gb-2312 iso-2022-cn "
		      "iso-2022-cn-ext iso-2022-kr" },
	{ .kind = KIND_UTF16BE, .name = "utf-16be", .labels = "unicodefffe" },
	{ .kind = KIND_UTF16LE,
	    .name = "utf-16le",
	    .labels = "csunicode iso-10646-ucs-2 ucs-2 unicode "
		      "unicodefeff utf-16" },
	{ .kind = KIND_USER_DEFINED, .name = "x-user-defined", .labels = "" },
};

enum { CHARSETS = sizeof(charsets) / sizeof(charsets[0]) };

/* 1 when the LEN bytes of LABEL are WORD (lower case) in any case. */
static int
is_label(const char *word, size_t word_len, const char *label, size_t len)
{
	if (word_len != len)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (text_lower((unsigned char)label[i]) != word[i])
			return 0;
	return 1;
}

static int
has_label(const struct charset *c, const char *label, size_t len)
{
	if (is_label(c->name, strlen(c->name), label, len))
		return 1;
	for (const char *s = c->labels; *s != '\0';) {
		size_t n = strcspn(s, " ");

		if (is_label(s, n, label, len))
			return 1;
		s += n + (s[n] != '\0');
	}
	return 0;
}

static const struct charset *
find(const char *label, size_t len)
{
	while (len > 0 && text_is_space((unsigned char)*label)) {
		label++;
		len--;
	}
	while (len > 0 && text_is_space((unsigned char)label[len - 1]))
		len--;
	for (size_t i = 0; len > 0 && i < CHARSETS; i++)
		if (has_label(&charsets[i], label, len))
			return &charsets[i];
	return NULL;
}

const char *
charset_name(const char *label, size_t len)
{
	const struct charset *c = find(label, len);

	return c == NULL ? NULL : c->name;
}

static const char *
charset_of_bom(const uint8_t *p, size_t len)
{
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return "utf-8";
	if (len >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
		return "utf-16be";
	if (len >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
		return "utf-16le";
	return NULL;
}

static int
is_plain(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] >= 0x80 || p[i] == 0x1b)
			return 0;
	return 1;
}

/* uchardet's opinion, NULL when it has none that the standard knows. */
static const char *
guess(const uint8_t *p, size_t len)
{
	uchardet_t detector = uchardet_new();
	const char *name = NULL;

	if (len > GUESS_BYTES)
		len = GUESS_BYTES;
	if (uchardet_handle_data(detector, (const char *)p, len) == 0) {
		uchardet_data_end(detector);
		const char *label = uchardet_get_charset(detector);

		name = charset_name(label, strlen(label));
	}
	uchardet_delete(detector);
	return name;
}

const char *
charset_find(
    const uint8_t *p, size_t len, const char *header, const char **source)
{
	const char *name = charset_of_bom(p, len);

	*source = "bom";
	if (name != NULL)
		return name;
	*source = "header";
	name = charset_name(header, strlen(header));
	if (name != NULL)
		return name;
	*source = "meta";
	name = charset_meta(p, len);
	if (name != NULL)
		return name;
	*source = "guess";
	if (is_plain(p, len))
		name = NULL;
	else if (text_is_utf8(p, len))
		name = "utf-8";
	else
		name = guess(p, len);
	if (name != NULL)
		return name;
	*source = "default";
	return "windows-1252";
}

/* One byte, one code point. */
static size_t
decode_bytes(
    const struct charset *c, const uint8_t *p, size_t len, struct buf *out)
{
	uint8_t first = c->kind == KIND_TABLE_96 ? 0xa0 : 0x80;
	size_t bad = 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t cp = p[i];

		if (p[i] < 0x80) {
			buf_add_byte(out, p[i]);
			continue;
		}
		if (c->kind == KIND_USER_DEFINED)
			cp = 0xf780u + p[i] - 0x80u;
		else if (p[i] >= first)
			cp = c->table[p[i] - first];
		bad += cp == REPLACEMENT;
		text_utf8_add(out, cp);
	}
	return bad;
}

static size_t
decode_utf16(int big, const uint8_t *p, size_t len, struct buf *out)
{
	uint32_t high = 0;
	size_t bad = 0;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t unit = big ? (uint32_t)p[i] << 8 | p[i + 1]
				    : (uint32_t)p[i + 1] << 8 | p[i];
		int is_low = unit >= 0xdc00 && unit <= 0xdfff;

		if (high != 0 && is_low) {
			text_utf8_add(out,
			    0x10000 + ((high - 0xd800) << 10) + unit - 0xdc00);
			high = 0;
			continue;
		}
		if (high != 0 || is_low) {
			text_utf8_add(out, REPLACEMENT);
			bad++;
		}
		high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
		if (high == 0 && !is_low)
			text_utf8_add(out, unit);
	}
	if (high != 0 || len % 2 != 0) {
		text_utf8_add(out, REPLACEMENT);
		bad++;
	}
	return bad;
}

/* What the standard has for a byte at which glibc stops; 0 nothing. */
static uint32_t
beyond_iconv(const struct charset *c, uint8_t byte)
{
	if (byte == 0x80 && strcmp(c->iconv_name, "GB18030") == 0)
		return 0x20ac;
	if (byte == 0x80 && strcmp(c->iconv_name, "CP932") == 0)
		return 0x80;
	return 0;
}

static size_t
decode_iconv(
    const struct charset *c, const uint8_t *p, size_t len, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", c->iconv_name);
	char *in = (char *)(uintptr_t)p; /* iconv's prototype lacks const */
	size_t bad = 0;

	if (cd == (iconv_t)-1) /* no such module here: keep the ASCII */
		return text_add_clean(out, p, len);
	while (len > 0) {
		char *start = (char *)buf_room(out, ICONV_ROOM);
		char *to = start;
		size_t room = ICONV_ROOM;
		size_t n = iconv(cd, &in, &len, &to, &room);
		int why = n == (size_t)-1 ? errno : E2BIG;

		out->len += (size_t)(to - start);
		if (why == E2BIG)
			continue;
		uint32_t cp = beyond_iconv(c, (uint8_t)*in);

		text_utf8_add(out, cp != 0 ? cp : REPLACEMENT);
		bad += cp == 0;
		if (why == EINVAL) /* the text ends within a character */
			break;
		in++;
		len--;
	}
	buf_add(out, "", 0);
	(void)iconv_close(cd); /* nothing to do about a failure */
	return bad;
}

/* Two bytes by CD; 1 when they are a character there. */
static int
add_pair(iconv_t cd, const uint8_t *p, struct buf *out)
{
	char *in = (char *)(uintptr_t)p; /* iconv's prototype lacks const */
	size_t left = 2;
	char text[16];
	char *to = text;
	size_t room = sizeof(text);

	if (cd == (iconv_t)-1)
		return 0;
	(void)iconv(cd, NULL, NULL, NULL, NULL); /* back to the start */
	if (iconv(cd, &in, &left, &to, &room) == (size_t)-1 || left > 0)
		return 0;
	/* Characters that may combine are held back until here. */
	if (iconv(cd, NULL, NULL, &to, &room) == (size_t)-1)
		return 0;
	buf_add(out, text, (size_t)(to - text));
	return 1;
}

/* The standard's Big5 is glibc's in the rows of symbols (0xa1 to 0xa3) and
 * that of Hong Kong elsewhere; what one lacks, the other may have. */
static size_t
decode_big5(
    const struct charset *c, const uint8_t *p, size_t len, struct buf *out)
{
	iconv_t plain = iconv_open("UTF-8", BIG5_PLAIN);
	iconv_t more = iconv_open("UTF-8", c->iconv_name);
	size_t bad = 0;

	for (size_t i = 0; i < len; i++) {
		int symbol = p[i] >= 0xa1 && p[i] <= 0xa3;

		if (p[i] < 0x80) {
			buf_add_byte(out, p[i]);
		} else if (len - i > 1 &&
			   (add_pair(symbol ? plain : more, p + i, out) ||
			       add_pair(symbol ? more : plain, p + i, out))) {
			i++;
		} else {
			text_utf8_add(out, REPLACEMENT);
			bad++;
		}
	}
	if (more != (iconv_t)-1)
		(void)iconv_close(more); /* nothing to do about a failure */
	if (plain != (iconv_t)-1)
		(void)iconv_close(plain);
	return bad;
}

static size_t
bom_length(const struct charset *c, const uint8_t *p, size_t len)
{
	const char *name = charset_of_bom(p, len);

	if (name == NULL || strcmp(name, c->name) != 0)
		return 0;
	return c->kind == KIND_UTF8 ? 3 : 2;
}

size_t
charset_decode(const char *name, const uint8_t *p, size_t len, struct buf *out)
{
	const struct charset *c = find(name, strlen(name));

	if (c == NULL)
		c = &charsets[0];
	size_t bom = bom_length(c, p, len);

	if (bom > 0) { /* of nothing there may be no P */
		p += bom;
		len -= bom;
	}
	switch (c->kind) {
	case KIND_UTF8:
		return text_add_clean(out, p, len);
	case KIND_TABLE_96:
	case KIND_TABLE_128:
	case KIND_USER_DEFINED:
		return decode_bytes(c, p, len, out);
	case KIND_ICONV:
		return decode_iconv(c, p, len, out);
	case KIND_BIG5:
		return decode_big5(c, p, len, out);
	case KIND_UTF16BE:
	case KIND_UTF16LE:
		return decode_utf16(c->kind == KIND_UTF16BE, p, len, out);
	case KIND_REPLACEMENT:
		break;
	}
	/* Encoding standard, 14.1: one error for the whole text. */
	if (len == 0)
		return 0;
	text_utf8_add(out, REPLACEMENT);
	return 1;
}

void
charset_prepare(void)
{
	/* glibc drops a conversion's module soon after its last descriptor is
	 * closed, so one of each stays open for the life of the process. */
	static iconv_t kept[CHARSETS + 1];

	if (kept[CHARSETS] != NULL)
		return;
	for (size_t i = 0; i < CHARSETS; i++)
		if (charsets[i].iconv_name != NULL)
			kept[i] = iconv_open("UTF-8", charsets[i].iconv_name);
	kept[CHARSETS] = iconv_open("UTF-8", BIG5_PLAIN);
}
