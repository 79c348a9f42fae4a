/* index.cdxj, articles.jsonl and profiles/ against the records. */
#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/spool.h"
#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/collection/line_reader.h"
#include "core/collection/verify_part.h"

static const char index_name[] = "index.cdxj";
static const char articles_name[] = "articles.jsonl";
static const char profiles_name[] = "profiles";

/* What is missing or does not read was told with the manifest. */
static int
open_listing(
    const struct snapshot_check *s, struct line_reader *lines, const char *name)
{
	return verify_place_lines(&s->place, name, lines, NULL) == 0;
}

int
check_unread(struct snapshot_check *s, const char *file,
    const struct error *why, struct error *e)
{
	if (why->kind == ERROR_SYSTEM)
		return error_set(e, why->kind, "%s", why->text);
	check_say(s, SEVERITY_CHANGED, "line", file, 0, "", "%s", why->text);
	return 0;
}

/* The members of an index line; NULL when it is none. */
static const struct json *
parse_line(struct arena *a, const char *text)
{
	char *copy = arena_text(a, text);
	struct cdxj_line line;

	if (cdxj_split(copy, &line, NULL) != 0)
		return NULL;
	return json_parse(a, line.json, strlen(line.json), NULL);
}

const char *
check_id_at(struct snapshot_check *s, const char *file, uint64_t offset)
{
	char *place = mem_format("\"offset\": \"%ju\", \"filename\": \"%s\"",
	    (uintmax_t)offset, file);
	struct arena *a = arena_new();
	struct line_reader lines;
	const char *id = NULL;
	char *line;
	size_t len;

	if (open_listing(s, &lines, index_name)) {
		while (id == NULL &&
		       line_reader_next(&lines, &line, &len, NULL) == 1)
			if (strstr(line, place) != NULL)
				id = json_text(
				    json_get(parse_line(a, line), "id"), NULL);
		line_reader_close(&lines);
	}
	if (id != NULL)
		id = arena_text(s->arena, id);
	free(place);
	arena_free(a);
	return id;
}

static void
say_line(struct snapshot_check *s, const struct line_reader *lines,
    const char *file, const char *id, const char *text)
{
	if (check_may_say(s, file))
		check_say(s, SEVERITY_CHANGED, "line", file, lines->start, id,
		    "%s", text);
}

/* The id in a line as we write it: the last member. It is cut short there.
 * NULL: not so written. */
static char *
id_of(char *line, size_t len)
{
	static const char name[] = "\"id\": \"";
	char *at;

	if (len < 2 || strcmp(line + len - 2, "\"}") != 0)
		return NULL;
	line[len - 2] = '\0';
	at = memrchr(line, '"', len - 2);
	if (at == NULL || at - line < (ptrdiff_t)sizeof(name) - 2)
		return NULL;
	at -= sizeof(name) - 2;
	return memcmp(at, name, sizeof(name) - 1) == 0 ? at + sizeof(name) - 1
						       : NULL;
}

/* What the line says is compared when all is known (check_facts). LINE is cut
 * up. */
static void
check_index_line(struct snapshot_check *s, struct arena *a,
    const struct line_reader *lines, char *line, size_t len)
{
	uint8_t hash[VERIFY_SHORT];
	const char *id;
	const struct json *o;

	check_hash(s, hash, line, len);
	buf_reset(&s->line);
	buf_add(&s->line, line, len);
	id = id_of(line, len);
	if (id == NULL) {
		o = parse_line(a, buf_text(&s->line));
		id = json_text(json_get(o, "id"), "");
		if (o == NULL) {
			say_line(s, lines, index_name, "", "no index line");
			return;
		}
	}
	fact_index_line(s, id, lines->start, hash);
}

int
check_index(struct snapshot_check *s, struct error *e)
{
	struct line_reader lines;
	struct arena *a;
	struct buf last = { 0 };
	struct error why = { 0 };
	char *line;
	size_t len = 0;
	int more;

	if (!open_listing(s, &lines, index_name))
		return 0;
	a = arena_new();
	while ((more = line_reader_next(&lines, &line, &len, &why)) == 1) {
		if (strcmp(buf_text(&last), line) >= 0)
			say_line(s, &lines, index_name, "",
			    "not behind the line before by its bytes");
		buf_reset(&last);
		buf_add(&last, line, len);
		check_index_line(s, a, &lines, line, len);
		arena_reset(a);
	}
	if (lines.size > 0 && lines.next == lines.start + len)
		say_line(s, &lines, index_name, "", "has no line end");
	s->index_is_read = more == 0;
	buf_clear(&last);
	arena_free(a);
	line_reader_close(&lines);
	return more < 0 ? check_unread(s, index_name, &why, e) : 0;
}

/* Does the snapshot keep the profile KEY of that digest? */
static int
has_profile(const struct snapshot_check *s, const char *key, const char *sha256)
{
	char *name = mem_format("%s/%s-%.16s.site", profiles_name, key, sha256);
	int there = strchr(key, '/') == NULL && strchr(sha256, '/') == NULL &&
		    verify_place_exists(&s->place, name);

	free(name);
	return there;
}

/* The profiles that an article was read by. */
static void
check_chain(struct snapshot_check *s, const struct line_reader *lines,
    const struct json *article, const char *id)
{
	const struct json *chain = json_get(
	    json_get(json_get(article, "extractor"), "profile"), "chain");

	for (size_t i = 0; i < json_count(chain); i++) {
		const struct json *o = json_at(chain, i);
		const char *key = json_text(json_get(o, "key"), "");

		if (!has_profile(
			s, key, json_text(json_get(o, "sha256"), "")) &&
		    check_may_say(s, articles_name))
			/* Others need not give it away. */
			check_say(s,
			    s->is_import ? SEVERITY_NOTE : SEVERITY_CHANGED,
			    "profile-missing", articles_name, lines->start, id,
			    "was read by a profile that is not there: %s", key);
	}
}

static void
check_article_line(struct snapshot_check *s, const struct line_reader *lines,
    const struct known_article *k, const char *line, size_t len)
{
	char digest[DIGEST_TEXT_MAX];
	struct arena *a = arena_new();
	const struct json *o = json_parse(a, line, len, NULL);

	digest_text(DIGEST_SHA256, line, len, digest);
	if (strcmp(digest, k->digest) != 0)
		say_line(s, lines, articles_name, k->id,
		    "differs from the block of the record");
	else if (strcmp(json_text(
			    json_get(json_get(o, "binding"), "response_record"),
			    k->refers_to),
		     k->refers_to) != 0)
		say_line(s, lines, articles_name, k->id,
		    "is bound to another record than the one it refers to");
	check_chain(s, lines, json_get(o, "article"), k->id);
	arena_free(a);
}

void
articles_open(struct article_list *l, const struct snapshot_check *s)
{
	*l = (struct article_list){ .left = s->article_count };
	l->stream = spool_stream(s->articles, 0, spool_len(s->articles));
}

void
articles_close(struct article_list *l)
{
	stream_free(l->stream);
	buf_clear(&l->data);
}

/* Three texts from what was read, and the place behind them; NULL, they are
 * not all there. */
static const char *
cut_article(struct known_article *k, const char *at, const char *end)
{
	const char **texts[] = { &k->id, &k->digest, &k->refers_to };

	for (size_t i = 0; i < 3; i++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		if (nul == NULL)
			return NULL;
		*texts[i] = at;
		at = nul + 1;
	}
	return at;
}

int
articles_next(struct article_list *l, struct known_article *k, struct error *e)
{
	const uint8_t *p;
	size_t len;

	if (l->left == 0)
		return 0;
	for (;;) {
		const char *text = buf_text(&l->data);
		const char *end = cut_article(
		    k, text + l->used, text + l->data.len);
		int more;

		if (end != NULL) {
			l->used = (size_t)(end - text);
			l->left--;
			return 1;
		}
		if (l->used > 0 && l->data.data != NULL) {
			memmove(l->data.data, l->data.data + l->used,
			    l->data.len - l->used);
			buf_cut(&l->data, l->data.len - l->used);
		}
		l->used = 0;
		more = stream_next(l->stream, &p, &len, e);
		if (more <= 0)
			return more;
		buf_add(&l->data, p, len);
	}
}

static int
compare_articles(struct snapshot_check *s, struct line_reader *lines,
    struct article_list *l, struct error *why, struct error *e)
{
	struct known_article k;
	char *line;
	size_t len = 0;
	size_t number = 0;
	int more;
	int known = 0;

	while ((more = line_reader_next(lines, &line, &len, why)) == 1) {
		known = articles_next(l, &k, e);
		if (known < 0)
			return -1;
		if (known)
			check_article_line(s, lines, &k, line, len);
		else if (!s->records_are_changed)
			say_line(s, lines, articles_name, "",
			    "no derived record gives this line");
		number++;
	}
	if (number > 0 && lines->next == lines->start + len)
		say_line(s, lines, articles_name, "", "has no line end");
	while (more == 0 && (known = articles_next(l, &k, e)) == 1)
		if (check_may_say(s, articles_name))
			check_say(s, SEVERITY_CHANGED, "line-missing",
			    articles_name, lines->size, k.id,
			    "has no line for this derived record");
	if (known < 0)
		return -1;
	return more < 0 ? check_unread(s, articles_name, why, e) : 0;
}

int
check_articles(struct snapshot_check *s, struct error *e)
{
	struct line_reader lines;
	struct article_list list;
	struct error why = { 0 };
	int rc;

	if (s->articles_are_odd) {
		check_say(s, SEVERITY_WARNING, "line", articles_name, 0, "",
		    "is not compared: the derived files come in another "
		    "order than their names");
		return 0;
	}
	if (!open_listing(s, &lines, articles_name))
		return 0;
	articles_open(&list, s);
	rc = compare_articles(s, &lines, &list, &why, e);
	articles_close(&list);
	line_reader_close(&lines);
	return rc;
}

/* KEY-SHA16.site holds bytes of that digest. */
static void
check_profile(struct snapshot_check *s, const char *base)
{
	char *name = mem_format("%s/%s", profiles_name, base);
	size_t len = strlen(base);
	size_t tail = 1 + 16 + strlen(".site");
	char hex[65];

	if (verify_place_digest(&s->place, name, hex, NULL) == 0 &&
	    (len <= tail || base[len - tail] != '-' ||
		strncmp(base + len - tail + 1, hex, 16) != 0))
		check_say(s, SEVERITY_CHANGED, "profile-name", name, 0, "",
		    "its name is not that of its bytes, whose SHA-256 is %s",
		    hex);
	free(name);
}

int
check_profiles(struct snapshot_check *s, struct error *e)
{
	struct file_names names;

	(void)e;
	verify_place_list(&s->place, profiles_name, &names);
	for (size_t i = 0; i < names.count; i++)
		check_profile(s, names.names[i]);
	file_names_clear(&names);
	return 0;
}
