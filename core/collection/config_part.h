#ifndef COLLECTION_CONFIG_PART_H
#define COLLECTION_CONFIG_PART_H

#include <stddef.h>

#include "core/collection/config.h"

/* What config.c and config_file.c share. */

struct value {
	char **texts;   /* NULL-terminated */
	char **origins; /* one for each text */
	size_t count;
};

/* Settings by their number in the table, with "given" what the command line
 * said. A section is a config of its own that looks into the head's, too. */
struct config {
	const struct config *head; /* of sections; NULL: this is the head */
	char *name;                /* of a section */
	struct value *given;
	struct value *file;
	struct config **sections;
	const char **names; /* theirs, NULL-terminated */
	size_t section_count;
};

struct config *config_section_new(const struct config *head, const char *name);

/* Which setting that has a bit of USE (0: any) is called NAME; in the file
 * what stands behind a colon of a setting's name does not count. The table's
 * length: none. */
size_t config_number(const char *name);
size_t config_key_number(const char *key, unsigned use);
size_t config_count(void);

int
config_check_value(const struct setting *s, const char *value, struct error *e);
void config_add_value(struct value *v, const struct setting *s,
    const char *text, const char *origin);

#endif
