/* Sets of profiles: found, chained, compiled, asked. */

#include "core/news/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/conf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/news/profile_rules.h"
#include "core/web/http_message.h"
#include "core/web/url.h"

struct profile_set {
	struct arena *arena;
	struct site_file **files; /* one per key */
	size_t file_count;
	struct site_file **built_in; /* those of the program */
	size_t built_in_count;
	struct profile **profiles; /* sorted by key */
	size_t profile_count;
};

static int
is_site_name(const char *name)
{
	return text_ends(name, ".site") || text_ends(name, ".map");
}

static const char *
scalar_of(const struct site_file *f, const char *key)
{
	struct site_file copy = *f;
	struct chain alone = { .files = { &copy }, .count = 1 };

	return chain_scalar(&alone, "site", "", key);
}

static int
key_is_sound(const char *key)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && key[n] == '\0' && n <= 64;
}

/* Parse and check one file on its own. */
static int
read_site_file(struct arena *a, const char *origin, const char *data,
    size_t len, struct site_file **out, struct error *e)
{
	struct site_file *f = arena_alloc(a, sizeof(*f));
	const char *format;

	*out = f;
	f->origin = arena_text(a, origin);
	f->data = arena_dup(a, data, len);
	f->len = len;
	f->conf = conf_parse(a, origin, f->data, len, e);
	if (f->conf == NULL)
		return -1;
	f->key = scalar_of(f, "key");
	format = scalar_of(f, "format");
	if (!key_is_sound(f->key))
		return error_set(e, ERROR_USAGE,
		    "%s: [site] wants a key of a-z, 0-9 and \"-\"", origin);
	if (strcmp(format, "1") != 0)
		return error_set(e, ERROR_USAGE,
		    "%s: [site] format is \"%s\", this program reads 1", origin,
		    format);
	return site_file_check(f, e);
}

static struct site_file *
find_in(struct site_file *const *files, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i]->key, key) == 0)
			return files[i];
	return NULL;
}

static struct site_file *
find_file(const struct profile_set *s, const char *key)
{
	return find_in(s->files, s->file_count, key);
}

/* A file with the key of an earlier one takes its place. */
static void
add_file(struct profile_set *s, struct site_file *f)
{
	for (size_t i = 0; i < s->file_count; i++) {
		if (strcmp(s->files[i]->key, f->key) == 0) {
			s->files[i] = f;
			return;
		}
	}
	s->files = mem_grow(s->files, s->file_count + 1, sizeof(*s->files));
	s->files[s->file_count++] = f;
}

static int
load_built_in(struct profile_set *s, struct error *e)
{
	const struct embedded_file *x;

	for (x = embedded_files; x->name != NULL; x++) {
		struct site_file *f = NULL;

		if (!is_site_name(x->name))
			continue;
		if (read_site_file(s->arena, x->name, (const char *)x->data,
			x->len, &f, e) != 0)
			return -1;
		f->origin = "built-in";
		add_file(s, f);
		s->built_in = mem_grow(
		    s->built_in, s->built_in_count + 1, sizeof(*s->built_in));
		s->built_in[s->built_in_count++] = f;
	}
	return 0;
}

static int
load_file(
    struct arena *a, const char *path, struct site_file **out, struct error *e)
{
	struct buf data = { 0 };
	int rc = file_get(path, &data, CONF_FILE_MAX, e);

	if (rc == 0)
		rc = read_site_file(a, path, buf_text(&data), data.len, out, e);
	buf_clear(&data);
	return rc;
}

static int
load_dir(struct profile_set *s, const char *dir, struct error *e)
{
	struct file_names names = { 0 };
	int rc = -1;

	if (file_list(dir, &names, e) != 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const char *path = arena_format(
		    s->arena, "%s/%s", dir, names.names[i]);
		struct site_file *f = NULL;
		struct site_file *other;

		if (!is_site_name(path))
			continue;
		if (load_file(s->arena, path, &f, e) != 0)
			goto done;
		other = find_file(s, f->key);
		if (other != NULL && strcmp(other->origin, "built-in") != 0) {
			(void)error_set(e, ERROR_USAGE,
			    "%s: key %s is also that of %s", path, f->key,
			    other->origin);
			goto done;
		}
		add_file(s, f);
	}
	rc = 0;
done:
	file_names_clear(&names);
	return rc;
}

/* The chain of F, base first; ONLY_BUILT_IN: of files of the program. */
static int
make_chain(const struct profile_set *s, struct site_file *f, int only_built_in,
    struct chain *out, struct error *e)
{
	struct site_file *files[CHAIN_MAX];
	size_t n = 0;

	for (;;) {
		const char *base = scalar_of(f, "extends");

		if (n == CHAIN_MAX)
			return error_set(e, ERROR_USAGE,
			    "%s: more than %d profiles extend each other",
			    files[0]->conf->file, CHAIN_MAX);
		files[n++] = f;
		if (base[0] == '\0')
			break;
		f = only_built_in
			? find_in(s->built_in, s->built_in_count, base)
			: find_file(s, base);
		if (f == NULL)
			return error_set(e, ERROR_USAGE,
			    "%s: extends %s, which is not there",
			    files[n - 1]->conf->file, base);
	}
	out->count = n;
	for (size_t i = 0; i < n; i++)
		out->files[i] = files[n - 1 - i];
	return 0;
}

static int
compile(struct profile_set *s, struct site_file *f, int only_built_in,
    struct profile **out, struct error *e)
{
	struct profile *p = arena_alloc(s->arena, sizeof(*p));
	struct chain *chain = arena_alloc(s->arena, sizeof(*chain));

	*out = p;
	if (make_chain(s, f, only_built_in, chain, e) != 0)
		return -1;
	p->key = f->key;
	p->origin = f->origin;
	p->chain_count = chain->count;
	p->chain = arena_alloc(s->arena, chain->count * sizeof(*p->chain));
	for (size_t i = 0; i < chain->count; i++) {
		const struct site_file *file = chain->files[i];
		uint8_t raw[DIGEST_SHA256_RAW];

		p->chain[i].key = file->key;
		p->chain[i].data = file->data;
		p->chain[i].len = file->len;
		digest_sha256(file->data, file->len, raw);
		text_hex(p->chain[i].sha256, raw, sizeof(raw));
	}
	return profile_compile(p, s->arena, chain, e);
}

static int
is_abstract(const struct site_file *f)
{
	return strcmp(scalar_of(f, "abstract"), "yes") == 0;
}

static int
compare_files(const void *a, const void *b)
{
	const struct site_file *const *x = a;
	const struct site_file *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

/*
 * A built-in profile that does not compile with a local base (an older one
 * from a sealed snapshot, say) keeps the base it was made for.
 */
static int
compile_one(struct profile_set *s, struct site_file *f, struct error *e)
{
	struct profile **out = &s->profiles[s->profile_count++];
	struct error why = { 0 };

	if (compile(s, f, 0, out, &why) == 0)
		return 0;
	if (find_in(s->built_in, s->built_in_count, f->key) != f)
		return error_set(e, why.kind, "%s", why.text);
	rule_owned_clear(&(*out)->owned);
	return compile(s, f, 1, out, e);
}

static int
compile_all(struct profile_set *s, struct error *e)
{
	if (s->file_count == 0)
		return 0;
	qsort(s->files, s->file_count, sizeof(*s->files), compare_files);
	s->profiles = mem_zero(s->file_count, sizeof(*s->profiles));
	for (size_t i = 0; i < s->file_count; i++)
		if (!is_abstract(s->files[i]) &&
		    compile_one(s, s->files[i], e) != 0)
			return -1;
	return 0;
}

int
profile_set_load(struct profile_set **out, const char *dir, struct error *e)
{
	struct profile_set *s = mem_zero(1, sizeof(*s));

	s->arena = arena_new();
	if (load_built_in(s, e) != 0 ||
	    (dir != NULL && file_is_dir(dir) && load_dir(s, dir, e) != 0) ||
	    compile_all(s, e) != 0) {
		profile_set_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
profile_set_free(struct profile_set *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->profile_count; i++)
		rule_owned_clear(&s->profiles[i]->owned);
	free(s->profiles);
	free(s->built_in);
	free(s->files);
	arena_free(s->arena);
	free(s);
}

size_t
profile_set_count(const struct profile_set *s)
{
	return s->profile_count;
}

const struct profile *
profile_set_at(const struct profile_set *s, size_t i)
{
	return i < s->profile_count ? s->profiles[i] : NULL;
}

const struct profile *
profile_set_find(const struct profile_set *s, const char *key)
{
	for (size_t i = 0; i < s->profile_count; i++)
		if (strcmp(s->profiles[i]->key, key) == 0)
			return s->profiles[i];
	return NULL;
}

int
text_list_has_host(const struct text_list *hosts, const struct url *url)
{
	char host[256];

	if (!url_host(url, host, sizeof(host)))
		return 0;
	for (size_t i = 0; i < hosts->count; i++)
		if (strcmp(hosts->items[i], host) == 0)
			return 1;
	return 0;
}

const struct profile *
profile_for(const struct profile_set *s, const struct url *url)
{
	for (size_t i = 0; i < s->profile_count; i++)
		if (text_list_has_host(&s->profiles[i]->hosts, url))
			return s->profiles[i];
	return NULL;
}

const char *
profile_key(const struct profile *p)
{
	return p->key;
}

const char *
profile_version(const struct profile *p)
{
	return p->version;
}

const char *
profile_origin(const struct profile *p)
{
	return p->origin;
}

size_t
profile_chain(const struct profile *p, const struct profile_file **files)
{
	*files = p->chain;
	return p->chain_count;
}

int
profile_blocks(const struct profile *p, const struct url *url)
{
	return text_list_has_host(&p->blocked, url);
}

static int
term_holds(const struct challenge_term *t, unsigned status,
    const struct http_reader *head)
{
	const char *value;

	if (t->header == NULL)
		return t->status == status;
	value = http_reader_field(head, t->header);
	if (value == NULL)
		return 0;
	return t->value == NULL ||
	       text_equal_nocase(value, strlen(value), t->value);
}

int
profile_is_challenge(const struct profile *p, unsigned status,
    const uint8_t *head, size_t head_len)
{
	struct http_reader *r;
	size_t used;
	int found = 0;

	if (p->challenge_count == 0)
		return 0;
	r = http_reader_new(HTTP_RESPONSE, NULL, 0);
	http_reader_reset(r, "GET");
	(void)http_reader_feed(r, head, head_len, &used, NULL);
	for (size_t i = 0; i < p->challenge_count && !found; i++) {
		const struct challenge *c = &p->challenges[i];
		size_t k = 0;

		while (k < c->count && term_holds(&c->terms[k], status, r))
			k++;
		found = k == c->count;
	}
	http_reader_free(r);
	return found;
}

int64_t
profile_challenge_pause_ms(const struct profile *p)
{
	return p->challenge_pause_ms;
}

int
profile_check_text(const struct profile_set *set, const char *name,
    const char *text, size_t len, struct error *e)
{
	struct profile_set own = { 0 };
	struct profile *p = NULL;
	struct site_file *f = NULL;
	int rc = -1;

	own.arena = arena_new();
	if (read_site_file(own.arena, name, text, len, &f, e) != 0)
		goto done;
	for (size_t i = 0; i < set->file_count; i++)
		add_file(&own, set->files[i]);
	add_file(&own, f);
	if (is_abstract(f)) {
		struct chain chain;

		rc = make_chain(&own, f, 0, &chain, e);
	} else {
		rc = compile(&own, f, 0, &p, e);
	}
done:
	if (p != NULL)
		rule_owned_clear(&p->owned);
	free(own.files);
	arena_free(own.arena);
	return rc;
}

int
profile_check(const struct profile_set *set, const char *path, struct error *e)
{
	struct buf data = { 0 };
	int rc = file_get(path, &data, CONF_FILE_MAX, e);

	if (rc == 0)
		rc = profile_check_text(
		    set, path, buf_text(&data), data.len, e);
	buf_clear(&data);
	return rc;
}
