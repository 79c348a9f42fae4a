/* Which way connections go. */
#include "core/web/route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/web/fetch.h"

/* A password in a proxy's URL is not for the record. */
static char *
without_userinfo(const char *proxy)
{
	const char *start = strstr(proxy, "://");
	const char *at = strrchr(proxy, '@');

	start = start == NULL ? proxy : start + 3;
	if (at == NULL || at < start)
		return mem_text(proxy);
	return mem_format("%.*s%s", (int)(start - proxy), proxy, at + 1);
}

/* HOST:PORT:ADDRESS:PORT, where an address may hold more colons. */
static int
is_connect_to(const char *s)
{
	int colons = 0;

	for (; *s != '\0'; s++)
		colons += *s == ':';
	return colons >= 3;
}

static int
copy_connect_to(struct route *r, const char *const *list, struct error *e)
{
	size_t count = 0;

	while (list != NULL && list[count] != NULL)
		count++;
	r->connect_to = mem_zero(count + 1, sizeof(*r->connect_to));
	for (size_t i = 0; i < count; i++) {
		if (!is_connect_to(list[i]))
			return error_set(e, ERROR_USAGE,
			    "%s: not HOST:PORT:ADDRESS:PORT", list[i]);
		r->connect_to[i] = mem_text(list[i]);
	}
	return 0;
}

int
route_init(struct route *r, const struct fetch_options *o, struct error *e)
{
	const char *proxy = o->proxy == NULL ? "" : o->proxy;
	const char *ca_file = o->ca_file == NULL ? "" : o->ca_file;

	*r = (struct route){ 0 };
	r->user_agent = mem_text(o->user_agent == NULL ? "" : o->user_agent);
	r->proxy = mem_text(proxy);
	r->proxy_shown = without_userinfo(proxy);
	r->ca_file = mem_text(ca_file);
	r->connect_ms = o->connect_ms > 0 ? o->connect_ms : LIMIT_CONNECT_MS;
	if (ca_file[0] != '\0' && access(ca_file, R_OK) != 0)
		return error_set(
		    e, ERROR_NOTFOUND, "%s: %s", ca_file, strerror(errno));
	r->filter = address_filter_new(o->allow_address, e);
	if (r->filter == NULL)
		return -1;
	return copy_connect_to(r, o->connect_to, e);
}

void
route_clear(struct route *r)
{
	for (char **s = r->connect_to; s != NULL && *s != NULL; s++)
		free(*s);
	free(r->connect_to);
	address_filter_free(r->filter);
	free(r->user_agent);
	free(r->proxy);
	free(r->proxy_shown);
	free(r->ca_file);
	*r = (struct route){ 0 };
}

int
route_allows(const struct route *r, const struct sockaddr *address,
    char why[ADDRESS_WHY_MAX])
{
	why[0] = '\0';
	return r->proxy[0] != '\0' ||
	       address_is_allowed(r->filter, address, why);
}

void
route_note(struct route_addresses *a, const struct sockaddr *address,
    int is_allowed, const char *why)
{
	char text[ADDRESS_TEXT_MAX];

	if (is_allowed)
		a->allowed_count++;
	else if (a->denied[0] == '\0')
		memcpy(a->denied, why, sizeof(a->denied));
	if (a->count++ >= LIMIT_ADDRESSES)
		return;
	address_text(address, text);
	buf_format(&a->text, "%s%s", a->text.len > 0 ? " " : "", text);
}
