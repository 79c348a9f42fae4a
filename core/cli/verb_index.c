/* index: index lines of any record files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/archive/cdx.h"
#include "core/archive/cdxj.h"
#include "core/archive/index_records.h"
#include "core/archive/record.h"
#include "core/archive/record_files.h"
#include "core/archive/zipnum.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/verb_index.h"
#include "core/collection/config.h"

#define SORT_MEMORY ((size_t)8 * 1024 * 1024)
#define OUT_BYTES   ((size_t)64 * 1024)

struct making {
	struct cli *cli;
	struct index_options options;
	struct index_totals totals;
	unsigned cdx; /* fields of legacy lines; 0 CDXJ */
	int json;
	const char *root; /* absolute; NULL: base names */
	char *root_path;
	struct sorter *sorter; /* NULL: as they come */
	struct zipnum_writer *zipnum;
	struct buf line;
	struct buf last; /* written */
	struct buf out;  /* sorted lines, to be written together */
	int unread;
};

static int
flush_lines(struct making *m, struct error *e)
{
	size_t len = m->out.len;

	if (len > 0 && fwrite(m->out.data, 1, len, stdout) != len)
		return error_system(e, "standard output");
	buf_reset(&m->out);
	return 0;
}

/* A line goes out, but not twice in a row when sorted. */
static int
put(struct making *m, const void *p, size_t len, struct error *e)
{
	if (m->sorter != NULL) {
		if (m->last.len == len &&
		    memcmp(buf_text(&m->last), p, len) == 0)
			return 0;
		buf_reset(&m->last);
		buf_add(&m->last, p, len);
	}
	if (m->zipnum != NULL)
		return zipnum_writer_add(m->zipnum, p, len, e);
	if (m->json) {
		index_print_json(p, len > 0 ? len - 1 : 0);
		return ferror(stdout) ? error_system(e, "standard output") : 0;
	}
	buf_add(&m->out, p, len);
	/* As they come, others may wait for each. */
	return m->sorter != NULL && m->out.len < OUT_BYTES ? 0
							   : flush_lines(m, e);
}

static int
each_entry(void *context, const struct cdxj_facts *f, struct error *e)
{
	struct making *m = context;

	buf_reset(&m->line);
	if (m->cdx != 0)
		cdx_add_line(&m->line, f, m->cdx);
	else
		cdxj_add_line(&m->line, f);
	if (m->sorter != NULL)
		return sorter_add(m->sorter, m->line.data, m->line.len, e);
	return put(m, m->line.data, m->line.len, e);
}

static void
problem(void *context, const char *name, uint64_t offset, int damaged,
    const struct error *why)
{
	(void)context;
	cli_say("%s at %" PRIu64 ": %s%s", name, offset,
	    damaged ? "does not read: " : "not in the index: ", why->text);
}

/* What entries name the file: its last part, or its path below the root. */
static char *
name_of(const struct making *m, const char *path)
{
	const char *name = strrchr(path, '/');
	char *whole;
	char *below = NULL;

	if (m->root != NULL) {
		char *real = realpath(path, NULL);

		/* A file in a container has none. */
		whole = real != NULL ? real : mem_text(path);
		if (text_starts(whole, m->root) &&
		    whole[strlen(m->root)] == '/')
			below = mem_text(whole + strlen(m->root) + 1);
		free(whole);
	}
	if (below == NULL)
		below = mem_text(name == NULL ? path : name + 1);
	return below;
}

static int
each_file(void *context, struct input *in, struct error *e)
{
	struct making *m = context;
	char *name = name_of(m, input_name(in));
	struct error why = { 0 };
	int rc = index_records(in, name, &m->options, &m->totals, &why);

	free(name);
	if (rc != 0 && why.kind == ERROR_INPUT) {
		cli_say("%s", why.text);
		m->totals.damaged++;
		rc = 0;
	}
	if (rc != 0)
		return error_set(e, why.kind, "%s", why.text);
	return *m->cli->stop ? 1 : 0;
}

static void
unread(void *context, const char *name, const struct error *why)
{
	struct making *m = context;

	(void)name;
	cli_say("%s", why->text);
	m->unread = 1;
}

/* "response,revisit" or "all" as bits. 1 / 0. */
static int
read_types(const char *text, unsigned *types)
{
	*types = 0;
	if (strcmp(text, "all") == 0) {
		*types = ~0u;
		return 1;
	}
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		unsigned bit = 0;

		for (int t = 0; t < RECORD_OTHER; t++) {
			const char *name = record_type_name(
			    (enum record_type)t);

			if (strlen(name) == len && memcmp(name, text, len) == 0)
				bit = 1u << t;
		}
		if (bit == 0)
			return 0;
		*types |= bit;
		text += len + (text[len] == ',');
	}
	return 1;
}

int
index_no_options(const struct cli *c, const char *const *names,
    const char *where, struct error *e)
{
	for (; *names != NULL; names++)
		if (strcmp(config_origin(c->config, *names), "command line") ==
		    0)
			return error_set(e, ERROR_USAGE,
			    "--%.*s: means nothing to %s",
			    (int)strcspn(*names, ":"), *names, where);
	return 0;
}

static int
check_usage(const struct making *m, struct error *e)
{
	static const char *const finding[] = { "index", "from", "to",
		"prefix:find", "host", "domain", NULL };
	const struct config *c = m->cli->config;

	if (index_no_options(m->cli, finding,
		"index FILE; it is for index find URL", e) != 0)
		return -1;
	if (m->json && (m->cdx != 0 || config_text(c, "zipnum")[0] != '\0'))
		return error_set(e, ERROR_USAGE,
		    "--json and --%s exclude each other",
		    m->cdx != 0 ? "cdx" : "zipnum");
	if (config_flag(c, "unsorted") && config_text(c, "zipnum")[0] != '\0')
		return error_set(e, ERROR_USAGE,
		    "--zipnum and --unsorted exclude each other");
	return 0;
}

static int
set_up(struct making *m, struct error *e)
{
	const struct config *c = m->cli->config;
	const char *cdx = config_text(c, "cdx");
	const char *root = config_text(c, "dir-root");
	const char *zipnum = config_text(c, "zipnum");

	m->options = (struct index_options){ .each = each_entry,
		.problem = problem,
		.context = m,
		.post = config_flag(c, "post-append"),
		.sha1 = strcmp(config_text(c, "digest"), "sha1") == 0,
		.record_digest = config_flag(c, "record-digest") };
	m->cdx = cdx[0] == '\0' ? 0 : (unsigned)strtoul(cdx, NULL, 10);
	m->json = config_flag(c, "json");
	if (check_usage(m, e) != 0)
		return -1;
	if (!read_types(config_text(c, "records"), &m->options.types))
		return error_set(e, ERROR_USAGE,
		    "--records: %s: not a list of record types",
		    config_text(c, "records"));
	if (root[0] != '\0') {
		m->root = m->root_path = realpath(root, NULL);
		if (m->root == NULL)
			return error_system(e, "--dir-root: %s", root);
	}
	if (!config_flag(c, "unsorted"))
		m->sorter = sorter_new(SORT_MEMORY, NULL);
	if (zipnum[0] != '\0')
		return zipnum_writer_open(
		    &m->zipnum, zipnum, config_size(c, "lines"), e);
	return 0;
}

/* Everything that was sorted. */
static int
put_sorted(struct making *m, struct error *e)
{
	const uint8_t *p;
	size_t len;
	int more;

	if (m->sorter == NULL)
		return 0;
	if (sorter_begin(m->sorter, e) != 0)
		return -1;
	while ((more = sorter_next(m->sorter, &p, &len, e)) == 1)
		if (put(m, p, len, e) != 0)
			return -1;
	return more < 0 ? -1 : flush_lines(m, e);
}

static int
make(struct making *m, struct error *e)
{
	const struct record_files files = { each_file, unread, m };

	if (set_up(m, e) != 0)
		return -1;
	/* In front of all when sorted, too. */
	if (m->cdx != 0 && m->zipnum == NULL)
		(void)fputs(cdx_header(m->cdx), stdout);
	for (size_t i = 0; i < m->cli->object_count; i++) {
		int rc = record_files_each(m->cli->objects[i], &files, e);

		if (rc < 0)
			return -1;
		if (rc > 0)
			break;
	}
	/* Half an index is none. */
	if (m->zipnum != NULL && *m->cli->stop)
		return 0;
	if (put_sorted(m, e) != 0)
		return -1;
	if (m->zipnum != NULL)
		return zipnum_writer_finish(m->zipnum, e);
	if (fflush(stdout) != 0)
		return error_system(e, "standard output");
	return 0;
}

int
verb_index(struct cli *c)
{
	struct making m = { .cli = c };
	struct error e = { 0 };
	int code;

	if (strcmp(c->objects[0], "find") == 0)
		return verb_index_find(c);
	look_only_prints();
	if (make(&m, &e) != 0)
		code = cli_fail(&e);
	else if (*c->stop)
		code = EXIT_SIGNAL;
	else if (m.totals.damaged > 0)
		code = EXIT_DAMAGED;
	else if (m.unread)
		code = EXIT_FILE;
	else
		code = m.totals.problems > 0 ? EXIT_INCOMPLETE : EXIT_DONE;
	sorter_free(m.sorter);
	zipnum_writer_free(m.zipnum);
	buf_clear(&m.line);
	buf_clear(&m.last);
	buf_clear(&m.out);
	free(m.root_path);
	return code;
}
