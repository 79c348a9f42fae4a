#ifndef NEWS_NORMALIZE_H
#define NEWS_NORMALIZE_H

#include <stddef.h>

#include "core/base/digest.h"

struct buf;

/* Text normalization and hashes, rule NT1 (docs: ARCHIVING.md). */

/* NFC; invisible controls deleted (U+200C and U+200D kept); every run of
 * Unicode white space becomes one space; trimmed. Appended. Invalid UTF-8
 * becomes U+FFFD first. */
void nt1_text(struct buf *out, const char *s, size_t len);

/* Append "KIND TAB text LF" when the normalized text is not empty. KIND: h d
 * p 2..6 q l t n e, x for xref. Cells of a table row come joined by U+001F and
 * are normalized each for itself. */
void nt1_block(struct buf *out, const char *kind, const char *s, size_t len);

/* The loose form of a serialized stream: casefold, quotes, dashes and
 * ellipsis folded, tashkeel and tatweel removed, alef/ya/ta-marbuta folded,
 * digits folded. Appended. */
void nt1_loose(struct buf *out, const char *s, size_t len);

/* 64-bit simhash over the 3-word shingles of a loose stream; kinds are no
 * words. Each shingle (words joined by a space) votes with the first eight
 * bytes of its SHA-256; 0 for no words. */
unsigned long long nt1_simhash(const char *s, size_t len);

/* Words of a text: runs of letters, digits and marks; an apostrophe between
 * two of them stays inside. */
size_t nt1_words(const char *s, size_t len);

#endif
