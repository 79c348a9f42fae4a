/* Lists of URLs from files and standard input. */
#include "core/cli/url_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

int
url_lines_open(struct url_lines *u, const char *path, struct error *e)
{
	*u = (struct url_lines){ 0 };
	if (path[0] == '\0')
		return 0;
	u->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (u->file == NULL)
		return error_set(
		    e, ERROR_USAGE, "%s: %s", path, strerror(errno));
	return 0;
}

void
url_lines_close(struct url_lines *u)
{
	if (u->file != NULL && u->file != stdin)
		(void)fclose(u->file);
	free(u->line);
	*u = (struct url_lines){ 0 };
}

/* A line without BOM, CR, blanks around it; "" for comments. */
static char *
trim(char *line, int is_first)
{
	size_t len;

	if (is_first && text_starts(line, "\xef\xbb\xbf"))
		line += 3;
	while (text_is_space((unsigned char)*line))
		line++;
	len = strlen(line);
	while (len > 0 && text_is_space((unsigned char)line[len - 1]))
		line[--len] = '\0';
	if (line[0] == '#')
		line[0] = '\0';
	return line;
}

const char *
url_lines_next(struct url_lines *u)
{
	while (u->file != NULL && getline(&u->line, &u->cap, u->file) >= 0) {
		char *line = trim(u->line, !u->is_later);

		u->is_later = 1;
		if (line[0] != '\0')
			return line;
	}
	return NULL;
}
