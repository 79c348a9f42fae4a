#!/bin/sh
# withdraw --erase reaches as far as it should and no farther: addresses that
# only begin alike stay, revisits count however they name their original, and
# what is left of a snapshot cannot be changed or put back unseen.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
export HOLDFAST_TEST_CLOCK_FILE=clock
HOLDFAST=$BUILD/holdfast-test
at() { date -u -d "$1" +%s >clock; }
at 2026-01-05T13:00:00Z
host=http://paper.example

# ---- revisits that name no id ----

payload=$(printf 'hello' | sha256sum | cut -c 1-64)
# record TYPE URI SECOND NUMBER BODY [FIELD...]: to standard output.
record() {
	type=$1 uri=$2 second=$3 id=$4 body=$5
	shift 5
	http=$(printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n%s' "$body" | wc -c)
	printf 'WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-01-04T00:00:%sZ\r\n' "$type" "$uri" "$second"
	printf 'WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-0000000000%s>\r\nContent-Type: application/http;msgtype=response\r\n' "$id"
	printf 'WARC-Payload-Digest: sha256:%s\r\n' "$payload"
	for field in "$@"; do printf '%s\r\n' "$field"; done
	printf 'Content-Length: %s\r\n\r\n' "$http"
	printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n%s\r\n\r\n' "$body"
}
same='WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest'
{
	record response $host/a 01 01 hello
	record response $host/ab 02 02 hello
	record response $host/other 03 03 hello
	record revisit $host/copy 04 04 "" "$same" "WARC-Refers-To-Target-URI: $host/a" "WARC-Refers-To-Date: 2026-01-04T00:00:01Z"
	record revisit $host/a 05 05 "" "$same"
	record revisit $host/ab 06 06 "" "$same" "WARC-Refers-To-Target-URI: $host/ab" "WARC-Refers-To-Date: 2026-01-04T00:00:02Z"
} >foreign.warc
"$HOLDFAST" init -C f >/dev/null 2>&1
check_code "foreign records are imported" 0 "$HOLDFAST" import -C f foreign.warc
check_code "revisits by address and date, or payload, hold it" 2 "$HOLDFAST" withdraw -C f urn:uuid:00000000-0000-4000-8000-000000000001 --erase --reason r --by b
said "both are told" "2 revisit(s) repeat it"
check_code "they are erased with it" 0 "$HOLDFAST" withdraw -C f urn:uuid:00000000-0000-4000-8000-000000000001 --erase --with-revisits --reason r --by b
check_equal "three captures are" "$("$HOLDFAST" withdraw -C f --list --json | jq -r '.type' | sort | uniq -c | tr -s ' ' | paste -sd,)" " 1 response, 2 revisit"
check_code "verify passes" 0 "$HOLDFAST" verify -q -C f
check_code "a revisit of another stays" 0 "$HOLDFAST" show -C f urn:uuid:00000000-0000-4000-8000-000000000006

# ---- addresses that begin alike ----

cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +0h publish k1 edition=en post=101 images=1
at +0h publish k2 edition=en post=102 images=1
END
start_site --scenario scenario --clock clock
run_conf c "also = tar"
run_site c almayadeen-en "front = https://english.almayadeen.net/ every 1h" "feed = none" "sitemap = none"
"$HOLDFAST" run -C c --wait 0 >out 2>&1
check_equal "the site is captured" "$? $(cat out)" "0 "
front=https://english.almayadeen.net/
first=$(newest c)
story=$(jq -r 'select(.outcome == "captured") | .url' "$first/outcomes.jsonl" | grep /news/ | head -n 1)
log=$(echo c/log/2026-*.jsonl)
printf '{"text":"of %s: kept"}\n{"text":"of %s: gone"}\n' "$story" $front >>"$log"
echo "$story is told of" >c.part && mkdir -p c/quarantine && mv c.part c/quarantine/kept.0
told=$(grep -aoF "$story" c/state/run.sqlite | wc -l)
check "the state tells of a story" [ "$told" -gt 0 ]
"$HOLDFAST" export -C c --wacz c.wacz "$(basename "$first")" >/dev/null 2>&1
"$HOLDFAST" init -C i >/dev/null 2>&1
check_code "a package of it is imported" 0 "$HOLDFAST" import -C i c.wacz
for c in c i; do
	cp -a $c $c.before
	check_code "the front page is erased in $c" 0 "$HOLDFAST" withdraw -C $c $front --erase --all-captures --with-revisits --reason r --by b
	check_code "verify passes in $c" 0 "$HOLDFAST" verify -q -C $c
	check_code "its stories are there in $c" 0 "$HOLDFAST" cat -C $c "$story"
done
check_equal "a line of the log about another address stays, one about it does not" "$(grep -c ': kept' "$log") $(grep -c ': gone' "$log")" "1 0"
check "what is queued of others stays" grep -qaF "$story" c/state/run.sqlite
check "so does what is in quarantine" [ -e c/quarantine/kept.0 ]
check "and what an import kept of others" sh -c "grep -qF '$story' \$(find i -path '*sources/1/pages/*.jsonl')"
for kind in tar wacz bag; do
	check_code "what is left goes into a $kind" 0 "$HOLDFAST" export -C i --$kind i.$kind
	check_code "and verifies there" 0 "$HOLDFAST" verify -q i.$kind
done
at 2026-01-05T15:00:00Z
"$HOLDFAST" run -C c --wait 0 >out 2>&1
check_equal "the site is watched on" "$? $(cat out)" "0 "
check_code "verify passes behind that" 0 "$HOLDFAST" verify -q -C c

# ---- what tells of it without having it ----

"$HOLDFAST" init -C e >/dev/null 2>&1
check_code "records alone are imported" 0 "$HOLDFAST" import -C e "$(ls c.before/"${first#c/}"/records/*.gz)"
check_code "an embargo" 0 "$HOLDFAST" withdraw -C e "$story" --reason r --by b --until 2026-02-01
at 2026-01-05T16:00:00Z
check_code "what was read of them is imported" 0 "$HOLDFAST" import -C e c.wacz
later=$(basename "$(newest e)")
for kind in tar wacz bag warc; do
	check_code "an export --$kind of that is refused" 2 "$HOLDFAST" export -C e --$kind e.$kind.gz "$later"
	said "with reason and date" 'withdrawn until 2026-02-01 by b: r'
done
at 2026-02-01T00:00:00Z
check_code "until its date" 0 "$HOLDFAST" export -C e --tar e.tar "$later"

# The same of derived records alone, without a package around them.
"$HOLDFAST" init -C d >/dev/null 2>&1
at 2026-01-05T15:00:00Z
check_code "records alone are imported" 0 "$HOLDFAST" import -C d "$(ls c.before/"${first#c/}"/records/*.gz)"
at 2026-01-05T16:00:00Z
check_code "then articles read of them" 0 "$HOLDFAST" import -C d "$(ls c.before/"${first#c/}"/derived/*.gz)"
later=$(basename "$(newest d)")
picture=$(jq -r '.binding.images[] | select(.record != null and .record != "") | .record' "$(newest d)/articles.jsonl" | head -n 1)
check_code "a picture is under embargo" 0 "$HOLDFAST" withdraw -C d "$picture" --reason r --by b --until 2026-02-01
check_code "an article that names it goes out" 0 "$HOLDFAST" export -C d --tar d.tar "$later"
check_code "its page is, too" 0 "$HOLDFAST" withdraw -C d "$story" --reason r --by b --until 2026-02-01
check_code "then it does not" 2 "$HOLDFAST" export -C d --tar d2.tar "$later"

# ---- what must not keep an erasure from its end ----

cp -a c.before g && chmod -R u+w g
head -c 20000 "$0" >g/state/odd.sqlite
at 2026-01-05T16:00:00Z
check_code "another capture of the snapshot is under embargo" 0 "$HOLDFAST" withdraw -C g "$story" --reason other --by b --until 2026-02-01
check "there is a package of the snapshot" [ -e "g/packages/$(basename "$first").tar" ]
check_code "a state that does not read, a package that is refused: it is erased" 0 "$HOLDFAST" withdraw -C g $front --erase --all-captures --with-revisits --reason r --by b
check "neither is left" [ ! -e g/state/odd.sqlite ]
check_equal "nor is the work" "$(ls -d g/withdrawing.json "g/packages/$(basename "$first").tar" 2>/dev/null)" ""
check_code "verify passes" 0 "$HOLDFAST" verify -q -C g
check_code "the collection can be written to" 0 "$HOLDFAST" recover -C g
check_code "the embargo holds" 2 "$HOLDFAST" cat -C g "$story"

# ---- forged and put back ----

# forged NAME COLLECTION WHAT: so changed, and sealed to fit, it is found.
forged() {
	rm -rf bad
	cp -a "$2" bad && chmod -R u+w bad
	victim=$(dirname "$(find bad -name withdrawn.json)")
	(cd "$victim" && eval "$3")
	(cd "$victim" && rm manifest-sha256.txt && find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum >../m && mv ../m manifest-sha256.txt)
	rm -rf bad/index bad/state
	check_code "$1" 10 "$HOLDFAST" verify -C bad
	said "and where" "$(basename "$victim")"
}
forged "a listing of others that was changed after an erasure is found" i 'echo "{}" >>$(ls sources/1/pages/*.jsonl | head -n 1)'
forged "so is one that was emptied" i ': >sources/files.jsonl'
forged "one that is gone" i 'rm sources/1/datapackage.json'
forged "an outcome that was put there" i 'tail -n 1 outcomes.jsonl >x; cat x >>outcomes.jsonl; rm x'
forged "a report that was changed" c 'sed -i s/City/Town/ report.json'
forged "a record file that is another, with the same tombstones" c 'f=$(ls derived/*.gz | head -n 1); gzip -dc $f | gzip -c1 >x; mv x $f'
for c in c i; do
	rm -rf bad
	cp -a $c bad && chmod -R u+w bad
	victim=$(dirname "$(find bad -name withdrawn.json)")
	rm -rf "$victim" bad/index bad/state
	cp -a "$c.before/${victim#bad/}" "$victim"
	check_code "what was erased put back as it was is found in $c" 10 "$HOLDFAST" verify -C bad
	said "and said" 'is not what an erasure left of it'
done
chmod -R u+w c d e g i f bad c.before i.before
stop_all
done_testing
