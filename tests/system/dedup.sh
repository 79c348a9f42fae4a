#!/bin/sh
# dedup: equal payloads become revisits that others can follow, and nothing
# else changes.
. "$TOP/tests/system/lib.sh"
command -v jq >/dev/null || { skip "dedup" "jq is not installed"; done_testing; }

# record TYPE N URI DIGEST FILE: one record whose block is FILE.
record() {
	printf 'WARC/%s\r\nWARC-Type: %s\r\n' "${VERSION:-1.1}" "$1"
	printf 'WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n' "$2"
	printf 'WARC-Date: 2026-01-02T03:04:05.%06dZ\r\nWARC-Target-URI: %s\r\n' "$2" "$3"
	printf 'Content-Type: application/http;msgtype=%s\r\n' "$1"
	[ -z "$4" ] || printf 'WARC-Payload-Digest: %s\r\n' "$4"
	printf 'X-Kept: as it is\r\nContent-Length: %d\r\n\r\n' "$(wc -c <"$5")"
	cat "$5"
	printf '\r\n\r\n'
}
awk 'BEGIN { for (i = 0; i < 375; i++) printf "%07d\n", i }' >body
sha256=sha256:$(sha256sum body | cut -c1-64)
{ printf 'HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 3000\r\n\r\n'; cat body; } >first
{ printf 'HTTP/1.1 200 OK\r\nServer: b\r\nTransfer-Encoding: chunked\r\n\r\n'
  printf '3E8\r\n'; head -c 1000 body; printf '\r\n7d0\r\n'; tail -c 2000 body
  printf '\r\n0\r\n\r\n'; } >chunked
{ printf 'HTTP/1.1 200 OK\r\n\r\n'; head -c 2999 body; printf x; } >other
printf 'HTTP/1.1 200 OK\r\n\r\nshort' >short
printf 'GET / HTTP/1.1\r\n\r\n' >asked
{
	record response 1 http://a.example/ "$sha256" first
	record request 2 http://a.example/ "" asked
	record response 3 http://b.example/x "" chunked
	record response 4 http://a.example/ "$sha256" first
	record response 5 http://c.example/ "" other
	record response 6 http://c.example/1 "" short
	record response 7 http://c.example/2 "" short
	record response 8 http://c.example/3 \
	    sha256:0000000000000000000000000000000000000000000000000000000000000000 first
} >in.warc
check_code "a dry run" 0 "$HOLDFAST" dedup --dry-run in.warc
check_code "dedup" 0 "$HOLDFAST" dedup --json -o out.warc.gz in.warc
cp check.out said
check "counts" jq -e '.records == 8 and .responses == 7 and .revisits == 2 and
    .payload_bytes == 6000 and .kept == 1' said
check_code "nothing is overwritten" 2 "$HOLDFAST" dedup -o out.warc.gz in.warc
gzip -dc out.warc.gz >out
revisit() { # FIELD: its values in the revisits
	awk 'BEGIN { RS = "WARC/1.1\r\n" } /WARC-Type: revisit/' out |
	    tr -d '\r' | sed -n "s/^$1: //p" | sort -u
}
check_equal "the profile is that of the version" "$(revisit WARC-Profile)" \
    http://netpreserve.org/warc/1.1/revisit/identical-payload-digest
check_equal "the original by id" "$(revisit WARC-Refers-To)" \
    "<urn:uuid:00000000-0000-4000-8000-000000000001>"
check_equal "by URI" "$(revisit WARC-Refers-To-Target-URI)" http://a.example/
check_equal "by date, byte for byte" "$(revisit WARC-Refers-To-Date)" \
    2026-01-02T03:04:05.000001Z
check_equal "the payload digest is the original's" \
    "$(revisit WARC-Payload-Digest)" "$sha256"
check_equal "cut to its head" "$(revisit WARC-Truncated)" length
check_equal "the HTTP head is kept" "$(revisit Server)" "a
b"
check_equal "fields of others are kept" "$(revisit X-Kept)" "as it is"
check_equal "one whose digest is wrong stays" \
    "$(grep -a -c 'WARC-Type: response' out)" 5
"$HOLDFAST" verify out.warc.gz >out2 2>&1
check_equal "and is all that verify says" \
    "$(grep -v -e '^note' -e 'files\{0,1\}(s)' out2 | cut -d' ' -f1-2)" \
    "changed digest-payload"
head -c "$(($(grep -a -b -o 'WARC/1.1' in.warc | tail -n 1 | cut -d: -f1)))" \
    in.warc >true.warc
check_code "true records" 0 "$HOLDFAST" dedup -o true.warc.gz true.warc
check_code "their revisits verify" 0 "$HOLDFAST" verify true.warc.gz
check "with nothing to say of them" sh -c \
    "! '$HOLDFAST' verify true.warc.gz | grep -e ^warning -e ^changed"
check_code "dedup again" 0 "$HOLDFAST" dedup --json -o again.warc.gz true.warc.gz
check "changes no byte: no revisit of a revisit" cmp true.warc.gz again.warc.gz
check_code "--min-size" 0 "$HOLDFAST" dedup --json --min-size 4K \
    -o min.warc.gz true.warc
check_equal "leaves what is shorter" \
    "$(gzip -dc min.warc.gz | cmp - true.warc && echo same)" same

# Older versions, base32 digests.
VERSION=1.0 record response 1 http://a.example/ "" first >old.warc
VERSION=1.0 record response 2 http://a.example/ "" first >>old.warc
check_code "WARC/1.0" 0 "$HOLDFAST" dedup -o old.warc.gz old.warc
check "has the profile of 1.0" sh -c "gzip -dc old.warc.gz |
    grep -a -q 'warc/1.0/revisit/identical-payload-digest'"

# Originals in a collection.
head -c "$(grep -a -b -o 'WARC/1.1' in.warc | sed -n 2p | cut -d: -f1)" \
    in.warc >one.warc
"$HOLDFAST" import -C c one.warc >out2 2>&1 || fail "import" "$(cat out2)"
record response 9 http://d.example/ "" chunked >later.warc
check_code "--against a collection" 0 "$HOLDFAST" dedup --json --against c \
    -o later.warc.gz later.warc
cp check.out said
check "finds it there" jq -e '.known == 1 and .revisits == 1' said
check_code "taken in, the collection verifies" 0 sh -c \
    "'$HOLDFAST' import -C c later.warc.gz && '$HOLDFAST' verify -C c"
check_equal "and gives the payload" \
    "$("$HOLDFAST" cat -C c http://d.example/ | cmp - body && echo same)" same

# What does not read ends it.
gzip -c in.warc | head -c 900 >cut.warc.gz
check_code "a cut file" 23 "$HOLDFAST" dedup -o no.warc.gz cut.warc.gz
check "leaves nothing" sh -c '! ls no.warc.gz* 2>/dev/null'
check_code "no file" 2 "$HOLDFAST" dedup -o no.warc.gz nothing.warc
check_code "no output" 2 "$HOLDFAST" dedup in.warc
check_code "standard input" 2 "$HOLDFAST" dedup -o no.warc.gz -

# An empty member is no damage.
{ record response 11 http://f.example/ "" first | gzip -c
  gzip -c </dev/null
  record response 12 http://g.example/ "" chunked | gzip -c; } >gap.warc.gz
check "an empty member is passed over" sh -c "'$HOLDFAST' dedup --json \
    -o nogap.warc.gz gap.warc.gz | jq -e '.records == 2 and .revisits == 1'"

# Any number of records in bounded memory.
i=10
while [ $i -lt 1010 ]; do
	echo "$i"
	i=$((i + 1))
done | while read -r n; do
	record response "$n" "http://e.example/$n" "" first
done >many.warc
check "a thousand of one payload" sh -c "'$HOLDFAST' dedup --json \
    -o many.warc.gz many.warc | jq -e '.revisits == 999'"
check_code "verify" 0 "$HOLDFAST" verify many.warc.gz
done_testing
