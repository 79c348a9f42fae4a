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
} field_rules[] = {
	{ "WARC-Type", "MMMMMMMM" },
	{ "WARC-Record-ID", "MMMMMMMM" },
	{ "WARC-Date", "MMMMMMMM" },
	{ "Content-Length", "MMMMMMMM" },
	{ "Content-Type", "SSSSSSSo" },
	{ "WARC-Target-URI", "-MMMoMMM" },
	{ "WARC-Concurrent-To", "-ooooo--" },
	{ "WARC-Refers-To", "----ooo-" },
	{ "WARC-Refers-To-Target-URI", "-----o--" },
	{ "WARC-Refers-To-Date", "-----o--" },
	{ "WARC-IP-Address", "-ooooo--" },
	{ "WARC-Block-Digest", "oooooooo" },
	{ "WARC-Payload-Digest", "nooonooo" },
	{ "WARC-Identified-Payload-Type", "nooonooo" },
	{ "WARC-Warcinfo-ID", "-ooooooo" },
	{ "WARC-Filename", "o-------" },
	{ "WARC-Profile", "nnnnnMnn" },
	{ "WARC-Truncated", "oooooooo" },
	{ "WARC-Segment-Number", "oooooooM" },
	{ "WARC-Segment-Origin-ID", "-------M" },
	{ "WARC-Segment-Total-Length", "-------o" },
};

#define FIELD_RULES (sizeof(field_rules) / sizeof(field_rules[0]))

static const struct field_rule *
rule_of(const char *name)
{
	for (size_t i = 0; i < FIELD_RULES; i++)
		if (strcasecmp(field_rules[i].name, name) == 0)
			return &field_rules[i];
	return NULL;
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
check_matrix(struct verifier *v)
{
	enum record_type type = record_type(v->record);

	for (size_t i = 0; i < FIELD_RULES; i++) {
		const struct field_rule *rule = &field_rules[i];
		const char *value = record_field(v->record, rule->name);
		char letter = rule_letter(rule, type);

		if (value == NULL && letter == 'M')
			verify_say(v, SEVERITY_WARNING, "field-missing",
			    "%s is missing", rule->name);
		else if (value == NULL && letter == 'S' && v->now.block_len > 0)
			verify_say(v, SEVERITY_NOTE, "field-missing",
			    "%s is missing", rule->name);
		else if (value != NULL && letter == '-')
			verify_say(v, SEVERITY_WARNING, "field-forbidden",
			    "%s is forbidden in a %s record", rule->name,
			    record_type_name(type));
		else if (value != NULL && letter == 'n')
			verify_say(v, SEVERITY_NOTE, "field-forbidden",
			    "%s has no meaning in a %s record", rule->name,
			    record_type_name(type));
	}
	if (type == RECORD_OTHER && v->now.type[0] != '\0')
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

static int
may_repeat(const char *name)
{
	return strcasecmp(name, "WARC-Concurrent-To") == 0 ||
	       strcasecmp(name, "WARC-Protocol") == 0;
}

static void
check_duplicates(struct verifier *v)
{
	size_t n = v->record->field_count;
	struct record_field *sorted = arena_dup(
	    v->arena, v->record->fields, n * sizeof(*sorted));

	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < n; i++) {
		const char *name = sorted[i].name;

		if (strcasecmp(name, sorted[i - 1].name) != 0 ||
		    may_repeat(name) ||
		    (i > 1 && strcasecmp(name, sorted[i - 2].name) == 0))
			continue;
		verify_say(v,
		    rule_of(name) != NULL ? SEVERITY_WARNING : SEVERITY_NOTE,
		    "field-duplicate", "%.60s stands more than once", name);
	}
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

static void
check_forms(struct verifier *v)
{
	for (size_t i = 0; i < v->record->field_count; i++) {
		const struct record_field *f = &v->record->fields[i];

		if (!is_token(f->name))
			verify_say(v, SEVERITY_WARNING, "field-form",
			    "a field has no proper name: %.60s", f->name);
		else if (f->value[0] == '\0')
			verify_say(v,
			    rule_of(f->name) != NULL ? SEVERITY_WARNING
						     : SEVERITY_NOTE,
			    "field-empty", "%.60s is empty", f->name);
		else if (!text_is_utf8(f->value, strlen(f->value)))
			verify_say(v, SEVERITY_NOTE, "field-form",
			    "%.60s is not UTF-8", f->name);
	}
}

/* An absolute URI: letter, scheme characters, colon; no blanks. */
static int
is_uri(const char *s)
{
	size_t n = strspn(s,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789+-.");

	return n > 0 && s[n] == ':' && text_lower(s[0]) >= 'a' &&
	       text_lower(s[0]) <= 'z' && strpbrk(s, " \t<>") == NULL;
}

/* Fields of the form "<" uri ">" (WARC 1.1, 5.2 and others). */
static void
check_uris(struct verifier *v)
{
	static const char *const names[] = { "WARC-Record-ID",
		"WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID",
		"WARC-Segment-Origin-ID" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = record_field(v->record, names[i]);
		const char *bare;

		if (value == NULL || value[0] == '\0')
			continue;
		bare = record_bare_uri(v->arena, value);
		if (!is_uri(bare))
			verify_say(v, SEVERITY_WARNING, "id",
			    "%s is no absolute URI: %.100s", names[i], value);
		else if (bare == value)
			verify_say(v, SEVERITY_WARNING, "id",
			    "%s stands without its brackets", names[i]);
	}
	if (v->now.uri[0] != '\0' && !is_uri(v->now.uri))
		verify_say(v, SEVERITY_WARNING, "uri",
		    "WARC-Target-URI is no absolute URI: %.200s", v->now.uri);
	else if (v->now.uri[0] != '\0' &&
		 record_field(v->record, "WARC-Target-URI")[0] == '<')
		verify_say(v, SEVERITY_NOTE, "uri",
		    "WARC-Target-URI stands in brackets");
}

/* WARC 1.0 has one shape; 1.1 has those of W3C-DTF, in UTC (5.4). */
static void
check_date(struct verifier *v, const char *name)
{
	const char *date = record_field(v->record, name);
	int64_t us;
	int offset = 0;
	size_t len;

	if (date == NULL || date[0] == '\0')
		return;
	len = strlen(date);
	if (!date_parse(date, &us, &offset))
		verify_say(v, SEVERITY_WARNING, "date",
		    "%s does not read: %.60s", name, date);
	else if (len > 10 && date[len - 1] != 'Z')
		verify_say(v, SEVERITY_WARNING, "date",
		    "%s is not in UTC: %.60s", name, date);
	else if (len != 20 && strcmp(v->record->version, "WARC/1.1") != 0)
		verify_say(v, SEVERITY_NOTE, "date",
		    "%s has a shape that only WARC 1.1 knows: %.60s", name,
		    date);
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
	const char *number = record_field(v->record, "WARC-Segment-Number");
	const char *total = record_field(
	    v->record, "WARC-Segment-Total-Length");
	int continues = record_type(v->record) == RECORD_CONTINUATION;

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
	const char *ip = record_field(v->record, "WARC-IP-Address");
	uint8_t raw[16];
	size_t i = 0;

	if (ip != NULL && inet_pton(AF_INET, ip, raw) != 1 &&
	    inet_pton(AF_INET6, ip, raw) != 1)
		verify_say(v, SEVERITY_WARNING, "ip",
		    "WARC-IP-Address is no address: %.60s", ip);
	while (
	    reasons[i] != NULL && strcasecmp(reasons[i], v->now.truncated) != 0)
		i++;
	if (v->now.truncated[0] != '\0' && reasons[i] == NULL)
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
	if (versions[known] == NULL)
		verify_say(v, SEVERITY_WARNING, "protocol",
		    "version is unknown: %.40s", v->record->version);
	for (size_t i = 0; i < v->record->field_count; i++) {
		const char *s = v->record->fields[i].value;

		if (strcasecmp(v->record->fields[i].name, "WARC-Protocol") ==
			0 &&
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
	const char *name = record_field(v->record, "WARC-Filename");
	const char *base = strrchr(v->file, '/');

	if (v->now.number == 0 && record_type(v->record) != RECORD_WARCINFO)
		verify_say(v,
		    v->options->ours ? SEVERITY_WARNING : SEVERITY_NOTE,
		    "warcinfo", "the first record is no warcinfo");
	base = base == NULL ? v->file : base + 1;
	if (record_type(v->record) == RECORD_WARCINFO && name != NULL &&
	    strcmp(name, base) != 0)
		verify_say(v,
		    v->options->ours ? SEVERITY_WARNING : SEVERITY_NOTE,
		    "warcinfo", "WARC-Filename is another: %.200s", name);
}

void
verify_fields(struct verifier *v)
{
	check_protocol(v);
	check_matrix(v);
	check_duplicates(v);
	check_forms(v);
	check_uris(v);
	check_date(v, "WARC-Date");
	check_date(v, "WARC-Refers-To-Date");
	check_segment(v);
	check_values(v);
	check_warcinfo(v);
}
