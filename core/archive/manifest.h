#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;

/* SHA-256 manifests that sha256sum -c reads (standards.md 6.1). */

struct manifest_entry {
	char *name;   /* relative, "/" between parts */
	char hex[65]; /* lower case */
};

struct manifest {
	struct manifest_entry *entries; /* sorted bytewise by name */
	size_t count, cap;
};

void manifest_clear(struct manifest *m);
void manifest_add(struct manifest *m, const char *name, const char *hex);
void manifest_sort(struct manifest *m);
const struct manifest_entry *
manifest_find(const struct manifest *m, const char *name);

/* Sorted lines, canonical spelling, with coreutils' escapes, appended. */
void manifest_write(struct buf *out, struct manifest *m);

/*
 * Strict: exactly what manifest_write makes (order, case, two blanks, no
 * comments). ERROR_INTEGRITY with the line otherwise: absolute or ".." names,
 * duplicates, disorder.
 */
int manifest_read(
    struct manifest *m, const char *text, size_t len, struct error *e);

/* The same as a file, which nobody may write to. */
int manifest_put(const char *path, struct manifest *m, struct error *e);

/* SHA-256 of a whole file as bare hex. */
int manifest_digest_file(const char *path, char hex[65], struct error *e);

#endif
