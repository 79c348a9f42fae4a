#ifndef ARCHIVE_SURT_SESSION_H
#define ARCHIVE_SURT_SESSION_H

#include <stddef.h>

struct buf;

/* The parts of surt.c and surt_plain.c. */

/* The key of a URL that needs no repair, appended: 1; 0, nothing was, ask
 * surt_add_any, which takes everything and gives the same. */
int surt_add_plain(struct buf *out, const char *url);
void surt_add_any(struct buf *out, const char *url);

/* Labels in reverse order, without a leading "www12.". */
void surt_add_reversed(struct buf *out, const char *host, size_t len);

/* "?" and the parameters of a query in order. */
void surt_add_sorted(struct buf *out, const char *query, size_t len);

/* Both take lower-case ASCII without NUL and shorten it in place. */

/* ASP.NET: "/(24 characters)/" and "/(x(24 characters))/" before a name that
 * has ".aspx"; of each form the last. */
void surt_remove_path_session(struct buf *path);

/* jsessionid, phpsessid, sid, aspsessionid and ColdFusion's pair: of each the
 * last, with the "&" after it. A name may end in one of these. */
void surt_remove_query_sessions(struct buf *query);

#endif
