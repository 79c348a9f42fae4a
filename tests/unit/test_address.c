/* The address filter: every range from both sides, and every disguise. */
#include "tests/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/error.h"
#include "core/web/address.h"

static int
passes(const char *text, const char *const *allow)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&s;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&s;
	struct address_filter *f = address_filter_new(allow, NULL);
	char why[ADDRESS_WHY_MAX];
	int allowed;

	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		s.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		s.ss_family = AF_INET6;
	else
		return -1;
	allowed = address_is_allowed(f, (struct sockaddr *)&s, why);
	if (allowed != address_text_is_allowed(f, text, why))
		allowed = -1;
	if (allowed == (why[0] != '\0'))
		allowed = -1;
	address_filter_free(f);
	return allowed;
}

struct side {
	const char *before; /* last address outside, "" none */
	const char *first;
	const char *last;
	const char *after;
};

/* Where a neighbour is in another denied range, the nearest that is not. */
static const struct side sides[] = {
	{ "", "0.0.0.0", "0.255.255.255", "1.0.0.0" },
	{ "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
	{ "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0" },
	{ "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0" },
	{ "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0" },
	{ "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0" },
	{ "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0" },
	{ "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0" },
	{ "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0" },
	{ "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0" },
	{ "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0" },
	{ "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0" },
	{ "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0" },
	{ "223.255.255.255", "224.0.0.0", "239.255.255.255", "" },
	{ "", "240.0.0.0", "255.255.255.254", "" },
	{ "", "255.255.255.255", "255.255.255.255", "" },
	/* All of it, with NAT64 and what is translated or compatible. */
	{ "", "::", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "" },
	{ "", "64:ff9b::", "64:ff9b::ffff:ffff", "" },
	{ "", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "" },
	{ "", "::ffff:0:0:0", "::ffff:0:ffff:ffff", "" },
	{ "", "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::" },
	{ "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::" },
	{ "2001:f:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:20::" },
	{ "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
	{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
	{ "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::" },
	{ "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "" },
	{ "", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "" },
	{ "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
	{ "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::" },
	{ "", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "" },
};

CASE(every_range_is_refused_from_its_first_to_its_last_address)
{
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		CHECK_INT(passes(sides[i].first, NULL), 0);
		CHECK_INT(passes(sides[i].last, NULL), 0);
		if (sides[i].before[0] != '\0')
			CHECK_INT(passes(sides[i].before, NULL), 1);
		if (sides[i].after[0] != '\0')
			CHECK_INT(passes(sides[i].after, NULL), 1);
	}
}

CASE(a_mapped_address_is_judged_as_the_ipv4_address_it_is)
{
	char text[128];

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		const struct side *s = &sides[i];

		if (strchr(s->first, ':') != NULL)
			continue;
		(void)snprintf(text, sizeof(text), "::ffff:%s", s->first);
		CHECK_INT(passes(text, NULL), 0);
		(void)snprintf(text, sizeof(text), "::%s", s->last);
		CHECK_INT(passes(text, NULL), 0);
		if (s->after[0] == '\0')
			continue;
		(void)snprintf(text, sizeof(text), "::ffff:%s", s->after);
		CHECK_INT(passes(text, NULL), 1);
	}
	CHECK_INT(passes("::ffff:7f00:1", NULL), 0);
}

CASE(an_opened_tunnel_range_still_hides_no_private_address)
{
	static const char *const tunnels[] = { "64:ff9b::/96", "2002::/16",
		NULL };
	static const char *const both[] = { "64:ff9b::/96", "127.0.0.0/8",
		NULL };

	CHECK_INT(passes("64:ff9b::8.8.8.8", NULL), 0);
	CHECK_INT(passes("64:ff9b::8.8.8.8", tunnels), 1);
	CHECK_INT(passes("64:ff9b::127.0.0.1", tunnels), 0);
	CHECK_INT(passes("64:ff9b::127.0.0.1", both), 1);
	CHECK_INT(passes("64:ff9b::10.0.0.1", both), 0);
	CHECK_INT(passes("2002:808:808::1", tunnels), 1);
	CHECK_INT(passes("2002:7f00:1::1", tunnels), 0);
	CHECK_INT(passes("2002:c0a8:101::1", tunnels), 0);
}

CASE(an_allowed_range_opens_exactly_itself)
{
	static const char *const loopback[] = { "127.0.0.0/8", NULL };
	static const char *const odd[] = { "10.0.0.128/25", "::1", "fd00::/9",
		NULL };

	CHECK_INT(passes("127.0.0.1", loopback), 1);
	CHECK_INT(passes("127.255.255.255", loopback), 1);
	CHECK_INT(passes("::ffff:127.0.0.1", loopback), 1);
	CHECK_INT(passes("10.0.0.1", loopback), 0);
	CHECK_INT(passes("::1", loopback), 0);
	CHECK_INT(passes("10.0.0.127", odd), 0);
	CHECK_INT(passes("10.0.0.128", odd), 1);
	CHECK_INT(passes("::1", odd), 1);
	CHECK_INT(passes("fd7f::1", odd), 1);
	CHECK_INT(passes("fd80::1", odd), 0);
}

CASE(text_that_is_no_range_is_a_usage_error)
{
	static const char *const bad[] = { "", "/", "1.2.3.4/", "1.2.3.4/33",
		"1.2.3/8", "::1/129", "::1/-1", "localhost", "1.2.3.4/8 ",
		" 1.2.3.4", "1.2.3.4/+8", "0x7f.1/8", "::g/16",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:11"
		"11:1111:1111/128" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const list[] = { bad[i], NULL };
		struct error e = { 0 };

		CHECK(address_filter_new(list, &e) == NULL);
		CHECK_INT(e.kind, ERROR_USAGE);
	}
}

CASE(the_reason_names_address_and_range)
{
	struct address_filter *f = address_filter_new(NULL, NULL);
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	char why[ADDRESS_WHY_MAX];

	CHECK_INT(address_text_is_allowed(f, "169.254.169.254", why), 0);
	CHECK_TEXT(why, "169.254.169.254 is in 169.254.0.0/16, link local");
	CHECK_INT(address_text_is_allowed(f, "::ffff:10.1.2.3", why), 0);
	CHECK_TEXT(why, "10.1.2.3 is in 10.0.0.0/8, private");
	CHECK_INT(address_text_is_allowed(f, "a.name", why), 1);
	CHECK_INT(address_is_allowed(f, (struct sockaddr *)&local, why), 0);
	CHECK(why[0] != '\0');
	address_filter_free(f);
	address_filter_free(NULL);
}

CASE(ports_of_other_services_are_refused)
{
	CHECK_INT(address_port_is_allowed(80), 1);
	CHECK_INT(address_port_is_allowed(443), 1);
	CHECK_INT(address_port_is_allowed(8080), 1);
	CHECK_INT(address_port_is_allowed(65535), 1);
	CHECK_INT(address_port_is_allowed(65536), 0);
	CHECK_INT(address_port_is_allowed(-1), 0);
	CHECK_INT(address_port_is_allowed(0), 0);
	CHECK_INT(address_port_is_allowed(25), 0);
	CHECK_INT(address_port_is_allowed(6379), 0);
	CHECK_INT(address_port_is_allowed(10080), 0);
}

TESTS(T(every_range_is_refused_from_its_first_to_its_last_address),
    T(a_mapped_address_is_judged_as_the_ipv4_address_it_is),
    T(an_opened_tunnel_range_still_hides_no_private_address),
    T(an_allowed_range_opens_exactly_itself),
    T(text_that_is_no_range_is_a_usage_error),
    T(the_reason_names_address_and_range),
    T(ports_of_other_services_are_refused))
