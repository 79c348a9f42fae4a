#!/bin/sh
# kill -9 at random moments of a capture: what the journal acknowledged before
# the kill is there after the next start, once, and all verifies. KILLS moments
# (default 50).
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
wanted=${KILLS:-50}
start_site --delay 8
"$HOLDFAST" init -C c >/dev/null
curl -s "http://127.0.0.1:$HTTP/list?n=12" >list
kills=0
# The moments are random but the same at each run of this test.
awk -v n="$wanted" 'BEGIN { srand(20261122); for (i = 0; i < n; i++) printf "%.3f\n", rand() * rand() * 1.6 }' >moments
while read -r moment; do
	"$HOLDFAST" capture -C c $SITE -q -i list >out 2>&1 &
	run=$!
	sleep "$moment"
	kill -9 $run 2>/dev/null && kills=$((kills + 1))
	wait $run 2>/dev/null
	note_acked c
	recover_again c
	check_acked c
done <moments
check "most of the $wanted kills met a running capture ($kills)" [ $((kills * 100)) -ge $((wanted * 65)) ]
check "some of them after something was acknowledged ($journalled lines)" [ "$journalled" -ge "$wanted" ]
check_equal "recovery never failed" "$broken" 0
check_equal "nothing that was acknowledged is lost" "$lost" 0
check_equal "nothing is there twice" "$twice" 0
check_code "everything verifies" 0 "$HOLDFAST" verify -C c
check_equal "no snapshot is left open" "$(find c/snapshots -name '*.open' -o -name '*.journal')" ""
stop_all
done_testing
