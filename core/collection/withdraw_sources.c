/* What an import kept of the packages it read, without what is erased. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/output.h"
#include "core/base/text.h"
#include "core/collection/layout.h"
#include "core/collection/line_reader.h"
#include "core/collection/withdraw_part.h"

int
withdraw_names(const struct target_set *ids, const char *line, size_t len)
{
	static const char urn[] = "urn:uuid:";
	const size_t id_len = sizeof(urn) - 1 + 36;
	const char *end = line + len;
	const char *at = line;
	int yes = 0;

	while (!yes && (at = memmem(at, (size_t)(end - at), urn,
			    sizeof(urn) - 1)) != NULL) {
		char *id;

		if ((size_t)(end - at) < id_len)
			break;
		id = mem_text_n(at, id_len);
		yes = target_set_find(ids, id) != NULL;
		free(id);
		at += sizeof(urn) - 1;
	}
	return yes;
}

/* Is it told where bytes lie in a file that was written anew? 1 / 0. */
static int
names_changed(const struct withdraw_segments *s, const char *line, size_t len)
{
	int yes = 0;

	for (size_t i = 0; !yes && i < s->count; i++) {
		char *member = mem_format("\"file\":\"%s\"", s->names[i]);

		yes = memmem(line, len, member, strlen(member)) != NULL;
		free(member);
	}
	return yes;
}

int
withdraw_source(const struct withdraw_plan *p,
    const struct withdraw_segments *s, const char *from, const char *to,
    char hex[65], struct error *e)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct line_reader lines = { .fd = -1 };
	struct output out = { .fd = -1 };
	int is_places = text_ends(from, "/sources/files.jsonl");
	char text[DIGEST_TEXT_MAX];
	char *line;
	size_t len;
	int more = line_reader_open(&lines, from, e) != 0 ||
			   output_open(&out, to, e) != 0
		       ? -1
		       : 1;

	while (more == 1 &&
	       (more = line_reader_next(&lines, &line, &len, e)) == 1) {
		int has_end = lines.next > lines.start + len;

		digester_add(d, line, len);
		if (has_end)
			digester_add(d, "\n", 1);
		if (withdraw_tells(p, 1, line, len) ||
		    withdraw_names(&p->ids, line, len) ||
		    (is_places && names_changed(s, line, len)))
			continue;
		if (output_add(&out, line, len, e) != 0 ||
		    (has_end && output_add(&out, "\n", 1, e) != 0))
			more = -1;
	}
	if (more == 0)
		more = output_finish(&out, e);
	digester_hex(d, text);
	memcpy(hex, text, 64);
	hex[64] = '\0';
	output_clear(&out);
	line_reader_close(&lines);
	digester_free(d);
	return more;
}

/* A snapshot whose sources are looked into. */
struct look {
	struct withdraw_set *set;
	const char *dir; /* .../sources */
	int found;
};

static int
is_told(const struct withdraw_set *s, const char *line, size_t len)
{
	int yes = withdraw_names(&s->captures, line, len);

	for (size_t i = 0; !yes && i < s->term_count; i++) {
		char *quoted = withdraw_quoted(s->terms[i]);

		yes = withdraw_has_address(line, len, quoted);
		free(quoted);
	}
	return yes;
}

static int
each_source(void *context, const char *name, int is_regular, struct error *e)
{
	struct look *l = context;
	struct line_reader lines = { .fd = -1 };
	char *path = mem_format("%s/%s", l->dir, name);
	char *line;
	size_t len;
	int more = is_regular && !l->found ? line_reader_open(&lines, path, e)
					   : 0;

	if (more == 0 && lines.fd >= 0)
		more = 1;
	while (more == 1 && !l->found &&
	       (more = line_reader_next(&lines, &line, &len, e)) == 1)
		l->found = is_told(l->set, line, len);
	line_reader_close(&lines);
	free(path);
	return more < 0 ? -1 : 0;
}

int
withdraw_scan_sources(struct withdraw_set *s, const struct collection *c,
    const char *snapshot, struct error *e)
{
	struct look l = { .set = s };
	char *dir = mem_format("%s/%s/sources", c->dir, snapshot);
	int rc = 0;

	l.dir = dir;
	if (file_is_dir(dir))
		rc = file_walk(dir, each_source, &l, e);
	free(dir);
	if (rc != 0)
		return -1;
	return l.found && target_set_add(&s->snapshots, snapshot, 0);
}
