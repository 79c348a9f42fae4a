/* Settings: one table for file, command line and help. */
#include "core/collection/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

const struct setting setting_table[] = {
	{ "collection", 'C', SETTING_TEXT, "DIR", "./collection", "",
	    USE_COLLECTION | USE_INIT, "the collection's directory" },
	{ "operator", 0, SETTING_TEXT, "NAME", "", "",
	    USE_CAPTURE | USE_INIT | USE_IMPORT | USE_FILE,
	    "who captures; goes into every archive file" },
	{ "contact", 0, SETTING_TEXT, "ADDRESS", "", "",
	    USE_CAPTURE | USE_INIT | USE_IMPORT | USE_FILE,
	    "mail or web address where a site can reach the operator" },
	{ "prefix", 0, SETTING_TEXT, "WORD", "holdfast", "", USE_INIT,
	    "first word of archive file names" },
	{ "input-file", 'i', SETTING_TEXT, "FILE", "", "",
	    USE_CAPTURE | USE_VERIFY,
	    "also what FILE names, one URL or file a line; - is standard "
	    "input" },
	{ "null", '0', SETTING_FLAG, "", "no", "", USE_VERIFY,
	    "names in --input-file end in NUL, not in a line feed" },
	{ "robots", 0, SETTING_CHOICE, "POLICY", "obey", "obey warn ignore",
	    USE_CAPTURE | USE_FILE, "what a robots.txt means for pages" },
	{ "media", 0, SETTING_FLAG, "", "no", "", USE_CAPTURE | USE_FILE,
	    "fetch video and audio too" },
	{ "user-agent", 'U', SETTING_TEXT, "TEXT", "", "",
	    USE_CAPTURE | USE_FILE,
	    "sent as User-Agent instead of holdfast's own" },
	{ "header", 0, SETTING_LIST, "FIELD", "", "", USE_CAPTURE | USE_FILE,
	    "a request field to send, as \"Name: value\"" },
	{ "mask-header", 0, SETTING_LIST, "NAME", "", "",
	    USE_CAPTURE | USE_FILE,
	    "a request field whose value is not stored" },
	{ "load-cookies", 0, SETTING_TEXT, "FILE", "", "",
	    USE_CAPTURE | USE_FILE, "send cookies from FILE (Netscape form)" },
	{ "allow-address", 0, SETTING_LIST, "CIDR", "", "",
	    USE_CAPTURE | USE_FILE,
	    "allow connections to a private or special range" },
	{ "connect-to", 0, SETTING_LIST, "HOST:PORT:ADDRESS:PORT", "", "",
	    USE_CAPTURE | USE_FILE, "connect elsewhere for HOST:PORT" },
	{ "ca-file", 0, SETTING_TEXT, "FILE", "", "", USE_CAPTURE | USE_FILE,
	    "check certificates against FILE, not the system's store" },
	{ "proxy", 0, SETTING_TEXT, "URL", "", "", USE_CAPTURE | USE_FILE,
	    "HTTP proxy; the environment's is never used" },
	{ "max-body", 0, SETTING_SIZE, "BYTES", "0", "", USE_CAPTURE | USE_FILE,
	    "keep at most so much of a body (page 32M, image 64M, other "
	    "256M)" },
	{ "max-time-per-url", 0, SETTING_NUMBER, "SECONDS", "300", "",
	    USE_CAPTURE | USE_FILE, "give up on a URL after so long" },
	{ "connect-timeout", 0, SETTING_NUMBER, "SECONDS", "30", "",
	    USE_CAPTURE | USE_FILE, "give up connecting after so long" },
	{ "idle-timeout", 0, SETTING_NUMBER, "SECONDS", "60", "",
	    USE_CAPTURE | USE_FILE, "give up when nothing comes for so long" },
	{ "min-free", 0, SETTING_SIZE, "BYTES", "1G", "",
	    USE_CAPTURE | USE_FILE, "stop when the disk has less room" },
	{ "cdx", 0, SETTING_CHOICE, "FIELDS", "", "9 11", USE_INDEX,
	    "legacy CDX lines of so many fields instead of CDXJ" },
	{ "records", 0, SETTING_TEXT, "TYPES", "", "", USE_INDEX,
	    "index these record types, with commas between, or all" },
	{ "post-append", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "put what POST and PUT sent into the key" },
	{ "record-digest", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "add the SHA-256 of each stored record" },
	{ "dir-root", 0, SETTING_TEXT, "DIR", "", "", USE_INDEX,
	    "name files by their path below DIR" },
	{ "unsorted", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "in the order of the records, equal lines too" },
	{ "zipnum", 0, SETTING_TEXT, "PREFIX", "", "", USE_INDEX,
	    "write compressed blocks and lists of them to PREFIX.*" },
	{ "lines", 0, SETTING_NUMBER, "N", "300", "", USE_INDEX,
	    "lines in a block of --zipnum" },
	{ "index", 0, SETTING_LIST, "FILE", "", "", USE_INDEX,
	    "find: search FILE, not the collection's index" },
	{ "from", 0, SETTING_TEXT, "TIME", "", "", USE_INDEX | USE_CONVERT,
	    "find, convert: not before TIME (4 to 14 digits)" },
	{ "to", 0, SETTING_TEXT, "TIME", "", "", USE_INDEX | USE_CONVERT,
	    "find, convert: not after TIME (4 to 14 digits)" },
	{ "prefix:find", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "find: every URL that begins so" },
	{ "host", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "find: every URL of this host" },
	{ "domain", 0, SETTING_FLAG, "", "no", "", USE_INDEX,
	    "find: every URL of this host and those below it" },
	{ "digest", 0, SETTING_CHOICE, "KIND", "sha256", "sha256 sha1",
	    USE_CAPTURE | USE_FILE | USE_INDEX,
	    "sha1 adds base32 SHA-1 digests for older indexes" },
	{ "json", 0, SETTING_FLAG, "", "no", "", USE_REPORT,
	    "JSON Lines instead of text" },
	{ "quiet", 'q', SETTING_FLAG, "", "no", "", USE_CAPTURE | USE_VERIFY,
	    "print nothing but errors" },
	{ "level", 0, SETTING_CHOICE, "LEVEL", "full", "quick full deep",
	    USE_VERIFY, "how much is looked at: quick, full or deep" },
	{ "only", 0, SETTING_TEXT, "CHECK,...", "", "", USE_VERIFY,
	    "these checks alone" },
	{ "skip", 0, SETTING_TEXT, "CHECK,...", "", "", USE_VERIFY,
	    "all checks but these" },
	{ "subset", 0, SETTING_TEXT, "N/T", "", "", USE_VERIFY,
	    "part N of T: T calls, each with another N, look at all" },
	{ "max-time", 0, SETTING_NUMBER, "SECONDS", "", "",
	    USE_VERIFY | USE_AUDIT,
	    "begin nothing more after so long; the next call goes on" },
	{ "max-bytes", 0, SETTING_SIZE, "BYTES", "", "", USE_AUDIT,
	    "begin nothing more after so many bytes" },
	{ "state", 0, SETTING_TEXT, "FILE", "", "", USE_VERIFY,
	    "where --max-time remembers how far it came" },
	{ "threads", 0, SETTING_NUMBER, "N", "0", "", USE_VERIFY,
	    "threads that verify; 0 is one for each core" },
	{ "verdicts", 0, SETTING_FLAG, "", "no", "", USE_VERIFY,
	    "a line for each record: what became of it" },
	{ "junit", 0, SETTING_TEXT, "FILE", "", "", USE_VERIFY,
	    "write the findings to FILE as JUnit XML, too" },
	{ "rederive", 0, SETTING_FLAG, "", "no", "", USE_VERIFY,
	    "run the kept profiles again and compare the articles" },
	{ "raw", 0, SETTING_FLAG, "", "no", "", USE_CAT,
	    "the stored bytes: head and body as on the wire" },
	{ "headers", 0, SETTING_FLAG, "", "no", "", USE_CAT,
	    "the record's own fields" },
	{ "payload", 0, SETTING_FLAG, "", "no", "", USE_CAT,
	    "the payload: transfer coding removed, content coding kept" },
	{ "offset", 0, SETTING_SIZE, "BYTES", "", "", USE_RECORD,
	    "the record of FILE that begins there" },
	{ "text", 0, SETTING_FLAG, "", "no", "", USE_ARTICLE,
	    "headline, dek and body as plain text" },
	{ "tar", 0, SETTING_TEXT, "FILE", "", "", USE_EXPORT,
	    "write the snapshot's files to FILE (.tar or .tar.gz)" },
	{ "output", 'o', SETTING_TEXT, "FILE", "", "",
	    USE_DEDUP | USE_REPAIR | USE_CONVERT,
	    "write to FILE (.warc.gz, .warc.zst, .warc), a new one" },
	{ "pack", 0, SETTING_CHOICE, "KIND", "name", "name gz zst plain",
	    USE_CONVERT, "how records are packed; name: as FILE ends" },
	{ "warc-version", 0, SETTING_CHOICE, "VERSION", "same", "same 1.0 1.1",
	    USE_CONVERT, "the version to write" },
	{ "split", 0, SETTING_SIZE, "BYTES", "0", "", USE_CONVERT,
	    "begin another file after so many bytes" },
	{ "type", 0, SETTING_LIST, "TYPE,...", "", "", USE_CONVERT,
	    "only records of these types" },
	{ "status", 0, SETTING_LIST, "STATUS,...", "", "", USE_CONVERT,
	    "only responses with 200, 3xx, 200-299" },
	{ "mime", 0, SETTING_LIST, "TYPE,...", "", "", USE_CONVERT,
	    "only these media types; * stands for anything" },
	{ "against", 0, SETTING_LIST, "INDEX", "", "", USE_DEDUP,
	    "a CDXJ index or a collection that may hold the originals" },
	{ "min-size", 0, SETTING_SIZE, "BYTES", "1K", "", USE_DEDUP,
	    "leave payloads shorter than this as they are" },
	{ "site", 0, SETTING_TEXT, "KEY", "import", "", USE_IMPORT,
	    "last part of the snapshot's name" },
	{ "keep-mismatch", 0, SETTING_FLAG, "", "no", "", USE_IMPORT,
	    "import records that are not what their digests say, too" },
	{ "dry-run", 0, SETTING_FLAG, "", "no", "",
	    USE_IMPORT | USE_DEDUP | USE_REPAIR | USE_CONVERT,
	    "say what would be done and write nothing" },
	{ "fail-if-unchanged", 0, SETTING_FLAG, "", "no", "", USE_IMPORT,
	    "exit 24 when there is nothing new" },
	{ "url", 0, SETTING_LIST, "URL", "", "", USE_PROFILE | USE_CONVERT,
	    "the URL a saved page came from; convert: only URLs that begin "
	    "so, or fit with * for anything" },
	{ NULL, 0, SETTING_TEXT, NULL, NULL, NULL, 0, NULL },
};

enum { SETTING_COUNT = sizeof(setting_table) / sizeof(setting_table[0]) - 1 };

struct value {
	char **texts; /* NULL-terminated */
	size_t count;
	char *origin;
};

struct config {
	struct value values[SETTING_COUNT];
};

struct config *
config_new(void)
{
	return mem_zero(1, sizeof(struct config));
}

static void
value_clear(struct value *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->texts[i]);
	free(v->texts);
	free(v->origin);
	*v = (struct value){ 0 };
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		value_clear(&c->values[i]);
	free(c);
}

static size_t
setting_number(const char *name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (strcmp(setting_table[i].name, name) == 0)
			return i;
	return SETTING_COUNT;
}

int
config_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	const char *unit = len == 0 ? NULL : strchr(units, text[len - 1]);
	unsigned shift = 0;
	uint64_t n;

	if (unit != NULL && *unit != '\0') {
		shift = 10 * (unsigned)(unit - units + 1);
		len--;
	}
	if (!text_uint(text, len, UINT64_MAX >> shift, &n))
		return 0;
	*bytes = n << shift;
	return 1;
}

static int
is_choice(const struct setting *s, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = s->choices; *at != '\0';) {
		size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, value, len) == 0)
			return 1;
		at += word + (at[word] == ' ');
	}
	return 0;
}

static int
check_value(const struct setting *s, const char *value, struct error *e)
{
	uint64_t n;

	switch (s->type) {
	case SETTING_TEXT:
	case SETTING_LIST:
		if (strpbrk(value, "\r\n") != NULL)
			return error_set(e, ERROR_USAGE,
			    "%s: a line break in the value", s->name);
		return 0;
	case SETTING_FLAG:
		if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
			return 0;
		return error_set(
		    e, ERROR_USAGE, "%s: %s is not yes or no", s->name, value);
	case SETTING_NUMBER:
		if (text_uint(value, strlen(value), 1000000000, &n))
			return 0;
		return error_set(e, ERROR_USAGE, "%s: %s is not a whole number",
		    s->name, value);
	case SETTING_DURATION:
	case SETTING_SIZE:
		if (config_parse_size(value, &n))
			return 0;
		return error_set(e, ERROR_USAGE,
		    "%s: %s is not a size (as 4096, 64M or 1G)", s->name,
		    value);
	case SETTING_CHOICE:
		if (is_choice(s, value))
			return 0;
		return error_set(e, ERROR_USAGE, "%s: %s is not one of: %s",
		    s->name, value, s->choices);
	}
	return 0;
}

int
config_set(struct config *c, const char *name, const char *value,
    const char *origin, struct error *e)
{
	size_t i = setting_number(name);
	struct value *v;

	if (i == SETTING_COUNT)
		return error_set(e, ERROR_USAGE, "%s: unknown setting", name);
	if (check_value(&setting_table[i], value, e) != 0)
		return -1;
	v = &c->values[i];
	if (setting_table[i].type != SETTING_LIST)
		value_clear(v);
	v->texts = mem_grow(v->texts, v->count + 2, sizeof(*v->texts));
	v->texts[v->count++] = mem_text(value);
	v->texts[v->count] = NULL;
	free(v->origin);
	v->origin = mem_text(origin);
	return 0;
}

static const char *
nearest_key(const char *key)
{
	const char *names[SETTING_COUNT + 1];
	size_t n = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_table[i].use & USE_FILE)
			names[n++] = setting_table[i].name;
	names[n] = NULL;
	return text_nearest(key, names);
}

static int
load_entry(struct config *c, const struct conf *file,
    const struct conf_entry *entry, const int *given, struct error *e)
{
	struct error why = { 0 };
	size_t i = setting_number(entry->key);
	char *origin;
	int rc = 0;

	if (entry->section[0] != '\0')
		return conf_error(file, entry, "no sections here yet", NULL, e);
	if (i == SETTING_COUNT || !(setting_table[i].use & USE_FILE))
		return conf_error(
		    file, entry, "unknown key", nearest_key(entry->key), e);
	if (entry->operator!= CONF_SET)
		return conf_error(file, entry, "only = is known here", NULL, e);
	if (given[i])
		return 0;
	if (setting_table[i].type != SETTING_LIST && c->values[i].count > 0)
		return conf_error(file, entry, "given twice", NULL, e);
	origin = mem_format("%s:%u", file->file, entry->line);
	if (config_set(c, entry->key, entry->value, origin, &why) != 0)
		rc = conf_error(file, entry, why.text, NULL, e);
	free(origin);
	return rc;
}

int
config_load(struct config *c, const char *path, struct error *e)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct conf *file = NULL;
	int given[SETTING_COUNT];
	int rc = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++)
		given[i] = c->values[i].count > 0;
	if (!file_exists(path))
		goto done;
	rc = file_get(path, &text, CONF_FILE_MAX, e);
	if (rc == 0) {
		file = conf_parse(a, path, buf_text(&text), text.len, e);
		rc = file == NULL ? -1 : 0;
	}
	for (size_t i = 0; rc == 0 && i < file->count; i++)
		rc = load_entry(c, file, &file->entries[i], given, e);
done:
	buf_clear(&text);
	arena_free(a);
	return rc;
}

static const struct value *
value_of(const struct config *c, const char *name)
{
	size_t i = setting_number(name);

	assert(i < SETTING_COUNT);
	return &c->values[i];
}

const char *
config_text(const struct config *c, const char *name)
{
	const struct value *v = value_of(c, name);

	if (v->count > 0)
		return v->texts[v->count - 1];
	return setting_table[setting_number(name)].fallback;
}

int
config_flag(const struct config *c, const char *name)
{
	return strcmp(config_text(c, name), "yes") == 0;
}

uint64_t
config_size(const struct config *c, const char *name)
{
	uint64_t n = 0;

	(void)config_parse_size(config_text(c, name), &n);
	return n;
}

const char *const *
config_list(const struct config *c, const char *name)
{
	static const char *const none[] = { NULL };
	const struct value *v = value_of(c, name);

	return v->count == 0 ? none : (const char *const *)v->texts;
}

const char *
config_origin(const struct config *c, const char *name)
{
	const struct value *v = value_of(c, name);

	return v->origin == NULL ? "default" : v->origin;
}

void
config_write_file(struct buf *out, const char *operator, const char * contact)
{
	buf_add_text(out,
	    "# holdfast.conf: settings of this collection. Keys are the names "
	    "of the\n# options; what is given on the command line wins. Lines "
	    "that begin with\n# \"#\" are comments.\n\n");
	buf_format(out, "%soperator = %s\n",
			operator[0] == '\0' ? "#" : "",
			operator[0] == '\0' ? "Name of the archive" : operator);
	buf_format(out, "%scontact = %s\n", contact[0] == '\0' ? "#" : "",
	    contact[0] == '\0' ? "mailto:archive@example.org" : contact);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &setting_table[i];

		if (!(s->use & USE_FILE) || (s->use & USE_INIT))
			continue;
		buf_format(out, "\n# %s\n#%s = %s\n", s->help, s->name,
		    s->fallback[0] == '\0' ? s->argument : s->fallback);
	}
}
