/* Any bytes as a record file: repaired and converted, judged only. */
#include "core/archive/convert.h"
#include "core/archive/format.h"
#include "core/archive/record_filter.h"
#include "core/archive/repair.h"
#include "core/base/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
each(void *context, const struct repair_finding *f, struct error *e)
{
	(void)e;
	if (f->from > f->to || f->to > *(const size_t *)context)
		__builtin_trap();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *statuses[] = { "2xx", NULL };
	const char *urls[] = { "*a*", NULL };
	const struct record_filter_options fo = { .statuses = statuses,
		.urls = urls };
	const struct repair_options ro = { .each = each, .context = &size };
	struct repair_totals totals = { 0 };
	struct input *in = input_of_bytes(data, size, "fuzz.warc");
	struct source *s = NULL;
	struct record_filter *filter = NULL;

	if (repair_source(&s, in, NULL) == 0)
		(void)repair_records(s, in, NULL, &ro, &totals, NULL);
	source_free(s);
	if (record_filter_new(&filter, &fo, NULL) != 0)
		__builtin_trap();
	for (int i = 0; i < 2; i++) {
		const struct convert_options co = {
			.version = i == 0 ? "WARC/1.0" : "WARC/1.1",
			.filter = i == 0 ? filter : NULL
		};
		struct converter *c = converter_new(NULL, &co);

		(void)converter_add(
		    c, in, NULL); /* it may be no file of ours */
		if (converter_totals(c)->records > converter_totals(c)->read)
			__builtin_trap();
		converter_free(c);
	}
	record_filter_free(filter);
	input_free(in);
	return 0;
}
