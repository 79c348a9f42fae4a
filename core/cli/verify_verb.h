#ifndef CLI_VERIFY_VERB_H
#define CLI_VERIFY_VERB_H

#include <stdint.h>

#include "core/archive/verify.h"
#include "core/cli/verify_report.h"
#include "core/cli/verify_units.h"
#include "core/collection/target_set.h"
#include "core/collection/verify_collection.h"

struct cli;
struct error;
struct input;
struct proof_trust;

/* verify at work. Part of the verb; nothing else includes this. */
struct verifying {
	struct cli *cli;
	struct verify_collection_totals totals;
	struct verify_report *report;
	struct verify_units units;
	struct verify_references *references; /* NULL: nobody asked */
	struct target_set files; /* named so far, by what they are */
	enum verify_level level;
	struct proof_trust *trust;
	uint32_t skip;
	unsigned threads;
	int verdicts; /* each record is told */
	uint64_t unread;
	int code; /* of what could not be looked at */
	int is_stopped;
	/* for the status line */
	int64_t begun_ms, shown_ms;
	uint64_t all_bytes;  /* 0: not known */
	uint64_t done_bytes; /* before the file under way */
	const char *shown;
};

/* Everything that OBJECT names. */
void verify_object(struct verifying *v, const char *object);
void verify_all(struct verifying *v, const char *dir);

/* How many bytes will be read for OBJECT, as far as that shows. */
uint64_t verify_object_bytes(struct verifying *v, const char *object);

/* A container, a folder or "-" (OBJECT): as a package when it is one that is
 * verified as a whole. 1; 0, it is not, and record files in it are looked for:
 * in *IN when that is set (the caller's to free). */
int verify_packed(struct verifying *v, const char *object, struct input **in);

struct verify_collection_options verify_options_of(struct verifying *v);

/* A record file that stands alone. */
int verify_lone(struct verifying *v, struct input *in, struct error *e);

/* It could not be looked at: said, and the first such code counts. */
void
verify_failed(struct verifying *v, const char *name, const struct error *e);

/* Findings and places, on their way out. */
void verify_say_finding(void *context, const struct finding *f);
int verify_each_record(void *context, const struct verified_record *r);
void verify_show(struct verifying *v, uint64_t bytes);

/* Ends the program when a signal asked for it. */
void verify_stop(struct verifying *v);

/* A finding of the verb itself, counted. */
void verify_note(struct verifying *v, enum severity severity, const char *code,
    const char *file, uint64_t offset, const char *text);

#endif
