/* The record formats and the packages this program knows. */
#include "formats/table.h"

#include <stddef.h>

const struct format *const format_table[] = { &format_warc, &format_arc, NULL };

const struct package *const package_table[] = { &package_tar, &package_tar_gz,
	&package_tar_zst, &package_zip, NULL };
