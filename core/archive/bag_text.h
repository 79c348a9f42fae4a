#ifndef ARCHIVE_BAG_TEXT_H
#define ARCHIVE_BAG_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/limits.h"

struct error;
struct stream;

/* The texts in a bag, read by the letter of RFC 8493, 2.1 and 2.2, and of the
 * drafts 0.93 to 0.97 that came before it. */

/* Looser than the standard wants it, though it is clear what is meant. */
enum bag_loose {
	BAG_LOOSE_DOT = 1,    /* a path that begins with "./" */
	BAG_LOOSE_STAR = 2,   /* one that md5sum marked as binary: "*" */
	BAG_LOOSE_BLANK = 4,  /* blanks where none are allowed */
	BAG_LOOSE_CODING = 8, /* bytes that are no UTF-8 */
	BAG_LOOSE_LINES = 16  /* bagit.txt: not two lines in their order */
};

static inline int
bag_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the blanks at P end. */
static inline size_t
bag_blank_end(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && bag_is_blank(p[n]))
		n++;
	return n;
}

struct bag_declaration {
	unsigned version; /* 93 to 97, 100 */
	char encoding[40];
	unsigned loose;
};

/* bagit.txt. ERROR_INPUT: it does not read, or the version is not known; D
 * holds what was read, else version 1.0 and UTF-8. */
int bag_declaration_read(
    struct bag_declaration *d, const uint8_t *p, size_t len, struct error *e);

/*
 * Lines of a tag file, whatever ends them, as UTF-8. ENCODING is that of the
 * declaration; S is borrowed. One in another encoding than UTF-8 may be
 * LIMIT_BAG_CODED_BYTES long.
 */
struct bag_lines {
	struct stream *in;
	const uint8_t *data; /* what of a span is left */
	size_t len;
	struct buf whole; /* decoded, when it is not UTF-8 */
	struct buf line;
	uint64_t number; /* of the line, from 1 */
	int was_cr;      /* the last line ended in CR: LF belongs to it */
	int ended;
};
int bag_lines_open(struct bag_lines *l, struct stream *s, const char *encoding,
    struct error *e);
void bag_lines_clear(struct bag_lines *l);

/* 1, the line is in L->line; 0, the end; -1: ERROR_INPUT, ERROR_LIMIT (a line
 * longer than LIMIT_BAG_LINE_BYTES), ERROR_SYSTEM. */
int bag_lines_next(struct bag_lines *l, struct error *e);

/* A path as it stands in a manifest or fetch.txt: decoded (%0A and %0D, in 1.0
 * also %25), without "./". ERROR_INPUT: it leads out of the bag (absolute,
 * "~", a drive, "..", backslashes), or is none. */
struct bag_path {
	char text[LIMIT_PACKAGE_NAME + 1];
	unsigned loose;
};
int bag_path_read(struct bag_path *out, const char *p, size_t len,
    unsigned version, struct error *e);

/* One line of a manifest whose digests are LEN raw bytes (0: any number up to
 * DIGEST_RAW_MAX). */
struct bag_entry {
	uint8_t raw[DIGEST_RAW_MAX];
	size_t raw_len;
	struct bag_path path;
};
int bag_entry_read(struct bag_entry *out, const char *line, size_t len,
    size_t raw_len, unsigned version, struct error *e);

/* One line of fetch.txt. */
struct bag_fetch {
	const char *url; /* in the line */
	size_t url_len;
	uint64_t length; /* UINT64_MAX: not given */
	struct bag_path path;
};
int bag_fetch_read(struct bag_fetch *out, const char *line, size_t len,
    unsigned version, struct error *e);

/* bag-info.txt: one element at a time, unfolded. L stands at its beginning. */
struct bag_info {
	struct bag_lines *lines;
	struct buf label, value;
	struct buf next; /* a line that was read ahead */
	int has_next;
	unsigned loose; /* of this element */
};
void bag_info_clear(struct bag_info *i);

/* 1 / 0, the end / -1; ERROR_INPUT: a line without a colon, which was passed
 * over: more may come. */
int bag_info_next(struct bag_info *i, struct error *e);

/* "octets.files" of Payload-Oxum. 1 / 0. */
int bag_oxum_read(const char *value, uint64_t *octets, uint64_t *files);

/* NAME in one case and one normal form (NFC), to find those that some file
 * systems take for one; appended. */
void bag_fold(struct buf *out, const char *name);

/* Are two names equal in NFC? 1 / 0. */
int bag_same_form(const char *a, const char *b);

/* "manifest-ALG.txt" or "tagmanifest-ALG.txt": 1, and where ALG stands. */
int bag_manifest_name(
    const char *name, int *is_tag, const char **algorithm, size_t *len);

#endif
