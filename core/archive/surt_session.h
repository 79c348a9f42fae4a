#ifndef ARCHIVE_SURT_SESSION_H
#define ARCHIVE_SURT_SESSION_H

struct buf;

/* Both take lower-case ASCII without NUL and shorten it in place. */

/* ASP.NET: "/(24 characters)/" and "/(x(24 characters))/" before a name that
 * has ".aspx"; of each form the last. */
void surt_remove_path_session(struct buf *path);

/* jsessionid, phpsessid, sid, aspsessionid and ColdFusion's pair: of each the
 * last, with the "&" after it. A name may end in one of these. */
void surt_remove_query_sessions(struct buf *query);

#endif
