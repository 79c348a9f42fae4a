/* The README.txt of a collection. */
#include "core/collection/readme.h"

#include <stddef.h>

#include "core/base/buf.h"

static const char *const text[] = {
	("What lies here\n"
	 "==============\n"
	 "\n"
	 "Copies of news pages and of everything they showed, exactly as they\n"
	 "came over the network, kept so that anybody can look at them and check\n"
	 "them later. They were made by the program holdfast; nothing here needs\n"
	 "it to be read. Who made them stands in holdfast.conf and at the start\n"
	 "of every file under records/ (operator, contact).\n"
	 "\n"),

	("  collection.json     names this collection\n"
	 "  holdfast.conf       who watches what (may be absent)\n"
	 "  sites/              rules for single sites (may be empty)\n"
	 "  withdrawals.jsonl   what is no longer shown, or was erased, and why\n"
	 "  snapshots/YEAR/MONTH/NAME/    one folder per run, never changed again\n"
	 "      records/*.warc.gz         the evidence: requests and responses\n"
	 "      derived/*.warc.gz         what the program read out of them\n"
	 "      profiles/                 the rules by which it read them\n"
	 "      outcomes.jsonl            how each address ended, one per line\n"
	 "      articles.jsonl            the articles as text, one per line\n"
	 "      index.cdxj                where each address lies in records/\n"
	 "      report.json               sums, and the snapshot before this one\n"
	 "      about/                    ARCHIVING.md explains every field\n"
	 "      manifest-sha256.txt       SHA-256 of all the files above\n"
	 "  index/ state/ log/  conveniences; they can be made again or left out\n"
	 "  keys/               a secret key that packages are signed with: no copy\n"
	 "                      of it goes to others (may be absent)\n"
	 "  quarantine/         bytes found behind the end of unfinished files\n"
	 "\n"
	 "A NAME that ends in .open is a run that was cut off; its .journal says\n"
	 "how far it got.\n"
	 "\n"),

	("Checking by hand\n"
	 "================\n"
	 "\n"
	 "In a shell with gzip, sha256sum and jq, in one snapshot's folder:\n"
	 "\n"
	 "  sha256sum -c manifest-sha256.txt       every file is unchanged\n"
	 "  gzip -t records/*.gz                   every record can be read\n"
	 "\n"
	 "Each snapshot names the one before it and the SHA-256 of its manifest,\n"
	 "so that none can be taken away or replaced unnoticed but the last:\n"
	 "\n"
	 "  jq .previous report.json\n"
	 "  sha256sum manifest-sha256.txt          in the folder of that name\n"
	 "\n"),

	("Reading an article\n"
	 "==================\n"
	 "\n"
	 "  jq -r '.article | .headline, .body[].text' articles.jsonl\n"
	 "\n"
	 "Addresses and what became of them:\n"
	 "\n"
	 "  jq -r '[.outcome, .need, .url] | join(\" \")' outcomes.jsonl\n"
	 "\n"),

	("Taking one file out, an image for instance\n"
	 "==========================================\n"
	 "\n"
	 "Its line in outcomes.jsonl says all that is needed: the file, where\n"
	 "its record begins in it (offset), how many bytes it takes (length),\n"
	 "how many bytes of the unpacked record stand before the contents\n"
	 "(payload_offset), how long the contents are (bytes) and their SHA-256\n"
	 "(digest). With these put in place of the capital words:\n"
	 "\n"
	 "  tail -c +$((OFFSET + 1)) FILE | head -c LENGTH | gzip -dc |\n"
	 "      tail -c +$((PAYLOAD_OFFSET + 1)) | head -c BYTES > image\n"
	 "  sha256sum image\n"
	 "\n"
	 "Where payload_offset is null the server sent the contents in chunks:\n"
	 "what the first line prints is then the record as text and chunks, to be\n"
	 "put together by the rules of RFC 9112, 7.1. Contents that begin with\n"
	 "the bytes 1f 8b were compressed by the server: gzip -dc shows them.\n"
	 "\n"),

	("Any program that reads WARC files (ISO 28500) reads the records; many\n"
	 "play the pages in a browser.\n"),
};

void
readme_write(struct buf *out, const char *id, const char *created)
{
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		buf_add_text(out, text[i]);
	buf_format(out, "\nCollection %s\nbegun %s\n", id, created);
}
