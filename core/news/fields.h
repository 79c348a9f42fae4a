#ifndef NEWS_FIELDS_H
#define NEWS_FIELDS_H

#include <stddef.h>

struct json;
struct reading;

/*
 * The fields of article/1 that rules fill, in the order of evaluation: a rule
 * may use the fields above its own.
 */
enum field {
	FIELD_POST_ID,
	FIELD_CONTENT_TYPE,
	FIELD_HEADLINE,
	FIELD_DEK,
	FIELD_BYLINE_RAW,
	FIELD_AUTHORS,
	FIELD_SOURCES,
	FIELD_DATELINE,
	FIELD_PUBLISHED,
	FIELD_MODIFIED,
	FIELD_SECTION,
	FIELD_TAGS,
	FIELD_KEYWORDS_META,
	FIELD_PLACES,
	FIELD_COVERAGE,
	FIELD_READ_TIME,
	FIELD_WORD_COUNT,
	FIELD_MEDIA_DURATION,
	FIELD_PUBLISHER,
	FIELD_RIGHTS,
	FIELD_ACCESS,
	FIELD_COUNT
};

/* "headline" ...; ends with NULL. */
extern const char *const field_names[FIELD_COUNT + 1];

/* FIELD_COUNT when there is none of that name. */
size_t field_find(const char *name);

/* Several values belong to it. */
int field_is_list(enum field f);

/* Note {field, reason} of something that is not there. */
void
fields_add_missing(struct reading *r, const char *field, const char *reason);

/* Evaluate every candidate of every field into R->fields, R->provenance and
 * so on. */
void fields_evaluate(struct reading *r);

/* Explain in R->missing what an article should have and has not. */
void fields_note_missing(struct reading *r);

#endif
