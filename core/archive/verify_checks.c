/* The checks of the verifier by name, and the words for its verdicts. */
#include <stdio.h>
#include <string.h>

#include "core/archive/verify.h"
#include "core/base/error.h"
#include "core/base/text.h"

const struct verify_check_info verify_checks[CHECK_COUNT] = {
	[CHECK_FRAMING] = { "framing",
	    "gzip-header gzip-cut gzip-crc gzip-length gzip-deflate "
	    "gzip-spelling zstd-header zstd-cut zstd-checksum zstd-data "
	    "zstd-window zstd-dictionary head framing length format",
	    "members, heads, lengths and line ends" },
	[CHECK_MEMBERS] = { "members", "members",
	    "one record a compressed member" },
	[CHECK_FIELDS] = { "fields",
	    "field-missing field-forbidden field-duplicate field-empty "
	    "field-form type uri ip segment protocol warcinfo order",
	    "mandatory, forbidden and repeated fields, and their form" },
	[CHECK_IDS] = { "ids", "id record-id",
	    "form and uniqueness of record ids" },
	[CHECK_DATES] = { "dates", "date", "form of dates" },
	[CHECK_DIGESTS] = { "digests", "digest-block digest-payload",
	    "block and payload against the digests recorded" },
	[CHECK_HTTP] = { "http", "http",
	    "what the HTTP message says of itself" },
	[CHECK_CHUNKS] = { "chunks", "chunk", "chunk framing" },
	[CHECK_TRUNCATION] = { "truncation", "truncated",
	    "marks of truncation, and messages that are cut" },
	[CHECK_REFERENCES] = { "references",
	    "concurrent-to refers-to warcinfo-id",
	    "records that are named are there" },
	[CHECK_REVISITS] = { "revisits", "revisit", "originals of revisits" },
	[CHECK_TRAILING] = { "trailing", "trailing",
	    "bytes behind the last record" },
	[CHECK_MANIFEST] = { "manifest",
	    "manifest manifest-digest file-missing file-extra file-kind "
	    "unreadable",
	    "files of a snapshot against its manifest" },
	[CHECK_CHAIN] = { "chain",
	    "chain-inserted chain-manifest chain-missing chain-order "
	    "generation tombstone withdrawals witness witness-manifest",
	    "snapshots in the order they were sealed, none gone" },
	[CHECK_INDEX] = { "index", "index line line-missing",
	    "lines of the index against the records" },
	[CHECK_OUTCOMES] = { "outcomes",
	    "outcome-record outcome-twice outcome-missing report report-page "
	    "report-total",
	    "what became of every address, and the sums" },
	[CHECK_ARTICLES] = { "articles",
	    "profile-missing profile-name rederive rederive-version",
	    "articles against the pages they were taken from" },
	[CHECK_PACKAGE] = { "package", "package",
	    "structure of a container, names of what is in it" },
	[CHECK_RESOURCES] = { "resources",
	    "resource-digest resource-missing resource-extra",
	    "files of a package against the hashes in it" },
	[CHECK_PAGES] = { "pages", "page",
	    "page lists of a WACZ against index and records" },
	[CHECK_SIGNATURE] = { "signature", "signature",
	    "who signed a WACZ, and what" },
};

static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_SOUND] = "sound",
	[VERDICT_FRAMED] = "framed",
	[VERDICT_DECODED] = "decoded",
	[VERDICT_UNPROVED] = "unproved",
	[VERDICT_WARNED] = "warned",
	[VERDICT_DAMAGED] = "damaged",
	[VERDICT_CHANGED] = "changed",
};

const char *
verdict_name(enum verdict v)
{
	return verdict_names[v];
}

/* Is WORD one of the blank-separated WORDS? */
static int
has_word(const char *words, const char *word, size_t len)
{
	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (n == len && memcmp(words, word, n) == 0)
			return 1;
		words += n + strspn(words + n, " ");
	}
	return 0;
}

enum verify_check
verify_check_of(const char *code)
{
	size_t len = strlen(code);
	int c = 0;

	while (c < CHECK_COUNT && !has_word(verify_checks[c].codes, code, len))
		c++;
	return (enum verify_check)c;
}

static int
unknown_check(const char *p, size_t len, struct error *e)
{
	const char *names[CHECK_COUNT + 1] = { NULL };
	char word[40];
	const char *nearest;

	(void)snprintf(
	    word, sizeof(word), "%.*s", (int)(len < 39 ? len : 39), p);
	for (int c = 0; c < CHECK_COUNT; c++)
		names[c] = verify_checks[c].name;
	nearest = text_nearest(word, names);
	if (nearest == NULL)
		return error_set(e, ERROR_USAGE, "%s: no such check", word);
	return error_set(
	    e, ERROR_USAGE, "%s: no such check, perhaps %s", word, nearest);
}

int
verify_checks_parse(const char *list, uint32_t *mask, struct error *e)
{
	*mask = 0;
	for (;;) {
		size_t len = strcspn(list, ",");
		int c = 0;

		while (c < CHECK_COUNT &&
		       (strlen(verify_checks[c].name) != len ||
			   memcmp(verify_checks[c].name, list, len) != 0))
			c++;
		if (c == CHECK_COUNT)
			return unknown_check(list, len, e);
		*mask |= (uint32_t)1 << c;
		if (list[len] == '\0')
			return 0;
		list += len + 1;
	}
}
