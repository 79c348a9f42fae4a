/* The records of a file as index entries. */
#include "core/archive/index_records.h"

#include <stdlib.h>
#include <string.h>

#include "core/archive/cdxj.h"
#include "core/archive/format.h"
#include "core/archive/index_digest.h"
#include "core/archive/index_message.h"
#include "core/archive/index_post.h"
#include "core/archive/parallel.h"
#include "core/archive/record_facts.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/input.h"
#include "core/base/mem.h"
#include "core/base/stream.h"
#include "core/base/text.h"

/* A record on its way to the index. */
struct entry {
	struct arena *arena;
	struct record_facts facts;
	struct cdxj_facts line;
	const char *concurrent; /* WARC-Concurrent-To, as written */
	const char *target;     /* WARC-Target-URI and -Record-ID, as well */
	const char *id;
	struct index_request request;
	int wanted; /* goes into the index */
	int waits;  /* for the record behind it */
};

struct indexing {
	const struct index_options *options;
	struct index_totals *totals;
	struct input *input;
	const char *file;
	struct source *source;
	struct digester *digester;
	struct index_tee tee;    /* for the digest of all of a record */
	struct entry entries[2]; /* the one before and this */
	struct outlet *out;      /* to the caller's thread; NULL: this is it */
	struct buf message;
	int used; /* the source was read from */
};

enum { TRAILER = 4, HEAD_BYTES = 64 * 1024 };

/* On the caller's thread. */
static void
tell_caller(
    struct indexing *x, uint64_t offset, int damaged, const struct error *why)
{
	x->totals->problems++;
	x->totals->damaged += damaged != 0;
	if (x->options->problem != NULL)
		x->options->problem(x->options->context, input_name(x->input),
		    offset, damaged, why);
}

static void
tell(struct indexing *x, uint64_t offset, int damaged, const struct error *why)
{
	if (x->out == NULL) {
		tell_caller(x, offset, damaged, why);
		return;
	}
	buf_reset(&x->message);
	index_message_problem(&x->message, offset, damaged, why);
	/* Whether more is wanted is asked with the next entry. */
	(void)outlet_put(x->out, x->message.data, x->message.len, NULL);
}

static int
is_wanted(const struct index_options *o, const struct record_facts *f)
{
	const unsigned usual = 1u << RECORD_RESPONSE | 1u << RECORD_REVISIT |
			       1u << RECORD_RESOURCE | 1u << RECORD_METADATA;

	if (o->types != 0)
		return (o->types >> f->type & 1) != 0;
	if ((f->type == RECORD_RESOURCE || f->type == RECORD_METADATA) &&
	    strcmp(f->content_type, "application/warc-fields") == 0)
		return 0;
	return (usual >> f->type & 1) != 0;
}

/* What other readers make of it: blanks escaped; bytes that are not UTF-8 are
 * taken for ISO 8859-1. */
static const char *
readable_uri(struct arena *a, const char *uri)
{
	struct buf b = { 0 };
	const char *at = uri;
	int is_utf8;

	while (*at > ' ' && *at < 0x7f)
		at++;
	is_utf8 = *at == '\0' || text_is_utf8(at, strlen(at));
	if (is_utf8 && strchr(at, ' ') == NULL)
		return uri;
	for (; *uri != '\0'; uri++) {
		if (*uri == ' ')
			buf_add_text(&b, "%20");
		else if (is_utf8)
			buf_add_byte(&b, (uint8_t)*uri);
		else
			text_utf8_add(&b, (uint8_t)*uri);
	}
	uri = arena_text_n(a, buf_text(&b), b.len);
	buf_clear(&b);
	return uri;
}

/* Content-Type of a record that is no HTTP message, up to ";" or blank. */
static const char *
bare_type(struct arena *a, const char *type)
{
	size_t len = strcspn(type, "; \t\r\n\v\f");

	return type[len] == '\0' ? type : arena_text_n(a, type, len);
}

static const char *
mime_of(struct arena *a, const struct record_facts *f)
{
	if (f->type == RECORD_REVISIT)
		return "warc/revisit";
	if (f->type == RECORD_RESPONSE || f->type == RECORD_REQUEST)
		return f->mime;
	return bare_type(a, f->content_type);
}

static void
fill(struct indexing *x, struct entry *n)
{
	const struct record_facts *f = &n->facts;

	n->line = (struct cdxj_facts){
		.url = readable_uri(n->arena, f->uri),
		.key = f->uri[0] == '\0' ? "-" : NULL,
		.time = f->timestamp,
		.mime = mime_of(n->arena, f),
		.status = f->type == RECORD_RESPONSE ||
				  f->type == RECORD_REVISIT
			      ? f->status
			      : 0,
		.file = x->file,
		.ascii = 1,
	};
}

static int
is_arc(const struct indexing *x)
{
	return strcmp(x->source->format->name, "arc") == 0;
}

/* Head and block of the record at OFFSET; 0: its head does not read. */
static uint64_t
measure(struct indexing *x, uint64_t offset, uint64_t block_len)
{
	const uint8_t *lf;
	struct arena *a = arena_new();
	struct record r;
	uint8_t *head = arena_alloc(a, HEAD_BYTES);
	uint64_t length = 0;
	size_t got;
	size_t used;

	if (input_read(x->input, offset, head, HEAD_BYTES, &got, NULL) == 0 &&
	    record_read_head(a, &r, head, got, &used, NULL) == 1)
		length = used + r.block_len;
	/* An ARC record's head is one line, and gives the block's length. */
	else if (is_arc(x) && (lf = memchr(head, '\n', got)) != NULL)
		length = (uint64_t)(lf + 1 - head) + block_len;
	arena_free(a);
	return length;
}

/* The length that others' indexes have: of a plain file without the line ends
 * behind the record, four bytes when they are as they should be, one in ARC. */
static uint64_t
length_of(struct indexing *x, const struct entry *n, const struct place *where,
    int proper)
{
	uint64_t trailer = is_arc(x) ? 1 : TRAILER;
	uint64_t length = 0;

	if (x->source->kind != SOURCE_PLAIN)
		return where->length;
	if (!proper)
		length = measure(x, where->offset, n->facts.block_len);
	if (length > 0)
		return length;
	return where->length > trailer ? where->length - trailer
				       : where->length;
}

static int
give(struct indexing *x, struct entry *n, struct error *e)
{
	n->waits = 0;
	if (!n->wanted)
		return 0;
	if (x->out != NULL) {
		buf_reset(&x->message);
		index_message_entry(&x->message, &n->line);
		return outlet_put(x->out, x->message.data, x->message.len, e);
	}
	x->totals->entries++;
	return x->options->each(x->options->context, &n->line, e);
}

/* Digests and body are read from the block. -1: it does not read. */
static int
read_block(
    struct indexing *x, struct entry *n, struct record *r, struct error *e)
{
	if (x->options->post && n->facts.type == RECORD_REQUEST &&
	    index_request_read(&n->request, n->arena, r, &n->facts, e) != 0)
		return -1;
	if (!n->wanted)
		return 0;
	if (index_digest(n->arena, x->digester, r, &n->facts, x->options->sha1,
		&n->line.digest, e) != 0)
		return -1;
	/* What is left of it passes the tee, too. */
	return x->options->record_digest && !input_is_random(x->input)
		   ? stream_skip(r->block, NULL, e)
		   : 0;
}

/* Behind the record: its length, and what hangs on that. */
static int
place(struct indexing *x, struct entry *n, const struct place *where,
    int proper, struct error *e)
{
	n->line.offset = where->offset;
	n->line.length = length_of(x, n, where, proper);
	if (!x->options->record_digest)
		return 0;
	return index_tee_end(&x->tee, n->arena, where->offset + n->line.length,
	    &n->line.record_digest, e);
}

/* Are A and B, neighbours in the file, a request and its response? */
static int
belong_together(const struct entry *a, const struct entry *b)
{
	enum record_type s = a->facts.type;
	enum record_type t = b->facts.type;

	if (!(s == RECORD_REQUEST && t == RECORD_RESPONSE) &&
	    !(s == RECORD_RESPONSE && t == RECORD_REQUEST))
		return 0;
	return strcmp(a->target, b->target) == 0 &&
	       strcmp(b->concurrent, a->id) == 0;
}

/* What POST and PUT send becomes a part of the key. */
static void
join(struct entry *a, struct entry *b)
{
	struct entry *request = a->facts.type == RECORD_REQUEST ? a : b;
	struct entry *response = request == a ? b : a;
	struct index_post post;

	if (!index_post_make(
		&post, response->arena, &request->request, request->line.url))
		return;
	response->line.method = post.method;
	response->line.body = post.query;
	response->line.body_len = post.query_len;
	response->line.key = post.key;
	request->line.key = post.key;
}

/* N is whole. With bodies a record waits for the one behind it. */
static int
pass_on(
    struct indexing *x, struct entry *before, struct entry *n, struct error *e)
{
	int joined;

	if (!x->options->post)
		return give(x, n, e);
	joined = before->waits && belong_together(before, n);
	if (joined)
		join(before, n);
	if (before->waits && give(x, before, e) != 0)
		return -1;
	if (joined)
		return give(x, n, e);
	n->waits = 1;
	return 0;
}

static const char *
field(const struct record *r, const char *name)
{
	const char *value = record_field(r, name);

	return value == NULL ? "" : value;
}

static int
not_findable(
    struct indexing *x, const struct entry *n, const struct place *where)
{
	struct error why;

	if (where->length == 0)
		(void)error_set(&why, ERROR_INPUT,
		    "shares a gzip member with others: nobody can open it by "
		    "its place");
	else if (n->facts.timestamp[0] == '\0')
		(void)error_set(&why, ERROR_INPUT,
		    "has no date that reads: %.40s", n->facts.date);
	else
		return 0;
	tell(x, where->offset, 0, &why);
	return 1;
}

/* The record R, just handed out at AT, from its facts to its end. 1: no more is
 * wanted; -1: ERROR_SYSTEM, or EACH. */
static int
add_record(struct indexing *x, struct entry *before, struct entry *n,
    struct record *r, uint64_t at, struct error *e)
{
	struct place where = { 0 };
	struct error why;
	int sound;
	int proper;

	error_clear(&why); /* it is large: not all of it for each record */
	index_request_reset(&n->request);
	if (x->options->record_digest)
		index_tee_begin(&x->tee, at, r);
	sound = record_facts_read(n->arena, r, &n->facts, &why) == 0;
	n->wanted = is_wanted(x->options, &n->facts);
	if (n->wanted || x->options->post) {
		if (x->options->post) {
			n->concurrent = field(r, "WARC-Concurrent-To");
			n->target = field(r, "WARC-Target-URI");
			n->id = field(r, "WARC-Record-ID");
		}
		fill(x, n);
		sound = sound && read_block(x, n, r, &why) == 0;
	}
	proper = source_finish(x->source, &where, &why) == 0;
	if (!proper && where.damaged)
		sound = 0;
	if (!sound) {
		if (why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		tell(x, where.offset, 1, &why);
		return 0;
	}
	if (n->wanted && not_findable(x, n, &where))
		n->wanted = 0;
	if (n->wanted && place(x, n, &where, proper, e) != 0)
		return -1;
	return pass_on(x, before, n, e);
}

static int
start(struct indexing *x, const struct stretch *s, struct error *e)
{
	/* A new source stands at 0. */
	if ((x->used || s->start != 0) &&
	    source_seek(x->source, s->start, e) != 0)
		return -1;
	x->used = 1;
	x->source->rewinds = s->rewinds;
	return 0;
}

/* The records of a stretch. */
static int
walk(void *reader, struct stretch *s, struct error *e)
{
	struct indexing *x = reader;
	size_t at = 0;

	if (start(x, s, e) != 0)
		return -1;
	for (;;) {
		struct entry *n = &x->entries[at];
		struct entry *before = &x->entries[1 - at];
		unsigned rewinds = x->source->rewinds;
		struct record r;
		struct place where = { 0 };
		struct error why;
		int more;

		error_clear(&why); /* as above */
		arena_reset(n->arena);
		n->waits = 0;
		more = source_next(x->source, n->arena, &r, &where, &why);
		if (more < 0 && why.kind == ERROR_SYSTEM)
			return error_set(e, why.kind, "%s", why.text);
		if (more == 0 || where.offset >= s->limit ||
		    (s->is_guess && rewinds >= PARALLEL_REWINDS)) {
			s->end = more == 0 ? PARALLEL_END : where.offset;
			s->rewinds = rewinds;
			return before->waits ? give(x, before, e) : 0;
		}
		if (more < 0)
			tell(x, where.offset, where.damaged, &why);
		else if ((more = add_record(
			      x, before, n, &r, where.offset, e)) != 0)
			return more;
		/* What waits is not written over. */
		if (n->waits)
			at = 1 - at;
	}
}

static void
indexing_close(void *reader)
{
	struct indexing *x = reader;

	for (size_t i = 0; i < 2; i++) {
		buf_clear(&x->entries[i].request.body);
		arena_free(x->entries[i].arena);
	}
	buf_clear(&x->message);
	digester_free(x->tee.digester);
	digester_free(x->digester);
	source_free(x->source);
	free(x);
}

/* CONTEXT is what the caller gave, copied for every thread. */
static int
indexing_open(void *context, void **reader, struct outlet *out, struct error *e)
{
	struct indexing *x = mem_dup(context, sizeof(*x));

	x->out = out;
	for (size_t i = 0; i < 2; i++)
		x->entries[i].arena = arena_new();
	x->digester = digester_new(DIGEST_SHA1);
	if (x->options->record_digest)
		x->tee.digester = digester_new(DIGEST_SHA256);
	if (source_open_input(&x->source, x->input, e) != 0) {
		indexing_close(x);
		return -1;
	}
	x->tee.source = x->source;
	x->tee.in = x->input;
	*reader = x;
	return 0;
}

static size_t
find(void *reader, const uint8_t *p, size_t len)
{
	const struct indexing *x = reader;

	return x->source->find == NULL ? len
				       : x->source->find(x->source, p, len);
}

/* A message of a reader, on the caller's thread. */
static int
take(void *context, const uint8_t *p, size_t len, struct error *e)
{
	struct indexing *x = context;
	struct index_message m;
	struct cdxj_facts f;
	struct error why;

	(void)len;
	index_message_read(&m, &f, p);
	if (m.is_entry) {
		f.file = x->file;
		x->totals->entries++;
		return x->options->each(x->options->context, &f, e);
	}
	(void)error_set(&why, ERROR_INPUT, "%s", m.why);
	tell_caller(x, m.offset, m.damaged, &why);
	return 0;
}

int
index_records(struct input *in, const char *file, const struct index_options *o,
    struct index_totals *t, struct error *e)
{
	struct indexing x = {
		.options = o, .totals = t, .input = in, .file = file
	};
	const struct parallel_job job = { .open = indexing_open,
		.close = indexing_close,
		.find = find,
		.walk = walk,
		.take = take,
		.context = &x,
		.max_rewinds = SOURCE_REWINDS_ALIKE };
	struct stretch all = { .limit = PARALLEL_END };
	void *reader;
	int rc;

	t->files++;
	if (!o->post)
		return parallel_walk(in, o->threads, &job, e) < 0 ? -1 : 0;
	/* A request and its response may be cut apart. */
	if (indexing_open(&x, &reader, NULL, e) != 0)
		return -1;
	rc = walk(reader, &all, e);
	indexing_close(reader);
	return rc;
}
