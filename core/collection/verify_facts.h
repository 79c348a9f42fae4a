#ifndef COLLECTION_VERIFY_FACTS_H
#define COLLECTION_VERIFY_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Sorted facts: what verify_facts.c writes down and verify_join.c reads. Part
 * of verify_part.h; nothing else includes this. */

/* In the order in which they are wanted. */
enum fact_kind {
	FACT_RECORD = 'a',
	FACT_METADATA,
	FACT_LINE,
	FACT_OUTCOME,
	FACT_REFERENCE,
	FACT_ARTICLE
};
enum url_kind { FACT_URL = 'a', FACT_CAPTURE, FACT_NEED };

/* An entry: key, NUL, kind, file, offset, data. */
struct fact {
	const char *key;
	int kind;
	uint32_t file;
	uint64_t offset;
	const uint8_t *data;
	size_t len;
};

struct fact fact_of(const uint8_t *p, size_t len);

/* Numbers whose bytes sort as they do. */
void fact_add_number(struct buf *b, uint64_t n, unsigned bytes);
uint64_t fact_get_number(const uint8_t *p, unsigned bytes);

#endif
