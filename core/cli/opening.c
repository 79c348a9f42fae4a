/* Opening a collection, to read or to write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/date.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"
#include "core/collection/layout.h"
#include "core/collection/log_files.h"
#include "core/collection/recover.h"
#include "core/collection/withdraw.h"

char *
cli_collection_dir(const struct cli *c)
{
	const char *dir = config_text(c->config, "collection");
	char *here;
	char *path;

	if (dir[0] == '/')
		return mem_text(dir);
	while (text_starts(dir, "./"))
		dir += 2;
	here = getcwd(NULL, 0);
	path = mem_format("%s/%s", here == NULL ? "." : here, dir);
	free(here);
	return path;
}

struct collection *
cli_open(struct cli *c, int *code)
{
	struct collection *collection = NULL;
	struct error e = { 0 };
	char *dir = cli_collection_dir(c);

	if (collection_open(&collection, dir, &e) != 0)
		*code = cli_fail(&e);
	free(dir);
	return collection;
}

/* A random urn:uuid of version 4: the one thing here that is random, so that
 * no two collections ever share record ids. */
static void
make_id(char out[64])
{
	uint8_t raw[16];
	char hex[33];

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		abort();
	raw[6] = (uint8_t)(0x40 | (raw[6] & 0x0f));
	raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3f));
	text_hex(hex, raw, sizeof(raw));
	(void)snprintf(out, 64, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}

static int
create(struct cli *c, const char *dir, struct error *e)
{
	struct clock *clock = clock_system();
	struct collection_facts facts = { 0 };
	char id[64];

	make_id(id);
	facts.id = id;
	facts.prefix = config_text(c->config, "prefix");
	facts.now_us = clock->wall_us(clock);
	return collection_create(dir, &facts, e);
}

static int
lock_and_recover(struct collection *collection, struct error *e)
{
	struct recover_report r = { 0 };
	struct error no_log = { 0 };

	if (collection_lock(collection, e) != 0)
		return -1;
	/* A run goes on without a log. */
	if (log_files_open(collection, clock_system()->wall_us(clock_system()),
		&no_log) != 0)
		cli_say("%s", no_log.text);
	if (withdraw_recover(
		collection, clock_system()->wall_us(clock_system()), e) != 0 ||
	    collection_recover(collection, clock_system(), NULL, &r, e) != 0)
		return -1;
	if (r.snapshots > 0)
		cli_say("%s: recovered %zu interrupted snapshot(s): %zu "
			"sealed, %zu removed (empty, or an unfinished "
			"import), %ju bytes to quarantine",
		    collection->dir, r.snapshots, r.sealed, r.removed,
		    (uintmax_t)r.quarantined_bytes);
	return 0;
}

struct collection *
cli_open_to_write(struct cli *c, int may_create, int *code)
{
	struct collection *collection = NULL;
	struct error e = { 0 };
	char *dir = cli_collection_dir(c);
	char *mark = mem_format("%s/collection.json", dir);
	int rc = 0;

	if (may_create && !file_exists(mark))
		rc = create(c, dir, &e);
	if (rc == 0)
		rc = collection_open(&collection, dir, &e);
	if (rc == 0 && lock_and_recover(collection, &e) != 0) {
		collection_free(collection);
		collection = NULL;
		rc = -1;
	}
	if (rc != 0)
		*code = cli_fail(&e);
	free(mark);
	free(dir);
	return collection;
}

int
cli_no_pipes(const struct cli *c, struct error *e)
{
	for (size_t i = 0; i < c->object_count; i++) {
		struct stat st;

		if (strcmp(c->objects[i], "-") == 0 ||
		    (stat(c->objects[i], &st) == 0 && S_ISFIFO(st.st_mode)))
			return error_set(e, ERROR_USAGE,
			    "%s: %s reads its files twice; give a file",
			    c->objects[i], c->verb->name);
	}
	return 0;
}
