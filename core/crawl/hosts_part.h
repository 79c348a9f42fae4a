#ifndef CRAWL_HOSTS_PART_H
#define CRAWL_HOSTS_PART_H

#include <stdint.h>

struct clock;
struct db;
struct db_query;
struct error;

/* The inside of hosts.h, shared by hosts.c and hosts_robots.c. */

/* What is known of a host, whatever the scheme and port. */
struct known {
	struct known *next;
	char *name;
	int64_t since_us, until_us; /* the pause; 0 none */
	uint64_t strikes;           /* pauses in a row */
	char *reason;
	unsigned refused, failed; /* answers in a row */
	unsigned parts_refused;   /* the same, of what pages show */
	int is_stored;            /* a row in the table */
	int64_t answer_ms;        /* smoothed; -1 not known */
	int64_t crawl_delay_ms;   /* 0 none */
};

struct hosts {
	struct clock *clock;
	struct db *own; /* NULL: the state's is used */
	struct db *db;
	struct db_query *find, *put, *drop, *each;
	struct db_query *find_robots, *put_robots, *drop_robots;
	struct known *known;
};

/* Made when new, read from the table. NULL: E. */
struct known *hosts_known(struct hosts *h, const char *host, struct error *e);

#endif
