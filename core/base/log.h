#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

struct error;

/*
 * What happened, one JSON object per line, appended to a file that people and
 * programs read: {"time":...,"event":...,"url":...,"text":...}. The one place
 * that may hold state of its own. Without log_open nothing is written.
 */
int log_open(const char *path, struct error *e);
void log_close(void);

/* EVENT is a fixed word of ours; OBJECT (a URL, a file; "" for none) and TEXT
 * may be foreign and are escaped. */
void log_event(
    int64_t wall_us, const char *event, const char *object, const char *text);

#endif
