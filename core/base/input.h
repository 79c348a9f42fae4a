#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct stream;

/*
 * Bytes to read by offset: a file, a part of one (a file stored in a tar or
 * zip), memory; or bytes that come only once (a pipe, a compressed container),
 * of which the last INPUT_WINDOW or so can be read again. Counted: keep and
 * free. One that is random may be read by several threads at once.
 */

#define INPUT_WINDOW ((size_t)8 * 1024 * 1024)
#define INPUT_NO_END UINT64_MAX

struct input;

/*
 * The bytes of FD (dup'ed) from OFFSET on, at most LEN of them; what is added
 * to the file later is not seen. An FD that cannot seek gives an input that
 * comes once (OFFSET 0). A directory or device is ERROR_INPUT.
 */
int input_of_fd(struct input **out, int fd, const char *name, uint64_t offset,
    uint64_t len, struct error *e);

/* PATH under NAME; "-" is standard input. A named pipe to which nobody writes
 * is ERROR_INPUT after LIMIT_PIPE_MS. ERROR_NOTFOUND, ERROR_SYSTEM. */
int input_open(
    struct input **out, const char *path, const char *name, struct error *e);

/* The file NAME ("a/b") below the folder DIR, called SHOWN; no symbolic link
 * below DIR is followed, also when it came there just now: ERROR_INPUT. */
int input_open_below(struct input **out, const char *dir, const char *name,
    const char *shown, struct error *e);

/* LEN bytes at P, which must outlive the input. */
struct input *input_of_bytes(const void *p, size_t len, const char *name);

/* All that comes from S, which is freed with the input. */
struct input *input_of_stream(struct stream *s, const char *name);

/* LEN bytes of WHOLE (random, kept) from OFFSET on, under a name of its own. */
struct input *input_part(
    struct input *whole, const char *name, uint64_t offset, uint64_t len);

/* What IN's stream gave last is no longer there: its source goes on. What was
 * read before can be read as ever. */
void input_pass(struct input *in);

struct input *input_keep(struct input *in);
void input_free(struct input *in); /* NULL is fine */

const char *input_name(const struct input *in);
int input_is_random(const struct input *in);

/* How many bytes there are; INPUT_NO_END when that shows only at the end. */
uint64_t input_size(const struct input *in);

/* The lowest offset that can still be read: 0 of what is random. */
uint64_t input_floor(const struct input *in);

/* Offset in the file itself of this input's first byte: of a part, where it
 * begins in WHOLE; else 0. */
uint64_t input_base(const struct input *in);

/*
 * Read LEN bytes at OFFSET; *GOT is less only at the end. -1: ERROR_SYSTEM,
 * ERROR_INPUT (a compressed container is broken), ERROR_LIMIT (before
 * input_floor).
 */
int input_read(struct input *in, uint64_t offset, void *p, size_t len,
    size_t *got, struct error *e);

/* LEN bytes from OFFSET on as a stream; IN must outlive it. */
struct stream *input_stream(struct input *in, uint64_t offset, uint64_t len);

/* SHA-256 of all of it, as bare hex. */
int input_sha256(struct input *in, char hex[65], struct error *e);

#endif
