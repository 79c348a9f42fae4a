#ifndef CLI_URL_LINES_H
#define CLI_URL_LINES_H

#include <stdio.h>

struct error;

/* A list of URLs, one a line; blanks around them, a BOM, CR and lines that
 * begin with "#" do not count. */
struct url_lines {
	FILE *file; /* NULL none */
	char *line;
	size_t cap;
	int is_later; /* the first line was read */
};

/* PATH "" none, "-" standard input. ERROR_USAGE. */
int url_lines_open(struct url_lines *u, const char *path, struct error *e);
void url_lines_close(struct url_lines *u);

/* Valid until the next call; NULL at the end. */
const char *url_lines_next(struct url_lines *u);

#endif
