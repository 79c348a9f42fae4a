#ifndef NEWS_HASHES_H
#define NEWS_HASHES_H

struct body;
struct images;
struct json;
struct reading;

/*
 * The hashes of an article by rule NT1: core headline dek body xref media
 * meta shell loose as bare hex SHA-256, and simhash (16 digits) of the loose
 * form. What each covers is told in ARCHIVING.md.
 */
struct json *hashes_make(
    struct reading *r, const struct body *body, const struct images *images);

#endif
