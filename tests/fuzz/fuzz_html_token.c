/* Tokens are the same in any cut, and their places are sound. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/web/html_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

struct log {
	struct buf out;
	int in_text;
	uint64_t end; /* of the last token */
	uint64_t fed;
};

static void
must(int condition)
{
	if (!condition)
		abort();
}

static void
add(void *context, const struct html_token *t)
{
	struct log *l = context;
	int is_text = t->kind == HTML_TOKEN_TEXT;

	must(t->start >= l->end && t->end >= t->start && t->end <= l->fed);
	l->end = t->end;
	if (!is_text || !l->in_text)
		buf_format(&l->out, "\n%d ", (int)t->kind);
	l->in_text = is_text;
	buf_add(&l->out, t->text, t->len);
	for (size_t i = 0; i < t->attribute_count; i++) {
		const struct html_attribute *a = &t->attributes[i];

		must(a->start > t->start && a->start < t->end);
		must(
		    a->value_start == 0 || (a->value_start > a->start &&
					       a->value_end >= a->value_start &&
					       a->value_end < t->end));
		buf_format(&l->out, "\n  %llu %llu %c ",
		    (unsigned long long)a->start,
		    (unsigned long long)a->value_end,
		    a->quote == 0 ? '-' : a->quote);
		buf_add(&l->out, a->name, a->name_len);
		buf_add_text(&l->out, "=");
		buf_add(&l->out, a->value, a->value_len);
	}
	if (!is_text)
		buf_format(&l->out, " %llu %llu", (unsigned long long)t->start,
		    (unsigned long long)t->end);
}

static void
run(struct log *l, const uint8_t *p, size_t len, unsigned options, size_t step)
{
	struct html_tokenizer *t = html_tokenizer_new(options);

	for (size_t i = 0; i < len; i += step) {
		size_t n = len - i < step ? len - i : step;
		uint8_t *piece = mem_dup(p + i, n);

		l->fed = i + n;
		html_token_feed(t, piece, n, add, l);
		free(piece);
	}
	html_token_finish(t, add, l);
	html_tokenizer_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct log whole = { { 0 }, 0, 0, 0 };
	struct log cut = { { 0 }, 0, 0, 0 };
	unsigned options = len > 0 ? p[0] & 3 : 0;
	size_t step = len > 0 ? (p[0] >> 2) % 7 + 1 : 1;

	run(&whole, p, len, options, len + 1);
	run(&cut, p, len, options, step);
	must(whole.out.len == cut.out.len);
	must(whole.out.len == 0 ||
	     memcmp(whole.out.data, cut.out.data, cut.out.len) == 0);
	buf_clear(&whole.out);
	buf_clear(&cut.out);
	return 0;
}
