#ifndef NEWS_MONTH_NAMES_H
#define NEWS_MONTH_NAMES_H

#include <stddef.h>

/*
 * Month names in English, Spanish and Arabic (the Levant's, Egypt's and the
 * Maghreb's series), full and short, and the names of the Hijri calendar.
 */
struct month_name {
	const char *name; /* lower case, not folded otherwise */
	int month;        /* 1 to 12; of the Hijri year when is_hijri */
	int is_hijri;
};

/* All of them, *COUNT entries. */
const struct month_name *month_names(size_t *count);

#endif
