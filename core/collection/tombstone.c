/* What stands in the place of what was erased. */
#include "core/collection/tombstone.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"

/* Texts of a block by their names. */
static const char *const names[] = { "record", "type", "date", "uri",
	"block_digest", "payload_digest", "reason", "by", "at" };

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

void
tombstone_write(struct buf *out, const struct tombstone *t)
{
	const char *const values[NAME_COUNT] = { t->record, t->type, t->date,
		t->uri_hash, t->block_digest, t->payload_digest, t->reason,
		t->by, t->at };
	struct arena *a = arena_new_small();
	struct json *o = json_new_object(a);

	json_set_string(a, o, "schema", TOMBSTONE_SCHEMA);
	for (size_t i = 0; i < NAME_COUNT; i++)
		json_set_string(a, o, names[i], values[i]);
	json_set_integer(a, o, "block_length", t->block_len);
	json_write_canonical(out, o);
	arena_free(a);
}

int
tombstone_read(
    struct arena *a, const char *text, size_t len, struct tombstone *out)
{
	const char **const values[NAME_COUNT] = { &out->record, &out->type,
		&out->date, &out->uri_hash, &out->block_digest,
		&out->payload_digest, &out->reason, &out->by, &out->at };
	const struct json *o = json_parse(a, text, len, NULL);

	*out = (struct tombstone){ 0 };
	if (strcmp(json_text(json_get(o, "schema"), ""), TOMBSTONE_SCHEMA) != 0)
		return 0;
	for (size_t i = 0; i < NAME_COUNT; i++) {
		*values[i] = json_text(json_get(o, names[i]), NULL);
		if (*values[i] == NULL)
			return 0;
	}
	out->block_len = json_int(json_get(o, "block_length"), -1);
	return out->block_len >= 0;
}

int
tombstone_is_capture(const struct tombstone *t)
{
	return strcmp(t->type, "response") == 0 ||
	       strcmp(t->type, "revisit") == 0 ||
	       strcmp(t->type, "resource") == 0;
}

const struct json *
generation_read(struct arena *a, const char *text, size_t len)
{
	const struct json *o = json_parse(a, text, len, NULL);
	const struct json *history = json_get(o, "history");

	if (strcmp(json_text(json_get(o, "schema"), ""), GENERATION_SCHEMA) !=
		0 ||
	    json_count(history) == 0 ||
	    json_int(json_get(o, "generation"), 0) !=
		(int64_t)json_count(history) + 1)
		return NULL;
	return history;
}

const struct json *
generation_history(struct arena *a, const char *dir, int *is_there)
{
	char *path = mem_format("%s/%s", dir, GENERATION_FILE);
	struct buf text = { 0 };
	const struct json *history = NULL;

	*is_there = file_exists(path);
	if (*is_there && file_get(path, &text, GENERATION_MAX, NULL) == 0)
		history = generation_read(a, buf_text(&text), text.len);
	buf_clear(&text);
	free(path);
	return history;
}

int
generation_has(const char *dir, const char *hex)
{
	struct arena *a = arena_new();
	int is_there;
	const struct json *history = generation_history(a, dir, &is_there);
	int has = 0;

	for (size_t i = 0; i < json_count(history); i++)
		has |= strcmp(json_text(json_get(json_at(history, i),
					    "manifest_sha256"),
				  ""),
			   hex) == 0;
	arena_free(a);
	return has;
}
