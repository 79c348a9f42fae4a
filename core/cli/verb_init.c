/* init: make a collection. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"

/* Write holdfast.conf unless there is one. */
static int
write_config(
    struct cli *c, const struct collection *collection, struct error *e)
{
	char *path = collection_path(collection, "holdfast.conf");
	struct buf text = { 0 };
	int rc = 0;

	if (!file_exists(path)) {
		config_write_file(&text, config_text(c->config, "operator"),
		    config_text(c->config, "contact"));
		rc = file_put(path, text.data, text.len, e);
	}
	buf_clear(&text);
	free(path);
	return rc;
}

int
verb_init(struct cli *c)
{
	int code = EXIT_DONE;
	struct error e = { 0 };
	struct collection *collection = cli_open_to_write(c, 1, &code);

	if (collection == NULL)
		return code;
	if (write_config(c, collection, &e) != 0)
		code = cli_fail(&e);
	else {
		cli_put(stdout, collection->dir);
		(void)fputc('\n', stdout);
	}
	collection_free(collection);
	return code;
}
