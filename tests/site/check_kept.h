#ifndef TESTS_SITE_CHECK_KEPT_H
#define TESTS_SITE_CHECK_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "tests/site/news.h"

/* The half of check.c that reads the collection. */

struct visit {
	int64_t wall, mono;
	unsigned status;
	const char *host, *target, *core; /* CORE "-": not shown */
	const struct life *life;          /* NULL: no article */
};

struct run {
	int64_t begin, end;
	int code;
};

struct kept {
	char *url_or_post; /* post id of an article, address of a target */
	char *core;        /* "" of a target */
	int64_t at;
};

struct checking {
	const char *folder;
	struct news news;
	struct visit *visits;
	size_t visit_count;
	struct run *runs;
	size_t run_count;
	struct kept *articles, *targets;
	size_t article_count, target_count, target_cap, article_cap;
	unsigned snapshots, shown_versions, lost, kept_articles, invented;
	unsigned pictures, pictures_missing, outcomes, unbalanced;
	unsigned gone[SITE_EDITIONS]; /* for good, as visitors saw it */
	unsigned told;
	int failed;
};

/* A remark; only the first few are printed. */
void check_tell(struct checking *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Read the snapshot in folder PATH: its sums, articles and targets. */
void check_snapshot(struct checking *c, char *path);

/* Compare what was read with what was shown. */
void check_shown_kept(struct checking *c);

void check_clear(struct checking *c);

#endif
