#ifndef COLLECTION_LOG_FILES_H
#define COLLECTION_LOG_FILES_H

#include <stdint.h>

struct collection;
struct error;

/* log/2026-11.jsonl: what happened in a month. */

/* From now on log_event writes to the file of NOW's month. */
int log_files_open(const struct collection *c, int64_t now_us, struct error *e);

/* Those older than MONTHS before NOW's are removed; 0: none ever. Other files
 * in log/ stay. */
void
log_files_drop(const struct collection *c, int64_t now_us, uint64_t months);

#endif
