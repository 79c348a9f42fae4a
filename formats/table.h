#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "core/archive/format.h"

/* Every format, one per file of this folder, in the order of recognition. */
extern const struct format format_warc;

#endif
