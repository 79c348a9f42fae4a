/* status: what a collection is, its last snapshot, what wants attention. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/cli/cli.h"
#include "core/cli/look.h"
#include "core/cli/status_run.h"
#include "core/collection/audit.h"
#include "core/collection/config.h"
#include "core/collection/facts.h"
#include "core/collection/layout.h"
#include "core/collection/months.h"

/* Two looks at a clock that is being set may differ so far. */
#define CLOCK_SLACK_US (60 * INT64_C(1000000))

struct status {
	const struct collection *collection;
	struct arena *arena;
	struct months months;
	struct file_names open;
	struct snapshot_facts last; /* when there is one */
	size_t quarantined;         /* files */
	int is_locked;
	size_t parked; /* open ones that a run left so (seal = day) */
	int64_t age_us;
	struct audit_facts audit;
	int64_t now_us;
	struct json *alarms;
	struct run_status run;
};

static void
alarm_add(struct status *s, const char *text)
{
	json_append(s->arena, s->alarms, json_new_string(s->arena, text));
}

/* Asks about the lock without taking it, so that status never stands in the
 * way of a run; works on a read-only mount. */
static int
is_locked(const struct collection *c)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = collection_path(c, "lock");
	int fd = file_open_read(path, NULL);
	int yes = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 &&
		  lock.l_type != F_UNLCK;

	if (fd >= 0)
		(void)close(fd);
	free(path);
	return yes;
}

static size_t
count_files(const struct collection *c, const char *folder)
{
	char *path = collection_path(c, folder);
	struct file_names files = { 0 };
	size_t count = 0;

	if (file_list(path, &files, NULL) == 0)
		count = files.count;
	file_names_clear(&files);
	free(path);
	return count;
}

/* What the last run left to be said. */
static void
judge_last(struct status *s)
{
	struct snapshot_facts *f = &s->last;
	struct error e = { 0 };

	char *last = months_last_sealed(&s->months);
	int rc = snapshot_facts_read(s->collection, s->arena, last, f, &e);

	free(last);
	if (rc != 0) {
		alarm_add(s, e.text);
		return;
	}
	s->age_us = s->now_us - f->ended_us;
	if (s->age_us < -CLOCK_SLACK_US)
		alarm_add(s, arena_format(s->arena,
				 "%s: ended in the future; is the clock right?",
				 f->name));
	if (strcmp(f->status, "complete") != 0)
		alarm_add(
		    s, arena_format(s->arena, "%s: %s", f->name, f->status));
	if (f->pages_incomplete > 0)
		alarm_add(
		    s, arena_format(s->arena,
			   "%s: %" PRIu64 " of %" PRIu64 " pages incomplete",
			   f->name, f->pages_incomplete, f->pages));
}

/* What audit found and how long ago. */
static int
judge_audit(struct status *s, struct error *e)
{
	if (audit_facts_read(s->collection, &s->audit, e) != 0)
		return -1;
	if (s->audit.bad > 0)
		alarm_add(s,
		    arena_format(s->arena,
			"audit: %" PRIu64 " file(s) not as they were sealed; "
			"see " AUDIT_HISTORY,
			s->audit.bad));
	return 0;
}

/* Did the run that left the snapshot NAME (with ".open") end well? Its journal
 * ends with a line of kind "k" then. */
static int
is_parked(const struct collection *c, const char *name)
{
	char *file = mem_format("%s/%.*s.journal", c->dir,
	    (int)(strlen(name) - strlen(".open")), name);
	uint64_t size = 0;
	char tail[512];
	ssize_t n = 0;
	int fd = file_open_read(file, NULL);
	int yes = 0;

	if (fd >= 0 && file_size(file, &size, NULL) == 0)
		n = pread(fd, tail, sizeof(tail),
		    size > sizeof(tail) ? (off_t)(size - sizeof(tail)) : 0);
	if (n > 1 && tail[n - 1] == '\n') {
		const char *lf = memrchr(tail, '\n', (size_t)n - 1);

		/* Eight digits and a blank are before the kind. */
		yes = lf != NULL && lf + 10 < tail + n && lf[10] == 'k';
	}
	if (fd >= 0)
		(void)close(fd);
	free(file);
	return yes;
}

static int
gather(struct status *s, struct error *e)
{
	s->alarms = json_new_array(s->arena);
	s->now_us = clock_system()->wall_us(clock_system());
	if (months_read(&s->months, s->collection, e) != 0 ||
	    collection_open_ones(s->collection, &s->open, e) != 0)
		return -1;
	s->is_locked = is_locked(s->collection);
	s->quarantined = count_files(s->collection, "quarantine");
	if (s->months.sealed > 0)
		judge_last(s);
	for (size_t i = 0; i < s->open.count; i++)
		s->parked += is_parked(s->collection, s->open.names[i]);
	if (s->open.count > s->parked && !s->is_locked)
		alarm_add(s,
		    arena_format(s->arena,
			"%zu interrupted snapshot(s); holdfast recover seals "
			"them",
			s->open.count - s->parked));
	return judge_audit(s, e);
}

static void
put_audit_json(const struct status *s, struct json *o)
{
	struct arena *a = s->arena;
	struct json *audit = json_new_object(a);
	const struct audit_facts *f = &s->audit;
	char time[DATE_TEXT_MAX];

	json_set_integer(a, audit, "files", (int64_t)f->files);
	json_set_integer(a, audit, "never", (int64_t)f->never);
	json_set_integer(a, audit, "bad", (int64_t)f->bad);
	if (f->last_us > 0) {
		date_rfc3339_s(f->last_us, time);
		json_set_string(a, audit, "last", time);
		date_rfc3339_s(f->oldest_us, time);
		json_set_string(a, audit, "oldest", time);
		json_set_integer(a, audit, "oldest_age_s",
		    (s->now_us - f->oldest_us) / 1000000);
	}
	json_set(a, o, "audit", audit);
}

static void
put_json(const struct status *s)
{
	struct arena *a = s->arena;
	struct json *o = json_new_object(a);
	struct json *open = json_new_array(a);
	char created[DATE_TEXT_MAX];

	date_rfc3339_s(s->collection->created_us, created);
	json_set_string(a, o, "collection", s->collection->dir);
	json_set_string(a, o, "id", s->collection->id);
	json_set_string(a, o, "prefix", s->collection->prefix);
	json_set_string(a, o, "created", created);
	json_set_integer(a, o, "snapshots", (int64_t)s->months.sealed);
	for (size_t i = 0; i < s->open.count; i++)
		json_append(
		    a, open, json_new_string(a, look_name(s->open.names[i])));
	json_set(a, o, "open", open);
	json_set_bool(a, o, "running", s->is_locked);
	json_set_integer(a, o, "quarantined_files", (int64_t)s->quarantined);
	if (s->months.sealed > 0) {
		json_set(a, o, "last", look_facts(a, &s->last));
		json_set_integer(a, o, "age_s", s->age_us / 1000000);
	}
	put_audit_json(s, o);
	run_status_json(&s->run, a, o);
	json_set(a, o, "alarms", s->alarms);
	cli_print_json(o);
}

static void
put_line(const char *label, const char *text)
{
	printf("%-12s", label);
	cli_put(stdout, text);
	(void)fputc('\n', stdout);
}

/* "3 days", the largest unit that has one. */
static const char *
age_text(struct arena *a, int64_t us)
{
	int64_t s = us / 1000000;

	if (s < 120)
		return arena_format(a, "%" PRId64 " seconds ago", s);
	if (s < 7200)
		return arena_format(a, "%" PRId64 " minutes ago", s / 60);
	if (s < 172800)
		return arena_format(a, "%" PRId64 " hours ago", s / 3600);
	return arena_format(a, "%" PRId64 " days ago", s / 86400);
}

static void
put_text(const struct status *s)
{
	char created[DATE_TEXT_MAX];
	char size[LOOK_SIZE_MAX];
	const struct snapshot_facts *f = &s->last;

	date_rfc3339_s(s->collection->created_us, created);
	put_line("collection", s->collection->dir);
	put_line("id", s->collection->id);
	put_line("created", created);
	printf("%-12s%" PRIu64 " sealed, %zu open%s\n", "snapshots",
	    s->months.sealed, s->open.count,
	    s->is_locked ? "; a run is under way" : "");
	if (s->months.sealed > 0) {
		put_line("last", f->name);
		put_line("ended", arena_format(s->arena, "%s, %s",
				      look_time(s->arena, f->ended),
				      age_text(s->arena, s->age_us)));
		put_line("kept",
		    arena_format(s->arena,
			"%s: %" PRIu64 " targets, %" PRIu64 " good, %" PRIu64
			" failed, %" PRIu64 " articles, %s",
			f->status, f->targets, f->good, f->failed, f->articles,
			look_size(f->archive_bytes, size)));
	}
	run_status_text(&s->run, s->now_us);
	if (s->audit.last_us > 0)
		put_line("audit",
		    arena_format(s->arena,
			"last %s; oldest look %s; %" PRIu64 " of %" PRIu64
			" file(s) never",
			age_text(s->arena, s->now_us - s->audit.last_us),
			age_text(s->arena, s->now_us - s->audit.oldest_us),
			s->audit.never, s->audit.files));
	else if (s->audit.files > 0)
		put_line("audit", "never");
	if (s->quarantined > 0)
		printf("%-12s%zu file(s): ends of interrupted runs\n",
		    "quarantine", s->quarantined);
	for (size_t i = 0; i < json_count(s->alarms); i++)
		put_line("alarm", json_text(json_at(s->alarms, i), ""));
}

/* When FILE of the collection was written last; 0 never. */
static int64_t
written_us(const struct collection *c, const char *file)
{
	char *path = collection_path(c, file);
	struct stat st;
	int64_t at = stat(path, &st) == 0 ? st.st_mtime * INT64_C(1000000) : 0;

	free(path);
	return at;
}

/* When a run that is under way wrote anything last: its journal, its state, or
 * its log. */
static int64_t
sign_of_life_us(const struct status *s)
{
	char month[DATE_TEXT_MAX];
	char *log;
	int64_t latest = written_us(s->collection, "state/run.sqlite-wal");
	int64_t at;

	date_rfc3339_s(s->now_us, month);
	log = mem_format("log/%.7s.jsonl", month);
	at = written_us(s->collection, log);
	free(log);
	latest = at > latest ? at : latest;
	for (size_t i = 0; i < s->open.count; i++) {
		const char *name = s->open.names[i];
		char *journal = mem_format("%.*s.journal",
		    (int)(strlen(name) - strlen(".open")), name);

		at = written_us(s->collection, journal);
		latest = at > latest ? at : latest;
		free(journal);
	}
	return latest;
}

/* When the work was done last: a good run's, where sites are watched, else a
 * capture's. 0 never; a time ahead was told by a clock that was wrong. */
static int64_t
last_good_us(const struct cli *c, const struct status *s)
{
	int64_t at = s->run.has_state && config_sites(c->config)[0] != NULL
			 ? s->run.good_us
			 : s->last.ended_us;

	return at > s->now_us + CLOCK_SLACK_US ? 0 : at;
}

static int
is_older(const struct status *s, int64_t then_us, int64_t most_ms)
{
	return then_us <= 0 || (s->now_us - then_us) / 1000 > most_ms;
}

/* For monitoring: one line, and the exit code. */
static int
check(const struct cli *c, const struct status *s)
{
	int64_t most = config_duration_ms(c->config, "max-age");
	int64_t last = last_good_us(c, s);
	uint64_t alarms = s->run.alarms + json_count(s->alarms);
	const char *text;

	if (s->run.state_is_broken) {
		puts("broken: state/run.sqlite does not read");
		return EXIT_DAMAGED;
	}
	text = last <= 0 ? "never" : age_text(s->arena, s->now_us - last);
	if (most > 0 && is_older(s, last, most) &&
	    (!s->is_locked || is_older(s, sign_of_life_us(s), most))) {
		printf("late: last good run %s%s\n", text,
		    s->is_locked ? "; one is under way and does nothing" : "");
		return EXIT_INCOMPLETE;
	}
	if (alarms > 0) {
		const struct json *first = json_at(s->run.standing, 0);

		printf("alarm: %" PRIu64 " standing: ", alarms);
		cli_put(stdout, first != NULL
				    ? json_text(json_get(first, "text"), "")
				    : json_text(json_at(s->alarms, 0), ""));
		(void)fputc('\n', stdout);
		return EXIT_INCOMPLETE;
	}
	printf("ok: last good run %s\n", text);
	return EXIT_DONE;
}

static int
tell(const struct cli *c, const struct status *s)
{
	if (config_flag(c->config, "check"))
		return check(c, s);
	if (config_flag(c->config, "json"))
		put_json(s);
	else
		put_text(s);
	return s->open.count > s->parked && !s->is_locked ? EXIT_PENDING
							  : EXIT_DONE;
}

int
verb_status(struct cli *c)
{
	int code = EXIT_DONE;
	struct collection *collection = cli_open(c, &code);
	struct status s = { .collection = collection };
	struct error e = { 0 };

	if (collection == NULL)
		return config_flag(c->config, "check") ? EXIT_DAMAGED : code;
	s.arena = arena_new();
	s.last.name = s.last.status = s.last.ended = s.last.snapshot = "";
	if (gather(&s, &e) != 0) {
		code = cli_fail(&e);
		if (config_flag(c->config, "check"))
			code = EXIT_DAMAGED;
	} else {
		run_status_read(&s.run, s.arena, c, collection, s.now_us);
		code = tell(c, &s);
	}
	months_clear(&s.months);
	file_names_clear(&s.open);
	arena_free(s.arena);
	collection_free(collection);
	return code;
}
