/* Ranges of any text: none that is read opens what the list has not. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/web/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_text_n((const char *)data, size);
	const char *const list[] = { text, NULL };
	struct address_filter *f = address_filter_new(list, NULL);
	char why[ADDRESS_WHY_MAX];

	if (f != NULL) {
		/* The range's own first address, when it has no "/". */
		if (strchr(text, '/') == NULL && strchr(text, ':') == NULL)
			assert(address_text_is_allowed(f, text, why));
		(void)address_text_is_allowed(f, "::ffff:10.0.0.1", why);
		(void)address_text_is_allowed(f, "64:ff9b::10.0.0.1", why);
		assert(address_text_is_allowed(f, "8.8.8.8", why));
	}
	address_filter_free(f);
	free(text);
	return 0;
}
