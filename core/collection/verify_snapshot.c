/* One sealed snapshot verified: its parts in order. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/verify_part.h"
#include "core/web/exchange.h"

static uint64_t *
counter(struct verify_totals *t, enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOTE:
		return &t->notes;
	case SEVERITY_WARNING:
		return &t->warnings;
	case SEVERITY_DAMAGE:
		return &t->damaged;
	case SEVERITY_CHANGED:
		break;
	}
	return &t->changed;
}

void
check_say(struct snapshot_check *s, enum severity severity, const char *code,
    const char *file, uint64_t offset, const char *record, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	char *name = mem_format("%s%s", s->prefix, file);
	struct finding f = { severity, code, name, offset, record, text };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(*counter(&s->totals->files, severity))++;
	if (s->options->each_finding != NULL)
		s->options->each_finding(s->options->context, &f);
	free(name);
}

int
check_may_say(struct snapshot_check *s, const char *file)
{
	if (s->listing != file) {
		s->listing = file;
		s->listing_said = 0;
	}
	if (++s->listing_said == VERIFY_LISTING_MAX)
		check_say(s, SEVERITY_NOTE, "more", file, 0, "",
		    "more of the same is not told");
	return s->listing_said < VERIFY_LISTING_MAX;
}

char *
check_path(const struct snapshot_check *s, const char *file)
{
	return mem_format("%s/%s", s->dir, file);
}

void
check_hash(uint8_t out[VERIFY_SHORT], const char *text, size_t len)
{
	uint8_t raw[DIGEST_SHA256_RAW];

	digest_sha256(text, len, raw);
	memcpy(out, raw, VERIFY_SHORT);
}

int
verify_is_snapshot(const char *dir)
{
	static const char *const marks[] = { "manifest-sha256.txt",
		"report.json" };
	int found = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		char *path = mem_format("%s/%s", dir, marks[i]);

		found |= file_exists(path);
		free(path);
	}
	return found;
}

static int
check_all(struct snapshot_check *s, struct error *e)
{
	static int (*const parts[])(struct snapshot_check *, struct error *) = {
		check_manifest, check_report, check_records, check_index,
		check_outcomes, check_articles, check_profiles, check_totals
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i](s, e) != 0)
			return -1;
	return s->options->rederive ? check_rederive(s, e) : 0;
}

static void
check_clear(struct snapshot_check *s)
{
	manifest_clear(&s->manifest);
	target_set_clear(&s->ids);
	target_set_clear(&s->urls);
	target_set_clear(&s->url_hashes);
	target_set_clear(&s->marked);
	free(s->known);
	free(s->articles);
	arena_free(s->arena);
}

int
verify_one(const struct collection *c, const char *snapshot, const char *dir,
    const struct verify_collection_options *o,
    struct verify_collection_totals *totals, struct error *e)
{
	struct snapshot_check s = {
		.options = o,
		.totals = totals,
		.collection = c,
		.dir = dir,
		.collection_id = "",
		.kind = "",
		.arena = arena_new(),
	};
	int rc;

	s.snapshot = snapshot == NULL ? "" : snapshot;
	s.prefix = snapshot == NULL ? ""
				    : arena_format(s.arena, "%s/", snapshot);
	s.by_outcome = arena_alloc(
	    s.arena, OUTCOME_COUNT * sizeof(*s.by_outcome));
	totals->snapshots++;
	rc = check_all(&s, e);
	totals->articles += s.article_count;
	check_clear(&s);
	return rc;
}
