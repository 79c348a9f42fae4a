#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Every bound on foreign bytes, in one place. Each is tested on both sides. */

#define LIMIT_KIB 1024ull
#define LIMIT_MIB (1024ull * 1024)
#define LIMIT_GIB (1024ull * 1024 * 1024)

enum {
	/* URLs */
	LIMIT_URL_BYTES = 8192,
	LIMIT_REDIRECTS = 10,

	/* HTTP messages */
	LIMIT_HEAD_BYTES = 256 * 1024,
	LIMIT_HEAD_FIELDS = 2000,
	LIMIT_FIELD_SENT = 1024, /* a value that was received, sent back */
	LIMIT_CHUNK_LINE_BYTES = 16 * 1024,

	/* fetching */
	LIMIT_SPOOL_MEMORY = 1024 * 1024,
	LIMIT_FETCH_MS = 300 * 1000,
	LIMIT_FIRST_BYTE_MS = 30 * 1000,
	LIMIT_CONNECT_MS = 30 * 1000,
	LIMIT_IDLE_MS = 60 * 1000,
	LIMIT_RATE_BYTES = 1024, /* per second, over LIMIT_RATE_WINDOW_MS */
	LIMIT_RATE_WINDOW_MS = 60 * 1000,
	LIMIT_HOST_CONNECTIONS = 2,
	LIMIT_ALL_CONNECTIONS = 16,
	LIMIT_ROBOTS_BYTES = 512 * 1024,
	LIMIT_ROBOTS_REDIRECTS = 5, /* RFC 9309, 2.3.1.2 */
	LIMIT_CERTIFICATES = 16,
	LIMIT_ADDRESSES = 32, /* of one host, recorded */
	LIMIT_COOKIES = 1000,
	LIMIT_COOKIES_BYTES = 1024 * 1024,

	/* what hosts ask of us */
	LIMIT_RETRY_AFTER_S = 24 * 3600, /* longest any host is left alone */
	LIMIT_SILENCE_S = 3600,          /* the same for one that is down */
	LIMIT_CRAWL_DELAY_S = 300,
	LIMIT_ADAPTED_DELAY_MS = 30 * 1000,
	LIMIT_ROBOTS_AGE_S = 24 * 3600,
	LIMIT_ROBOTS_UNREACHABLE_S = 30 * 24 * 3600, /* old rules are good */

	/* understanding */
	LIMIT_DECODED_BYTES = 32 * 1024 * 1024,
	LIMIT_DECODED_RATIO = 200, /* after LIMIT_DECODED_FREE bytes */
	LIMIT_DECODED_FREE = 1024 * 1024,
	LIMIT_CODINGS = 2,
	LIMIT_HTML_DEPTH = 512,
	LIMIT_HTML_ATTRIBUTES = 1000, /* of one tag */
	LIMIT_PAGE_LINKS = 20000,
	LIMIT_RESULT_BYTES = 16 * 1024 * 1024,
	LIMIT_CSS_DEPTH = 8,
	LIMIT_FEED_BYTES = 50 * 1024 * 1024, /* decoded, as sitemaps.org says */
	LIMIT_FEED_JSON_BYTES = 8 * 1024 * 1024, /* needs a tree */
	LIMIT_FEED_ALTERNATES = 10000,
	LIMIT_FEED_TITLE_BYTES = 500,

	/* workers */
	LIMIT_WORKER_MEMORY_MIB = 512,
	LIMIT_WORKER_CPU_S = 2, /* and 1 s per MiB of input */
	LIMIT_WORKER_WALL_S = 30,
	LIMIT_WORKER_PAGES = 64,

	/* records */
	LIMIT_RECORD_LINE_BYTES = 64 * 1024,
	LIMIT_RECORD_HEAD_BYTES = 1024 * 1024,
	LIMIT_PIPE_MS = 5 * 1000, /* until somebody writes to a named pipe */
	LIMIT_WHOLE_MEMBER = 4 * 1024 * 1024,
	LIMIT_ARC_LINE_BYTES = 16 * 1024,
	LIMIT_ZSTD_WINDOW_LOG = 23, /* 8 MiB, as the proposal wants */
	LIMIT_ZSTD_DICTIONARY = 8 * 1024 * 1024, /* packed and unpacked */
	LIMIT_QUEUE_BYTES = 16 * 1024 * 1024,

	/* containers */
	LIMIT_PACKAGE_FILES = 1000000,
	LIMIT_PACKAGE_UNREAD = 100000, /* names that are no files */
	LIMIT_PACKAGE_NAME = 1024,
	LIMIT_PACKAGE_NAMES = 128 * 1024 * 1024, /* bytes of all of them */
	LIMIT_PACKAGE_DEPTH = 8,                 /* folders that a file is in */
	LIMIT_UNPACKED_FREE = 64 * 1024 * 1024,  /* then LIMIT_DECODED_RATIO */
	LIMIT_BAG_LINE_BYTES = 64 * 1024,
	LIMIT_BAG_CODED_BYTES = 16 * 1024 * 1024, /* tag file, not UTF-8 */
	LIMIT_BAG_MANIFESTS = 16,
	LIMIT_ZIP_DIRECTORY = 128 * 1024 * 1024,

	/* group commit */
	LIMIT_GROUP_CAPTURES = 64,
	LIMIT_GROUP_BYTES = 8 * 1024 * 1024,
	LIMIT_GROUP_MS = 250,
};

#define LIMIT_BODY_PAGE     (32 * LIMIT_MIB)
#define LIMIT_BODY_IMAGE    (64 * LIMIT_MIB)
#define LIMIT_BODY_OTHER    (256 * LIMIT_MIB)
#define LIMIT_SEGMENT_BYTES 1000000000ull
#define LIMIT_FREE_BYTES    LIMIT_GIB

#endif
