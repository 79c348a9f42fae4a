#ifndef TESTS_SITE_CHECK_H
#define TESTS_SITE_CHECK_H

struct error;

/*
 * Was everything kept that the site showed? FOLDER holds
 *	scenario        what happened
 *	site.log        the site's log of requests
 *	runs            a line for each run: wall seconds at its begin and end,
 *	                exit code
 *	snapshots       the folders of all sealed snapshots, one a line
 * and WAIT_MS is the pause that was asked for between requests to a host.
 * Prints "pass NAME" or "fail NAME: WHY" for each property, "gone SITE N" (by
 * three sightings over a day), and remarks with "# ". 0; 1: something failed; -1 with E.
 */
int check_month(
    const char *fixtures, const char *folder, long wait_ms, struct error *e);

#endif
