#ifndef CLI_VERIFY_REPORT_H
#define CLI_VERIFY_REPORT_H

#include <stdint.h>

#include "core/archive/verify.h"

struct cli;
struct error;
struct verify_collection_totals;

/* What verify tells: text or JSON Lines on stdout, and JUnit XML. */
struct verify_report;

struct verify_report_options {
	int json;
	int quiet;         /* only damage and changes, and no summary */
	int verdicts;      /* one line for each record, too */
	const char *junit; /* file to write; "" none */
};

/* -1: the JUnit file cannot be made. C must outlive it. */
int verify_report_new(struct verify_report **out, const struct cli *c,
    const struct verify_report_options *o, struct error *e);
void verify_report_free(struct verify_report *r); /* NULL is fine */

void verify_report_finding(struct verify_report *r, const struct finding *f);
void
verify_report_record(struct verify_report *r, const struct verified_record *v);

/* Who signed the package FILE, as far as that shows. */
void verify_report_signature(
    struct verify_report *r, const char *file, const char *who);

/* FILE is looked at: a test suite, even when nothing is found. */
void verify_report_file(struct verify_report *r, const char *file);

/* FILE could not be looked at. */
void verify_report_unread(
    struct verify_report *r, const char *file, const char *why);

struct verify_summary {
	const struct verify_collection_totals *totals;
	uint64_t unread;   /* files that could not be looked at */
	uint64_t passed;   /* units left to other parts or earlier calls */
	int is_unfinished; /* time was over, or a signal came */
	int rederive;
	int code; /* exit code */
};

/* The end: the summary, and the JUnit file written whole. -1: it could not
 * be. */
int verify_report_end(
    struct verify_report *r, const struct verify_summary *s, struct error *e);

#endif
