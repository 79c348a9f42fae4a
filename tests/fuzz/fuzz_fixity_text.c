/* What verify and audit read back: a state, lines of a history. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/cli/verify_units.h"
#include "core/collection/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Either it is refused and told, or every unit is wanted or passed over. */
static void
read_state(const uint8_t *p, size_t len)
{
	struct verify_units u = { .end_ms = -1 };
	struct error e = { 0 };
	char *text = mem_text_n((const char *)p, len);
	int want;

	memset(u.of, '0', sizeof(u.of) - 1);
	u.state = mem_text("state");
	if (verify_units_read(&u, text, &e) != 0) {
		if (e.kind != ERROR_USAGE || u.has_done)
			abort();
	} else {
		want = verify_units_want(&u, "a.warc.gz");
		if ((want != 0 && want != 1) || u.begun + u.passed != 1)
			abort();
	}
	verify_units_clear(&u);
	free(text);
}

/* What counts names a file of a snapshot and a time that was. */
static void
read_line(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct audit_line l;

	if (audit_line_read(a, (const char *)p, len, &l) &&
	    (strncmp(l.file, "snapshots/", 10) != 0 ||
		strstr(l.file, "/../") != NULL || l.time_us <= 0 ||
		strlen(l.sha256) > 64 || audit_result_name(l.result) == NULL))
		abort();
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	read_state(p, len);
	read_line(p, len);
	return 0;
}
