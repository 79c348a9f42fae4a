#ifndef COLLECTION_CONFIG_H
#define COLLECTION_CONFIG_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/*
 * Settings: one table gives the file holdfast.conf, the options of the
 * command line, --help, the man page and "config show". A value comes from
 * the command line, else from the file, else from the table.
 */

enum setting_type {
	SETTING_TEXT,
	SETTING_FLAG,     /* given or not; in the file: yes or no */
	SETTING_NUMBER,   /* a whole number */
	SETTING_SIZE,     /* bytes, with K, M, G or T */
	SETTING_DURATION, /* "90" or "90s", "15m", "2h", "3d"; "0.5s" */
	SETTING_CHOICE,   /* one of CHOICES */
	SETTING_LIST      /* may be repeated */
};

/* Which verbs take a setting: bits. */
enum setting_use {
	USE_COLLECTION = 1 << 0, /* every verb that works on a collection */
	USE_CAPTURE = 1 << 1,
	USE_VERIFY = 1 << 2,
	USE_REPORT = 1 << 3, /* verbs that report: --json */
	USE_CAT = 1 << 4,
	USE_ARTICLE = 1 << 5,
	USE_EXPORT = 1 << 6,
	USE_INIT = 1 << 7,
	USE_PROFILE = 1 << 8,
	USE_FILE = 1 << 9,    /* may stand in holdfast.conf */
	USE_RECORD = 1 << 10, /* verbs that take one record of a file */
	USE_AUDIT = 1 << 11,
	USE_WITHDRAW = 1 << 14,
	USE_INDEX = 1 << 16,
	USE_REPAIR = 1 << 12,
	USE_CONVERT = 1 << 13,
	USE_IMPORT = 1 << 20,
	USE_DEDUP = 1 << 21,
	USE_RUN = 1 << 22,
	USE_STATUS = 1 << 23,
	USE_RECOVER = 1 << 25,
	USE_SITE = 1 << 24 /* may stand in a section "[site NAME]" */
};

struct setting {
	/* Where verbs mean different things by one name, the second has ":WORD"
	 * behind it, which nobody sees. */
	const char *name;
	char letter; /* short option; 0 none */
	enum setting_type type;
	const char *argument; /* "DIR"; "" for flags */
	const char *fallback;
	const char *choices; /* blank separated; "" */
	unsigned use;
	const char *help;
};

extern const struct setting setting_table[]; /* ends with name NULL */

struct config;

struct config *config_new(void);
void config_free(struct config *c);

/* ERROR_USAGE names the nearest setting, the bounds or the choices. ORIGIN
 * ("command line", "holdfast.conf:12") is copied. */
int config_set(struct config *c, const char *name, const char *value,
    const char *origin, struct error *e);

/* Read the file at PATH; a missing one is fine. The command line wins. Names
 * of files in it are those beside it. -1: ERROR_USAGE "FILE:LINE: ..." of the
 * first fault; with the other one FAULT is told of each. */
int config_load(struct config *c, const char *path, struct error *e);
int config_load_all(struct config *c, const char *path,
    void (*fault)(void *context, const struct error *e), void *context);

const char *config_text(const struct config *c, const char *name);
int config_flag(const struct config *c, const char *name);
uint64_t config_size(const struct config *c, const char *name);

/* NULL-terminated; valid until the next config_set. */
const char *const *config_list(const struct config *c, const char *name);
const char *config_origin(const struct config *c, const char *name);

/* Of the I-th text of a list. */
const char *
config_list_origin(const struct config *c, const char *name, size_t i);
int64_t config_duration_ms(const struct config *c, const char *name);

/* Sections "[site NAME]" of the file, in its order, NULL-terminated. */
const char *const *config_sites(const struct config *c);

/* The same settings as seen from a section: a value comes from the command
 * line, else from the section, else from the head of the file, else from the
 * table; a list from the first of these that has it. NULL: there is no such
 * section. C's; valid as long as it. */
const struct config *config_site(const struct config *c, const char *name);

/* A commented file that works, for init: every key with its default, or with
 * an example where it has none. SITES, profiles by their keys, are switched
 * on; "" stands for what is not known yet. */
struct config_start {
	const char *operator, * contact;
	const char *const *sites; /* NULL-terminated */
};
void config_write_file(struct buf *out, const struct config_start *start);

/* "64M", "1G", "1048576". 1 / 0. */
int config_parse_size(const char *text, uint64_t *bytes);

/* "90", "90s", "0.5s", "15m", "2h", "3d"; at most 100 years. 1 / 0. */
int config_parse_duration(const char *text, int64_t *ms);

/* A file of secrets (cookies) is read by its owner alone; else ERROR_USAGE
 * says what to do. */
int config_check_secret(const char *path, struct error *e);

#endif
