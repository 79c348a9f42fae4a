#ifndef WEB_ADDRESS_H
#define WEB_ADDRESS_H

#include <stddef.h>

struct error;
struct sockaddr;

/*
 * Which addresses may be connected to. Those of this machine, of private and
 * special networks are refused, so that no page can make us read what only we
 * can reach; the owner may open ranges. What counts is the address of the
 * socket, after the resolver: decimal, octal and other spellings of a host
 * are all the same here.
 *
 * An IPv4 address inside an IPv6 one is taken out and must pass too: mapped
 * (::ffff:0:0/96) and compatible (::/96) addresses are judged by it alone;
 * 6to4 (2002::/16) and NAT64 (64:ff9b::/96) are refused as ranges, and when
 * the owner has opened the range, what is inside must still pass.
 */
struct address_filter;

enum { ADDRESS_WHY_MAX = 128 };

/* ALLOW: CIDRs ("10.0.0.0/8", "::1", ...), NULL-terminated, or NULL for none.
 * NULL: ERROR_USAGE with the text that is no CIDR. */
struct address_filter *
address_filter_new(const char *const *allow, struct error *e);
void address_filter_free(struct address_filter *f);

/* May it be connected to? 1 / 0; when 0, WHY says so in words: "127.0.0.1 is
 * in 127.0.0.0/8, loopback". Anything but IPv4 and IPv6 is refused. */
int address_is_allowed(const struct address_filter *f,
    const struct sockaddr *address, char why[ADDRESS_WHY_MAX]);

/* The same for an address as text; text that is no address (a name) passes:
 * it is judged when resolved. */
int address_text_is_allowed(const struct address_filter *f, const char *text,
    char why[ADDRESS_WHY_MAX]);

/* An address as text (RFC 5952) without brackets; "" for other families. */
enum { ADDRESS_TEXT_MAX = 64 };
void address_text(const struct sockaddr *address, char out[ADDRESS_TEXT_MAX]);

/* Ports that no browser connects to (WHATWG Fetch, "bad ports"), and 0. 1 is
 * fine, 0 refused. */
int address_port_is_allowed(int port);

#endif
