/* The record formats this program knows. */
#include "formats/table.h"

#include <stddef.h>

const struct format *const format_table[] = { &format_warc, NULL };
