#!/bin/sh
# index and index find as people use them.
. "$TOP/tests/system/lib.sh"

# record TYPE URL DATE BLOCK [FIELDS]: a plain WARC record on standard output.
record() {
	block=$(printf '%b.' "$4")
	block=${block%.}
	printf 'WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\n' "$1" "$2"
	printf 'WARC-Date: %s\r\n%bContent-Type: application/http\r\n' "$3" "${5-}"
	printf 'Content-Length: %d\r\n\r\n%s\r\n\r\n' ${#block} "$block"
}
page='HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhello'
{
	record response http://b.example/two 2026-01-02T00:00:00Z "$page"
	record response http://a.example/one 2025-06-01T00:00:00Z "$page"
	record response http://a.example/one 2026-06-01T00:00:00Z "$page"
	record response http://sub.a.example/one/x 2026-06-01T00:00:00Z "$page"
	record response http://a.example/one/more 2026-06-01T00:00:00Z "$page"
	record request http://a.example/one 2026-06-01T00:00:00Z 'GET / H\r\n\r\n'
} >some.warc
mkdir -p folder/deep
cp some.warc folder/deep/other.warc

"$HOLDFAST" index some.warc >some.cdxj
check_equal "five lines, in order" "$(LC_ALL=C sort some.cdxj)" "$(cat some.cdxj)"
check_equal "requests are not among them" "$(wc -l <some.cdxj)" 5
check_equal "the first is a capture of the first site" "$(sed -n 1p some.cdxj)" \
    'example,a)/one 20250601000000 {"url": "http://a.example/one", "mime": "text/html", "status": "200", "digest": "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N", "length": "206", "offset": "210", "filename": "some.warc"}'
check_equal "the same file twice gives its lines once" \
    "$("$HOLDFAST" index some.warc some.warc)" "$(cat some.cdxj)"
check_equal "standard input is read" \
    "$("$HOLDFAST" index - <some.warc | cut -d, -f1-6)" "$(cut -d, -f1-6 some.cdxj)"
check_equal "a folder's files are named below --dir-root" \
    "$("$HOLDFAST" index --dir-root folder folder | grep -c '"filename": "deep/other.warc"')" 5
check_equal "unsorted lines come as they lie" \
    "$("$HOLDFAST" index --unsorted some.warc | sed -n '1s/ .*//p')" "example,b)/two"
check_equal "types can be chosen" \
    "$("$HOLDFAST" index --records request some.warc | wc -l)" 1
check_code "a type that is none is a usage error" 2 \
    "$HOLDFAST" index --records pages some.warc
check_equal "legacy lines have a header" \
    "$("$HOLDFAST" index --cdx 11 some.warc | sed -n 1p)" " CDX N b a m s k r M S V g"
check_equal "and so many fields" \
    "$("$HOLDFAST" index --cdx 9 some.warc | sed -n 2p | wc -w)" 9
check "the stored bytes have a digest" sh -c \
    "'$HOLDFAST' index --record-digest some.warc | sed 1q |
    grep -q \"\$(tail -c +211 some.warc | head -c 206 | sha256sum | cut -c1-64)\""

"$HOLDFAST" index --cdx 11 some.warc >some.cdx
check "ZipNum is written" "$HOLDFAST" index --zipnum zip --lines 2 some.warc
check_equal "its blocks are the lines" "$(gzip -dc zip.cdx.gz)" "$(cat some.cdxj)"
check_equal "three of them" "$(wc -l <zip.summary)" 3
check_code "nothing is overwritten" 2 "$HOLDFAST" index --zipnum zip some.warc
check "and nothing is left half made" sh -c '! ls *.open'

count() { "$HOLDFAST" index find "$@" 2>/dev/null | wc -l; }
for index in some.cdxj zip.idx zip.summary zip.cdx.gz some.cdx; do
	check_equal "$index: one page" "$(count --index $index http://a.example/one)" 2
	check_equal "$index: what begins so" \
	    "$(count --index $index --prefix http://a.example/one)" 3
	check_equal "$index: a host" "$(count --index $index --host http://a.example/)" 3
	check_equal "$index: a domain" \
	    "$(count --index $index --domain http://a.example/)" 4
	check_equal "$index: up to a year" \
	    "$(count --index $index --to 2025 http://a.example/one)" 1
	check_equal "$index: from a year" \
	    "$(count --index $index --from 2026 http://a.example/one)" 1
	check_equal "$index: the nearest" "$("$HOLDFAST" index find --index $index \
	    http://a.example/one 20260101 | cut -d' ' -f2)" 20260601000000
done
check_code "what is not there is told" 2 \
    "$HOLDFAST" index find --index some.cdxj http://c.example/
check_code "an index that is not there too" 2 \
    "$HOLDFAST" index find --index none.cdxj http://c.example/
check_code "a bad time is a usage error" 2 \
    "$HOLDFAST" index find --index some.cdxj http://a.example/one noon
check "--json is an object a line" sh -c \
    "'$HOLDFAST' index find --index some.cdx --json http://a.example/one |
    jq -se 'length == 2 and .[0].status == 200 and .[0].offset == 210 and
    .[0].urlkey == \"example,a)/one\" and .[0].timestamp == \"20250601000000\"'"

{ head -c 405 some.warc; tail -c +421 some.warc; } >torn.warc
check_code "damage is told by the exit code" 23 "$HOLDFAST" index torn.warc
check "and the rest is indexed" sh -c \
    "'$HOLDFAST' index torn.warc 2>/dev/null | grep -c '20260601' | grep -qx 3"
gzip -c some.warc >whole.warc.gz
check_code "records that share a member are told" 8 "$HOLDFAST" index whole.warc.gz
check_code "a file that is not there too" 3 "$HOLDFAST" index some.warc none.warc
check_code "nothing at all is a usage error" 2 "$HOLDFAST" index

start_site
# shellcheck disable=SC2086 # SITE is a list of options
"$HOLDFAST" capture -C c $SITE \
    https://english.almayadeen.net/news/politics/story-1 >out 2>&1 ||
	fail "capture" "$(cat out)"
stop_all
check "the collection's own index is asked" sh -c \
    "'$HOLDFAST' index find -C c --host https://english.almayadeen.net/ |
    grep -q '\"filename\": \"snapshots/'"
check_equal "its lines are those of its files" "$("$HOLDFAST" index --records \
    response,revisit,resource c/snapshots | sed 's/, "filename.*//' | LC_ALL=C sort)" \
    "$(cat c/snapshots/*/*/*/index.cdxj | sed 's/, "filename.*//' | LC_ALL=C sort)"
done_testing
