#ifndef TESTS_BULK_H
#define TESTS_BULK_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Pages, pictures and scripts in bulk, for benchmarks: words that are as
 * common as in a language, pictures that compress as little as any JPEG. The
 * same seed and calls give the same bytes.
 */
struct bulk;

struct bulk *bulk_new(uint64_t seed);
void bulk_free(struct bulk *m);

uint64_t bulk_random(struct bulk *m);
unsigned bulk_between(struct bulk *m, unsigned low, unsigned high);
const char *bulk_word(struct bulk *m); /* borrowed */
void bulk_words(struct bulk *m, struct buf *out, unsigned count);

/* The address of article NUMBER, of the words of TITLE. Caller frees. */
char *bulk_path(unsigned number, const char *title);

enum { BULK_SECTIONS = 9, BULK_PICTURES = 4 };

/* The HTML of article NUMBER, at least LEN bytes, showing up to
 * BULK_PICTURES pictures /media/NUMBER-I.jpg. */
void bulk_page(struct bulk *m, struct buf *out, unsigned number,
    const char *title, size_t len);

/* A style sheet or a script of at least LEN bytes, which begins with START. */
void bulk_code(
    struct bulk *m, struct buf *out, const char *start, int style, size_t len);

/* A picture as far as anyone looks at it: JPEG head, bytes, JPEG end. */
void bulk_picture(struct bulk *m, struct buf *out, size_t len);

/* 20 to 200 KB, each third of the range on a scale of ratios as often. */
size_t bulk_picture_len(struct bulk *m);

#endif
