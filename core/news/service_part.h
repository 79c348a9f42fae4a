#ifndef NEWS_SERVICE_PART_H
#define NEWS_SERVICE_PART_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct json;
struct link;

/* The insides of workers' tasks, shared by service.c and service_lists.c. */

/* The payload of the response block P without content coding, at most LIMIT
 * bytes; what cannot be decoded to its end is read as far as it goes. CHARSET
 * (appended) is that of its Content-Type. */
void service_body(const uint8_t *p, size_t len, size_t limit, struct buf *out,
    struct buf *charset);

/* The same in UTF-8. */
void service_text(const uint8_t *p, size_t len, struct buf *out);

/* Appends a line to CONTEXT, a struct buf. */
void service_add_link(void *context, const struct link *l);

/* service_lists.c */
int service_serve_feed(const struct json *request, const uint8_t *payload,
    size_t len, struct buf *result, struct error *e);
int service_serve_front(const struct json *request, const uint8_t *payload,
    size_t len, struct buf *result, struct error *e);

#endif
