/* Which versions of profiles an article is read again by. */
#include "core/collection/profile_choice.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"

enum { PROFILE_BYTES_MAX = 4 * 1024 * 1024 };

/* The length of the key in a name. */
static size_t
key_len(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash == NULL ? strlen(name) : (size_t)(dash - name);
}

static int
is_same_key(const char *a, const char *b)
{
	return key_len(a) == key_len(b) && memcmp(a, b, key_len(a)) == 0;
}

static int
is_named(const struct json *chain, const char *name)
{
	int yes = 0;

	for (size_t i = 0; i < json_count(chain) && !yes; i++) {
		const struct json *o = json_at(chain, i);
		char *file = mem_format("%s-%.16s.site",
		    json_text(json_get(o, "key"), ""),
		    json_text(json_get(o, "sha256"), ""));

		yes = strcmp(file, name) == 0;
		free(file);
	}
	return yes;
}

/* The file for the key of file I: the one named, or the first. */
static size_t
chosen(const struct file_names *all, size_t i, const struct json *chain)
{
	size_t first = all->count;

	for (size_t k = 0; k < all->count; k++) {
		if (!is_same_key(all->names[k], all->names[i]))
			continue;
		if (is_named(chain, all->names[k]))
			return k;
		if (first == all->count)
			first = k;
	}
	return first;
}

static int
has_several(const struct file_names *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (chosen(all, i, NULL) != i)
			return 1;
	return 0;
}

static int
copy(const char *from, const char *to, const char *name, struct error *e)
{
	char *source = mem_format("%s/%s", from, name);
	char *target = mem_format("%s/%s", to, name);
	struct buf b = { 0 };
	int rc = file_get(source, &b, PROFILE_BYTES_MAX, e);

	if (rc == 0)
		rc = file_put(target, b.data, b.len, e);
	buf_clear(&b);
	free(source);
	free(target);
	return rc;
}

static void
remove_dir(struct profile_choice *p)
{
	struct file_names names = { 0 };

	if (p->dir != NULL && strcmp(p->dir, p->kept) != 0) {
		(void)file_list(p->dir, &names, NULL);
		for (size_t i = 0; i < names.count; i++) {
			char *path = mem_format(
			    "%s/%s", p->dir, names.names[i]);

			(void)file_remove(path, NULL);
			free(path);
		}
		file_names_clear(&names);
		(void)file_remove_dir(p->dir, NULL);
	}
	free(p->dir);
	p->dir = NULL;
}

static int
fill(struct profile_choice *p, const struct file_names *all,
    const struct json *chain, struct error *e)
{
	int rc = 0;

	if (!has_several(all)) {
		p->dir = mem_text(p->kept);
		return 0;
	}
	p->dir = mem_format("%s/holdfast-XXXXXX", file_temporary_dir());
	if (mkdtemp(p->dir) == NULL) {
		rc = error_system(e, "%s", p->dir);
		free(p->dir);
		p->dir = NULL;
	}
	for (size_t i = 0; i < all->count && rc == 0; i++)
		if (chosen(all, i, chain) == i)
			rc = copy(p->kept, p->dir, all->names[i], e);
	return rc;
}

int
profile_choose(
    struct profile_choice *p, const struct json *chain, struct error *e)
{
	struct file_names all = { 0 };
	struct buf text = { 0 };
	int rc = 0;

	if (chain != NULL)
		json_write_canonical(&text, chain);
	if (p->dir != NULL && (strcmp(p->dir, p->kept) == 0 ||
				  strcmp(p->chain, buf_text(&text)) == 0))
		goto done;
	remove_dir(p);
	free(p->chain);
	p->chain = mem_text(buf_text(&text));
	rc = file_list(p->kept, &all, e);
	if (rc == 0)
		rc = fill(p, &all, chain, e);
	if (rc == 0)
		rc = 1;
done:
	file_names_clear(&all);
	buf_clear(&text);
	return rc;
}

void
profile_choice_clear(struct profile_choice *p)
{
	remove_dir(p);
	free(p->chain);
	p->chain = NULL;
}
