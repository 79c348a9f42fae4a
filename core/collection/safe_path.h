#ifndef COLLECTION_SAFE_PATH_H
#define COLLECTION_SAFE_PATH_H

struct buf;

/* Bounds of what safe_path makes. */
enum {
	SAFE_NAME_MAX = 200,  /* of one part */
	SAFE_PATH_MAX = 1000, /* of the whole */
	SAFE_DEPTH_MAX = 16   /* parts, the host among them */
};

/*
 * A relative path for what URL gave, appended: "host/dir/name", a port as
 * "host+8443", a query as "name@query", "index" for the page of a folder,
 * ".html" behind names of HTML that lack it. Only letters, digits and
 * -_.~%+,=@ are in it, no part is empty or begins with ".", and all bounds
 * hold: what is longer ends in a digest of what it was. Different URLs may get
 * the same path. TYPE is a media type.
 */
void safe_path(struct buf *out, const char *url, const char *type);

/* PATH with "~N" before the suffix of its last part, appended. */
void safe_path_numbered(struct buf *out, const char *path, unsigned n);

#endif
