/* The journal: sound lines come back, the first unsound one ends it. */
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/journal.h"
#include "tests/test.h"

struct seen {
	unsigned count;
	char kinds[16];
	uint64_t offsets[16];
	struct buf text;
	unsigned stop_at;
};

static int
see(void *context, char kind, char *json, size_t len, uint64_t offset,
    struct error *e)
{
	struct seen *s = context;

	CHECK_INT(strlen(json), len);
	if (s->stop_at > 0 && s->count + 1 == s->stop_at)
		return error_set(e, ERROR_INPUT, "enough");
	s->kinds[s->count] = kind;
	s->offsets[s->count] = offset;
	buf_add_text(&s->text, json);
	buf_add_byte(&s->text, '|');
	s->count++;
	return 0;
}

/* A new file holding LEN bytes; its descriptor. */
static int
file_of(const char *name, const void *p, size_t len)
{
	int fd;

	(void)unlink(name);
	fd = file_create(name, NULL);
	CHECK(fd >= 0);
	CHECK(file_write_at(fd, p, len, 0, NULL) == 0);
	return fd;
}

static void
three_lines(struct buf *b)
{
	journal_add(b, 'b', "{\"n\":1}", 7);
	journal_add(b, 'r', "{\"uri\":\"http://a/\"}", 20 - 1);
	journal_add(b, 'o', "{}", 2);
}

CASE(a_line_is_crc_kind_and_json)
{
	struct buf b = { 0 };

	journal_add(&b, 'x', "{}", 2);
	CHECK_TEXT(buf_text(&b), "129a8e1c x {}\n");
	buf_clear(&b);
}

CASE(lines_come_back_with_their_offsets)
{
	struct buf b = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };
	struct buf line = { 0 };
	uint64_t end = 0;
	int fd;

	three_lines(&b);
	fd = file_of("journal", b.data, b.len);
	CHECK_OK(journal_read(fd, see, &s, &end, &e), &e);
	CHECK_INT(s.count, 3);
	CHECK_TEXT(s.kinds, "bro");
	CHECK_TEXT(buf_text(&s.text), "{\"n\":1}|{\"uri\":\"http://a/\"}|{}|");
	CHECK_INT(end, b.len);
	CHECK_OK(journal_line_at(fd, s.offsets[1], &line, &e), &e);
	CHECK_TEXT(buf_text(&line), "{\"uri\":\"http://a/\"}");
	CHECK_INT(journal_line_at(fd, s.offsets[1] + 1, &line, &e), -1);
	CHECK_INT(e.kind, ERROR_INTEGRITY);
	CHECK_INT(journal_line_at(fd, end, &line, &e), -1);
	(void)close(fd);
	buf_clear(&line);
	buf_clear(&s.text);
	buf_clear(&b);
}

CASE(a_journal_cut_anywhere_ends_behind_its_last_whole_line)
{
	struct buf b = { 0 };
	size_t ends[3] = { 0 };
	size_t n = 0;

	three_lines(&b);
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] == '\n')
			ends[n++] = i + 1;
	for (size_t cut = 0; cut <= b.len; cut++) {
		struct seen s = { 0 };
		struct error e = { 0 };
		uint64_t end = 99;
		unsigned whole = 0;
		int fd = file_of("journal", b.data, cut);

		while (whole < 3 && ends[whole] <= cut)
			whole++;
		CHECK_OK(journal_read(fd, see, &s, &end, &e), &e);
		CHECK_INT(s.count, whole);
		CHECK_INT(end, whole == 0 ? 0 : ends[whole - 1]);
		(void)close(fd);
		buf_clear(&s.text);
	}
	buf_clear(&b);
}

CASE(a_changed_byte_ends_the_journal_before_its_line)
{
	struct buf b = { 0 };

	three_lines(&b);
	for (size_t at = 0; at < b.len; at++) {
		struct seen s = { 0 };
		struct error e = { 0 };
		uint64_t end = 99;
		int fd;
		unsigned before = 0;

		for (size_t i = 0; i < at; i++)
			before += b.data[i] == '\n';
		b.data[at] ^= 0x01;
		fd = file_of("journal", b.data, b.len);
		CHECK_OK(journal_read(fd, see, &s, &end, &e), &e);
		CHECK_INT(s.count, before);
		(void)close(fd);
		buf_clear(&s.text);
		b.data[at] ^= 0x01;
	}
	buf_clear(&b);
}

CASE(the_reader_stops_when_told)
{
	struct buf b = { 0 };
	struct seen s = { .stop_at = 2 };
	struct error e = { 0 };
	uint64_t end = 0;
	int fd;

	three_lines(&b);
	fd = file_of("journal", b.data, b.len);
	CHECK_INT(journal_read(fd, see, &s, &end, &e), -1);
	CHECK_TEXT(e.text, "enough");
	CHECK_INT(s.count, 1);
	(void)close(fd);
	buf_clear(&s.text);
	buf_clear(&b);
}

CASE(long_lines_and_many_lines_are_read_across_any_buffer)
{
	struct buf b = { 0 };
	struct seen s = { 0 };
	struct error e = { 0 };
	uint64_t end = 0;
	char *json = mem_alloc(300000);
	int fd;

	memset(json, 'x', 300000);
	for (size_t len = 1; len < 300000; len = len * 5 + 3)
		journal_add(&b, 'p', json, len);
	fd = file_of("journal", b.data, b.len);
	CHECK_OK(journal_read(fd, see, &s, &end, &e), &e);
	CHECK_INT(s.count, 8);
	CHECK_INT(end, b.len);
	(void)close(fd);
	free(json);
	buf_clear(&s.text);
	buf_clear(&b);
}

TESTS(T(a_line_is_crc_kind_and_json), T(lines_come_back_with_their_offsets),
    T(a_journal_cut_anywhere_ends_behind_its_last_whole_line),
    T(a_changed_byte_ends_the_journal_before_its_line),
    T(the_reader_stops_when_told),
    T(long_lines_and_many_lines_are_read_across_any_buffer))
