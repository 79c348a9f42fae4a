/* Tombstones and generations: what reads, and what does not. */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/collection/tombstone.h"
#include "tests/test.h"

static const struct tombstone sample = {
	.record = "urn:uuid:1",
	.type = "response",
	.date = "2026-11-22T00:00:00Z",
	.uri_hash = "sha256:00",
	.block_digest = "sha256:11",
	.payload_digest = "",
	.block_len = 12345,
	.reason = "said \"so\"",
	.by = "somebody",
	.at = "2026-11-23T00:00:00Z",
};

CASE(a_tombstone_reads_as_it_was_written)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	struct tombstone t;

	tombstone_write(&text, &sample);
	CHECK(tombstone_read(a, buf_text(&text), text.len, &t));
	CHECK_TEXT(t.record, sample.record);
	CHECK_TEXT(t.type, sample.type);
	CHECK_TEXT(t.uri_hash, sample.uri_hash);
	CHECK_TEXT(t.block_digest, sample.block_digest);
	CHECK_TEXT(t.payload_digest, "");
	CHECK_TEXT(t.reason, sample.reason);
	CHECK_INT(t.block_len, 12345);
	buf_clear(&text);
	arena_free(a);
}

CASE(a_tombstone_without_any_of_its_members_is_none)
{
	static const char *const names[] = { "\"record\"", "\"type\"",
		"\"date\"", "\"uri\"", "\"block_digest\"", "\"payload_digest\"",
		"\"reason\"", "\"by\"", "\"at\"", "\"schema\"",
		"\"block_length\"" };
	struct arena *a = arena_new();
	struct tombstone t;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf text = { 0 };
		char *at;

		tombstone_write(&text, &sample);
		at = strstr((char *)text.data, names[i]);
		CHECK(at != NULL);
		at[1] = 'X';
		CHECK(!tombstone_read(a, buf_text(&text), text.len, &t));
		buf_clear(&text);
	}
	arena_free(a);
}

CASE(only_what_was_captured_counts_as_a_capture)
{
	static const char *const types[] = { "response", "revisit", "resource",
		"request", "metadata" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct tombstone t = sample;

		t.type = types[i];
		CHECK_INT(tombstone_is_capture(&t), i < 3);
	}
}

static int
reads(const char *text)
{
	struct arena *a = arena_new();
	int yes = generation_read(a, text, strlen(text)) != NULL;

	arena_free(a);
	return yes;
}

CASE(a_generation_is_one_more_than_its_history_is_long)
{
	CHECK(reads("{\"generation\":2,\"history\":[{}],"
		    "\"schema\":\"withdrawn/1\"}"));
	CHECK(!reads("{\"generation\":3,\"history\":[{}],"
		     "\"schema\":\"withdrawn/1\"}"));
	CHECK(!reads("{\"generation\":1,\"history\":[],"
		     "\"schema\":\"withdrawn/1\"}"));
	CHECK(!reads("{\"generation\":2,\"history\":[{}],"
		     "\"schema\":\"withdrawn/2\"}"));
	CHECK(!reads("[]"));
	CHECK(!reads(""));
}

CASE(an_earlier_manifest_is_known_by_its_digest)
{
	static const char text[] =
	    "{\"generation\":3,\"history\":[{\"manifest_sha256\":\"aa\"},"
	    "{\"manifest_sha256\":\"bb\"}],\"schema\":\"withdrawn/1\"}";
	struct error e = { 0 };

	CHECK(!generation_has(".", "aa"));
	CHECK_OK(file_put(GENERATION_FILE, text, strlen(text), &e), &e);
	CHECK(generation_has(".", "aa"));
	CHECK(generation_has(".", "bb"));
	CHECK(!generation_has(".", "cc"));
	CHECK(!generation_has(".", ""));
	CHECK_OK(file_remove(GENERATION_FILE, &e), &e);
}

TESTS(T(a_tombstone_reads_as_it_was_written),
    T(a_tombstone_without_any_of_its_members_is_none),
    T(only_what_was_captured_counts_as_a_capture),
    T(a_generation_is_one_more_than_its_history_is_long),
    T(an_earlier_manifest_is_known_by_its_digest))
