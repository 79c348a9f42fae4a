/* Which addresses may be connected to. */
#include "core/web/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* LEN bytes (4 or 16) in network order. */
struct address {
	uint8_t byte[16];
	unsigned len;
};

struct range {
	struct address start;
	unsigned bits;
};

struct address_filter {
	struct range *allow;
	size_t count;
};

/* A range that is refused and why. */
struct denied {
	const char *cidr;
	const char *what;
};

/* IANA special-purpose registries (RFC 6890 and successors). */
static const struct denied denied_v4[] = {
	{ "0.0.0.0/8", "this network" },
	{ "10.0.0.0/8", "private" },
	{ "100.64.0.0/10", "shared by carriers" },
	{ "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link local" },
	{ "172.16.0.0/12", "private" },
	{ "192.0.0.0/24", "protocol assignments" },
	{ "192.0.2.0/24", "documentation" },
	{ "192.88.99.0/24", "6to4 relays" },
	{ "192.168.0.0/16", "private" },
	{ "198.18.0.0/15", "benchmarking" },
	{ "198.51.100.0/24", "documentation" },
	{ "203.0.113.0/24", "documentation" },
	{ "224.0.0.0/4", "multicast" },
	{ "240.0.0.0/4", "reserved" },
	{ "255.255.255.255/32", "broadcast" },
};

static const struct denied denied_v6[] = {
	{ "::/128", "unspecified" }, { "::1/128", "loopback" },
	{ "64:ff9b::/96", "NAT64" }, { "64:ff9b:1::/48", "local NAT64" },
	{ "100::/64", "discard" }, { "2001::/32", "Teredo" },
	{ "2001:10::/28", "ORCHID" }, { "2001:db8::/32", "documentation" },
	{ "2002::/16", "6to4" }, { "3fff::/20", "documentation" },
	{ "5f00::/16", "segment routing" }, { "fc00::/7", "private" },
	{ "fe80::/10", "link local" }, { "fec0::/10", "site local" },
	{ "ff00::/8", "multicast" },
	{ "::/8", "reserved" }, /* IPv4-translated among others */
};

/* A literal, with nothing around it. 1 / 0. */
static int
parse_address(struct address *a, const char *text)
{
	*a = (struct address){ 0 };
	if (inet_pton(AF_INET, text, a->byte) == 1)
		a->len = 4;
	else if (inet_pton(AF_INET6, text, a->byte) == 1)
		a->len = 16;
	return a->len != 0;
}

static int
parse_range(struct range *r, const char *cidr)
{
	char text[ADDRESS_TEXT_MAX];
	const char *slash = strchr(cidr, '/');
	size_t len = slash == NULL ? strlen(cidr) : (size_t)(slash - cidr);
	uint64_t bits;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, cidr, len);
	text[len] = '\0';
	if (!parse_address(&r->start, text))
		return 0;
	bits = r->start.len * 8;
	if (slash != NULL &&
	    !text_uint(slash + 1, strlen(slash + 1), bits, &bits))
		return 0;
	r->bits = (unsigned)bits;
	return 1;
}

static int
range_holds(const struct range *r, const struct address *a)
{
	unsigned whole = r->bits / 8;
	unsigned rest = r->bits % 8;

	if (r->start.len != a->len ||
	    memcmp(r->start.byte, a->byte, whole) != 0)
		return 0;
	if (rest == 0)
		return 1;
	return (r->start.byte[whole] ^ a->byte[whole]) >> (8 - rest) == 0;
}

static int
starts_with(const struct address *a, const char *cidr)
{
	struct range r;

	return parse_range(&r, cidr) && range_holds(&r, a);
}

/* The IPv4 address that stands at OFFSET in A. */
static struct address
inner(const struct address *a, size_t offset)
{
	struct address v4 = { .len = 4 };

	memcpy(v4.byte, a->byte + offset, 4);
	return v4;
}

/* What the kernel would really talk to: mapped and compatible addresses are
 * IPv4; "::" and "::1" are themselves. */
static struct address
unmapped(const struct address *a)
{
	if (a->len != 16)
		return *a;
	if (starts_with(a, "::ffff:0:0/96"))
		return inner(a, 12);
	if (starts_with(a, "::/96") && !starts_with(a, "::/127"))
		return inner(a, 12);
	return *a;
}

static void
address_print(const struct address *a, char out[ADDRESS_TEXT_MAX])
{
	out[0] = '\0';
	(void)inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->byte, out,
	    ADDRESS_TEXT_MAX); /* cannot fail: family and room are right */
}

static int
is_opened(const struct address_filter *f, const struct address *a)
{
	for (size_t i = 0; i < f->count; i++) {
		if (range_holds(&f->allow[i], a))
			return 1;
	}
	return 0;
}

/* A is 4 or 16 bytes as in its registry. 1 when no denied range holds it. */
static int
is_public(const struct address *a, char why[ADDRESS_WHY_MAX])
{
	const struct denied *list = a->len == 4 ? denied_v4 : denied_v6;
	size_t count = a->len == 4 ? sizeof(denied_v4) / sizeof(denied_v4[0])
				   : sizeof(denied_v6) / sizeof(denied_v6[0]);

	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT_MAX];

		if (!starts_with(a, list[i].cidr))
			continue;
		address_print(a, text);
		(void)snprintf(why, ADDRESS_WHY_MAX, "%s is in %s, %s", text,
		    list[i].cidr, list[i].what); /* cut is fine */
		return 0;
	}
	return 1;
}

static int
address_passes(const struct address_filter *f, const struct address *given,
    char why[ADDRESS_WHY_MAX])
{
	struct address a = unmapped(given);
	struct address v4;

	if (a.len == 16 && starts_with(&a, "2002::/16"))
		v4 = inner(&a, 2);
	else if (a.len == 16 && (starts_with(&a, "64:ff9b::/96") ||
				    starts_with(&a, "64:ff9b:1::/48")))
		v4 = inner(&a, 12);
	else
		return is_opened(f, &a) || is_public(&a, why);
	return (is_opened(f, &a) || is_public(&a, why)) &&
	       (is_opened(f, &v4) || is_public(&v4, why));
}

static int
from_sockaddr(struct address *a, const struct sockaddr *s)
{
	*a = (struct address){ 0 };
	if (s->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, s, sizeof(in));
		memcpy(a->byte, &in.sin_addr, 4);
		a->len = 4;
	} else if (s->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, s, sizeof(in6));
		memcpy(a->byte, &in6.sin6_addr, 16);
		a->len = 16;
	}
	return a->len != 0;
}

struct address_filter *
address_filter_new(const char *const *allow, struct error *e)
{
	struct address_filter *f = mem_zero(1, sizeof(*f));

	for (; allow != NULL && *allow != NULL; allow++) {
		struct range r;

		if (!parse_range(&r, *allow)) {
			(void)error_set(e, ERROR_USAGE,
			    "%s: not an address range (10.0.0.0/8, ::1/128)",
			    *allow);
			address_filter_free(f);
			return NULL;
		}
		f->allow = mem_grow(f->allow, f->count + 1, sizeof(r));
		f->allow[f->count++] = r;
	}
	return f;
}

void
address_filter_free(struct address_filter *f)
{
	if (f == NULL)
		return;
	free(f->allow);
	free(f);
}

int
address_is_allowed(const struct address_filter *f,
    const struct sockaddr *address, char why[ADDRESS_WHY_MAX])
{
	struct address a;

	why[0] = '\0';
	if (from_sockaddr(&a, address))
		return address_passes(f, &a, why);
	(void)snprintf(why, ADDRESS_WHY_MAX, "address family %d is not IP",
	    (int)address->sa_family);
	return 0;
}

int
address_text_is_allowed(
    const struct address_filter *f, const char *text, char why[ADDRESS_WHY_MAX])
{
	struct address a;

	why[0] = '\0';
	return !parse_address(&a, text) || address_passes(f, &a, why);
}

void
address_text(const struct sockaddr *address, char out[ADDRESS_TEXT_MAX])
{
	struct address a;

	out[0] = '\0';
	if (from_sockaddr(&a, address))
		address_print(&a, out);
}

int
address_port_is_allowed(int port)
{
	static const short bad[] = { 0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22,
		23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
		109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161,
		179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
		548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719,
		1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379,
		6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080 };

	if (port < 0 || port > 65535)
		return 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bad[i] == port)
			return 0;
	}
	return 1;
}
