#!/bin/sh
# A run that is stopped: by signals, by time, by size, by a full disk, by a
# clock that jumps, by another run; and goes on.
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/system/run_lib.sh"
start_site
home=https://english.almayadeen.net/
all=26

# pages DIR: pages captured so far, each once.
pages() {
	find "$1/snapshots" -name outcomes.jsonl -exec cat {} + |
	    jq -r 'select(.need == "page" and .outcome == "captured") | .url' | sort -u | wc -l
}
status_of() { jq -r .status "$(newest "$1")/report.json"; }

# slow DIR: a collection whose pages take a while.
slow() {
	run_conf "$1"
	sed -i 's/^wait = .*/wait = 0.01s/' "$1/holdfast.conf"
	run_site "$1" almayadeen-en "front = $home" "feed = none" "sitemap = none" "depth = 1"
}

# stopped DIR SIGNAL: the exit code of a run that got it.
stopped() {
	"$HOLDFAST" run -C "$1" >out 2>err &
	run=$!
	tries=0
	while [ "$(cat "$1"/snapshots/*/*/*.journal 2>/dev/null | grep -c '"need":"page"')" -lt 6 ] &&
	    [ $tries -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	began=$(date +%s%N)
	kill "-$2" $run
	[ $# -lt 3 ] || kill "-$3" $run
	wait $run
	code=$?
	took=$((($(date +%s%N) - began) / 1000000))
}

for signal in TERM INT HUP; do
	slow $signal
	stopped $signal $signal
	check_equal "SIG$signal seals and ends with 11" "$code $(status_of $signal) $(cat err)" "11 signal "
	check "within 5 s (took $took ms)" [ $took -lt 5000 ]
	check "with some pages ($(pages $signal))" [ "$(pages $signal)" -lt $all ]
	check "and the rest waits" [ "$("$HOLDFAST" status -C $signal --json | jq .waiting)" -gt 0 ]
done
"$HOLDFAST" run -C TERM >out 2>err
check_equal "the next run gets the rest" "$? $(pages TERM)" "0 $all"
check_equal "each page once" "$(find TERM -name outcomes.jsonl -exec cat {} + |
    jq -r 'select(.need == "page" and .outcome == "captured") | .url' | sort | uniq -d | grep -cv "^$home\$")" 0
check_code "and all verifies" 0 "$HOLDFAST" verify -q -C TERM

slow two
stopped two TERM INT
check_equal "a second signal ends at once with 13" "$code" 13
"$HOLDFAST" run -C two >out 2>err
check_equal "the next run goes on in the same snapshot" "$? $(sealed_count two) $(pages two)" "0 1 $all"
check_code "which verifies" 0 "$HOLDFAST" verify -q -C two

slow killed
stopped killed KILL
check_equal "status tells of a run that was cut off" "$("$HOLDFAST" status -C killed >out; echo $?) $(grep -c interrupted out)" "22 1"
"$HOLDFAST" run -C killed >out 2>err
check_equal "after kill -9, too" "$? $(sealed_count killed) $(pages killed)" "0 1 $all"
check_code "which verifies as well" 0 "$HOLDFAST" verify -q -C killed

slow shown
"$HOLDFAST" run -C shown >out 2>err &
run=$!
sleep 0.4
kill -USR1 $run
"$HOLDFAST" run -C shown >out2 2>err2
check_equal "a second run ends with 19" "$?" 19
"$HOLDFAST" run -C shown --lock skip >out2 2>err2
check_equal "with --lock=skip it ends well, silently" "$? $(cat out2 err2)" "0 "
"$HOLDFAST" run -C shown --lock wait --lock-wait 0.3s >out2 2>err2
check_equal "with --lock=wait it waits no longer than told" "$?" 19
"$HOLDFAST" status -C shown --json >status
check_equal "status works beside a run" "$? $(jq -r .running status)" "0 true"
check_code "so does status --check" 0 "$HOLDFAST" status -C shown --check --max-age 2h
"$HOLDFAST" run -C shown --lock wait >out2 2>err2
check_equal "with --lock=wait it runs when the other has ended" "$? $(cat err2)" "0 "
wait $run
check_equal "SIGUSR1 writes the status line into the log" "$(events shown status | grep -c 'almayadeen-en: [0-9]* done, [0-9]* queued')" 1

# With two sites the time that one takes is not always lost for the other.
slow turns
sed -i 's/^wait = .*/wait = 0.2s/' turns/holdfast.conf
run_site turns second "front = ${home}news/politics" "feed = none" "sitemap = none"
turns() { jq -r 'select(.event == "site-end") | .object' turns/log/*.jsonl | paste -sd' '; }
"$HOLDFAST" run -C turns --max-time 1s >out 2>err
check_equal "the first site may take all of the time" "$? $(turns)" "15 almayadeen-en"
"$HOLDFAST" run -C turns --max-time 1s >out 2>err
check_equal "then the next run begins with the other" "$(turns | cut -d' ' -f 1-2)" "almayadeen-en second"

slow timed
"$HOLDFAST" run -C timed --max-time 0.5s >out 2>err
check_equal "--max-time ends a run with 15" "$? $(status_of timed)" "15 time"
slow sized
"$HOLDFAST" run -C sized --max-size 60K >out 2>err
check_equal "--max-size ends a run with 14" "$? $(status_of sized)" "14 size"
"$HOLDFAST" run -C sized >out 2>err
check_equal "and the next one goes on" "$? $(pages sized)" "0 $all"
began=$(date +%s%N)
"$HOLDFAST" run -C sized --jitter 1s >out 2>err
check_equal "--jitter waits, and ends well" "$?" 0

# Too little room.
slow room
"$HOLDFAST" run -C room --min-free 900T >out 2>err
check_equal "less room than --min-free: exit 16, before anybody is asked" "$? $(sealed_count room)" "16 0"
check_equal "and an alarm" "$(grep -c 'the disk is full' err)" 1
"$HOLDFAST" run -C room --min-free 900T >out 2>err
check_equal "told once; the code stays" "$? $(cat err)" "16 "
"$HOLDFAST" run -C room >out 2>err
check_equal "its end is told" "$? $(grep -c '  ends: ' err)" "0 1"
check "a ballast is held back" [ "$(stat -c %s room/state/ballast)" = 1048576 ]

# A clock that is wrong.
slow clock
T=$BUILD/holdfast-test
now=1795336067
HOLDFAST_TEST_CLOCK=$((now + 86400 * 400)) "$T" run -C clock --limit 5 >out 2>err
check_equal "a clock far ahead" "$?" 0
HOLDFAST_TEST_CLOCK=$now "$T" run -C clock >out 2>err
check_equal "a clock set right again: what waits is due" "$? $(pages clock)" "0 $all"
check "the jump is in the log" grep -q '"event":"clock-jump"' clock/log/2026-11.jsonl
HOLDFAST_TEST_CLOCK=3600 "$T" run -C clock >out 2>err
check_equal "a clock before 2020 is refused" "$? $(grep -c 'before 2020' err)" "2 1"
check_code "and all verifies" 0 "$HOLDFAST" verify -q -C clock
done_testing
