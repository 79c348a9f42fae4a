#ifndef ARCHIVE_WACZ_WRITE_H
#define ARCHIVE_WACZ_WRITE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct stream;

/*
 * WACZ 1.1.1 (standards.md 4): a zip of stored files that lists each of them
 * with its SHA-256 in datapackage.json, and that one's SHA-256 in
 * datapackage-digest.json, which may be signed. What goes in and in which
 * order is the caller's; nothing is written twice or kept elsewhere. Equal
 * calls give equal bytes.
 */

/* What datapackage.json says. Texts that are "" are left out. */
struct wacz_facts {
	int64_t time_us; /* "created", and the date of all that is in it */
	const char *title, *description, *software;
	const char *main_url; /* a page in it */
	int64_t main_us;      /* when it was captured */
	unsigned part, parts; /* of several; 0 and 0: it is the only one */
	/* JSON objects, comma separated, of other WACZ files that hold what
	 * revisits in this one repeat: "filename", "hash"; "" none. */
	const char *requires;
};

/* Who signs (wacz-auth 0.1.0, anonymous); see proof.h. */
struct wacz_signer {
	void (*public_key)(void *context, struct buf *out);
	int (*sign)(void *context, const void *p, size_t len, struct buf *out,
	    struct error *e);
	void *context;
};

struct wacz_file {
	const char *path;   /* in the WACZ, plain */
	const char *origin; /* where its bytes lie in a collection; "" */
	uint64_t size;
	/* SHA-256 of the bytes once they were read, from who digests them
	 * anyway; NULL: they are digested here. */
	void (*hex)(void *context, char hex[65]);
	void *context;
};

struct wacz_writer;

/* SIGNER is copied; NULL: none. ERROR_USAGE: PATH is there. */
int wacz_create(struct wacz_writer **out, const char *path,
    const struct wacz_facts *f, const struct wacz_signer *signer,
    struct error *e);

/* A resource. After a failure only wacz_abandon is left. */
int wacz_put(struct wacz_writer *w, const struct wacz_file *f,
    struct stream *bytes, struct error *e);

/* datapackage.json and datapackage-digest.json; the file is complete, synced
 * and in its place. Frees W whatever happens. */
int wacz_finish(struct wacz_writer *w, struct error *e);
void wacz_abandon(struct wacz_writer *w); /* NULL is fine */

/* A resource's name in datapackage.json: lower case, and of [-a-z0-9._/] alone
 * as the Data Package profile wants it. Appended. */
void wacz_add_name(struct buf *out, const char *path);

#endif
