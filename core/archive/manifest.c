/* SHA-256 manifests that sha256sum -c reads. */
#include "core/archive/manifest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/stream.h"

void
manifest_clear(struct manifest *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->entries[i].name);
	free(m->entries);
	*m = (struct manifest){ 0 };
}

/* Takes NAME; HEX has 64 digits. */
static void
take_entry(struct manifest *m, char *name, const char *hex)
{
	if (m->count == m->cap) {
		m->cap = m->cap == 0 ? 16 : m->cap * 2;
		m->entries = mem_grow(m->entries, m->cap, sizeof(*m->entries));
	}
	m->entries[m->count].name = name;
	memcpy(m->entries[m->count].hex, hex, DIGEST_SHA256_HEX);
	m->entries[m->count].hex[DIGEST_SHA256_HEX] = '\0';
	m->count++;
}

void
manifest_add(struct manifest *m, const char *name, const char *hex)
{
	take_entry(m, mem_text(name), hex);
}

static int
by_name(const void *a, const void *b)
{
	const struct manifest_entry *x = a;
	const struct manifest_entry *y = b;

	return strcmp(x->name, y->name);
}

void
manifest_sort(struct manifest *m)
{
	if (m->count > 0)
		qsort(m->entries, m->count, sizeof(*m->entries), by_name);
}

const struct manifest_entry *
manifest_find(const struct manifest *m, const char *name)
{
	size_t low = 0;
	size_t high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(m->entries[middle].name, name);

		if (order == 0)
			return &m->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* coreutils 9.1: a line whose name holds a backslash, LF or CR starts with a
 * backslash and has them as two characters. Nothing else is escaped. */
static void
add_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '\\')
			buf_add_text(out, "\\\\");
		else if (*name == '\n')
			buf_add_text(out, "\\n");
		else if (*name == '\r')
			buf_add_text(out, "\\r");
		else
			buf_add_byte(out, (uint8_t)*name);
	}
}

void
manifest_write(struct buf *out, struct manifest *m)
{
	manifest_sort(m);
	for (size_t i = 0; i < m->count; i++) {
		const struct manifest_entry *entry = &m->entries[i];

		if (strpbrk(entry->name, "\\\n\r") != NULL)
			buf_add_byte(out, '\\');
		buf_add_text(out, entry->hex);
		buf_add_text(out, "  ");
		add_name(out, entry->name);
		buf_add_byte(out, '\n');
	}
}

/* Relative, and every part a real name: nothing leads out of the tree. */
static int
is_safe_name(const char *name)
{
	while (*name != '\0') {
		size_t part = strcspn(name, "/");

		if (part == 0 || (part == 1 && name[0] == '.') ||
		    (part == 2 && name[0] == '.' && name[1] == '.'))
			return 0;
		name += part;
		if (*name == '/' && *++name == '\0')
			return 0;
	}
	return 1;
}

/* The name at P..END without its escapes; NULL when one is not canonical. */
static char *
read_name(const char *p, const char *end, int escaped)
{
	char *name = mem_alloc((size_t)(end - p) + 1);
	size_t n = 0;
	int seen = 0;

	for (; p < end; p++) {
		if (*p == '\0' || *p == '\r' || (*p == '\\' && !escaped))
			goto bad;
		if (*p != '\\') {
			name[n++] = *p;
			continue;
		}
		if (++p == end)
			goto bad;
		if (*p == '\\')
			name[n++] = '\\';
		else if (*p == 'n')
			name[n++] = '\n';
		else if (*p == 'r')
			name[n++] = '\r';
		else
			goto bad;
		seen = 1;
	}
	name[n] = '\0';
	if (n > 0 && seen == escaped && is_safe_name(name))
		return name;
bad:
	free(name);
	return NULL;
}

static int
is_lower_hex(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			(p[i] >= 'a' && p[i] <= 'f')))
			return 0;
	return 1;
}

/* One line without its LF. */
static int
read_line(struct manifest *m, const char *p, const char *end, size_t number,
    struct error *e)
{
	int escaped = p < end && *p == '\\';
	const char *hex = p + escaped;
	char *name;

	if (end - hex <= DIGEST_SHA256_HEX + 2 ||
	    !is_lower_hex(hex, DIGEST_SHA256_HEX) ||
	    hex[DIGEST_SHA256_HEX] != ' ' || hex[DIGEST_SHA256_HEX + 1] != ' ')
		return error_set(e, ERROR_INTEGRITY,
		    "line %zu is not a SHA-256 in lower-case hex, two blanks "
		    "and a name",
		    number);
	name = read_name(hex + DIGEST_SHA256_HEX + 2, end, escaped);
	if (name == NULL)
		return error_set(e, ERROR_INTEGRITY,
		    "line %zu has a name that is absolute, leads out of the "
		    "folder or is spelled wrong",
		    number);
	take_entry(m, name, hex);
	if (m->count > 1) {
		int order = strcmp(m->entries[m->count - 2].name, name);

		if (order >= 0)
			return error_set(e, ERROR_INTEGRITY, "line %zu %s",
			    number,
			    order == 0 ? "names a file twice"
				       : "is out of order");
	}
	return 0;
}

int
manifest_read(struct manifest *m, const char *text, size_t len, struct error *e)
{
	const char *end = text + len;
	size_t number = 1;

	manifest_clear(m);
	for (; text < end; number++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));

		if (lf == NULL) {
			(void)error_set(
			    e, ERROR_INTEGRITY, "line %zu has no end", number);
			goto bad;
		}
		if (read_line(m, text, lf, number, e) != 0)
			goto bad;
		text = lf + 1;
	}
	if (m->count > 0)
		return 0;
	/* sha256sum -c refuses an empty one too. */
	(void)error_set(e, ERROR_INTEGRITY, "no line at all");
bad:
	manifest_clear(m);
	return -1;
}

int
manifest_digest_file(const char *path, char hex[65], struct error *e)
{
	struct stream *s = NULL;
	uint64_t size;
	int rc = -1;
	int fd = file_open_read(path, e);

	if (fd < 0)
		return -1;
	if (file_size(path, &size, e) != 0)
		goto done;
	s = stream_of_file(fd, 0, size);
	rc = stream_sha256(s, hex, e);
	if (rc != 0)
		(void)error_within(e, "%s", path);
done:
	stream_free(s);
	(void)close(fd); /* only read */
	return rc;
}

int
manifest_put(const char *path, struct manifest *m, struct error *e)
{
	struct buf text = { 0 };
	int rc;

	manifest_write(&text, m);
	rc = file_put(path, text.data, text.len, e);
	if (rc == 0)
		rc = file_chmod(path, 0440, e);
	buf_clear(&text);
	return rc;
}
