#!/bin/sh
# kill -9 at random moments of a run that watches a site: the next run goes on
# in the same snapshot, to the same final set, nothing acknowledged is lost, and
# nothing is captured twice but the fronts, which are asked again. KILLS of them
# (default 16), up to three in a row in one collection; at every fourth the
# state database is lost or broken, too.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
export HOLDFAST_TEST_CLOCK_FILE=clock
HOLDFAST=$BUILD/holdfast-test
wanted=${KILLS:-16}
echo 1767618000 >clock # 2026-01-05T13:00:00Z
{
	echo 'start 2026-01-05T00:00:00Z'
	for i in 1 2 3 4 5; do echo "at +0h publish a$i post=10$i images=2"; done
} >scenario
start_site --scenario scenario --clock clock --delay 15 --lifetime 3000
work_in_memory
C=$WORK/c
"$HOLDFAST" init -C "$WORK/empty" --operator Op --contact ops@example.org >/dev/null
cat >>"$WORK/empty/holdfast.conf" <<'END'

[site en]
profile = almayadeen-en
front = https://english.almayadeen.net/
feed = none
sitemap = none
END
fresh() {
	chmod -R u+w "$C" 2>/dev/null
	rm -rf "$C"
	cp -a "$WORK/empty" "$C"
}
go() { timeout 60 "$HOLDFAST" run -C "$C" $SITE --wait 0 -q >out 2>&1; }
good_set() { cat "$C"/snapshots/*/*/*/outcomes.jsonl | jq -r 'select(.outcome == "captured" or .outcome == "revisit" or .outcome == "redirect") | .url' | sort -u; }
fresh
start=$(date +%s%N)
go
took=$((($(date +%s%N) - start) / 1000000))
good_set >whole_set
check "a whole run keeps pages ($(wc -l <whole_set) targets, $took ms)" [ "$(wc -l <whole_set)" -gt 20 ]
kills=0 tries=0 other_set=0 unverified=0 snapshots=0 trials=0 again=0 failed=0 several=0
awk -v n="$wanted" -v ms="$took" 'BEGIN { srand(20261122); for (i = 0; i < n; i++) printf "%d %.3f\n", 1 + int(rand() * 3), (0.05 + rand() * 1.05) * ms / 1000 }' >moments
fresh
row=0 cut=0 touched=0
# check_trial: a last run to the end, and what there is then.
check_trial() {
	trials=$((trials + 1))
	go
	code=$?
	[ $code -eq 0 ] || [ $code -eq 8 ] || { failed=$((failed + 1)); echo "# the last run: exit $code: $(tail -n 1 out)"; }
	for all in all.*; do
		[ -e "$all" ] || continue
		mv "$all" "acked.${all#all.}"
		mv "allids.${all#all.}" "ids.${all#all.}"
	done
	check_acked "$C"
	good_set >set
	cmp -s set whole_set || { other_set=$((other_set + 1)); echo "# another set: $(comm -3 set whole_set | head -n 2 | tr '\n' ' ')"; }
	"$HOLDFAST" verify -C "$C" >verify.out 2>&1 || { unverified=$((unverified + 1)); sed 's/^/# verify: /' verify.out | tail -n 3; }
	count=$(find "$C/snapshots" -mindepth 3 -maxdepth 3 -type d | wc -l)
	# Without its state a run asks the fronts again: another snapshot.
	[ "$count" -eq 1 ] || [ $touched -eq 1 ] || snapshots=$((snapshots + 1))
	for sealed in "$C"/snapshots/*/*/*Z-*; do
		! grep -q '^"runs":' "$sealed/report.json" || several=$((several + 1))
		jq -r 'select(.outcome == "captured") | select(.url | test("english.almayadeen.net/$|/articles/|robots.txt$") | not) | .url' "$sealed/outcomes.jsonl" | sort | uniq -d >double
		[ ! -s double ] || { again=$((again + 1)); echo "# captured twice: $(head -n 1 double)"; }
	done
}
while read -r in_a_row moment; do
	tries=$((tries + 1))
	timeout 60 "$HOLDFAST" run -C "$C" $SITE --wait 0 -q >out 2>&1 &
	sleep "$moment"
	# The program, not the timeout around it.
	program=$(ps -o pid= --ppid $! | tr -d ' ')
	[ -n "$program" ] && kill -9 "$program" 2>/dev/null && kills=$((kills + 1))
	wait $! 2>/dev/null
	note_acked "$C"
	for acked in acked.*; do
		[ -e "$acked" ] || continue
		sort -u "$acked" >"all.${acked#acked.}"
		sort -u "ids.${acked#acked.}" >"allids.${acked#acked.}"
	done
	case $((tries % 8)) in
	3) rm -f "$C"/state/run.sqlite*; cut=$((cut + 1)) touched=1 ;;
	7) [ ! -e "$C/state/run.sqlite" ] || { printf 'broken' | dd of="$C/state/run.sqlite" conv=notrunc 2>/dev/null; cut=$((cut + 1)) touched=1; } ;;
	esac
	row=$((row + 1))
	if [ $row -ge "$in_a_row" ]; then
		check_trial
		fresh
		row=0 touched=0
	fi
done <moments
[ $row -eq 0 ] || check_trial
check "of $tries kills $kills met a running run, $trials times gone on; $cut state databases lost or broken" [ $((kills * 2)) -ge $tries ]
check_equal "the run that goes on ends well" "$failed" 0
check_equal "nothing that was acknowledged is lost ($journalled lines)" "$lost" 0
check_equal "no target twice in a run, no record twice" "$twice" 0
check_equal "nothing captured in the runs before is captured again" "$again" 0
check_equal "the final set is that of a run that was not cut off" "$other_set" 0
check_equal "everything verifies" "$unverified" 0
check_equal "all of it in one snapshot" "$snapshots" 0
check "that of several runs, mostly ($several of $trials)" [ $((several * 3)) -ge "$trials" ]
stop_all
done_testing
