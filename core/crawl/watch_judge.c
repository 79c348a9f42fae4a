/*
 * What a look at an article means, and when the next one is due. Everything is
 * counted in whole microseconds, and nothing is asked but what is handed in.
 */
#include <string.h>

#include "core/crawl/watch_part.h"

#define EARLY_US     WATCH_MINUTE_US        /* a step may end so much before */
#define FLOOR_US     (15 * WATCH_MINUTE_US) /* of halved steps */
#define AGREE_US     (2 * WATCH_MINUTE_US)  /* between two looks that agree */
#define EXTRA_US     (30 * WATCH_MINUTE_US) /* "once more within the hour" */
#define NUDGE_US     (6 * WATCH_HOUR_US)    /* between two nudges */
#define AGAIN_US     (10 * WATCH_MINUTE_US) /* after a look that says nothing */
#define AGAIN_MAX_US (6 * WATCH_HOUR_US)
#define GONE_US      (2 * WATCH_HOUR_US) /* between the first two sightings */

enum { DOUBTS_MAX = 5, GONE_SIGHTINGS = 3 };

static int64_t
step_us(const struct ladder *l, int64_t step)
{
	return l->steps[step] * 1000;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The next look is when the ladder says. */
static void
by_ladder(struct watched *w)
{
	w->due_us = w->step_due_us;
	w->is_extra = 0;
}

/* The next look is at DUE, beside the ladder, unless it comes first. */
static void
beside_ladder(struct watched *w, int64_t due_us)
{
	if (w->step_due_us != 0 && w->step_due_us <= due_us) {
		by_ladder(w);
		return;
	}
	w->due_us = due_us;
	w->is_extra = 1;
}

static void
first_step(struct watched *w, const struct ladder *l, int64_t at_us)
{
	w->step = 0;
	w->waited_us = step_us(l, 0);
	w->step_due_us = at_us + w->waited_us;
	by_ladder(w);
}

/* Was the step that is waited for over at AT? */
static int
is_step_over(const struct watched *w, int64_t at_us)
{
	return w->step_due_us != 0 && at_us >= w->step_due_us - EARLY_US;
}

/*
 * The step that was waited for is over, the next begins. Looks are late by the
 * time between two runs; that does not add up: a step begins where the one
 * before was to end, if that is not long ago.
 */
static void
next_step(struct watched *w, const struct ladder *l, int64_t at_us)
{
	int64_t from = w->step_due_us;

	if (!is_step_over(w, at_us)) {
		by_ladder(w);
		return;
	}
	w->step++;
	w->step_due_us = 0;
	if (w->step < (int64_t)l->count) {
		w->waited_us = step_us(l, w->step);
		if (at_us - from > w->waited_us / 2)
			from = at_us;
		w->step_due_us = from + w->waited_us;
	}
	by_ladder(w);
}

/* A change was found after AFTER: half of it until the next look, and from
 * there up the ladder again. */
static void
half_step(
    struct watched *w, const struct ladder *l, int64_t at_us, int64_t after_us)
{
	int64_t floor_us = FLOOR_US;
	int64_t half;
	int64_t next = 0;

	for (size_t i = 0; i < l->count; i++)
		floor_us = least(floor_us, step_us(l, (int64_t)i));
	half = most(least(w->waited_us, after_us) / 2, floor_us);
	while (next < (int64_t)l->count && step_us(l, next) <= half)
		next++;
	w->step = next - 1;
	w->waited_us = half;
	w->step_due_us = at_us + half;
	by_ladder(w);
}

/* After a look that says nothing of the article: again soon, then less so. */
static enum watch_event
look_again(struct watched *w, int64_t at_us)
{
	int64_t pause = AGAIN_US;

	for (int64_t i = 0; i < w->unknown && pause < AGAIN_MAX_US; i++)
		pause *= 2;
	w->unknown++;
	if (is_step_over(w, at_us)) {
		/* The look that ends it is still to come. */
		w->due_us = at_us + least(pause, AGAIN_MAX_US);
		w->is_extra = 0;
	} else {
		beside_ladder(w, at_us + least(pause, AGAIN_MAX_US));
	}
	return EVENT_NONE;
}

/* Whether one that is gone came back is asked less and less often. */
static void
next_gone_step(struct watched *w, int64_t at_us)
{
	static const int days[] = { 7, 30, 90, 365 };

	w->due_us = 0;
	w->is_extra = 0;
	if (w->gone_step < (int64_t)(sizeof(days) / sizeof(days[0])))
		w->due_us = at_us + days[w->gone_step++] * WATCH_DAY_US;
}

static enum watch_event
seems_gone(struct watched *w, int64_t at_us)
{
	w->unknown = 0;
	w->is_extra = 0;
	if (w->is_gone) {
		next_gone_step(w, at_us);
		return EVENT_NONE;
	}
	if (w->gone++ == 0)
		w->gone_first_us = at_us;
	if (w->gone >= GONE_SIGHTINGS &&
	    at_us - w->gone_first_us >= WATCH_DAY_US) {
		w->is_gone = 1;
		w->gone_step = 0;
		next_gone_step(w, at_us);
		return EVENT_DISAPPEARED;
	}
	w->due_us = at_us + GONE_US;
	if (w->gone > 1)
		w->due_us = most(w->due_us, w->gone_first_us + WATCH_DAY_US);
	return w->gone == 1 ? EVENT_SUSPECTED : EVENT_NONE;
}

/*
 * Another core, of a page that reads badly: it counts when a second look, two
 * minutes later or more, sees the same. 1: it counts; 0 not yet.
 */
static int
is_agreed(
    struct watched *w, const struct ladder *l, const struct observation *o)
{
	if (strcmp(w->doubt, o->core) == 0) {
		if (o->at_us - w->doubt_us >= AGREE_US)
			return 1;
	} else {
		w->doubt = o->core;
		w->doubt_us = o->at_us;
	}
	if (++w->doubt_count > DOUBTS_MAX) {
		/* Never the same twice: at its usual times, then. */
		w->doubt_count = 0;
		if (w->step_due_us == 0 && !w->is_seen)
			first_step(w, l, o->at_us);
		else
			next_step(w, l, o->at_us);
		return 0;
	}
	w->due_us = w->doubt_us + AGREE_US;
	w->is_extra = 1;
	return 0;
}

/* Times and counts of one that is there, as it was before this look. */
struct before {
	int64_t ok_us;
	int was_gone, was_suspected, was_extra, is_changed, is_touched;
};

static enum watch_event
there(struct watched *w, const struct ladder *l, int64_t at_us,
    const struct before *b)
{
	int64_t after_us = b->ok_us == 0 ? INT64_MAX : at_us - b->ok_us;

	if (!w->is_seen) {
		w->is_seen = 1;
		first_step(w, l, at_us);
		return EVENT_FIRST;
	}
	if (b->was_gone)
		first_step(w, l, at_us);
	else if (b->is_changed)
		half_step(w, l, at_us, after_us);
	else
		next_step(w, l, at_us);
	if (b->was_suspected)
		return EVENT_BACK;
	if (b->is_changed)
		return EVENT_CHANGED;
	if (!b->is_touched)
		return EVENT_NONE;
	/* Some pages print another time at each look. */
	if (!b->was_extra)
		beside_ladder(w, at_us + EXTRA_US);
	return EVENT_TOUCHED;
}

static enum watch_event
seems_there(
    struct watched *w, const struct ladder *l, const struct observation *o)
{
	int is_read = o->sighting != SIGHT_SAME;
	/* The same bytes as the last time, which was in doubt: agreed. */
	const char *core = is_read               ? o->core
			   : w->doubt[0] != '\0' ? w->doubt
						 : w->core;
	struct before b = {
		.ok_us = w->ok_us,
		.was_gone = w->is_gone != 0,
		.was_suspected = w->gone > 0,
		.was_extra = w->is_extra && !is_step_over(w, o->at_us),
		.is_changed = strcmp(core, w->core) != 0,
		.is_touched = is_read && o->modified[0] != '\0' &&
			      w->modified[0] != '\0' &&
			      strcmp(o->modified, w->modified) != 0,
	};

	w->ok_us = o->at_us;
	w->unknown = 0;
	if (is_read && o->is_pending && (b.is_changed || !w->is_seen) &&
	    !is_agreed(w, l, o))
		return EVENT_DOUBTFUL;
	w->doubt = "";
	w->doubt_count = 0;
	w->gone = 0;
	w->is_gone = 0;
	w->core = core;
	if (is_read && o->modified[0] != '\0')
		w->modified = o->modified;
	if (is_read && o->article_id[0] != '\0')
		w->article_id = o->article_id;
	if (is_read && o->post_id[0] != '\0')
		w->post_id = o->post_id;
	return there(w, l, o->at_us, &b);
}

enum verdict { VERDICT_THERE, VERDICT_GONE, VERDICT_UNKNOWN };

static enum verdict
verdict(const struct watched *w, const struct observation *o)
{
	switch (o->sighting) {
	case SIGHT_ARTICLE:
	case SIGHT_SAME:
		return VERDICT_THERE;
	case SIGHT_MOVED:
		/* Where numbers tell articles apart, another number is another
		 * article: this one is not shown any more. */
		return o->post_id[0] != '\0' && w->post_id[0] != '\0' &&
			       strcmp(o->post_id, w->post_id) != 0
			   ? VERDICT_GONE
			   : VERDICT_THERE;
	case SIGHT_AWAY:
	case SIGHT_MISSING:
	case SIGHT_GONE:
	case SIGHT_LEGAL:
	case SIGHT_NOT_ONE:
		return VERDICT_GONE;
	case SIGHT_UNKNOWN:
		return VERDICT_UNKNOWN;
	}
	return VERDICT_UNKNOWN;
}

int
watch_is_good(const struct watched *w, const struct observation *o)
{
	return verdict(w, o) == VERDICT_THERE;
}

enum watch_event
watch_judge(struct watched *w, const struct ladder *l,
    const struct observation *o, int control)
{
	static const struct ladder day = { .steps = { 86400000 }, .count = 1 };
	int is_watched = l->count > 0;
	enum watch_event event = EVENT_NONE;

	if (!is_watched)
		l = &day;
	if (w->first_us == 0)
		w->first_us = o->at_us;
	switch (verdict(w, o)) {
	case VERDICT_THERE:
		event = seems_there(w, l, o);
		break;
	case VERDICT_GONE:
		event = control ? seems_gone(w, o->at_us)
				: look_again(w, o->at_us);
		break;
	case VERDICT_UNKNOWN:
		event = look_again(w, o->at_us);
		break;
	}
	w->look_us = o->at_us;
	if (!is_watched) {
		w->step_due_us = 0;
		w->due_us = 0;
	}
	return event;
}

static int
within_the_hour(struct watched *w, int64_t now_us)
{
	if ((w->due_us != 0 && w->due_us <= now_us + EXTRA_US) ||
	    (w->nudged_us != 0 && now_us - w->nudged_us < NUDGE_US))
		return 0;
	w->nudged_us = now_us;
	w->due_us = now_us + EXTRA_US;
	w->is_extra = 1;
	return 1;
}

int
watch_judge_nudge(struct watched *w, int64_t now_us)
{
	return !w->is_gone && within_the_hour(w, now_us);
}

int
watch_judge_listed(struct watched *w, int64_t now_us)
{
	return w->is_gone && within_the_hour(w, now_us);
}

void
watch_judge_past(struct watched *w, const struct ladder *l, int64_t first_us,
    int64_t last_us)
{
	int64_t sum = 0;

	w->is_seen = 1;
	w->first_us = first_us;
	w->look_us = last_us;
	w->ok_us = last_us;
	w->step = 0;
	w->step_due_us = 0;
	while (w->step < (int64_t)l->count &&
	       sum + step_us(l, w->step) - EARLY_US <= last_us - first_us)
		sum += step_us(l, w->step++);
	if (w->step < (int64_t)l->count) {
		w->waited_us = step_us(l, w->step);
		w->step_due_us = last_us + w->waited_us;
	}
	by_ladder(w);
}
