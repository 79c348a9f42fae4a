/* Commands of the operator's: words, facts, time limit. */
#include "core/crawl/hook.h"

#include <signal.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "tests/test.h"

static const char *
words_of(struct arena *a, const char *command, struct error *e)
{
	struct buf all = { 0 };
	char **words;
	const char *text;

	if (hook_words(&words, a, command, e) != 0)
		return NULL;
	for (; *words != NULL; words++)
		buf_format(&all, "<%s>", *words);
	text = arena_text(a, buf_text(&all));
	buf_clear(&all);
	return text;
}

CASE(words_are_apart_by_blanks_and_quotes_keep_blanks)
{
	struct arena *a = arena_new();
	struct error e = { 0 };

	CHECK_TEXT(words_of(a, "  /bin/x  a\tb ", &e), "</bin/x><a><b>");
	CHECK_TEXT(words_of(a, "x 'a b' \"c  d\" e'f g'h", &e),
	    "<x><a b><c  d><ef gh>");
	CHECK_TEXT(words_of(a, "x '' \"it's\" $HOME `y` ; z", &e),
	    "<x><><it's><$HOME><`y`><;><z>");
	CHECK(words_of(a, "x 'open", &e) == NULL);
	CHECK_INT(e.kind, ERROR_USAGE);
	CHECK(words_of(a, " \t", &e) == NULL);
	arena_free(a);
}

static void
put(void *context, const char *line)
{
	buf_format(context, "%s|", line);
}

static int
call(const char *command, int64_t limit_ms, struct buf *out, struct error *e)
{
	static const char *const facts[] = { "HOLDFAST_EVENT=seal",
		"HOLDFAST_SITE=a b", NULL };
	const struct hook_call h = {
		.command = command,
		.facts = facts,
		.clock = clock_system(),
		.limit_ms = limit_ms,
		.put = put,
		.context = out,
	};

	buf_reset(out);
	error_clear(e);
	return hook_call(&h, e);
}

CASE(a_command_gets_facts_and_no_input_and_its_output_is_read)
{
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_INT(call("sh -c 'cat; echo \"$HOLDFAST_EVENT\"; echo "
		       "\"$HOLDFAST_SITE\" >&2; printf end'",
		      10000, &out, &e),
	    0);
	CHECK_TEXT(buf_text(&out), "seal|a b|end|");
	buf_clear(&out);
}

CASE(failures_say_how_it_ended)
{
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_INT(call("sh -c 'exit 3'", 10000, &out, &e), -1);
	CHECK_TEXT(e.text, "sh: exit 3");
	CHECK_INT(call("sh -c 'kill -TERM $$'", 10000, &out, &e), -1);
	CHECK_TEXT(e.text, "sh: ended by signal 15");
	CHECK_INT(call("/no/such/program x", 10000, &out, &e), -1);
	CHECK(strstr(e.text, "/no/such/program: cannot be started") != NULL);
	buf_clear(&out);
}

CASE(one_that_takes_too_long_is_killed_with_its_children)
{
	struct clock *clock = clock_system();
	struct buf out = { 0 };
	struct error e = { 0 };
	int64_t begin = clock->mono_ms(clock);

	CHECK_INT(
	    call("sh -c 'sleep 30 & echo $! >child; wait'", 300, &out, &e), -1);
	CHECK_INT(e.kind, ERROR_LIMIT);
	CHECK(clock->mono_ms(clock) - begin < 5000);
	CHECK_INT(
	    call("sh -c 'grep -q \"State:.[RSD]\" /proc/$(cat child)/status'",
		5000, &out, &e),
	    -1);
	buf_clear(&out);
}

CASE(one_that_runs_when_the_run_ends_is_asked_to_end)
{
	const char *const facts[] = { NULL };
	const volatile sig_atomic_t stop = 1;
	struct clock *clock = clock_system();
	struct buf out = { 0 };
	struct error e = { 0 };
	struct hook_call h = { .command = "sh -c 'trap \"\" TERM; sleep 30'",
		.facts = facts,
		.clock = clock,
		.limit_ms = 60000,
		.stop = &stop,
		.put = put,
		.context = &out };
	int64_t begin = clock->mono_ms(clock);

	CHECK_INT(hook_call(&h, &e), -1);
	CHECK_TEXT(e.text, "sh: ended with the run");
	CHECK(clock->mono_ms(clock) - begin < 4500);
	buf_clear(&out);
}

/* A daemon may have started us so. */
CASE(how_it_ended_is_known_even_when_children_are_ignored)
{
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	CHECK_INT(call("sh -c 'exit 3'", 10000, &out, &e), -1);
	CHECK_TEXT(e.text, "sh: exit 3");
	buf_clear(&out);
}

CASE(endless_output_is_cut)
{
	struct buf out = { 0 };
	struct error e = { 0 };

	CHECK_INT(call("sh -c 'yes | head -c 3000000'", 10000, &out, &e), 0);
	CHECK(out.len < 300000);
	buf_clear(&out);
}

CASE(no_descriptor_of_ours_is_handed_on)
{
	struct buf out = { 0 };
	struct error e = { 0 };
	int fd = file_create("ours", &e);

	CHECK(fd >= 0);
	CHECK_INT(call("sh -c 'ls -l /proc/self/fd | grep -c ours; true'",
		      10000, &out, &e),
	    0);
	CHECK_TEXT(buf_text(&out), "0|");
	CHECK(file_close(fd, &e) == 0);
	buf_clear(&out);
}

TESTS(T(words_are_apart_by_blanks_and_quotes_keep_blanks),
    T(a_command_gets_facts_and_no_input_and_its_output_is_read),
    T(failures_say_how_it_ended),
    T(one_that_takes_too_long_is_killed_with_its_children),
    T(one_that_runs_when_the_run_ends_is_asked_to_end),
    T(how_it_ended_is_known_even_when_children_are_ignored),
    T(endless_output_is_cut), T(no_descriptor_of_ours_is_handed_on))
