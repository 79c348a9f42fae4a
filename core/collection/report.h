#ifndef COLLECTION_REPORT_H
#define COLLECTION_REPORT_H

#include <stdint.h>

#include "core/web/exchange.h"

struct arena;
struct buf;
struct collection;
struct error;
struct json;
struct buf;
struct line_reader;
struct snapshot_totals;
struct tally;

/*
 * report.json of a snapshot that is being sealed: one member a line, one page
 * a line. It names the snapshot sealed before it in the collection and the
 * SHA-256 of that one's manifest ("" when it has none any more).
 */
int report_write(const struct collection *c, struct tally *t, const char *dir,
    struct error *e);

/* One more target, which ended so; RECORD is the id of its capture, "" none.
 */
void report_count(struct snapshot_totals *t, enum outcome outcome,
    const char *record, int64_t bytes);

/* Its member "totals", behind others. */
void report_add_totals(struct buf *b, const struct snapshot_totals *t);

/* report.json without its pages, in A; EACH_PAGE (NULL none) gets those. */
struct json *report_read(struct arena *a, const char *path,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e);
/* The same of a report that is open already, from its first line on. */
struct json *report_read_lines(struct arena *a, struct line_reader *lines,
    int (*each_page)(void *context, const struct json *page, uint64_t offset),
    void *context, struct error *e);

#endif
