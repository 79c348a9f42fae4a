#!/bin/sh
# Signals at chosen system calls while a snapshot is written and sealed: SIGINT
# ends in order, SIGKILL loses nothing; a full disk at any write is said.
. "$TOP/tests/system/lib.sh"
case $BUILD in */release) ;; *)
	skip "signals during seal" "the leak checker cannot run under strace"
	done_testing ;;
esac
strace -o /dev/null true 2>/dev/null || {
	skip "signals during seal" "strace may not trace here"
	done_testing
}
start_site
url=https://english.almayadeen.net/news/politics/story-1
n=0
bad=0

# traced INJECTION: capture under strace, then look at what is left.
traced() {
	n=$((n + 1))
	"$HOLDFAST" init -C "c$n" >/dev/null
	# shellcheck disable=SC2086
	timeout 60 strace -f -o trace -e trace="${1%%:*}" -e inject="$1" \
	    "$HOLDFAST" capture -C "c$n" -q $SITE $url >out 2>&1
	code=$?
	"$HOLDFAST" recover -C "c$n" >out2 2>&1 &&
	    "$HOLDFAST" verify -C "c$n" >>out2 2>&1 &&
	    [ -z "$(find "c$n/snapshots" -name '*.open' -o -name '*.journal')" ] || {
		echo "# $1: exit $code, left broken: $(tail -n 3 out2)"
		bad=$((bad + 1))
	}
}

for call in renameat2 fdatasync fsync; do
	bad=0
	for when in 1 2 3 4 5 6; do
		traced "$call:signal=INT:when=$when"
		case $code in 0 | 11) ;; *)
			echo "# SIGINT at $call $when: exit $code: $(cat out)"
			bad=$((bad + 1)) ;;
		esac
	done
	check_equal "SIGINT at the first six $call ends in order" $bad 0
	bad=0
	for when in 1 2 3 4 5 6 7 8; do
		traced "$call:signal=KILL:when=$when"
	done
	check_equal "SIGKILL at the first eight $call loses nothing" $bad 0
done
bad=0
for when in 3 6 9 12; do
	traced "pwrite64:error=ENOSPC:when=$when+"
	case $code in 3 | 16) ;; *)
		echo "# no space from write $when on: exit $code: $(cat out)"
		bad=$((bad + 1)) ;;
	esac
done
check_equal "no space left from some write on ends with 3" $bad 0

# Two signals: the second one forces the end.
start_raw
"$HOLDFAST" capture -C forced --allow-address 127.0.0.0/8 --min-free 1M -q \
    "http://127.0.0.1:$PLAIN/drip?bytes=100000&ms=100" >out 2>&1 &
run=$!
tries=0
until ls forced/snapshots/*/*/*.open >/dev/null 2>&1 || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
kill -STOP $run
kill -TERM $run
kill -INT $run
kill -CONT $run
wait $run
check_equal "a second signal ends with 13" $? 13
check_code "the next start seals what was there" 0 "$HOLDFAST" recover -C forced
check_code "and it verifies" 0 "$HOLDFAST" verify -C forced
stop_all
done_testing
