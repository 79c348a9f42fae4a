#!/bin/sh
# A capture struck at its n-th call to the system, of each kind that changes
# files, at each n: killed there (signal), told that it failed (ENOSPC, EIO), or
# told that it was done when it was not (lost). INJECT=all tries every n, else a
# sample. After the next start all that was acknowledged is there, once, and
# verifies; a lost write is found.
# shellcheck disable=SC2086 # SITE is a list of options
. "$TOP/tests/system/lib.sh"
. "$TOP/tests/failure/lib.sh"
strike_begin "a capture"
calls="pwrite64 fdatasync fsync renameat2 rename ftruncate mkdir fchmod chmod unlink openat"
C=$WORK/c
fresh() { again_from "$WORK/empty" "$C"; }
# capture [STRACE-OPTIONS]: one page with two pictures; strace, if any options.
capture() {
	if [ $# -gt 0 ]; then
		timeout 60 strace -f -qq -o trace "$@" "$HOLDFAST" capture -C "$C" $SITE -q "http://127.0.0.1:$HTTP/pictures?n=2" >out 2>&1
	else
		timeout 60 "$HOLDFAST" capture -C "$C" $SITE -q "http://127.0.0.1:$HTTP/pictures?n=2" >out 2>&1
	fi
}
"$HOLDFAST" init -C "$WORK/empty" >/dev/null
fresh
capture -e trace="$(echo $calls | tr ' ' ,)"
cp trace trace.whole
strike_points trace.whole 12 $calls

bad_ends=0 unverified=0 again=0
# after WHAT: the next start, and what is there then.
after() {
	note_acked "$C"
	recover_again "$C" || { echo "# after $1"; return; }
	check_acked "$C"
	"$HOLDFAST" verify -C "$C" >verify.out 2>&1 || {
		unverified=$((unverified + 1))
		echo "# after $1: verify says:"; tail -n 3 verify.out | sed 's/^/#   /'
	}
	[ -z "$(find "$C/snapshots" -name '*.open' -o -name '*.journal')" ] || unverified=$((unverified + 1))
	capture || [ $? -eq 8 ] || { again=$((again + 1)); echo "# after $1: another capture fails: $(tail -n 1 out)"; }
}
while read -r call n; do
	fresh
	capture -e trace="$call" -e inject="$call":signal=KILL:when="$n"
	after "a kill at $call $n"
done <chosen
check_equal "$tried of $whole points, killed there: nothing acknowledged is lost" "$lost" 0
check_equal "nothing is there twice" "$twice" 0
for fault in ENOSPC EIO; do
	while read -r call n; do
		case $call in openat) continue ;; esac
		fresh
		capture -e trace="$call" -e inject="$call":error=$fault:when="$n"
		code=$?
		[ $code -lt 124 ] || { bad_ends=$((bad_ends + 1)); echo "# $fault at $call $n: exit $code: $(tail -n 1 out)"; }
		after "$fault at $call $n"
	done <chosen
done
check_equal "told ENOSPC or EIO at those points it never crashes" "$bad_ends" 0
check_equal "nothing acknowledged is lost or twice" "$lost $twice" "0 0"
check_equal "recovery never failed" "$broken" 0
check_equal "everything verifies, nothing is left open" "$unverified" 0
check_equal "and the next capture works" "$again" 0

# Lost writes: success was told, and a byte was not written. Either somebody
# says so (the capture, recovery, verify), or nothing is missing: what is
# rebuilt or was written again.
fresh
capture
urls_of() { cat "$C"/snapshots/*/*/*/outcomes.jsonl 2>/dev/null | jq -r '"\(.url) \(.outcome)"' | sort; }
urls_of >whole_urls
lost_writes=0 found=0 good=0 silent=0
n=$(grep -c '^pwrite64 ' points)
i=1
while [ $i -le "$n" ]; do
	if [ "${INJECT:-}" = all ] || [ $((i % 7)) -eq 4 ]; then
		fresh
		capture -y -e trace=pwrite64 -e inject=pwrite64:retval=1:when=$i
		code=$?
		[ $code -eq 8 ] && code=0
		if grep -q INJECTED trace; then
			lost_writes=$((lost_writes + 1))
			"$HOLDFAST" recover -C "$C" >recover.out 2>&1 || code=1
			"$HOLDFAST" verify -C "$C" >verify.out 2>&1 || code=1
			urls_of >urls
			if [ $code -ne 0 ]; then found=$((found + 1))
			elif cmp -s urls whole_urls; then good=$((good + 1))
			else
				silent=$((silent + 1))
				grep INJECTED trace | cut -c1-140 | sed 's/^/# silent: /'
			fi
		fi
	fi
	i=$((i + 1))
done
check_equal "of $lost_writes lost writes $found were told and $good harmed nothing kept" "$silent" 0
stop_all
done_testing
