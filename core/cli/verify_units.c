/* Parts of what is verified, and where a call goes on. */
#include "core/cli/verify_units.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum {
	STATE_MAX = 1024 * 1024,
	SAVE_MS = 30000, /* for whom kill -9 stops */
	PARTS_MAX = 1000000
};

static int64_t
now_ms(void)
{
	return clock_system()->mono_ms(clock_system());
}

int
verify_units_subset(struct verify_units *u, const char *text)
{
	size_t len = strcspn(text, "/");

	return text[len] == '/' && text_uint(text, len, PARTS_MAX, &u->part) &&
	       text_uint(text + len + 1, strlen(text + len + 1), PARTS_MAX,
		   &u->parts) &&
	       u->part >= 1 && u->part <= u->parts;
}

/*
 * The state file:
 *
 *	holdfast-verify 1
 *	of SHA256
 *	done OBJECT NAME-IN-HEX
 *
 * Anything else is no state of ours and is left alone.
 */
int
verify_units_read(struct verify_units *u, const char *text, struct error *e)
{
	static const char head[] = "holdfast-verify 1\nof ";
	const char *at = text + sizeof(head) - 1;
	uint64_t object;
	size_t len;

	if (!text_starts(text, head) || strcspn(at, "\n") != 64 ||
	    !text_starts(at + 64, "\ndone "))
		return error_set(e, ERROR_USAGE,
		    "%s: not a state of holdfast verify", u->state);
	if (strncmp(at, u->of, 64) != 0)
		return 0; /* of something else: begin anew */
	at += 64 + strlen("\ndone ");
	len = strcspn(at, " ");
	if (!text_uint(at, len, SIZE_MAX / 2, &object) || at[len] != ' ')
		return 0;
	at += len + 1;
	len = strcspn(at, "\n") / 2;
	buf_reset(&u->done);
	if (!text_unhex(buf_room(&u->done, len), at, len))
		return 0;
	u->done.len = len;
	u->done.data[len] = '\0';
	u->done_object = (size_t)object;
	u->has_done = 1;
	return 0;
}

int
verify_units_limit(struct verify_units *u, int64_t ms, const char *state,
    const struct buf *what, struct error *e)
{
	struct buf text = { 0 };
	uint8_t raw[DIGEST_SHA256_RAW];
	int rc = 0;

	u->saved_ms = now_ms();
	u->end_ms = u->saved_ms + ms;
	u->state = mem_text(state);
	digest_sha256(what->data, what->len, raw);
	text_hex(u->of, raw, sizeof(raw));
	if (file_exists(state)) {
		rc = file_get(state, &text, STATE_MAX, e);
		if (rc == 0)
			rc = verify_units_read(u, buf_text(&text), e);
	}
	buf_clear(&text);
	return rc;
}

void
verify_units_clear(struct verify_units *u)
{
	free(u->state);
	buf_clear(&u->done);
	buf_clear(&u->last);
}

static int
is_done(const struct verify_units *u, const char *name)
{
	if (!u->has_done || u->object != u->done_object)
		return u->has_done && u->object < u->done_object;
	return strcmp(name, buf_text(&u->done)) <= 0;
}

static int
is_of_part(const struct verify_units *u, const char *name)
{
	uint8_t raw[DIGEST_SHA256_RAW];
	uint64_t hash = 0;

	if (u->parts == 0)
		return 1;
	digest_sha256(name, strlen(name), raw);
	for (size_t i = 0; i < sizeof(hash); i++)
		hash = hash << 8 | raw[i];
	return hash % u->parts == u->part - 1;
}

int
verify_units_want(struct verify_units *u, const char *name)
{
	if (is_done(u, name) || !is_of_part(u, name)) {
		u->passed++;
		return 0;
	}
	/* One at least, so that any number of calls comes to the end. */
	if (u->end_ms >= 0 && u->begun > 0 && now_ms() >= u->end_ms) {
		u->is_over = 1;
		return -1;
	}
	u->begun++;
	return 1;
}

static int
save(struct verify_units *u, struct error *e)
{
	struct buf text = { 0 };
	int rc;

	buf_format(&text, "holdfast-verify 1\nof %s\ndone %zu ", u->of,
	    u->last_object);
	for (size_t i = 0; i < u->last.len; i++)
		buf_format(&text, "%02x", u->last.data[i]);
	buf_add_byte(&text, '\n');
	rc = file_put(u->state, text.data, text.len, e);
	buf_clear(&text);
	return rc;
}

int
verify_units_done(struct verify_units *u, const char *name, struct error *e)
{
	if (u->state == NULL)
		return 0;
	u->last_object = u->object;
	buf_reset(&u->last);
	buf_add_text(&u->last, name);
	if (now_ms() - u->saved_ms < SAVE_MS)
		return 0;
	u->saved_ms = now_ms();
	return save(u, e);
}

int
verify_units_end(struct verify_units *u, int finished, struct error *e)
{
	if (u->state == NULL)
		return 0;
	if (finished)
		return file_exists(u->state) ? file_remove(u->state, e) : 0;
	return u->last.len > 0 ? save(u, e) : 0;
}
