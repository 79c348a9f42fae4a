#ifndef COLLECTION_IMPORT_H
#define COLLECTION_IMPORT_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "core/collection/snapshot.h"

struct arena;
struct clock;
struct collection;
struct error;
struct finding;
struct proof_trust;

/*
 * Record files of others, or folders of what other programs fetched, taken into
 * a collection, as a sealed snapshot of their own (kind "import"). All files are read and verified first; then
 * every record that reads, bears an id and a date, and whose bytes are those
 * of its digests, is copied: fields and block as they are, a sound gzip member
 * byte for byte, anything else compressed anew, one member a record. What is
 * left out, and why, stands in report.json and in the metadata record that
 * follows the snapshot's warcinfo record, as does where each file came from.
 * A package that proves itself (WACZ, bag, snapshots) is verified as a whole
 * before; what it holds beside records is kept as it is below sources/, its
 * profiles in profiles/. A record that was erased from the collection ends an
 * import: ERROR_WITHDRAWN. It is acknowledged as a whole: cut off, it leaves
 * nothing.
 */

struct import_file {
	const char *name; /* as record_files_each gives it */
	uint64_t size;
	char sha256[65];      /* bare hex */
	const char *format;   /* "WARC/1.0, gzip" */
	const char *warcinfo; /* block of its first warcinfo record; "" */
	uint64_t records;     /* that read */
	uint64_t copied;      /* are to be, or were, imported */
	uint64_t damaged;     /* findings of bytes that do not read */
	uint64_t mismatched;  /* records that are not what their digests say */
	uint64_t unfit;       /* without an id, date or type; id taken */
	uint64_t repeated;    /* records that came before in this import */
	uint64_t known;       /* records that the collection has already */
	const char *already;  /* name of the snapshot that has it; "" none; or
	    "given twice" */
};

/* A WACZ, a bag or a package of snapshots that was verified as a whole. One
 * that contradicts itself, or does not read, makes the import be refused. */
struct import_package_facts {
	struct import_package_facts *next;
	const char *name;
	const char *kind;      /* "snapshots", "WACZ", "bag"; "" it is broken */
	char sha256[65];       /* of a container */
	const char *signature; /* "" none */
	uint64_t kept;         /* files that came along beside records */
	int is_changed, is_damaged;
};

struct import_options {
	const char *site; /* key for the snapshot's name */
	const char *operator;
	const char *contact;
	char *const *objects;
	size_t object_count;
	int keep_mismatch; /* take those too, marked */
	int dry_run;       /* read and verify, write nothing */
	/* Of folders that hold no record files: "wget", "httrack", "files";
	 * NULL or anything else: by what is in them. */
	const char *layout;
	const char *base_url; /* of their files, ends in "/"; NULL, "" */
	const char *scheme;   /* of their URLs; NULL, "": likely one */
	const struct proof_trust *trust; /* of signatures; NULL: in nobody */
	int must_trust;              /* who it does not vouch for is refused */
	uint64_t segment_bytes;      /* 0: LIMIT_SEGMENT_BYTES */
	volatile sig_atomic_t *stop; /* NULL none */
	/* Any of these may be NULL. */
	void (*each_finding)(void *context, const struct finding *f);
	void (*unread)(
	    void *context, const char *name, const struct error *why);
	void (*progress)(void *context, const char *name, int copying);
	void *context;
};

struct import_result {
	struct arena *arena; /* of all texts */
	struct import_file *files;
	size_t file_count;
	struct import_package_facts *packages; /* a list; NULL */
	size_t changed_packages, damaged_packages;
	size_t unread; /* objects that could not be read */
	uint64_t copied, damaged, mismatched, unfit; /* sums over the files */
	uint64_t known;                              /* the same */
	uint64_t articles; /* to be, or that were, imported */
	uint64_t orphans;  /* of them: their pages are nowhere */
	size_t already;    /* files that were imported before, or given twice */
	int stopped;       /* *STOP was set: nothing is left */
	char *dir;         /* of the snapshot; "" none was made */
	struct snapshot_totals totals;
};

/* Under the collection's lock, after recovery. RESULT is to be cleared
 * whatever happens. -1: ERROR_SYSTEM, ERROR_INPUT (a file changed while it
 * was read), ERROR_LIMIT; nothing is left then. */
int import_run(struct collection *c, const struct import_options *o,
    struct clock *clock, struct import_result *result, struct error *e);
void import_result_clear(struct import_result *r);

#endif
