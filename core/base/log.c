/* What happened, one JSON object per line. */
#include "core/base/log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/date.h"
#include "core/base/error.h"
#include "core/base/json.h"

/* The one place with state of its own: the file that lines go to. */
static int log_fd = -1;

int
log_open(const char *path, struct error *e)
{
	log_close();
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return log_fd < 0 ? error_system(e, "%s", path) : 0;
}

void
log_close(void)
{
	if (log_fd >= 0)
		(void)close(log_fd);
	log_fd = -1;
}

void
log_event(
    int64_t wall_us, const char *event, const char *object, const char *text)
{
	char when[DATE_TEXT_MAX];
	struct buf line = { 0 };

	if (log_fd < 0)
		return;
	date_rfc3339_us(wall_us, when);
	buf_format(&line, "{\"time\":\"%s\",\"event\":\"%s\"", when, event);
	if (object[0] != '\0') {
		buf_add_text(&line, ",\"object\":");
		json_add_string(&line, object, strlen(object));
	}
	if (text[0] != '\0') {
		buf_add_text(&line, ",\"text\":");
		json_add_string(&line, text, strlen(text));
	}
	buf_add_text(&line, "}\n");
	/* One write per line, so that lines of two programs never mix. A full
	 * disk must not end a run because of its log. */
	(void)!write(log_fd, line.data, line.len);
	buf_clear(&line);
}
