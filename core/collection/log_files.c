/* Logs by months. */
#include "core/collection/log_files.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/collection/layout.h"

int
log_files_open(const struct collection *c, int64_t now_us, struct error *e)
{
	char month[DATE_TEXT_MAX];
	char *dir = collection_path(c, "log");
	char *path;
	int rc = file_make_dir(dir, e); /* a copy may lack it */

	date_rfc3339_s(now_us, month);
	path = mem_format("%s/%.7s.jsonl", dir, month);
	if (rc == 0)
		rc = log_open(path, e);
	free(path);
	free(dir);
	return rc;
}

/* "2026-11.jsonl" counted in months; 0: not such a name. */
static uint64_t
month_of(const char *name)
{
	uint64_t year;
	uint64_t month;

	if (strlen(name) != strlen("2026-11.jsonl") || name[4] != '-' ||
	    !text_ends(name, ".jsonl") || !text_uint(name, 4, 9999, &year) ||
	    !text_uint(name + 5, 2, 12, &month) || month == 0)
		return 0;
	return year * 12 + month;
}

void
log_files_drop(const struct collection *c, int64_t now_us, uint64_t months)
{
	struct file_names names = { 0 };
	struct date_fields now;
	char *dir = collection_path(c, "log");
	uint64_t oldest;

	date_split(now_us, &now);
	oldest = (uint64_t)now.year * 12 + (uint64_t)now.month;
	if (months > 0 && months < oldest && file_list(dir, &names, NULL) == 0)
		for (size_t i = 0; i < names.count; i++) {
			uint64_t month = month_of(names.names[i]);
			char *path;

			if (month == 0 || month + months >= oldest)
				continue;
			path = mem_format("%s/%s", dir, names.names[i]);
			(void)file_remove(path, NULL);
			free(path);
		}
	file_names_clear(&names);
	free(dir);
}
