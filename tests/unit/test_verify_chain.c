/* Snapshots taken away, swapped or put in, and index/, which remembers. */
#include "tests/unit/verify_fixture.h"

CASE(a_snapshot_missing_from_the_chain_is_named)
{
	struct collection *c = three_snapshots("gone");
	struct seen s = { 0 };

	for (size_t i = 0; i < 3; i++) {
		move(c, names[i], "away");
		look(&s, c, NULL);
		check_named(&s, names[i], "chain-missing");
		CHECK_INT(s.totals.files.changed, 1);
		move(c, "away", names[i]);
	}
	look(&s, c, NULL);
	check_silent(&s);
	/* Without the index only the last can go unnoticed. */
	move(c, "index", "index-away");
	for (size_t i = 0; i < 2; i++) {
		move(c, names[i], "away");
		look(&s, c, NULL);
		check_named(&s, names[i], "chain-missing");
		move(c, "away", names[i]);
	}
	seen_clear(&s);
	collection_free(c);
}

CASE(swapped_snapshots_are_named)
{
	struct collection *c = three_snapshots("swapped");
	struct seen s = { 0 };

	for (size_t i = 0; i < 3; i++) {
		size_t k = (i + 1) % 3;
		char *one = mem_format("%s/report.json", names[i]);
		char *other = mem_format("%s/report.json", names[k]);

		move(c, names[i], "away");
		move(c, names[k], names[i]);
		move(c, "away", names[k]);
		look(&s, c, NULL);
		check_named(&s, one, "report");
		check_named(&s, other, "report");
		move(c, names[i], "away");
		move(c, names[k], names[i]);
		move(c, "away", names[k]);
		free(one);
		free(other);
	}
	seen_clear(&s);
	collection_free(c);
}

CASE(a_snapshot_put_in_between_is_named)
{
	static const char in[] = "snapshots/2026/11/20261122T082750Z-web";
	struct collection *c = three_snapshots("inserted");
	struct collection *other = three_snapshots("donor");
	char *from = collection_path(other, names[0]);
	char *to = collection_path(c, in);
	struct seen s = { 0 };

	CHECK(rename(from, to) == 0);
	look(&s, c, NULL);
	check_named(&s, in, "chain-inserted");
	CHECK(rename(to, from) == 0);
	free(to);
	/* Another one of the same name. */
	move(c, names[1], "away");
	to = collection_path(c, names[1]);
	free(from);
	from = collection_path(other, names[2]);
	CHECK(rename(from, to) == 0);
	look(&s, c, NULL);
	CHECK(s.totals.files.changed > 0);
	seen_clear(&s);
	free(from);
	free(to);
	collection_free(c);
	collection_free(other);
}

CASE(a_changed_older_snapshot_is_found_by_the_next_without_the_index)
{
	struct collection *c = three_snapshots("older");
	char *file = mem_format("%s/about/ARCHIVING.md", names[0]);
	char *manifest = mem_format("%s/manifest-sha256.txt", names[0]);
	struct buf b = { 0 };
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	keep(c, file, &b);
	b.data[100] ^= 1;
	overwrite(c, file, &b);
	write_manifest_again(c, names[0]);
	look(&s, c, NULL);
	check_named(&s, file, "witness");
	move(c, "index", "away");
	look(&s, c, NULL);
	check_named(&s, manifest, "chain-manifest");
	seen_clear(&s);
	buf_clear(&b);
	free(file);
	free(manifest);
	collection_free(c);
}

CASE(a_damaged_index_is_a_warning_and_no_more)
{
	static const char *const files[] = { "index/CURRENT",
		"index/00000001.cdxj", "index/00000001.top" };
	struct collection *c = three_snapshots("index");
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };

	CHECK_OK(index_rebuild(c, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		char *path = collection_path(c, files[i]);

		keep(c, files[i], &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 9 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 1;
			overwrite(c, files[i], &bytes);
			look(&s, c, NULL);
			CHECK_INT(s.totals.files.warnings, 1);
			CHECK_INT(s.totals.files.changed, 0);
		}
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, NULL);
		CHECK_INT(s.totals.files.warnings, 1);
		CHECK_INT(s.totals.files.changed, 0);
		CHECK_OK(index_rebuild(c, &e), &e);
		look(&s, c, NULL);
		check_silent(&s);
		free(path);
	}
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	collection_free(c);
}

TESTS(T(a_snapshot_missing_from_the_chain_is_named),
    T(swapped_snapshots_are_named), T(a_snapshot_put_in_between_is_named),
    T(a_changed_older_snapshot_is_found_by_the_next_without_the_index),
    T(a_damaged_index_is_a_warning_and_no_more))
