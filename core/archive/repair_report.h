#ifndef ARCHIVE_REPAIR_REPORT_H
#define ARCHIVE_REPAIR_REPORT_H

#include <stdint.h>

struct arena;
struct error;
struct json;
struct repair_finding;
struct repair_totals;

/*
 * What a repair found, as a file beside its output: one JSON object (schema
 * "damage/1") with every finding in the order of the input, however many.
 * Written under PATH.open until it is whole.
 */
struct repair_report;

/* INPUT is the file that was read. */
int repair_report_open(struct repair_report **out, const char *path,
    const char *input, struct error *e);
int repair_report_add(
    struct repair_report *r, const struct repair_finding *f, struct error *e);

/* OUTPUT is the file written; "" none was. */
int repair_report_finish(struct repair_report *r, const char *output,
    const struct repair_totals *t, struct error *e);

/* What was not finished is removed. NULL is fine. */
void repair_report_free(struct repair_report *r);

/* A finding as JSON: kind code from to record uri text. */
struct json *
repair_finding_json(struct arena *a, const struct repair_finding *f);

/* The totals into O: records copied lost lost_bytes changed reframed. */
void repair_totals_json(
    struct arena *a, struct json *o, const struct repair_totals *t);

#endif
