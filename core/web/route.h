#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/web/address.h"

struct error;
struct fetch_options;
struct sockaddr;

/* Which way connections go: the options that say so, checked and copied. */
struct route {
	struct address_filter *filter;
	char **connect_to; /* NULL-terminated */
	char *user_agent;
	char *proxy;       /* "" none */
	char *proxy_shown; /* without its password */
	char *ca_file;     /* "" the default of libcurl */
	int64_t connect_ms;
};

/* -1: ERROR_USAGE, ERROR_NOTFOUND (CA file). To be cleared in any case. */
int route_init(struct route *r, const struct fetch_options *o, struct error *e);
void route_clear(struct route *r);

/* The addresses of one host as they come up. */
struct route_addresses {
	struct buf text; /* blank separated, at most LIMIT_ADDRESSES */
	unsigned count;
	unsigned allowed_count;
	char denied[ADDRESS_WHY_MAX]; /* why the first was refused; "" none */
};

/* May ADDRESS be connected to? Who configures a proxy wants its address. */
int route_allows(const struct route *r, const struct sockaddr *address,
    char why[ADDRESS_WHY_MAX]);

void route_note(struct route_addresses *a, const struct sockaddr *address,
    int is_allowed, const char *why);

#endif
