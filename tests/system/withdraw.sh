#!/bin/sh
# withdraw: an embargo is refused everywhere and ends by itself; of what is
# erased no byte is left in the collection, its state, or later exports.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
export HOLDFAST_TEST_CLOCK_FILE=clock
HOLDFAST=$BUILD/holdfast-test
at() { date -u -d "$1" +%s >clock; }
at 2026-01-05T13:00:00Z
# Four marks: in the headline, the address, the body, and a caption.
marks='Headmark Urlmark-ferry Bodymark Capmark'
cat >scenario <<'END'
start 2026-01-05T00:00:00Z
at +0h publish m1 edition=en headline="Headmark over quartz and violets" slug=Urlmark-ferry paragraphs=4 images=2 post=4711
at +1h edit m1 add-paragraph text="Bodymark jackdaws love my sphinx."
at +1h edit m1 caption n=1 text="Capmark of a pier at dawn"
at +0h publish k1 edition=en post=101 images=1
at +0h publish k2 edition=en post=102 images=1
at +15h delete m1 404
END
start_site --scenario scenario --clock clock
run_conf c "also = tar"
run_site c almayadeen-en "front = https://english.almayadeen.net/ every 1h" "feed = none" "sitemap = none"
"$HOLDFAST" run -C c --wait 0 >out 2>&1
check_equal "the site is captured" "$? $(cat out)" "0 "
url=https://english.almayadeen.net/news/politics/Urlmark-ferry
check_equal "its article was read" "$("$HOLDFAST" article -C c $url | head -n 1)" "Headmark over quartz and violets"
first=$(newest c)
snapshot=$(basename "$first")
record=$(jq -r "select(.url == \"$url\") | .record" "$first/outcomes.jsonl")
article=$("$HOLDFAST" article -C c $url --json | jq -r .article_id)

# contents FILE: its bytes as they would be read, with what is packed in it.
contents() {
	cat "$1"
	case $1 in
	*.gz) gzip -dc "$1" || tail -c +5 "$1" | gzip -dc ;;
	*.tar)
		rm -rf unpacked && mkdir unpacked && tar -xf "$1" -C unpacked
		find unpacked -name '*.gz' -exec gzip -dc {} + ;;
	*.wacz)
		rm -rf unpacked && mkdir unpacked && unzip -q "$1" -d unpacked
		find unpacked -name '*.gz' -exec gzip -dc {} +
		find unpacked -type f -exec cat {} + ;;
	esac
}
# marked DIR: the files that hold a mark, and how many kinds of it.
marked() {
	find "$1" -type f | LC_ALL=C sort | while read -r file; do
		contents "$file" >contents.out 2>/dev/null
		n=0
		for mark in $marks; do
			grep -aqiF "$mark" contents.out && n=$((n + 1))
		done
		[ $n -eq 0 ] || echo "${file#"$1"/} $n"
	done
}
pages() { cp -a c "$1" && chmod -R u+w "$1"; }

# ---- embargo ----

check_code "without a reason it is refused" 2 "$HOLDFAST" withdraw -C c $url --by me
check_code "a date that is over is refused" 2 "$HOLDFAST" withdraw -C c $url --reason r --by me --until 2026-01-05
check_code "what is not there is refused" 2 "$HOLDFAST" withdraw -C c https://english.almayadeen.net/no --reason r --by me
check_code "a snapshot is refused" 2 "$HOLDFAST" withdraw -C c "$snapshot" --reason r --by me
"$HOLDFAST" withdraw -C c $url --reason "court order" --by "A. Clerk" --until 2026-01-06 --dry-run --json >dry
check_equal "a dry run lists five records" "$(jq '.records, .captures, .dry_run' dry | paste -sd' ')" "5 1 true"
check_equal "and writes nothing" "$(ls c/withdrawals.jsonl 2>/dev/null)" ""
check_code "an embargo" 0 "$HOLDFAST" withdraw -C c $url --reason "court order" --by "A. Clerk" --until 2026-01-06
check_equal "no address stands in the list" "$(grep -c -i -e urlmark -e almayadeen.net c/withdrawals.jsonl)" 0
for object in $url "$record" "$article"; do
	for verb in article show cat; do
		[ "$verb $object" != "cat $article" ] || continue
		"$HOLDFAST" $verb -C c "$object" >out 2>err
		check_equal "$verb refuses it by ${object%%:*}" "$? $(wc -c <out) $(grep -c 'withdrawn until 2026-01-06 by A. Clerk: court order' err)" "2 0 1"
	done
done
"$HOLDFAST" extract -C c files >out 2>err
check_equal "extract leaves it out and says so" "$? $(grep -rl Bodymark files) $(grep -c 'withdrawn until' err)" "8  1"
"$HOLDFAST" export -C c --tar no.tar "$snapshot" >out 2>err
check_equal "export refuses it, and leaves nothing" "$? $(ls no.tar* 2>/dev/null)$(grep -c 'withdrawn until 2026-01-06' err)" "2 1"
check_equal "ls marks it" "$("$HOLDFAST" ls -C c $url | grep -c 'withdrawn until 2026-01-06')" 1
check_code "verify passes" 0 "$HOLDFAST" verify -q -C c
check_equal "--list tells of five" "$("$HOLDFAST" withdraw -C c --list --json | jq -r .reason | sort | uniq -c | tr -s ' ')" " 5 court order"
at 2026-01-05T14:00:00Z
"$HOLDFAST" run -C c --wait 0 >out 2>&1
second=$(newest c)
check "a snapshot sealed later keeps the list" cmp c/withdrawals.jsonl "$second/withdrawn.jsonl"
check_equal "in its manifest" "$(grep -c ' withdrawn.jsonl$' "$second/manifest-sha256.txt")" 1
at 2026-01-05T23:59:59Z
check_code "a second before its date it is refused" 2 "$HOLDFAST" article -C c $url
at 2026-01-06T00:00:00Z
check_code "at its date it is back" 0 "$HOLDFAST" article -C c $url
check_code "and so is its page" 0 "$HOLDFAST" cat -C c $url
"$HOLDFAST" withdraw -C c "$record" --reason r --by b >out
check_equal "that others of it stay is told" "$(grep -c 'other capture' out)" 1
check_code "for good, until" 2 "$HOLDFAST" article -C c $url
check_code "it is lifted" 0 "$HOLDFAST" withdraw -C c "$record" --lift --reason "appeal won" --by b
check_code "and shown" 0 "$HOLDFAST" article -C c $url
check_code "twice is a mistake" 2 "$HOLDFAST" withdraw -C c "$record" --lift --reason r --by b
check_equal "lines were only added" "$(jq -r .kind c/withdrawals.jsonl | uniq -c | tr -s ' ' | paste -sd,)" " 10 embargo, 5 lift"

# What vouches for the list.
pages bad
sed -i 2d bad/withdrawals.jsonl
check_code "a line taken away is found" 10 "$HOLDFAST" verify -q -C bad
head -n 3 c/withdrawals.jsonl >bad/withdrawals.jsonl
check_code "so is a list cut short" 10 "$HOLDFAST" verify -q -C bad
rm bad/withdrawals.jsonl
check_code "and one that is gone" 10 "$HOLDFAST" verify -q -C bad
rm -rf bad

# ---- erasing ----

mkdir -p c/quarantine
cp "$first"/records/*.gz c/quarantine/one.0.warc.gz
{ printf junk; cat "$first"/records/*.gz; } >c/quarantine/two.0.warc.gz
echo nothing >c/quarantine/three.0.warc.gz
echo "{\"text\":\"told of $url\"}" >>c/log/2026-01.jsonl
marked c >before
for place in index/ log/ packages/ quarantine/one quarantine/two state/catalog.sqlite \
    state/run.sqlite records/ derived/ articles.jsonl index.cdxj outcomes.jsonl report.json; do
	check "before, a mark is found in $place" grep -qF "$place" before
done
manifest=$(sha256sum <"$first/manifest-sha256.txt" | cut -c 1-64)
members=$(gzip -dc "$first"/records/*.gz | grep -ac '^WARC-Type: ')
cp -a "$first" kept

"$HOLDFAST" capture -C c --no-revisit $SITE $url >/dev/null 2>&1 # gone by now
cp c/withdrawals.jsonl list
check_code "while a revisit repeats it, it is not erased" 2 "$HOLDFAST" withdraw -C c "$record" --erase --reason r --by b
said "and the way is told" 'with-revisits erases those, too'
check "nothing was written then" cmp c/withdrawals.jsonl list
"$HOLDFAST" withdraw -C c $url --erase --all-captures --with-revisits --reason "the law asks" --by "A. Clerk" --json >out 2>err
check_equal "it is erased" "$? $(cat err)" "0 "
jq -r '.quoted_by[]' out | sort >quoted
check "what quotes it is told ($(wc -l <quoted))" [ -s quoted ]
check_code "verify passes" 0 "$HOLDFAST" verify -C c
check_equal "and counts what was withdrawn" "$(grep -c '; [1-9][0-9]* withdrawn' check.out)" 1
check_equal "in JSON, too" "$("$HOLDFAST" verify -C c --json | jq 'select(.summary) | .withdrawn')" "$(jq -s '[.[] | select(.kind == "erase" and (.type == "response" or .type == "revisit")) | .record] | unique | length' c/withdrawals.jsonl)"
check_code "so it does at --level quick" 0 "$HOLDFAST" verify -q --level quick -C c
check "sha256sum accepts the new manifest" sh -c "cd '$first' && sha256sum -c --strict --quiet manifest-sha256.txt"
check_equal "the generation names the manifest before" "$(jq -r '.generation, .history[0].manifest_sha256' "$first/withdrawn.json" | paste -sd' ')" "2 $manifest"
check_equal "which the next snapshot names" "$(jq -r .previous.manifest_sha256 "$second/report.json")" "$manifest"
check_equal "nothing in it can be written" "$(find "$first" -perm /222)" ""
check_equal "there are as many records as before" "$(gzip -dc "$first"/records/*.gz | grep -ac '^WARC-Type: ')" "$members"
check_equal "nothing is left of the work" "$(find c -name '*withdrawing*')" ""
for object in $url "$record"; do
	"$HOLDFAST" show -C c "$object" >out 2>err
	check_equal "it is refused by ${object%%:*}, with reason and date" "$? $(grep -c 'withdrawn and erased on 2026-01-06 by A. Clerk: the law asks' err)" "2 1"
done
check_code "what is erased is not lifted" 2 "$HOLDFAST" withdraw -C c $url --lift --reason r --by b
check_equal "of the body and the caption nothing is left" "$(marks='Bodymark Capmark' marked c | cat)" ""
check_equal "quarantine/ keeps what does not tell of it" "$(ls c/quarantine)" three.0.warc.gz

# Those that quote it are captures of their own, and go the same way: articles
# that are related to it, and the front page.
echo https://english.almayadeen.net/ >>quoted
while read -r id; do
	"$HOLDFAST" withdraw -C c "$id" --erase --all-captures --with-revisits --reason quotes --by b >out 2>err || cat err
done <quoted
check_equal "a byte search finds no mark" "$(marked c)" ""
check_code "verify passes, generations later" 0 "$HOLDFAST" verify -C c
check "several" [ "$(jq .generation "$first/withdrawn.json")" -gt 2 ]
mkdir exports
check_code "export --tar" 0 "$HOLDFAST" export -C c --tar exports/all.tar "$snapshot"
check_code "it verifies" 0 "$HOLDFAST" verify -q exports/all.tar
check_code "export --wacz" 0 "$HOLDFAST" export -C c --wacz exports/all.wacz "$snapshot"
check_equal "where tombstones count as they do in the collection" \
    "$("$HOLDFAST" verify --json exports/all.wacz | jq 'select(.summary) | .withdrawn, .exit')" \
    "$("$HOLDFAST" verify --json exports/all.tar | jq 'select(.summary) | .withdrawn, .exit')"
check_code "export --warc" 0 "$HOLDFAST" export -C c --warc exports/all.warc.gz "$snapshot"
check_equal "later exports have no mark" "$(marked exports)" ""
check_code "what was erased is not imported again" 2 "$HOLDFAST" import -C c kept
said "and who took it out is told" 'withdrawn and erased on 2026-01-06 by'
check_equal "nothing of it was brought back" "$(marked c)" ""
check_code "rebuild finds no difference" 0 "$HOLDFAST" rebuild all -C c
check_equal "nor a mark comes back" "$(marked c)" ""
at 2026-01-06T03:00:00Z
"$HOLDFAST" run -C c --wait 0 >out 2>&1
check_equal "the site is watched on" "$? $(cat out)" "0 "
check_code "verify passes behind that" 0 "$HOLDFAST" verify -q -C c

# ---- forged generations ----

# sealed_again DIR: a manifest that fits what lies there.
sealed_again() {
	(cd "$1" && rm manifest-sha256.txt && find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum >../m && mv ../m manifest-sha256.txt)
}
# forged NAME WHAT: the collection with the first snapshot so changed is found.
forged() {
	rm -rf bad
	pages bad
	victim=bad/${first#c/}
	(cd "$victim" && eval "$2")
	sealed_again "$victim"
	rm -rf bad/index bad/state
	check_code "$1" 10 "$HOLDFAST" verify -C bad
}
forged "another file changed in a new generation is found" 'echo x >>profiles/$(ls profiles | head -n 1)'
forged "so is one that was put there" 'echo x >about/more'
forged "and one that is gone" 'rm about/$(ls about | tail -n 1)'
forged "a generation whose kept manifest is another is found" 'echo >>manifest-1-sha256.txt'
forged "one whose withdrawn.json tells another digest is found" "sed -i 's/\"manifest_sha256\":\"./\"manifest_sha256\":\"x/' withdrawn.json"
forged "one without withdrawn.json is found" 'rm withdrawn.json'
forged "one with an id more is found" "sed -i 's/\"erased\":\\[/\"erased\":[\"urn:uuid:00000000-0000-8000-8000-000000000000\",/' withdrawn.json"
rm -rf bad
pages bad
grep -v '"erase"' c/withdrawals.jsonl >bad/withdrawals.jsonl
check_code "an erasure without its lines is found" 10 "$HOLDFAST" verify -q -C bad
chmod -R u+w c kept
stop_all
done_testing
