/* The fields of an article: every candidate evaluated, the first that gives a
 * value wins, the others say whether they agree. */

#include "core/news/fields.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/news/profile_rules.h"
#include "core/news/reading.h"

const char *const field_names[FIELD_COUNT + 1] = { "post_id", "content_type",
	"headline", "dek", "byline_raw", "authors", "sources", "dateline",
	"published", "modified", "section", "tags", "keywords_meta", "places",
	"coverage", "read_time", "word_count.declared", "media.duration",
	"publisher", "rights", "access", NULL };

size_t
field_find(const char *name)
{
	size_t i = 0;

	while (i < FIELD_COUNT && strcmp(field_names[i], name) != 0)
		i++;
	return i;
}

int
field_is_list(enum field f)
{
	switch (f) {
	case FIELD_AUTHORS:
	case FIELD_SOURCES:
	case FIELD_SECTION:
	case FIELD_TAGS:
	case FIELD_KEYWORDS_META:
	case FIELD_PLACES:
	case FIELD_COVERAGE:
		return 1;
	case FIELD_POST_ID:
	case FIELD_CONTENT_TYPE:
	case FIELD_HEADLINE:
	case FIELD_DEK:
	case FIELD_BYLINE_RAW:
	case FIELD_DATELINE:
	case FIELD_PUBLISHED:
	case FIELD_MODIFIED:
	case FIELD_READ_TIME:
	case FIELD_WORD_COUNT:
	case FIELD_MEDIA_DURATION:
	case FIELD_PUBLISHER:
	case FIELD_RIGHTS:
	case FIELD_ACCESS:
	case FIELD_COUNT:
		return 0;
	}
	return 0;
}

/* Absence of these is explained (5.1 of the field list: R and r). */
static int
is_expected(enum field f)
{
	switch (f) {
	case FIELD_CONTENT_TYPE:
	case FIELD_HEADLINE:
	case FIELD_DEK:
	case FIELD_BYLINE_RAW:
	case FIELD_AUTHORS:
	case FIELD_SOURCES:
	case FIELD_PUBLISHED:
	case FIELD_MODIFIED:
	case FIELD_SECTION:
	case FIELD_TAGS:
	case FIELD_COVERAGE:
	case FIELD_ACCESS:
		return 1;
	case FIELD_POST_ID:
	case FIELD_DATELINE:
	case FIELD_KEYWORDS_META:
	case FIELD_PLACES:
	case FIELD_READ_TIME:
	case FIELD_WORD_COUNT:
	case FIELD_MEDIA_DURATION:
	case FIELD_PUBLISHER:
	case FIELD_RIGHTS:
	case FIELD_COUNT:
		return 0;
	}
	return 0;
}

/* Pages of these types need not have the field. */
static int
is_applicable(enum field f, const char *content_type)
{
	static const char *const short_types[] = { "video", "podcast",
		"gallery", "infographic", "author_page" };

	if (f != FIELD_DEK && f != FIELD_BYLINE_RAW && f != FIELD_AUTHORS &&
	    f != FIELD_SOURCES)
		return 1;
	for (size_t i = 0; i < sizeof(short_types) / sizeof(short_types[0]);
	     i++)
		if (strcmp(content_type, short_types[i]) == 0)
			return 0;
	return 1;
}

static const char *
shown(const struct value *v)
{
	return v->mapped != NULL ? v->mapped : v->text;
}

/* Dates agree when they are equal to the coarser precision. */
static int
dates_agree(const struct json *a, const struct json *b)
{
	const char *x = json_text(json_get(a, "utc"), NULL);
	const char *y = json_text(json_get(b, "utc"), NULL);
	size_t n = 16; /* to the minute */

	if (x == NULL || y == NULL) {
		x = json_text(json_get(a, "iso"), "");
		y = json_text(json_get(b, "iso"), "");
		n = 10;
	}
	return strncmp(x, y, n) == 0;
}

static int
values_agree(
    const struct reading *r, const struct values *a, const struct values *b)
{
	if (a->count != b->count)
		return 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct value *x = &a->items[i];
		const struct value *y = &b->items[i];

		if (x->date != NULL && y->date != NULL) {
			if (!dates_agree(x->date, y->date))
				return 0;
		} else if (strcmp(reading_nt1(r, shown(x)),
			       reading_nt1(r, shown(y))) != 0) {
			return 0;
		}
	}
	return 1;
}

static struct json *
values_json(const struct reading *r, enum field f, const struct values *v)
{
	struct json *list;

	if (!field_is_list(f))
		return json_new_string(r->arena, shown(&v->items[0]));
	list = json_new_array(r->arena);
	for (size_t i = 0; i < v->count; i++)
		json_append(r->arena, list,
		    json_new_string(r->arena, shown(&v->items[i])));
	return list;
}

static void
add_headline(struct reading *r, const struct rule *rule, const struct value *v)
{
	struct json *o = json_new_object(r->arena);

	json_set_string(r->arena, o, "source", rule->written);
	json_set_string(r->arena, o, "text", v->text);
	json_append(r->arena, r->headlines_other, o);
}

/* The winner's provenance, and what the other candidates say. */
static void
set_provenance(
    struct reading *r, enum field f, const struct values *found, size_t winner)
{
	const struct rule_list *list = &r->profile->fields[f];
	struct json *agree = json_new_array(r->arena);
	struct json *disagree = json_new_array(r->arena);
	struct json *o = reading_provenance(
	    r, &list->rules[winner], &found[winner].items[0]);

	for (size_t i = 0; i < list->count; i++) {
		const char *source = list->rules[i].written;
		struct json *other;

		if (i == winner || found[i].count == 0)
			continue;
		if (f == FIELD_HEADLINE)
			add_headline(r, &list->rules[i], &found[i].items[0]);
		if (values_agree(r, &found[winner], &found[i])) {
			json_append(
			    r->arena, agree, json_new_string(r->arena, source));
			continue;
		}
		other = json_new_object(r->arena);
		json_set_string(r->arena, other, "source", source);
		json_set(
		    r->arena, other, "value", values_json(r, f, &found[i]));
		json_append(r->arena, disagree, other);
	}
	json_set(r->arena, o, "agree", agree);
	json_set(r->arena, o, "disagree", disagree);
	json_set(r->arena, r->provenance, field_names[f], o);
}

/* A candidate before the winner had something to read and gave nothing. */
static int
is_fallback(struct reading *r, const struct rule_list *list, size_t winner)
{
	for (size_t i = 0; i < winner; i++) {
		const enum source_kind kind = list->rules[i].kind;

		if (kind != SOURCE_URL && kind != SOURCE_FIELD &&
		    rule_has_place(&list->rules[i], r))
			return 1;
	}
	return 0;
}

static void
evaluate(struct reading *r, enum field f)
{
	const struct rule_list *list = &r->profile->fields[f];
	struct values *found = arena_alloc(
	    r->arena, (list->count + 1) * sizeof(*found));
	size_t winner = list->count;

	for (size_t i = 0; i < list->count; i++) {
		rule_evaluate(&list->rules[i], r, NULL, &found[i]);
		if (!field_is_list(f) && found[i].count > 1)
			found[i].count = 1;
		if (winner == list->count && found[i].count > 0)
			winner = i;
	}
	if (winner == list->count)
		return;
	r->fields[f] = found[winner];
	set_provenance(r, f, found, winner);
	if (is_fallback(r, list, winner)) {
		struct json *o = json_new_object(r->arena);

		json_set_string(r->arena, o, "field", field_names[f]);
		json_set_string(r->arena, o, "rule", list->rules[winner].id);
		json_append(r->arena, r->fallbacks, o);
	}
}

/* All places the rules look into can be told to be absent, and are. */
static int
has_no_place(struct reading *r, enum field f)
{
	const struct rule_list *list = &r->profile->fields[f];

	for (size_t i = 0; i < list->count; i++)
		if (rule_has_place(&list->rules[i], r))
			return 0;
	return list->count > 0;
}

static const char *
missing_reason(struct reading *r, enum field f)
{
	const struct values *type = &r->fields[FIELD_CONTENT_TYPE];
	const struct values *access = &r->fields[FIELD_ACCESS];
	const struct guard *absent = r->profile->absent[f];
	const struct value page = { .text = "" };

	if (access->count > 0 && strcmp(access->items[0].text, "free") != 0)
		return "withheld";
	if (type->count > 0 && !is_applicable(f, shown(&type->items[0])))
		return "not_applicable";
	if (has_no_place(r, f) ||
	    (absent != NULL && guard_holds(absent, r, &page)))
		return "not_on_page";
	return "rule_failed";
}

void
fields_add_missing(struct reading *r, const char *field, const char *reason)
{
	struct json *o = json_new_object(r->arena);

	json_set_string(r->arena, o, "field", field);
	json_set_string(r->arena, o, "reason", reason);
	json_append(r->arena, r->missing, o);
}

void
fields_evaluate(struct reading *r)
{
	for (size_t f = 0; f < FIELD_COUNT; f++)
		evaluate(r, (enum field)f);
}

void
fields_note_missing(struct reading *r)
{
	for (size_t f = 0; f < FIELD_COUNT; f++)
		if (is_expected((enum field)f) && r->fields[f].count == 0)
			fields_add_missing(r, field_names[f],
			    missing_reason(r, (enum field)f));
}
