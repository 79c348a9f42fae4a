#!/bin/sh
# repair and convert as people use them: exit codes, what is written beside,
# filters, splitting, pipes, bad input.
. "$TOP/tests/system/lib.sh"
peak() { # COMMAND...: its peak memory in MiB; its output goes to peak.out
	/usr/bin/time -f %M -o peak.kib "$@" >peak.out 2>&1
	echo $(($(tail -n 1 peak.kib) / 1024))
}

crlf=$(printf '\r')
# record TYPE N URI BLOCK [FIELD...]: one WARC record on standard output.
record() {
	type=$1 n=$2 uri=$3 block=$4
	shift 4
	printf 'WARC/1.0\r\nWARC-Type: %s\r\n' "$type"
	printf 'WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n' "$n"
	printf 'WARC-Date: 2026-11-%02dT08:27:47Z\r\n' "$n"
	[ -z "$uri" ] || printf 'WARC-Target-URI: %s\r\n' "$uri"
	for field in "$@"; do printf '%s\r\n' "$field"; done
	case $type in
	warcinfo) printf 'Content-Type: application/warc-fields\r\n' ;;
	request) printf 'Content-Type: application/http; msgtype=request\r\n' ;;
	*) printf 'Content-Type: application/http; msgtype=response\r\n' ;;
	esac
	printf 'Content-Length: %d\r\n\r\n%s\r\n\r\n' ${#block} "$block"
}
id() { printf '<urn:uuid:00000000-0000-4000-8000-%012d>' "$1"; }
http() { # STATUS TYPE
	printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\n\r\nsome body text' "$1" "$2"
}
get="GET / HTTP/1.1${crlf}
Host: a.example"

# ---- a file: wget's order, then Heritrix's, then a revisit ----
{
	record warcinfo 1 '' 'software: by hand'
	record request 2 http://a.example/one "$get"
	record response 3 http://a.example/one "$(http '200 OK' text/html)" \
	    "WARC-Concurrent-To: $(id 2)"
	record request 4 http://a.example/gone "$get"
	record response 5 http://a.example/gone "$(http '404 No' text/html)" \
	    "WARC-Concurrent-To: $(id 4)"
	record response 6 http://b.example/img "$(http '200 OK' image/png)"
	record request 7 http://b.example/img "$get" "WARC-Concurrent-To: $(id 6)"
	record response 8 http://b.example/bad "$(http '500 Oh' text/html)"
	record request 9 http://b.example/bad "$get" "WARC-Concurrent-To: $(id 8)"
	record revisit 10 http://b.example/again "$(http '200 OK' text/html)" \
	    "WARC-Refers-To: $(id 5)" \
	    'WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest'
} >a.warc
ids() { "$HOLDFAST" ls --json "$1" | jq -r '.id[-2:]' | tr '\n' ' '; }
check_equal "the file is as meant" "$(ids a.warc)" "01 02 03 04 05 06 07 08 09 10 "

# ---- convert ----
check_code "to gzip" 0 "$HOLDFAST" convert a.warc -o a.warc.gz
check_code "to zstd" 0 "$HOLDFAST" convert a.warc.gz -o a.warc.zst
check_code "and back" 0 "$HOLDFAST" convert a.warc.zst -o back.warc
check "the bytes are the same" cmp a.warc back.warc
check "gzip reads it" gzip -t a.warc.gz
check_equal "ten members, one a record" \
    "$("$HOLDFAST" ls --json a.warc.gz | jq -r .length | awk '{s += $1} END {print s}')" \
    "$(wc -c <a.warc.gz)"
"$HOLDFAST" convert - -o - --pack plain <a.warc.gz >pipe.warc
check "through pipes on both sides" cmp a.warc pipe.warc
check_code "what is there is not overwritten" 2 "$HOLDFAST" convert a.warc -o a.warc.gz
check_code "without -o" 2 "$HOLDFAST" convert a.warc
check_code "a pipe cannot be split" 2 "$HOLDFAST" convert a.warc -o - --split 1K
check_code "a status that is none" 2 "$HOLDFAST" convert a.warc -o x.warc --status 2yy
check_code "a type that is none" 2 "$HOLDFAST" convert a.warc -o x.warc --type page
check_code "a time that is none" 2 "$HOLDFAST" convert a.warc -o x.warc --from soon
check_code "a file that is not there" 2 "$HOLDFAST" convert none.warc -o x.warc
check_code "a folder it cannot write" 3 "$HOLDFAST" convert a.warc -o none/x.warc
check_code "--dry-run writes nothing" 0 "$HOLDFAST" convert a.warc --dry-run
check "indeed" test ! -e x.warc

# filtered NAME IDS OPTION...
filtered() {
	name=$1 want=$2
	shift 2
	rm -f f.warc
	"$HOLDFAST" convert a.warc -o f.warc "$@" >out 2>&1
	check_equal "$name" "$(ids f.warc)" "$want"
}
filtered "by status, requests with them" "01 02 03 06 07 10 " --status 200
filtered "by a class of status" "01 04 05 08 09 " --status 4xx,500-599
filtered "by media type" "01 06 07 " --mime 'image/*'
filtered "by the beginning of a URL" "01 06 07 08 09 10 " --url http://b.
filtered "by a pattern" "01 02 03 08 09 " --url '*e' --url '*/bad' --status 200,500
filtered "by type alone" "03 05 06 08 " --type response
filtered "by time" "01 06 07 08 09 " --from 2026-11-06 --to 20261108
filtered "a year takes in all of it" "01 02 03 04 05 06 07 08 09 10 " --to 2026
"$HOLDFAST" convert a.warc -o o.warc --status 200 --json >out
check "an orphaned revisit is counted" jq -e '.orphans == 1 and .filtered == 4 and .exit == 0' out

check_code "split" 0 "$HOLDFAST" convert a.warc -o s.warc.gz --split 1
check_equal "pairs stay together" \
    "$(for f in s-*.warc.gz; do ids "$f"; printf '| '; done)" \
    "01 | 02 03 | 04 05 | 06 07 | 08 09 | 10 | "
check_code "merged" 0 "$HOLDFAST" convert s-*.warc.gz -o m.warc
check "and nothing was lost" cmp a.warc m.warc

"$HOLDFAST" convert a.warc -o v.warc --warc-version 1.1 >out
sed 's|^WARC/1.0|WARC/1.1|; s|warc/1.0/revisit|warc/1.1/revisit|' a.warc >want
check "1.1 changes version and profile alone" cmp v.warc want
"$HOLDFAST" convert v.warc -o w.warc --warc-version 1.0 >out
check "and back again" cmp w.warc a.warc

arc_info=$(printf '1 0 X\nURL IP-address Archive-date Content-type Archive-length\n.')
arc_info=${arc_info%.}
{
	printf 'filedesc://x.arc 0.0.0.0 20261122082747 text/plain %d\n%s\n' \
	    ${#arc_info} "$arc_info"
	block=$(http '200 OK' text/html)
	printf 'http://a.example/ 127.0.0.1 20261122082748 text/html %d\n%s\n' ${#block} "$block"
} >x.arc
check_code "ARC to WARC" 0 "$HOLDFAST" convert x.arc -o x1.warc
"$HOLDFAST" convert x.arc -o x2.warc >/dev/null
check "the same file gives the same ids" cmp x1.warc x2.warc
check_equal "its records" "$("$HOLDFAST" ls --json x1.warc | jq -r '[.type, .uri, .date, .status] | join(" ")')" \
    "warcinfo  2026-11-22T08:27:47Z 0
response http://a.example/ 2026-11-22T08:27:48Z 200"
check_code "they verify" 0 "$HOLDFAST" verify x1.warc
check "without a warning" test "$(grep -c ^warning check.out)" = 0
check "a version block names no address" test "$(grep -c WARC-IP-Address x1.warc)" = 1
check_equal "each block has its digest" "$(grep -c '^WARC-Block-Digest: sha256:' x1.warc)" 2
gzip -c x.arc >whole.arc.gz
check_code "ARC in one member" 0 "$HOLDFAST" repair whole.arc.gz -o each.arc.gz
check_equal "gets a member a record" "$("$HOLDFAST" ls --json each.arc.gz | jq -r 'select(.length > 0) | .uri' | tr '\n' ' ')" \
    "filedesc://x.arc http://a.example/ "
check "and its bytes stay" sh -c 'zcat each.arc.gz | cmp - x.arc'

# ---- repair ----
check_code "a sound file" 0 "$HOLDFAST" repair a.warc.gz -o sound.warc.gz
check "is copied byte for byte" cmp a.warc.gz sound.warc.gz
check "the manifest agrees" sha256sum -c sound.warc.gz.sha256
check "the report is JSON" jq -e '.schema == "damage/1" and .lost == 0 and .records == 10' sound.warc.gz.damage.json
check "the index is that of index" sh -c \
    "'$HOLDFAST' index sound.warc.gz 2>/dev/null | cmp - sound.warc.gz.cdxj"
gzip -c a.warc >whole.warc.gz
check_code "a file that is one member" 0 "$HOLDFAST" repair whole.warc.gz -o each.warc.gz
check_equal "gets a member a record" "$(ids each.warc.gz)" "01 02 03 04 05 06 07 08 09 10 "

size=$(wc -c <a.warc.gz)
head -c $((size - 20)) a.warc.gz >torn.warc.gz.open
mkdir saved
check_code "a torn file" 23 "$HOLDFAST" repair torn.warc.gz.open -o saved
check_equal "keeps all but the last" "$(ids saved/torn.warc.gz)" "01 02 03 04 05 06 07 08 09 "
check "the lost range is named" jq -e --argjson size $((size - 20)) \
    '.findings | length == 1 and .[0].kind == "lost" and .[0].to == $size' \
    saved/torn.warc.gz.damage.json
check_code "what is saved verifies" 0 "$HOLDFAST" verify saved/torn.warc.gz
check_code "the same again is refused" 2 "$HOLDFAST" repair torn.warc.gz.open -o saved
check "and nothing was touched" sh -c 'cd saved && sha256sum -c torn.warc.gz.sha256'
check_code "--dry-run says the same" 23 "$HOLDFAST" repair torn.warc.gz.open --dry-run
cp check.out dry
check "it names the place" grep -q "^lost gzip-cut torn.warc.gz.open:" dry

record resource 11 http://a.example/x 'block' \
    'WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' >d.warc
check_code "a digest that differs" 10 "$HOLDFAST" repair d.warc -o e.warc
check "the record is kept" cmp d.warc e.warc
printf 'nothing of the kind' >text
check_code "no record file" 23 "$HOLDFAST" repair text -o text.warc
check "leaves nothing" test ! -e text.warc -a ! -e text.warc.open
: >empty.warc
check_code "an empty file has no damage" 0 "$HOLDFAST" repair empty.warc -o empty.out
mkdir dir
check_code "a directory" 2 "$HOLDFAST" repair dir -o dir.out
check_code "two files into one" 2 "$HOLDFAST" repair a.warc d.warc -o two.warc
check_code "two files into a directory to be made" 10 "$HOLDFAST" repair a.warc d.warc -o new/two
check "both are there" test -f new/two/a.warc -a -f new/two/d.warc
check_code "without -o" 2 "$HOLDFAST" repair a.warc
check_code "one that is not there; the rest is done" 2 "$HOLDFAST" repair none a.warc -o more/
check "the rest" cmp a.warc more/a.warc

# ---- memory: a record of 300 MB ----
within() { # NAME MIB
	case $BUILD in
	*/release) check_equal "$1 in 32 MiB" "$([ "$2" -le 32 ] && echo yes)" yes ;;
	*) skip "$1 in 32 MiB" "sanitizers use memory of their own" ;;
	esac
}
{
	printf 'WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: %s\r\n' "$(id 1)"
	printf 'WARC-Date: 2026-11-22T08:27:47Z\r\nWARC-Target-URI: http://a.example/\r\n'
	printf 'Content-Type: text/plain\r\nContent-Length: 300000000\r\n\r\n'
	head -c 300000000 /dev/zero
	printf '\r\n\r\n'
} >big.warc
for to in big.warc.gz big.warc.zst; do
	mib=$(peak "$HOLDFAST" convert big.warc -o $to)
	within "300 MB to $to" "$mib"
done
mib=$(peak "$HOLDFAST" repair big.warc.gz -o big2.warc.gz)
check "a large member is copied" cmp big.warc.gz big2.warc.gz
within "300 MB repaired" "$mib"
check "nothing unfinished is left" sh -c '! ls ./*.open 2>/dev/null | grep -v torn'
done_testing
