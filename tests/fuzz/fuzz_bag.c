/* The texts in a bag, in any encoding and version: no path leaves it, no line
 * or element is longer than it may be. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/bag_text.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
check_path(const struct bag_path *path)
{
	const char *s = path->text;

	must(s[0] != '\0' && s[0] != '/' && s[0] != '~');
	must(strlen(s) <= LIMIT_PACKAGE_NAME);
	must(strcmp(s, "..") != 0 && strncmp(s, "../", 3) != 0);
	must(strstr(s, "/../") == NULL && strchr(s, '\\') == NULL);
	must(strlen(s) < 3 || strcmp(s + strlen(s) - 3, "/..") != 0);
}

static void
each_line(const struct bag_lines *l, unsigned version)
{
	const char *line = buf_text(&l->line);
	struct bag_entry entry;
	struct bag_fetch fetch;
	struct buf folded = { 0 };

	must(l->line.len <= LIMIT_BAG_LINE_BYTES);
	if (bag_entry_read(&entry, line, l->line.len, 0, version, NULL) == 0) {
		must(entry.raw_len > 0 && entry.raw_len <= DIGEST_RAW_MAX);
		check_path(&entry.path);
		bag_fold(&folded, entry.path.text);
		(void)bag_same_form(entry.path.text, buf_text(&folded));
	}
	if (bag_fetch_read(&fetch, line, l->line.len, version, NULL) == 0) {
		must(fetch.url_len > 1 && fetch.url_len < l->line.len);
		check_path(&fetch.path);
	}
	buf_clear(&folded);
}

static void
each_element(struct bag_lines *l)
{
	struct bag_info info = { .lines = l };
	struct error e = { 0 };
	uint64_t octets;
	uint64_t files;
	int got;

	do {
		error_clear(&e);
		got = bag_info_next(&info, &e);
		if (got > 0)
			(void)bag_oxum_read(
			    buf_text(&info.value), &octets, &files);
	} while (got > 0 || e.kind == ERROR_INPUT);
	bag_info_clear(&info);
}

/* The first byte chooses; bagit.txt stands before a NUL, then a tag file. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *end;
	struct bag_declaration d;
	struct bag_lines lines = { 0 };
	struct stream *s;
	size_t head;

	if (len < 2)
		return 0;
	end = memchr(p + 1, '\0', len - 1);
	head = end == NULL ? len - 1 : (size_t)(end - p) - 1;
	(void)bag_declaration_read(&d, p + 1, head, NULL);
	must(d.version == 100 || (d.version >= 93 && d.version <= 97));
	must(d.encoding[0] != '\0');
	if (end == NULL)
		return 0;
	s = stream_of_bytes(end + 1, len - head - 2);
	if (bag_lines_open(&lines, s, d.encoding, NULL) == 0) {
		if (p[0] & 1)
			each_element(&lines);
		else
			while (bag_lines_next(&lines, NULL) == 1)
				each_line(&lines, d.version);
	}
	bag_lines_clear(&lines);
	stream_free(s);
	return 0;
}
