#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "core/archive/format.h"
#include "core/archive/package.h"

/* Every format, one per file of this folder, in the order of recognition. */
extern const struct format format_warc;
extern const struct format format_arc;

/* Every kind of package. */
extern const struct package package_tar;
extern const struct package package_tar_gz;
extern const struct package package_tar_zst;
extern const struct package package_zip;

#endif
