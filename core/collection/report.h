#ifndef COLLECTION_REPORT_H
#define COLLECTION_REPORT_H

struct collection;
struct error;
struct tally;

/*
 * report.json of a snapshot that is being sealed: one member a line, one page
 * a line. It names the snapshot sealed before it in the collection and the
 * SHA-256 of that one's manifest ("" when it has none any more).
 */
int report_write(const struct collection *c, struct tally *t, const char *dir,
    struct error *e);

#endif
