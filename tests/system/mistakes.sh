#!/bin/sh
# What people get wrong is told in one line that says what to do instead.
. "$TOP/tests/system/lib.sh"
page='HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhello'
{
	printf 'WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/one\r\n'
	printf 'WARC-Date: 2026-01-02T00:00:00Z\r\nWARC-Record-ID: <urn:x:1>\r\n'
	printf 'Content-Type: application/http\r\nContent-Length: 49\r\n\r\n%b\r\n\r\n' "$page"
} >a.warc
mkdir empty
"$HOLDFAST" index a.warc >a.cdxj
check_code "the file is sound" 0 "$HOLDFAST" verify --only framing,fields a.warc

# wrong NAME CODE PATTERN ARGUMENT...
wrong() {
	name=$1 code=$2 pattern=$3
	shift 3
	timeout 20 "$HOLDFAST" "$@" >out 2>err </dev/null
	check_equal "$name: exit $code" $? "$code"
	check "$name: is told" grep -q -e "$pattern" err
}
wrong "URL before file" 2 "the file comes first" show http://a.example/one a.warc
wrong "URL before file, cat" 2 "holdfast cat a.warc http" cat http://a.example/one a.warc
wrong "a URL that is not there" 2 "holds no record" cat a.warc http://a.example/two
wrong "which record" 2 "which record?" show a.warc
wrong "extract without a directory" 2 "directory to write into comes first" extract a.warc
wrong "extract from nothing" 2 "nosuch: no such file" extract files nosuch
wrong "a check misspelled" 2 "perhaps framing" verify --only frming a.warc
wrong "--state alone" 2 "max-time" verify --state s a.warc
wrong "a level misspelled" 2 "quick full deep" verify --level quik a.warc
wrong "repair of a folder" 2 "is a directory" repair -o b.warc.gz empty
wrong "repair without -o" 2 "needs -o" repair a.warc
wrong "convert without -o" 2 "needs -o" convert a.warc
wrong "convert onto a file" 2 "is there already" convert a.warc -o a.warc
wrong "dedup from standard input" 2 "twice" dedup -o b.warc.gz -
wrong "import from standard input" 2 "twice" import -C c -
mkfifo pipe
wrong "import from a pipe" 2 "twice" import -C c pipe
wrong "dedup from a pipe" 2 "twice" dedup -o b.warc.gz pipe
wrong "an index in a pipe" 2 "write the index to a file" index find --index pipe http://a.example/one
wrong "an index on standard input" 2 "write the index to a file" index find --index - http://a.example/one
wrong "a folder for an index" 2 "is a directory" index find --index empty http://a.example/one
wrong "a record file for an index" 2 "holdfast index FILE" index find --index a.warc http://a.example/one
wrong "a URL in no index" 2 "in no index" index find --index a.cdxj http://a.example/two
wrong "a time that does not parse" 2 "RFC 3339" index find --index a.cdxj http://a.example/one yesterday
wrong "a bound that is none" 2 "4 to 14 digits" index find --index a.cdxj --from 20 http://a.example/one
wrong "a host and a domain" 2 "exclude each other" index find --index a.cdxj --host --domain a.example
wrong "an option of find" 2 "index find URL" index --prefix a.warc
wrong "an option of index" 2 "means nothing" index find --cdx 9 --index a.cdxj http://a.example/one
wrong "-o of another program" 2 "holdfast help index" index -o x a.warc
for verb in ls stats verify convert; do
	case $verb in convert) more="-o b.warc.gz" ;; *) more= ;; esac
	# shellcheck disable=SC2086 # two words
	wrong "$verb of a folder without records" 2 "no record file in this folder" $verb empty $more
done
wrong "index of a folder without records" 3 "no record file in this folder" index empty
wrong "import of a folder without records" 3 "no record file in this folder" import -C c empty
check "nothing was written" sh -c '! ls b.warc.gz* files'
wrong "import of what is not there" 3 "no such file" import -C new nosuch nosuch.warc.gz/a
check "no collection is made for it" [ ! -e new ]
"$HOLDFAST" import -C kept a.warc >/dev/null 2>&1
wrong "export as nothing" 2 "needs --tar FILE" export -C kept
wrong "export as two things" 2 "one at a time" export -C kept --tar a.tar --wacz a.wacz
wrong "export as a tar that is none" 2 ".tar.zst" export -C kept --tar a.tbz
wrong "export as a bag that is none" 2 ".tar.zst" export -C kept --bag a.tar.bz2
wrong "withdraw without a reason" 2 "--reason" withdraw -C kept http://a.example/ --by A

check_equal "bounds may be dates" \
    "$("$HOLDFAST" index find --index a.cdxj --from 2026-01-02 --to 2026-01-02 http://a.example/one)" \
    "$(cat a.cdxj)"
check_equal "index lines as JSON" \
    "$("$HOLDFAST" index --json a.warc | jq -c '[.urlkey, .timestamp, .status, .length]')" \
    '["example,a)/one","20260102000000",200,233]'
check_equal "the same as find gives" "$("$HOLDFAST" index --json a.warc)" \
    "$("$HOLDFAST" index find --json --index a.cdxj http://a.example/one)"
done_testing
