/* What was changed in a sealed snapshot is found and named. */
#include "core/base/version.h"
#include "tests/unit/verify_fixture.h"

CASE(a_sound_collection_gives_no_finding)
{
	struct collection *c = three_snapshots("sound");
	struct seen s = { 0 };

	look(&s, c, NULL);
	check_silent(&s);
	CHECK_INT(s.totals.snapshots, 3);
	CHECK_INT(s.totals.articles, 3);
	CHECK_INT(s.totals.files.records, 3 * 16);
	for (size_t i = 0; i < 3; i++) {
		char *dir = collection_path(c, names[i]);

		look(&s, c, names[i]);
		check_silent(&s);
		look_alone(&s, dir);
		check_silent(&s);
		free(dir);
	}
	seen_clear(&s);
	collection_free(c);
}

/* One place of one file. */
static void
flip(const struct collection *c, const char *file, const struct buf *sound,
    struct buf *bytes, size_t at)
{
	struct seen s = { 0 };
	int is_record = text_ends(file, ".warc.gz");

	buf_reset(bytes);
	buf_add(bytes, sound->data, sound->len);
	bytes->data[at] ^= (uint8_t)(1u << (at % 8));
	overwrite(c, file, bytes);
	look(&s, c, names[2]);
	if (!named(&s, file, NULL) || (is_record && !record_named(&s, file))) {
		printf("# byte %zu of %s\n", at, file);
		seen_print(&s);
		CHECK(!"found");
	}
	seen_clear(&s);
}

CASE(any_flipped_byte_is_found_with_file_and_record)
{
	struct collection *c = three_snapshots("flip");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	size_t places = strcmp(version_mode(), "release") == 0 ? 400 : 40;
	size_t count = 0;

	list_files(&files, c, names[2]);
	open_dirs(c, names[2], 0755);
	for (size_t i = 0; i < files.count; i++) {
		size_t step;

		keep(c, files.names[i], &sound);
		step = sound.len / places + 1;
		for (size_t at = 0; at < sound.len; at += step, count++)
			flip(c, files.names[i], &sound, &bytes, at);
		overwrite(c, files.names[i], &sound);
	}
	printf("# %zu places in %zu files\n", count, files.count);
	CHECK(count >= 2000 || places == 40);
	buf_clear(&sound);
	buf_clear(&bytes);
	files_clear(&files);
	collection_free(c);
}

CASE(a_changed_file_is_found_though_its_manifest_line_fits)
{
	struct collection *c = three_snapshots("line");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct buf manifest = { 0 };
	struct seen s = { 0 };
	char *manifest_name = mem_format("%s/manifest-sha256.txt", names[2]);

	list_files(&files, c, names[2]);
	open_dirs(c, names[2], 0755);
	keep(c, manifest_name, &manifest);
	for (size_t i = 0; i < files.count; i++) {
		if (strcmp(files.names[i], manifest_name) == 0)
			continue;
		keep(c, files.names[i], &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 20 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 1;
			overwrite(c, files.names[i], &bytes);
			write_manifest_again(c, names[2]);
			look(&s, c, names[2]);
			check_named(&s, files.names[i], NULL);
			check_named(&s, manifest_name, "witness-manifest");
		}
		overwrite(c, files.names[i], &sound);
		overwrite(c, manifest_name, &manifest);
	}
	look(&s, c, NULL);
	check_silent(&s);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	buf_clear(&manifest);
	files_clear(&files);
	free(manifest_name);
	collection_free(c);
}

CASE(a_file_removed_added_renamed_or_truncated_is_named)
{
	struct collection *c = three_snapshots("files");
	struct files files;
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };

	list_files(&files, c, names[1]);
	open_dirs(c, names[1], 0755);
	for (size_t i = 0; i < files.count; i++) {
		char *other = mem_format("%s.x", files.names[i]);
		char *path = collection_path(c, files.names[i]);

		keep(c, files.names[i], &sound);
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], "file-missing");
		overwrite(c, files.names[i], &sound);
		overwrite(c, other, &sound);
		look(&s, c, names[1]);
		check_named(&s, other, "file-extra");
		CHECK_OK(file_remove(path, &e), &e);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], "file-missing");
		/* Without a manifest nothing is too much. */
		if (!text_ends(files.names[i], "manifest-sha256.txt"))
			check_named(&s, other, "file-extra");
		move(c, other, files.names[i]);
		for (size_t len = 0; len < sound.len;
		     len += sound.len / 7 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, len);
			overwrite(c, files.names[i], &bytes);
			look(&s, c, names[1]);
			check_named(&s, files.names[i], NULL);
		}
		overwrite(c, files.names[i], &sound);
		free(path);
		free(other);
	}
	look(&s, c, NULL);
	check_silent(&s);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	files_clear(&files);
	collection_free(c);
}

CASE(swapped_files_are_both_named)
{
	struct collection *c = three_snapshots("swap");
	struct files files;
	struct buf one = { 0 };
	struct buf other = { 0 };
	struct seen s = { 0 };

	list_files(&files, c, names[1]);
	open_dirs(c, names[1], 0755);
	for (size_t i = 0; i + 1 < files.count; i++) {
		keep(c, files.names[i], &one);
		keep(c, files.names[i + 1], &other);
		overwrite(c, files.names[i], &other);
		overwrite(c, files.names[i + 1], &one);
		look(&s, c, names[1]);
		check_named(&s, files.names[i], NULL);
		check_named(&s, files.names[i + 1], NULL);
		overwrite(c, files.names[i], &one);
		overwrite(c, files.names[i + 1], &other);
	}
	seen_clear(&s);
	buf_clear(&one);
	buf_clear(&other);
	files_clear(&files);
	collection_free(c);
}

CASE(a_link_in_the_place_of_a_file_is_named)
{
	struct collection *c = three_snapshots("symlink");
	char *file = mem_format("%s/outcomes.jsonl", names[0]);
	char *path = collection_path(c, file);
	char *away = collection_path(c, "away");
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	move(c, file, "away");
	CHECK(symlink(away, path) == 0);
	look(&s, c, names[0]);
	check_named(&s, file, "file-kind");
	seen_clear(&s);
	free(file);
	free(path);
	free(away);
	collection_free(c);
}

/* Alone, with a manifest that fits, what others vouch for is still found. */
CASE(listings_are_checked_against_records_and_the_other_way_round)
{
	static const char *const files[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl", "records/hf-20261122082747-00001.warc.gz",
		"derived/hf-20261122082747-00001.warc.gz" };
	struct collection *c = three_snapshots("listings");
	char *dir = collection_path(c, names[0]);
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };
	size_t tried = 0;
	size_t found = 0;

	open_dirs(c, names[0], 0755);
	for (size_t i = 0; i < 5; i++) {
		char *file = mem_format("%s/%s", names[0], files[i]);

		keep(c, file, &sound);
		for (size_t at = 0; at < sound.len; at += sound.len / 50 + 1) {
			buf_reset(&bytes);
			buf_add(&bytes, sound.data, sound.len);
			bytes.data[at] ^= 2;
			overwrite(c, file, &bytes);
			write_manifest_again(c, names[0]);
			look_alone(&s, dir);
			tried++;
			found += s.totals.files.changed > 0;
			if (s.totals.files.changed == 0)
				printf("# not found alone: %s at %zu: %.40s\n",
				    files[i], at,
				    (const char *)bytes.data +
					(at < 20 ? 0 : at - 20));
		}
		overwrite(c, file, &sound);
		free(file);
	}
	printf("# %zu of %zu found\n", found, tried);
	/* The rest: facts that stand nowhere else, unused bits. */
	CHECK(found * 10 >= tried * 9);
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	free(dir);
	collection_free(c);
}

CASE(a_removed_line_is_missed)
{
	static const char *const files[] = { "index.cdxj", "articles.jsonl",
		"outcomes.jsonl" };
	struct collection *c = three_snapshots("lines");
	char *dir = collection_path(c, names[0]);
	struct buf sound = { 0 };
	struct buf bytes = { 0 };
	struct seen s = { 0 };

	open_dirs(c, names[0], 0755);
	for (size_t i = 0; i < 3; i++) {
		char *file = mem_format("%s/%s", names[0], files[i]);
		const char *end;

		keep(c, file, &sound);
		end = strchr(buf_text(&sound), '\n') + 1;
		buf_reset(&bytes);
		buf_add_text(&bytes, end);
		overwrite(c, file, &bytes);
		write_manifest_again(c, names[0]);
		look_alone(&s, dir);
		check_named(&s, files[i], NULL);
		/* and a line that is there twice */
		buf_reset(&bytes);
		buf_add(&bytes, sound.data,
		    (size_t)(end - (const char *)sound.data));
		buf_add(&bytes, sound.data, sound.len);
		overwrite(c, file, &bytes);
		write_manifest_again(c, names[0]);
		look_alone(&s, dir);
		check_named(&s, files[i], NULL);
		overwrite(c, file, &sound);
		free(file);
	}
	seen_clear(&s);
	buf_clear(&sound);
	buf_clear(&bytes);
	free(dir);
	collection_free(c);
}

CASE(what_is_no_snapshot_is_not_verified)
{
	const struct verify_collection_options o = { 0 };
	struct verify_collection_totals totals = { 0 };
	struct error e = { 0 };

	CHECK_INT(verify_snapshot(NULL, NULL, "nowhere", &o, &totals, &e), -1);
	CHECK_INT(e.kind, ERROR_NOTFOUND);
}

TESTS(T(a_sound_collection_gives_no_finding),
    T(any_flipped_byte_is_found_with_file_and_record),
    T(a_changed_file_is_found_though_its_manifest_line_fits),
    T(a_file_removed_added_renamed_or_truncated_is_named),
    T(swapped_files_are_both_named), T(a_link_in_the_place_of_a_file_is_named),
    T(listings_are_checked_against_records_and_the_other_way_round),
    T(a_removed_line_is_missed), T(what_is_no_snapshot_is_not_verified))
