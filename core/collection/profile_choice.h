#ifndef COLLECTION_PROFILE_CHOICE_H
#define COLLECTION_PROFILE_CHOICE_H

struct error;
struct json;

/*
 * A snapshot that several runs made may keep several versions of a profile,
 * and each article names those it was read by. Zero it, but for KEPT, the
 * folder that holds "KEY-SHA16.site" (borrowed).
 */
struct profile_choice {
	const char *kept;
	char *dir;   /* of one file for each key; KEPT itself where no key has
	    several; NULL before the first choice */
	char *chain; /* chosen for */
};

/* Let DIR hold the files that CHAIN, a list of objects with "key" and "sha256",
 * names, and for any other key its first. 1, DIR holds others than before; 0;
 * -1. */
int profile_choose(
    struct profile_choice *p, const struct json *chain, struct error *e);
void profile_choice_clear(struct profile_choice *p); /* removes DIR, too */

#endif
