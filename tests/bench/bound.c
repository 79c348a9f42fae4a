/*
 * The least that reading a record file takes, as a yardstick: inflate every
 * member and check its CRC and length; for "verify" also digest each block and
 * each payload as its record does. Nothing is compared, no rule checked, no
 * damage survived; one thread, the file mapped, every member in memory.
 *
 *	bound inflate|verify libdeflate|zlib FILE
 *
 * Prints members, records with a payload, bytes of blocks.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdeflate.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "core/base/mem.h"

#define ROOM ((size_t)16 * 1024 * 1024)

struct bound {
	struct libdeflate_decompressor *fast; /* NULL: zlib */
	z_stream z;
	uint8_t *room;
	EVP_MD_CTX *block, *payload;
	const EVP_MD *sha1, *sha256;
	uint64_t members, payloads, block_bytes;
};

static void
fail(const char *what)
{
	(void)fprintf(stderr, "bound: %s\n", what);
	exit(1);
}

/* The member at P..LEN into the room: its size there, its own in *USED. */
static size_t
inflate_member(struct bound *b, const uint8_t *p, size_t len, size_t *used)
{
	size_t got;

	if (b->fast != NULL) {
		if (libdeflate_gzip_decompress_ex(b->fast, p, len, b->room,
			ROOM, used, &got) != LIBDEFLATE_SUCCESS)
			fail("a member does not inflate");
		return got;
	}
	if (inflateReset(&b->z) != Z_OK)
		fail("inflateReset");
	b->z.next_in = (uint8_t *)(uintptr_t)p; /* zlib writes nothing there */
	b->z.avail_in = len > ROOM ? (uInt)ROOM : (uInt)len;
	b->z.next_out = b->room;
	b->z.avail_out = (uInt)ROOM;
	if (inflate(&b->z, Z_FINISH) != Z_STREAM_END)
		fail("a member does not inflate");
	*used = b->z.total_in;
	return b->z.total_out;
}

/* What follows the empty line in P..LEN; NULL when there is none. */
static const uint8_t *
behind_head(const uint8_t *p, size_t len)
{
	const uint8_t *end = memmem(p, len, "\r\n\r\n", 4);

	return end == NULL ? NULL : end + 4;
}

static void
digest(EVP_MD_CTX *c, const EVP_MD *kind, const uint8_t *p, size_t len)
{
	uint8_t raw[EVP_MAX_MD_SIZE];

	/* NULL: as it was set up, without fetching it again. */
	if (EVP_DigestInit_ex(
		c, EVP_MD_CTX_get0_md(c) == kind ? NULL : kind, NULL) != 1 ||
	    EVP_DigestUpdate(c, p, len) != 1 ||
	    EVP_DigestFinal_ex(c, raw, NULL) != 1)
		fail("digest");
}

static void
digest_record(struct bound *b, const uint8_t *p, size_t len)
{
	static const char sha1_label[] = "WARC-Block-Digest: sha1";
	static const char payload_label[] = "WARC-Payload-Digest";
	const uint8_t *block = behind_head(p, len);
	const uint8_t *end = p + len - 4; /* the two line ends */
	const uint8_t *payload;
	const EVP_MD *kind = b->sha256;

	if (block == NULL || block > end)
		fail("a record without head");
	if (memmem(p, (size_t)(block - p), sha1_label,
		sizeof(sha1_label) - 1) != NULL)
		kind = b->sha1;
	b->block_bytes += (uint64_t)(end - block);
	digest(b->block, kind, block, (size_t)(end - block));
	if (memmem(p, (size_t)(block - p), payload_label,
		sizeof(payload_label) - 1) == NULL)
		return;
	payload = behind_head(block, (size_t)(end - block));
	if (payload == NULL)
		fail("a payload without head");
	b->payloads++;
	digest(b->payload, kind, payload, (size_t)(end - payload));
}

static void
run(struct bound *b, const uint8_t *p, size_t len, int digests)
{
	size_t used;

	for (size_t at = 0; at < len; at += used) {
		size_t got = inflate_member(b, p + at, len - at, &used);

		b->members++;
		if (digests)
			digest_record(b, b->room, got);
	}
}

int
main(int argc, char **argv)
{
	struct bound b = { 0 };
	struct stat st;
	void *p;
	int fd;

	if (argc != 4 ||
	    (strcmp(argv[1], "verify") != 0 && strcmp(argv[1], "inflate") != 0))
		fail("usage: bound inflate|verify libdeflate|zlib FILE");
	if (strcmp(argv[2], "libdeflate") == 0)
		b.fast = libdeflate_alloc_decompressor();
	else if (inflateInit2(&b.z, 15 + 16) != Z_OK)
		fail("inflateInit2");
	b.room = mem_alloc(ROOM);
	b.block = EVP_MD_CTX_new();
	b.payload = EVP_MD_CTX_new();
	b.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	b.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	fd = open(argv[3], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		fail("no such file");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		fail("mmap");
	run(&b, p, (size_t)st.st_size, strcmp(argv[1], "verify") == 0);
	printf("%" PRIu64 " members, %" PRIu64 " payloads, %" PRIu64
	       " bytes of blocks\n",
	    b.members, b.payloads, b.block_bytes);
	return 0;
}
