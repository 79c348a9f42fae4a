#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct buf;
struct collection;
struct config;
struct error;
struct json;
struct profile_set;
struct zygote;

/*
 * The program: one file per verb. stdout is data, stderr is for people; only
 * this folder prints, and whatever is foreign is printed escaped.
 */

/* Exit codes (DESIGN, 9). */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_UNSPECIFIED = 1,
	EXIT_USAGE = 2,
	EXIT_FILE = 3,
	EXIT_NETWORK = 4,
	EXIT_TLS = 5,
	EXIT_AUTH = 6,
	EXIT_PROTOCOL = 7,
	EXIT_INCOMPLETE = 8,
	EXIT_KEY = 9,
	EXIT_CHANGED = 10,
	EXIT_SIGNAL = 11,
	EXIT_FORCED = 13,
	EXIT_SIZE = 14,
	EXIT_TIME = 15,
	EXIT_DISK = 16,
	EXIT_RATE = 18,
	EXIT_LOCKED = 19,
	EXIT_DRIFT = 20,
	EXIT_PENDING = 22,
	EXIT_DAMAGED = 23,
	EXIT_UNCHANGED = 24
};

struct cli {
	struct config *config;
	const struct verb *verb;
	char **objects; /* what is left when options are taken out */
	size_t object_count;
	int terminal;                 /* stderr is one */
	struct zygote *zygote;        /* verbs with VERB_WORKERS */
	struct profile_set *profiles; /* the same */
	char *sites_dir;              /* local profiles; NULL none */
	volatile sig_atomic_t *stop;  /* a signal asked for an orderly end */
	volatile sig_atomic_t *show;  /* SIGUSR1: tell where it stands */
};

enum verb_flags {
	VERB_WORKERS = 1 << 0, /* parses foreign pages: wants the zygote */
	VERB_CONFIG = 1 << 1   /* reads holdfast.conf itself */
};

struct verb {
	const char *name;
	const char *group;
	const char *objects; /* "[URL...]" for the synopsis */
	const char *summary; /* one line, lower case, no full stop */
	const char *details; /* sentences for "help VERB" */
	const char *example;
	unsigned use; /* which settings it takes (enum setting_use) */
	unsigned flags;
	size_t objects_min, objects_max;
	int (*run)(struct cli *c); /* an exit code */
};

extern const struct verb verb_table[]; /* ends with name NULL */
const struct verb *verb_find(const char *name);
const char *verb_nearest(const char *name);

/* Take options out of ARGV (behind the verb) into the config. */
int options_parse(struct cli *c, int argc, char **argv, struct error *e);

void help_short(FILE *out);
int help_verb(const char *name);
int help_version(void);

/* "holdfast: TEXT" on stderr, escaped; returns the exit code of the kind. */
int cli_fail(const struct error *e);
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One status line on a terminal, overwritten by the next; "" removes it. */
void cli_status(const struct cli *c, const char *text);

/* Foreign text on OUT, escaped. */
void cli_put(FILE *out, const char *text);

/* Foreign text of several lines on OUT: line feeds stay (a carriage return
 * before one does not show), the rest is escaped; INDENT before each line, and
 * a line feed at the end. */
void cli_put_lines(FILE *out, const char *indent, const void *p, size_t len);

/* One line of JSON on stdout. On a terminal what JSON leaves as it is but a
 * terminal obeys (C1, bidi controls) is written as \uXXXX: equal JSON. */
void cli_print_json(const struct json *o);
void cli_print_json_text(const char *text, size_t len);

/* The directory of --collection, absolute; to be freed. */
char *cli_collection_dir(const struct cli *c);

/* Open it for reading, or NULL with the error said and *CODE set. */
struct collection *cli_open(struct cli *c, int *code);

/* Open or create it, lock it, recover it; the same. */
struct collection *cli_open_to_write(struct cli *c, int create, int *code);

/* The verb reads its objects twice. -1, ERROR_USAGE: one is a pipe. */
int cli_no_pipes(const struct cli *c, struct error *e);

int verb_capture(struct cli *c);
int verb_run(struct cli *c);
int verb_report(struct cli *c);
int verb_init(struct cli *c);
int verb_config(struct cli *c);
int verb_help(struct cli *c);
int verb_recover(struct cli *c);
int verb_status(struct cli *c);
int verb_ls(struct cli *c);
int verb_show(struct cli *c);
int verb_index(struct cli *c);
int verb_cat(struct cli *c);
int verb_extract(struct cli *c);
int verb_stats(struct cli *c);
int verb_article(struct cli *c);
int verb_verify(struct cli *c);
int verb_audit(struct cli *c);
int verb_rebuild(struct cli *c);
int verb_export(struct cli *c);
int verb_import(struct cli *c);
int verb_dedup(struct cli *c);
int verb_repair(struct cli *c);
int verb_withdraw(struct cli *c);
int verb_convert(struct cli *c);
int verb_profile(struct cli *c);

#endif
