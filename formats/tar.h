#ifndef FORMATS_TAR_H
#define FORMATS_TAR_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct input;
struct package_visit;

/* The reading side of tars, plain or in gzip or zstd: struct package. */

int tar_recognise(const uint8_t *head, size_t len);
int tar_gz_recognise(const uint8_t *head, size_t len);
int tar_zst_recognise(const uint8_t *head, size_t len);

int tar_read(struct input *in, const struct package_visit *v, struct error *e);

#endif
