/* The table of verbs. A verb stands here only when it works. */
#include <stdint.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/collection/config.h"

const struct verb verb_table[] = {
	{ .name = "init",
	    .group = "collect",
	    .objects = "",
	    .summary = "make a collection",
	    .details =
		"Makes the directory, its README.txt and a commented "
		"holdfast.conf, in which every key\nstands with its default. "
		"On a terminal it asks for operator and contact unless they "
		"are\ngiven; --site switches on the profile of a site. A "
		"holdfast.conf that is there stays as\nit is. Makes "
		"keys/package.pem, too, the key that exported WACZ "
		"files are signed with;\na collection that has none "
		"yet gets it by another init.\n\n"
		"Exit codes: 0, 2 usage, or nothing was typed, 3 file error.",
	    .example = "holdfast init -C news --operator \"City Archive\" "
		       "--contact mailto:web@archive.example",
	    .use = USE_COLLECTION | USE_INIT,
	    .run = verb_init },
	{ .name = "capture",
	    .group = "collect",
	    .objects = "[URL...]",
	    .summary = "capture pages with everything they show",
	    .details =
		"Fetches each page, its images, styles, scripts and fonts, "
		"writes them into a sealed\nsnapshot, and reads the article "
		"where a profile knows the site. Links to other pages\nare not "
		"followed. Makes the collection if there is none.\n\n"
		"Exit codes: 0 all captured, 8 something failed or is "
		"incomplete, 4 network, 5 TLS,\n6 authentication, 7 protocol, "
		"18 rate limited, 11 stopped by a signal, 16 disk full,\n"
		"19 another run holds the lock, 2 usage, 3 file error.",
	    .example = "holdfast capture https://english.almayadeen.net/",
	    .use = USE_COLLECTION | USE_CAPTURE | USE_REPORT,
	    .flags = VERB_WORKERS,
	    .objects_max = SIZE_MAX,
	    .run = verb_capture },
	{ .name = "run",
	    .group = "collect",
	    .objects = "[SITE...]",
	    .summary = "one pass over the sites that are watched",
	    .details =
		"Fetches what is due of each \"[site NAME]\" of holdfast.conf: "
		"its fronts, feeds and\nsitemaps, the pages found on them, "
		"articles to be looked at again. What it did not get\nto waits "
		"for the next run. Made to be called by cron every few minutes: "
		"nothing due ends\nat once, and nothing is said unless an "
		"alarm begins, lasts another day or ends. A\nsnapshot is left "
		"for each site that was asked. --dry-run lists what is due.\n\n"
		"SIGTERM, SIGINT and SIGHUP seal what there is and end (11), a "
		"second one ends at once\n(13); SIGUSR1 writes the status line "
		"into the log. The next run goes on from there.\n\n"
		"Exit codes: 0, 8 something failed or is incomplete, 4 network, "
		"5 TLS, 7 protocol,\n18 a host wants to be left alone, 20 a "
		"profile does not fit any more, 22 a hook or\npackage failed "
		"and will be tried again, 11 stopped by a signal, 14 size, 15 "
		"time,\n16 disk full, 19 another run holds the lock, 10 "
		"acknowledged bytes are damaged,\n2 usage, 3 file error.",
	    .example = "holdfast run -C news --lock skip --jitter 60s",
	    .use = USE_COLLECTION | USE_RUN | USE_REPORT,
	    .flags = VERB_WORKERS,
	    .objects_max = SIZE_MAX,
	    .run = verb_run },
	{ .name = "status",
	    .group = "collect",
	    .objects = "",
	    .summary = "what a collection holds and what wants attention",
	    .details =
		"Its last snapshot and its age, interrupted runs; of the sites "
		"that run watches: what\nwaits and is due, hosts that want "
		"to be left alone, incomplete and disappeared\narticles, "
		"growth, days until the disk is full, standing alarms. Takes "
		"no lock and works\nbeside a run. --check is for monitoring: "
		"one line; --max-age 2h wants a good run since.\n\n"
		"Exit codes: 0, or 22 when an interrupted run waits for "
		"\"holdfast recover\"; with --check\n0, 8 standing alarms "
		"or no good run within --max-age, 23 the collection or its "
		"state\ndoes not read.",
	    .example = "holdfast status -C news --check --max-age 2h",
	    .use = USE_COLLECTION | USE_STATUS | USE_REPORT,
	    .run = verb_status },
	{ .name = "ls",
	    .group = "look",
	    .objects = "[SNAPSHOT|URL|FILE...]",
	    .summary = "the snapshots, the captures of one or of a URL, or the "
		       "records of any files",
	    .details =
		"One line a snapshot: name, kind, status, sums. Of a "
		"snapshot one line a capture:\ntime, status, media type, "
		"bytes, URL. Of a URL the same of all snapshots: "
		"time, status,\nmedia type, bytes in the file, snapshot, URL.\n\n"
		"FILE is a WARC or ARC file, - for standard input, a WACZ, "
		"zip or tar, one file in it\n(a.wacz/archive/data.warc.gz), "
		"or a folder of these: one line a record, with offset,\n"
		"length, type, date, status, media type, block length, URI. "
		"Damage is said on standard\nerror; what follows it is still "
		"listed.\n\n"
		"Exit codes: 0, 23 something does not read, 3 a file could "
		"not be opened, 2 there is\nnone.",
	    .example = "holdfast ls --json archive/data.warc.gz",
	    .use = USE_COLLECTION | USE_REPORT,
	    .objects_max = SIZE_MAX,
	    .run = verb_ls },
	{ .name = "show",
	    .group = "look",
	    .objects = "SNAPSHOT|ID|URL[@TIME]|FILE ID|URL",
	    .summary = "the facts of a record or a snapshot",
	    .details =
		"Place, fields, HTTP head, the request and metadata that "
		"belong to it, the connection\nit came over, the article read "
		"from it. ID is a record id or 8 or more of its first\nhex "
		"digits, or an article id; of several captures the one "
		"nearest to TIME is meant (14 to\n20 digits or RFC 3339), "
		"without TIME the latest. Of any record FILE (see ls): the "
		"record\nof that id, the first capture of that URL, or the "
		"record at --offset.",
	    .example =
		"holdfast show https://english.almayadeen.net/@20261122082747",
	    .use = USE_COLLECTION | USE_REPORT | USE_RECORD,
	    .objects_min = 1,
	    .objects_max = 2,
	    .run = verb_show },
	{ .name = "cat",
	    .group = "look",
	    .objects = "ID|URL[@TIME]|FILE ID|URL",
	    .summary = "the bytes of a record",
	    .details =
		"The payload without transfer and content coding; --payload "
		"keeps the content coding,\n--raw prints head and body as "
		"they came, --headers the record's own fields. Of a\nrevisit "
		"the payload of its original. Bytes that are not text are not "
		"sent to a terminal.\nOf any record FILE (see ls): the record "
		"of that id, the first capture of that URL, or\nthe record at "
		"--offset.\n\n"
		"Exit codes: 0, 8 when a content coding could not be removed "
		"(the bytes are then\nprinted as sent), 10 when the bytes are "
		"not those recorded, 23 when they do not read\n(of a FILE), 2 "
		"when there is no such record.",
	    .example =
		"holdfast cat https://media.example/photo.jpg >photo.jpg",
	    .use = USE_COLLECTION | USE_CAT | USE_RECORD,
	    .objects_min = 1,
	    .objects_max = 2,
	    .run = verb_cat },
	{ .name = "extract",
	    .group = "look",
	    .objects = "DIR [SNAPSHOT|FILE...]",
	    .summary = "every payload as a file below DIR",
	    .details =
		"Writes DIR/host/path for every captured payload, decoded, and "
		"DIR/index.jsonl, which\nnames record and digest of each. "
		"Nothing is overwritten; of equal names the later ones\nget a "
		"number. Without SNAPSHOT all of them are taken; FILE is any "
		"record file, folder\nor container (see ls).\n\n"
		"Exit codes: 0, 10 bytes are not those recorded, 23 something "
		"does not read (the rest\nis written), 3 file error.",
	    .example = "holdfast extract files 20261122T082747Z-web",
	    .use = USE_COLLECTION,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_extract },
	{ .name = "stats",
	    .group = "look",
	    .objects = "[SNAPSHOT|FILE...]",
	    .summary = "how much of what there is",
	    .details =
		"Records, bytes of their blocks and bytes stored, by record "
		"type, and of captures by\nstatus, media type, host and year. "
		"Of the collection, one snapshot, or any record\nfiles (see "
		"ls). Text shows the 20 most frequent of each, --json all.\n\n"
		"Exit codes: as of ls.",
	    .example = "holdfast stats archive/",
	    .use = USE_COLLECTION | USE_REPORT,
	    .objects_max = SIZE_MAX,
	    .run = verb_stats },
	{ .name = "article",
	    .group = "look",
	    .objects = "ID|URL[@TIME]",
	    .summary = "what a page says, as text or JSON",
	    .details =
		"Headline, dek, byline, dates and paragraphs; with --json the "
		"article in canonical JSON,\nbyte for byte as its hashes "
		"cover it. ID is an article id or the id of its record.",
	    .example =
		"holdfast article https://english.almayadeen.net/news/x --json",
	    .use = USE_COLLECTION | USE_REPORT | USE_ARTICLE,
	    .objects_min = 1,
	    .objects_max = 1,
	    .run = verb_article },
	{ .name = "report",
	    .group = "look",
	    .objects = "[SNAPSHOT]",
	    .summary = "what a run amounts to: outcomes, articles, what lacks",
	    .details =
		"Totals and outcomes, articles that are new or changed, what "
		"revisits saved, pages that\nare incomplete and what they "
		"lack, failed URLs with their reasons, and links that were "
		"not\nfollowed (from the log). SNAPSHOT is a name, a beginning "
		"of one, or latest.",
	    .example = "holdfast report -C news latest",
	    .use = USE_COLLECTION | USE_REPORT,
	    .objects_max = 1,
	    .run = verb_report },
	{ .name = "verify",
	    .group = "integrity",
	    .objects = "[SNAPSHOT|DIR|FILE|PACKAGE...]",
	    .summary = "check that the bytes are those that were recorded",
	    .details =
		"Without objects the whole collection: every file against its "
		"manifest, every record\nagainst its digests, the listings "
		"and sums against the records, the chain of snapshots.\nA "
		"snapshot may lie anywhere (unpacked from a tar). Record files "
		"of anybody may be\nnamed, folders and containers of them "
		"(zip, WACZ, tar), files in a container\n(a.wacz/archive/"
		"data.warc.gz) and - for standard input. Each finding is one "
		"line:\nseverity, code, file:offset, record, what it is.\n\n"
		"--level quick reads names, sizes, listings and the ends of "
		"record files, full every\nbyte; deep reads each article "
		"again by the profiles kept with it and writes each\nmember "
		"again, too. --max-time begins nothing more when time is "
		"over, exit 15; the\nsame call goes on from there. --subset "
		"counts snapshots, and files that stand alone.\n\n"
		"Packages are verified where they lie, nothing is unpacked: a "
		"tar (plain, gzip, zstd)\nor zip of snapshots as they are, with "
		"the links between them; a bag by its manifests\nand then what "
		"it holds; a WACZ with its lists, index and signature (--trust "
		"names\nwhose word counts). From a pipe, too.\n\n"
		"Exit codes: 0, 2 a package of a newer layout, 9 --trust FILE "
		"does not read, 10 something\nis not as it was recorded, 23 "
		"something does not read and no manifest vouches for it,\n3 "
		"something could not be opened, 15 time was over; warnings "
		"and notes alone are 0.",
	    .example = "holdfast verify -C news 20261122T082747Z-web",
	    .use = USE_COLLECTION | USE_VERIFY | USE_REPORT,
	    .objects_max = SIZE_MAX,
	    .run = verb_verify },
	{ .name = "audit",
	    .group = "integrity",
	    .objects = "",
	    .summary = "look whether sealed files change, the longest "
		       "unchecked first",
	    .details =
		"For cron: compares files of all snapshots with their "
		"manifests, those first that were\nnever looked at or "
		"longest ago, until --max-time or --max-bytes is reached, "
		"and\nwrites each result into the collection's "
		"log/audit.jsonl, which is only ever added to.\nSilent when "
		"all is well; status tells the age of the oldest look. Takes "
		"no lock and\nworks beside a run.\n\n"
		"Exit codes: 0, also when time was over with files left; 10 "
		"at the first file that is\nnot as it was sealed or is gone "
		"(a line on standard error names it, and since when);\n3 a "
		"file could not be read, or nothing could be written down.",
	    .example = "holdfast audit -C news --max-time 600",
	    .use = USE_COLLECTION | USE_AUDIT | USE_REPORT,
	    .run = verb_audit },
	{ .name = "repair",
	    .group = "integrity",
	    .objects = "FILE...",
	    .summary = "save every sound record of damaged record files",
	    .details =
		"Reads torn, changed, concatenated or unfinished WARC and ARC "
		"files of any program and\nwrites what is sound to -o FILE "
		"(or into -o DIR, under the same name), one gzip\nmember a "
		"record; a record in a sound member of its own stays byte for "
		"byte what it was.\nBeside it FILE.damage.json names every "
		"byte range that was lost, FILE.cdxj is an\nindex, FILE.sha256 "
		"a manifest of these. "
		"The input is never touched, nothing is corrected.\n\n"
		"Exit codes: 0 nothing was damaged, 23 something was lost "
		"(named) and all else is saved,\n10 a block is not what its "
		"digest says (it is kept, and named), 2 FILE is there "
		"already,\n3 file error.",
	    .example = "holdfast repair crawl.warc.gz.open -o saved/",
	    .use = USE_REPAIR | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_repair },
	{ .name = "recover",
	    .group = "integrity",
	    .objects = "",
	    .summary = "seal what an interrupted run left",
	    .details =
		"Every writing verb does it first; this does it alone. What "
		"lies behind the last\nacknowledged byte moves to "
		"quarantine/, targets without an outcome become not-tried,\n"
		"the snapshot is sealed as interrupted.\n\n"
		"Acknowledged bytes that are damaged (a changed byte, a copy "
		"made while a run wrote)\nare left as they are, and nothing "
		"can be captured until they are the right ones\nagain or "
		"--cut-damaged keeps what is whole before them: the rest "
		"moves to\nquarantine/, where repair reads it.\n\n"
		"Exit codes: 0, 8 when something was cut for damage, 10 when "
		"acknowledged bytes are\ndamaged (that snapshot stays as it "
		"is), 19 when another run holds the lock.",
	    .example = "holdfast recover -C news",
	    .use = USE_COLLECTION | USE_REPORT | USE_RECOVER,
	    .run = verb_recover },
	{ .name = "rebuild",
	    .group = "integrity",
	    .objects = "index|state|all",
	    .summary = "make anew what the snapshots give",
	    .details =
		"index: the search index of the collection. state: the "
		"catalog of records and articles.\nBoth can be lost without "
		"loss. On the way index.cdxj and articles.jsonl of every\n"
		"snapshot are made anew from its records and compared; inside "
		"a sealed snapshot\nnothing is written.\n\n"
		"Exit codes: 0, 10 a listing is not what the records give, 19 "
		"another run holds the\nlock.",
	    .example = "holdfast rebuild all -C news",
	    .use = USE_COLLECTION | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = 1,
	    .run = verb_rebuild },
	{ .name = "withdraw",
	    .group = "integrity",
	    .objects = "[ID|URL[@TIME]]",
	    .summary = "refuse a capture, until a date or for good",
	    .details =
		"The capture with its request, metadata and all that was read "
		"out of it is refused by\narticle, show, cat, extract and "
		"export, with reason and date; its bytes stay as they\nare, "
		"and it comes back --until then. --all-captures means every "
		"capture of its address.\n--reason and --by are kept for good "
		"in withdrawals.jsonl, which is only added to and\ngoes into "
		"every snapshot sealed later; addresses stand there as SHA-256 "
		"only. --lift\nshows it again earlier; --list says what is "
		"withdrawn.\n\n"
		"--erase takes the bytes out for good: tombstones with ids, "
		"digests and reason stand in\ntheir place, verify goes on "
		"proving the rest. Revisits that repeat it hinder that\n"
		"unless --with-revisits erases those, too. --dry-run lists "
		"what would go.\n\n"
		"Exit codes: 0, 2 usage, there is no such capture, or "
		"revisits repeat it, 10 something\nis not as it was sealed or "
		"written (nothing was erased then), 3 file error, 19 "
		"another\nrun holds the lock.",
	    .example = "holdfast withdraw URL --reason \"court order 7/26\" "
		       "--by \"A. Clerk\" --until 2027-01-01",
	    .use = USE_COLLECTION | USE_WITHDRAW | USE_REPORT,
	    .objects_max = 1,
	    .run = verb_withdraw },
	{ .name = "index",
	    .group = "formats",
	    .objects = "FILE...|find URL [TIME]",
	    .summary = "index lines of any record files, or what they say",
	    .details =
		"Prints a CDXJ line for every response, revisit, resource and "
		"metadata record (of the\nlast two not those of "
		"application/warc-fields), sorted, equal lines once: the same "
		"that\ncdxj-indexer and pywb make. FILE is a WARC or ARC file, "
		"a WACZ, zip or tar with some,\na folder, or \"-\".\n\n"
		"find prints the lines of URL in the collection's index, or in "
		"the files of --index\n(CDXJ, CDX, ZipNum); with TIME the one "
		"nearest to it.\n\n"
		"Exit codes: 0, 23 something does not read (the rest is "
		"indexed), 8 a record cannot be\nreached by an index, 3 file "
		"error, 2 usage, or find: nothing there.",
	    .example = "holdfast index crawl-*.warc.gz >crawl.cdxj",
	    .use = USE_COLLECTION | USE_INDEX | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_index },
	{ .name = "export",
	    .group = "formats",
	    .objects = "[SNAPSHOT|ARTICLE|RECORD|URL...]",
	    .summary = "what is kept as packages that others accept",
	    .details =
		"Writes sealed snapshots (names, beginnings of names, latest; "
		"none: the collection)\ninto one package, file by file as "
		"they are: sorted, without owners, all dated by the\nnewest "
		"capture or --time, so that the same always gives the same "
		"bytes. Each file is\nread against its manifest on the way. "
		"Unpacked anywhere, holdfast verify DIR checks a\ntar. "
		"Nothing is overwritten; what is not finished has .tmp in its "
		"name and is removed.\n\n"
		"Article ids, record ids, URLs and URLs@TIME choose captures, "
		"as do --url, --since and\n--until. Each comes with its "
		"request, metadata, connection and certificates, a page\n"
		"with all that it needs and its article. They go as one more "
		"snapshot, TIME-selection,\nrecords copied byte for byte, "
		"whose report names where they are from; it verifies by\n"
		"itself. --self-contained adds originals of revisits: to a "
		"selection, or beside whole\nsnapshots as TIME-originals. "
		"What is withdrawn is refused; --without-withdrawn "
		"leaves it\nout.\n\n"
		"--wacz makes a WACZ 1.1.1: an index over all of it, a page "
		"for each article with its\nheadline and text, and all that "
		"proves the snapshots; --split several and a list of\nthem. "
		"It is signed with the collection's key when there is one."
		"\n\n"
		"--warc makes one record file of all records, or with --split "
		"several: a warcinfo record\nin front of each, members byte "
		"for byte as they are.\n\n"
		"--articles makes a folder, or a tar of one, to be looked at "
		"in a browser alone: for\neach article its text, data, "
		"pictures, the page as captured and where all of it comes\n"
		"from, and a list of all, index.html.\n\n"
		"--bag makes a bag (BagIt 1.0) for a repository: the same "
		"files in data/, manifests of\nSHA-256 and SHA-512, and what "
		"the operator says of it in bag-info.txt; a folder, or a\ntar "
		"when PATH ends in .tar, .tar.gz or .tar.zst.\n\n"
		"Exit codes: 0, 2 usage, FILE is there already, something is "
		"withdrawn, 3 file error, 10\na file is not as it was "
		"sealed, 11 stopped by a signal (nothing is left then).",
	    .example = "holdfast export -C news --tar story.tar latest",
	    .use = USE_COLLECTION | USE_EXPORT | USE_REPORT,
	    .objects_max = SIZE_MAX,
	    .run = verb_export },
	{ .name = "import",
	    .group = "formats",
	    .objects = "FILE|FOLDER...",
	    .summary = "what others recorded into a collection",
	    .details =
		"Reads and verifies WARC and ARC files of any program (plain, "
		"compressed, in WACZ, zip\nor tar, or all below a folder), "
		"then copies every sound record into a sealed snapshot\nof "
		"its own: fields and blocks as they are, sound gzip members "
		"byte for byte. Records\nthat do not read, have no id or "
		"date, or are not what their digests say are left out\nand "
		"named; --keep-mismatch takes the last, marked. report.json "
		"and a metadata record\ntell where each file came from. "
		"A file that was imported already is passed over, and\nso is "
		"a record that the collection has. Derived records come "
		"along: their articles are\nfound again. A folder without "
		"record files, of what wget, HTTrack or anybody fetched,\n"
		"becomes a resource record for each file (--from, "
		"--base-url). A WACZ, a bag or a package of\nsnapshots is "
		"verified as a whole first, and refused if it contradicts "
		"itself. Cut off, an\nimport leaves nothing. Makes the "
		"collection if there is none.\n\n"
		"Exit codes: 0, 10 records are not what their digests say, 23 "
		"bytes that do not read\n(all the rest is imported), 3 a file "
		"could not be opened, 8 records without id or date,\nfiles "
		"that are left out, 24 nothing new (with "
		"--fail-if-unchanged), 11 stopped by a\nsignal, 19 another run "
		"holds the lock.",
	    .example = "holdfast import -C news crawl-00001.warc.gz site.wacz",
	    .use = USE_COLLECTION | USE_IMPORT | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_import },
	{ .name = "dedup",
	    .group = "formats",
	    .objects = "FILE...",
	    .summary = "equal payloads become revisits",
	    .details =
		"Writes the records of all files into one, in which responses "
		"whose payload came before\nare revisit records "
		"(identical-payload-digest) that name the original's id, URI "
		"and\ndate. Payloads are equal when the SHA-256 of what WARC "
		"1.1 calls payload is; the\noriginal is read again before "
		"each revisit is written. --against names collections or\n"
		"CDXJ indexes whose captures may be originals too. Everything "
		"else is copied as it is.\nNothing is written when something "
		"does not read.\n\n"
		"Exit codes: 0, 2 usage or the output is there already, 3 file "
		"error, 11 stopped by a\nsignal, 23 something does not read.",
	    .example = "holdfast dedup -o small.warc.gz crawl-*.warc.gz",
	    .use = USE_DEDUP | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_dedup },
	{ .name = "convert",
	    .group = "formats",
	    .objects = "FILE...",
	    .summary = "record files packed, split, merged or filtered anew",
	    .details =
		"Writes the records of all FILEs (WARC, ARC, also in WACZ, zip, "
		"tar or folders; - is\nstandard input) to -o FILE, or - : one "
		"gzip member or zstd frame a record, or plain, as\nthe name "
		"ends or --pack says. Blocks, digests and ids stay as they "
		"are, gzip members that\nneed no change byte for byte; what "
		"does not shrink becomes stored blocks. ARC becomes\nWARC. "
		"With --type, --status, --mime, --url, --from and --to only "
		"those records are\ntaken; requests go with their responses. "
		"--split keeps them in one file, too.\n\n"
		"Exit codes: 0, 23 something does not read (it is said, and "
		"left out), 2 usage or the\nfile is there already, 3 file "
		"error.",
	    .example = "holdfast convert crawl.warc -o crawl.warc.gz",
	    .use = USE_CONVERT | USE_REPORT,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_convert },
	{ .name = "profile",
	    .group = "plugins",
	    .objects = "list|check [FILE...]|test FILE",
	    .summary = "the rules by which sites are read",
	    .details =
		"list: key, version, origin and files of every profile; those "
		"in the collection's sites/\nwin over the built-in ones. "
		"check: parse profiles strictly and say the first fault of\n"
		"each, with its line. test: read a saved page (HTML, or a "
		"whole response) that came from\n--url URL and say what was "
		"found and what is missing.\n\n"
		"Exit codes: 0, 2 a profile is wrong, 8 test: the page did "
		"not read well.",
	    .example = "holdfast profile check mysite.site",
	    .use = USE_COLLECTION | USE_REPORT | USE_PROFILE,
	    .flags = VERB_WORKERS,
	    .objects_min = 1,
	    .objects_max = SIZE_MAX,
	    .run = verb_profile },
	{ .name = "config",
	    .group = "plugins",
	    .objects = "show [SITE]|check",
	    .summary = "settings, their values and where they came from",
	    .details =
		"show: every key of holdfast.conf with its value and where it "
		"came from (command line,\nfile and line, default), then what "
		"its sections say; with SITE all that holds for that\nsite, "
		"and where its pages are found. check: reads the file, the "
		"profiles, the sites and\nthe files they name, and says every "
		"fault with its line; silent when all is sound.\n\n"
		"Exit codes: 0, 2 something is wrong.",
	    .example = "holdfast config show -C news almayadeen-en",
	    .use = USE_COLLECTION | USE_REPORT,
	    .flags = VERB_CONFIG,
	    .objects_min = 1,
	    .objects_max = 2,
	    .run = verb_config },
	{ .name = "help",
	    .group = "look",
	    .objects = "[VERB]",
	    .summary = "this help",
	    .details = "With a verb: what it does and its options.",
	    .example = "holdfast help capture",
	    .objects_max = 1,
	    .run = verb_help },
	{ 0 },
};

const struct verb *
verb_find(const char *name)
{
	for (const struct verb *v = verb_table; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

const char *
verb_nearest(const char *name)
{
	const char *names[sizeof(verb_table) / sizeof(verb_table[0])];
	size_t n = 0;

	for (const struct verb *v = verb_table; v->name != NULL; v++)
		names[n++] = v->name;
	names[n] = NULL;
	return text_nearest(name, names);
}
