/* The first line is a target, the rest robots.txt: whatever it says, a line
 * that decides exists and the delay is one that can be waited for. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/web/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *end = memchr(p, '\n', len);
	size_t target_len = end == NULL ? 0 : (size_t)(end - p);
	char *target = mem_text_n((const char *)p, target_len);
	struct robots *r = robots_parse(p + target_len, len - target_len);
	unsigned line = 0;
	int allowed = robots_allowed(r, "example-bot", target, &line);

	if ((!allowed && line == 0) || line > len + 1)
		abort();
	if (robots_delay_ms(r, "example-bot") < -1)
		abort();
	robots_free(r);
	free(target);
	return 0;
}
