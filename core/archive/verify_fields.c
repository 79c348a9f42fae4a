/* Rules that the named fields of a record can break (WARC 1.1, 4 and 5). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/archive/verify_state.h"
#include "core/base/arena.h"
#include "core/base/date.h"
#include "core/base/text.h"

/*
 * The table of WARC 1.1, 5: one letter for each type in the order of enum
 * record_type. M mandatory, o allowed, - forbidden, n no meaning (no
 * well-defined payload), S should be there if the block is not empty.
 */
static const struct field_rule {
	const char *name;
	const char *types;
} field_rules[FIELD_COUNT] = {
	[FIELD_TYPE] = { "WARC-Type", "MMMMMMMM" },
	[FIELD_RECORD_ID] = { "WARC-Record-ID", "MMMMMMMM" },
	[FIELD_DATE] = { "WARC-Date", "MMMMMMMM" },
	[FIELD_CONTENT_LENGTH] = { "Content-Length", "MMMMMMMM" },
	[FIELD_CONTENT_TYPE] = { "Content-Type", "SSSSSSSo" },
	[FIELD_TARGET_URI] = { "WARC-Target-URI", "-MMMoMMM" },
	[FIELD_CONCURRENT_TO] = { "WARC-Concurrent-To", "-ooooo--" },
	[FIELD_REFERS_TO] = { "WARC-Refers-To", "----ooo-" },
	[FIELD_REFERS_TO_TARGET_URI] = { "WARC-Refers-To-Target-URI",
	    "-----o--" },
	[FIELD_REFERS_TO_DATE] = { "WARC-Refers-To-Date", "-----o--" },
	[FIELD_IP_ADDRESS] = { "WARC-IP-Address", "-ooooo--" },
	[FIELD_BLOCK_DIGEST] = { "WARC-Block-Digest", "oooooooo" },
	[FIELD_PAYLOAD_DIGEST] = { "WARC-Payload-Digest", "nooonooo" },
	[FIELD_IDENTIFIED_PAYLOAD_TYPE] = { "WARC-Identified-Payload-Type",
	    "nooonooo" },
	[FIELD_WARCINFO_ID] = { "WARC-Warcinfo-ID", "-ooooooo" },
	[FIELD_FILENAME] = { "WARC-Filename", "o-------" },
	[FIELD_PROFILE] = { "WARC-Profile", "nnnnnMnn" },
	[FIELD_TRUNCATED] = { "WARC-Truncated", "oooooooo" },
	[FIELD_SEGMENT_NUMBER] = { "WARC-Segment-Number", "oooooooM" },
	[FIELD_SEGMENT_ORIGIN_ID] = { "WARC-Segment-Origin-ID", "-------M" },
	[FIELD_SEGMENT_TOTAL_LENGTH] = { "WARC-Segment-Total-Length",
	    "-------o" },
	[FIELD_PROTOCOL] = { "WARC-Protocol", "oooooooo" },
};

/* Types of ARC records come from no field (ARC 1.0). */
static int
is_arc(const struct verifier *v)
{
	return strncmp(v->record->version, "ARC/", 4) == 0;
}

/* NAME has LEN bytes, as those of A and B. */
static inline enum verify_field
one_of(const char *name, size_t len, enum verify_field a)
{
	/* Nearly all are spelled as in the standard. */
	return memcmp(name, field_rules[a].name, len) == 0 ||
		       strcasecmp(name, field_rules[a].name) == 0
		   ? a
		   : FIELD_UNKNOWN;
}

static inline enum verify_field
either(const char *name, size_t len, enum verify_field a, enum verify_field b)
{
	if (memcmp(name, field_rules[b].name, len) == 0)
		return b;
	return one_of(name, len, a) == a ? a : one_of(name, len, b);
}

/* By length first: hardly two are equally long. */
static enum verify_field
field_of(const char *name)
{
	switch (strlen(name)) {
	case 9:
		return either(name, 9, FIELD_TYPE, FIELD_DATE);
	case 12:
		return either(name, 12, FIELD_CONTENT_TYPE, FIELD_PROFILE);
	case 13:
		return either(name, 13, FIELD_FILENAME, FIELD_PROTOCOL);
	case 14:
		if (name[0] == 'C' || name[0] == 'c')
			return one_of(name, 14, FIELD_CONTENT_LENGTH);
		return name[5] == 'T' || name[5] == 't'
			   ? one_of(name, 14, FIELD_TRUNCATED)
			   : either(name, 14, FIELD_RECORD_ID, FIELD_REFERS_TO);
	case 15:
		return either(name, 15, FIELD_TARGET_URI, FIELD_IP_ADDRESS);
	case 16:
		return one_of(name, 16, FIELD_WARCINFO_ID);
	case 17:
		return one_of(name, 17, FIELD_BLOCK_DIGEST);
	case 18:
		return one_of(name, 18, FIELD_CONCURRENT_TO);
	case 19:
		return name[5] == 'P' || name[5] == 'p'
			   ? one_of(name, 19, FIELD_PAYLOAD_DIGEST)
			   : either(name, 19, FIELD_REFERS_TO_DATE,
				 FIELD_SEGMENT_NUMBER);
	case 22:
		return one_of(name, 22, FIELD_SEGMENT_ORIGIN_ID);
	case 25:
		return either(name, 25, FIELD_REFERS_TO_TARGET_URI,
		    FIELD_SEGMENT_TOTAL_LENGTH);
	case 28:
		return one_of(name, 28, FIELD_IDENTIFIED_PAYLOAD_TYPE);
	default:
		return FIELD_UNKNOWN;
	}
}

static enum verify_field
field_at(const struct verifier *v, size_t i)
{
	return i < VERIFY_KNOWN ? (enum verify_field)v->known[i]
				: field_of(v->record->fields[i].name);
}

static enum record_type
type_of(const char *name)
{
	if (name == NULL)
		return RECORD_OTHER;
	if (strcmp(name, "response") == 0)
		return RECORD_RESPONSE;
	for (int t = 0; t < RECORD_OTHER; t++)
		if (strcmp(name, record_type_name(t)) == 0)
			return (enum record_type)t;
	for (int t = 0; t < RECORD_OTHER; t++)
		if (strcasecmp(name, record_type_name(t)) == 0)
			return (enum record_type)t;
	return RECORD_OTHER;
}

void
verify_fields_find(struct verifier *v)
{
	v->present = v->repeated = 0;
	memset(v->fields, 0, sizeof(v->fields));
	for (size_t i = 0; i < v->record->field_count; i++) {
		const struct record_field *f = &v->record->fields[i];
		enum verify_field known = field_of(f->name);

		if (i < VERIFY_KNOWN)
			v->known[i] = (uint8_t)known;
		if (known == FIELD_UNKNOWN)
			continue;
		if (v->present & 1u << known)
			v->repeated |= 1u << known;
		else
			v->fields[known] = f->value;
		v->present |= 1u << known;
	}
	v->type = type_of(v->fields[FIELD_TYPE]);
}

/* Of a type that nobody knows only what all types share is known. */
static char
rule_letter(const struct field_rule *rule, enum record_type type)
{
	if (type != RECORD_OTHER)
		return rule->types[type];
	return strcmp(rule->types, "MMMMMMMM") == 0 ? 'M' : 'o';
}

static void
say_matrix(struct verifier *v)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field_rule *rule = &field_rules[i];
		char letter = rule_letter(rule, v->type);
		int there = (v->present & 1u << i) != 0;

		if (!there && letter == 'M')
			verify_say(v, SEVERITY_WARNING, "field-missing",
			    "%s is missing", rule->name);
		else if (!there && letter == 'S' && v->now.block_len > 0)
			verify_say(v, SEVERITY_NOTE, "field-missing",
			    "%s is missing", rule->name);
		else if (there && letter == '-')
			verify_say(v, SEVERITY_WARNING, "field-forbidden",
			    "%s is forbidden in a %s record", rule->name,
			    record_type_name(v->type));
		else if (there && letter == 'n')
			verify_say(v, SEVERITY_NOTE, "field-forbidden",
			    "%s has no meaning in a %s record", rule->name,
			    record_type_name(v->type));
	}
}

static void
check_matrix(struct verifier *v)
{
	const uint32_t always = 1u << FIELD_TYPE | 1u << FIELD_RECORD_ID |
				1u << FIELD_DATE | 1u << FIELD_CONTENT_LENGTH |
				1u << FIELD_CONTENT_TYPE;
	const uint32_t harmless = always | 1u << FIELD_TARGET_URI |
				  1u << FIELD_BLOCK_DIGEST |
				  1u << FIELD_PAYLOAD_DIGEST |
				  1u << FIELD_IP_ADDRESS |
				  1u << FIELD_WARCINFO_ID |
				  1u << FIELD_CONCURRENT_TO |
				  1u << FIELD_IDENTIFIED_PAYLOAD_TYPE |
				  1u << FIELD_PROTOCOL | 1u << FIELD_TRUNCATED;
	int usual = v->type == RECORD_RESPONSE || v->type == RECORD_REQUEST ||
		    v->type == RECORD_RESOURCE;

	/* Most records need no table. */
	if (!usual || (v->present & always) != always ||
	    (v->present & 1u << FIELD_TARGET_URI) == 0 ||
	    (v->present & ~harmless) != 0)
		say_matrix(v);
	if (v->type == RECORD_OTHER && v->now.type[0] != '\0')
		verify_say(v, SEVERITY_NOTE, "type",
		    "record type is unknown: %.40s", v->now.type);
}

static int
by_name(const void *a, const void *b)
{
	const struct record_field *x = a;
	const struct record_field *y = b;

	return strcasecmp(x->name, y->name);
}

/* Fields of no known name, sorted. */
static void
check_unknown_duplicates(struct verifier *v)
{
	struct record_field *sorted = arena_alloc(
	    v->arena, v->record->field_count * sizeof(*sorted));
	size_t n = 0;

	for (size_t i = 0; i < v->record->field_count; i++)
		if (field_at(v, i) == FIELD_UNKNOWN)
			sorted[n++] = v->record->fields[i];
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < n; i++) {
		const char *name = sorted[i].name;

		if (strcasecmp(name, sorted[i - 1].name) != 0 ||
		    (i > 1 && strcasecmp(name, sorted[i - 2].name) == 0))
			continue;
		verify_say(v, SEVERITY_NOTE, "field-duplicate",
		    "%.60s stands more than once", name);
	}
}

static void
check_duplicates(struct verifier *v, size_t unknown)
{
	const uint32_t may_repeat = 1u << FIELD_CONCURRENT_TO |
				    1u << FIELD_PROTOCOL;
	uint32_t repeated = v->repeated & ~may_repeat;

	for (size_t i = 0; repeated != 0 && i < FIELD_COUNT; i++)
		if (repeated & 1u << i)
			verify_say(v, SEVERITY_WARNING, "field-duplicate",
			    "%s stands more than once", field_rules[i].name);
	if (unknown > 1)
		check_unknown_duplicates(v);
}

/* Token characters of WARC 1.1, 4. */
static int
is_token(const char *s)
{
	if (*s == '\0')
		return 0;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f ||
		    strchr("()<>@,;:\\\"/[]?={}", *s) != NULL)
			return 0;
	return 1;
}

static int
is_ascii(const char *s, size_t len)
{
	uint64_t high = 0;
	size_t i = 0;

	for (; i + 32 <= len; i += 32) {
		uint64_t x[4];

		memcpy(x, s + i, sizeof(x));
		high |= (x[0] | x[1]) | (x[2] | x[3]);
	}
	for (; i < len; i++)
		high |= (uint8_t)s[i];
	return (high & UINT64_C(0x8080808080808080)) == 0;
}

/* How many fields have no known name? */
static size_t
check_forms(struct verifier *v)
{
	size_t unknown = 0;
	/* Of most heads a glance is enough. */
	int ascii = v->record->head != NULL &&
		    is_ascii(
			(const char *)v->record->head, v->record->head_len);

	for (size_t i = 0; i < v->record->field_count; i++) {
		const struct record_field *f = &v->record->fields[i];
		int known = field_at(v, i) != FIELD_UNKNOWN;

		unknown += (size_t)!known;
		if (!known && !is_token(f->name))
			verify_say(v, SEVERITY_WARNING, "field-form",
			    "a field has no proper name: %.60s", f->name);
		else if (f->value[0] == '\0')
			verify_say(v, known ? SEVERITY_WARNING : SEVERITY_NOTE,
			    "field-empty", "%.60s is empty", f->name);
		else if (!ascii && !text_is_utf8(f->value, strlen(f->value)))
			verify_say(v, SEVERITY_NOTE, "field-form",
			    "%.60s is not UTF-8", f->name);
	}
	return unknown;
}

static int
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* An absolute URI: letter, scheme characters, colon; no blanks. */
static int
is_uri(const char *s)
{
	if (!is_alpha(*s))
		return 0;
	while (is_alpha(*s) || (*s >= '0' && *s <= '9') || *s == '+' ||
	       *s == '-' || *s == '.')
		s++;
	if (*s != ':')
		return 0;
	return s[strcspn(s, " \t<>")] == '\0';
}

/* Fields of the form "<" uri ">" (WARC 1.1, 5.2 and others); BARE is it
 * without them, IS_UUID when that is known to be right. */
static void
check_id(
    struct verifier *v, enum verify_field field, const char *bare, int is_uuid)
{
	const char *value = v->fields[field];

	if (value == NULL || value[0] == '\0' || (is_uuid && bare != value))
		return;
	if (bare == NULL)
		bare = record_bare_uri(v->arena, value);
	if (!is_uri(bare))
		verify_say(v, SEVERITY_WARNING, "id",
		    "%s is no absolute URI: %.100s", field_rules[field].name,
		    value);
	else if (bare == value)
		verify_say(v, SEVERITY_WARNING, "id",
		    "%s stands without its brackets", field_rules[field].name);
}

static void
check_uris(struct verifier *v)
{
	int known = v->warcinfo_is_uuid &&
		    strcmp(v->now.warcinfo_id, buf_text(&v->warcinfo)) == 0;

	check_id(v, FIELD_RECORD_ID, v->now.id, v->is_uuid);
	check_id(v, FIELD_CONCURRENT_TO, v->now.concurrent_to, 0);
	check_id(v, FIELD_REFERS_TO, v->now.refers_to, 0);
	check_id(v, FIELD_WARCINFO_ID, v->now.warcinfo_id, known);
	check_id(v, FIELD_SEGMENT_ORIGIN_ID, NULL, 0);
	if (v->now.uri[0] == '\0')
		return;
	if (!is_uri(v->now.uri))
		verify_say(v, SEVERITY_WARNING, "uri",
		    "WARC-Target-URI is no absolute URI: %.200s", v->now.uri);
	else if (v->fields[FIELD_TARGET_URI][0] == '<')
		verify_say(v, SEVERITY_NOTE, "uri",
		    "WARC-Target-URI stands in brackets");
}

/* WARC 1.0 has one shape; 1.1 has those of W3C-DTF, in UTC (5.4). */
static void
check_date(struct verifier *v, enum verify_field field, int reads, int offset)
{
	const char *date = v->fields[field];
	const char *name = field_rules[field].name;
	size_t len;

	if (date == NULL || date[0] == '\0')
		return;
	len = strlen(date);
	if (!reads)
		verify_say(v, SEVERITY_WARNING, "date",
		    "%s does not read: %.60s", name, date);
	else if (offset != 0 || (len > 10 && date[len - 1] != 'Z'))
		verify_say(v, SEVERITY_WARNING, "date",
		    "%s is not in UTC: %.60s", name, date);
	else if (len != 20 && strcmp(v->record->version, "WARC/1.1") != 0)
		verify_say(v, SEVERITY_NOTE, "date",
		    "%s has a shape that only WARC 1.1 knows: %.60s", name,
		    date);
}

static void
check_refers_date(struct verifier *v)
{
	const char *date = v->fields[FIELD_REFERS_TO_DATE];
	int64_t us;
	int offset = 0;

	if (date != NULL)
		check_date(v, FIELD_REFERS_TO_DATE,
		    date_parse(date, &us, &offset), offset);
}

static int
is_number(const char *s)
{
	uint64_t n;

	return text_uint(s, strlen(s), UINT64_MAX / 2, &n);
}

static void
check_segment(struct verifier *v)
{
	const char *number = v->fields[FIELD_SEGMENT_NUMBER];
	const char *total = v->fields[FIELD_SEGMENT_TOTAL_LENGTH];
	int continues = v->type == RECORD_CONTINUATION;

	if (number != NULL &&
	    (!is_number(number) || (strcmp(number, "1") != 0) != continues ||
		strcmp(number, "0") == 0))
		verify_say(v, SEVERITY_WARNING, "segment",
		    "WARC-Segment-Number is wrong here: %.40s", number);
	if (total != NULL && !is_number(total))
		verify_say(v, SEVERITY_WARNING, "segment",
		    "WARC-Segment-Total-Length is no number: %.40s", total);
}

static void
check_values(struct verifier *v)
{
	static const char *const reasons[] = { "length", "time", "disconnect",
		"unspecified", NULL };
	const char *ip = v->fields[FIELD_IP_ADDRESS];
	uint8_t raw[16];
	size_t i = 0;

	if (ip != NULL && inet_pton(AF_INET, ip, raw) != 1 &&
	    inet_pton(AF_INET6, ip, raw) != 1)
		verify_say(v, SEVERITY_WARNING, "ip",
		    "WARC-IP-Address is no address: %.60s", ip);
	if (v->now.truncated[0] == '\0')
		return;
	while (
	    reasons[i] != NULL && strcasecmp(reasons[i], v->now.truncated) != 0)
		i++;
	if (reasons[i] == NULL)
		verify_say(v, SEVERITY_NOTE, "truncated",
		    "WARC-Truncated is none of the four reasons: %.60s",
		    v->now.truncated);
}

/* One layer a field, "name/version" or an ALPN id, lower case. */
static void
check_protocol(struct verifier *v)
{
	static const char *const versions[] = { "WARC/1.1", "WARC/1.0",
		"WARC/0.18", "WARC/0.17", NULL };
	size_t known = 0;

	while (versions[known] != NULL &&
	       strcmp(versions[known], v->record->version) != 0)
		known++;
	if (versions[known] == NULL && !is_arc(v))
		verify_say(v, SEVERITY_WARNING, "protocol",
		    "version is unknown: %.40s", v->record->version);
	if ((v->present & 1u << FIELD_PROTOCOL) == 0)
		return;
	for (size_t i = 0; i < v->record->field_count; i++) {
		const char *s = v->record->fields[i].value;

		if (field_at(v, i) == FIELD_PROTOCOL &&
		    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789/.-") !=
			strlen(s))
			verify_say(v, SEVERITY_NOTE, "protocol",
			    "WARC-Protocol is no lower-case token: %.60s", s);
	}
}

/* A file begins with what made it (WARC 1.1, 6.2). */
static void
check_warcinfo(struct verifier *v)
{
	enum severity severity = v->options->ours ? SEVERITY_WARNING
						  : SEVERITY_NOTE;
	const char *name = v->fields[FIELD_FILENAME];
	const char *base;

	if (v->type != RECORD_WARCINFO) {
		if (v->number == 1)
			verify_say_if(v, IF_FIRST, "", severity, "warcinfo",
			    "the first record is no warcinfo");
		return;
	}
	base = strrchr(v->file, '/');
	base = base == NULL ? v->file : base + 1;
	if (name != NULL && strcmp(name, base) != 0 && !v->options->joined)
		verify_say(v, severity, "warcinfo",
		    "WARC-Filename is another: %.200s", name);
}

void
verify_fields(struct verifier *v)
{
	if (verify_wants(v, CHECK_FIELDS) && !is_arc(v)) {
		check_protocol(v);
		check_matrix(v);
		check_duplicates(v, check_forms(v));
	}
	if (verify_wants(v, CHECK_FIELDS) || verify_wants(v, CHECK_IDS))
		check_uris(v);
	if (verify_wants(v, CHECK_DATES)) {
		check_date(v, FIELD_DATE, v->date_reads, v->date_offset);
		check_refers_date(v);
	}
	check_values(v);
	if (!verify_wants(v, CHECK_FIELDS))
		return;
	if (v->present &
	    (1u << FIELD_SEGMENT_NUMBER | 1u << FIELD_SEGMENT_TOTAL_LENGTH))
		check_segment(v);
	check_warcinfo(v);
}
