#!/bin/sh
# 50 kill -9 at random moments of a capture: what the journal acknowledged
# before the kill is there after the next start, once, and all verifies.
. "$TOP/tests/system/lib.sh"
start_site --delay 8
"$HOLDFAST" init -C c >/dev/null
curl -s "http://127.0.0.1:$HTTP/list?n=12" >list
lost=0 twice=0 broken=0 kills=0 journalled=0
# The moments are random but the same at each run of this test.
awk 'BEGIN { srand(20261122); for (i = 0; i < 50; i++) printf "%.3f\n", rand() * rand() * 1.6 }' >moments
while read -r moment; do
	# shellcheck disable=SC2086
	"$HOLDFAST" capture -C c $SITE -q -i list >out 2>&1 &
	run=$!
	sleep "$moment"
	kill -9 $run 2>/dev/null && kills=$((kills + 1))
	wait $run 2>/dev/null
	for journal in c/snapshots/*/*/*.journal; do
		[ -e "$journal" ] || continue
		name=$(basename "$journal" .journal)
		# Sound lines: CRC32C, kind, JSON; a torn last one does not count.
		sed -n 's/^[0-9a-f]\{8\} o \(.*}\)$/\1/p' "$journal" | jq -r .url 2>/dev/null >"acked.$name"
		sed -n 's/^[0-9a-f]\{8\} r \(.*}\)$/\1/p' "$journal" | jq -r .id 2>/dev/null >"ids.$name"
		journalled=$((journalled + $(wc -l <"acked.$name")))
	done
	"$HOLDFAST" recover -C c >recover.out 2>&1 || {
		broken=$((broken + 1))
		sed 's/^/# recover: /' recover.out
	}
	for acked in acked.*; do
		[ -e "$acked" ] || continue
		name=${acked#acked.}
		sealed=$(find c/snapshots -type d -name "$name")
		if [ -z "$sealed" ]; then
			[ -s "$acked" ] && lost=$((lost + 1))
		else
			jq -r .url "$sealed/outcomes.jsonl" | sort >have
			[ -z "$(uniq -d have)" ] || twice=$((twice + 1))
			sort -u "$acked" | comm -23 - have | grep -q . && lost=$((lost + 1))
			gzip -dc "$sealed"/records/*.warc.gz "$sealed"/derived/*.warc.gz 2>/dev/null | grep -a '^WARC-Record-ID: ' | tr -d '\r<>' | cut -d' ' -f2 | sort >records
			[ -z "$(uniq -d records)" ] || twice=$((twice + 1))
			sort -u "ids.$name" | comm -23 - records | grep -q . && lost=$((lost + 1))
		fi
		rm -f "$acked" "ids.$name"
	done
done <moments
check "most of the 50 kills met a running capture ($kills)" [ "$kills" -ge 35 ]
check "some of them after something was acknowledged ($journalled lines)" [ "$journalled" -ge 100 ]
check_equal "recovery never failed" "$broken" 0
check_equal "nothing that was acknowledged is lost" "$lost" 0
check_equal "nothing is there twice" "$twice" 0
check_code "everything verifies" 0 "$HOLDFAST" verify -C c
check_equal "no snapshot is left open" "$(find c/snapshots -name '*.open' -o -name '*.journal')" ""
stop_all
done_testing
